//! Methods about channels: `conversations.*`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::{Call, args::Args};
use crate::slack::ids::{MessageTs, UserId};
use crate::slack::message::Message;
use crate::slack::state::State;
use crate::slack::workspace::{Channel, Kind};

/// `conversations.history`: what was said in a channel, newest first, without
/// the replies in threads.
pub(super) fn history(call: &Call) -> Answer {
    let state = call.slack.state();
    let channel = readable(call, &state)?;
    let range = Range::read(&call.args)?;
    let limit = call.args.limit(100, 999)?;
    let before = Cursor::read(&call.args)?;
    let mut found = channel
        .messages()
        .rev()
        .filter(|message| message.stands_in_channel() && range.contains(message.ts))
        .filter(|message| before.is_none_or(|Cursor(ts)| message.ts <= ts));
    let messages: Vec<&Message> = found.by_ref().take(limit).collect();
    let next = found.next().map(|message| Cursor(message.ts));
    let mut answer = page_of_messages(call, &state, channel, &messages, next);
    answer["pin_count"] = json!(0);
    answer["channel_actions_ts"] = Value::Null;
    answer["channel_actions_count"] = json!(0);
    Ok(answer)
}

/// `conversations.replies`: a thread, oldest first, with its first message.
pub(super) fn replies(call: &Call) -> Answer {
    let state = call.slack.state();
    let channel = readable(call, &state)?;
    let missing = ApiError::Refused("thread_not_found");
    let ts: MessageTs = call
        .args
        .required("ts")?
        .parse()
        .map_err(|_| missing.clone())?;
    let named = channel.message(ts).ok_or(missing)?;
    let root = named.thread_ts.unwrap_or(ts);
    let range = Range::read(&call.args)?;
    let limit = call.args.limit(1_000, 1_000)?;
    let from = Cursor::read(&call.args)?;
    let replies = channel.thread(root).map(|thread| thread.replies);
    let mut found = [root]
        .into_iter()
        .chain(replies.unwrap_or_default())
        .filter_map(|ts| channel.message(ts))
        // The first message is told whatever the range.
        .filter(|message| message.ts == root || range.contains(message.ts))
        .filter(|message| from.is_none_or(|Cursor(ts)| message.ts >= ts));
    let messages: Vec<&Message> = found.by_ref().take(limit).collect();
    let next = found.next().map(|message| Cursor(message.ts));
    Ok(page_of_messages(call, &state, channel, &messages, next))
}

fn page_of_messages(
    call: &Call,
    state: &State,
    channel: &Channel,
    messages: &[&Message],
    next: Option<Cursor>,
) -> Value {
    let metadata = call.args.flag("include_all_metadata");
    let messages: Vec<Value> = messages
        .iter()
        .map(|message| channel.object(message, &state.app, metadata))
        .collect();
    let mut answer = json!({"messages": messages, "has_more": next.is_some()});
    if let Some(next) = next {
        answer["response_metadata"] = json!({"next_cursor": next.to_string()});
    }
    answer
}

/// The channel that the call names, if the app may read it.
fn readable<'a>(call: &Call, state: &'a State) -> Result<&'a Channel, ApiError> {
    let id = call.channel(state)?;
    let channel = state
        .channel(&id)
        .ok_or(ApiError::Refused("channel_not_found"))?;
    if channel.members.contains(&state.app.bot_user) {
        Ok(channel)
    } else {
        Err(ApiError::Refused("not_in_channel"))
    }
}

/// The time range that a call asks for.
struct Range {
    oldest: Option<MessageTs>,
    latest: Option<MessageTs>,
    inclusive: bool,
}

impl Range {
    fn read(args: &Args) -> Result<Self, ApiError> {
        let bound = |name: &str, error: &'static str| {
            let text = args
                .text(name)
                .filter(|text| !text.is_empty() && text != "now");
            text.map(|text| MessageTs::parse_bound(&text).ok_or(ApiError::Refused(error)))
                .transpose()
        };
        Ok(Self {
            oldest: bound("oldest", "invalid_ts_oldest")?,
            latest: bound("latest", "invalid_ts_latest")?,
            inclusive: args.flag("inclusive"),
        })
    }

    fn contains(&self, ts: MessageTs) -> bool {
        let on_bound = self.oldest == Some(ts) || self.latest == Some(ts);
        let inside = self.oldest.is_none_or(|oldest| ts >= oldest)
            && self.latest.is_none_or(|latest| ts <= latest);
        inside && (self.inclusive || !on_bound)
    }
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor(MessageTs);

impl Cursor {
    fn read(args: &Args) -> Result<Option<Self>, ApiError> {
        let Some(text) = args.text("cursor").filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        decode(&text, "next_ts:")
            .and_then(|ts| ts.parse().ok())
            .map(|micros| Some(Self(MessageTs::from_micros(micros))))
            .ok_or(ApiError::Refused("invalid_cursor"))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(format!("next_ts:{}", self.0.as_micros())))
    }
}

