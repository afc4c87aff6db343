//! The home tab of somebody: drawn when they open it or press Refresh, one at a
//! time for each person. Opened again meanwhile it is drawn once more, so that what
//! stands there in the end is from after they opened it last.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use deploy_proto::v1;

use super::{Bot, acknowledge_within};
use crate::{
    backoff::Backoff,
    slack::{
        error::Error,
        event::Home as Opened,
        id::{UserId, ViewHash},
        incoming::Acknowledgement,
    },
    view::{self, block::Home},
};

/// How often it is tried to show a tab that Slack does not take.
const TRIES: usize = 5;
/// Nobody looks at a tab for longer than this: who still does opens it again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Draws the tab, or leaves it to who is drawing it.
pub(super) async fn opened(bot: &Bot, opened: &Opened, acknowledgement: Acknowledgement) {
    let Some(turn) = bot.homes.begin(&opened.user) else {
        return acknowledgement.give();
    };
    let patience = bot.timing.read_acknowledged_after;
    let drawing = Box::pin(draw(bot, turn, opened.hash.clone()));
    acknowledge_within(patience, drawing, acknowledgement).await;
}

async fn draw(bot: &Bot, first: Turn<'_>, mut hash: Option<ViewHash>) {
    let mut turn = Some(first);
    while let Some(this) = turn {
        hash = show(bot, &this.user, hash).await;
        turn = this.again();
    }
}

/// Draws what is so until Slack takes it; the tab as it stands then, if that is
/// known. `hash` is how it stood: what another replica has drawn since may be
/// newer, and is drawn over only with what is asked after that.
async fn show(bot: &Bot, user: &UserId, mut hash: Option<ViewHash>) -> Option<ViewHash> {
    let mut backoff = Backoff::new(&bot.timing);
    for _ in 0..TRIES {
        let tab = tab(bot, user).await;
        let error = match bot.slack.publish_home(user, &tab, hash.as_ref()).await {
            Ok(shown) => return Some(shown),
            Err(error) => error,
        };
        let wait = match error {
            Error::Outdated(_) => {
                hash = None;
                continue;
            }
            Error::RateLimited { retry_after } if retry_after <= LONGEST_WAIT => retry_after,
            Error::Uncertain(_) => backoff.next(),
            error => {
                tracing::error!(%user, %error, "a home tab can't be shown");
                return None;
            }
        };
        tracing::warn!(%user, wait = ?wait, "Slack does not take a home tab now; it is tried again");
        tokio::select! {
            () = tokio::time::sleep(wait) => (),
            () = bot.shutdown.cancelled() => return None,
        }
    }
    tracing::error!(%user, tries = TRIES, "Slack does not take a home tab; it is drawn when it is opened again");
    None
}

/// What is to be seen there now.
async fn tab(bot: &Bot, user: &UserId) -> Home {
    let someone = bot.people.find(user).await;
    let words = someone.words;
    match bot.people.is_ours(user, &bot.me).await {
        Some(true) => (),
        Some(false) => {
            tracing::warn!(%user, "somebody of another company has opened the home tab");
            return view::home_of_a_stranger(words);
        }
        None => return view::home_of_nobody_known(words),
    }
    if someone.is_guest {
        return view::home_of_a_guest(words);
    }
    let request = v1::GetOverviewRequest {
        person: Some(someone.person),
    };
    match bot.deploy.overview(request).await {
        Ok(overview) => view::home(words, &overview, bot.clock.now()),
        Err(error) => {
            tracing::warn!(%user, %error, "a home tab can't tell what runs where");
            view::home_without_answer(words, &error.told())
        }
    }
}

/// The tabs that are being drawn, and whether each was opened again meanwhile.
#[derive(Default)]
pub(crate) struct Homes(Mutex<HashMap<UserId, bool>>);

/// The right to draw somebody's tab.
struct Turn<'a> {
    homes: &'a Homes,
    user: UserId,
    is_over: bool,
}

impl Homes {
    /// None where it is being drawn: then it will be once more.
    fn begin(&self, user: &UserId) -> Option<Turn<'_>> {
        let mut drawn = self.drawn();
        if let Some(again) = drawn.get_mut(user) {
            *again = true;
            return None;
        }
        drawn.insert(user.clone(), false);
        Some(Turn {
            homes: self,
            user: user.clone(),
            is_over: false,
        })
    }

    fn drawn(&self) -> MutexGuard<'_, HashMap<UserId, bool>> {
        self.0
            .lock()
            .expect("nothing panics while it holds the tabs")
    }
}

impl Turn<'_> {
    /// The tab is drawn: the right to do it once more, where it was opened again.
    fn again(mut self) -> Option<Self> {
        let mut drawn = self.homes.drawn();
        if drawn.insert(self.user.clone(), false) == Some(true) {
            drop(drawn);
            return Some(self);
        }
        drawn.remove(&self.user);
        drop(drawn);
        self.is_over = true;
        None
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.homes.drawn().remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_is_drawn_by_one_and_once_more_for_all_who_came_meanwhile() {
        let homes = Homes::default();
        let (minji, joon) = (UserId::from("U1"), UserId::from("U2"));
        let turn = homes.begin(&minji).expect("nobody draws it");
        assert!(homes.begin(&minji).is_none());
        assert!(homes.begin(&minji).is_none());
        assert!(homes.begin(&joon).is_some(), "another's is another");
        let turn = turn.again().expect("it was opened again");
        assert!(turn.again().is_none());
        assert!(homes.drawn().is_empty());
        drop(homes.begin(&minji).expect("it is over"));
        assert!(homes.begin(&minji).is_some(), "who gave up holds up nobody");
    }
}
