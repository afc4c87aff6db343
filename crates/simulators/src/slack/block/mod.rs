//! Block Kit as Slack takes it: which blocks are refused and why, and what
//! Slack adds to those it takes.
//!
//! The rules are those of Slack's reference for blocks, elements and
//! composition objects. Simulated are the blocks `actions`, `context`,
//! `divider`, `header`, `image`, `input`, `markdown`, `rich_text` and `section`;
//! others are refused as an unsupported type, although Slack has more (`video`,
//! `file`, `table`, and those made for assistants).

mod checker;
mod complete;
mod element;
mod object;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub(super) use checker::Problem;
use checker::{Checker, Length, Need};
pub(super) use complete::{complete, complete_texts};
use element::Place;
pub(super) use element::options_of;
use object::TextKind;

/// Where blocks are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// A message, at most 50 blocks.
    Message,
    /// A modal, at most 100 blocks.
    Modal,
    /// A home tab, at most 100 blocks.
    Home,
}

impl Surface {
    fn most_blocks(self) -> usize {
        match self {
            Self::Message => 50,
            Self::Modal | Self::Home => 100,
        }
    }
}

/// What is wrong with a list of blocks; nothing when Slack would take it.
/// `pointer` is where the list stands in the request, `/blocks`.
pub(super) fn check(blocks: &[Value], surface: Surface, pointer: &str) -> Vec<Problem> {
    let mut checker = Checker::default();
    checker.count(blocks.len(), 0, surface.most_blocks(), pointer);
    for (index, block) in blocks.iter().enumerate() {
        check_block(&mut checker, block, surface, &format!("{pointer}/{index}"));
    }
    if markdown_length(blocks) > 12_000 {
        let message = "markdown blocks must be less than 12001 characters together";
        checker.report(message, pointer);
    }
    checker.into_problems()
}

/// What is wrong with a modal or home tab, and with its blocks.
pub(super) fn check_view(view: &Value, pointer: &str) -> Vec<Problem> {
    let mut checker = Checker::default();
    let Some(fields) = checker.object(view, pointer, &VIEW_FIELDS) else {
        return checker.into_problems();
    };
    let surface = match fields.get("type").and_then(Value::as_str) {
        Some("modal") => Surface::Modal,
        Some("home") => Surface::Home,
        Some(other) => {
            checker.report(
                &format!("unsupported type: {other}"),
                &format!("{pointer}/type"),
            );
            return checker.into_problems();
        }
        None => {
            checker.missing("type", pointer);
            return checker.into_problems();
        }
    };
    check_view_fields(&mut checker, fields, surface, pointer);
    let mut problems = checker.into_problems();
    match fields.get("blocks") {
        Some(Value::Array(blocks)) => {
            problems.extend(check(blocks, surface, &format!("{pointer}/blocks")));
        }
        Some(_) => problems.push(Problem::new(
            "must provide an array",
            &format!("{pointer}/blocks"),
        )),
        None => problems.push(Problem::new("missing required field: blocks", pointer)),
    }
    problems
}

const VIEW_FIELDS: [&str; 12] = [
    "type",
    "title",
    "blocks",
    "close",
    "submit",
    "private_metadata",
    "callback_id",
    "clear_on_close",
    "notify_on_close",
    "external_id",
    "submit_disabled",
    "bot_id",
];

fn check_view_fields(
    checker: &mut Checker,
    fields: &Map<String, Value>,
    surface: Surface,
    pointer: &str,
) {
    checker.string(
        fields,
        "private_metadata",
        Length::up_to(3_000),
        Need::Optional,
        pointer,
    );
    checker.string(
        fields,
        "callback_id",
        Length::up_to(255),
        Need::Optional,
        pointer,
    );
    checker.string(
        fields,
        "external_id",
        Length::up_to(255),
        Need::Optional,
        pointer,
    );
    checker.flags(
        fields,
        &["clear_on_close", "notify_on_close", "submit_disabled"],
        pointer,
    );
    if surface == Surface::Home {
        return;
    }
    checker.text(
        fields,
        "title",
        TextKind::Plain,
        24,
        Need::Required,
        pointer,
    );
    checker.text(
        fields,
        "submit",
        TextKind::Plain,
        24,
        Need::Optional,
        pointer,
    );
    checker.text(
        fields,
        "close",
        TextKind::Plain,
        24,
        Need::Optional,
        pointer,
    );
    let asks = fields
        .get("blocks")
        .and_then(Value::as_array)
        .is_some_and(|blocks| blocks.iter().any(|block| kind_of(block) == "input"));
    if asks && fields.get("submit").is_none_or(Value::is_null) {
        checker.report("submit is required when a block is an input", pointer);
    }
}

