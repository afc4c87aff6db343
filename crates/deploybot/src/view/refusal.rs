//! Refusals in words: which rule, why, and what to do next; one sentence of
//! each for every reason of the contract's closed list.

pub(super) mod rules;

use deploy_proto::v1::{self, Reason};
use jiff::Timestamp;

use super::{
    block::Mrkdwn,
    text::{self, NAME, SENTENCE, SUMMARISED},
    time,
};
use crate::{
    command::{MAX_COMMIT_DIGITS, RepositoryName, is_usual_environment},
    suggest,
};

pub(super) use self::rules::RULES;

/// What was refused, as asked or as GitHub spells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// The repository.
    pub(super) repository: &'a str,
    /// Where to.
    pub(super) environment: &'a str,
    /// What.
    pub(super) commit: &'a str,
}

/// One refusal: why, and what to do next.
pub(super) fn sentence(refusal: &v1::Refusal, about: About<'_>, now: Timestamp) -> Mrkdwn {
    let why = why(refusal, about, now);
    let candidates = &refusal.candidates;
    let tells_the_way_out = match refusal.reason() {
        Reason::UnknownRepository => !meant_instead(about, candidates).is_empty(),
        Reason::UnknownEnvironment => {
            suggest::closest_environment(about.environment, candidates).is_some()
        }
        _ => false,
    };
    if tells_the_way_out {
        return Mrkdwn::ours(why);
    }
    let way_out = RULES
        .iter()
        .find(|rule| rule.reason == refusal.reason())
        .map_or_else(
            || Mrkdwn::ours("Ask whoever runs deploybot to bring it up to date."),
            |rule| filled(rule.way_out, about),
        );
    let gap = if why.ends_with('\n') { "" } else { " " };
    Mrkdwn::ours(format!("{why}{gap}{way_out}"))
}

/// Stands before a list of refusals.
pub(super) fn symbol(refusals: &[v1::Refusal]) -> &'static str {
    let [only] = refusals else { return "⛔" };
    RULES
        .iter()
        .find(|rule| rule.reason == only.reason())
        .map_or("⛔", |rule| rule.symbol)
}

