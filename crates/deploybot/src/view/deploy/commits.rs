//! The commits that a request brings or takes away, by name: the newest of them,
//! and for the rest a way to the comparison.

use deploy_proto::v1::{Changes, Commit, Request};

use super::difference;
use crate::{
    view::{
        block::{Block, Mrkdwn},
        text::{self, NAME, dotted, led, sections},
    },
    words::Words,
};

/// Commits listed.
const LISTED: usize = 10;

/// Below a request that goes out. Nothing where its headline says it all: it is
/// the one commit that goes out.
pub(super) fn of(words: Words, request: &Request) -> Vec<Block> {
    let listed = told(request).map(|changes| listed(words, changes));
    sections(listed.unwrap_or_default())
}

/// Below a request that is live, whose line tells neither what nor how many there are:
/// the list, or its headline where that says it all.
pub(super) fn of_live(words: Words, request: &Request) -> Vec<Block> {
    // The comparison is linked above.
    let number = request.changes.as_ref().and_then(|changes| {
        // What was live still is: its headline is all there is to say.
        if (changes.ahead, changes.behind) == (0, 0) && !changes.base.is_empty() {
            return None;
        }
        Some(done(words, changes))
    });
    let Some(changes) = told(request) else {
        let headline = headline(words, request);
        return sections(headline.map(|it| dotted([it, number.unwrap_or_default()])));
    };
    let heading = Mrkdwn::ours(format!("{}:", number.map(capitalised).unwrap_or_default()));
    let lines = [heading].into_iter().chain(listed(words, changes));
    sections(lines)
}

/// As a line begins.
fn capitalised(text: Mrkdwn) -> Mrkdwn {
    let text = text.into_string();
    let mut rest = text.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    Mrkdwn::ours(first.chain(rest.clone()).collect::<String>())
}

/// What has come and gone, without the comparison.
fn done(words: Words, changes: &Changes) -> Mrkdwn {
    if changes.base.is_empty() || changes.behind == 0 {
        let unlinked = Changes {
            compare_url: String::new(),
            ..changes.clone()
        };
        return difference(words, &unlinked);
    }
    let base = text::sha(&changes.base);
    let away = words.text_commits(changes.behind);
    match changes.ahead {
        0 => words.request_took_away(away, base),
        ahead => words.request_since_and_took_away(words.text_commits(ahead), base, away),
    }
}

/// Each on a line of its own, the newest first, and how many more there are.
pub(in crate::view) fn listed(words: Words, changes: &Changes) -> Vec<Mrkdwn> {
    let total = match changes.ahead {
        0 => changes.behind,
        ahead => ahead,
    };
    let shown = changes.commits.iter().take(LISTED);
    let more = usize::try_from(total)
        .unwrap_or(0)
        .saturating_sub(shown.len());
    let more = (more > 0).then(|| text::link(&changes.compare_url, words.commits_more(more)));
    let lines = shown.map(|commit| led("•", described(words, commit)));
    lines.chain(more).collect()
}

/// A commit by its SHA, headline and author.
pub(in crate::view) fn described(words: Words, commit: &Commit) -> Mrkdwn {
    let headline = text::headline(words, &commit.headline);
    let author = text::prose(&commit.author, NAME);
    dotted([led(text::commit(commit), headline), author])
}

/// What the commit that was asked for says of itself, once it is read.
pub(super) fn headline(words: Words, request: &Request) -> Option<Mrkdwn> {
    let commit = request.commit.as_ref()?;
    (!commit.headline.is_empty()).then(|| text::headline(words, &commit.headline))
}