fn check_block(checker: &mut Checker, block: &Value, surface: Surface, pointer: &str) {
    let allowed = match kind_of(block) {
        "section" => &["type", "block_id", "text", "fields", "accessory", "expand"][..],
        "divider" => &["type", "block_id"],
        "header" | "markdown" => &["type", "block_id", "text"],
        "image" => &[
            "type",
            "block_id",
            "image_url",
            "slack_file",
            "alt_text",
            "title",
        ],
        "actions" | "context" | "rich_text" => &["type", "block_id", "elements"],
        "input" => &[
            "type",
            "block_id",
            "label",
            "element",
            "hint",
            "optional",
            "dispatch_action",
        ],
        other => {
            checker.unsupported(block, other, pointer);
            return;
        }
    };
    let Some(fields) = checker.object(block, pointer, allowed) else {
        return;
    };
    checker.block_id(fields, pointer);
    match kind_of(block) {
        "section" => check_section(checker, fields, pointer),
        "header" => checker.text(
            fields,
            "text",
            TextKind::Plain,
            150,
            Need::Required,
            pointer,
        ),
        "image" => {
            checker.image(fields, pointer);
            checker.text(
                fields,
                "title",
                TextKind::Plain,
                2_000,
                Need::Optional,
                pointer,
            );
        }
        "actions" => checker.elements(fields, 25, Place::Actions, pointer),
        "context" => checker.elements(fields, 10, Place::Context, pointer),
        "input" => check_input(checker, fields, pointer),
        "markdown" if surface != Surface::Message => {
            checker.report("unsupported type: markdown", &format!("{pointer}/type"));
        }
        "markdown" => {
            checker.string(
                fields,
                "text",
                Length::between(1, 12_000),
                Need::Required,
                pointer,
            );
        }
        "rich_text" => checker.rich_text(fields, pointer),
        _ => {}
    }
}

fn check_section(checker: &mut Checker, fields: &Map<String, Value>, pointer: &str) {
    if !fields.contains_key("text") && !fields.contains_key("fields") {
        checker.report("must define either `fields` or `text`", pointer);
    }
    checker.text(
        fields,
        "text",
        TextKind::Any,
        3_000,
        Need::Optional,
        pointer,
    );
    if let Some(list) = checker.list(fields, "fields", 1, 10, Need::Optional, pointer) {
        for (index, text) in list.iter().enumerate() {
            checker.text_object(
                text,
                TextKind::Any,
                2_000,
                &format!("{pointer}/fields/{index}"),
            );
        }
    }
    if let Some(accessory) = fields.get("accessory") {
        let pointer = format!("{pointer}/accessory");
        checker.element(accessory, Place::Accessory, &pointer);
    }
    checker.flags(fields, &["expand"], pointer);
}

fn check_input(checker: &mut Checker, fields: &Map<String, Value>, pointer: &str) {
    checker.text(
        fields,
        "label",
        TextKind::Plain,
        2_000,
        Need::Required,
        pointer,
    );
    checker.text(
        fields,
        "hint",
        TextKind::Plain,
        2_000,
        Need::Optional,
        pointer,
    );
    checker.flags(fields, &["optional", "dispatch_action"], pointer);
    match fields.get("element") {
        Some(element) => {
            checker.element(element, Place::Input, &format!("{pointer}/element"));
        }
        None => checker.missing("element", pointer),
    }
}

fn markdown_length(blocks: &[Value]) -> usize {
    blocks
        .iter()
        .filter(|block| kind_of(block) == "markdown")
        .filter_map(|block| block["text"].as_str())
        .map(|text| text.chars().count())
        .sum()
}

/// The `type` of a block, element or text; empty when it has none.
pub(super) fn kind_of(value: &Value) -> &str {
    value["type"].as_str().unwrap_or_default()
}

/// How much of a message's room its blocks take up. Slack refuses a message
/// whose blocks take more than 12,000 (`msg_blocks_too_long`); it tells nobody
/// how it counts. This is text in characters and 32 for each block, which
/// agrees with what app developers measured.
pub(super) fn room_taken(blocks: &[Value]) -> usize {
    blocks.iter().map(|block| 32 + text_length(block)).sum()
}

fn text_length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(text_length).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) if name == "text" => text.chars().count(),
                other => text_length(other),
            })
            .sum(),
        _ => 0,
    }
}

/// The elements of a block that a person can act on or fill in.
pub(super) fn elements(block: &Value) -> impl Iterator<Item = &Value> {
    let list = block["elements"].as_array().map(Vec::as_slice);
    list.unwrap_or_default()
        .iter()
        .chain(block.get("accessory"))
        .chain(block.get("element"))
        .filter(|element| element::acts(kind_of(element)))
}

/// The element that an action names.
pub(super) fn find<'a>(blocks: &'a [Value], block_id: &str, action_id: &str) -> Option<&'a Value> {
    blocks
        .iter()
        .filter(|block| block["block_id"] == block_id)
        .flat_map(elements)
        .find(|element| element["action_id"] == action_id)
}
