//! The GitHub App: tokens for each owner, asked for once, renewed in time, and
//! lost, refused or late as they may be.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use deploy::{
    Clock,
    github::{Client, CreateError, Credentials, Error, Unavailable},
    model::{DeploymentId, RepositoryName},
    whole_chain,
};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::{
    github_app_server::{APP, KEY, Server, at},
    github_faults::new_deployment,
    service::eventually,
};

#[tokio::test]
async fn fifty_callers_get_one_token() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    let asked = (0..50).map(|_| client.repositories("acme"));
    for names in futures::future::join_all(asked).await {
        assert_eq!(names.unwrap(), ["people"]);
    }
    let told = server.told();
    assert_eq!(
        told.app_calls,
        [
            "/users/acme/installation",
            "/app/installations/1/access_tokens"
        ]
    );
    assert_eq!(told.calls.len(), 50);
    assert!(told.calls.iter().all(|(_, token)| *token == told.tokens[0]));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_used_to_its_end_where_that_fails() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    let used = async |seconds| {
        server.at(seconds);
        client.repositories("ACME").await.unwrap();
        let told = server.told();
        let (_, used) = told.calls.last().unwrap().clone();
        (told.tokens.len(), used == *told.tokens.last().unwrap())
    };
    assert_eq!(used(0).await, (1, true));
    assert_eq!(used(3_299).await, (1, true));
    server.told().no_tokens = vec![StatusCode::BAD_GATEWAY];
    assert_eq!(used(3_301).await, (1, true), "GitHub gives no new one now");
    assert_eq!(used(3_302).await, (2, true));
    assert_eq!(server.lookups(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once_and_the_call_is_made_again() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    client.repositories("acme").await.unwrap();
    server.told().refusals = vec![StatusCode::UNAUTHORIZED];
    client.create(&new_deployment()).await.unwrap();
    {
        let told = server.told();
        assert_eq!(told.tokens.len(), 2);
        let create = "POST /repos/acme/people/deployments".to_owned();
        let posts = [0, 1].map(|token| (create.clone(), told.tokens[token].clone()));
        assert_eq!(told.calls[1..], posts);
    }
    server.told().refusals = vec![StatusCode::UNAUTHORIZED; 2];
    let error = client.repositories("acme").await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized), "{error:?}");
    let told = server.told();
    assert_eq!((told.tokens.len(), told.calls.len()), (3, 5));
}

#[tokio::test]
async fn an_owner_without_the_app_is_told_and_asked_for_again_later() {
    let server = Server::installed_for(&[]).await;
    let client = server.client();
    for _ in 0..3 {
        let error = client.repositories("acme").await.unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"the GitHub App is not installed for acme");
        }
        let outcome = client.create(&new_deployment()).await;
        let not_sent = matches!(
            outcome,
            Err(CreateError::NotSent(Error::NotInstalled { .. }))
        );
        assert!(not_sent, "{outcome:?}");
    }
    assert_eq!(server.lookups(), 1);
    server.install("acme", 7);
    server.at(31);
    client.repositories("acme").await.unwrap();
    assert_eq!(server.lookups(), 2);
    // It was removed and installed anew: its tokens are given under another id.
    server.install("acme", 8);
    server.at(4_000);
    client.repositories("acme").await.unwrap();
    assert_eq!(server.lookups(), 3);
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_off_does_no_harm() {
    for ours in [-600, 600, 7_200] {
        let server = Server::installed_for(&["acme"]).await;
        let client = server.client();
        server.our_time.store(ours, Ordering::Relaxed);
        client.repositories("acme").await.unwrap();
        client.repositories("acme").await.unwrap();
        let told = server.told();
        assert_eq!((told.refused_jwts, told.tokens.len()), (1, 1), "{ours}");
    }
}

