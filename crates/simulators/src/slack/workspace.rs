//! The workspace: its app, its channels and what was said in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids::{ChannelId, MessageTs, UserId};
use super::message::{Foreign, Message, Thread};

/// How many messages a channel remembers; older ones are forgotten, as in a
/// workspace on the free plan.
const HISTORY: usize = 10_000;

/// How many ephemeral messages a channel remembers, so that their buttons work.
const EPHEMERALS: usize = 200;

/// The one app that is installed, and the workspace that it is installed in.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) base_url: String,
    pub(super) team_id: String,
    pub(super) team_name: String,
    pub(super) app_id: String,
    pub(super) bot_id: String,
    pub(super) bot_user: UserId,
    pub(super) bot_name: String,
    /// The deprecated token that Slack still puts into payloads.
    pub(super) verification_token: String,
    pub(super) installed: Timestamp,
}

impl App {
    /// The workspace's part of its address: `the-team` of `the-team.slack.com`.
    pub(super) fn team_domain(&self) -> String {
        self.team_name
            .to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("-")
    }

    pub(super) fn bot_profile(&self) -> Value {
        json!({
            "id": self.bot_id,
            "app_id": self.app_id,
            "user_id": self.bot_user.as_str(),
            "name": self.bot_name,
            "icons": self.icons(),
            "deleted": false,
            "updated": self.installed.as_second(),
            "team_id": self.team_id,
        })
    }

    pub(super) fn icons(&self) -> Value {
        let icon = |size: u32| json!(format!("{}/icons/bot_{size}.svg", self.base_url));
        json!({"image_36": icon(36), "image_48": icon(48), "image_72": icon(72)})
    }
}

/// Who a conversation is between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A channel that everybody can join.
    Public,
    /// A channel for those who were invited.
    Private,
    /// Several people who write to each other directly; Slack calls it `mpim`.
    Group,
    /// The app and one person.
    Direct(UserId),
}

/// A conversation and its messages.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
    pub(super) name: String,
    pub(super) topic: String,
    pub(super) kind: Kind,
    pub(super) archived: bool,
    /// The other workspaces that the channel is shared with.
    pub(super) shared_with: BTreeSet<String>,
    pub(super) members: BTreeSet<UserId>,
    pub(super) created: Timestamp,
    messages: BTreeMap<MessageTs, Message>,
    threads: HashMap<MessageTs, Vec<MessageTs>>,
    ephemerals: VecDeque<(UserId, Message)>,
}

impl Channel {
    pub(super) fn new(id: ChannelId, name: String, kind: Kind, created: Timestamp) -> Self {
        Self {
            id,
            name,
            topic: String::new(),
            kind,
            archived: false,
            shared_with: BTreeSet::new(),
            members: BTreeSet::new(),
            created,
            messages: BTreeMap::new(),
            threads: HashMap::new(),
            ephemerals: VecDeque::new(),
        }
    }

    /// Whether only those who are in it know of it.
    pub(super) fn is_private(&self) -> bool {
        matches!(self.kind, Kind::Private | Kind::Group)
    }

