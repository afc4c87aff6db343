//! Who is who: a link to a GitHub account is begun here and proved on GitHub,
//! which the worker asks; and who wants to be mentioned.

use super::Service;
use crate::{
    error::Error,
    model::{KnownPerson, Link, NewLink},
};

/// Whom somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeopleAsk {
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
            return Ok(Some(known));
        }
        // When the answer is lost GitHub has a code that nobody enters.
        let begun = self.github.begin_proof().await;
        let Some(proof) = begun.map_err(|error| Error::github(error, self.now()))? else {
            return Ok(None);
        };
        let (store, now) = (self.store.clone(), self.now());
        let link =
            self.carried_through(async move { Ok(store.start_link(&asked, &proof, now).await?) });
        link.await.map(Some)
    }

    /// Forgets which GitHub account a person has; the login, where there was one.
    pub(crate) async fn remove_link(&self, slack: String) -> Result<Option<String>, Error> {
        let store = self.store.clone();
        self.carried_through(async move { Ok(store.remove_link(&slack).await?) })
            .await
    }

    /// Keeps whether a person wants to be left out of mentions.
    pub(crate) async fn set_mentions(&self, slack: String, muted: bool) -> Result<(), Error> {
        let store = self.store.clone();
        self.carried_through(async move { Ok(store.set_mentions(&slack, muted).await?) })
            .await
    }

    /// What is known of people.
    pub(crate) async fn find_people(&self, ask: &PeopleAsk) -> Result<Vec<KnownPerson>, Error> {
        Ok(self.store.find_people(&ask.logins, &ask.slack_ids).await?)
    }
}
