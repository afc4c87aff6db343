//! A message: what it holds, and the object that Slack makes of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::ids::{MessageTs, UserId};
use super::workspace::App;

/// One message of a channel.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) ts: MessageTs,
    pub(super) author: Author,
    /// Where the author is from, who is not of this workspace.
    pub(super) foreign: Option<Foreign>,
    pub(super) text: String,
    pub(super) blocks: Vec<Value>,
    pub(super) attachments: Vec<Value>,
    /// The thread's first message; none for a message that stands by itself.
    pub(super) thread_ts: Option<MessageTs>,
    /// True of a reply that is also shown in the channel.
    pub(super) broadcast: bool,
    pub(super) metadata: Option<Value>,
    pub(super) edited: Option<(UserId, MessageTs)>,
    pub(super) reactions: Vec<Reaction>,
    /// True of a deleted message that stays because it has replies.
    pub(super) tombstone: bool,
    /// What each person has filled into the message's menus and fields.
    pub(super) inputs: BTreeMap<UserId, Map<String, Value>>,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    /// A person, with the id that their client gave the message.
    Person {
        /// Who.
        user: UserId,
        /// The client's own id of the message.
        client_msg_id: String,
    },
    /// The app's bot, perhaps under a name of its own for this message.
    Bot {
        /// The name and icon in place of the bot's own.
        disguise: Option<Disguise>,
    },
}

/// Where a stranger is from, as their messages tell it.
#[derive(Debug, Clone)]
pub(super) struct Foreign {
    pub(super) team_id: String,
    pub(super) profile: Value,
}

/// A name and icon that a bot's message shows in place of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disguise {
    pub(super) username: String,
    pub(super) icon_emoji: Option<String>,
}

/// An emoji under a message and who put it there.
#[derive(Debug, Clone)]
pub(super) struct Reaction {
    pub(super) name: String,
    pub(super) users: Vec<UserId>,
}

/// What a channel knows about the replies to a message.
#[derive(Debug, Clone)]
pub(super) struct Thread {
    pub(super) replies: Vec<MessageTs>,
    pub(super) users: Vec<UserId>,
}

impl Message {
    /// A message with nothing but a text.
    pub(super) fn new(ts: MessageTs, author: Author, text: String) -> Self {
        Self {
            ts,
            author,
            foreign: None,
            text,
            blocks: Vec::new(),
            attachments: Vec::new(),
            thread_ts: None,
            broadcast: false,
            metadata: None,
            edited: None,
            reactions: Vec::new(),
            tombstone: false,
            inputs: BTreeMap::new(),
        }
    }

    /// The user who wrote it; the bot has a user of its own.
    pub(super) fn user<'a>(&'a self, app: &'a App) -> &'a UserId {
        match &self.author {
            Author::Person { user, .. } => user,
            Author::Bot { .. } => &app.bot_user,
        }
    }

    pub(super) fn is_bots(&self) -> bool {
        matches!(self.author, Author::Bot { .. })
    }

    /// True of what the channel itself shows, as against its threads.
    pub(super) fn stands_in_channel(&self) -> bool {
        self.broadcast || self.thread_ts.is_none_or(|thread| thread == self.ts)
    }

    /// The message as Slack's object. `metadata` says whether the reader may
    /// see the metadata; `thread` is what is known about its replies.
    pub(super) fn object(&self, app: &App, thread: Option<&Thread>, metadata: bool) -> Value {
        let mut object = Map::new();
        object.insert("type".into(), json!("message"));
        object.insert("ts".into(), json!(self.ts.to_string()));
        object.insert("text".into(), json!(self.text));
        self.add_team(&mut object, app);
        self.add_author(&mut object, app);
        if self.tombstone {
            object.insert("subtype".into(), json!("tombstone"));
            object.insert("hidden".into(), json!(true));
        }
        for (name, list) in [("blocks", &self.blocks), ("attachments", &self.attachments)] {
            if !list.is_empty() {
                object.insert(name.into(), json!(list));
            }
        }
        if let Some((user, ts)) = &self.edited {
            let edited = json!({"user": user.as_str(), "ts": ts.to_string()});
            object.insert("edited".into(), edited);
        }
        self.add_thread(&mut object, thread);
        if !self.reactions.is_empty() {
            let reactions: Vec<Value> = self.reactions.iter().map(Reaction::object).collect();
            object.insert("reactions".into(), json!(reactions));
        }
        if let Some(data) = self.metadata.as_ref().filter(|_| metadata) {
            object.insert("metadata".into(), data.clone());
        }
        Value::Object(object)
    }

    fn add_team(&self, object: &mut Map<String, Value>, app: &App) {
        let Some(foreign) = &self.foreign else {
            object.insert("team".into(), json!(app.team_id));
            return;
        };
        for name in ["team", "user_team", "source_team"] {
            object.insert(name.into(), json!(foreign.team_id));
        }
        object.insert("user_profile".into(), foreign.profile.clone());
    }

    fn add_author(&self, object: &mut Map<String, Value>, app: &App) {
        match &self.author {
            Author::Person {
                user,
                client_msg_id,
            } => {
                object.insert("user".into(), json!(user.as_str()));
                object.insert("client_msg_id".into(), json!(client_msg_id));
            }
            Author::Bot { disguise: None } => {
                object.insert("user".into(), json!(app.bot_user.as_str()));
                object.insert("bot_id".into(), json!(app.bot_id));
                object.insert("app_id".into(), json!(app.app_id));
                object.insert("bot_profile".into(), app.bot_profile());
            }
            Author::Bot {
                disguise: Some(disguise),
            } => {
                object.insert("subtype".into(), json!("bot_message"));
                object.insert("username".into(), json!(disguise.username));
                object.insert("bot_id".into(), json!(app.bot_id));
                object.insert("app_id".into(), json!(app.app_id));
                if let Some(emoji) = &disguise.icon_emoji {
                    object.insert("icons".into(), json!({"emoji": emoji}));
                }
            }
        }
    }

    fn add_thread(&self, object: &mut Map<String, Value>, thread: Option<&Thread>) {
        if let Some(thread_ts) = self.thread_ts {
            object.insert("thread_ts".into(), json!(thread_ts.to_string()));
            if self.broadcast {
                object.insert("subtype".into(), json!("thread_broadcast"));
            }
        }
        let Some(thread) = thread.filter(|thread| !thread.replies.is_empty()) else {
            return;
        };
        let users: Vec<&str> = thread.users.iter().map(UserId::as_str).collect();
        object.insert("thread_ts".into(), json!(self.ts.to_string()));
        object.insert("reply_count".into(), json!(thread.replies.len()));
        object.insert("reply_users_count".into(), json!(users.len()));
        object.insert("reply_users".into(), json!(users));
        object.insert("is_locked".into(), json!(false));
        object.insert("subscribed".into(), json!(false));
        if let Some(latest) = thread.replies.last() {
            object.insert("latest_reply".into(), json!(latest.to_string()));
        }
    }
}

impl Reaction {
    fn object(&self) -> Value {
        let users: Vec<&str> = self.users.iter().map(UserId::as_str).collect();
        json!({"name": self.name, "users": users, "count": users.len()})
    }
}
