//! Slack's Web API, as far as the bot uses it. Every call has a deadline, and
//! every error says what can be done about it.

use std::{sync::Mutex, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use slack_morphism::{errors::SlackClientError, prelude as slack};
use url::Url;

use super::{
    blocks,
    error::{self, Error},
    id::{ChannelId, Place, TeamId, TriggerId, Ts, UserId, ViewId},
    mark::{Mark, Metadata},
};
use crate::{
    config::Config,
    recent::Recent,
    view::block::{Message, Modal},
};

/// Names of people that are remembered.
const MOST_NAMES: usize = 1_000;

/// How many messages Slack tells at once, at most.
const PAGE: &str = "999";

/// Who the bot is in Slack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Identity {
    #[serde(rename = "user_id")]
    pub(crate) user: UserId,
    #[serde(rename = "team_id")]
    pub(crate) team: TeamId,
}

/// The client.
pub(crate) struct Client {
    slack: slack::SlackClient<slack::SlackClientHyperHttpsConnector>,
    bot: slack::SlackApiToken,
    app: slack::SlackApiToken,
    deadline: Duration,
    names: Mutex<Recent<UserId, String>>,
}

impl Client {
    /// # Errors
    /// When the machine's root certificates can't be read.
    pub(crate) fn new(config: &Config) -> std::io::Result<Self> {
        let connector =
            slack::SlackClientHyperConnector::with_connector(connector(&config.slack_api_url)?)
                .with_slack_api_url(config.slack_api_url.as_str().trim_end_matches('/'));
        Ok(Self {
            slack: slack::SlackClient::new(connector),
            bot: token(&config.slack_bot_token),
            app: token(&config.slack_app_token),
            deadline: config.timing.slack_call,
            names: Mutex::new(Recent::new(MOST_NAMES)),
        })
    }

    /// Asks who the bot is.
    pub(crate) async fn identity(&self) -> Result<Identity, Error> {
        self.get(&self.bot, "auth.test", vec![]).await
    }

    /// Asks for the address of a new Socket Mode connection.
    pub(crate) async fn open_connection(&self) -> Result<Url, Error> {
        #[derive(Deserialize)]
        struct Opened {
            url: Url,
        }
        let nothing = slack::SlackApiAppsConnectionOpenRequest::new();
        let opened: Opened = self
            .send(&self.app, "apps.connections.open", &nothing)
            .await?;
        Ok(opened.url)
    }

