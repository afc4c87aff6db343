//! `deploy`: asks the deploy service, which journals the request; what becomes
//! of it is shown by the feed. Slack's event is acknowledged only when it is
//! journalled, so that nothing that was asked is lost, whoever dies when.

use std::time::Duration;

use deploy_proto::v1;
use tokio::time::Instant;

use super::Bot;
use crate::{
    backoff::Backoff,
    command::{CommitSha, EnvironmentName, RepositoryName},
    deploy::Error,
    slack::{event::Mention, id::Ts, mark::Mark, outbox::Edit, socket::Acknowledgement},
    view::{self, Asked, block::Message},
};

/// How long the deploy service is asked again while it does not answer. Slack
/// delivers what is not acknowledged a last time after 5 minutes.
const PATIENCE: Duration = Duration::from_secs(300);

/// What someone wants out.
pub(super) struct Wanted {
    pub(super) repository: RepositoryName,
    pub(super) environment: EnvironmentName,
    pub(super) commit: CommitSha,
}

/// Asks until the request is journalled; tells whether the event is dealt with.
pub(super) async fn start(
    bot: &Bot,
    mention: &Mention,
    wanted: &Wanted,
    retry: u32,
    acknowledgement: Acknowledgement,
) -> bool {
    let request = request(bot, mention, wanted).await;
    if retry == 0 {
        bot.started.here(&request.request_id);
    }
    match bot.deploy.start(request.clone()).await {
        Ok(_) => {
            acknowledgement.give();
            true
        }
        Err(error) if error.heals() => {
            tracing::warn!(request.id = request.request_id, %error, "not journalled yet; asking again");
            ask_again(bot, mention, &request, retry, &error, acknowledgement).await
        }
        Err(error) => {
            refuse(bot, mention, wanted, retry, &error, acknowledgement).await;
            true
        }
    }
}

async fn request(bot: &Bot, mention: &Mention, wanted: &Wanted) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        request_id: format!("slack:{}:{}", mention.team, mention.id),
        repository: wanted.repository.to_string(),
        environment: wanted.environment.to_string(),
        commit: wanted.commit.to_string(),
        kind: v1::DeploymentKind::Deploy.into(),
        requester: Some(bot.person(&mention.user).await),
        reply: Some(v1::ReplyAddress {
            channel: mention.channel.to_string(),
            thread_ts: mention
                .thread
                .as_ref()
                .map(Ts::to_string)
                .unwrap_or_default(),
            asked_ts: mention.ts.to_string(),
        }),
    }
}

/// The request can't be understood; it would not be the next time.
async fn refuse(
    bot: &Bot,
    mention: &Mention,
    wanted: &Wanted,
    retry: u32,
    error: &Error,
    acknowledgement: Acknowledgement,
) {
    tracing::warn!(%error, "a request was not taken");
    let (repository, environment) = (wanted.repository.as_str(), wanted.environment.as_str());
    let message = view::call_error(&error.told(), Asked::InWords, repository, Some(environment));
    let telling = async {
        if let Err(error) = bot.say(mention, retry, mention.side(), message).await {
            tracing::error!(%error, "an answer can't be said");
        }
    };
    bot.acknowledge_in_time(telling, acknowledgement).await;
}

/// The deploy service is away: the asker is told, and it is asked again. The
/// event stays unacknowledged; should this process die, Slack delivers it to
/// the next.
async fn ask_again(
    bot: &Bot,
    mention: &Mention,
    request: &v1::StartDeploymentRequest,
    retry: u32,
    error: &Error,
    acknowledgement: Acknowledgement,
) -> bool {
    let asking = ask_until_taken(bot, request, error);
    tokio::pin!(asking);
    // A service that is only restarted is back before this is worth a word.
    let patience = bot.timing.journalled_within;
    let (told, taken) = match tokio::time::timeout(patience, &mut asking).await {
        Ok(taken) => (None, taken),
        Err(_) => tokio::join!(tell_to_wait(bot, mention, retry, error), asking),
    };
    let outcome = match &taken {
        Ok(()) => {
            acknowledgement.give();
            Some(view::taken())
        }
        Err(GaveUp::OutOfPatience(error)) => {
            Some(view::given_up(&error.told(), PATIENCE, &request.repository))
        }
        Err(GaveUp::NotTaken(error)) => {
            acknowledgement.give();
            let environment = Some(request.environment.as_str());
            Some(view::call_error(
                &error.told(),
                Asked::InWords,
                &request.repository,
                environment,
            ))
        }
        // The next start asks again.
        Err(GaveUp::Stopped) => None,
    };
    if let (Some(ts), Some(message)) = (told, outcome) {
        correct(bot, mention, ts, message).await;
    }
    matches!(taken, Ok(()) | Err(GaveUp::NotTaken(_)))
}

/// Why asking ended without the request being taken.
enum GaveUp {
    OutOfPatience(Error),
    NotTaken(Error),
    Stopped,
}

async fn ask_until_taken(
    bot: &Bot,
    request: &v1::StartDeploymentRequest,
    first: &Error,
) -> Result<(), GaveUp> {
    let until = Instant::now() + PATIENCE;
    let mut backoff = Backoff::new(&bot.timing);
    let mut wait = next_wait(bot, first, &mut backoff);
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => (),
            () = bot.shutdown.cancelled() => return Err(GaveUp::Stopped),
        }
        match bot.deploy.start(request.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) if !error.heals() => return Err(GaveUp::NotTaken(error)),
            Err(error) if Instant::now() > until => {
                tracing::error!(request.id = request.request_id, %error, "not journalled; given up");
                return Err(GaveUp::OutOfPatience(error));
            }
            Err(error) => {
                tracing::warn!(request.id = request.request_id, %error, "not journalled yet; asking again");
                wait = next_wait(bot, &error, &mut backoff);
            }
        }
    }
}

fn next_wait(bot: &Bot, error: &Error, backoff: &mut Backoff) -> Duration {
    match error.retry_after() {
        Some(asked_for) => asked_for.min(bot.timing.retry_most),
        None => backoff.next(),
    }
}

async fn tell_to_wait(bot: &Bot, mention: &Mention, retry: u32, error: &Error) -> Option<Ts> {
    let message = view::waiting(&error.told());
    match bot.say(mention, retry, mention.side(), message).await {
        Ok(ts) => Some(ts),
        Err(error) => {
            tracing::error!(%error, "an answer can't be said");
            None
        }
    }
}

async fn correct(bot: &Bot, mention: &Mention, ts: Ts, message: Message) {
    let mark = Mark::Answer(mention.id.to_string());
    let edit = Edit {
        channel: mention.channel.clone(),
        ts,
        message,
        mark,
    };
    if let Err(error) = bot.outbox.edit(edit).await {
        tracing::error!(%error, "an answer can't be corrected");
    }
}
