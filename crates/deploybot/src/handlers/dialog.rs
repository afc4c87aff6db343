//! The deploy dialog: opened at once, filled as the deploy service answers,
//! filled anew for each environment that is chosen, and submitted once.
//!
//! What is submitted is what was shown: the dialog carries the environment that it
//! shows, and what was live there. Where another was chosen and is not shown yet, or
//! something else is live by now, it stays open and is filled anew.

mod about;
mod open;
mod refused;

use std::time::Duration;

use deploy_proto::v1;
use tokio::time::Instant;

pub(crate) use self::open::Dialogs;
use self::{
    about::{About, Origin, Shown, digest},
    refused::Refused,
};
use super::{Bot, PATIENCE_TO_LOOK, reply_address};
use crate::{
    backoff::Backoff,
    command::EnvironmentName,
    deploy,
    people::Someone,
    slack::{
        client::View,
        error::Error,
        event::{Choice, Press, Submission},
        id::{ViewHash, ViewId},
        incoming::Acknowledgement,
    },
    view::{
        self, CallError, Dialog, Hindrance,
        action::{self, DeployAction},
        block::Modal,
    },
    words::Words,
};

/// How long Slack may want to be left alone before a dialog is opened, which has to
/// be within 3 seconds of the press.
const LONGEST_WAIT_TO_OPEN: Duration = Duration::from_secs(2);
/// How long before an open one is changed; who looks at it does not wait longer.
const LONGEST_WAIT_TO_SHOW: Duration = Duration::from_secs(30);

/// Opens the dialog for whoever pressed the button.
pub(super) async fn open(bot: &Bot, press: &Press, acknowledgement: Acknowledgement) {
    let Some(action) = DeployAction::from_value(&press.value) else {
        tracing::warn!("a button with an unreadable value was pressed");
        return acknowledgement.give();
    };
    let about = About {
        action,
        origin: Origin::of(press),
        shown: None,
    };
    let someone = bot.people.find(&press.user).await;
    if someone.is_guest {
        let refused = press.refused("guest");
        return bot
            .refuse_guest(refused, someone.words, acknowledgement)
            .await;
    }
    let empty = modal(bot, someone.words, &about, &Known::default());
    let mut opened = bot.slack.open_view(&press.trigger, &empty).await;
    if let Err(Error::RateLimited { retry_after }) = &opened
        && *retry_after <= LONGEST_WAIT_TO_OPEN
    {
        tokio::time::sleep(*retry_after).await;
        opened = bot.slack.open_view(&press.trigger, &empty).await;
    }
    match opened {
        Ok(opened) => {
            acknowledgement.give();
            fill(bot, &opened.id, opened.hash, &about, None, &someone).await;
        }
        // Unacknowledged, Slack itself tells that the button did nothing.
        Err(error) => tracing::warn!(%error, "a dialog can't be opened"),
    }
}

/// Shows what would go to the environment that was chosen.
pub(super) async fn chosen(bot: &Bot, choice: &Choice, acknowledgement: Acknowledgement) {
    acknowledgement.give();
    match About::from_private(&choice.private) {
        Some(about) if choice.list == action::ENVIRONMENT => {
            let someone = bot.people.find(&choice.user).await;
            let chosen = Some(choice.value.clone());
            fill(bot, &choice.view, None, &about, chosen, &someone).await;
        }
        _ => tracing::warn!(list = choice.list, "a choice in a dialog that is not known"),
    }
}

/// Asks for the deployment; the dialog stays open when it is not taken. Tells
/// whether it is dealt with: delivered again, what was refused is refused again.
pub(super) async fn submitted(
    bot: &Bot,
    submission: &Submission,
    acknowledgement: Acknowledgement,
) -> bool {
    let about = About::from_private(&submission.private);
    let Some(about) = about.filter(|_| submission.callback == action::DEPLOY_DIALOG) else {
        tracing::warn!(
            callback = submission.callback,
            "a dialog that is not known was submitted"
        );
        acknowledgement.give();
        return true;
    };
    let someone = bot.people.find(&submission.user).await;
    let words = someone.words;
    let refused = Refused {
        bot,
        submission,
        about: &about,
        someone: &someone,
    };
    let chosen = submission.chosen.get(action::ENVIRONMENT);
    if someone.is_guest {
        refused.tell(acknowledgement, &view::guest_in_field(words));
        return false;
    }
    let Some(environment) = chosen.and_then(|name| EnvironmentName::new(name)) else {
        refused.tell(acknowledgement, &view::nothing_chosen(words));
        return false;
    };
    // Slack waits 3 seconds for the answer to a dialog.
    let until = Instant::now() + bot.timing.journalled_within;
    if let Some(sentence) = outdated(bot, &about, &environment, &someone).await {
        refused.tell_and_fill(acknowledgement, &sentence).await;
        return false;
    }
    let request = request(submission, &about, &environment, someone.person.clone());
    let id = request.request_id.clone();
    let error = match tokio::time::timeout_at(until, bot.deploy.start(request)).await {
        Ok(Ok(_)) => {
            acknowledgement.give();
            return true;
        }
        Ok(Err(error)) => {
            error.log(deploy::About::Request(&id), "a request was not taken");
            error.told()
        }
        Err(_) => {
            tracing::warn!(request.id = id, "a request was not taken in time");
            CallError::Hindered(Hindrance::Unreachable)
        }
    };
    let repository = about.action.repository.as_str();
    let sentence = view::call_error_in_field(words, &error, repository, environment.as_str());
    refused.tell(acknowledgement, &sentence);
    false
}

