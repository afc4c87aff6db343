//! Everything the workspace knows, and what follows when something in it
//! changes: people's clients are told, and the app gets its events.

use serde_json::Value;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::block::{self, Surface};
use super::delivery::Delivery;
use super::event;
use super::ids::{ChannelId, MessageTs, UserId};
use super::limit::Limits;
use super::message::{Author, Foreign, Message};
use super::response_url::ResponseUrls;
use super::scope::{self, Scopes};
use super::socket::Tickets;
use super::user::{User, UserGroup};
use super::view::{Triggers, Views};
use super::workspace::{App, Channel, Kind};
use crate::clock;

/// The workspace and all that goes on in it.
pub(super) struct State {
    pub(super) app: App,
    pub(super) subscriptions: Vec<String>,
    pub(super) scopes: Scopes,
    pub(super) users: Vec<User>,
    pub(super) user_groups: Vec<UserGroup>,
    pub(super) channels: Vec<Channel>,
    pub(super) views: Views,
    pub(super) triggers: Triggers,
    pub(super) response_urls: ResponseUrls,
    pub(super) limits: Limits,
    pub(super) tickets: Tickets,
    pub(super) delivery: Delivery,
    changes: broadcast::Sender<Change>,
    last_ts: u64,
    last_id: u64,
}

/// What people's clients are told.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// A message of a channel came, changed or went.
    Message {
        /// Where.
        channel: ChannelId,
        /// `posted`, `edited` or `deleted`.
        change: &'static str,
        /// The message as it is now; as it was, when it went.
        message: Value,
    },
    /// A message that one person alone sees.
    Ephemeral {
        /// Where.
        channel: ChannelId,
        /// Who sees it.
        user: UserId,
        /// The message; none when it went.
        message: Value,
        /// `posted`, `edited` or `deleted`.
        change: &'static str,
    },
    /// The modal that a person sees; none when the last one closed.
    View {
        /// Who sees it.
        user: UserId,
        /// The view.
        view: Option<Value>,
    },
    /// The app's home tab, as the app has set it for a person.
    Home {
        /// Whose.
        user: UserId,
        /// The view.
        view: Value,
    },
}

impl State {
    pub(super) fn new(
        app: App,
        subscriptions: Vec<String>,
        scopes: Scopes,
        limits: Limits,
        delivery: Delivery,
        changes: broadcast::Sender<Change>,
    ) -> Self {
        Self {
            app,
            subscriptions,
            scopes,
            users: Vec::new(),
            user_groups: Vec::new(),
            channels: Vec::new(),
            views: Views::default(),
            triggers: Triggers::default(),
            response_urls: ResponseUrls::default(),
            limits,
            tickets: Tickets::default(),
            delivery,
            changes,
            last_ts: 0,
            last_id: 0,
        }
    }

    pub(super) fn user(&self, id: &UserId) -> Option<&User> {
        self.users.iter().find(|user| user.id == *id)
    }

