//! Short words beside the matter: while the deploy service does not answer, when
//! a button was pressed before or too late, when something newer holds, and when a
//! request can't be withdrawn.

use std::time::Duration;

use deploy_proto::v1::{Changes, Person, PreviewDeploymentResponse, Reason, Request, RequestState};

use super::{
    action::{self, StartAction},
    block::{Block, Message, Mrkdwn},
    deploy,
    error::{self, Hindrance, said},
    text::{self, NAME, bold, line},
    time,
};
use crate::words::Words;

/// A request to deploy is tried again and again; what is in the way.
pub(crate) fn waiting(words: Words, hindrance: &Hindrance) -> Message {
    said(words, words.notice_waiting(error::why(words, hindrance)))
}

/// To one of those who may have asked, by a mention; to nobody by name where there is
/// none.
pub(crate) fn addressed(message: Message, user: Option<&str>) -> Message {
    let Some(user) = user else { return message };
    let person = Person {
        slack: user.to_owned(),
        ..Person::default()
    };
    let words = message.words;
    let who = text::mention(words, Some(&person));
    let to = |told: Mrkdwn| words.text_told_to(who.clone(), told);
    let mut blocks = message.blocks;
    if let Some(Block::Section { text, .. }) = blocks.first_mut() {
        *text = to(std::mem::take(text));
    }
    Message {
        words,
        text: to(message.text),
        blocks,
    }
}

/// To somebody of another company, in a channel that is shared with it.
pub(crate) fn stranger(words: Words) -> Message {
    said(words, words.notice_stranger())
}

/// To a guest of the workspace who wants something changed.
pub(crate) fn guest(words: Words) -> Message {
    said(words, words.notice_guest())
}

/// The same under the field of a dialog, which takes plain text only.
pub(crate) fn guest_in_field(words: Words) -> String {
    text::without_markup(&words.notice_guest())
}

/// What was asked for comes after something that was asked for later.
pub(crate) fn outdated(words: Words) -> Message {
    said(words, words.notice_outdated())
}

/// What somebody asked is not answered before what they asked earlier.
pub(crate) fn still_at_an_earlier_question(words: Words) -> Message {
    said(words, words.notice_still_at_earlier())
}

/// It was taken after all.
pub(crate) fn taken(words: Words) -> Message {
    said(words, words.notice_taken())
}

/// It was tried for so long and no longer is; what is still in the way.
pub(crate) fn given_up(
    words: Words,
    hindrance: &Hindrance,
    after: Duration,
    repository: &str,
) -> Message {
    let why = error::why(words, hindrance);
    let after = time::wait(words, after);
    let line = line(&format!("status {repository}"));
    said(words, words.notice_given_up(why, after, line))
}

/// A button that acts once was pressed again after what it did has ended.
pub(crate) fn pressed_before(words: Words, start: &StartAction) -> Message {
    let StartAction {
        repository,
        environment,
        commit,
        ..
    } = start;
    let command = line(&format!("deploy {repository} {environment} {commit}"));
    said(words, words.notice_pressed_before(command))
}

/// What a commit would change now, where something else went live than whoever asks was
/// told; none where that can't be compared: then the gate says so of the request.
pub(crate) fn what_changes_now(preview: &PreviewDeploymentResponse) -> Option<&Changes> {
    let mut refusals = preview.refusals.iter();
    let has_changed = refusals.any(|one| one.reason() == Reason::LiveChanged);
    let changes = preview.changes.as_ref();
    changes.filter(|changes| has_changed && !changes.base.is_empty())
}

/// A button was pressed after something else than it knew of had gone live: what its
/// commit would change.
pub(crate) fn live_meanwhile(
    words: Words,
    button: &str,
    start: &StartAction,
    changes: &Changes,
) -> Message {
    let StartAction {
        repository,
        environment,
        commit,
        ..
    } = start;
    let command = line(&format!("deploy {repository} {environment} {commit}"));
    let live = text::sha(&changes.base);
    let repository = text::repository(repository.as_str());
    let environment = bold(environment.as_str(), NAME);
    let outcome = would_change(words, text::sha(commit.as_str()), changes);
    let message = match button {
        action::ROLL_BACK => {
            words.notice_rollback_outdated(live, environment, repository, outcome, command)
        }
        _ => words.notice_retry_outdated(live, environment, repository, outcome, command),
    };
    said(words, message)
}

