//! Asking the deploy service for a deployment until it has journalled it, for as
//! long as that makes sense. Whoever asked is told when it takes long, and then
//! how it ended.

use std::time::Duration;

use deploy_proto::v1;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use super::{Bot, PATIENCE_FOR_AN_ANSWER, Question, acknowledge_within};
use crate::{
    backoff::Backoff,
    command::Command,
    deploy::{About, Error},
    slack::{
        client::Sent,
        event::Mention,
        id::{Place, Ts, UserId},
        incoming::Acknowledgement,
        mark::Mark,
        outbox::{Edit, Posted},
    },
    view::{self, Asked, CallError, Hindrance, block::Message},
    words::Words,
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
    /// Who asked.
    pub(super) user: &'a UserId,
    /// The same, where what they are told has to name them.
    pub(super) named: Option<&'a UserId>,
    /// In which they are spoken to.
    pub(super) words: Words,
}

/// Somebody who asks for something, and where they are told of it.
pub(super) struct Asker<'a> {
    pub(super) bot: &'a Bot,
    /// Where they are told what is in the way.
    pub(super) place: Place,
    /// What marks the answers to them.
    pub(super) event: &'a str,
    /// The message that asked, or whose button did.
    pub(super) since: &'a Ts,
    pub(super) user: &'a UserId,
    /// The same, where what they are told has to name them.
    pub(super) named: Option<&'a UserId>,
    /// In which they are spoken to.
    pub(super) words: Words,
}

/// How asking ended, and the word that it takes long, where there was one.
pub(super) struct Ended<T = v1::Request> {
    pub(super) end: End<T>,
    pub(super) waiting: Option<Notice>,
}

/// The word that it takes long.
pub(super) enum Notice {
    /// It stands there.
    Said(Sent),
    /// It waits for its turn, and is said then unless something newer is to be said in
    /// its place.
    Late,
}

/// How asking ended.
pub(super) enum End<T = v1::Request> {
    /// The deploy service has it, and answered so.
    Journalled(T),
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
        let id = self.request.request_id.as_str();
        let ask = || self.bot.deploy.start(self.request.clone());
        self.asker().run(id, ask).await
    }

    /// Tells how it ended; what is journalled, the feed shows.
    pub(super) async fn tell(&self, ended: &Ended) {
        let Ended { end, waiting } = ended;
        let words = self.words;
        let repository = self.request.repository.as_str();
        let message = match end {
            End::Journalled(_) if waiting.is_none() => return,
            End::Journalled(_) => view::taken(words),
            End::NotTaken(error) => {
                let environment = Some(self.request.environment.as_str());
                view::call_error(words, error, Asked::InWords, repository, environment)
            }
            End::GivenUp(last) => {
                let after = self.bot.timing.journalled_at_last;
                view::given_up(words, last, after, repository)
            }
            End::Stopped(last, after) => view::given_up(words, last, *after, repository),
        };
        self.answer(waiting.as_ref(), message).await;
    }

    /// Says it in place of the message that said that it takes long.
    pub(super) async fn answer(&self, waiting: Option<&Notice>, message: Message) {
        self.asker().answer(waiting, message).await;
    }

    fn asker(&self) -> Asker<'_> {
        Asker {
            bot: self.bot,
            place: self.place.clone(),
            event: self.event,
            since: self.since,
            user: self.user,
            named: self.named,
            words: self.words,
        }
    }
}

impl<'a> Asker<'a> {
    /// Whoever wrote a message.
    pub(super) fn of(bot: &'a Bot, mention: &'a Mention, words: Words) -> Self {
        Self {
            bot,
            place: mention.side(),
            event: mention.id.as_str(),
            since: &mention.ts,
            user: &mention.user,
            named: None,
            words,
        }
    }

