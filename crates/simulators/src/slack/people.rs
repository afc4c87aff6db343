//! Who is in the workspace and where: people, strangers of other workspaces,
//! groups and channels, to be added while it runs.

use super::Slack;
use super::config::{NewChannel, NewUser};
use super::ids::{ChannelId, UserGroupId, UserId};
use super::user::{User, UserGroup};
use super::workspace::{Channel, Kind};
use crate::clock;

impl Slack {
    /// Adds a person and gives their id, which is made of their name.
    pub fn add_user(&self, user: NewUser) -> UserId {
        let team = self.state().app.team_id.clone();
        self.add_member_of(team, user)
    }

    /// Adds a person of another workspace, `T0OTHER`, whom a shared channel
    /// brings here (Slack Connect).
    pub fn add_stranger(&self, team_id: &str, user: NewUser) -> UserId {
        self.add_member_of(team_id.to_owned(), user)
    }

    fn add_member_of(&self, team_id: String, user: NewUser) -> UserId {
        let mut state = self.state();
        let id = UserId::new(free_id("U0", &user.name, |id| {
            state.users.iter().any(|user| user.id.as_str() == id)
        }));
        state.users.push(User {
            id: id.clone(),
            team_id,
            name: user.name,
            real_name: user.real_name,
            email: user.email,
            is_bot: false,
            tz: user.tz,
            locale: user.locale,
            joined: clock::now(),
        });
        id
    }

    /// Somebody sets the language in which they use Slack.
    ///
    /// # Panics
    /// When there is no such person.
    pub fn set_locale(&self, user: &UserId, locale: &str) {
        let mut state = self.state();
        let user = state.users.iter_mut().find(|one| one.id == *user);
        user.expect("there is such a person").locale = locale.to_owned();
    }

    /// Adds a group of people and gives its id.
    pub fn add_user_group(&self, handle: &str, name: &str, users: Vec<UserId>) -> UserGroupId {
        let mut state = self.state();
        let id = UserGroupId::new(free_id("S0", handle, |id| {
            state
                .user_groups
                .iter()
                .any(|group| group.id.as_str() == id)
        }));
        state.user_groups.push(UserGroup {
            id: id.clone(),
            handle: handle.to_owned(),
            name: name.to_owned(),
            users,
            created: clock::now(),
        });
        id
    }

    /// Adds a channel and gives its id, which is made of its name.
    pub fn add_channel(&self, channel: NewChannel) -> ChannelId {
        let mut state = self.state();
        let id = ChannelId::new(free_id("C0", &channel.name, |id| {
            state
                .channels
                .iter()
                .any(|channel| channel.id.as_str() == id)
        }));
        let kind = if channel.private {
            Kind::Private
        } else {
            Kind::Public
        };
        let mut new = Channel::new(id.clone(), channel.name, kind, clock::now());
        new.topic = channel.topic;
        new.members.extend(channel.members);
        if channel.with_app {
            new.members.insert(state.app.bot_user.clone());
        }
        state.channels.push(new);
        id
    }

    /// Lets people and the app write to each other directly, and gives the id of that.
    pub fn add_group(&self, name: &str, people: impl IntoIterator<Item = UserId>) -> ChannelId {
        let mut state = self.state();
        let id = ChannelId::new(free_id("G0", name, |id| {
            state
                .channels
                .iter()
                .any(|channel| channel.id.as_str() == id)
        }));
        let mut new = Channel::new(id.clone(), name.to_owned(), Kind::Group, clock::now());
        new.members.extend(people);
        new.members.insert(state.app.bot_user.clone());
        state.channels.push(new);
        id
    }

    /// Shares a channel with another workspace (Slack Connect). An unknown
    /// channel is left as it is.
    pub fn share_channel(&self, id: &ChannelId, team_id: &str) {
        self.change_channel(id, |channel| {
            channel.shared_with.insert(team_id.to_owned());
        });
    }

    /// Archives a channel: nobody writes in it any more. An unknown channel is
    /// left as it is.
    pub fn archive_channel(&self, id: &ChannelId) {
        self.change_channel(id, |channel| channel.archived = true);
    }

    fn change_channel(&self, id: &ChannelId, change: impl FnOnce(&mut Channel)) {
        let mut state = self.state();
        if let Some(channel) = state.channel_mut(id) {
            change(channel);
        }
    }
}

/// An id made of a name, with a number behind it when somebody has it already.
fn free_id(prefix: &str, name: &str, taken: impl Fn(&str) -> bool) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let id = format!("{prefix}{}", letters.to_ascii_uppercase());
    if !taken(&id) {
        return id;
    }
    (2..)
        .map(|number| format!("{id}{number}"))
        .find(|id| !taken(id))
        .expect("there are more numbers than names")
}
