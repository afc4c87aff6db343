//! The channels that follow what an entry of the feed is about, joined to it when it
//! is read. A row of theirs that cannot be read holds up neither the entry nor the
//! others.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Error, Store,
    database::{Args, Row},
    feed::{Entry, Subject},
    row::read_moments,
    subscriptions::{Place, place},
};
use crate::model::{Follower, Moment};

/// How many followers are told of one entry: as many as can ask for it, and the one
/// that the repository's own file names.
const MOST: usize = 101;
/// How many rows tell the followers of a page of entries: more than there are of
/// fifty environments.
const OF_A_PAGE: i64 = 10_000;

impl Store {
    /// Adds to entries the channels that follow what they are about, each channel
    /// once.
    pub(super) async fn join_followers(&self, entries: &mut [Entry]) -> Result<(), Error> {
        let places: BTreeSet<_> = entries.iter().filter_map(about).collect();
        if places.is_empty() {
            return Ok(());
        }
        let joined: Vec<String> = places.iter().map(joined).collect();
        let rows = self
            .read(
                "SELECT repository, environment, channel, moments, subscriber FROM \
                 (SELECT repository, environment, channel, '' AS moments, \
                 '' AS subscriber, 0 AS turn \
                 FROM repository_channels \
                 WHERE repository IN (SELECT value FROM json_each($1)) \
                 AND repository || ' ' || environment IN (SELECT value FROM json_each($2)) \
                 UNION ALL SELECT repository, environment, channel, moments, \
                 requester_slack AS subscriber, 1 AS turn FROM subscriptions \
                 WHERE repository IN (SELECT value FROM json_each($1)) \
                 AND repository || ' ' || environment IN (SELECT value FROM json_each($2)) \
                 ) AS followers ORDER BY turn, channel LIMIT $3",
                Args::new()
                    .texts(places.iter().map(|(repository, _)| repository.as_str()))
                    .texts(joined.iter().map(String::as_str))
                    .integer(OF_A_PAGE),
            )
            .await?;
        let mut followers: BTreeMap<Place, Vec<Follower>> = BTreeMap::new();
        let told_by = ["channel", "repository", "environment"];
        for (place, follower) in self.readable_of(&rows, &told_by, follower) {
            add(followers.entry(place).or_default(), follower);
        }
        for entry in entries {
            let Some(place) = about(entry) else { continue };
            let own = match &entry.subject {
                Subject::Request(request) => request.asked.reply.channel.as_str(),
                Subject::Elsewhere(_) | Subject::Link(_) => "",
            };
            let all = followers.get(&place).into_iter().flatten();
            let others = all.filter(|follower| follower.channel != own);
            entry.followers = others.take(MOST).cloned().collect();
        }
        Ok(())
    }
}

/// As one text; no repository has a space in its name.
fn joined((repository, environment): &Place) -> String {
    format!("{repository} {environment}")
}

/// What can be followed of an entry.
fn about(entry: &Entry) -> Option<Place> {
    let (repository, deployment) = entry.subject.deployment()?;
    Some(place(repository, &deployment.environment))
}

/// Each channel once, with all that it follows.
fn add(followers: &mut Vec<Follower>, more: Follower) {
    let known = followers.iter_mut().find(|one| one.channel == more.channel);
    match known {
        Some(known) => {
            known.moments.extend(more.moments);
            known.subscriber = more.subscriber;
        }
        None => followers.push(more),
    }
}

fn follower(row: &Row) -> Result<(Place, Follower), Error> {
    let words = row.text("moments")?;
    let follower = Follower {
        channel: row.text("channel")?,
        // Nothing stands there in what a file names.
        moments: if words.is_empty() {
            Moment::ALL.into()
        } else {
            read_moments(&words)?
        },
        subscriber: row.text("subscriber")?,
    };
    Ok((
        (row.text("repository")?, row.text("environment")?),
        follower,
    ))
}
