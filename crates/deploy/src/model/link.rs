//! Somebody's claim to a GitHub account, and what GitHub says to it.

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::{InvalidName, Person, ReplyAddress, change::asked_by};

/// A GitHub login, as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    /// The login as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Login {
    type Err = InvalidName;

    /// GitHub: at most 39 letters, digits and single hyphens, none of them first or
    /// last; a company that manages its people's accounts adds `_` and its name.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric();
        let between = |pair: &[u8]| is_letter(pair[0]) || is_letter(pair[1]);
        let bytes = text.as_bytes();
        let fits = (1..=39).contains(&bytes.len())
            && bytes
                .iter()
                .all(|byte| is_letter(*byte) || matches!(byte, b'-' | b'_'))
            && bytes.first().copied().is_some_and(is_letter)
            && bytes.last().copied().is_some_and(is_letter)
            && bytes.windows(2).all(between);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName {
                what: "A GitHub login has 1 to 39 letters, digits and single hyphens between them.",
            })
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The caller's unique id of a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinkId(String);

impl LinkId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LinkId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName {
                what: "A link id has 1 to 200 printable ASCII characters and no spaces.",
            })
        }
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What GitHub is asked with whether somebody has proved who they are: a secret.
#[derive(Debug, Clone)]
pub struct DeviceCode(SecretString);

impl DeviceCode {
    /// Takes what GitHub gave out.
    pub fn new(code: impl Into<SecretString>) -> Self {
        Self(code.into())
    }

    /// The secret itself, for GitHub and for the journal.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What somebody is to do on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What they enter.
    pub user_code: String,
    /// The page on which they do.
    pub verification_url: String,
    /// Until when they can.
    pub expires_at: Timestamp,
}

/// A GitHub account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// GitHub's number of it, which is nobody else's for good; none where an earlier
    /// version of the journal did not keep it.
    pub number: Option<u64>,
    /// Its login, as GitHub spells it. It can be changed, and become another's.
    pub login: String,
}

/// A proof that GitHub is ready to take.
#[derive(Debug, Clone)]
pub struct Proof {
    /// What GitHub is asked with.
    pub code: DeviceCode,
    /// What the person is told.
    pub invitation: Invitation,
    /// How long to wait between two questions.
    pub interval: Duration,
}

/// A link as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The caller's id.
    pub id: LinkId,
    /// Who; their Slack user id is known.
    pub person: Person,
    /// The login that they say they have.
    pub login: Login,
    /// Where they said so.
    pub reply: ReplyAddress,
    /// When they said so, by the clock of where they did; none: when it comes in.
    pub asked_at: Option<Timestamp>,
}

impl NewLink {
    /// When it was asked for, where it comes in now.
    pub fn asked_by(&self, now: Timestamp) -> Timestamp {
        asked_by(self.asked_at, now)
    }

    /// Whether a link that has this one's id is this one.
    pub fn is(&self, known: &Link) -> bool {
        let is_theirs = self.person.slack == known.person.slack;
        // What is linked is spelled as GitHub does.
        is_theirs && known.login.eq_ignore_ascii_case(self.login.as_str())
    }
}

/// A link as the journal holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The caller's id.
    pub id: LinkId,
    /// Who.
    pub person: Person,
    /// The login that they say they have; as GitHub spells it once it is proved.
    pub login: String,
    /// Where they said so.
    pub reply: ReplyAddress,
    /// How far it has come.
    pub state: LinkState,
}

/// How far a link has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// The person is to do this on GitHub.
    Waiting(Invitation),
    /// It is over.
    Ended(LinkEnd),
}

/// How a link ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEnd {
    /// GitHub says that they have this account.
    Linked(Account),
    /// GitHub says that they have another one, which is not linked.
    OtherLogin {
        /// The login that GitHub told.
        proved: String,
    },
    /// They refused on GitHub.
    Denied,
    /// The code is not valid any more.
    Expired,
    /// A later link of the same person took its place.
    Replaced,
    /// They withdrew it.
    Withdrawn,
    /// They agreed on GitHub, whose answer that says who they are was lost.
    Lost,
    /// GitHub does not let people prove themselves to this service.
    NotSetUp,
}

impl LinkEnd {
    /// What follows from a proved account for who claimed a login. GitHub compares
    /// logins without regard to case.
    pub fn of_proof(claimed: &str, proved: Account) -> Self {
        if proved.login.eq_ignore_ascii_case(claimed) {
            Self::Linked(proved)
        } else {
            let proved = proved.login;
            Self::OtherLogin { proved }
        }
    }
}

/// Somebody of whom something is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// Their Slack user id.
    pub slack: String,
    /// The GitHub login that they proved to have, as it was then; empty when none.
    pub login: String,
    /// GitHub's number of that account, where it is known.
    pub account: Option<u64>,
    /// They do not want to be mentioned.
    pub muted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_what_github_gives_out() {
        for login in ["minji", "M", "a-b-c", "joon_acme", "0x1", &"a".repeat(39)] {
            assert_eq!(login.parse::<Login>().unwrap().as_str(), login);
        }
        for bad in [
            "",
            "-",
            "-a",
            "a-",
            "a--b",
            "a b",
            "a/b",
            "a.b",
            "@a",
            "민지",
            "a\n",
            &"a".repeat(40),
        ] {
            assert!(bad.parse::<Login>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn who_proves_another_account_is_not_linked_to_the_one_they_claimed() {
        let account = |login: &str| Account {
            number: Some(7),
            login: login.to_owned(),
        };
        let end = |proved: &str| LinkEnd::of_proof("minji", account(proved));
        assert_eq!(end("Minji"), LinkEnd::Linked(account("Minji")));
        assert_eq!(
            end("joon"),
            LinkEnd::OtherLogin {
                proved: "joon".to_owned()
            }
        );
    }

    #[test]
    fn a_device_code_is_not_shown() {
        let code = DeviceCode::new("d3v1c3");
        assert!(!format!("{code:?}").contains("d3v1c3"));
        assert_eq!(code.expose(), "d3v1c3");
    }
}
