//! The button that withdraws a request while it waits. Anybody in the channel
//! may press it; that it is withdrawn, and by whom, is shown by the feed. Who
//! presses in vain is told why, and nobody else is.

use std::time::Duration;

use deploy_proto::v1;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Bot;
use crate::{
    backoff::Backoff,
    deploy::Error,
    people::Someone,
    slack::{error as slack, event::Press},
    view::{self, action::CancelAction, block::Message},
};

/// How long after a press it is still of interest what it did.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Asks the deploy service, which does it once however often it is asked.
pub(super) async fn pressed(bot: &Bot, press: &Press, someone: &Someone) {
    let Some(action) = CancelAction::from_value(&press.value) else {
        tracing::warn!(
            action = press.action,
            "a button with an unreadable value was pressed"
        );
        return;
    };
    let Some(message) = outcome(bot, someone, &action).await else {
        return;
    };
    if let Err(error) = tell(bot, press, &message).await {
        tracing::error!(channel = %press.channel, %error, "somebody can't be told what a button did");
    }
}

/// When Slack takes it, unless it is by then of no interest any more.
async fn tell(bot: &Bot, press: &Press, message: &Message) -> Result<(), slack::Error> {
    let until = Instant::now() + LONGEST_WAIT;
    loop {
        match bot.slack.tell(&press.place(), &press.user, message).await {
            Err(slack::Error::RateLimited { retry_after })
                if Instant::now() + retry_after <= until =>
            {
                tokio::time::sleep(retry_after).await;
            }
            told => return told,
        }
    }
}

/// What is said of it to the one who pressed; none where the feed says it all.
async fn outcome(bot: &Bot, someone: &Someone, action: &CancelAction) -> Option<Message> {
    let words = someone.words;
    match ask(bot, someone, action).await {
        Ok(request) => view::not_cancelled(words, &request, &someone.person.slack),
        Err(error) => {
            tracing::warn!(request.id = action.request_id, %error, "a request can't be withdrawn");
            Some(match error.hindrance() {
                Some(hindrance) => view::perhaps_cancelled(words, &hindrance),
                None => view::nothing_to_cancel(words, action.repository.as_str()),
            })
        }
    }
}

/// Asks for as long as Slack waits for a press: a service that is only restarted
/// is back by then.
async fn ask(bot: &Bot, someone: &Someone, action: &CancelAction) -> Result<v1::Request, Error> {
    let request = v1::CancelDeploymentRequest {
        request_id: action.request_id.clone(),
        requester: Some(someone.person.clone()),
    };
    let until = Instant::now() + bot.timing.journalled_within;
    let mut backoff = Backoff::new(&bot.timing);
    let mut latest = Error::Unreachable("no answer yet".to_owned());
    while let Ok(answer) = timeout_at(until, bot.deploy.cancel(request.clone())).await {
        match answer {
            Err(error) if error.heals() => latest = error,
            answer => return answer,
        }
        sleep_until(until.min(Instant::now() + backoff.next())).await;
    }
    Err(latest)
}
