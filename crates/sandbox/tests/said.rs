//! Everything that the bot said in the scenarios of this run, those of deploybot
//! and of the sandbox, held against what others know of Block Kit: PyPI
//! slack_sdk's models, and npm @slack/types by TypeScript.
//!
//! It is a binary of its own because it comes after them: cargo runs one test
//! binary after the other, in the order of the packages' and then of the
//! binaries' names. Alone it looks at what the last run said.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests and their helpers fail by panicking, and say what they looked at"
)]

#[path = "it/node.rs"]
mod node;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use node::{node, python};

/// Where the scenarios have written down what was said.
fn said() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("said");
    for scenarios in ["deploybot", "sandbox"] {
        let there =
            std::fs::read_dir(folder.join(scenarios)).is_ok_and(|mut it| it.next().is_some());
        assert!(
            there,
            "the scenarios of {scenarios} have not been played yet: run `make test`"
        );
    }
    folder
}

#[tokio::test]
async fn all_that_was_said_is_valid_to_slack_sdk() {
    python("blocks.py", &[said().to_str().unwrap()])
        .await
        .unwrap();
}

#[tokio::test]
async fn all_that_was_said_is_of_the_types_of_slack_types() {
    node("types.mjs", &[said().to_str().unwrap()])
        .await
        .unwrap();
}

/// A recording of calls that each show something wrong.
fn damaged() -> TempDir {
    let section = |text: Value| json!({"type": "section", "text": text});
    let posts =
        |blocks: Value| json!({"method": "chat.postMessage", "arguments": {"blocks": blocks}});
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let title = plain("A title of more than 24 letters");
    let calls = [
        posts(json!([section(
            json!({"type": "mrkdwn", "text": "x".repeat(3_001)})
        )])),
        posts(json!([section(json!("a text that is no object"))])),
        posts(json!([{"type": "headline", "text": plain("No such block")}])),
        posts(json!([{"type": "header", "text": plain("Its text"), "level": 8}])),
        posts(json!([{"type": "actions", "elements": [
            {"type": "button", "action_id": "go", "text": plain("Go"), "style": "loud"},
        ]}])),
        json!({"method": "views.open", "arguments": {"view": {
            "type": "modal", "title": title, "blocks": [{"type": "divider", "color": "red"}],
        }}}),
    ];
    let folder = tempfile::tempdir().unwrap();
    let lines = calls.map(|call| format!("{call}\n")).concat();
    std::fs::write(folder.path().join("1.jsonl"), lines).unwrap();
    folder
}

#[tokio::test]
async fn what_slack_sdk_does_not_take_is_noticed() {
    let folder = damaged();
    let complaints = python("blocks.py", &[folder.path().to_str().unwrap()]).await;
    insta::assert_snapshot!(complaints.unwrap_err(), @"
    chat.postMessage: text attribute cannot exceed 3000 characters
    chat.postMessage: /section/text is not taken
    chat.postMessage: headline is no block
    chat.postMessage: /header/level is not taken
    chat.postMessage: style attribute must be one of the following values: primary, danger
    views.open: title must be between 1 and 24 characters
    ");
}

#[tokio::test]
async fn what_slack_types_does_not_know_is_noticed() {
    let folder = damaged();
    let complaints = node("types.mjs", &[folder.path().to_str().unwrap()]).await;
    insta::assert_snapshot!(complaints.unwrap_err(), @r#"
    chat.postMessage: Type 'string' is not assignable to type 'TextObject | undefined'. in {"text":"…","type":"section"}
    chat.postMessage: Type '"headline"' is not assignable to type '"input" | "file" | "container" | "header" | "section" | "table" | "video" | "image" | "alert" | "actions" | "card" | "carousel" | "context" | "context_actions" | "data_table" | ... 4 more ... | "plan"'. in {"text":{"text":"…","type":"plain_text"},"type":"headline"}
    chat.postMessage: Object literal may only specify known properties, and '"level"' does not exist in type 'HeaderBlock'. in {"level":8,"text":{"text":"…","type":"plain_text"},"type":"header"}
    chat.postMessage: Type '"loud"' is not assignable to type 'ColorScheme | undefined'. in {"elements":[{"action_id":"…","style":"loud","text":{"text":"…","type":"plain_text"},"type":"button"}],"type":"actions"}
    views.open: Object literal may only specify known properties, and '"color"' does not exist in type 'DividerBlock'. in {"color":"red","type":"divider"}
    "#);
}
