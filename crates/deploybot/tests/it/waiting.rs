//! A request that waits: it says why, anybody may withdraw it, and who presses in
//! vain is told so alone.

use std::time::Duration;

use deploy_proto::v1::{self, RequestState, Waiting, WaitingReason};
use serde_json::Value;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    answers,
    stage::{Stage, eventually, text},
};

const TELL: &str = "POST /api/chat.postEphemeral";

fn github_is_away(request: &mut v1::Request) {
    request.waiting = Some(Waiting {
        reason: WaitingReason::GithubUnavailable.into(),
        detail: "Incident with API Requests".to_owned(),
        ..Default::default()
    });
}

/// Minji has asked for a deployment, and it waits.
async fn waits(stage: &Stage) -> (String, Value) {
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, github_is_away);
    let said = stage.heard(1, "GitHub does not answer").await;
    (id, said[0].clone())
}

/// A press that Slack's client sees answered.
async fn cancel(stage: &Stage, user: &str, message: &Value) {
    let pressed = stage.press(user, message, "cancel").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
}

#[tokio::test]
async fn a_request_that_waits_says_why_and_goes_on_in_the_same_message() {
    let mut stage = Stage::without_bot().await;
    // What it waits for is worth a word at once.
    stage.timing.accepted_after = Duration::from_secs(3600);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it is journalled", || stage.deploy.newest() == 1).await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, github_is_away);
    let said = stage.heard(1, "Incident with API Requests").await;
    assert!(said[0].to_string().contains("Cancel"), "{}", said[0]);
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Creating);
        request.waiting = None;
    });
    let said = stage.heard(1, "asking GitHub to deploy").await;
    assert!(!said[0].to_string().contains("Cancel"), "{}", said[0]);
    stage.finish().await;
}

#[tokio::test]
async fn whoever_asked_may_withdraw_it_and_the_message_says_so() {
    let stage = Stage::set().await;
    let (id, message) = waits(&stage).await;
    cancel(&stage, &stage.minji, &message).await;
    let said = stage.heard(1, "withdrew").await;
    assert!(
        text(&said[0]).contains(&format!("<@{}> withdrew", stage.minji)),
        "{}",
        said[0]
    );
    assert!(!said[0].to_string().contains("Cancel"), "{}", said[0]);
    let asked = stage.deploy.state().cancels[0].clone();
    let by = asked.requester.unwrap();
    assert_eq!(
        (asked.request_id, by.slack, by.name),
        (id, stage.minji.clone(), "minji".to_owned())
    );
    assert_eq!(stage.calls(TELL), 0);
    stage.finish().await;
}

