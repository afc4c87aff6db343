//! Each code of the contract is said in every language, with what it needs, and
//! never in the service's own English: a value that is new there, and of which
//! nothing is said here, fails these tests.

mod failures;
mod rules;

use std::collections::BTreeMap;

use deploy_proto::v1::{
    Objection, ObjectionReason, Obstacle, ObstacleReason, Reason, Refusal, Request, RequestState,
    StaleReason, Waiting, WaitingReason,
};

use super::{
    Asked, Away, CallError, Hindrance, call_error,
    fixtures::{self, EN, KO, ago, now},
    request, stale,
};
use crate::words::Words;

/// What the service says itself beside a code.
const ENGLISH: &str = "The service says so in English";

/// All values of an enum of the contract, but for the one that says nothing.
fn all<E: TryFrom<i32>>() -> Vec<E> {
    let values = (1..1_000).filter_map(|number| E::try_from(number).ok());
    let values: Vec<E> = values.collect();
    assert!(!values.is_empty());
    values
}

/// What is said of each value: something of its own, and in Korean no English.
fn said_of_all<E: TryFrom<i32> + Copy>(
    name: impl Fn(E) -> &'static str,
    say: impl Fn(Words, E) -> String,
) -> String {
    let mut korean = BTreeMap::new();
    let mut listed = Vec::new();
    for value in all::<E>() {
        let [english, said] = [EN, KO].map(|words| say(words, value));
        let name = name(value);
        for text in [&english, &said] {
            assert!(!text.trim().is_empty(), "{name} says nothing");
            assert!(!text.contains(ENGLISH), "{name}: {text}");
        }
        assert!(!is_english(&said), "{name}: {said}");
        assert!(is_english(&english), "{name}: {english}");
        let other = korean.insert(said.clone(), name);
        assert_eq!(other, None, "{name} says no more than another: {said}");
        listed.push(said);
    }
    listed.join("\n")
}

/// Whether three words of English follow each other outside of code and markup.
fn is_english(text: &str) -> bool {
    let mut plain = String::new();
    let mut is_code = false;
    for (at, part) in text.split('`').enumerate() {
        is_code = at % 2 == 1;
        plain.push_str(if is_code { "|" } else { part });
    }
    assert!(!is_code, "unbalanced ticks: {text}");
    let is_word = |word: &str| {
        let letters = word.trim_end_matches([',', '.', ';', ':']);
        !letters.is_empty()
            && letters
                .chars()
                .all(|c| c.is_ascii_alphabetic() || c == '\'')
    };
    let mut in_a_row = 0;
    plain
        .split([' ', '\n', '*', '<', '>', '|', '(', ')', '·'])
        .any(|word| {
            in_a_row = if is_word(word) { in_a_row + 1 } else { 0 };
            in_a_row == 3
        })
}

#[test]
fn english_is_told_from_names() {
    assert!(is_english("GitHub does not answer."));
    assert!(is_english("it failed: see its log"));
    for name in [
        "GitHub가 deploybot의 GitHub App을",
        "`the longest day of all` 커밋",
        "*qa* *prod* *dev*가",
    ] {
        assert!(!is_english(name), "{name}");
    }
}

fn obstacle(reason: ObstacleReason) -> Obstacle {
    Obstacle {
        reason: reason.into(),
        owner: "acme".to_owned(),
        at: ago(600),
    }
}

