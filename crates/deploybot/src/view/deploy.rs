//! The one message that shows a request from accepted to its end, and the
//! second one that a failure brings, or that somebody else withdrew it.

mod cancelled;
mod commits;
mod failed;
mod followed;
mod refused;
mod waiting;

use deploy_proto::v1::{Changes, Deployment, DeploymentKind, Request, RequestState, Step};
use jiff::Timestamp;

use super::{
    action::{self, StartAction},
    block::{Block, Button, Confirm, Message, Mrkdwn},
    status,
    text::{self, NAME, bold, dotted, section},
    time,
};
use crate::{
    command::{CommitSha, EnvironmentName, RepositoryName},
    words::Words,
};

pub(crate) use cancelled::request_cancelled;
pub(super) use commits::{described, listed};
pub(crate) use failed::request_failure;
pub(crate) use followed::{followed_elsewhere, followed_request};
pub(crate) use refused::request_refused;

/// Steps shown of a running deployment, the newest ones.
const STEPS: usize = 5;

/// A request as it stands: the message that is edited until it ends.
pub(crate) fn request(words: Words, request: &Request, now: Timestamp) -> Message {
    let on_its_way = |progress| {
        let context = Block::Context(vec![progress]);
        let blocks = commits::of(words, request).into_iter().chain([context]);
        message(words, what(words, request), blocks)
    };
    match (request.state(), &request.waiting) {
        (RequestState::Accepted | RequestState::Creating, Some(waiting)) => {
            waiting::message(words, request, waiting, now)
        }
        (RequestState::Unspecified | RequestState::Accepted, _) => {
            on_its_way(words.request_looking())
        }
        (RequestState::Creating, None) => on_its_way(words.request_asking_github()),
        (RequestState::Running, _) => on_its_way(progress(words, request, now)),
        (RequestState::Succeeded, _) => {
            let commits = commits::of_live(words, request);
            message(words, succeeded(words, request), commits)
        }
        (RequestState::Failed, _) => {
            let headline = commits::headline(words, request).map(section);
            message(words, failed::shown(words, request), headline)
        }
        (RequestState::Refused, _) => refused::shown(words, request, now),
        (RequestState::Cancelled, _) => cancelled::shown(words, request),
    }
}

fn message(words: Words, text: Mrkdwn, more: impl IntoIterator<Item = Block>) -> Message {
    let blocks = [section(text.clone())].into_iter().chain(more).collect();
    Message {
        words,
        text,
        blocks,
    }
}

/// Who deploys what, and what that changes.
fn what(words: Words, request: &Request) -> Mrkdwn {
    let who = text::mention(words, request.requester.as_ref());
    let (repository, commit, environment) = names(request);
    let what = if is_rollback(request) {
        words.request_rolls_back(who, repository, commit, environment)
    } else {
        words.request_deploys(who, repository, commit, environment)
    };
    text::lines([what, about(words, request)])
}

/// What goes out or leaves, once the gate has decided.
fn about(words: Words, request: &Request) -> Mrkdwn {
    let Some(changes) = &request.changes else {
        return Mrkdwn::default();
    };
    let headline = request
        .commit
        .as_ref()
        .map(|commit| text::headline(words, &commit.headline))
        .unwrap_or_default();
    let checks = request
        .checks
        .as_ref()
        .map(|it| status::checks(words, Some(it)))
        .unwrap_or_default();
    dotted([headline, difference(words, changes), checks])
}

/// "1 commit since `9f8e7d6` (compare)".
pub(super) fn difference(words: Words, changes: &Changes) -> Mrkdwn {
    if changes.base.is_empty() {
        return words.request_nothing_before();
    }
    let base = text::sha(&changes.base);
    let compare = compare(words, changes);
    let commits = |number| words.text_commits(number);
    match (changes.ahead, changes.behind) {
        (0, 0) => words.request_same(base),
        (ahead, 0) => words.request_since(commits(ahead), base, compare),
        (0, behind) => words.request_takes_away(commits(behind), base, compare),
        (ahead, behind) => {
            words.request_since_and_takes_away(commits(ahead), base, commits(behind), compare)
        }
    }
}

/// " (compare)"; nothing where there is no comparison.
pub(super) fn compare(words: Words, changes: &Changes) -> Option<Mrkdwn> {
    let link = text::link_if_any(&changes.compare_url, words.text_compare())?;
    Some(Mrkdwn::ours(format!(" ({link})")))
}

/// "✔ accepted  ✔ built  ▸ rolling out: 2 of 3 pods ready · 21 s".
fn progress(words: Words, request: &Request, now: Timestamp) -> Mrkdwn {
    let deployment = request.deployment.as_ref();
    let steps = deployment.map(|it| it.steps.as_slice());
    let steps = steps_in_words(words, steps.unwrap_or_default());
    let hidden = steps.len().saturating_sub(STEPS);
    let done = steps
        .iter()
        .skip(hidden)
        .take(steps.len().saturating_sub(hidden + 1))
        .map(|step| format!("  ✔ {}", topic(step)));
    let accepted = words.request_accepted();
    let omitted = if hidden > 0 { "  …" } else { "" };
    let current = steps.last().map_or_else(
        || words.request_waiting_for_workflow(),
        |step| text::prose(step, 100),
    );
    // As its end is counted: from when GitHub made it.
    let since = deployment.map_or(request.accepted_at.as_ref(), |it| it.created_at.as_ref());
    let since = time::moment(since).map(|at| time::running(words, at, now));
    let done: String = done.collect();
    dotted([
        Mrkdwn::ours(format!("{accepted}{omitted}{done}  ▸ {current}")),
        since.unwrap_or_default(),
        log(words, request).unwrap_or_default(),
    ])
}