fn decode(cursor: &str, prefix: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(prefix).map(str::to_owned)
}

/// One page of a list, and the cursor of the next; empty after the last.
pub(super) fn page(
    call: &Call,
    all: Vec<Value>,
    limit: usize,
) -> Result<(Vec<Value>, String), ApiError> {
    let cursor = call.args.text("cursor").filter(|text| !text.is_empty());
    let start: usize = match cursor {
        None => 0,
        Some(cursor) => decode(&cursor, "next:")
            .and_then(|start| start.parse().ok())
            .ok_or(ApiError::Refused("invalid_cursor"))?,
    };
    let more = all.len() > start.saturating_add(limit);
    let next = start.saturating_add(limit);
    let next = more.then(|| STANDARD.encode(format!("next:{next}")));
    let page = all.into_iter().skip(start).take(limit).collect();
    Ok((page, next.unwrap_or_default()))
}

/// `conversations.list`: the channels that the app may know of.
pub(super) fn list(call: &Call) -> Answer {
    list_where(call, |_, _| true)
}

/// `users.conversations`: the channels that a person, or the app, is in.
pub(super) fn list_own(call: &Call) -> Answer {
    let asked = call.args.text("user").map(UserId::new);
    list_where(call, |channel, bot| {
        channel.members.contains(asked.as_ref().unwrap_or(bot))
    })
}

fn list_where(call: &Call, wanted: impl Fn(&Channel, &UserId) -> bool) -> Answer {
    let state = call.slack.state();
    let limit = call.args.limit(100, 1_000)?;
    let types = types(&call.args);
    let types: Vec<&str> = types.split(',').map(str::trim).collect();
    if let Some(unknown) = types.iter().find(|kind| !TYPES.contains(kind)) {
        return Err(ApiError::argument(
            &format!("unknown type: {unknown}"),
            "types",
        ));
    }
    let unarchived_only = call.args.flag("exclude_archived");
    let bot = &state.app.bot_user;
    let channels = state
        .channels
        .iter()
        .filter(|channel| types.contains(&type_of(channel)))
        .filter(|channel| channel.kind == Kind::Public || channel.members.contains(bot))
        .filter(|channel| !(unarchived_only && channel.archived))
        .filter(|channel| wanted(channel, bot))
        .map(|channel| channel.conversation(&state.app));
    let (channels, next) = page(call, channels.collect(), limit)?;
    Ok(json!({"channels": channels, "response_metadata": {"next_cursor": next}}))
}

/// The types of channels that a list is asked for, with commas between them.
pub(super) fn types(args: &Args) -> String {
    args.text("types")
        .filter(|types| !types.is_empty())
        .unwrap_or_else(|| "public_channel".to_owned())
}

const TYPES: [&str; 4] = ["public_channel", "private_channel", "mpim", "im"];

fn type_of(channel: &Channel) -> &'static str {
    match channel.kind {
        Kind::Public => "public_channel",
        Kind::Private => "private_channel",
        Kind::Group => "mpim",
        Kind::Direct(_) => "im",
    }
}

/// `conversations.info`: one channel.
pub(super) fn info(call: &Call) -> Answer {
    let state = call.slack.state();
    let id = call.channel(&state)?;
    let channel = state
        .channel(&id)
        .ok_or(ApiError::Refused("channel_not_found"))?;
    let mut conversation = channel.conversation(&state.app);
    if !call.args.flag("include_num_members")
        && let Some(fields) = conversation.as_object_mut()
    {
        fields.remove("num_members");
    }
    Ok(json!({"channel": conversation}))
}

/// `conversations.members`: who is in a channel.
pub(super) fn members(call: &Call) -> Answer {
    let state = call.slack.state();
    let id = call.channel(&state)?;
    let limit = call.args.limit(100, 1_000)?;
    let channel = state
        .channel(&id)
        .ok_or(ApiError::Refused("channel_not_found"))?;
    let members = channel.members.iter().map(|user| json!(user.as_str()));
    let (members, next) = page(call, members.collect(), limit)?;
    Ok(json!({"members": members, "response_metadata": {"next_cursor": next}}))
}

/// `conversations.open`: the direct conversation with one person.
pub(super) fn open(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let user = call.user(&state, "users")?;
    let id = state.direct(&user);
    Ok(json!({"channel": {"id": id.as_str()}}))
}

/// `conversations.join`: the app goes into a public channel.
pub(super) fn join(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let id = call.channel(&state)?;
    let app = state.app.clone();
    let channel = state
        .channel_mut(&id)
        .ok_or(ApiError::Refused("channel_not_found"))?;
    match (&channel.kind, channel.archived) {
        (_, true) => Err(ApiError::Refused("is_archived")),
        (Kind::Public, _) => {
            channel.members.insert(app.bot_user.clone());
            Ok(json!({"channel": channel.conversation(&app)}))
        }
        _ => Err(ApiError::Refused("method_not_supported_for_channel_type")),
    }
}
