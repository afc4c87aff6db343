//! What people ask of the bot: the text of a mention read into a [`Command`].
//!
//! Reading is forgiving about how a thing is written and strict about what is
//! meant: a word too many or too few is asked about, never guessed.

mod address;
mod clean;
mod courtesy;
mod given;
mod help;
mod line;
mod login;
mod moment;
mod names;
mod negation;
mod parse;
mod signs;
mod words;

use deploy_proto::v1::Moment;

pub(crate) use courtesy::Courtesy;
pub(crate) use help::{COMMANDS, CommandHelp, CommandName};
pub(crate) use names::{
    CommitProblem, CommitSha, EnvironmentName, Limit, Login, MAX_COMMIT_DIGITS, MAX_ENVIRONMENT,
    MAX_LIMIT, MIN_COMMIT_DIGITS, RepositoryName,
};
pub(crate) use names::{is_unprintable, is_usual_environment};
pub(crate) use parse::parse;

/// Something the bot can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
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
    /// Lets the channel follow deployments that are not asked for in it.
    Subscribe {
        /// Of which repository.
        repository: RepositoryName,
        /// To which environment; none: production.
        environment: Option<EnvironmentName>,
        /// Which moments of them; none: how they end.
        moments: Vec<Moment>,
    },
    /// Ends that.
    Unsubscribe {
        /// Of which repository.
        repository: RepositoryName,
        /// To which environment; none: all.
        environment: Option<EnvironmentName>,
    },
    /// Tells what the channel follows.
    Subscriptions,
    /// Begins to prove which GitHub account somebody has.
    Link {
        /// The account.
        login: Login,
    },
    /// Forgets which GitHub account somebody has.
    Unlink,
    /// Keeps somebody from being mentioned when their commits are live.
    Mute,
    /// Has them mentioned again.
    Unmute,
    /// Tells what the bot can do.
    Help {
        /// Only about this command.
        topic: Option<CommandName>,
    },
}

impl Command {
    /// Which one it is.
    pub(crate) fn name(&self) -> CommandName {
        match self {
            Self::Status { .. } => CommandName::Status,
            Self::Deploy { .. } => CommandName::Deploy,
            Self::History { .. } => CommandName::History,
            Self::Subscribe { .. } => CommandName::Subscribe,
            Self::Unsubscribe { .. } => CommandName::Unsubscribe,
            Self::Subscriptions => CommandName::Subscriptions,
            Self::Link { .. } => CommandName::Link,
            Self::Unlink => CommandName::Unlink,
            Self::Mute => CommandName::Mute,
            Self::Unmute => CommandName::Unmute,
            Self::Help { .. } => CommandName::Help,
        }
    }

    /// Whether it changes something, and not only tells.
    pub(crate) fn changes_something(&self) -> bool {
        self.name().changes_something()
    }

