//! GitHub's device flow: somebody proves on GitHub's page which account is theirs.
//! No scope is asked for; the token that GitHub gives is used once, to learn the
//! login, and dropped.
//!
//! It is another part of GitHub than the API, with limits of its own, and is asked
//! with no credentials of ours: neither the budgets nor the breaker know of it.

use std::{fmt, time::Duration};

use http::{HeaderValue, Uri};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Client, Error,
    error::{self, of_response},
    line::Deadline,
    transport::{Call, Reply, Transport},
};
use crate::model::{Account, DeviceCode, Invitation, Proof};

/// How long a login, a code or an address may be; and a token, of which GitHub says
/// nothing, and has made them longer.
const MOST_OF_A_WORD: usize = 500;
const MOST_OF_A_TOKEN: usize = 8_000;

/// What GitHub adds to the wait when it is asked too often.
const SLOWER: Duration = Duration::from_secs(5);
/// No answer of these is larger, in bytes.
const LARGEST: usize = 1 << 20;
/// No code is valid for longer, and GitHub never wants so long a wait: what says
/// otherwise is a slip.
const LONGEST: Duration = Duration::from_secs(3_600);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// What GitHub calls a device flow.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The part of GitHub where people prove who they are.
pub(crate) struct Device {
    transport: Transport,
    /// The GitHub App that people prove themselves to, if there is one.
    client_id: Option<String>,
    begin: Uri,
    ask: Uri,
}

/// What GitHub says of a proof.
pub(crate) enum Proving {
    /// Nothing yet; ask again after this interval.
    Pending {
        /// Where it is another than before.
        interval: Option<Duration>,
    },
    /// The person agreed: this speaks for them.
    Agreed(UserToken),
    /// The person refused.
    Denied,
    /// The code is not valid any more.
    Expired,
    /// GitHub knows no such code: it was used, and the answer to that was lost.
    Lost,
    /// GitHub takes no proofs for this service, for this reason of GitHub's.
    NotSetUp(String),
}

/// A token that speaks for a person: a secret, used once.
pub(crate) struct UserToken(SecretString);

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserToken")
    }
}

#[derive(Deserialize)]
struct BeginAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct AskAnswer {
    access_token: Option<String>,
    error: Option<String>,
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct Me {
    id: u64,
    login: String,
}

impl Device {
    /// `web` is where GitHub's pages are.
    pub(crate) fn new(origin: &str, web: &str, client_id: Option<String>) -> Result<Self, Error> {
        let at = |path: &str| {
            let address = format!("{web}{path}").parse();
            address.map_err(|_invalid| Error::Misconfigured("an address can't be formed"))
        };
        Ok(Self {
            transport: Transport::accepting(origin, "application/json")?,
            client_id,
            begin: at("/login/device/code")?,
            ask: at("/login/oauth/access_token")?,
        })
    }

    /// The App's client id, where people can prove themselves to one.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }
}

impl Client {
    /// Begins a proof; none where GitHub takes none for this service.
    ///
    /// # Errors
    /// When GitHub gives no answer that can be used.
    pub(crate) async fn begin_proof(&self) -> Result<Option<Proof>, Error> {
        let device = self.device();
        let Some(client_id) = device.client_id() else {
            return Ok(None);
        };
        let body = json!({ "client_id": client_id });
        let reply = self.post_device("begin a proof", &device.begin, &body);
        let reply = reply.await?;
        if let Ok(begun) = serde_json::from_slice::<BeginAnswer>(&reply.body) {
            return begun.proof(self.now()).map(Some);
        }
        if let Some(why) = not_set_up(&reply) {
            tell_not_set_up(&why);
            return Ok(None);
        }
        Err(not_usable(&reply, self.now()))
    }

