//! What was meant perhaps: names that differ little from one that is not there.

use crate::{
    github,
    model::{EnvironmentName, RepositoryName, closest},
};

/// Repositories of the same owner whose names differ little, best first, as
/// `owner/name`. None when GitHub does not tell: a suggestion is no reason to
/// fail.
pub(super) async fn closest_repositories(
    github: &github::Client,
    meant: &RepositoryName,
) -> Vec<String> {
    match github.repositories(meant.owner()).await {
        Ok(names) => closest(meant.name(), names.iter().map(String::as_str))
            .into_iter()
            .map(|name| format!("{}/{name}", meant.owner()))
            .collect(),
        Err(error) => {
            tracing::debug!(%error, owner = meant.owner(), "cannot list repositories");
            Vec::new()
        }
    }
}

/// All environments there are, those that differ little first.
pub(super) fn closest_environments(
    meant: &EnvironmentName,
    known: &[EnvironmentName],
) -> Vec<String> {
    let names = || known.iter().map(EnvironmentName::as_str);
    let mut sorted = closest(meant.as_str(), names());
    for name in names() {
        if !sorted.contains(&name) {
            sorted.push(name);
        }
    }
    sorted.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_environments_are_told_the_likely_one_first() {
        let known = ["production", "development", "staging"].map(|name| name.parse().unwrap());
        let told = closest_environments(&"stagin".parse().unwrap(), &known);
        assert_eq!(told, ["staging", "production", "development"]);
    }
}
