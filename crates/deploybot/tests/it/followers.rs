//! Channels that follow deployments: each has one message for each deployment, edited
//! to its end, whoever dies when; one that takes nothing, or in which the bot can't
//! write, holds up nobody.

use std::time::Duration;

use deploy_proto::v1::{self, Deployment, DeploymentState, Moment, RequestState};
use serde_json::Value;
use simulators::{
    control::FaultKind,
    slack::{ChannelId, NewChannel, UserId},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    answers,
    feed::request,
    refused::told_alone,
    stage::{Stage, eventually, text},
};

const POST: &str = "POST /api/chat.postMessage";
const EDIT: &str = "POST /api/chat.update";
const ALL: &[Moment] = &[Moment::Started, Moment::Succeeded, Moment::Failed];
const ENDS: &[Moment] = &[Moment::Succeeded, Moment::Failed];
const PATIENCE: Duration = Duration::from_secs(30);

/// A channel, with or without the bot in it.
pub(crate) fn channel(stage: &Stage, name: &str, with_app: bool) -> String {
    let made = stage.slack.add_channel(NewChannel {
        name: name.to_owned(),
        topic: String::new(),
        private: false,
        members: vec![UserId::new(&stage.minji)],
        with_app,
    });
    made.as_str().to_owned()
}

/// Minji has a channel follow production of people.
pub(crate) fn follow(stage: &Stage, channel: &str, moments: &[Moment]) {
    let minji = stage.minji.clone();
    let subscriptions = &mut stage.deploy.state().subscriptions;
    subscriptions.follows(channel, &minji, moments);
}

/// A channel that follows.
fn follower(stage: &Stage, name: &str, moments: &[Moment]) -> String {
    let made = channel(stage, name, true);
    follow(stage, &made, moments);
    made
}

/// What the bot has said in a channel.
async fn said_in(stage: &Stage, channel: &str) -> Vec<Value> {
    let path = format!("/client/messages?channel={channel}&limit=1000");
    let answer = stage.call("GET", &path, None).await;
    let all = answer["messages"].as_array().unwrap().iter();
    all.filter(|it| it["user"] == "U0BOT").cloned().collect()
}

/// Waits until it has said so many things there and the last one holds a text.
async fn heard_in(stage: &Stage, channel: &str, count: usize, part: &str) -> Vec<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let said = said_in(stage, channel).await;
        let texts: Vec<_> = said.iter().map(text).collect();
        assert!(said.len() <= count, "more than {count}: {texts:#?}");
        if said.len() == count && texts.last().is_some_and(|last| last.contains(part)) {
            return said;
        }
        assert!(
            Instant::now() < until,
            "never {count} with {part:?}: {texts:#?}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What others have made.
fn made(id: i64, state: DeploymentState) -> Deployment {
    Deployment {
        id,
        ..answers::deployment(state)
    }
}

/// Minji has asked for it in the channel, and it runs.
fn runs(stage: &Stage, id: &str) {
    stage.deploy.journal(v1::Request {
        state: RequestState::Running.into(),
        deployment: Some(made(70, DeploymentState::Running)),
        ..request(stage, id, "")
    });
}

fn goes_on(stage: &Stage, id: &str, state: RequestState) {
    stage.deploy.tell(id, |request| request.set_state(state));
}

#[tokio::test]
async fn a_deployment_has_one_message_in_each_channel_that_follows_edited_to_its_end() {
    let stage = Stage::set().await;
    let all = follower(&stage, "everything", ALL);
    let ends = follower(&stage, "releases", ENDS);
    let own = stage.channel.clone();
    follow(&stage, &own, ALL);
    runs(&stage, "slack:T:one");
    stage.heard(1, "people").await;
    heard_in(&stage, &all, 1, "*people*").await;
    goes_on(&stage, "slack:T:one", RequestState::Succeeded);
    let live = heard_in(&stage, &all, 1, "✅").await;
    assert_eq!(live[0]["metadata"]["event_type"], "deploybot_follow");
    heard_in(&stage, &ends, 1, "✅").await;
    stage.heard(1, "live").await;

    runs(&stage, "slack:T:two");
    heard_in(&stage, &all, 2, "*people*").await;
    goes_on(&stage, "slack:T:two", RequestState::Failed);
    heard_in(&stage, &all, 2, "❌").await;
    let failed = heard_in(&stage, &ends, 2, "❌").await;
    assert!(
        !failed[1].to_string().contains("<@"),
        "nobody is notified there"
    );
    // What others make has no message but these.
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Running), "");
    heard_in(&stage, &all, 3, "*people*").await;
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Succeeded), "");
    heard_in(&stage, &all, 3, "✅").await;
    heard_in(&stage, &ends, 3, "✅").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    // Where they were asked for: the requests, the failure, and what others made. In
    // each of the other channels: three.
    assert_eq!((stage.said().await.len(), stage.calls(POST)), (4, 10));
    stage.finish().await;
}

