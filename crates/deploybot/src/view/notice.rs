//! Short words beside the matter: while the deploy service does not answer, and
//! when a button was pressed before.

use std::time::Duration;

use super::{
    action::StartAction,
    block::Message,
    error::{self, CallError, said},
    text::line,
    time,
};

/// A request to deploy is tried again and again; what is in the way.
pub fn waiting(error: &CallError) -> Message {
    said(format!(
        "⏳ {} I keep asking; there is no need to ask again.",
        error::why(error)
    ))
}

/// It was taken after all.
pub fn taken() -> Message {
    said("✔ The deploy service has taken the request.".to_owned())
}

/// It was tried for so long and no longer is; what is still in the way.
pub fn given_up(error: &CallError, after: Duration, repository: &str) -> Message {
    said(format!(
        "⚠️ {} I have asked for {} and stopped now. When that is over, {} tells whether the commit went out; if not, ask again.",
        error::why(error),
        time::wait(after),
        line(&format!("status {repository}"))
    ))
}

/// A button that acts once was pressed again after what it did has ended.
pub fn pressed_before(start: &StartAction) -> Message {
    let StartAction {
        repository,
        environment,
        commit,
        ..
    } = start;
    let command = line(&format!("deploy {repository} {environment} {commit}"));
    said(format!(
        "You have pressed this button before, and what it asked for has ended. To ask once more: {command}"
    ))
}

/// Under the field of a dialog, which takes plain text only: nothing is chosen.
pub fn nothing_chosen() -> String {
    "Choose an environment.".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{CommitSha, EnvironmentName, RepositoryName};

    #[test]
    fn each_says_what_to_do() {
        insta::assert_snapshot!(waiting(&CallError::TimedOut).text, @"⏳ The deploy service does not answer. I keep asking; there is no need to ask again.");
        insta::assert_snapshot!(waiting(&CallError::Unauthenticated).text, @"⏳ I am not allowed to ask the deploy service: whoever runs deploybot has to set its token. I keep asking; there is no need to ask again.");
        insta::assert_snapshot!(taken().text, @"✔ The deploy service has taken the request.");
        insta::assert_snapshot!(given_up(&CallError::TimedOut, Duration::from_secs(300), "people").text, @"⚠️ The deploy service does not answer. I have asked for 5 min and stopped now. When that is over, `@deploybot status people` tells whether the commit went out; if not, ask again.");
        let start = StartAction {
            repository: RepositoryName::new("people").expect("valid"),
            environment: EnvironmentName::new("production").expect("valid"),
            commit: CommitSha::new("a1b2c3d").expect("valid"),
            is_rollback: false,
        };
        insta::assert_snapshot!(pressed_before(&start).text, @"You have pressed this button before, and what it asked for has ended. To ask once more: `@deploybot deploy people production a1b2c3d`");
    }
}
