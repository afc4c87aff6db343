//! The deploy dialog.

mod buttons;
mod early;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use deploy_proto::v1::Reason;
use serde_json::{Value, json};
use simulators::control::{Fault, FaultKind};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    answers::{self, NEW},
    deploy_service::accepted,
    stage::{Stage, eventually},
};

/// A commit that somebody brings out meanwhile.
const NEWER: &str = "c0ffee0112233445566778899aabbccddeeff001";

fn scripted(stage: &Stage) {
    let mut state = stage.deploy.state();
    state.status = Some(Ok(answers::status()));
    state.environments = Some(Ok(answers::environments_of_people()));
    state.preview = Some(Ok(answers::preview("production")));
}

/// Minji has asked for the status and pressed Deploy… beside the first commit.
async fn opened(stage: &Stage) -> (Value, Value) {
    scripted(stage);
    stage.say("@deploybot status people").await;
    let said = stage.heard(1, "people").await;
    let pressed = stage.press(&stage.minji, &said[0], "deploy").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    (said[0].clone(), stage.sees(&stage.minji, "Ready for").await)
}

#[tokio::test]
async fn the_dialog_shows_what_would_go_out_and_submitting_it_deploys() {
    let stage = Stage::set().await;
    let (status, view) = opened(&stage).await;
    let preview = stage.deploy.state().previews[0].clone();
    assert_eq!(
        (preview.environment.as_str(), preview.commit.as_str()),
        ("production", NEW)
    );
    let answer = submit(&stage, &view, "production").await;
    assert_eq!(answer, json!({"ok": true}));
    assert_eq!(stage.view(&stage.minji).await, Value::Null);
    stage.heard(2, "accepted").await;
    let start = stage.deploy.state().starts[0].clone();
    let of_this_dialog = format!("slack:T0TEAM:{}:", view["id"].as_str().unwrap());
    assert!(
        start.request_id.starts_with(&of_this_dialog),
        "{}",
        start.request_id
    );
    assert_eq!(
        (start.environment.as_str(), start.commit.as_str()),
        ("production", NEW)
    );
    let reply = start.reply.unwrap();
    assert_eq!(
        (reply.channel.as_str(), reply.asked_ts.as_str()),
        (stage.channel.as_str(), status["ts"].as_str().unwrap())
    );
    assert_eq!(start.requester.unwrap().slack, stage.minji);
    stage.finish().await;
}

/// Minji chooses another environment in the open dialog.
async fn choose_in(stage: &Stage, view: &Value, environment: &str) {
    {
        let mut state = stage.deploy.state();
        if let Some(Ok(preview)) = &mut state.preview {
            preview.environment = environment.to_owned();
        }
    }
    let choice = json!({
        "user": stage.minji, "view_id": view["id"], "block_id": "environment",
        "action_id": "environment", "selected_option": {"value": environment},
    });
    let answer = stage.call("POST", "/client/actions", Some(choice)).await;
    assert_eq!(answer["ok"], true, "{answer}");
}

/// Minji chooses staging, where the commit is already; what she sees then.
async fn choose_refused(stage: &Stage, view: &Value) -> Value {
    let mut refused = answers::preview("staging");
    refused.refusals = vec![answers::refusal(Reason::AlreadyLive, &[])];
    stage.deploy.state().preview = Some(Ok(refused));
    choose_in(stage, view, "staging").await;
    stage.sees(&stage.minji, "It may not go to").await
}

#[tokio::test]
async fn another_environment_is_looked_at_when_it_is_chosen() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let view = choose_refused(&stage, &view).await;
    assert_eq!(
        view["submit"],
        Value::Null,
        "what is refused can't be submitted"
    );
    assert_eq!(
        stage.deploy.state().previews.last().unwrap().environment,
        "staging"
    );
    assert!(stage.deploy.state().starts.is_empty());
    stage.finish().await;
}

/// Minji presses Deploy, also where the dialog has no such button any more; what Slack
/// is answered.
async fn submit(stage: &Stage, view: &Value, environment: &str) -> Value {
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    let values =
        json!({"environment": {"environment": {"selected_option": {"value": environment}}}});
    let pressed = json!({"user": stage.minji, "values": values});
    stage.call("POST", &path, Some(pressed)).await
}

/// Minji submits the dialog; tells what stands under its field, if it stays open.
async fn submitted(stage: &Stage, view: &Value, environment: &str) -> Option<String> {
    let answer = submit(stage, view, environment).await;
    if answer == json!({"ok": true}) {
        return None;
    }
    let error = answer["errors"]["environment"].as_str();
    Some(error.unwrap_or_else(|| panic!("{answer}")).to_owned())
}

