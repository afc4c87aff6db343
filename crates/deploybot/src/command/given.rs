//! The words that follow a command, and what each of them is: told by a little
//! word before it (`deploy a1b2c3d of people to production`), by its look (a
//! SHA, a number, an address), or else by its place.

use super::{CommandName, CommitSha, address::Address};

/// What a word is in a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A repository.
    Repository,
    /// An environment.
    Environment,
    /// A commit.
    Commit,
    /// How many.
    Limit,
}

/// The words that follow a command, as far as they are not yet placed.
#[derive(Debug)]
pub(super) struct Given {
    command: CommandName,
    /// Words of which it is told what they are.
    named: Vec<(Role, String)>,
    /// The other words, in their order.
    plain: Vec<String>,
    /// Little words that nothing follows.
    dangling: Vec<String>,
    /// The repository of a commit that was given by its address.
    linked: Option<String>,
}

impl Given {
    pub(super) fn read(command: CommandName, words: &[String]) -> Self {
        let mut given = Self {
            command,
            named: Vec::new(),
            plain: Vec::new(),
            dangling: Vec::new(),
            linked: None,
        };
        let mut rest = words;
        while let Some((word, following)) = rest.split_first() {
            rest = following;
            let is_first = following.len() + 1 == words.len();
            match role_told_by(word, command, is_first, following.first()) {
                None => given.place(None, word),
                Some(role) => match following.split_first() {
                    Some((named, following)) => {
                        given.place(Some(role), named);
                        rest = following;
                    }
                    None => given.dangling.push(word.clone()),
                },
            }
        }
        given
    }

    fn place(&mut self, role: Option<Role>, word: &str) {
        if let Some(number) = limit_in_one_word(word) {
            return self.named.push((Role::Limit, number.to_owned()));
        }
        match Address::read(word) {
            Some(Address::Commit { repository, sha }) if self.command == CommandName::Deploy => {
                self.named.push((Role::Commit, sha));
                self.linked = Some(repository);
            }
            Some(Address::Commit { repository, .. } | Address::Repository(repository)) => {
                self.named.push((Role::Repository, repository));
            }
            None => match role {
                Some(role) => self.named.push((role, word.to_owned())),
                None => self.plain.push(word.to_owned()),
            },
        }
    }

    /// The word named so or else the next of the plain ones.
    pub(super) fn take(&mut self, role: Role) -> Option<String> {
        self.take_named(role)
            .or_else(|| (!self.plain.is_empty()).then(|| self.plain.remove(0)))
    }

    fn take_named(&mut self, role: Role) -> Option<String> {
        let at = self.named.iter().position(|(named, _)| *named == role)?;
        Some(self.named.remove(at).1)
    }

    fn is_named(&self, role: Role) -> bool {
        self.named.iter().any(|(named, _)| *named == role)
    }

    /// The number among several words; the first of them is one only where no
    /// other is, because a repository may be called `7`.
    pub(super) fn take_number(&mut self) -> Option<String> {
        self.take_named(Role::Limit).or_else(|| {
            let may_be_first = self.plain.len() > 1 || self.is_named(Role::Repository);
            let later = self.plain.iter().skip(1).position(|word| is_number(word));
            let at = match later {
                Some(later) => later + 1,
                None if may_be_first && is_number(self.plain.first()?) => 0,
                None => return None,
            };
            Some(self.plain.remove(at))
        })
    }

    /// The next of the plain words, which has no place in the command.
    pub(super) fn next_plain(&self) -> Option<&str> {
        self.plain.first().map(String::as_str)
    }

    /// Gives back a word that turned out to be no part of the command.
    pub(super) fn give_back(&mut self, word: String) {
        self.plain.insert(0, word);
    }

