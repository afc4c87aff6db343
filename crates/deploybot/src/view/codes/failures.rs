//! Why something failed, in every language.

use deploy_proto::v1::{Failure, FailureReason, ObstacleReason, Request, RequestState, Step};

use super::{ENGLISH, all, is_english, obstacle, said_of_all};
use crate::{
    view::{
        failure::Why,
        fixtures::{self, EN, KO, ago, deployment, minjis_commit, now, rendered},
        request, request_failure,
    },
    words::Words,
};

/// With all that any of them needs.
fn failure(reason: FailureReason, with: Option<ObstacleReason>) -> Failure {
    Failure {
        reason: reason.into(),
        detail: "파드 3개가 시작하지 못함".to_owned(),
        limit: Some(prost_types::Duration {
            seconds: 12 * 3_600,
            nanos: 0,
        }),
        since: ago(600),
        obstacle: with.map(obstacle),
    }
}

fn told(words: Words, failure: &Failure) -> String {
    let why = Why::of(words, Some(failure), ENGLISH, Some(now()));
    let more = why.more.iter().map(|line| format!(" | {line}"));
    format!("{}{}", why.clause, more.collect::<String>())
}

#[test]
fn every_failure_is_said_in_every_language() {
    for with in [None, Some(ObstacleReason::Hidden)] {
        for reason in all::<FailureReason>() {
            if (reason, with) == (FailureReason::Obstacle, None) {
                continue;
            }
            let name = reason.as_str_name();
            let [english, korean] = [EN, KO].map(|words| told(words, &failure(reason, with)));
            assert!(!english.contains(ENGLISH), "{name}: {english}");
            assert!(!korean.contains(ENGLISH), "{name}: {korean}");
            assert!(!is_english(&korean), "{name}: {korean}");
        }
    }
    let said = said_of_all(
        |reason: FailureReason| reason.as_str_name(),
        |words, reason| match reason {
            // Its words are its workflow's.
            FailureReason::WorkflowSaid if words == EN => "boom boom boom".to_owned(),
            reason => told(words, &failure(reason, Some(ObstacleReason::Hidden))),
        },
    );
    insta::assert_snapshot!(said, @"
    파드 3개가 시작하지 못함
    워크플로가 이유를 알리지 않고 실패했어요. 로그를 확인하세요
    성공하기 전에 비활성 상태가 되어 취소됐어요
    12시간 안에 아무도 배포를 시작하지 않았어요 | 이 커밋에 `deployment` 이벤트로 실행되는 워크플로가 없거나, 비어 있는 러너가 없거나, 저장소의 GitHub Actions가 꺼져 있을 가능성이 커요. 러너가 뒤늦게 시작하지 않는 한 배포된 것은 없어요. | deploybot이 이 배포를 끝내는 것을 GitHub가 허용하지 않아요. GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요.
    워크플로가 12시간 동안 아무것도 알리지 않았어요 | 워크플로가 취소됐거나, 러너가 사라졌거나, 워크플로가 진행 상황을 알리지 않을 가능성이 커요. 어디까지 진행됐는지 알 수 없으니 현재 버전을 확인한 다음 다시 배포하세요. | deploybot이 이 배포를 끝내는 것을 GitHub가 허용하지 않아요. GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요.
    12시간 안에 아무도 진행을 승인하지 않았어요 | 환경이 검토자의 승인을, 또는 규칙에 정해 둔 시간을 기다려요. 기다리던 커밋은 배포되지 않았어요. | deploybot이 이 배포를 끝내는 것을 GitHub가 허용하지 않아요. GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요.
    deploybot이 12시간 동안 GitHub에서 이 배포를 읽지 못했어요 | GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요. | 어떻게 끝났는지 알 수 없으니 현재 버전을 확인한 다음 다시 배포하세요.
    누군가 GitHub에서 이 배포를 삭제했어요
    deploybot에 문제가 생겼어요. 자세한 내용은 로그에 있어요 | 배포된 것은 없어요.
    deploybot에 문제가 생겼어요. 자세한 내용은 로그에 있어요 | GitHub가 배포를 만들었는지 알 수 없으니 배포 이력을 확인한 다음 다시 요청하세요.
    GitHub가 배포를 만들었는지 알 수 없어요 | GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요. | 배포 이력을 확인한 다음 다시 요청하세요.
    GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요
    GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요 | 요청은 최대 12시간 동안만 대기해요. 아직 필요하다면 다시 요청하세요.
    <!date^1795355520^{date_short_pretty} {time}|2026-11-22 13:52(UTC)> 이후로 배포 서비스가 멈춰 있었어요 | 요청 시각: <!date^1795356120^{date_short_pretty} {time}|2026-11-22 14:02(UTC)>. 아직 필요하다면 다시 요청하세요.
    ");
}

#[test]
fn a_failure_that_nobody_knows_is_told_as_the_service_says_it() {
    let unknown = Failure {
        reason: 999,
        ..Failure::default()
    };
    // Nor is one that lacks what a sentence needs.
    let lacking = Failure {
        reason: FailureReason::Silent.into(),
        ..Failure::default()
    };
    for words in [EN, KO] {
        assert_eq!(told(words, &unknown), ENGLISH);
        assert_eq!(told(words, &lacking), ENGLISH);
        assert_eq!(Why::of(words, None, "", None).clause.as_str(), "");
    }
}

#[test]
fn a_failure_is_told_in_full_in_its_message() {
    let mut failed = Request {
        failure: ENGLISH.to_owned(),
        why: Some(failure(
            FailureReason::Silent,
            Some(ObstacleReason::Refused),
        )),
        ..fixtures::request(RequestState::Failed)
    };
    failed.commit.as_mut().expect("it has one").url = String::new();
    insta::assert_snapshot!(rendered(&request_failure(EN, &failed)), @"
    (❌ <@U1MINJI>: *people* `a1b2c3d` did not reach *production*: Its workflow said nothing for 12 h
    Add Minji to the team page
    Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
    GitHub does not let deploybot end it. GitHub refuses what deploybot asks of it: whoever runs deploybot has to see to its access. Its log has GitHub's reason.
    `9f8e7d6` is still live.)
    ❌ <@U1MINJI>: *people* `a1b2c3d` did not reach *production*: Its workflow said nothing for 12 h
    Add Minji to the team page
    Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
    GitHub does not let deploybot end it. GitHub refuses what deploybot asks of it: whoever runs deploybot has to see to its access. Its log has GitHub's reason.
    `9f8e7d6` is still live.
    [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000)
    ");
    insta::assert_snapshot!(rendered(&request_failure(KO, &failed)), @"
    (❌ <@U1MINJI> 님, *people* `a1b2c3d` 커밋을 *production* 환경에 배포하지 못했어요: 워크플로가 12시간 동안 아무것도 알리지 않았어요
    Add Minji to the team page
    워크플로가 취소됐거나, 러너가 사라졌거나, 워크플로가 진행 상황을 알리지 않을 가능성이 커요. 어디까지 진행됐는지 알 수 없으니 현재 버전을 확인한 다음 다시 배포하세요.
    deploybot이 이 배포를 끝내는 것을 GitHub가 허용하지 않아요. GitHub가 deploybot의 요청을 거부해요. deploybot 운영자가 접근 권한을 확인해야 해요. GitHub가 밝힌 이유는 로그에 있어요.
    지금도 `9f8e7d6` 커밋이 실행 중이에요.)
    ❌ <@U1MINJI> 님, *people* `a1b2c3d` 커밋을 *production* 환경에 배포하지 못했어요: 워크플로가 12시간 동안 아무것도 알리지 않았어요
    Add Minji to the team page
    워크플로가 취소됐거나, 러너가 사라졌거나, 워크플로가 진행 상황을 알리지 않을 가능성이 커요. 어디까지 진행됐는지 알 수 없으니 현재 버전을 확인한 다음 다시 배포하세요.
    deploybot이 이 배포를 끝내는 것을 GitHub가 허용하지 않아요. GitHub가 deploybot의 요청을 거부해요. deploybot 운영자가 접근 권한을 확인해야 해요. GitHub가 밝힌 이유는 로그에 있어요.
    지금도 `9f8e7d6` 커밋이 실행 중이에요.
    [다시 시도](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000)
    ");
    insta::assert_snapshot!(rendered(&request(KO, &failed, now())), @"
    (❌ *people* `a1b2c3d` 커밋을 *production* 환경에 배포하지 못했어요: 워크플로가 12시간 동안 아무것도 알리지 않았어요 · 요청: <@U1MINJI>)
    ❌ *people* `a1b2c3d` 커밋을 *production* 환경에 배포하지 못했어요: 워크플로가 12시간 동안 아무것도 알리지 않았어요 · 요청: <@U1MINJI>
    Add Minji to the team page
    ");
}

#[test]
fn a_status_that_the_service_wrote_is_told_in_the_readers_language() {
    let step = |description: &str, failure| Step {
        failure,
        ..fixtures::step("in_progress", description)
    };
    let mut running = deployment(
        minjis_commit(),
        deploy_proto::v1::DeploymentState::Running,
        63,
        None,
    );
    running.steps = vec![
        step("시작함", None),
        step(ENGLISH, Some(failure(FailureReason::NotPickedUp, None))),
        step("늦게 시작함", None),
    ];
    let asked = Request {
        deployment: Some(running),
        ..fixtures::request(RequestState::Running)
    };
    let shown = rendered(&request(KO, &asked, now()));
    assert!(!shown.contains(ENGLISH), "{shown}");
    assert!(shown.contains("✔ deploybot이 끝냄"), "{shown}");
}
