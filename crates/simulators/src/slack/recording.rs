//! What an app said and asked, as it did: each call with the scopes that it took,
//! and of what shows something its arguments, for checks by what others wrote.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::Slack;

/// The arguments that say what is shown. They may be JSON text in a form.
const SHOWN: [&str; 4] = ["attachments", "blocks", "metadata", "view"];

/// What of it is no call of a method: an answer to a response URL, and to a
/// submitted modal.
pub(super) const TO_RESPONSE_URL: &str = "response_url";
pub(super) const TO_SUBMISSION: &str = "view_submission";

/// Refusals of callers of whom nobody knows that they are the app.
const OF_STRANGERS: [&str; 4] = [
    "insecure_request",
    "invalid_auth",
    "not_allowed_token_type",
    "not_authed",
];

/// A file with one JSON object in each line, once there is one.
#[derive(Debug, Default)]
pub(super) struct Recording {
    file: Mutex<Option<File>>,
}

impl Slack {
    /// Writes down from now on what the app says and asks, in a new file of that
    /// folder: for each call of a method a line `{"method": …, "scopes": […]}` with
    /// the scopes that it takes, and with `refused`, Slack's name for why, where it
    /// is. Calls of `chat.*` and `views.*` come with their `arguments`, as do what
    /// is answered to a response URL (`response_url`) and to a submitted modal
    /// (`view_submission`). The token is left out.
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn record_in(&self, folder: &Path) -> io::Result<()> {
        let name = format!("{}.jsonl", uuid::Uuid::new_v4().simple());
        let path = folder.join(name);
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        *self.shared.recording.lock() = Some(file);
        Ok(())
    }

    /// Writes a call down, if that is wanted.
    pub(super) fn record_call(
        &self,
        method: &str,
        arguments: &Map<String, Value>,
        scopes: &[&str],
        refused: Option<&str>,
    ) {
        let mut file = self.shared.recording.lock();
        let Some(file) = file.as_mut() else {
            return;
        };
        if refused.is_some_and(|why| OF_STRANGERS.contains(&why)) {
            return;
        }
        let line = line(method, arguments, scopes, refused);
        if let Err(error) = writeln!(file, "{line}") {
            tracing::error!(%error, "what the app said could not be written down");
        }
    }

    /// Writes down what the app answered to a submitted modal, if it said something.
    pub(super) fn record_answer(&self, answer: &Value) {
        if let Some(said) = answer.as_object().filter(|said| !said.is_empty()) {
            self.record_call(TO_SUBMISSION, said, &[], None);
        }
    }
}

impl Recording {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        // A line is written in one step, so what a panicked holder left is whole.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(
    method: &str,
    arguments: &Map<String, Value>,
    scopes: &[&str],
    refused: Option<&str>,
) -> Value {
    let mut line = json!({"method": method, "scopes": scopes});
    if let Some(why) = refused {
        line["refused"] = json!(why);
    }
    let shows = method.starts_with("chat.")
        || method.starts_with("views.")
        || [TO_RESPONSE_URL, TO_SUBMISSION].contains(&method);
    // What came too early comes again.
    if shows && refused != Some("ratelimited") {
        line["arguments"] = Value::Object(read(arguments));
    }
    line
}

/// The arguments as an app gave them to its library.
fn read(arguments: &Map<String, Value>) -> Map<String, Value> {
    let read = |name: &str, value: &Value| match value {
        Value::String(text) if SHOWN.contains(&name) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    };
    arguments
        .iter()
        .filter(|(name, _)| *name != "token")
        .map(|(name, value)| (name.clone(), read(name, value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reads_as_json_does_and_the_token_is_left_out() {
        let form = json!({"token": "xoxb-1", "text": "[1]", "blocks": "[{\"type\": \"divider\"}]"});
        let wanted = json!({"text": "[1]", "blocks": [{"type": "divider"}]});
        assert_eq!(Value::Object(read(form.as_object().unwrap())), wanted);
        assert_eq!(Value::Object(read(wanted.as_object().unwrap())), wanted);
    }

    #[test]
    fn what_shows_something_comes_with_its_arguments() {
        let said = json!({"text": "a", "token": "xoxb-1"});
        let said = said.as_object().unwrap();
        let post = "chat.postMessage";
        assert_eq!(
            line(post, said, &["chat:write"], None),
            json!({"method": post, "scopes": ["chat:write"], "arguments": {"text": "a"}})
        );
        assert_eq!(
            line(post, said, &[], Some("invalid_blocks")),
            json!({
                "method": post, "scopes": [], "refused": "invalid_blocks",
                "arguments": {"text": "a"},
            })
        );
        assert_eq!(
            line(post, said, &[], Some("ratelimited")),
            json!({"method": post, "scopes": [], "refused": "ratelimited"})
        );
        assert_eq!(
            line("users.info", said, &["users:read"], None),
            json!({"method": "users.info", "scopes": ["users:read"]})
        );
    }
}