    /// Asks what has become of a proof, once.
    ///
    /// # Errors
    /// When GitHub gives no answer that can be used.
    pub(crate) async fn ask_proof(&self, code: &DeviceCode) -> Result<Proving, Error> {
        let device = self.device();
        let Some(client_id) = device.client_id() else {
            return Ok(Proving::NotSetUp("no client id is set".to_owned()));
        };
        let body = json!({
            "client_id": client_id,
            "device_code": code.expose(),
            "grant_type": GRANT,
        });
        let reply = self.post_device("ask for a proof", &device.ask, &body);
        let reply = reply.await?;
        let answer: Option<AskAnswer> = serde_json::from_slice(&reply.body).ok();
        let read = answer.and_then(|answer| answer.read(&reply));
        read.ok_or_else(|| not_usable(&reply, self.now()))
    }

    /// Whose a token is.
    ///
    /// # Errors
    /// When GitHub gives no answer that can be used.
    pub(crate) async fn whose(&self, token: &UserToken) -> Result<Account, Error> {
        let authorization = format!("Bearer {}", token.0.expose_secret());
        let mut authorization: HeaderValue = authorization
            .parse()
            .map_err(|_invalid| unreadable("a token can't be sent in a header"))?;
        authorization.set_sensitive(true);
        let uri = self.line().addresses.rest(&["user"], "")?;
        let call = Call::Get(&uri);
        let transport = &self.line().transport;
        let sent = transport.send("whose token", &call, Some(&authorization), LARGEST);
        let reply = self.deadline().bounds(sent).await?;
        let reply = reply.map_err(Error::Unavailable)?;
        if !reply.status.is_success() {
            return Err(of_response(&reply, self.now()));
        }
        let me: Option<Me> = serde_json::from_slice(&reply.body).ok();
        let me = me.filter(|me| me.id != 0 && is_word(&me.login, MOST_OF_A_WORD));
        let me = me.ok_or_else(|| unreadable("a user has no number or no login"))?;
        Ok(Account {
            number: Some(me.id),
            login: me.login,
        })
    }

    async fn post_device(
        &self,
        operation: &'static str,
        uri: &Uri,
        body: &Value,
    ) -> Result<Reply, Error> {
        let transport = &self.device().transport;
        let call = Call::Post(uri, body);
        let sent = transport.send(operation, &call, None, LARGEST);
        let reply = self.deadline().bounds(sent).await?;
        reply.map_err(Error::Unavailable)
    }

