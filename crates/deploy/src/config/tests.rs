//! What each setting may be, and what is said when it is something else.

use std::fs;

use secrecy::ExposeSecret as _;

use super::*;

fn read(args: &[&str]) -> Result<Invocation, Stop> {
    Config::from_args(["deploy"].iter().chain(args))
}

fn sentence(args: &[&str]) -> String {
    match read(args) {
        Err(Stop::Wrong(sentence)) => sentence,
        other => panic!("{args:?} should be wrong, but gave {other:?}"),
    }
}

#[test]
fn what_is_left_out_has_the_documented_value() {
    let read = read(&["--github-token", "t"]).unwrap();
    assert_eq!(read.action, Action::Serve);
    assert_eq!(read.log.format, LogFormat::Text);
    insta::assert_snapshot!(read.config, @r"
    DEPLOY_LISTEN=127.0.0.1:50051
    DEPLOY_ADMIN_LISTEN=127.0.0.1:9091
    DEPLOY_DATABASE_URL=sqlite:deploy.db
    DEPLOY_GITHUB_API_URL=https://api.github.com/
    DEPLOY_GITHUB_TOKEN: set
    DEPLOY_GITHUB_OWNER: not set
    DEPLOY_AUTH_TOKEN: not set
    DEPLOY_ENVIRONMENTS=production,staging
    DEPLOY_POLL_INTERVAL=2s
    ");
}

#[test]
fn flags_stand_before_or_after_the_subcommand() {
    for args in [
        ["--github-token", "t", "check-config"],
        ["check-config", "--github-token", "t"],
    ] {
        assert_eq!(read(&args).unwrap().action, Action::CheckConfig);
    }
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_break() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "ghp_abc\n").unwrap();
    let read = read(&["--github-token-file", path.to_str().unwrap()]).unwrap();
    assert_eq!(read.config.github_token.expose_secret(), "ghp_abc");
}

#[test]
fn a_wrong_setting_is_told_in_one_sentence_that_names_it() {
    let token = ["--github-token", "t"];
    let cases: &[(&[&str], &str)] = &[
        (&["--listen", "here"], "DEPLOY_LISTEN is `here`"),
        (&["--listen", "127.0.0.1"], "DEPLOY_LISTEN is"),
        (
            &["--listen", "127.0.0.1:9091"],
            "DEPLOY_LISTEN and DEPLOY_ADMIN_LISTEN are both 127.0.0.1:9091",
        ),
        (&["--admin-listen", ":80"], "DEPLOY_ADMIN_LISTEN is `:80`"),
        (
            &["--listen", "0.0.0.0:50051"],
            "DEPLOY_AUTH_TOKEN is not set",
        ),
        (&["--auth-token", ""], "DEPLOY_AUTH_TOKEN is empty"),
        (&["--auth-token", "a b"], "DEPLOY_AUTH_TOKEN holds a space"),
        (
            &["--database-url", "postgres://u:p@h/d"],
            "begins with `postgres:`",
        ),
        (
            &["--database-url", "deploy.db"],
            "DEPLOY_DATABASE_URL is no URL",
        ),
        (
            &["--database-url", "sqlite:"],
            "DEPLOY_DATABASE_URL names no file",
        ),
        (&["--database-url", "sqlite::memory:"], "names no file"),
        (
            &["--database-url", "sqlite:no/such/deploy.db"],
            "DEPLOY_DATABASE_URL names a file in `no/such`, which is no folder",
        ),
        (
            &["--github-api-url", "github"],
            "DEPLOY_GITHUB_API_URL is no URL",
        ),
        (&["--github-api-url", "ftp://h"], "is no http or https URL"),
        (&["--github-api-url", "https://u:p@h"], "holds a user name"),
        (&["--github-api-url", "https://h?x=1"], "has a query"),
        (&["--github-owner", "a/b"], "DEPLOY_GITHUB_OWNER is `a/b`"),
        (&["--environments", "a,,b"], "DEPLOY_ENVIRONMENTS is `a,,b`"),
        (
            &["--environments", "a,a"],
            "DEPLOY_ENVIRONMENTS names `a` twice",
        ),
        (
            &["--poll-interval", "soon"],
            "DEPLOY_POLL_INTERVAL is `soon`",
        ),
        (&["--poll-interval", "0s"], "DEPLOY_POLL_INTERVAL is `0s`"),
        (&["--poll-interval", "1h"], "DEPLOY_POLL_INTERVAL is `1h`"),
        (
            &["--poll-interval", "20ms"],
            "DEPLOY_POLL_INTERVAL is `20ms`",
        ),
        (&["--poll-interval", "61s"], "DEPLOY_POLL_INTERVAL is `61s`"),
        (&["--poll-interval=-2s"], "DEPLOY_POLL_INTERVAL is `-2s`"),
        (&["--log-format", "xml"], "DEPLOY_LOG_FORMAT is `xml`"),
        (&["--log", "a=b=c"], "DEPLOY_LOG is no log filter"),
        (
            &["--github-token-file", "t"],
            "DEPLOY_GITHUB_TOKEN_FILE are both set",
        ),
        (&["--colour"], "unexpected argument '--colour' found"),
        (&["fly"], "unrecognized subcommand 'fly'"),
    ];
    for (args, part) in cases {
        let args: Vec<_> = token.iter().chain(*args).copied().collect();
        let sentence = sentence(&args);
        assert!(sentence.contains(part), "{args:?}: {sentence}");
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
    }
    assert!(sentence(&[]).starts_with("DEPLOY_GITHUB_TOKEN is not set"));
    let no_such_file = sentence(&["--github-token-file", "no/such/file"]);
    assert!(no_such_file.contains("DEPLOY_GITHUB_TOKEN_FILE names `no/such/file`"));
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    let told = sentence(&["--github-token", "t", "--auth-token", "hush hush"]);
    assert!(!told.contains("hush"), "{told}");
    let told = sentence(&[
        "--github-token",
        "t",
        "--database-url",
        "postgres://u:hush@h/d",
    ]);
    assert!(!told.contains("hush"), "{told}");
}

