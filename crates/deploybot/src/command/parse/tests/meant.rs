//! What is not meant as it stands: a no, words that turn it around, another's
//! business.

use super::{read, shown};
use crate::command::parse;

/// One line per whole message: what it was read as.
fn read_whole(texts: &[&str]) -> String {
    let line = |text: &&str| match parse(text, "U0BOT") {
        Ok(command) => format!("{text} => {}", shown(&command)),
        Err(error) => format!("{text} => {error:?}"),
    };
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn words_before_the_mention_are_asked_about_where_something_would_change() {
    for before in [
        "please do not",
        "please don't",
        "I wouldn\u{2019}t",
        "never",
        "nobody should",
        "하지 마세요",
        "절대로 하지마",
    ] {
        let read = read_whole(&[&format!(
            "{before} <@U0BOT> deploy people production a1b2c3d"
        )]);
        assert!(read.contains("NotToDeploy"), "{read}");
        // A word that is missing makes it no less of a no.
        let read = read_whole(&[&format!("{before} <@U0BOT> deploy people production")]);
        assert!(read.contains("NotToDeploy"), "{read}");
    }
    for before in [
        "before we",
        "wait,",
        "did somebody",
        "should we",
        "you can",
        "later I will",
        "LGTM, if CI passes:",
        "배포해도 될까요?",
    ] {
        for line in [
            "deploy people production a1b2c3d",
            "subscribe people",
            "link minji",
            "mute",
        ] {
            let read = read_whole(&[&format!("{before} <@U0BOT> {line}")]);
            assert!(read.contains("WordsBefore"), "{read}");
            assert!(read.contains(&format!("line: \"{line}\"")), "{read}");
        }
        let read = read_whole(&[&format!("{before} <@U0BOT> status people")]);
        assert!(read.ends_with("=> status people -"), "{read}");
    }
}

#[test]
fn thanks_behind_the_mention_hide_nothing_that_was_asked_before_it() {
    for line in ["deploy people production a1b2c3d", "mute"] {
        for courtesy in ["thanks a lot", "thank you!", "감사합니다", "hi", "please"] {
            let read = read_whole(&[&format!("{line} <@U0BOT> {courtesy}")]);
            assert!(read.contains("WordsBefore"), "{read}");
            assert!(read.contains(&format!("line: \"{line}\"")), "{read}");
        }
    }
    for before in ["that deploy went well", "status people", "hey"] {
        let read = read_whole(&[&format!("{before} <@U0BOT> thanks a lot")]);
        assert!(read.ends_with("OnlyCourtesy(Thanks)"), "{read}");
    }
}

#[test]
fn an_emoji_that_says_no_is_one_and_another_is_a_courtesy() {
    let line = "deploy people production a1b2c3d";
    for no in [
        "🚫",
        ":no_entry_sign:",
        "❌",
        "✋",
        ":x:",
        "👎 ",
        ":wave: :-1::skin-tone-3:!",
    ] {
        let read = read_whole(&[
            &format!("{no} <@U0BOT> {line}"),
            &format!("{no}<@U0BOT> {line}"),
            &format!("<@U0BOT> {no} {line}"),
            &format!("<@U0BOT> {line} {no}"),
            &format!("{no} {line}"),
            &format!("{no} {line} <@U0BOT>"),
        ]);
        assert_eq!(read.matches("NotToDeploy").count(), 6, "{read}");
        for line in [
            "subscribe people",
            "unsubscribe people",
            "link minji",
            "mute",
        ] {
            let read = read_whole(&[
                &format!("{no} <@U0BOT> {line}"),
                &format!("<@U0BOT> {no} {line}"),
                &format!("<@U0BOT> {line} {no}"),
                &format!("{no} {line}"),
                &format!("{line} {no}"),
            ]);
            assert_eq!(read.matches("NoBeside").count(), 5, "{read}");
            let without = format!("line: \"{line}\"");
            assert_eq!(read.matches(&without).count(), 5, "{read}");
        }
        let read = read_whole(&[&format!("<@U0BOT> status {no} people")]);
        assert!(read.ends_with("=> status people -"), "{read}");
    }
    for courtesy in ["🙏", ":pray:", "👋🏽", "🚀 please", ":rocket:"] {
        let read = read_whole(&[&format!("{courtesy} <@U0BOT> {line} {courtesy}")]);
        assert!(read.ends_with(&format!("=> {line}")), "{read}");
    }
}

#[test]
fn what_is_left_of_struck_text_is_asked_about_where_something_would_change() {
    for text in [
        "<@U0BOT> deploy people  ~ ~  production a1b2c3d",
        "<@U0BOT>~ ~ deploy people production a1b2c3d",
        "<@U0BOT>~ deploy people production a1b2c3d~",
        "~ ~ ~ deploy people production a1b2c3d~",
        "deploy people ~ ~ production a1b2c3d <@U0BOT>",
    ] {
        let read = read_whole(&[text]);
        assert!(read.contains("StruckOut"), "{read}");
        let line = "line: \"deploy people production a1b2c3d\"";
        assert!(read.contains(line), "{read}");
    }
    insta::assert_snapshot!(read_whole(&[
        "<@U0BOT> mute ~ ~",
        "<@U0BOT> status people ~ ~",
        " ~ ~  <@U0BOT> deploy people production a1b2c3d",
        "안녕하세요~ <@U0BOT> deploy people production a1b2c3d 부탁해요~~",
        "<@U0BOT> deploy people production <https://h/~a/~b|a1b2c3d>",
    ]), @r#"
    <@U0BOT> mute ~ ~ => StruckOut { line: "mute" }
    <@U0BOT> status people ~ ~ => status people -
     ~ ~  <@U0BOT> deploy people production a1b2c3d => deploy people production a1b2c3d
    안녕하세요~ <@U0BOT> deploy people production a1b2c3d 부탁해요~~ => deploy people production a1b2c3d
    <@U0BOT> deploy people production <https://h/~a/~b|a1b2c3d> => deploy people production a1b2c3d
    "#);
}

#[test]
fn courtesies_before_the_mention_change_nothing() {
    for before in [
        "",
        "hey",
        "hi <@U0JOON|joon> and <!subteam^S1|@people>,",
        "ok, so now please",
        "thank you! good morning :wave:",
        "could you",
        "안녕하세요, 지금 좀",
        "그럼 이제 부탁드려요~",
    ] {
        let read = read_whole(&[&format!(
            "{before} <@U0BOT> deploy people production a1b2c3d"
        )]);
        assert!(
            read.ends_with("=> deploy people production a1b2c3d"),
            "{read}"
        );
    }
}

#[test]
fn a_no_anywhere_beside_a_deploy_is_one() {
    for text in [
        "deploy people production a1b2c3d 하지 마",
        "deploy people production a1b2c3d 마세요",
        "deploy people production a1b2c3d 하지마세요",
        "deploy people production a1b2c3d 하면 안 돼요",
        "deploy not production a1b2c3d",
        "no <@U0JOON> deploy people production a1b2c3d",
        "35fd6cd of people to production, not yet",
        "35fd6cd people production 배포하지 말고 기다려 주세요",
    ] {
        let read = read(&[text]);
        assert!(read.contains("NotToDeploy"), "{read}");
    }
    assert_eq!(
        read(&["deploy acme/not production a1b2c3d"]),
        "deploy acme/not production a1b2c3d => deploy acme/not production a1b2c3d"
    );
}

#[test]
fn a_no_is_told_as_it_was_written() {
    insta::assert_snapshot!(read_whole(&[
        "하지 마세요 <@U0BOT> deploy people production a1b2c3d",
        "절대로 배포하지 마세요! <@U0BOT> deploy people production a1b2c3d",
        "<@U0BOT> deploy people production a1b2c3d 하면 안 돼요",
        "please don't <@U0BOT> deploy people production a1b2c3d",
        "_:x:_ <@U0BOT> mute",
    ]), @r#"
    하지 마세요 <@U0BOT> deploy people production a1b2c3d => NotToDeploy { word: "하지 마세요" }
    절대로 배포하지 마세요! <@U0BOT> deploy people production a1b2c3d => NotToDeploy { word: "배포하지 마세요" }
    <@U0BOT> deploy people production a1b2c3d 하면 안 돼요 => NotToDeploy { word: "하면 안 돼요" }
    please don't <@U0BOT> deploy people production a1b2c3d => NotToDeploy { word: "don't" }
    _:x:_ <@U0BOT> mute => NoBeside { word: ":x:", line: "mute" }
    "#);
    // Its parts are joined.
    let sign = "🙅\u{200d}♀\u{fe0f}";
    for (text, told) in [
        (
            format!("{sign} <@U0BOT> deploy people production a1b2c3d"),
            format!("=> NotToDeploy {{ word: {sign:?} }}"),
        ),
        (
            format!("<@U0BOT> ({sign}) mute"),
            format!("=> NoBeside {{ word: {sign:?}, line: \"mute\" }}"),
        ),
        (
            "❌people ❌ <@U0BOT> mute".to_owned(),
            "=> NoBeside { word: \"❌\", line: \"mute\" }".to_owned(),
        ),
    ] {
        let read = read_whole(&[&text]);
        assert!(read.ends_with(&told), "{read}");
    }
}

#[test]
fn a_no_to_nothing_and_what_is_struck_out_whole_ask_for_nothing() {
    for no in [
        "no",
        "No, thanks!",
        "nope",
        "not now please",
        "never mind",
        "don't do that",
        "don't retry",
        "never cancel that",
        "do not try again",
        "아니요",
        "하지 마세요",
        "배포하지 마세요",
        "배포 하지 마세요",
        "재시도하지 마세요",
        "🚫",
        ":x: :no_good:",
        ":x: please",
        "감사합니다 🚫",
    ] {
        let texts = [format!("<@U0BOT> {no}"), no.to_owned()];
        let read = read_whole(&texts.each_ref().map(String::as_str));
        assert_eq!(read.matches("=> OnlyNo").count(), 2, "{read}");
    }
    for text in ["<@U0BOT>  ~ ~ ", " ~ ~  <@U0BOT>", " ~ ~ "] {
        let read = read_whole(&[text]);
        assert!(read.ends_with("=> AllStruckOut"), "{read}");
    }
    // Who asks what a sign of a status is asks for something, and who greets waves.
    for text in ["what's ❌?", "what is :x:?"] {
        assert_eq!(read(&[text]), format!("{text} => help -"));
    }
    let text = "what can I not do?";
    assert!(!read(&[text]).contains("OnlyNo"));
    for text in ["hi ✋", "배포봇 안녕하세요"] {
        assert_eq!(read(&[text]), format!("{text} => OnlyCourtesy(Greeting)"));
    }
    // Who complains has asked for something.
    let read_of = read(&["왜 안 돼요?", "못 찾겠어요 도와주세요", "아직 안 나왔나요"]);
    insta::assert_snapshot!(read_of, @r#"
    왜 안 돼요? => UnknownCommand { word: "왜", suggestion: None }
    못 찾겠어요 도와주세요 => UnknownCommand { word: "못", suggestion: Some("help") }
    아직 안 나왔나요 => UnknownCommand { word: "아직", suggestion: None }
    "#);
    // Somebody may have a repository that is called so.
    assert_eq!(read(&["status no"]), "status no => status no -");
}

#[test]
fn a_no_behind_what_would_change_something_is_asked_about() {
    insta::assert_snapshot!(read(&[
        "mute 하지 마세요",
        "mute me, not him",
        "unlink not yet",
        "unsubscribe people not yet",
        "unsubscribe people not",
        "subscribe people live, never failed",
        "subscribe not people",
        "subscribe people 안 돼요",
        "link minji, not joon",
        "link no",
        "subscribe acme/not",
        "history people no",
    ]), @r#"
    mute 하지 마세요 => NoBeside { word: "하지 마세요", line: "mute" }
    mute me, not him => NoBeside { word: "not", line: "mute" }
    unlink not yet => NoBeside { word: "not", line: "unlink" }
    unsubscribe people not yet => NoBeside { word: "not", line: "unsubscribe people" }
    unsubscribe people not => NoBeside { word: "not", line: "unsubscribe people" }
    subscribe people live, never failed => NoBeside { word: "never", line: "subscribe people live" }
    subscribe not people => NoBeside { word: "not", line: "subscribe <repository> [environment] [started] [live] [failed]" }
    subscribe people 안 돼요 => NoBeside { word: "안 돼요", line: "subscribe people" }
    link minji, not joon => NoBeside { word: "not", line: "link minji" }
    link no => link no
    subscribe acme/not => subscribe acme/not
    history people no => history people no -
    "#);
}

#[test]
fn all_is_no_repository_to_follow_no_more() {
    insta::assert_snapshot!(read(&[
        "unsubscribe all",
        "unsubscribe everything please",
        "unsubscribe people all",
        "unsubscribe acme/all",
        "unsubscribe all web",
        "unsubscribe from all",
        "unsubscribe people in all",
        "unsubscribe people all failed",
        "unsubscribe people staging all",
    ]), @r#"
    unsubscribe all => Missing { command: Unsubscribe, missing: [Repository], example: "unsubscribe people" }
    unsubscribe everything please => Missing { command: Unsubscribe, missing: [Repository], example: "unsubscribe people" }
    unsubscribe people all => AllIsUnnamed { line: "unsubscribe people" }
    unsubscribe acme/all => unsubscribe acme/all
    unsubscribe all web => AllIsUnnamed { line: "unsubscribe web" }
    unsubscribe from all => Missing { command: Unsubscribe, missing: [Repository], example: "unsubscribe people" }
    unsubscribe people in all => AllIsUnnamed { line: "unsubscribe people" }
    unsubscribe people all failed => AllIsUnnamed { line: "unsubscribe people" }
    unsubscribe people staging all => Extra { command: Unsubscribe, words: "all", example: "unsubscribe people staging" }
    "#);
}

#[test]
fn nothing_is_offered_that_does_what_nobody_asked_for() {
    insta::assert_snapshot!(read(&[
        "subscribe people staging failed foo",
        "cancel deploy web staging e72d7a2",
        "undeploy web staging e72d7a2",
        "stop",
        "stop people please",
        "stop subscribe people",
        "do not mute me",
        "deploy web staging e72d7a2 to production",
        "deploy web staging production e72d7a2",
        "deploy web production e72d7a2 to production",
        "35fd6cd",
        "35fd6cd to production",
        "35fd6cd of people to production",
    ]), @r#"
    subscribe people staging failed foo => Extra { command: Subscribe, words: "foo", example: "subscribe people staging failed" }
    cancel deploy web staging e72d7a2 => CancelByButton { repository: Some(RepositoryName("web")) }
    undeploy web staging e72d7a2 => CancelByButton { repository: Some(RepositoryName("web")) }
    stop => CancelByButton { repository: None }
    stop people please => CancelByButton { repository: Some(RepositoryName("people")) }
    stop subscribe people => UnknownCommand { word: "stop", suggestion: Some("unsubscribe <repository> [environment]") }
    do not mute me => UnknownCommand { word: "do", suggestion: Some("unmute") }
    deploy web staging e72d7a2 to production => TwoEnvironments { environments: ["production", "staging"], lines: ["deploy web production e72d7a2", "deploy web staging e72d7a2"] }
    deploy web staging production e72d7a2 => TwoEnvironments { environments: ["staging", "production"], lines: ["deploy web staging e72d7a2", "deploy web production e72d7a2"] }
    deploy web production e72d7a2 to production => Extra { command: Deploy, words: "production", example: "deploy web production e72d7a2" }
    35fd6cd => Missing { command: Deploy, missing: [Repository, Environment], example: "deploy <repository> <environment> 35fd6cd" }
    35fd6cd to production => Missing { command: Deploy, missing: [Repository], example: "deploy <repository> production 35fd6cd" }
    35fd6cd of people to production => UnknownCommand { word: "35fd6cd", suggestion: Some("deploy people production 35fd6cd") }
    "#);
}
