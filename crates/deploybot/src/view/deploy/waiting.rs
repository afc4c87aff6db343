//! A request that has not gone on yet: what it waits for, for how long, and the
//! button that withdraws it.

use deploy_proto::v1::{Request, Waiting, WaitingReason};
use jiff::Timestamp;

use super::{commits, what};
use crate::{
    view::{
        action::{self, CancelAction},
        block::{Block, Button, Message, Mrkdwn},
        obstacle,
        stale::github_says,
        text::{self, led, sentences},
        time,
    },
    words::Words,
};

/// A message that stands for hours: its times are times of the day.
pub(super) fn message(
    words: Words,
    request: &Request,
    waiting: &Waiting,
    now: Timestamp,
) -> Message {
    let what = what(words, request);
    let why = led("⏸", why(words, waiting, now));
    let accepted = match time::moment(request.accepted_at.as_ref()) {
        None => words.waiting_accepted(),
        Some(at) => words.waiting_accepted_at(time::clock(words, at, now)),
    };
    let cancel = may_be_withdrawn(waiting).then(|| cancel(words, request));
    let text = text::lines([what.clone(), why.clone()]);
    let last = [
        Block::Section {
            text: why,
            button: cancel.flatten(),
        },
        Block::Context(vec![accepted]),
    ];
    let blocks = [text::section(what)].into_iter();
    let blocks = blocks.chain(commits::of(words, request)).chain(last);
    Message {
        words,
        text,
        blocks: blocks.collect(),
    }
}

/// What GitHub may have begun can't be taken back.
fn may_be_withdrawn(waiting: &Waiting) -> bool {
    waiting.reason() != WaitingReason::AnswerLost
}

fn why(words: Words, waiting: &Waiting, now: Timestamp) -> Mrkdwn {
    let until = time::moment(waiting.until.as_ref()).filter(|until| *until > now);
    let until = until.map(|until| time::clock(words, until, now));
    let explanation = obstacle::sentences(words, waiting.obstacle.as_ref(), &waiting.explanation);
    let says = github_says(words, &waiting.detail).unwrap_or_default();
    let goes_out = |alone| match waiting.ahead {
        Some(1..) => words.waiting_goes_out_behind(),
        None | Some(_) => alone,
    };
    sentences(match waiting.reason() {
        WaitingReason::GithubUnavailable if !explanation.is_empty() => {
            vec![
                explanation,
                says,
                goes_out(words.waiting_goes_out_when_passed()),
            ]
        }
        WaitingReason::GithubUnavailable => vec![
            words.waiting_github_away(),
            says,
            goes_out(words.waiting_goes_out_when_back()),
            until.map(|at| words.text_next_try(at)).unwrap_or_default(),
        ],
        WaitingReason::RateLimit => match until {
            Some(at) => vec![
                words.waiting_limit_until(at),
                says,
                goes_out(words.waiting_goes_out_then()),
            ],
            None => vec![
                words.waiting_limit(),
                says,
                goes_out(words.waiting_goes_out_when_taken()),
            ],
        },
        WaitingReason::CreateLimit => vec![
            words.waiting_create_limit(),
            says,
            place(words, waiting.ahead, until),
        ],
        WaitingReason::AnswerLost => vec![
            words.waiting_answer_lost(),
            explanation,
            says,
            words.waiting_looking(),
        ],
        WaitingReason::Unspecified => vec![words.waiting_unknown()],
    })
}

/// Where it stands in the queue, and about when it goes out.
fn place(words: Words, ahead: Option<i32>, until: Option<Mrkdwn>) -> Mrkdwn {
    let place = match ahead {
        None => words.waiting_turn(),
        Some(..=0) => words.waiting_next(),
        Some(ahead) => words.waiting_ahead(ahead),
    };
    match until {
        None => words.waiting_place(place),
        Some(at) => words.waiting_place_at(place, at),
    }
}

