//! Nothing that is secret is in a log, in an error or in what a value shows of
//! itself, whichever way the credentials go.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::{error::Error as StdError, fmt::Debug, io::Write as _};

use axum::http::StatusCode;
use deploy::{
    Clock,
    github::{Client, Credentials},
    whole_chain,
};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    github_app_server::{KEY, Server, TOKENS},
    github_faults::new_deployment,
    github_stub::{Answer, NOW, Nobody, PATIENT, Stub, TOKEN, client, config_of},
    webhooks_world::Log,
};

/// What an outcome shows of itself counts as said.
fn note(said: &mut Log, shown: &impl Debug) {
    writeln!(said, "{shown:?} {shown:#?}").unwrap();
}

fn note_error<E: StdError + 'static>(said: &mut Log, error: &E) {
    note(said, error);
    writeln!(said, "{}", whole_chain(error)).unwrap();
}

/// What must not be said: tokens, each line of the key, and what every JWT
/// begins with.
fn secrets() -> Vec<&'static str> {
    let lines = KEY.lines().filter(|line| !line.starts_with("-----"));
    lines
        .chain([TOKENS, TOKEN, "eyJhbGciOi", "Bearer "])
        .collect()
}

async fn app_paths(said: &mut Log) {
    let server = Server::installed_for(&["acme"]).await;
    note(said, &server.config());
    let client = server.client();
    note(said, &client);
    client.repositories("acme").await.unwrap();
    client.create(&new_deployment()).await.unwrap();
    note_error(said, &client.repositories("globex").await.unwrap_err());
    server.told().refusals = vec![StatusCode::UNAUTHORIZED; 3];
    note_error(said, &client.repositories("acme").await.unwrap_err());
    server.told().refusals = vec![StatusCode::UNAUTHORIZED; 2];
    note_error(said, &client.create(&new_deployment()).await.unwrap_err());
    for status in [
        StatusCode::CREATED,
        StatusCode::FORBIDDEN,
        StatusCode::BAD_GATEWAY,
    ] {
        server.told().refusals = vec![StatusCode::UNAUTHORIZED];
        server.told().no_tokens = vec![status; 3];
        note_error(said, &client.repositories("acme").await.unwrap_err());
    }
    note(said, &client.budgets());
    let clock = Clock::new(|| Timestamp::from_second(NOW).unwrap());
    let mut config = server.config();
    for (id, key) in [(1, KEY), (1234, &KEY[..KEY.len() / 2])] {
        let private_key = SecretString::from(key);
        config.credentials = Credentials::App { id, private_key };
        match Client::new(config.clone(), clock.clone()) {
            Ok(client) => note_error(said, &client.repositories("acme").await.unwrap_err()),
            Err(error) => note_error(said, &error),
        }
    }
}

async fn token_paths(said: &mut Log) {
    let answers = [
        Answer::status(401),
        Answer::status(500),
        Answer::Breaks(200),
    ];
    let stub = Stub::answering(answers).await;
    let asking = stub.client();
    note(said, &asking);
    note_error(said, &asking.repositories("acme").await.unwrap_err());
    note_error(said, &asking.repositories("acme").await.unwrap_err());
    stub.seen();
    let nobody = Nobody::new();
    let lost = client(config_of(&nobody.origin(), PATIENT));
    note_error(said, &lost.repositories("acme").await.unwrap_err());
    let mut config = config_of(&nobody.origin(), PATIENT);
    config.credentials = Credentials::Token(format!("{TOKEN}\n").into());
    note(said, &config);
    let clock = Clock::new(|| Timestamp::from_second(NOW).unwrap());
    note_error(said, &Client::new(config, clock).unwrap_err());
}

#[tokio::test]
async fn no_secret_is_said() {
    let mut said = Log::default();
    // All of it, the connections too, is done by the one thread of this test.
    let listening = said.of("trace");
    app_paths(&mut said).await;
    token_paths(&mut said).await;
    drop(listening);
    let said = said.text();
    for heard in [
        "GitHub answered",
        "hyper_util",
        "NotInstalled",
        "[REDACTED]",
    ] {
        assert!(said.contains(heard), "{heard} was not even said: {said}");
    }
    for secret in secrets() {
        let line = said.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

/// A server that sends whoever asks to another host, which is asked nothing.
#[tokio::test]
async fn no_redirect_takes_the_token_elsewhere() {
    let elsewhere = Stub::answering([]).await;
    let moved = || {
        let location = ("location", format!("{}/elsewhere", elsewhere.origin()));
        Answer::Says(307, vec![location], String::new())
    };
    let stub = Stub::answering([moved(), moved()]).await;
    let client = stub.client();
    client.repositories("acme").await.unwrap_err();
    client.create(&new_deployment()).await.unwrap_err();
    assert_eq!(stub.seen().len(), 2);
    assert_eq!(elsewhere.seen().len(), 0);
}
