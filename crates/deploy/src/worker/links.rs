//! Asks GitHub what has become of the links that are under way, each as often as
//! GitHub lets, until it has ended. Any process may ask: the one that takes a link
//! when it is due, and when that one dies the next some seconds later.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::{AFTER_FAILURE, Worker};
use crate::{
    error::until,
    github::{self, Proving, UserToken, slower, tell_not_set_up},
    model::LinkEnd,
    store::{self, DueLink},
};

/// How often it is looked whether a link is due. GitHub wants five seconds between
/// two questions about one.
const LOOK: Duration = Duration::from_secs(1);
/// How long beyond its interval a link is left to the process that took it: longer
/// than asking and writing take, so that two never ask at the same time.
const TAKEN: Duration = Duration::from_secs(90);
/// The longest of the waits in between.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// How many are asked about at once.
const AT_ONCE: usize = 20;
/// How long after its end by our clock a link is asked about all the same: GitHub's
/// clock decides, and it may be slow.
const GRACE: SignedDuration = SignedDuration::from_mins(2);
/// How often it is asked whose token it was given, and what that was is written:
/// GitHub gives it out once.
const TRIES: u32 = 5;

/// What follows from an answer about a link.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// It is asked again then, and in these intervals from then on.
    Ask(Timestamp, Duration),
    /// It is over.
    End(LinkEnd),
}

impl Worker {
    /// Asks until the shutdown; what is being asked then is answered first.
    pub(crate) async fn follow_links(self) {
        let mut asking = JoinSet::new();
        loop {
            while asking.try_join_next().is_some() {}
            let wait = match self.take_links(AT_ONCE - asking.len()).await {
                Ok(due) => {
                    for link in due {
                        let worker = self.clone();
                        asking.spawn(async move { worker.ask_about(link).await });
                    }
                    LOOK
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "cannot read which links are under way; trying again");
                    AFTER_FAILURE
                }
            };
            if !self.waited(wait).await {
                break;
            }
        }
        while asking.join_next().await.is_some() {}
    }

    async fn take_links(&self, most: usize) -> Result<Vec<DueLink>, store::Error> {
        if most == 0 {
            return Ok(Vec::new());
        }
        self.store.take_due_links(self.now(), TAKEN, most).await
    }

    /// Asks once, and writes down what follows.
    async fn ask_about(&self, link: DueLink) {
        let next = self.next_of(&link).await;
        let mut wait = self.pace.retry;
        for left in (0..TRIES).rev() {
            let Err(error) = self.write(&link, &next).await else {
                return;
            };
            tracing::error!(
                link.id = %link.id,
                error = &error as &dyn std::error::Error,
                "cannot write what became of a link"
            );
            // It is due again by itself; only who somebody is GitHub says once.
            let is_told_once = matches!(
                next,
                Next::End(LinkEnd::Linked(_) | LinkEnd::OtherLogin { .. })
            );
            if !is_told_once || left == 0 || wait > LONGEST_WAIT || !self.waited(wait).await {
                return;
            }
            wait *= 2;
        }
    }

    async fn write(&self, link: &DueLink, next: &Next) -> Result<(), store::Error> {
        match next {
            Next::Ask(at, interval) => {
                let again = self.store.ask_link_again(&link.id, *at, *interval);
                again.await
            }
            Next::End(how) => {
                let is_new = self.store.end_link(&link.id, how, self.now()).await?;
                if is_new {
                    tracing::info!(link.id = %link.id, "a link has ended");
                }
                Ok(())
            }
        }
    }

    async fn next_of(&self, link: &DueLink) -> Next {
        if self.now() > later(link.expires_at, GRACE) {
            return Next::End(LinkEnd::Expired);
        }
        match self.github.ask_proof(&link.code).await {
            Ok(Proving::Agreed(token)) => self.of_token(link, token).await,
            // When it has run out, GitHub may know it no more.
            Ok(Proving::Lost) if self.now() > link.expires_at => Next::End(LinkEnd::Expired),
            Ok(answer) => next_after(answer, link.interval, self.now()),
            Err(error) => {
                tracing::warn!(link.id = %link.id, %error, "GitHub does not say what became of a link; asking again");
                again_after(&error, link.interval, self.now())
            }
        }
    }

    /// Who has agreed is asked here and now, a few times: another process could not.
    async fn of_token(&self, link: &DueLink, token: UserToken) -> Next {
        let mut wait = self.pace.retry;
        for _ in 0..TRIES {
            let error = match self.github.whose(&token).await {
                Ok(proved) => return Next::End(LinkEnd::of_proof(&link.login, proved)),
                Err(error) => error,
            };
            tracing::warn!(link.id = %link.id, %error, "GitHub does not say who agreed; asking again");
            if let github::Error::RateLimited { retry_at } = &error {
                wait = wait.max(until(*retry_at, self.now()));
            }
            if wait > LONGEST_WAIT || !self.waited(wait).await {
                break;
            }
            wait *= 2;
        }
        // The token is lost with this, and GitHub gives out no other.
        tracing::error!(link.id = %link.id, "GitHub has not said who agreed; the link has to be begun anew");
        Next::End(LinkEnd::Lost)
    }
}

