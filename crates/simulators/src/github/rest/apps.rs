//! The App, its installations, and the tokens that it gets for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::call::{Answer, Call};
use super::refusal::Refusal;
use super::shape::app::permissions;
use crate::github::app::{App, Installation};
use crate::github::state::{Repository, State, UserKind};

/// The App that asks.
pub(super) fn app(call: &Call) -> Result<Answer, Refusal> {
    let (app, installed) = {
        let access = call.github.access();
        let app = access.app().cloned().ok_or_else(Refusal::not_found)?;
        (app, access.installations().len())
    };
    let state = call.github.state();
    Ok(Answer::ok(
        call.view(&state).registered_app(&app, installed),
    ))
}

/// Its installations.
pub(super) fn installations(call: &Call) -> Result<Answer, Refusal> {
    let (app, all) = known(call)?;
    let state = call.github.state();
    let view = call.view(&state);
    let shown = call
        .page()
        .cut(&all)
        .into_iter()
        .map(|one| view.installation(&app, one))
        .collect();
    Ok(Answer::ok(shown).paged(call, all.len()))
}

/// One of them by its number.
pub(super) fn installation(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("installation_id")?;
    told(call, |installation| installation.id == id)
}

/// The installation of an owner, a person or an organization.
pub(super) fn of_user(call: &Call) -> Result<Answer, Refusal> {
    let owner = call.parameter("username");
    told(call, |one| one.owner.eq_ignore_ascii_case(owner))
}

/// The installation of an organization.
pub(super) fn of_organization(call: &Call) -> Result<Answer, Refusal> {
    let owner = call.parameter("org");
    let kind = call.github.state().user(owner).map(|user| user.kind);
    if kind != Some(UserKind::Organization) {
        return Err(Refusal::not_found());
    }
    told(call, |one| one.owner.eq_ignore_ascii_case(owner))
}

/// The installation that sees a repository.
pub(super) fn of_repository(call: &Call) -> Result<Answer, Refusal> {
    let (owner, name) = (call.parameter("owner"), call.parameter("repo"));
    if call.github.state().repository(owner, name).is_none() {
        return Err(Refusal::not_found());
    }
    told(call, |one| one.sees(owner, name))
}

fn told(call: &Call, wanted: impl Fn(&Installation) -> bool) -> Result<Answer, Refusal> {
    let (app, all) = known(call)?;
    let found = all
        .iter()
        .find(|one| wanted(one))
        .ok_or_else(Refusal::not_found)?;
    let state = call.github.state();
    Ok(Answer::ok(call.view(&state).installation(&app, found)))
}

fn known(call: &Call) -> Result<(App, Vec<Arc<Installation>>), Refusal> {
    let access = call.github.access();
    let app = access.app().cloned().ok_or_else(Refusal::not_found)?;
    Ok((app, access.installations().to_vec()))
}

/// Gives out a token of an installation, for all that it sees or for a part.
pub(super) fn create_token(call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("installation_id")?;
    let (_, all) = known(call)?;
    let whole = all
        .iter()
        .find(|one| one.id == id)
        .ok_or_else(Refusal::not_found)?;
    let part = part(call, whole)?;
    let selection = part.selection();
    let now = call.github.clock().now();
    let (token, expires_at) = call.github.access().mint(part, now);
    Ok(Answer::created(json!({
        "token": token,
        "expires_at": expires_at,
        "permissions": permissions(),
        "repository_selection": selection,
    })))
}

/// What a token is to see of an installation: all, or the repositories that are
/// named, by name or number.
fn part(call: &Call, whole: &Installation) -> Result<Installation, Refusal> {
    let fields = call.fields()?;
    let mut part = whole.clone();
    let names = fields.texts("repositories")?;
    let ids = fields.list("repository_ids")?;
    if names.is_none() && ids.is_none() {
        return Ok(part);
    }
    let state = call.github.state();
    let by_id = ids.into_iter().flatten().map(|id| {
        let found = id.as_u64().and_then(|id| state.repository_by_id(id));
        found.filter(|found| whole.sees(&found.owner, &found.name))
    });
    let by_name = names.into_iter().flatten().map(|name| {
        let found = state.repository(&whole.owner, name);
        found.filter(|found| whole.sees(&found.owner, &found.name))
    });
    let seen: Option<BTreeSet<String>> = by_id
        .chain(by_name)
        .map(|found| found.map(|repository| repository.name.to_lowercase()))
        .collect();
    let seen = seen.ok_or_else(|| {
        Refusal::unprocessable(
            "There is at least one repository that does not exist or is not accessible to the \
             parent installation.",
        )
    })?;
    part.repositories = Some(seen);
    Ok(part)
}

/// The repositories that an installation's token sees.
pub(super) fn repositories(call: &Call) -> Result<Answer, Refusal> {
    let Some(installation) = call.caller.installation() else {
        return Err(Refusal::forbidden(
            "You must authenticate with an installation access token in order to list \
             repositories for an installation.",
        ));
    };
    let state: &State = &call.github.state();
    let view = call.view(state);
    let all: Vec<&Repository> = call.seen(state).collect();
    let shown: Vec<_> = call
        .page()
        .cut(&all)
        .into_iter()
        .map(|repository| view.listed_repository(repository))
        .collect();
    let answer = Answer::ok(json!({
        "total_count": all.len(),
        "repository_selection": installation.selection(),
        "repositories": shown,
    }));
    Ok(answer.paged(call, all.len()))
}

/// Ends the token that the request carries.
pub(super) fn revoke_token(call: &Call) -> Result<Answer, Refusal> {
    if call.caller.installation().is_none() {
        return Err(Refusal::forbidden("Resource not accessible by integration"));
    }
    call.github.access().revoke(&call.headers);
    Ok(Answer::nothing())
}
