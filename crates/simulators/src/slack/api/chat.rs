//! Methods that write: `chat.*`.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::args::Args;
use super::{Call, known_channel, metadata};
use crate::clock;
use crate::slack::block;
use crate::slack::ids::{ChannelId, MessageTs, UserId};
use crate::slack::message::{Author, Disguise, Message};
use crate::slack::state::{Change, State, problems_of};

/// How long a text may be; what is longer is cut off, as Slack does.
const LONGEST_TEXT: usize = 40_000;

/// How long the text of an update may be, in bytes of UTF-8: what Slack's
/// documentation calls characters, of which one in Korean has three.
const LONGEST_UPDATE: usize = 4_000;

/// How many attachments a message may have.
const MOST_ATTACHMENTS: usize = 100;

/// How much room the blocks of a message may take.
const MOST_ROOM: usize = 12_000;

/// What a message says; a part that the app did not mention is none.
pub(super) struct Content {
    text: Option<String>,
    blocks: Option<Vec<Value>>,
    attachments: Option<Vec<Value>>,
}

impl Content {
    /// Reads and checks it.
    pub(super) fn read(args: &Args) -> Result<Self, ApiError> {
        let mut content = Self {
            text: args
                .text("text")
                .map(|text| text.chars().take(LONGEST_TEXT).collect()),
            blocks: list(args, "blocks", "invalid_blocks_format")?,
            attachments: list(args, "attachments", "invalid_attachments")?,
        };
        if let Some(markdown) = args.text("markdown_text") {
            if content.text.is_some() || content.blocks.is_some() {
                return Err(ApiError::Refused("markdown_text_conflict"));
            }
            content.blocks = Some(vec![json!({"type": "markdown", "text": markdown})]);
        }
        content.check()?;
        Ok(content)
    }

    fn check(&self) -> Result<(), ApiError> {
        let blocks = self.blocks.as_deref().unwrap_or_default();
        refuse_for(problems_of(blocks, "/blocks"))?;
        if block::room_taken(blocks) > MOST_ROOM {
            return Err(ApiError::Refused("msg_blocks_too_long"));
        }
        let attachments = self.attachments.as_deref().unwrap_or_default();
        if attachments.len() > MOST_ATTACHMENTS {
            return Err(ApiError::Refused("too_many_attachments"));
        }
        for (index, attachment) in attachments.iter().enumerate() {
            let blocks = attachment["blocks"].as_array().map(Vec::as_slice);
            let pointer = format!("/attachments/{index}/blocks");
            refuse_for(problems_of(blocks.unwrap_or_default(), &pointer))?;
        }
        Ok(())
    }

    /// True when there is nothing to be seen.
    pub(super) fn is_empty(&self) -> bool {
        let nothing = |list: &Option<Vec<Value>>| list.as_ref().is_none_or(Vec::is_empty);
        let text = self.text.as_deref().unwrap_or_default();
        text.trim().is_empty() && nothing(&self.blocks) && nothing(&self.attachments)
    }

    /// Puts it into a message. Without blocks a text takes the place of earlier
    /// blocks; attachments that are not mentioned stay.
    pub(super) fn put_into(self, message: &mut Message, state: &mut State) {
        match (self.blocks, &self.text) {
            (Some(blocks), _) => message.blocks = state.completed(blocks),
            (None, Some(_)) => message.blocks.clear(),
            (None, None) => {}
        }
        if let Some(text) = self.text {
            message.text = text;
        }
        if let Some(mut attachments) = self.attachments {
            for (index, attachment) in attachments.iter_mut().enumerate() {
                attachment["id"] = json!(index + 1);
            }
            message.attachments = attachments;
        }
    }
}

fn refuse_for(reasons: Vec<String>) -> Result<(), ApiError> {
    if reasons.is_empty() {
        return Ok(());
    }
    let error = "invalid_blocks";
    Err(ApiError::Invalid { error, reasons })
}

