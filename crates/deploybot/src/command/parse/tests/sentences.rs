//! What people say in whole sentences: courtesies, thanks, and what they want in Korean.

use super::read;

#[test]
fn korean_courtesies_are_left_out_and_a_courtesy_alone_asks_for_nothing() {
    insta::assert_snapshot!(read(&[
        "status people 좀 보여줘",
        "안녕하세요, status people 알려주세요~",
        "deploy people production a1b2c3d 해주세요",
        "배포 상태 알려줘",
        "안녕",
        "감사합니다!",
        "고마워~",
        "thank you!",
        "thanks! :pray:",
        "hi",
        "hey bot",
        "ok thanks",
        "please",
        "what can you do?",
    ]), @r#"
    status people 좀 보여줘 => status people -
    안녕하세요, status people 알려주세요~ => status people -
    deploy people production a1b2c3d 해주세요 => deploy people production a1b2c3d
    배포 상태 알려줘 => UnknownCommand { word: "배포", suggestion: Some("status <repository> [limit]") }
    안녕 => OnlyCourtesy(Greeting)
    감사합니다! => OnlyCourtesy(Thanks)
    고마워~ => OnlyCourtesy(Thanks)
    thank you! => OnlyCourtesy(Thanks)
    thanks! :pray: => OnlyCourtesy(Thanks)
    hi => OnlyCourtesy(Greeting)
    hey bot => OnlyCourtesy(Greeting)
    ok thanks => OnlyCourtesy(Thanks)
    please => help -
    what can you do? => help -
    "#);
}

#[test]
fn what_thanks_are_for_is_no_request() {
    for text in [
        "thanks, that worked",
        "that worked, thank you very much!",
        "thanks a lot for this",
        "감사합니다 잘 됐어요",
        "덕분에 해결됐어요, 고마워요",
        "thanks, this is perfect",
        "it is done, thanks",
    ] {
        assert_eq!(read(&[text]), format!("{text} => OnlyCourtesy(Thanks)"));
    }
    for text in [
        "thanks, people",
        "thanks, that did not work",
        "that worked",
        "is it done? thanks",
        "thanks, is that fixed?",
    ] {
        assert!(!read(&[text]).contains("OnlyCourtesy"), "{text}");
    }
}

#[test]
fn what_is_named_in_korean_stands_in_the_line() {
    for (text, meant) in [
        (
            "people 2738836 production에 배포해 주세요",
            "deploy people production 2738836",
        ),
        (
            "people을 production에 배포해줘",
            "deploy people production <commit>",
        ),
        (
            "hotfix를 people에 배포해 주세요",
            "deploy <repository> <environment> <commit>",
        ),
        ("people 상태 좀 보여줘", "status people"),
        ("people 상태 10개만 다시 보여줘", "status people 10"),
        ("people production 이력", "history people production"),
        ("people 구독 don't", "unsubscribe people"),
        ("GitHub 연결해 주세요", "link <github login>"),
    ] {
        let read = read(&[text]);
        let meant = format!("suggestion: Some({meant:?}) }}");
        assert!(read.ends_with(&meant), "{read}");
    }
}
