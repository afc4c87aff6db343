//! How a workspace is set up, and the people and channels to put into it.

use std::time::Duration;

use super::delivery::{RequestUrls, Timing};
use super::ids::UserId;
use super::limit::MESSAGES_A_MINUTE;
use super::scope;

/// How a workspace is set up.
#[derive(Clone)]
pub struct Config {
    /// Where the simulator is reached, `http://127.0.0.1:8080/slack`, without a
    /// slash at the end.
    pub base_url: String,
    /// The token of the app's bot, `xoxb-…`.
    pub bot_token: String,
    /// The token with which the app opens connections, `xapp-…`.
    pub app_token: String,
    /// The secret with which requests to the app are signed.
    pub signing_secret: String,
    /// The name of the app and its bot, by which people mention it.
    pub bot_name: String,
    /// The name of the workspace.
    pub team_name: String,
    /// The events that the app hears of, by Slack's names.
    pub subscriptions: Vec<String>,
    /// What the bot may do, by Slack's names; see [`super::EVERY_SCOPE`].
    pub scopes: Vec<String>,
    /// Where events and interactions go over HTTP; none in Socket Mode. What is
    /// given here was verified before; [`super::Slack::set_request_urls`]
    /// verifies.
    pub request_urls: Option<RequestUrls>,
    /// Whether calls are limited as Slack limits them.
    pub rate_limits: bool,
    /// How many messages a minute the workspace takes of the app in all channels,
    /// where calls are limited; none: each channel counts by itself alone.
    pub messages_a_minute: Option<u32>,
    /// When events count as lost and are sent again.
    pub timing: Timing,
    /// How long a message can be edited; without end when there is none.
    pub edit_window: Option<Duration>,
}

impl Config {
    /// A workspace as Slack sets it up, with the app `deploybot` in Socket Mode.
    /// Its bot has the scopes of a bot that is talked to and answers, and hears
    /// of more than it may have asked for.
    pub fn new(
        base_url: impl Into<String>,
        bot_token: impl Into<String>,
        app_token: impl Into<String>,
    ) -> Self {
        let subscriptions = [
            "app_mention",
            "app_home_opened",
            "message.channels",
            "message.groups",
            "message.im",
        ];
        Self {
            base_url: base_url.into(),
            bot_token: bot_token.into(),
            app_token: app_token.into(),
            signing_secret: "simulated-signing-secret".to_owned(),
            bot_name: "deploybot".to_owned(),
            team_name: "Simulated Workspace".to_owned(),
            subscriptions: subscriptions.map(str::to_owned).to_vec(),
            scopes: scope::USUAL.map(str::to_owned).to_vec(),
            request_urls: None,
            rate_limits: true,
            messages_a_minute: Some(MESSAGES_A_MINUTE),
            timing: Timing::default(),
            edit_window: None,
        }
    }
}

/// A person to add to the workspace.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name by which others mention them.
    pub name: String,
    /// The name that others read.
    pub real_name: String,
    /// The address by which an app finds them.
    pub email: Option<String>,
    /// Their time zone, `Asia/Seoul`.
    pub tz: String,
    /// Their language and country, `en-US`.
    pub locale: String,
}

/// A channel to add to the workspace.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Its name, without `#`.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Whether people have to be invited.
    pub private: bool,
    /// The people in it.
    pub members: Vec<UserId>,
    /// Whether the app is in it.
    pub with_app: bool,
}
