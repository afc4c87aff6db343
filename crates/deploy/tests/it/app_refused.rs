//! A GitHub that does not accept the App: perhaps it is an outage, perhaps the
//! settings are wrong. The service starts, gives what was read before, takes
//! requests, and says what is the matter.

use deploy_proto::v1::{self, RequestState, StaleReason};
use simulators::control::FaultKind;

use crate::{
    edges::get,
    service::{Watcher, eventually},
    world::{Engine, NEWEST, World, on_both},
};

on_both! {
    what_was_read_before_is_given_and_requests_wait,
}

/// More often than any test asks.
const ALWAYS: u32 = 1_000_000;

async fn what_was_read_before_is_given_and_requests_wait(on: Engine) {
    let world = World::on(on).await;
    let config = world.install_app();
    let status = || v1::GetStatusRequest {
        repository: "people".to_owned(),
        limit: None,
    };
    let service = world.serve_with(config.clone()).await;
    let mut client = service.client().await;
    let first = client.get_status(status()).await.unwrap().into_inner();
    assert!(first.stale.is_none(), "{first:?}");
    assert_eq!(first.commits.len(), 5, "as many as are asked for");
    assert!(
        get(service.admin, "/readyz")
            .await
            .ends_with("\r\n\r\nready\n")
    );
    drop(client);
    service.stop().await;

    for route in [
        "GET /api/v3/app",
        "POST /api/v3/app/installations/{installation_id}/access_tokens",
    ] {
        world.fault(route, ALWAYS, FaultKind::Status(401));
    }
    let service = world.serve_with(config).await;
    let mut client = service.client().await;
    let again = client.get_status(status()).await.unwrap().into_inner();
    assert_eq!(again.commits, first.commits);
    let stale = again.stale.clone().expect("it says that it is old");
    assert_eq!(stale.reason(), StaleReason::AppNotAccepted);
    let fewer = v1::GetStatusRequest {
        limit: Some(2),
        ..status()
    };
    let fewer = client.get_status(fewer).await.unwrap().into_inner();
    assert_eq!(fewer.commits, first.commits[..2], "a part of what was kept");
    assert_eq!(fewer.stale, again.stale);
    let more = v1::GetStatusRequest {
        limit: Some(20),
        ..status()
    };
    let more = client.get_status(more).await.unwrap().into_inner();
    assert_eq!(more.commits, first.commits, "all that was kept");
    assert!(more.stale.unwrap().is_partial, "there may be more");
    eventually("it says that it is refused", async || {
        let ready = get(service.admin, "/readyz").await;
        let is_told = ready.contains("GitHub does not accept the App");
        (ready.starts_with("HTTP/1.1 200") && is_told).then_some(())
    })
    .await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let ask = world.ask("r1", NEWEST);
    client.start_deployment(ask).await.unwrap();
    let waiting = loop {
        let told = feed.next().await;
        assert_eq!(told.state(), RequestState::Accepted);
        if let Some(waiting) = told.waiting {
            break waiting;
        }
    };
    assert!(waiting.explanation.contains("App"), "{waiting:?}");

    world.github.control().clear_faults();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    drop((client, feed));
    service.stop().await;
    world.end().await;
}
