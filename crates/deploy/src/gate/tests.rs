//! A test per reason, some together, and the promise that Ready means all of
//! them hold.

mod names;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::{DeploymentId, DeploymentState, Kind, Person, PolicyFile, PolicyProblem};

fn sha(n: u8) -> Sha {
    format!("{n:040x}").parse().unwrap()
}

pub(super) fn name(text: &str) -> EnvironmentName {
    text.parse().unwrap()
}

pub(super) fn commit(n: u8) -> Commit {
    Commit {
        sha: sha(n),
        headline: format!("Commit {n}"),
        author: "minji".to_owned(),
        committed_at: Timestamp::UNIX_EPOCH,
        url: String::new(),
    }
}

pub(super) fn checks(state: ChecksState) -> Checks {
    Checks {
        state,
        done: 1,
        total: 2,
        failed: vec!["lint".to_owned()],
    }
}

pub(super) fn deployment(n: u8, state: DeploymentState) -> Deployment {
    Deployment {
        id: DeploymentId {
            number: n.into(),
            node: format!("DE_{n}"),
        },
        environment: name("production"),
        commit: commit(n),
        state,
        live: state == DeploymentState::Succeeded,
        kind: Kind::Deploy,
        requester: Person::default(),
        created_at: Timestamp::UNIX_EPOCH,
        ended_at: None,
        steps: Vec::new(),
        request_id: None,
        replaces: None,
        log_url: String::new(),
        environment_url: String::new(),
    }
}

/// Commit 2 is asked for, commit 1 is live, all is well.
fn ready() -> RepositoryFacts {
    RepositoryFacts {
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        branch: "main".to_owned(),
        environments: vec![name("production"), name("staging")],
        asked_environment: name("production"),
        environment: Some(EnvironmentFacts {
            name: name("production"),
            live: Some(deployment(1, DeploymentState::Succeeded)),
            running: None,
            failed: None,
        }),
        commit: found(ChecksState::Success, true),
        changes: Some(Changes {
            ahead: 1,
            base: Some(sha(1)),
            ..Changes::uncounted(sha(2))
        }),
        policy: Ok(Policy::default()),
    }
}

fn found(state: ChecksState, is_on_branch: bool) -> CommitFacts {
    let found = FoundCommit {
        commit: commit(2),
        checks: checks(state),
        is_on_branch,
    };
    CommitFacts::Found(Box::new(found))
}

fn decide(facts: RepositoryFacts) -> Decision {
    evaluate(&Facts::Repository(Box::new(facts)), None)
}

fn refusals(facts: RepositoryFacts) -> Vec<Refusal> {
    match decide(facts) {
        Decision::Refused(refusals) => refusals,
        Decision::Ready(decided) => panic!("{decided:?}"),
    }
}

fn with_environment(change: impl FnOnce(&mut EnvironmentFacts)) -> RepositoryFacts {
    let mut facts = ready();
    change(facts.environment.as_mut().unwrap());
    facts
}

#[test]
fn a_green_commit_of_the_branch_is_ready() {
    let Decision::Ready(decided) = decide(ready()) else {
        panic!("refused")
    };
    assert_eq!(decided.environment, name("production"));
    assert_eq!(decided.commit, commit(2));
    assert_eq!(decided.changes.ahead, 1);
}

#[test]
fn the_first_deployment_of_all_is_ready() {
    assert!(matches!(
        decide(with_environment(|it| it.live = None)),
        Decision::Ready(_)
    ));
}

#[test]
fn an_earlier_commit_may_go_out_again() {
    let mut facts = ready();
    facts.changes = Some(Changes {
        behind: 3,
        base: Some(sha(1)),
        ..Changes::uncounted(sha(2))
    });
    let Decision::Ready(decided) = decide(facts) else {
        panic!("refused")
    };
    assert!(decided.changes.is_rollback());
}

#[test]
fn unknown_repository() {
    let candidates = vec!["acme/people".to_owned()];
    let facts = Facts::NoRepository {
        candidates: candidates.clone(),
    };
    assert_eq!(
        evaluate(&facts, None),
        Decision::Refused(vec![Refusal::UnknownRepository { candidates }])
    );
}

#[test]
fn unknown_environment_names_those_there_are_the_nearest_first() {
    let asked_environment = name("stagin");
    let facts = RepositoryFacts {
        asked_environment,
        environment: None,
        changes: None,
        ..ready()
    };
    let candidates = vec!["staging".to_owned(), "production".to_owned()];
    assert_eq!(
        refusals(facts),
        [Refusal::UnknownEnvironment { candidates }]
    );
}

