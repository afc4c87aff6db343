//! Payloads as they should be, and as nobody should send them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

fn read_value(event: &str, payload: &Value) -> Reading {
    read(event, false, payload.to_string().as_bytes())
}

#[test]
fn a_deployment_is_known_by_both_its_ids() {
    let repository = json!({"full_name": "acme/people"});
    let deployment = |deployment: Value| {
        let payload = json!({"repository": repository, "deployment": deployment});
        match read_value("deployment_status", &payload) {
            Reading::Look(name, Subject::Deployment(id)) if name == people() => id,
            other => panic!("{other:?}"),
        }
    };
    let known = deployment(json!({"id": 7, "node_id": "DE_7", "payload": "a string"}));
    assert_eq!(
        known,
        Some(DeploymentId {
            number: 7,
            node: "DE_7".to_owned()
        })
    );
    for odd in [
        json!(null),
        json!("7"),
        json!([]),
        json!({}),
        json!({"id": 7}),
        json!({"node_id": "DE_7"}),
        json!({"id": "7", "node_id": "DE_7"}),
        json!({"id": -7, "node_id": "DE_7"}),
        json!({"id": 7.5, "node_id": "DE_7"}),
        json!({"id": 7, "node_id": 7}),
        json!({"id": 7, "node_id": ""}),
        json!({"id": 7, "node_id": "D E"}),
        json!({"id": 7, "node_id": "D".repeat(1000)}),
    ] {
        assert_eq!(deployment(odd.clone()), None, "{odd}");
    }
}

#[test]
fn a_deployments_own_payload_is_of_no_interest() {
    for own in [
        json!("a string"),
        json!(["an", "array"]),
        json!("x".repeat(1024 * 1024)),
        json!({"repository": {"full_name": "evil/other"}}),
        json!(null),
        json!(7),
    ] {
        let payload = json!({
            "deployment": {"id": 7, "node_id": "DE_7", "payload": own},
            "repository": {"full_name": "acme/people"},
        });
        let reading = read_value("deployment", &payload);
        let looks = matches!(&reading, Reading::Look(name, Subject::Deployment(Some(_)))
            if *name == people());
        assert!(looks, "{reading:?}");
    }
}

#[test]
fn a_repository_is_known_by_its_name_and_owner_too() {
    let named = |repository: Value| {
        let reading = read_value("status", &json!({"repository": repository}));
        matches!(reading, Reading::Look(name, Subject::Commits) if name == people())
    };
    assert!(named(json!({"full_name": "acme/people"})));
    assert!(named(
        json!({"full_name": null, "name": "people", "owner": {"login": "acme"}})
    ));
    for odd in [
        json!(null),
        json!("acme/people"),
        json!(["acme/people"]),
        json!({}),
        json!({"full_name": "people"}),
        json!({"full_name": "acme/people/../.."}),
        json!({"full_name": "a".repeat(100_000)}),
        json!({"full_name": 7, "name": "people"}),
        json!({"name": "people", "owner": "acme"}),
        json!({"name": "people", "owner": {"login": 7}}),
    ] {
        assert!(!named(odd.clone()), "{odd}");
    }
}

#[test]
fn of_pushes_only_those_to_the_default_branch_count() {
    let push = |reference: Value, default_branch: Value| {
        let repository = json!({"full_name": "acme/people", "default_branch": default_branch});
        let payload = json!({"ref": reference, "repository": repository});
        matches!(read_value("push", &payload), Reading::Look(..))
    };
    assert!(push(json!("refs/heads/main"), json!("main")));
    assert!(push(json!("refs/heads/release/1.0"), json!("release/1.0")));
    assert!(!push(json!("refs/heads/topic"), json!("main")));
    assert!(!push(json!("refs/heads/topic/main"), json!("main")));
    assert!(!push(json!("refs/tags/main"), json!("main")));
    // Where it can't be told, a look does no harm.
    assert!(push(json!(null), json!("main")));
    assert!(push(json!("refs/heads/topic"), json!(null)));
    assert!(push(json!(["refs/heads/topic"]), json!(7)));
}

#[test]
fn a_reference_matters_in_pushes_alone() {
    let repository = json!({"full_name": "acme/people", "default_branch": "main"});
    let payload = json!({"ref": "refs/heads/topic", "repository": repository});
    let reading = read_value("deployment", &payload);
    assert_eq!(reading, Reading::Look(people(), Subject::Deployment(None)));
}

#[test]
fn what_is_no_event_of_a_deployment_is_about_commits() {
    let payload = json!({
        "deployment": {"id": 7, "node_id": "DE_7"},
        "repository": {"full_name": "acme/people"},
    });
    for event in ["check_run", "check_suite", "push", "status", "workflow_run"] {
        let reading = read_value(event, &payload);
        assert_eq!(
            reading,
            Reading::Look(people(), Subject::Commits),
            "{event}"
        );
    }
}

#[test]
fn checks_are_known_by_their_suite() {
    let about = |event: &str, payload: Value| {
        let mut payload = payload;
        payload["repository"] = json!({"full_name": "acme/people"});
        match read_value(event, &payload) {
            Reading::Look(name, about) if name == people() => about,
            other => panic!("{other:?}"),
        }
    };
    let job = "https://github.test/acme/people/actions/runs/7/job/8";
    let of = |details: Value, suite: Value| {
        let run = json!({"details_url": details, "check_suite": suite});
        about("check_run", json!({ "check_run": run }))
    };
    let run = |suite: Value| of(json!(job), suite);
    for report in [
        json!("https://github.test/acme/people/runs/9"),
        json!(null),
        json!(7),
    ] {
        assert_eq!(of(report, json!({"id": 7})), Subject::Commits);
    }
    let suite = |suite: Value| about("check_suite", json!({ "check_suite": suite }));
    assert_eq!(run(json!({"id": 7})), Subject::Suite(7));
    assert_eq!(suite(json!({"id": 7})), Subject::Suite(7));
    for odd in [
        json!(null),
        json!(7),
        json!({}),
        json!({"id": "7"}),
        json!({"id": -7}),
    ] {
        assert_eq!(run(odd.clone()), Subject::Commits, "{odd}");
        assert_eq!(suite(odd.clone()), Subject::Commits, "{odd}");
    }
}

