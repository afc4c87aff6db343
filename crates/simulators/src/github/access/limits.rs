//! How much each caller may ask, in GitHub's documented numbers unless they are
//! set otherwise.

use serde::{Deserialize, Serialize};

/// What an hour allows a token, and at least an installation.
const PER_HOUR: u64 = 5_000;

/// What an hour allows an installation at most.
const INSTALLATION_MOST: u64 = 12_500;

/// With more repositories than this an installation may ask more.
const FREE_REPOSITORIES: u64 = 20;

/// What each further repository adds to an installation's hour.
const PER_REPOSITORY: u64 = 50;

/// How much each caller may ask. What is left out in the control API's form is
/// GitHub's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// REST requests an hour of a plain token: 5,000.
    pub rest_per_hour: u64,
    /// GraphQL points an hour of a plain token: 5,000.
    pub graphql_per_hour: u64,
    /// REST requests an hour of an installation. None is GitHub's rule: 5,000,
    /// and 50 more for each repository beyond 20, up to 12,500.
    pub installation_rest_per_hour: Option<u64>,
    /// GraphQL points an hour of an installation; none is the same rule.
    pub installation_graphql_per_hour: Option<u64>,
    /// What guards against bursts; none guards against nothing.
    pub secondary: Option<SecondaryLimits>,
}

/// The limits that guard against bursts. They are counted over any minute, or
/// hour, that ends now; what they refuse is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondaryLimits {
    /// Requests under way at once, REST and GraphQL together: 100.
    pub concurrent: u64,
    /// Points a minute of REST, of which reading costs 1 and writing 5: 900.
    pub rest_points_per_minute: u64,
    /// Points a minute of GraphQL, of which a query costs 1: 2,000.
    pub graphql_points_per_minute: u64,
    /// Requests a minute that create content: 80.
    pub creates_per_minute: u64,
    /// Requests an hour that create content: 500.
    pub creates_per_hour: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rest_per_hour: PER_HOUR,
            graphql_per_hour: PER_HOUR,
            installation_rest_per_hour: None,
            installation_graphql_per_hour: None,
            secondary: Some(SecondaryLimits::default()),
        }
    }
}

impl Default for SecondaryLimits {
    fn default() -> Self {
        Self {
            concurrent: 100,
            rest_points_per_minute: 900,
            graphql_points_per_minute: 2_000,
            creates_per_minute: 80,
            creates_per_hour: 500,
        }
    }
}

impl Limits {
    /// No limit that anybody reaches.
    pub fn none() -> Self {
        Self {
            secondary: None,
            ..Self::hourly(u64::from(u32::MAX))
        }
    }

    /// GitHub's, but for what an hour allows: so many REST requests, and so many
    /// GraphQL points, to each token and installation.
    pub fn hourly(limit: u64) -> Self {
        Self {
            rest_per_hour: limit,
            graphql_per_hour: limit,
            installation_rest_per_hour: Some(limit),
            installation_graphql_per_hour: Some(limit),
            ..Self::default()
        }
    }
}

/// GitHub's rule for what an hour allows an installation that sees so many
/// repositories.
pub(super) fn of_installation(repositories: u64) -> u64 {
    let further = repositories.saturating_sub(FREE_REPOSITORIES);
    (PER_HOUR + further * PER_REPOSITORY).min(INSTALLATION_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_of_many_repositories_may_ask_more() {
        for (repositories, limit) in [(0, 5_000), (20, 5_000), (21, 5_050), (300, 12_500)] {
            assert_eq!(of_installation(repositories), limit);
        }
    }

    #[test]
    fn what_is_left_out_is_githubs_number() {
        let read = |text| serde_json::from_str::<Limits>(text).unwrap();
        assert_eq!(read("{}"), Limits::default());
        let some = read(r#"{"secondary": {"creates_per_minute": 2}}"#);
        assert_eq!(some.secondary.unwrap().creates_per_minute, 2);
        assert_eq!(some.secondary.unwrap().creates_per_hour, 500);
        assert_eq!(read(r#"{"secondary": null}"#).secondary, None);
    }
}
