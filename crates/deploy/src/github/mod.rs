//! All that knows GitHub: reads over GraphQL, creation over REST, and GitHub's
//! words turned into ours.
//!
//! A call goes so: `client` takes credentials for the owner of the repository
//! from `auth`; `line` waits for a turn of that owner's `account`, and holds the
//! call when its `budget` is short or the `breaker` is open; `transport` sends
//! it. How it went is told to all of them on the way back. What goes on while
//! GitHub does not answer is in `outage`.
//!
//! Octocrab carries the requests (connections, TLS). Its own credentials,
//! retry, cache, paging and GraphQL envelope are not used: they ask for a token
//! per call, repeat a POST without asking, mix up answers, and throw a partial
//! answer away. What takes their place is in `auth`, `client` and `envelope`.

mod account;
mod address;
mod auth;
mod breaker;
mod budget;
mod checks;
mod client;
mod commit;
mod compare;
mod create;
mod deployment;
mod device;
mod end;
mod envelope;
mod environment;
mod error;
mod facts;
mod find;
mod follow;
mod further;
mod history;
mod incident;
mod line;
mod listing;
mod outage;
mod payload;
mod policy;
mod repositories;
mod resolve;
mod status;
mod step;
mod transport;
mod word;

pub use auth::Credentials;
pub use budget::{Budget, Hour, Priority};
pub use client::{Client, Config};
pub use create::NewDeployment;
pub(crate) use device::{Proving, UserToken, slower, tell_not_set_up};
pub use error::{CreateError, EndError, Error, Unavailable};
pub use follow::Followed;
pub use listing::{Listed, ListedPage};
pub use policy::Rules;

use envelope::{Nodes, RepositoryAnswer};

use crate::model::RepositoryName;

/// What is not to be logged: octocrab calls each answer that is no success an
/// error, also the one that a probe is to get. What it means is logged here:
/// that no answer came by the client, the rest where it is dealt with.
pub const LOG_FILTER: &str = "octocrab=off";

/// The variables that name a repository in every query about one.
fn repository_variables(repository: &RepositoryName) -> serde_json::Map<String, serde_json::Value> {
    [
        ("owner".to_owned(), repository.owner().into()),
        ("name".to_owned(), repository.name().into()),
    ]
    .into_iter()
    .collect()
}

/// Repeats the lines of a query that name `item0`, once for each item: GraphQL
/// has no loops, and one call must ask for a list whose length varies.
fn repeated(query: &str, count: usize) -> String {
    let mut whole = String::with_capacity(query.len() + count * 64);
    for line in query.lines() {
        let repeats = if line.contains("item0") { count } else { 1 };
        for item in 0..repeats {
            whole.push_str(&line.replace("item0", &format!("item{item}")));
            whole.push('\n');
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const QUERIES: [(&str, &str); 14] = [
        (
            "commit_checks",
            include_str!("queries/commit_checks.graphql"),
        ),
        ("compare", include_str!("queries/compare.graphql")),
        ("deployments", include_str!("queries/deployments.graphql")),
        ("facts", include_str!("queries/facts.graphql")),
        ("follow", include_str!("queries/follow.graphql")),
        ("history", include_str!("queries/history.graphql")),
        ("listing", include_str!("queries/listing.graphql")),
        ("owned", include_str!("queries/owned.graphql")),
        ("repositories", include_str!("queries/repositories.graphql")),
        (
            "resolve_commit",
            include_str!("queries/resolve_commit.graphql"),
        ),
        ("rules", include_str!("queries/rules.graphql")),
        ("shown", include_str!("queries/shown.graphql")),
        ("status", include_str!("queries/status.graphql")),
        ("visible", include_str!("queries/visible.graphql")),
    ];

    #[test]
    fn every_query_asks_what_it_cost() {
        for (name, query) in QUERIES {
            assert!(query.contains("rateLimit {"), "{name}");
        }
    }

    /// Each query is whole in itself, so that it can be checked against
    /// GitHub's schema alone; the price is that fragments are written more than
    /// once, and must not drift apart.
    #[test]
    fn fragments_of_one_name_are_the_same_everywhere() {
        let mut seen: HashMap<String, String> = HashMap::new();
        for (name, query) in QUERIES {
            for fragment in query.split("fragment ").skip(1) {
                let title = fragment.split(' ').next().unwrap().to_owned();
                let text = fragment
                    .trim()
                    .replace("first: 100, after: $after", "first: 100");
                let first = seen.entry(title.clone()).or_insert_with(|| text.clone());
                assert_eq!(*first, text, "{title} in {name}");
            }
        }
    }

    #[test]
    fn lines_that_name_the_item_are_repeated() {
        insta::assert_snapshot!(
            repeated("query Q(\n  $item0: String!\n) {\n  item0: f(x: $item0)\n}\n", 2),
            @r"
        query Q(
          $item0: String!
          $item1: String!
        ) {
          item0: f(x: $item0)
          item1: f(x: $item1)
        }
        "
        );
    }
}
