//! Who is who: a link to a GitHub account is begun here and proved on GitHub,
//! which the worker asks; and who wants to be mentioned.

use super::{Service, id_taken};
use crate::{
    error::Error,
    model::{Change, KnownPerson, Link, NewLink},
    store::{Made, Unlinked},
};

/// Whom somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeopleAsk {
    /// By GitHub's numbers of their accounts.
    pub(crate) accounts: Vec<u64>,
    /// By their GitHub logins.
    pub(crate) logins: Vec<String>,
    /// By their Slack user ids.
    pub(crate) slack_ids: Vec<String>,
}

impl Service {
    /// Begins a link; the same one where it is journalled already. None where
    /// nobody can prove themselves to this service.
    pub(crate) async fn start_link(&self, asked: NewLink) -> Result<Option<Link>, Error> {
        if let Some(known) = self.store.link(&asked.id).await? {
            return same(&asked, known).map(Some);
        }
        // When the answer is lost GitHub has a code that nobody enters.
        let begun = self.github.begin_proof().await;
        let Some(proof) = begun.map_err(|error| Error::github(error, self.now()))? else {
            return Ok(None);
        };
        let (store, now) = (self.store.clone(), self.now());
        let link = self.carried_through(async move {
            let link = store.start_link(&asked, &proof, now).await?;
            same(&asked, link)
        });
        link.await.map(Some)
    }

    /// Forgets which GitHub account a person has, and withdraws the link of theirs
    /// that is under way.
    pub(crate) async fn remove_link(
        &self,
        change: Change,
        slack: String,
    ) -> Result<Unlinked, Error> {
        let (store, now) = (self.store.clone(), self.now());
        let made = self.carried_through(async move {
            let made = store.remove_link(&change, &slack, now);
            Ok(made.await?)
        });
        match made.await? {
            Made::Once(unlinked) => Ok(unlinked),
            Made::IdTaken => Err(id_taken()),
        }
    }

    /// Keeps whether a person wants to be left out of mentions; false where something
    /// that they asked for later holds.
    pub(crate) async fn set_mentions(
        &self,
        change: Change,
        slack: String,
        muted: bool,
    ) -> Result<bool, Error> {
        let (store, now) = (self.store.clone(), self.now());
        let made = self.carried_through(async move {
            let made = store.set_mentions(&change, &slack, muted, now);
            Ok(made.await?)
        });
        match made.await? {
            Made::Once(holds) => Ok(holds),
            Made::IdTaken => Err(id_taken()),
        }
    }

    /// What is known of people.
    pub(crate) async fn find_people(&self, ask: &PeopleAsk) -> Result<Vec<KnownPerson>, Error> {
        let PeopleAsk {
            accounts,
            logins,
            slack_ids,
        } = ask;
        let found = self.store.find_people(accounts, logins, slack_ids);
        Ok(found.await?)
    }
}

/// The link that is known, unless it is another of the same id: its code is for the
/// one person alone who asked for it.
fn same(asked: &NewLink, known: Link) -> Result<Link, Error> {
    if asked.is(&known) {
        return Ok(known);
    }
    let sentence = "Another link has this id: each link needs an id of its own.";
    Err(Error::invalid("link_id", sentence))
}
