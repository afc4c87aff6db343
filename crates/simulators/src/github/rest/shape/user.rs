//! Users: people, programs and organizations.

use serde_json::{Value, json};

use super::{View, extend};
use crate::github::links::segment;
use crate::github::node::{NodeId, NodeKind};
use crate::github::state::{User, UserKind};

impl View<'_> {
    /// A user by login, or null for one that is not there.
    pub(crate) fn user(&self, login: &str) -> Value {
        self.state
            .user(login)
            .map_or(Value::Null, |user| self.user_shape(user))
    }

    /// The user who made a commit, told by its name and address, or null.
    pub(crate) fn user_of(&self, name: &str, email: &str) -> Value {
        self.state
            .user_of(name, email)
            .map_or(Value::Null, |user| self.user_shape(user))
    }

    /// A user with all that their page shows.
    pub(crate) fn profile(&self, user: &User) -> Value {
        let owned = self
            .state
            .repositories
            .values()
            .filter(|repository| repository.owner.eq_ignore_ascii_case(&user.login))
            .count();
        let mut shape = self.user_shape(user);
        extend(
            &mut shape,
            json!({
                "name": user.name,
                "company": null,
                "blog": "",
                "location": null,
                "email": null,
                "hireable": null,
                "bio": null,
                "twitter_username": null,
                "public_repos": owned,
                "public_gists": 0,
                "followers": 0,
                "following": 0,
                "created_at": user.created_at,
                "updated_at": user.created_at,
            }),
        );
        shape
    }

    fn user_shape(&self, user: &User) -> Value {
        let login = segment(&user.login);
        let api = |below: &str| self.links.api(&format!("/users/{login}{below}"));
        json!({
            "login": user.login,
            "id": user.id,
            "node_id": NodeId::new(NodeKind::User, 0, user.id).to_string(),
            "avatar_url": self.links.avatar(&user.login),
            "gravatar_id": "",
            "url": api(""),
            "html_url": self.links.html(&format!("/{login}")),
            "followers_url": api("/followers"),
            "following_url": api("/following{/other_user}"),
            "gists_url": api("/gists{/gist_id}"),
            "starred_url": api("/starred{/owner}{/repo}"),
            "subscriptions_url": api("/subscriptions"),
            "organizations_url": api("/orgs"),
            "repos_url": api("/repos"),
            "events_url": api("/events{/privacy}"),
            "received_events_url": api("/received_events"),
            "type": match user.kind {
                UserKind::Person => "User",
                UserKind::Bot => "Bot",
                UserKind::Organization => "Organization",
            },
            "user_view_type": "public",
            "site_admin": false,
        })
    }
}