/// No question is asked before it acts: nothing has gone out, and what was
/// withdrawn by mistake is asked for again in one line.
fn cancel(words: Words, request: &Request) -> Option<Button> {
    let action = CancelAction::new(&request.request_id, &request.repository)?;
    let sha = request
        .commit
        .as_ref()
        .map_or("", |commit| text::short_sha(&commit.sha));
    Some(Button {
        label: words.waiting_cancel(),
        spoken: words
            .waiting_cancel_spoken(text::plain(sha, 20))
            .trim()
            .to_owned(),
        action: action::CANCEL.to_owned(),
        value: action.to_value(),
        confirm: None,
    })
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::RequestState;

    use super::*;
    use crate::view::fixtures::{self, EN, ago, now, rendered};

    fn waiting(reason: WaitingReason) -> Waiting {
        Waiting {
            reason: reason.into(),
            ..Waiting::default()
        }
    }

    fn shown(state: RequestState, accepted: i64, waiting: Waiting) -> String {
        let request = Request {
            accepted_at: ago(accepted),
            waiting: Some(waiting),
            ..fixtures::request(state)
        };
        rendered(&super::super::request(EN, &request, now()))
    }

    /// The line that says why.
    fn why_of(waiting: &Waiting) -> String {
        super::why(EN, waiting, now()).to_string()
    }

    #[test]
    fn a_request_that_waits_for_github_says_so_and_can_be_withdrawn() {
        let away = Waiting {
            detail: "Incident with API Requests".to_owned(),
            until: ago(-30),
            ..waiting(WaitingReason::GithubUnavailable)
        };
        insta::assert_snapshot!(shown(RequestState::Accepted, 21, away.clone()), @"
        (🚀 <@U1MINJI> deploys *people* `a1b2c3d` to *production*
        ⏸ GitHub does not answer. GitHub says: “Incident with API Requests”. This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it. The next try is at <!date^1795356150^{time}|14:02 UTC>.)
        🚀 <@U1MINJI> deploys *people* `a1b2c3d` to *production*
        ⏸ GitHub does not answer. GitHub says: “Incident with API Requests”. This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it. The next try is at <!date^1795356150^{time}|14:02 UTC>.  [Cancel](cancel request=slack%3AT1%3AEv1&repository=acme%2Fpeople)
        ~ ✔ accepted <!date^1795356099^{time}|14:01 UTC>  ⏸ waiting
        ");
        insta::assert_snapshot!(shown(RequestState::Creating, 8 * 3600, away), @"
        (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
        Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
        ⏸ GitHub does not answer. GitHub says: “Incident with API Requests”. This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it. The next try is at <!date^1795356150^{time}|14:02 UTC>.)
        🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
        Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
        ⏸ GitHub does not answer. GitHub says: “Incident with API Requests”. This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it. The next try is at <!date^1795356150^{time}|14:02 UTC>.  [Cancel](cancel request=slack%3AT1%3AEv1&repository=acme%2Fpeople)
        ~ ✔ accepted <!date^1795327320^{time}|06:02 UTC>  ⏸ waiting
        ");
    }

    #[test]
    fn what_is_waited_for_is_told_with_a_time_where_there_is_one() {
        let with = |reason, until: i64, ahead| Waiting {
            until: ago(-until),
            ahead,
            ..waiting(reason)
        };
        let explained = |reason| Waiting {
            explanation: "GitHub does not accept <it>: Joon has to see to it.".to_owned(),
            ..waiting(reason)
        };
        use WaitingReason::{AnswerLost, CreateLimit, GithubUnavailable, RateLimit, Unspecified};
        let told = [
            waiting(GithubUnavailable),
            waiting(RateLimit),
            with(RateLimit, 180, None),
            with(RateLimit, 20 * 3600, None),
            // Its time has come, and nothing has been told since.
            with(RateLimit, -1, None),
            waiting(CreateLimit),
            with(CreateLimit, 20, Some(0)),
            with(CreateLimit, 60, Some(1)),
            with(CreateLimit, 120, Some(3)),
            with(CreateLimit, 3600, Some(97)),
            waiting(AnswerLost),
            explained(GithubUnavailable),
            explained(AnswerLost),
            waiting(Unspecified),
        ]
        .map(|waiting| why_of(&waiting));
        insta::assert_snapshot!(told.join("\n"), @"
        GitHub does not answer. This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it.
        GitHub's limit of calls is used up. This goes out by itself when GitHub takes calls again, if nothing is going out there then and the rules still let it.
        GitHub's limit of calls is used up until <!date^1795356300^{time}|14:05 UTC>. This goes out by itself then, if nothing is going out there and the rules still let it.
        GitHub's limit of calls is used up until <!date^1795428120^{date_short_pretty} {time}|2026-11-23 10:02 UTC>. This goes out by itself then, if nothing is going out there and the rules still let it.
        GitHub's limit of calls is used up. This goes out by itself when GitHub takes calls again, if nothing is going out there then and the rules still let it.
        GitHub takes only so many new deployments a minute and an hour. This goes out by itself when it is its turn.
        GitHub takes only so many new deployments a minute and an hour. This is the next to go out, at about <!date^1795356140^{time}|14:02 UTC>.
        GitHub takes only so many new deployments a minute and an hour. 1 goes before this, then this goes out by itself, at about <!date^1795356180^{time}|14:03 UTC>.
        GitHub takes only so many new deployments a minute and an hour. 3 go before this, then this goes out by itself, at about <!date^1795356240^{time}|14:04 UTC>.
        GitHub takes only so many new deployments a minute and an hour. 97 go before this, then this goes out by itself, at about <!date^1795359720^{time}|15:02 UTC>.
        GitHub was asked for this and did not answer, so it may have begun. I go on looking, and say here what I find.
        GitHub does not accept &lt;it&gt;: Joon has to see to it. This goes out by itself as soon as that has passed, if nothing is going out there then and the rules still let it.
        GitHub was asked for this and did not answer, so it may have begun. GitHub does not accept &lt;it&gt;: Joon has to see to it. I go on looking, and say here what I find.
        This can't go out yet, for a reason that I do not know. It goes out by itself when it can.
        ");
    }

    #[test]
    fn who_waits_behind_another_is_told_what_becomes_of_it_when_that_goes_out() {
        let behind = |reason, until: Option<i64>| Waiting {
            until: until.and_then(|seconds| ago(-seconds)),
            ahead: Some(1),
            ..waiting(reason)
        };
        let told = [
            Waiting {
                explanation: "GitHub does not accept it.".to_owned(),
                ..behind(WaitingReason::GithubUnavailable, None)
            },
            behind(WaitingReason::GithubUnavailable, None),
            behind(WaitingReason::RateLimit, None),
            behind(WaitingReason::RateLimit, Some(180)),
        ]
        .map(|waiting| why_of(&waiting));
        insta::assert_snapshot!(told.join("\n"), @"
        GitHub does not accept it. What was asked for there before goes first. If that goes out, this is refused, and has to be asked for again when that has ended; if not, this goes out by itself, as far as the rules still let it.
        GitHub does not answer. What was asked for there before goes first. If that goes out, this is refused, and has to be asked for again when that has ended; if not, this goes out by itself, as far as the rules still let it.
        GitHub's limit of calls is used up. What was asked for there before goes first. If that goes out, this is refused, and has to be asked for again when that has ended; if not, this goes out by itself, as far as the rules still let it.
        GitHub's limit of calls is used up until <!date^1795356300^{time}|14:05 UTC>. What was asked for there before goes first. If that goes out, this is refused, and has to be asked for again when that has ended; if not, this goes out by itself, as far as the rules still let it.
        ");
    }

    #[test]
    fn githubs_words_are_cut_and_stay_words() {
        let away = |words: &str| Waiting {
            detail: words.to_owned(),
            ..waiting(WaitingReason::GithubUnavailable)
        };
        let loud = "<!channel> *Partial* outage\n<https://evil.example|click>";
        insta::assert_snapshot!(why_of(&away(loud)), @"GitHub does not answer. GitHub says: “&lt;!channel&gt; ∗Partial∗ outage &lt;https://evil.example|click&gt;”. This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it.");
        let long = shown(RequestState::Accepted, 21, away(&"<&> ".repeat(2500)));
        assert!(long.chars().count() < 2500, "{}", long.chars().count());
    }

    #[test]
    fn what_may_have_begun_can_not_be_withdrawn() {
        let lost = waiting(WaitingReason::AnswerLost);
        assert!(!shown(RequestState::Creating, 21, lost).contains("[Cancel]"));
        let limited = waiting(WaitingReason::RateLimit);
        assert!(shown(RequestState::Creating, 21, limited).contains("[Cancel]"));
    }

    #[test]
    fn what_can_not_be_named_can_not_be_withdrawn() {
        let request = Request {
            request_id: String::new(),
            waiting: Some(waiting(WaitingReason::RateLimit)),
            ..fixtures::request(RequestState::Accepted)
        };
        assert!(!rendered(&super::super::request(EN, &request, now())).contains("[Cancel]"));
    }
}
