//! Did you mean: the one among what there is that is nearest to what was typed.
//!
//! The deploy service names what was perhaps meant by the same rule, so that it
//! makes no difference who says it; nicknames of environments are known here
//! alone.

use deploy_proto::v1;

/// The candidate that was perhaps meant: the same but for case, or one begins
/// with the other, or at most a third of what was typed would have to be
/// changed. The nearest of them; of equals the first.
pub(crate) fn closest<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    let furthest = (length / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let known = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&typed, &known);
            let begins = length >= 3 && (known.starts_with(&typed) || typed.starts_with(&known));
            // All letters changed leave nothing that is alike.
            let is_alike = distance < known.chars().count();
            ((distance <= furthest && is_alike) || begins).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What environments are also called: too short or too different to be near.
const NICKNAMES: [(&str, &[&str]); 3] = [
    ("production", &["prod", "prd", "live"]),
    ("staging", &["stage", "stg"]),
    ("development", &["dev", "devel"]),
];

/// The environment that was perhaps meant: the nearest, or the one that goes by
/// this nickname.
pub(crate) fn closest_environment<'a>(typed: &str, environments: &'a [String]) -> Option<&'a str> {
    let names = || environments.iter().map(String::as_str);
    let meant = || {
        let nickname = typed.to_lowercase();
        let (full, _) = NICKNAMES
            .iter()
            .find(|(_, nicknames)| nicknames.contains(&nickname.as_str()))?;
        names().find(|name| name.eq_ignore_ascii_case(full))
    };
    closest(typed, names()).or_else(meant)
}

/// What a channel follows that was perhaps meant to be ended: its repository, whole,
/// and, where one was typed, its environment. Whose a bare name is meant to be nobody
/// knows, so that what is followed of the same name is told by its owner.
pub(crate) fn closest_followed<'a>(
    all: &'a [v1::Subscription],
    repository: &str,
    environment: Option<&str>,
) -> Option<(&'a str, Option<&'a str>)> {
    let name = |one: &'a v1::Subscription| {
        let bare = one.repository.rsplit('/').next();
        let bare = bare.filter(|_| !repository.contains('/'));
        bare.unwrap_or(&one.repository)
    };
    // What a repository's own file names nobody ends here.
    let ends = || all.iter().filter(|one| one.requester.is_some());
    let nearest = closest(repository, ends().map(name))?;
    let mut nearest = ends().filter(|one| name(one) == nearest);
    let meant = match environment {
        None => (nearest.next()?.repository.as_str(), None),
        Some(typed) => {
            let nearest: Vec<_> = nearest.collect();
            let environments: Vec<_> = nearest.iter().map(|one| one.environment.clone()).collect();
            let environment = closest_environment(typed, &environments)?;
            let meant = nearest.iter().find(|one| one.environment == environment)?;
            (meant.repository.as_str(), Some(meant.environment.as_str()))
        }
    };
    (meant != (repository, environment)).then_some(meant)
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1;

    use super::{closest, closest_environment, closest_followed};

    #[test]
    fn what_a_channel_follows_is_meant_where_it_can_be_ended_there() {
        let one = |repository: &str, environment: &str, is_asked: bool| v1::Subscription {
            repository: repository.to_owned(),
            environment: environment.to_owned(),
            requester: is_asked.then(v1::Person::default),
            ..v1::Subscription::default()
        };
        let all = [
            one("acme/people", "production", true),
            one("acme/people", "staging", true),
            one("other/people", "preview", true),
            one("other/shop", "production", true),
            one("acme/web", "production", false),
        ];
        let meant = |repository: &str, environment: Option<&str>| {
            let (repository, environment) = closest_followed(&all, repository, environment)?;
            let words = [Some(repository), environment];
            Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
        };
        for (repository, environment, line) in [
            ("peple", None, "acme/people"),
            ("acme/peple", None, "acme/people"),
            // Another owner's than that of who does not name one.
            ("shop", None, "other/shop"),
            ("peple", Some("prd"), "acme/people production"),
            ("people", Some("stagign"), "acme/people staging"),
            // Of two owners that which has it.
            ("peple", Some("preveiw"), "other/people preview"),
            ("other/peple", Some("preveiw"), "other/people preview"),
        ] {
            let told = meant(repository, environment);
            assert_eq!(told.as_deref(), Some(line), "{repository}");
        }
        for (repository, environment) in [
            ("banana", None),
            ("peple", Some("qa")),
            ("acme/people", Some("preview")),
            // Its file names the channel.
            ("wbe", None),
            // As it was typed.
            ("other/shop", None),
            ("acme/people", Some("staging")),
        ] {
            assert_eq!(meant(repository, environment), None, "{repository}");
        }
    }

    #[test]
    fn nicknames_of_environments_are_known_where_those_exist() {
        let both = ["Production", "staging"].map(str::to_owned);
        for (typed, meant) in [
            ("prd", Some("Production")),
            ("LIVE", Some("Production")),
            ("stage", Some("staging")),
            ("dev", None),
            ("stagign", Some("staging")),
            ("qa", None),
        ] {
            assert_eq!(closest_environment(typed, &both), meant, "{typed}");
        }
        let near = ["production", "prod"].map(str::to_owned);
        assert_eq!(closest_environment("prd", &near), Some("prod"));
    }

    #[test]
    fn slips_of_the_fingers_are_forgiven() {
        let environments = ["production", "staging", "development"];
        for (typed, meant) in [
            ("prodution", Some("production")),
            ("PRODUCTION", Some("production")),
            ("stagign", Some("staging")),
            ("dvelopmnt", Some("development")),
            ("stag", Some("staging")),
            ("staging2", Some("staging")),
            ("qa", None),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(closest(typed, environments), meant, "{typed}");
        }
    }

    #[test]
    fn a_single_letter_is_near_to_nothing() {
        assert_eq!(closest("x", ["y", "?"]), None);
    }
}