fn list(args: &Args, name: &str, error: &'static str) -> Result<Option<Vec<Value>>, ApiError> {
    match args.json(name) {
        Ok(None) => Ok(None),
        Ok(Some(Value::Array(list))) => Ok(Some(list)),
        Ok(Some(_)) | Err(_) => Err(ApiError::Refused(error)),
    }
}

/// `chat.postMessage`: a new message.
pub(super) fn post_message(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let channel = destination(call, &mut state)?;
    let message = new_message(call, &mut state, &channel)?;
    let ts = message.ts;
    state.post(&channel, message);
    let object = state.message_object(&channel, ts);
    Ok(json!({"channel": channel.as_str(), "ts": ts.to_string(), "message": object}))
}

/// `chat.postEphemeral`: a message that one person of the channel sees.
pub(super) fn post_ephemeral(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let channel = destination(call, &mut state)?;
    let user = UserId::new(call.args.required("user")?);
    let members = state.channel(&channel).map(|channel| &channel.members);
    if !members.is_some_and(|members| members.contains(&user)) {
        return Err(ApiError::Refused("user_not_in_channel"));
    }
    let message = new_message(call, &mut state, &channel)?;
    let ts = message.ts;
    show_ephemeral(&mut state, &channel, &user, message);
    Ok(json!({"message_ts": ts.to_string()}))
}

/// Shows a message to one person.
pub(super) fn show_ephemeral(
    state: &mut State,
    channel: &ChannelId,
    user: &UserId,
    message: Message,
) {
    let mut object = message.object(&state.app, None, false);
    object["is_ephemeral"] = json!(true);
    state.tell(Change::Ephemeral {
        channel: channel.clone(),
        user: user.clone(),
        message: object,
        change: "posted",
    });
    if let Some(channel) = state.channel_mut(channel) {
        channel.insert_ephemeral(user.clone(), message);
    }
}

/// The channel that the app may write to: by id, by name, or that of a person.
fn destination(call: &Call, state: &mut State) -> Result<ChannelId, ApiError> {
    let text = call.args.text("channel").unwrap_or_default();
    let user = UserId::new(text.clone());
    let id = match known_channel(state, &text) {
        Some(id) => id,
        None if state.user(&user).is_some_and(|user| !user.is_bot) => state.direct(&user),
        None => return Err(ApiError::Refused("channel_not_found")),
    };
    let bot = state.app.bot_user.clone();
    let channel = state
        .channel(&id)
        .ok_or(ApiError::Refused("channel_not_found"))?;
    let is_member = channel.members.contains(&bot);
    if channel.is_private() && !is_member {
        Err(ApiError::Refused("channel_not_found"))
    } else if channel.archived {
        Err(ApiError::Refused("is_archived"))
    } else if !is_member {
        Err(ApiError::Refused("not_in_channel"))
    } else {
        Ok(id)
    }
}

fn new_message(call: &Call, state: &mut State, channel: &ChannelId) -> Result<Message, ApiError> {
    let args = &call.args;
    let content = Content::read(args)?;
    if content.is_empty() {
        return Err(ApiError::Refused("no_text"));
    }
    let metadata = metadata::read(args)?;
    let thread_ts = thread(args, state, channel)?;
    let disguise = args.text("username").map(|username| Disguise {
        username,
        icon_emoji: args.text("icon_emoji"),
    });
    let mut message = Message::new(state.next_ts(), Author::Bot { disguise }, String::new());
    content.put_into(&mut message, state);
    message.thread_ts = thread_ts;
    message.broadcast = thread_ts.is_some() && args.flag("reply_broadcast");
    message.metadata = metadata.filter(|metadata| *metadata != json!({}));
    Ok(message)
}

/// The first message of the thread that the call names; a reply stands for the
/// thread that it is in.
fn thread(args: &Args, state: &State, channel: &ChannelId) -> Result<Option<MessageTs>, ApiError> {
    let Some(text) = args.text("thread_ts").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let malformed = |_| ApiError::argument("must be the ts of a message", "thread_ts");
    let ts: MessageTs = text.parse().map_err(malformed)?;
    let message = state
        .channel(channel)
        .and_then(|channel| channel.message(ts));
    match message {
        Some(message) => Ok(Some(message.thread_ts.unwrap_or(ts))),
        None => Err(ApiError::Refused("cannot_reply_to_message")),
    }
}