#[test]
fn every_obstacle_is_said_in_every_language() {
    let said = said_of_all(
        |reason: ObstacleReason| reason.as_str_name(),
        |words, reason| {
            let away = Hindrance::Unavailable {
                away: Away::Github(obstacle(reason)),
                retry_after: None,
            };
            let error = CallError::Hindered(away);
            let message = call_error(words, &error, Asked::ToKnow, "people", None);
            message.text.to_string()
        },
    );
    insta::assert_snapshot!(said, @"
    ⚠️ <!date^1795355520^{date_short_pretty} {time}|2026-11-22 13:52(UTC)> 이후로 GitHub가 응답하지 않아요.
    ⚠️ GitHub 호출 한도를 다 썼어요(재개 예정: <!date^1795355520^{date_short_pretty} {time}|2026-11-22 13:52(UTC)>).
    ⚠️ GitHub가 deploybot의 GitHub App을 받아들이지 않아요. 계속 그렇다면 deploybot 운영자가 App의 ID와 비공개 키를 확인해야 해요.
    ⚠️ GitHub가 deploybot의 토큰을 받아들이지 않아요. deploybot 운영자가 토큰을 갱신해야 해요.
    ⚠️ acme 계정에 deploybot의 GitHub App이 설치되어 있지 않아요. acme 계정의 소유자가 설치해야 해요.
    ⚠️ GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요.
    ⚠️ GitHub가 deploybot의 요청을 거부해요. deploybot 운영자가 접근 권한을 확인해야 해요. GitHub가 밝힌 이유는 로그에 있어요.
    ⚠️ deploybot의 GitHub 접근 설정이 잘못됐어요. deploybot 운영자가 고쳐야 해요.
    ⚠️ GitHub의 응답을 이해하지 못했어요. 계속 그렇다면 deploybot 운영자가 로그에서 자세한 내용을 볼 수 있어요.
    ");
}

#[test]
fn an_obstacle_that_nobody_knows_is_told_as_the_service_says_it() {
    let said = |words, obstacle: Option<&Obstacle>| {
        super::obstacle::sentences(words, obstacle, ENGLISH).to_string()
    };
    let unknown = Obstacle {
        reason: 999,
        ..Obstacle::default()
    };
    assert_eq!(said(EN, Some(&unknown)), ENGLISH);
    assert_eq!(said(EN, None), ENGLISH);
    assert_eq!(said(KO, None), format!("배포 서비스 안내: “{ENGLISH}”"));
}

fn refused(words: Words, refusal: Refusal) -> String {
    let refused = Request {
        refusals: vec![Refusal {
            detail: ENGLISH.to_owned(),
            ..refusal
        }],
        checks: None,
        ..fixtures::request(RequestState::Refused)
    };
    request(words, &refused, now()).text.to_string()
}

#[test]
fn every_objection_is_said_in_every_language() {
    let said = said_of_all(
        |reason: ObjectionReason| reason.as_str_name(),
        |words, reason| {
            let objection = Objection {
                reason: reason.into(),
                fields: vec!["environment".to_owned()],
                status: 451,
            };
            refused(
                words,
                Refusal {
                    objection: Some(objection),
                    ..fixtures::refusal(Reason::GithubRefused, &[], "")
                },
            )
        },
    );
    insta::assert_snapshot!(said, @"
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: 기본 브랜치를 먼저 머지하고 배포는 만들지 않았어요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: GitHub가 deploybot을 받아들이지 않아요. deploybot 운영자가 토큰이나 App을 확인해야 해요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ GitHub가 배포를 만드는 것을 거부했어요: deploybot에는 *people* 저장소에 배포를 만들 권한이 없어요. deploybot 운영자가 그 저장소의 Deployments 쓰기 권한을 줘야 해요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ GitHub가 배포를 만드는 것을 거부했어요: deploybot에는 *people* 저장소에 쓸 권한이 없어요. deploybot 운영자가 그 저장소의 Deployments 쓰기 권한을 줘야 해요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: `a1b2c3d` 커밋의 필수 체크가 통과하지 않았어요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: 기본 브랜치를 `a1b2c3d` 커밋에 머지할 수 없어요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: GitHub에서 무언가가 배포를 막고 있어요. 이유는 deploybot 운영자가 로그에서 볼 수 있어요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: `a1b2c3d` 커밋을 더는 찾을 수 없어요. 강제 푸시로 사라졌을 수 있으니 다른 커밋을 배포하세요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: 요청이 올바르지 않다고 해요(`environment`). 이유는 deploybot 운영자가 로그에서 볼 수 있어요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ GitHub가 배포를 만드는 것을 거부했어요: GitHub에서 *people* 저장소의 이름이 바뀌었어요. 새 이름을 써 주세요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: 응답 상태 코드: `451`. 이유는 deploybot 운영자가 로그에서 볼 수 있어요. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ");
}

#[test]
fn every_reason_of_a_refusal_is_said_in_every_language() {
    for reason in all::<Reason>() {
        let name = reason.as_str_name();
        let refusal = |detail: &str| Refusal {
            checks: fixtures::checks(deploy_proto::v1::ChecksState::Pending, 3, 5, &[]),
            ..fixtures::refusal(reason, &["production"], detail)
        };
        let said = |words| {
            let refused = Request {
                refusals: vec![refusal("")],
                checks: None,
                ..fixtures::request(RequestState::Refused)
            };
            request(words, &refused, now()).text.to_string()
        };
        assert!(!is_english(&said(KO)), "{name}: {}", said(KO));
        assert!(is_english(&said(EN)), "{name}: {}", said(EN));
        let unknown = said_of_unknown();
        assert_ne!(said(KO), unknown, "{name}");
    }
    let pending = Refusal {
        checks: fixtures::checks(deploy_proto::v1::ChecksState::Pending, 3, 5, &[]),
        ..fixtures::refusal(Reason::ChecksPending, &[], "")
    };
    insta::assert_snapshot!(refused(KO, pending), @"⛔ *people*: `a1b2c3d` 커밋의 체크가 아직 진행 중이에요 (5개 중 3개 완료). 체크가 통과하면 다시 요청하세요. 확인하려면: `@deploybot status acme/people`.");
}

fn said_of_unknown() -> String {
    let refused = Request {
        refusals: vec![fixtures::refusal(Reason::Unspecified, &["production"], "")],
        ..fixtures::request(RequestState::Refused)
    };
    request(KO, &refused, now()).text.to_string()
}

#[test]
fn everything_that_is_waited_for_is_said_in_every_language() {
    let said = |words, reason: WaitingReason, obstacle: Option<Obstacle>| {
        let waits = Request {
            waiting: Some(Waiting {
                reason: reason.into(),
                until: ago(-600),
                ahead: Some(3),
                detail: String::new(),
                explanation: ENGLISH.to_owned(),
                obstacle,
            }),
            ..fixtures::request(RequestState::Accepted)
        };
        let text = request(words, &waits, now()).text.to_string();
        text.lines().last().unwrap_or_default().to_owned()
    };
    for reason in all::<ObstacleReason>() {
        said_of_all(
            |waiting: WaitingReason| waiting.as_str_name(),
            |words, waiting| said(words, waiting, Some(obstacle(reason))),
        );
    }
    let refused = || Some(obstacle(ObstacleReason::AppNotAccepted));
    insta::assert_snapshot!(said(KO, WaitingReason::GithubUnavailable, refused()), @"⏸ GitHub가 deploybot의 GitHub App을 받아들이지 않아요. 계속 그렇다면 deploybot 운영자가 App의 ID와 비공개 키를 확인해야 해요. 같은 환경에 먼저 요청된 배포부터 진행해요. 그 배포가 시작되면 이 요청은 거부되니 그 배포가 끝난 뒤 다시 요청하세요. 시작되지 않으면 규칙을 다시 확인하고 자동으로 배포해요.");
    insta::assert_snapshot!(said(KO, WaitingReason::AnswerLost, refused()), @"⏸ GitHub에 배포를 요청했지만 응답이 없어서 이미 시작했을 수도 있어요. GitHub가 deploybot의 GitHub App을 받아들이지 않아요. 계속 그렇다면 deploybot 운영자가 App의 ID와 비공개 키를 확인해야 해요. 계속 확인해서 결과를 여기에 알려 드릴게요.");
    // As an earlier version wrote it.
    let old = said(KO, WaitingReason::AnswerLost, None);
    assert!(old.contains(ENGLISH), "{old}");
}

#[test]
fn why_an_answer_is_old_is_said_in_every_language() {
    said_of_all(
        |reason: StaleReason| reason.as_str_name(),
        |words, reason| {
            let stale = deploy_proto::v1::Stale {
                reason: reason.into(),
                ..deploy_proto::v1::Stale::default()
            };
            stale::before(words, Some(&stale), ago(60).as_ref(), now()).to_string()
        },
    );
}
