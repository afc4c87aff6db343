//! Modals and home tabs: the stack of modals that a person sees, what they have
//! filled in, and the triggers that allow an app to open one.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::block;
use super::ids::{UserId, ViewId};
use super::workspace::App;

/// How many modals may lie over each other.
const STACK: usize = 3;

/// How long a trigger opens a modal.
const TRIGGER_LIFETIME: Duration = Duration::from_secs(3);

/// How many triggers are remembered; older ones are as if they never were.
const TRIGGERS: usize = 1_000;

/// A modal or home tab as a person sees it.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) id: ViewId,
    /// What the app sent, with Slack's additions.
    pub(super) content: Map<String, Value>,
    pub(super) hash: String,
    pub(super) root: ViewId,
    pub(super) previous: Option<ViewId>,
    /// What the person has filled in, by block and action.
    pub(super) inputs: Map<String, Value>,
}

impl View {
    /// A text that the app gave the view; empty when it gave none.
    fn given(&self, name: &str) -> &str {
        self.content
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.content.get(name) == Some(&Value::Bool(true))
    }

    pub(super) fn is_modal(&self) -> bool {
        self.given("type") == "modal"
    }

    pub(super) fn notifies_on_close(&self) -> bool {
        self.flag("notify_on_close")
    }

    pub(super) fn blocks(&self) -> &[Value] {
        let blocks = self.content.get("blocks").and_then(Value::as_array);
        blocks.map(Vec::as_slice).unwrap_or_default()
    }

    /// The view as Slack's object.
    pub(super) fn object(&self, app: &App) -> Value {
        let or_null = |name: &str| self.content.get(name).cloned().unwrap_or_default();
        let mut object = json!({
            "id": self.id.as_str(),
            "team_id": app.team_id,
            "type": self.given("type"),
            "blocks": self.blocks(),
            "private_metadata": self.given("private_metadata"),
            "callback_id": self.given("callback_id"),
            "state": {"values": state_values(self.blocks(), &self.inputs)},
            "hash": self.hash,
            "clear_on_close": self.flag("clear_on_close"),
            "notify_on_close": self.flag("notify_on_close"),
            "previous_view_id": self.previous.as_ref().map(ViewId::as_str),
            "root_view_id": self.root.as_str(),
            "app_id": app.app_id,
            "external_id": self.given("external_id"),
            "app_installed_team_id": app.team_id,
            "bot_id": app.bot_id,
        });
        if self.is_modal() {
            for name in ["title", "close", "submit"] {
                object[name] = or_null(name);
            }
            object["submit_disabled"] = json!(self.flag("submit_disabled"));
        }
        object
    }
}

/// The `state.values` of blocks: what was filled in, and for the rest what the
/// app gave as the start.
pub(super) fn state_values(blocks: &[Value], inputs: &Map<String, Value>) -> Value {
    let mut values = Map::new();
    for block in blocks {
        let block_id = block["block_id"].as_str().unwrap_or_default();
        for element in block::elements(block) {
            let Some(initial) = initial_value(element) else {
                continue;
            };
            let action_id = element["action_id"].as_str().unwrap_or_default();
            let filled_in = inputs.get(block_id).and_then(|block| block.get(action_id));
            let block = values.entry(block_id).or_insert_with(|| json!({}));
            block[action_id] = filled_in.cloned().unwrap_or(initial);
        }
    }
    Value::Object(values)
}

/// The value that an element has before anybody touched it; none for elements
/// that hold no value.
fn initial_value(element: &Value) -> Option<Value> {
    let kind = block::kind_of(element);
    let field = state_field(kind)?;
    let initial = field.replace("selected_", "initial_");
    let initial = if field == "value" {
        "initial_value"
    } else {
        &initial
    };
    let empty = if is_list(field) {
        json!([])
    } else {
        Value::Null
    };
    let value = element.get(initial).cloned().unwrap_or(empty);
    Some(json!({"type": kind, field: value}))
}

/// The name under which an element's value stands in a state; none for
/// elements that hold no value.
pub(super) fn state_field(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "plain_text_input" | "number_input" | "email_text_input" | "url_text_input" => "value",
        "static_select" | "radio_buttons" => "selected_option",
        "checkboxes" | "multi_static_select" => "selected_options",
        "users_select" => "selected_user",
        "multi_users_select" => "selected_users",
        "channels_select" => "selected_channel",
        "multi_channels_select" => "selected_channels",
        "conversations_select" => "selected_conversation",
        "multi_conversations_select" => "selected_conversations",
        "datepicker" => "selected_date",
        "timepicker" => "selected_time",
        "datetimepicker" => "selected_date_time",
        _ => return None,
    })
}

/// True of the fields that hold several things.
pub(super) fn is_list(field: &str) -> bool {
    field.ends_with('s')
}

/// All open modals and published home tabs.
#[derive(Debug, Default)]
pub(super) struct Views {
    modals: BTreeMap<UserId, Vec<View>>,
    homes: BTreeMap<UserId, View>,
}

