//! What waits to be said: nothing is lost while Slack is away, nothing comes out
//! of order, and no channel waits for another.

use std::time::Duration;

use deploy_proto::v1::RequestState;
use serde_json::{Value, json};
use simulators::{control::FaultKind, slack};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    answers,
    stage::{Stage, eventually, text},
};

const POST: &str = "POST /api/chat.postMessage";
const EDIT: &str = "POST /api/chat.update";
const HISTORY: &str = "GET /api/conversations.history";
const REPLIES: &str = "GET /api/conversations.replies";

/// As often as something is tried in an hour, with half a minute between.
const TRIES_IN_AN_HOUR: u64 = 120;

#[tokio::test]
async fn an_hour_without_slack_delays_what_is_said_and_loses_nothing() {
    let mut stage = Stage::without_bot().await;
    stage.timing.retry_first = Duration::from_millis(1);
    stage.timing.retry_most = Duration::from_millis(20);
    stage.timing.lost_answer = Duration::from_millis(1);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    for method in [POST, EDIT, HISTORY, REPLIES] {
        stage.fault(method, u32::MAX, FaultKind::Status(503));
    }
    let mut asked = Vec::new();
    for number in 0..5 {
        asked.push(stage.say("@deploybot help").await);
        // So that they wait in this order.
        eventually("it waits", || {
            stage.mention(number + 1).state == "acknowledged"
        })
        .await;
    }
    let id = stage.request_id(0);
    for state in [RequestState::Creating, RequestState::Running] {
        stage.deploy.tell(&id, |request| request.set_state(state));
    }
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    eventually("an hour is over", || {
        let tried = stage.calls(POST) + stage.calls(HISTORY) + stage.calls(REPLIES);
        tried.min(stage.calls(EDIT)) >= TRIES_IN_AN_HOUR
    })
    .await;
    assert_eq!(stage.said().await.len(), 1);
    assert!(!stage.deploy.all_is_shown());

    stage.slack.control().clear_faults();
    let said = stage.heard(7, "ImagePullBackOff").await;
    let threads: Vec<_> = said[1..6]
        .iter()
        .map(|message| message["thread_ts"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(threads, asked);
    stage.corrected(0, "did not reach").await;
    stage.finish().await;
}

#[tokio::test]
async fn an_answer_that_slack_does_not_take_for_hours_is_given_up() {
    let mut stage = Stage::without_bot().await;
    stage.timing.answer_kept = Duration::from_millis(800);
    stage.start_bot().await;
    stage.fault(POST, 1, FaultKind::RateLimit { seconds: 1 });
    stage.say("@deploybot help").await;
    eventually("it was refused", || stage.calls(POST) == 1).await;
    // What is asked later is said then.
    tokio::time::sleep(stage.timing.answer_kept).await;
    let asked = stage.say("@deploybot help").await;
    let said = stage.heard(1, "deploy").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str());
    assert_eq!(stage.calls(POST), 2);
    stage.finish().await;
}

/// What the bot has said in a channel.
async fn said_in(stage: &Stage, channel: &str) -> Vec<Value> {
    let path = format!("/client/messages?channel={channel}&limit=1000");
    let messages = stage.call("GET", &path, None).await;
    let messages = messages["messages"].as_array().unwrap().clone();
    messages
        .into_iter()
        .filter(|message| message["user"] == "U0BOT")
        .collect()
}

#[tokio::test]
async fn a_flood_in_one_channel_does_not_delay_another() {
    const FLOOD: usize = 40;
    let mut stage = Stage::without_bot().await;
    stage.timing.channel_burst = 1;
    stage.timing.channel_interval = Duration::from_millis(200);
    stage.start_bot().await;
    let other = stage.slack.add_channel(slack::NewChannel {
        name: "other".to_owned(),
        topic: String::new(),
        private: false,
        members: vec![slack::UserId::new(&stage.joon)],
        with_app: true,
    });
    for _ in 0..FLOOD {
        stage.say("@deploybot help").await;
    }
    eventually("all is delivered", || {
        (0..FLOOD).all(|number| stage.mention(number).attempts == 1)
    })
    .await;
    let asked = json!({"user": stage.joon, "channel": other.as_str(), "text": "@deploybot help"});
    stage.call("POST", "/client/messages", Some(asked)).await;
    let flooded = loop {
        let (there, here) = (said_in(&stage, other.as_str()).await, stage.said().await);
        if there.len() == 1 {
            break here.len();
        }
        assert!(
            here.len() < FLOOD,
            "the other channel waits for all of this"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(flooded < FLOOD / 2, "{flooded} of {FLOOD} went before it");
    let begun = Instant::now();
    stage.heard(FLOOD, "deploy").await;
    let at_least = stage.timing.channel_interval * u32::try_from(FLOOD - flooded - 1).unwrap();
    assert!(begun.elapsed() >= at_least / 2, "one call an interval");
    stage.finish().await;
}

#[tokio::test]
async fn one_person_is_answered_in_the_order_of_their_questions_and_others_need_not_wait() {
    let stage = Stage::set().await;
    let hold = CancellationToken::new();
    {
        let mut deploy = stage.deploy.state();
        deploy.status = Some(Ok(answers::status()));
        deploy.hold_reads = Some(hold.clone());
    }
    let first = stage.say("@deploybot status people").await;
    eventually("it is asked", || stage.deploy.state().reads == 1).await;
    let second = stage.say("@deploybot stauts people").await;
    // It is known at once, and not said.
    stage.ask_in(&stage.channel, "@deploybot help").await;
    let said = stage.heard(1, "deploy").await;
    assert!(said[0]["thread_ts"] != second.as_str(), "{said:#?}");
    eventually("both are acknowledged all the same", || {
        (0..3).all(|number| stage.mention(number).state == "acknowledged")
    })
    .await;
    assert_eq!(stage.said().await.len(), 1);

    hold.cancel();
    let said = stage.heard(3, "Did you mean").await;
    assert!(said[1].get("thread_ts").is_none(), "the answer to {first}");
    assert_eq!(said[2]["thread_ts"], second.as_str());
    stage.finish().await;
}

#[tokio::test]
async fn who_waits_for_the_answer_to_an_earlier_question_is_told_so_alone() {
    let mut stage = Stage::without_bot().await;
    stage.timing.read_acknowledged_after = Duration::from_millis(50);
    stage.start_bot().await;
    let mut whispers = stage.listen().await;
    let hold = CancellationToken::new();
    {
        let mut deploy = stage.deploy.state();
        deploy.status = Some(Ok(answers::status()));
        deploy.hold_reads = Some(hold.clone());
    }
    stage.say("@deploybot status people").await;
    eventually("it is asked", || stage.deploy.state().reads == 1).await;
    stage.say("@deploybot stauts people").await;
    let (user, word) = whispers.whisper().await;
    assert_eq!(user, stage.minji);
    let told = text(&word);
    assert!(told.contains("still working on what you asked"), "{told}");
    assert_eq!(word.get("thread_ts"), None, "{word}");
    // What waits beside it is not worth another word.
    stage.say("@deploybot history").await;
    eventually("it is acknowledged and waits", || {
        stage.mention(2).state == "acknowledged"
    })
    .await;
    assert!(stage.said().await.is_empty());
    hold.cancel();
    stage.heard(3, "needs").await;
    assert_eq!(stage.calls("POST /api/chat.postEphemeral"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_429_on_any_method_is_waited_for() {
    let mut stage = Stage::without_bot().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    let limit = || FaultKind::RateLimit { seconds: 1 };
    for method in ["GET /api/auth.test", "POST /api/apps.connections.open"] {
        stage.fault(method, 1, limit());
    }
    stage.start_bot().await;
    // It is lost, and then its mark can't be looked for at once.
    stage.fault(POST, 1, FaultKind::DropAfterCommit);
    stage.fault(HISTORY, 1, limit());
    stage.say("@deploybot status people").await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    eventually("it is found", || stage.calls(HISTORY) == 2).await;
    assert_eq!(stage.calls(POST), 1);

    stage.fault(POST, 1, limit());
    stage.fault(EDIT, 1, limit());
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(2, "people").await;
    stage.deploy.tell(&stage.request_id(1), |request| {
        request.set_state(RequestState::Succeeded);
    });
    stage.heard(2, "live").await;
    assert_eq!((stage.calls(POST), stage.calls(EDIT)), (3, 2));
    stage.finish().await;
}

#[tokio::test]
async fn a_method_that_slack_wants_left_alone_is_left_alone() {
    const NAME: &str = "GET /api/users.info";
    let stage = Stage::set().await;
    stage.fault(NAME, 1, FaultKind::RateLimit { seconds: 3_600 });
    for count in 1..=2 {
        stage
            .say("@deploybot deploy people production a1b2c3d")
            .await;
        stage.heard(count, "accepted").await;
    }
    assert_eq!(stage.calls(NAME), 1);
    let names: Vec<_> = stage
        .deploy
        .state()
        .starts
        .iter()
        .map(|start| start.requester.clone().unwrap().name)
        .collect();
    assert_eq!(names, ["", ""], "they are only for show");
    stage.finish().await;
}

#[tokio::test]
async fn a_new_message_does_not_wait_for_the_limit_of_edits() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.fault(EDIT, 1, FaultKind::RateLimit { seconds: 2 });
    let begun = Instant::now();
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff".to_owned();
    });
    stage.heard(2, "ImagePullBackOff").await;
    stage.corrected(0, "did not reach").await;
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let log = stage.slack.control().log();
    let calls: Vec<_> = log
        .iter()
        .filter(|entry| [POST, EDIT].contains(&entry.route.as_str()))
        .map(|entry| entry.route.clone())
        .collect();
    assert_eq!(calls.last().unwrap(), EDIT, "{calls:?}");
    assert_eq!(calls.iter().filter(|route| *route == POST).count(), 2);
    stage.finish().await;
}
