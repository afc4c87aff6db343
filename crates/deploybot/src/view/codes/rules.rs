//! Each way in which a repository's own rules can be wrong.

use deploy_proto::v1::{PolicyFault, PolicyProblem};

use super::*;

fn of_the_rules(words: Words, problem: PolicyProblem) -> String {
    refused(
        words,
        Refusal {
            policy: Some(problem),
            ..fixtures::refusal(Reason::PolicyUnreadable, &[], "")
        },
    )
}

#[test]
fn every_problem_of_the_rules_is_said_in_every_language() {
    let problem = |fault: PolicyFault| PolicyProblem {
        fault: fault.into(),
        line: 3,
        column: 5,
        text: "while parsing a node".to_owned(),
        known: "channel".to_owned(),
        most_kib: 64,
    };
    let said = said_of_all(
        |fault: PolicyFault| fault.as_str_name(),
        |words, fault| of_the_rules(words, problem(fault)),
    );
    insta::assert_snapshot!(said, @"
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 파일이 아니라 폴더예요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 64 KiB보다 길어요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: UTF-8 텍스트가 아니에요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: YAML 형식이 아니에요(`while parsing a node`). 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 여기서 두 번째 YAML 문서가 시작돼요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 앵커와 별칭(`&amp;`, `*`)은 읽지 않아요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 태그(`!`)는 읽지 않아요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 너무 깊이 중첩되어 있어요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 키는 텍스트여야 해요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: `while parsing a node` 키가 여기에 두 번 나와요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: `while parsing a node` 키는 없어요. 쓸 수 있는 키: `channel`. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 파일에는 키와 값을 써야 해요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: `environments` 아래에는 키와 값을 써야 해요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: 환경 아래에는 키와 값을 써야 해요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: `while parsing a node` 값은 환경 이름으로 쓸 수 없어요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: `channel` 값으로는 채널 ID 하나를 써야 해요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일의 3번째 줄 5번째 칸: `while parsing a node` 값은 채널 ID가 아니에요. 채널 ID는 `C0123456789` 같은 형식이고, Slack의 “채널 세부정보 보기” 맨 아래에서 볼 수 있어요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ");
    let english: Vec<_> = all::<PolicyFault>()
        .into_iter()
        .map(|fault| of_the_rules(EN, problem(fault)))
        .collect();
    insta::assert_snapshot!(english.join("\n"), @"
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: it is a folder, not a file. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: it is longer than 64 KiB. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: it is not text in UTF-8. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: it is not YAML (`while parsing a node`). Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: a second YAML document begins here. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: anchors and aliases (`&amp;`, `*`) are not read. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: tags (`!`) are not read. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: it is nested too deep. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: a key has to be text. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: `while parsing a node` stands here twice. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: there is no key `while parsing a node`, known is `channel`. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: the file takes keys with values. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: `environments` takes keys with values. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: an environment takes keys with values. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: `while parsing a node` can't be an environment. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: `channel` takes the id of one channel. Put `.github/deploy.yml` right on the default branch, then ask again.
    ⛔ The rules of *people* can't be read, so that nothing of it goes out: `.github/deploy.yml`, line 3, column 5: `while parsing a node` is no channel id: that is like `C0123456789`, and Slack shows it at the end of “View channel details”. Put `.github/deploy.yml` right on the default branch, then ask again.
    ");
    let whole = PolicyProblem {
        line: 0,
        column: 0,
        ..problem(PolicyFault::TooLong)
    };
    insta::assert_snapshot!(of_the_rules(KO, whole), @"⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: `.github/deploy.yml` 파일: 64 KiB보다 길어요. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.");
    let unknown = PolicyProblem {
        fault: 999,
        ..PolicyProblem::default()
    };
    // As a later version of the service says it.
    let later = of_the_rules(EN, unknown);
    assert!(later.contains(ENGLISH), "{later}");
}
