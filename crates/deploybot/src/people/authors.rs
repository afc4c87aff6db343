//! Who wrote commits, as Slack knows them: by the operator's table, else by the
//! account that they proved to have, else by the address in their commits. Never by
//! a name that is shown, which anybody may choose. An account is known by its number
//! where GitHub tells it: a login may have become somebody else's.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use deploy_proto::v1;
use futures::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::People;
use crate::{
    deploy::{Client as Deploy, Error},
    slack::id::UserId,
    view::Named,
};

/// How long Slack is asked whose the addresses are; who is not found by then is
/// only named.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many addresses are asked about at once.
const AT_ONCE: usize = 5;

impl People {
    /// The authors, each once: those whom Slack knows, in their order, and then the
    /// others, who can only be named.
    ///
    /// # Errors
    /// When the deploy service does not say who they are, or who is muted.
    pub(crate) async fn authors(
        &self,
        deploy: &Deploy,
        authors: &[v1::Author],
    ) -> Result<Vec<Named>, Error> {
        let by_table = |author: &v1::Author| self.table.get(&author.login).cloned();
        let mut users: Vec<Option<UserId>> = authors.iter().map(by_table).collect();
        let logins = authors.iter().map(|author| author.login.clone());
        let accounts = authors.iter().map(|author| author.account);
        let mut known = Known::default();
        let request = v1::FindPeopleRequest {
            logins: logins.filter(|login| !login.is_empty()).collect(),
            slack_ids: ids(&users),
            accounts: accounts.filter(|account| *account != 0).collect(),
        };
        known.ask(deploy, request).await?;
        for (user, author) in users.iter_mut().zip(authors) {
            if user.is_none() {
                *user = known.by_account(author);
            }
        }
        let found = self.by_address(&users, authors).await;
        let request = v1::FindPeopleRequest {
            slack_ids: found.values().map(ToString::to_string).collect(),
            ..v1::FindPeopleRequest::default()
        };
        known.ask(deploy, request).await?;
        for (at, user) in found {
            users[at] = Some(user);
        }
        let mut named: Vec<Named> = Vec::new();
        for (user, author) in users.iter().zip(authors) {
            let Some(user) = user else { continue };
            let slack = user.to_string();
            if named.iter().any(|known| known.person.slack == slack) {
                continue;
            }
            named.push(Named {
                is_muted: known.is_muted(&slack),
                person: v1::Person {
                    slack,
                    github: author.login.clone(),
                    name: author.name.clone(),
                },
            });
        }
        let unknown = users.iter().zip(authors).filter(|(user, _)| user.is_none());
        for (_, author) in unknown {
            let name = [&author.login, &author.name];
            let Some(name) = name.into_iter().find(|name| !name.is_empty()) else {
                continue;
            };
            // Who is told already may have the name that another shows, and an account
            // no other has.
            let is_told = |told: &Named| match told.person.slack.is_empty() {
                true => told.person.name == *name,
                false => told.person.github == *name && !author.login.is_empty(),
            };
            if !named.iter().any(is_told) {
                named.push(Named::only(name));
            }
        }
        Ok(named)
    }

    /// Whom Slack knows by the address in their commits, of those who are not known
    /// yet, by their places.
    async fn by_address(
        &self,
        users: &[Option<UserId>],
        authors: &[v1::Author],
    ) -> HashMap<usize, UserId> {
        let until = Instant::now() + PATIENCE;
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (user, author)) in users.iter().zip(authors).enumerate() {
            if user.is_none() && is_somebodys(&author.email) {
                let address = author.email.to_lowercase();
                places.entry(address).or_default().push(at);
            }
        }
        let asked: Vec<_> = places
            .into_iter()
            .map(|(email, places)| self.by_one_address(places, email, until))
            .collect();
        let found: Vec<_> = stream::iter(asked)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        found.into_iter().flatten().collect()
    }

    async fn by_one_address(
        &self,
        places: Vec<usize>,
        email: String,
        until: Instant,
    ) -> Vec<(usize, UserId)> {
        let asked = self.slack.member_by_email(&self.me, &email);
        match timeout_at(until, asked).await {
            Ok(Ok(Some(user))) => {
                return places.into_iter().map(|at| (at, user.clone())).collect();
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "Slack does not say who has an address; they are only named");
            }
            Err(_) => {
                tracing::warn!(
                    "Slack takes too long to say who has an address; they are only named"
                );
            }
        }
        Vec::new()
    }
}

