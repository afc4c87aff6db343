//! What channels are to follow that the deploy service has not taken yet, as while
//! GitHub does not tell whether it is there. Who ends it meanwhile ends something,
//! though nothing is journalled: what was asked for later holds.

use std::sync::{Mutex, MutexGuard};

use super::{Wanted, written_at};
use crate::slack::{event::Mention, id::ChannelId};

/// What this process asks the deploy service for.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<Vec<Asked>>);

struct Asked {
    by: String,
    channel: ChannelId,
    /// In seconds and nanoseconds.
    at: (i64, i32),
    repository: String,
    /// In small letters, as it is called in full.
    environment: String,
    /// What was said.
    line: String,
}

/// It is asked for; dropped, it is not any more.
pub(super) struct Begun<'a> {
    all: &'a UnderWay,
    by: String,
}

impl UnderWay {
    /// A channel is to follow something.
    pub(super) fn begin(&self, mention: &Mention, wanted: &Wanted) -> Begun<'_> {
        let by = mention.id.to_string();
        self.all().push(Asked {
            by: by.clone(),
            channel: mention.channel.clone(),
            at: at(mention),
            repository: wanted.repository.to_string(),
            environment: name(wanted.environment().unwrap_or_default()),
            line: wanted.subscribing().line(),
        });
        Begun { all: self, by }
    }

    /// What was said before this, is under way still, and is ended by this.
    pub(super) fn ended_by(&self, mention: &Mention, end: &Wanted) -> Vec<String> {
        let (repository, environment) = (end.repository.as_str(), end.environment().map(name));
        let all = self.all();
        let ended = all.iter().filter(|asked| {
            asked.channel == mention.channel
                && asked.at < at(mention)
                && may_be_one(&asked.repository, repository)
                && environment
                    .as_ref()
                    .is_none_or(|own| *own == asked.environment)
        });
        ended.map(|asked| asked.line.clone()).collect()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.0
            .lock()
            .expect("nothing panics while it holds what is under way")
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut all = self.all.all();
        if let Some(place) = all.iter().position(|asked| asked.by == self.by) {
            all.remove(place);
        }
    }
}

fn at(mention: &Mention) -> (i64, i32) {
    written_at(&mention.ts).map_or((0, 0), |at| (at.seconds, at.nanos))
}

/// Whether two names may be of one repository: of one without an owner only its name
/// is known here.
fn may_be_one(one: &str, other: &str) -> bool {
    match (one.split_once('/'), other.split_once('/')) {
        (Some((_, name)), None) => name.eq_ignore_ascii_case(other),
        (None, Some((_, name))) => name.eq_ignore_ascii_case(one),
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// Where none was named production was asked for.
fn name(environment: &str) -> String {
    match environment.to_lowercase().as_str() {
        "" | "prod" => "production".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_without_an_owner_may_be_anybodys() {
        for (one, other) in [
            ("people", "People"),
            ("acme/people", "people"),
            ("people", "Acme/People"),
            ("acme/people", "Acme/people"),
        ] {
            assert!(may_be_one(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("people", "web"),
            ("acme/people", "acme/web"),
            ("acme/people", "other/people"),
            ("acme/people", "acme"),
        ] {
            assert!(!may_be_one(one, other), "{one} {other}");
        }
    }
}
