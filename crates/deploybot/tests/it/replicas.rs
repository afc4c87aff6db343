//! Several bots on one deploy service: whichever of them an event comes to, and
//! whichever of them dies, falls asleep or is slow, each message is there once and
//! shows the last state.

use std::time::Duration;

use deploy_proto::v1::RequestState;
use serde_json::json;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    answers,
    refused::told_alone,
    stage::{Stage, eventually, text},
};

const POST: &str = "POST /api/chat.postMessage";
const EDIT: &str = "POST /api/chat.update";

/// Two bots with claims that last as long as a call to Slack, which is short.
async fn two() -> Stage {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_secs(2);
    // A claim is answered whenever the test wants it.
    stage.timing.claim_call = Duration::from_secs(20);
    stage.deploy.state().messages.lasts = Some(Duration::from_secs(3));
    stage.start_bot().await;
    stage.start_bot().await;
    stage
}

/// Slack delivers the first mention so many times more, to the bots in turn.
async fn deliver_again(stage: &Stage, times: u32) {
    let before = stage.mention(0).attempts;
    let wanted = json!({"event_id": stage.mention(0).event_id, "times": times});
    stage.call("POST", "/control/redeliver", Some(wanted)).await;
    eventually("it is delivered again", || {
        stage.mention(0).attempts >= before + times
    })
    .await;
}

