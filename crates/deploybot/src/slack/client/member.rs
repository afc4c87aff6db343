//! Whose an address is, of the people of the bot's own workspace.

use std::{sync::MutexGuard, time::Duration};

use serde::Deserialize;
use tokio::time::Instant;

use super::{Client, Identity};
use crate::{
    recent::Recent,
    slack::{error::Error, id::UserId},
};

/// How long an answer is remembered: people come and go.
const REMEMBERED: Duration = Duration::from_hours(1);
/// Slack's words for an address that is nobody's here.
const NOBODYS: [&str; 2] = ["users_not_found", "user_not_found"];

/// Whose an address was, and when.
#[derive(Debug, Clone)]
pub(super) struct Remembered {
    member: Option<UserId>,
    at: Instant,
}

impl Client {
    /// The full member of the bot's workspace, or of its company, whose address it
    /// is; none where there is none.
    pub(crate) async fn member_by_email(
        &self,
        me: &Identity,
        email: &str,
    ) -> Result<Option<UserId>, Error> {
        let key = email.to_lowercase();
        let remembered = self.members().get(&key).cloned();
        if let Some(known) = remembered.filter(|known| known.at.elapsed() < REMEMBERED) {
            return Ok(known.member);
        }
        let parameters = vec![("email", Some(email.to_owned()))];
        let answer: Result<Answer, Error> =
            self.get(&self.bot, "users.lookupByEmail", parameters).await;
        let member = match answer {
            Ok(answer) => answer.user.is_full_member(me).then_some(answer.user.id),
            Err(Error::Refused(why) | Error::Unknown(why))
                if NOBODYS.iter().any(|word| why.starts_with(word)) =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        let at = Instant::now();
        let remembered = Remembered {
            member: member.clone(),
            at,
        };
        self.members().insert(key, remembered);
        Ok(member)
    }

    fn members(&self) -> MutexGuard<'_, Recent<String, Remembered>> {
        self.members
            .lock()
            .expect("nothing panics while it holds the members")
    }
}

#[derive(Deserialize)]
struct Answer {
    user: User,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "Slack tells them one by one")]
struct User {
    id: UserId,
    #[serde(default)]
    team_id: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_bot: bool,
    /// A guest of some channels, or of one.
    #[serde(default)]
    is_restricted: bool,
    #[serde(default)]
    is_ultra_restricted: bool,
    /// Of another company, here by a shared channel.
    #[serde(default)]
    is_stranger: bool,
    /// Left out where Slack does not tell.
    is_email_confirmed: Option<bool>,
}

impl User {
    fn is_full_member(&self, me: &Identity) -> bool {
        let is_less = self.deleted
            || self.is_bot
            || self.is_restricted
            || self.is_ultra_restricted
            || self.is_stranger;
        !is_less && self.is_email_confirmed != Some(false) && me.is_ours(&self.team_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_full_members_are_found_by_their_address() {
        let me: Identity =
            serde_json::from_value(json!({"user_id": "U0BOT", "team_id": "T1"})).unwrap();
        let is_full = |change: serde_json::Value| {
            let mut user = json!({"id": "U1", "team_id": "T1", "is_email_confirmed": true});
            let fields = change.as_object().unwrap().clone();
            user.as_object_mut().unwrap().extend(fields);
            serde_json::from_value::<User>(user)
                .unwrap()
                .is_full_member(&me)
        };
        assert!(is_full(json!({})));
        for change in [
            json!({"deleted": true}),
            json!({"is_bot": true}),
            json!({"is_restricted": true}),
            json!({"is_ultra_restricted": true}),
            json!({"is_stranger": true}),
            json!({"team_id": "T2"}),
            json!({"team_id": ""}),
            json!({"is_email_confirmed": false}),
        ] {
            assert!(!is_full(change.clone()), "{change}");
        }
    }
}
