//! Short words beside the matter: while the deploy service does not answer, when
//! a button was pressed before, and when a request can't be withdrawn.

use std::time::Duration;

use deploy_proto::v1::{Request, RequestState};

use super::{
    action::StartAction,
    block::Message,
    error::{self, Hindrance, said},
    text::{self, NAME, bold, line},
    time,
};

/// A request to deploy is tried again and again; what is in the way.
pub(crate) fn waiting(hindrance: &Hindrance) -> Message {
    said(format!(
        "⏳ {} I keep asking; there is no need to ask again.",
        error::why(hindrance)
    ))
}

/// It was taken after all.
pub(crate) fn taken() -> Message {
    said("✔ The deploy service has taken the request.".to_owned())
}

/// It was tried for so long and no longer is; what is still in the way.
pub(crate) fn given_up(hindrance: &Hindrance, after: Duration, repository: &str) -> Message {
    said(format!(
        "⚠️ {} I have asked for {} and stopped now. When that is over, {} tells whether the commit went out; if not, ask again.",
        error::why(hindrance),
        time::wait(after),
        line(&format!("status {repository}"))
    ))
}

/// A button that acts once was pressed again after what it did has ended.
pub(crate) fn pressed_before(start: &StartAction) -> Message {
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

/// Somebody wanted to withdraw a request: what had become of it before; none
/// where it is withdrawn, and by them.
pub(crate) fn not_cancelled(request: &Request, presser: &str) -> Option<Message> {
    let by = request.cancelled_by.as_ref();
    let environment = bold(&request.environment, NAME);
    let why = match request.state() {
        RequestState::Cancelled if by.is_some_and(|by| by.slack == presser) => return None,
        RequestState::Cancelled => {
            return Some(said(format!(
                "{} has withdrawn it already.",
                text::mention(by)
            )));
        }
        RequestState::Unspecified | RequestState::Accepted => "it could not be stopped".to_owned(),
        RequestState::Creating => "GitHub is asked to deploy it right now".to_owned(),
        RequestState::Running => "it is going out".to_owned(),
        RequestState::Succeeded => format!("it is live in {environment}"),
        RequestState::Failed => format!("it has ended without reaching {environment}"),
        RequestState::Refused => "a rule has refused it".to_owned(),
    };
    Some(said(format!(
        "Too late to withdraw it: {why}. Its message shows how it stands."
    )))
}

/// Somebody wanted to withdraw a request that is not journalled.
pub(crate) fn nothing_to_cancel(repository: &str) -> Message {
    said(format!(
        "❓ The deploy service does not know this request, so that there is nothing to withdraw. {} tells what runs where.",
        line(&format!("status {repository}"))
    ))
}

/// Somebody wanted to withdraw a request, and nobody knows whether it is.
pub(crate) fn perhaps_cancelled(hindrance: &Hindrance) -> Message {
    said(format!(
        "⚠️ {} If the message still shows that it waits, press Cancel again.",
        error::why(hindrance)
    ))
}

/// Under the field of a dialog, which takes plain text only: nothing is chosen.
pub(crate) fn nothing_chosen() -> String {
    "Choose an environment.".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::{CommitSha, EnvironmentName, RepositoryName},
        view::fixtures::{self, person},
    };

    #[test]
    fn each_says_what_to_do() {
        insta::assert_snapshot!(waiting(&Hindrance::Unreachable).text, @"⏳ The deploy service does not answer. I keep asking; there is no need to ask again.");
        insta::assert_snapshot!(waiting(&Hindrance::Unauthenticated).text, @"⏳ I am not allowed to ask the deploy service: whoever runs deploybot has to set its token. I keep asking; there is no need to ask again.");
        insta::assert_snapshot!(taken().text, @"✔ The deploy service has taken the request.");
        insta::assert_snapshot!(given_up(&Hindrance::Unreachable, Duration::from_secs(300), "people").text, @"⚠️ The deploy service does not answer. I have asked for 5 min and stopped now. When that is over, `@deploybot status people` tells whether the commit went out; if not, ask again.");
        let start = StartAction {
            repository: RepositoryName::new("people").expect("valid"),
            environment: EnvironmentName::new("production").expect("valid"),
            commit: CommitSha::new("a1b2c3d").expect("valid"),
            is_rollback: false,
        };
        insta::assert_snapshot!(pressed_before(&start).text, @"You have pressed this button before, and what it asked for has ended. To ask once more: `@deploybot deploy people production a1b2c3d`");
    }
    #[test]
    fn who_presses_cancel_in_vain_is_told_why() {
        use RequestState::{
            Accepted, Cancelled, Creating, Failed, Refused, Running, Succeeded, Unspecified,
        };
        let states = [
            Unspecified,
            Accepted,
            Creating,
            Running,
            Succeeded,
            Failed,
            Refused,
            Cancelled,
        ];
        let told = states.map(|state| {
            let request = Request {
                cancelled_by: person("U1JOON", "Joon"),
                ..fixtures::request(state)
            };
            not_cancelled(&request, "U1MINJI")
                .expect("it is too late")
                .text
                .to_string()
        });
        insta::assert_snapshot!(told.join("\n"), @"
        Too late to withdraw it: it could not be stopped. Its message shows how it stands.
        Too late to withdraw it: it could not be stopped. Its message shows how it stands.
        Too late to withdraw it: GitHub is asked to deploy it right now. Its message shows how it stands.
        Too late to withdraw it: it is going out. Its message shows how it stands.
        Too late to withdraw it: it is live in *production*. Its message shows how it stands.
        Too late to withdraw it: it has ended without reaching *production*. Its message shows how it stands.
        Too late to withdraw it: a rule has refused it. Its message shows how it stands.
        <@U1JOON> has withdrawn it already.
        ");
        let by_joon = Request {
            cancelled_by: person("U1JOON", "Joon"),
            ..fixtures::request(Cancelled)
        };
        assert_eq!(not_cancelled(&by_joon, "U1JOON"), None);
        insta::assert_snapshot!(nothing_to_cancel("acme/people").text, @"❓ The deploy service does not know this request, so that there is nothing to withdraw. `@deploybot status acme/people` tells what runs where.");
        insta::assert_snapshot!(perhaps_cancelled(&Hindrance::TimedOut).text, @"⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. If the message still shows that it waits, press Cancel again.");
    }
}
