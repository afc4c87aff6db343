//! Steps of a request: which may follow on which, and what comes with each, in
//! the same transaction.

use jiff::Timestamp;

use super::{
    Error,
    database::Args,
    deployments::{self, Known},
    feed, row, slots,
    transaction::Transaction,
};
use crate::model::{Progress, RequestId};

/// Writes how far a request has come, if that follows on where it was, and
/// what comes with it.
pub(super) async fn step(
    transaction: &mut Transaction<'_>,
    id: &RequestId,
    progress: &Progress,
    at: Timestamp,
) -> Result<(), Error> {
    let [one, other] = before(progress);
    let written = transaction
        .execute(
            "UPDATE requests SET state = $2, progress = $3, waiting = NULL \
             WHERE id = $1 AND state IN ($4, $5)",
            args(id, progress)?.text(one).text(other),
        )
        .await?;
    if written != 1 {
        return Err(Error::OutOfOrder {
            request: id.clone(),
            step: row::state_word(progress),
        });
    }
    journal(transaction, id, progress, at).await
}

/// What comes with every step: an end frees the run slot, what a deployment did
/// is kept and hinted at, and the feed tells of it.
pub(super) async fn journal(
    transaction: &mut Transaction<'_>,
    id: &RequestId,
    progress: &Progress,
    at: Timestamp,
) -> Result<(), Error> {
    let freed = if progress.has_ended() {
        slots::free(transaction, id).await?
    } else {
        None
    };
    if let Some(known) = deployed(progress, at) {
        deployments::keep(transaction, &known).await?;
        let numbers = [known.deployment.id.number];
        deployments::hint_at(transaction, known.repository, &numbers, known.news()).await?;
    }
    let cursor = feed::append(transaction, id, at).await?;
    if let Some(slot) = freed {
        slots::remember_freed(transaction, slot, cursor).await?;
    }
    Ok(())
}

/// What a step tells of a deployment, where it has changed something on GitHub.
fn deployed(progress: &Progress, at: Timestamp) -> Option<Known<'_>> {
    let (decided, deployment, outcome) = match progress {
        Progress::Running(decided, deployment) | Progress::Succeeded(decided, deployment) => {
            (decided, deployment, None)
        }
        Progress::Failed {
            decided: Some(decided),
            deployment: Some(deployment),
            failure,
        } => (decided, deployment, Some(failure)),
        _ => return None,
    };
    Some(Known {
        repository: &decided.repository,
        deployment,
        is_adopted: false,
        outcome,
        read_at: at,
    })
}

/// What a statement needs that writes a step: whose, its word, and all of it.
pub(super) fn args(id: &RequestId, progress: &Progress) -> Result<Args, Error> {
    Ok(Args::new()
        .text(id.as_str())
        .text(row::state_word(progress))
        .text(row::progress_text(progress)?))
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
        Progress::Cancelled { .. } => ["accepted", "accepted"],
    }
}
