//! Commits, their checks, and the distance between two of them.

use std::collections::HashSet;

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
    /// Who wrote those that go out, each once, those of the newest commits first,
    /// at most [`Changes::AUTHORS`]; none for commits that leave.
    pub authors: Vec<Author>,
}

/// Who wrote a commit, as the commit says: an address in it proves nothing. What
/// is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// GitHub's number of their account, which stays when the login changes.
    pub account: Option<u64>,
    /// GitHub login.
    pub login: String,
    /// E-mail address.
    pub email: String,
    /// Name; text from outside.
    pub name: String,
}

impl Author {
    /// What tells them from others: their account or, where they have none, the
    /// address or the name. GitHub compares logins without regard to case.
    fn identity(&self) -> Option<(u8, String)> {
        let account = self.account.map(|number| number.to_string());
        let account = account.unwrap_or_default();
        let known = [&account, &self.login, &self.email, &self.name];
        let (kind, text) = (0..).zip(known).find(|(_, text)| !text.is_empty())?;
        Some((kind, text.to_lowercase()))
    }
}

impl Changes {
    /// How many commits are listed by name.
    pub const LISTED: usize = 10;
    /// How many authors are told.
    pub const AUTHORS: usize = 50;

    /// The authors of commits that go out, newest commit first, each once.
    pub fn authors_of(commits: impl IntoIterator<Item = Author>) -> Vec<Author> {
        let mut known = HashSet::new();
        let is_new = |author: &Author| author.identity().is_some_and(|it| known.insert(it));
        let authors = commits.into_iter().filter(is_new);
        authors.take(Self::AUTHORS).collect()
    }

    /// Those of a commit where there is nothing to count from.
    pub const fn uncounted(head: Sha) -> Self {
        Self {
            base: None,
            head,
            ahead: 0,
            behind: 0,
            commits: Vec::new(),
            compare_url: String::new(),
            authors: Vec::new(),
        }
    }

    /// Whether it brings an earlier commit back: nothing goes out and at least
    /// one commit leaves.
    pub const fn is_rollback(&self) -> bool {
        self.ahead == 0 && self.behind > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(login: &str, email: &str) -> Author {
        Author {
            account: None,
            login: login.to_owned(),
            email: email.to_owned(),
            name: "Somebody".to_owned(),
        }
    }

    #[test]
    fn each_author_is_told_once_by_what_they_are_known_by() {
        let told = Changes::authors_of([
            author("minji", "minji@acme.example"),
            author("Minji", "minji@home.example"),
            author("", "joon@acme.example"),
            author("", "Joon@acme.example"),
            author("", ""),
            Author::default(),
            author("joon@acme.example", ""),
        ]);
        let told: Vec<_> = told.iter().map(|it| (&*it.login, &*it.email)).collect();
        assert_eq!(
            told,
            [
                ("minji", "minji@acme.example"),
                ("", "joon@acme.example"),
                ("", ""),
                ("joon@acme.example", ""),
            ]
        );
    }

    #[test]
    fn no_more_authors_are_told_than_fifty() {
        let many = (0..1_000).map(|number| author(&format!("a{number}"), ""));
        let told = Changes::authors_of(many);
        assert_eq!((told.len(), &*told[49].login), (50, "a49"));
    }
}
