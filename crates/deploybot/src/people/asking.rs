//! Who is being asked about. Nobody waits long for Slack to tell who somebody is, but
//! what is asked goes on: once it is told, the next message finds it remembered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tracing::Instrument as _;

use crate::slack::{client::Client as Slack, error::Error, id::UserId};

/// How many people are asked about at once, each of them once.
const AT_ONCE: usize = 50;

/// Those who are asked about at the moment.
pub(super) struct Asking {
    room: Arc<Semaphore>,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    people: HashMap<UserId, Question>,
    tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Question {
    begun: Instant,
    /// Closed when Slack has told it or has not.
    over: watch::Receiver<()>,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(AT_ONCE)),
            asked: Mutex::default(),
        }
    }
}

impl Asking {
    /// Has Slack asked who somebody is, unless it is being asked, and waits until it
    /// has told, or until that has taken so long.
    pub(super) async fn ask(&self, slack: &Arc<Slack>, user: &UserId, patience: Duration) {
        let until = Instant::now() + patience;
        let under_way = self.asked().question(user);
        let mut question = match under_way {
            Some(question) => question,
            None => match timeout_at(until, Arc::clone(&self.room).acquire_owned()).await {
                Ok(Ok(room)) => self.begin(slack, user, room),
                _ => {
                    tracing::warn!(%user, "name and language of somebody are not asked for: too many are");
                    return;
                }
            },
        };
        let until = until.min(question.begun + patience);
        // Nothing is sent: it is closed.
        if timeout_at(until, question.over.changed()).await.is_err() {
            tracing::warn!(%user, "name and language of somebody take too long");
        }
    }

    /// Asks, unless another has begun to meanwhile.
    fn begin(&self, slack: &Arc<Slack>, user: &UserId, room: OwnedSemaphorePermit) -> Question {
        let mut asked = self.asked();
        if let Some(question) = asked.question(user) {
            return question;
        }
        let (end, over) = watch::channel(());
        let begun = Instant::now();
        let question = Question { begun, over };
        let (slack, somebody) = (Arc::clone(slack), user.clone());
        let asking = async move {
            ask(&slack, &somebody).await;
            drop((end, room));
        };
        while asked.tasks.try_join_next().is_some() {}
        asked.tasks.spawn(asking.in_current_span());
        asked.people.insert(user.clone(), question.clone());
        question
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked
            .lock()
            .expect("nothing panics while it holds them")
    }
}

impl Asked {
    /// The question about somebody that is under way.
    fn question(&mut self, user: &UserId) -> Option<Question> {
        self.people
            .retain(|_, question| question.over.has_changed().is_ok());
        self.people.get(user).cloned()
    }
}

async fn ask(slack: &Slack, user: &UserId) {
    match slack.ask_profile(user).await {
        Ok(()) => {}
        // Each that is not asked because of it would say it again.
        Err(error @ Error::RateLimited { .. }) => {
            tracing::debug!(%user, %error, "name and language of somebody are not asked for");
        }
        Err(error) => {
            tracing::warn!(%user, %error, "name and language of somebody can't be read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test(start_paused = true)]
    async fn where_many_are_asked_about_the_next_waits_for_room() {
        let tokens = ["--slack-bot-token", "xoxb-1", "--slack-app-token", "xapp-1"];
        let args = ["deploybot"].into_iter().chain(tokens);
        let config = Config::from_args(args).expect("settings").config;
        let slack = Arc::new(Slack::new(&config).expect("a client"));
        // Each call waits for its turn until it is over.
        let _all = slack.all_under_way().await;
        let asking = Asking::default();
        let ask = async |name: &str, patience| {
            asking.ask(&slack, &UserId::from(name), patience).await;
            Instant::now()
        };
        for number in 0..AT_ONCE {
            ask(&format!("U{number}"), Duration::ZERO).await;
        }
        let begun = Instant::now();
        ask("UNEXT", Duration::from_millis(1)).await;
        let question = asking.asked().question(&UserId::from("UNEXT"));
        assert!(question.is_none(), "there is no room");
        let ended = ask("UNEXT", config.timing.slack_call * 2).await;
        let asked = begun + config.timing.slack_call / 2;
        assert!(ended > asked, "it is asked when there is");
    }
}
