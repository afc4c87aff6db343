//! Looking for a message of the bot by its mark.

use serde::Deserialize;

use super::{Client, Sent};
use crate::slack::{
    error::Error,
    id::{Place, Ts},
    mark::{Mark, Metadata},
};

/// How many messages Slack tells at once, at most.
const PAGE: &str = "999";

impl Client {
    /// Looks for a message by its mark, among all of a place that are not older
    /// than a moment. However much was said since, it is looked through: what
    /// is not found is not there, and only what is older is not looked at.
    /// Slack tells some 50 pages a minute, which is 50,000 messages; beyond
    /// them the search is held up, and nothing is taken for missing.
    pub(crate) async fn find(
        &self,
        place: &Place,
        since: &Ts,
        mark: &Mark,
    ) -> Result<Option<Sent>, Error> {
        let mut cursor = None;
        loop {
            let page = self.messages(place, since, cursor.clone()).await?;
            let mut messages = page.messages.into_iter();
            if let Some(found) = messages.find(|message| mark.is_on(message.metadata.as_ref())) {
                return Ok(Some(Sent {
                    channel: place.channel.clone(),
                    ts: found.ts,
                }));
            }
            let next = page.response_metadata.and_then(|more| more.next_cursor);
            let Some(next) = next.filter(|next| !next.is_empty()) else {
                return Ok(None);
            };
            if cursor.as_ref() == Some(&next) {
                return Err(Error::Uncertain(
                    "the same page of messages follows itself".to_owned(),
                ));
            }
            cursor = Some(next);
        }
    }

    async fn messages(
        &self,
        place: &Place,
        since: &Ts,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        let mut parameters = vec![
            ("channel", Some(place.channel.as_str().to_owned())),
            ("oldest", Some(since.as_str().to_owned())),
            ("inclusive", Some("true".to_owned())),
            ("include_all_metadata", Some("true".to_owned())),
            ("limit", Some(PAGE.to_owned())),
            ("cursor", cursor),
        ];
        let method = match &place.thread {
            None => "conversations.history",
            Some(thread) => {
                parameters.push(("ts", Some(thread.as_str().to_owned())));
                "conversations.replies"
            }
        };
        self.get(&self.bot, method, parameters).await
    }
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Found>,
    response_metadata: Option<More>,
}

#[derive(Deserialize)]
struct More {
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Found {
    ts: Ts,
    metadata: Option<Metadata>,
}
