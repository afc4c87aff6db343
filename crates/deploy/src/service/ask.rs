//! What comes in, checked: each question as plain data, and the reader that
//! turns the texts and numbers of a caller into it, collecting all that is
//! wrong and not only the first.

use crate::{
    error::{Error, Violation},
    model::{
        Change, CommitRef, EnvironmentName, ExpectedLive, InvalidName, Person, RepositoryName,
        RequestId,
    },
    store::Following,
};

/// What the contract calls it when a bare name was given and no owner is set that
/// it could take.
const NO_DEFAULT_OWNER: &str = "NO_DEFAULT_OWNER";

/// Asks what runs where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusAsk {
    /// Of which repository.
    pub(crate) repository: RepositoryName,
    /// How many commits.
    pub(crate) limit: u8,
}

/// Asks what was deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistoryAsk {
    /// Of which repository.
    pub(crate) repository: RepositoryName,
    /// Only in this environment.
    pub(crate) environment: Option<EnvironmentName>,
    /// How many deployments of each environment.
    pub(crate) per_environment: u8,
}

/// Asks what would become of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PreviewAsk {
    /// Of which repository.
    pub(crate) repository: RepositoryName,
    /// Where to.
    pub(crate) environment: EnvironmentName,
    /// Which commit.
    pub(crate) commit: CommitRef,
    /// What has to be live; none where that does not matter.
    pub(crate) expected_live: Option<ExpectedLive>,
}

/// Withdraws a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CancelAsk {
    /// Which request.
    pub(crate) request: RequestId,
    /// Who withdraws it.
    pub(crate) by: Person,
}

/// Follows the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WatchAsk {
    /// Who.
    pub(crate) subscriber: String,
    /// Which replica of it, if it says so.
    pub(crate) replica: Option<String>,
}

/// Acknowledges the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AckAsk {
    /// Who.
    pub(crate) subscriber: String,
    /// Up to and with this entry.
    pub(crate) cursor: i64,
}

/// Lets a channel follow an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubscribeAsk {
    /// What; where no environment is named, production.
    pub(crate) following: Following,
    /// Who asks.
    pub(crate) requester: Person,
}

/// Ends what a channel follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnsubscribeAsk {
    /// Slack's id of it.
    pub(crate) channel: String,
    /// Of which repository.
    pub(crate) repository: RepositoryName,
    /// Which environment; none: all.
    pub(crate) environment: Option<EnvironmentName>,
    /// The change that it is.
    pub(crate) change: Change,
}

/// Records the message that shows a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplyAsk {
    /// Which request.
    pub(crate) request: RequestId,
    /// The message's channel.
    pub(crate) channel: String,
    /// The message.
    pub(crate) message_ts: String,
}

/// Reads a question with `read`, and answers with all that is wrong in it.
pub(crate) fn read<T>(read: impl FnOnce(&mut Reader) -> Option<T>) -> Result<T, Error> {
    let mut reader = Reader {
        violations: Vec::new(),
    };
    match read(&mut reader) {
        Some(value) if reader.violations.is_empty() => Ok(value),
        _ => Err(Error::Invalid(reader.violations)),
    }
}

/// Reads fields and collects what is wrong with them. A field that is wrong
/// gives nothing, and there is a violation then.
pub(crate) struct Reader {
    violations: Vec<Violation>,
}

impl Reader {
    /// A repository, `owner/name` or a bare name.
    pub(crate) fn repository(
        &mut self,
        text: &str,
        default_owner: Option<&str>,
    ) -> Option<RepositoryName> {
        let read = self.name("repository", RepositoryName::parse(text, default_owner));
        // Whoever typed it can't know that it has to have an owner here.
        if read.is_none() && default_owner.is_none() && !text.contains('/') {
            let told = self.violations.last_mut();
            told.expect("it was pushed right now").reason = Some(NO_DEFAULT_OWNER);
        }
        read
    }

    /// An environment.
    pub(crate) fn environment(&mut self, text: &str) -> Option<EnvironmentName> {
        self.name("environment", text.parse())
    }

    /// A commit.
    pub(crate) fn commit(&mut self, text: &str) -> Option<CommitRef> {
        self.name("commit", text.parse())
    }

    /// What has to be live.
    pub(crate) fn expected_live(&mut self, text: &str) -> Option<ExpectedLive> {
        self.name("expected_live", text.parse())
    }

    /// The id of a request.
    pub(crate) fn request_id(&mut self, text: &str) -> Option<RequestId> {
        self.name("request_id", text.parse())
    }

