//! The answer to `status`: the newest commits with their checks and where they
//! are live, then what each environment runs.

use deploy_proto::v1::{
    Checks, ChecksState, Commit, CommitStatus, Deployment, EnvironmentStatus, GetStatusResponse,
    LiveCommit, Request, Stale,
};
use jiff::Timestamp;

use super::{
    action::{self, DeployAction},
    block::{Block, Button, Message, Mrkdwn},
    stale,
    text::{self, NAME, SUMMARISED, bold, dotted, led, section, sections},
    time,
};
use crate::{
    command::{CommitSha, RepositoryName},
    words::Words,
};

/// Commits with a paragraph and perhaps a button of their own; the older ones
/// share paragraphs, so that 50 of them fit a message.
const WITH_BUTTON: usize = 10;
/// Environments listed. Each may fill a block: with all else they fit a message.
const ENVIRONMENTS: usize = 18;
/// Requests listed that wait, as many as are told of.
const WAITING: usize = 10;

/// The newest commits of a repository and what each environment runs. Lines to copy
/// call it as whoever asked does.
pub(crate) fn status(
    words: Words,
    answer: &GetStatusResponse,
    asked: &RepositoryName,
    now: Timestamp,
) -> Message {
    let repository = text::repository(&answer.repository);
    let newest = answer.commits.len().min(WITH_BUTTON);
    let (newest, older) = answer.commits.split_at(newest);
    let (stale, as_of) = (answer.stale.as_ref(), answer.as_of.as_ref());
    let mut blocks: Vec<_> = stale::banner(words, stale, as_of, now)
        .into_iter()
        .collect();
    blocks.push(section(heading(words, answer, now)));
    blocks.extend(newest.iter().map(|commit| Block::Section {
        text: row(words, commit, now),
        button: deploy_button(words, answer, commit),
    }));
    blocks.extend(sections(older.iter().map(|commit| row(words, commit, now))));
    blocks.push(Block::Divider);
    let environments = environments(words, answer, now).into_iter();
    blocks.extend(sections(
        environments.chain(waiting(words, &answer.waiting)),
    ));
    if !older.is_empty() {
        let called = asked.calls(&answer.repository);
        blocks.push(Block::Context(vec![older_hint(words, called)]));
    }
    let summary = led(format_args!("{repository}:"), summary(words, answer));
    Message {
        words,
        text: text::sentences([stale::before(words, stale, as_of, now), summary]),
        blocks,
    }
}

/// The default branch as GitHub told it: empty of a repository without a commit. None
/// where only what deploybot has followed is known, and so neither its commits nor
/// what was never deployed.
pub(super) fn told_branch<'a>(branch: &'a str, stale: Option<&Stale>) -> Option<&'a str> {
    let is_partial = stale.is_some_and(|stale| stale.is_partial);
    (!branch.is_empty() || !is_partial).then_some(branch)
}

/// What a commit's checks say, in words.
pub(super) fn checks(words: Words, checks: Option<&Checks>) -> Mrkdwn {
    let Some(checks) = checks else {
        return words.status_checks_unreadable();
    };
    match checks.state() {
        ChecksState::None => words.status_checks_none(),
        ChecksState::Pending => words.status_checks_pending(checks.done, checks.total),
        ChecksState::Success => words.status_checks_passed(),
        ChecksState::Failure if checks.failed.is_empty() => words.status_checks_failed(),
        ChecksState::Failure => {
            words.status_checks_failed_named(text::names(words, &checks.failed, 3))
        }
        ChecksState::Unspecified | ChecksState::Unreadable => words.status_checks_unreadable(),
    }
}

fn heading(words: Words, answer: &GetStatusResponse, now: Timestamp) -> Mrkdwn {
    let name = text::link(
        &answer.url,
        text::prose(text::bare_name(&answer.repository), NAME),
    );
    let (stale, as_of) = (answer.stale.as_ref(), answer.as_of.as_ref());
    let branch = told_branch(&answer.branch, stale);
    let newest = match (branch, answer.commits.len()) {
        (None, _) => words.status_commits_unknown(),
        (Some(_), 0) => words.status_no_commits(),
        (Some(_), number) => words.status_newest(number),
    };
    dotted([
        Mrkdwn::ours(format!("*{name}*")),
        text::prose(branch.unwrap_or_default(), NAME),
        newest,
        stale::beside_heading(words, stale, as_of, now),
    ])
}

