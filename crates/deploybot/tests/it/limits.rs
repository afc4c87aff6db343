//! Slack's limits: waits are kept, the last state arrives, and one channel does
//! not delay another.

use std::time::Duration;

use deploy_proto::v1::RequestState;
use serde_json::json;
use simulators::{control::FaultKind, slack};
use tokio::time::Instant;

use crate::{
    answers,
    stage::{Stage, eventually},
};

const POST: &str = "POST /api/chat.postMessage";

#[tokio::test]
async fn a_wait_that_slack_asks_for_is_kept_and_then_it_is_said() {
    let stage = Stage::set().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.fault(
        "POST /api/chat.postMessage",
        1,
        FaultKind::RateLimit { seconds: 1 },
    );
    let begin = Instant::now();
    stage.say("@deploybot status people").await;
    stage.heard(1, "people").await;
    assert!(
        begin.elapsed() >= Duration::from_secs(1),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 2);
    stage.finish().await;
}

#[tokio::test]
async fn while_one_channel_waits_another_is_served() {
    let mut stage = Stage::without_bot().await;
    // The one answer is still waiting when the test ends.
    stage.timing.drain = Duration::from_millis(100);
    stage.start_bot().await;
    let other = stage.slack.add_channel(slack::NewChannel {
        name: "other".to_owned(),
        topic: String::new(),
        private: false,
        members: vec![slack::UserId::new(&stage.joon)],
        with_app: true,
    });
    stage.fault(
        "POST /api/chat.postMessage",
        1,
        FaultKind::RateLimit { seconds: 3600 },
    );
    stage.say("@deploybot help").await;
    eventually("it was refused", || {
        stage.calls("POST /api/chat.postMessage") == 1
    })
    .await;
    let asked = json!({"user": stage.joon, "channel": other.as_str(), "text": "@deploybot help"});
    stage.call("POST", "/client/messages", Some(asked)).await;
    eventually("the other was answered", || {
        stage.calls("POST /api/chat.postMessage") == 2
    })
    .await;
    let path = format!("/client/messages?channel={}", other.as_str());
    let messages = stage.call("GET", &path, None).await;
    let there = messages["messages"].as_array().unwrap().len();
    assert_eq!((there, stage.said().await.len()), (2, 0), "{messages}");
    stage.finish().await;
}

