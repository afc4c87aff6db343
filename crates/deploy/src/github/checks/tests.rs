//! Checks as GitHub lists them, folded.

use serde_json::{Value, json};

use super::*;

fn run(name: &str, status: &str, conclusion: Option<&str>) -> Value {
    json!({"__typename": "CheckRun", "name": name, "status": status, "conclusion": conclusion,
           "startedAt": "2026-11-22T10:00:00Z", "checkSuite": {"app": {"slug": "actions"}}})
}

fn status(context: &str, state: &str) -> Value {
    json!({"__typename": "StatusContext", "context": context, "state": state})
}

fn folded(state: &str, contexts: &[Value]) -> Checks {
    of(&json!({"state": state, "contexts": {
        "totalCount": contexts.len(), "pageInfo": {"hasNextPage": false}, "nodes": contexts,
    }}))
}

fn of(rollup: &Value) -> Checks {
    fold(Some(&Rollup::deserialize(rollup).unwrap()))
}

#[test]
fn a_commit_without_checks_has_none() {
    assert_eq!(fold(None).state, ChecksState::None);
}

#[test]
fn skipped_and_neutral_are_fine() {
    let checks = folded(
        "SUCCESS",
        &[
            run("build", "COMPLETED", Some("SUCCESS")),
            run("docs", "COMPLETED", Some("SKIPPED")),
            run("size", "COMPLETED", Some("NEUTRAL")),
            status("ci/legacy", "SUCCESS"),
        ],
    );
    assert_eq!(
        (checks.state, checks.done, checks.total),
        (ChecksState::Success, 4, 4)
    );
}

#[test]
fn every_bad_end_is_a_failure_with_its_name() {
    let ends = [
        "FAILURE",
        "CANCELLED",
        "TIMED_OUT",
        "ACTION_REQUIRED",
        "STALE",
        "STARTUP_FAILURE",
    ];
    let runs: Vec<Value> = ends
        .iter()
        .map(|end| run(&end.to_lowercase(), "COMPLETED", Some(end)))
        .collect();
    let checks = folded("FAILURE", &runs);
    assert_eq!(checks.state, ChecksState::Failure);
    insta::assert_snapshot!(
        checks.failed.join(" "),
        @"action_required cancelled failure stale startup_failure timed_out"
    );
}

#[test]
fn pending_tells_how_many_are_done() {
    let checks = folded(
        "PENDING",
        &[
            run("build", "IN_PROGRESS", None),
            run("lint", "COMPLETED", Some("SUCCESS")),
            status("ci/legacy", "EXPECTED"),
        ],
    );
    assert_eq!(
        (checks.state, checks.done, checks.total),
        (ChecksState::Pending, 1, 3)
    );
}

#[test]
fn one_that_failed_is_not_waited_for() {
    let runs = [
        run("build", "QUEUED", None),
        run("lint", "COMPLETED", Some("FAILURE")),
    ];
    assert_eq!(folded("PENDING", &runs).state, ChecksState::Failure);
}

#[test]
fn the_newest_runs_may_make_green_worse_but_not_better() {
    let green = run("build", "COMPLETED", Some("SUCCESS"));
    let cancelled = run("lint", "COMPLETED", Some("CANCELLED"));
    let failed = folded("SUCCESS", &[green.clone(), cancelled]);
    assert_eq!(failed.state, ChecksState::Failure);
    assert_eq!(failed.failed, ["lint"]);
    let mut again = run("build", "QUEUED", None);
    for started_at in [json!("2026-11-22T11:00:00Z"), Value::Null] {
        again["startedAt"] = started_at;
        for runs in [
            [green.clone(), again.clone()],
            [again.clone(), green.clone()],
        ] {
            let waits = folded("SUCCESS", &runs);
            assert_eq!((waits.state, waits.done), (ChecksState::Pending, 0));
        }
    }
    let pending = status("ci/legacy", "PENDING");
    assert_eq!(folded("SUCCESS", &[pending]).state, ChecksState::Pending);
    let all_green = folded("FAILURE", &[green]);
    assert_eq!(all_green.state, ChecksState::Failure);
}

#[test]
fn only_the_newest_run_of_a_check_counts() {
    let mut again = run("build", "COMPLETED", Some("SUCCESS"));
    again["startedAt"] = "2026-11-22T11:00:00Z".into();
    let checks = folded(
        "SUCCESS",
        &[again, run("build", "COMPLETED", Some("FAILURE"))],
    );
    assert_eq!(
        (checks.state, checks.done, checks.total),
        (ChecksState::Success, 1, 1)
    );
    assert!(checks.failed.is_empty());
}

/// A job of a workflow that ran on this event.
fn job(event: &str, name: &str, status: &str, conclusion: Option<&str>) -> Value {
    let mut run = run(name, status, conclusion);
    run["detailsUrl"] = json!("https://github.test/acme/people/actions/runs/7/job/8");
    run["checkSuite"]["workflowRun"] = json!({ "event": event });
    run
}