/// The first of several refusals in one line, for notifications.
pub(super) fn titles(refusals: &[v1::Refusal]) -> String {
    let rules = refusals
        .iter()
        .filter_map(|one| RULES.iter().find(|rule| rule.reason == one.reason()));
    rules
        .take(SUMMARISED)
        .map(|rule| rule.title)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A repository or environment that is not there, with what was perhaps meant.
pub(super) fn not_found(reason: Reason, about: About<'_>, candidates: &[String]) -> Mrkdwn {
    let refusal = v1::Refusal {
        reason: reason.into(),
        candidates: candidates.to_vec(),
        ..Default::default()
    };
    // No time is told in these sentences.
    sentence(&refusal, about, Timestamp::UNIX_EPOCH)
}

fn why(refusal: &v1::Refusal, about: About<'_>, now: Timestamp) -> String {
    let repository = text::repository(about.repository);
    let environment = text::bold(about.environment, NAME);
    let commit = text::sha(about.commit);
    let candidates = &refusal.candidates;
    let detail = Detail(&refusal.detail);
    match refusal.reason() {
        Reason::UnknownRepository => format!(
            "There is no repository {} that I can see.{}",
            text::code(about.repository, 60),
            meant_instead(about, candidates),
        ),
        Reason::UnknownEnvironment => format!(
            "There is no environment {} in {repository}.{}{}",
            text::code(about.environment, 60),
            meant(
                suggest::closest_environment(about.environment, candidates)
                    .map(|name| text::code(name, 60))
            ),
            if candidates.is_empty() {
                " It has none yet.".to_owned()
            } else {
                among(" It has: ", candidates, ".")
            },
        ),
        Reason::UnknownCommit => {
            let digits = telling_digits(about.commit, candidates);
            let cut = |sha: &str| text::code(sha.get(..digits).unwrap_or(sha), 40);
            let meant = meant(candidates.iter().map(|sha| cut(sha)));
            format!("{repository} has no commit {}.{meant}", cut(about.commit))
        }
        Reason::AmbiguousCommit => {
            let these = commits(&refusal.commits, candidates);
            match refusal.commits.len().max(candidates.len()) {
                // Something else than a commit begins so too.
                0 | 1 => format!("{commit} is too short to be sure in {repository}:{these}"),
                _ => format!("More than one commit of {repository} begins with {commit}:{these}"),
            }
        }
        Reason::NotOnAllowedBranch => {
            format!(
                "{commit} is not on a branch that may go to {environment}{}{detail}.",
                among(" (allowed: ", candidates, ")")
            )
        }
        Reason::ChecksFailed => format!(
            "Checks of {commit} failed{}{detail}.",
            among(": ", candidates, "")
        ),
        Reason::ChecksPending => format!(
            "Checks of {commit} are still running{}.",
            so_far(&refusal.detail)
        ),
        Reason::ChecksMissing => {
            format!("{commit} has no checks, and only what has passed its checks goes out{detail}.")
        }
        Reason::ChecksUnreadable => {
            format!("The checks of {commit} could not be read whole{detail}.")
        }
        Reason::Locked => format!("{environment} of {repository} is locked{detail}."),
        Reason::Frozen => {
            format!("{environment} of {repository} takes no deployments now{detail}.")
        }
        Reason::AlreadyRunning => match (&refusal.deployment, &refusal.requester) {
            (Some(other), _) => format!(
                "Another deployment is running in {environment} of {repository}{}.",
                running(other, now)
            ),
            (None, Some(requester)) => format!(
                "Another deployment is about to begin in {environment} of {repository}{}.",
                asked(refusal.commit.as_ref(), requester)
            ),
            (None, None) => {
                format!("Another deployment is running in {environment} of {repository}{detail}.")
            }
        },
        Reason::AlreadyLive => format!(
            "{environment} of {repository} runs {commit} already{}.",
            refusal
                .deployment
                .as_ref()
                .map_or_else(|| detail.to_string(), live)
        ),
        Reason::NotPromoted => {
            format!(
                "{commit} has not run in {} yet, which comes before {environment}{detail}.",
                before(candidates)
            )
        }
        Reason::NotPermitted => {
            format!(
                "You may not deploy {repository} to {environment}{}{detail}.",
                among("; these may: ", candidates, "")
            )
        }
        Reason::ApprovalNeeded => {
            format!(
                "Someone else has to approve that {repository} goes to {environment}{}{detail}.",
                among("; these may: ", candidates, "")
            )
        }
        Reason::PolicyUnreadable => format!(
            "The rules of {repository} can't be read, so that nothing of it goes out{detail}."
        ),
        Reason::GithubRefused => format!("GitHub refused to make the deployment{detail}."),
        Reason::Unspecified => {
            format!("A rule that I do not know refused {commit} of {repository}{detail}.")
        }
    }
}

/// More about a reason, after a colon; nothing where there is no more.
struct Detail<'a>(&'a str);

impl std::fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let detail = self.0.trim().trim_end_matches('.');
        if detail.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", text::prose(detail, SENTENCE))
        }
    }
}

fn filled(way_out: &str, about: About<'_>) -> Mrkdwn {
    Mrkdwn::ours(
        way_out
            .replace("{repository}", &text::inside_code(about.repository, 150))
            .replace("{environment}", &text::inside_code(about.environment, 150)),
    )
}

/// What was perhaps meant by a repository that is not there; empty where nobody
/// knows.
fn meant_instead(about: About<'_>, candidates: &[String]) -> String {
    the_other_way_round(about).unwrap_or_else(|| {
        let meant = meant(candidates.iter().map(|name| text::code(name, 60)));
        format!("{meant}{}", the_repository_first(about))
    })
}

/// What is missing where an environment alone was taken for a repository.
fn the_repository_first(about: About<'_>) -> String {
    if !about.environment.is_empty() || !is_usual_environment(about.repository) {
        return String::new();
    }
    format!(
        " If you mean the environment, its repository comes first: {}.",
        text::line(&format!("history <repository> {}", about.repository))
    )
}

