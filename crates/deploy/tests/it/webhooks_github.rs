//! Webhooks as the simulated GitHub sends them when something happens there.

use deploy::model::{RepositoryHints, Subject};
use http::StatusCode;
use serde_json::json;
use simulators::github::Webhook;

use crate::{
    service::eventually,
    webhooks_world::{Receiving, SECRET},
    world::{NEWEST, World, ask_github, on_github, write_status},
};

async fn world(receiving: &Receiving) -> World {
    World::telling(Some(Webhook {
        url: format!("http://{}/webhooks/github", receiving.address),
        secret: SECRET.to_owned(),
    }))
    .await
}

/// The hints once there are so many deliveries.
async fn hints(receiving: &Receiving, many: usize) -> Vec<RepositoryHints> {
    eventually(format!("{many} deliveries"), async || {
        let written = receiving.written();
        let deliveries = written.iter().map(|hints| hints.deliveries.len());
        (deliveries.sum::<usize>() >= many).then_some(written)
    })
    .await
}

#[tokio::test]
async fn what_happens_to_a_deployment_is_a_hint_to_look_at_it() {
    let receiving = Receiving::start().await;
    let world = world(&receiving).await;
    let body = json!({"ref": world.sha(NEWEST), "auto_merge": false, "required_contexts": [],
        "environment": "production", "payload": "a string"});
    let status = on_github(&world, "POST", "deployments", &body.to_string()).await;
    assert_eq!(status, StatusCode::CREATED);
    let created = hints(&receiving, 1).await;
    let (_, about) = &created[0].deliveries[0];
    let Subject::Deployment(Some(deployment)) = about.clone() else {
        panic!("{about:?}")
    };
    let number = deployment.number;

    let number_on_wire = i64::try_from(number).unwrap();
    for state in ["in_progress", "success"] {
        write_status(&world, number_on_wire, state).await;
    }
    for hints in hints(&receiving, 3).await {
        assert_eq!(hints.repository.to_string(), "acme/api");
        let about = Subject::Deployment(Some(deployment.clone()));
        let mut all = hints.deliveries.iter().map(|(_, about)| about);
        assert!(all.all(|one| *one == about), "{hints:?}");
    }
    world.end().await;
    receiving.stop().await;
}

#[tokio::test]
async fn the_checks_of_a_deployments_workflow_are_known_by_its_suite() {
    let receiving = Receiving::start().await;
    let world = world(&receiving).await;
    let body = json!({"ref": world.sha(NEWEST), "auto_merge": false, "required_contexts": [],
        "environment": "production"})
    .to_string();
    let (status, _) = ask_github(&world, "POST", "people", "deployments", &body).await;
    assert_eq!(status, StatusCode::CREATED);
    let told = eventually("its job's check and suite have ended", async || {
        let written = receiving.written();
        let deliveries = written.into_iter().flat_map(|hints| hints.deliveries);
        let told: Vec<Subject> = deliveries.map(|(_, about)| about).collect();
        let checks = told.iter().filter(|one| matches!(one, Subject::Suite(_)));
        (checks.count() == 3).then_some(told)
    })
    .await;
    let mut suites = told.iter().filter_map(|about| match about {
        Subject::Suite(suite) | Subject::DeploymentRun(Some(suite)) => Some(suite),
        Subject::Deployment(Some(_)) => None,
        other => panic!("{other:?}"),
    });
    let first = suites.next().unwrap();
    assert!(suites.all(|suite| suite == first), "{told:?}");
    world.end().await;
    receiving.stop().await;
}

#[tokio::test]
async fn a_push_and_a_status_are_hints_to_look_at_the_repository() {
    let receiving = Receiving::start().await;
    let world = world(&receiving).await;
    let path = format!("statuses/{}", world.sha(NEWEST));
    let body = json!({"state": "success", "context": "ci/lint"}).to_string();
    let status = on_github(&world, "POST", &path, &body).await;
    assert_eq!(status, StatusCode::CREATED);
    hints(&receiving, 1).await;

    let body = json!({"message": "Say hello", "content": "aGVsbG8=", "branch": "main"}).to_string();
    let status = on_github(&world, "PUT", "contents/hello.txt", &body).await;
    assert_eq!(status, StatusCode::CREATED);
    for hints in hints(&receiving, 2).await {
        assert_eq!(hints.repository.to_string(), "acme/api");
        let mut all = hints.deliveries.iter().map(|(_, about)| about);
        assert!(all.all(|one| *one == Subject::Commits), "{hints:?}");
    }
    world.end().await;
    receiving.stop().await;
}
