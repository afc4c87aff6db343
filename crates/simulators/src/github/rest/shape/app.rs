//! The App and its installations.

use serde_json::{Map, Value, json};

use super::View;
use crate::github::app::{App, Installation};

/// What the App may do, which is what a tool for deployments needs. Nothing
/// here keeps it from doing more.
const PERMISSIONS: [(&str, &str); 7] = [
    ("actions", "read"),
    ("checks", "read"),
    ("contents", "read"),
    ("deployments", "write"),
    ("environments", "read"),
    ("metadata", "read"),
    ("statuses", "read"),
];

/// What the App is told of.
const EVENTS: [&str; 7] = [
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "push",
    "status",
    "workflow_run",
];

/// The same as an answer tells it.
pub(crate) fn permissions() -> Map<String, Value> {
    PERMISSIONS
        .into_iter()
        .map(|(name, level)| (name.to_owned(), level.into()))
        .collect()
}

impl View<'_> {
    /// The App, which is installed so often.
    pub(crate) fn registered_app(&self, app: &App, installed: usize) -> Value {
        json!({
            "id": app.id,
            "slug": app.slug,
            "client_id": format!("Iv23{:016}", app.id),
            "node_id": format!("A_{}", app.id),
            "owner": self.user(&app.login()),
            "name": app.slug,
            "description": null,
            "external_url": self.links.html(""),
            "html_url": self.links.html(&format!("/apps/{}", app.slug)),
            "created_at": app.created_at,
            "updated_at": app.created_at,
            "permissions": permissions(),
            "events": EVENTS,
            "installations_count": installed,
        })
    }

    /// An installation of the App.
    pub(crate) fn installation(&self, app: &App, installation: &Installation) -> Value {
        let id = installation.id;
        let account = self.user(&installation.owner);
        json!({
            "id": id,
            "account": account,
            "repository_selection": installation.selection(),
            "access_tokens_url": self.links.api(&format!("/app/installations/{id}/access_tokens")),
            "repositories_url": self.links.api("/installation/repositories"),
            "html_url": self.links.html(&format!(
                "/organizations/{}/settings/installations/{id}",
                installation.owner
            )),
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": account["id"],
            "target_type": account["type"],
            "permissions": permissions(),
            "events": EVENTS,
            "created_at": installation.created_at,
            "updated_at": installation.created_at,
            "single_file_name": null,
            "suspended_by": null,
            "suspended_at": null,
        })
    }
}
