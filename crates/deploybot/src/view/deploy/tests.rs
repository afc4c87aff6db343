//! What a request looks like at every stage of its life.

mod refused;

use deploy_proto::v1::DeploymentState;

use super::*;
use crate::view::fixtures::{
    self, EN, changes, deployment, joons_commit, minjis_commit, now, rendered, step,
};

fn shown(request: &Request) -> String {
    rendered(&super::request(EN, request, now()))
}

fn with_deployment(state: RequestState, deployment: Deployment) -> Request {
    Request {
        deployment: Some(deployment),
        ..fixtures::request(state)
    }
}

fn failed_request() -> Request {
    let deployment = deployment(minjis_commit(), DeploymentState::Failed, 63, Some(63));
    Request {
        failure: "ImagePullBackOff in 3 of 3 pods.".to_owned(),
        ..with_deployment(RequestState::Failed, deployment)
    }
}

fn as_rollback(request: Request) -> Request {
    Request {
        kind: DeploymentKind::Rollback.into(),
        ..request
    }
}

#[test]
fn on_its_way() {
    insta::assert_snapshot!(shown(&fixtures::request(RequestState::Accepted)), @"
    (🚀 <@U1MINJI> deploys *people* `a1b2c3d` to *production*)
    🚀 <@U1MINJI> deploys *people* `a1b2c3d` to *production*
    ~ ✔ accepted  ▸ looking at the commit and its checks
    ");
    insta::assert_snapshot!(shown(&fixtures::request(RequestState::Creating)), @"
    (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed)
    🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
    ~ ✔ accepted  ▸ asking GitHub to deploy
    ");
    let mut running = deployment(minjis_commit(), DeploymentState::Running, 20, None);
    insta::assert_snapshot!(shown(&with_deployment(RequestState::Running, running.clone())), @"
    (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed)
    🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
    ~ ✔ accepted  ▸ waiting for its workflow to start · 20 s · <https://github.test/acme/people/actions/runs/7|log>
    ");
    running.steps = vec![
        step("in_progress", "built"),
        step("in_progress", "rolling out: 1 of 3 pods ready"),
        step("in_progress", "rolling out: 2 of 3 pods ready"),
    ];
    insta::assert_snapshot!(shown(&with_deployment(RequestState::Running, running.clone())), @"
    (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed)
    🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
    ~ ✔ accepted  ✔ built  ▸ rolling out: 2 of 3 pods ready · 20 s · <https://github.test/acme/people/actions/runs/7|log>
    ");
    running.steps = [
        "queued",
        "pending",
        "waiting",
        "in_progress",
        "other_word",
        "error",
        "queued",
    ]
    .map(|state| step(state, ""))
    .to_vec();
    insta::assert_snapshot!(shown(&with_deployment(RequestState::Running, running)), @"
    (🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed)
    🚀 <@U1MINJI> deploys *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production*
    Add Minji to the team page · 1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
    ~ ✔ accepted  …  ✔ waiting for approval  ✔ running  ✔ other word  ✔ error  ▸ queued · 20 s · <https://github.test/acme/people/actions/runs/7|log>
    ");
}

#[test]
fn a_rollback_says_so() {
    let mut back = as_rollback(fixtures::request(RequestState::Creating));
    back.changes = changes(0, 2, vec![joons_commit()]);
    insta::assert_snapshot!(shown(&back), @"
    (↩️ <@U1MINJI> rolls *people* back to `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production*
    Add Minji to the team page · takes 2 commits away, back from `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed)
    ↩️ <@U1MINJI> rolls *people* back to `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production*
    Add Minji to the team page · takes 2 commits away, back from `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>) · checks passed
    • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
    <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… and 1 more>
    ~ ✔ accepted  ▸ asking GitHub to deploy
    ");
    let done = deployment(minjis_commit(), DeploymentState::Succeeded, 60, Some(39));
    insta::assert_snapshot!(shown(&as_rollback(with_deployment(RequestState::Succeeded, done))), @"
    (✅ *people* is back at `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production* · 39 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>)
    ✅ *people* is back at `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production* · 39 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page · 1 commit since `9f8e7d6`
    ");
}

#[test]
fn success_is_one_quiet_line() {
    let done = deployment(minjis_commit(), DeploymentState::Succeeded, 60, Some(42));
    insta::assert_snapshot!(shown(&with_deployment(RequestState::Succeeded, done)), @"
    (✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is live in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>)
    ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is live in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page · 1 commit since `9f8e7d6`
    ");
}

#[test]
fn failure_is_told_twice() {
    insta::assert_snapshot!(shown(&failed_request()), @"
    (❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · after 1 min 03 s · asked by <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|log>)
    ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · after 1 min 03 s · asked by <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    ");
    insta::assert_snapshot!(rendered(&request_failure(EN, &failed_request())), @"
    (❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    `9f8e7d6` is still live.)
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    `9f8e7d6` is still live.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000) [Roll back to 9f8e7d6](roll_back repository=acme%2Fpeople&environment=production&commit=9f8e7d6000000000000000000000000000000000&kind=rollback&live=9f8e7d6000000000000000000000000000000000) ?Roll back?: *people* in *production* goes back to `9f8e7d6`. It passes the same gates as any deploy. Roll back/Leave it
    ");
}

#[test]
fn a_failure_offers_only_what_helps() {
    let never_made = Request {
        deployment: None,
        failure: String::new(),
        ..failed_request()
    };
    insta::assert_snapshot!(rendered(&request_failure(EN, &never_made)), @"
    (❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: the deployment could not be made
    Add Minji to the team page
    `9f8e7d6` is still live.)
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: the deployment could not be made
    Add Minji to the team page
    `9f8e7d6` is still live.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000)
    ");
    let first = Request {
        deployment: Some(Deployment {
            replaces: String::new(),
            ..deployment(minjis_commit(), DeploymentState::Failed, 60, Some(5))
        }),
        changes: Some(Changes::default()),
        ..failed_request()
    };
    insta::assert_snapshot!(rendered(&request_failure(EN, &first)), @"
    (❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    Nothing was live there before.)
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    Nothing was live there before.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=)
    ");
    insta::assert_snapshot!(rendered(&request_failure(EN, &as_rollback(failed_request()))), @"
    (❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    `9f8e7d6` is still live.)
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    `9f8e7d6` is still live.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=rollback&live=9f8e7d6000000000000000000000000000000000)
    ");
}

#[test]
fn a_cause_of_several_lines_is_told_in_lines() {
    let unseen = Request {
        failure: "Nobody picked it up within 60 s.\nIts workflow runs on `push`, not on `deployment`.\n\n  *Add* `on: deployment` to it.  ".to_owned(),
        ..failed_request()
    };
    insta::assert_snapshot!(shown(&unseen), @"
    (❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Nobody picked it up within 60 s · after 1 min 03 s · asked by <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|log>)
    ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Nobody picked it up within 60 s · after 1 min 03 s · asked by <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    ");
    insta::assert_snapshot!(rendered(&request_failure(EN, &unseen)), @"
    (❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Nobody picked it up within 60 s · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    Its workflow runs on ˋpushˋ, not on ˋdeploymentˋ.
    ∗Add∗ ˋon: deploymentˋ to it.
    `9f8e7d6` is still live.)
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Nobody picked it up within 60 s · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    Its workflow runs on ˋpushˋ, not on ˋdeploymentˋ.
    ∗Add∗ ˋon: deploymentˋ to it.
    `9f8e7d6` is still live.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000) [Roll back to 9f8e7d6](roll_back repository=acme%2Fpeople&environment=production&commit=9f8e7d6000000000000000000000000000000000&kind=rollback&live=9f8e7d6000000000000000000000000000000000) ?Roll back?: *people* in *production* goes back to `9f8e7d6`. It passes the same gates as any deploy. Roll back/Leave it
    ");
}

#[test]
fn a_deployment_that_was_ended_from_outside_is_told_with_the_likely_cause() {
    let mut silent = failed_request();
    silent.failure = "Its workflow said nothing for 30 minutes. Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.".to_owned();
    silent.deployment.as_mut().expect("it has one").steps = vec![
        step("in_progress", "rolling out: 1 of 3 pods ready"),
        step(
            "error",
            "Its workflow said nothing for 30 minutes; ended by deploybot.",
        ),
    ];
    insta::assert_snapshot!(shown(&silent), @"
    (❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Its workflow said nothing for 30 minutes · after 1 min 03 s · asked by <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|log>)
    ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Its workflow said nothing for 30 minutes · after 1 min 03 s · asked by <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    ");
    let told = rendered(&request_failure(EN, &silent));
    let told: Vec<_> = told.lines().skip(4).take(4).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: Its workflow said nothing for 30 minutes · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
    `9f8e7d6` was live before.
    ");
}

#[test]
fn what_a_deployment_changed_that_vanished_on_its_way_is_not_known() {
    let gone = |state| {
        let last_seen = deployment(minjis_commit(), state, 63, None);
        let gone = Request {
            failure: "The deployment is not on GitHub any more: someone deleted it.".to_owned(),
            ..with_deployment(RequestState::Failed, last_seen)
        };
        rendered(&request_failure(EN, &gone))
    };
    insta::assert_snapshot!(gone(DeploymentState::Running), @"
    (❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: The deployment is not on GitHub any more: someone deleted it · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    What it has changed is not known; `@deploybot status acme/people` tells what is live.)
    ❌ <@U1MINJI>: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: The deployment is not on GitHub any more: someone deleted it · <https://github.test/acme/people/actions/runs/7|log>
    Add Minji to the team page
    What it has changed is not known; `@deploybot status acme/people` tells what is live.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000) [Roll back to 9f8e7d6](roll_back repository=acme%2Fpeople&environment=production&commit=9f8e7d6000000000000000000000000000000000&kind=rollback&live=9f8e7d6000000000000000000000000000000000) ?Roll back?: *people* in *production* goes back to `9f8e7d6`. It passes the same gates as any deploy. Roll back/Leave it
    ");
    let never_begun = gone(DeploymentState::Pending);
    assert!(
        never_begun.contains("`9f8e7d6` is still live."),
        "{never_begun}"
    );
}

#[test]
fn commits_that_go_out_or_leave_are_counted() {
    let told: Vec<_> = [(0, 0), (1, 0), (3, 0), (0, 1), (2, 1)]
        .map(|(ahead, behind)| {
            difference(EN, &changes(ahead, behind, Vec::new()).expect("changes")).to_string()
        })
        .into_iter()
        .chain([difference(EN, &Changes::default()).to_string()])
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    no new commits: `9f8e7d6` is still live
    1 commit since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>)
    3 commits since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>)
    takes 1 commit away, back from `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>)
    2 commits since `9f8e7d6`, and takes 1 commit away (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>)
    nothing was live before
    ");
}

/// A refusal as the service makes it, for each reason of the contract.
#[test]
fn what_only_takes_commits_away_is_told_as_a_rollback() {
    let mut done = deployment(minjis_commit(), DeploymentState::Succeeded, 50, Some(42));
    done.kind = DeploymentKind::Rollback.into();
    let done = with_deployment(RequestState::Succeeded, done);
    let told = super::request(EN, &done, now()).text.to_string();
    assert!(told.starts_with("✅ *people* is back at "), "{told}");
}

#[test]
fn what_takes_commits_away_is_told_as_a_rollback_as_soon_as_that_is_known() {
    let of = |ahead, behind| {
        let mut asked = fixtures::request(RequestState::Creating);
        asked.changes = changes(ahead, behind, vec![joons_commit()]);
        super::request(EN, &asked, now()).text.to_string()
    };
    let told = of(0, 1);
    assert!(
        told.starts_with("↩️ <@U1MINJI> rolls *people* back to "),
        "{told}"
    );
    for told in [of(1, 0), of(1, 1), of(0, 0)] {
        assert!(told.starts_with("🚀 <@U1MINJI> deploys "), "{told}");
    }
}

#[test]
fn what_is_rolled_back_to_and_still_live_is_told_in_whole_sentences() {
    let mut asked = fixtures::request(RequestState::Creating);
    asked.kind = DeploymentKind::Rollback.into();
    asked.commit = Some(joons_commit());
    asked.changes = changes(0, 0, Vec::new());
    let words = [EN, fixtures::KO].map(|words| super::request(words, &asked, now()).text);
    insta::assert_snapshot!(words.map(|text| text.to_string()).join("\n"), @"
    ↩️ <@U1MINJI> rolls *people* back to `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` in *production*
    Show avatars (#41) · no new commits: `9f8e7d6` is still live · checks passed
    ↩️ <@U1MINJI> 님이 *production* 환경의 *people* 저장소를 `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` 커밋으로 롤백해요
    Show avatars (#41) · 새 커밋 없음: `9f8e7d6` 커밋이 배포된 그대로임 · 체크 통과
    ");
    let done = Request {
        deployment: Some(deployment(
            joons_commit(),
            DeploymentState::Succeeded,
            50,
            Some(42),
        )),
        ..asked
    };
    let done = Request {
        state: RequestState::Succeeded.into(),
        ..done
    };
    insta::assert_snapshot!(shown(&done), @"
    (✅ *people* is back at `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>)
    ✅ *people* is back at `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` in *production* · 42 s · asked by <@U1MINJI> · <https://production.people.test/|open> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare> · <https://github.test/acme/people/actions/runs/7|log>
    Show avatars (#41)
    ");
}