/// The line that was meant where repository and environment changed places.
fn the_other_way_round(about: About<'_>) -> Option<String> {
    let (repository, environment) = (text::bare_name(about.repository), about.environment);
    let is_turned = is_usual_environment(repository) && !is_usual_environment(environment);
    RepositoryName::new(environment).filter(|_| is_turned)?;
    let line = match about.commit {
        "" => format!("history {environment} {repository}"),
        commit => format!("deploy {environment} {repository} {commit}"),
    };
    Some(format!(
        " The repository comes first, then the environment: did you mean {}?",
        text::line(&line)
    ))
}

/// How many digits show that the commits are others: the one that is wrong may
/// be the last. Where there is no other, all that were typed; of a whole SHA the
/// first tell enough.
fn telling_digits(asked: &str, candidates: &[String]) -> usize {
    if candidates.is_empty() {
        let is_whole = asked.len() == MAX_COMMIT_DIGITS;
        return if is_whole { 12 } else { asked.len() };
    }
    let same = |other: &String| {
        let pairs = asked.bytes().zip(other.bytes());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let longest = candidates.iter().map(same).max().unwrap_or(0);
    longest.saturating_add(1).max(7)
}

/// Candidates that all resemble what was asked: "Did you mean `a` or `b`?"
fn meant(candidates: impl IntoIterator<Item = Mrkdwn>) -> String {
    let candidates: Vec<_> = candidates
        .into_iter()
        .take(3)
        .map(|it| it.to_string())
        .collect();
    if candidates.is_empty() {
        String::new()
    } else {
        format!(" Did you mean {}?", candidates.join(" or "))
    }
}

fn among(before: &str, candidates: &[String], after: &str) -> String {
    if candidates.is_empty() {
        String::new()
    } else {
        format!("{before}{}{after}", text::list(candidates, 10))
    }
}

/// How many checks have ended: " (3 of 5)".
fn so_far(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" ({})", text::prose(detail, NAME))
    }
}

fn before(candidates: &[String]) -> Mrkdwn {
    match candidates.first() {
        Some(environment) => text::bold(environment, NAME),
        None => Mrkdwn::ours("the environment"),
    }
}

/// The commits it may be, a line each; the SHAs alone where no more is known.
fn commits(commits: &[v1::Commit], shas: &[String]) -> String {
    if commits.is_empty() {
        return format!("{}.", among(" ", shas, ""));
    }
    let lines = commits.iter().take(5).map(|commit| {
        format!(
            "\n• {} {} · {}",
            text::code(commit.sha.get(..12).unwrap_or(&commit.sha), 40),
            text::headline(&commit.headline),
            text::prose(&commit.author, NAME)
        )
    });
    lines.chain(["\n".to_owned()]).collect()
}

fn running(other: &v1::Deployment, now: Timestamp) -> String {
    let commit = other.commit.as_ref().map(text::commit);
    let by = format!("asked by {}", text::name(other.requester.as_ref()));
    let since = time::moment(other.created_at.as_ref())
        .map(|at| format!("running for {}", time::running(at, now)));
    let parts = [commit.map(|commit| commit.to_string()), Some(by), since];
    let log = text::link_if_any(&other.log_url, "log")
        .map(|log| format!(" ({log})"))
        .unwrap_or_default();
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    format!(": {}{log}", parts.join(", "))
}

/// A deployment that is only asked for yet.
fn asked(commit: Option<&v1::Commit>, requester: &v1::Person) -> String {
    let commit = commit.map(|commit| format!("{}, ", text::commit(commit)));
    let by = text::name(Some(requester));
    format!(": {}asked by {by}", commit.unwrap_or_default())
}

fn live(deployment: &v1::Deployment) -> String {
    time::moment(deployment.ended_at.as_ref())
        .map_or_else(String::new, |at| format!(", since {}", time::date(at)))
}

#[cfg(test)]
mod tests;
