//! What settings are read as, and what is said of wrong ones.

use std::fs;

use secrecy::ExposeSecret as _;

use super::*;

const TOKENS: [&str; 4] = [
    "--slack-bot-token",
    "xoxb-hush",
    "--slack-app-token",
    "xapp-hush",
];

fn read(args: &[&str]) -> Result<Invocation, Stop> {
    Config::from_args(["deploybot"].iter().chain(args))
}

fn sentence(args: &[&str]) -> String {
    match read(args) {
        Err(Stop::Wrong(sentence)) => sentence,
        other => panic!("{args:?} should be wrong, but gave {other:?}"),
    }
}

#[test]
fn what_is_left_out_has_the_documented_value() {
    let read = read(&TOKENS).unwrap();
    assert_eq!(read.action, Action::Serve);
    assert_eq!(
        read.log,
        Log {
            filter: "info".to_owned(),
            format: LogFormat::Text
        }
    );
    insta::assert_snapshot!(read.config, @r"
    DEPLOYBOT_DEPLOY_URL=http://127.0.0.1:50051/
    DEPLOYBOT_DEPLOY_TOKEN: not set
    DEPLOYBOT_SLACK_API_URL=https://slack.com/api
    DEPLOYBOT_SLACK_BOT_TOKEN: set
    DEPLOYBOT_SLACK_APP_TOKEN: set
    DEPLOYBOT_SLACK_CONNECTIONS=2
    DEPLOYBOT_SLACK_SIGNING_SECRET: not set; no events over HTTP
    DEPLOYBOT_LANGUAGE=en
    DEPLOYBOT_PEOPLE_FILE: nobody is named
    DEPLOYBOT_ADMIN_LISTEN=127.0.0.1:9092
    ");
}

#[test]
fn events_come_over_http_beside_the_socket_or_instead_of_it() {
    let secret = ["--slack-signing-secret", "hush"];
    let both = read(&[&TOKENS[..], &secret].concat()).unwrap().config;
    assert!(both.socket_mode.is_some() && both.events_api.is_some());
    let alone = [&TOKENS[..2], &secret, &["--listen", "0.0.0.0:80"]].concat();
    let alone = read(&alone).unwrap().config;
    assert!(alone.socket_mode.is_none());
    insta::assert_snapshot!(alone, @r"
    DEPLOYBOT_DEPLOY_URL=http://127.0.0.1:50051/
    DEPLOYBOT_DEPLOY_TOKEN: not set
    DEPLOYBOT_SLACK_API_URL=https://slack.com/api
    DEPLOYBOT_SLACK_BOT_TOKEN: set
    DEPLOYBOT_SLACK_APP_TOKEN: not set; no Socket Mode
    DEPLOYBOT_SLACK_SIGNING_SECRET: set
    DEPLOYBOT_LISTEN=0.0.0.0:80
    DEPLOYBOT_LANGUAGE=en
    DEPLOYBOT_PEOPLE_FILE: nobody is named
    DEPLOYBOT_ADMIN_LISTEN=127.0.0.1:9092
    ");
}

#[test]
fn flags_stand_before_or_after_the_subcommand() {
    let before = [&TOKENS[..], &["check-config"]].concat();
    let after = [&["check-config"], &TOKENS[..]].concat();
    for args in [before, after] {
        assert_eq!(read(&args).unwrap().action, Action::CheckConfig);
    }
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_break() {
    let path = std::env::temp_dir().join(format!("deploybot-token-{}", std::process::id()));
    fs::write(&path, "from-a-file\n").unwrap();
    let file = path.to_str().unwrap();
    let read = read(&[&TOKENS[..], &["--deploy-token-file", file]].concat());
    fs::remove_file(&path).unwrap();
    let token = read.unwrap().config.deploy_token.unwrap();
    assert_eq!(token.expose_secret(), "from-a-file");
}

#[test]
fn a_wrong_setting_is_told_in_one_sentence_that_names_it() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["--admin-listen", "9092"],
            "DEPLOYBOT_ADMIN_LISTEN is `9092`",
        ),
        (
            &["--language", "de"],
            "DEPLOYBOT_LANGUAGE is `de`: write `en` or `ko`.",
        ),
        (
            &["--deploy-url", "deploy"],
            "DEPLOYBOT_DEPLOY_URL is no URL",
        ),
        (
            &["--deploy-url", "localhost:50051"],
            "DEPLOYBOT_DEPLOY_URL is no http or https URL",
        ),
        (
            &["--deploy-url", "http://u:hush@h"],
            "DEPLOYBOT_DEPLOY_URL holds a user name",
        ),
        (
            &["--slack-api-url", "https://h/api?x"],
            "DEPLOYBOT_SLACK_API_URL has a query",
        ),
        (&["--deploy-token", ""], "DEPLOYBOT_DEPLOY_TOKEN is empty"),
        (
            &["--deploy-token", "hush hush"],
            "DEPLOYBOT_DEPLOY_TOKEN holds a space",
        ),
        (
            &["--deploy-token", "hush", "--deploy-token-file", "f"],
            "DEPLOYBOT_DEPLOY_TOKEN and DEPLOYBOT_DEPLOY_TOKEN_FILE are both set",
        ),
        (
            &["--deploy-token-file", "no/such/file"],
            "DEPLOYBOT_DEPLOY_TOKEN_FILE names `no/such/file`, which cannot be read",
        ),
        (&["--listen", "8082"], "DEPLOYBOT_LISTEN is `8082`"),
        (
            &["--slack-connections", "0"],
            "DEPLOYBOT_SLACK_CONNECTIONS is `0`: write a number from 1 to 10",
        ),
        (
            &["--slack-connections", "11"],
            "DEPLOYBOT_SLACK_CONNECTIONS is `11`",
        ),
        (
            &["--slack-connections", "many"],
            "DEPLOYBOT_SLACK_CONNECTIONS is `many`",
        ),
        (
            &["--slack-signing-secret", ""],
            "DEPLOYBOT_SLACK_SIGNING_SECRET is empty",
        ),
        (
            &["--slack-signing-secret", "hush hush"],
            "DEPLOYBOT_SLACK_SIGNING_SECRET holds a space",
        ),
        (
            &["--slack-signing-secret", "xapp-hush"],
            "DEPLOYBOT_SLACK_SIGNING_SECRET holds a token",
        ),
        (
            &["--slack-signing-secret-file", "no/such/file"],
            "DEPLOYBOT_SLACK_SIGNING_SECRET_FILE names `no/such/file`, which cannot be read",
        ),
        (
            &[
                "--slack-signing-secret",
                "hush",
                "--slack-signing-secret-file",
                "f",
            ],
            "DEPLOYBOT_SLACK_SIGNING_SECRET and DEPLOYBOT_SLACK_SIGNING_SECRET_FILE are both set",
        ),
        (
            &[
                "--slack-signing-secret",
                "hush",
                "--listen",
                "127.0.0.1:9092",
            ],
            "DEPLOYBOT_LISTEN and DEPLOYBOT_ADMIN_LISTEN are both 127.0.0.1:9092",
        ),
        (&["--log-format", "xml"], "DEPLOYBOT_LOG_FORMAT is `xml`"),
        (&["--log", "a=b=c"], "DEPLOYBOT_LOG is no log filter"),
        (&["--log", ""], "DEPLOYBOT_LOG is no log filter"),
        (&["--colour"], "unexpected argument '--colour' found"),
        (&["fly"], "unrecognized subcommand 'fly'"),
    ];
    for (args, part) in cases {
        let sentence = sentence(&[&TOKENS, *args].concat());
        assert!(sentence.contains(part), "{args:?}: {sentence}");
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
        assert!(!sentence.contains("hush"), "{sentence}");
    }
}

