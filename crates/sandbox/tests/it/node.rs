//! The scripts for Node.js: clients, checks and walks through the page that use
//! what others wrote.

use std::{path::Path, process::Stdio, time::Duration};

/// How long one script may take.
const PATIENCE: Duration = Duration::from_secs(240);

/// Runs a script; answers what it says, or what it complains of.
pub(crate) async fn node(script: &str, arguments: &[&str]) -> Result<String, String> {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    assert!(
        clients.join("node_modules").exists(),
        "the npm clients are not installed: run `make test`, or `make tools` once"
    );
    let child = tokio::process::Command::new("node")
        .arg(clients.join(script))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Node.js is installed by `make test`");
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
