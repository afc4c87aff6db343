//! The private Postgres is there, is private, and leaves nothing behind.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends by panicking, and so do its helpers"
)]

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use test_postgres::Database;
use tokio::time::{Instant, sleep};

#[tokio::test]
async fn every_database_is_fresh() {
    for _ in 0..2 {
        let database = Database::create().await.unwrap();
        database.run("CREATE TABLE one (n BIGINT)").await.unwrap();
        database.run("INSERT INTO one VALUES (7)").await.unwrap();
        assert_eq!(database.number("SELECT n FROM one").await.unwrap(), 7);
    }
}

#[tokio::test]
async fn connections_can_be_cut() {
    let database = Database::create().await.unwrap();
    let sleeping = database.number("SELECT CAST(1 AS BIGINT) FROM pg_sleep(60)");
    let cut = async {
        let end = Instant::now() + Duration::from_secs(20);
        while database.cut_connections().await.unwrap() == 0 {
            assert!(Instant::now() < end, "nobody was connected");
        }
    };
    let (slept, ()) = tokio::join!(sleeping, cut);
    assert!(slept.is_err(), "{slept:?}");
}

#[tokio::test]
async fn nothing_is_left_of_a_process_that_ends() {
    let mut program = Program::start();
    drop(program.child.stdin.take());
    assert!(program.child.wait().unwrap().success());
    program.nothing_is_left().await;
}

#[tokio::test]
async fn nothing_is_left_of_a_process_that_is_killed() {
    let mut program = Program::start();
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    program.nothing_is_left().await;
}

/// The program by hand, with a server of its own.
struct Program {
    child: Child,
    /// The folder of its server.
    folder: PathBuf,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_test-postgres"))
            .env_remove("TEST_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut url).unwrap();
        let (_, rest) = url.split_once('@').expect("it prints a URL");
        let (folder, _) = rest.split_once('/').unwrap();
        let folder = PathBuf::from(folder.replace("%2F", "/"));
        assert!(folder.join("data/PG_VERSION").exists(), "{url}");
        Self { child, folder }
    }

    /// Waits until neither the folder nor a process that names it is there.
    async fn nothing_is_left(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let processes = processes_that_name(&self.folder);
            if !self.folder.exists() && processes.is_empty() {
                return;
            }
            assert!(
                Instant::now() < end,
                "there still are {processes:?}, or {}",
                self.folder.display()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

fn processes_that_name(folder: &Path) -> Vec<String> {
    let said = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let all = String::from_utf8(said.stdout).unwrap();
    let folder = folder.display().to_string();
    let naming = all.lines().filter(|line| line.contains(&folder));
    naming.map(str::to_owned).collect()
}