/// `chat.update`: changes a message of the app.
pub(super) fn update(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let (channel, ts) = own_message(call, &state, "cant_update_message")?;
    let content = Content::read(&call.args)?;
    let nothing_said =
        content.text.is_none() && content.blocks.is_none() && content.attachments.is_none();
    if nothing_said || content.is_empty() {
        return Err(ApiError::Refused("no_text"));
    }
    if content
        .text
        .as_ref()
        .is_some_and(|text| text.len() > LONGEST_UPDATE)
    {
        return Err(ApiError::Refused("msg_too_long"));
    }
    let metadata = metadata::read(&call.args)?;
    refuse_late(call, ts)?;
    let at = state.next_ts();
    let bot = state.app.bot_user.clone();
    let Some(mut changed) = state
        .channel(&channel)
        .and_then(|it| it.message(ts))
        .cloned()
    else {
        return Err(ApiError::Refused("message_not_found"));
    };
    // Slack marks an edit only where the text is what is shown.
    if content.blocks.is_none() {
        changed.edited = Some((bot, at));
    }
    content.put_into(&mut changed, &mut state);
    if let Some(metadata) = metadata {
        changed.metadata = Some(metadata).filter(|metadata| *metadata != json!({}));
    }
    let text = changed.text.clone();
    state.edit(&channel, ts, |message| *message = changed);
    let object = state.message_object(&channel, ts);
    Ok(json!({
        "channel": channel.as_str(),
        "ts": ts.to_string(),
        "text": text,
        "message": object,
    }))
}

fn refuse_late(call: &Call, ts: MessageTs) -> Result<(), ApiError> {
    let age = u64::try_from(clock::now().as_second())
        .unwrap_or(0)
        .saturating_sub(ts.seconds());
    match call.slack.config().edit_window {
        Some(window) if age > window.as_secs() => Err(ApiError::Refused("edit_window_closed")),
        _ => Ok(()),
    }
}

/// `chat.delete`: takes a message of the app away.
pub(super) fn delete(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let (channel, ts) = own_message(call, &state, "cant_delete_message")?;
    state.delete(&channel, ts);
    Ok(json!({"channel": channel.as_str(), "ts": ts.to_string()}))
}

/// The message that the call names, if the app wrote it.
fn own_message(
    call: &Call,
    state: &State,
    foreign: &'static str,
) -> Result<(ChannelId, MessageTs), ApiError> {
    let id = call.channel(state)?;
    let missing = ApiError::Refused("message_not_found");
    let ts: MessageTs = call
        .args
        .required("ts")?
        .parse()
        .map_err(|_| missing.clone())?;
    let channel = state
        .channel(&id)
        .ok_or(ApiError::Refused("channel_not_found"))?;
    let message = channel.message(ts).ok_or(missing)?;
    if channel.archived {
        Err(ApiError::Refused("is_archived"))
    } else if !message.is_bots() || message.tombstone {
        Err(ApiError::Refused(foreign))
    } else {
        Ok((id, ts))
    }
}

/// `chat.getPermalink`: the address of a message.
pub(super) fn permalink(call: &Call) -> Answer {
    let state = call.slack.state();
    let channel = call.channel(&state)?;
    let missing = ApiError::Refused("message_not_found");
    let ts: MessageTs = call
        .args
        .required("message_ts")?
        .parse()
        .map_err(|_| missing.clone())?;
    if state.message_object(&channel, ts).is_none() {
        return Err(missing);
    }
    let base = &state.app.base_url;
    let permalink = format!("{base}/archives/{channel}/p{}", ts.as_micros());
    Ok(json!({"channel": channel.as_str(), "permalink": permalink}))
}
