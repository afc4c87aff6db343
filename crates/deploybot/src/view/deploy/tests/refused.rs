//! What a request looks like that rules refused.

use deploy_proto::v1::{
    ChecksState, Commit, DeploymentState, Reason, Refusal, Request, RequestState,
};

use super::shown;
use crate::view::{
    deploy::request,
    fixtures::{
        self, EN, checks, deployment, joons_commit, minjis_commit, now, refusal, rendered, sha,
    },
};

fn refusals() -> Vec<Refusal> {
    let other = deployment(joons_commit(), DeploymentState::Running, 21, None);
    let live = deployment(minjis_commit(), DeploymentState::Succeeded, 3600, Some(42));
    let twins = vec![
        minjis_commit(),
        Commit {
            sha: sha("a1b2c9"),
            ..joons_commit()
        },
    ];
    vec![
        refusal(
            Reason::UnknownRepository,
            &["acme/people", "acme/people-api"],
            "",
        ),
        refusal(Reason::UnknownEnvironment, &["production", "staging"], ""),
        refusal(Reason::UnknownCommit, &[&sha("a1b2c3e")], ""),
        Refusal {
            commits: twins,
            ..refusal(Reason::AmbiguousCommit, &[], "")
        },
        refusal(Reason::NotOnAllowedBranch, &["main"], ""),
        refusal(Reason::ChecksFailed, &["lint", "test"], ""),
        refusal(Reason::ChecksPending, &[], "3 of 5"),
        refusal(Reason::ChecksMissing, &[], ""),
        refusal(Reason::ChecksUnreadable, &[], ""),
        refusal(Reason::Locked, &[], "by Joon since 13:10, “load test”"),
        refusal(Reason::Frozen, &[], "until Monday 08:00"),
        Refusal {
            deployment: Some(other),
            ..refusal(Reason::AlreadyRunning, &[], "")
        },
        Refusal {
            deployment: Some(live.clone()),
            ..refusal(Reason::AlreadyLive, &[], "")
        },
        Refusal {
            deployment: Some(live),
            ..refusal(Reason::LiveChanged, &[], "")
        },
        refusal(Reason::LiveChanged, &[], ""),
        refusal(Reason::NotPromoted, &["staging"], ""),
        refusal(Reason::NotPermitted, &["deployers"], ""),
        refusal(Reason::ApprovalNeeded, &["Joon"], ""),
        refusal(
            Reason::PolicyUnreadable,
            &[],
            "line 3, column 5: unknown key `chekcs`",
        ),
        refusal(
            Reason::GithubRefused,
            &[],
            "Conflict merging main into a1b2c3d.",
        ),
        refusal(Reason::Unspecified, &[], ""),
    ]
}

