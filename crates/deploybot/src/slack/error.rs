//! What can go wrong with a call to Slack, by what can be done about it.

use std::time::Duration;

use slack_morphism::errors::SlackClientError;

/// How long a missing or unreadable `Retry-After` is taken to be.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Why a call to Slack did nothing, or may have done nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Wait, then do the same again.
    #[error("Slack asks to wait {} s", retry_after.as_secs())]
    RateLimited { retry_after: Duration },
    /// No answer, or none that tells: it may have been done or not.
    #[error("Slack gave no answer that tells what happened: {0}")]
    Uncertain(String),
    /// The token is not, or no longer, good: someone has to set another one.
    #[error("Slack refuses the token: {0}")]
    Unauthorized(String),
    /// The bot can't write there: the channel is gone, archived, or it was not
    /// invited.
    #[error(
        "Slack refuses the channel: {0}; invite the bot to it, or look whether it still exists"
    )]
    NotInChannel(String),
    /// There is no such message any more.
    #[error("Slack has no such message any more: {0}")]
    MessageGone(String),
    /// Slack refuses for another reason, and will refuse again.
    #[error("Slack refuses: {0}")]
    Refused(String),
}

impl Error {
    /// Whether the same call can do better later.
    pub(crate) fn heals(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Uncertain(_) | Self::Unauthorized(_)
        )
    }
}

/// The library's errors show whole bodies; only Slack's error names are kept.
pub(super) fn meaning(method: &str, error: &SlackClientError) -> Error {
    match error {
        SlackClientError::ApiError(error) => meaning_of_code(method, &error.code),
        SlackClientError::RateLimitError(error) => Error::RateLimited {
            retry_after: error.retry_after.unwrap_or(RETRY_AFTER),
        },
        SlackClientError::HttpError(error) if error.status_code.is_client_error() => {
            Error::Refused(format!(
                "{method} was answered with HTTP {}",
                error.status_code
            ))
        }
        SlackClientError::HttpError(error) => Error::Uncertain(format!(
            "{method} was answered with HTTP {}",
            error.status_code
        )),
        SlackClientError::ProtocolError(error) => Error::Uncertain(format!(
            "{method} was answered with something unreadable: {}",
            error.json_error
        )),
        SlackClientError::HttpProtocolError(_)
        | SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_)
        | SlackClientError::SocketModeProtocolError(_) => {
            Error::Uncertain(format!("{method} got no answer: {}", root_cause(error)))
        }
    }
}

/// Slack's error names, <https://docs.slack.dev/reference/methods>.
fn meaning_of_code(method: &str, code: &str) -> Error {
    let told = format!("{code} ({method})");
    match code {
        "ratelimited" | "rate_limited" => Error::RateLimited {
            retry_after: RETRY_AFTER,
        },
        "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout"
        | "team_added_to_org" => Error::Uncertain(told),
        "invalid_auth"
        | "not_authed"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "not_allowed_token_type"
        | "missing_scope"
        | "no_permission"
        | "org_login_required"
        | "ekm_access_denied" => Error::Unauthorized(told),
        "channel_not_found"
        | "not_in_channel"
        | "is_archived"
        | "restricted_action"
        | "restricted_action_read_only_channel"
        | "restricted_action_thread_only_channel"
        | "restricted_action_non_threadable_channel"
        | "cannot_reply_to_message" => Error::NotInChannel(told),
        "message_not_found" | "cant_update_message" | "edit_window_closed" | "thread_not_found" => {
            Error::MessageGone(told)
        }
        _ => Error::Refused(told),
    }
}

fn root_cause(error: &SlackClientError) -> String {
    let cause = match error {
        SlackClientError::HttpProtocolError(error) => error.cause.as_deref(),
        SlackClientError::SystemError(error) => error.cause.as_deref(),
        _ => None,
    };
    let Some(mut cause) = cause.map(|cause| cause as &dyn std::error::Error) else {
        return "the connection ended".to_owned();
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart_by_what_can_be_done() {
        let of = |code| meaning_of_code("chat.postMessage", code);
        assert!(matches!(of("not_in_channel"), Error::NotInChannel(_)));
        assert!(matches!(of("is_archived"), Error::NotInChannel(_)));
        assert!(matches!(of("invalid_blocks"), Error::Refused(_)));
        assert!(matches!(of("msg_too_long"), Error::Refused(_)));
        assert!(matches!(of("message_not_found"), Error::MessageGone(_)));
        assert!(matches!(of("token_revoked"), Error::Unauthorized(_)));
        assert!(matches!(of("internal_error"), Error::Uncertain(_)));
        assert!(of("ratelimited").heals() && of("fatal_error").heals());
        assert!(!of("channel_not_found").heals() && !of("invalid_blocks").heals());
        insta::assert_snapshot!(of("not_in_channel"), @"Slack refuses the channel: not_in_channel (chat.postMessage); invite the bot to it, or look whether it still exists");
    }

    #[test]
    fn an_answer_body_never_shows() {
        let error =
            slack_morphism::errors::SlackClientHttpError::new(http::StatusCode::BAD_GATEWAY)
                .with_http_response_body("<html>xoxb-secret</html>".to_owned());
        let error = meaning("chat.update", &SlackClientError::HttpError(error));
        insta::assert_snapshot!(error, @"Slack gave no answer that tells what happened: chat.update was answered with HTTP 502 Bad Gateway");
    }
}