#[tokio::test]
async fn a_dialog_that_is_not_taken_stays_open_and_says_why() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let known = |reason: &str, names: &str| {
        let metadata = HashMap::from([("candidates".to_owned(), names.to_owned())]);
        let details = ErrorDetails::with_error_info(reason, "deploy.v1", metadata);
        Status::with_error_details(Code::NotFound, "It is not there.", details)
    };
    let wrong = ErrorDetails::with_bad_request_violation("commit", "A commit is 4 to 40 digits.");
    let soon = || ErrorDetails::with_retry_info(Some(Duration::from_secs(42)));
    stage.deploy.state().refuse_starts = vec![
        known("UNKNOWN_ENVIRONMENT", "staging\nqa"),
        known("UNKNOWN_REPOSITORY", "people-web"),
        Status::with_error_details(Code::InvalidArgument, "bad", wrong),
        Status::with_error_details(Code::ResourceExhausted, "too much", soon()),
        Status::with_error_details(Code::Unavailable, "GitHub *is* away.", soon()),
        Status::unauthenticated("no"),
        Status::internal("boom"),
        Status::deadline_exceeded("late"),
    ];
    let mut told = Vec::new();
    while !stage.deploy.state().refuse_starts.is_empty() {
        told.push(
            submitted(&stage, &view, "production")
                .await
                .expect("it stays open"),
        );
    }
    insta::assert_snapshot!(told.join("\n"), @"
    ❓ There is no environment “production” in people. It has: “staging”, “qa”. A new one is made in the repository's settings on GitHub.
    ❓ There is no repository “acme/people” that I can see. Did you mean “people-web”?
    ❓ A commit is 4 to 40 digits. “@deploybot help” tells how.
    ⚠️ GitHub's limit of calls is used up. Nothing was changed. Press Deploy again in a minute.
    ⚠️ GitHub ∗is∗ away. Nothing was changed. Press Deploy again in a minute.
    ⚠️ I am not allowed to ask the deploy service: whoever runs deploybot has to set its token. Nothing was changed.
    ⚠️ Something is broken in the deploy service, and its log says what: tell whoever runs deploybot.
    ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Press Deploy again: the same request is never carried out twice.
    ");
    assert_eq!(submitted(&stage, &view, "production").await, None);
    stage.heard(2, "accepted").await;
    let ids = |state: &crate::deploy_service::State| -> HashSet<String> {
        state
            .starts
            .iter()
            .map(|it| it.request_id.clone())
            .collect()
    };
    assert_eq!(
        ids(&stage.deploy.state()).len(),
        1,
        "one choice is one request"
    );
    stage.finish().await;
}