#[test]
fn missing_and_swapped_tokens_are_told_apart() {
    insta::assert_snapshot!(sentence(&[]), @"DEPLOYBOT_SLACK_BOT_TOKEN is not set: give your Slack app's token that begins with xoxb-, or its file in DEPLOYBOT_SLACK_BOT_TOKEN_FILE.");
    insta::assert_snapshot!(sentence(&TOKENS[..2]), @"Neither DEPLOYBOT_SLACK_APP_TOKEN nor DEPLOYBOT_SLACK_SIGNING_SECRET is set, so that nothing would be heard: give your Slack app's token that begins with xapp- for Socket Mode, or its signing secret for events over HTTP.");
    let swapped = [
        "--slack-bot-token",
        "xapp-hush",
        "--slack-app-token",
        "xoxb-hush",
    ];
    insta::assert_snapshot!(sentence(&swapped), @"DEPLOYBOT_SLACK_BOT_TOKEN does not begin with xoxb-: it holds another kind of token.");
}

#[test]
fn a_misspelt_variable_is_told_and_those_of_kubernetes_are_not() {
    let check = |name: &str| {
        let value = "tcp://10.0.0.7:9092".to_owned();
        refuse_unknown(std::iter::once((name.to_owned(), value)))
    };
    let Err(Stop::Wrong(sentence)) = check("DEPLOYBOT_SLAK_BOT_TOKEN") else {
        panic!("fine")
    };
    insta::assert_snapshot!(sentence, @"There is no setting DEPLOYBOT_SLAK_BOT_TOKEN: did you mean DEPLOYBOT_SLACK_BOT_TOKEN?");
    for fine in [
        "DEPLOYBOT_PORT",
        "DEPLOYBOT_PORT_9092_TCP",
        "DEPLOYBOT_SERVICE_HOST",
        "DEPLOYBOT_ADMIN_SERVICE_HOST",
        "DEPLOYBOT_SLACK_BOT_TOKEN_FILE",
        "HOME",
    ] {
        check(fine).unwrap();
    }
}