/// What follows from an answer that names nobody.
fn next_after(answer: Proving, interval: Duration, now: Timestamp) -> Next {
    match answer {
        Proving::Pending { interval: None } => Next::Ask(after(now, interval), interval),
        Proving::Pending {
            interval: Some(told),
        } => {
            let interval = slower(interval, told);
            Next::Ask(after(now, interval), interval)
        }
        Proving::Denied => Next::End(LinkEnd::Denied),
        Proving::Expired => Next::End(LinkEnd::Expired),
        Proving::Lost | Proving::Agreed(_) => Next::End(LinkEnd::Lost),
        Proving::NotSetUp(why) => {
            tell_not_set_up(&why);
            Next::End(LinkEnd::NotSetUp)
        }
    }
}

/// When to ask again where there was no answer.
fn again_after(error: &github::Error, interval: Duration, now: Timestamp) -> Next {
    let wait = match error {
        github::Error::RateLimited { retry_at } => until(*retry_at, now),
        github::Error::Unavailable(github::Unavailable::Status {
            retry_after: Some(wait),
            ..
        }) => *wait,
        _ => Duration::ZERO,
    };
    Next::Ask(after(now, wait.max(interval)), interval)
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

fn later(then: Timestamp, by: SignedDuration) -> Timestamp {
    then.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Duration = Duration::from_secs(5);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn who_asks_too_often_asks_more_slowly_from_then_on() {
        let pending = |told| {
            let interval = Option::map(told, Duration::from_secs);
            next_after(Proving::Pending { interval }, FIVE, at(100))
        };
        assert_eq!(pending(None), Next::Ask(at(105), FIVE));
        assert_eq!(pending(Some(0)), Next::Ask(at(110), FIVE * 2));
        assert_eq!(pending(Some(5)), Next::Ask(at(110), FIVE * 2));
        assert_eq!(
            pending(Some(12)),
            Next::Ask(at(112), Duration::from_secs(12))
        );
        assert_eq!(
            pending(Some(9_999)),
            Next::Ask(at(160), Duration::from_secs(60))
        );
    }

    #[test]
    fn what_github_says_at_last_ends_a_link() {
        let end = |answer| next_after(answer, FIVE, at(100));
        assert_eq!(end(Proving::Denied), Next::End(LinkEnd::Denied));
        assert_eq!(end(Proving::Expired), Next::End(LinkEnd::Expired));
        assert_eq!(end(Proving::Lost), Next::End(LinkEnd::Lost));
        let disabled = Proving::NotSetUp("device_flow_disabled".to_owned());
        assert_eq!(end(disabled), Next::End(LinkEnd::NotSetUp));
    }

    #[test]
    fn github_is_left_alone_for_as_long_as_it_asks_for() {
        let again = |error| again_after(&error, FIVE, at(100));
        let limited = github::Error::RateLimited { retry_at: at(190) };
        assert_eq!(again(limited), Next::Ask(at(190), FIVE));
        let busy = github::Error::Unavailable(github::Unavailable::Status {
            status: 503,
            retry_after: Some(Duration::from_secs(30)),
        });
        assert_eq!(again(busy), Next::Ask(at(130), FIVE));
        let cut = github::Unavailable::Broken("cut".to_owned());
        assert_eq!(
            again(github::Error::Unavailable(cut)),
            Next::Ask(at(105), FIVE)
        );
    }
}
