//! What can go wrong with a call to Slack, by what can be done about it.

use std::time::Duration;

use serde::Deserialize;
use slack_morphism::errors::{SlackClientError, SlackClientHttpError};

/// How long a missing or unreadable `Retry-After` is taken to be.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// What is longer is taken to be as long as this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a call to Slack did nothing, or may have done nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Wait, then do the same again.
    #[error("Slack takes no more of that for {} s", retry_after.as_secs())]
    RateLimited { retry_after: Duration },
    /// Nothing was asked of Slack: so many calls are slow that there was no turn.
    #[error("too many calls to Slack are slow")]
    NotMade,
    /// No answer, or none that tells: it may have been done or not.
    #[error("Slack gave no answer that tells what happened: {0}")]
    Uncertain(String),
    /// The token is not, or no longer, good: someone has to set another one.
    #[error("Slack refuses the token: {0}; {advice}", advice = for_the_operator(.0))]
    Unauthorized(String),
    /// The bot can't write there: the channel is gone, archived, or it was not
    /// invited.
    #[error("Slack refuses the channel: {0}; {advice}", advice = for_the_channel(.0))]
    NotInChannel(String),
    /// Slack refuses what is said, wherever it is said: a defect of ours.
    #[error("Slack refuses what is said: {0}; {what}, which is a defect of deploybot", what = wrong_with_it(.0))]
    Content(String),
    /// There is no such message any more.
    #[error("Slack has no such message any more: {0}")]
    MessageGone(String),
    /// What was to be replaced has been replaced by something else.
    #[error("Slack shows something newer: {0}")]
    Outdated(String),
    /// Slack refuses for another reason, and will refuse again.
    #[error("Slack refuses: {0}")]
    Refused(String),
    /// Slack refuses for a reason that is not known here: it may pass or not.
    #[error("Slack refuses for a reason that is not known: {0}")]
    Unknown(String),
    /// Nothing was asked of Slack: it is not to be said any more.
    #[error("it is not to be said any more: {0}")]
    GivenUp(&'static str),
}

impl Error {
    /// The channel is not there any more, for the bot: an invitation to it is not all
    /// that it lacks.
    pub(crate) fn is_of_a_lost_channel(&self) -> bool {
        match self {
            Self::NotInChannel(told) => {
                matches!(code_in(told), "channel_not_found" | "is_archived")
            }
            _ => false,
        }
    }
}

/// What has to be done about a token that is refused, by Slack's word for it at
/// the beginning of what it told.
fn for_the_operator(told: &str) -> &'static str {
    match code_in(told) {
        "missing_scope" | "no_permission" | "not_allowed_token_type" => {
            "install the app again with all scopes of its manifest"
        }
        "ekm_access_denied"
        | "team_access_not_granted"
        | "access_denied"
        | "org_login_required" => "ask an administrator of the workspace to let the app in",
        _ => {
            "set another one (DEPLOYBOT_SLACK_BOT_TOKEN, or DEPLOYBOT_SLACK_APP_TOKEN) and start again"
        }
    }
}

/// What has to be done about a channel that is refused.
fn for_the_channel(told: &str) -> &'static str {
    match code_in(told) {
        "not_in_channel" => "invite the bot to it",
        "channel_not_found" => {
            "it is gone, or it is private and the bot is not in it: invite the bot"
        }
        "is_archived" => "it is archived: bring it back, or ask in another one",
        "thread_not_found" | "cannot_reply_to_message" => "the thread is gone",
        _ => "not everybody may write there: let the bot, or ask in another one",
    }
}

/// What is wrong with what is said.
fn wrong_with_it(told: &str) -> &'static str {
    match code_in(told) {
        "invalid_blocks" | "invalid_blocks_format" | "block_mismatch" => "its form is wrong",
        "no_text" => "it says nothing",
        "markdown_text_conflict" => "it says two things at once",
        _ => "it is too long",
    }
}

fn code_in(told: &str) -> &str {
    told.split(' ').next().unwrap_or_default()
}