#[test]
fn unknown_commit() {
    let candidates = vec![sha(3).to_string()];
    let commit = CommitFacts::Unknown {
        candidates: candidates.clone(),
    };
    let facts = RepositoryFacts {
        commit,
        changes: None,
        ..ready()
    };
    assert_eq!(refusals(facts), [Refusal::UnknownCommit { candidates }]);
}

#[test]
fn ambiguous_commit() {
    let commits = vec![commit(3), commit(4)];
    let facts = RepositoryFacts {
        commit: CommitFacts::Ambiguous(commits.clone()),
        changes: None,
        ..ready()
    };
    assert_eq!(refusals(facts), [Refusal::AmbiguousCommit { commits }]);
}

#[test]
fn not_on_allowed_branch() {
    let facts = RepositoryFacts {
        commit: found(ChecksState::Success, false),
        ..ready()
    };
    let branches = vec!["main".to_owned()];
    assert_eq!(refusals(facts), [Refusal::NotOnAllowedBranch { branches }]);
}

#[test]
fn checks_that_are_not_green() {
    for (state, refusal) in [
        (
            ChecksState::Failure,
            Refusal::ChecksFailed {
                checks: vec!["lint".to_owned()],
            },
        ),
        (
            ChecksState::Pending,
            Refusal::ChecksPending { done: 1, total: 2 },
        ),
        (ChecksState::None, Refusal::ChecksMissing),
        (ChecksState::Unreadable, Refusal::ChecksUnreadable),
    ] {
        let facts = RepositoryFacts {
            commit: found(state, true),
            ..ready()
        };
        assert_eq!(refusals(facts), [refusal]);
    }
}

#[test]
fn already_running_names_the_deployment() {
    for state in [
        DeploymentState::Pending,
        DeploymentState::Running,
        DeploymentState::Unknown,
    ] {
        let running = deployment(3, state);
        let facts = with_environment(|it| it.running = Some(running.clone()));
        let deployment = Some(Box::new(running));
        assert_eq!(refusals(facts), [Refusal::AlreadyRunning { deployment }]);
    }
}

#[test]
fn already_live_names_the_deployment() {
    let live = deployment(2, DeploymentState::Succeeded);
    let facts = with_environment(|it| it.live = Some(live.clone()));
    let deployment = Some(Box::new(live));
    assert_eq!(refusals(facts), [Refusal::AlreadyLive { deployment }]);
}

/// What a button or a dialog told is what it does, or nothing.
#[test]
fn what_is_live_is_what_the_requester_was_told() {
    let decide = |live: Option<u8>, expected: &str| {
        let mut facts = ready();
        facts.changes = Some(Changes {
            base: live.map(sha),
            ..Changes::uncounted(sha(2))
        });
        let live = live.map(|n| deployment(n, DeploymentState::Succeeded));
        facts.environment.as_mut().unwrap().live = live;
        let expected = expected.parse().unwrap();
        evaluate(&Facts::Repository(Box::new(facts)), Some(&expected))
    };
    let whole = sha(1).to_string();
    for (live, expected) in [(Some(1), &*whole), (None, &*whole), (None, "")] {
        let decision = decide(live, expected);
        assert!(matches!(decision, Decision::Ready(_)), "{decision:?}");
    }
    for expected in [&*whole, ""] {
        let Decision::Refused(refusals) = decide(Some(3), expected) else {
            panic!("{expected:?}: ready")
        };
        let deployment = Box::new(deployment(3, DeploymentState::Succeeded));
        assert_eq!(refusals, [Refusal::LiveChanged { deployment }]);
        // What is wanted is live, which says enough.
        let Decision::Refused(refusals) = decide(Some(2), expected) else {
            panic!("{expected:?}: ready")
        };
        assert!(matches!(*refusals, [Refusal::AlreadyLive { .. }]));
    }
    // A force-push removed it: nobody could be told what is live.
    let mut facts = ready();
    facts.changes = Some(Changes::uncounted(sha(2)));
    let expected = ExpectedLive::Nothing;
    let decision = evaluate(&Facts::Repository(Box::new(facts)), Some(&expected));
    assert!(matches!(decision, Decision::Ready(_)), "{decision:?}");
}

