//! A deploy as a process of its own that GitHub tells by webhooks.

use std::{net::SocketAddr, path::Path};

use sandbox::{GITHUB_APP_ID, OWNER, Running};
use secrecy::ExposeSecret as _;
use simulators::github::SAMPLE_APP_KEY;
use tokio::net::TcpListener;

use crate::program::{ANYWHERE, Program, journal};

/// Starts `deploy` with the App's key and with webhooks; `settings` come on top.
pub(crate) async fn deploy(sandbox: &Running, folder: &Path, settings: &[(&str, &str)]) -> Program {
    let web = free_port().await;
    let secret = sandbox.tell_webhooks_to(web);
    let own = [
        ("DEPLOY_LISTEN", ANYWHERE.to_string()),
        ("DEPLOY_ADMIN_LISTEN", ANYWHERE.to_string()),
        ("DEPLOY_WEB_LISTEN", web.to_string()),
        (
            "DEPLOY_DATABASE_URL",
            format!("sqlite:{}", journal(folder).display()),
        ),
        (
            "DEPLOY_GITHUB_API_URL",
            sandbox.github_api_url().to_string(),
        ),
        ("DEPLOY_GITHUB_APP_ID", GITHUB_APP_ID.to_string()),
        ("DEPLOY_GITHUB_APP_PRIVATE_KEY", SAMPLE_APP_KEY.to_owned()),
        (
            "DEPLOY_GITHUB_WEBHOOK_SECRET",
            secret.expose_secret().to_owned(),
        ),
        ("DEPLOY_GITHUB_OWNER", OWNER.to_owned()),
    ];
    let on_top = settings
        .iter()
        .map(|&(name, value)| (name, value.to_owned()));
    let settings: Vec<_> = own.into_iter().chain(on_top).collect();
    Program::start("deploy", &settings).await
}

/// A port that is free by now: whoever sends there has to be told of it before
/// somebody listens.
pub(crate) async fn free_port() -> SocketAddr {
    let listener = TcpListener::bind(ANYWHERE).await.expect("a port");
    listener.local_addr().expect("a port")
}