/// Why what a dialog shows is not what would happen now; none where it is, as far
/// as anybody can tell in time.
async fn outdated(
    bot: &Bot,
    about: &About,
    environment: &EnvironmentName,
    someone: &Someone,
) -> Option<String> {
    let words = someone.words;
    let is_of_it = |shown: &&Shown| shown.environment == digest(environment.as_str());
    let Some(shown) = about.shown.as_ref().filter(is_of_it) else {
        return Some(view::not_shown_yet(words, environment.as_str()));
    };
    let request = v1::PreviewDeploymentRequest {
        expected_live: shown.live.clone(),
        ..preview_request(about, environment.as_str(), someone)
    };
    let looked = tokio::time::timeout(PATIENCE_TO_LOOK, bot.deploy.preview(request)).await;
    let looked = looked.ok()?.ok()?;
    let changes = view::what_changes_now(&looked)?;
    let told = view::changed_meanwhile(words, environment.as_str(), changes);
    Some(told)
}

/// A choice in a dialog is one request, however often it is submitted, and
/// another choice in it is another one, as it is where it shows by now that the
/// commit goes back, or that something else is live: that was confirmed anew. The
/// environment and what is live there are told by a digest, for the environment's
/// name may be of any script and longer than an id. Should two ever have the same
/// digest, the second is refused, because its id is taken.
fn request_id(
    submission: &Submission,
    environment: &EnvironmentName,
    live: Option<&str>,
    kind: v1::DeploymentKind,
) -> String {
    let Submission { team, view, .. } = submission;
    let back = match kind {
        v1::DeploymentKind::Rollback => ":back",
        _ => "",
    };
    // No name has that character.
    let live = live.map(|live| format!("\0{live}")).unwrap_or_default();
    let shown = digest(&format!("{environment}{live}"));
    format!("slack:{team}:{view}:{shown:016x}{back}")
}

fn request(
    submission: &Submission,
    about: &About,
    environment: &EnvironmentName,
    person: v1::Person,
) -> v1::StartDeploymentRequest {
    let About {
        action,
        origin,
        shown,
    } = about;
    let kind = match shown {
        Some(Shown { is_back: true, .. }) => v1::DeploymentKind::Rollback,
        _ => v1::DeploymentKind::Deploy,
    };
    let live = shown.as_ref().and_then(|shown| shown.live.clone());
    v1::StartDeploymentRequest {
        request_id: request_id(submission, environment, live.as_deref(), kind),
        repository: action.repository.to_string(),
        environment: environment.to_string(),
        commit: action.commit.to_string(),
        kind: kind.into(),
        requester: Some(person),
        reply: Some(reply_address(
            &origin.channel,
            origin.thread.as_ref(),
            &origin.message,
        )),
        expected_live: live,
    }
}

/// Looks up the environments, then what would go to the one that is chosen. `hash`
/// is how the dialog stands where nothing else may be shown in it yet.
async fn fill(
    bot: &Bot,
    view: &ViewId,
    hash: Option<ViewHash>,
    about: &About,
    chosen: Option<String>,
    someone: &Someone,
) {
    let turn = bot.dialogs.take_turn(view);
    let environments = bot
        .deploy
        .environments(about.action.repository.as_str())
        .await;
    let environments = environments
        .map(|answer| answer.environments)
        .map_err(|error| error.told());
    let chosen = chosen.or_else(|| first_choice(environments.as_deref().ok()?, &about.action));
    let mut known = Known {
        environments: Some(environments),
        chosen,
        preview: None,
    };
    let empty = modal(bot, someone.words, about, &known);
    let Some(shown) = show(bot, view, turn, &empty, hash).await else {
        return;
    };
    let (Some(Ok(_)), Some(environment)) = (&known.environments, &known.chosen) else {
        return;
    };
    let request = preview_request(about, environment, someone);
    let preview = bot.deploy.preview(request).await;
    known.preview = Some(preview.map_err(|error| error.told()));
    let filled = modal(bot, someone.words, about, &known);
    // Where another replica shows another choice since, this one is not shown.
    show(bot, view, turn, &filled, shown.hash).await;
}

