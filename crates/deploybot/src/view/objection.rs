//! Why GitHub refused to make a deployment that the rules had let pass.

use deploy_proto::v1::{Objection, ObjectionReason};

use super::{
    block::Mrkdwn,
    refusal::About,
    text::{self, NAME},
};
use crate::words::Words;

/// Fields of GitHub's that are named.
const FIELDS: usize = 5;

/// A clause without a full stop, to be read after a colon; none where there are no
/// words for it here.
pub(super) fn clause(words: Words, objection: &Objection, about: About<'_>) -> Option<Mrkdwn> {
    let repository = || text::repository(about.repository);
    let commit = || text::sha(about.commit);
    Some(match objection.reason() {
        ObjectionReason::Merged => words.objection_merged(),
        ObjectionReason::NotAccepted => words.objection_not_accepted(),
        ObjectionReason::NotPermitted => words.objection_not_permitted(repository()),
        ObjectionReason::Hidden => words.objection_hidden(repository()),
        ObjectionReason::Checks => words.objection_checks(commit()),
        ObjectionReason::MergeConflict => words.objection_merge_conflict(commit()),
        ObjectionReason::Conflict => words.objection_conflict(),
        ObjectionReason::CommitGone => words.objection_commit_gone(commit()),
        ObjectionReason::Invalid if objection.fields.is_empty() => words.objection_invalid(),
        ObjectionReason::Invalid => {
            let fields = text::list(words, &objection.fields, FIELDS);
            words.objection_invalid_fields(fields)
        }
        ObjectionReason::Moved => words.objection_moved(repository()),
        ObjectionReason::Status => {
            words.objection_status(text::code(&objection.status.to_string(), NAME))
        }
        ObjectionReason::Unspecified => return None,
    })
}
