//! The rules that can refuse, one for every reason of the contract's closed
//! list: what it says, and what to do next.

use deploy_proto::v1::Reason;

/// A rule that can refuse; `docs/commands.md` lists the same.
#[derive(Debug)]
pub(in crate::view) struct Rule {
    /// Its code.
    pub(in crate::view) reason: Reason,
    /// Stands before the sentence; means nothing alone.
    pub(in crate::view) symbol: &'static str,
    /// What it says, for notifications and the manual.
    pub(in crate::view) title: &'static str,
    /// What to do next, as markup; `{repository}` and `{environment}` are filled in.
    pub(in crate::view) way_out: &'static str,
}

/// Every reason of the contract, in its order.
pub(in crate::view) const RULES: [Rule; 18] = [
    rule(
        Reason::UnknownRepository,
        "❓",
        "There is no such repository",
        "If it is there, whoever administers it has to give me access.",
    ),
    rule(
        Reason::UnknownEnvironment,
        "❓",
        "The repository has no such environment",
        "A new one is made in the repository's settings on GitHub.",
    ),
    rule(
        Reason::UnknownCommit,
        "❓",
        "The repository has no such commit",
        "`@deploybot status {repository}` lists the newest commits.",
    ),
    rule(
        Reason::AmbiguousCommit,
        "❓",
        "More than one commit begins so",
        "Write more digits of the one you mean.",
    ),
    rule(
        Reason::NotOnAllowedBranch,
        "⛔",
        "The commit is not on a branch that may be deployed there",
        "Merge it first, then deploy the commit that is on the branch.",
    ),
    rule(
        Reason::ChecksFailed,
        "❌",
        "A check of the commit failed",
        "Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.",
    ),
    rule(
        Reason::ChecksPending,
        "⏳",
        "A check of the commit has not ended",
        "Ask again when they have passed; `@deploybot status {repository}` tells.",
    ),
    rule(
        Reason::ChecksMissing,
        "⛔",
        "The commit has no checks",
        "If it is new, ask again in a minute; if not, the repository needs a workflow that checks every push.",
    ),
    rule(
        Reason::ChecksUnreadable,
        "⛔",
        "The checks could not be read whole",
        "What can't be read is not taken as passed; ask again in a minute.",
    ),
    rule(
        Reason::Locked,
        "🔒",
        "Someone has locked the environment",
        "Ask whoever locked it, or wait until it is unlocked.",
    ),
    rule(
        Reason::Frozen,
        "🔒",
        "The environment takes no deployments now",
        "Ask again when the freeze is over.",
    ),
    rule(
        Reason::AlreadyRunning,
        "⏳",
        "Another deployment is running there",
        "Ask again when it has ended.",
    ),
    rule(
        Reason::AlreadyLive,
        "⛔",
        "The environment runs this commit already",
        "There is nothing to do; `@deploybot status {repository}` lists the other commits.",
    ),
    rule(
        Reason::NotPromoted,
        "⛔",
        "The commit has not run in the environment that comes before",
        "Deploy it there first, then here.",
    ),
    rule(
        Reason::NotPermitted,
        "⛔",
        "You may not deploy there",
        "Ask someone who may.",
    ),
    rule(
        Reason::ApprovalNeeded,
        "⛔",
        "Someone else has to approve first",
        "Ask one of those who may approve.",
    ),
    rule(
        Reason::PolicyUnreadable,
        "⛔",
        "The repository's rules can't be read",
        "Put `.github/deploy.yml` right on the default branch, then ask again.",
    ),
    rule(
        Reason::GithubRefused,
        "⛔",
        "GitHub refused to make the deployment",
        "Show this to whoever looks after the repository on GitHub.",
    ),
];

const fn rule(
    reason: Reason,
    symbol: &'static str,
    title: &'static str,
    way_out: &'static str,
) -> Rule {
    Rule {
        reason,
        symbol,
        title,
        way_out,
    }
}