#[tokio::test]
async fn an_event_delivered_ten_times_to_two_bots_gives_one_answer() {
    let stage = two().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    stage.say("@deploybot status people").await;
    deliver_again(&stage, 9).await;
    eventually("both have read", || stage.deploy.state().reads == 2).await;
    hold.cancel();
    stage.heard(1, "people").await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    deliver_again(&stage, 3).await;
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_deploy_delivered_ten_times_to_two_bots_is_one_request_and_one_message() {
    let stage = two().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    deliver_again(&stage, 9).await;
    stage.heard(1, "people").await;
    assert_eq!(stage.deploy.state().requests.len(), 1);
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    stage.heard(2, "ImagePullBackOff").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.calls(POST), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_claim_whose_answer_comes_when_another_has_taken_over_posts_nothing() {
    let stage = two().await;
    let hold = CancellationToken::new();
    stage.deploy.state().messages.hold_claim = Some(hold.clone());
    stage.say("@deploybot help").await;
    eventually("it is claimed", || {
        stage.deploy.state().messages.claims.len() == 1
    })
    .await;
    deliver_again(&stage, 2).await;
    stage.heard(1, "deploy").await;
    eventually("it is recorded", || {
        stage.deploy.state().messages.records.len() == 1
    })
    .await;
    let claims = stage.deploy.state().messages.claims.len();
    hold.cancel();
    eventually("it is claimed anew", || {
        stage.deploy.state().messages.claims.len() == claims + 1
    })
    .await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

/// Ends the bot that has claimed the first message.
async fn kill_the_one_that_claimed(stage: &mut Stage) {
    let number = {
        let state = stage.deploy.state();
        let (replica, _try) = state.messages.claims[0].claimant.split_once(':').unwrap();
        state.watching.number_of(replica)
    };
    stage.kill_bot_number(number).await;
}

#[tokio::test]
async fn of_one_that_dies_between_its_claim_and_the_post_another_posts() {
    let mut stage = two().await;
    let hold = CancellationToken::new();
    stage.deploy.state().messages.hold_claim = Some(hold.clone());
    stage.say("@deploybot help").await;
    eventually("it is claimed", || {
        stage.deploy.state().messages.claims.len() == 1
    })
    .await;
    kill_the_one_that_claimed(&mut stage).await;
    deliver_again(&stage, 1).await;
    stage.heard(1, "deploy").await;
    hold.cancel();
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

#[tokio::test]
async fn what_one_posts_that_dies_meanwhile_another_finds() {
    let mut stage = two().await;
    // It is carried out when nobody is there any more to hear of it.
    stage.fault(POST, 1, FaultKind::Latency { ms: 1_500 });
    stage.say("@deploybot help").await;
    eventually("it is being posted", || {
        stage.slack.control().faults().is_empty()
    })
    .await;
    kill_the_one_that_claimed(&mut stage).await;
    deliver_again(&stage, 1).await;
    eventually("it is found and recorded", || {
        stage.deploy.state().messages.records.len() == 1
    })
    .await;
    stage.heard(1, "deploy").await;
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

#[tokio::test]
async fn what_one_has_posted_and_not_recorded_another_finds() {
    let mut stage = two().await;
    stage.deploy.state().messages.refuse_records = vec![Status::unavailable("away")];
    stage.say("@deploybot help").await;
    stage.heard(1, "deploy").await;
    eventually("it is not recorded", || {
        let state = stage.deploy.state();
        state.messages.refuse_records.is_empty()
    })
    .await;
    kill_the_one_that_claimed(&mut stage).await;
    deliver_again(&stage, 1).await;
    eventually("it is found and recorded", || {
        stage.deploy.state().messages.records.len() == 1
    })
    .await;
    assert_eq!(stage.said().await.len(), 1);
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

#[tokio::test]
async fn what_one_has_told_somebody_alone_and_not_recorded_another_finds() {
    let mut stage = two().await;
    let not_there = || FaultKind::Refusal("not_in_channel".to_owned());
    stage.fault(POST, 1, not_there());
    stage.deploy.state().messages.refuse_records = vec![Status::unavailable("away")];
    stage.say("@deploybot help").await;
    told_alone(&stage, &stage.minji, 1).await;
    eventually("it is not recorded", || {
        let state = stage.deploy.state();
        state.messages.refuse_records.is_empty()
    })
    .await;
    let claims = stage.deploy.state().messages.claims.clone();
    assert_eq!(claims.len(), 2, "once for the channel, once for the person");
    assert_eq!(claims[0], claims[1], "it is the same message");
    kill_the_one_that_claimed(&mut stage).await;
    stage.fault(POST, 1, not_there());
    deliver_again(&stage, 1).await;
    eventually("it is found and recorded", || {
        stage.deploy.state().messages.records.len() == 1
    })
    .await;
    told_alone(&stage, &stage.minji, 1).await;
    assert_eq!(stage.calls(POST), 3, "two of them were refused");
    stage.finish().await;
}

#[tokio::test]
async fn of_one_that_dies_between_the_refusal_and_the_word_alone_another_says_it() {
    let mut stage = two().await;
    stage.fault(POST, 1, FaultKind::Refusal("not_in_channel".to_owned()));
    // It dies while it asks where the person is told alone.
    stage.fault(
        "POST /api/conversations.open",
        1,
        FaultKind::Latency { ms: 1_500 },
    );
    stage.say("@deploybot help").await;
    eventually("it asks for the place", || {
        stage.slack.control().faults().is_empty()
    })
    .await;
    kill_the_one_that_claimed(&mut stage).await;
    stage.fault(POST, 1, FaultKind::Refusal("not_in_channel".to_owned()));
    deliver_again(&stage, 1).await;
    told_alone(&stage, &stage.minji, 1).await;
    eventually("it is recorded", || {
        stage.deploy.state().messages.records.len() == 1
    })
    .await;
    assert_eq!(stage.calls(POST), 3);
    stage.finish().await;
}

#[tokio::test]
async fn of_two_one_shows_what_the_feed_tells_and_the_other_goes_on_where_it_dies() {
    let mut stage = two().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Running));
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!((stage.calls(POST), stage.calls(EDIT)), (1, 1));
    assert_eq!(stage.deploy.state().watching.terms, 1);

    let served = stage.deploy.state().watching.number_served();
    stage.kill_bot_number(served).await;
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    let said = stage.heard(2, "ImagePullBackOff").await;
    stage.corrected(0, "did not reach").await;
    assert!(text(&said[1]).contains(&format!("<@{}>", stage.minji)));
    assert_eq!(stage.deploy.state().watching.terms, 2);
    assert_eq!(stage.calls(POST), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_bot_that_was_asleep_overwrites_nothing_newer() {
    let mut stage = Stage::without_bot().await;
    stage.timing.served = Duration::from_secs(3);
    // What the first is told last waits a little.
    stage.timing.channel_burst = 1;
    stage.timing.channel_interval = Duration::from_secs(1);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Running));
    eventually("it was told", || stage.deploy.state().watching.told == 2).await;
    let asleep = stage.put_to_sleep(0).await;
    assert_eq!(stage.calls(EDIT), 0, "it is not shown yet");

    stage.begin_bot().await;
    eventually("the second waits for its turn", || {
        stage.deploy.state().watching.streams == 2
    })
    .await;
    stage.deploy.state().watching.give_to_another();
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.heard(1, "live").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    let edits = stage.calls(EDIT);
    // Until its term is over by its own clock, too.
    tokio::time::sleep(stage.timing.served).await;
    drop(asleep);
    eventually("the first is awake and waits for its turn", || {
        stage.deploy.state().watching.streams == 3
    })
    .await;
    stage.heard(1, "live").await;
    assert_eq!(stage.calls(EDIT), edits);
    stage.finish().await;
}

#[tokio::test]
async fn an_edit_under_way_of_one_that_died_does_not_stand() {
    let mut stage = Stage::without_bot().await;
    stage.timing.takeover = Duration::from_secs(3);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage.fault(EDIT, 1, FaultKind::Latency { ms: 1_500 });
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Running));
    eventually("it is being edited", || {
        stage.slack.control().faults().is_empty()
    })
    .await;
    stage.kill_bot().await;
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.start_bot().await;
    // That of the dead one, and two that say how it stands.
    eventually("it is edited once more", || stage.calls(EDIT) == 3).await;
    stage.heard(1, "live").await;
    stage.finish().await;
}

/// Minji has asked for a deployment and it has failed; the message with the buttons.
async fn failed(stage: &Stage) -> serde_json::Value {
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Failed);
        request.repository = "acme/people".to_owned();
        request.commit = Some(answers::commit(answers::NEW, "Add Minji to the team page"));
        request.failure = "ImagePullBackOff".to_owned();
    });
    stage.heard(2, "ImagePullBackOff").await[1].clone()
}

