//! One test for each rule: what Slack would refuse, and that it takes the rest.

#![expect(
    clippy::needless_pass_by_value,
    reason = "an example reads best written straight into the call"
)]

mod blocks;
mod elements;
mod objects;
mod views;

use serde_json::{Value, json};

use super::*;

fn in_message(blocks: Value) -> Vec<String> {
    let blocks = blocks.as_array().expect("a list of blocks").clone();
    texts(check(&blocks, Surface::Message, "/blocks"))
}

fn in_modal(mut view: Value) -> Vec<String> {
    let defaults = json!({
        "type": "modal",
        "title": {"type": "plain_text", "text": "Deploy"},
        "blocks": [],
    });
    for (name, value) in defaults.as_object().expect("an object") {
        if view.get(name).is_none() {
            view[name] = value.clone();
        }
    }
    texts(check_view(&view, "/view"))
}

fn texts(problems: Vec<Problem>) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// The problems of one element in a row of actions, without the place of the
/// row.
fn in_actions(element: Value) -> Vec<String> {
    let problems = in_message(json!([{"type": "actions", "elements": [element]}]));
    let short = |text: &String| text.replace("/blocks/0/elements/0", "…");
    problems.iter().map(short).collect()
}

/// The same of an input in a modal.
fn in_input(element: Value) -> Vec<String> {
    let view = json!({
        "submit": plain("Go"),
        "blocks": [{"type": "input", "label": plain("Why"), "element": element}],
    });
    let short = |text: &String| text.replace("/view/blocks/0/element", "…");
    in_modal(view).iter().map(short).collect()
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text})
}

fn section(text: &Value) -> Value {
    json!({"type": "section", "text": text})
}

fn button(text: &str) -> Value {
    json!({"type": "button", "text": plain(text), "action_id": "go"})
}

fn option(value: &str) -> Value {
    json!({"text": plain(value), "value": value})
}

fn letters(count: usize) -> String {
    "é".repeat(count)
}

/// Adds fields to an object.
fn with(mut value: Value, fields: Value) -> Value {
    for (name, field) in fields.as_object().expect("an object") {
        value[name] = field.clone();
    }
    value
}

const NONE: [&str; 0] = [];
