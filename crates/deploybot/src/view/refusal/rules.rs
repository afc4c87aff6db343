//! The rules that can refuse, one for every reason of the contract's closed
//! list: its symbol, what it says in short, and what to do next.
//! `docs/commands.md` lists the same.

use deploy_proto::v1::Reason;

use crate::{
    view::{block::Mrkdwn, text::line},
    words::Words,
};

/// Stands before the sentence; means nothing alone.
pub(in crate::view) fn symbol(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownRepository
        | Reason::UnknownEnvironment
        | Reason::UnknownCommit
        | Reason::AmbiguousCommit => "❓",
        Reason::ChecksFailed => "❌",
        Reason::Locked | Reason::Frozen => "🔒",
        // An hourglass would say that this waits, and it does not.
        Reason::NotOnAllowedBranch
        | Reason::ChecksPending
        | Reason::ChecksMissing
        | Reason::ChecksUnreadable
        | Reason::AlreadyRunning
        | Reason::AlreadyLive
        | Reason::NotPromoted
        | Reason::NotPermitted
        | Reason::ApprovalNeeded
        | Reason::PolicyUnreadable
        | Reason::GithubRefused
        | Reason::Unspecified => "⛔",
        Reason::LiveChanged => "✋",
    }
}

/// What a rule says, for notifications and the manual; none for a rule that is
/// not known.
pub(in crate::view) fn title(words: Words, reason: Reason) -> Option<Mrkdwn> {
    Some(match reason {
        Reason::UnknownRepository => words.rule_unknown_repository(),
        Reason::UnknownEnvironment => words.rule_unknown_environment(),
        Reason::UnknownCommit => words.rule_unknown_commit(),
        Reason::AmbiguousCommit => words.rule_ambiguous_commit(),
        Reason::NotOnAllowedBranch => words.rule_not_on_allowed_branch(),
        Reason::ChecksFailed => words.rule_checks_failed(),
        Reason::ChecksPending => words.rule_checks_pending(),
        Reason::ChecksMissing => words.rule_checks_missing(),
        Reason::ChecksUnreadable => words.rule_checks_unreadable(),
        Reason::Locked => words.rule_locked(),
        Reason::Frozen => words.rule_frozen(),
        Reason::AlreadyRunning => words.rule_already_running(),
        Reason::AlreadyLive => words.rule_already_live(),
        Reason::NotPromoted => words.rule_not_promoted(),
        Reason::NotPermitted => words.rule_not_permitted(),
        Reason::ApprovalNeeded => words.rule_approval_needed(),
        Reason::PolicyUnreadable => words.rule_policy_unreadable(),
        Reason::GithubRefused => words.rule_github_refused(),
        Reason::LiveChanged => words.rule_live_changed(),
        Reason::Unspecified => return None,
    })
}

/// What to do next.
pub(in crate::view) fn way_out(words: Words, reason: Reason, repository: &str) -> Mrkdwn {
    let status = || line(&format!("status {repository}"));
    match reason {
        Reason::UnknownRepository => words.way_out_unknown_repository(),
        Reason::UnknownEnvironment => words.way_out_unknown_environment(),
        Reason::UnknownCommit => words.way_out_unknown_commit(status()),
        Reason::AmbiguousCommit => words.way_out_ambiguous_commit(),
        Reason::NotOnAllowedBranch => words.way_out_not_on_allowed_branch(),
        Reason::ChecksFailed => words.way_out_checks_failed(),
        Reason::ChecksPending => words.way_out_checks_pending(status()),
        Reason::ChecksMissing => words.way_out_checks_missing(),
        Reason::ChecksUnreadable => words.way_out_checks_unreadable(),
        Reason::Locked => words.way_out_locked(),
        Reason::Frozen => words.way_out_frozen(),
        Reason::AlreadyRunning => words.way_out_already_running(),
        Reason::AlreadyLive => words.way_out_already_live(status()),
        Reason::NotPromoted => words.way_out_not_promoted(),
        Reason::NotPermitted => words.way_out_not_permitted(),
        Reason::ApprovalNeeded => words.way_out_approval_needed(),
        Reason::PolicyUnreadable => words.way_out_policy_unreadable(),
        Reason::GithubRefused => words.way_out_github_refused(),
        Reason::LiveChanged => words.way_out_live_changed(status()),
        Reason::Unspecified => words.way_out_unknown(),
    }
}
