//! What the program does besides serving: it migrates, and rebuilds.

use std::process::{Command, Output, Stdio};

use simulators::control::{Fault, FaultKind};

use crate::{
    rebuilding::{LISTING, seed_past},
    world::{GITHUB_TOKEN, World},
};

/// The program with the settings of a world whose journal is a file.
fn deploy(world: &World, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deploy"));
    command
        .env_clear()
        .args(args)
        .env("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN)
        .env(
            "DEPLOY_GITHUB_API_URL",
            world.config().github_api_url.as_str(),
        )
        .env("DEPLOY_GITHUB_OWNER", "acme")
        .env("DEPLOY_DATABASE_URL", sqlite(world));
    command
}

/// Runs it to its end beside the simulated GitHub.
async fn run(world: &World, args: &[&str]) -> Output {
    let mut command = tokio::process::Command::from(deploy(world, args));
    command.kill_on_drop(true).output().await.unwrap()
}

/// Migrates with the one setting that this needs.
async fn migrate(world: &World) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_deploy"));
    command
        .env_clear()
        .arg("migrate")
        .env("DEPLOY_DATABASE_URL", sqlite(world));
    command.kill_on_drop(true).output().await.unwrap()
}

fn sqlite(world: &World) -> String {
    format!("sqlite:{}", world.file().display())
}

fn text(world: &World, bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.replace(world.file().to_str().unwrap(), "FILE")
}

#[tokio::test]
async fn migrate_says_what_it_applied() {
    let world = World::new().await;
    let first = migrate(&world).await;
    assert_eq!(first.status.code(), Some(0));
    insta::assert_snapshot!(
        text(&world, &first.stdout),
        @"The journal FILE was brought up to date: versions 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 were applied."
    );
    let again = migrate(&world).await;
    assert_eq!(again.status.code(), Some(0));
    insta::assert_snapshot!(
        text(&world, &again.stdout),
        @"The journal FILE is up to date; nothing was to do."
    );
    world.journal().await.close().await;
    world.end().await;
}

#[tokio::test]
async fn migrate_ends_with_1_where_it_cannot() {
    let world = World::new().await;
    let other = "something else, and long enough to be looked at";
    std::fs::write(world.file(), other).unwrap();
    let output = migrate(&world).await;
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(
        text(&world, &output.stderr),
        @"deploy: cannot bring the journal FILE up to date: the file is no journal: there is something else in it, or it is damaged: error returned from database: (code: 26) file is not a database"
    );
    world.end().await;
}

#[tokio::test]
async fn a_rebuild_that_is_killed_goes_on_where_it_was() {
    let world = World::new().await;
    seed_past(&world);
    world.github.control().add_fault(Fault {
        route: LISTING.to_owned(),
        skip: 2,
        times: 1,
        kind: FaultKind::OnceGone { ms: 60_000 },
    });
    let mut command = tokio::process::Command::from(deploy(&world, &["rebuild", "people"]));
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    world.has_faulted("the third page is asked for").await;
    child.kill().await.unwrap();
    world.has_answered(LISTING, 3).await;

    let output = run(&world, &["rebuild", "people"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(world.calls(LISTING), 4);
    insta::assert_snapshot!(
        [text(&world, &output.stderr), text(&world, &output.stdout)].concat(),
        @r"
    [1/1] acme/people: 230 deployments, all of them
    The journal FILE has the 230 deployments of 1 repository.
    "
    );
    world.end().await;
}

#[tokio::test]
async fn a_rebuild_that_is_told_to_stop_says_that_it_goes_on_later() {
    let world = World::new().await;
    seed_past(&world);
    world.fault(LISTING, 1, FaultKind::Late { ms: 60_000 });
    let mut command = tokio::process::Command::from(deploy(&world, &["rebuild", "people"]));
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.kill_on_drop(true).spawn().unwrap();
    world.has_faulted("a page is asked for").await;
    let id = child.id().unwrap().to_string();
    Command::new("kill").args(["-TERM", &id]).status().unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(
        text(&world, &output.stderr),
        @"deploy: it was told to stop; `deploy rebuild` goes on where it was"
    );
    world.end().await;
}

#[tokio::test]
async fn a_rebuild_that_cannot_be_ends_with_1_and_a_wrong_name_with_64() {
    let world = World::new().await;
    let service = world.serve().await;
    let output = run(&world, &["rebuild"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = text(&world, &output.stderr);
    assert!(
        said.starts_with("deploy: the service has the journal FILE open"),
        "{said}"
    );
    service.stop().await;
    let output = run(&world, &["rebuild", "a/b/c"]).await;
    assert_eq!(output.status.code(), Some(64));
    insta::assert_snapshot!(
        text(&world, &output.stderr),
        @"deploy: `a/b/c`: A repository is written `owner/name` in letters, digits, `-`, `_` and `.`."
    );
    world.end().await;
}
