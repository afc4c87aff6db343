//! Buttons and the deploy dialog.

use deploy_proto::v1::{DeploymentKind, Reason, RequestState};
use serde_json::{Value, json};

use crate::{
    answers::{self, NEW, OLD},
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
    assert_eq!(
        start.request_id,
        format!("slack:T0TEAM:{}", view["id"].as_str().unwrap())
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

#[tokio::test]
async fn a_dialog_that_is_not_taken_stays_open_and_can_be_submitted_again() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    stage.deploy.state().refuse_starts = vec![tonic::Status::unavailable("away")];
    let path = format!("/client/views/{}/submit", view["id"].as_str().unwrap());
    let submit = json!({"user": stage.minji, "values": choose("production")});
    let answer = stage.call("POST", &path, Some(submit.clone())).await;
    assert!(
        answer["errors"]["environment"]
            .as_str()
            .unwrap()
            .contains("Press Deploy again")
    );
    let answer = stage.call("POST", &path, Some(submit)).await;
    assert_eq!(answer, json!({"ok": true}));
    stage.heard(2, "accepted").await;
    assert_eq!(stage.deploy.state().requests.len(), 1);
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
    stage.deploy.state().refuse_starts = vec![tonic::Status::unavailable("GitHub is away.")];
    stage.press(&stage.minji, &failure, "retry").await;
    let said = stage.heard(3, "GitHub is away. Nothing was changed.").await;
    assert_eq!(said[2]["thread_ts"], failure["ts"]);
    eventually("only one request was made", || {
        stage.deploy.state().requests.len() == 1
    })
    .await;
    stage.finish().await;
}