    fn deadline(&self) -> Deadline {
        Deadline::after(self.read_deadline())
    }
}

impl BeginAnswer {
    fn proof(self, now: Timestamp) -> Result<Proof, Error> {
        let is_page = self.verification_uri.starts_with("https://")
            || self.verification_uri.starts_with("http://");
        if !is_page
            || !is_word(&self.verification_uri, MOST_OF_A_WORD)
            || !is_word(&self.user_code, MOST_OF_A_WORD)
        {
            return Err(unreadable("a proof has no page or no code"));
        }
        let lasts = Duration::from_secs(self.expires_in).min(LONGEST);
        let lasts = SignedDuration::try_from(lasts).unwrap_or_default();
        Ok(Proof {
            code: DeviceCode::new(self.device_code),
            invitation: Invitation {
                user_code: self.user_code,
                verification_url: self.verification_uri,
                expires_at: now.saturating_add(lasts).unwrap_or(now),
            },
            interval: interval(self.interval).unwrap_or(SLOWER),
        })
    }
}

impl AskAnswer {
    /// What it means, where it means anything.
    fn read(self, reply: &Reply) -> Option<Proving> {
        if let Some(token) = self
            .access_token
            .filter(|token| is_word(token, MOST_OF_A_TOKEN))
        {
            return Some(Proving::Agreed(UserToken(token.into())));
        }
        match self.error?.as_str() {
            "authorization_pending" => Some(Proving::Pending { interval: None }),
            "slow_down" => Some(Proving::Pending {
                interval: Some(interval(self.interval).unwrap_or(Duration::ZERO)),
            }),
            "access_denied" => Some(Proving::Denied),
            "expired_token" | "token_expired" => Some(Proving::Expired),
            // It was given out to us, so that GitHub has known it.
            "incorrect_device_code" => Some(Proving::Lost),
            _ => not_set_up(reply).map(Proving::NotSetUp),
        }
    }
}

/// How long to wait from now on, after an answer that wants another interval:
/// GitHub tells it, and else it is so much longer.
pub(crate) fn slower(before: Duration, told: Duration) -> Duration {
    let at_least = before.saturating_add(SLOWER);
    let wanted = if told > before { told } else { at_least };
    wanted.min(LONGEST_INTERVAL)
}

fn interval(seconds: Option<u64>) -> Option<Duration> {
    let told = Duration::from_secs(seconds?);
    Some(told.clamp(Duration::from_secs(1), LONGEST_INTERVAL))
}

/// Why GitHub takes no proofs for this service, if it says so: the App is another,
/// or its device flow is switched off.
fn not_set_up(reply: &Reply) -> Option<String> {
    #[derive(Deserialize)]
    struct Told {
        error: String,
    }
    let told: Told = serde_json::from_slice(&reply.body).ok()?;
    let reasons = [
        "device_flow_disabled",
        "incorrect_client_credentials",
        "unsupported_grant_type",
        "unauthorized_client",
        "Not Found",
    ];
    reasons.contains(&told.error.as_str()).then_some(told.error)
}

/// Tells the operator; the person is told in words of ours.
pub(crate) fn tell_not_set_up(why: &str) {
    tracing::error!(
        github.reason = why,
        "GitHub takes no proof of anybody's account: see DEPLOY_GITHUB_CLIENT_ID, and whether \
         the App's device flow is enabled"
    );
}

/// What follows from an answer that says nothing we know. Its body may hold a
/// secret and is not told.
fn not_usable(reply: &Reply, now: Timestamp) -> Error {
    if reply.status.is_success() {
        return unreadable("an answer about a proof");
    }
    match of_response(reply, now) {
        Error::Refused { status, .. } => Error::Refused {
            status,
            message: "it does not take the question".to_owned(),
        },
        error => error,
    }
}

fn unreadable(what: &str) -> Error {
    Error::Unreadable(error::cut_short(what))
}

fn is_word(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn read(body: &Value) -> Option<Proving> {
        let reply = Reply {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.to_string().into_bytes(),
        };
        let answer: AskAnswer = serde_json::from_slice(&reply.body).unwrap();
        answer.read(&reply)
    }

    #[test]
    fn a_token_may_be_long_and_is_one_word() {
        let token = |token: &str| read(&json!({"access_token": token, "token_type": "bearer"}));
        for length in [40, 520, 4_000] {
            let agreed = token(&"t".repeat(length));
            assert!(matches!(agreed, Some(Proving::Agreed(_))), "{length}");
        }
        for bad in ["", "two words", "a\r\nb", "토큰"] {
            assert!(token(bad).is_none(), "{bad:?}");
        }
        assert_eq!(format!("{:?}", UserToken("s3cret".into())), "UserToken");
    }

    #[test]
    fn each_refusal_of_github_is_told_apart() {
        let refused = |error: &str| read(&json!({"error": error, "error_description": "…"}));
        for (error, is_known) in [
            ("authorization_pending", true),
            ("slow_down", true),
            ("access_denied", true),
            ("expired_token", true),
            ("token_expired", true),
            ("incorrect_device_code", true),
            ("device_flow_disabled", true),
            ("incorrect_client_credentials", true),
            ("a_later_word", false),
        ] {
            assert_eq!(refused(error).is_some(), is_known, "{error}");
        }
        assert!(matches!(refused("expired_token"), Some(Proving::Expired)));
        let used = refused("incorrect_device_code");
        assert!(matches!(used, Some(Proving::Lost)));
    }
}