#[tokio::test]
async fn what_is_not_shown_yet_can_not_be_submitted() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    stage.deploy.state().preview = Some(Ok(answers::preview("staging")));
    let told = submitted(&stage, &view, "staging").await;
    let told = told.expect("it stays open");
    assert!(told.contains("only being looked up"), "{told}");
    assert!(stage.deploy.state().starts.is_empty());
    // It is shown then, and goes out.
    stage.sees(&stage.minji, "Ready for *staging*").await;
    assert_eq!(submitted(&stage, &view, "staging").await, None);
    assert_eq!(stage.deploy.state().starts[0].environment, "staging");
    stage.heard(2, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_would_change_something_else_by_now_is_shown_before_it_goes_out() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    {
        // Somebody has brought out more meanwhile: it would be taken away again.
        let mut state = stage.deploy.state();
        let preview = state.preview.as_mut().unwrap().as_mut().unwrap();
        let changes = preview.changes.as_mut().unwrap();
        changes.base = NEWER.to_owned();
        (changes.ahead, changes.behind) = (0, 2);
    }
    let told = submitted(&stage, &view, "production").await;
    let told = told.expect("it stays open");
    assert!(told.contains("went live in production meanwhile"), "{told}");
    assert!(stage.deploy.state().starts.is_empty());
    stage.sees(&stage.minji, "This goes back").await;
    assert_eq!(submitted(&stage, &view, "production").await, None);
    stage.heard(2, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn while_nobody_can_tell_what_is_live_a_dialog_holds() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let away = Status::unavailable("GitHub does not answer.");
    stage.deploy.state().preview = Some(Err(away));
    assert_eq!(submitted(&stage, &view, "production").await, None);
    stage.heard(2, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_dialog_that_slack_does_not_change_at_once_is_filled_all_the_same() {
    const UPDATE: &str = "POST /api/views.update";
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_millis(500);
    stage.start_bot().await;
    scripted(&stage);
    stage.say("@deploybot status people").await;
    let said = stage.heard(1, "people").await;
    for kind in [
        FaultKind::Status(503),
        FaultKind::DropAfterCommit,
        FaultKind::RateLimit { seconds: 1 },
    ] {
        // The first change fails, or the second.
        for skip in 0..2 {
            stage.slack.control().add_fault(Fault {
                route: UPDATE.to_owned(),
                skip,
                times: 1,
                kind: kind.clone(),
            });
            stage.press(&stage.minji, &said[0], "deploy").await;
            stage.sees(&stage.minji, "Ready for").await;
        }
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_another_replica_shows_since_is_not_shown_over() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_previews = Some(hold.clone());
    choose_in(&stage, &view, "staging").await;
    stage
        .sees(&stage.minji, "Looking at what would go to *staging*")
        .await;
    let newer = json!({"view_id": view["id"], "view": {
        "type": "modal", "title": {"type": "plain_text", "text": "Another"},
        "blocks": [{"type": "divider"}],
    }});
    let updated = stage.call("POST", "/api/views.update", Some(newer)).await;
    assert_eq!(updated["ok"], true, "{updated}");
    let before = stage.calls("POST /api/views.update");
    hold.cancel();
    eventually("it was tried", || {
        stage.calls("POST /api/views.update") == before + 1
    })
    .await;
    let shown = stage.view(&stage.minji).await;
    assert_eq!(shown["title"]["text"], "Another", "{shown}");
    stage.finish().await;
}

#[tokio::test]
async fn another_choice_in_the_same_dialog_is_another_request() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    stage.deploy.state().hold_starts = Some(CancellationToken::new());
    let told = submitted(&stage, &view, "production").await;
    assert!(
        told.expect("it takes too long")
            .contains("Press Deploy again")
    );
    stage.deploy.state().hold_starts = None;
    // It was journalled all the same.
    let first = accepted(&stage.deploy.state().starts[0]);
    stage.deploy.journal(first);
    choose_in(&stage, &view, "staging").await;
    stage.sees(&stage.minji, "Ready for *staging*").await;
    assert_eq!(submitted(&stage, &view, "staging").await, None);
    eventually("both are journalled", || {
        stage.deploy.state().requests.len() == 2
    })
    .await;
    stage.heard(3, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_is_confirmed_of_something_else_that_is_live_by_now_is_another_request() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    stage.deploy.state().hold_starts = Some(CancellationToken::new());
    let told = submitted(&stage, &view, "production").await;
    assert!(told.is_some(), "it takes too long");
    stage.deploy.state().hold_starts = None;
    // It was journalled all the same.
    let first = accepted(&stage.deploy.state().starts[0]);
    stage.deploy.journal(first);
    {
        let mut state = stage.deploy.state();
        let preview = state.preview.as_mut().unwrap().as_mut().unwrap();
        preview.changes.as_mut().unwrap().base = NEWER.to_owned();
    }
    let told = submitted(&stage, &view, "production").await;
    assert!(told.is_some(), "something else is live");
    stage.sees(&stage.minji, NEWER).await;
    assert_eq!(submitted(&stage, &view, "production").await, None);
    let starts = stage.deploy.state().starts.clone();
    let live = starts.iter().map(|start| start.expected_live.as_deref());
    assert_eq!(live.clone().next_back(), Some(Some(NEWER)));
    assert_ne!(live.clone().next(), live.clone().next_back());
    assert_eq!(stage.deploy.state().requests.len(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn who_may_not_deploy_can_not_submit_the_dialog_of_somebodys_status() {
    let stage = Stage::set().await;
    scripted(&stage);
    let mut refused = answers::preview("production");
    refused.refusals = vec![answers::refusal(Reason::NotPermitted, &[])];
    stage.deploy.state().preview = Some(Ok(refused));
    stage.say("@deploybot status people").await;
    let said = stage.heard(1, "people").await;
    stage.press(&stage.joon, &said[0], "deploy").await;
    let view = stage.sees(&stage.joon, "may not deploy").await;
    let asked = stage.deploy.state().previews[0].requester.clone().unwrap();
    assert_eq!(asked.slack, stage.joon, "it is looked at for who looks");
    assert_eq!(view["submit"], Value::Null);
    assert!(stage.deploy.state().starts.is_empty());
    stage.finish().await;
}
