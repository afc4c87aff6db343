//! The words that follow a command, and what each of them is: told by a little
//! word before it (`deploy a1b2c3d of people to production`), by its look (a
//! SHA, a number, an address), or else by its place.

use deploy_proto::v1::Moment;

use super::{CommandName, CommitSha, address::Address, is_usual_environment, moment::moments};

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
    named: Vec<(Role, Word)>,
    /// The other words, in their order.
    plain: Vec<Word>,
    /// Words that can have no place: little words that nothing follows, flags,
    /// times of the day.
    unknown: Vec<Word>,
    /// The repository of a commit that was given by its address.
    linked: Option<String>,
    /// The pull request whose address was given.
    pull_request: Option<PullRequest>,
}

/// A pull request, by its address.
#[derive(Debug, Clone)]
pub(super) struct PullRequest {
    /// `owner/name`.
    pub(super) repository: String,
    /// Its number.
    pub(super) number: String,
}

/// A word and where in the line it stands.
#[derive(Debug, Clone)]
struct Word {
    at: usize,
    text: String,
}

impl Given {
    pub(super) fn read(command: CommandName, words: &[String]) -> Self {
        let mut given = Self {
            command,
            named: Vec::new(),
            plain: Vec::new(),
            unknown: Vec::new(),
            linked: None,
            pull_request: None,
        };
        let words = words.iter().enumerate().map(|(at, text)| Word {
            at,
            text: text.clone(),
        });
        let words: Vec<_> = words.collect();
        let mut rest = words.as_slice();
        while let Some((word, following)) = rest.split_first() {
            rest = following;
            let next = following.first();
            let next_is = next.map(|next| next.text.as_str());
            match (sense(word, command, next_is), next) {
                (Sense::Itself, _) => given.place(None, word),
                (Sense::Tells(role), Some(named)) => {
                    given.place(Some(role), named);
                    rest = &following[1..];
                }
                (Sense::Unknown | Sense::Tells(_), _) => given.unknown.push(word.clone()),
                (Sense::UnknownWithTheNext, next) => {
                    given
                        .unknown
                        .extend([word].into_iter().chain(next).cloned());
                    rest = following.get(1..).unwrap_or_default();
                }
            }
        }
        given
    }

    fn place(&mut self, role: Option<Role>, word: &Word) {
        let part = |text: &str| Word {
            at: word.at,
            text: text.to_owned(),
        };
        if let Some(number) = limit_in_one_word(&word.text) {
            return self.named.push((Role::Limit, part(number)));
        }
        match Address::read(&word.text) {
            Some(Address::Commit { repository, sha }) if self.command == CommandName::Deploy => {
                self.named.push((Role::Commit, part(&sha)));
                self.linked = Some(repository);
            }
            Some(Address::PullRequest { repository, number }) => {
                self.named.push((Role::Repository, part(&repository)));
                self.pull_request = Some(PullRequest { repository, number });
            }
            Some(Address::Commit { repository, .. } | Address::Repository(repository)) => {
                self.named.push((Role::Repository, part(&repository)));
            }
            None => match role {
                Some(role) => self.named.push((role, word.clone())),
                None => self.plain.push(word.clone()),
            },
        }
    }

    /// The word named so or else the next of the plain ones.
    pub(super) fn take(&mut self, role: Role) -> Option<String> {
        self.take_named(role)
            .or_else(|| (!self.plain.is_empty()).then(|| self.plain.remove(0).text))
    }

    fn take_named(&mut self, role: Role) -> Option<String> {
        let at = self.named.iter().position(|(named, _)| *named == role)?;
        Some(self.named.remove(at).1.text)
    }

    /// Whether a little word tells which of the words it is.
    pub(super) fn is_named(&self, role: Role) -> bool {
        self.named.iter().any(|(named, _)| *named == role)
    }

    /// The number among several words; the first of them is one only where no
    /// other is, because a repository may be called `7`.
    pub(super) fn take_number(&mut self) -> Option<String> {
        self.take_named(Role::Limit).or_else(|| {
            let may_be_first = self.plain.len() > 1 || self.is_named(Role::Repository);
            let mut later = self.plain.iter().skip(1);
            let later = later.position(|word| is_number(&word.text));
            let at = match later {
                Some(later) => later + 1,
                None if may_be_first && is_number(&self.plain.first()?.text) => 0,
                None => return None,
            };
            Some(self.plain.remove(at).text)
        })
    }

    /// The repository of a command that takes no environment: where one stands
    /// first, what stands beside it.
    pub(super) fn take_repository_alone(&mut self) -> Option<String> {
        let is_turned = match self.plain.as_slice() {
            [first, second, ..] => {
                is_usual_environment(&first.text) && !is_usual_environment(&second.text)
            }
            _ => false,
        };
        if is_turned && !self.is_named(Role::Repository) {
            return Some(self.plain.remove(1).text);
        }
        self.take(Role::Repository)
    }