#[tokio::test]
async fn whoever_asked_is_told_in_the_thread_that_somebody_else_withdrew_it() {
    let stage = Stage::set().await;
    let (_, message) = waits(&stage).await;
    cancel(&stage, &stage.joon, &message).await;
    let said = stage.heard(2, "withdrew your deploy").await;
    let asked = stage.deploy.state().starts[0].reply.clone().unwrap();
    assert_eq!(said[1]["thread_ts"], asked.asked_ts.as_str());
    let told = text(&said[1]);
    let names = format!("<@{}>: <@{}> withdrew", stage.minji, stage.joon);
    assert!(told.contains(&names), "{told}");
    stage.corrected(0, "withdrew the deploy").await;
    // What was withdrawn by mistake is asked for again by a button.
    stage.press(&stage.minji, &said[1], "retry").await;
    stage.heard(3, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn that_somebody_else_withdrew_it_while_no_bot_ran_is_told_once() {
    let mut stage = Stage::without_bot().await;
    let asked_ts = stage.say("somebody asked").await;
    let mut request = crate::deploy_service::accepted(&v1::StartDeploymentRequest {
        request_id: "slack:T:1".to_owned(),
        repository: "acme/people".to_owned(),
        environment: "production".to_owned(),
        commit: "a1b2c3d".to_owned(),
        requester: Some(v1::Person {
            slack: stage.minji.clone(),
            ..Default::default()
        }),
        reply: Some(v1::ReplyAddress {
            channel: stage.channel.clone(),
            asked_ts,
            ..Default::default()
        }),
        ..Default::default()
    });
    request.set_state(RequestState::Cancelled);
    request.cancelled_by = Some(v1::Person {
        slack: stage.joon.clone(),
        ..Default::default()
    });
    stage.deploy.journal(request);
    stage.start_bot().await;
    stage.heard(2, "withdrew your deploy").await;
    stage.is_told_anew_in_vain().await;
    stage.finish().await;
}

/// It was accepted at 1000 s, and is refused so many seconds after that.
fn refuse(stage: &Stage, id: &str, after: i64) {
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    stage.deploy.state().told_at = at(1000 + after);
    stage.deploy.tell(id, |request| {
        request.accepted_at = at(1000);
        request.waiting = None;
        request.set_state(RequestState::Refused);
        request.refusals = vec![v1::Refusal {
            reason: v1::Reason::ChecksFailed.into(),
            candidates: vec!["lint".to_owned()],
            ..Default::default()
        }];
    });
}

#[tokio::test]
async fn whoever_asked_is_told_in_the_thread_that_it_was_refused_after_a_wait() {
    let mut stage = Stage::set().await;
    let (id, _) = waits(&stage).await;
    refuse(&stage, &id, 3600);
    let said = stage.heard(2, "your deploy").await;
    let asked = stage.deploy.state().starts[0].reply.clone().unwrap();
    assert_eq!(said[1]["thread_ts"], asked.asked_ts.as_str());
    let told = text(&said[1]);
    assert!(
        told.contains(&format!("<@{}>: your deploy", stage.minji)),
        "{told}"
    );
    assert!(told.contains("`lint`"), "{told}");
    stage.corrected(0, "Checks of").await;
    stage.is_told_anew_in_vain().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_refusal_after_a_wait_that_no_bot_saw_is_told_by_the_next() {
    let mut stage = Stage::set().await;
    let (id, _) = waits(&stage).await;
    eventually("it is acknowledged", || stage.deploy.all_is_shown()).await;
    stage.kill_bot().await;
    refuse(&stage, &id, 3600);
    stage.start_bot().await;
    stage.heard(2, "your deploy").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_is_refused_within_seconds_is_told_by_its_message_alone() {
    let stage = Stage::set().await;
    let (id, _) = waits(&stage).await;
    refuse(&stage, &id, 9);
    stage.heard(1, "lint").await;
    eventually("it is acknowledged", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.said().await.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn cancel_pressed_twice_is_one_withdrawal_and_no_word_more() {
    let stage = Stage::set().await;
    let (_, message) = waits(&stage).await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_cancels = Some(hold.clone());
    let releasing = async {
        eventually("both are asked for", || {
            stage.deploy.state().cancels.len() == 2
        })
        .await;
        hold.cancel();
    };
    tokio::join!(
        cancel(&stage, &stage.minji, &message),
        cancel(&stage, &stage.minji, &message),
        releasing
    );
    stage.heard(1, "withdrew").await;
    assert_eq!(stage.calls(TELL), 0);
    stage.finish().await;
}

#[tokio::test]
async fn of_two_who_press_at_once_the_second_is_told_who_was_first() {
    let stage = Stage::set().await;
    let (id, message) = waits(&stage).await;
    let mut told = stage.listen().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_cancels = Some(hold.clone());
    let releasing = async {
        eventually("both have asked", || {
            stage.deploy.state().cancels.len() == 2
        })
        .await;
        hold.cancel();
    };
    tokio::join!(
        cancel(&stage, &stage.minji, &message),
        cancel(&stage, &stage.joon, &message),
        releasing
    );
    let (user, said) = told.whisper().await;
    let first = stage.deploy.state().requests[&id].cancelled_by.clone();
    let first = first.unwrap().slack;
    assert_ne!(user, first);
    assert!(
        text(&said).contains(&format!("<@{first}> has withdrawn the deploy of *people*")),
        "{said}"
    );
    assert_eq!(stage.calls(TELL), 1);
    let minji_asked = if first == stage.minji { 1 } else { 2 };
    stage.heard(minji_asked, "withdrew").await;
    stage.finish().await;
}

#[tokio::test]
async fn who_presses_too_late_is_told_so_and_the_message_shows_the_truth() {
    let stage = Stage::set().await;
    let (id, message) = waits(&stage).await;
    let mut told = stage.listen().await;
    // It goes on, and the feed has not told of it yet.
    let go_on = |request: &mut v1::Request| {
        request.set_state(RequestState::Running);
        request.waiting = None;
        request.deployment = Some(answers::deployment(v1::DeploymentState::Pending));
    };
    go_on(stage.deploy.state().requests.get_mut(&id).unwrap());
    cancel(&stage, &stage.joon, &message).await;
    let (user, said) = told.whisper().await;
    assert_eq!(user, stage.joon);
    insta::assert_snapshot!(text(&said), @"Too late to withdraw the deploy of *people* `a1b2c3d` to *production*: it is going out. See its message.");
    stage.deploy.tell(&id, |_| ());
    stage.heard(1, "waiting for its workflow to start").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_cancel_that_does_not_reach_the_deploy_service_is_told_and_can_be_pressed_again() {
    let stage = Stage::set().await;
    let (_, message) = waits(&stage).await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    let mut told = stage.listen().await;
    stage.deploy.go_away().await;
    cancel(&stage, &stage.joon, &message).await;
    let (user, said) = told.whisper().await;
    assert_eq!(user, stage.joon);
    insta::assert_snapshot!(text(&said), @"⚠️ The deploy service does not answer. If the message still shows that it waits, press Cancel again.");
    stage.deploy.come_back().await;
    cancel(&stage, &stage.minji, &message).await;
    stage.heard(1, "withdrew").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_cancel_survives_a_moment_of_absence() {
    let stage = Stage::set().await;
    let (_, message) = waits(&stage).await;
    stage.deploy.state().refuse_cancels = vec![
        Status::unavailable("starting"),
        Status::deadline_exceeded("late"),
    ];
    cancel(&stage, &stage.minji, &message).await;
    stage.heard(1, "withdrew").await;
    assert_eq!(stage.deploy.state().cancels.len(), 3);
    assert_eq!(stage.calls(TELL), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_cancel_of_a_request_that_nobody_knows_says_so() {
    let stage = Stage::set().await;
    let (id, message) = waits(&stage).await;
    let mut told = stage.listen().await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    stage.deploy.state().requests.remove(&id);
    cancel(&stage, &stage.minji, &message).await;
    let (user, said) = told.whisper().await;
    assert_eq!(user, stage.minji);
    insta::assert_snapshot!(text(&said), @"❓ The deploy service does not know this request, so that there is nothing to withdraw. `@deploybot status people` tells what runs where.");
    stage.finish().await;
}

#[tokio::test]
async fn a_presser_that_slack_does_not_tell_holds_nothing_up() {
    let stage = Stage::set().await;
    let (id, message) = waits(&stage).await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    stage.deploy.state().requests.remove(&id);
    stage.fault(TELL, 1, FaultKind::Status(503));
    cancel(&stage, &stage.minji, &message).await;
    eventually("it was tried", || stage.calls(TELL) == 1).await;
    stage.finish().await;
}

#[tokio::test]
async fn whatever_github_says_of_its_incident_is_only_words() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.waiting = Some(Waiting {
            reason: WaitingReason::GithubUnavailable.into(),
            detail: "<!channel> <https://evil.example|see> *x* ".repeat(250),
            ..Default::default()
        });
    });
    let said = stage.heard(1, "GitHub does not answer").await;
    let shown = said[0].to_string();
    assert!(!shown.contains("<!channel>") && !shown.contains("<https://evil"));
    assert!(shown.contains("&lt;!channel&gt;"), "{shown}");
    stage.deploy.state().status = Some(Ok(v1::GetStatusResponse {
        stale: Some(v1::Stale {
            reason: v1::StaleReason::GithubUnavailable.into(),
            incident: "<!here> ".repeat(1250),
            ..Default::default()
        }),
        ..answers::status()
    }));
    stage.say("@deploybot status people").await;
    let said = stage.heard(2, "GitHub does not answer").await;
    assert!(!said[1].to_string().contains("<!here>"), "{}", said[1]);
    stage.finish().await;
}
