//! What Slack refuses: whoever can be told is told, and nothing else is held up.

use deploy_proto::v1::RequestState;
use serde_json::Value;
use simulators::control::FaultKind;

use crate::{
    feed::request,
    stage::{Stage, eventually, text},
};

const POST: &str = "POST /api/chat.postMessage";
const EDIT: &str = "POST /api/chat.update";

fn refusal(code: &str) -> FaultKind {
    FaultKind::Refusal(code.to_owned())
}

/// What the bot has told somebody alone, once it has told so much.
pub(crate) async fn told_alone(stage: &Stage, user: &str, count: usize) -> Vec<Value> {
    let mut told = Vec::new();
    for _ in 0..3_000 {
        let opened = serde_json::json!({"users": user});
        let opened = stage
            .call("POST", "/api/conversations.open", Some(opened))
            .await;
        let channel = opened["channel"]["id"].as_str().unwrap();
        let path = format!("/client/messages?channel={channel}&limit=1000");
        let messages = stage.call("GET", &path, None).await;
        told = messages["messages"].as_array().unwrap().clone();
        if told.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(told.len(), count, "{told:#?}");
    told
}

#[tokio::test]
async fn whoever_asks_where_the_bot_cannot_write_is_told_alone() {
    let stage = Stage::set().await;
    let codes = ["not_in_channel", "channel_not_found", "is_archived"];
    for (code, count) in codes.into_iter().zip(1..) {
        stage.fault(POST, 1, refusal(code));
        stage.say("@deploybot help").await;
        let told = told_alone(&stage, &stage.minji, count).await;
        let (channel, last) = (&stage.channel, told.last().unwrap());
        let why = format!("I can't write in <#{channel}>");
        assert!(last["blocks"].to_string().contains(&why), "{code}: {last}");
        assert!(text(last).contains("deploy"), "{code}: {last}");
    }
    assert_eq!(stage.said().await.len(), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_request_that_cannot_be_shown_where_it_was_made_is_shown_to_who_made_it() {
    let mut stage = Stage::without_bot().await;
    let mut lost = request(&stage, "slack:T:lost", "");
    lost.reply.as_mut().unwrap().channel = "C0NOWHERE".to_owned();
    stage.deploy.journal(lost);
    stage.start_bot().await;
    let told = told_alone(&stage, &stage.minji, 1).await;
    assert!(
        told[0]
            .to_string()
            .contains("I can't write in <#C0NOWHERE>")
    );
    stage.deploy.tell("slack:T:lost", |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    let told = told_alone(&stage, &stage.minji, 2).await;
    assert!(text(&told[1]).contains("ImagePullBackOff"), "{}", told[1]);
    eventually("its message is edited", || stage.calls(EDIT) == 1).await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;

    // Another bot finds it there.
    stage.kill_bot().await;
    stage.deploy.state().acknowledged = 0;
    stage.start_bot().await;
    eventually("all is shown again", || stage.deploy.all_is_shown()).await;
    let told = told_alone(&stage, &stage.minji, 2).await;
    assert!(text(&told[0]).contains("did not reach"), "{}", told[0]);
    stage.finish().await;
}

#[tokio::test]
async fn a_channel_that_is_archived_meanwhile_holds_up_nothing() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    stage.fault(EDIT, 1, refusal("is_archived"));
    stage.fault(POST, 1, refusal("is_archived"));
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    let told = told_alone(&stage, &stage.minji, 1).await;
    assert!(text(&told[0]).contains("live"), "{}", told[0]);
    stage.finish().await;
}

#[tokio::test]
async fn what_slack_refuses_as_it_is_is_said_more_plainly() {
    let stage = Stage::set().await;
    for (code, count) in ["msg_too_long", "invalid_blocks"].into_iter().zip(1..) {
        stage.fault(POST, 1, refusal(code));
        stage.say("@deploybot help").await;
        let said = stage
            .heard(count, "Slack does not take this as I have written it")
            .await;
        assert!(
            said[count - 1]["blocks"]
                .as_array()
                .is_none_or(Vec::is_empty)
        );
    }
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(3, "accepted").await;
    stage.fault(EDIT, 1, refusal("msg_too_long"));
    stage.deploy.tell(&stage.request_id(2), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage
        .heard(3, "Slack does not take this as I have written it")
        .await;
    stage.corrected(2, "live").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_delays_what_is_said_until_it_is_good_again() {
    let stage = Stage::set().await;
    stage.fault(POST, 5, refusal("token_revoked"));
    stage.say("@deploybot help").await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(2, "people").await;
    stage.fault(EDIT, 3, refusal("token_revoked"));
    stage.deploy.tell(&stage.request_id(1), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.heard(2, "live").await;
    assert_eq!((stage.calls(POST), stage.calls(EDIT)), (7, 4));
    stage.finish().await;
}
