//! What can stand between this service and GitHub, and whose turn it is then:
//! never GitHub's own words, which the log has.

use std::fmt;

use jiff::Timestamp;

/// What keeps an answer of GitHub's from us. Written out, it is sentences in
/// English for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// GitHub does not answer.
    NotAnswering {
        /// Since when, where that is known.
        since: Option<Timestamp>,
    },
    /// GitHub takes no more calls for a while.
    RateLimit {
        /// Until when.
        until: Timestamp,
    },
    /// GitHub does not accept the GitHub App.
    AppNotAccepted,
    /// GitHub does not accept the token.
    TokenNotAccepted,
    /// The GitHub App is not installed where it is needed.
    NotInstalled {
        /// The user or organization.
        owner: String,
    },
    /// GitHub does not know what is asked about, or hides it.
    Hidden,
    /// GitHub refuses what is asked of it.
    Refused,
    /// Our settings for GitHub can't be right.
    NotSetUp,
    /// GitHub's answer could not be understood.
    Unreadable,
    /// As an earlier or a later version of this program wrote it down.
    Told(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnswering { since: None } => "GitHub does not answer now.",
            Self::NotAnswering { since: Some(since) } => {
                return write!(f, "GitHub has not answered since {}.", time_of_day(*since));
            }
            Self::RateLimit { until } => {
                let until = time_of_day(*until);
                return write!(
                    f,
                    "GitHub takes only so many calls for a time, and they are used up until \
                     {until}."
                );
            }
            Self::AppNotAccepted => {
                "GitHub does not accept deploybot's GitHub App: if that does not pass, whoever \
                 runs deploybot has to see to its id and its private key."
            }
            Self::TokenNotAccepted => {
                "GitHub does not accept deploybot's token: whoever runs deploybot has to renew it."
            }
            Self::NotInstalled { owner } => {
                return write!(
                    f,
                    "deploybot's GitHub App is not installed for {owner}: an owner of {owner} has \
                     to install it there."
                );
            }
            Self::Hidden => {
                "GitHub does not know this, or deploybot may not see it: whoever runs deploybot \
                 has to see to its access."
            }
            Self::Refused => {
                "GitHub refuses what deploybot asks of it: whoever runs deploybot has to see to \
                 its access. Its log has GitHub's reason."
            }
            Self::NotSetUp => {
                "deploybot's access to GitHub is not set up right: whoever runs deploybot has to \
                 correct it."
            }
            Self::Unreadable => {
                "GitHub's answer could not be understood: if that does not pass, whoever runs \
                 deploybot finds more in its log."
            }
            Self::Told(sentences) => sentences,
        })
    }
}

/// A time that is hours away at most.
fn time_of_day(at: Timestamp) -> impl fmt::Display {
    at.strftime("%H:%M UTC")
}