fn row(words: Words, status: &CommitStatus, now: Timestamp) -> Mrkdwn {
    let commit = status.commit.clone().unwrap_or_default();
    let when = time::moment(commit.committed_at.as_ref()).map(|at| time::age(words, at, now));
    dotted([
        led(symbol(status), named(words, &commit)),
        text::prose(&commit.author, NAME),
        when.unwrap_or_default(),
        checks(words, status.checks.as_ref()),
        live_in(words, &status.live_in),
    ])
}

/// A commit by its SHA and headline.
fn named(words: Words, commit: &Commit) -> Mrkdwn {
    led(
        text::commit(commit),
        text::headline(words, &commit.headline),
    )
}

fn symbol(status: &CommitStatus) -> &'static str {
    match status.checks.as_ref().map(Checks::state) {
        Some(ChecksState::Success) => "✅",
        Some(ChecksState::Failure) => "❌",
        Some(ChecksState::Pending) => "⏳",
        Some(ChecksState::None) => "⚪",
        Some(ChecksState::Unspecified | ChecksState::Unreadable) | None => "⚠️",
    }
}

fn live_in(words: Words, environments: &[String]) -> Mrkdwn {
    let shown = environments
        .iter()
        .take(3)
        .map(|name| led("●", bold(name, NAME)));
    let more = environments.len().saturating_sub(3);
    let more = (more > 0).then(|| words.status_and_more(more));
    text::joined(" ", shown.chain(more))
}

/// For a commit that can go somewhere: its checks passed, and there is an
/// environment that it is not live in.
fn deploy_button(
    words: Words,
    answer: &GetStatusResponse,
    status: &CommitStatus,
) -> Option<Button> {
    let passed = status
        .checks
        .as_ref()
        .is_some_and(|checks| checks.state() == ChecksState::Success);
    let is_everywhere = answer
        .environments
        .iter()
        .all(|environment| status.live_in.contains(&environment.name));
    if !passed || is_everywhere {
        return None;
    }
    let action = DeployAction {
        repository: RepositoryName::new(&answer.repository)?,
        commit: CommitSha::new(&status.commit.as_ref()?.sha).ok()?,
    };
    Some(Button {
        label: words.status_deploy(),
        spoken: words.status_deploy_spoken(text::short_sha(action.commit.as_str()).to_owned()),
        action: action::DEPLOY.to_owned(),
        value: action.to_value(),
        confirm: None,
    })
}

fn environments(words: Words, answer: &GetStatusResponse, now: Timestamp) -> Vec<Mrkdwn> {
    let branch = told_branch(&answer.branch, answer.stale.as_ref());
    if answer.environments.is_empty() {
        return vec![no_environment(words, &answer.repository, branch)];
    }
    let mut lines: Vec<_> = answer
        .environments
        .iter()
        .take(ENVIRONMENTS)
        .map(|it| environment(words, it, branch, now))
        .collect();
    match answer.environments.len().saturating_sub(ENVIRONMENTS) {
        0 => {}
        more => lines.push(words.status_more_environments(more)),
    }
    lines
}

/// In the place of environments: GitHub tells of none, or nothing is known of them.
pub(super) fn no_environment(words: Words, repository: &str, branch: Option<&str>) -> Mrkdwn {
    let repository = text::repository(repository);
    match branch {
        None => words.status_unknown(repository),
        Some(_) => words.status_no_environment(repository),
    }
}

/// What an environment runs, and what is going out to it. Where the branch is not
/// known, nor is where it stands there.
pub(super) fn environment(
    words: Words,
    environment: &EnvironmentStatus,
    branch: Option<&str>,
    now: Timestamp,
) -> Mrkdwn {
    let name = bold(&environment.name, NAME);
    let live = match &environment.live {
        None if branch.is_none() => name,
        None => dotted([name, words.text_nothing_deployed()]),
        Some(live) => {
            let commit = live.commit.as_ref();
            let since = time::moment(live.since.as_ref());
            dotted([
                place(words, name, live, branch),
                commit
                    .map(|commit| named(words, commit))
                    .unwrap_or_default(),
                since
                    .map(|at| words.status_since(time::date(words, at)))
                    .unwrap_or_default(),
                text::link_if_any(&live.environment_url, words.text_open()).unwrap_or_default(),
            ])
        }
    };
    match &environment.running {
        None => live,
        Some(running) => Mrkdwn::ours(format!("{live}\n      {}", going_out(words, running, now))),
    }
}