/// Those that are worth a list.
fn told(request: &Request) -> Option<&Changes> {
    let changes = request.changes.as_ref()?;
    let headline = request.commit.as_ref().map(|commit| &commit.sha);
    let says_it_all = match changes.commits.as_slice() {
        [] => true,
        [only] => changes.ahead == 1 && Some(&only.sha) == headline,
        _ => false,
    };
    (!says_it_all).then_some(changes)
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{DeploymentKind, DeploymentState, RequestState, Waiting, WaitingReason};

    use super::*;
    use crate::view::{
        deploy::request,
        fixtures::{
            self, EN, KO, changes, commit, deployment, joons_commit, minjis_commit, now, rendered,
        },
    };

    fn with(state: RequestState, changes: Option<Changes>) -> Request {
        Request {
            changes,
            ..fixtures::request(state)
        }
    }

    fn live(changes: Option<Changes>) -> Request {
        let live = deployment(minjis_commit(), DeploymentState::Succeeded, 60, Some(42));
        Request {
            deployment: Some(live),
            ..with(RequestState::Succeeded, changes)
        }
    }

    fn two() -> Option<Changes> {
        changes(2, 0, vec![minjis_commit(), joons_commit()])
    }

    #[test]
    fn while_it_goes_out_its_commits_are_listed() {
        insta::assert_snapshot!(rendered(&request(EN, &with(RequestState::Creating, two()), now())), @"
        (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
        Add Minji to the team page · 2 commits since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed)
        🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
        Add Minji to the team page · 2 commits since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
        • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        ~ ✔ accepted  ▸ asking GitHub to deploy
        ");
        insta::assert_snapshot!(rendered(&request(KO, &with(RequestState::Running, two()), now())), @"
        (🚀 <@U1MINJI> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포해요
        Add Minji to the team page · `9f8e7d6` 이후 커밋 2개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>) · 체크 통과)
        🚀 <@U1MINJI> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포해요
        Add Minji to the team page · `9f8e7d6` 이후 커밋 2개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>) · 체크 통과
        • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        ~ ✔ 접수  ▸ 워크플로 시작 대기 중 · 21초
        ");
    }

    #[test]
    fn what_waits_after_the_gate_decided_lists_them_too() {
        let waiting = Waiting {
            reason: WaitingReason::CreateLimit.into(),
            ahead: Some(0),
            ..Waiting::default()
        };
        let waits = Request {
            waiting: Some(waiting),
            ..with(RequestState::Creating, two())
        };
        insta::assert_snapshot!(rendered(&request(EN, &waits, now())), @"
        (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
        Add Minji to the team page · 2 commits since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
        ⏸ GitHub takes only so many new deployments a minute and an hour. This is the next to go out.)
        🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
        Add Minji to the team page · 2 commits since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
        • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        ⏸ GitHub takes only so many new deployments a minute and an hour. This is the next to go out.  [Cancel](cancel request=slack%3AT1%3AEv1&repository=acme%2Fpeople)
        ~ ✔ accepted <!date^1795356099^{time}|14:01 UTC>  ⏸ waiting
        ");
    }

    #[test]
    fn when_it_is_live_they_are_listed_and_the_rest_is_linked() {
        let twelve = changes(12, 0, vec![minjis_commit(), joons_commit()]);
        insta::assert_snapshot!(rendered(&request(EN, &live(twelve.clone()), now())), @"
        (✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is live in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>)
        ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is live in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>
        12 commits since `9f8e7d6`:
        • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… and 10 more>
        ");
        insta::assert_snapshot!(rendered(&request(KO, &live(twelve), now())), @"
        (✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포했어요 · 42초 · 요청: <@U1MINJI> · <https://production.people.test/|열기> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교> · <https://github.test/acme/people/actions/runs/7|로그>)
        ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포했어요 · 42초 · 요청: <@U1MINJI> · <https://production.people.test/|열기> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교> · <https://github.test/acme/people/actions/runs/7|로그>
        `9f8e7d6` 이후 커밋 12개:
        • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… 외 10개>
        ");
    }

    #[test]
    fn of_a_rollback_those_that_leave_are_listed() {
        let back = Request {
            kind: DeploymentKind::Rollback.into(),
            ..live(changes(0, 1, vec![joons_commit()]))
        };
        insta::assert_snapshot!(rendered(&request(EN, &back, now())), @"
        (✅ *people* is back at `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>)
        ✅ *people* is back at `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>
        Took 1 commit away, back from `9f8e7d6`:
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        ");
        insta::assert_snapshot!(rendered(&request(KO, &back, now())), @"
        (✅ *production* 환경의 *people* 저장소를 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋으로 되돌렸어요 · 42초 · 요청: <@U1MINJI> · <https://production.people.test/|열기> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교> · <https://github.test/acme/people/actions/runs/7|로그>)
        ✅ *production* 환경의 *people* 저장소를 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋으로 되돌렸어요 · 42초 · 요청: <@U1MINJI> · <https://production.people.test/|열기> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교> · <https://github.test/acme/people/actions/runs/7|로그>
        `9f8e7d6` 기준 커밋 1개 되돌림:
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        ");
    }

    #[test]
    fn what_has_come_and_gone_is_told_as_done() {
        let told = [(2, 0), (2, 1), (0, 1)].map(|(ahead, behind)| {
            let changes = changes(ahead, behind, Vec::new()).expect("changes");
            done(EN, &changes).to_string()
        });
        insta::assert_snapshot!(told.join("\n"), @"
        2 commits since `9f8e7d6`
        2 commits since `9f8e7d6`, and took 1 commit away
        took 1 commit away, back from `9f8e7d6`
        ");
    }

    #[test]
    fn what_the_headline_says_is_not_said_again() {
        let one = changes(1, 0, vec![minjis_commit()]);
        for changes in [
            one,
            changes(0, 0, Vec::new()),
            changes(9, 0, Vec::new()),
            None,
        ] {
            assert_eq!(of(EN, &with(RequestState::Running, changes.clone())), []);
        }
        // It is another commit's.
        let merged = changes(1, 0, vec![joons_commit()]);
        assert_eq!(of(EN, &with(RequestState::Running, merged)).len(), 1);
    }

    #[test]
    fn what_is_live_says_its_headline_where_there_is_no_list() {
        let one = changes(1, 0, vec![minjis_commit()]);
        let all = [one, changes(9, 0, Vec::new()), None];
        let said = [EN, KO].map(|words| {
            let below = all.clone().map(|changes| {
                let shown = rendered(&request(words, &live(changes), now()));
                shown.lines().skip(2).collect::<Vec<_>>().join("\n")
            });
            below.join("\n")
        });
        insta::assert_snapshot!(said.join("\n"), @"
        Add Minji to the team page · 1 commit since `9f8e7d6`
        Add Minji to the team page · 9 commits since `9f8e7d6`
        Add Minji to the team page
        Add Minji to the team page · `9f8e7d6` 이후 커밋 1개
        Add Minji to the team page · `9f8e7d6` 이후 커밋 9개
        Add Minji to the team page
        ");
    }

    #[test]
    fn no_more_than_ten_are_listed_and_they_fit_whatever_they_say() {
        let loud = |n: usize| {
            let headline = "<!channel> *loud* &<>|` 🏳️‍🌈 ".repeat(40);
            let author = "<@U1EVE>_*~`\u{202e}".repeat(30);
            Commit {
                url: format!("https://github.test/{}", "&".repeat(59)),
                ..commit(&format!("{n:07x}"), &headline, &author, 60)
            }
        };
        let many = changes(500, 3, (0..25).map(loud).collect());
        for words in [EN, KO] {
            for request in [
                with(RequestState::Running, many.clone()),
                live(many.clone()),
            ] {
                // Slack's limits are checked on the way.
                let shown = rendered(&super::super::request(words, &request, now()));
                assert_eq!(shown.matches("\n• ").count(), 10, "{shown}");
                assert!(shown.contains("490"), "{shown}");
                assert!(!shown.contains("<!channel>") && !shown.contains("<@U1EVE>"));
            }
        }
    }
}