    /// The `channel_type` of events.
    pub(super) fn event_type(&self) -> &'static str {
        match self.kind {
            Kind::Public => "channel",
            Kind::Private => "group",
            Kind::Group => "mpim",
            Kind::Direct(_) => "im",
        }
    }

    /// All messages, oldest first, replies in threads among them.
    pub(super) fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.values()
    }

    pub(super) fn message(&self, ts: MessageTs) -> Option<&Message> {
        self.messages.get(&ts)
    }

    pub(super) fn message_mut(&mut self, ts: MessageTs) -> Option<&mut Message> {
        self.messages.get_mut(&ts)
    }

    /// The message that a person sees: one of the channel or an ephemeral one
    /// that is theirs.
    pub(super) fn seen_by(&self, user: &UserId, ts: MessageTs) -> Option<(&Message, bool)> {
        let ephemeral = self.ephemerals.iter();
        self.message(ts)
            .map(|message| (message, false))
            .or_else(|| {
                ephemeral
                    .filter(|(reader, message)| reader == user && message.ts == ts)
                    .map(|(_, message)| (message, true))
                    .next_back()
            })
    }

    pub(super) fn seen_by_mut(&mut self, user: &UserId, ts: MessageTs) -> Option<&mut Message> {
        let ephemerals = &mut self.ephemerals;
        self.messages.get_mut(&ts).or_else(|| {
            ephemerals
                .iter_mut()
                .find(|(reader, message)| reader == user && message.ts == ts)
                .map(|(_, message)| message)
        })
    }

    pub(super) fn insert(&mut self, message: Message) {
        if let Some(thread) = message.thread_ts {
            self.threads.entry(thread).or_default().push(message.ts);
        }
        self.messages.insert(message.ts, message);
        while self.messages.len() > HISTORY {
            if let Some((ts, _)) = self.messages.pop_first() {
                self.threads.remove(&ts);
            }
        }
    }

    pub(super) fn insert_ephemeral(&mut self, user: UserId, message: Message) {
        if self.ephemerals.len() == EPHEMERALS {
            self.ephemerals.pop_front();
        }
        self.ephemerals.push_back((user, message));
    }

    pub(super) fn remove_ephemeral(&mut self, user: &UserId, ts: MessageTs) {
        self.ephemerals
            .retain(|(reader, message)| reader != user || message.ts != ts);
    }

    /// Takes a message away. One with replies stays as a tombstone.
    pub(super) fn delete(&mut self, ts: MessageTs) {
        let has_replies = self
            .thread(ts)
            .is_some_and(|thread| !thread.replies.is_empty());
        if has_replies {
            if let Some(message) = self.messages.get_mut(&ts) {
                "This message was deleted.".clone_into(&mut message.text);
                message.blocks.clear();
                message.attachments.clear();
                message.metadata = None;
                message.tombstone = true;
            }
            return;
        }
        let thread = self
            .messages
            .remove(&ts)
            .and_then(|message| message.thread_ts);
        if let Some(replies) = thread.and_then(|thread| self.threads.get_mut(&thread)) {
            replies.retain(|reply| *reply != ts);
        }
    }

    /// The replies to a message, oldest first; none when there never were any.
    pub(super) fn thread(&self, ts: MessageTs) -> Option<Thread> {
        let replies: Vec<MessageTs> = self
            .threads
            .get(&ts)?
            .iter()
            .copied()
            .filter(|reply| self.messages.contains_key(reply))
            .collect();
        let mut users = Vec::new();
        for message in replies.iter().filter_map(|reply| self.messages.get(reply)) {
            let user = match &message.author {
                super::message::Author::Person { user, .. } => user.clone(),
                super::message::Author::Bot { .. } => UserId::new(super::BOT_USER),
            };
            if !users.contains(&user) {
                users.push(user);
            }
        }
        Some(Thread { replies, users })
    }

    /// One message of the channel as Slack's object.
    pub(super) fn object(&self, message: &Message, app: &App, metadata: bool) -> Value {
        message.object(app, self.thread(message.ts).as_ref(), metadata)
    }

    /// Takes in who writes here; with a stranger comes their workspace.
    pub(super) fn admit(&mut self, user: UserId, foreign: Option<&Foreign>) {
        self.members.insert(user);
        self.shared_with
            .extend(foreign.map(|foreign| foreign.team_id.clone()));
    }

    /// Whether people of other workspaces are in it (Slack Connect).
    pub(super) fn is_shared(&self) -> bool {
        !self.shared_with.is_empty()
    }

    /// The conversation as Slack's object.
    pub(super) fn conversation(&self, app: &App) -> Value {
        let created = self.created.as_second();
        if let Kind::Direct(user) = &self.kind {
            return json!({
                "id": self.id.as_str(), "created": created, "is_im": true, "is_archived": self.archived,
                "is_org_shared": false, "context_team_id": app.team_id, "user": user.as_str(),
                "is_user_deleted": false, "priority": 0, "updated": created * 1_000,
            });
        }
        let private = self.is_private();
        let creator = self.members.first().unwrap_or(&app.bot_user);
        let teams: Vec<&String> = [&app.team_id]
            .into_iter()
            .chain(&self.shared_with)
            .collect();
        let shared = self.is_shared();
        let mut conversation = json!({
            "id": self.id.as_str(), "name": self.name, "name_normalized": self.name,
            "is_channel": !private, "is_group": private, "is_im": false,
            "is_mpim": self.kind == Kind::Group,
            "is_private": private, "created": created, "updated": created * 1_000,
            "is_archived": self.archived, "is_general": false, "unlinked": 0,
            "is_shared": shared, "is_org_shared": false, "is_ext_shared": shared,
            "is_pending_ext_shared": false, "pending_shared": [], "pending_connected_team_ids": [],
            "shared_team_ids": teams, "context_team_id": app.team_id,
            "parent_conversation": null, "creator": creator.as_str(),
            "is_member": self.members.contains(&app.bot_user),
            "topic": {"value": self.topic, "creator": creator.as_str(), "last_set": created},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "previous_names": [], "num_members": self.members.len(),
        });
        if shared {
            conversation["conversation_host_id"] = json!(app.team_id);
            conversation["connected_team_ids"] = json!(self.shared_with);
            conversation["internal_team_ids"] = json!([app.team_id]);
        }
        conversation
    }
}
