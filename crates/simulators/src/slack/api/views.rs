//! Methods about modals and home tabs: `views.*`.

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::Call;
use super::answer::{Answer, ApiError};
use crate::slack::block;
use crate::slack::ids::{UserId, ViewId};
use crate::slack::state::{Change, State};
use crate::slack::view::View;

/// How many bytes a view may have.
const LARGEST: usize = 250 * 1024;

/// `views.open`: shows a modal to the person whose trigger it is.
pub(super) fn open(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let user = user_of_trigger(call, &state)?;
    let view = new_view(call, &mut state, "modal")?;
    use_trigger(call, &mut state);
    state.views.open(&user, view.clone());
    state.tell_view(&user);
    Ok(json!({"view": view.object(&state.app)}))
}

/// `views.push`: lays a modal over the one that the person sees.
pub(super) fn push(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let user = user_of_trigger(call, &state)?;
    let view = new_view(call, &mut state, "modal")?;
    let id = state.views.push(&user, view).map_err(ApiError::Refused)?;
    use_trigger(call, &mut state);
    state.tell_view(&user);
    Ok(json!({"view": object(&state, &id)}))
}

/// `views.update`: changes a modal that somebody sees.
pub(super) fn update(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let (user, id) = named_view(call, &state)?;
    let hash = state.views.find(&id).map(|(_, view)| view.hash.clone());
    let wanted = call.args.text("hash").filter(|hash| !hash.is_empty());
    if wanted.is_some() && wanted != hash {
        return Err(ApiError::Refused("hash_conflict"));
    }
    let content = content(call)?;
    check_external_id(&state, &content, Some(&id))?;
    replace(&mut state, &id, content);
    state.tell_view(&user);
    Ok(json!({"view": object(&state, &id)}))
}

/// `views.publish`: sets a person's home tab.
pub(super) fn publish(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let user = call.user(&state, "user_id")?;
    let hash = state.views.home(&user).map(|view| view.hash.clone());
    let wanted = call.args.text("hash").filter(|hash| !hash.is_empty());
    if wanted.is_some() && wanted != hash {
        return Err(ApiError::Refused("hash_conflict"));
    }
    let view = new_view(call, &mut state, "home")?;
    state.views.publish(&user, view.clone());
    let view = view.object(&state.app);
    state.tell(Change::Home {
        user,
        view: view.clone(),
    });
    Ok(json!({"view": view}))
}

fn object(state: &State, id: &ViewId) -> Value {
    let found = state.views.find(id);
    found
        .map(|(_, view)| view.object(&state.app))
        .unwrap_or_default()
}

fn user_of_trigger(call: &Call, state: &State) -> Result<UserId, ApiError> {
    let trigger = call.args.required("trigger_id")?;
    let user = state.triggers.check(&trigger, Instant::now());
    user.map_err(ApiError::Refused)
}

fn use_trigger(call: &Call, state: &mut State) {
    if let Some(trigger) = call.args.text("trigger_id") {
        state.triggers.use_up(&trigger);
    }
}

/// The view that the call names, by the app's own id or by Slack's.
fn named_view(call: &Call, state: &State) -> Result<(UserId, ViewId), ApiError> {
    let external = call.args.text("external_id").filter(|id| !id.is_empty());
    let found = match external {
        Some(external) => state.views.find_external(&external),
        None => state
            .views
            .find(&ViewId::new(call.args.required("view_id")?)),
    };
    let (user, view) = found.ok_or(ApiError::Refused("not_found"))?;
    Ok((user.clone(), view.id.clone()))
}

/// The view that the call gives, checked.
fn content(call: &Call) -> Result<Map<String, Value>, ApiError> {
    let malformed = || ApiError::argument("must provide an object", "view");
    match call.args.json("view") {
        Ok(Some(view)) => checked(view, "/view"),
        Ok(None) => Err(ApiError::argument("missing required field: view", "view")),
        Err(_) => Err(malformed()),
    }
}

/// A view as Slack would take it; `pointer` is where it stands in the request.
pub(in crate::slack) fn checked(
    view: Value,
    pointer: &str,
) -> Result<Map<String, Value>, ApiError> {
    let problems = block::check_view(&view, pointer);
    if !problems.is_empty() {
        return Err(ApiError::invalid("invalid_arguments", &problems));
    }
    if view.to_string().len() > LARGEST {
        return Err(ApiError::Refused("view_too_large"));
    }
    match view {
        Value::Object(fields) => Ok(fields),
        _ => Err(ApiError::Refused("invalid_arguments")),
    }
}

fn new_view(call: &Call, state: &mut State, kind: &str) -> Result<View, ApiError> {
    let content = content(call)?;
    if content.get("type").is_none_or(|its| its != kind) {
        let reason = format!("must be of type {kind}");
        return Err(ApiError::argument(&reason, "view/type"));
    }
    check_external_id(state, &content, None)?;
    Ok(made(state, content))
}

/// A new view with this content, under ids of its own.
pub(in crate::slack) fn made(state: &mut State, content: Map<String, Value>) -> View {
    let id = ViewId::new(state.next_id("V"));
    let hash = new_hash(state);
    View {
        content: completed(state, content),
        hash,
        root: id.clone(),
        id,
        previous: None,
        inputs: Map::new(),
    }
}

/// Gives an open view another content. What the person filled in stays where
/// the same block and action are still there.
pub(in crate::slack) fn replace(state: &mut State, id: &ViewId, content: Map<String, Value>) {
    let hash = new_hash(state);
    let content = completed(state, content);
    if let Some(view) = state.views.find_mut(id) {
        view.content = content;
        view.hash = hash;
    }
}

fn completed(state: &mut State, mut content: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Array(blocks)) = content.remove("blocks") {
        let blocks = state.completed(blocks);
        content.insert("blocks".to_owned(), json!(blocks));
    }
    for name in ["title", "submit", "close"] {
        if let Some(text) = content.get_mut(name) {
            block::complete_texts(text);
        }
    }
    content
}

fn new_hash(state: &mut State) -> String {
    let ts = state.next_ts();
    let id = state.next_id("");
    format!("{}.{}", ts.seconds(), id.to_lowercase())
}

/// The app's own id of a view may not be in use for another one.
fn check_external_id(
    state: &State,
    content: &Map<String, Value>,
    own: Option<&ViewId>,
) -> Result<(), ApiError> {
    let external = content.get("external_id").and_then(Value::as_str);
    let used = external.and_then(|external| state.views.find_external(external));
    match used {
        Some((_, view)) if own != Some(&view.id) => Err(ApiError::Refused("duplicate_external_id")),
        _ => Ok(()),
    }
}