/// Rolling back to it is what the failure's message offers.
#[test]
fn what_is_live_may_be_brought_back_after_a_newer_one_failed() {
    let mut facts = with_environment(|environment| {
        environment.live = Some(deployment(2, DeploymentState::Succeeded));
        environment.failed = Some(sha(3));
    });
    facts.changes = Some(Changes::uncounted(sha(2)));
    match decide(facts) {
        Decision::Ready(decided) => assert_eq!(decided.replaces, Some(sha(3))),
        Decision::Refused(refusals) => panic!("{refusals:?}"),
    }
}

#[test]
fn every_reason_that_holds_is_told() {
    let mut facts = with_environment(|it| {
        it.live = Some(deployment(2, DeploymentState::Succeeded));
        it.running = Some(deployment(3, DeploymentState::Running));
    });
    facts.commit = found(ChecksState::Failure, false);
    let told = refusals(facts);
    assert!(
        matches!(
            told.as_slice(),
            [
                Refusal::NotOnAllowedBranch { .. },
                Refusal::ChecksFailed { .. },
                Refusal::AlreadyRunning { .. },
                Refusal::AlreadyLive { .. },
            ]
        ),
        "{told:?}"
    );
}

#[test]
fn environment_and_commit_may_both_be_unknown() {
    let facts = RepositoryFacts {
        environment: None,
        commit: CommitFacts::Unknown { candidates: vec![] },
        changes: None,
        ..ready()
    };
    let told = refusals(facts);
    assert!(
        matches!(
            told.as_slice(),
            [
                Refusal::UnknownEnvironment { .. },
                Refusal::UnknownCommit { .. }
            ]
        ),
        "{told:?}"
    );
}

fn any_checks() -> impl Strategy<Value = ChecksState> {
    prop_oneof![
        Just(ChecksState::None),
        Just(ChecksState::Pending),
        Just(ChecksState::Success),
        Just(ChecksState::Failure),
        Just(ChecksState::Unreadable),
    ]
}

fn any_commit() -> impl Strategy<Value = CommitFacts> {
    prop_oneof![
        4 => (any_checks(), any::<bool>()).prop_map(|(state, on)| found(state, on)),
        1 => Just(CommitFacts::Unknown { candidates: vec![] }),
        1 => Just(CommitFacts::Ambiguous(vec![commit(1), commit(2)])),
    ]
}

fn any_environment() -> impl Strategy<Value = Option<EnvironmentFacts>> {
    let facts = (proptest::option::of(1_u8..4), any::<bool>()).prop_map(|(live, running)| {
        EnvironmentFacts {
            name: name("production"),
            live: live.map(|n| deployment(n, DeploymentState::Succeeded)),
            running: running.then(|| deployment(9, DeploymentState::Running)),
            failed: None,
        }
    });
    proptest::option::weighted(0.8, facts)
}

proptest! {
    #[test]
    fn ready_means_that_every_condition_holds(
        commit in any_commit(),
        environment in any_environment(),
    ) {
        let facts = RepositoryFacts { commit, environment, ..ready() };
        let may_go_out = facts.found().is_some_and(|found| {
            found.is_on_branch && found.checks.state == ChecksState::Success
        }) && facts.environment.as_ref().is_some_and(|environment| {
            environment.running.is_none()
                && environment.live.as_ref().is_none_or(|live| live.commit.sha != sha(2))
        });
        match decide(facts) {
            Decision::Ready(_) => prop_assert!(may_go_out),
            Decision::Refused(refusals) => {
                prop_assert!(!may_go_out);
                prop_assert!(!refusals.is_empty(), "a refusal says why");
            }
        }
    }
}

#[test]
fn rules_that_cannot_be_read_refuse() {
    let text = "environments:\n  production:\n    chanel: C0123ABC\n";
    let facts = RepositoryFacts {
        policy: Policy::read(PolicyFile::Text(text)),
        ..ready()
    };
    let error = PolicyError {
        at: Some((3, 5)),
        problem: PolicyProblem::UnknownKey {
            key: "chanel".to_owned(),
            known: "channel".to_owned(),
        },
    };
    assert_eq!(refusals(facts), [Refusal::PolicyUnreadable(error)]);
    let with_rules = |text| RepositoryFacts {
        policy: Policy::read(PolicyFile::Text(text)),
        ..ready()
    };
    let named = with_rules("environments: {production: {channel: C0123ABC}}");
    assert!(matches!(decide(named), Decision::Ready(_)));
}
