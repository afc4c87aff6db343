//! One that goes wrong holds up no other: a request that panics, a row that
//! cannot be read, a repository that does not answer, a deployment that GitHub
//! does not show.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use deploy::{Clock, Timing};
use deploy_proto::v1::{self, Reason, RequestState};
use http::StatusCode;
use serde_json::json;

use crate::{
    between::{Between, Fate},
    service::{Service, Watcher, eventually},
    world::{CREATE, Engine, GREEN, NEWEST, OLDEST, World, on_both, write_status},
};

on_both! {
    a_request_that_panics_fails_and_the_next_one_goes_out,
    following_goes_on_after_a_panic,
    a_row_that_cannot_be_read_is_passed_over,
    a_slot_whose_holder_cannot_be_read_is_occupied,
    a_repository_that_does_not_answer_holds_up_no_other,
    a_deployment_that_github_does_not_show_holds_up_no_other,
}

/// A clock that panics once, when it is looked at for the time that was set.
#[derive(Clone, Default)]
struct Bomb(Arc<AtomicI64>);

impl Bomb {
    fn clock(&self) -> Clock {
        let (bomb, now) = (self.clone(), Clock::system());
        Clock::new(move || {
            assert!(
                bomb.0.fetch_sub(1, Ordering::Relaxed) != 1,
                "the clock broke"
            );
            now.now()
        })
    }

    fn at(&self, look: i64) {
        self.0.store(look, Ordering::Relaxed);
    }

    fn has_gone_off(&self) -> bool {
        self.0.load(Ordering::Relaxed) <= 0
    }
}

async fn serve_with_bomb(world: &World) -> (Service, Bomb) {
    let bomb = Bomb::default();
    let timing = Timing {
        clock: bomb.clock(),
        ..world.timing()
    };
    (Service::start(world.config(), timing).await, bomb)
}

/// A request about `acme/api`, whose deployments nobody picks up.
fn ask_api(
    world: &World,
    id: &str,
    environment: &str,
    position: usize,
) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        environment: environment.to_owned(),
        ..world.ask(id, position)
    }
}

async fn a_request_that_panics_fails_and_the_next_one_goes_out(on: Engine) {
    let world = World::on(on).await;
    let (service, bomb) = serve_with_bomb(&world).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    // The first look is the call's, the second is the worker's.
    bomb.at(2);
    client
        .start_deployment(world.ask("r1", GREEN))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert!(bomb.has_gone_off());
    assert_eq!(ended.state(), RequestState::Failed);
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            ended.failure,
            @"Something went wrong in deploybot; its log says what. Nothing was deployed."
        );
    }
    assert_eq!(world.calls(CREATE), 0);
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}

async fn following_goes_on_after_a_panic(on: Engine) {
    let world = World::on(on).await;
    let (service, bomb) = serve_with_bomb(&world).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut numbers = Vec::new();
    for (id, environment) in [("r1", "production"), ("r2", "staging")] {
        let ask = ask_api(&world, id, environment, NEWEST);
        client.start_deployment(ask).await.unwrap();
        let running = feed.until(id, |state| state == RequestState::Running).await;
        numbers.push(running.deployment.unwrap().id);
    }
    // Only following looks at the clock now.
    bomb.at(2);
    eventually("the clock breaks", || async {
        bomb.has_gone_off().then_some(())
    })
    .await;
    for number in numbers {
        write_status(&world, number, "success").await;
    }
    let mut open = vec!["r1".to_owned(), "r2".to_owned()];
    while !open.is_empty() {
        let request = feed.next().await;
        if request.state() == RequestState::Succeeded {
            open.retain(|id| *id != request.request_id);
        }
    }
    service.stop().await;
    world.end().await;
}

