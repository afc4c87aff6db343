//! The one message that shows a request from accepted to its end, and the
//! second one that a failure brings, or that somebody else withdrew it.

mod cancelled;
mod failed;
pub(super) mod waiting;

use deploy_proto::v1::{Changes, Deployment, DeploymentKind, Request, RequestState, Step};
use jiff::Timestamp;

use super::{
    action::{self, StartAction},
    block::{Block, Button, Confirm, Message, Mrkdwn},
    refusal::{self, About},
    status,
    text::{self, NAME, bold, count, dotted, section},
    time,
};
use crate::command::{CommitSha, EnvironmentName, RepositoryName};

pub(crate) use cancelled::request_cancelled;
pub(crate) use failed::request_failure;

/// Steps shown of a running deployment, the newest ones.
const STEPS: usize = 5;
/// Refusals shown.
const REFUSALS: usize = 8;

/// A request as it stands: the message that is edited until it ends.
pub(crate) fn request(request: &Request, now: Timestamp) -> Message {
    match (request.state(), &request.waiting) {
        (RequestState::Accepted | RequestState::Creating, Some(waiting)) => {
            waiting::message(request, waiting, now)
        }
        (RequestState::Unspecified | RequestState::Accepted, _) => on_its_way(
            request,
            "✔ accepted  ▸ looking at the commit and its checks".to_owned(),
        ),
        (RequestState::Creating, None) => {
            on_its_way(request, "✔ accepted  ▸ asking GitHub to deploy".to_owned())
        }
        (RequestState::Running, _) => on_its_way(request, progress(request, now)),
        (RequestState::Succeeded, _) => message(succeeded(request), None),
        (RequestState::Failed, _) => message(failed::shown(request), None),
        (RequestState::Refused, _) => refused(request, now),
        (RequestState::Cancelled, _) => cancelled::shown(request),
    }
}

fn message(text: String, more: impl IntoIterator<Item = Block>) -> Message {
    let blocks = [section(text.clone())].into_iter().chain(more).collect();
    Message {
        text: Mrkdwn::ours(text),
        blocks,
    }
}

fn on_its_way(request: &Request, progress: String) -> Message {
    message(
        what(request),
        [Block::Context(vec![Mrkdwn::ours(progress)])],
    )
}

/// Who deploys what, and what that changes.
fn what(request: &Request) -> String {
    let who = text::mention(request.requester.as_ref());
    let (repository, commit, environment) = names(request);
    let what = if is_rollback(request) {
        format!("↩️ {who} rolls *{repository}* back to {commit} in {environment}")
    } else {
        format!("🚀 {who} deploys *{repository}* {commit} to {environment}")
    };
    let about = about(request);
    if about.is_empty() {
        what
    } else {
        format!("{what}\n{about}")
    }
}

/// What goes out or leaves, once the gate has decided.
fn about(request: &Request) -> String {
    let Some(changes) = &request.changes else {
        return String::new();
    };
    let headline = request
        .commit
        .as_ref()
        .map(|commit| text::headline(&commit.headline))
        .unwrap_or_default();
    let checks = request
        .checks
        .as_ref()
        .map(|it| status::checks(Some(it)))
        .unwrap_or_default();
    dotted([
        headline.to_string(),
        difference(changes),
        checks.to_string(),
    ])
}

/// "1 commit since `9f8e7d6` (compare)".
pub(super) fn difference(changes: &Changes) -> String {
    if changes.base.is_empty() {
        return "nothing was live before".to_owned();
    }
    let base = text::sha(&changes.base);
    let compare = text::link_if_any(&changes.compare_url, "compare")
        .map(|link| format!(" ({link})"))
        .unwrap_or_default();
    match (changes.ahead, changes.behind) {
        (0, 0) => format!("the same as {base}"),
        (ahead, 0) => format!("{} since {base}{compare}", count(ahead, "commit")),
        (0, behind) => format!(
            "takes {} away, back from {base}{compare}",
            count(behind, "commit")
        ),
        (ahead, behind) => {
            format!(
                "{} since {base}, and takes {} away{compare}",
                count(ahead, "commit"),
                count(behind, "commit")
            )
        }
    }
}

/// "✔ accepted  ✔ built  ▸ rolling out: 2 of 3 pods ready · 0:21".
fn progress(request: &Request, now: Timestamp) -> String {
    let deployment = request.deployment.as_ref();
    let steps = steps(deployment.map(|it| it.steps.as_slice()).unwrap_or_default());
    let hidden = steps.len().saturating_sub(STEPS);
    let done = steps
        .iter()
        .skip(hidden)
        .take(steps.len().saturating_sub(hidden + 1))
        .map(|step| format!("  ✔ {}", topic(step)));
    let accepted = if hidden > 0 {
        "✔ accepted  …"
    } else {
        "✔ accepted"
    };
    let current = steps.last().map_or_else(
        || "waiting for its workflow to start".to_owned(),
        |step| text::prose(step, 100).to_string(),
    );
    let since = time::moment(request.accepted_at.as_ref()).map(|at| time::running(at, now));
    dotted([
        format!("{accepted}{}  ▸ {current}", done.collect::<String>()),
        since.unwrap_or_default(),
        log(request).unwrap_or_default().to_string(),
    ])
}