/// Where the live commit of an environment stands on the branch.
fn place(words: Words, environment: Mrkdwn, live: &LiveCommit, branch: Option<&str>) -> Mrkdwn {
    let branch = text::prose(branch.unwrap_or_default(), NAME);
    if branch.is_empty() {
        return environment;
    }
    match live.behind {
        None => words.status_not_on_branch(environment, branch),
        Some(0) => words.status_up_to_date(environment),
        Some(behind) => words.status_behind(environment, words.text_commits(behind), branch),
    }
}

fn going_out(words: Words, running: &Deployment, now: Timestamp) -> Mrkdwn {
    let commit = running
        .commit
        .as_ref()
        .map(text::commit)
        .unwrap_or_default();
    let since = time::moment(running.created_at.as_ref())
        .map(|at| words.status_running_for(time::running(words, at, now)));
    dotted([
        words.status_going_out(commit),
        words.text_asked_by(text::name(words, running.requester.as_ref())),
        since.unwrap_or_default(),
        text::link_if_any(&running.log_url, words.text_log()).unwrap_or_default(),
    ])
}

/// What waits to go out: all of it or, where that is as much as is told of, the oldest
/// and perhaps not all.
pub(super) fn waiting(words: Words, requests: &[Request]) -> impl Iterator<Item = Mrkdwn> {
    let more = (requests.len() >= WAITING).then(|| words.status_more_may_wait());
    let shown = requests.iter().take(WAITING);
    let lines = shown.map(move |request| {
        let commit = request.commit.as_ref().map(text::commit);
        let environment = bold(&request.environment, NAME);
        dotted([
            words.status_waits(commit.unwrap_or_default(), environment),
            words.text_asked_by(text::name(words, request.requester.as_ref())),
        ])
    });
    lines.chain(more)
}

fn older_hint(words: Words, repository: &str) -> Mrkdwn {
    let line = text::line(&format!("deploy {repository} <environment> <commit>"));
    words.status_older_hint(WITH_BUTTON, line)
}

/// For notifications and screen readers.
fn summary(words: Words, answer: &GetStatusResponse) -> Mrkdwn {
    let branch = told_branch(&answer.branch, answer.stale.as_ref());
    let shown = answer.environments.iter().take(SUMMARISED);
    let places = shown.map(|environment| in_one_line(words, environment, branch));
    let newest = answer.commits.first();
    let newest = match (newest.and_then(|newest| newest.commit.as_ref()), branch) {
        (None, None) => words.status_commits_unknown(),
        (None, Some(_)) => words.status_no_commits(),
        (Some(commit), _) => words.status_newest_is(
            text::sha(&commit.sha),
            text::headline(words, &commit.headline),
        ),
    };
    dotted([newest].into_iter().chain(places))
}

/// What an environment runs: where that stands on the branch or, where the branch is
/// not known, by its commit.
fn in_one_line(words: Words, environment: &EnvironmentStatus, branch: Option<&str>) -> Mrkdwn {
    let name = text::prose(&environment.name, NAME);
    let sha = |commit: Option<&Commit>| text::sha(commit.map_or("", |commit| &commit.sha));
    match (&environment.live, &environment.running, branch) {
        (Some(live), _, Some(_)) => place(words, name, live, branch),
        (Some(live), _, None) => {
            let live = words.history_summary_live(sha(live.commit.as_ref()));
            led(format_args!("{name}:"), live)
        }
        (None, Some(running), None) => {
            let running = words.history_summary_going_out(sha(running.commit.as_ref()));
            led(format_args!("{name}:"), running)
        }
        (None, None, None) => name,
        (None, _, Some(_)) => led(format_args!("{name}:"), words.text_nothing_deployed()),
    }
}

#[cfg(test)]
mod tests;