#[tokio::test]
async fn a_call_that_hangs_holds_up_its_own_channel_alone() {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_secs(3);
    stage.start_bot().await;
    let other = stage.add_channel("other");
    stage.fault(POST, 1, FaultKind::Latency { ms: 60_000 });
    stage.say("@deploybot help").await;
    eventually("it hangs", || stage.slack.control().faults().is_empty()).await;
    let begun = Instant::now();
    stage.ask_in(&other, "@deploybot help").await;
    eventually("the other was answered", || stage.calls(POST) == 1).await;
    assert!(begun.elapsed() < stage.timing.slack_call);
    // It has an end, and is said then.
    stage.heard(1, "deploy").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_waits_for_too_many_calls_that_hang_is_claimed_anew_and_said_once() {
    // More than twice as many as are made at once.
    const CHANNELS: usize = 140;
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_secs(3);
    stage.start_bot().await;
    stage.fault(POST, u32::MAX, FaultKind::OnceGone { ms: 60_000 });
    let channels: Vec<_> = (0..CHANNELS)
        .map(|number| stage.add_channel(&format!("channel{number}")))
        .collect();
    for channel in &channels {
        stage.ask_in(channel, "@deploybot help").await;
    }
    // Once for each message, and once more for each whose answer was lost.
    eventually("a message that was not sent is claimed again", || {
        let claims = stage.deploy.state().messages.claims.len();
        claims > CHANNELS + usize::try_from(stage.calls(POST)).unwrap()
    })
    .await;
    stage.slack.control().clear_faults();
    eventually("all is said", || {
        stage.deploy.state().messages.records.len() == CHANNELS
    })
    .await;
    for channel in &channels {
        assert_eq!(stage.messages_in(channel).await.len(), 2);
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_claim_that_hangs_holds_up_its_own_channel_alone() {
    let stage = Stage::set().await;
    let other = stage.add_channel("other");
    let hold = tokio_util::sync::CancellationToken::new();
    stage.deploy.state().messages.hold_claim = Some(hold.clone());
    stage.say("@deploybot help").await;
    eventually("it hangs", || {
        stage.deploy.state().messages.claims.len() == 1
    })
    .await;
    let begun = Instant::now();
    stage.ask_in(&other, "@deploybot help").await;
    eventually("the other was answered", || stage.calls(POST) == 1).await;
    assert!(begun.elapsed() < stage.timing.claim_call);
    stage.heard(1, "deploy").await;
    hold.cancel();
    stage.finish().await;
}

#[tokio::test]
async fn a_storm_over_all_channels_is_said_in_turn_and_the_quiet_come_first() {
    const CHANNELS: usize = 50;
    const MINUTE: usize = 240;
    let stage = Stage::with(|slack| {
        slack.rate_limits = true;
        slack.messages_a_minute = Some(u32::try_from(MINUTE).unwrap());
    });
    let mut stage = stage.await;
    stage.start_bot().await;
    let channels: Vec<_> = (0..CHANNELS)
        .map(|number| stage.add_channel(&format!("channel{number}")))
        .collect();
    let refused = || {
        let log = stage.slack.control().log();
        let posts = log.iter().filter(|entry| entry.route == POST);
        posts.filter(|entry| entry.status == Some(429)).count()
    };
    let said = || usize::try_from(stage.calls(POST)).unwrap() - refused();
    // More than Slack takes at once, and in each channel less.
    let storm = MINUTE + CHANNELS;
    for number in 0..storm {
        let channel = &channels[number % CHANNELS];
        stage.ask_in(channel, "@deploybot help").await;
    }
    eventually("Slack refuses", || refused() >= 2).await;
    let before = said();
    let quiet = stage.add_channel("quiet");
    stage.ask_in(&quiet, "@deploybot help").await;
    while stage.messages_in(&quiet).await.len() < 2 {
        assert!(
            said() < before + CHANNELS,
            "the quiet one waits for a flood"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eventually("all is said", || said() == storm + 1).await;
    // Each channel once, and by chance once more.
    assert!(refused() <= 2 * CHANNELS, "{}", refused());
    stage.finish().await;
}

#[tokio::test]
async fn many_states_need_few_edits_and_the_last_one_stands() {
    let mut stage = Stage::without_bot().await;
    stage.timing.channel_burst = 1;
    stage.timing.channel_interval = Duration::from_millis(300);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    for step in 0..30 {
        stage.deploy.tell(&id, |request| {
            request.set_state(RequestState::Running);
            let mut deployment = answers::deployment(deploy_proto::v1::DeploymentState::Running);
            deployment.steps.push(deploy_proto::v1::Step {
                state: "in_progress".to_owned(),
                description: format!("step {step}"),
                ..Default::default()
            });
            request.deployment = Some(deployment);
        });
    }
    stage
        .deploy
        .tell(&id, |request| request.set_state(RequestState::Succeeded));
    stage.heard(1, "live").await;
    let edits = stage.calls("POST /api/chat.update");
    assert!((1..=5).contains(&edits), "{edits} edits");
    stage.finish().await;
}

#[tokio::test]
async fn a_channel_in_which_much_is_asked_sees_how_its_deployments_go_on() {
    let mut stage = Stage::without_bot().await;
    stage.timing.channel_burst = 1;
    stage.timing.channel_interval = Duration::from_millis(100);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let (posts, edits) = ("POST /api/chat.postMessage", "POST /api/chat.update");
    stage.fault(posts, 1, FaultKind::RateLimit { seconds: 1 });
    for _ in 0..8 {
        stage.say("@deploybot help").await;
    }
    eventually("the answers wait", || stage.calls(posts) == 2).await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Succeeded);
    });
    eventually("all is said", || {
        stage.calls(posts) + stage.calls(edits) == 11
    })
    .await;
    let log = stage.slack.control().log();
    let last = log
        .iter()
        .rfind(|entry| [posts, edits].contains(&entry.route.as_str()));
    assert_eq!(last.map(|entry| entry.route.as_str()), Some(posts));
    stage.corrected(0, "live").await;
    stage.finish().await;
}