#[tokio::test]
async fn each_owner_has_a_token_and_one_without_it_keeps_none_back() {
    let server = Server::installed_for(&["acme", "globex"]).await;
    let client = server.client();
    let known = ["acme/people", "globex/web", "ACME/api", "initech/tps"].map(|repository| {
        let id = DeploymentId {
            number: 1,
            node: repository.to_owned(),
        };
        (RepositoryName::parse(repository, None).unwrap(), id)
    });
    let followed = client.follow(&known).await;
    let (told, untold): (Vec<_>, Vec<_>) = followed.iter().partition(|(_, told)| told.is_ok());
    let told: Vec<&str> = told.iter().map(|(id, _)| id.node.as_str()).collect();
    assert_eq!(told, ["acme/people", "ACME/api", "globex/web"]);
    assert!(
        matches!(untold[0].1, Err(Error::NotInstalled { .. })),
        "{untold:?}"
    );
    {
        let told = server.told();
        let tokens: Vec<&String> = told.calls.iter().map(|(_, token)| token).collect();
        assert_eq!(tokens, [&told.tokens[0], &told.tokens[1]]);
    }
    let accounts = client.budgets().into_iter().map(|budget| budget.account);
    assert_eq!(accounts.collect::<Vec<_>>(), ["acme", "globex"]);
}

#[tokio::test]
async fn an_app_that_github_does_not_accept_is_tried_on_with() {
    let server = Server::installed_for(&["acme"]).await;
    let mut config = server.config();
    config.credentials = Credentials::App {
        id: 1,
        private_key: SecretString::from(KEY),
    };
    // Half a minute is over in some milliseconds.
    let clock = Clock::faster(|| at(0), 10_000.try_into().unwrap());
    let client = Client::new(config, clock).unwrap();
    let shutdown = CancellationToken::new();
    let refused = async {
        let often = async || (server.told().refused_jwts >= 4).then_some(());
        eventually("it is asked again and again", often).await;
        let error = client.repositories("acme").await.unwrap_err();
        insta::assert_snapshot!(whole_chain(&error), @"GitHub is not available: it does not accept the App");
        let outcome = client.create(&new_deployment()).await;
        let is_waited_out = matches!(
            outcome,
            Err(CreateError::NotSent(Error::Unavailable(
                Unavailable::AppNotAccepted
            )))
        );
        assert!(is_waited_out, "{outcome:?}");
        shutdown.cancel();
    };
    let (outcome, ()) = tokio::join!(client.clone().run(shutdown.clone()), refused);
    outcome.unwrap();
}

#[tokio::test]
async fn a_token_that_is_not_given_where_the_app_is_installed_is_waited_for() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    // The newest is the last: the second call looks the installation up anew.
    server.told().no_tokens = vec![
        StatusCode::NOT_FOUND,
        StatusCode::NOT_FOUND,
        StatusCode::UNAUTHORIZED,
    ];
    for _ in 0..2 {
        let error = client.repositories("acme").await.unwrap_err();
        let not_accepted = Error::Unavailable(Unavailable::AppNotAccepted);
        assert_eq!(whole_chain(&error), whole_chain(&not_accepted));
        // A minute later, when a failed lookup would be forgotten.
        server.at(60);
    }
    assert_eq!(client.repositories("acme").await.unwrap(), ["people"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_told_at_the_start() {
    let server = Server::installed_for(&[]).await;
    let mut config = server.config();
    config.credentials = Credentials::App {
        id: APP,
        private_key: SecretString::from("-----BEGIN PRIVATE KEY-----\nsecret"),
    };
    let error = Client::new(config, Clock::new(|| at(0))).unwrap_err();
    assert!(matches!(error, Error::Misconfigured(_)), "{error:?}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

/// GitHub counts for one installation, however people spell its owner.
#[tokio::test]
async fn an_owner_has_one_budget_however_it_is_spelled() {
    let server = Server::installed_for(&["acme"]).await;
    let client = server.client();
    client.repositories("ACME").await.unwrap();
    client.repositories("acme").await.unwrap();
    let accounts = client.budgets().into_iter().map(|budget| budget.account);
    assert_eq!(accounts.collect::<Vec<_>>(), ["acme"]);
}

#[tokio::test]
async fn an_app_that_github_knows_is_watched_over_until_the_shutdown() {
    let server = Server::installed_for(&["acme"]).await;
    let shutdown = CancellationToken::new();
    let stop = async {
        let is_checked = async || (server.told().app_calls == ["/app"]).then_some(());
        eventually("the App is checked", is_checked).await;
        shutdown.cancel();
    };
    let (outcome, ()) = tokio::join!(server.client().run(shutdown.clone()), stop);
    outcome.unwrap();
}
