//! Refusals in words: which rule, why, and what to do next; one sentence of
//! each for every reason of the contract's closed list.

pub(super) mod rules;

use deploy_proto::v1::{self, ChecksState, Reason};
use jiff::Timestamp;

use super::{
    block::Mrkdwn,
    objection, policy,
    text::{self, NAME, SENTENCE, SUMMARISED, dotted, folded, joined, led, sentences},
    time,
};
use crate::{
    command::{MAX_COMMIT_DIGITS, RepositoryName, is_usual_environment},
    suggest,
    words::Words,
};

/// What was refused, as asked or as GitHub spells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// The repository.
    pub(super) repository: &'a str,
    /// Where to.
    pub(super) environment: &'a str,
    /// What.
    pub(super) commit: &'a str,
    /// What its checks said, where that is known.
    pub(super) checks: Option<&'a v1::Checks>,
    /// It stands as the answer to a request, also when what it tells of has ended.
    pub(super) stands: bool,
}

/// One refusal: why, and what to do next.
pub(super) fn sentence(
    words: Words,
    refusal: &v1::Refusal,
    about: About<'_>,
    now: Timestamp,
) -> Mrkdwn {
    let why = why(words, refusal, about, now);
    let candidates = &refusal.candidates;
    let tells_the_way_out = match refusal.reason() {
        Reason::UnknownRepository => !meant_instead(words, about, candidates).is_empty(),
        Reason::UnknownEnvironment => {
            suggest::closest_environment(about.environment, candidates).is_some()
        }
        _ => false,
    };
    if tells_the_way_out {
        return why;
    }
    let way_out = rules::way_out(words, refusal.reason(), about.repository);
    match why.as_str().ends_with('\n') {
        true => Mrkdwn::ours(format!("{why}{way_out}")),
        false => led(why, way_out),
    }
}

/// Stands before a list of refusals.
pub(super) fn symbol(refusals: &[v1::Refusal]) -> &'static str {
    let [only] = refusals else { return "⛔" };
    rules::symbol(only.reason())
}

/// The first of several refusals in one line, for notifications.
pub(super) fn titles(words: Words, refusals: &[v1::Refusal]) -> Mrkdwn {
    let titles = refusals
        .iter()
        .filter_map(|one| rules::title(words, one.reason()));
    dotted(titles.take(SUMMARISED))
}

/// A repository or environment that is not there, with what was perhaps meant.
pub(super) fn not_found(
    words: Words,
    reason: Reason,
    about: About<'_>,
    candidates: &[String],
) -> Mrkdwn {
    let refusal = v1::Refusal {
        reason: reason.into(),
        candidates: candidates.to_vec(),
        ..Default::default()
    };
    // No time is told in these sentences.
    sentence(words, &refusal, about, Timestamp::UNIX_EPOCH)
}

