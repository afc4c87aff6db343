//! Methods about people: `users.*` and `usergroups.*`.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::{Call, conversations};
use crate::clock;
use crate::slack::ids::UserId;
use crate::slack::user::Shown;

/// `users.info`: one person.
pub(super) fn info(call: &Call) -> Answer {
    let state = call.slack.state();
    let id = call.user(&state, "user")?;
    let user = state.user(&id).ok_or(ApiError::Refused("user_not_found"))?;
    let shown = call.shown(&state);
    Ok(json!({"user": user.object(&state.app, shown, clock::now())}))
}

/// `users.list`: all people, by pages.
pub(super) fn list(call: &Call) -> Answer {
    let state = call.slack.state();
    let now = clock::now();
    let limit = call.args.limit(1_000, 1_000)?;
    let shown = call.shown(&state);
    let users = state
        .users
        .iter()
        .map(|user| user.object(&state.app, shown, now));
    let (members, next) = conversations::page(call, users.collect(), limit)?;
    Ok(json!({
        "members": members,
        "cache_ts": now.as_second(),
        "response_metadata": {"next_cursor": next},
    }))
}

/// `users.lookupByEmail`: the person of this workspace with an address.
pub(super) fn lookup_by_email(call: &Call) -> Answer {
    let state = call.slack.state();
    let email = call.args.required("email")?.to_lowercase();
    let user = state
        .users
        .iter()
        .filter(|user| !user.is_stranger(&state.app))
        .find(|user| {
            user.email
                .as_ref()
                .is_some_and(|its| its.to_lowercase() == email)
        })
        .ok_or(ApiError::Refused("users_not_found"))?;
    let shown = Shown {
        email: true,
        locale: false,
    };
    Ok(json!({"user": user.object(&state.app, shown, clock::now())}))
}

/// `usergroups.list`: all groups of people.
pub(super) fn groups(call: &Call) -> Answer {
    let state = call.slack.state();
    let include_users = call.args.flag("include_users");
    let include_count = call.args.flag("include_count");
    let groups: Vec<Value> = state
        .user_groups
        .iter()
        .map(|group| {
            let mut object = group.object(&state.app, include_users);
            if !include_count && let Some(fields) = object.as_object_mut() {
                fields.remove("user_count");
            }
            object
        })
        .collect();
    Ok(json!({"usergroups": groups}))
}

/// `usergroups.users.list`: the people of one group.
pub(super) fn group_users(call: &Call) -> Answer {
    let state = call.slack.state();
    let id = call.args.required("usergroup")?;
    let group = state
        .user_groups
        .iter()
        .find(|group| group.id.as_str() == id)
        .ok_or(ApiError::Refused("no_such_subteam"))?;
    let users: Vec<&str> = group.users.iter().map(UserId::as_str).collect();
    Ok(json!({"users": users}))
}
