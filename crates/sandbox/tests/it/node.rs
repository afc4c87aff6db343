//! The scripts for Node.js and Python: clients, checks and walks through the
//! page that use what others wrote.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

/// How long one script may take.
const PATIENCE: Duration = Duration::from_secs(240);

/// Runs a script with Node.js; answers what it says, or what it complains of.
pub(crate) async fn node(script: &str, arguments: &[&str]) -> Result<String, String> {
    run(script, arguments).await
}

/// Runs a script with Python and what was installed for it; answers the same.
pub(crate) async fn python(script: &str, arguments: &[&str]) -> Result<String, String> {
    run(script, arguments).await
}

/// The process of a script, with Node.js or Python by its name, to be started.
pub(crate) fn command(script: &str, arguments: &[&str]) -> Command {
    let program = if Path::new(script).extension().is_some_and(|it| it == "py") {
        tools().join("bin/python3")
    } else {
        assert!(
            clients().join("node_modules").exists(),
            "the npm clients are not installed: run `make test`, or `make tools` once"
        );
        PathBuf::from("node")
    };
    let mut command = Command::new(program);
    command
        .arg(clients().join(script))
        .args(arguments)
        // Python tells what is in a set in an order of its own, which is the same
        // each time with this.
        .env("PYTHONHASHSEED", "0")
        .kill_on_drop(true);
    command
}

/// Where the scripts are, and what they use from npm.
pub(crate) fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Where `make tools` puts what is not from npm.
pub(crate) fn tools() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    assert!(
        tools.join("requirements.txt").exists(),
        "the tools are not installed: run `make test`, or `make tools` once"
    );
    tools
}

async fn run(script: &str, arguments: &[&str]) -> Result<String, String> {
    let child = command(script, arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node.js and Python are installed by `make test`");
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .unwrap_or_else(|_| panic!("{script} has not ended after {PATIENCE:?}"))
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout);
    println!("{said}");
    if output.status.success() {
        Ok(said)
    } else {
        Err(text(&output.stderr))
    }
}
