//! People, by their Slack user ids: which GitHub account they proved to have, and
//! whether they want to be mentioned.

use super::{Error, Store, database::Args};
use crate::model::KnownPerson;

impl Store {
    /// Forgets which GitHub account a person has; the login, where there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_link(&self, slack: &str) -> Result<Option<String>, Error> {
        let args = &Args::new().text(slack);
        self.write(|transaction| {
            Box::pin(async move {
                let find = "SELECT login FROM people WHERE slack = $1 AND login <> ''";
                let Some(known) = transaction.fetch_first(find, args.clone()).await? else {
                    return Ok(None);
                };
                let forget = "UPDATE people SET login = '' WHERE slack = $1";
                transaction.execute(forget, args.clone()).await?;
                Ok(Some(known.text("login")?))
            })
        })
        .await
    }

    /// Writes whether a person wants to be left out of mentions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_mentions(&self, slack: &str, muted: bool) -> Result<(), Error> {
        let args = &Args::new().text(slack).integer(muted.into());
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "INSERT INTO people (slack, login, linked_at, muted) \
                           VALUES ($1, '', 0, $2) \
                           ON CONFLICT (slack) DO UPDATE SET muted = excluded.muted";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
    }

    /// What is known of those who have one of these logins or Slack user ids; of
    /// whom nothing is known nothing is told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_people(
        &self,
        logins: &[String],
        slack_ids: &[String],
    ) -> Result<Vec<KnownPerson>, Error> {
        let logins: Vec<String> = logins.iter().map(|it| it.to_lowercase()).collect();
        let args = Args::new()
            .texts(logins.iter().map(String::as_str))
            .texts(slack_ids.iter().map(String::as_str));
        let sql = "SELECT slack, login, muted FROM people \
                   WHERE ((login <> '' AND lower(login) IN (SELECT value FROM json_each($1))) \
                   OR slack IN (SELECT value FROM json_each($2))) \
                   AND (login <> '' OR muted <> 0) ORDER BY slack";
        let rows = self.read(sql, args).await?;
        rows.iter()
            .map(|row| {
                Ok(KnownPerson {
                    slack: row.text("slack")?,
                    login: row.text("login")?,
                    muted: row.integer("muted")? != 0,
                })
            })
            .collect()
    }
}