#[test]
fn every_reason_has_a_sentence_and_a_way_out() {
    let told: Vec<_> = refusals()
        .into_iter()
        .map(|refusal| {
            let refused = Request {
                refusals: vec![refusal],
                environment: "prodution".to_owned(),
                ..fixtures::request(RequestState::Refused)
            };
            rendered(&request(EN, &refused, now()));
            request(EN, &refused, now()).text.to_string()
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    ❓ There is no repository `acme/people` that I can see. Did you mean `acme/people` or `acme/people-api`?
    ❓ There is no environment `prodution` in *people*. Did you mean `production`? It has: `production`, `staging`.
    ❓ *people* has no commit `a1b2c3d`. Did you mean `a1b2c3e`? `@deploybot status acme/people` lists the newest commits.
    ❓ More than one commit of *people* begins with `a1b2c3d`:
    • `a1b2c3d00000` Add Minji to the team page · minji
    • `a1b2c9000000` Show avatars (#41) · joon
    Write more digits of the one you mean.
    ⛔ *people*: `a1b2c3d` is not on a branch that may go to *prodution* (allowed: `main`). Merge it first, then deploy the commit that is on the branch.
    ❌ *people*: Checks of `a1b2c3d` failed: `lint`, `test`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
    ⛔ *people*: Checks of `a1b2c3d` are still running (3 of 5). Ask again when they have passed; `@deploybot status acme/people` tells.
    ⛔ *people*: `a1b2c3d` has no checks, and only what has passed its checks goes out. If it is new, ask again in a minute; if not, the repository needs a workflow that checks every push.
    ⛔ *people*: The checks of `a1b2c3d` could not be read whole. What can't be read is not taken as passed; ask again in a minute.
    🔒 *prodution* of *people* is locked: by Joon since 13:10, “load test”. Ask whoever locked it, or wait until it is unlocked.
    🔒 *prodution* of *people* takes no deployments now: until Monday 08:00. Ask again when the freeze is over.
    ⛔ Another deployment was running in *prodution* of *people*: `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>`, asked by Joon, since <!date^1795356099^{time}|14:01 UTC> (<https://github.test/acme/people/actions/runs/7|log>). Ask again when it has ended.
    ⛔ *prodution* of *people* runs `a1b2c3d` already, since <!date^1795352562^{date_short_pretty} {time}|2026-11-22 13:02 UTC>. There is nothing to do; `@deploybot status acme/people` lists the other commits.
    ✋ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` has gone live in *prodution* of *people* since, so this was not done. `@deploybot status acme/people` tells how things are now; if you still want it, ask for the commit that you want by its SHA.
    ✋ Something else has gone live in *prodution* of *people* since, so this was not done. `@deploybot status acme/people` tells how things are now; if you still want it, ask for the commit that you want by its SHA.
    ⛔ *people*: `a1b2c3d` has not run in *staging* yet, which comes before *prodution*. Deploy it there first, then here.
    ⛔ You may not deploy *people* to *prodution*; these may: `deployers`. Ask someone who may.
    ⛔ Someone else has to approve that *people* goes to *prodution*; these may: `Joon`. Ask one of those who may approve.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: line 3, column 5: unknown key ˋchekcsˋ. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ *people*: GitHub refused to make the deployment: Conflict merging main into a1b2c3d. Show this to whoever looks after the repository on GitHub.
    ⛔ A rule that I do not know refused `a1b2c3d` of *people*. Ask whoever runs deploybot to bring it up to date.
    ");
}

#[test]
fn a_deployment_that_is_about_to_begin_is_told_by_who_asked_for_what() {
    let mut refused = fixtures::request(RequestState::Refused);
    refused.refusals = vec![Refusal {
        requester: fixtures::person("U1JOON", "Joon"),
        commit: Some(Commit {
            sha: "9f8e7d6".to_owned(),
            ..Commit::default()
        }),
        ..refusal(Reason::AlreadyRunning, &[], "")
    }];
    let told = request(EN, &refused, now()).text;
    insta::assert_snapshot!(told, @"⛔ Another deployment was about to begin in *production* of *people*: `9f8e7d6`, asked by Joon. Ask again when it has ended.");
}

#[test]
fn a_repository_and_an_environment_that_changed_places_are_told() {
    let mut refused = fixtures::request(RequestState::Refused);
    refused.repository = "acme/production".to_owned();
    refused.environment = "people".to_owned();
    refused.refusals = vec![refusal(Reason::UnknownRepository, &[], "")];
    let told = request(EN, &refused, now()).text;
    insta::assert_snapshot!(told, @"❓ There is no repository `acme/production` that I can see. The repository comes first, then the environment: did you mean `@deploybot deploy people production a1b2c3d000000000000000000000000000000000`?");
}

#[test]
fn a_commit_that_differs_late_is_told_with_as_many_digits() {
    let mut refused = fixtures::request(RequestState::Refused);
    let meant = sha("a1b2c3d").replace("a1b2c3d00", "a1b2c3d01");
    refused.refusals = vec![refusal(Reason::UnknownCommit, &[&meant], "")];
    let told = request(EN, &refused, now()).text;
    insta::assert_snapshot!(told, @"❓ *people* has no commit `a1b2c3d00`. Did you mean `a1b2c3d01`? `@deploybot status acme/people` lists the newest commits.");
}

#[test]
fn several_refusals_are_listed() {
    let mut refused = fixtures::request(RequestState::Refused);
    refused.refusals = vec![
        refusal(Reason::ChecksFailed, &["lint"], ""),
        refusal(Reason::Frozen, &[], ""),
    ];
    refused.checks = checks(ChecksState::Failure, 3, 3, &["lint"]);
    insta::assert_snapshot!(shown(&refused), @"
    (⛔ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` may not go to *production*: A check of the commit failed · The environment takes no deployments now)
    ⛔ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` may not go to *production*:
    • Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
    • *production* of *people* takes no deployments now. Ask again when the freeze is over.
    ~ asked by <@U1MINJI> · nothing was changed
    ");
}