    /// As a line to type, the command's word first.
    pub(crate) fn line(&self) -> String {
        let (name, words) = match self {
            Self::Status { repository, limit } => (
                CommandName::Status,
                vec![Some(repository.to_string()), limit.map(number)],
            ),
            Self::Deploy {
                repository,
                environment,
                commit,
            } => (
                CommandName::Deploy,
                vec![
                    Some(repository.to_string()),
                    Some(environment.to_string()),
                    Some(commit.to_string()),
                ],
            ),
            Self::History {
                repository,
                environment,
                limit,
            } => (
                CommandName::History,
                vec![
                    Some(repository.to_string()),
                    environment.as_ref().map(EnvironmentName::to_string),
                    limit.map(number),
                ],
            ),
            Self::Subscribe {
                repository,
                environment,
                moments,
            } => {
                let names = [
                    Some(repository.to_string()),
                    environment.as_ref().map(EnvironmentName::to_string),
                ];
                let moments = moments
                    .iter()
                    .map(|one| Some(moment::word(*one).to_owned()));
                (
                    CommandName::Subscribe,
                    names.into_iter().chain(moments).collect(),
                )
            }
            Self::Unsubscribe {
                repository,
                environment,
            } => (
                CommandName::Unsubscribe,
                vec![
                    Some(repository.to_string()),
                    environment.as_ref().map(EnvironmentName::to_string),
                ],
            ),
            Self::Subscriptions => (CommandName::Subscriptions, vec![]),
            Self::Link { login } => (CommandName::Link, vec![Some(login.to_string())]),
            Self::Unlink => (CommandName::Unlink, vec![]),
            Self::Mute => (CommandName::Mute, vec![]),
            Self::Unmute => (CommandName::Unmute, vec![]),
            Self::Help { topic } => (
                CommandName::Help,
                vec![topic.map(|topic| topic.help().word.to_owned())],
            ),
        };
        let words = words.into_iter().flatten();
        [name.help().word.to_owned()]
            .into_iter()
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn number(limit: Limit) -> String {
    limit.get().to_string()
}

/// Why a text is not a command, with what a sentence about it needs. Words are
/// as someone typed them: text from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ParseError {
    /// The first word is no command.
    UnknownCommand {
        /// The word.
        word: String,
        /// What was perhaps meant: a line that would do or, where the other
        /// words do not make one, how the command is used.
        suggestion: Option<String>,
    },
    /// There are several commands in one message.
    SeveralCommands {
        /// Each of them, as a line.
        lines: Vec<String>,
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
        /// The line that does it; what was not named is to be filled in.
        line: String,
    },
    /// Someone says that something is not to be deployed.
    NotToDeploy {
        /// The word that says so, or the emoji.
        word: String,
    },
    /// Words before the mention may turn what is asked for into something else.
    WordsBefore {
        /// The words.
        words: String,
        /// What is asked for without them, as a line.
        line: String,
    },
    /// A no stands beside what would change something.
    NoBeside {
        /// The word that says so, or the emoji.
        word: String,
        /// What is asked for without it, as a line.
        line: String,
    },
    /// Something of it is struck out, and what is left would change something.
    StruckOut {
        /// What is left, as a line.
        line: String,
    },
    /// All of it is struck out.
    AllStruckOut,
    /// Nothing is asked for.
    OnlyCourtesy(Courtesy),
    /// Somebody says no, and to nothing that is asked for beside it.
    OnlyNo,
    /// Somebody wants to take a deploy back, which is a button's work.
    CancelByButton {
        /// The repository, where one was named.
        repository: Option<RepositoryName>,
    },
    /// Somebody wants a deploy to be tried again, which is a button's work too.
    RetryByButton {
        /// The line that does it; what was not named is to be filled in.
        line: String,
    },
    /// Somebody wants for another what people can do for themselves alone.
    OnlyForYourself {
        /// What they want.
        command: CommandName,
    },
    /// Somebody in Slack where a GitHub account is needed.
    MentionIsNoLogin,
    /// A name alone, perhaps a repository's.
    OnlyAName {
        /// The name.
        name: String,
        /// The line that shows the repository called so.
        line: String,
    },
    /// A pull request where a commit is needed.
    PullRequest {
        /// Its repository, `owner/name`.
        repository: String,
        /// Its number.
        number: String,
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
    /// `all` in place of an environment, where naming none means all of them.
    AllIsUnnamed {
        /// The line without it.
        line: String,
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
        /// The repository, to tell where its environments are listed.
        repository: RepositoryName,
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
    /// More than one commit, and only one can be deployed at a time.
    TwoCommits {
        /// The commits.
        commits: [String; 2],
        /// A line for each.
        lines: [String; 2],
    },
    /// More than one environment, and a deploy goes to one.
    TwoEnvironments {
        /// The environments.
        environments: [String; 2],
        /// A line for each.
        lines: [String; 2],
    },
    /// A link to a commit of another repository than the one that was named.
    CommitOfAnother {
        /// The repository that was named.
        repository: String,
        /// The repository that the link leads to.
        linked: String,
        /// The line that deploys what the link leads to.
        line: String,
    },
    /// Not a name that a GitHub account can have.
    BadLogin {
        /// The word.
        word: String,
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
pub(crate) enum Argument {
    /// A repository.
    Repository,
    /// An environment.
    Environment,
    /// A commit.
    Commit,
    /// A GitHub account.
    Login,
}