    /// Asks to the end; says in between that it takes long, when it does.
    pub(super) async fn run<T, F>(&self, id: &str, ask: impl Fn() -> F) -> Ended<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (tell, latest) = watch::channel(Hindrance::Unreachable);
        let asking = self.until_the_end(id, ask, &tell);
        tokio::pin!(asking);
        // A service that is only restarted is back before this is worth a word.
        match timeout(self.bot.timing.journalled_within, &mut asking).await {
            Ok(end) => Ended { end, waiting: None },
            Err(_) => {
                let message = view::waiting(self.words, &latest.borrow());
                let (said, end) = tokio::join!(self.say(message), asking);
                let waiting =
                    said.map_or(Notice::Late, |posted| Notice::Said(posted.sent().clone()));
                let waiting = Some(waiting);
                Ended { end, waiting }
            }
        }
    }

    /// Says it in place of the message that said that it takes long.
    pub(super) async fn answer(&self, waiting: Option<&Notice>, message: Message) {
        let said = match waiting {
            Some(Notice::Said(sent)) => return self.correct(sent.clone(), message).await,
            Some(Notice::Late) => self.say_instead(message.clone()).await,
            None => self.say(message.clone()).await,
        };
        // It had been said late, or by another process, that it takes long.
        if let Some(Posted::Before(sent)) = said {
            self.correct(sent, message).await;
        }
    }

    async fn until_the_end<T, F>(
        &self,
        id: &str,
        ask: impl Fn() -> F,
        latest: &watch::Sender<Hindrance>,
    ) -> End<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let bot = self.bot;
        let begin = Instant::now();
        let mut backoff = Backoff::new(&bot.timing);
        loop {
            let error = match ask().await {
                Ok(answer) => return End::Journalled(answer),
                Err(error) => error,
            };
            let Some(hindrance) = error.hindrance() else {
                error.log(About::Request(id), "a request was not taken");
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

    async fn say(&self, message: Message) -> Option<Posted> {
        let message = self.addressed(message);
        let place = self.place.clone();
        self.bot.say(&self.question(), place, message).await
    }

    /// Says it in place of the word that it takes long, which may be said before this:
    /// then it is to be corrected, and nobody else does that. So this waits until the
    /// outbox has said either or gives it up, as it does with all answers in the end;
    /// when the service stops, not longer than for another answer.
    async fn say_instead(&self, message: Message) -> Option<Posted> {
        let message = self.addressed(message);
        let post = self.question().post(self.place.clone(), message);
        let stopping = async {
            self.bot.shutdown.cancelled().await;
            sleep(PATIENCE_FOR_AN_ANSWER).await;
        };
        tokio::select! {
            posted = self.bot.outbox.post(post) => posted.ok(),
            () = stopping => None,
        }
    }

    const fn question(&self) -> Question<'a> {
        Question {
            event: self.event,
            since: self.since,
            user: Some(self.user),
        }
    }

    fn addressed(&self, message: Message) -> Message {
        view::addressed(message, self.named.map(UserId::as_str))
    }

    async fn correct(&self, sent: Sent, message: Message) {
        let edit = Edit {
            sent,
            message: self.addressed(message),
            mark: Mark::Answer(self.event.to_owned()),
            term: None,
        };
        let correcting = self.bot.outbox.edit(edit);
        // The outbox tells why not, and goes on when nobody waits for it.
        let _: Result<_, _> = timeout(PATIENCE_FOR_AN_ANSWER, correcting).await;
    }
}

/// Tells how it ended: by `telling` where the deploy service has it, by `refused`
/// where it does not take it; `again` is what to say once more where it was asked in
/// vain. Acknowledges; false where the service stops, so that Slack delivers the event
/// to the next process.
pub(super) async fn settle<T>(
    asker: &Asker<'_>,
    ended: &Ended<T>,
    again: &Command,
    telling: impl Future<Output = ()>,
    refused: impl FnOnce(&CallError) -> Message,
    acknowledgement: Acknowledgement,
) -> bool {
    if matches!(ended.end, End::Stopped(..)) {
        return false;
    }
    let timing = &asker.bot.timing;
    let replying = async {
        let message = match &ended.end {
            End::Journalled(_) => return telling.await,
            End::NotTaken(error) => refused(error),
            End::GivenUp(last) => {
                let after = timing.journalled_at_last;
                view::asked_in_vain(asker.words, last, after, &again.line())
            }
            End::Stopped(..) => return,
        };
        asker.answer(ended.waiting.as_ref(), message).await;
    };
    acknowledge_within(timing.read_acknowledged_after, replying, acknowledgement).await;
    true
}