#[tokio::test]
async fn many_states_need_few_edits_there_and_the_last_one_stands() {
    let mut stage = Stage::without_bot().await;
    stage.timing.channel_burst = 1;
    stage.timing.channel_interval = Duration::from_millis(300);
    stage.start_bot().await;
    let all = follower(&stage, "everything", ALL);
    for attempt in 0..30 {
        let running = Deployment {
            log_url: format!("https://github.test/acme/people/actions/runs/{attempt}"),
            ..made(8, DeploymentState::Running)
        };
        stage.deploy.others_deploy(running, "");
    }
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Succeeded), "");
    heard_in(&stage, &all, 1, "✅").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert!(stage.calls(EDIT) <= 5, "{} edits", stage.calls(EDIT));
    stage.finish().await;
}

/// A bot whose claims are over soon when it dies.
async fn with_short_claims() -> Stage {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_secs(2);
    stage.timing.claim_call = Duration::from_secs(20);
    stage.deploy.state().messages.lasts = Some(Duration::from_secs(3));
    stage.start_bot().await;
    stage
}

#[tokio::test]
async fn of_one_that_dies_between_its_claim_and_the_post_another_posts() {
    let mut stage = with_short_claims().await;
    let all = follower(&stage, "everything", ALL);
    let hold = CancellationToken::new();
    stage.deploy.state().messages.hold_claim = Some(hold.clone());
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Running), "");
    eventually("it is claimed", || {
        stage.deploy.state().messages.claims.len() == 1
    })
    .await;
    stage.kill_bot().await;
    stage.start_bot().await;
    heard_in(&stage, &all, 1, "*people*").await;
    hold.cancel();
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

#[tokio::test]
async fn what_one_has_posted_and_not_recorded_another_finds_and_edits() {
    let mut stage = with_short_claims().await;
    let all = follower(&stage, "everything", ALL);
    stage.deploy.state().messages.refuse_records = vec![Status::unavailable("away"); 10_000];
    runs(&stage, "slack:T:one");
    stage.heard(1, "people").await;
    heard_in(&stage, &all, 1, "*people*").await;
    stage.kill_bot().await;
    stage.deploy.state().acknowledged = 0;
    stage.deploy.state().messages.refuse_records.clear();
    goes_on(&stage, "slack:T:one", RequestState::Succeeded);
    stage.start_bot().await;
    heard_in(&stage, &all, 1, "✅").await;
    stage.heard(1, "live").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.calls(POST), 2);
    stage.finish().await;
}

#[tokio::test]
async fn what_one_posts_that_dies_meanwhile_another_finds() {
    let mut stage = with_short_claims().await;
    stage.start_bot().await;
    let all = follower(&stage, "everything", ALL);
    // It is carried out when nobody is there any more to hear of it.
    stage.fault(POST, 1, FaultKind::Latency { ms: 1_500 });
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Running), "");
    eventually("it is being posted", || {
        stage.slack.control().faults().is_empty()
    })
    .await;
    let served = stage.deploy.state().watching.number_served();
    stage.kill_bot_number(served).await;
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Succeeded), "");
    heard_in(&stage, &all, 1, "✅").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.calls(POST), 1);
    stage.finish().await;
}

/// A bot that does not wait for what still waits when it is stopped.
async fn that_stops_at_once(change: impl FnOnce(&mut Stage)) -> Stage {
    let mut stage = Stage::without_bot().await;
    stage.timing.drain = Duration::from_millis(100);
    change(&mut stage);
    stage.start_bot().await;
    stage
}

#[tokio::test]
async fn a_channel_that_slack_lets_wait_delays_no_other() {
    let stage = that_stops_at_once(|_| ()).await;
    let waits = follower(&stage, "waits", ALL);
    stage.fault(POST, 1, FaultKind::RateLimit { seconds: 3600 });
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Running), "");
    eventually("it was refused", || stage.calls(POST) == 1).await;
    let other = follower(&stage, "other", ALL);
    runs(&stage, "slack:T:one");
    stage.heard(1, "people").await;
    heard_in(&stage, &other, 1, "*people*").await;
    goes_on(&stage, "slack:T:one", RequestState::Succeeded);
    stage.heard(1, "live").await;
    heard_in(&stage, &other, 1, "✅").await;
    assert_eq!(said_in(&stage, &waits).await.len(), 0);
    // It is told of all that again when it can be.
    assert_eq!(stage.deploy.state().acknowledged, 0);
    stage.stop().await;
}

