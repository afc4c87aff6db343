//! The device flow, by which a program learns on whose behalf it may act: it gets a
//! code, its user enters that on a page here and agrees or not, and the program
//! asks until it hears which. By GitHub's documentation of "Device flow" for Apps.
//!
//! Who sits before the page is chosen on it: nobody logs in to the simulator.

mod page;
mod wire;

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Github;
pub(crate) use wire::{ROUTES, control, router};

/// What GitHub calls this kind of grant.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What is added to the interval of who asks too often, in seconds.
const SLOWER: u64 = 5;
/// How many codes are known at once; the oldest goes first.
const KNOWN: usize = 1_000;
/// How long it is known of a code that it has run out.
const RUN_OUT: SignedDuration = SignedDuration::from_hours(1);
/// What user codes are made of: letters that make no words.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

/// An App's device flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFlow {
    /// The client id by which the App is known.
    pub client_id: String,
    /// Whether it is switched on in the App's settings.
    pub enabled: bool,
    /// How long to wait between two questions; GitHub's is 5 seconds.
    pub interval: Duration,
    /// How long a code is valid; GitHub's is for 15 minutes.
    pub lifetime: Duration,
}

impl DeviceFlow {
    /// As GitHub has it, of the App that has this client id.
    pub fn of(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            enabled: true,
            interval: Duration::from_secs(5),
            lifetime: Duration::from_secs(900),
        }
    }
}

/// The flow, if an App has one, and the codes that are given out.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    flow: Option<DeviceFlow>,
    /// By device code.
    given: HashMap<String, Given>,
}

/// A code that is given out.
#[derive(Debug, Clone)]
struct Given {
    number: u64,
    user_code: String,
    ends: Timestamp,
    /// In seconds.
    interval: u64,
    asked: Option<Timestamp>,
    verdict: Option<Verdict>,
}

/// What its user said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// They agreed, and are this user.
    Agreed(String),
    /// They cancelled.
    Refused,
}

/// What comes of a question.
enum Told {
    /// A refusal in GitHub's words.
    Refused(&'static str, &'static str, Option<u64>),
    /// The login that a token is to speak for.
    Agreed(String),
}

impl Github {
    /// Gives the App a device flow, or changes it.
    pub fn set_device_flow(&self, flow: DeviceFlow) {
        self.devices().flow = Some(flow);
    }

    /// What the user of a code does on the page: agrees, as the user of a login.
    /// False where no such code waits, or there is no such user.
    pub fn authorize_device(&self, user_code: &str, login: &str) -> bool {
        let login = self.state().user(login).map(|user| user.login.clone());
        login.is_some_and(|login| self.decide(user_code, Verdict::Agreed(login)))
    }

    /// The same where they cancel.
    pub fn refuse_device(&self, user_code: &str) -> bool {
        self.decide(user_code, Verdict::Refused)
    }

    fn decide(&self, user_code: &str, verdict: Verdict) -> bool {
        let now = self.clock().now();
        let typed = plain(user_code);
        let mut devices = self.devices();
        let waiting = devices.given.values_mut().find(|given| {
            plain(&given.user_code) == typed && given.ends > now && given.verdict.is_none()
        });
        let Some(given) = waiting else {
            return false;
        };
        given.verdict = Some(verdict);
        true
    }
}

/// A code as it is compared: people leave out the hyphen, and write it small.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_uppercase()
}

impl Devices {
    /// Gives out a code, if `client_id` is an App's that may have one.
    fn begin(&mut self, client_id: &str, now: Timestamp) -> Result<(String, Given), Told> {
        let flow = self.flow.clone().filter(|flow| flow.client_id == client_id);
        let Some(flow) = flow else {
            return Err(Told::Refused("Not Found", "", None));
        };
        if !flow.enabled {
            return Err(DISABLED);
        }
        self.given
            .retain(|_, given| now.duration_since(given.ends) < RUN_OUT);
        if self.given.len() >= KNOWN
            && let Some(oldest) = self.given.iter().min_by_key(|(_, given)| given.number)
        {
            let oldest = oldest.0.clone();
            self.given.remove(&oldest);
        }
        let lifetime = SignedDuration::try_from(flow.lifetime).unwrap_or(SignedDuration::MAX);
        let given = Given {
            number: self
                .given
                .values()
                .map(|given| given.number + 1)
                .max()
                .unwrap_or(0),
            user_code: self.new_user_code(),
            ends: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            interval: flow.interval.as_secs(),
            asked: None,
            verdict: None,
        };
        let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|it| it.simple().to_string());
        let code = secret.concat()[..40].to_owned();
        self.given.insert(code.clone(), given.clone());
        Ok((code, given))
    }

    fn new_user_code(&self) -> String {
        let letter = |byte: &u8| LETTERS[usize::from(*byte) % LETTERS.len()] as char;
        loop {
            let bytes = uuid::Uuid::new_v4().into_bytes();
            let letters: String = bytes[..8].iter().map(letter).collect();
            let code = format!("{}-{}", &letters[..4], &letters[4..]);
            if self.given.values().all(|given| given.user_code != code) {
                return code;
            }
        }
    }

    /// What has become of a code; one that its user agreed to is used up by that.
    fn ask(&mut self, asked: &HashMap<String, String>, now: Timestamp) -> Told {
        let field = |name: &str| asked.get(name).map_or("", String::as_str);
        let Some(flow) = self.flow.as_ref() else {
            return WRONG_CLIENT;
        };
        if flow.client_id != field("client_id") {
            return WRONG_CLIENT;
        }
        if !flow.enabled {
            return DISABLED;
        }
        if field("grant_type") != GRANT {
            return Told::Refused(
                "unsupported_grant_type",
                "The grant type is not supported.",
                None,
            );
        }
        let code = field("device_code").to_owned();
        let Some(given) = self.given.get_mut(&code) else {
            return Told::Refused(
                "incorrect_device_code",
                "The device_code provided is not valid.",
                None,
            );
        };
        if given.ends <= now {
            return Told::Refused("expired_token", "This 'device_code' has expired.", None);
        }
        let since = given
            .asked
            .map(|asked| now.duration_since(asked).as_millis());
        given.asked = Some(now);
        let least = i128::from(given.interval) * 1_000;
        if since.is_some_and(|since| since < least) {
            given.interval += SLOWER;
            return Told::Refused(
                "slow_down",
                "Too many requests have been made in the same timeframe.",
                Some(given.interval),
            );
        }
        match given.verdict.clone() {
            None => Told::Refused(
                "authorization_pending",
                "The authorization request is still pending.",
                None,
            ),
            Some(Verdict::Refused) => Told::Refused(
                "access_denied",
                "The authorization request was denied.",
                None,
            ),
            Some(Verdict::Agreed(login)) => {
                self.given.remove(&code);
                Told::Agreed(login)
            }
        }
    }
}

const DISABLED: Told = Told::Refused(
    "device_flow_disabled",
    "Device Flow must be explicitly enabled for this App",
    None,
);
const WRONG_CLIENT: Told = Told::Refused(
    "incorrect_client_credentials",
    "The client_id and/or client_secret passed are incorrect.",
    None,
);
