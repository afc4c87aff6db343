//! Methods about the app and its workspace: `api.test`, `auth.test`,
//! `apps.connections.open`, `bots.info`, `team.info`.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Call;
use super::answer::{Answer, ApiError};

/// `api.test`: sends the arguments back.
pub(super) fn api_test(call: &Call) -> Answer {
    if let Some(error) = call.args.text("error") {
        // The one error that is the caller's own.
        return Ok(json!({"ok": false, "error": error, "args": call.args.all()}));
    }
    Ok(json!({"args": call.args.all()}))
}

/// `apps.connections.open`: an address for one connection.
pub(super) fn open_connection(call: &Call) -> Answer {
    let mut state = call.slack.state();
    let ticket = state.tickets.give(Instant::now());
    let app = &state.app;
    let address = app.base_url.replacen("http", "ws", 1);
    let id = &app.app_id;
    Ok(json!({"url": format!("{address}/link/?ticket={ticket}&app_id={id}")}))
}

/// `auth.test`: who the token stands for.
pub(super) fn auth_test(call: &Call) -> Answer {
    let app = call.slack.state().app.clone();
    Ok(json!({
        "url": format!("{}/", app.base_url),
        "team": app.team_name,
        "user": app.bot_name,
        "team_id": app.team_id,
        "user_id": app.bot_user.as_str(),
        "bot_id": app.bot_id,
        "is_enterprise_install": false,
    }))
}

/// `bots.info`: the app's bot.
pub(super) fn bot_info(call: &Call) -> Answer {
    let app = call.slack.state().app.clone();
    let asked = call.args.text("bot").unwrap_or_else(|| app.bot_id.clone());
    if asked != app.bot_id {
        return Err(ApiError::Refused("bot_not_found"));
    }
    Ok(json!({"bot": app.bot_profile()}))
}

/// `team.info`: the workspace.
pub(super) fn team_info(call: &Call) -> Answer {
    let app = call.slack.state().app.clone();
    let mut icon = Value::Null;
    for size in [34, 44, 68, 88, 102, 132] {
        icon[format!("image_{size}")] = json!(format!("{}/icons/team_{size}.svg", app.base_url));
    }
    icon["image_default"] = json!(true);
    Ok(json!({"team": {
        "id": app.team_id,
        "name": app.team_name,
        "url": format!("{}/", app.base_url),
        "domain": app.team_domain(),
        "email_domain": "",
        "icon": icon,
        "avatar_base_url": format!("{}/icons/", app.base_url),
        "is_verified": false,
    }}))
}
