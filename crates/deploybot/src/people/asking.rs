//! Who is being asked about. Nobody waits long for Slack to tell who somebody is, but
//! what is asked goes on: once it is told, the next message finds it remembered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tracing::Instrument as _;

use crate::slack::{client::Client as Slack, error::Error, id::UserId};

/// How many people are asked about at once, each of them once.
const AT_ONCE: usize = 50;

/// Those who are asked about at the moment.
#[derive(Default)]
pub(super) struct Asking(Mutex<Asked>);

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

impl Asking {
    /// Has Slack asked who somebody is, unless it is being asked, and waits until it
    /// has told, or until that has taken so long.
    pub(super) async fn ask(&self, slack: &Arc<Slack>, user: &UserId, patience: Duration) {
        let Some(mut question) = self.begin(slack, user) else {
            tracing::warn!(%user, "name and language of somebody are not asked for: too many are");
            return;
        };
        let until = question.begun + patience;
        // Nothing is sent: it is closed.
        if timeout_at(until, question.over.changed()).await.is_err() {
            tracing::warn!(%user, "name and language of somebody take too long");
        }
    }

    fn begin(&self, slack: &Arc<Slack>, user: &UserId) -> Option<Question> {
        let mut asked = self.0.lock().expect("nothing panics while it holds them");
        let Asked { people, tasks } = &mut *asked;
        while tasks.try_join_next().is_some() {}
        people.retain(|_, question| question.over.has_changed().is_ok());
        if let Some(question) = people.get(user) {
            return Some(question.clone());
        }
        if people.len() >= AT_ONCE {
            return None;
        }
        let (end, over) = watch::channel(());
        let begun = Instant::now();
        let question = Question { begun, over };
        let (slack, somebody) = (Arc::clone(slack), user.clone());
        let asking = async move {
            ask(&slack, &somebody).await;
            drop(end);
        };
        tasks.spawn(asking.in_current_span());
        people.insert(user.clone(), question.clone());
        Some(question)
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
