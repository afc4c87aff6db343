//! The deploy dialog: opened at once, filled as the deploy service answers,
//! filled anew for each environment that is chosen, and submitted once.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use deploy_proto::v1;
use tokio::time::Instant;
use url::form_urlencoded;

use super::{Bot, reply_address};
use crate::{
    command::EnvironmentName,
    people::Someone,
    recent::Recent,
    slack::{
        error::Error,
        event::{Choice, Press, Submission},
        id::{ChannelId, Ts, ViewId},
        incoming::Acknowledgement,
    },
    view::{
        self, CallError, Dialog, Hindrance,
        action::{self, DeployAction},
        block::Modal,
    },
    words::Words,
};

/// How many open dialogs are remembered.
const MOST: usize = 1_000;
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
    };
    let someone = bot.people.find(&press.user).await;
    let empty = modal(bot, someone.words, &about, &Known::default());
    let mut opened = bot.slack.open_view(&press.trigger, &empty).await;
    if let Err(Error::RateLimited { retry_after }) = &opened
        && *retry_after <= LONGEST_WAIT_TO_OPEN
    {
        tokio::time::sleep(*retry_after).await;
        opened = bot.slack.open_view(&press.trigger, &empty).await;
    }
    match opened {
        Ok(view) => {
            acknowledgement.give();
            fill(bot, &view, &about, None, &someone).await;
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
            fill(bot, &choice.view, &about, chosen, &someone).await;
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
    let Someone { person, words } = bot.people.find(&submission.user).await;
    let chosen = submission.chosen.get(action::ENVIRONMENT);
    let Some(environment) = chosen.and_then(|name| EnvironmentName::new(name)) else {
        acknowledgement.refuse_submission(action::ENVIRONMENT, &view::nothing_chosen(words));
        return false;
    };
    let request = request(submission, &about, &environment, person);
    let id = request.request_id.clone();
    // Slack waits 3 seconds for the answer to a dialog.
    let patience = bot.timing.journalled_within;
    let error = match tokio::time::timeout(patience, bot.deploy.start(request)).await {
        Ok(Ok(_)) => {
            acknowledgement.give();
            return true;
        }
        Ok(Err(error)) => {
            tracing::warn!(request.id = id, %error, "a request was not taken");
            error.told()
        }
        Err(_) => {
            tracing::warn!(request.id = id, "a request was not taken in time");
            CallError::Hindered(Hindrance::Unreachable)
        }
    };
    let repository = about.action.repository.as_str();
    let sentence = view::call_error_in_field(words, &error, repository, environment.as_str());
    acknowledgement.refuse_submission(action::ENVIRONMENT, &sentence);
    false
}

/// A choice in a dialog is one request, however often it is submitted, and
/// another choice in it is another one. The environment is told by a digest,
/// for its name may be of any script and longer than an id. Should two ever
/// have the same digest, the second is refused, because its id is taken.
fn request_id(submission: &Submission, environment: &EnvironmentName) -> String {
    let Submission { team, view, .. } = submission;
    format!("slack:{team}:{view}:{:016x}", digest(environment.as_str()))
}

/// FNV-1a of 64 bits; unlike the standard library's, the same in every build.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn request(
    submission: &Submission,
    about: &About,
    environment: &EnvironmentName,
    person: v1::Person,
) -> v1::StartDeploymentRequest {
    let About { action, origin } = about;
    v1::StartDeploymentRequest {
        request_id: request_id(submission, environment),
        repository: action.repository.to_string(),
        environment: environment.to_string(),
        commit: action.commit.to_string(),
        kind: v1::DeploymentKind::Deploy.into(),
        requester: Some(person),
        reply: Some(reply_address(
            &origin.channel,
            origin.thread.as_ref(),
            &origin.message,
        )),
    }
}

/// Looks up the environments, then what would go to the one that is chosen.
async fn fill(bot: &Bot, view: &ViewId, about: &About, chosen: Option<String>, someone: &Someone) {
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
    show(bot, view, turn, &modal(bot, someone.words, about, &known)).await;
    let (Some(Ok(_)), Some(environment)) = (&known.environments, &known.chosen) else {
        return;
    };
    let request = v1::PreviewDeploymentRequest {
        repository: about.action.repository.to_string(),
        environment: environment.clone(),
        commit: about.action.commit.to_string(),
        requester: Some(someone.person.clone()),
    };
    known.preview = Some(
        bot.deploy
            .preview(request)
            .await
            .map_err(|error| error.told()),
    );
    show(bot, view, turn, &modal(bot, someone.words, about, &known)).await;
}

/// The first environment that does not run the commit already.
fn first_choice(environments: &[v1::EnvironmentStatus], action: &DeployAction) -> Option<String> {
    let runs_it = |environment: &&v1::EnvironmentStatus| {
        let commit = environment
            .live
            .as_ref()
            .and_then(|live| live.commit.as_ref());
        commit.is_some_and(|commit| commit.sha.starts_with(action.commit.as_str()))
    };
    let choice = environments
        .iter()
        .find(|environment| !runs_it(environment));
    choice
        .or(environments.first())
        .map(|environment| environment.name.clone())
}