#[test]
fn what_a_deployment_came_to_says_nothing_about_the_commit() {
    let build = job("push", "build", "COMPLETED", Some("SUCCESS"));
    let failed = job("deployment", "deploy", "COMPLETED", Some("FAILURE"));
    let runs = job("deployment", "deploy", "IN_PROGRESS", None);
    for state in ["FAILURE", "PENDING", "SUCCESS"] {
        let checks = folded(state, &[build.clone(), failed.clone(), runs.clone()]);
        assert_eq!(
            (checks.state, checks.done, checks.total),
            (ChecksState::Success, 1, 1)
        );
    }
    for state in ["FAILURE", "SUCCESS"] {
        let alone = folded(state, std::slice::from_ref(&failed));
        assert_eq!((alone.state, alone.total), (ChecksState::None, 0));
    }
    let open = job("push", "build", "QUEUED", None);
    let open = folded("FAILURE", &[open, failed.clone()]);
    assert_eq!((open.state, open.total), (ChecksState::Pending, 1));
    let maybe = job("push", "build", "COMPLETED", Some("MAYBE"));
    let maybe = folded("FAILURE", &[maybe, failed.clone()]);
    assert_eq!(maybe.state, ChecksState::Unreadable);
    let new_word = folded("BLUE", &[build.clone(), failed.clone()]);
    assert_eq!(new_word.state, ChecksState::Unreadable);
    let cut = json!({"state": "FAILURE", "contexts": {
        "totalCount": 250, "pageInfo": {"hasNextPage": true}, "nodes": [build, failed],
    }});
    assert_eq!(of(&cut).state, ChecksState::Failure, "more may have failed");
}

#[test]
fn a_deployment_hides_no_check_that_is_none_of_its_own() {
    let build = job("push", "build", "COMPLETED", Some("SUCCESS"));
    let failed = job("deployment", "deploy", "COMPLETED", Some("FAILURE"));
    let well = job("deployment", "deploy", "COMPLETED", Some("SUCCESS"));
    // GitHub knows of a failure that the list does not show, or no more.
    let hidden = folded("FAILURE", &[build.clone(), well.clone()]);
    assert_eq!(hidden.state, ChecksState::Failure);
    let hidden = folded("PENDING", &[build.clone(), well, failed.clone()]);
    assert_eq!(hidden.state, ChecksState::Pending);
    // Another workflow's job of the same name.
    let mut red = job("push", "build", "COMPLETED", Some("FAILURE"));
    red["startedAt"] = "2026-11-22T09:00:00Z".into();
    let both = folded("FAILURE", &[build.clone(), red, failed.clone()]);
    assert_eq!(both.state, ChecksState::Failure);
    for others in [
        job("push", "deploy", "COMPLETED", Some("FAILURE")),
        job("deployment_status", "smoke", "COMPLETED", Some("FAILURE")),
        // A report that GitHub has put into the suite of the deployment.
        {
            let mut report = failed.clone();
            report["detailsUrl"] = json!("https://github.test/acme/people/runs/9");
            report
        },
        {
            let mut report = failed.clone();
            report["detailsUrl"] = Value::Null;
            report
        },
    ] {
        let checks = folded("FAILURE", &[build.clone(), others.clone(), failed.clone()]);
        assert_eq!(checks.state, ChecksState::Failure, "{others}");
        assert_eq!(checks.total, 2, "{others}");
    }
}

#[test]
fn what_cannot_be_read_whole_is_not_green() {
    let green = [run("build", "COMPLETED", Some("SUCCESS"))];
    let cut = json!({"state": "SUCCESS", "contexts": {
        "totalCount": 250, "pageInfo": {"hasNextPage": true}, "nodes": green,
    }});
    assert_eq!(
        (of(&cut).state, of(&cut).total),
        (ChecksState::Unreadable, 250)
    );
    let hole = json!({"state": "SUCCESS", "contexts": {"totalCount": 1, "nodes": [null]}});
    assert_eq!(of(&hole).state, ChecksState::Unreadable);
    let bare = json!({"state": "SUCCESS"});
    assert_eq!(of(&bare).state, ChecksState::Unreadable);
    for word in ["BLUE", "UNREADABLE"] {
        assert_eq!(folded(word, &green).state, ChecksState::Unreadable);
    }
    let new_word = [run("build", "COMPLETED", Some("MAYBE"))];
    assert_eq!(folded("SUCCESS", &new_word).state, ChecksState::Unreadable);
    let endless = [run("build", "COMPLETED", None)];
    assert_eq!(folded("SUCCESS", &endless).state, ChecksState::Unreadable);
    let new_kind = [json!({"__typename": "Oracle"})];
    assert_eq!(folded("SUCCESS", &new_kind).state, ChecksState::Unreadable);
}

#[test]
fn a_failure_is_a_failure_though_the_list_is_cut_short() {
    let cut = json!({"state": "FAILURE", "contexts": {
        "totalCount": 250, "pageInfo": {"hasNextPage": true}, "nodes": [],
    }});
    assert_eq!(of(&cut).state, ChecksState::Failure);
}

#[test]
fn a_later_page_makes_it_whole() {
    let page = |name: &str, more: bool| {
        Rollup::deserialize(json!({"state": "SUCCESS", "contexts": {
            "totalCount": 2,
            "pageInfo": {"hasNextPage": more, "endCursor": "x"},
            "nodes": [run(name, "COMPLETED", Some("SUCCESS"))],
        }}))
        .unwrap()
    };
    let first = page("build", true);
    assert_eq!(first.next_page().as_deref(), Some("x"));
    let whole = fold(Some(&first.joined(page("lint", false))));
    assert_eq!((whole.state, whole.total), (ChecksState::Success, 2));
}