/// What deploying a commit would bring, and what it would take away.
fn would_change(words: Words, commit: Mrkdwn, changes: &Changes) -> Mrkdwn {
    let base = text::sha(&changes.base);
    let compare = deploy::compare(words, changes);
    let commits = |number| words.text_commits(number);
    match (changes.ahead, changes.behind) {
        (ahead, 0) => words.notice_would_bring(commit, commits(ahead), base, compare),
        (0, behind) => words.notice_would_take_away(commit, commits(behind), base, compare),
        (ahead, behind) => {
            let (ahead, behind) = (commits(ahead), commits(behind));
            words.notice_would_bring_and_take_away(commit, ahead, base, behind, compare)
        }
    }
}

/// Under the field of a dialog that does not show yet what would go there.
pub(crate) fn not_shown_yet(words: Words, environment: &str) -> String {
    text::without_markup(&words.dialog_not_shown_yet(bold(environment, NAME)))
}

/// Under the field of a dialog that was opened before something else went live there.
pub(crate) fn changed_meanwhile(words: Words, environment: &str, changes: &Changes) -> String {
    let live = text::sha(&changes.base);
    text::without_markup(&words.dialog_changed_meanwhile(live, bold(environment, NAME)))
}

/// Somebody wanted to withdraw a request: what had become of it before; none
/// where it is withdrawn, and by them.
pub(crate) fn not_cancelled(words: Words, request: &Request, presser: &str) -> Option<Message> {
    let by = request.cancelled_by.as_ref();
    let environment = bold(&request.environment, NAME);
    let why = match request.state() {
        RequestState::Cancelled if by.is_some_and(|by| by.slack == presser) => return None,
        RequestState::Cancelled => {
            let who = text::mention(words, by);
            let what = deploy::the_request(words, request);
            let already = words.notice_withdrawn_already(who, what);
            return Some(said(words, already));
        }
        RequestState::Unspecified | RequestState::Accepted => words.notice_not_stopped(),
        RequestState::Creating => words.notice_github_asked(),
        RequestState::Running => words.notice_going_out(),
        RequestState::Succeeded => words.notice_live(environment),
        RequestState::Failed => words.notice_failed(environment),
        RequestState::Refused => words.notice_refused(),
    };
    let what = deploy::the_request(words, request);
    Some(said(words, words.notice_too_late(what, why)))
}

/// Somebody wanted to withdraw a request that is not journalled.
pub(crate) fn nothing_to_cancel(words: Words, repository: &str) -> Message {
    let line = line(&format!("status {repository}"));
    said(words, words.notice_nothing_to_cancel(line))
}

/// Somebody wanted to withdraw a request, and nobody knows whether it is.
pub(crate) fn perhaps_cancelled(words: Words, hindrance: &Hindrance) -> Message {
    let why = error::why(words, hindrance);
    said(words, words.notice_perhaps_cancelled(why))
}