/// What the steps say, oldest first. Of neighbours that are about the same
/// thing ("rolling out: 1 of 3", "rolling out: 2 of 3") the newest.
fn steps(steps: &[Step]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for step in steps {
        let words = words(step);
        if said
            .last()
            .is_some_and(|last| subject(last) == subject(&words))
        {
            said.pop();
        }
        said.push(words);
    }
    said
}

fn words(step: &Step) -> String {
    if !step.description.trim().is_empty() {
        return step.description.trim().to_owned();
    }
    match step.state.as_str() {
        "in_progress" => "running".to_owned(),
        "pending" => "waiting".to_owned(),
        "waiting" => "waiting for approval".to_owned(),
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

fn succeeded(request: &Request) -> String {
    let (repository, commit, environment) = names(request);
    let what = if is_rollback(request) {
        format!("✅ *{repository}* is back at {commit} in {environment}")
    } else {
        format!("✅ *{repository}* {commit} is live in {environment}")
    };
    let deployment = request.deployment.as_ref();
    let open = deployment.and_then(|it| text::link_if_any(&it.environment_url, "open"));
    let compare = request
        .changes
        .as_ref()
        .and_then(|it| text::link_if_any(&it.compare_url, "compare"));
    dotted([
        what,
        took(deployment),
        format!("asked by {}", text::mention(request.requester.as_ref())),
        open.unwrap_or_default().to_string(),
        compare.unwrap_or_default().to_string(),
        log(request).unwrap_or_default().to_string(),
    ])
}

fn refused(request: &Request, now: Timestamp) -> Message {
    let sha = request
        .commit
        .as_ref()
        .map_or("", |commit| commit.sha.as_str());
    let about = About {
        repository: &request.repository,
        environment: &request.environment,
        commit: sha,
    };
    let symbol = refusal::symbol(&request.refusals);
    let shown = request.refusals.iter().take(REFUSALS);
    let (text, lines) = match request.refusals.as_slice() {
        [only] => {
            let text = format!("{symbol} {}", refusal::sentence(only, about, now));
            (text.clone(), vec![text])
        }
        several => {
            let (repository, commit, environment) = names(request);
            let first = format!("{symbol} *{repository}* {commit} may not go to {environment}");
            let lines = shown.map(|one| format!("• {}", refusal::sentence(one, about, now)));
            let lines = [format!("{first}:")].into_iter().chain(lines).collect();
            (format!("{first}: {}", refusal::titles(several)), lines)
        }
    };
    let mut blocks = text::sections(lines);
    let asked = format!(
        "asked by {} · nothing was changed",
        text::mention(request.requester.as_ref())
    );
    blocks.push(Block::Context(vec![Mrkdwn::ours(asked)]));
    Message {
        text: Mrkdwn::ours(text),
        blocks,
    }
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

fn took(deployment: Option<&Deployment>) -> String {
    deployment
        .and_then(|it| it.duration.as_ref())
        .map(time::length)
        .unwrap_or_default()
}

fn log(request: &Request) -> Option<Mrkdwn> {
    text::link_if_any(&request.deployment.as_ref()?.log_url, "log")
}

fn retry(request: &Request) -> Option<Button> {
    let action = start(request, &request.commit.as_ref()?.sha, is_rollback(request))?;
    let spoken = format!("Retry {}", text::short_sha(action.commit.as_str()));
    button("Retry", spoken, action::RETRY, &action, None)
}

/// Asked for as one, or made one, because all it does is to take commits away.
fn is_rollback(request: &Request) -> bool {
    let made = request.deployment.as_ref().map(Deployment::kind);
    [Some(request.kind()), made].contains(&Some(DeploymentKind::Rollback))
}

fn start(request: &Request, sha: &str, is_rollback: bool) -> Option<StartAction> {
    Some(StartAction {
        repository: RepositoryName::new(&request.repository)?,
        environment: EnvironmentName::new(&request.environment)?,
        commit: CommitSha::new(sha).ok()?,
        is_rollback,
    })
}

fn button(
    label: &str,
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
        label: label.to_owned(),
        spoken,
        action: action.to_owned(),
        value,
        confirm,
    })
}

#[cfg(test)]
mod tests;