    /// Posts a message, and tells its ts.
    pub(crate) async fn post(
        &self,
        place: &Place,
        message: &Message,
        mark: &Mark,
    ) -> Result<Ts, Error> {
        #[derive(Deserialize)]
        struct Posted {
            ts: Ts,
        }
        let content = blocks::content(message).with_metadata(mark.metadata());
        let request =
            slack::SlackApiChatPostMessageRequest::new(place.channel.as_str().into(), content)
                .opt_thread_ts(place.thread.as_ref().map(|ts| ts.as_str().into()))
                .with_unfurl_links(false)
                .with_unfurl_media(false);
        let posted: Posted = self.send(&self.bot, "chat.postMessage", &request).await?;
        Ok(posted.ts)
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
            blocks::content(message),
        )
        .opt_thread_ts(place.thread.as_ref().map(|ts| ts.as_str().into()));
        let _: Told = self.send(&self.bot, "chat.postEphemeral", &request).await?;
        Ok(())
    }

    /// Edits a message in place.
    pub(crate) async fn update(
        &self,
        channel: &ChannelId,
        ts: &Ts,
        message: &Message,
        mark: &Mark,
    ) -> Result<(), Error> {
        let content = blocks::content(message).with_metadata(mark.metadata());
        let request = slack::SlackApiChatUpdateRequest::new(
            channel.as_str().into(),
            content,
            ts.as_str().into(),
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

    /// Looks for a message by its mark, among all of a place that are not older
    /// than a moment. However much was said since, it is looked through: what
    /// is not found is not there, and only what is older is not looked at.
    /// Slack tells some 50 pages a minute, which is 50,000 messages; beyond
    /// them the search is held up, and nothing is taken for missing.
    pub(crate) async fn find(
        &self,
        place: &Place,
        since: &Ts,
        mark: &Mark,
    ) -> Result<Option<Ts>, Error> {
        let mut cursor = None;
        loop {
            let page = self.messages(place, since, cursor.clone()).await?;
            let mut messages = page.messages.into_iter();
            if let Some(found) = messages.find(|message| mark.is_on(message.metadata.as_ref())) {
                return Ok(Some(found.ts));
            }
            let next = page.response_metadata.and_then(|more| more.next_cursor);
            let Some(next) = next.filter(|next| !next.is_empty()) else {
                return Ok(None);
            };
            if cursor.as_ref() == Some(&next) {
                return Err(Error::Uncertain(
                    "the same page of messages follows itself".to_owned(),
                ));
            }
            cursor = Some(next);
        }
    }

    async fn messages(
        &self,
        place: &Place,
        since: &Ts,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        let mut parameters = vec![
            ("channel", Some(place.channel.as_str().to_owned())),
            ("oldest", Some(since.as_str().to_owned())),
            ("inclusive", Some("true".to_owned())),
            ("include_all_metadata", Some("true".to_owned())),
            ("limit", Some(PAGE.to_owned())),
            ("cursor", cursor),
        ];
        let method = match &place.thread {
            None => "conversations.history",
            Some(thread) => {
                parameters.push(("ts", Some(thread.as_str().to_owned())));
                "conversations.replies"
            }
        };
        self.get(&self.bot, method, parameters).await
    }

    /// Opens a modal for the person who pressed a button.
    pub(crate) async fn open_view(
        &self,
        trigger: &TriggerId,
        modal: &Modal,
    ) -> Result<ViewId, Error> {
        let request =
            slack::SlackApiViewsOpenRequest::new(trigger.as_str().into(), blocks::modal(modal));
        let opened: Viewed = self.send(&self.bot, "views.open", &request).await?;
        Ok(opened.view.id)
    }

    /// Shows something else in an open modal.
    pub(crate) async fn update_view(&self, view: &ViewId, modal: &Modal) -> Result<(), Error> {
        let request = slack::SlackApiViewsUpdateRequest::new(blocks::modal(modal))
            .with_view_id(view.as_str().into());
        let _: Viewed = self.send(&self.bot, "views.update", &request).await?;
        Ok(())
    }

    /// The name that people see of someone; remembered once it was asked for.
    pub(crate) async fn name_of(&self, user: &UserId) -> Result<String, Error> {
        if let Some(name) = self.names().get(user) {
            return Ok(name.clone());
        }
        let parameters = vec![("user", Some(user.as_str().to_owned()))];
        let answer: UserInfo = self.get(&self.bot, "users.info", parameters).await?;
        let name = answer.user.name_to_show();
        self.names().insert(user.clone(), name.clone());
        Ok(name)
    }

    fn names(&self) -> std::sync::MutexGuard<'_, Recent<UserId, String>> {
        self.names
            .lock()
            .expect("nothing panics while it holds the names")
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
        within(self.deadline, method, call).await
    }

    async fn get<A: DeserializeOwned + Send>(
        &self,
        token: &slack::SlackApiToken,
        method: &'static str,
        parameters: Vec<(&'static str, Option<String>)>,
    ) -> Result<A, Error> {
        let session = self.slack.open_session(token);
        let call = session.http_session_api.http_get(method, &parameters, None);
        within(self.deadline, method, call).await
    }
}

async fn within<A>(
    deadline: Duration,
    method: &'static str,
    call: impl Future<Output = Result<A, SlackClientError>>,
) -> Result<A, Error> {
    let answer = match tokio::time::timeout(deadline, call).await {
        Ok(answer) => answer.map_err(|error| error::meaning(method, &error)),
        Err(_) => Err(Error::Uncertain(format!(
            "{method} took longer than {deadline:?}"
        ))),
    };
    if let Err(error) = &answer {
        tracing::debug!(slack.method = method, %error, "a call to Slack failed");
    }
    answer
}

fn token(secret: &SecretString) -> slack::SlackApiToken {
    slack::SlackApiToken::new(secret.expose_secret().into())
}

type Connector = hyper_rustls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

/// The library's own connector speaks only HTTP/2 over TLS; a proxy or a local
/// Slack may speak HTTP/1.1 or no TLS.
fn connector(base: &Url) -> std::io::Result<Connector> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = hyper_rustls::HttpsConnectorBuilder::new();
    let builder = if base.scheme() == "https" {
        builder.with_provider_and_native_roots(provider)?
    } else {
        // No root certificates are needed, and the machine may have none.
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(std::io::Error::other)?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder.with_tls_config(tls)
    };
    Ok(builder
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .build())
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

#[derive(Deserialize)]
struct View {
    id: ViewId,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Found>,
    response_metadata: Option<More>,
}

#[derive(Deserialize)]
struct More {
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Found {
    ts: Ts,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct UserInfo {
    user: User,
}

#[derive(Deserialize)]
struct User {
    id: UserId,
    name: Option<String>,
    real_name: Option<String>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    display_name: Option<String>,
}

impl User {
    /// As Slack's own clients do: the display name, else the full name.
    fn name_to_show(self) -> String {
        [
            self.profile.and_then(|profile| profile.display_name),
            self.real_name,
            self.name,
        ]
        .into_iter()
        .flatten()
        .find(|name| !name.trim().is_empty())
        .unwrap_or_else(|| self.id.to_string())
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
