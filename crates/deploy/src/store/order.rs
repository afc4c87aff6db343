//! The order of requests for one environment: those that were accepted earlier
//! are judged first.

use super::{
    Error, Store,
    database::Args,
    row::{self, select_request},
};
use crate::{gate, model::Request};

/// How many are looked at. Mostly there is none; of many, the first of which
/// something is still to come is as good as all.
const FEW: i64 = 10;

/// What is asked of the state first is the condition of an index, word for word:
/// SQLite knows it again by that alone.
const EARLIER: &str = select_request!(
    "WHERE r.state IN ('accepted', 'creating', 'running') \
     AND r.state IN ('accepted', 'creating') AND (r.accepted_at, r.id) < ($1, $2) \
     AND lower(r.repository) = $3 \
     AND lower(r.environment) IN (SELECT value FROM json_each($4)) \
     ORDER BY r.state, r.accepted_at, r.id LIMIT $5"
);

impl Store {
    /// Requests for the same environment that were accepted before this one and
    /// have neither ended nor a deployment yet: a few of them, those first that
    /// wait for a decision, oldest first. One that cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn earlier(&self, request: &Request) -> Result<Vec<Request>, Error> {
        let asked = &request.asked;
        let mut names = gate::namesakes(&asked.environment);
        // SQLite leaves all but ASCII as it is, and Postgres does not.
        names.push(asked.environment.as_str().to_ascii_lowercase());
        let args = Args::new()
            .integer(request.accepted_at.as_millisecond())
            .text(asked.id.as_str())
            .text(asked.repository.to_string().to_lowercase())
            .texts(names.iter().map(String::as_str))
            .integer(FEW);
        let rows = self.read(EARLIER, args).await?;
        Ok(self.readable_of(&rows, &["id"], row::request))
    }
}
