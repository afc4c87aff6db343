//! What a refusal says of what is not there.

use super::*;
use crate::view::fixtures::{EN, sha};

fn told(reason: Reason, about: About<'_>, candidates: &[&str]) -> String {
    let candidates: Vec<_> = candidates.iter().map(|&name| name.to_owned()).collect();
    not_found(EN, reason, about, &candidates).to_string()
}

#[test]
fn an_unknown_commit_is_repeated_as_it_was_typed() {
    let told = |commit: &str, candidates: &[&str]| {
        let about = About {
            repository: "acme/people",
            environment: "staging",
            commit,
            checks: None,
            stands: false,
        };
        told(Reason::UnknownCommit, about, candidates)
    };
    let sentences = [
        told("968458f0000000", &[]),
        told("96845", &[]),
        told(&sha("968458f"), &[]),
        told("968458f0000000", &[&sha("968458f1")]),
    ];
    insta::assert_snapshot!(sentences.join("\n"), @"
    *people* has no commit `968458f0000000`. `@deploybot status acme/people` lists the newest commits.
    *people* has no commit `96845`. `@deploybot status acme/people` lists the newest commits.
    *people* has no commit `968458f00000`. `@deploybot status acme/people` lists the newest commits.
    *people* has no commit `968458f0`. Did you mean `968458f1`? `@deploybot status acme/people` lists the newest commits.
    ");
}

#[test]
fn an_environment_is_meant_by_its_nickname_as_well() {
    let told = |environment: &str| {
        let about = About {
            repository: "acme/people",
            environment,
            commit: "a1b2c3d",
            checks: None,
            stands: false,
        };
        told(
            Reason::UnknownEnvironment,
            about,
            &["production", "staging"],
        )
    };
    let sentences = ["prd", "stage", "live", "qa"].map(told);
    insta::assert_snapshot!(sentences.join("\n"), @"
    There is no environment `prd` in *people*. Did you mean `production`? It has: `production`, `staging`.
    There is no environment `stage` in *people*. Did you mean `staging`? It has: `production`, `staging`.
    There is no environment `live` in *people*. Did you mean `production`? It has: `production`, `staging`.
    There is no environment `qa` in *people*. It has: `production`, `staging`. A new one is made in the repository's settings on GitHub.
    ");
}

#[test]
fn an_environment_alone_is_no_repository() {
    let told = |repository: &str, environment: &str, candidates: &[&str]| {
        let about = About {
            repository,
            environment,
            commit: "",
            checks: None,
            stands: false,
        };
        told(Reason::UnknownRepository, about, candidates)
    };
    let sentences = [
        told("production", "", &[]),
        told("prod", "", &["acme/products"]),
        told("people", "", &[]),
        told("production", "people", &[]),
    ];
    insta::assert_snapshot!(sentences.join("\n"), @"
    There is no repository `production` that I can see. If you mean the environment, its repository comes first: `@deploybot history &lt;repository&gt; production`.
    There is no repository `prod` that I can see. Did you mean `acme/products`? If you mean the environment, its repository comes first: `@deploybot history &lt;repository&gt; prod`.
    There is no repository `people` that I can see. If it is there, whoever administers it has to give me access.
    There is no repository `production` that I can see. The repository comes first, then the environment: did you mean `@deploybot history people production`?
    ");
}

/// A tree of that name may hide a second commit.
#[test]
fn digits_of_a_single_commit_that_are_not_sure_are_told() {
    let about = About {
        repository: "acme/people",
        environment: "production",
        commit: "9684",
        checks: None,
        stands: false,
    };
    insta::assert_snapshot!(told(Reason::AmbiguousCommit, about, &["968458f00000"]), @"`9684` is too short to be sure in *people*: `968458f00000`. Write more digits of the one you mean.");
}
