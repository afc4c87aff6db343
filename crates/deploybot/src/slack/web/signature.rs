//! Whether a request is Slack's: HMAC-SHA256 over its time and its body as it
//! came, under a secret that both sides know, and not older or newer than five
//! minutes. See <https://docs.slack.dev/authentication/verifying-requests-from-slack>.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use slack_morphism::{
    prelude::SlackSigningSecret,
    signature_verifier::{SlackEventSignatureVerifier, SlackEventSignatureVerifierError},
};

use super::outcome::Outcome;

/// The secret that both sides know.
pub(super) struct Secret(SlackEventSignatureVerifier);

/// What a sender claims: when it signed, and with what outcome.
pub(super) struct Claim<'a> {
    signature: &'a str,
    timestamp: &'a str,
}

impl Secret {
    pub(super) fn new(secret: &SecretString) -> Self {
        let secret = SlackSigningSecret(secret.expose_secret().to_owned());
        Self(SlackEventSignatureVerifier::new(&secret))
    }

    /// Whether a body was signed with it, and lately; takes as long when it was
    /// not.
    pub(super) fn check(&self, claim: &Claim<'_>, body: &str) -> Result<(), Outcome> {
        use SlackEventSignatureVerifierError::IncorrectOrExpiredTimestampError;
        match self.0.verify(claim.signature, body, claim.timestamp) {
            Ok(()) => Ok(()),
            Err(IncorrectOrExpiredTimestampError(_)) => Err(Outcome::Stale),
            Err(_) => Err(Outcome::Forged),
        }
    }
}

impl<'a> Claim<'a> {
    /// None where one of the two is missing, or is no text.
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let text = |name| headers.get(name)?.to_str().ok();
        Some(Self {
            signature: text(SlackEventSignatureVerifier::SLACK_SIGNED_HASH_HEADER)?,
            timestamp: text(SlackEventSignatureVerifier::SLACK_SIGNED_TIMESTAMP)?,
        })
    }
}