#[test]
fn a_workflow_that_carries_out_a_deployment_is_none_that_checks_a_commit() {
    let about = |run: Value| {
        let payload = json!({"workflow_run": run, "repository": {"full_name": "acme/people"}});
        match read_value("workflow_run", &payload) {
            Reading::Look(_, about) => about,
            other => panic!("{other:?}"),
        }
    };
    let run = json!({"event": "deployment", "check_suite_id": 7});
    assert_eq!(about(run), Subject::DeploymentRun(Some(7)));
    let odd = json!({"event": "deployment", "check_suite_id": "7"});
    assert_eq!(about(odd), Subject::DeploymentRun(None));
    for odd in [
        json!({"event": "deployment_status", "check_suite_id": 7}),
        json!({"event": "push", "check_suite_id": 7}),
        json!({"event": ["deployment"], "check_suite_id": 7}),
        json!({"check_suite_id": 7}),
        json!("deployment"),
        json!(null),
    ] {
        assert_eq!(about(odd.clone()), Subject::Commits, "{odd}");
    }
}

#[test]
fn a_form_holds_the_same() {
    let form = b"payload=%7B%22repository%22%3A+%7B%22full_name%22%3A+%22acme%2Fpeople%22%7D%7D";
    let read_form = read("status", true, form);
    assert_eq!(read_form, Reading::Look(people(), Subject::Commits));
    for odd in [
        &b""[..],
        b"payload",
        b"payload=",
        b"payload=%",
        b"payload=%FF%FE",
        b"other=%7B%7D",
        b"{\"repository\": {\"full_name\": \"acme/people\"}}",
        b"\xff\xfe=\x00",
    ] {
        assert_eq!(read("status", true, odd), Reading::Unreadable, "{odd:?}");
    }
}

#[test]
fn what_is_no_payload_is_unreadable() {
    let deep = "[".repeat(1_000_000);
    let deep_inside = format!("{{\"repository\": {}", "{\"a\":".repeat(1_000_000));
    for odd in [
        &b""[..],
        b"null",
        b"7",
        b"\"acme/people\"",
        b"[]",
        b"[[], {}, null]",
        b"{}",
        b"{",
        b"not JSON",
        b"\xff\xfe\x00",
        b"{\"repository\": {\"full_name\": \"acme/\xffpeople\"}}",
        b"{\"repository\": {\"full_name\": \"acme/\\ud800\"}}",
        b"{\"repository\": {\"full_name\": \"acme/people\"}} and more",
        b"{\"repository\": {\"full_name\": \"acme/people\"}, \"repository\": {}}",
        deep.as_bytes(),
        deep_inside.as_bytes(),
    ] {
        let shown = String::from_utf8_lossy(&odd[..odd.len().min(60)]);
        assert_eq!(read("push", false, odd), Reading::Unreadable, "{shown}");
    }
}

#[test]
fn what_others_wrote_need_not_be_text() {
    let payload = b"{\"sender\": \"\xff\xfe\", \"repository\": {\"full_name\": \"acme/people\"}}";
    assert_eq!(
        read("status", false, payload),
        Reading::Look(people(), Subject::Commits)
    );
}

/// Any JSON, with the names that are read among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("repository".to_owned()),
        Just("deployment".to_owned()),
        Just("check_run".to_owned()),
        Just("check_suite".to_owned()),
        Just("workflow_run".to_owned()),
        Just("event".to_owned()),
        Just("full_name".to_owned()),
        Just("id".to_owned()),
        Just("node_id".to_owned()),
        Just("ref".to_owned()),
        Just("owner".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("acme/people")),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_are_too_odd(event: String, is_form: bool, body: Vec<u8>) {
        read(&event, is_form, &body);
    }

    #[test]
    fn no_json_is_too_odd(payload in any_json()) {
        for event in ["push", "deployment", "check_run", "check_suite", "workflow_run"] {
            read_value(event, &payload);
        }
    }

    #[test]
    fn a_payload_cut_anywhere_is_unreadable(at in 0.0..1.0) {
        let payload = json!({
            "deployment": {"id": 7, "node_id": "DE_7"},
            "repository": {"full_name": "acme/people"},
        });
        let whole = payload.to_string();
        let cut = &whole.as_bytes()[..(whole.len() as f64 * at) as usize];
        prop_assert_eq!(read("deployment", false, cut), Reading::Unreadable);
    }

    /// Whatever else is in it, in whatever form, the repository is found.
    #[test]
    fn the_rest_of_a_payload_does_not_matter(
        rest in prop::collection::hash_map("[a-z_]{1,12}", any_json(), 0..8),
        deployment in any_json(),
    ) {
        let mut payload = Value::Object(rest.into_iter().collect());
        payload["deployment"] = deployment;
        payload["repository"] = json!({"full_name": "acme/people"});
        let reading = read_value("deployment", &payload);
        let looks = matches!(&reading, Reading::Look(name, _) if *name == people());
        prop_assert!(looks, "{:?}", reading);
    }
}