#[tokio::test]
async fn a_wait_that_slack_asks_for_is_kept_and_then_it_is_told() {
    let stage = Stage::set().await;
    let all = follower(&stage, "everything", ALL);
    stage.fault(POST, 1, FaultKind::RateLimit { seconds: 1 });
    let begun = Instant::now();
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Running), "");
    eventually("it was refused", || stage.calls(POST) == 1).await;
    stage
        .deploy
        .others_deploy(made(8, DeploymentState::Succeeded), "");
    heard_in(&stage, &all, 1, "✅").await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(stage.calls(POST), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_flood_in_one_channel_delays_no_other() {
    let stage = that_stops_at_once(|stage| {
        stage.timing.channel_burst = 2;
        stage.timing.channel_interval = Duration::from_secs(2);
    })
    .await;
    let flooded = follower(&stage, "flooded", ALL);
    for id in 100..350 {
        stage
            .deploy
            .others_deploy(made(id, DeploymentState::Running), "");
    }
    eventually("the flood has begun", || stage.calls(POST) >= 1).await;
    let other = follower(&stage, "other", ALL);
    runs(&stage, "slack:T:one");
    stage.heard(1, "people").await;
    heard_in(&stage, &other, 1, "*people*").await;
    goes_on(&stage, "slack:T:one", RequestState::Succeeded);
    stage.heard(1, "live").await;
    heard_in(&stage, &other, 1, "✅").await;
    // It is far from over, and nothing of it was put off for the others.
    assert!(said_in(&stage, &flooded).await.len() < 20);
    assert_eq!(said_in(&stage, &other).await.len(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn where_the_bot_cannot_write_the_subscriber_is_told_alone_once() {
    // The claim of a post that was refused runs out before the next state is tried.
    let mut stage = with_short_claims().await;
    let without = channel(&stage, "without", false);
    let archived = follower(&stage, "archived", ALL);
    stage.slack.archive_channel(&ChannelId::new(&archived));
    let gone = "C0NOWHERE".to_owned();
    let vain = [&without, &archived, &gone];
    for channel in vain {
        follow(&stage, channel, ALL);
    }
    let other = follower(&stage, "other", ALL);
    for (id, count) in [("slack:T:one", 1), ("slack:T:two", 2)] {
        runs(&stage, id);
        heard_in(&stage, &other, count, "*people*").await;
        goes_on(&stage, id, RequestState::Succeeded);
        heard_in(&stage, &other, count, "✅").await;
        stage.heard(count, "live").await;
        eventually("all is shown", || stage.deploy.all_is_shown()).await;
    }
    let told = told_alone(&stage, &stage.minji, 3).await;
    for channel in vain {
        let named = format!("<#{channel}>");
        let of_it = told.iter().filter(|it| text(it).contains(&named));
        assert_eq!(of_it.count(), 1, "{channel}: {told:#?}");
    }
    // Into the one it can be invited; the others follow no more.
    let follows = |channel: &str| stage.deploy.state().subscriptions.of(channel).len();
    assert_eq!(vain.map(|channel| follows(channel)), [1, 0, 0]);
    // Another process knows that they were told.
    stage.kill_bot().await;
    stage.start_bot().await;
    runs(&stage, "slack:T:three");
    heard_in(&stage, &other, 3, "*people*").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    told_alone(&stage, &stage.minji, 3).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_channel_that_is_archived_meanwhile_holds_up_nothing() {
    let stage = Stage::set().await;
    let all = follower(&stage, "everything", ALL);
    runs(&stage, "slack:T:one");
    heard_in(&stage, &all, 1, "*people*").await;
    stage.slack.archive_channel(&ChannelId::new(&all));
    goes_on(&stage, "slack:T:one", RequestState::Succeeded);
    stage.heard(1, "live").await;
    let told = told_alone(&stage, &stage.minji, 1).await;
    assert!(text(&told[0]).contains(&format!("<#{all}>")), "{}", told[0]);
    assert!(text(&told[0]).contains("no more"), "{}", text(&told[0]));
    eventually("it follows no more", || {
        stage.deploy.state().subscriptions.of(&all).is_empty()
    })
    .await;
    stage.finish().await;
}

#[tokio::test]
async fn what_an_archived_channel_follows_is_ended_at_the_next_deployment_where_it_cannot_be() {
    let stage = Stage::set().await;
    let all = follower(&stage, "everything", ALL);
    stage.slack.archive_channel(&ChannelId::new(&all));
    let away = Status::unavailable("away");
    stage.deploy.state().subscriptions.refuse = vec![away; 10_000];
    runs(&stage, "slack:T:one");
    stage.heard(1, "people").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    let told = told_alone(&stage, &stage.minji, 1).await;
    assert!(text(&told[0]).contains("no more"), "{}", text(&told[0]));
    let follows = || stage.deploy.state().subscriptions.of(&all).len();
    assert_eq!(follows(), 1);

    stage.deploy.state().subscriptions.refuse.clear();
    runs(&stage, "slack:T:two");
    stage.heard(2, "people").await;
    eventually("it follows no more", || follows() == 0).await;
    stage.finish().await;
}
