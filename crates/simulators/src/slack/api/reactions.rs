//! Emoji under messages: `reactions.*`.

use serde_json::json;

use super::Call;
use super::answer::{Answer, ApiError};
use crate::slack::ids::{ChannelId, MessageTs};
use crate::slack::message::Reaction;
use crate::slack::state::State;

/// `reactions.add`: the app puts an emoji under a message.
pub(super) fn add(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let (channel, ts) = message(call, &state)?;
    let name = name(call)?;
    let bot = state.app.bot_user.clone();
    let reactions = reactions(&mut state, &channel, ts)?;
    match reactions.iter_mut().find(|reaction| reaction.name == name) {
        Some(reaction) if reaction.users.contains(&bot) => {
            return Err(ApiError::Refused("already_reacted"));
        }
        Some(reaction) => reaction.users.push(bot),
        None => reactions.push(Reaction {
            name,
            users: vec![bot],
        }),
    }
    state.tell_message(&channel, "edited", ts);
    Ok(json!({}))
}

/// `reactions.remove`: the app takes its emoji away again.
pub(super) fn remove(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let (channel, ts) = message(call, &state)?;
    let name = name(call)?;
    let bot = state.app.bot_user.clone();
    let reactions = reactions(&mut state, &channel, ts)?;
    let own = reactions
        .iter_mut()
        .find(|reaction| reaction.name == name && reaction.users.contains(&bot))
        .ok_or(ApiError::Refused("no_reaction"))?;
    own.users.retain(|user| *user != bot);
    reactions.retain(|reaction| !reaction.users.is_empty());
    state.tell_message(&channel, "edited", ts);
    Ok(json!({}))
}

/// `reactions.get`: a message with its emoji.
pub(super) fn get(call: &Call) -> Answer {
    let state = call.slack.state();
    let (channel, ts) = message(call, &state)?;
    let object = state.message_object(&channel, ts);
    let object = object.ok_or(ApiError::Refused("message_not_found"))?;
    Ok(json!({"type": "message", "channel": channel.as_str(), "message": object}))
}

fn message(call: &Call, state: &State) -> Result<(ChannelId, MessageTs), ApiError> {
    let Some(text) = call.args.text("timestamp") else {
        return Err(ApiError::Refused("no_item_specified"));
    };
    let channel = call.channel(state)?;
    let ts = text
        .parse()
        .map_err(|_| ApiError::Refused("bad_timestamp"))?;
    Ok((channel, ts))
}

fn reactions<'a>(
    state: &'a mut State,
    channel: &ChannelId,
    ts: MessageTs,
) -> Result<&'a mut Vec<Reaction>, ApiError> {
    state
        .channel_mut(channel)
        .and_then(|channel| channel.message_mut(ts))
        .map(|message| &mut message.reactions)
        .ok_or(ApiError::Refused("message_not_found"))
}

/// The name of an emoji, `+1` or `white_check_mark`.
fn name(call: &Call) -> Result<String, ApiError> {
    let name = call.args.text("name").unwrap_or_default();
    let known = |letter: char| letter.is_alphanumeric() || "_-+':".contains(letter);
    if name.is_empty() || !name.chars().all(known) {
        return Err(ApiError::Refused("invalid_name"));
    }
    Ok(name)
}