async fn show(bot: &Bot, view: &ViewId, turn: u64, modal: &Modal) {
    let until = Instant::now() + LONGEST_WAIT_TO_SHOW;
    // Else another environment was chosen in the meantime.
    while bot.dialogs.is_turn(view, turn) {
        match bot.slack.update_view(view, modal).await {
            Ok(()) => return,
            Err(Error::RateLimited { retry_after }) if Instant::now() + retry_after <= until => {
                tokio::time::sleep(retry_after).await;
            }
            Err(error) => {
                // Mostly because it was closed.
                return tracing::info!(%error, "a dialog can't be updated");
            }
        }
    }
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
    modal
}

/// What is known so far of what a dialog shows.
#[derive(Default)]
struct Known {
    environments: Option<Result<Vec<v1::EnvironmentStatus>, CallError>>,
    chosen: Option<String>,
    preview: Option<Result<v1::PreviewDeploymentResponse, CallError>>,
}

/// What a dialog is about: a commit, and the message whose button opened it.
struct About {
    action: DeployAction,
    origin: Origin,
}

impl About {
    fn from_private(private: &str) -> Option<Self> {
        Some(Self {
            action: DeployAction::from_value(private)?,
            origin: Origin::from_private(private)?,
        })
    }
}

/// The message whose button opened a dialog. Slack does not tell when the
/// dialog is used, so that the dialog itself carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    channel: ChannelId,
    message: Ts,
    thread: Option<Ts>,
}

impl Origin {
    fn of(press: &Press) -> Self {
        Self {
            channel: press.channel.clone(),
            message: press.message.clone(),
            thread: press.thread.clone(),
        }
    }

    /// Written beside what else a dialog carries.
    fn beside(&self, private: &str) -> String {
        let mut form = form_urlencoded::Serializer::for_suffix(private.to_owned(), 0);
        form.append_pair("channel", self.channel.as_str());
        form.append_pair("message", self.message.as_str());
        if let Some(thread) = &self.thread {
            form.append_pair("thread", thread.as_str());
        }
        form.finish()
    }

    fn from_private(private: &str) -> Option<Self> {
        let field = |name| action::field(private, name);
        Some(Self {
            channel: ChannelId::from(field("channel")?),
            message: Ts::from(field("message")?),
            thread: field("thread").map(Ts::from),
        })
    }
}

/// Whose turn it is in each open dialog: an answer about an environment that is
/// no longer chosen is not shown.
pub(crate) struct Dialogs(Mutex<Recent<ViewId, u64>>);

impl Dialogs {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST)))
    }

    fn take_turn(&self, view: &ViewId) -> u64 {
        let mut turns = self.turns();
        let turn = turns.get(view).map_or(0, |last| last + 1);
        turns.insert(view.clone(), turn);
        turn
    }

    fn is_turn(&self, view: &ViewId, turn: u64) -> bool {
        self.turns().get(view) == Some(&turn)
    }

    fn turns(&self) -> MutexGuard<'_, Recent<ViewId, u64>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the turns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_dialog_came_from_travels_beside_what_it_is_about() {
        let private = "repository=acme%2Fpeople&commit=a1b2c3d";
        for thread in [None, Some(Ts::from("1.1"))] {
            let origin = Origin {
                channel: ChannelId::from("C1"),
                message: Ts::from("2.2"),
                thread,
            };
            let about = About::from_private(&origin.beside(private)).expect("readable");
            assert_eq!(about.origin, origin);
            assert_eq!(about.action.to_value(), private);
        }
        assert!(About::from_private(private).is_none());
        assert!(About::from_private("").is_none());
    }

    #[test]
    fn a_choice_is_one_request_and_another_choice_another() {
        let submission = Submission {
            delivery: None,
            team: "T1".into(),
            user: "U1".into(),
            view: "V1".into(),
            callback: String::new(),
            private: String::new(),
            chosen: std::collections::HashMap::new(),
        };
        let id = |name: &str| {
            let environment = EnvironmentName::new(name).expect("valid");
            request_id(&submission, &environment)
        };
        assert_eq!(id("production"), "slack:T1:V1:c4a15eea2a28163a");
        assert_ne!(id("production"), id("staging"));
        let long = id(&"ü".repeat(255));
        assert!(long.is_ascii() && long.len() <= 200, "{long}");
    }

    #[test]
    fn only_the_last_choice_is_shown() {
        let dialogs = Dialogs::new();
        let view = ViewId::from("V1");
        let first = dialogs.take_turn(&view);
        let second = dialogs.take_turn(&view);
        assert!(!dialogs.is_turn(&view, first));
        assert!(dialogs.is_turn(&view, second));
    }
}