#[test]
fn help_and_version_are_no_error() {
    for flag in ["--help", "--version"] {
        assert!(matches!(read(&[flag]), Err(Stop::Asked(_))), "{flag}");
    }
}

#[test]
fn settings_never_show_a_secret() {
    let read = read(
        &[
            &TOKENS[..],
            &["--deploy-token", "hush"],
            &["--slack-signing-secret", "hush"],
        ]
        .concat(),
    )
    .unwrap();
    assert!(!format!("{read:?} {}", read.config).contains("hush"));
}

#[test]
fn a_table_says_who_is_who() {
    let name = format!("deploybot-people-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let with = |text: &str| {
        fs::write(&path, text).unwrap();
        let file = ["--people-file", path.to_str().unwrap()];
        read(&[&TOKENS[..], &file].concat())
    };
    let config = with("{\"minji\": \"U0MINJI\"}").unwrap().config;
    assert!(
        config
            .to_string()
            .contains("DEPLOYBOT_PEOPLE_FILE: 1 named")
    );
    for (text, part) in [
        ("", "line 1 column 0"),
        ("{\"minji\": \"U0MINJI\",\n}", "line 2 column 1"),
        ("{\"minji\":\n\"minji\"}", "is no Slack user id"),
        ("\u{0}", "line 1 column 1"),
    ] {
        let Err(Stop::Wrong(told)) = with(text) else {
            panic!("{text:?} should be wrong");
        };
        assert!(told.starts_with("DEPLOYBOT_PEOPLE_FILE names `"), "{told}");
        assert!(told.contains(part) && !told.contains('\n'), "{told}");
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    let file = ["--people-file", path.to_str().unwrap()];
    let told = sentence(&[&TOKENS[..], &file].concat());
    assert!(told.contains("cannot be read"), "{told}");
    fs::remove_file(&path).unwrap();
    let told = sentence(&[&TOKENS[..], &["--people-file", "no/such"]].concat());
    assert!(told.contains("`no/such`, which cannot be read"), "{told}");
}
