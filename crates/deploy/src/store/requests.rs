//! Requests in the journal: accepted once, then step by step to their end.
//! Each method is one transaction, with its entry in the feed.

use jiff::Timestamp;
use sqlx::{Sqlite, Transaction};

use super::{
    Error, Store,
    readable::readable,
    row::{self, RequestRow, select_request},
    slots,
};
use crate::model::{Decided, Deployment, NewRequest, Progress, Refusal, Request, RequestId};

/// What became of accepting a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// It is in the journal now.
    New(Request),
    /// It was there already; as it stands now.
    Repeated(Request),
    /// Its id is that of a request for something else.
    IdTaken(Request),
}

impl Store {
    /// Writes a new request into the journal, unless its id is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accept(&self, asked: &NewRequest, at: Timestamp) -> Result<Acceptance, Error> {
        let request = Request {
            asked: asked.clone(),
            accepted_at: row::whole_milliseconds(at),
            progress: Progress::Accepted,
            message_ts: None,
        };
        let mut transaction = self.begin().await?;
        if !insert(&mut transaction, &request).await? {
            drop(transaction);
            let known = self.request(&asked.id).await?.ok_or_else(|| {
                Error::Unreadable(format!("request {} is there and is not", asked.id))
            })?;
            return Ok(if asks_for_the_same(&known.asked, asked) {
                Acceptance::Repeated(known)
            } else {
                Acceptance::IdTaken(known)
            });
        }
        self.commit(transaction, &asked.id, at).await?;
        Ok(Acceptance::New(request))
    }

    /// The request with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request(&self, id: &RequestId) -> Result<Option<Request>, Error> {
        sqlx::query_as::<_, RequestRow>(select_request!("WHERE r.id = $1"))
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await?
            .map(Request::try_from)
            .transpose()
    }

    /// Requests that wait for a decision or for their deployment to be made,
    /// oldest first, at most `limit`. One that cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, limit: usize) -> Result<Vec<Request>, Error> {
        let rows = sqlx::query(select_request!(
            "WHERE r.state IN ('accepted', 'creating') ORDER BY r.accepted_at, r.id"
        ));
        readable(rows.fetch(&self.readers), limit, &self.told, row::request).await
    }

    /// Requests whose deployment runs, oldest first, at most `limit`. One that
    /// cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running(&self, limit: usize) -> Result<Vec<Request>, Error> {
        let rows = sqlx::query(select_request!(
            "WHERE r.state = 'running' ORDER BY r.accepted_at, r.id"
        ));
        readable(rows.fetch(&self.readers), limit, &self.told, row::request).await
    }

    /// Ends a request: the gate, or GitHub, refused it.
    ///
    /// # Errors
    /// When it has gone further or has ended, or the database fails.
    pub async fn refuse(
        &self,
        id: &RequestId,
        refusals: Vec<Refusal>,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.advance(id, &Progress::Refused(refusals), at).await
    }

    /// Writes down the deployment of a request: that it exists, and later how
    /// far it has come.
    ///
    /// # Errors
    /// When the request holds no run slot, or the database fails.
    pub async fn runs(
        &self,
        id: &RequestId,
        decided: Decided,
        deployment: Deployment,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.advance(id, &Progress::Running(decided, deployment), at)
            .await
    }

    /// Ends a request well and frees its run slot.
    ///
    /// # Errors
    /// When it has no deployment or has ended, or the database fails.
    pub async fn succeed(
        &self,
        id: &RequestId,
        decided: Decided,
        deployment: Deployment,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.advance(id, &Progress::Succeeded(decided, deployment), at)
            .await
    }

    /// Ends a request that did not reach its environment, and frees its run
    /// slot. `decided` is what the gate let pass, if it came so far; `failure`
    /// is a sentence for people.
    ///
    /// # Errors
    /// When it has come to another place or has ended, or the database fails.
    pub async fn fail(
        &self,
        id: &RequestId,
        decided: Option<Decided>,
        deployment: Option<Deployment>,
        failure: String,
        at: Timestamp,
    ) -> Result<(), Error> {
        let progress = Progress::Failed {
            decided,
            deployment,
            failure,
        };
        self.advance(id, &progress, at).await
    }

    /// Records the message that shows a request. False when there is no such
    /// request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_reply(
        &self,
        id: &RequestId,
        channel: &str,
        message_ts: &str,
    ) -> Result<bool, Error> {
        let written =
            sqlx::query("UPDATE requests SET reply_channel = $2, message_ts = $3 WHERE id = $1")
                .bind(id.as_str())
                .bind(channel)
                .bind(message_ts)
                .execute(&self.writer)
                .await?;
        Ok(written.rows_affected() == 1)
    }

    async fn advance(
        &self,
        id: &RequestId,
        progress: &Progress,
        at: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        write(&mut transaction, id, progress).await?;
        let cursor = append(&mut transaction, id, at).await?;
        if progress.has_ended() {
            slots::free(&mut transaction, id, cursor).await?;
        }
        transaction.commit().await?;
        self.grown(cursor);
        Ok(())
    }

    /// IMMEDIATE: a transaction that reads first and writes later would
    /// otherwise fail when another has written in between.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Appends the entry to the feed, commits, and wakes who waits for it.
    pub(super) async fn commit(
        &self,
        mut transaction: Transaction<'static, Sqlite>,
        id: &RequestId,
        at: Timestamp,
    ) -> Result<(), Error> {
        let cursor = append(&mut transaction, id, at).await?;
        transaction.commit().await?;
        self.grown(cursor);
        Ok(())
    }
}

