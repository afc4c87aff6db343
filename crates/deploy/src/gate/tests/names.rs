//! Which environment a name means.

use super::{super::*, name};
use crate::model::PolicyFile;

#[test]
fn prod_means_production_unless_there_is_a_prod() {
    let resolved = |asked: &str, known: &[&str]| {
        let known: Vec<EnvironmentName> = known.iter().map(|known| name(known)).collect();
        resolve_environment(&name(asked), &known).map(ToString::to_string)
    };
    assert_eq!(
        resolved("prod", &["production", "staging"]).as_deref(),
        Some("production")
    );
    assert_eq!(
        resolved("PROD", &["Production"]).as_deref(),
        Some("Production")
    );
    assert_eq!(
        resolved("prod", &["production", "Prod"]).as_deref(),
        Some("Prod")
    );
    assert_eq!(
        resolved("STAGING", &["Staging", "staging"]).as_deref(),
        Some("Staging")
    );
    assert_eq!(
        resolved("staging", &["Staging", "staging"]).as_deref(),
        Some("staging")
    );
    assert_eq!(
        resolved("production", &["prod"]),
        None,
        "the alias goes one way"
    );
    assert_eq!(resolved("stag", &["staging"]), None);
}

#[test]
fn namesakes_are_what_others_may_have_called_it() {
    let called = |asked: &str| namesakes(&name(asked));
    for asked in ["prod", "Production"] {
        assert_eq!(called(asked), ["production", "prod"]);
    }
    assert_eq!(called("Staging"), ["staging"]);
}

#[test]
fn spellings_are_what_github_may_know_it_by() {
    let spelled = |asked: &str| {
        spellings(&name(asked))
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(spelled("production"), "production");
    assert_eq!(spelled("Staging"), "Staging staging");
    assert_eq!(spelled("PROD"), "PROD prod production");
}

#[test]
fn the_channel_of_prod_is_that_of_production_where_there_is_no_prod() {
    let channels = |text: &str, known: &[&str]| {
        let policy = Policy::read(PolicyFile::Text(text)).unwrap();
        let known: Vec<_> = known.iter().map(|known| name(known)).collect();
        let channels = channels(&policy, &known).into_iter();
        let channels = channels.map(|(name, channel)| format!("{name}: {channel}"));
        channels.collect::<Vec<_>>().join(", ")
    };
    let prod = "environments:\n  prod: {channel: C01}\n  QA: {channel: C02}\n";
    assert_eq!(
        channels(prod, &["Production", "qa"]),
        "Production: C01, qa: C02"
    );
    assert_eq!(
        channels(prod, &["production", "prod"]),
        "prod: C01, QA: C02"
    );
    assert_eq!(channels(prod, &[]), "prod: C01, QA: C02");
    let both = "environments:\n  prod: {channel: C01}\n  production: {channel: C02}\n";
    assert_eq!(
        channels(both, &["production"]),
        "prod: C01, production: C02"
    );
}