    /// A number from 1 to 50.
    pub(crate) fn count(
        &mut self,
        field: &'static str,
        number: Option<i32>,
        left_out: u8,
    ) -> Option<u8> {
        let Some(number) = number else {
            return Some(left_out);
        };
        match u8::try_from(number) {
            Ok(count @ 1..=50) => Some(count),
            _ => self.wrong(field, format!("It is {number}; it must be from 1 to 50.")),
        }
    }

    /// A place in the feed.
    pub(crate) fn cursor(&mut self, cursor: i64) -> Option<i64> {
        if cursor >= 0 {
            Some(cursor)
        } else {
            self.wrong(
                "cursor",
                format!("It is {cursor}; it must not be negative."),
            )
        }
    }

    /// A word of Slack's or of a caller's own: short, printable, not empty.
    pub(crate) fn word(&mut self, field: &'static str, text: &str) -> Option<String> {
        self.printable(field, text, 100)
    }

    /// A channel that follows something: Slack's ids have 9 to 11 characters.
    /// With a request's id it makes the name of a message.
    pub(crate) fn channel(&mut self, text: &str) -> Option<String> {
        self.printable("channel", text, 30)
    }

    /// The name of a message.
    pub(crate) fn key(&mut self, text: &str) -> Option<String> {
        self.printable("key", text, 250)
    }

    fn printable(&mut self, field: &'static str, text: &str, most: usize) -> Option<String> {
        if (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Some(text.to_owned())
        } else {
            self.wrong(
                field,
                format!("It must have 1 to {most} printable ASCII characters and no spaces."),
            )
        }
    }

    /// What may be left out, which is the same as empty.
    pub(crate) fn optional<T>(
        text: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        match text {
            "" => Some(None),
            text => read(text).map(Some),
        }
    }

    /// A text that may be empty, and holds at most 255 characters, none of
    /// them a control character.
    pub(crate) fn text(&mut self, field: &'static str, text: String) -> Option<String> {
        if text.chars().count() <= 255 && !text.chars().any(char::is_control) {
            Some(text)
        } else {
            self.wrong(
                field,
                "It must have at most 255 characters and no control characters.",
            )
        }
    }

    /// What is wrong with a field.
    pub(crate) fn wrong<T>(
        &mut self,
        field: &'static str,
        sentence: impl Into<String>,
    ) -> Option<T> {
        self.violations.push(Violation {
            field,
            sentence: sentence.into(),
            reason: None,
        });
        None
    }

    /// What is checked where it is made.
    pub(crate) fn name<T>(
        &mut self,
        field: &'static str,
        name: Result<T, InvalidName>,
    ) -> Option<T> {
        name.map_or_else(|invalid| self.wrong(field, invalid.what), Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations<T: std::fmt::Debug>(
        read_fields: impl FnOnce(&mut Reader) -> Option<T>,
    ) -> Vec<&'static str> {
        match read(read_fields) {
            Err(Error::Invalid(violations)) => violations.iter().map(|v| v.field).collect(),
            other => panic!("it should be invalid, but gave {other:?}"),
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let fields = violations(|reader| {
            let (repository, commit) = (reader.repository("a b", None), reader.commit("main"));
            Some((repository?, reader.environment("")?, commit?))
        });
        assert_eq!(fields, ["repository", "commit"]);
    }

    #[test]
    fn a_count_is_from_1_to_50() {
        for (number, count) in [(None, 5), (Some(1), 1), (Some(50), 50)] {
            assert_eq!(
                read(|reader| reader.count("limit", number, 5)).unwrap(),
                count
            );
        }
        for number in [i32::MIN, -1, 0, 51, 256 + 5, i32::MAX] {
            let fields = violations(|reader| reader.count("limit", Some(number), 5));
            assert_eq!(fields, ["limit"], "{number}");
        }
    }

    #[test]
    fn a_word_is_short_and_printable() {
        assert!(read(|reader| reader.word("subscriber", "deploybot")).is_ok());
        for text in ["", "a b", "a\n", "é", &"x".repeat(101)] {
            violations(|reader| reader.word("subscriber", text));
        }
        assert!(read(|reader| reader.key(&"x".repeat(250))).is_ok());
        violations(|reader| reader.key(&"x".repeat(251)));
    }

    #[test]
    fn a_text_holds_no_control_characters() {
        assert!(read(|reader| reader.text("requester.name", "Zoë 🚀".to_owned())).is_ok());
        for text in ["\u{0}".to_owned(), "x".repeat(256)] {
            violations(|reader| reader.text("requester.name", text));
        }
    }

    #[test]
    fn a_cursor_is_not_negative() {
        assert_eq!(read(|reader| reader.cursor(0)).unwrap(), 0);
        assert_eq!(violations(|reader| reader.cursor(-1)), ["cursor"]);
    }
}
