//! Requests in the journal: accepted once, then step by step to their end.
//! Each method is one transaction, with its entry in the feed.

use jiff::Timestamp;

use super::{
    Error, Store, creations,
    database::Args,
    feed,
    readable::Page,
    row::{self, select_request},
    steps,
    transaction::Transaction,
};
use crate::{
    gate,
    model::{
        Decided, Deployment, EnvironmentName, ExpectedLive, Failure, NewRequest, Person, Progress,
        Refusal, Request, RequestId, Sha, Waiting,
    },
};

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
            waiting: None,
            message_ts: None,
        };
        let new = &request;
        let is_new = self
            .write(|transaction| {
                Box::pin(async move {
                    let is_new = insert(transaction, new).await?;
                    if is_new {
                        feed::append(transaction, &asked.id, at).await?;
                    }
                    Ok(is_new)
                })
            })
            .await?;
        if is_new {
            return Ok(Acceptance::New(request));
        }
        let known = self.request(&asked.id).await?.ok_or_else(|| {
            Error::Unreadable(format!("request {} is there and is not", asked.id))
        })?;
        Ok(if asks_for_the_same(&known.asked, asked) {
            Acceptance::Repeated(known)
        } else {
            Acceptance::IdTaken(known)
        })
    }

    /// The request with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request(&self, id: &RequestId) -> Result<Option<Request>, Error> {
        let sql = select_request!("WHERE r.id = $1");
        let row = self.read_first(sql, Args::new().text(id.as_str())).await?;
        row.as_ref().map(row::request).transpose()
    }

    /// Requests that wait for a decision or for their deployment to be made,
    /// oldest first, at most `limit`. One that cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, limit: usize) -> Result<Vec<Request>, Error> {
        self.readable(oldest_first(WAITING), limit).await
    }

    /// The next page of [`Store::waiting`], after a request of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_after(&self, last: &Request, limit: usize) -> Result<Vec<Request>, Error> {
        let accepted_at = last.accepted_at.as_millisecond();
        let page = Page {
            after: Args::new()
                .integer(accepted_at)
                .text(last.asked.id.as_str()),
            ..oldest_first(WAITING)
        };
        self.readable(page, limit).await
    }

    /// When somebody was last told something of a request, which its newest
    /// entry in the feed is: when it was accepted at least.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn told_at(&self, request: &Request) -> Result<Timestamp, Error> {
        let sql = "SELECT MAX(at) AS told_at FROM feed WHERE request_id = $1";
        let args = Args::new().text(request.asked.id.as_str());
        let row = self.read_first(sql, args).await?;
        let told_at = row.map_or(Ok(None), |row| row.optional_integer("told_at"))?;
        let told_at = told_at.map(row::timestamp).transpose()?;
        Ok(told_at.map_or(request.accepted_at, |at| at.max(request.accepted_at)))
    }

    /// Requests whose deployment runs, oldest first, at most `limit`. One that
    /// cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running(&self, limit: usize) -> Result<Vec<Request>, Error> {
        let sql = select_request!(
            "WHERE r.state = 'running' AND (r.accepted_at, r.id) > ($1, $2) \
             ORDER BY r.accepted_at, r.id LIMIT $3"
        );
        self.readable(oldest_first(sql), limit).await
    }

    /// Names the environment of a request as GitHub spells it, which may be
    /// another name than that by which it was asked for. It is told of by that
    /// name from its next entry in the feed on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spell(&self, id: &RequestId, environment: &EnvironmentName) -> Result<(), Error> {
        let args = &Args::new().text(id.as_str()).text(environment.as_str());
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "UPDATE requests SET environment = $2 WHERE id = $1 \
                           AND state IN ('accepted', 'creating')";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
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
    /// slot. `decided` is what the gate let pass, if it came so far.
    ///
    /// # Errors
    /// When it has come to another place or has ended, or the database fails.
    pub async fn fail(
        &self,
        id: &RequestId,
        decided: Option<Decided>,
        deployment: Option<Deployment>,
        failure: Failure,
        at: Timestamp,
    ) -> Result<(), Error> {
        let progress = Progress::Failed {
            decided,
            deployment,
            failure,
        };
        self.advance(id, &progress, at).await
    }

    /// Tells why a request does not go on for now. False when it has gone
    /// further, or it is told so already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waits(
        &self,
        id: &RequestId,
        waiting: &Waiting,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let waiting = &row::waiting_text(waiting)?;
        self.write(|transaction| {
            Box::pin(async move {
                let written = transaction
                    .execute(
                        "UPDATE requests SET waiting = $2 WHERE id = $1 \
                     AND state IN ('accepted', 'creating') AND (waiting IS NULL OR waiting <> $2)",
                        Args::new().text(id.as_str()).text(waiting.as_str()),
                    )
                    .await?;
                if written == 1 {
                    feed::append(transaction, id, at).await?;
                }
                Ok(written == 1)
            })
        })
        .await
    }

    /// Withdraws a request for which GitHub has not been asked for a deployment,
    /// or has certainly made none and is not being asked (then it says what it
    /// waits for, and that is no lost answer); frees its run slot.
    /// The request as it stands then, none when there is no such: whether it
    /// came in time is told by its progress.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel(
        &self,
        id: &RequestId,
        by: &Person,
        at: Timestamp,
    ) -> Result<Option<Request>, Error> {
        let progress = &Progress::Cancelled { by: by.clone() };
        let args = &steps::args(id, progress)?.text(row::ANSWER_LOST);
        self.write(|transaction| {
            Box::pin(async move {
                creations::leave_line(transaction, id).await?;
                let written = transaction
                .execute(
                    "UPDATE requests SET state = $2, progress = $3, waiting = NULL WHERE id = $1 \
                     AND (state = 'accepted' OR (state = 'creating' AND waiting IS NOT NULL \
                     AND waiting NOT LIKE $4))",
                    args.clone(),
                )
                .await?;
                if written == 1 {
                    steps::journal(transaction, id, progress, at).await?;
                } else {
                    transaction.undo();
                }
                Ok(())
            })
        })
        .await?;
        self.request(id).await
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
        let args = &Args::new().text(id.as_str()).text(channel).text(message_ts);
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "UPDATE requests SET reply_channel = $2, message_ts = $3 WHERE id = $1";
                Ok(transaction.execute(sql, args.clone()).await? == 1)
            })
        })
        .await
    }

    async fn advance(
        &self,
        id: &RequestId,
        progress: &Progress,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                if progress.has_ended() {
                    creations::leave_line(transaction, id).await?;
                }
                steps::step(transaction, id, progress, at).await
            })
        })
        .await
    }
}