async fn a_row_that_cannot_be_read_is_passed_over(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let mut number = 0;
    for (id, environment) in [("r1", "production"), ("r2", "staging")] {
        let ask = ask_api(&world, id, environment, NEWEST);
        client.start_deployment(ask).await.unwrap();
        let running = feed.until(id, |state| state == RequestState::Running).await;
        number = running.deployment.unwrap().id;
    }
    drop((client, feed));
    service.stop().await;

    world
        .spoil_journal("UPDATE requests SET progress = '{\"state\":\"sleeping\"}' WHERE id = 'r1'")
        .await;

    write_status(&world, number, "success").await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    client
        .start_deployment(world.ask("r3", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r3").await.state(), RequestState::Succeeded);
    assert!(feed.states("r1").is_empty());
    // Whoever wants to go where the damaged one runs is told, and not kept.
    let ask = ask_api(&world, "r4", "production", OLDEST);
    client.start_deployment(ask).await.unwrap();
    let ended = feed.end_of("r4").await;
    assert_eq!(ended.state(), RequestState::Refused, "GitHub knows it runs");
    service.stop().await;
    world.end().await;
}

async fn a_slot_whose_holder_cannot_be_read_is_occupied(on: Engine) {
    let world = World::on(on).await;
    world.journal().await.close().await;
    for statement in [
        "INSERT INTO requests VALUES ('r0', 'acme/people', 'production', 'abcd', 'deploy', \
         '', '', '', '', '', '', 0, 'creating', 'torn', NULL, NULL, NULL)",
        "INSERT INTO run_slots VALUES ('acme/people', 'production', 'r0')",
    ] {
        world.spoil_journal(statement).await;
    }

    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Refused);
    assert_eq!(ended.refusals[0].reason(), Reason::AlreadyRunning);
    assert_eq!(ended.refusals[0].deployment, None);
    assert_eq!(world.calls(CREATE), 0);
    service.stop().await;
    world.end().await;
}

async fn a_repository_that_does_not_answer_holds_up_no_other(on: Engine) {
    let world = World::on(on).await;
    let between = Between::new(&world, |query| {
        if query.operation == "Facts" && query.variables["name"] == "api" {
            Fate::Fails(StatusCode::BAD_GATEWAY)
        } else {
            Fate::Passes
        }
    })
    .await;
    // So many that try again and again would only keep the disk busy.
    let timing = Timing {
        retry: Timing::default().retry,
        ..world.timing()
    };
    let service = Service::start(between.config(&world), timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for number in 0..60 {
        let ask = ask_api(&world, &format!("sick{number}"), "production", NEWEST);
        client.start_deployment(ask).await.unwrap();
    }
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    for number in 0..60 {
        let accepted = [RequestState::Accepted];
        assert_eq!(feed.states(&format!("sick{number}")), accepted);
    }
    service.stop().await;
    world.end().await;
}

async fn a_deployment_that_github_does_not_show_holds_up_no_other(on: Engine) {
    let world = World::on(on).await;
    let is_hidden = Arc::new(AtomicBool::new(true));
    let hides = Arc::clone(&is_hidden);
    let between = Between::new(&world, move |query| {
        // The oldest is asked for first.
        if query.operation == "Follow" && hides.load(Ordering::Relaxed) {
            Fate::Changes(Box::new(|answer| {
                answer["data"]["nodes"][0] = json!(null);
                answer["errors"] = json!([{
                    "type": "FORBIDDEN",
                    "path": ["nodes", 0],
                    "message": "Resource not accessible by integration",
                }]);
            }))
        } else {
            Fate::Passes
        }
    })
    .await;
    let service = world.serve_with(between.config(&world)).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, environment) in [("r1", "production"), ("r2", "staging")] {
        let ask = ask_api(&world, id, environment, NEWEST);
        client.start_deployment(ask).await.unwrap();
        let running = feed.until(id, |state| state == RequestState::Running).await;
        write_status(&world, running.deployment.unwrap().id, "success").await;
    }
    assert_eq!(feed.end_of("r2").await.state(), RequestState::Succeeded);
    assert_eq!(feed.states("r1").last(), Some(&RequestState::Running));
    is_hidden.store(false, Ordering::Relaxed);
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    service.stop().await;
    world.end().await;
}
