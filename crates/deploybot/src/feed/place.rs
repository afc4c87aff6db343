//! Where a request is shown: in the channel or thread where it was asked for, or
//! beside the message that asked; and from when on it can be there.

use deploy_proto::v1::{self, Reason, RequestState};

use crate::slack::id::{ChannelId, Place, Ts};

/// By how many seconds the deploy service's clock may be ahead of Slack's.
const CLOCKS_DIFFER: i64 = 600;

/// Whoever asked has looked away by then.
const LOOKED_AWAY: i64 = 10;

/// Whether it had been accepted for a while when that happened which the entry tells
/// of. By the journal's times alone, so that whoever shows it decides the same.
pub(super) fn has_waited(request: &v1::Request, at: Option<prost_types::Timestamp>) -> bool {
    let accepted = request.accepted_at.as_ref();
    let waited = at
        .zip(accepted)
        .map(|(at, accepted)| at.seconds - accepted.seconds);
    waited.is_some_and(|seconds| seconds >= LOOKED_AWAY)
}

/// A typo is nobody's business but the asker's.
pub(super) fn is_refused_for_its_form(request: &v1::Request) -> bool {
    let is_of_form = |refusal: &v1::Refusal| {
        matches!(
            refusal.reason(),
            Reason::UnknownRepository
                | Reason::UnknownEnvironment
                | Reason::UnknownCommit
                | Reason::AmbiguousCommit
        )
    };
    request.state() == RequestState::Refused
        && !request.refusals.is_empty()
        && request.refusals.iter().all(is_of_form)
}

/// Where it was asked.
pub(super) fn place(request: &v1::Request) -> Place {
    let reply = request.reply.clone().unwrap_or_default();
    Place {
        channel: ChannelId::from(reply.channel),
        thread: ts(reply.thread_ts),
    }
}

/// The thread of the message that asked. Who asked the bot directly is answered where
/// they wrote: there is nobody to disturb.
pub(super) fn side(request: &v1::Request) -> Place {
    let asked = place(request);
    if asked.channel.is_direct() {
        return asked;
    }
    let reply = request.reply.clone().unwrap_or_default();
    Place {
        thread: asked.thread.or_else(|| ts(reply.asked_ts)),
        channel: asked.channel,
    }
}

/// Its messages are newer than what asked for it, and than the moment when it
/// was accepted: the later of the two, for the button that was pressed may stand
/// below a message of last week. The second is told by another clock than
/// Slack's.
pub(super) fn since(request: &v1::Request) -> Ts {
    let asked = ts(request.reply.clone().unwrap_or_default().asked_ts);
    let accepted = request.accepted_at.as_ref();
    let accepted = accepted.map(|at| before(Some(at)));
    let later = |asked: Ts, accepted: Ts| {
        if seconds(&accepted) > seconds(&asked) {
            accepted
        } else {
            asked
        }
    };
    match (asked, accepted) {
        (Some(asked), Some(accepted)) => later(asked, accepted),
        (asked, accepted) => asked.or(accepted).unwrap_or_else(|| Ts::from("0")),
    }
}

/// No message about what happened then is older, whichever clock told of it.
pub(super) fn before(at: Option<&prost_types::Timestamp>) -> Ts {
    let seconds = at.map_or(0, |at| at.seconds);
    let seconds = seconds.saturating_sub(CLOCKS_DIFFER).max(0);
    Ts::from(format!("{seconds}.000000"))
}

/// A message's ts begins with the second in which it was posted.
fn seconds(ts: &Ts) -> u64 {
    let whole = ts.as_str().split('.').next().unwrap_or_default();
    whole.parse().unwrap_or_default()
}

pub(super) fn ts(text: String) -> Option<Ts> {
    (!text.is_empty()).then(|| Ts::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_waited_when_it_was_accepted_a_while_before() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let request = |accepted_at| v1::Request {
            accepted_at,
            ..Default::default()
        };
        assert!(has_waited(&request(at(5000)), at(5010)));
        assert!(!has_waited(&request(at(5000)), at(5009)));
        assert!(!has_waited(&request(at(5000)), None));
        assert!(!has_waited(&request(None), at(5010)));
    }

    #[test]
    fn only_a_channel_has_a_thread_for_what_is_no_matter_for_all() {
        let side = |channel: &str, thread: &str| {
            let request = v1::Request {
                reply: Some(v1::ReplyAddress {
                    channel: channel.to_owned(),
                    thread_ts: thread.to_owned(),
                    asked_ts: "2.2".to_owned(),
                }),
                ..Default::default()
            };
            super::side(&request).thread.map(|ts| ts.to_string())
        };
        assert_eq!(side("C1", "").as_deref(), Some("2.2"));
        assert_eq!(side("C1", "1.1").as_deref(), Some("1.1"));
        assert_eq!(side("D1", ""), None);
        assert_eq!(side("D1", "1.1").as_deref(), Some("1.1"));
    }

    #[test]
    fn a_message_is_not_older_than_what_asked_for_it_nor_than_its_acceptance() {
        let since = |asked: &str, accepted: Option<i64>| {
            let request = v1::Request {
                reply: Some(v1::ReplyAddress {
                    asked_ts: asked.to_owned(),
                    ..Default::default()
                }),
                accepted_at: accepted.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
                ..Default::default()
            };
            super::since(&request).to_string()
        };
        assert_eq!(since("5000.000100", Some(5001)), "5000.000100");
        assert_eq!(since("5000.000100", Some(9000)), "8400.000000");
        assert_eq!(since("", Some(9000)), "8400.000000");
        assert_eq!(since("5000.000100", None), "5000.000100");
        assert_eq!(since("", Some(3)), "0.000000");
        assert_eq!(since("", None), "0");
    }
}