impl Views {
    /// The modal that a person sees now.
    pub(super) fn top(&self, user: &UserId) -> Option<&View> {
        self.modals.get(user)?.last()
    }

    pub(super) fn home(&self, user: &UserId) -> Option<&View> {
        self.homes.get(user)
    }

    pub(super) fn find(&self, id: &ViewId) -> Option<(&UserId, &View)> {
        self.all().find(|(_, view)| view.id == *id)
    }

    pub(super) fn find_external(&self, external_id: &str) -> Option<(&UserId, &View)> {
        self.all()
            .find(|(_, view)| !external_id.is_empty() && view.given("external_id") == external_id)
    }

    pub(super) fn find_mut(&mut self, id: &ViewId) -> Option<&mut View> {
        let modals = self.modals.values_mut().flatten();
        modals
            .chain(self.homes.values_mut())
            .find(|view| view.id == *id)
    }

    fn all(&self) -> impl Iterator<Item = (&UserId, &View)> {
        let modals = self.modals.iter();
        modals
            .flat_map(|(user, stack)| stack.iter().map(move |view| (user, view)))
            .chain(&self.homes)
    }

    /// Shows a modal in place of all others.
    pub(super) fn open(&mut self, user: &UserId, view: View) {
        self.modals.insert(user.clone(), vec![view]);
    }

    /// Lays a modal over the others; the error is Slack's name for what is
    /// wrong.
    pub(super) fn push(&mut self, user: &UserId, mut view: View) -> Result<ViewId, &'static str> {
        let stack = self.modals.entry(user.clone()).or_default();
        let Some(below) = stack.last() else {
            return Err("not_found");
        };
        if stack.len() == STACK {
            return Err("push_limit_reached");
        }
        view.root = below.root.clone();
        view.previous = Some(below.id.clone());
        let id = view.id.clone();
        stack.push(view);
        Ok(id)
    }

    pub(super) fn publish(&mut self, user: &UserId, view: View) {
        self.homes.insert(user.clone(), view);
    }

    /// Closes the modal on top and shows the one below.
    pub(super) fn pop(&mut self, user: &UserId) {
        if let Some(stack) = self.modals.get_mut(user) {
            stack.pop();
        }
    }

    /// Closes all modals of a person and gives them back, the lowest first.
    pub(super) fn clear(&mut self, user: &UserId) -> Vec<View> {
        self.modals.remove(user).unwrap_or_default()
    }
}

/// The right to open a modal that comes with each interaction.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    given: HashMap<String, Trigger>,
    order: std::collections::VecDeque<String>,
}

#[derive(Debug)]
struct Trigger {
    user: UserId,
    until: Instant,
    used: bool,
}

impl Triggers {
    pub(super) fn give(&mut self, id: String, user: UserId, now: Instant) {
        if self.order.len() == TRIGGERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.given.remove(&oldest);
        }
        self.order.push_back(id.clone());
        let until = now + TRIGGER_LIFETIME;
        self.given.insert(
            id,
            Trigger {
                user,
                until,
                used: false,
            },
        );
    }

    /// Who may be shown a modal by this trigger; the error is Slack's name for
    /// what is wrong.
    pub(super) fn check(&self, id: &str, now: Instant) -> Result<UserId, &'static str> {
        let trigger = self.given.get(id).ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id");
        }
        if trigger.until <= now {
            return Err("expired_trigger_id");
        }
        Ok(trigger.user.clone())
    }

    /// A trigger opens one modal.
    pub(super) fn use_up(&mut self, id: &str) {
        if let Some(trigger) = self.given.get_mut(id) {
            trigger.used = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_lives_three_seconds_and_opens_once() {
        let mut triggers = Triggers::default();
        let now = Instant::now();
        let user = UserId::new("U1");
        triggers.give("t1".into(), user.clone(), now);
        let late = now + Duration::from_secs(3);
        assert_eq!(triggers.check("t2", now), Err("invalid_trigger_id"));
        assert_eq!(triggers.check("t1", late), Err("expired_trigger_id"));
        assert_eq!(triggers.check("t1", now), Ok(user));
        triggers.use_up("t1");
        assert_eq!(triggers.check("t1", now), Err("exchanged_trigger_id"));
    }

    #[test]
    fn values_are_those_filled_in_and_else_those_given() {
        let blocks = [
            json!({
                "type": "input", "block_id": "why",
                "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "none"},
            }),
            json!({
                "type": "actions", "block_id": "go",
                "elements": [
                    {"type": "button", "action_id": "now"},
                    {"type": "static_select", "action_id": "env"},
                ],
            }),
        ];
        let option = json!({"type": "static_select", "selected_option": {"value": "prod"}});
        let inputs = json!({"go": {"env": option}});
        let values = state_values(&blocks, inputs.as_object().unwrap());
        assert_eq!(
            values,
            json!({
                "why": {"text": {"type": "plain_text_input", "value": "none"}},
                "go": {"env": option},
            })
        );
    }
}
