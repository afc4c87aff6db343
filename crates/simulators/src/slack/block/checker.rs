//! Collects what is wrong with blocks, and checks the plain things that rules
//! are made of: fields that are there or not, lengths, counts, addresses.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

/// One thing that Slack refuses, and where it stands. Its text is what Slack
/// puts into `response_metadata.messages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::slack) struct Problem {
    message: String,
    pointer: String,
}

impl Problem {
    pub(in crate::slack) fn new(message: &str, pointer: &str) -> Self {
        Self {
            message: message.to_owned(),
            pointer: pointer.to_owned(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [json-pointer:{}]", self.message, self.pointer)
    }
}

/// How long a text may be, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    least: usize,
    most: usize,
}

impl Length {
    pub(super) fn between(least: usize, most: usize) -> Self {
        Self { least, most }
    }

    pub(super) fn up_to(most: usize) -> Self {
        Self { least: 0, most }
    }
}

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// Walks over one list of blocks and remembers what it met.
#[derive(Default)]
pub(super) struct Checker {
    problems: Vec<Problem>,
    block_ids: HashSet<String>,
    action_ids: HashSet<(String, String)>,
    focused: bool,
}

impl Checker {
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn report(&mut self, message: &str, pointer: &str) {
        self.problems.push(Problem::new(message, pointer));
    }

    pub(super) fn missing(&mut self, name: &str, pointer: &str) {
        self.report(&format!("missing required field: {name}"), pointer);
    }

    /// Reports a type that does not exist or does not belong here.
    pub(super) fn unsupported(&mut self, value: &Value, kind: &str, pointer: &str) {
        if !value.is_object() {
            self.report("must provide an object", pointer);
        } else if kind.is_empty() {
            self.missing("type", pointer);
        } else {
            self.report(
                &format!("unsupported type: {kind}"),
                &format!("{pointer}/type"),
            );
        }
    }

    /// The fields of an object, of which only `allowed` may be there.
    pub(super) fn object<'a>(
        &mut self,
        value: &'a Value,
        pointer: &str,
        allowed: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let Some(fields) = value.as_object() else {
            self.report("must provide an object", pointer);
            return None;
        };
        for name in fields.keys() {
            if !allowed.contains(&name.as_str()) {
                self.report(&format!("invalid additional property: {name}"), pointer);
            }
        }
        Some(fields)
    }

    pub(super) fn string<'a>(
        &mut self,
        fields: &'a Map<String, Value>,
        name: &str,
        length: Length,
        need: Need,
        pointer: &str,
    ) -> Option<&'a str> {
        let pointer_to_it = format!("{pointer}/{name}");
        match fields.get(name) {
            Some(Value::String(text)) => {
                self.length(text, length, &pointer_to_it);
                Some(text)
            }
            None if need == Need::Required => {
                self.missing(name, pointer);
                None
            }
            None | Some(Value::Null) if need == Need::Optional => None,
            _ => {
                self.report("must provide a string", &pointer_to_it);
                None
            }
        }
    }

    pub(super) fn length(&mut self, text: &str, length: Length, pointer: &str) {
        let characters = text.chars().count();
        if characters < length.least {
            let message = format!("must be more than {} characters", length.least - 1);
            self.report(&message, pointer);
        }
        if characters > length.most {
            let message = format!("must be less than {} characters", length.most + 1);
            self.report(&message, pointer);
        }
    }

    pub(super) fn count(&mut self, count: usize, least: usize, most: usize, pointer: &str) {
        if count < least {
            self.report(&format!("no fewer than {least} items allowed"), pointer);
        }
        if count > most {
            self.report(&format!("no more than {most} items allowed"), pointer);
        }
    }

    pub(super) fn list<'a>(
        &mut self,
        fields: &'a Map<String, Value>,
        name: &str,
        least: usize,
        most: usize,
        need: Need,
        pointer: &str,
    ) -> Option<&'a [Value]> {
        match fields.get(name) {
            Some(Value::Array(list)) => {
                self.count(list.len(), least, most, &format!("{pointer}/{name}"));
                Some(list)
            }
            None if need == Need::Required => {
                self.missing(name, pointer);
                None
            }
            None => None,
            Some(_) => {
                self.report("must provide an array", &format!("{pointer}/{name}"));
                None
            }
        }
    }

    pub(super) fn flags(&mut self, fields: &Map<String, Value>, names: &[&str], pointer: &str) {
        for name in names {
            if fields.get(*name).is_some_and(|value| !value.is_boolean()) {
                self.report("must provide a boolean", &format!("{pointer}/{name}"));
            }
        }
    }

    /// An address that a person's click or Slack's image proxy opens.
    pub(super) fn url(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        schemes: &[&str],
        pointer: &str,
    ) {
        let length = Length::between(1, 3_000);
        let Some(text) = self.string(fields, name, length, Need::Optional, pointer) else {
            return;
        };
        let known = url::Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()));
        if !known {
            self.report("invalid url", &format!("{pointer}/{name}"));
        }
    }

    /// A block's own id, which no other block of the list may have.
    pub(super) fn block_id(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let length = Length::up_to(255);
        let Some(id) = self.string(fields, "block_id", length, Need::Optional, pointer) else {
            return;
        };
        if !id.is_empty() && !self.block_ids.insert(id.to_owned()) {
            let message = format!("`block_id` {id} already exists");
            self.report(&message, &format!("{pointer}/block_id"));
        }
    }

    /// An element's own id, which no other element of the same block may have.
    pub(super) fn action_id(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let length = Length::up_to(255);
        let Some(id) = self.string(fields, "action_id", length, Need::Optional, pointer) else {
            return;
        };
        let mark = (block_of(pointer).to_owned(), id.to_owned());
        if !id.is_empty() && !self.action_ids.insert(mark) {
            let message = format!("`action_id` {id} already exists");
            self.report(&message, &format!("{pointer}/action_id"));
        }
    }

    /// At most one element may ask for the focus.
    pub(super) fn focus(&mut self, fields: &Map<String, Value>, pointer: &str) {
        self.flags(fields, &["focus_on_load"], pointer);
        if fields.get("focus_on_load") == Some(&Value::Bool(true)) {
            if self.focused {
                let message = "only one element can have focus_on_load";
                self.report(message, &format!("{pointer}/focus_on_load"));
            }
            self.focused = true;
        }
    }
}

/// The pointer of the block that an element stands in: `/blocks/3/elements/1`
/// stands in `/blocks/3`.
fn block_of(pointer: &str) -> &str {
    ["/elements/", "/accessory", "/element"]
        .iter()
        .find_map(|part| pointer.rfind(part))
        .map_or(pointer, |end| &pointer[..end])
}
