//! A sandbox that runs: its addresses, its parts, and how it ends.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use axum::{Router, middleware, serve::ListenerExt as _};
use deploy::store::Database;
use secrecy::SecretString;
use simulators::github::{Github, SAMPLE_APP_KEY, Webhook};
use simulators::slack::Slack;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    GITHUB_APP_ID, GITHUB_CLIENT_ID, OWNER, SLACK_APP_TOKEN, SLACK_BOT_TOKEN, guard, url_of,
};

/// How long the services may take to end: a little longer than they allow
/// themselves.
const SERVICES_DRAIN: Duration = Duration::from_secs(17);
/// How long the simulators may. Streams of events have no end of their own.
const SIMULATORS_DRAIN: Duration = Duration::from_millis(500);
/// How often deploy reads running deployments that no webhook hints at, and how
/// old its answers may be of which none tells: both as they are by default where
/// there are webhooks.
const POLL_INTERVAL: Duration = Duration::from_secs(15);
const SNAPSHOT_AGE: Duration = Duration::from_mins(5);

/// A sandbox that runs.
pub struct Running {
    pub(crate) url: Url,
    pub(crate) github: Github,
    pub(crate) slack: Slack,
    pub(crate) repositories: Vec<String>,
    pub(crate) stop_services: CancellationToken,
    pub(crate) stop_simulators: CancellationToken,
    pub(crate) services: Parts,
    pub(crate) simulators: Parts,
    pub(crate) folder: TempDir,
}

