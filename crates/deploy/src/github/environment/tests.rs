//! What is live and what is going out, by the history of statuses.

use serde_json::{Value, json};

use super::*;

/// A deployment whose number is also its second of creation.
fn deployment(number: u64, environment: &str, states: &[&str]) -> Value {
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    let number_as_second = i64::try_from(number).unwrap();
    let mut statuses: Vec<Value> = states
        .iter()
        .zip(number_as_second..)
        .map(|(state, second)| json!({"state": state, "createdAt": at(second)}))
        .collect();
    statuses.reverse();
    json!({
        "id": format!("DE_{number}"), "databaseId": number, "environment": environment,
        "createdAt": at(number_as_second), "commitOid": format!("{number:040x}"),
        "commit": null, "payload": null, "creator": null,
        "latestStatus": statuses.first(),
        "statuses": {"totalCount": statuses.len(), "nodes": statuses},
    })
}

fn environment(name: &str, completed: &Value) -> Value {
    json!({"name": name, "latestCompletedDeployment": completed})
}

fn read(environments: &[Value], deployments: &[Value], cut_short: bool) -> Environments {
    let nodes = |nodes: &[Value], more| json!({"nodes": nodes, "pageInfo": {"hasNextPage": more}});
    let answer = json!({
        "url": "https://github.com/acme/people",
        "environments": nodes(environments, false),
        "named": nodes(&[], false),
        "deployments": nodes(deployments, cut_short),
    });
    let default = ["staging".parse().unwrap(), "production".parse().unwrap()];
    let answer = EnvironmentsNode::deserialize(answer).unwrap();
    answer.read(&default).unwrap()
}

fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

fn live_number(environments: &Environments) -> Option<u64> {
    match environments.live(&production()) {
        Live::Is(deployment) => Some(deployment.id.number),
        _ => None,
    }
}

#[test]
fn of_two_that_say_success_the_newer_is_live() {
    let both = read(
        &[environment("production", &Value::Null)],
        &[
            deployment(1, "production", &["SUCCESS"]),
            deployment(2, "production", &["SUCCESS"]),
        ],
        false,
    );
    assert_eq!(live_number(&both), Some(2));
}

#[test]
fn neither_a_failed_nor_a_cancelled_one_is_live() {
    let environments = read(
        &[environment("production", &Value::Null)],
        &[
            deployment(4, "production", &["IN_PROGRESS", "INACTIVE"]),
            deployment(3, "production", &["IN_PROGRESS", "FAILURE"]),
            deployment(2, "production", &["SUCCESS", "INACTIVE"]),
            deployment(5, "staging", &["SUCCESS"]),
        ],
        false,
    );
    assert_eq!(live_number(&environments), Some(2));
    assert_eq!(environments.running(&production()), None);
}

#[test]
fn running_is_the_newest_that_has_not_ended_and_is_newer_than_what_is_live() {
    let mut rows = vec![
        deployment(5, "production", &["FAILURE"]),
        deployment(4, "production", &["QUEUED"]),
        deployment(3, "production", &[]),
        deployment(2, "production", &["SUCCESS"]),
        deployment(1, "production", &["IN_PROGRESS"]),
    ];
    let environments = read(&[environment("production", &Value::Null)], &rows, false);
    assert_eq!(environments.running(&production()).unwrap().id.number, 4);
    let name = production();
    let standing = environments.standing(&name).map(|one| one.id.number);
    assert_eq!(standing.collect::<Vec<_>>(), [4, 3]);
    rows.drain(..3);
    let environments = read(&[environment("production", &Value::Null)], &rows, false);
    assert_eq!(
        environments.running(&production()),
        None,
        "1 was overtaken by 2"
    );
}

#[test]
fn the_newest_that_ended_tells_what_a_short_list_does_not() {
    let busy = [deployment(9, "staging", &["SUCCESS"])];
    let ended = |states: &[&str]| environment("production", &deployment(2, "production", states));
    assert_eq!(
        live_number(&read(&[ended(&["SUCCESS"])], &busy, true)),
        Some(2)
    );
    let failed = read(&[ended(&["FAILURE"])], &busy, true);
    assert_eq!(failed.live(&production()), Live::FurtherBack);
    let never = read(&[environment("production", &Value::Null)], &busy, true);
    assert_eq!(never.live(&production()), Live::Nothing);
    let whole = read(&[environment("production", &Value::Null)], &busy, false);
    assert_eq!(whole.live(&production()), Live::Nothing);
}

