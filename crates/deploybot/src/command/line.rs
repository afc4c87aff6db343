//! A command with its words in their places: whether they fit, and the line
//! that would do where they do not.

use deploy_proto::v1::Moment;

use super::{
    Argument, Command, CommandName, CommitSha, EnvironmentName, Limit, ParseError, RepositoryName,
    given::Given, is_usual_environment, moment,
};

/// Longest name that is repeated in a line to copy.
const LONGEST_NAME: usize = 60;

/// A command with its words in their places, not yet checked.
pub(super) struct Line {
    pub(super) command: CommandName,
    pub(super) repository: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) moments: Vec<Moment>,
}

impl Line {
    pub(super) fn of(command: CommandName) -> Self {
        Self {
            command,
            repository: None,
            environment: None,
            commit: None,
            limit: None,
            moments: Vec::new(),
        }
    }

    /// The one commit that is given; the longest of those that are the same.
    pub(super) fn one_of(&self, commits: &[String]) -> Result<Option<String>, ParseError> {
        if let Some(none) = commits.iter().find(|word| CommitSha::new(word).is_err()) {
            // That there is another is no matter then.
            return Ok(Some(none.clone()));
        }
        let Some(longest) = commits.iter().max_by_key(|commit| commit.len()) else {
            return Ok(None);
        };
        let starts = |other: &&String| {
            let other = other.to_ascii_lowercase();
            longest.to_ascii_lowercase().starts_with(&other)
        };
        match commits.iter().find(|other| !starts(other)) {
            None => Ok(Some(longest.clone())),
            Some(other) => {
                let mut two = [other.clone(), longest.clone()];
                two.sort_by_key(|one| commits.iter().position(|other| other == one));
                let lines = two.clone().map(|commit| self.deploying(commit));
                Err(ParseError::TwoCommits {
                    commits: two,
                    lines,
                })
            }
        }
    }

    /// The line as it would do with this commit.
    fn deploying(&self, commit: String) -> String {
        Self {
            repository: self.repository.clone(),
            environment: self.environment.clone(),
            commit: Some(commit),
            ..Self::of(self.command)
        }
        .to_copy(None)
    }

    /// The line as it would do with this environment.
    fn deploying_to(&self, environment: String) -> String {
        Self {
            repository: self.repository.clone(),
            environment: Some(environment),
            commit: self.commit.clone(),
            ..Self::of(self.command)
        }
        .to_copy(None)
    }

    /// A deploy goes to one environment; of two nobody can tell which is meant.
    fn check_one_environment(&self, leftover: &str) -> Result<(), ParseError> {
        let Some(environment) = &self.environment else {
            return Ok(());
        };
        let is_another =
            is_usual_environment(leftover) && !environment.eq_ignore_ascii_case(leftover);
        if self.command != CommandName::Deploy || !is_another {
            return Ok(());
        }
        let environments = [environment.clone(), leftover.to_owned()];
        Err(ParseError::TwoEnvironments {
            lines: environments.clone().map(|one| self.deploying_to(one)),
            environments,
        })
    }

    /// Who forgets the repository names the environment first.
    pub(super) fn notice_forgotten_repository(&mut self) {
        if self.environment.is_none()
            && self.repository.as_deref().is_some_and(is_usual_environment)
        {
            self.environment = self.repository.take();
        }
    }

    /// No commit is called as environments are.
    pub(super) fn put_environment_in_its_place(&mut self) {
        let is_environment =
            |word: &Option<String>| word.as_deref().is_some_and(is_usual_environment);
        if is_environment(&self.commit) && !is_environment(&self.environment) {
            std::mem::swap(&mut self.commit, &mut self.environment);
        }
    }

    /// Whether a commit's address and the repository that was named agree.
    pub(super) fn check_linked(&mut self, linked: String) -> Result<(), ParseError> {
        let Some(named) = &self.repository else {
            return Ok(());
        };
        let named = named.to_lowercase();
        let is_same = linked.to_lowercase() == named
            || linked.to_lowercase().rsplit('/').next() == Some(named.as_str());
        let named = self.repository.replace(linked.clone()).unwrap_or_default();
        if is_same {
            return Ok(());
        }
        Err(ParseError::CommitOfAnother {
            repository: named,
            linked,
            line: self.to_copy(None),
        })
    }

    /// Whether every word has a place and every place that needs one a word.
    pub(super) fn check(&self, given: &Given) -> Result<(), ParseError> {
        // What can't be is told before what is missing.
        if self.repository.is_some() {
            self.repository()?;
            self.environment()?;
        }
        if !self.missing().is_empty() {
            return Err(self.missing_words());
        }
        let leftovers = given.leftovers();
        if leftovers.eq_ignore_ascii_case("limit") || leftovers.eq_ignore_ascii_case("--limit") {
            return Err(self.bad_limit(None));
        }
        self.check_one_environment(&leftovers)?;
        if !leftovers.is_empty() {
            return Err(ParseError::Extra {
                command: self.command,
                words: leftovers,
                example: self.to_copy(self.usable_limit()),
            });
        }
        Ok(())
    }

