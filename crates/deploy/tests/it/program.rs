//! The program: its exit codes, what it says when it can't start, and what its
//! log never says.

use std::{
    io,
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use deploy::store::Database;
use deploy_proto::v1::{self, deploy_service_client::DeployServiceClient};
use secrecy::ExposeSecret as _;
use simulators::{
    control::FaultKind,
    github::{App, SAMPLE_APP_KEY, Webhook},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    time::timeout,
};
use tonic::Request;
use url::Url;

use crate::{
    service::PATIENCE,
    world::{Engine, GITHUB_TOKEN, NEWEST, World},
};

/// What a line of octocrab's has.
const OCTOCRAB: &str = "\"target\":\"octocrab";

/// The program with no setting but these.
fn deploy(args: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deploy"));
    command
        .env_clear()
        .args(args)
        .envs(environment.iter().copied());
    command
}

fn run(args: &[&str], environment: &[(&str, &str)]) -> Output {
    deploy(args, environment).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_wrong_setting_ends_it_with_64_and_one_sentence() {
    let token = ("DEPLOY_GITHUB_TOKEN", "hush");
    let cases = [
        (vec![], vec![], "DEPLOY_GITHUB_TOKEN is not set"),
        (
            vec!["--nonsense"],
            vec![token],
            "unexpected argument '--nonsense'",
        ),
        (vec!["fly"], vec![token], "unrecognized subcommand 'fly'"),
        (
            vec!["serve"],
            vec![token, ("DEPLOY_LISTEN", "here")],
            "DEPLOY_LISTEN is `here`",
        ),
        (
            vec!["check-config"],
            vec![token, ("DEPLOY_GITHUB_TOKEN_FILE", "there")],
            "DEPLOY_GITHUB_TOKEN and DEPLOY_GITHUB_TOKEN_FILE are both set",
        ),
        (
            vec![],
            vec![("DEPLOY_GITHUB_TOKEN_FILE", "no-such-file")],
            "DEPLOY_GITHUB_TOKEN_FILE names `no-such-file`",
        ),
        (
            vec![],
            vec![token, ("DEPLOY_LISTEN", "0.0.0.0:0")],
            "DEPLOY_AUTH_TOKEN is not set",
        ),
        (
            vec![],
            vec![token, ("DEPLOY_DATABASE_URL", "mysql://hush@h/d")],
            "DEPLOY_DATABASE_URL begins with `mysql:`",
        ),
        (
            vec![],
            vec![token, ("DEPLOY_GITHUB_API_URL", "ftp://h")],
            "DEPLOY_GITHUB_API_URL is no http or https URL",
        ),
        (
            vec!["check-config"],
            vec![token, ("DEPLOY_GITHUB_OWNR", "hush")],
            "There is no setting DEPLOY_GITHUB_OWNR: did you mean DEPLOY_GITHUB_OWNER?",
        ),
    ];
    for (args, environment, sentence) in cases {
        let output = run(&args, &environment);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.starts_with(&format!("deploy: {sentence}")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn help_version_and_check_config_end_well() {
    let environment = [
        ("DEPLOY_GITHUB_TOKEN", "hush"),
        ("DEPLOY_AUTH_TOKEN", "hush"),
    ];
    for (args, part) in [
        (["--help"], "DEPLOY_LISTEN"),
        (["--version"], env!("CARGO_PKG_VERSION")),
        (["check-config"], "DEPLOY_AUTH_TOKEN: set"),
    ] {
        let output = run(&args, &environment);
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(said.contains(part), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn a_taken_port_is_told_with_the_setting_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("deploy.db").display());
    for setting in ["DEPLOY_LISTEN", "DEPLOY_ADMIN_LISTEN", "DEPLOY_WEB_LISTEN"] {
        let mut environment = vec![
            ("DEPLOY_GITHUB_TOKEN", "hush"),
            ("DEPLOY_GITHUB_WEBHOOK_SECRET", "hush"),
            ("DEPLOY_DATABASE_URL", database.as_str()),
            ("DEPLOY_WEB_LISTEN", "127.0.0.1:0"),
            ("DEPLOY_LISTEN", "127.0.0.1:0"),
            ("DEPLOY_ADMIN_LISTEN", "127.0.0.1:0"),
        ];
        environment.push((setting, &address));
        let output = run(&[], &environment);
        assert_eq!(output.status.code(), Some(1));
        let said = stderr(&output);
        let sentence = said.lines().last().unwrap();
        assert!(
            sentence.contains(&format!("cannot listen on {address}")),
            "{said}"
        );
        assert!(sentence.contains(setting), "{said}");
    }
}

#[test]
fn a_journal_that_cannot_be_opened_ends_it_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    std::fs::write(&file, "something else, and long enough to be looked at").unwrap();
    let url = format!("sqlite:{}", file.display());
    let environment = [
        ("DEPLOY_GITHUB_TOKEN", "hush"),
        ("DEPLOY_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_ADMIN_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_DATABASE_URL", &url),
    ];
    let output = run(&[], &environment);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output).replace(file.to_str().unwrap(), "FILE");
    insta::assert_snapshot!(
        said,
        @"deploy: cannot open the journal FILE: the file is no journal: there is something else in it, or it is damaged: error returned from database: (code: 26) file is not a database"
    );
}

#[test]
fn whoever_has_read_enough_of_what_it_says_may_go() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut command = deploy(&["check-config"], &[("DEPLOY_GITHUB_TOKEN", "hush")]);
    let output = command.stdout(writer).output().unwrap();
    assert_eq!(
        (output.status.code(), stderr(&output)),
        (Some(0), String::new())
    );
}

#[test]
fn a_journal_in_no_folder_is_a_wrong_setting() {
    let environment = [
        ("DEPLOY_GITHUB_TOKEN", "hush"),
        ("DEPLOY_DATABASE_URL", "sqlite:no/such/folder/deploy.db"),
    ];
    for action in ["check-config", "serve"] {
        let output = run(&[action], &environment);
        assert_eq!(output.status.code(), Some(64), "{action}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                stderr(&output),
                @"deploy: DEPLOY_DATABASE_URL names a file in `no/such/folder`, which is no folder: make it first."
            );
        }
    }
}

/// The program as a child whose log is read as it comes.
struct Program {
    child: tokio::process::Child,
    lines: BufReader<tokio::process::ChildStderr>,
    log: String,
}

impl Program {
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut command = tokio::process::Command::from(deploy(&["serve"], environment));
        let mut child = command
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            lines: BufReader::new(child.stderr.take().unwrap()),
            child,
            log: String::new(),
        }
    }

    /// Reads the log up to and with the line that says so; none at its end.
    async fn says(&mut self, part: &str) -> Option<serde_json::Value> {
        loop {
            let start = self.log.len();
            let read = self.lines.read_line(&mut self.log);
            let read = timeout(PATIENCE, read).await;
            let read = read.unwrap_or_else(|_| panic!("it never says {part}"));
            if read.unwrap() == 0 {
                return None;
            }
            let line = &self.log[start..];
            if line.contains(part) {
                return Some(serde_json::from_str(line).unwrap());
            }
        }
    }

    fn terminate(&self) {
        let id = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
    }

    async fn exit_code(&mut self) -> Option<i32> {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends").unwrap().code()
    }
}

