//! What can go wrong with GitHub, by what follows from it, and the one place
//! that reads it out of an answer.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

use super::{budget::Told, transport::Reply};
use crate::model::{EnvironmentName, Objection};

/// How long to wait when GitHub limits us and does not say how long.
const WAIT_UNSAID: SignedDuration = SignedDuration::from_secs(60);
/// No wait that GitHub asks for is longer: its budgets are filled anew each hour.
/// One that seems to be, by a header that is wrong, must not stop us for days.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(2);

/// A call to GitHub that gave no answer that could be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such repository, or the token can't see it.
    #[error("GitHub knows no such repository, or the token can't see it")]
    NotFound,
    /// The repository has no such environment.
    #[error("the repository has no such environment")]
    UnknownEnvironment {
        /// Those it has, production first.
        known: Vec<EnvironmentName>,
    },
    /// The token is not accepted.
    #[error("GitHub does not accept the token")]
    Unauthorized,
    /// The App is not installed for the owner of a repository.
    #[error("the GitHub App is not installed for {owner}")]
    NotInstalled {
        /// The user or organization.
        owner: String,
    },
    /// Too many calls; nothing was done.
    #[error("GitHub limits the rate of calls until {retry_at}")]
    RateLimited {
        /// When to try again.
        retry_at: Timestamp,
    },
    /// GitHub understood and said no; trying again changes nothing.
    #[error("GitHub refused with status {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// GitHub's own words, cut short.
        message: String,
    },
    /// GitHub could not be reached or could not answer; later it may.
    #[error("GitHub is not available")]
    Unavailable(#[source] Unavailable),
    /// The settings can't be used.
    #[error("{0}")]
    Misconfigured(&'static str),
    /// An answer came that could not be read, or not whole.
    #[error("GitHub's answer can't be read: {0}")]
    Unreadable(String),
}

/// Why there was no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unavailable {
    /// It said so itself.
    #[error("it answered with status {status}")]
    Status {
        /// 5xx, or 200 for a query that GitHub gave up.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// No answer in time.
    #[error("it did not answer within {}", humane(*.0))]
    TimedOut(Duration),
    /// No connection; the request was not sent.
    #[error("no connection: {0}")]
    NotConnected(String),
    /// The connection broke; the request may have been carried out.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// It does not accept the App. So it answers in some of its outages, and
    /// always where the App's id and its key do not belong together.
    #[error("it does not accept the App")]
    AppNotAccepted,
    /// It has not answered for a while, so that nothing was sent.
    #[error("it has not answered since {since}, and was not asked")]
    CircuitOpen {
        /// Since when.
        since: Timestamp,
        /// When it is tried again.
        retry_after: Duration,
    },
}

impl Unavailable {
    /// Whether it is what one call met, and not what keeps all from being sent.
    pub(super) const fn is_one_calls(&self) -> bool {
        match self {
            Self::Status { .. } | Self::TimedOut(_) | Self::NotConnected(_) | Self::Broken(_) => {
                true
            }
            Self::AppNotAccepted | Self::CircuitOpen { .. } => false,
        }
    }
}

fn humane(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

/// Why no deployment can be shown for an attempt to create one.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// GitHub said no; trying again changes nothing.
    #[error("GitHub refused to make the deployment: {0}")]
    Refused(Objection),
    /// It may have been made: look before trying again.
    #[error("it is not known whether GitHub made the deployment")]
    Unknown(#[source] Error),
    /// It was certainly not made: it may be tried again.
    #[error("the deployment was not made")]
    NotSent(#[source] Error),
}

/// Why nothing can be shown for an attempt to end a deployment.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is no such deployment any more.
    #[error("the deployment is gone")]
    Gone,
    /// GitHub said no; trying again changes nothing.
    #[error("GitHub refused to end the deployment")]
    Refused(#[source] Error),
    /// It may have been ended: that it was shows when it is read again.
    #[error("it is not known whether GitHub ended the deployment")]
    Unknown(#[source] Error),
    /// It was certainly not ended: it may be tried again.
    #[error("the deployment was not ended")]
    NotSent(#[source] Error),
}

/// Reads an answer that is not 2xx.
pub(crate) fn of_response(reply: &Reply, now: Timestamp) -> Error {
    let Reply {
        status,
        headers,
        body,
    } = reply;
    let (status, message) = (*status, message_of(body));
    if let Some(retry_at) = rate_limit(status, headers, &message, now) {
        return Error::RateLimited { retry_at };
    }
    match status {
        StatusCode::UNAUTHORIZED => Error::Unauthorized,
        StatusCode::NOT_FOUND => Error::NotFound,
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            Error::Unavailable(Unavailable::Status {
                status: status.as_u16(),
                retry_after: wait_asked_for(headers),
            })
        }
        status => Error::Refused {
            status: status.as_u16(),
            message,
        },
    }
}

/// When a limit ends, if the answer is one: GitHub says it with 403 or 429, and
/// with `Retry-After`, or with the remaining calls and the reset time, or with
/// nothing but words.
fn rate_limit(
    status: StatusCode,
    headers: &HeaderMap,
    message: &str,
    now: Timestamp,
) -> Option<Timestamp> {
    if status != StatusCode::FORBIDDEN && status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let words = message.to_ascii_lowercase();
    let said_in_words = words.contains("rate limit") || words.contains("abuse detection");
    let used_up = is_used_up(headers);
    let asked_to_wait = headers.contains_key("retry-after");
    (status == StatusCode::TOO_MANY_REQUESTS || asked_to_wait || used_up || said_in_words)
        .then(|| retry_at(headers, now))
}

/// When GitHub takes calls again, by our clock, as its headers say; a minute
/// from now where they say nothing.
pub(crate) fn retry_at(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    let after = wait_asked_for(headers).and_then(|wait| now.checked_add(wait).ok());
    let reset = is_used_up(headers)
        .then(|| reset_at(headers, now))
        .flatten();
    after
        .or(reset)
        .unwrap_or(now.checked_add(WAIT_UNSAID).unwrap_or(now))
        .max(now)
}

/// How long GitHub wants to be left alone, if it says so.
fn wait_asked_for(headers: &HeaderMap) -> Option<Duration> {
    let seconds = seconds(headers, "retry-after")?;
    let wait = SignedDuration::from_secs(seconds).min(LONGEST_WAIT);
    Duration::try_from(wait).ok()
}

/// What the headers of an answer tell of a budget.
pub(crate) fn budget_told(headers: &HeaderMap, now: Timestamp) -> Option<Told> {
    let count = |name| seconds(headers, name).and_then(|count| u64::try_from(count).ok());
    Some(Told {
        limit: count("x-ratelimit-limit"),
        remaining: count("x-ratelimit-remaining")?,
        reset_at: reset_at(headers, now)?,
    })
}

/// Whether an hour's budget is used up.
pub(crate) fn is_used_up(headers: &HeaderMap) -> bool {
    seconds(headers, "x-ratelimit-remaining") == Some(0)
}

/// When GitHub wrote an answer, by its own clock.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    Some(rfc2822::parse(date).ok()?.timestamp())
}

/// When it is `reset` for GitHub, by our clock: the two may be minutes apart.
pub(crate) fn by_our_clock(reset: Timestamp, headers: &HeaderMap, now: Timestamp) -> Timestamp {
    let date = date(headers).unwrap_or(now);
    let wait = reset.duration_since(date).min(LONGEST_WAIT);
    now.checked_add(wait).unwrap_or(now)
}

/// When the budget is filled anew, by our clock.
fn reset_at(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let reset = Timestamp::from_second(seconds(headers, "x-ratelimit-reset")?).ok()?;
    Some(by_our_clock(reset, headers, now))
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// GitHub's own words about an error, on one line and cut short.
pub(crate) fn message_of(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Body {
        message: String,
    }
    let message = serde_json::from_slice::<Body>(body)
        .map(|body| body.message)
        .unwrap_or_default();
    cut_short(&message)
}

/// A text from outside on one line, at most 300 characters.
pub(crate) fn cut_short(text: &str) -> String {
    on_one_line(text, 300)
}

/// A text from outside on one line, at most so many characters.
pub(crate) fn on_one_line(text: &str, longest: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(longest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000).unwrap()
    }

    fn error(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> String {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    name.parse::<http::HeaderName>().unwrap(),
                    value.parse().unwrap(),
                )
            })
            .collect();
        let reply = Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.as_bytes().to_vec(),
        };
        format!("{:?}", of_response(&reply, now()))
    }

    #[test]
    fn limits_are_known_by_any_of_their_signs() {
        let at = |second| {
            format!(
                "{:?}",
                Error::RateLimited {
                    retry_at: Timestamp::from_second(second).unwrap()
                }
            )
        };
        assert_eq!(error(403, &[("retry-after", "30")], "{}"), at(1_000_030));
        assert_eq!(error(429, &[("retry-after", "30")], ""), at(1_000_030));
        let spent = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1000100"),
        ];
        assert_eq!(error(403, &spent, "{}"), at(1_000_100));
        let words = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        assert_eq!(error(403, &[], words), at(1_000_060));
        assert_eq!(error(429, &[], ""), at(1_000_060));
    }

    #[test]
    fn a_limit_that_ended_in_the_past_ends_now() {
        let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")];
        assert!(error(403, &spent, "{}").contains(&now().to_string()));
    }

    #[test]
    fn no_limit_lasts_for_days_whatever_a_header_says() {
        let two_hours = Timestamp::from_second(1_007_200).unwrap().to_string();
        for absurd in ["99999999", "9223372036854775807"] {
            let told = error(429, &[("retry-after", absurd)], "");
            assert!(told.contains(&two_hours), "{told}");
            let told = error(503, &[("retry-after", absurd)], "");
            assert!(told.contains("retry_after: Some(7200s)"), "{told}");
        }
        let reset = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "253402207200"),
        ];
        assert!(error(403, &reset, "{}").contains(&two_hours));
        let back = error(429, &[("retry-after", "-5")], "");
        let minute = Timestamp::from_second(1_000_060).unwrap().to_string();
        assert!(back.contains(&minute), "{back}");
    }

    #[test]
    fn a_reset_is_told_by_our_clock_though_githubs_is_another() {
        // GitHub's clock is ten minutes ahead of ours.
        let spent = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1000690"),
            ("date", "Mon, 12 Jan 1970 13:56:40 GMT"),
        ];
        let by_ours = Timestamp::from_second(1_000_090).unwrap();
        assert!(error(403, &spent, "{}").contains(&by_ours.to_string()));
    }

    #[test]
    fn other_answers_are_told_apart_by_what_follows() {
        assert_eq!(error(401, &[], "{}"), "Unauthorized");
        assert_eq!(error(404, &[], "{}"), "NotFound");
        assert_eq!(
            error(
                403,
                &[("x-ratelimit-remaining", "4999")],
                r#"{"message":"Not\nyours"}"#
            ),
            r#"Refused { status: 403, message: "Not yours" }"#
        );
        assert_eq!(
            error(503, &[("retry-after", "2")], "<html>"),
            "Unavailable(Status { status: 503, retry_after: Some(2s) })"
        );
    }
}