    /// What is to be followed, by the words for it behind the repository.
    pub(super) fn take_moments(&mut self) -> Vec<Moment> {
        let first = usize::from(!self.is_named(Role::Repository));
        let (mut taken, mut rest) = (Vec::new(), Vec::new());
        for (at, word) in self.plain.drain(..).enumerate() {
            match moments(&word.text).filter(|_| at >= first) {
                Some(moments) => taken.extend_from_slice(moments),
                None => rest.push(word),
            }
        }
        self.plain = rest;
        taken.sort_unstable();
        taken.dedup();
        taken
    }

    /// A word that says all of it, wherever one stands: a repository or an environment
    /// that is called so is not thought of, and such a repository has an owner.
    pub(super) fn take_all(&mut self) -> Option<String> {
        let is_all =
            |word: &Word| matches!(word.text.to_lowercase().as_str(), "all" | "everything");
        let named = self.named.iter().map(|(_, word)| word);
        let all = self.plain.iter().chain(named).find(|word| is_all(word))?;
        let all = all.text.clone();
        self.plain.retain(|word| !is_all(word));
        self.named.retain(|(_, word)| !is_all(word));
        Some(all)
    }

    /// The pull request whose address was given.
    pub(super) fn pull_request(&self) -> Option<&PullRequest> {
        self.pull_request.as_ref()
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
            .filter(|at| looks_like_a_commit(&self.plain[*at].text))
            .collect();
        looks.sort_by_key(|at| (self.plain[*at].text.len(), *at));
        let other_words = self.plain.len() - looks.len();
        let names = names_needed.saturating_sub(other_words);
        // One of them is the commit, even if a name is missing then.
        let names = names.min(looks.len().saturating_sub(usize::from(commits.is_empty())));
        let mut taken = looks.split_off(names);
        taken.sort_unstable();
        commits.extend(taken.iter().map(|at| self.plain[*at].text.clone()));
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
            first.is_some_and(|word| word.text.eq_ignore_ascii_case(name))
        };
        match self.linked.clone() {
            Some(linked) if !is_named && !is_repeated(&linked) => {
                (Some(linked.clone()), Some(linked))
            }
            linked => (self.take(Role::Repository), linked),
        }
    }

    /// The words that found no place, as they stand in the line.
    pub(super) fn leftovers(&self) -> String {
        let named = self.named.iter().map(|(_, word)| word);
        let words = self.plain.iter().chain(named).chain(&self.unknown);
        let mut words: Vec<_> = words.collect();
        words.sort_by_key(|word| word.at);
        let words: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

/// What a word does in a command.
enum Sense {
    /// It is a name, a commit or a number.
    Itself,
    /// It tells what the next word is.
    Tells(Role),
    /// It has no place there.
    Unknown,
    /// Nor has the next word, which belongs to it.
    UnknownWithTheNext,
}

fn sense(word: &Word, command: CommandName, next: Option<&str>) -> Sense {
    let text = word.text.to_lowercase();
    let is_deploy = command == CommandName::Deploy;
    let next_is = |is: fn(&str) -> bool| next.is_some_and(is);
    let role = match text.as_str() {
        // Nothing can be told to go out later.
        "at" if is_deploy && !next_is(may_be_a_commit) => return Sense::UnknownWithTheNext,
        "in" if is_deploy && next_is(is_number) => return Sense::UnknownWithTheNext,
        "of" | "for" | "from" => Role::Repository,
        // `subscribe to people`.
        "to" if command == CommandName::Subscribe && word.at == 0 => Role::Repository,
        "to" | "into" | "in" | "on" => Role::Environment,
        "commit" | "sha" | "at" if is_deploy => Role::Commit,
        // A repository may be called `limit`; a flag may not.
        "limit" | "last" if !is_deploy && (word.at > 0 || next_is(is_number)) => Role::Limit,
        flag if is_limit_flag(flag) => Role::Limit,
        flag if flag.starts_with(is_dash) && !is_number(flag) => return Sense::Unknown,
        _ => return Sense::Itself,
    };
    if next.is_some_and(|next| next.to_lowercase() == text) {
        // Said twice, once is too often.
        return Sense::Unknown;
    }
    Sense::Tells(role)
}

fn may_be_a_commit(word: &str) -> bool {
    CommitSha::new(word).is_ok() || Address::read(word).is_some()
}

/// `--limit`, also with the long dash that phones make of two.
fn is_limit_flag(word: &str) -> bool {
    let name = word.trim_start_matches(is_dash);
    name.len() < word.len() && matches!(name, "limit" | "last" | "n")
}

/// `--help` or `-h`, also with the long dash.
pub(super) fn is_help_flag(word: &str) -> bool {
    let name = word.trim_start_matches(is_dash);
    name.len() < word.len() && matches!(name.to_lowercase().as_str(), "help" | "h")
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

/// A number of any kind: whether it can be a limit is another question.
pub(super) fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(|c| is_dash(c) || c == '+');
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    !digits.is_empty() && digits.chars().all(is_part)
}

/// Hex digits enough, and not a word of the language such as `cafe`.
pub(super) fn looks_like_a_commit(word: &str) -> bool {
    CommitSha::new(word).is_ok()
        && (word.len() >= 7 || word.bytes().any(|byte| byte.is_ascii_digit()))
}

/// What is hardly anything but a SHA, of the length that `git` and GitHub show.
pub(super) fn is_sha(word: &str) -> bool {
    looks_like_a_commit(word) && word.len() >= 7
}