#[tokio::test]
async fn nobody_is_let_in_before_the_journal_is_open() {
    let world = World::new().await;
    let database = format!("sqlite:{}", world.file().display());
    let environment = [
        ("DEPLOY_GITHUB_TOKEN", "hush"),
        ("DEPLOY_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_ADMIN_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_DATABASE_URL", database.as_str()),
        ("DEPLOY_LOG_FORMAT", "json"),
    ];
    let mut first = Program::start(&environment);
    first.says("\"listening\"").await.expect("it listens");
    let mut second = Program::start(&environment);
    second
        .says("another process has the journal")
        .await
        .expect("it waits");
    second.terminate();
    assert_eq!(second.exit_code().await, Some(0));
    assert!(second.says("\"listening\"").await.is_none());

    let mut third = Program::start(&environment);
    third
        .says("another process has the journal")
        .await
        .expect("it waits");
    first.terminate();
    assert_eq!(first.exit_code().await, Some(0));
    third.says("\"listening\"").await.expect("it listens");
    third.terminate();
    assert_eq!(third.exit_code().await, Some(0));
    world.end().await;
}

/// With a token, on SQLite, by reading on and on.
#[tokio::test]
async fn it_serves_drains_and_never_logs_a_secret() {
    let world = World::new().await;
    let database = format!("sqlite:{}", world.file().display());
    let log = log_of_a_deploy(
        &world,
        &[
            ("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN),
            ("DEPLOY_DATABASE_URL", &database),
            ("DEPLOY_POLL_INTERVAL", "1s"),
            // Named, or it would be left out.
            ("DEPLOY_LOG", "trace,octocrab=trace"),
        ],
    )
    .await;
    assert!(log.contains(OCTOCRAB), "{log}");
    assert_says_none_of(&log, &[GITHUB_TOKEN, "hush"]);
    world.end().await;
}

/// octocrab calls it an error when the first of three tries gets no answer; what
/// is worth a warning is that none of them does.
#[tokio::test]
async fn an_answer_that_does_not_come_is_told_once_and_in_its_own_words() {
    let world = World::new().await;
    let database = format!("sqlite:{}", world.file().display());
    world.fault("POST /api/graphql Facts", 3, FaultKind::Status(502));
    let log = log_of_a_deploy(
        &world,
        &[
            ("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN),
            ("DEPLOY_DATABASE_URL", &database),
            ("DEPLOY_POLL_INTERVAL", "1s"),
            ("DEPLOY_LOG", "trace"),
        ],
    )
    .await;
    assert_says_none_of(&log, &[OCTOCRAB]);
    let told = log
        .lines()
        .filter(|line| line.contains("GitHub gave no answer"));
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("it answered with status 502"),
        "{}",
        told[0]
    );
    world.end().await;
}

/// As an App, on Postgres, by webhooks alone.
#[tokio::test]
async fn as_an_app_on_postgres_it_never_logs_a_secret() {
    const APP: u64 = 7;
    let world = World::on(Engine::Postgres).await;
    world.github.register_app(App::sample(APP, "deploybot"));
    world.github.install_app("acme", None);
    let Database::Postgres(url) = world.database() else {
        panic!("the journal is kept in a Postgres");
    };
    let mut url = Url::parse(url.expose_secret()).unwrap();
    if url.password().is_none() {
        // The tests' own server lets everyone in.
        url.set_password(Some("hush-postgres")).unwrap();
    }
    let password = format!(":{}@", url.password().unwrap());
    let log = log_of_a_deploy(
        &world,
        &[
            ("DEPLOY_GITHUB_APP_ID", &APP.to_string()),
            ("DEPLOY_GITHUB_APP_PRIVATE_KEY", SAMPLE_APP_KEY),
            ("DEPLOY_GITHUB_WEBHOOK_SECRET", "hush-webhook"),
            ("DEPLOY_WEB_LISTEN", "127.0.0.1:0"),
            ("DEPLOY_DATABASE_URL", url.as_str()),
            ("DEPLOY_POLL_INTERVAL", "1m"),
            ("DEPLOY_LOG", "trace,octocrab=trace"),
        ],
    )
    .await;
    assert!(log.contains(OCTOCRAB), "{log}");
    let key = SAMPLE_APP_KEY.lines().filter(|line| !line.starts_with('-'));
    // What installation tokens begin with, and what JWTs do.
    let told = ["hush", &password, "ghs_", "eyJhbGciOi"];
    assert_says_none_of(&log, &told.into_iter().chain(key).collect::<Vec<_>>());
    world.end().await;
}

fn assert_says_none_of(log: &str, secrets: &[&str]) {
    for secret in secrets {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None, "{secret}");
    }
}

