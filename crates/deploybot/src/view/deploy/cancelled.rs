//! A request that was withdrawn before it went out: the message that shows it,
//! and what its requester is told when somebody else did it.

use deploy_proto::v1::{Person, Request};

use super::{asked_by, is_rollback, message, names, retry};
use crate::{
    view::{
        block::{Block, Message},
        text::{self, dotted},
    },
    words::Words,
};

/// Says who withdrew it.
pub(super) fn shown(words: Words, request: &Request) -> Message {
    let by = text::mention(words, request.cancelled_by.as_ref());
    let (repository, commit, environment) = names(request);
    let withdrawn = if is_rollback(request) {
        words.cancelled_rollback(by, repository, commit, environment)
    } else {
        words.cancelled_deploy(by, repository, commit, environment)
    };
    let asked_by = by_another(request).then(|| asked_by(words, request));
    let said = dotted([
        withdrawn,
        asked_by.unwrap_or_default(),
        words.text_nothing_changed(),
    ]);
    message(words, said, None)
}

/// Tells the one who asked that somebody else withdrew it, with what to do
/// about it; none where they did it themselves.
pub(crate) fn request_cancelled(words: Words, request: &Request) -> Option<Message> {
    if !by_another(request) {
        return None;
    }
    let by = text::mention(words, request.cancelled_by.as_ref());
    let who = text::mention(words, request.requester.as_ref());
    let (repository, commit, environment) = names(request);
    let text = if is_rollback(request) {
        words.cancelled_your_rollback(who, by, repository, commit, environment)
    } else {
        words.cancelled_your_deploy(who, by, repository, commit, environment)
    };
    let again = retry(words, request).map(|button| Block::Actions(vec![button]));
    Some(message(words, text, again))
}

fn by_another(request: &Request) -> bool {
    let id = |person: Option<&Person>| {
        let person = person.cloned().unwrap_or_default();
        [person.slack, person.github, person.name]
            .into_iter()
            .find(|name| !name.is_empty())
    };
    id(request.cancelled_by.as_ref()) != id(request.requester.as_ref())
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{Commit, DeploymentKind, RequestState};

    use super::*;
    use crate::view::fixtures::{self, EN, now, person, rendered};

    fn cancelled_by(slack: &str, name: &str) -> Request {
        Request {
            cancelled_by: person(slack, name),
            commit: Some(Commit {
                sha: "a1b2c3d".to_owned(),
                ..Commit::default()
            }),
            changes: None,
            checks: None,
            ..fixtures::request(RequestState::Cancelled)
        }
    }

    fn both(request: &Request) -> String {
        let told = request_cancelled(EN, request);
        let told = told.map_or_else(|| "nothing more".to_owned(), |told| rendered(&told));
        format!(
            "{}\n{told}",
            rendered(&super::super::request(EN, request, now()))
        )
    }

    #[test]
    fn who_withdraws_what_they_asked_for_is_told_nothing_more() {
        insta::assert_snapshot!(both(&cancelled_by("U1MINJI", "Minji")), @"
        (✋ <@U1MINJI> withdrew the deploy of *people* `a1b2c3d` to *production* before it went out · nothing was changed)
        ✋ <@U1MINJI> withdrew the deploy of *people* `a1b2c3d` to *production* before it went out · nothing was changed
        nothing more
        ");
    }

    #[test]
    fn who_asked_is_told_that_somebody_else_withdrew_it() {
        insta::assert_snapshot!(both(&cancelled_by("U1JOON", "Joon")), @"
        (✋ <@U1JOON> withdrew the deploy of *people* `a1b2c3d` to *production* before it went out · asked by <@U1MINJI> · nothing was changed)
        ✋ <@U1JOON> withdrew the deploy of *people* `a1b2c3d` to *production* before it went out · asked by <@U1MINJI> · nothing was changed
        (✋ <@U1MINJI>: <@U1JOON> withdrew your deploy of *people* `a1b2c3d` to *production* before it went out. Nothing was changed.)
        ✋ <@U1MINJI>: <@U1JOON> withdrew your deploy of *people* `a1b2c3d` to *production* before it went out. Nothing was changed.
        [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d&kind=deploy)
        ");
        let rollback = Request {
            kind: DeploymentKind::Rollback.into(),
            cancelled_by: None,
            ..cancelled_by("", "")
        };
        insta::assert_snapshot!(both(&rollback), @"
        (✋ someone withdrew the rollback of *people* to `a1b2c3d` in *production* before it went out · asked by <@U1MINJI> · nothing was changed)
        ✋ someone withdrew the rollback of *people* to `a1b2c3d` in *production* before it went out · asked by <@U1MINJI> · nothing was changed
        (✋ <@U1MINJI>: someone withdrew your rollback of *people* to `a1b2c3d` in *production* before it went out. Nothing was changed.)
        ✋ <@U1MINJI>: someone withdrew your rollback of *people* to `a1b2c3d` in *production* before it went out. Nothing was changed.
        [Retry](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d&kind=rollback)
        ");
    }
}
