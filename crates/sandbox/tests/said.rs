//! Everything that the bot said and asked in the scenarios of this run, those of
//! deploybot and of the sandbox. What it said is held against what others know of
//! Block Kit: PyPI slack_sdk's models, and npm @slack/types by TypeScript; and Slack
//! has refused none of it for its form. What it asked took the scopes that the
//! app's manifest grants, all of them and no others.
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

#[path = "it/listed.rs"]
mod listed;
#[path = "it/node.rs"]
mod node;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use simulators::slack::scope_of_event;
use tempfile::TempDir;

use listed::listed;
use node::{node, python};

/// How Slack refuses what has not the form that it takes.
const OF_FORM: [&str; 15] = [
    "duplicate_external_id",
    "invalid_arguments",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_cursor",
    "invalid_limit",
    "invalid_metadata_format",
    "invalid_name",
    "invalid_ts_latest",
    "invalid_ts_oldest",
    "metadata_too_large",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
];

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

/// All lines that were written down below a folder.
fn lines(folder: &Path) -> Vec<Value> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            lines.extend(self::lines(&path));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        lines.extend(
            text.lines()
                .map(|line| -> Value { serde_json::from_str(line).unwrap() }),
        );
    }
    lines
}

/// The calls that Slack refused for their form.
fn refused_for_their_form(calls: &[Value]) -> Vec<&Value> {
    let is_of_form = |call: &&Value| {
        let why = call["refused"].as_str();
        why.is_some_and(|why| OF_FORM.contains(&why))
    };
    calls.iter().filter(is_of_form).collect()
}

/// The scopes that calls took, each with the methods that took it.
fn scopes_of(calls: &[Value]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut scopes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for call in calls {
        for scope in call["scopes"].as_array().into_iter().flatten() {
            let methods = scopes.entry(scope.as_str().unwrap()).or_default();
            methods.insert(call["method"].as_str().unwrap());
        }
    }
    scopes
}

#[test]
fn slack_refused_nothing_for_its_form() {
    let calls = lines(&said());
    let refused = refused_for_their_form(&calls);
    assert!(refused.is_empty(), "{refused:#?}");
    let one = [json!({"method": "chat.update", "refused": "msg_too_long"})];
    assert_eq!(refused_for_their_form(&one).len(), 1);
}

/// The scopes of events are those of the events that the manifest subscribes to.
#[test]
fn no_method_was_called_without_its_scope_and_no_scope_is_granted_for_nothing() {
    let calls = lines(&said());
    let taken = scopes_of(&calls);
    println!("{} calls took {taken:#?}", calls.len());
    let granted: BTreeSet<&str> = listed("bot").collect();
    let not_granted: Vec<_> = taken
        .iter()
        .filter(|(scope, _)| !granted.contains(*scope))
        .collect();
    assert!(not_granted.is_empty(), "{not_granted:#?}");
    let of_events = listed("bot_events").filter_map(scope_of_event);
    let of_calls = taken.keys().map(ToString::to_string);
    let used: BTreeSet<String> = of_calls.chain(of_events.map(str::to_owned)).collect();
    let for_nothing: Vec<_> = granted.iter().filter(|it| !used.contains(**it)).collect();
    assert!(
        for_nothing.is_empty(),
        "no scenario used {for_nothing:?}; were all of them played (`make test`)?"
    );
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
    let posts = |blocks: Value| {
        let arguments = json!({"text": "Its text", "blocks": blocks});
        json!({"method": "chat.postMessage", "arguments": arguments})
    };
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
        json!({"method": "chat.update", "arguments": {"attachments": [{"text": "Aside"}]}}),
        // Of what shows nothing there are no arguments.
        json!({"method": "users.info", "scopes": ["users:read"]}),
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
    chat.update: attachments are not looked at
    chat.update: there is no text for notifications
    ");
}

#[tokio::test]
async fn what_slack_types_does_not_know_is_noticed() {
    let folder = damaged();
    let complaints = node("types.mjs", &[folder.path().to_str().unwrap()]).await;
    insta::assert_snapshot!(complaints.unwrap_err(), @r#"
    chat.update: attachments are not looked at
    chat.postMessage: Type 'string' is not assignable to type 'TextObject | undefined'. in {"text":"…","type":"section"}
    chat.postMessage: Type '"headline"' is not assignable to type '"input" | "file" | "container" | "header" | "section" | "table" | "video" | "image" | "alert" | "actions" | "card" | "carousel" | "context" | "context_actions" | "data_table" | ... 4 more ... | "plan"'. in {"text":{"text":"…","type":"plain_text"},"type":"headline"}
    chat.postMessage: Object literal may only specify known properties, and '"level"' does not exist in type 'HeaderBlock'. in {"level":8,"text":{"text":"…","type":"plain_text"},"type":"header"}
    chat.postMessage: Type '"loud"' is not assignable to type 'ColorScheme | undefined'. in {"elements":[{"action_id":"…","style":"loud","text":{"text":"…","type":"plain_text"},"type":"button"}],"type":"actions"}
    views.open: Object literal may only specify known properties, and '"color"' does not exist in type 'DividerBlock'. in {"color":"red","type":"divider"}
    "#);
}
