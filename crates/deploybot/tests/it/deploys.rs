//! `deploy`: asked once, journalled once, shown in one message.

use std::time::Duration;

use deploy_proto::v1::{Reason, RequestState};
use serde_json::json;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    answers::{self, NEW},
    stage::{DEPLOY_TOKEN, Stage, eventually, text},
};

#[tokio::test]
async fn a_deploy_is_journalled_with_all_that_is_known_and_shown_in_one_message() {
    let stage = Stage::set().await;
    let asked = stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    let said = stage.heard(1, "people").await;
    assert!(said[0].get("thread_ts").is_none());
    let id = stage.request_id(0);
    let start = stage.deploy.state().starts[0].clone();
    assert_eq!(start.request_id, id);
    assert_eq!(
        (
            start.repository.as_str(),
            start.environment.as_str(),
            start.commit.as_str()
        ),
        ("people", "production", "a1b2c3d")
    );
    let (requester, reply) = (start.requester.unwrap(), start.reply.unwrap());
    assert_eq!(
        (requester.slack, requester.name),
        (stage.minji.clone(), "minji".to_owned())
    );
    assert_eq!(
        (reply.channel, reply.asked_ts),
        (stage.channel.clone(), asked)
    );
    assert_eq!(reply.thread_ts, "");
    assert_eq!(
        stage.deploy.state().bearers,
        [Some(format!("Bearer {DEPLOY_TOKEN}"))]
    );

    eventually("it is shown", || stage.deploy.all_is_shown()).await;
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Succeeded);
        request.commit = Some(answers::commit(NEW, "Add Minji to the team page"));
    });
    let said = stage.heard(1, "live").await;
    let record = stage.deploy.state().messages.records[0].clone();
    assert_eq!(
        (record.request_id, record.ts.as_str()),
        (id, said[0]["ts"].as_str().unwrap())
    );
    // A claim and a record for a message, and nothing for an edit.
    assert_eq!(stage.deploy.state().messages.claims.len(), 1);
    assert_eq!(stage.deploy.state().messages.records.len(), 1);
    assert_eq!(said[0]["metadata"]["event_type"], "deploybot_request");
    // Nobody could have posted it before, so that nobody looked.
    assert_eq!(stage.calls("GET /api/conversations.history"), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_deploy_asked_in_a_thread_is_shown_there() {
    let stage = Stage::set().await;
    let thread = stage.say("shall we?").await;
    stage
        .say_in(&thread, "@deploybot deploy people production a1b2c3d")
        .await;
    let said = stage.heard(1, "people").await;
    assert_eq!(said[0]["thread_ts"], thread.as_str());
    assert_eq!(
        stage.deploy.state().starts[0]
            .reply
            .as_ref()
            .unwrap()
            .thread_ts,
        thread
    );
    stage.finish().await;
}

#[tokio::test]
async fn the_event_is_acknowledged_only_when_the_request_is_journalled() {
    let stage = Stage::set().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_starts = Some(hold.clone());
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it was asked for", || {
        !stage.deploy.state().starts.is_empty()
    })
    .await;
    assert_eq!(stage.mention(0).state, "sent");
    hold.cancel();
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    stage.heard(1, "people").await;
    stage.finish().await;
}

#[tokio::test]
async fn accepted_alone_is_not_said_when_more_is_known_soon() {
    let mut stage = Stage::without_bot().await;
    stage.timing.accepted_after = Duration::from_secs(60);
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it is journalled", || stage.deploy.newest() == 1).await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Refused);
        request.refusals = vec![answers::refusal(Reason::ChecksFailed, &["lint"])];
    });
    let said = stage.heard(1, "lint").await;
    assert!(
        said[0].get("thread_ts").is_none(),
        "a gate's refusal is for all to see"
    );
    assert_eq!(stage.calls("POST /api/chat.postMessage"), 1);
    assert_eq!(stage.calls("POST /api/chat.update"), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_typo_is_refused_in_the_thread() {
    let mut stage = Stage::without_bot().await;
    stage.timing.accepted_after = Duration::from_secs(60);
    stage.start_bot().await;
    let asked = stage
        .say("@deploybot deploy people prodution a1b2c3d")
        .await;
    eventually("it is journalled", || stage.deploy.newest() == 1).await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Refused);
        let there_is = ["production", "staging"];
        request.refusals = vec![answers::refusal(Reason::UnknownEnvironment, &there_is)];
    });
    let said = stage.heard(1, "production").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str());
    stage.finish().await;
}

#[tokio::test]
async fn a_typo_found_after_the_message_was_posted_is_told_in_that_message() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people prodution a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    stage.deploy.tell(&stage.request_id(0), |request| {
        request.set_state(RequestState::Refused);
        request.refusals = vec![answers::refusal(
            Reason::UnknownEnvironment,
            &["production"],
        )];
    });
    let said = stage.heard(1, "There is no environment").await;
    assert!(said[0].get("thread_ts").is_none());
    stage.finish().await;
}

