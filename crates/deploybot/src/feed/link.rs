//! Tells somebody how the link to their GitHub account ended, once, where they asked
//! for it.

use deploy_proto::v1::{self, LinkState};

use super::{place::ts, show::Showing};
use crate::{
    slack::{
        error::Error,
        id::{ChannelId, Place, Ts, UserId},
        mark::Mark,
        outbox::Post,
    },
    view,
};

impl Showing {
    /// Tells it; whether it is told or can't be.
    pub(super) async fn show_link(&self, link: &v1::Link, is_told: &mut bool) -> bool {
        if *is_told || is_answered_there(link) {
            return true;
        }
        match self.tell_link(link).await {
            Ok(()) => *is_told = true,
            Err(Error::GivenUp(_)) => return false,
            Err(error) => {
                tracing::error!(link.id = link.link_id, %error, "the end of a link can't be told; skipped");
            }
        }
        true
    }

    async fn tell_link(&self, link: &v1::Link) -> Result<(), Error> {
        let user = link.person.clone().unwrap_or_default().slack;
        let user = UserId::from(user);
        let words = self.feed.people.words_of(&user).await;
        let Some(message) = view::link_end(words, link) else {
            return Ok(());
        };
        let reply = link.reply.clone().unwrap_or_default();
        let post = Post {
            place: place(&reply, link.state()),
            or_in: None,
            or_to: Some(user),
            message,
            mark: Mark::Link(link.link_id.clone()),
            since: ts(reply.asked_ts).unwrap_or_else(|| Ts::from("0")),
            gone: None,
            term: Some(self.term.clone()),
        };
        self.feed.outbox.post(post).await?;
        Ok(())
    }
}

/// Whether there is somewhere to tell it.
pub(super) fn is_told_in_slack(link: &v1::Link) -> bool {
    let reply = link.reply.as_ref();
    reply.is_some_and(|reply| !reply.channel.is_empty())
}

/// Whether an answer has told it already, to who is alone with the bot: that to
/// `unlink` or, where that came before the link was journalled, that to `link`. Here it
/// would be told twice.
fn is_answered_there(link: &v1::Link) -> bool {
    let reply = link.reply.as_ref();
    let is_direct = |reply: &v1::ReplyAddress| ChannelId::from(reply.channel.as_str()).is_direct();
    link.state() == LinkState::Withdrawn && reply.is_some_and(is_direct)
}

/// The thread of the message that asked. Who wrote to the bot directly is answered
/// where they wrote; but that a code no longer counts would stand below the newer one
/// there, and be taken to be of that.
fn place(reply: &v1::ReplyAddress, state: LinkState) -> Place {
    let channel = ChannelId::from(reply.channel.as_str());
    let is_below = channel.is_direct() && state != LinkState::Replaced;
    let asked = || ts(reply.asked_ts.clone()).filter(|_| !is_below);
    Place {
        thread: ts(reply.thread_ts.clone()).or_else(asked),
        channel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unlink_withdraws_in_a_direct_message_its_answer_tells_alone() {
        let answered = |channel: &str, state: LinkState| {
            is_answered_there(&v1::Link {
                state: state.into(),
                reply: Some(v1::ReplyAddress {
                    channel: channel.to_owned(),
                    ..v1::ReplyAddress::default()
                }),
                ..v1::Link::default()
            })
        };
        assert!(answered("D1", LinkState::Withdrawn));
        assert!(!answered("C1", LinkState::Withdrawn));
        assert!(!answered("D1", LinkState::Replaced));
    }

    #[test]
    fn it_is_told_where_it_was_asked() {
        let told = |channel: &str, thread: &str, state| {
            let reply = v1::ReplyAddress {
                channel: channel.to_owned(),
                thread_ts: thread.to_owned(),
                asked_ts: "2.2".to_owned(),
            };
            place(&reply, state).thread.map(|ts| ts.to_string())
        };
        let (linked, replaced) = (LinkState::Linked, LinkState::Replaced);
        assert_eq!(told("C1", "", linked).as_deref(), Some("2.2"));
        assert_eq!(told("C1", "1.1", replaced).as_deref(), Some("1.1"));
        assert_eq!(told("D1", "", linked), None);
        assert_eq!(told("D1", "", replaced).as_deref(), Some("2.2"));
        assert_eq!(told("D1", "1.1", linked).as_deref(), Some("1.1"));
    }
}
