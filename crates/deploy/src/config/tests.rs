//! What each setting may be, and what is said when it is something else.

use std::fs;

use secrecy::ExposeSecret as _;

use super::*;

fn read(args: &[&str]) -> Result<Invocation, Stop> {
    Config::from_args(["deploy"].iter().chain(args))
}

/// The settings of a service.
fn settings(args: &[&str]) -> Config {
    match read(args).map(|read| read.action) {
        Ok(Action::Serve(config)) => *config,
        other => panic!("{args:?} should serve, but gave {other:?}"),
    }
}

/// No key, but with the look of one.
const PEM: &str = "-----BEGIN RSA PRIVATE KEY-----\\nhush\\n-----END RSA PRIVATE KEY-----";

fn sentence(args: &[&str]) -> String {
    match read(args) {
        Err(Stop::Wrong(sentence)) => sentence,
        other => panic!("{args:?} should be wrong, but gave {other:?}"),
    }
}

#[test]
fn what_is_left_out_has_the_documented_value() {
    let token = ["--github-token", "t"];
    assert_eq!(read(&token).unwrap().log.format, LogFormat::Text);
    insta::assert_snapshot!(settings(&token), @r"
    DEPLOY_LISTEN=127.0.0.1:50051
    DEPLOY_ADMIN_LISTEN=127.0.0.1:9091
    DEPLOY_WEB_LISTEN=127.0.0.1:8081
    DEPLOY_DATABASE_URL=sqlite:deploy.db
    DEPLOY_GITHUB_API_URL=https://api.github.com/
    DEPLOY_GITHUB_TOKEN: set
    DEPLOY_GITHUB_CLIENT_ID: not set
    DEPLOY_GITHUB_WEBHOOK_SECRET: not set
    DEPLOY_GITHUB_STATUS_URL=https://www.githubstatus.com/api/v2/incidents/unresolved.json
    DEPLOY_GITHUB_OWNER: not set
    DEPLOY_AUTH_TOKEN: not set
    DEPLOY_ENVIRONMENTS=production,staging
    DEPLOY_POLL_INTERVAL=2s
    DEPLOY_PICKUP_TIMEOUT=1m
    DEPLOY_SILENCE_TIMEOUT=30m
    DEPLOY_SNAPSHOT_AGE=0s
    ");
}

#[test]
fn flags_stand_before_or_after_the_subcommand() {
    for args in [
        ["--github-token", "t", "check-config"],
        ["check-config", "--github-token", "t"],
    ] {
        let action = read(&args).unwrap().action;
        assert!(matches!(action, Action::CheckConfig(_)), "{action:?}");
    }
}

#[test]
fn the_tables_need_no_setting_but_where_they_are() {
    let database = |args: &[&str]| match read(args).unwrap().action {
        Action::Migrate(database) => database.to_string(),
        other => panic!("{args:?} should migrate, but gave {other:?}"),
    };
    assert_eq!(database(&["migrate"]), "deploy.db");
    let url = "postgres://minji:hush@db/deploy";
    let told = database(&["migrate", "--database-url", url]);
    assert_eq!(told, "deploy on Postgres db:5432");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    fs::write(&path, format!("{url}\n")).unwrap();
    let from_file = ["migrate", "--database-url-file", path.to_str().unwrap()];
    assert_eq!(database(&from_file), told);
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_break() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "ghp_abc\n").unwrap();
    let config = settings(&["--github-token-file", path.to_str().unwrap()]);
    let Credentials::Token(token) = config.github_credentials else {
        panic!("it is a token");
    };
    assert_eq!(token.expose_secret(), "ghp_abc");
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
            &["--listen", "127.0.0.1:8081"],
            "DEPLOY_LISTEN and DEPLOY_WEB_LISTEN are both 127.0.0.1:8081",
        ),
        (
            &["--database-url", "mysql://u:p@h/d"],
            "begins with `mysql:`",
        ),
        (
            &["--database-url", "postgres://u:p@h"],
            "names no database on its Postgres server",
        ),
        (
            &["--database-url", "postgres://h:port/d"],
            "begins as a Postgres URL, but is none",
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
            &["--database-url", "sqlite:src"],
            "DEPLOY_DATABASE_URL names `src`, which is a folder",
        ),
        (
            &["--database-url", "postgres://h/d?passwd=x"],
            "DEPLOY_DATABASE_URL cannot be used: it has an unknown parameter",
        ),
        (
            &["--database-url", "postgres://h/d?sslmode=x"],
            "`sslmode`, `port` or `hostaddr` after the question mark has an impossible value",
        ),
        (
            &["--database-url", "sqlite:d", "--database-url-file", "f"],
            "DEPLOY_DATABASE_URL_FILE are both set",
        ),
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
            &["--environments", "production,Production"],
            "DEPLOY_ENVIRONMENTS names `Production` twice",
        ),
        (&["--pickup-timeout", "1s"], "DEPLOY_PICKUP_TIMEOUT is `1s`"),
        (
            &["--silence-timeout", "2d"],
            "DEPLOY_SILENCE_TIMEOUT is `2d`",
        ),
        (
            &["--snapshot-age", "fresh"],
            "DEPLOY_SNAPSHOT_AGE is `fresh`",
        ),
        (
            &["--github-status-url", "status"],
            "DEPLOY_GITHUB_STATUS_URL is no URL",
        ),
        (
            &["--github-app-id", "1"],
            "DEPLOY_GITHUB_TOKEN and a GitHub App are both set",
        ),
        (
            &["--github-webhook-secret", ""],
            "DEPLOY_GITHUB_WEBHOOK_SECRET is empty",
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
        (&["--log", ""], "DEPLOY_LOG is no log filter"),
        (&["--log", " "], "DEPLOY_LOG is no log filter"),
        (
            &["--github-token-file", "t"],
            "DEPLOY_GITHUB_TOKEN_FILE are both set",
        ),
        (&["--colour"], "unexpected argument '--colour' found"),
        (&["fly"], "unrecognized subcommand 'fly'"),
        (&["rebuild", "people"], "`people` names no owner"),
        (&["rebuild", "a/b/c"], "`a/b/c`: A repository is written"),
    ];
    for (args, part) in cases {
        let args: Vec<_> = token.iter().chain(*args).copied().collect();
        let sentence = sentence(&args);
        assert!(sentence.contains(part), "{args:?}: {sentence}");
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
    }
    assert!(sentence(&[]).starts_with("DEPLOY_GITHUB_TOKEN is not set"));
    for (args, part) in [
        (
            &["--github-app-id", "1"] as &[_],
            "DEPLOY_GITHUB_APP_PRIVATE_KEY is not set",
        ),
        (
            &["--github-app-private-key", PEM],
            "DEPLOY_GITHUB_APP_ID is not set",
        ),
        (
            &["--github-app-id", "me", "--github-app-private-key", PEM],
            "DEPLOY_GITHUB_APP_ID is `me`",
        ),
        (
            &["--github-app-id", "1", "--github-app-private-key", "hush"],
            "DEPLOY_GITHUB_APP_PRIVATE_KEY is no PEM text",
        ),
    ] {
        let sentence = sentence(args);
        assert!(sentence.contains(part), "{args:?}: {sentence}");
        assert!(!sentence.contains("hush"), "{sentence}");
    }
    let no_such_file = sentence(&["--github-token-file", "no/such/file"]);
    assert!(no_such_file.contains("DEPLOY_GITHUB_TOKEN_FILE names `no/such/file`"));
}

