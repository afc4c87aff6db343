//! What Slack adds to the blocks that it takes.

use serde_json::{Value, json};

use super::{element, kind_of};

/// Adds what Slack adds: the `block_id` and `action_id` that were left out, and
/// the defaults of texts. `new_id` gives ids that nothing else has.
pub(in crate::slack) fn complete(blocks: &mut [Value], mut new_id: impl FnMut() -> String) {
    for block in blocks {
        complete_texts(block);
        fill(block, "block_id", &mut new_id);
        if kind_of(block) == "rich_text" {
            continue;
        }
        for element in elements_mut(block) {
            if element::acts(kind_of(element)) {
                fill(element, "action_id", &mut new_id);
            }
        }
    }
}

/// Adds the defaults of one text object or of all that stand in a value.
pub(in crate::slack) fn complete_texts(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(complete_texts),
        Value::Object(fields) => {
            match fields.get("type").and_then(Value::as_str) {
                Some("rich_text" | "markdown") => return,
                Some("plain_text") => {
                    fields.entry("emoji").or_insert(json!(true));
                }
                Some("mrkdwn") => {
                    fields.entry("verbatim").or_insert(json!(false));
                }
                _ => {}
            }
            fields.values_mut().for_each(complete_texts);
        }
        _ => {}
    }
}

fn fill(value: &mut Value, name: &str, new_id: &mut impl FnMut() -> String) {
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    let there = fields.get(name).and_then(Value::as_str);
    if there.is_none_or(str::is_empty) {
        fields.insert(name.to_owned(), json!(new_id()));
    }
}

fn elements_mut(block: &mut Value) -> Vec<&mut Value> {
    let Some(fields) = block.as_object_mut() else {
        return Vec::new();
    };
    fields
        .iter_mut()
        .flat_map(|(name, value)| match (name.as_str(), value) {
            ("elements", Value::Array(list)) => list.iter_mut().collect(),
            ("accessory" | "element", element) => vec![element],
            _ => Vec::new(),
        })
        .collect()
}
