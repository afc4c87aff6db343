//! Buttons of messages. A button acts for the person who pressed it, passes the
//! same gates as a command, and pressed twice by one person it acts once.

use deploy_proto::v1;

use super::{Bot, dialog};
use crate::{
    slack::{event::Press, id::Ts, outbox::There, socket::Acknowledgement},
    view::{self, Asked, action, action::StartAction, block::Message},
};

pub(super) async fn pressed(bot: &Bot, press: &Press, acknowledgement: Acknowledgement) {
    match press.action.as_str() {
        action::DEPLOY => dialog::open(bot, press, acknowledgement).await,
        action::RETRY | action::ROLL_BACK => {
            bot.acknowledge_in_time(start(bot, press), acknowledgement)
                .await;
        }
        other => {
            tracing::warn!(action = other, "a button that is not known was pressed");
            acknowledgement.give();
        }
    }
}

async fn start(bot: &Bot, press: &Press) {
    let Some(start) = StartAction::from_value(&press.value) else {
        tracing::warn!(
            action = press.action,
            "a button with an unreadable value was pressed"
        );
        return;
    };
    let request = request(bot, press, &start).await;
    let id = request.request_id.clone();
    match bot.deploy.start(request).await {
        Ok(request) if has_ended(&request) => {
            tell(bot, press, &id, view::pressed_before(&start)).await;
        }
        Ok(_) => (),
        Err(error) => {
            tracing::warn!(request.id = id, %error, "a request was not taken");
            let environment = Some(start.environment.as_str());
            let message = view::call_error(
                &error.told(),
                Asked::ByButton,
                start.repository.as_str(),
                environment,
            );
            tell(bot, press, &id, message).await;
        }
    }
}

async fn request(bot: &Bot, press: &Press, start: &StartAction) -> v1::StartDeploymentRequest {
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
        requester: Some(bot.person(user).await),
        reply: Some(v1::ReplyAddress {
            channel: channel.to_string(),
            thread_ts: press.thread.as_ref().map(Ts::to_string).unwrap_or_default(),
            asked_ts: message.to_string(),
        }),
    }
}

fn has_ended(request: &v1::Request) -> bool {
    use v1::RequestState::{Failed, Refused, Succeeded};
    matches!(request.state(), Refused | Succeeded | Failed)
}

async fn tell(bot: &Bot, press: &Press, id: &str, message: Message) {
    if let Err(error) = bot
        .post(press.side(), message, id, &press.message, There::No)
        .await
    {
        tracing::error!(%error, "an answer can't be said");
    }
}
