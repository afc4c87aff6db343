//! All that knows GitHub: reads over GraphQL, creation over REST, and GitHub's
//! words turned into ours.
//!
//! Octocrab carries the requests (base address, token, TLS). Its own retry,
//! cache, paging and GraphQL envelope are not used: they repeat a POST without
//! asking, mix up answers, and throw a partial answer away. What takes their
//! place is in `client` and `envelope`.

mod address;
mod checks;
mod client;
mod commit;
mod compare;
mod create;
mod deployment;
mod envelope;
mod environment;
mod error;
mod facts;
mod follow;
mod history;
mod payload;
mod repositories;
mod resolve;
mod status;
mod step;
mod word;

pub use client::{Client, Config};
pub use create::NewDeployment;
pub use error::{CreateError, Error, Unavailable};

use envelope::{Nodes, RepositoryAnswer};

use crate::model::RepositoryName;

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

    const QUERIES: [(&str, &str); 9] = [
        (
            "commit_checks",
            include_str!("queries/commit_checks.graphql"),
        ),
        ("compare", include_str!("queries/compare.graphql")),
        ("deployments", include_str!("queries/deployments.graphql")),
        ("facts", include_str!("queries/facts.graphql")),
        ("follow", include_str!("queries/follow.graphql")),
        ("history", include_str!("queries/history.graphql")),
        ("repositories", include_str!("queries/repositories.graphql")),
        (
            "resolve_commit",
            include_str!("queries/resolve_commit.graphql"),
        ),
        ("status", include_str!("queries/status.graphql")),
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