/// When Joon pressed Retry.
const PRESSED: i64 = 1_795_356_120;

/// What Slack tells of it.
fn pressed(stage: &Stage, message: &serde_json::Value) -> serde_json::Value {
    let (_, action) = crate::stage::button(message, "retry");
    let blocks = message["blocks"].as_array().unwrap();
    let mut buttons = blocks
        .iter()
        .flat_map(|it| it["elements"].as_array().into_iter().flatten());
    let button = buttons.find(|it| it["action_id"] == action).unwrap();
    json!({
        "type": "block_actions", "team": {"id": "T0TEAM"}, "trigger_id": "t1",
        "user": {"id": stage.joon, "team_id": "T0TEAM"},
        "channel": {"id": stage.channel}, "message": {"ts": message["ts"]},
        "actions": [{
            "type": "button", "action_id": action, "value": button["value"],
            "action_ts": format!("{PRESSED}.000100"),
        }],
    })
}

#[tokio::test]
async fn a_press_delivered_ten_times_to_two_bots_is_one_request() {
    let stage = two().await;
    let failure = failed(&stage).await;
    let again = json!({ "interaction": pressed(&stage, &failure) });
    for _ in 0..10 {
        stage
            .call("POST", "/control/events", Some(again.clone()))
            .await;
    }
    stage.heard(3, "accepted").await;
    stage.all_is_acknowledged().await;
    assert_eq!(stage.deploy.state().requests.len(), 2);
    // What it asked for is refused; delivered again it asks for nothing new.
    let id = stage.deploy.state().starts[1].request_id.clone();
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Refused);
        request.accepted_at = Some(prost_types::Timestamp {
            seconds: PRESSED + 1,
            nanos: 0,
        });
    });
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    // To others, which have not heard of it.
    let mut stage = stage;
    for _ in 0..2 {
        stage.kill_bot_number(0).await;
    }
    for _ in 0..2 {
        stage.start_bot().await;
    }
    for _ in 0..10 {
        stage
            .call("POST", "/control/events", Some(again.clone()))
            .await;
    }
    stage.all_is_acknowledged().await;
    assert_eq!(stage.deploy.state().requests.len(), 2);
    let said = stage.heard(4, "pressed this button before").await;
    assert_eq!(said[3]["thread_ts"], failure["ts"]);
    stage.finish().await;
}
