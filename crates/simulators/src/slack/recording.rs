//! What an app said, as it said it: the arguments of each accepted call that
//! shows something, for checks by what others wrote.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::Slack;

/// The arguments that say what is shown. They may be JSON text in a form.
const SHOWN: [&str; 4] = ["attachments", "blocks", "metadata", "view"];

/// A file with one JSON object in each line, once there is one.
#[derive(Debug, Default)]
pub(super) struct Recording {
    file: Mutex<Option<File>>,
}

impl Slack {
    /// Writes down from now on what the app says: for each accepted call of
    /// `chat.*` and `views.*` a line `{"method": …, "arguments": {…}}`, in a new
    /// file of that folder. The token is left out.
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

    /// Writes a call down, if that is wanted and it shows something.
    pub(super) fn record(&self, method: &str, arguments: &Map<String, Value>) {
        let shows = method.starts_with("chat.") || method.starts_with("views.");
        let mut file = self.shared.recording.lock();
        let Some(file) = file.as_mut().filter(|_| shows) else {
            return;
        };
        let line = json!({"method": method, "arguments": read(arguments)});
        if let Err(error) = writeln!(file, "{line}") {
            tracing::error!(%error, "what the app said could not be written down");
        }
    }
}

impl Recording {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        // A line is written in one step, so what a panicked holder left is whole.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
}