#[test]
fn help_and_version_are_no_error() {
    for flag in ["--help", "--version"] {
        assert!(matches!(read(&[flag]), Err(Stop::Asked(_))), "{flag}");
    }
}

#[test]
fn settings_never_show_a_secret() {
    let read = read(&["--github-token", "hush", "--auth-token", "hush"]).unwrap();
    assert!(!format!("{read:?} {}", read.config).contains("hush"));
}

#[test]
fn a_variable_that_is_no_setting_is_a_slip() {
    let check = |name: &str, value: &str| {
        refuse_unknown(std::iter::once((name.to_owned(), value.to_owned())))
    };
    let told = |name: &str| match check(name, "hush") {
        Err(Stop::Wrong(sentence)) => sentence,
        other => panic!("{name} should be wrong, but gave {other:?}"),
    };
    insta::assert_snapshot!(
        told("DEPLOY_GITHUB_TOKN"),
        @"There is no setting DEPLOY_GITHUB_TOKN: did you mean DEPLOY_GITHUB_TOKEN?"
    );
    insta::assert_snapshot!(
        told("DEPLOY_PORT"),
        @"There is no setting DEPLOY_PORT: `deploy --help` lists what there is."
    );
    for (name, value) in [
        ("DEPLOY_GITHUB_TOKEN_FILE", "/run/token"),
        ("DEPLOY_LISTEN", "127.0.0.1:0"),
        ("DEPLOYBOT_SLACK_BOT_TOKEN", "of the other program"),
        ("DEPLOY_SERVICE_HOST", "10.0.0.1"),
        ("DEPLOY_GRPC_SERVICE_PORT_GRPC", "50051"),
        ("DEPLOY_PORT", "tcp://10.0.0.1:50051"),
        ("DEPLOY_PORT_50051_TCP_ADDR", "10.0.0.1"),
        ("HOME", "/root"),
    ] {
        assert_eq!(check(name, value), Ok(()), "{name}");
    }
}