/// What the steps say, oldest first. Of neighbours that are about the same
/// thing ("rolling out: 1 of 3", "rolling out: 2 of 3") the newest.
fn steps_in_words(words: Words, steps: &[Step]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for step in steps {
        let step = step_in_words(words, step);
        if said
            .last()
            .is_some_and(|last| subject(last) == subject(&step))
        {
            said.pop();
        }
        said.push(step);
    }
    said
}

/// What its workflow says of it or, where that is nothing, GitHub's word for
/// its state.
fn step_in_words(words: Words, step: &Step) -> String {
    // The service wrote it, and in English, because GitHub shows it too.
    if step.failure.is_some() {
        return words.request_step_ended();
    }
    if !step.description.trim().is_empty() {
        return step.description.trim().to_owned();
    }
    match step.state.as_str() {
        "queued" => words.request_step_queued(),
        "pending" => words.request_step_pending(),
        "waiting" => words.request_step_waiting(),
        "in_progress" => words.request_step_in_progress(),
        "success" => words.request_step_success(),
        "failure" => words.request_step_failure(),
        "error" => words.request_step_error(),
        "inactive" => words.request_step_inactive(),
        other => other.replace('_', " "),
    }
}

fn subject(words: &str) -> &str {
    words.split(':').next().unwrap_or(words).trim()
}

/// A step that is over, without its last count.
fn topic(words: &str) -> Mrkdwn {
    text::prose(subject(words), NAME)
}

fn succeeded(words: Words, request: &Request) -> Mrkdwn {
    let (repository, commit, environment) = names(request);
    let what = if is_rollback(request) {
        words.request_back(repository, commit, environment)
    } else {
        words.request_live(repository, commit, environment)
    };
    let deployment = request.deployment.as_ref();
    let open = deployment.and_then(|it| text::link_if_any(&it.environment_url, words.text_open()));
    let compare = request
        .changes
        .as_ref()
        .and_then(|it| text::link_if_any(&it.compare_url, words.text_compare()));
    dotted([
        what,
        took(words, deployment).unwrap_or_default(),
        asked_by(words, request),
        open.unwrap_or_default(),
        compare.unwrap_or_default(),
        log(words, request).unwrap_or_default(),
    ])
}

/// "the deploy of *people* `a1b2c3d` to *production*", inside a sentence.
pub(super) fn the_request(words: Words, request: &Request) -> Mrkdwn {
    let (repository, commit, environment) = names(request);
    if is_rollback(request) {
        words.notice_the_rollback(repository, commit, environment)
    } else {
        words.notice_the_deploy(repository, commit, environment)
    }
}

fn asked_by(words: Words, request: &Request) -> Mrkdwn {
    words.text_asked_by(text::mention(words, request.requester.as_ref()))
}

/// Repository (to be set in bold), commit and environment as every sentence names them.
fn names(request: &Request) -> (Mrkdwn, Mrkdwn, Mrkdwn) {
    let commit = request
        .commit
        .as_ref()
        .map(text::commit)
        .unwrap_or_default();
    let repository = text::prose(text::bare_name(&request.repository), NAME);
    (repository, commit, bold(&request.environment, NAME))
}

fn took(words: Words, deployment: Option<&Deployment>) -> Option<Mrkdwn> {
    let duration = deployment?.duration.as_ref()?;
    Some(time::length(words, duration))
}

fn log(words: Words, request: &Request) -> Option<Mrkdwn> {
    text::link_if_any(&request.deployment.as_ref()?.log_url, words.text_log())
}

fn retry(words: Words, request: &Request) -> Option<Button> {
    let action = start(request, &request.commit.as_ref()?.sha, is_rollback(request))?;
    let spoken = words.request_retry_spoken(text::short_sha(action.commit.as_str()).to_owned());
    button(words.request_retry(), spoken, action::RETRY, &action, None)
}

/// Asked for as one, or made one, because all it does is to take commits away; that
/// is known as soon as its commits are.
fn is_rollback(request: &Request) -> bool {
    let made = request.deployment.as_ref().map(Deployment::kind);
    [Some(request.kind()), made].contains(&Some(DeploymentKind::Rollback))
        || request.changes.as_ref().is_some_and(only_takes_away)
}

/// Nothing goes out, and commits leave.
pub(crate) const fn only_takes_away(changes: &Changes) -> bool {
    changes.ahead == 0 && changes.behind > 0
}

fn start(request: &Request, sha: &str, is_rollback: bool) -> Option<StartAction> {
    Some(StartAction {
        repository: RepositoryName::new(&request.repository)?,
        environment: EnvironmentName::new(&request.environment)?,
        commit: CommitSha::new(sha).ok()?,
        is_rollback,
        live: was_live(request),
    })
}

/// What was live when it was asked for, empty for nothing; none where nobody knows.
fn was_live(request: &Request) -> Option<String> {
    match failed::before(request) {
        Some(sha) => Some(CommitSha::new(sha).ok()?.to_string()),
        None => request.changes.as_ref().map(|_| String::new()),
    }
}

fn button(
    label: String,
    spoken: String,
    action: &str,
    value: &StartAction,
    confirm: Option<Confirm>,
) -> Option<Button> {
    let value = value.to_value();
    // Slack's limit; only an environment with a name of another script could pass it.
    if text::length(&value) > 2000 {
        return None;
    }
    Some(Button {
        label,
        spoken,
        action: action.to_owned(),
        value,
        confirm,
    })
}

#[cfg(test)]
mod tests;
