//! Who somebody is to Slack: the name that others see, the language in which they
//! use it, whose people they are, and whether they are a guest.

use std::sync::MutexGuard;

use serde::Deserialize;
use tokio::time::Instant;

use super::Client;
use crate::{
    recent::Recent,
    slack::{
        error::Error,
        id::{EnterpriseId, TeamId, UserId},
    },
    words::Language,
};

/// Who somebody is, as Slack tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The name that people see.
    pub(crate) name: String,
    /// In which they use Slack; none where the bot does not speak it.
    pub(crate) language: Option<Language>,
    /// The workspace that they belong to.
    pub(crate) team: Option<TeamId>,
    /// The company of that workspace, where it has several.
    pub(crate) enterprise: Option<EnterpriseId>,
    /// They were let into some channels, or into one, and are no full member.
    pub(crate) is_guest: bool,
}

/// Who somebody was when Slack was asked.
#[derive(Debug, Clone)]
pub(super) struct Known {
    profile: Profile,
    at: Instant,
}

impl Client {
    /// Who somebody was when Slack told last; none where that is a while ago, because
    /// people change their name and their language.
    pub(crate) fn young_profile(&self, user: &UserId) -> Option<Profile> {
        let known = self.profiles().get(user).cloned();
        let is_young = |known: &Known| {
            let kept = match known.profile.is_guest {
                true => self.guest_kept,
                false => self.profile_kept,
            };
            known.at.elapsed() < kept
        };
        known.filter(is_young).map(|known| known.profile)
    }

    /// Asks who somebody is, and remembers it.
    pub(crate) async fn ask_profile(&self, user: &UserId) -> Result<(), Error> {
        let parameters = vec![
            ("user", Some(user.as_str().to_owned())),
            ("include_locale", Some("true".to_owned())),
        ];
        let answer: UserInfo = self.get(&self.bot, "users.info", parameters).await?;
        let known = Known {
            profile: answer.user.profile(),
            at: Instant::now(),
        };
        self.profiles().insert(user.clone(), known);
        Ok(())
    }

    /// Who somebody was when Slack told last; none where it never did.
    pub(crate) fn last_profile(&self, user: &UserId) -> Option<Profile> {
        let known = self.profiles().get(user).cloned();
        known.map(|known| known.profile)
    }

    fn profiles(&self) -> MutexGuard<'_, Recent<UserId, Known>> {
        self.profiles
            .lock()
            .expect("nothing panics while it holds the profiles")
    }
}

#[derive(Deserialize)]
struct UserInfo {
    user: User,
}

#[derive(Deserialize)]
struct User {
    id: UserId,
    name: Option<String>,
    real_name: Option<String>,
    profile: Option<Shown>,
    locale: Option<String>,
    team_id: Option<TeamId>,
    enterprise_user: Option<EnterpriseUser>,
    /// A guest of some channels.
    #[serde(default)]
    is_restricted: bool,
    /// A guest of one.
    #[serde(default)]
    is_ultra_restricted: bool,
}

#[derive(Deserialize)]
struct EnterpriseUser {
    enterprise_id: Option<EnterpriseId>,
}

#[derive(Deserialize)]
struct Shown {
    display_name: Option<String>,
}

impl User {
    fn profile(mut self) -> Profile {
        let enterprise = self.enterprise_user.take();
        Profile {
            team: self.team_id.take(),
            enterprise: enterprise.and_then(|it| it.enterprise_id),
            is_guest: self.is_restricted || self.is_ultra_restricted,
            language: self.locale.as_deref().and_then(Language::from_locale),
            name: self.name_to_show(),
        }
    }

    /// As Slack's own clients do: the display name, else the full name.
    fn name_to_show(self) -> String {
        [
            self.profile.and_then(|shown| shown.display_name),
            self.real_name,
            self.name,
        ]
        .into_iter()
        .flatten()
        .find(|name| !name.trim().is_empty())
        .unwrap_or_else(|| self.id.to_string())
    }
}
