//! What the Events API tells: a message that mentions the bot, or one written to
//! it directly; that somebody opened its home tab. <https://docs.slack.dev/reference/events>

use serde::{
    Deserialize,
    de::{self, IgnoredAny},
};
use serde_json::value::RawValue;

use super::{Event, Home, Mention, Stranger, quoted};
use crate::slack::{
    client::Identity,
    id::{ChannelId, DeliveryId, EventId, TeamId, Ts, UserId, ViewHash},
};

/// Slack's own helper, which is a user like any other in what Slack tells.
const SLACKBOT: &str = "USLACKBOT";

/// Reads an event. Of those that the bot does not react to, no more than the
/// type is read: what else they hold may be of any form.
pub(super) fn read(payload: &str, me: &Identity) -> Result<Option<Event>, serde_json::Error> {
    let callback: Callback = serde_json::from_str(payload)?;
    let Typed { kind } = serde_json::from_str(callback.event.get())?;
    match kind.as_str() {
        "app_mention" | "message" => {
            let event: Message = serde_json::from_str(callback.event.get())?;
            Ok(callback.read(event, me))
        }
        "app_home_opened" => {
            let event: HomeOpened = serde_json::from_str(callback.event.get())?;
            Ok(event.read(&callback.event_id))
        }
        _ => Ok(None),
    }
}

#[derive(Deserialize)]
struct Callback<'a> {
    team_id: TeamId,
    event_id: EventId,
    #[serde(borrow)]
    event: &'a RawValue,
    /// Whether the channel is shared with another company.
    #[serde(default)]
    is_ext_shared_channel: Option<bool>,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    channel_type: Option<String>,
    user: Option<UserId>,
    bot_id: Option<String>,
    /// The workspace of whoever wrote it; the first that is there tells.
    user_team: Option<String>,
    source_team: Option<String>,
    team: Option<String>,
    channel: Option<ChannelId>,
    ts: Option<Ts>,
    thread_ts: Option<Ts>,
    text: Option<String>,
    #[serde(default, deserialize_with = "whether_there")]
    edited: bool,
}

/// Whatever it is, as long as it is not null.
fn whether_there<'de, D: de::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    Ok(Option::<IgnoredAny>::deserialize(value)?.is_some())
}

impl Callback<'_> {
    fn read(self, event: Message, me: &Identity) -> Option<Event> {
        let direct = event.is_direct();
        // A mention of a direct message comes as a message too, and is that one.
        let is_for_us = direct == (event.kind == "message");
        if !is_for_us || !event.is_new() || event.is_by_no_person(me) {
            return None;
        }
        let is_strange = self.is_by_a_stranger(&event, me);
        let text = event.text.unwrap_or_default();
        let text = if direct {
            quoted::meant(&text)
        } else {
            quoted::asked(&text, &me.user)?
        };
        let mention = Mention {
            team: self.team_id,
            id: self.event_id,
            user: event.user?,
            channel: event.channel?,
            // A message that starts a thread names itself as its thread once
            // somebody has answered; it still stands in the channel.
            thread: event
                .thread_ts
                .filter(|thread| Some(thread) != event.ts.as_ref()),
            ts: event.ts?,
            direct,
            text,
        };
        Some(if is_strange {
            Event::Stranger(Stranger {
                user: mention.user.clone(),
                wanted: Box::new(Event::Mention(mention)),
            })
        } else {
            Event::Mention(mention)
        })
    }

    /// In a shared channel Slack tells whose people write; where it does not,
    /// nobody is taken for ours.
    fn is_by_a_stranger(&self, event: &Message, me: &Identity) -> bool {
        let teams = [&event.user_team, &event.source_team, &event.team];
        match teams.into_iter().flatten().next() {
            Some(team) => !me.is_ours(team),
            None => self.is_ext_shared_channel == Some(true),
        }
    }
}

impl Message {
    fn is_direct(&self) -> bool {
        match &self.channel_type {
            Some(kind) => kind == "im",
            None => self.channel.as_ref().is_some_and(ChannelId::is_direct),
        }
    }

    /// Slack's own helper repeats what it was told to remind of: whoever told it asks
    /// for nothing at that moment.
    fn is_by_no_person(&self, me: &Identity) -> bool {
        let user = self.user.as_ref().map(UserId::as_str);
        user == Some(me.user.as_str()) || user == Some(SLACKBOT)
    }

    /// A mention in a message of a bot, or in an edit, asks for nothing: an answer
    /// that quotes a command would be a command. Nor does what Slack itself says
    /// of joins and the like.
    fn is_new(&self) -> bool {
        let subtype = self.subtype.as_deref();
        self.bot_id.is_none()
            && !self.edited
            && subtype.is_none_or(|it| matches!(it, "file_share" | "thread_broadcast"))
    }
}

#[derive(Deserialize)]
struct HomeOpened {
    user: UserId,
    /// Which of its tabs: `home`, or `messages`, which is the talk with the bot.
    tab: Option<String>,
    view: Option<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    hash: Option<ViewHash>,
}

impl HomeOpened {
    /// Slack does not tell of which workspace they are.
    fn read(self, event: &EventId) -> Option<Event> {
        let is_home = self.tab.as_deref() == Some("home");
        is_home.then(|| {
            Event::Home(Home {
                delivery: DeliveryId::from(event.as_str()),
                user: self.user,
                hash: self.view.and_then(|view| view.hash),
            })
        })
    }
}
