//! A deploy that did not reach its environment: the line that its message ends
//! with, and the message that its requester is told by.

use deploy_proto::v1::{Deployment, DeploymentState, Request};

use super::{asked_by, button, commits, is_rollback, log, names, retry, start, took};
use crate::{
    view::{
        action,
        block::{Block, Button, Confirm, Message, Mrkdwn},
        failure::Why,
        text::{self, NAME, bold, dotted, led, sections},
        time,
    },
    words::Words,
};

/// A failure told to the one who asked: a new message, because an edit notifies
/// nobody, with what to do about it.
pub(crate) fn request_failure(words: Words, request: &Request) -> Message {
    let mention = text::mention(words, request.requester.as_ref());
    let first = led(
        "❌",
        words.failed_told(mention, did_not_reach(words, request)),
    );
    let first = dotted([first, log(words, request).unwrap_or_default()]);
    let before = before(request);
    let what_is_live = what_is_live(words, request, before);
    let buttons: Vec<_> = retry(words, request)
        .into_iter()
        .chain(roll_back(words, request, before))
        .collect();
    let actions = (!buttons.is_empty()).then_some(Block::Actions(buttons));
    let lines: Vec<_> = [first]
        .into_iter()
        .chain(commits::headline(words, request))
        .chain(why(words, request).more)
        .chain(what_is_live)
        .collect();
    Message {
        words,
        text: text::lines(lines.clone()),
        blocks: sections(lines).into_iter().chain(actions).collect(),
    }
}

/// What the environment runs after a failure, as far as that is known.
fn what_is_live(words: Words, request: &Request, before: Option<&str>) -> Option<Mrkdwn> {
    let deployment = request.deployment.as_ref();
    let went_on_unseen = deployment.is_some_and(|it| {
        matches!(
            it.state(),
            DeploymentState::Running | DeploymentState::Unknown
        )
    });
    match before {
        _ if went_on_unseen => {
            let line = text::line(&format!("status {}", request.repository));
            Some(words.failed_unknown_change(line))
        }
        // Its workflow did not end it, so that nobody knows how far it came.
        Some(before) if was_ended_from_outside(deployment) => {
            Some(words.failed_was_live(text::sha(before)))
        }
        Some(before) => Some(words.failed_still_live(text::sha(before))),
        None if request.changes.is_some() => Some(words.failed_nothing_before()),
        None => None,
    }
}

/// Says why, and who asked.
pub(super) fn shown(words: Words, request: &Request) -> Mrkdwn {
    let took = took(words, request.deployment.as_ref());
    dotted([
        led("❌", did_not_reach(words, request)),
        took.map(|took| words.failed_after(took))
            .unwrap_or_default(),
        asked_by(words, request),
        log(words, request).unwrap_or_default(),
    ])
}

/// "*people* `a1b2c3d` did not reach *production*: why", in one line.
pub(super) fn did_not_reach(words: Words, request: &Request) -> Mrkdwn {
    let (repository, commit, environment) = names(request);
    let why = match why(words, request).clause {
        why if !why.is_empty() => why,
        _ if request.deployment.is_some() => words.failed_workflow_silent(),
        _ => words.failed_not_made(),
    };
    words.failed_did_not_reach(repository, commit, environment, why)
}

/// Why it failed, and what more there is to it.
fn why(words: Words, request: &Request) -> Why {
    let asked_at = time::moment(request.accepted_at.as_ref());
    Why::of(words, request.why.as_ref(), &request.failure, asked_at)
}

/// GitHub calls that an error, and what a workflow says of itself a failure.
fn was_ended_from_outside(deployment: Option<&Deployment>) -> bool {
    let steps = deployment.map(|it| it.steps.as_slice()).unwrap_or_default();
    let last = steps
        .iter()
        .rfind(|step| matches!(step.state.as_str(), "failure" | "error"));
    last.is_some_and(|step| step.state == "error")
}

/// What was live before; none where nothing was, or nobody knows.
pub(super) fn before(request: &Request) -> Option<&str> {
    let replaces = request.deployment.as_ref().map(|it| it.replaces.as_str());
    let base = request.changes.as_ref().map(|it| it.base.as_str());
    [base, replaces]
        .into_iter()
        .flatten()
        .find(|sha| !sha.is_empty())
}

/// Only where something may have changed: a deployment was made, and it was not
/// a rollback itself, which would bring back what was rolled back.
fn roll_back(words: Words, request: &Request, before: Option<&str>) -> Option<Button> {
    request.deployment.as_ref()?;
    if is_rollback(request) {
        return None;
    }
    let action = start(request, before?, true)?;
    let short = text::short_sha(action.commit.as_str());
    let confirm = Confirm {
        title: words.failed_roll_back_title(),
        text: words.failed_roll_back_question(
            text::repository(&request.repository),
            bold(&request.environment, NAME),
            text::sha(short),
        ),
        yes: words.failed_roll_back_yes(),
        no: words.failed_roll_back_no(),
    };
    let label = words.failed_roll_back_to(short.to_owned());
    button(
        label.clone(),
        label,
        action::ROLL_BACK,
        &action,
        Some(confirm),
    )
}
