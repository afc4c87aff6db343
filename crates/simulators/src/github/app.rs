//! The GitHub App: a program with a key of its own, installed by owners, each
//! for all of their repositories or for some. It asks with an assertion that it
//! signs, gets a token for an installation, and does everything else with that.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use ring::signature::{KeyPair, RsaKeyPair};

use super::Github;
use super::state::UserKind;

/// The private key, in the form in which GitHub hands one out, of an
/// [`App::sample`]. It is published with these sources and opens nothing but
/// simulators.
pub const SAMPLE_APP_KEY: &str = include_str!("app/sample_key.pem");

/// How long an installation's token lasts unless it is set otherwise.
pub(super) const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What stands before the key in a public key's PEM: it says that it is RSA.
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// A GitHub App.
#[derive(Debug, Clone)]
pub struct App {
    /// Its number, with which it signs.
    pub(crate) id: u64,
    /// Its name in addresses; what it makes is made by `<slug>[bot]`.
    pub(crate) slug: String,
    /// Its RSA public key: DER of PKCS #1.
    pub(crate) key: Vec<u8>,
    /// When it was registered.
    pub(crate) created_at: Timestamp,
}

/// A text that holds no RSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no RSA key in PEM: PUBLIC KEY, RSA PRIVATE KEY or PRIVATE KEY")]
pub struct NotAKey;

impl App {
    /// An App that signs with the key whose public or private half this is, in
    /// PEM.
    ///
    /// # Errors
    ///
    /// When the text holds no RSA key.
    pub fn new(id: u64, slug: impl Into<String>, key: &str) -> Result<Self, NotAKey> {
        Ok(Self {
            id,
            slug: slug.into(),
            key: public_key(key).ok_or(NotAKey)?,
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    /// An App that signs with [`SAMPLE_APP_KEY`].
    pub fn sample(id: u64, slug: impl Into<String>) -> Self {
        Self::new(id, slug, SAMPLE_APP_KEY).expect("the sample is a key: a test reads it")
    }

    /// The login of what it does.
    pub(crate) fn login(&self) -> String {
        format!("{}[bot]", self.slug)
    }
}

/// The public half of a key in PEM.
fn public_key(pem: &str) -> Option<Vec<u8>> {
    let (_, after) = pem.split_once("-----BEGIN ")?;
    let (label, after) = after.split_once("-----")?;
    let (body, _) = after.split_once("-----END ")?;
    let body: String = body.split_whitespace().collect();
    let der = BASE64_STANDARD.decode(body).ok()?;
    let own = |pair: RsaKeyPair| pair.public_key().as_ref().to_vec();
    match label {
        "PUBLIC KEY" => inner_key(&der),
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).ok().map(own),
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der).ok().map(own),
        _ => None,
    }
}

/// The key that is wrapped in a public key's DER: what follows its algorithm is
/// a bit string (RFC 5280, SubjectPublicKeyInfo).
fn inner_key(der: &[u8]) -> Option<Vec<u8>> {
    let at = der
        .windows(RSA_ALGORITHM.len())
        .position(|window| window == RSA_ALGORITHM)?;
    let bits = der[at + RSA_ALGORITHM.len()..].strip_prefix(&[0x03])?;
    let (&length, rest) = bits.split_first()?;
    // A length of 128 and more is told in as many bytes as the rest of this one
    // says.
    let skipped = usize::from(length.saturating_sub(0x80));
    rest.get(skipped..)?
        .strip_prefix(&[0x00])
        .map(<[u8]>::to_vec)
}

/// An owner's installation of the App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    /// Its number.
    pub(crate) id: u64,
    /// Login of the owner.
    pub(crate) owner: String,
    /// The names of the repositories that it sees, in lower case; none for all.
    pub(crate) repositories: Option<BTreeSet<String>>,
    /// When the App was installed.
    pub(crate) created_at: Timestamp,
}

impl Installation {
    /// Whether it sees a repository.
    pub(crate) fn sees(&self, owner: &str, name: &str) -> bool {
        self.owner.eq_ignore_ascii_case(owner)
            && self
                .repositories
                .as_ref()
                .is_none_or(|names| names.contains(&name.to_lowercase()))
    }

    /// GitHub's word for which repositories it sees.
    pub(crate) fn selection(&self) -> &'static str {
        match self.repositories {
            None => "all",
            Some(_) => "selected",
        }
    }
}

/// What a caller may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All that there is.
    #[default]
    All,
    /// What an installation sees.
    Installation(Arc<Installation>),
    /// No repository.
    Nothing,
}

impl Sight {
    /// Whether a repository is to be seen.
    pub(crate) fn sees(&self, owner: &str, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Installation(installation) => installation.sees(owner, name),
            Self::Nothing => false,
        }
    }
}

impl Github {
    /// Registers the App; there is one, and a second takes the place of the
    /// first.
    pub fn register_app(&self, app: App) {
        let now = self.clock().now_in_seconds();
        self.state()
            .add_user(&app.login(), &app.login(), UserKind::Bot, now);
        self.access().set_app(App {
            created_at: now,
            ..app
        });
    }

    /// Installs the App for an owner, with all repositories or with those of
    /// these names; the answer is the installation's number. Installed again, it
    /// keeps its number and sees what it is given now.
    pub fn install_app(&self, owner: &str, repositories: Option<&[&str]>) -> u64 {
        let now = self.clock().now_in_seconds();
        let id = self.new_id();
        self.access().install(Installation {
            id,
            owner: owner.to_owned(),
            repositories: repositories
                .map(|names| names.iter().map(|name| name.to_lowercase()).collect()),
            created_at: now,
        })
    }

    /// Takes the App away from an owner; tokens of that installation are
    /// refused from now on.
    pub fn uninstall_app(&self, owner: &str) {
        self.access().uninstall(owner);
    }

    /// Ends all installation tokens that were given out, at once.
    pub fn expire_tokens(&self) {
        self.access().expire_tokens();
    }

    /// Changes how long the tokens last that are given out from now on; an hour
    /// if never called.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.access().set_token_lifetime(lifetime);
    }

    /// The number of the App's installation for an owner.
    pub(crate) fn installation_of(&self, owner: &str) -> Option<u64> {
        let access = self.access();
        access.installation_of(owner).map(|found| found.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public half of the sample, as `openssl rsa -pubout` writes it.
    const SAMPLE_PUBLIC: &str = include_str!("app/sample_key.pub.pem");

    #[test]
    fn both_halves_of_a_key_are_the_same_app() {
        let private = App::sample(7, "deploybot");
        let public = App::new(7, "deploybot", SAMPLE_PUBLIC).unwrap();
        assert_eq!(private.key, public.key);
        assert_eq!(private.login(), "deploybot[bot]");
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in [
            "",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN RSA PRIVATE KEY-----\n!\n-----END RSA PRIVATE KEY-----",
        ] {
            assert_eq!(App::new(7, "x", text).unwrap_err(), NotAKey, "{text}");
        }
    }

    #[test]
    fn an_installation_sees_what_it_was_given() {
        let mut installation = Installation {
            id: 1,
            owner: "Acme".to_owned(),
            repositories: None,
            created_at: Timestamp::UNIX_EPOCH,
        };
        assert!(installation.sees("acme", "people"));
        assert!(!installation.sees("other", "people"));
        installation.repositories = Some(BTreeSet::from(["people".to_owned()]));
        assert!(installation.sees("acme", "People"));
        assert!(!installation.sees("acme", "billing"));
    }
}
