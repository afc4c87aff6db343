//! What people ask of the bot: the text of a mention read into a [`Command`].
//!
//! Reading is forgiving about how a thing is written and strict about what is
//! meant: a word too many or too few is asked about, never guessed.

mod help;
mod names;
mod parse;
mod words;

pub use help::{COMMANDS, CommandHelp, CommandName};
pub(crate) use names::is_unprintable;
pub use names::{
    CommitProblem, CommitSha, EnvironmentName, Limit, MAX_COMMIT_DIGITS, MAX_LIMIT,
    MIN_COMMIT_DIGITS, RepositoryName,
};
pub use parse::parse;

/// Something the bot can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Tells the newest commits and what runs where.
    Status {
        /// Of which repository.
        repository: RepositoryName,
        /// How many commits.
        limit: Option<Limit>,
    },
    /// Deploys one commit to one environment.
    Deploy {
        /// Which repository.
        repository: RepositoryName,
        /// Where to.
        environment: EnvironmentName,
        /// What.
        commit: CommitSha,
    },
    /// Tells what was deployed, when, by whom, and how it ended.
    History {
        /// Of which repository.
        repository: RepositoryName,
        /// Only of this environment.
        environment: Option<EnvironmentName>,
        /// How many deployments of each environment.
        limit: Option<Limit>,
    },
    /// Tells what the bot can do.
    Help {
        /// Only about this command.
        topic: Option<CommandName>,
    },
}

/// Why a text is not a command, with what a sentence about it needs. Words are
/// as someone typed them: text from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// The first word is no command.
    UnknownCommand {
        /// The word.
        word: String,
        /// The whole line with the command that was perhaps meant.
        suggestion: Option<String>,
    },
    /// Help was asked about something that is no command.
    UnknownTopic {
        /// The word.
        word: String,
        /// The command that was perhaps meant.
        suggestion: Option<CommandName>,
    },
    /// Someone wants to roll back, which is a deploy of an earlier commit.
    RollBackByDeploying {
        /// The repository, where one was named.
        repository: Option<RepositoryName>,
    },
    /// A word is missing.
    Missing {
        /// Of which command.
        command: CommandName,
        /// What is missing, in the order of the command; never empty.
        missing: Vec<Argument>,
        /// A whole line that would do, made of what was given.
        example: String,
    },
    /// There is a word too many.
    Extra {
        /// Of which command.
        command: CommandName,
        /// The words that have no place in it.
        words: String,
        /// The line without them.
        example: String,
    },
    /// Not a name that a repository can have.
    BadRepository {
        /// The word.
        word: String,
    },
    /// Not a name that an environment can have.
    BadEnvironment {
        /// The word.
        word: String,
    },
    /// Not a commit SHA.
    BadCommit {
        /// The word.
        word: String,
        /// What is wrong with it.
        problem: CommitProblem,
        /// The repository, to tell where its SHAs are listed.
        repository: RepositoryName,
    },
    /// Not a number from 1 to 50.
    BadLimit {
        /// The word; none where `limit` came last.
        word: Option<String>,
        /// The line with a limit that would do.
        example: String,
    },
}

/// A word that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A repository.
    Repository,
    /// An environment.
    Environment,
    /// A commit.
    Commit,
}