fn preview_request(
    about: &About,
    environment: &str,
    someone: &Someone,
) -> v1::PreviewDeploymentRequest {
    v1::PreviewDeploymentRequest {
        repository: about.action.repository.to_string(),
        environment: environment.to_owned(),
        commit: about.action.commit.to_string(),
        requester: Some(someone.person.clone()),
        expected_live: None,
    }
}

/// The first environment of the list that does not run the commit already.
fn first_choice(environments: &[v1::EnvironmentStatus], action: &DeployAction) -> Option<String> {
    let runs_it = |environment: &&v1::EnvironmentStatus| {
        let commit = environment
            .live
            .as_ref()
            .and_then(|live| live.commit.as_ref());
        commit.is_some_and(|commit| commit.sha.starts_with(action.commit.as_str()))
    };
    let choice = view::choices(environments).find(|environment| !runs_it(environment));
    choice
        .or_else(|| view::choices(environments).next())
        .map(|environment| environment.name.clone())
}

/// Shows it, unless another environment was chosen meanwhile; with `hash`, unless
/// anything else was shown since the dialog stood so. None where it is not shown.
async fn show(
    bot: &Bot,
    view: &ViewId,
    turn: u64,
    modal: &Modal,
    mut hash: Option<ViewHash>,
) -> Option<View> {
    let until = Instant::now() + LONGEST_WAIT_TO_SHOW;
    let mut backoff = Backoff::new(&bot.timing);
    while bot.dialogs.shows(view, turn, modal.submit.is_some()) {
        let error = match bot.slack.update_view(view, modal, hash.as_ref()).await {
            Ok(shown) => return Some(shown),
            Err(error) => error,
        };
        let wait = match &error {
            Error::RateLimited { retry_after } => Some(*retry_after),
            Error::Uncertain(_) => {
                // It may be shown, so that the dialog stands otherwise.
                hash = None;
                Some(backoff.next())
            }
            // Mostly it was closed.
            _ => None,
        };
        match wait.filter(|wait| Instant::now() + *wait <= until) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => {
                tracing::info!(%error, "a dialog can't be updated");
                return None;
            }
        }
    }
    None
}

fn modal(bot: &Bot, words: Words, about: &About, known: &Known) -> Modal {
    let dialog = Dialog {
        action: &about.action,
        environments: known.environments.as_ref().map(|known| known.as_deref()),
        chosen: known.chosen.as_deref(),
        preview: known.preview.as_ref().map(Result::as_ref),
    };
    let mut modal = view::deploy_dialog(words, &dialog, bot.clock.now());
    modal.private = about.origin.beside(&modal.private);
    if let Some(shown) = Shown::of(known) {
        modal.private = shown.beside(&modal.private);
    }
    modal
}

/// What is known so far of what a dialog shows.
#[derive(Default)]
struct Known {
    environments: Option<Result<Vec<v1::EnvironmentStatus>, CallError>>,
    chosen: Option<String>,
    preview: Option<Result<v1::PreviewDeploymentResponse, CallError>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_request_and_another_choice_or_another_live_one_another() {
        let submission = Submission {
            delivery: None,
            team: "T1".into(),
            user: "U1".into(),
            view: "V1".into(),
            callback: String::new(),
            private: String::new(),
            chosen: std::collections::HashMap::new(),
            fields: Vec::new(),
        };
        let id = |name: &str, live| {
            let environment = EnvironmentName::new(name).expect("valid");
            request_id(&submission, &environment, live, v1::DeploymentKind::Deploy)
        };
        assert_eq!(id("production", None), "slack:T1:V1:c4a15eea2a28163a");
        let ids = [
            id("production", None),
            id("staging", None),
            id("production", Some("")),
            id("production", Some("9f8e7d6")),
            id("production", Some("a1b2c3d")),
        ];
        let different: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{ids:?}");
        let long = id(&"ü".repeat(255), Some(&"f".repeat(40)));
        assert!(long.is_ascii() && long.len() <= 200, "{long}");
    }
}