    pub(super) fn channel(&self, id: &ChannelId) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == *id)
    }

    pub(super) fn channel_mut(&mut self, id: &ChannelId) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.id == *id)
    }

    /// The direct conversation between the app and a person, opened on first
    /// use.
    pub(super) fn direct(&mut self, user: &UserId) -> ChannelId {
        let kind = Kind::Direct(user.clone());
        if let Some(channel) = self.channels.iter().find(|channel| channel.kind == kind) {
            return channel.id.clone();
        }
        let id = ChannelId::new(user.as_str().replacen('U', "D", 1));
        let mut channel = Channel::new(id.clone(), String::new(), kind, clock::now());
        channel
            .members
            .extend([user.clone(), self.app.bot_user.clone()]);
        self.channels.push(channel);
        id
    }

    /// A time later than that of every message before.
    pub(super) fn next_ts(&mut self) -> MessageTs {
        let now = u64::try_from(clock::now().as_microsecond()).unwrap_or(0);
        self.last_ts = now.max(self.last_ts + 1);
        MessageTs::from_micros(self.last_ts)
    }

    /// An id that nothing else has: the prefix and ten letters and digits.
    pub(super) fn next_id(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        format!("{prefix}0{:0>8}", base36(self.last_id))
    }

    /// Blocks as Slack keeps them, with the ids that were left out.
    pub(super) fn completed(&mut self, mut blocks: Vec<Value>) -> Vec<Value> {
        block::complete(&mut blocks, || self.next_id("b"));
        blocks
    }

    /// A new message appears in a channel.
    pub(super) fn post(&mut self, channel: &ChannelId, message: Message) {
        let Some(index) = self.channels.iter().position(|known| known.id == *channel) else {
            return;
        };
        let ts = message.ts;
        let thread = message.thread_ts;
        let mentions = !message.is_bots() && self.mentions_app(&message.text);
        self.channels[index].admit(message.user(&self.app).clone(), message.foreign.as_ref());
        let event_of = |event: fn(&App, &Channel, &Message) -> Value| {
            event(&self.app, &self.channels[index], &message)
        };
        let event = event_of(event::message);
        let mention = mentions.then(|| event_of(event::app_mention));
        self.channels[index].insert(message);
        self.tell_message(channel, "posted", ts);
        if let Some(thread) = thread.filter(|thread| *thread != ts) {
            self.tell_message(channel, "edited", thread);
        }
        // In a direct conversation every message is for the app; there are no
        // mentions there.
        if let Some(mention) = mention.filter(|_| !is_direct(channel)) {
            self.send_event(&mention);
        }
        self.send_event(&event);
    }

    /// A message is changed by `change`, which people see and the app hears of.
    pub(super) fn edit(
        &mut self,
        channel: &ChannelId,
        ts: MessageTs,
        change: impl FnOnce(&mut Message),
    ) {
        let Some(previous) = self.message_object(channel, ts) else {
            return;
        };
        if let Some(message) = self.channel_mut(channel).and_then(|it| it.message_mut(ts)) {
            change(message);
        }
        self.tell_message(channel, "edited", ts);
        let at = self.next_ts();
        let event = self.channel(channel).and_then(|it| {
            let message = it.message(ts)?;
            Some(event::message_changed(
                &self.app, it, message, &previous, at,
            ))
        });
        if let Some(event) = event {
            self.send_event(&event);
        }
    }

    /// A message is taken away.
    pub(super) fn delete(&mut self, channel: &ChannelId, ts: MessageTs) {
        let Some(previous) = self.message_object(channel, ts) else {
            return;
        };
        let at = self.next_ts();
        let Some(found) = self.channel_mut(channel) else {
            return;
        };
        found.delete(ts);
        let event = event::message_deleted(found, ts, &previous, at);
        if found.message(ts).is_some() {
            self.tell_message(channel, "edited", ts);
        } else {
            let change = "deleted";
            let channel = channel.clone();
            self.tell(Change::Message {
                channel,
                change,
                message: previous,
            });
        }
        self.send_event(&event);
    }

    /// Tells people's clients how a message is now, without an event.
    pub(super) fn tell_message(&self, channel: &ChannelId, change: &'static str, ts: MessageTs) {
        if let Some(message) = self.message_object(channel, ts) {
            let channel = channel.clone();
            self.tell(Change::Message {
                channel,
                change,
                message,
            });
        }
    }

    pub(super) fn tell(&self, change: Change) {
        // That nobody listens is no error: a client reads the state when it
        // comes.
        let _ = self.changes.send(change);
    }

    /// Tells the client of a person which modal they see now.
    pub(super) fn tell_view(&self, user: &UserId) {
        let view = self.views.top(user).map(|view| view.object(&self.app));
        self.tell(Change::View {
            user: user.clone(),
            view,
        });
    }

    /// Sends an event to the app if it has subscribed to it and may hear of it.
    pub(super) fn send_event(&mut self, event: &Value) {
        let subscription = event::subscription(event);
        let may_hear = scope::of_event(&subscription).is_none_or(|it| self.scopes.hold(it));
        if may_hear && self.subscriptions.contains(&subscription) {
            self.send_any_event(event);
        }
    }

    /// Sends an event to the app, whatever it is; gives its id.
    pub(super) fn send_any_event(&mut self, event: &Value) -> String {
        let id = self.next_id("Ev");
        let channel = ChannelId::new(event["channel"].as_str().unwrap_or_default());
        let shared = self.channel(&channel).is_some_and(Channel::is_shared);
        let payload = event::callback(&self.app, &id, event, shared, clock::now());
        self.delivery
            .send_event(id.clone(), payload, Instant::now());
        id
    }

    pub(super) fn message_object(&self, channel: &ChannelId, ts: MessageTs) -> Option<Value> {
        let channel = self.channel(channel)?;
        let message = channel.message(ts)?;
        Some(channel.object(message, &self.app, true))
    }

    fn mentions_app(&self, text: &str) -> bool {
        let bot = &self.app.bot_user;
        text.contains(&format!("<@{bot}>")) || text.contains(&format!("<@{bot}|"))
    }

    /// A person's message, with the rich text that their client makes of it.
    pub(super) fn written(&mut self, user: &UserId, wire: String) -> Message {
        let ts = self.next_ts();
        let block_id = self.next_id("b");
        let blocks = super::text::rich_text(&wire, &block_id);
        let author = Author::Person {
            user: user.clone(),
            client_msg_id: uuid::Uuid::new_v4().to_string(),
        };
        let mut message = Message::new(ts, author, wire);
        message.blocks = blocks;
        message.foreign = self
            .user(user)
            .filter(|user| user.is_stranger(&self.app))
            .map(|user| Foreign {
                team_id: user.team_id.clone(),
                profile: user.profile_in_message(&self.app),
            });
        message
    }
}

/// What is wrong with a message's blocks, as Slack lists it.
pub(super) fn problems_of(blocks: &[Value], pointer: &str) -> Vec<String> {
    block::check(blocks, Surface::Message, pointer)
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn is_direct(channel: &ChannelId) -> bool {
    channel.as_str().starts_with('D')
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(number % 36) as usize]);
        number /= 36;
    }
    digits.reverse();
    String::from_utf8(digits).expect("the digits are ASCII letters and figures")
}
