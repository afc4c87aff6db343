//! Commits, their checks, and the distance between two of them.

use jiff::Timestamp;

use super::Sha;

/// A commit, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Whole SHA.
    pub sha: Sha,
    /// First line of the message; text from outside.
    pub headline: String,
    /// GitHub login of the author, or the name in the commit where it has none.
    pub author: String,
    /// When it was committed (not authored: with squash merges these differ,
    /// and an author date can be set to anything).
    pub committed_at: Timestamp,
    /// Its page for people.
    pub url: String,
}

/// Where all checks of a commit, folded into one, stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksState {
    /// The commit has neither checks nor statuses.
    None,
    /// At least one has not ended and none has failed.
    Pending,
    /// All ended well.
    Success,
    /// At least one failed.
    Failure,
    /// The answer could not be read whole: cut short, or a word we do not know.
    Unreadable,
}

/// A commit's checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checks {
    /// All of them folded into one.
    pub state: ChecksState,
    /// How many have ended.
    pub done: u32,
    /// How many there are.
    pub total: u32,
    /// Names of those that failed, sorted, each once.
    pub failed: Vec<String>,
}

/// The commits between what is live and what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// What is live; none when nothing is, and then there is nothing to count
    /// from: both numbers are 0 and no commit is listed.
    pub base: Option<Sha>,
    /// What is asked for.
    pub head: Sha,
    /// How many commits `head` has that `base` has not.
    pub ahead: u32,
    /// How many commits `base` has that `head` has not.
    pub behind: u32,
    /// Those that go out or, when none does, those that leave; newest first,
    /// at most [`Changes::LISTED`].
    pub commits: Vec<Commit>,
    /// The comparison's page for people; empty when nothing is live.
    pub compare_url: String,
}

impl Changes {
    /// How many commits are listed by name.
    pub const LISTED: usize = 10;

    /// Those of a commit where there is nothing to count from.
    pub const fn uncounted(head: Sha) -> Self {
        Self {
            base: None,
            head,
            ahead: 0,
            behind: 0,
            commits: Vec::new(),
            compare_url: String::new(),
        }
    }

    /// Whether it brings an earlier commit back: nothing goes out and at least
    /// one commit leaves.
    pub const fn is_rollback(&self) -> bool {
        self.ahead == 0 && self.behind > 0
    }
}