fn why(words: Words, refusal: &v1::Refusal, about: About<'_>, now: Timestamp) -> Mrkdwn {
    let repository = text::repository(about.repository);
    let environment = text::bold(about.environment, NAME);
    let commit = text::sha(about.commit);
    let candidates = &refusal.candidates;
    let named = named(words, candidates);
    let detail = detail(&refusal.detail);
    match refusal.reason() {
        Reason::UnknownRepository => sentences([
            words.refusal_unknown_repository(text::code(about.repository, 60)),
            meant_instead(words, about, candidates),
        ]),
        Reason::UnknownEnvironment => {
            let meant = suggest::closest_environment(about.environment, candidates);
            let asked = text::code(about.environment, 60);
            sentences([
                words.refusal_unknown_environment(asked, repository),
                did_you_mean(words, meant.map(|name| text::code(name, 60))),
                named.map_or_else(
                    || words.refusal_has_none(),
                    |names| words.refusal_has(names),
                ),
            ])
        }
        Reason::UnknownCommit => {
            let digits = telling_digits(about.commit, candidates);
            let cut = |sha: &str| text::code(sha.get(..digits).unwrap_or(sha), 40);
            sentences([
                words.refusal_unknown_commit(repository, cut(about.commit)),
                did_you_mean(words, candidates.iter().map(|sha| cut(sha))),
            ])
        }
        Reason::AmbiguousCommit => {
            let says = match refusal.commits.len().max(candidates.len()) {
                // Something else than a commit begins so too.
                0 | 1 => words.refusal_not_sure(commit, repository),
                _ => words.refusal_ambiguous(repository, commit),
            };
            let these = commits(words, &refusal.commits, named);
            Mrkdwn::ours(format!("{says}{these}"))
        }
        Reason::NotOnAllowedBranch => {
            let allowed = named.map(|names| led("", words.refusal_allowed(names)));
            words.refusal_not_on_branch(commit, environment, allowed, detail)
        }
        Reason::ChecksFailed => words.refusal_checks_failed(commit, named.map(colon), detail),
        Reason::ChecksPending => {
            words.refusal_checks_pending(commit, counted(words, about, refusal))
        }
        Reason::ChecksMissing => words.refusal_checks_missing(commit, detail),
        Reason::ChecksUnreadable => words.refusal_checks_unreadable(commit, detail),
        Reason::Locked => words.refusal_locked(environment, repository, detail),
        Reason::Frozen => words.refusal_frozen(environment, repository, detail),
        Reason::AlreadyRunning => match (&refusal.deployment, &refusal.requester) {
            (None, Some(requester)) => {
                let other = colon(asked(words, refusal.commit.as_ref(), requester));
                match about.stands {
                    true => words.refusal_was_about_to_begin(environment, repository, other),
                    false => words.refusal_about_to_begin(environment, repository, other),
                }
            }
            (other, _) => {
                let other = other.as_ref();
                let other = other.map(|other| colon(running(words, other, about, now)));
                let detail = other.or(detail);
                match about.stands {
                    true => words.refusal_was_running(environment, repository, detail),
                    false => words.refusal_running(environment, repository, detail),
                }
            }
        },
        Reason::AlreadyLive => {
            let since = match &refusal.deployment {
                None => detail,
                Some(deployment) => live_since(words, deployment),
            };
            words.refusal_already_live(environment, repository, commit, since)
        }
        Reason::NotPromoted => {
            let before = match candidates.first() {
                Some(environment) => text::bold(environment, NAME),
                None => words.refusal_the_environment(),
            };
            words.refusal_not_promoted(commit, before, environment, detail)
        }
        Reason::NotPermitted => {
            let allowed = named.map(|names| words.refusal_these_may(names));
            words.refusal_not_permitted(repository, environment, allowed, detail)
        }
        Reason::ApprovalNeeded => {
            let allowed = named.map(|names| words.refusal_these_may(names));
            words.refusal_approval_needed(repository, environment, allowed, detail)
        }
        Reason::PolicyUnreadable => {
            let problem = refusal.policy.as_ref();
            let clause = problem.and_then(|one| policy::clause(words, one));
            words.refusal_policy_unreadable(repository, clause.map(colon).or(detail))
        }
        Reason::GithubRefused => {
            let objection = refusal.objection.as_ref();
            let clause = objection.and_then(|one| objection::clause(words, one, about));
            words.refusal_github_refused(clause.map(colon).or(detail))
        }
        Reason::LiveChanged => {
            let live = refusal.deployment.as_ref();
            let live = live.and_then(|it| it.commit.as_ref()).map(text::commit);
            let live = live.unwrap_or_else(|| words.refusal_something_else());
            words.refusal_live_changed(live, environment, repository)
        }
        Reason::Unspecified => words.refusal_unknown(commit, repository, detail),
    }
}

/// More about a reason, after a colon; none where there is no more.
fn detail(detail: &str) -> Option<Mrkdwn> {
    let detail = detail.trim().trim_end_matches('.');
    (!detail.is_empty()).then(|| colon(text::prose(detail, SENTENCE)))
}

/// After a colon.
fn colon(more: Mrkdwn) -> Mrkdwn {
    led(":", more)
}

/// What was perhaps meant by a repository that is not there; empty where nobody
/// knows.
fn meant_instead(words: Words, about: About<'_>, candidates: &[String]) -> Mrkdwn {
    the_other_way_round(words, about).unwrap_or_else(|| {
        let candidates = candidates.iter().map(|name| text::code(name, 60));
        sentences([
            did_you_mean(words, candidates),
            the_repository_first(words, about).unwrap_or_default(),
        ])
    })
}

