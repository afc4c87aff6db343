//! In which language the bot speaks, and to whom.

use std::time::{Duration, Instant};

use deploy_proto::v1::{Failure, FailureReason, RequestState};
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

impl Stage {
    /// Asks for help until it is told in words with these among them; nothing else was
    /// asked before but for it, once.
    async fn help_until(&self, words: &str) {
        let begun = Instant::now();
        for answer in 2.. {
            self.say("@deploybot help").await;
            let said = self.heard(answer, "help").await;
            if text(&said[answer - 1]).contains(words) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{said:?}");
        }
    }
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
    let slow = FaultKind::Latency { ms: 3_000 };
    stage.fault("GET /api/users.info", 1, slow);
    stage.say("@deploybot help").await;
    stage.heard(1, "Mention me").await;
    // Told late, it is not asked for again.
    stage.help_until("멘션").await;
    assert_eq!(stage.calls("GET /api/users.info"), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_language_that_slack_fails_to_tell_is_asked_for_again() {
    let mut stage = stage_of("ko-KR").await;
    stage.start_bot().await;
    stage.fault("GET /api/users.info", 1, FaultKind::Status(500));
    stage.say("@deploybot help").await;
    stage.heard(1, "Mention me").await;
    stage.say("@deploybot help").await;
    stage.heard(2, "멘션").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_variant_of_a_language_is_that_language() {
    for (locale, said) in [("en-GB", "Mention me"), ("ko", "멘션"), ("", "멘션")] {
        let mut stage = stage_of(locale).await;
        stage.language = Language::Korean;
        stage.start_bot().await;
        stage.say("@deploybot help").await;
        stage.heard(1, said).await;
        stage.finish().await;
    }
}

#[tokio::test]
async fn who_changes_their_language_is_answered_in_it_after_a_while() {
    let mut stage = stage_of("en-US").await;
    stage.timing.profile_kept = Duration::from_millis(200);
    stage.start_bot().await;
    stage.say("@deploybot help").await;
    stage.heard(1, "Mention me").await;
    stage
        .slack
        .set_locale(&slack::UserId::new(stage.minji.as_str()), "ko-KR");
    stage.help_until("멘션").await;
    stage.finish().await;
}

#[tokio::test]
async fn who_was_known_is_answered_in_their_language_while_slack_is_slow_or_fails() {
    let mut stage = stage_of("ko-KR").await;
    stage.timing.profile_kept = Duration::ZERO;
    stage.start_bot().await;
    stage.say("@deploybot help").await;
    stage.heard(1, "멘션").await;
    let asked = stage.calls("GET /api/users.info");
    stage.fault("GET /api/users.info", 1, FaultKind::Status(500));
    stage.say("@deploybot help").await;
    stage.heard(2, "멘션").await;
    assert_eq!(stage.calls("GET /api/users.info"), asked + 1);
    let slow = FaultKind::Latency { ms: 20_000 };
    stage.fault("GET /api/users.info", 1, slow);
    for answer in [3, 4] {
        stage.say("@deploybot help").await;
        stage.heard(answer, "멘션").await;
    }
    // One question about somebody is enough: another would have had its answer.
    assert_eq!(stage.calls("GET /api/users.info"), asked + 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_code_of_the_deploy_service_is_told_in_the_readers_language() {
    let mut stage = stage_of("ko-KR").await;
    stage.start_bot().await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(1, "환경에 배포해요").await;
    let id = stage.request_id(0);
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.commit = Some(answers::commit(NEW, "Add Minji to the team page"));
        request.failure = "Nobody picked it up within 1 minute. Most likely…".to_owned();
        request.why = Some(Failure {
            reason: FailureReason::NotPickedUp.into(),
            limit: Some(prost_types::Duration {
                seconds: 60,
                nanos: 0,
            }),
            ..Failure::default()
        });
    });
    let said = stage
        .heard(2, "1분 안에 아무도 배포를 시작하지 않았어요")
        .await;
    assert!(!text(&said[1]).contains("Nobody"), "{}", said[1]);
    stage.corrected(0, "1분 안에").await;
    stage.finish().await;
}
