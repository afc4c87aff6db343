//! Slack's Web API, as far as the bot uses it. Every call has a deadline, and
//! every error says what can be done about it.

mod calls;
mod connector;
mod find;
mod member;
mod profile;

use std::{sync::Mutex, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use slack_morphism::prelude as slack;
use url::Url;

use self::{calls::Calls, connector::connector, member::Remembered, profile::Known};
use super::{
    blocks,
    error::Error,
    id::{ChannelId, EnterpriseId, Place, TeamId, TriggerId, Ts, UserId, ViewHash, ViewId},
    mark::Mark,
};
use crate::{
    config::Config,
    recent::Recent,
    view::block::{Home, Message, Modal},
};

pub(crate) use self::profile::Profile;

/// Of how many people it is remembered who they are.
const MOST_PROFILES: usize = 1_000;

/// Who the bot is in Slack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Identity {
    #[serde(rename = "user_id")]
    pub(crate) user: UserId,
    #[serde(rename = "team_id")]
    pub(crate) team: TeamId,
    /// The company that the workspace belongs to, where it has several.
    #[serde(default, rename = "enterprise_id")]
    pub(crate) enterprise: Option<EnterpriseId>,
}

impl Identity {
    /// Whether somebody is of the bot's own workspace, or of its company.
    pub(super) fn is_ours(&self, team: &str) -> bool {
        let enterprise = self.enterprise.as_ref();
        team == self.team.as_str() || enterprise.is_some_and(|ours| team == ours.as_str())
    }

    /// The same by what Slack tells of them.
    pub(crate) fn is_colleague(&self, profile: &Profile) -> bool {
        let ours = self.enterprise.as_ref();
        let is_of_company = ours.is_some() && ours == profile.enterprise.as_ref();
        is_of_company
            || profile
                .team
                .as_ref()
                .is_some_and(|team| self.is_ours(team.as_str()))
    }
}

/// The client.
pub(crate) struct Client {
    slack: slack::SlackClient<slack::SlackClientHyperConnector<connector::Connector>>,
    bot: slack::SlackApiToken,
    calls: Calls,
    profiles: Mutex<Recent<UserId, Known>>,
    /// How long it is remembered who somebody is.
    profile_kept: Duration,
    /// The same of who is a guest.
    guest_kept: Duration,
    /// Whose an address is.
    members: Mutex<Recent<String, Remembered>>,
}

/// A message that is in Slack: where, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) channel: ChannelId,
    pub(crate) ts: Ts,
}

impl Client {
    /// # Errors
    /// When the machine's root certificates can't be read.
    pub(crate) fn new(config: &Config) -> std::io::Result<Self> {
        let connector = slack::SlackClientHyperConnector::with_connector(connector(config)?)
            .with_slack_api_url(config.slack_api_url.as_str().trim_end_matches('/'));
        Ok(Self {
            slack: slack::SlackClient::new(connector),
            bot: token(&config.slack_bot_token),
            calls: Calls::new(config.timing.slack_call),
            profiles: Mutex::new(Recent::new(MOST_PROFILES)),
            profile_kept: config.timing.profile_kept,
            guest_kept: config.timing.guest_kept,
            members: Mutex::new(Recent::new(MOST_PROFILES)),
        })
    }

    /// Asks who the bot is.
    pub(crate) async fn identity(&self) -> Result<Identity, Error> {
        self.get(&self.bot, "auth.test", vec![]).await
    }

    /// Asks for the address of a new Socket Mode connection.
    pub(crate) async fn open_connection(&self, app_token: &SecretString) -> Result<Url, Error> {
        #[derive(Deserialize)]
        struct Opened {
            url: Url,
        }
        let nothing = slack::SlackApiAppsConnectionOpenRequest::new();
        let opened: Opened = self
            .send(&token(app_token), "apps.connections.open", &nothing)
            .await?;
        Ok(opened.url)
    }

    /// Posts a message, and tells where it is.
    pub(crate) async fn post(
        &self,
        place: &Place,
        message: &Message,
        mark: &Mark,
    ) -> Result<Sent, Error> {
        #[derive(Deserialize)]
        struct Posted {
            channel: ChannelId,
            ts: Ts,
        }
        let content = blocks::content(message, &place.channel).with_metadata(mark.metadata());
        let request =
            slack::SlackApiChatPostMessageRequest::new(place.channel.as_str().into(), content)
                .opt_thread_ts(place.thread.as_ref().map(|ts| ts.as_str().into()))
                .with_unfurl_links(false)
                .with_unfurl_media(false);
        let Posted { channel, ts } = self.send(&self.bot, "chat.postMessage", &request).await?;
        Ok(Sent { channel, ts })
    }

    /// The channel in which the bot and one person talk alone.
    pub(crate) async fn direct(&self, user: &UserId) -> Result<ChannelId, Error> {
        #[derive(Deserialize)]
        struct Opened {
            channel: Direct,
        }
        #[derive(Deserialize)]
        struct Direct {
            id: ChannelId,
        }
        let request = serde_json::json!({"users": user.as_str()});
        let opened: Opened = self.send(&self.bot, "conversations.open", &request).await?;
        Ok(opened.channel.id)
    }