/// What is missing where an environment alone was taken for a repository.
fn the_repository_first(words: Words, about: About<'_>) -> Option<Mrkdwn> {
    if !about.environment.is_empty() || !is_usual_environment(about.repository) {
        return None;
    }
    let line = text::line(&format!("history <repository> {}", about.repository));
    Some(words.refusal_repository_first(line))
}

/// The line that was meant where repository and environment changed places.
fn the_other_way_round(words: Words, about: About<'_>) -> Option<Mrkdwn> {
    let (repository, environment) = (text::bare_name(about.repository), about.environment);
    let is_turned = is_usual_environment(repository) && !is_usual_environment(environment);
    RepositoryName::new(environment).filter(|_| is_turned)?;
    let line = match about.commit {
        "" => format!("history {environment} {repository}"),
        commit => format!("deploy {environment} {repository} {commit}"),
    };
    Some(words.refusal_other_way_round(text::line(&line)))
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
fn did_you_mean(words: Words, candidates: impl IntoIterator<Item = Mrkdwn>) -> Mrkdwn {
    match folded(candidates.into_iter().take(3), |one, other| {
        words.text_or(one, other)
    }) {
        none if none.is_empty() => none,
        candidates => words.text_did_you_mean(candidates),
    }
}

/// The candidates by name; none where there are none.
fn named(words: Words, candidates: &[String]) -> Option<Mrkdwn> {
    (!candidates.is_empty()).then(|| text::list(words, candidates, 10))
}

/// How many checks have ended: " (3 of 5)".
fn counted(words: Words, about: About<'_>, refusal: &v1::Refusal) -> Option<Mrkdwn> {
    let are_running = |checks: &&v1::Checks| checks.state() == ChecksState::Pending;
    let of_the_commit = about.checks.filter(are_running);
    let detail = refusal.detail.as_str();
    match of_the_commit.or(refusal.checks.as_ref()) {
        Some(checks) => Some(led(
            "",
            words.refusal_checks_counted(checks.done, checks.total),
        )),
        None if detail.is_empty() => None,
        None => Some(Mrkdwn::ours(format!(" ({})", text::prose(detail, NAME)))),
    }
}

/// The commits it may be, a line each; the SHAs alone where no more is known.
fn commits(words: Words, commits: &[v1::Commit], shas: Option<Mrkdwn>) -> String {
    if commits.is_empty() {
        return shas.map_or_else(|| ".".to_owned(), |shas| format!(" {shas}."));
    }
    let lines = commits.iter().take(5).map(|commit| {
        format!(
            "\n• {} {} · {}",
            text::code(commit.sha.get(..12).unwrap_or(&commit.sha), 40),
            text::headline(words, &commit.headline),
            text::prose(&commit.author, NAME)
        )
    });
    lines.chain(["\n".to_owned()]).collect()
}

fn running(words: Words, other: &v1::Deployment, about: About<'_>, now: Timestamp) -> Mrkdwn {
    let commit = other.commit.as_ref().map(text::commit);
    let by = words.text_asked_by(text::name(words, other.requester.as_ref()));
    let since = time::moment(other.created_at.as_ref()).map(|at| match about.stands {
        true => words.refusal_running_since(time::clock(words, at, now)),
        false => words.refusal_running_for(time::running(words, at, now)),
    });
    let parts = [commit, Some(by), since].into_iter().flatten();
    let log = text::link_if_any(&other.log_url, words.text_log());
    let log = log.map(|log| Mrkdwn::ours(format!("({log})")));
    sentences([joined(", ", parts), log.unwrap_or_default()])
}

/// A deployment that is only asked for yet.
fn asked(words: Words, commit: Option<&v1::Commit>, requester: &v1::Person) -> Mrkdwn {
    let by = words.text_asked_by(text::name(words, Some(requester)));
    joined(", ", [commit.map(text::commit).unwrap_or_default(), by])
}

fn live_since(words: Words, deployment: &v1::Deployment) -> Option<Mrkdwn> {
    let since = time::moment(deployment.ended_at.as_ref())?;
    Some(words.refusal_live_since(time::date(words, since)))
}

#[cfg(test)]
mod tests;
