//! People, and groups of people, as they are and as Slack's objects.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids::{UserGroupId, UserId};
use super::workspace::App;

/// A person, or the app's bot.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: UserId,
    /// The workspace that they belong to; not ours for a stranger.
    pub(super) team_id: String,
    pub(super) name: String,
    pub(super) real_name: String,
    pub(super) email: Option<String>,
    pub(super) is_bot: bool,
    pub(super) tz: String,
    pub(super) locale: String,
    pub(super) joined: Timestamp,
}

/// A named group of people, `@on-call`.
#[derive(Debug, Clone)]
pub(super) struct UserGroup {
    pub(super) id: UserGroupId,
    pub(super) handle: String,
    pub(super) name: String,
    pub(super) users: Vec<UserId>,
    pub(super) created: Timestamp,
}

/// Which of a user's fields the reader gets to see beside the usual ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// The address, which takes a scope of its own.
    pub(super) email: bool,
    /// The language, which is told on demand.
    pub(super) locale: bool,
}

impl User {
    /// Whether they are here by a shared channel alone.
    pub(super) fn is_stranger(&self, app: &App) -> bool {
        self.team_id != app.team_id
    }

    /// The user as Slack's object.
    pub(super) fn object(&self, app: &App, shown: Shown, now: Timestamp) -> Value {
        let zone = jiff::tz::TimeZone::get(&self.tz).unwrap_or(jiff::tz::TimeZone::UTC);
        let zoned = now.to_zoned(zone);
        let label = zoned.strftime("%Z").to_string();
        let mut user = json!({
            "id": self.id.as_str(), "team_id": self.team_id, "name": self.name, "deleted": false,
            "color": "9f69e7", "real_name": self.real_name, "tz": self.tz, "tz_label": label,
            "tz_offset": zoned.offset().seconds(), "profile": self.profile(app, shown),
            "is_admin": false, "is_owner": false, "is_primary_owner": false,
            "is_restricted": false, "is_ultra_restricted": false, "is_bot": self.is_bot,
            "is_app_user": false, "is_email_confirmed": !self.is_bot,
            "updated": self.joined.as_second(), "who_can_share_contact_card": "EVERYONE",
        });
        if shown.locale {
            user["locale"] = json!(self.locale);
        }
        if self.is_stranger(app) {
            user["is_stranger"] = json!(true);
        }
        if self.is_bot {
            user["profile"]["api_app_id"] = json!(app.app_id);
            user["profile"]["bot_id"] = json!(app.bot_id);
            user["profile"]["always_active"] = json!(true);
        }
        user
    }

    /// What a message tells of somebody whom the reader's workspace need not
    /// know.
    pub(super) fn profile_in_message(&self, app: &App) -> Value {
        json!({
            "avatar_hash": "", "image_72": format!("{}/icons/{}_72.svg", app.base_url, self.id),
            "first_name": self.names().0, "real_name": self.real_name, "display_name": self.name,
            "team": self.team_id, "name": self.name, "is_restricted": false,
            "is_ultra_restricted": false,
        })
    }

    /// The first name, and the rest.
    fn names(&self) -> (&str, &str) {
        let whole = (self.real_name.as_str(), "");
        self.real_name.split_once(' ').unwrap_or(whole)
    }

    fn profile(&self, app: &App, shown: Shown) -> Value {
        let (first, last) = self.names();
        let mut profile = json!({
            "title": "", "phone": "", "skype": "", "real_name": self.real_name,
            "real_name_normalized": self.real_name, "display_name": self.name,
            "display_name_normalized": self.name, "fields": {}, "status_text": "",
            "status_emoji": "", "status_expiration": 0, "avatar_hash": "",
            "first_name": first, "last_name": last, "team": self.team_id,
        });
        for size in [24, 32, 48, 72, 192, 512] {
            let url = format!("{}/icons/{}_{size}.svg", app.base_url, self.id);
            profile[format!("image_{size}")] = json!(url);
        }
        if let Some(email) = self.email.as_ref().filter(|_| shown.email) {
            profile["email"] = json!(email);
        }
        profile
    }
}

impl UserGroup {
    /// The group as Slack's object.
    pub(super) fn object(&self, app: &App, include_users: bool) -> Value {
        let mut group = json!({
            "id": self.id.as_str(), "team_id": app.team_id, "is_usergroup": true,
            "is_subteam": true, "name": self.name, "description": "", "handle": self.handle,
            "is_external": false, "date_create": self.created.as_second(),
            "date_update": self.created.as_second(), "date_delete": 0, "auto_type": null,
            "auto_provision": false, "enterprise_subteam_id": "",
            "created_by": app.bot_user.as_str(), "updated_by": app.bot_user.as_str(),
            "deleted_by": null, "prefs": {"channels": [], "groups": []},
            "user_count": self.users.len(),
        });
        if include_users {
            let users: Vec<&str> = self.users.iter().map(UserId::as_str).collect();
            group["users"] = json!(users);
        }
        group
    }
}