    /// Tells one person something that nobody else in the place sees. Slack does
    /// not promise that it arrives.
    pub(crate) async fn tell(
        &self,
        place: &Place,
        user: &UserId,
        message: &Message,
    ) -> Result<(), Error> {
        let request = slack::SlackApiChatPostEphemeralRequest::new(
            place.channel.as_str().into(),
            user.as_str().into(),
            blocks::content(message, &place.channel),
        )
        .opt_thread_ts(place.thread.as_ref().map(|ts| ts.as_str().into()));
        let _: Told = self.send(&self.bot, "chat.postEphemeral", &request).await?;
        Ok(())
    }

    /// Edits a message in place.
    pub(crate) async fn update(
        &self,
        sent: &Sent,
        message: &Message,
        mark: &Mark,
    ) -> Result<(), Error> {
        let content = blocks::content(message, &sent.channel).with_metadata(mark.metadata());
        let request = slack::SlackApiChatUpdateRequest::new(
            sent.channel.as_str().into(),
            content,
            sent.ts.as_str().into(),
        );
        let done: Done = self.send(&self.bot, "chat.update", &request).await?;
        if done.ok {
            Ok(())
        } else {
            Err(Error::Uncertain(
                "chat.update was neither done nor refused".to_owned(),
            ))
        }
    }

    /// Opens a modal for the person who pressed a button.
    pub(crate) async fn open_view(
        &self,
        trigger: &TriggerId,
        modal: &Modal,
    ) -> Result<View, Error> {
        let request =
            slack::SlackApiViewsOpenRequest::new(trigger.as_str().into(), blocks::modal(modal));
        let opened: Viewed = self.send(&self.bot, "views.open", &request).await?;
        Ok(opened.view)
    }

    /// Shows something else in an open modal; with `stood`, unless it has been
    /// changed since it stood so. Tells how it stands then.
    pub(crate) async fn update_view(
        &self,
        view: &ViewId,
        modal: &Modal,
        stood: Option<&ViewHash>,
    ) -> Result<View, Error> {
        let request = slack::SlackApiViewsUpdateRequest::new(blocks::modal(modal))
            .with_view_id(view.as_str().into())
            .opt_hash(stood.map(|hash| hash.as_str().to_owned()));
        let updated: Viewed = self.send(&self.bot, "views.update", &request).await?;
        Ok(updated.view)
    }

    /// Sets somebody's home tab, unless it has been set since it stood so; tells how
    /// it stands then.
    pub(crate) async fn publish_home(
        &self,
        user: &UserId,
        home: &Home,
        stood: Option<&ViewHash>,
    ) -> Result<ViewHash, Error> {
        #[derive(Deserialize)]
        struct Published {
            view: Tab,
        }
        #[derive(Deserialize)]
        struct Tab {
            hash: ViewHash,
        }
        let view = blocks::home(home);
        let request = slack::SlackApiViewsPublishRequest::new(user.as_str().into(), view)
            .opt_hash(stood.map(|hash| hash.as_str().to_owned()));
        let published: Published = self.send(&self.bot, "views.publish", &request).await?;
        Ok(published.view.hash)
    }

    async fn send<Q, A>(
        &self,
        token: &slack::SlackApiToken,
        method: &'static str,
        request: &Q,
    ) -> Result<A, Error>
    where
        Q: serde::Serialize + Send + Sync,
        A: DeserializeOwned + Send,
    {
        let session = self.slack.open_session(token);
        let call = session.http_session_api.http_post(method, request, None);
        self.calls.make(method, call).await
    }

    async fn get<A: DeserializeOwned + Send>(
        &self,
        token: &slack::SlackApiToken,
        method: &'static str,
        parameters: Vec<(&'static str, Option<String>)>,
    ) -> Result<A, Error> {
        let session = self.slack.open_session(token);
        let call = session.http_session_api.http_get(method, &parameters, None);
        self.calls.make(method, call).await
    }
}

fn token(secret: &SecretString) -> slack::SlackApiToken {
    slack::SlackApiToken::new(secret.expose_secret().into())
}

/// Without it a page of a proxy, which the library reads as an empty answer,
/// would be taken for success.
#[derive(Deserialize)]
struct Done {
    ok: bool,
}

/// The time of the message is no name of it; it only tells that there is one.
#[derive(Deserialize)]
struct Told {
    #[serde(rename = "message_ts")]
    _at: Ts,
}

#[derive(Deserialize)]
struct Viewed {
    view: View,
}

/// An open modal.
#[derive(Debug, Deserialize)]
pub(crate) struct View {
    pub(crate) id: ViewId,
    /// How it stands.
    pub(crate) hash: Option<ViewHash>,
}

#[cfg(test)]
impl Client {
    /// As many calls as are made at once are under way.
    pub(crate) async fn all_under_way(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.calls.all_under_way().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_does_not_say_so_is_not_done() {
        // As the library reads a page that a proxy answers with.
        assert!(serde_json::from_str::<Done>("{}").is_err());
        assert!(serde_json::from_str::<Done>(r#"{"ok": true}"#).unwrap().ok);
    }
}