/// Under the field of a dialog, which takes plain text only: nothing is chosen.
pub(crate) fn nothing_chosen(words: Words) -> String {
    words.notice_nothing_chosen()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::{CommitSha, EnvironmentName, RepositoryName},
        view::fixtures::{self, EN, KO, person},
    };

    #[test]
    fn each_says_what_to_do() {
        insta::assert_snapshot!(waiting(EN, &Hindrance::Unreachable).text, @"⏳ The deploy service does not answer. I keep asking; there is no need to ask again.");
        insta::assert_snapshot!(waiting(EN, &Hindrance::Unauthenticated).text, @"⏳ I am not allowed to ask the deploy service: whoever runs deploybot has to set its token. I keep asking; there is no need to ask again.");
        insta::assert_snapshot!(stranger(EN).text, @"✋ I do nothing for people of another workspace: ask somebody of this one.");
        insta::assert_snapshot!(still_at_an_earlier_question(EN).text, @"⏳ I am still working on what you asked before this. This is next.");
        insta::assert_snapshot!(addressed(guest(EN), Some("U1JOON")).text, @"<@U1JOON>: ✋ I change nothing for guests of this workspace: ask a full member.");
        insta::assert_snapshot!(fixtures::rendered(&addressed(guest(KO), Some("U1JOON"))), @"
        (<@U1JOON> 님, ✋ 게스트의 요청으로는 아무것도 바꾸지 않아요. 이 워크스페이스의 정식 멤버에게 부탁하세요.)
        <@U1JOON> 님, ✋ 게스트의 요청으로는 아무것도 바꾸지 않아요. 이 워크스페이스의 정식 멤버에게 부탁하세요.
        ");
        insta::assert_snapshot!(taken(EN).text, @"✔ The deploy service has taken the request.");
        insta::assert_snapshot!(given_up(EN, &Hindrance::Unreachable, Duration::from_secs(300), "people").text, @"⚠️ The deploy service does not answer. I have asked for 5 min and stopped now. When that is over, `@deploybot status people` tells whether the commit went out; if not, ask again.");
        let start = StartAction {
            repository: RepositoryName::new("people").expect("valid"),
            environment: EnvironmentName::new("production").expect("valid"),
            commit: CommitSha::new("a1b2c3d").expect("valid"),
            is_rollback: false,
            live: None,
        };
        insta::assert_snapshot!(pressed_before(EN, &start).text, @"You have pressed this button before, and what it asked for has ended. To ask once more: `@deploybot deploy people production a1b2c3d`");
    }

    #[test]
    fn what_holds_by_now_is_told_with_what_to_do() {
        let start = StartAction {
            repository: RepositoryName::new("acme/people").expect("valid"),
            environment: EnvironmentName::new("production").expect("valid"),
            commit: CommitSha::new(&fixtures::sha("a1b2c3d")).expect("valid"),
            is_rollback: false,
            live: Some(fixtures::sha("9f8e7d6")),
        };
        let mut changes = fixtures::changes(0, 3, Vec::new()).expect("changes");
        changes.base = fixtures::sha("c0ffee0");
        let pressed = |words, button| {
            let told = live_meanwhile(words, button, &start, &changes);
            told.text.to_string()
        };
        let told = [EN, KO].map(|words| {
            [
                guest_in_field(words),
                pressed(words, action::RETRY),
                pressed(words, action::ROLL_BACK),
                not_shown_yet(words, "production"),
                changed_meanwhile(words, "production", &changes),
            ]
            .join("\n")
        });
        insta::assert_snapshot!(told.join("\n"), @"
        ✋ I change nothing for guests of this workspace: ask a full member.
        ✋ `c0ffee0` has gone live in *production* of *people* since, so Retry did nothing. Deploying `a1b2c3d` would take 3 commits away, back from `c0ffee0` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>). If you want that: `@deploybot deploy acme/people production a1b2c3d000000000000000000000000000000000`
        ✋ `c0ffee0` has gone live in *production* of *people* since, so your rollback was not done. Deploying `a1b2c3d` would take 3 commits away, back from `c0ffee0` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>). If you want that: `@deploybot deploy acme/people production a1b2c3d000000000000000000000000000000000`
        What would go to production is only being looked up: what comes of it is shown below.
        “c0ffee0” went live in production meanwhile, so what would go out has changed. Look at it below.
        ✋ 게스트의 요청으로는 아무것도 바꾸지 않아요. 이 워크스페이스의 정식 멤버에게 부탁하세요.
        ✋ 그사이 *people* 저장소의 *production* 환경에 `c0ffee0` 커밋이 배포돼서, ‘다시 시도’를 누르셨지만 아무것도 하지 않았어요. 지금 `a1b2c3d` 커밋을 배포한다면: `c0ffee0` 기준 커밋 3개 되돌림 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>). 그래도 배포하려면: `@deploybot deploy acme/people production a1b2c3d000000000000000000000000000000000`
        ✋ 그사이 *people* 저장소의 *production* 환경에 `c0ffee0` 커밋이 배포돼서, 요청하신 롤백은 하지 않았어요. 지금 `a1b2c3d` 커밋을 배포한다면: `c0ffee0` 기준 커밋 3개 되돌림 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>). 그래도 배포하려면: `@deploybot deploy acme/people production a1b2c3d000000000000000000000000000000000`
        production 환경에 배포될 내용을 아직 확인하는 중이에요. 결과는 아래에 보여 드려요.
        그사이 production 환경에 “c0ffee0” 커밋이 배포돼서 바뀔 내용이 달라졌어요. 아래에서 확인하세요.
        ");
    }

    #[test]
    fn what_would_go_out_reads_as_a_sentence_whichever_way_it_goes() {
        let start = StartAction {
            repository: RepositoryName::new("acme/people").expect("valid"),
            environment: EnvironmentName::new("production").expect("valid"),
            commit: CommitSha::new(&fixtures::sha("a1b2c3d")).expect("valid"),
            is_rollback: false,
            live: Some(fixtures::sha("9f8e7d6")),
        };
        let told = [(2, 0), (2, 1), (0, 1)].map(|(ahead, behind)| {
            let mut changes = fixtures::changes(ahead, behind, Vec::new()).expect("changes");
            changes.compare_url.clear();
            let told = live_meanwhile(EN, action::RETRY, &start, &changes)
                .text
                .to_string();
            told.split(". ").nth(1).unwrap_or_default().to_owned()
        });
        insta::assert_snapshot!(told.join("\n"), @"
        Deploying `a1b2c3d` would bring 2 commits since `9f8e7d6`
        Deploying `a1b2c3d` would bring 2 commits since `9f8e7d6`, and take 1 commit away
        Deploying `a1b2c3d` would take 1 commit away, back from `9f8e7d6`
        ");
    }

    #[test]
    fn who_presses_cancel_in_vain_is_told_why() {
        use RequestState::{
            Accepted, Cancelled, Creating, Failed, Refused, Running, Succeeded, Unspecified,
        };
        let states = [
            Unspecified,
            Accepted,
            Creating,
            Running,
            Succeeded,
            Failed,
            Refused,
            Cancelled,
        ];
        let told = states.map(|state| {
            let request = Request {
                cancelled_by: person("U1JOON", "Joon"),
                ..fixtures::request(state)
            };
            not_cancelled(EN, &request, "U1MINJI")
                .expect("it is too late")
                .text
                .to_string()
        });
        insta::assert_snapshot!(told.join("\n"), @"
        Too late to withdraw the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*: it could not be stopped. See its message.
        Too late to withdraw the deploy of *people* `a1b2c3d` to *production*: it could not be stopped. See its message.
        Too late to withdraw the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*: GitHub is asked to deploy it right now. See its message.
        Too late to withdraw the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*: it is going out. See its message.
        Too late to withdraw the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*: it is live in *production*. See its message.
        Too late to withdraw the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*: it has ended without reaching *production*. See its message.
        Too late to withdraw the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*: a rule has refused it. See its message.
        <@U1JOON> has withdrawn the deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production* already.
        ");
        let by_joon = Request {
            cancelled_by: person("U1JOON", "Joon"),
            ..fixtures::request(Cancelled)
        };
        assert_eq!(not_cancelled(EN, &by_joon, "U1JOON"), None);
        insta::assert_snapshot!(nothing_to_cancel(EN, "acme/people").text, @"❓ The deploy service does not know this request, so that there is nothing to withdraw. `@deploybot status acme/people` tells what runs where.");
        insta::assert_snapshot!(perhaps_cancelled(EN, &Hindrance::TimedOut).text, @"⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. If the message still shows that it waits, press Cancel again.");
    }
}
