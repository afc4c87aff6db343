//! The program: its exit codes, what it says when it can't start, and what its
//! log never says.

use std::{
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use deploy_proto::v1::{self, deploy_service_client::DeployServiceClient};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    time::timeout,
};
use tonic::Request;

use crate::{
    service::PATIENCE,
    world::{GITHUB_TOKEN, NEWEST, World},
};

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
        @"deploy: cannot open the journal FILE: the journal's database failed: error returned from database: (code: 26) file is not a database"
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

#[tokio::test]
async fn it_serves_drains_and_never_logs_a_secret() {
    let world = World::new().await;
    let config = world.config();
    let database = format!("sqlite:{}", world.file().display());
    let environment = [
        ("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN),
        ("DEPLOY_AUTH_TOKEN", "hush-grpc"),
        ("DEPLOY_GITHUB_API_URL", config.github_api_url.as_str()),
        ("DEPLOY_GITHUB_OWNER", "acme"),
        ("DEPLOY_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_ADMIN_LISTEN", "127.0.0.1:0"),
        ("DEPLOY_DATABASE_URL", database.as_str()),
        ("DEPLOY_POLL_INTERVAL", "1s"),
        ("DEPLOY_LOG", "trace"),
        ("DEPLOY_LOG_FORMAT", "json"),
    ];
    let mut program = Program::start(&environment);
    let listening = program.says("\"listening\"").await.expect("it listens");
    let url = format!("http://{}", listening["grpc"].as_str().unwrap());
    let Program {
        mut child,
        mut lines,
        mut log,
    } = program;
    let reading = async {
        lines.read_to_string(&mut log).await.unwrap();
    };
    let using = async {
        let mut client = DeployServiceClient::connect(url).await.unwrap();
        let mut refused = Request::new(world.ask("r0", NEWEST));
        refused
            .metadata_mut()
            .insert("authorization", "Bearer hush-other".parse().unwrap());
        client.start_deployment(refused).await.unwrap_err();
        let mut request = Request::new(world.ask("r1", NEWEST));
        request
            .metadata_mut()
            .insert("authorization", "Bearer hush-grpc".parse().unwrap());
        client.start_deployment(request).await.unwrap();
        let mut watch = Request::new(v1::WatchRequest {
            subscriber: "test".to_owned(),
        });
        watch
            .metadata_mut()
            .insert("authorization", "Bearer hush-grpc".parse().unwrap());
        let mut feed = client.watch(watch).await.unwrap().into_inner();
        loop {
            let entry = timeout(PATIENCE, feed.message())
                .await
                .expect("the feed goes on");
            let request = entry.unwrap().unwrap().request.unwrap();
            if request.state() == v1::RequestState::Succeeded {
                break;
            }
        }
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
    for secret in [GITHUB_TOKEN, "hush"] {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None);
    }
    assert!(!log.contains("panicked"), "{log}");
    world.end().await;
}
