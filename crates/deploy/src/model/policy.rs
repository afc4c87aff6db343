//! A repository's own rules: `.github/deploy.yml` at its default branch, so that no
//! commit can loosen its own gate. What can't be read whole is not read at all, and
//! says where and why: a key that nobody knows is most likely one that was spelt
//! wrong, and a rule that is passed over unseen is worse than none.

mod problem;
mod tree;

pub use problem::{PolicyError, PolicyProblem, PolicyTaker};

use std::collections::HashSet;

use self::tree::Node;
use super::EnvironmentName;

/// Where a repository has it.
pub const POLICY_FILE: &str = ".github/deploy.yml";
/// How long it may be, in KiB and in bytes.
const LONGEST_KIB: u16 = 64;
const LONGEST: usize = LONGEST_KIB as usize * 1024;
const TOO_LONG: PolicyProblem = PolicyProblem::TooLong {
    most_kib: LONGEST_KIB,
};
/// How much of a word is repeated.
const WORD: usize = 40;

/// The rules of a repository. Without a file there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Those of its environments that are named, each once, as they stand there.
    pub environments: Vec<EnvironmentPolicy>,
}

/// The rules of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentPolicy {
    /// Its name, as it stands in the file.
    pub name: EnvironmentName,
    /// The Slack channel that follows what goes out there.
    pub channel: Option<String>,
}

/// The file as GitHub gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyFile<'a> {
    /// There is none.
    Missing,
    /// A folder is called so.
    Folder,
    /// It is no text, or not told whole.
    Unreadable {
        /// How long it is, in bytes.
        bytes: usize,
    },
    /// What stands in it.
    Text(&'a str),
}

impl Policy {
    /// Reads a repository's rules.
    ///
    /// # Errors
    /// When anything in the file can't be read.
    pub fn read(file: PolicyFile<'_>) -> Result<Self, PolicyError> {
        let text = match file {
            PolicyFile::Missing => return Ok(Self::default()),
            PolicyFile::Folder => return Err(whole(PolicyProblem::Folder)),
            PolicyFile::Unreadable { bytes } if bytes > LONGEST => {
                return Err(whole(TOO_LONG));
            }
            PolicyFile::Unreadable { .. } => return Err(whole(PolicyProblem::NotText)),
            PolicyFile::Text(text) => text,
        };
        if text.len() > LONGEST {
            return Err(whole(TOO_LONG));
        }
        // What is no UTF-8 comes with this mark in its place.
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(whole(PolicyProblem::NotText));
        }
        let Some(root) = tree::read(text)? else {
            return Ok(Self::default());
        };
        let mut policy = Self::default();
        for (key, value) in root.entries(PolicyTaker::File)? {
            match key.text.as_str() {
                "environments" => policy.environments = environments(value)?,
                _ => return Err(key.unknown("environments")),
            }
        }
        Ok(policy)
    }

    /// The channels that it names, by environment.
    pub fn channels(&self) -> Vec<(EnvironmentName, String)> {
        let named = self.environments.iter();
        named
            .filter_map(|one| Some((one.name.clone(), one.channel.clone()?)))
            .collect()
    }
}

fn environments(node: &Node) -> Result<Vec<EnvironmentPolicy>, PolicyError> {
    let (mut environments, mut seen) = (Vec::new(), HashSet::new());
    for (key, value) in node.entries(PolicyTaker::Environments)? {
        let name: EnvironmentName = key
            .text
            .parse()
            .map_err(|_| key.wrong(PolicyProblem::BadEnvironment(shortened(&key.text))))?;
        if !seen.insert(name.as_str().to_lowercase()) {
            return Err(key.wrong(PolicyProblem::Twice(shortened(&key.text))));
        }
        environments.push(environment(name, value)?);
    }
    Ok(environments)
}

fn environment(name: EnvironmentName, node: &Node) -> Result<EnvironmentPolicy, PolicyError> {
    let mut environment = EnvironmentPolicy {
        name,
        channel: None,
    };
    for (key, value) in node.entries(PolicyTaker::Environment)? {
        match key.text.as_str() {
            "channel" => environment.channel = Some(channel(value)?),
            _ => return Err(key.unknown("channel")),
        }
    }
    Ok(environment)
}

fn channel(node: &Node) -> Result<String, PolicyError> {
    let Some(text) = node.text() else {
        return Err(node.wrong(PolicyProblem::NoChannel));
    };
    if is_channel(text) {
        Ok(text.to_owned())
    } else {
        Err(node.wrong(PolicyProblem::BadChannel(shortened(text))))
    }
}

/// Whether it is Slack's id of a channel, public or private.
fn is_channel(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.starts_with(['C', 'G']) && (3..=20).contains(&text.len()) && text.bytes().all(is_part)
}

fn whole(problem: PolicyProblem) -> PolicyError {
    PolicyError { at: None, problem }
}

/// A word to be repeated.
fn shortened(word: &str) -> String {
    let word: String = word.chars().filter(|c| !c.is_control()).collect();
    if word.chars().count() <= WORD {
        return word;
    }
    let mut short: String = word.chars().take(WORD - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests;
