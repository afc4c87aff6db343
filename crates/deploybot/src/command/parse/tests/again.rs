//! What people want of a deploy that was asked for: to take it back, to roll it back,
//! to try it again.

use super::read;

/// Each text is read as told.
fn assert_read(expected: &[(&str, &str)]) {
    for (text, expected) in expected {
        assert_eq!(read(&[text]), format!("{text} => {expected}"));
    }
}

const CANCEL: &str = "CancelByButton { repository: None }";
const CANCEL_PEOPLE: &str = "CancelByButton { repository: Some(RepositoryName(\"people\")) }";
const RETRY: &str = "RetryByButton { line: \"deploy <repository> <environment> <commit>\" }";

#[test]
fn who_wants_a_deploy_once_more_is_told_of_the_button() {
    insta::assert_snapshot!(read(&[
        "retry",
        "try again",
        "try it again please",
        "again: deploy people production a1b2c3d",
        "retry people production",
        "retry status people",
    ]), @r#"
    retry => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    try again => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    try it again please => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    again: deploy people production a1b2c3d => RetryByButton { line: "deploy people production a1b2c3d" }
    retry people production => RetryByButton { line: "deploy people production <commit>" }
    retry status people => UnknownCommand { word: "retry", suggestion: Some("status people") }
    "#);
}

#[test]
fn what_is_told_again_or_newest_is_no_name() {
    insta::assert_snapshot!(read(&[
        "status again people",
        "people status again",
        "status latest people 3 again",
        "history people again",
        "status again",
        "status again 5",
        "status of latest",
        "status latest limit 5",
        "status latest --limit 5",
        "history of latest",
        "history again pe$ple",
        "deploy again",
        "deploy people again",
        "deploy people production a1b2c3d again",
        "deploy people, not again",
        "deploy people again, no",
        "🚫 deploy people again",
        "deploy <https://github.com/acme/people/pull/41> again",
        "deploy latest <https://github.com/acme/people/pull/41>",
        "deploy latest people to production",
        "deploy the latest commit of people",
        "deploy latest",
        "deploy people production a1b2c3d latest",
        "deploy people latest a1b2c3d",
        "people를 production에 다시 배포해 주세요",
    ]), @r#"
    status again people => status people -
    people status again => UnknownCommand { word: "people", suggestion: Some("status people") }
    status latest people 3 again => status people 3
    history people again => history people - -
    status again => status again -
    status again 5 => status again 5
    status of latest => status latest -
    status latest limit 5 => status latest 5
    status latest --limit 5 => status latest 5
    history of latest => history latest - -
    history again pe$ple => BadRepository { word: "pe$ple" }
    deploy again => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    deploy people again => RetryByButton { line: "deploy people <environment> <commit>" }
    deploy people production a1b2c3d again => RetryByButton { line: "deploy people production a1b2c3d" }
    deploy people, not again => NotToDeploy { word: "not" }
    deploy people again, no => NotToDeploy { word: "no" }
    🚫 deploy people again => NotToDeploy { word: "🚫" }
    deploy <https://github.com/acme/people/pull/41> again => PullRequest { repository: "acme/people", number: "41" }
    deploy latest <https://github.com/acme/people/pull/41> => PullRequest { repository: "acme/people", number: "41" }
    deploy latest people to production => BadCommit { word: "latest", problem: NotHex, repository: RepositoryName("people") }
    deploy the latest commit of people => Missing { command: Deploy, missing: [Environment], example: "deploy people production a1b2c3d" }
    deploy latest => Missing { command: Deploy, missing: [Repository, Environment], example: "deploy <repository> <environment> <commit>" }
    deploy people production a1b2c3d latest => Extra { command: Deploy, words: "latest", example: "deploy people production a1b2c3d" }
    deploy people latest a1b2c3d => deploy people latest a1b2c3d
    people를 production에 다시 배포해 주세요 => RetryByButton { line: "deploy people production <commit>" }
    "#);
}

#[test]
fn the_buttons_are_told_of_in_korean_too() {
    insta::assert_snapshot!(read(&[
        "다시 시도해 주세요",
        "다시 시도",
        "재시도",
        "people production 재시도해 주세요",
        "배포 다시 해 주세요",
        "다시 한번 배포해 주세요",
        "배포 취소해 주세요",
        "people 배포를 취소해줘",
        "취소",
        "people deploy 롤백해 주세요",
        "다시 알려줘",
        "나중에 다시 올게요",
        "배포 상태 다시 보여줘",
        "다시는 배포하지 마세요",
        "people 구독 취소해 주세요",
        "people subscribe 취소해 주세요",
    ]), @r#"
    다시 시도해 주세요 => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    다시 시도 => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    재시도 => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    people production 재시도해 주세요 => RetryByButton { line: "deploy people production <commit>" }
    배포 다시 해 주세요 => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    다시 한번 배포해 주세요 => RetryByButton { line: "deploy <repository> <environment> <commit>" }
    배포 취소해 주세요 => CancelByButton { repository: None }
    people 배포를 취소해줘 => CancelByButton { repository: Some(RepositoryName("people")) }
    취소 => CancelByButton { repository: None }
    people deploy 롤백해 주세요 => RollBackByDeploying { repository: Some(RepositoryName("people")), line: "deploy people <environment> <commit>" }
    다시 알려줘 => UnknownCommand { word: "다시", suggestion: None }
    나중에 다시 올게요 => UnknownCommand { word: "나중에", suggestion: None }
    배포 상태 다시 보여줘 => UnknownCommand { word: "배포", suggestion: Some("status <repository> [limit]") }
    다시는 배포하지 마세요 => OnlyNo
    people 구독 취소해 주세요 => UnknownCommand { word: "people", suggestion: Some("unsubscribe people") }
    people subscribe 취소해 주세요 => UnknownCommand { word: "people", suggestion: Some("unsubscribe <repository> [environment]") }
    "#);
}

#[test]
fn why_something_is_taken_back_is_no_denial_of_it() {
    assert_read(&[
        ("cancel the deploy, it's not ready", CANCEL),
        ("stop the release 🛑", CANCEL),
        ("people deploy 취소해 주세요 🚫", CANCEL_PEOPLE),
        ("배포 취소해 주세요, 아직 준비가 안 됐어요", CANCEL),
        ("retry the deploy, it didn't work", RETRY),
        ("배포가 안 됐어요, 다시 해 주세요", RETRY),
        (
            "roll back the deploy of people, it isn't working",
            "RollBackByDeploying { repository: None, line: \"deploy <repository> <environment> <commit>\" }",
        ),
        ("No, cancel that", CANCEL),
        ("no, please cancel the deploy of people", CANCEL_PEOPLE),
        ("no, try again", RETRY),
        ("don't cancel the deploy", "NotToDeploy { word: \"don't\" }"),
    ]);
    let text = "please don't <@U0BOT> retry the deploy";
    let read = crate::command::parse(text, "U0BOT").expect_err(text);
    assert!(format!("{read:?}").contains("NotToDeploy"), "{read:?}");
}

#[test]
fn a_no_in_korean_behind_what_it_denies_is_seen() {
    for text in [
        "people production a1b2c3d 다시 배포하면 안 돼요",
        "다시 배포 안 해도 돼요",
        "재시도 안 해도 돼요",
        "롤백은 안 할게요",
        "롤백 말고 그냥 두세요",
        "취소 안 할게요",
        "취소할 필요 없어요",
        "다시 해 줄 필요 없어요",
        // It only holds the letters of a verb.
        "배포가 가능해지면 알려 주세요",
    ] {
        let read = read(&[text]);
        assert!(read.ends_with("suggestion: None }"), "{read}");
    }
}

#[test]
fn a_deploy_is_taken_back_in_many_words() {
    assert_read(&[
        ("배포 중단해 주세요", CANCEL),
        ("배포 멈춰 주세요", CANCEL),
        ("배포 중지", CANCEL),
        ("배포취소해 주세요", CANCEL),
        ("연결이 끊겼어요 배포 취소해 주세요", CANCEL),
        ("deploy 취소해 주세요", CANCEL),
        (
            "deploy people production a1b2c3d 취소해 주세요",
            CANCEL_PEOPLE,
        ),
        ("deploy people production a1b2c3d cancel", CANCEL_PEOPLE),
        (
            "deploy people production a1b2c3d, cancel that",
            CANCEL_PEOPLE,
        ),
        (
            "deploy cancel production a1b2c3d",
            "deploy cancel production a1b2c3d",
        ),
        (
            "deploy people production a1b2c3d 하지 마세요",
            "NotToDeploy { word: \"하지 마세요\" }",
        ),
    ]);
}

#[test]
fn what_else_is_taken_back_in_korean_is_not_about_a_deploy() {
    for (text, meant) in [
        (
            "구독 해지해 주세요",
            "unsubscribe <repository> [environment]",
        ),
        (
            "구독을 취소해 주세요",
            "unsubscribe <repository> [environment]",
        ),
        (
            "구독취소해 주세요",
            "unsubscribe <repository> [environment]",
        ),
        ("구독하지 마세요", "unsubscribe <repository> [environment]"),
        (
            "알림을 취소해 주세요",
            "unsubscribe <repository> [environment]",
        ),
        ("연결 해제해 주세요", "unlink"),
        ("연결을 취소해 주세요", "unlink"),
        // What does not work is wanted.
        (
            "구독 안 돼요",
            "subscribe <repository> [environment] [started] [live] [failed]",
        ),
        ("연결 안 돼요", "link <github login>"),
        (
            "배포이력 보여줘",
            "history <repository> [environment] [limit]",
        ),
    ] {
        let read = read(&[text]);
        let meant = format!("suggestion: Some({meant:?}) }}");
        assert!(read.ends_with(&meant), "{read}");
    }
}

#[test]
fn once_more_is_asked_for_something_to_be_done() {
    for text in [
        "다시 한번 확인 부탁드려요",
        "다시 공유 부탁드립니다",
        "다시 해당 로그 보여주세요",
        "다시 하나만 알려주세요",
    ] {
        let read = read(&[text]);
        assert!(read.ends_with("suggestion: None }"), "{read}");
    }
    assert_read(&[
        ("다시 부탁드려요", RETRY),
        ("다시 한 번 부탁드립니다", RETRY),
        ("다시 한번만 더 해줘", RETRY),
        ("다시 좀 해주세요", RETRY),
        ("다시해 주세요", RETRY),
        ("다시 하자", RETRY),
        ("다시 빨리 돌려 주세요", RETRY),
    ]);
}

#[test]
fn the_rest_of_a_sentence_is_no_name() {
    assert_read(&[
        ("retry the last one", RETRY),
        ("try that one again", RETRY),
        ("retry my deploy", RETRY),
        ("try again in 5 minutes", RETRY),
        ("cancel the deploy of people", CANCEL_PEOPLE),
        (
            "retry people later",
            "RetryByButton { line: \"deploy people <environment> <commit>\" }",
        ),
        (
            "retry the last one on production",
            "RetryByButton { line: \"deploy <repository> production <commit>\" }",
        ),
        (
            "retry people blue a1b2c3d",
            "RetryByButton { line: \"deploy people blue a1b2c3d\" }",
        ),
    ]);
}
