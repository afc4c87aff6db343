//! How a row tells what a channel follows.

use jiff::Timestamp;

use super::{
    super::{Error, database::Row},
    timestamp,
};
use crate::model::{Moment, Moments, Person, RepositoryName, Subscription};

/// What somebody asked for in a channel.
pub(in crate::store) fn subscription(row: &Row) -> Result<Subscription, Error> {
    let requester = Person {
        slack: row.text("requester_slack")?,
        github: String::new(),
        name: row.text("requester_name")?,
    };
    let since: Timestamp = timestamp(row.integer("at")?)?;
    Ok(Subscription {
        moments: read_moments(&row.text("moments")?)?,
        asked: Some((requester, since)),
        ..named_by_file(row)?
    })
}

/// What a file names is followed from beginning to end.
pub(in crate::store) fn named_by_file(row: &Row) -> Result<Subscription, Error> {
    Ok(Subscription {
        repository: RepositoryName::parse(&row.text("repository_name")?, None)?,
        environment: row.text("environment_name")?.parse()?,
        moments: Moment::ALL.into(),
        asked: None,
    })
}

/// What is followed, as a row says it.
pub(in crate::store) fn moments_text(moments: &Moments) -> String {
    let word = |moment: &Moment| match moment {
        Moment::Started => "started",
        Moment::Succeeded => "succeeded",
        Moment::Failed => "failed",
    };
    moments.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Reads what a row says is followed.
pub(in crate::store) fn read_moments(words: &str) -> Result<Moments, Error> {
    let moment = |word| match word {
        "started" => Ok(Moment::Started),
        "succeeded" => Ok(Moment::Succeeded),
        "failed" => Ok(Moment::Failed),
        other => Err(Error::Unreadable(format!("moment `{other}`"))),
    };
    words.split(' ').map(moment).collect()
}