pub(crate) type Parts = JoinSet<(&'static str, anyhow::Result<()>)>;

impl Running {
    /// The page.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The simulated GitHub.
    pub fn github(&self) -> &Github {
        &self.github
    }

    /// The simulated Slack.
    pub fn slack(&self) -> &Slack {
        &self.slack
    }

    /// Base of the simulated GitHub's REST API.
    pub fn github_api_url(&self) -> Url {
        self.below("github/api/v3")
    }

    /// Base of the simulated Slack's Web API.
    pub fn slack_api_url(&self) -> Url {
        self.below("slack/api")
    }

    /// `owner/name` of each repository.
    pub fn repositories(&self) -> &[String] {
        &self.repositories
    }

    /// Waits until a part ends although nobody asked it to.
    ///
    /// # Errors
    /// Always: which part, and why.
    pub async fn ended_early(&mut self) -> anyhow::Result<()> {
        let ended = tokio::select! {
            Some(ended) = self.services.join_next() => ended,
            Some(ended) = self.simulators.join_next() => ended,
            else => return Err(anyhow!("nothing runs")),
        };
        let (part, outcome) = ended.context("a part panicked")?;
        Err(outcome
            .err()
            .unwrap_or_else(|| anyhow!("it had nothing left to do"))
            .context(format!("{part} ended early")))
    }

    /// Ends everything: first the services, while the simulators still answer
    /// them, then the simulators. What was written for this run is removed.
    pub async fn shutdown(mut self) {
        self.stop_services.cancel();
        if timeout(SERVICES_DRAIN, drained(&mut self.services))
            .await
            .is_err()
        {
            tracing::warn!("the services have not ended in time; they are cut off");
            self.services.shutdown().await;
        }
        tracing::debug!("the services have ended");
        self.stop_simulators.cancel();
        if timeout(SIMULATORS_DRAIN, drained(&mut self.simulators))
            .await
            .is_err()
        {
            self.simulators.shutdown().await;
        }
        tracing::debug!("the simulators have ended");
        if let Err(error) = self.folder.close() {
            tracing::warn!(%error, "the folder of this run could not be removed");
        }
    }

    /// Serves the page and both simulators.
    pub(crate) fn start_simulators(&mut self, listener: TcpListener, page: Router) {
        let app = page
            .merge(Router::new().nest("/github", self.github.router()))
            .merge(Router::new().nest("/slack", self.slack.router()))
            .layer(middleware::from_fn(guard::only_from_here));
        let stop = self.stop_simulators.clone();
        // An event is small: held back until the one before is acknowledged, it
        // would come 40 ms late.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection holds small packets back");
            }
        });
        self.simulators.spawn(async move {
            let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
            ("the page", served.await.context("cannot serve"))
        });
        let (github, stop) = (self.github.clone(), self.stop_simulators.clone());
        self.simulators.spawn(async move {
            github.run(stop).await;
            ("the simulated GitHub", Ok(()))
        });
        let (slack, stop) = (self.slack.clone(), self.stop_simulators.clone());
        self.simulators.spawn(async move {
            slack.run(stop).await;
            ("the simulated Slack", Ok(()))
        });
    }

    /// Starts deploy and deploybot as their own programs would, each on ports
    /// of its own.
    pub(crate) async fn start_services(&mut self, journal: Database) -> anyhow::Result<()> {
        let deploy_url = self.start_deploy(journal).await?;
        self.start_deploybot(deploy_url).await
    }

    /// Starts deploy, and tells GitHub where it listens for webhooks; answers
    /// where it answers gRPC.
    async fn start_deploy(&mut self, journal: Database) -> anyhow::Result<Url> {
        let web = bound("webhooks").await?;
        let web_listen = address_of(&web)?;
        let listeners = deploy::Listeners {
            grpc: bound("gRPC").await?,
            admin: bound("health checks").await?,
            web: Some(web),
        };
        let config = deploy::Config {
            listen: address_of(&listeners.grpc)?,
            admin_listen: address_of(&listeners.admin)?,
            web_listen,
            database: journal,
            github_api_url: self.github_api_url(),
            github_credentials: deploy::github::Credentials::App {
                id: GITHUB_APP_ID,
                private_key: SecretString::from(SAMPLE_APP_KEY),
            },
            github_client_id: Some(GITHUB_CLIENT_ID.to_owned()),
            github_status_url: None,
            webhook_secret: Some(self.tell_webhooks_to(web_listen)),
            github_owner: Some(OWNER.to_owned()),
            auth_token: None,
            environments: Vec::new(),
            poll_interval: POLL_INTERVAL,
            pickup_timeout: Duration::from_secs(60),
            silence_timeout: Duration::from_mins(30),
            snapshot_age: SNAPSHOT_AGE,
        };
        let url = url_of(config.listen)?;
        let stop = self.stop_services.clone();
        self.services
            .spawn(async move { ("deploy", deploy::run(config, listeners, stop).await) });
        Ok(url)
    }

    /// Lets the simulated GitHub tell what happens to a deploy that listens
    /// there; answers the secret that it signs with, a new one each time.
    pub fn tell_webhooks_to(&self, deploy: SocketAddr) -> SecretString {
        let secret = format!("{:032x}", rand::random::<u128>());
        self.github.set_webhook(Some(Webhook {
            url: format!("http://{deploy}/webhooks/github"),
            secret: secret.clone(),
        }));
        SecretString::from(secret)
    }

    async fn start_deploybot(&mut self, deploy_url: Url) -> anyhow::Result<()> {
        let admin = bound("health checks").await?;
        let config = deploybot::config::Config {
            deploy_url,
            deploy_token: None,
            slack_api_url: self.slack_api_url(),
            slack_bot_token: SecretString::from(SLACK_BOT_TOKEN),
            socket_mode: Some(deploybot::config::SocketMode {
                app_token: SecretString::from(SLACK_APP_TOKEN),
                connections: 2,
            }),
            events_api: None,
            language: deploybot::Language::English,
            people: deploybot::Table::default(),
            admin_listen: address_of(&admin)?,
            timing: deploybot::config::Timing::default(),
        };
        let stop = self.stop_services.clone();
        let listeners = deploybot::Listeners {
            admin,
            events: None,
        };
        self.services.spawn(async move {
            (
                "deploybot",
                Box::pin(deploybot::run(config, listeners, stop)).await,
            )
        });
        Ok(())
    }

    fn below(&self, path: &str) -> Url {
        self.url.join(path).expect("the paths are ours")
    }
}

/// Any free port of this machine.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Listens on any free port.
async fn bound(what: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(ANY_PORT).await;
    bound.with_context(|| format!("cannot listen for {what}"))
}

fn address_of(listener: &TcpListener) -> anyhow::Result<SocketAddr> {
    listener.local_addr().context("cannot tell a port")
}

/// Waits until every part has ended.
async fn drained(parts: &mut Parts) {
    while let Some(ended) = parts.join_next().await {
        match ended {
            Ok((_, Ok(()))) => {}
            Ok((part, Err(error))) => {
                tracing::error!(error = format!("{error:#}"), "{part} ended with an error");
            }
            Err(error) => tracing::error!(%error, "a part panicked"),
        }
    }
}
