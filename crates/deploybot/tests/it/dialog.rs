//! Buttons and the deploy dialog.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use deploy_proto::v1::{DeploymentKind, Reason, RequestState};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    answers::{self, NEW, OLD},
    deploy_service::accepted,
    stage::{Stage, eventually},
};

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

fn choose(environment: &str) -> Value {
    json!({"environment": {"environment": {"selected_option": {"value": environment}}}})
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
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    let submit = json!({"user": stage.minji, "values": choose("production")});
    let answer = stage.call("POST", &path, Some(submit)).await;
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

#[tokio::test]
async fn another_environment_is_looked_at_when_it_is_chosen() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let mut refused = answers::preview("staging");
    refused.refusals = vec![answers::refusal(Reason::AlreadyLive, &[])];
    stage.deploy.state().preview = Some(Ok(refused));
    let choice = json!({
        "user": stage.minji, "view_id": view["id"], "block_id": "environment",
        "action_id": "environment", "selected_option": {"value": "staging"},
    });
    let answer = stage.call("POST", "/client/actions", Some(choice)).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let view = stage.sees(&stage.minji, "It may not go to").await;
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

/// Minji submits the dialog; tells what stands under its field, if it stays open.
async fn submitted(stage: &Stage, view: &Value, environment: &str) -> Option<String> {
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    let submit = json!({"user": stage.minji, "values": choose(environment)});
    let answer = stage.call("POST", &path, Some(submit)).await;
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
    ⚠️ GitHub's limit of calls is used up. Nothing was changed. Press Deploy again in 42 s.
    ⚠️ GitHub ∗is∗ away. Nothing was changed. Press Deploy again in 42 s.
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
    assert_eq!(submitted(&stage, &view, "staging").await, None);
    eventually("both are journalled", || {
        stage.deploy.state().requests.len() == 2
    })
    .await;
    stage.heard(3, "accepted").await;
    stage.finish().await;
}

/// Minji has asked for a deployment, and it has failed.
async fn failed(stage: &Stage) -> Value {
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Failed);
        request.repository = "acme/people".to_owned();
        request.commit = Some(answers::commit(NEW, "Add Minji to the team page"));
        request.deployment = Some(answers::deployment(
            deploy_proto::v1::DeploymentState::Failed,
        ));
        request.failure = "ImagePullBackOff".to_owned();
    });
    stage.heard(2, "ImagePullBackOff").await[1].clone()
}

#[tokio::test]
async fn retry_pressed_twice_is_one_deployment_for_the_one_who_pressed() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    for _ in 0..2 {
        let pressed = stage.press(&stage.joon, &failure, "retry").await;
        assert_eq!(pressed["ok"], true, "{pressed}");
    }
    stage.heard(3, "accepted").await;
    let starts: Vec<_> = stage
        .deploy
        .state()
        .starts
        .iter()
        .skip(1)
        .cloned()
        .collect();
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[0].request_id, starts[1].request_id);
    assert_eq!(stage.deploy.state().requests.len(), 2);
    let requester = starts[0].requester.clone().unwrap();
    assert_eq!(
        (requester.slack, requester.name),
        (stage.joon.clone(), "joon".to_owned())
    );
    assert_eq!(
        (starts[0].kind(), starts[0].commit.as_str()),
        (DeploymentKind::Deploy, NEW)
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_button_pressed_again_after_its_deployment_ended_says_so() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(3, "accepted").await;
    let id = stage.deploy.state().starts[1].request_id.clone();
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.heard(3, "live").await;
    stage.press(&stage.joon, &failure, "retry").await;
    let said = stage.heard(4, "pressed this button before").await;
    assert_eq!(said[3]["thread_ts"], failure["ts"]);
    stage.finish().await;
}

#[tokio::test]
async fn a_button_whose_press_was_refused_can_be_pressed_again() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(3, "accepted").await;
    let first = stage.deploy.state().starts[1].request_id.clone();
    stage
        .deploy
        .tell(&first, |request| request.set_state(RequestState::Refused));
    stage.heard(3, "asked by").await;
    for _ in 0..2 {
        stage.press(&stage.joon, &failure, "retry").await;
    }
    stage.heard(4, "accepted").await;
    let ids: Vec<_> = {
        let state = stage.deploy.state();
        let of_the_button = state.requests.keys().filter(|id| id.starts_with(&first));
        of_the_button.cloned().collect()
    };
    assert_eq!(ids, [first.clone(), format!("{first}:2")]);
    stage.finish().await;
}

