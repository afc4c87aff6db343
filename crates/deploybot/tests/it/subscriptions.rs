//! `subscribe`, `unsubscribe` and `subscriptions`: nothing is acknowledged before the
//! deploy service has it, and nothing is said twice.

use std::time::Duration;

use deploy_proto::v1::Moment;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::stage::{Stage, eventually, text};

const POST: &str = "POST /api/chat.postMessage";

/// Slack delivers a mention so many times more.
async fn deliver_again(stage: &Stage, number: usize, times: u32) {
    let before = stage.mention(number).attempts;
    let wanted = json!({"event_id": stage.mention(number).event_id, "times": times});
    stage.call("POST", "/control/redeliver", Some(wanted)).await;
    eventually("it is delivered again", || {
        stage.mention(number).attempts >= before + times
    })
    .await;
}

#[tokio::test]
async fn what_changes_something_is_acknowledged_when_the_deploy_service_has_it() {
    let stage = Stage::set().await;
    let asked: [(&str, &str); 3] = [
        ("@deploybot subscribe people", "From now on I tell here"),
        (
            "@deploybot subscribe people production failed",
            "Until now I did",
        ),
        ("@deploybot unsubscribe people", "I tell no more here"),
    ];
    for (number, (text, part)) in asked.into_iter().enumerate() {
        let hold = CancellationToken::new();
        stage.deploy.state().subscriptions.hold = Some(hold.clone());
        stage.say(text).await;
        eventually("it was asked for", || {
            let subscriptions = &stage.deploy.state().subscriptions;
            subscriptions.asked.len() + subscriptions.ended.len() == number + 1
        })
        .await;
        assert_eq!(
            stage.mention(number).state,
            "sent",
            "{text}: it is not journalled yet"
        );
        hold.cancel();
        stage.heard(number + 1, part).await;
        stage.all_is_acknowledged().await;
    }
    let asked = stage.deploy.state().subscriptions.asked.clone();
    let ended = stage.deploy.state().subscriptions.ended.clone();
    // By the event's id, and when it was said.
    let ids = [
        &asked[0].request_id,
        &asked[1].request_id,
        &ended[0].request_id,
    ];
    for (number, id) in ids.into_iter().enumerate() {
        assert_eq!(*id, stage.request_id(number));
    }
    let times = [asked[0].asked_at, asked[1].asked_at, ended[0].asked_at];
    let times = times.map(|at| at.map(|at| (at.seconds, at.nanos)));
    assert!(times[0].is_some() && times.is_sorted(), "{times:?}");
    let first = &asked[0];
    assert_eq!(first.channel, stage.channel);
    assert_eq!(
        (first.repository.as_str(), first.environment.as_str()),
        ("people", "")
    );
    assert_eq!(first.requester.clone().unwrap().slack, stage.minji);
    assert_eq!(asked[1].moments().collect::<Vec<_>>(), [Moment::Failed]);
    let left = stage.deploy.state().subscriptions.of(&stage.channel);
    assert!(left.is_empty(), "{left:?}");
    stage.finish().await;
}

#[tokio::test]
async fn what_a_channel_follows_is_listed() {
    let stage = Stage::set().await;
    stage.say("@deploybot subscriptions").await;
    stage.heard(1, "no deployments but those").await;
    let (channel, minji) = (stage.channel.clone(), stage.minji.clone());
    stage
        .deploy
        .state()
        .subscriptions
        .follows(&channel, &minji, &[Moment::Started]);
    stage.say("@deploybot subscriptions").await;
    stage.heard(2, "when one begins").await;
    stage.deploy.state().subscriptions.refuse = vec![Status::unavailable("away")];
    stage.say("@deploybot subscriptions").await;
    stage.heard(3, "").await;
    stage.all_is_acknowledged().await;
    stage.finish().await;
}