/// The library's errors show whole bodies; only Slack's error names are kept.
pub(super) fn meaning(method: &str, error: &SlackClientError) -> Error {
    match error {
        SlackClientError::ApiError(error) => meaning_of_code(method, &error.code),
        SlackClientError::RateLimitError(error) => Error::RateLimited {
            retry_after: error
                .retry_after
                .unwrap_or(RETRY_AFTER)
                .min(LONGEST_RETRY_AFTER),
        },
        SlackClientError::HttpError(error) => meaning_of_status(method, error),
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

/// Slack answers 200 and an error name. Another status mostly comes from what
/// stands between: a proxy that is slow, or that somebody has yet to set right.
fn meaning_of_status(method: &str, error: &SlackClientHttpError) -> Error {
    #[derive(Deserialize)]
    struct Named {
        error: String,
    }
    let body = error.http_response_body.as_deref().unwrap_or_default();
    if let Ok(named) = serde_json::from_str::<Named>(body) {
        return meaning_of_code(method, &named.error);
    }
    let told = format!("{method} was answered with HTTP {}", error.status_code);
    match error.status_code.as_u16() {
        // This message will be too large the next time, too.
        413 => Error::Content(told),
        _ => Error::Uncertain(told),
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
        | "accesslimited"
        | "team_added_to_org" => Error::Uncertain(told),
        "invalid_auth"
        | "not_authed"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "not_allowed_token_type"
        | "missing_scope"
        | "no_permission"
        | "access_denied"
        | "team_access_not_granted"
        | "two_factor_setup_required"
        | "org_login_required"
        | "ekm_access_denied" => Error::Unauthorized(told),
        "channel_not_found"
        | "not_in_channel"
        | "is_archived"
        | "restricted_action"
        | "restricted_action_read_only_channel"
        | "restricted_action_thread_only_channel"
        | "restricted_action_non_threadable_channel"
        | "cannot_reply_to_message"
        | "thread_not_found" => Error::NotInChannel(told),
        "message_not_found" => Error::MessageGone(told),
        "hash_conflict" => Error::Outdated(told),
        "msg_too_long"
        | "msg_blocks_too_long"
        | "no_text"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "block_mismatch"
        | "markdown_text_conflict" => Error::Content(told),
        "cant_update_message"
        | "edit_window_closed"
        | "metadata_too_large"
        | "metadata_must_be_sent_from_app"
        | "invalid_metadata_format"
        | "invalid_metadata_schema"
        | "invalid_arguments"
        | "invalid_arg_name"
        | "invalid_array_arg"
        | "invalid_form_data"
        | "invalid_json"
        | "json_not_object"
        | "invalid_ts"
        | "invalid_thread_ts"
        | "invalid_channel"
        | "unknown_method"
        | "trigger_expired"
        | "exchanged_trigger_id"
        | "expired_trigger_id"
        | "invalid_trigger_id"
        | "view_not_found"
        | "not_found"
        | "user_not_found"
        | "users_not_found" => Error::Refused(told),
        _ => Error::Unknown(told),
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
        assert!(of("is_archived").is_of_a_lost_channel());
        assert!(of("channel_not_found").is_of_a_lost_channel());
        assert!(!of("not_in_channel").is_of_a_lost_channel());
        assert!(matches!(of("invalid_blocks"), Error::Content(_)));
        assert!(matches!(of("msg_too_long"), Error::Content(_)));
        assert!(matches!(of("message_not_found"), Error::MessageGone(_)));
        assert!(matches!(of("hash_conflict"), Error::Outdated(_)));
        assert!(matches!(of("cant_update_message"), Error::Refused(_)));
        assert!(matches!(of("a_name_of_tomorrow"), Error::Unknown(_)));
        assert!(matches!(of("token_revoked"), Error::Unauthorized(_)));
        assert!(matches!(of("internal_error"), Error::Uncertain(_)));
        assert!(matches!(of("ratelimited"), Error::RateLimited { .. }));
    }

    #[test]
    fn each_says_in_the_log_what_has_to_be_done() {
        let told = [
            "not_in_channel",
            "channel_not_found",
            "is_archived",
            "restricted_action",
            "thread_not_found",
            "msg_too_long",
            "invalid_blocks",
            "token_revoked",
            "missing_scope",
            "access_denied",
        ]
        .map(|code| meaning_of_code("chat.postMessage", code).to_string());
        insta::assert_snapshot!(told.join("\n"), @"
        Slack refuses the channel: not_in_channel (chat.postMessage); invite the bot to it
        Slack refuses the channel: channel_not_found (chat.postMessage); it is gone, or it is private and the bot is not in it: invite the bot
        Slack refuses the channel: is_archived (chat.postMessage); it is archived: bring it back, or ask in another one
        Slack refuses the channel: restricted_action (chat.postMessage); not everybody may write there: let the bot, or ask in another one
        Slack refuses the channel: thread_not_found (chat.postMessage); the thread is gone
        Slack refuses what is said: msg_too_long (chat.postMessage); it is too long, which is a defect of deploybot
        Slack refuses what is said: invalid_blocks (chat.postMessage); its form is wrong, which is a defect of deploybot
        Slack refuses the token: token_revoked (chat.postMessage); set another one (DEPLOYBOT_SLACK_BOT_TOKEN, or DEPLOYBOT_SLACK_APP_TOKEN) and start again
        Slack refuses the token: missing_scope (chat.postMessage); install the app again with all scopes of its manifest
        Slack refuses the token: access_denied (chat.postMessage); ask an administrator of the workspace to let the app in
        ");
    }

    fn of_status(code: u16, body: &str) -> Error {
        let status = http::StatusCode::from_u16(code).expect("a status");
        let error = SlackClientHttpError::new(status).with_http_response_body(body.to_owned());
        meaning("chat.update", &SlackClientError::HttpError(error))
    }

    #[test]
    fn a_status_without_an_error_name_is_not_slacks_last_word() {
        for code in [400, 403, 404, 407, 408, 425, 500, 502, 503] {
            for body in ["", "<html>no</html>", r#"{"message": "Forbidden"}"#] {
                let error = of_status(code, body);
                assert!(matches!(error, Error::Uncertain(_)), "{code}: {error}");
            }
        }
        assert!(matches!(of_status(413, ""), Error::Content(_)));
        let named = of_status(400, r#"{"ok": false, "error": "invalid_blocks"}"#);
        assert!(matches!(named, Error::Content(_)), "{named}");
    }

    #[test]
    fn an_answer_body_never_shows() {
        let error = of_status(502, "<html>xoxb-secret</html>");
        insta::assert_snapshot!(error, @"Slack gave no answer that tells what happened: chat.update was answered with HTTP 502 Bad Gateway");
    }
}
