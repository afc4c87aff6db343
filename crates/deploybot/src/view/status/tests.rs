//! What a status looks like.

use super::*;
use crate::view::fixtures::{
    EN, ago, asked, checks, commit, commit_status, deployment, environment, joons_commit,
    minjis_commit, now, passed, rendered, request,
};
use deploy_proto::v1::{DeploymentState, RequestState, Stale, StaleReason};

fn answer(commits: Vec<CommitStatus>, environments: Vec<EnvironmentStatus>) -> GetStatusResponse {
    GetStatusResponse {
        repository: "acme/people".to_owned(),
        branch: "main".to_owned(),
        commits,
        environments,
        as_of: ago(0),
        url: "https://github.test/acme/people".to_owned(),
        stale: None,
        waiting: Vec::new(),
    }
}

#[test]
fn commits_and_environments_are_told() {
    let commits = vec![
        commit_status(minjis_commit(), passed(), &["staging"]),
        commit_status(joons_commit(), passed(), &["production"]),
        commit_status(
            commit("77aa001", "Try the new font", "joon", 3 * 3600),
            checks(ChecksState::Failure, 3, 3, &["lint"]),
            &[],
        ),
        commit_status(
            commit("5c5c5c5", "Bump actix", "bora", 4 * 3600),
            checks(ChecksState::Pending, 3, 5, &[]),
            &[],
        ),
        commit_status(
            commit("1234abc", "Initial pages", "bora", 30 * 3600),
            passed(),
            &[],
        ),
        commit_status(
            commit("0000bad", "No workflow yet", "bora", 72 * 3600),
            checks(ChecksState::None, 0, 0, &[]),
            &[],
        ),
        commit_status(
            commit("0000bae", "Unread", "bora", 72 * 3600),
            checks(ChecksState::Unreadable, 0, 0, &[]),
            &[],
        ),
    ];
    let mut production = environment("production", Some((joons_commit(), Some(1))));
    production.running = Some(deployment(
        minjis_commit(),
        DeploymentState::Running,
        21,
        None,
    ));
    let environments = vec![
        production,
        environment(
            "development",
            Some((commit("fff0001", "A branch of its own", "bora", 60), None)),
        ),
        environment("qa", None),
        environment("staging", Some((minjis_commit(), Some(0)))),
    ];
    insta::assert_snapshot!(rendered(&status(EN, &answer(commits, environments), &asked("acme/people"), now())), @"
    (*people*: newest is `a1b2c3d` Add Minji to the team page · production is 1 commit behind main · development is not on main · qa: nothing deployed yet · staging is up to date)
    *<https://github.test/acme/people|people>* · main · newest 7 · as of <!date^1795356120^{time}|14:02 UTC>
    ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji · 3 min ago · checks passed · ● *staging*  [Deploy…](deploy repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000)
    ✅ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon · 2 h ago · checks passed · ● *production*  [Deploy…](deploy repository=acme%2Fpeople&commit=9f8e7d6000000000000000000000000000000000)
    ❌ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · joon · 3 h ago · checks failed: lint
    ⏳ `<https://github.test/acme/people/commit/5c5c5c5|5c5c5c5>` Bump actix · bora · 4 h ago · checks running (3 of 5)
    ✅ `<https://github.test/acme/people/commit/1234abc|1234abc>` Initial pages · bora · yesterday · checks passed  [Deploy…](deploy repository=acme%2Fpeople&commit=1234abc000000000000000000000000000000000)
    ⚪ `<https://github.test/acme/people/commit/0000bad|0000bad>` No workflow yet · bora · 3 days ago · no checks
    ⚠️ `<https://github.test/acme/people/commit/0000bae|0000bae>` Unread · bora · 3 days ago · checks could not be read
    ----
    *production* is 1 commit behind main · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
          🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is going out · asked by Joon · for 21 s · <https://github.test/acme/people/actions/runs/7|log>
    *development* is not on main · `<https://github.test/acme/people/commit/fff0001|fff0001>` A branch of its own · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://development.people.test/|open>
    *qa* · nothing deployed yet
    *staging* is up to date · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://staging.people.test/|open>
    ");
}

#[test]
fn an_empty_repository_is_told() {
    insta::assert_snapshot!(rendered(&status(EN, &answer(Vec::new(), Vec::new()), &asked("acme/people"), now())), @"
    (*people*: no commits yet)
    *<https://github.test/acme/people|people>* · main · no commits yet · as of <!date^1795356120^{time}|14:02 UTC>
    ----
    *people* has no environment yet. Environments are made in the repository's settings on GitHub.
    ");
}

#[test]
fn a_headline_from_outside_stays_text() {
    let nasty = commit(
        "a1b2c3d",
        "*Fix* <!channel> <@U1> `x` &lt; _y_\u{202e}",
        "<evil|x>",
        0,
    );
    let one = vec![commit_status(nasty, passed(), &[])];
    let answer = answer(one, Vec::new());
    let rendered = rendered(&status(EN, &answer, &asked("acme/people"), now()));
    insta::assert_snapshot!(rendered.lines().nth(2).expect("a row"), @"✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` ∗Fix∗ &lt;!channel&gt; &lt;@U1&gt; ˋxˋ &amp;lt; ˍyˍ� · &lt;evil|x&gt; · just now · checks passed");
}

#[test]
fn a_commit_without_a_message_leaves_no_hole() {
    let mute = commit("a1b2c3d", " ", "bora", 60);
    let one = vec![commit_status(mute.clone(), passed(), &[])];
    let live = vec![environment("production", Some((mute, Some(0))))];
    insta::assert_snapshot!(rendered(&status(EN, &answer(one, live), &asked("acme/people"), now())), @"
    (*people*: newest is `a1b2c3d` _no message_ · production is up to date)
    *<https://github.test/acme/people|people>* · main · newest commit · as of <!date^1795356120^{time}|14:02 UTC>
    ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` _no message_ · bora · 1 min ago · checks passed  [Deploy…](deploy repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000)
    ----
    *production* is up to date · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` _no message_ · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
    ");
}

#[test]
fn an_answer_that_could_not_be_renewed_says_so_first() {
    let one = vec![commit_status(joons_commit(), passed(), &["production"])];
    let live = vec![environment("production", Some((joons_commit(), Some(0))))];
    let old = GetStatusResponse {
        as_of: ago(360),
        stale: Some(Stale {
            reason: StaleReason::GithubUnavailable.into(),
            retry_at: ago(-60),
            incident: "Incident with API Requests".to_owned(),
            ..Stale::default()
        }),
        ..answer(one, live)
    };
    insta::assert_snapshot!(rendered(&status(EN, &old, &asked("acme/people"), now())), @"
    (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. *people*: newest is `9f8e7d6` Show avatars (#41) · production is up to date)
    ⚠️ *GitHub does not answer*. GitHub says: “Incident with API Requests”. This is as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. The next try is at <!date^1795356180^{time}|14:03 UTC>.
    *<https://github.test/acme/people|people>* · main · newest commit
    ✅ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon · 2 h ago · checks passed · ● *production*
    ----
    *production* is up to date · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
    ");
}

#[test]
fn what_waits_is_told_below_the_environments() {
    let live = vec![environment("production", Some((joons_commit(), Some(0))))];
    let answer = GetStatusResponse {
        waiting: vec![
            request(RequestState::Accepted),
            request(RequestState::Creating),
        ],
        ..answer(Vec::new(), live)
    };
    let shown = rendered(&status(EN, &answer, &asked("acme/people"), now()));
    let last: Vec<_> = shown.lines().rev().take(2).collect();
    insta::assert_snapshot!(last.join("\n"), @"
    ⏸ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` waits to go to *production* · asked by Minji
    ⏸ `a1b2c3d` waits to go to *production* · asked by Minji
    ");
}

#[test]
fn of_fifty_commits_the_newest_have_buttons() {
    let commits = (0..50)
        .map(|n| {
            commit_status(
                commit(&format!("a{n:06}"), "Change", "bora", n * 60),
                passed(),
                &[],
            )
        })
        .collect();
    let message = status(
        EN,
        &answer(commits, vec![environment("production", None)]),
        &asked("people"),
        now(),
    );
    let shown = rendered(&message);
    assert_eq!(shown.matches("[Deploy…]").count(), 10);
    assert_eq!(shown.matches("✅").count(), 50);
    insta::assert_snapshot!(shown.lines().last().expect("a hint"), @"~ Buttons stand beside the newest 10; for an older commit: `@deploybot deploy people &lt;environment&gt; &lt;commit&gt;`");
}
