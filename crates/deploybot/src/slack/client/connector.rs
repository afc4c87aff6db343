//! How Slack's Web API is connected to.

use hyper_util::client::legacy::connect::HttpConnector;

use crate::config::Config;

pub(super) type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

/// The library's own connector speaks only HTTP/2 over TLS; a proxy or a local
/// Slack may speak no TLS. Over HTTP/2 all calls share a connection, and when that
/// goes dead unseen all of them fail until the system notices, which takes a quarter
/// of an hour. Over HTTP/1.1 a call that hangs ends with its own connection.
pub(super) fn connector(config: &Config) -> std::io::Result<Connector> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(config.timing.slack_call));
    let provider = rustls::crypto::ring::default_provider();
    let builder = hyper_rustls::HttpsConnectorBuilder::new();
    let builder = if config.slack_api_url.scheme() == "https" {
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
    Ok(builder.https_or_http().enable_http1().wrap_connector(http))
}