#[test]
fn an_environment_that_is_crowded_out_shows_its_newest_that_ended() {
    let numbers = |deployments: &[Value]| -> Vec<u64> {
        let ended = environment("production", &deployment(2, "production", &["SUCCESS"]));
        let environments = read(&[ended], deployments, true);
        let name = production();
        let shown = environments.history_of(&name);
        shown.iter().map(|one| one.id.number).collect()
    };
    let busy = deployment(9, "staging", &["SUCCESS"]);
    let running = deployment(8, "production", &["QUEUED"]);
    let listed = deployment(2, "production", &["SUCCESS"]);
    assert_eq!(numbers(std::slice::from_ref(&busy)), [2]);
    assert_eq!(numbers(&[busy.clone(), running]), [8, 2]);
    assert_eq!(numbers(&[busy, listed]), [2], "it is told once");
}

#[test]
fn how_one_ended_of_which_only_inactive_is_told_is_hidden() {
    let hidden = |states: &[&str], listed: &[Value]| {
        // Of it GitHub tells the latest status alone.
        let mut ended = deployment(2, "production", states);
        ended["statuses"] = Value::Null;
        let environments = read(&[environment("production", &ended)], listed, true);
        environments.is_end_hidden(&production())
    };
    let busy = deployment(9, "staging", &["SUCCESS"]);
    let states = ["SUCCESS", "INACTIVE"];
    assert!(hidden(&states, std::slice::from_ref(&busy)));
    let listed = deployment(2, "production", &states);
    assert!(!hidden(&states, &[busy.clone(), listed]));
    assert!(!hidden(&["FAILURE"], std::slice::from_ref(&busy)));
    assert!(!hidden(&["SUCCESS"], &[busy]));
}

#[test]
fn a_later_answer_tells_what_lies_further_back() {
    let mut environments = read(
        &[environment(
            "production",
            &deployment(3, "production", &["FAILURE"]),
        )],
        &[
            deployment(9, "staging", &["SUCCESS"]),
            deployment(3, "production", &["FAILURE"]),
        ],
        true,
    );
    assert_eq!(environments.live(&production()), Live::FurtherBack);
    let further = json!({"nodes": [
        deployment(3, "production", &["FAILURE"]),
        deployment(1, "production", &["SUCCESS"]),
    ]});
    let further = newest_first(Nodes::deserialize(further).unwrap(), "").unwrap();
    environments.add(further);
    environments.no_more_is_told_of(vec![production()]);
    assert_eq!(live_number(&environments), Some(1));
    assert_eq!(environments.of(&production()).count(), 2);
}

#[test]
fn production_comes_first_and_defaults_stand_in_only_for_none() {
    let names = |environments: &Environments| {
        environments
            .known
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let known = ["web", "Prod", "dev"].map(|name| environment(name, &Value::Null));
    assert_eq!(names(&read(&known, &[], false)), "Prod dev web");
    assert_eq!(names(&read(&[], &[], false)), "production staging");
    let rows = [deployment(1, "blue", &[]), deployment(2, "blue", &[])];
    assert_eq!(names(&read(&[], &rows, false)), "production blue staging");
}

#[test]
fn names_of_environments_are_compared_without_regard_to_case() {
    let rows = [deployment(1, "Production", &["SUCCESS"])];
    let environments = read(&[environment("production", &Value::Null)], &rows, false);
    assert_eq!(live_number(&environments), Some(1));
}

#[test]
fn a_deployment_that_is_gone_is_passed_over() {
    let rows = [
        Value::Null,
        deployment(2, "a\u{7}b", &[]),
        deployment(1, "production", &["SUCCESS"]),
    ];
    let environments = read(&[environment("production", &Value::Null)], &rows, false);
    assert_eq!(live_number(&environments), Some(1));
}

#[test]
fn an_answer_without_environments_is_no_answer() {
    let answer = EnvironmentsNode::deserialize(json!({"url": ""})).unwrap();
    let error = answer.read(&[]).unwrap_err();
    assert!(matches!(error, Error::Unreadable(_)));
}
