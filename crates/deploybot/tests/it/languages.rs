//! In which language the bot speaks, and to whom.

use std::time::{Duration, Instant};

use deploy_proto::v1::RequestState;
use deploybot::Language;
use simulators::{control::FaultKind, slack};

use crate::{
    answers::{self, NEW},
    stage::{Stage, text},
};

/// A channel in which Bora writes, who uses Slack in this language; Joon is
/// there too, and uses it in English.
async fn stage_of(locale: &str) -> Stage {
    let mut stage = Stage::without_bot().await;
    let bora = stage.slack.add_user(slack::NewUser {
        name: "bora".to_owned(),
        real_name: "Bora Choi".to_owned(),
        email: None,
        tz: "Asia/Seoul".to_owned(),
        locale: locale.to_owned(),
    });
    let joon = slack::UserId::new(stage.joon.as_str());
    let channel = stage.slack.add_channel(slack::NewChannel {
        name: "bora-and-joon".to_owned(),
        topic: String::new(),
        private: false,
        members: vec![bora.clone(), joon],
        with_app: true,
    });
    stage.minji = bora.as_str().to_owned();
    stage.channel = channel.as_str().to_owned();
    stage
}

#[tokio::test]
async fn each_is_answered_in_the_language_of_their_slack() {
    let mut stage = stage_of("ko-KR").await;
    stage.start_bot().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    stage.deploy.state().history = Some(Ok(answers::history()));
    stage.say("@deploybot status people").await;
    stage.heard(1, "최신 커밋").await;
    stage.say("@deploybot history people").await;
    stage.heard(2, "배포 이력").await;
    stage.say("@deploybot help").await;
    stage.heard(3, "멘션").await;
    stage.say("@deploybot stauts people").await;
    stage.heard(4, "명령은 몰라요").await;
    // Asked once, and remembered.
    assert_eq!(stage.calls("GET /api/users.info"), 1);
    stage.minji = stage.joon.clone();
    stage.say("@deploybot history people").await;
    stage.heard(5, "deployments").await;
    assert_eq!(stage.calls("GET /api/users.info"), 2);
    stage.finish().await;
}

#[tokio::test]
async fn a_deploy_is_told_in_the_language_of_who_asked_and_a_dialog_in_that_of_who_looks() {
    let mut stage = stage_of("ko-KR").await;
    stage.start_bot().await;
    {
        let mut state = stage.deploy.state();
        state.status = Some(Ok(answers::status()));
        state.environments = Some(Ok(answers::environments_of_people()));
        state.preview = Some(Ok(answers::preview("production")));
    }
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "환경에 배포해요").await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.commit = Some(answers::commit(NEW, "Add Minji to the team page"));
        request.failure = "ImagePullBackOff".to_owned();
    });
    let said = stage.heard(2, "배포하지 못했어요").await;
    assert!(text(&said[1]).contains("<@"), "{}", said[1]);
    stage.corrected(0, "배포하지 못했어요").await;
    stage.say("@deploybot status people").await;
    let said = stage.heard(3, "배포…").await;
    let pressed = stage.press(&stage.minji, &said[2], "deploy").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    let view = stage.sees(&stage.minji, "배포할 수 있어요").await;
    assert_eq!(view["close"]["text"], "닫기");
    let pressed = stage.press(&stage.joon, &said[2], "deploy").await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    let view = stage.sees(&stage.joon, "Ready for").await;
    assert_eq!(view["close"]["text"], "Close");
    stage.finish().await;
}

#[tokio::test]
async fn whose_language_is_not_spoken_is_told_in_that_of_the_setting() {
    let mut stage = stage_of("fr-FR").await;
    stage.language = Language::Korean;
    stage.start_bot().await;
    stage.say("@deploybot help").await;
    stage.heard(1, "멘션").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_language_that_slack_does_not_tell_in_time_holds_up_no_answer() {
    let mut stage = stage_of("ko-KR").await;
    stage.start_bot().await;
    let slow = FaultKind::Latency { ms: 20_000 };
    stage.fault("GET /api/users.info", 1, slow);
    let asked = Instant::now();
    stage.say("@deploybot help").await;
    stage.heard(1, "Mention me").await;
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    stage.fault("GET /api/users.info", 1, FaultKind::Status(500));
    stage.say("@deploybot help").await;
    stage.heard(2, "Mention me").await;
    // It was not taken for an answer.
    stage.say("@deploybot help").await;
    stage.heard(3, "멘션").await;
    stage.finish().await;
}