/// Appends an entry to the feed; its cursor.
async fn append(
    transaction: &mut Transaction<'static, Sqlite>,
    id: &RequestId,
    at: Timestamp,
) -> Result<i64, Error> {
    let (cursor,): (i64,) =
        sqlx::query_as("INSERT INTO feed (at, request_id) VALUES ($1, $2) RETURNING cursor")
            .bind(at.as_millisecond())
            .bind(id.as_str())
            .fetch_one(&mut **transaction)
            .await?;
    Ok(cursor)
}

/// Who asked and where to answer may differ in a repeat: the caller may know
/// more, or less, of the person the second time.
fn asks_for_the_same(one: &NewRequest, other: &NewRequest) -> bool {
    let same_repository = one
        .repository
        .to_string()
        .eq_ignore_ascii_case(&other.repository.to_string());
    same_repository
        && one.environment == other.environment
        && one.commit == other.commit
        && one.kind == other.kind
}

/// False when the id is there already.
async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    request: &Request,
) -> Result<bool, Error> {
    let Request {
        asked,
        accepted_at,
        progress,
        ..
    } = request;
    let inserted = sqlx::query(
        "INSERT INTO requests (id, repository, environment, commit_ref, kind, \
         requester_slack, requester_github, requester_name, \
         reply_channel, reply_thread_ts, reply_asked_ts, accepted_at, state, progress) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(asked.id.as_str())
    .bind(asked.repository.to_string())
    .bind(asked.environment.as_str())
    .bind(asked.commit.as_str())
    .bind(row::kind_word(asked.kind))
    .bind(&asked.requester.slack)
    .bind(&asked.requester.github)
    .bind(&asked.requester.name)
    .bind(&asked.reply.channel)
    .bind(&asked.reply.thread_ts)
    .bind(&asked.reply.asked_ts)
    .bind(accepted_at.as_millisecond())
    .bind(row::state_word(progress))
    .bind(row::progress_text(progress)?)
    .execute(&mut **transaction)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes how far a request has come, if that follows on where it was.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    id: &RequestId,
    progress: &Progress,
) -> Result<(), Error> {
    let [one, other] = before(progress);
    let written = sqlx::query(
        "UPDATE requests SET state = $2, progress = $3 WHERE id = $1 AND state IN ($4, $5)",
    )
    .bind(id.as_str())
    .bind(row::state_word(progress))
    .bind(row::progress_text(progress)?)
    .bind(one)
    .bind(other)
    .execute(&mut **transaction)
    .await?;
    if written.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::OutOfOrder {
            request: id.clone(),
            step: row::state_word(progress),
        })
    }
}

/// The states that a step may follow on. What has ended stays ended.
const fn before(progress: &Progress) -> [&'static str; 2] {
    match progress {
        Progress::Accepted | Progress::Refused(_) | Progress::Creating(_) => {
            ["accepted", "creating"]
        }
        Progress::Failed { decided: None, .. } => ["accepted", "accepted"],
        Progress::Running(..) | Progress::Succeeded(..) | Progress::Failed { .. } => {
            ["creating", "running"]
        }
    }
}
