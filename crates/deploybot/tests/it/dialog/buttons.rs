//! The buttons of messages: Retry, Roll back and Cancel.

use deploy_proto::v1::{
    Deployment, DeploymentKind, DeploymentState, Reason, Refusal, RequestState,
};
use serde_json::Value;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::NEWER;
use crate::{
    answers::{self, NEW, OLD},
    stage::{Stage, eventually, text},
};

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
    assert_names(&said[3], &stage.joon);
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
async fn it_can_be_though_slack_takes_no_word_meanwhile_that_it_takes_long() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(3, "accepted").await;
    let first = stage.deploy.state().starts[1].request_id.clone();
    not_permitted(&stage, &first);
    stage.corrected(2, "not").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    stage.deploy.go_away().await;
    // For longer than a word is waited for.
    let post = "POST /api/chat.postMessage";
    stage.fault(post, 1, FaultKind::RateLimit { seconds: 5 });
    stage.press(&stage.joon, &failure, "retry").await;
    eventually("the word waits", || {
        stage.slack.control().faults().is_empty()
    })
    .await;
    stage.deploy.come_back().await;
    eventually("it is asked for anew", || {
        let second = format!("{first}:2");
        stage.deploy.state().requests.contains_key(&second)
    })
    .await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    // It is said of this one.
    stage.heard(5, "accepted").await;
    stage.corrected(3, "has taken").await;
    stage.finish().await;
}

#[tokio::test]
async fn roll_back_brings_the_earlier_commit_back() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.press(&stage.minji, &failure, "roll_back").await;
    // It is one from the first, before its commits are known.
    let said = stage.heard(3, "accepted").await;
    assert!(text(&said[2]).starts_with("↩️"), "{}", said[2]);
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
    assert_names(&said[2], &stage.minji);
    assert_eq!(said[2]["thread_ts"], failure["ts"]);
    eventually("only one request was made", || {
        stage.deploy.state().requests.len() == 1
    })
    .await;
    stage.finish().await;
}

/// The thread tells everybody who pressed the button that it is about.
fn assert_names(told: &Value, user: &str) {
    let begin = format!("<@{user}>: ");
    assert!(text(told).starts_with(&begin), "{told}");
    let shown = told["blocks"][0]["text"]["text"].as_str().unwrap();
    assert!(shown.starts_with(&begin), "{told}");
}

/// The deploy service tells that this is live in production now.
fn live_by_now(stage: &Stage, sha: &str) {
    let mut preview = answers::preview("production");
    let changes = preview.changes.as_mut().unwrap();
    changes.base = sha.to_owned();
    (changes.ahead, changes.behind) = (0, 3);
    stage.deploy.state().preview = Some(Ok(preview));
}

#[tokio::test]
async fn a_button_that_does_not_know_what_is_live_by_now_says_so_and_does_nothing() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    live_by_now(&stage, NEWER);
    for (count, action, undone) in [
        (3, "retry", "so Retry did nothing"),
        (4, "roll_back", "so your rollback was not done"),
    ] {
        stage.press(&stage.joon, &failure, action).await;
        let said = stage.heard(count, "has gone live").await;
        let told = &said[count - 1];
        assert_eq!(told["thread_ts"], failure["ts"]);
        assert!(text(told).contains("would take 3 commits away"), "{told}");
        assert!(text(told).contains(undone), "{told}");
        assert_names(told, &stage.joon);
        assert!(text(told).contains("`@deploybot deploy acme/people production"));
    }
    assert_eq!(stage.deploy.state().requests.len(), 1);
    // What was live is so again.
    live_by_now(&stage, OLD);
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(5, "accepted").await;
    {
        let state = stage.deploy.state();
        assert_eq!(state.requests.len(), 2);
        // It may be another by the time at which it is decided.
        assert_eq!(state.starts[1].expected_live.as_deref(), Some(OLD));
        let asked = state.previews.iter().map(|it| it.expected_live.as_deref());
        assert!(asked.eq([Some(OLD); 3]), "{:?}", state.previews);
    }
    stage.finish().await;
}

#[tokio::test]
async fn where_what_is_wanted_went_live_meanwhile_the_gate_says_so() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    live_by_now(&stage, NEW);
    stage.press(&stage.joon, &failure, "retry").await;
    stage.heard(3, "accepted").await;
    assert_eq!(stage.deploy.state().requests.len(), 2);
    stage.finish().await;
}

/// Whoever presses it while GitHub does not tell what is live waits for GitHub.
#[tokio::test]
async fn a_button_pressed_while_nobody_can_tell_says_later_that_it_is_outdated() {
    let stage = Stage::set().await;
    let failure = failed(&stage).await;
    stage.deploy.state().preview = Some(Err(Status::unavailable("GitHub does not answer.")));
    stage.press(&stage.joon, &failure, "roll_back").await;
    stage.heard(3, "accepted").await;
    let start = stage.deploy.state().starts[1].clone();
    assert_eq!(start.expected_live.as_deref(), Some(OLD));
    stage.deploy.tell(&start.request_id, |request| {
        request.set_state(RequestState::Refused);
        request.repository = "acme/people".to_owned();
        request.refusals = vec![Refusal {
            deployment: Some(Deployment {
                commit: Some(answers::commit(NEWER, "Fix the team page")),
                ..answers::deployment(DeploymentState::Succeeded)
            }),
            ..answers::refusal(Reason::LiveChanged, &[])
        }];
    });
    let said = stage.heard(3, "so this was not done").await;
    let told = text(&said[2]);
    assert!(told.contains(&NEWER[..7]), "{told}");
    assert!(told.contains("`@deploybot status acme/people`"), "{told}");
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
    assert_names(&stage.said().await[2], &stage.joon);
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
    // The button is gone when the first of them is dealt with.
    let press = || stage.press(&stage.joon, &said[0], "cancel");
    tokio::join!(press(), press(), press());
    stage.corrected(0, &format!("<@{}>", stage.joon)).await;
    let cancels = stage.deploy.state().cancels.clone();
    assert_eq!(cancels.len(), 3);
    assert!(cancels.iter().all(|it| it.request_id == id));
    stage.finish().await;
}