/// Those that wait for a decision or for their deployment.
const WAITING: &str = select_request!(
    "WHERE r.state IN ('accepted', 'creating') AND (r.accepted_at, r.id) > ($1, $2) \
     ORDER BY r.accepted_at, r.id LIMIT $3"
);

/// Requests in the order in which they were accepted.
fn oldest_first(sql: &'static str) -> Page<Request> {
    Page {
        sql,
        after: Args::new().integer(i64::MIN).text(""),
        place: |row| {
            let args = Args::new().integer(row.integer("accepted_at")?);
            Ok(args.text(row.text("id")?))
        },
        read: row::request,
    }
}

/// Who asked and where to answer may differ in a repeat: the caller may know
/// more, or less, of the person the second time. A journal that was made anew
/// from GitHub knows the whole SHA and GitHub's own name of the environment,
/// however they were asked for.
fn asks_for_the_same(one: &NewRequest, other: &NewRequest) -> bool {
    let same_repository = one
        .repository
        .to_string()
        .eq_ignore_ascii_case(&other.repository.to_string());
    let spellings = gate::spellings(&other.environment);
    let same_environment = spellings.iter().any(|name| name.is_same(&one.environment));
    let whole = one.commit.as_str().parse::<Sha>();
    let same_commit =
        one.commit == other.commit || whole.is_ok_and(|sha| other.commit.matches(&sha));
    same_repository && same_environment && same_commit && one.kind == other.kind
}

/// False when the id is there already.
pub(super) async fn insert(
    transaction: &mut Transaction<'_>,
    request: &Request,
) -> Result<bool, Error> {
    let Request {
        asked,
        accepted_at,
        progress,
        ..
    } = request;
    let args = Args::new()
        .text(asked.id.as_str())
        .text(asked.repository.to_string())
        .text(asked.environment.as_str())
        .text(asked.commit.as_str())
        .text(row::kind_word(asked.kind))
        .text(&asked.requester.slack)
        .text(&asked.requester.github)
        .text(&asked.requester.name)
        .text(&asked.reply.channel)
        .text(&asked.reply.thread_ts)
        .text(&asked.reply.asked_ts)
        .integer(accepted_at.as_millisecond())
        .text(row::state_word(progress))
        .text(row::progress_text(progress)?)
        .optional_text(asked.expected_live.as_ref().map(ExpectedLive::as_str));
    let inserted = transaction
        .execute(
            "INSERT INTO requests (id, repository, environment, commit_ref, kind, \
             requester_slack, requester_github, requester_name, \
             reply_channel, reply_thread_ts, reply_asked_ts, accepted_at, state, progress, \
             expected_live) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (id) DO NOTHING",
            args,
        )
        .await?;
    Ok(inserted == 1)
}