/// Starts the program with these settings, lets a deploy be refused and another
/// go out, and ends it: all that it logged. Where it listens for webhooks GitHub
/// sends them there.
async fn log_of_a_deploy(world: &World, settings: &[(&str, &str)]) -> String {
    let config = world.config();
    let common = [
        ("DEPLOY_AUTH_TOKEN", "hush-grpc"),
        ("DEPLOY_GITHUB_API_URL", config.github_api_url.as_str()),
        ("DEPLOY_GITHUB_OWNER", "acme"),
        ("DEPLOY_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_ADMIN_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_LOG_FORMAT", "json"),
    ];
    let mut program = Program::start(&[&common, settings].concat());
    let listening = program.says("\"listening\"").await.expect("it listens");
    let url = format!("http://{}", listening["grpc"].as_str().unwrap());
    if let Some(web) = listening["web"].as_str().filter(|web| web.contains(':')) {
        world.github.set_webhook(Some(Webhook {
            url: format!("http://{web}/webhooks/github"),
            secret: "hush-webhook".to_owned(),
        }));
    }
    let Program {
        mut child,
        mut lines,
        mut log,
    } = program;
    let reading = async {
        lines.read_to_string(&mut log).await.unwrap();
    };
    let using = async {
        deploys_once(world, url).await;
        let id = child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        timeout(PATIENCE, child.wait())
            .await
            .expect("it ends")
            .unwrap()
    };
    let ((), ended) = tokio::join!(reading, using);
    assert_eq!(ended.code(), Some(0), "{log}");
    assert!(log.lines().count() > 20, "{log}");
    assert!(!log.contains("panicked"), "{log}");
    log
}

/// Asks with a wrong token, then with the right one, and waits for the end.
async fn deploys_once(world: &World, url: String) {
    let mut client = DeployServiceClient::connect(url).await.unwrap();
    let refused = with_token(world.ask("r0", NEWEST), "hush-other");
    client.start_deployment(refused).await.unwrap_err();
    let request = with_token(world.ask("r1", NEWEST), "hush-grpc");
    client.start_deployment(request).await.unwrap();
    let watch = v1::WatchRequest {
        subscriber: "test".to_owned(),
        replica: String::new(),
    };
    let watch = with_token(watch, "hush-grpc");
    let mut feed = client.watch(watch).await.unwrap().into_inner();
    loop {
        let entry = timeout(PATIENCE, feed.message())
            .await
            .expect("the feed goes on");
        let request = entry.unwrap().unwrap().request;
        if request.is_some_and(|request| request.state() == v1::RequestState::Succeeded) {
            break;
        }
    }
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}