#[tokio::test]
async fn roll_back_brings_the_earlier_commit_back() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.press(&stage.minji, &failure, "roll_back").await;
    stage.heard(3, "").await;
    let start = stage.deploy.state().starts[1].clone();
    assert_eq!(
        (start.kind(), start.commit.as_str()),
        (DeploymentKind::Rollback, OLD)
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_button_that_the_deploy_service_does_not_take_says_so_in_the_thread() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.deploy.state().refuse_starts = vec![Status::invalid_argument("It is not valid.")];
    stage.press(&stage.minji, &failure, "retry").await;
    let said = stage.heard(3, "It is not valid.").await;
    assert_eq!(said[2]["thread_ts"], failure["ts"]);
    eventually("only one request was made", || {
        stage.deploy.state().requests.len() == 1
    })
    .await;
    stage.finish().await;
}

/// What became of the last press of a button.
fn last_press(stage: &Stage) -> &'static str {
    let deliveries = stage.slack.deliveries();
    let mut presses = deliveries
        .iter()
        .filter(|it| it.event_type == "block_actions");
    presses.next_back().expect("a button was pressed").state
}

#[tokio::test]
async fn a_press_is_acknowledged_only_when_its_request_is_journalled() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_starts = Some(hold.clone());
    let releasing = async {
        eventually("it was asked for", || {
            stage.deploy.state().starts.len() == 2
        })
        .await;
        assert_eq!(last_press(&stage), "sent");
        hold.cancel();
    };
    let (pressed, ()) = tokio::join!(stage.press(&stage.joon, &failure, "retry"), releasing);
    assert_eq!(pressed["ok"], true, "{pressed}");
    stage.heard(3, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_press_while_the_deploy_service_is_away_is_told_and_becomes_one_deployment() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.deploy.go_away().await;
    let pressed = stage.press(&stage.joon, &failure, "retry").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    let said = stage.heard(3, "does not answer. I keep asking").await;
    assert_eq!(said[2]["thread_ts"], failure["ts"]);
    stage.deploy.come_back().await;
    stage.heard(4, "accepted").await;
    stage.corrected(2, "has taken").await;
    assert_eq!(stage.deploy.state().requests.len(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_late_press_of_a_used_button_is_not_told_that_it_was_taken() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(3, "accepted").await;
    let id = stage.deploy.state().starts[1].request_id.clone();
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.heard(3, "live").await;
    stage.deploy.go_away().await;
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(4, "I keep asking").await;
    stage.deploy.come_back().await;
    stage.heard(4, "pressed this button before").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_press_that_is_not_journalled_when_the_bot_stops_is_told() {
    let mut stage = Stage::set().await;
    let failure = failed(&stage).await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    stage.deploy.go_away().await;
    stage.press(&stage.joon, &failure, "roll_back").await;
    stage.heard(3, "I keep asking").await;
    stage.stop_bot().await.unwrap();
    stage.heard(3, "stopped now").await;
}

/// The gate refuses the request of this id because whoever asked may not deploy.
fn not_permitted(stage: &Stage, id: &str) {
    stage.deploy.tell(id, |request| {
        request.set_state(RequestState::Refused);
        request.repository = "acme/people".to_owned();
        request.refusals = vec![answers::refusal(Reason::NotPermitted, &[])];
    });
}

#[tokio::test]
async fn who_may_not_deploy_and_presses_somebodys_button_is_refused_and_nothing_else_happens() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    let before = stage.said().await;
    for (number, action) in ["retry", "roll_back"].into_iter().enumerate() {
        stage.press(&stage.joon, &failure, action).await;
        let start = stage.deploy.state().starts[number + 1].clone();
        assert_eq!(start.requester.unwrap().slack, stage.joon);
        not_permitted(&stage, &start.request_id);
        let said = stage.heard(3 + number, "may not deploy").await;
        // It is said in the channel, and to them.
        let refusal = said[2 + number].to_string();
        assert!(refusal.contains(&format!("<@{}>", stage.joon)), "{refusal}");
        assert_eq!(said[..2], before, "the requester's messages are untouched");
    }
    assert_eq!(stage.deploy.state().requests.len(), 3);
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

#[tokio::test]
async fn anybody_may_cancel_what_waits_and_is_named() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    let id = {
        stage.heard(1, "accepted").await;
        stage.request_id(0)
    };
    stage.deploy.tell(&id, |request| {
        let reason = deploy_proto::v1::WaitingReason::RateLimit;
        request.waiting = Some(deploy_proto::v1::Waiting {
            reason: reason.into(),
            ..Default::default()
        });
    });
    let said = stage.heard(1, "limit of calls").await;
    for _ in 0..3 {
        stage.press(&stage.joon, &said[0], "cancel").await;
    }
    stage.corrected(0, &format!("<@{}>", stage.joon)).await;
    let cancels = stage.deploy.state().cancels.clone();
    assert_eq!(cancels.len(), 3);
    assert!(cancels.iter().all(|it| it.request_id == id));
    stage.finish().await;
}
