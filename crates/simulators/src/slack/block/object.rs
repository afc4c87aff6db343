//! The composition objects: texts, options, confirmation dialogs, images, and
//! rich text.

use serde_json::{Map, Value};

use super::checker::{Checker, Length, Need};
use super::kind_of;

/// Which text objects may stand at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// `plain_text` alone.
    Plain,
    /// `plain_text` or `mrkdwn`.
    Any,
}

/// Where an option stands; it decides what the option may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionPlace {
    /// A menu to select from.
    Select,
    /// Checkboxes or radio buttons, whose texts may be `mrkdwn`.
    Boxes,
    /// An overflow menu, whose options may be links.
    Overflow,
}

const LINKS: [&str; 4] = ["http", "https", "mailto", "slack"];

impl Checker {
    /// A field that holds a text object.
    pub(super) fn text(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        kind: TextKind,
        most: usize,
        need: Need,
        pointer: &str,
    ) {
        match fields.get(name) {
            None if need == Need::Required => self.missing(name, pointer),
            None => {}
            Some(Value::Null) if need == Need::Optional => {}
            Some(text) => self.text_object(text, kind, most, &format!("{pointer}/{name}")),
        }
    }

    pub(super) fn text_object(&mut self, text: &Value, kind: TextKind, most: usize, pointer: &str) {
        let allowed = match (kind_of(text), kind) {
            ("plain_text", _) => &["type", "text", "emoji"][..],
            ("mrkdwn", TextKind::Any) => &["type", "text", "verbatim"],
            (other, _) => {
                self.unsupported(text, other, pointer);
                return;
            }
        };
        if let Some(fields) = self.object(text, pointer, allowed) {
            let length = Length::between(1, most);
            self.string(fields, "text", length, Need::Required, pointer);
            self.flags(fields, &["emoji", "verbatim"], pointer);
        }
    }

    pub(super) fn option(&mut self, option: &Value, place: OptionPlace, pointer: &str) {
        let allowed = match place {
            OptionPlace::Overflow => &["text", "value", "description", "url"][..],
            OptionPlace::Select | OptionPlace::Boxes => &["text", "value", "description"],
        };
        let kind = match place {
            OptionPlace::Boxes => TextKind::Any,
            OptionPlace::Select | OptionPlace::Overflow => TextKind::Plain,
        };
        if let Some(fields) = self.object(option, pointer, allowed) {
            self.text(fields, "text", kind, 75, Need::Required, pointer);
            self.text(fields, "description", kind, 75, Need::Optional, pointer);
            let value = Length::between(1, 150);
            self.string(fields, "value", value, Need::Required, pointer);
            self.url(fields, "url", &LINKS, pointer);
        }
    }

    /// A confirmation dialog that an element shows before it acts.
    pub(super) fn confirm(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let Some(confirm) = fields.get("confirm") else {
            return;
        };
        let pointer = format!("{pointer}/confirm");
        let allowed = ["title", "text", "confirm", "deny", "style"];
        if let Some(fields) = self.object(confirm, &pointer, &allowed) {
            self.text(
                fields,
                "title",
                TextKind::Plain,
                100,
                Need::Required,
                &pointer,
            );
            self.text(fields, "text", TextKind::Any, 300, Need::Required, &pointer);
            self.text(
                fields,
                "confirm",
                TextKind::Plain,
                30,
                Need::Required,
                &pointer,
            );
            self.text(
                fields,
                "deny",
                TextKind::Plain,
                30,
                Need::Required,
                &pointer,
            );
            self.style(fields, &pointer);
        }
    }

    pub(super) fn style(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let style = fields.get("style");
        if style.is_some_and(|style| style != "primary" && style != "danger") {
            let message = "must be one of: primary, danger";
            self.report(message, &format!("{pointer}/style"));
        }
    }

    /// What an image block and an image element have in common.
    pub(super) fn image(&mut self, fields: &Map<String, Value>, pointer: &str) {
        if fields.contains_key("image_url") == fields.contains_key("slack_file") {
            let message = "must define either `image_url` or `slack_file`";
            self.report(message, pointer);
        }
        self.url(fields, "image_url", &["http", "https"], pointer);
        let alternative = Length::between(1, 2_000);
        self.string(fields, "alt_text", alternative, Need::Required, pointer);
    }

    /// The parts of a rich text; of what stands inside them only the kind is
    /// looked at.
    pub(super) fn rich_text(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let list = self.list(fields, "elements", 0, usize::MAX, Need::Required, pointer);
        for (index, part) in list.unwrap_or_default().iter().enumerate() {
            let pointer = format!("{pointer}/elements/{index}");
            match kind_of(part) {
                "rich_text_section"
                | "rich_text_list"
                | "rich_text_preformatted"
                | "rich_text_quote" => {
                    if !part["elements"].is_array() {
                        self.missing("elements", &pointer);
                    }
                }
                other => self.unsupported(part, other, &pointer),
            }
        }
    }

    /// A link that a button opens.
    pub(super) fn link(&mut self, fields: &Map<String, Value>, pointer: &str) {
        self.url(fields, "url", &LINKS, pointer);
    }
}
