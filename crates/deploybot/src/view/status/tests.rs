//! What a status looks like.

use super::*;
use crate::view::fixtures::{
    EN, KO, ago, asked, checks, commit, commit_status, deployment, environment, joons_commit,
    minjis_commit, now, passed, person, rendered, request,
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

fn told_in_both(answer: &GetStatusResponse) -> String {
    let told = [EN, KO].map(|words| rendered(&status(words, answer, &asked("people"), now())));
    told.join("\n")
}

/// GitHub is away, and nothing was kept of what it said.
fn by_its_deployments() -> Option<Stale> {
    Some(Stale {
        reason: StaleReason::GithubUnavailable.into(),
        is_partial: true,
        ..Stale::default()
    })
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
fn a_repository_with_environments_and_no_commit_is_told_as_it_is() {
    let nothing_pushed = GetStatusResponse {
        branch: String::new(),
        ..answer(Vec::new(), vec![environment("production", None)])
    };
    let told = told_in_both(&nothing_pushed);
    insta::assert_snapshot!(told, @"
    (*people*: no commits yet · production: nothing deployed yet)
    *<https://github.test/acme/people|people>* · no commits yet · as of <!date^1795356120^{time}|14:02 UTC>
    ----
    *production* · nothing deployed yet
    (*people*: 아직 커밋 없음 · production: 아직 배포한 적 없음)
    *<https://github.test/acme/people|people>* · 아직 커밋 없음 · <!date^1795356120^{time}|14:02(UTC)> 기준
    ----
    *production* · 아직 배포한 적 없음
    ");
}

#[test]
fn what_the_deployments_tell_alone_is_not_told_as_an_empty_repository() {
    let going_out = EnvironmentStatus {
        running: Some(deployment(
            minjis_commit(),
            DeploymentState::Running,
            21,
            None,
        )),
        ..environment("qa", None)
    };
    let known = GetStatusResponse {
        branch: String::new(),
        url: String::new(),
        stale: by_its_deployments(),
        ..answer(
            Vec::new(),
            vec![
                environment("production", Some((joons_commit(), None))),
                going_out,
            ],
        )
    };
    insta::assert_snapshot!(told_in_both(&known), @"
    (⚠️ GitHub does not answer; as of <!date^1795356120^{time}|14:02 UTC>, just now. *people*: commits not known now · production: `9f8e7d6` is live · qa: `a1b2c3d` is going out)
    ⚠️ *GitHub does not answer*. This is what deploybot knows, and may not be all: as of <!date^1795356120^{time}|14:02 UTC>, just now.
    *people* · commits not known now
    ----
    *production* · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
    *qa*
          🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is going out · asked by Joon · for 21 s · <https://github.test/acme/people/actions/runs/7|log>
    (⚠️ GitHub가 응답하지 않아요: <!date^1795356120^{time}|14:02(UTC)> 기준, 방금. *people*: 커밋은 지금 알 수 없음 · production: `9f8e7d6` 현재 버전 · qa: `a1b2c3d` 배포 중)
    ⚠️ *GitHub가 응답하지 않아요*. 아래는 deploybot이 아는 내용이라 전부가 아닐 수 있어요: <!date^1795356120^{time}|14:02(UTC)> 기준, 방금.
    *people* · 커밋은 지금 알 수 없음
    ----
    *production* · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02(UTC)> 이후 · <https://production.people.test/|열기>
    *qa*
          🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 배포 중 · 요청: Joon · 21초 경과 · <https://github.test/acme/people/actions/runs/7|로그>
    ");
}

#[test]
fn where_only_what_waits_is_known_that_is_told() {
    let known = GetStatusResponse {
        branch: String::new(),
        url: String::new(),
        as_of: None,
        stale: by_its_deployments(),
        waiting: vec![request(RequestState::Accepted)],
        ..answer(Vec::new(), Vec::new())
    };
    insta::assert_snapshot!(told_in_both(&known), @"
    (⚠️ *GitHub does not answer*. *people*: commits not known now)
    ⚠️ *GitHub does not answer*. This is what deploybot knows, and may not be all.
    *people* · commits not known now
    ----
    What runs in *people* is not known now.
    ⏸ `a1b2c3d` waits to go to *production* · asked by Minji
    (⚠️ *GitHub가 응답하지 않아요*. *people*: 커밋은 지금 알 수 없음)
    ⚠️ *GitHub가 응답하지 않아요*. 아래는 deploybot이 아는 내용이라 전부가 아닐 수 있어요.
    *people* · 커밋은 지금 알 수 없음
    ----
    *people* 저장소에 무엇이 배포됐는지 지금은 알 수 없어요.
    ⏸ `a1b2c3d` · *production* 환경에 배포 대기 중 · 요청: Minji
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
fn that_there_may_be_more_that_waits_is_told_where_it_is_as_much_as_is_told_of() {
    let last = |words, number| {
        let answer = GetStatusResponse {
            waiting: vec![request(RequestState::Accepted); number],
            ..answer(Vec::new(), Vec::new())
        };
        let shown = rendered(&status(words, &answer, &asked("people"), now()));
        shown.lines().last().unwrap_or_default().to_owned()
    };
    assert!(last(EN, 9).contains("asked by Minji"));
    assert_eq!(last(EN, 10), "… and there may be more that wait");
    assert_eq!(last(KO, 10), "… 대기 중인 요청이 더 있을 수 있어요");
}

#[test]
fn the_most_that_there_can_be_fits_a_message() {
    // As long as an address may be to be linked, and what is longest once escaped.
    let long = |start: &str| format!("{start}{}", "x".repeat(299 - start.len()));
    // What runs from right to left is kept apart by two marks more.
    let loud = format!("ש{}", "<>".repeat(210));
    let commit = || Commit {
        url: long("https://github.test/"),
        ..commit("a1b2c3d", &loud, &loud, 60)
    };
    let environment = |number: usize| {
        let mut one = environment(&format!("{number}{loud}"), Some((commit(), Some(7))));
        if let Some(live) = &mut one.live {
            live.environment_url = long("https://open.test/");
        }
        let running = deployment(commit(), DeploymentState::Running, 21, None);
        one.running = Some(Deployment {
            log_url: long("https://log.test/"),
            requester: person("", &loud),
            ..running
        });
        one
    };
    let waits = Request {
        environment: loud.clone(),
        commit: Some(commit()),
        requester: person("", &loud),
        ..request(RequestState::Creating)
    };
    let failed = || checks(ChecksState::Failure, 9, 9, &[loud.as_str(); 9]);
    let row = || commit_status(commit(), failed(), &[loud.as_str(); 9]);
    let most = GetStatusResponse {
        branch: loud.clone(),
        stale: Some(Stale {
            incident: loud.clone(),
            missing: vec![loud.clone(); 30],
            ..by_its_deployments().unwrap_or_default()
        }),
        waiting: vec![waits; 30],
        ..answer(
            (0..50).map(|_| row()).collect(),
            (0..30).map(environment).collect(),
        )
    };
    for words in [EN, KO] {
        let message = status(words, &most, &asked("people"), now());
        // Slack's limits are checked on the way.
        let shown = rendered(&message);
        assert_eq!(shown.matches('❌').count(), 50);
        assert_eq!(shown.matches('⏸').count(), 10);
        // Some room is left: a block may be added.
        assert!(message.blocks.len() < 50, "{}", message.blocks.len());
    }
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