#[test]
fn an_app_is_its_number_and_its_key() {
    let config = settings(&["--github-app-id", "7", "--github-app-private-key", PEM]);
    insta::assert_snapshot!(
        config.to_string().lines().skip(5).take(2).collect::<Vec<_>>().join("\n"),
        @r"
    DEPLOY_GITHUB_APP_ID=7
    DEPLOY_GITHUB_APP_PRIVATE_KEY: set
    "
    );
    let Credentials::App { id, private_key } = config.github_credentials else {
        panic!("it is an App");
    };
    assert_eq!(id, 7);
    let lines: Vec<&str> = private_key.expose_secret().lines().collect();
    assert_eq!(lines[1], "hush");
}

#[test]
fn with_webhooks_an_answer_may_be_five_minutes_old() {
    let age = |args: &[&str]| settings(args).snapshot_age.as_secs();
    let secret = ["--github-token", "t", "--github-webhook-secret", "s"];
    assert_eq!(age(&secret[..2]), 0);
    assert_eq!(age(&secret), 300);
    assert_eq!(age(&[&secret[..], &["--snapshot-age", "5s"]].concat()), 5);
}

#[test]
fn with_webhooks_running_deployments_are_read_less_often() {
    let poll = |args: &[&str]| settings(args).poll_interval.as_secs();
    let secret = ["--github-token", "t", "--github-webhook-secret", "s"];
    assert_eq!(poll(&secret[..2]), 2);
    assert_eq!(poll(&secret), 15);
    assert_eq!(poll(&[&secret[..], &["--poll-interval", "3s"]].concat()), 3);
}

#[test]
fn only_githubs_own_host_has_a_page_of_incidents() {
    let url = |args: &[&str]| {
        let args = [&["--github-token", "t"], args].concat();
        settings(&args).github_status_url
    };
    assert!(url(&[]).is_some());
    assert_eq!(url(&["--github-status-url", "none"]), None);
    assert_eq!(url(&["--github-api-url", "https://git.acme/api/v3"]), None);
    let own = url(&["--github-status-url", "https://status.acme/x.json"]);
    assert_eq!(own.unwrap().as_str(), "https://status.acme/x.json");
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    let told = sentence(&["--github-token", "t", "--auth-token", "hush hush"]);
    assert!(!told.contains("hush"), "{told}");
    for url in [
        "postgres://u:hush@h",
        "postgres://u:hush#x@h/d",
        "postgres://u@h/d?passwd=hush",
        "postgres://u@h/d?sslmode=hush",
    ] {
        let told = sentence(&["migrate", "--database-url", url]);
        assert!(!told.contains("hush"), "{told}");
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
    let args = [
        "--github-token",
        "hush",
        "--auth-token",
        "hush",
        "--github-webhook-secret",
        "hush",
        "--database-url",
        "postgres://u:hush@h/d",
    ];
    let shown = format!("{:?} {}", read(&args).unwrap(), settings(&args));
    assert!(!shown.contains("hush"), "{shown}");
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

#[test]
fn a_client_id_is_what_the_apps_page_shows() {
    let with = |id| settings(&["--github-token", "t", "--github-client-id", id]);
    for id in ["Iv1.0123456789abcdef", "Iv23liABCDEF", " Iv1.a "] {
        assert_eq!(with(id).github_client_id.as_deref(), Some(id.trim()));
    }
    for bad in [
        "",
        " ",
        "a b",
        "https://github.com/apps/x",
        "Iv1.\u{e4}",
        &"a".repeat(101),
    ] {
        let told = sentence(&["--github-token", "t", "--github-client-id", bad]);
        assert!(told.starts_with("DEPLOY_GITHUB_CLIENT_ID is `"), "{told}");
    }
}