#[tokio::test]
async fn a_failure_edits_the_message_and_tells_the_requester_in_a_new_one() {
    let stage = Stage::set().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "accepted").await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.failure = "ImagePullBackOff in 3 of 3 pods".to_owned();
    });
    let said = stage.heard(2, "ImagePullBackOff").await;
    stage.corrected(0, "did not reach").await;
    assert!(
        text(&said[1]).contains(&format!("<@{}>", stage.minji)),
        "{}",
        said[1]
    );
    // The same entry once more tells nobody anything new.
    stage.deploy.tell(&id, |_| ());
    eventually("all is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.said().await.len(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn while_the_deploy_service_is_away_nothing_is_lost_and_the_asker_is_told() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(100);
    stage.start_bot().await;
    stage.deploy.go_away().await;
    let asked = stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    let said = stage.heard(1, "does not answer").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str());
    assert_ne!(stage.mention(0).state, "acknowledged");
    stage.deploy.come_back().await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    stage.heard(2, "people").await;
    stage.corrected(0, "has taken").await;
    assert_eq!(stage.deploy.state().requests.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_word_that_slack_hides_for_long_is_corrected_when_it_is_found() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(100);
    stage.start_bot().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_starts = Some(hold.clone());
    // It is posted, and for longer than most would wait nobody can tell.
    stage.fault("POST /api/chat.postMessage", 1, FaultKind::DropAfterCommit);
    let hidden = FaultKind::RateLimit { seconds: 20 };
    stage.fault("GET /api/conversations.replies", 1, hidden);
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "does not answer").await;
    eventually("it is looked for", || {
        stage.slack.control().faults().is_empty()
    })
    .await;
    hold.cancel();
    stage.heard(2, "accepted").await;
    stage.corrected(0, "has taken").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_was_given_up_is_started_by_no_later_delivery() {
    let mut stage = Stage::with(|slack| {
        slack.timing.acknowledge_within = Duration::from_millis(300);
        // While the first delivery is in work, and after it was given up.
        slack.timing.repeat_after = vec![Duration::ZERO, Duration::from_secs(3600)];
    })
    .await;
    stage.timing.journalled_within = Duration::from_millis(100);
    stage.timing.journalled_at_last = Duration::from_secs(1);
    stage.start_bot().await;
    stage.deploy.go_away().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "does not answer").await;
    assert_ne!(stage.mention(0).state, "acknowledged");
    stage
        .corrected(0, "I have asked for 1 s and stopped now")
        .await;
    eventually("it is acknowledged", || {
        stage.mention(0).state == "acknowledged"
    })
    .await;
    stage.deploy.come_back().await;

    let attempts = stage.mention(0).attempts;
    let again = json!({"event_id": stage.mention(0).event_id});
    stage.call("POST", "/control/redeliver", Some(again)).await;
    eventually("it came again and is acknowledged", || {
        let mention = stage.mention(0);
        mention.attempts == attempts + 1 && mention.state == "acknowledged"
    })
    .await;
    assert_eq!(stage.deploy.state().starts, []);

    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    // Beside what is said of it there may be a word that it takes long.
    eventually("the next one is started", || {
        !stage.deploy.state().requests.is_empty()
    })
    .await;
    let started = stage.deploy.state().starts[0].request_id.clone();
    assert_eq!(started, stage.request_id(1));
    assert_eq!(stage.deploy.state().requests.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn what_is_waited_for_is_told() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(500);
    stage.start_bot().await;
    stage.deploy.state().refuse_starts = vec![Status::unauthenticated("no"); 10_000];
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "set its token. I keep asking").await;
    stage.deploy.state().refuse_starts.clear();
    stage.heard(2, "accepted").await;
    stage.corrected(0, "has taken").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_moment_of_absence_is_not_worth_a_word() {
    let stage = Stage::set().await;
    stage.deploy.state().refuse_starts = vec![Status::unavailable("starting")];
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "people").await;
    let ids: Vec<_> = stage
        .deploy
        .state()
        .starts
        .iter()
        .map(|start| start.request_id.clone())
        .collect();
    assert_eq!(ids, [stage.request_id(0), stage.request_id(0)]);
    stage.finish().await;
}

#[tokio::test]
async fn a_request_that_is_not_valid_is_told_in_the_thread() {
    let stage = Stage::set().await;
    stage.deploy.state().refuse_starts = vec![Status::invalid_argument(
        "A repository is written `owner/name`.",
    )];
    let asked = stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    let said = stage.heard(1, "A repository is written").await;
    assert_eq!(said[0]["thread_ts"], asked.as_str());
    stage.finish().await;
}

#[tokio::test]
async fn what_is_refused_after_a_moment_of_absence_is_told() {
    let stage = Stage::set().await;
    stage.deploy.state().refuse_starts = vec![
        Status::unavailable("starting"),
        Status::invalid_argument("A repository is written `owner/name`."),
    ];
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "A repository is written").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_bot_that_dies_before_the_journal_has_it_loses_nothing() {
    let mut stage = Stage::with(|slack| {
        slack.timing.acknowledge_within = Duration::from_millis(500);
        slack.timing.repeat_after = vec![
            Duration::ZERO,
            Duration::from_millis(500),
            Duration::from_secs(1),
        ];
    })
    .await;
    stage.start_bot().await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_starts = Some(hold.clone());
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it was asked for", || {
        !stage.deploy.state().starts.is_empty()
    })
    .await;
    stage.kill_bot().await;
    stage.deploy.state().hold_starts = None;
    stage.start_bot().await;
    stage.heard(1, "people").await;
    hold.cancel();
    assert_eq!(stage.deploy.state().requests.len(), 1);
    stage.finish().await;
}