#[tokio::test]
async fn who_ends_by_a_slip_what_nobody_follows_is_told_what_is_followed() {
    let stage = Stage::set().await;
    let asked = stage.say("@deploybot unsubscribe peple").await;
    let said = stage.heard(1, "nothing to end").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str(), "{}", said[0]);
    assert!(!text(&said[0]).contains("Did you mean"), "{}", said[0]);
    stage.say("@deploybot subscribe people").await;
    stage.heard(2, "From now on I tell here").await;
    for (number, (slip, meant)) in [
        ("peple", "unsubscribe acme/people"),
        ("acme/peple", "unsubscribe acme/people"),
        ("people prodution", "unsubscribe acme/people production"),
    ]
    .into_iter()
    .enumerate()
    {
        stage.say(&format!("@deploybot unsubscribe {slip}")).await;
        let meant = format!("Did you mean `@deploybot {meant}`?");
        stage.heard(number + 3, &meant).await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn delivered_ten_times_each_has_one_answer() {
    let stage = Stage::set().await;
    let asked: [(&str, &str); 3] = [
        ("@deploybot subscribe people", "From now on I tell here"),
        ("@deploybot subscriptions", "when one is live"),
        ("@deploybot unsubscribe people", "I tell no more here"),
    ];
    for (number, (text, part)) in asked.into_iter().enumerate() {
        let hold = CancellationToken::new();
        stage.deploy.state().subscriptions.hold = Some(hold.clone());
        stage.say(text).await;
        eventually("it has come", || stage.slack.deliveries().len() > number).await;
        // Half of them before it is done, half of them after.
        deliver_again(&stage, number, 5).await;
        hold.cancel();
        stage.heard(number + 1, part).await;
        stage.all_is_acknowledged().await;
        deliver_again(&stage, number, 4).await;
        stage.all_is_acknowledged().await;
        stage.heard(number + 1, part).await;
    }
    assert_eq!(stage.calls(POST), 3);
    stage.finish().await;
}

#[tokio::test]
async fn it_is_asked_until_the_deploy_service_is_back() {
    let stage = Stage::set().await;
    stage.deploy.state().subscriptions.refuse = vec![Status::unavailable("away"); 3];
    stage.say("@deploybot subscribe people").await;
    stage.heard(1, "From now on I tell here").await;
    assert_eq!(stage.deploy.state().subscriptions.asked.len(), 4);
    stage.deploy.state().subscriptions.refuse = vec![Status::unavailable("away"); 3];
    stage.say("@deploybot unsubscribe people").await;
    stage.heard(2, "I tell no more here").await;
    assert_eq!(stage.deploy.state().subscriptions.ended.len(), 4);
    // What can't do better later is asked once.
    let wrong = Status::invalid_argument("The channel is none.");
    stage.deploy.state().subscriptions.refuse = vec![wrong];
    stage.say("@deploybot subscribe people").await;
    stage.heard(3, "").await;
    assert_eq!(stage.deploy.state().subscriptions.asked.len(), 5);
    stage.finish().await;
}

/// The deploy service takes nothing before the token is cancelled, and whoever asks
/// hears soon that it takes long.
async fn held() -> (Stage, CancellationToken) {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(100);
    stage.start_bot().await;
    let hold = CancellationToken::new();
    stage.deploy.state().subscriptions.hold = Some(hold.clone());
    (stage, hold)
}

#[tokio::test]
async fn what_takes_long_is_said_beside_and_then_what_became_of_it() {
    let (stage, hold) = held().await;
    let asked = stage.say("@deploybot subscribe people").await;
    let said = stage.heard(1, "I keep asking").await;
    assert_eq!(said[0]["thread_ts"], asked);
    hold.cancel();
    stage.corrected(0, "From now on I tell here").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_subscribe_that_still_waits_is_withdrawn_by_unsubscribe_and_both_say_so() {
    let (stage, hold) = held().await;
    stage.say("@deploybot subscribe people").await;
    stage.heard(1, "I keep asking").await;
    stage.deploy.state().subscriptions.hold = None;
    stage.deploy.state().subscriptions.has_newer = true;
    // It is about something else.
    for (number, other) in ["api", "people staging"].into_iter().enumerate() {
        stage.say(&format!("@deploybot unsubscribe {other}")).await;
        stage.heard(2 + number, "nothing to end").await;
    }
    stage.say("@deploybot unsubscribe people prod").await;
    let withdrawn = "is withdrawn: `@deploybot subscribe people`";
    stage.heard(4, withdrawn).await;
    hold.cancel();
    stage
        .corrected(0, "`unsubscribe` was said here after")
        .await;
    // Nothing waits any more.
    stage.say("@deploybot unsubscribe people").await;
    stage.heard(5, "nothing to end").await;
    // What is followed by now was asked for later.
    let (channel, minji) = (stage.channel.clone(), stage.minji.clone());
    let follows = [Moment::Failed];
    stage
        .deploy
        .state()
        .subscriptions
        .follows(&channel, &minji, &follows);
    stage.say("@deploybot subscribe people").await;
    stage.heard(6, "Another `subscribe` was said").await;
    stage.finish().await;
}

#[tokio::test]
async fn who_takes_over_says_what_became_of_it_in_place_of_that_it_takes_long() {
    let (mut stage, hold) = held().await;
    stage.say("@deploybot subscribe people").await;
    stage.heard(1, "I keep asking").await;
    stage.kill_bot().await;
    hold.cancel();
    stage.start_bot().await;
    stage.corrected(0, "From now on I tell here").await;
    assert_eq!(stage.said().await.len(), 1);
    let ids = stage.deploy.state().subscriptions.asked.clone();
    assert!(ids.iter().all(|it| it.request_id == ids[0].request_id));
    stage.finish().await;
}

#[tokio::test]
async fn while_the_deploy_service_is_away_it_is_asked_for_as_long_as_that_makes_sense() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_at_last = Duration::from_millis(300);
    stage.start_bot().await;
    stage.deploy.go_away().await;
    for (count, (text, part)) in (1..).zip([
        (
            "@deploybot subscribe people staging failed",
            "say `@deploybot subscribe people staging failed` again",
        ),
        (
            "@deploybot unsubscribe people",
            "say `@deploybot unsubscribe people` again",
        ),
        ("@deploybot subscriptions", "deploy service"),
    ]) {
        stage.say(text).await;
        let said = stage.heard(count, part).await;
        // Nobody knows what a service that does not answer has done.
        let last = said.last().unwrap().to_string();
        assert!(!last.contains("Nothing was changed"), "{last}");
        stage.all_is_acknowledged().await;
    }
    stage.deploy.come_back().await;
    stage.say("@deploybot subscriptions").await;
    stage.heard(4, "no deployments but those").await;
    assert!(stage.deploy.state().subscriptions.asked.is_empty());
    stage.finish().await;
}
