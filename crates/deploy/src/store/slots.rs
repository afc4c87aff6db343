//! Run slots: at most one deployment goes out in an environment at a time,
//! which the table's key sees to.

use jiff::Timestamp;
use sqlx::{Sqlite, Transaction};

use super::{
    Error, Store,
    requests::write,
    row::{RequestRow, select_request},
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
    /// This other request holds it.
    Occupied(Box<Request>),
    /// It is free, but another request had it after the facts were read: they
    /// have to be read again.
    Stale,
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
        repository: &RepositoryName,
        decided: &Decided,
        read_at: i64,
        at: Timestamp,
    ) -> Result<Slot, Error> {
        let mut transaction = self.begin().await?;
        let (repository, environment) = slot_key(repository, &decided.environment);
        sqlx::query(
            "INSERT INTO run_slots (repository, environment, request_id) VALUES ($1, $2, $3) \
             ON CONFLICT (repository, environment) DO NOTHING",
        )
        .bind(&repository)
        .bind(&environment)
        .bind(request.as_str())
        .execute(&mut *transaction)
        .await?;
        let holder = holder(&mut transaction, &repository, &environment).await?;
        let holder = holder.ok_or_else(|| {
            Error::Unreadable(format!(
                "the run slot of {repository} {environment} has no holder"
            ))
        })?;
        if holder.asked.id != *request {
            return Ok(Slot::Occupied(Box::new(holder)));
        }
        if freed_at(&mut transaction, &repository, &environment).await? > read_at {
            return Ok(Slot::Stale);
        }
        let progress = Progress::Creating(decided.clone());
        if holder.progress != progress {
            write(&mut transaction, request, &progress).await?;
            self.commit(transaction, request, at).await?;
        }
        Ok(Slot::Taken(RunSlot {
            request: request.clone(),
        }))
    }

    /// The request that holds the run slot of an environment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn slot_holder(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
    ) -> Result<Option<Request>, Error> {
        let (repository, environment) = slot_key(repository, environment);
        let mut transaction = self.readers.begin().await?;
        holder(&mut transaction, &repository, &environment).await
    }
}

/// GitHub compares both names without regard to case.
fn slot_key(repository: &RepositoryName, environment: &EnvironmentName) -> (String, String) {
    (
        repository.to_string().to_lowercase(),
        environment.as_str().to_lowercase(),
    )
}

/// Frees the run slot of a request, if it holds one, with the entry of the feed
/// that tells of its end.
pub(super) async fn free(
    transaction: &mut Transaction<'static, Sqlite>,
    request: &RequestId,
    cursor: i64,
) -> Result<(), Error> {
    let freed: Option<(String, String)> = sqlx::query_as(
        "DELETE FROM run_slots WHERE request_id = $1 RETURNING repository, environment",
    )
    .bind(request.as_str())
    .fetch_optional(&mut **transaction)
    .await?;
    let Some((repository, environment)) = freed else {
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO freed_slots (repository, environment, cursor) VALUES ($1, $2, $3) \
         ON CONFLICT (repository, environment) DO UPDATE SET cursor = excluded.cursor",
    )
    .bind(repository)
    .bind(environment)
    .bind(cursor)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The cursor with which a run slot was last freed; 0 for one that never was.
async fn freed_at(
    transaction: &mut Transaction<'_, Sqlite>,
    repository: &str,
    environment: &str,
) -> Result<i64, Error> {
    let freed: Option<(i64,)> =
        sqlx::query_as("SELECT cursor FROM freed_slots WHERE repository = $1 AND environment = $2")
            .bind(repository)
            .bind(environment)
            .fetch_optional(&mut **transaction)
            .await?;
    Ok(freed.map_or(0, |(cursor,)| cursor))
}

async fn holder(
    transaction: &mut Transaction<'_, Sqlite>,
    repository: &str,
    environment: &str,
) -> Result<Option<Request>, Error> {
    sqlx::query_as::<_, RequestRow>(select_request!(
        "JOIN run_slots s ON s.request_id = r.id WHERE s.repository = $1 AND s.environment = $2"
    ))
    .bind(repository)
    .bind(environment)
    .fetch_optional(&mut **transaction)
    .await?
    .map(Request::try_from)
    .transpose()
}
