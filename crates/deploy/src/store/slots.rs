//! Run slots: at most one deployment goes out in an environment at a time,
//! which the table's key sees to.

use jiff::Timestamp;

use super::{
    Error, Store,
    database::{Args, Row},
    row::{self, select_request},
    steps,
    transaction::Transaction,
};
use crate::model::{Decided, EnvironmentName, Progress, RepositoryName, Request, RequestId};

/// Proof that a request holds the run slot of its environment. There is none
/// without the store having said so.
#[derive(Debug)]
pub struct RunSlot {
    request: RequestId,
}

impl RunSlot {
    /// The request that holds it.
    pub fn request(&self) -> &RequestId {
        &self.request
    }
}

/// What became of taking a run slot.
#[derive(Debug)]
pub enum Slot {
    /// It is the request's now, or was already.
    Taken(RunSlot),
    /// Another request holds it.
    Occupied(Holder),
    /// It is free, but another request had it after the facts were read: they
    /// have to be read again.
    Stale,
}

/// Who holds a run slot.
#[derive(Debug)]
pub enum Holder {
    /// This request.
    Request(Box<Request>),
    /// A request that cannot be read.
    Unreadable,
}

impl Holder {
    /// The request, where it can be read.
    pub fn request(self) -> Option<Request> {
        match self {
            Self::Request(request) => Some(*request),
            Self::Unreadable => None,
        }
    }
}

impl Store {
    /// Takes the run slot of (repository, environment) for a request that the
    /// gate let pass, and writes down what was decided. Taking it again for the
    /// same request is fine. `read_at` is the newest cursor from before the
    /// facts were read.
    ///
    /// # Errors
    /// When the request has gone further or has ended, or the database fails.
    pub async fn take_slot(
        &self,
        request: &RequestId,
        decided: &Decided,
        read_at: i64,
        at: Timestamp,
    ) -> Result<Slot, Error> {
        let key = &slot_key(&decided.repository, &decided.environment);
        let progress = &Progress::Creating(decided.clone());
        self.write(|transaction| {
            Box::pin(async move {
                claim(transaction, request, key).await?;
                let row = transaction.fetch_first(HOLDER, key.clone()).await?;
                let holder = match row.as_ref().map(holder) {
                    Some(Holder::Request(holder)) if holder.asked.id == *request => holder,
                    Some(other) => return Ok(Slot::Occupied(other)),
                    // Another process has freed it since it was not to be had.
                    None => return Ok(Slot::Stale),
                };
                if freed_at(transaction, key).await? > read_at {
                    transaction.undo();
                    return Ok(Slot::Stale);
                }
                if holder.progress != *progress || holder.waiting.is_some() {
                    steps::step(transaction, request, progress, at).await?;
                }
                Ok(Slot::Taken(RunSlot {
                    request: request.clone(),
                }))
            })
        })
        .await
    }

    /// Who holds the run slot of an environment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slot_holder(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
    ) -> Result<Option<Holder>, Error> {
        let row = self
            .read_first(HOLDER, slot_key(repository, environment))
            .await?;
        Ok(row.as_ref().map(holder))
    }
}

/// The request that holds the slot of a key.
const HOLDER: &str = select_request!(
    "JOIN run_slots s ON s.request_id = r.id WHERE s.repository = $1 AND s.environment = $2"
);

/// Its first arguments in every statement. GitHub compares both names without
/// regard to case.
fn slot_key(repository: &RepositoryName, environment: &EnvironmentName) -> Args {
    Args::new()
        .text(repository.to_string().to_lowercase())
        .text(environment.as_str().to_lowercase())
}

/// Takes the slot for a request, unless another has it. Where the repository or
/// the environment was renamed since the last try, the request holds a slot by
/// the old name, in which it has certainly deployed nothing.
async fn claim(
    transaction: &mut Transaction<'_>,
    request: &RequestId,
    key: &Args,
) -> Result<(), Error> {
    let args = key.clone().text(request.as_str());
    transaction
        .execute(
            "DELETE FROM run_slots WHERE request_id = $3 \
             AND NOT (repository = $1 AND environment = $2)",
            args.clone(),
        )
        .await?;
    transaction
        .execute(
            "INSERT INTO run_slots (repository, environment, request_id) VALUES ($1, $2, $3) \
             ON CONFLICT (repository, environment) DO NOTHING",
            args,
        )
        .await?;
    Ok(())
}

/// Frees the run slot of a request, if it holds one: which.
pub(super) async fn free(
    transaction: &mut Transaction<'_>,
    request: &RequestId,
) -> Result<Option<Args>, Error> {
    let freed = transaction
        .fetch_first(
            "DELETE FROM run_slots WHERE request_id = $1 RETURNING repository, environment",
            Args::new().text(request.as_str()),
        )
        .await?;
    freed
        .map(|row| {
            let args = Args::new().text(row.text("repository")?);
            Ok(args.text(row.text("environment")?))
        })
        .transpose()
}

/// Remembers the entry of the feed with which a slot was freed.
pub(super) async fn remember_freed(
    transaction: &mut Transaction<'_>,
    slot: Args,
    cursor: i64,
) -> Result<(), Error> {
    transaction
        .execute(
            "INSERT INTO freed_slots (repository, environment, cursor) VALUES ($1, $2, $3) \
             ON CONFLICT (repository, environment) DO UPDATE SET cursor = excluded.cursor",
            slot.integer(cursor),
        )
        .await?;
    Ok(())
}

/// The cursor with which a run slot was last freed; 0 for one that never was.
async fn freed_at(transaction: &mut Transaction<'_>, key: &Args) -> Result<i64, Error> {
    let sql = "SELECT cursor FROM freed_slots WHERE repository = $1 AND environment = $2";
    let row = transaction.fetch_first(sql, key.clone()).await?;
    Ok(row.map_or(Ok(0), |row| row.integer("cursor"))?)
}

fn holder(row: &Row) -> Holder {
    row::request(row).map_or(Holder::Unreadable, |request| {
        Holder::Request(Box::new(request))
    })
}
