//! The program as an operator runs it: exit codes, one sentence for what is
//! wrong, health, and a log without secrets.

use std::{
    net::TcpListener,
    process::{Output, Stdio},
    time::Duration,
};

use deploy_proto::v1::{DeploymentState, Moment};
use http::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::{Child, Command},
};
use tokio_util::task::TaskTracker;

use crate::{
    answers,
    bare::event,
    deploy_service::reserved,
    followers,
    refused::told_alone,
    request::{Request, now},
    stage::{APP_TOKEN, BOT_TOKEN, DEPLOY_TOKEN, Stage, eventually},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// The program, with no settings but those given.
fn program(args: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deploybot"));
    command
        .args(args)
        .env_clear()
        .envs(settings.iter().copied())
        .kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

async fn ended(mut command: Command) -> Output {
    tokio::time::timeout(PATIENCE, command.output())
        .await
        .expect("it ends")
        .unwrap()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const SIGNING_SECRET: &str = "secret-do-not-tell";

const TOKENS: [(&str, &str); 2] = [
    ("DEPLOYBOT_SLACK_BOT_TOKEN", BOT_TOKEN),
    ("DEPLOYBOT_SLACK_APP_TOKEN", APP_TOKEN),
];

#[tokio::test]
async fn a_bad_setting_is_one_sentence_and_exit_code_64() {
    for (args, settings, part) in [
        (&[][..], vec![], "DEPLOYBOT_SLACK_BOT_TOKEN is not set"),
        (
            &["--admin-listen", "here"],
            TOKENS.to_vec(),
            "DEPLOYBOT_ADMIN_LISTEN is `here`",
        ),
        (&["fly"], TOKENS.to_vec(), "unrecognized subcommand 'fly'"),
        (
            &[],
            TOKENS[..1].to_vec(),
            "Neither DEPLOYBOT_SLACK_APP_TOKEN nor DEPLOYBOT_SLACK_SIGNING_SECRET is set",
        ),
        (
            &["--slack-connections", "11"],
            TOKENS.to_vec(),
            "DEPLOYBOT_SLACK_CONNECTIONS is `11`",
        ),
        (
            &[],
            vec![("DEPLOYBOT_COLOUR", "blue")],
            "There is no setting DEPLOYBOT_COLOUR",
        ),
    ] {
        let output = ended(program(args, &settings)).await;
        let told = said(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{told}");
        assert!(told.contains(part), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn check_config_tells_the_settings_and_starts_nothing() {
    let mut settings = TOKENS.to_vec();
    settings.push(("DEPLOYBOT_SLACK_SIGNING_SECRET", SIGNING_SECRET));
    let output = ended(program(&["check-config"], &settings)).await;
    let told = said(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    for line in [
        "DEPLOYBOT_SLACK_SIGNING_SECRET: set",
        "DEPLOYBOT_LISTEN=127.0.0.1:8082",
        "DEPLOYBOT_ADMIN_LISTEN=127.0.0.1:9092",
    ] {
        assert!(told.lines().any(|told| told == line), "{told}");
    }
    assert!(!told.contains("do-not-tell"), "{told}");
}

#[tokio::test]
async fn a_taken_port_names_its_address_and_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let secret = ["--slack-signing-secret", SIGNING_SECRET];
    for (args, setting) in [
        (vec!["--admin-listen", &address], "DEPLOYBOT_ADMIN_LISTEN"),
        (
            [
                &secret[..],
                &["--listen", &address, "--admin-listen", "127.0.0.1:0"],
            ]
            .concat(),
            "DEPLOYBOT_LISTEN",
        ),
    ] {
        let output = ended(program(&args, &TOKENS)).await;
        let told = said(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(&address) && told.contains(setting), "{told}");
    }
}

/// The program against the stage, logging all there is to log.
fn against(stage: &Stage, admin: &str, events: &str) -> Child {
    let (deploy, slack) = (stage.deploy.url(), format!("{}/api", stage.slack_url));
    let mut settings = TOKENS.to_vec();
    settings.extend([
        ("DEPLOYBOT_DEPLOY_URL", deploy.as_str()),
        ("DEPLOYBOT_DEPLOY_TOKEN", DEPLOY_TOKEN),
        ("DEPLOYBOT_SLACK_API_URL", slack.as_str()),
        ("DEPLOYBOT_ADMIN_LISTEN", admin),
        ("DEPLOYBOT_SLACK_SIGNING_SECRET", SIGNING_SECRET),
        ("DEPLOYBOT_LISTEN", events),
        ("DEPLOYBOT_LOG", "trace"),
        ("DEPLOYBOT_LOG_FORMAT", "json"),
    ]);
    program(&["serve"], &settings).spawn().unwrap()
}

async fn get(address: &str, path: &str) -> Option<(StatusCode, String)> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let code = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((code, body.to_owned()))
}

async fn answers_with(address: &str, path: &str, code: StatusCode) -> String {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = get(address, path).await;
        match answer {
            Some((got, body)) if got == code => return body,
            _ => assert!(
                tokio::time::Instant::now() < until,
                "{path}: {answer:?}, never {code}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn it_serves_tells_its_health_stops_when_told_and_logs_no_secret() {
    let stage = Stage::without_bot().await;
    stage.deploy.state().status = Some(Ok(answers::status()));
    // The program needs to be told them.
    let (port, another) = (reserved(), reserved());
    let admin = port.local_addr().unwrap().to_string();
    let events = another.local_addr().unwrap().to_string();
    let child = against(&stage, &admin, &events);
    let id = child.id().expect("it runs");
    // Its log is read all the time, or it would wait for a reader.
    let ended = TaskTracker::new().spawn(child.wait_with_output());
    answers_with(&admin, "/healthz", StatusCode::OK).await;
    answers_with(&admin, "/readyz", StatusCode::OK).await;
    stage.say("@deploybot status people").await;
    stage.heard(1, "people").await;
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    stage.heard(2, "accepted").await;

    let nothing_asked = serde_json::json!({"type": "user_change"});
    let request = Request::event(&event("EvHttp", nothing_asked));
    assert_eq!(request.send(&events).await.status, 401);
    let signed = request.signed_with(SIGNING_SECRET, &now(0));
    assert_eq!(signed.send(&events).await.status, 200);

    stage.deploy.go_away().await;
    let body = answers_with(&admin, "/readyz", StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(body, "slack: connected, listening\ndeploy: not connected\n");
    answers_with(&admin, "/healthz", StatusCode::OK).await;
    stage.deploy.come_back().await;
    answers_with(&admin, "/readyz", StatusCode::OK).await;

    terminate(id).await;
    let output = tokio::time::timeout(PATIENCE, ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    eventually("its connections are gone", || {
        stage.slack.connections() == 0
    })
    .await;
    let log = said(&output.stderr);
    assert!(
        log.lines().count() > 20 && log.contains("connected to Slack"),
        "{log}"
    );
    for line in log.lines() {
        assert!(!line.contains("do-not-tell"), "{line}");
    }
}

#[tokio::test]
async fn a_channel_that_follows_in_vain_is_in_the_log_with_what_to_do() {
    let stage = Stage::without_bot().await;
    let without = followers::channel(&stage, "without", false);
    let archived = followers::channel(&stage, "archived", true);
    stage
        .slack
        .archive_channel(&simulators::slack::ChannelId::new(&archived));
    let vain = [
        ("not_in_channel", without.as_str()),
        ("is_archived", archived.as_str()),
        ("channel_not_found", "C0NOWHERE"),
    ];
    for (_, channel) in vain {
        followers::follow(&stage, channel, &[Moment::Succeeded]);
    }
    let (port, another) = (reserved(), reserved());
    let admin = port.local_addr().unwrap().to_string();
    let events = another.local_addr().unwrap().to_string();
    let child = against(&stage, &admin, &events);
    let id = child.id().expect("it runs");
    let ended = TaskTracker::new().spawn(child.wait_with_output());
    let live = answers::deployment(DeploymentState::Succeeded);
    stage.deploy.others_deploy(live, "");
    eventually("it is dealt with", || stage.deploy.all_is_shown()).await;
    told_alone(&stage, &stage.minji, 3).await;
    terminate(id).await;
    let output = tokio::time::timeout(PATIENCE, ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let log = said(&output.stderr);
    let uninvited = "can't write in a channel that follows deployments: invite it";
    let lost = "is archived or hidden: it follows them no more";
    for (code, channel) in vain {
        let what = if code == "not_in_channel" {
            uninvited
        } else {
            lost
        };
        let of_it = log.lines().filter(|line| {
            line.contains("\"ERROR\"") && line.contains(what) && line.contains(channel)
        });
        let of_it: Vec<_> = of_it.collect();
        assert_eq!(of_it.len(), 1, "{channel}: {of_it:#?}");
        assert!(of_it[0].contains(code), "{}", of_it[0]);
    }
}

async fn terminate(id: u32) {
    let status = Command::new("kill")
        .args(["-TERM", &id.to_string()])
        .status()
        .await
        .unwrap();
    assert!(status.success());
}
