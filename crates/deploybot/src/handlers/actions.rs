//! Buttons of messages. A button acts for the person who pressed it, passes the
//! same gates as a command, and pressed twice by one person it acts once; a press
//! that was refused does not count. Where something else has gone live since it was
//! made, what it says is not what it would do: that is told, and nothing done.

use deploy_proto::v1;
use tokio::time::timeout;

use super::{
    Bot, PATIENCE_TO_LOOK, Question, acknowledge_within,
    asking::{Asking, End, Notice},
    cancel, dialog, reply_address,
};
use crate::{
    people::Someone,
    slack::{event::Press, id::UserId, incoming::Acknowledgement},
    view::{self, action, action::StartAction, block::Message},
};

/// How often one person's presses of one button may be refused before it is
/// used up.
const ATTEMPTS: u32 = 20;

pub(super) async fn pressed(bot: &Bot, press: &Press, acknowledgement: Acknowledgement) {
    match press.action.as_str() {
        action::DEPLOY => dialog::open(bot, press, acknowledgement).await,
        action::RETRY | action::ROLL_BACK | action::CANCEL => {
            let someone = bot.people.find(&press.user).await;
            if someone.is_guest {
                let refused = press.refused("guest");
                return bot
                    .refuse_guest(refused, someone.words, acknowledgement)
                    .await;
            }
            // When it is journalled. Slack waits 3 seconds, never delivers a
            // press again, and shows one that is not acknowledged as failed.
            let patience = bot.timing.journalled_within;
            let acting = async {
                match press.action.as_str() {
                    action::CANCEL => cancel::pressed(bot, press, &someone).await,
                    _ => start(bot, press, someone).await,
                }
            };
            acknowledge_within(patience, Box::pin(acting), acknowledgement).await;
        }
        other => {
            tracing::warn!(action = other, "a button that is not known was pressed");
            acknowledgement.give();
        }
    }
}

async fn start(bot: &Bot, press: &Press, someone: Someone) {
    let Some(start) = StartAction::from_value(&press.value) else {
        tracing::warn!(
            action = press.action,
            "a button with an unreadable value was pressed"
        );
        return;
    };
    if let Some(message) = outdated(bot, press, &start, &someone).await {
        let question = Question {
            event: press.trigger.as_str(),
            since: &press.message,
            user: Some(&press.user),
        };
        let message = view::addressed(message, press.named().map(UserId::as_str));
        bot.say(&question, press.side(), message).await;
        return;
    }
    let Someone { person, words, .. } = someone;
    let first = request(press, &start, person);
    let mut late = None;
    for attempt in 1..=ATTEMPTS {
        let id = match attempt {
            1 => first.request_id.clone(),
            again => format!("{}:{again}", first.request_id),
        };
        let asking = Asking {
            bot,
            request: v1::StartDeploymentRequest {
                request_id: id.clone(),
                ..first.clone()
            },
            place: press.side(),
            // One press gets one answer, whatever another got.
            event: press.trigger.as_str(),
            since: &press.message,
            user: &press.user,
            named: press.named(),
            words,
        };
        let mut ended = asking.run().await;
        // Said after all, a word of the attempt before is to be corrected.
        ended.waiting = ended.waiting.or(late);
        match (&ended.end, &ended.waiting) {
            // What an earlier press asked for; what stood in the way may be gone.
            (End::Journalled(request), None | Some(Notice::Late))
                if is_refused_before(request, press) && attempt < ATTEMPTS =>
            {
                late = ended.waiting;
            }
            (End::Journalled(request), waiting) if has_ended(request.state()) => {
                return asking
                    .answer(waiting.as_ref(), view::pressed_before(words, &start))
                    .await;
            }
            _ => return asking.tell(&ended).await,
        }
    }
}

/// What is told where something else went live since the button was made; none where
/// nothing did, or where what is wanted did, which the gate says. While nobody can
/// tell, the request is asked for: it waits, and the gate says so when it is decided.
async fn outdated(
    bot: &Bot,
    press: &Press,
    start: &StartAction,
    someone: &Someone,
) -> Option<Message> {
    start.live.as_ref()?;
    let request = v1::PreviewDeploymentRequest {
        repository: start.repository.to_string(),
        environment: start.environment.to_string(),
        commit: start.commit.to_string(),
        requester: Some(someone.person.clone()),
        expected_live: start.live.clone(),
    };
    let looked = timeout(PATIENCE_TO_LOOK, bot.deploy.preview(request)).await;
    let looked = looked.ok()?.ok()?;
    let changes = view::what_changes_now(&looked)?;
    let told = view::live_meanwhile(someone.words, &press.action, start, changes);
    Some(told)
}

fn request(press: &Press, start: &StartAction, person: v1::Person) -> v1::StartDeploymentRequest {
    let kind = match start.is_rollback {
        true => v1::DeploymentKind::Rollback,
        false => v1::DeploymentKind::Deploy,
    };
    let Press {
        team,
        channel,
        message,
        action,
        user,
        ..
    } = press;
    v1::StartDeploymentRequest {
        request_id: format!("slack:{team}:{channel}:{message}:{action}:{user}"),
        repository: start.repository.to_string(),
        environment: start.environment.to_string(),
        commit: start.commit.to_string(),
        kind: kind.into(),
        requester: Some(person),
        reply: Some(reply_address(channel, press.thread.as_ref(), message)),
        expected_live: start.live.clone(),
    }
}

/// A press from before the request was accepted is the one that asked for it,
/// delivered again, perhaps to another replica: it asks for nothing new. Slack's
/// clock and the deploy service's differ by seconds at most; who presses again in
/// that time is told that they have pressed before.
fn is_refused_before(request: &v1::Request, press: &Press) -> bool {
    let accepted = request.accepted_at.as_ref();
    let accepted = accepted.map(|at| at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000);
    let is_the_same = press
        .at
        .zip(accepted)
        .is_some_and(|(pressed, accepted)| pressed <= accepted);
    request.state() == v1::RequestState::Refused && !is_the_same
}

fn has_ended(state: v1::RequestState) -> bool {
    use v1::RequestState::{Cancelled, Failed, Refused, Succeeded};
    matches!(state, Refused | Succeeded | Failed | Cancelled)
}
