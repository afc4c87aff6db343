//! The elements of blocks: buttons, menus, boxes, pickers and inputs.

use serde_json::{Map, Value};

use super::checker::{Checker, Length, Need};
use super::kind_of;
use super::object::{OptionPlace, TextKind};

/// The place of an element in its block; it decides which elements may stand
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the side of a section.
    Accessory,
    /// In a row of actions.
    Actions,
    /// In a context line, where texts stand beside images.
    Context,
    /// In an input.
    Input,
}

const MENUS: [&str; 8] = [
    "static_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

const PICKERS: [&str; 3] = ["datepicker", "timepicker", "datetimepicker"];

const FIELDS: [&str; 4] = [
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
];

/// True of the elements that a person can act on or fill in.
pub(super) fn acts(kind: &str) -> bool {
    matches!(kind, "button" | "overflow" | "checkboxes" | "radio_buttons")
        || MENUS.contains(&kind)
        || PICKERS.contains(&kind)
        || FIELDS.contains(&kind)
}

impl Place {
    fn takes(self, kind: &str) -> bool {
        match self {
            Self::Accessory if kind == "image" => true,
            Self::Accessory | Self::Actions => {
                // A date with a time stands in actions and inputs only.
                acts(kind)
                    && !FIELDS.contains(&kind)
                    && !(self == Self::Accessory && kind == "datetimepicker")
            }
            Self::Context => matches!(kind, "image" | "plain_text" | "mrkdwn"),
            Self::Input => acts(kind) && !matches!(kind, "button" | "overflow"),
        }
    }
}

impl Checker {
    /// The elements of a row or of a context line.
    pub(super) fn elements(
        &mut self,
        fields: &Map<String, Value>,
        most: usize,
        place: Place,
        pointer: &str,
    ) {
        let list = self.list(fields, "elements", 1, most, Need::Required, pointer);
        for (index, element) in list.unwrap_or_default().iter().enumerate() {
            self.element(element, place, &format!("{pointer}/elements/{index}"));
        }
    }

    pub(super) fn element(&mut self, element: &Value, place: Place, pointer: &str) {
        let kind = kind_of(element);
        if !place.takes(kind) {
            self.unsupported(element, kind, pointer);
            return;
        }
        match kind {
            "plain_text" | "mrkdwn" => {
                self.text_object(element, TextKind::Any, 3_000, pointer);
                return;
            }
            "image" => {
                let allowed = ["type", "image_url", "slack_file", "alt_text"];
                if let Some(fields) = self.object(element, pointer, &allowed) {
                    self.image(fields, pointer);
                }
                return;
            }
            _ => {}
        }
        let Some(fields) = self.object(element, pointer, &allowed_fields(kind)) else {
            return;
        };
        self.action_id(fields, pointer);
        self.confirm(fields, pointer);
        self.focus(fields, pointer);
        self.text(
            fields,
            "placeholder",
            TextKind::Plain,
            150,
            Need::Optional,
            pointer,
        );
        match kind {
            "button" => self.button(fields, pointer),
            "overflow" => self.options(fields, 5, OptionPlace::Overflow, pointer),
            "checkboxes" | "radio_buttons" => self.options(fields, 10, OptionPlace::Boxes, pointer),
            "static_select" | "multi_static_select" => self.menu(fields, pointer),
            "datepicker" => self.date(fields, "initial_date", is_date, "YYYY-MM-DD", pointer),
            "timepicker" => self.date(fields, "initial_time", is_time, "HH:mm", pointer),
            "plain_text_input" => self.text_input(fields, pointer),
            "number_input" => self.number_input(fields, pointer),
            _ => {}
        }
        self.initial_options(fields, pointer);
    }

    fn button(&mut self, fields: &Map<String, Value>, pointer: &str) {
        self.text(fields, "text", TextKind::Plain, 75, Need::Required, pointer);
        self.string(
            fields,
            "value",
            Length::up_to(2_000),
            Need::Optional,
            pointer,
        );
        let label = Length::between(1, 75);
        self.string(
            fields,
            "accessibility_label",
            label,
            Need::Optional,
            pointer,
        );
        self.style(fields, pointer);
        self.link(fields, pointer);
    }

    fn options(
        &mut self,
        fields: &Map<String, Value>,
        most: usize,
        place: OptionPlace,
        pointer: &str,
    ) {
        let list = self.list(fields, "options", 1, most, Need::Required, pointer);
        for (index, option) in list.unwrap_or_default().iter().enumerate() {
            self.option(option, place, &format!("{pointer}/options/{index}"));
        }
    }

    /// A menu has either options or groups of options, at most 100 of each.
    fn menu(&mut self, fields: &Map<String, Value>, pointer: &str) {
        if fields.contains_key("options") == fields.contains_key("option_groups") {
            let message = "must define either `options` or `option_groups`";
            self.report(message, pointer);
            return;
        }
        if fields.contains_key("options") {
            self.options(fields, 100, OptionPlace::Select, pointer);
            return;
        }
        let groups = self.list(fields, "option_groups", 1, 100, Need::Required, pointer);
        for (index, group) in groups.unwrap_or_default().iter().enumerate() {
            let pointer = format!("{pointer}/option_groups/{index}");
            if let Some(fields) = self.object(group, &pointer, &["label", "options"]) {
                self.text(
                    fields,
                    "label",
                    TextKind::Plain,
                    75,
                    Need::Required,
                    &pointer,
                );
                self.options(fields, 100, OptionPlace::Select, &pointer);
            }
        }
    }

    /// What is selected at first must be among the options, exactly as there.
    fn initial_options(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let options = options_of(fields);
        let one = fields.get("initial_option").into_iter();
        let several = fields.get("initial_options").and_then(Value::as_array);
        for selected in one.chain(several.into_iter().flatten()) {
            if !options.contains(&selected) {
                let message = "initial options must be among the options";
                self.report(message, pointer);
            }
        }
        let most = fields.get("max_selected_items");
        if most.is_some_and(|most| most.as_u64().is_none_or(|most| most == 0)) {
            let message = "must be greater than 0";
            self.report(message, &format!("{pointer}/max_selected_items"));
        }
    }

    fn date(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        well_formed: fn(&str) -> bool,
        form: &str,
        pointer: &str,
    ) {
        let length = Length::between(1, 10);
        let text = self.string(fields, name, length, Need::Optional, pointer);
        if text.is_some_and(|text| !well_formed(text)) {
            self.report(
                &format!("must have the form {form}"),
                &format!("{pointer}/{name}"),
            );
        }
    }

    fn text_input(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let least = fields
            .get("min_length")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        let most = fields
            .get("max_length")
            .and_then(Value::as_u64)
            .unwrap_or(3_000);
        if least > 3_000 {
            self.report("must be less than 3001", &format!("{pointer}/min_length"));
        }
        if !(1..=3_000).contains(&most) {
            self.report(
                "must be between 1 and 3000",
                &format!("{pointer}/max_length"),
            );
        }
        if least > most {
            self.report("min_length must not be greater than max_length", pointer);
        }
        self.string(
            fields,
            "initial_value",
            Length::up_to(3_000),
            Need::Optional,
            pointer,
        );
        self.flags(fields, &["multiline"], pointer);
    }

    fn number_input(&mut self, fields: &Map<String, Value>, pointer: &str) {
        if !fields.contains_key("is_decimal_allowed") {
            self.missing("is_decimal_allowed", pointer);
        }
        self.flags(fields, &["is_decimal_allowed"], pointer);
    }
}

/// The options of a menu or of boxes, also those in groups.
pub(in crate::slack) fn options_of(fields: &Map<String, Value>) -> Vec<&Value> {
    let plain = fields.get("options").and_then(Value::as_array);
    let groups = fields.get("option_groups").and_then(Value::as_array);
    let grouped = groups
        .into_iter()
        .flatten()
        .filter_map(|group| group["options"].as_array());
    plain.into_iter().chain(grouped).flatten().collect()
}

fn allowed_fields(kind: &str) -> Vec<&'static str> {
    let own: &[&str] = match kind {
        "button" => &[
            "text",
            "value",
            "url",
            "style",
            "accessibility_label",
            "confirm",
        ],
        "overflow" => &["options", "confirm"],
        "checkboxes" => &["options", "initial_options", "confirm", "focus_on_load"],
        "radio_buttons" => &["options", "initial_option", "confirm", "focus_on_load"],
        "static_select" => &[
            "options",
            "option_groups",
            "initial_option",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "multi_static_select" => &[
            "options",
            "option_groups",
            "initial_options",
            "max_selected_items",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "users_select" => &["initial_user", "confirm", "placeholder", "focus_on_load"],
        "multi_users_select" => &[
            "initial_users",
            "max_selected_items",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "channels_select" => &[
            "initial_channel",
            "response_url_enabled",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "multi_channels_select" => &[
            "initial_channels",
            "max_selected_items",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "conversations_select" => &[
            "initial_conversation",
            "default_to_current_conversation",
            "response_url_enabled",
            "filter",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "multi_conversations_select" => &[
            "initial_conversations",
            "default_to_current_conversation",
            "filter",
            "max_selected_items",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "datepicker" => &["initial_date", "confirm", "placeholder", "focus_on_load"],
        "timepicker" => &[
            "initial_time",
            "timezone",
            "confirm",
            "placeholder",
            "focus_on_load",
        ],
        "datetimepicker" => &["initial_date_time", "confirm", "focus_on_load"],
        "plain_text_input" => &[
            "initial_value",
            "multiline",
            "min_length",
            "max_length",
            "dispatch_action_config",
            "placeholder",
            "focus_on_load",
        ],
        "number_input" => &[
            "is_decimal_allowed",
            "initial_value",
            "min_value",
            "max_value",
            "dispatch_action_config",
            "placeholder",
            "focus_on_load",
        ],
        _ => &[
            "initial_value",
            "dispatch_action_config",
            "placeholder",
            "focus_on_load",
        ],
    };
    own.iter().copied().chain(["type", "action_id"]).collect()
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_time(text: &str) -> bool {
    text.len() == 5 && text.parse::<jiff::civil::Time>().is_ok()
}
