//! What somebody wants a channel to follow, or not to follow any more, as a change.

use jiff::Timestamp;

use super::{changes::Wanted, hints, row::moments_text};
use crate::{
    gate,
    model::{Change, EnvironmentName, Moments, RepositoryName},
};

/// What somebody asks a channel to follow, as they asked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    /// Slack's id of it.
    pub channel: String,
    /// Of which repository.
    pub repository: RepositoryName,
    /// Which environment, if any was named.
    pub environment: Option<EnvironmentName>,
    /// What of it.
    pub moments: Moments,
    /// The change that it is.
    pub change: Change,
}

impl Following {
    /// The change that it is.
    pub(super) fn wanted(&self, now: Timestamp) -> Wanted<'_> {
        let environment = self.environment.as_ref().map(EnvironmentName::as_str);
        let environment = environment.unwrap_or_default().to_lowercase();
        Wanted {
            id: &self.change.id,
            subject: followed(&self.channel, &self.repository),
            wish: format!("{} of {environment}", moments_text(&self.moments)),
            asked_at: self.change.asked_by(now),
            now,
        }
    }
}

/// What changes of what a channel follows of a repository are about.
pub(super) fn followed(channel: &str, repository: &RepositoryName) -> String {
    format!("{channel} follows {}", hints::key(repository))
}

/// The wish to follow an environment no more, or all of them.
pub(super) fn wish_to_end(environment: Option<&EnvironmentName>) -> String {
    environment.map_or_else(
        || "end".to_owned(),
        |name| format!("end {}", name.as_str().to_lowercase()),
    )
}

/// Whether a wish is one to follow this environment no more, by whichever of its
/// names.
pub(super) fn ends(wish: &str, environment: &EnvironmentName) -> bool {
    let Some(named) = wish.strip_prefix("end") else {
        return false;
    };
    let named = named.strip_prefix(' ').map(str::parse::<EnvironmentName>);
    named.is_none_or(|named| {
        let spellings = named.as_ref().map(gate::spellings).unwrap_or_default();
        spellings.iter().any(|name| name.is_same(environment))
    })
}
