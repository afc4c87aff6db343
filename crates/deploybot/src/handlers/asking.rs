//! Asking the deploy service for a deployment until it has journalled it, for as
//! long as that makes sense. Whoever asked is told when it takes long, and then
//! how it ended.

use std::time::Duration;

use deploy_proto::v1;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::Bot;
use crate::{
    backoff::Backoff,
    slack::{
        id::{Place, Ts},
        mark::Mark,
        outbox::{Edit, There},
    },
    view::{self, Asked, CallError, Hindrance, block::Message},
};

/// A deployment that somebody asks for.
pub(super) struct Asking<'a> {
    pub(super) bot: &'a Bot,
    pub(super) request: v1::StartDeploymentRequest,
    /// Where whoever asked is told what is in the way.
    pub(super) place: Place,
    /// What marks the answers to it.
    pub(super) event: &'a str,
    /// The message that asked, or whose button did.
    pub(super) since: &'a Ts,
    /// Whether an answer may be there already.
    pub(super) there: There,
}

/// How asking ended, and the message that said that it takes long.
pub(super) struct Ended {
    pub(super) end: End,
    pub(super) waiting: Option<Ts>,
}

/// How asking ended.
pub(super) enum End {
    /// The deploy service has the request, which stands so.
    Journalled(v1::RequestState),
    /// The deploy service does not take it, and would not the next time.
    NotTaken(CallError),
    /// It was asked for as long as it makes sense.
    GivenUp(Hindrance),
    /// The service stops, after so long.
    Stopped(Hindrance, Duration),
}

impl Asking<'_> {
    /// Asks to the end; says in between that it takes long, when it does.
    pub(super) async fn run(&self) -> Ended {
        let (tell, latest) = watch::channel(Hindrance::Unreachable);
        let asking = self.until_the_end(&tell);
        tokio::pin!(asking);
        // A service that is only restarted is back before this is worth a word.
        match timeout(self.bot.timing.journalled_within, &mut asking).await {
            Ok(end) => Ended { end, waiting: None },
            Err(_) => {
                let message = view::waiting(&latest.borrow());
                let (waiting, end) = tokio::join!(self.say(message), asking);
                Ended { end, waiting }
            }
        }
    }

    /// Tells how it ended; what is journalled, the feed shows.
    pub(super) async fn tell(&self, ended: &Ended) {
        let Ended { end, waiting } = ended;
        let repository = self.request.repository.as_str();
        let message = match end {
            End::Journalled(_) if waiting.is_none() => return,
            End::Journalled(_) => view::taken(),
            End::NotTaken(error) => {
                let environment = Some(self.request.environment.as_str());
                view::call_error(error, Asked::InWords, repository, environment)
            }
            End::GivenUp(last) => {
                let after = self.bot.timing.journalled_at_last;
                view::given_up(last, after, repository)
            }
            End::Stopped(last, after) => view::given_up(last, *after, repository),
        };
        self.answer(waiting.as_ref(), message).await;
    }

    /// Says it in place of the message that said that it takes long.
    pub(super) async fn answer(&self, waiting: Option<&Ts>, message: Message) {
        match waiting {
            Some(ts) => self.correct(ts.clone(), message).await,
            None => {
                self.say(message).await;
            }
        }
    }

    async fn until_the_end(&self, latest: &watch::Sender<Hindrance>) -> End {
        let (bot, id) = (self.bot, self.request.request_id.as_str());
        let begin = Instant::now();
        let mut backoff = Backoff::new(&bot.timing);
        loop {
            let error = match bot.deploy.start(self.request.clone()).await {
                Ok(request) => return End::Journalled(request.state()),
                Err(error) => error,
            };
            let Some(hindrance) = error.hindrance() else {
                tracing::warn!(request.id = id, %error, "a request was not taken");
                return End::NotTaken(error.told());
            };
            if begin.elapsed() > bot.timing.journalled_at_last {
                tracing::error!(request.id = id, %error, "not journalled; given up");
                return End::GivenUp(hindrance);
            }
            tracing::warn!(request.id = id, %error, "not journalled yet; asking again");
            latest.send_replace(hindrance.clone());
            let wait = match error.retry_after() {
                Some(asked_for) => asked_for.min(bot.timing.retry_most),
                None => backoff.next(),
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => (),
                () = bot.shutdown.cancelled() => return End::Stopped(hindrance, begin.elapsed()),
            }
        }
    }

    async fn say(&self, message: Message) -> Option<Ts> {
        let Self {
            bot,
            place,
            event,
            since,
            there,
            ..
        } = self;
        match bot.post(place.clone(), message, event, since, *there).await {
            Ok(ts) => Some(ts),
            Err(error) => {
                tracing::error!(channel = %place.channel, %error, "an answer can't be said");
                None
            }
        }
    }

    async fn correct(&self, ts: Ts, message: Message) {
        let edit = Edit {
            channel: self.place.channel.clone(),
            ts,
            message,
            mark: Mark::Answer(self.event.to_owned()),
        };
        if let Err(error) = self.bot.outbox.edit(edit).await {
            tracing::error!(channel = %self.place.channel, %error, "an answer can't be corrected");
        }
    }
}