    /// All commits, those told to be one first. What merely looks like one is
    /// left over as a name where names would be missing, so that a repository
    /// called `defaced` can be deployed: the longest, then the last, is taken.
    pub(super) fn take_commits(&mut self) -> Vec<String> {
        let mut commits = Vec::new();
        while let Some(commit) = self.take_named(Role::Commit) {
            commits.push(commit);
        }
        let names_needed = [
            self.is_named(Role::Repository) || self.linked.is_some(),
            self.is_named(Role::Environment),
        ];
        let names_needed = names_needed.iter().filter(|is_there| !*is_there).count();
        let mut looks: Vec<usize> = (0..self.plain.len())
            .filter(|at| looks_like_a_commit(&self.plain[*at]))
            .collect();
        looks.sort_by_key(|at| (self.plain[*at].len(), *at));
        let other_words = self.plain.len() - looks.len();
        let names = names_needed.saturating_sub(other_words);
        // One of them is the commit, even if a name is missing then.
        let names = names.min(looks.len().saturating_sub(usize::from(commits.is_empty())));
        let mut taken = looks.split_off(names);
        taken.sort_unstable();
        commits.extend(taken.iter().map(|at| self.plain[*at].clone()));
        for at in taken.into_iter().rev() {
            self.plain.remove(at);
        }
        commits
    }

    /// The repository: the one that was named or else that of the commit's
    /// address, which is told as well, for the two have to agree.
    pub(super) fn take_repository(&mut self) -> (Option<String>, Option<String>) {
        let environments = usize::from(!self.is_named(Role::Environment));
        let is_named = self.is_named(Role::Repository) || self.plain.len() > environments;
        let is_repeated = |linked: &str| {
            let name = linked.rsplit('/').next().unwrap_or(linked);
            let first = self.plain.first();
            first.is_some_and(|word| word.eq_ignore_ascii_case(name))
        };
        match self.linked.clone() {
            Some(linked) if !is_named && !is_repeated(&linked) => {
                (Some(linked.clone()), Some(linked))
            }
            linked => (self.take(Role::Repository), linked),
        }
    }

    /// The words that found no place.
    pub(super) fn leftovers(&self) -> String {
        let named = self.named.iter().map(|(_, word)| word);
        let words: Vec<_> = self
            .plain
            .iter()
            .chain(named)
            .chain(&self.dangling)
            .map(String::as_str)
            .collect();
        words.join(" ")
    }
}

/// What the word after `word` is.
fn role_told_by(
    word: &str,
    command: CommandName,
    is_first: bool,
    next: Option<&String>,
) -> Option<Role> {
    let is_deploy = command == CommandName::Deploy;
    match word.to_lowercase().as_str() {
        "of" | "for" | "from" => Some(Role::Repository),
        "to" | "into" | "in" | "on" => Some(Role::Environment),
        "commit" | "sha" | "at" if is_deploy => Some(Role::Commit),
        // A repository may be called `limit`; a flag may not.
        "limit" | "last"
            if !is_deploy && (!is_first || next.is_some_and(|next| is_number(next))) =>
        {
            Some(Role::Limit)
        }
        flag if is_limit_flag(flag) => Some(Role::Limit),
        _ => None,
    }
}

/// `--limit`, also with the long dash that phones make of two.
fn is_limit_flag(word: &str) -> bool {
    let name = word.trim_start_matches(is_dash);
    name.len() < word.len() && matches!(name, "limit" | "last" | "n")
}

/// The number in `--limit=10`, `limit=10` or `limit:10`.
fn limit_in_one_word(word: &str) -> Option<&str> {
    let (name, number) = word.split_once(['=', ':'])?;
    name.trim_start_matches(is_dash)
        .eq_ignore_ascii_case("limit")
        .then_some(number)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(|c| is_dash(c) || c == '+');
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Hex digits enough, and not a word of the language such as `cafe`.
fn looks_like_a_commit(word: &str) -> bool {
    CommitSha::new(word).is_ok()
        && (word.len() >= 7 || word.bytes().any(|byte| byte.is_ascii_digit()))
}

/// What is hardly anything but a SHA, of the length that `git` and GitHub show.
pub(super) fn is_sha(word: &str) -> bool {
    looks_like_a_commit(word) && word.len() >= 7
}