/// What the deploy service knows of people.
#[derive(Default)]
struct Known(Vec<v1::KnownPerson>);

impl Known {
    async fn ask(&mut self, deploy: &Deploy, request: v1::FindPeopleRequest) -> Result<(), Error> {
        if request != v1::FindPeopleRequest::default() {
            self.0.extend(deploy.find_people(request).await?);
        }
        Ok(())
    }

    /// Who proved to have the account. By its login only where nobody has the number,
    /// and one of the two numbers is not known: a login can be another's by now.
    fn by_account(&self, author: &v1::Author) -> Option<UserId> {
        let has_number =
            |known: &&v1::KnownPerson| known.account != 0 && known.account == author.account;
        let has_login = |known: &&v1::KnownPerson| {
            (known.account == 0 || author.account == 0)
                && !author.login.is_empty()
                && known.login.eq_ignore_ascii_case(&author.login)
        };
        let known = self.0.iter();
        let known = known
            .clone()
            .find(has_number)
            .or_else(|| known.clone().find(has_login))?;
        Some(UserId::from(known.slack.as_str()))
    }

    fn is_muted(&self, slack: &str) -> bool {
        self.0
            .iter()
            .any(|known| known.slack == slack && known.muted)
    }
}

fn ids(users: &[Option<UserId>]) -> Vec<String> {
    users.iter().flatten().map(ToString::to_string).collect()
}

/// Whether an address may lead to somebody: GitHub gives out addresses that lead to
/// nobody, for those who keep theirs to themselves.
fn is_somebodys(email: &str) -> bool {
    let Some((name, domain)) = email.rsplit_once('@') else {
        return false;
    };
    let domain = domain.to_ascii_lowercase();
    !name.is_empty()
        && email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && domain.contains('.')
        && !domain.starts_with("users.noreply.")
        && !domain.starts_with("noreply.")
        && !name.eq_ignore_ascii_case("noreply")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_known_by_its_number_and_by_its_login_where_there_is_none() {
        let person = |slack: &str, login: &str, account| v1::KnownPerson {
            slack: slack.to_owned(),
            login: login.to_owned(),
            account,
            muted: false,
        };
        let known = Known(vec![
            person("U1", "minji", 7),
            person("U2", "joon", 0),
            // Who is called joon by now.
            person("U3", "joon-lee", 10),
        ]);
        let found = |login: &str, account| {
            let author = v1::Author {
                login: login.to_owned(),
                account,
                ..v1::Author::default()
            };
            known.by_account(&author).map(|user| user.to_string())
        };
        assert_eq!(found("minji", 7).as_deref(), Some("U1"));
        assert_eq!(found("minji-kim", 7).as_deref(), Some("U1"), "renamed");
        assert_eq!(found("minji", 8), None, "somebody else took the name");
        assert_eq!(found("Minji", 0).as_deref(), Some("U1"));
        assert_eq!(found("joon", 9).as_deref(), Some("U2"));
        assert_eq!(found("joon", 10).as_deref(), Some("U3"), "the number first");
        assert_eq!(found("", 0), None);
    }

    #[test]
    fn an_address_that_leads_to_nobody_is_not_asked_about() {
        assert!(is_somebodys("minji@acme.example"));
        for email in [
            "",
            "minji",
            "@acme.example",
            "minji@localhost",
            "1+minji@users.noreply.github.com",
            "minji@Users.NoReply.github.com",
            "noreply@github.com",
            "mi nji@acme.example",
            "minji@acme.example\n",
            &format!("{}@acme.example", "a".repeat(250)),
        ] {
            assert!(!is_somebodys(email), "{email:?}");
        }
    }
}