    pub(super) fn repository(&self) -> Result<RepositoryName, ParseError> {
        let word = self.repository.as_deref().unwrap_or_default();
        RepositoryName::new(word).ok_or_else(|| ParseError::BadRepository {
            word: word.to_owned(),
        })
    }

    pub(super) fn environment(&self) -> Result<Option<EnvironmentName>, ParseError> {
        let Some(word) = &self.environment else {
            return Ok(None);
        };
        let bad = |repository| ParseError::BadEnvironment {
            word: word.clone(),
            repository,
        };
        match EnvironmentName::new(word) {
            Some(environment) => Ok(Some(environment)),
            None => Err(bad(self.repository()?)),
        }
    }

    pub(super) fn limit(&self) -> Result<Option<Limit>, ParseError> {
        let Some(word) = &self.limit else {
            return Ok(None);
        };
        Limit::new(word)
            .map(Some)
            .ok_or_else(|| self.bad_limit(Some(word.clone())))
    }

    fn missing(&self) -> Vec<Argument> {
        let is_deploy = self.command == CommandName::Deploy;
        let needed = [
            (Argument::Repository, true, &self.repository),
            (Argument::Environment, is_deploy, &self.environment),
            (Argument::Commit, is_deploy, &self.commit),
        ];
        let missing = needed
            .into_iter()
            .filter(|(_, is_needed, word)| *is_needed && word.is_none());
        missing.map(|(argument, ..)| argument).collect()
    }

    fn missing_words(&self) -> ParseError {
        ParseError::Missing {
            command: self.command,
            missing: self.missing(),
            example: self.example(None),
        }
    }

    /// The deployment that it asks for.
    pub(super) fn deploy(&self) -> Result<Command, ParseError> {
        let (Some(environment), Some(word)) = (self.environment()?, &self.commit) else {
            return Err(self.missing_words());
        };
        let repository = self.repository()?;
        match CommitSha::new(word) {
            Ok(commit) => Ok(Command::Deploy {
                repository,
                environment,
                commit,
            }),
            Err(problem) => Err(ParseError::BadCommit {
                word: word.clone(),
                problem,
                repository,
            }),
        }
    }

    fn usable_limit(&self) -> Option<&str> {
        self.limit
            .as_deref()
            .filter(|word| Limit::new(word).is_some())
    }

    fn bad_limit(&self, word: Option<String>) -> ParseError {
        ParseError::BadLimit {
            word,
            example: self.example(Some("10")),
        }
    }

    /// A line such as would do, with the words of the manual for what is missing;
    /// they make no sense behind a repository that is to be filled in.
    fn example(&self, limit: Option<&str>) -> String {
        let is_begun = self.environment.is_some() || self.commit.is_some();
        if self.repository.is_none() && is_begun {
            self.to_copy(limit)
        } else {
            self.filled(["people", "production", "a1b2c3d"], limit)
        }
    }

    /// The line that would do; what is missing is to be filled in.
    pub(super) fn to_copy(&self, limit: Option<&str>) -> String {
        self.filled(["<repository>", "<environment>", "<commit>"], limit)
    }

    /// What was given, fits and is not too long to be repeated, and `rest` for
    /// what is missing.
    fn filled(&self, rest: [&str; 3], limit: Option<&str>) -> String {
        let is_deploy = self.command == CommandName::Deploy;
        let repository = self
            .repository
            .as_deref()
            .filter(|word| RepositoryName::new(word).is_some() && is_short(word));
        let environment = self
            .environment
            .as_deref()
            .filter(|word| EnvironmentName::new(word).is_some() && is_short(word));
        let commit = self
            .commit
            .as_deref()
            .filter(|word| CommitSha::new(word).is_ok());
        let (repository, environment) = match (repository, environment) {
            (Some(first), Some(second)) if are_turned(first, second) => (environment, repository),
            in_order => in_order,
        };
        let words = [
            Some(self.command.help().word),
            repository.or(Some(rest[0])),
            environment.or(is_deploy.then_some(rest[1])),
            commit.or(is_deploy.then_some(rest[2])),
            limit,
        ];
        let moments = self.moments.iter().map(|one| Some(moment::word(*one)));
        let words = words.into_iter().chain(moments);
        words.flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Whether an environment's name stands where a repository's should.
fn are_turned(repository: &str, environment: &str) -> bool {
    is_usual_environment(repository)
        && !is_usual_environment(environment)
        && RepositoryName::new(environment).is_some()
}

/// Whether a name can be repeated in a line to copy.
fn is_short(name: &str) -> bool {
    name.chars().count() <= LONGEST_NAME
}
