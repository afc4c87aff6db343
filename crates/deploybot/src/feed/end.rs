//! How a request ended, where its requester is told by a message of its own.

use deploy_proto::v1::{self, RequestState};

use super::place::{place, side};
use crate::{
    slack::{id::Place, mark::Mark},
    view::{self, block::Message},
    words::Words,
};

/// How a request ended, as its requester is told by a message of its own.
pub(super) struct EndToTell {
    pub(super) message: Message,
    pub(super) place: Place,
    pub(super) mark: Mark,
}

/// A failure is for all to see; that somebody else withdrew it, or that it was
/// refused after a wait, is told beside the message that asked.
pub(super) fn end_to_tell(
    words: Words,
    request: &v1::Request,
    has_waited: bool,
    now: jiff::Timestamp,
) -> Option<EndToTell> {
    let id = request.request_id.clone();
    match request.state() {
        RequestState::Failed => Some(EndToTell {
            message: view::request_failure(words, request),
            place: place(request),
            mark: Mark::Failure(id),
        }),
        RequestState::Cancelled => Some(EndToTell {
            message: view::request_cancelled(words, request)?,
            place: side(request),
            mark: Mark::Cancellation(id),
        }),
        RequestState::Refused if has_waited => Some(EndToTell {
            message: view::request_refused(words, request, now),
            place: side(request),
            mark: Mark::Failure(id),
        }),
        _ => None,
    }
}
