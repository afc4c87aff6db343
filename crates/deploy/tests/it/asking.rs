//! What can be asked: status, history, environments, previews.

use deploy_proto::v1::{self, ChecksState, Reason};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    service::Watcher,
    world::{CREATE, Engine, GREEN, NEWEST, OLDEST, RED, World, on_both},
};

on_both! {
    status_tells_commits_and_environments,
    history_tells_one_environment_or_all,
    what_is_not_there_is_told_with_what_was_meant,
    environments_are_told_with_what_is_live,
    a_preview_decides_and_does_nothing,
}

fn status_of(repository: &str) -> v1::GetStatusRequest {
    v1::GetStatusRequest {
        repository: repository.to_owned(),
        limit: None,
    }
}

async fn status_tells_commits_and_environments(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", GREEN))
        .await
        .unwrap();
    feed.end_of("r1").await;
    let before = world.github.control().log().len();
    let status = client
        .get_status(status_of("people"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        world.github.control().log().len(),
        before + 1,
        "one call to GitHub"
    );

    assert_eq!(
        (status.repository.as_str(), status.branch.as_str()),
        ("acme/people", "main")
    );
    assert_eq!(status.commits.len(), 5);
    let line = |commit: &v1::CommitStatus| {
        let (parts, checks) = (
            commit.commit.as_ref().unwrap(),
            commit.checks.as_ref().unwrap(),
        );
        let (state, failed) = (checks.state().as_str_name(), checks.failed.join(","));
        format!(
            "{} · {state} {failed} · {}",
            parts.headline,
            commit.live_in.join(",")
        )
    };
    let lines: Vec<_> = status.commits.iter().map(line).collect();
    insta::allow_duplicates! {
    insta::assert_snapshot!(lines.join("\n"), @r"
    Add Minji to the team page · CHECKS_STATE_SUCCESS  · 
    Bump the framework · CHECKS_STATE_SUCCESS  · 
    Try the new font · CHECKS_STATE_FAILURE lint · 
    Show avatars <!channel> · CHECKS_STATE_SUCCESS  · production
    Initial pages · CHECKS_STATE_SUCCESS  · 
    ");
    }
    let names: Vec<_> = status
        .environments
        .iter()
        .map(|e| e.name.as_str())
        .collect();
    assert_eq!(names, ["production", "staging"]);
    let live = status.environments[0].live.as_ref().unwrap();
    assert_eq!(live.behind, Some(3));
    assert_eq!(live.commit.as_ref().unwrap().sha, world.sha(GREEN));
    assert!(status.environments[1].live.is_none());
    service.stop().await;
    world.end().await;
}

async fn history_tells_one_environment_or_all(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, position) in [("r1", OLDEST), ("r2", GREEN), ("r3", NEWEST)] {
        client
            .start_deployment(world.ask(id, position))
            .await
            .unwrap();
        feed.end_of(id).await;
    }
    let ask = |environment: Option<&str>, page_size| v1::ListHistoryRequest {
        repository: "ACME/people".to_owned(),
        environment: environment.map(str::to_owned),
        page_size,
    };
    let all = client
        .list_history(ask(None, None))
        .await
        .unwrap()
        .into_inner();
    let counts = |environment: &v1::EnvironmentHistory| {
        (
            environment.environment.clone(),
            environment.deployments.len(),
            environment.more,
        )
    };
    let told: Vec<_> = all.environments.iter().map(counts).collect();
    assert_eq!(
        told,
        [
            ("production".to_owned(), 3, false),
            ("staging".to_owned(), 0, false)
        ]
    );
    let one = client
        .list_history(ask(Some("Production"), Some(2)))
        .await
        .unwrap()
        .into_inner();
    let told: Vec<_> = one.environments.iter().map(counts).collect();
    assert_eq!(told, [("production".to_owned(), 2, true)]);
    let newest = &one.environments[0].deployments[0];
    assert_eq!((newest.request_id.as_str(), newest.live), ("r3", true));
    assert_eq!(newest.replaces, world.sha(GREEN));
    service.stop().await;
    world.end().await;
}

async fn what_is_not_there_is_told_with_what_was_meant(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let error = client.get_status(status_of("poeple")).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    insta::allow_duplicates! {
    insta::assert_snapshot!(
            error.message(),
            @"There is no repository acme/poeple. Did you mean people?"
        );
    }
    let info = error.get_error_details().error_info().unwrap().clone();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("UNKNOWN_REPOSITORY", "deploy.v1")
    );
    assert_eq!(info.metadata["candidates"], "people");

    let ask = v1::ListHistoryRequest {
        repository: "people".to_owned(),
        environment: Some("stagin".to_owned()),
        page_size: None,
    };
    let error = client.list_history(ask).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    insta::allow_duplicates! {
    insta::assert_snapshot!(error.message(), @"acme/people has no environment stagin.");
    }
    let info = error.get_error_details().error_info().unwrap().clone();
    assert_eq!(info.reason, "UNKNOWN_ENVIRONMENT");
    assert_eq!(info.metadata["candidates"], "staging\nproduction");
    service.stop().await;
    world.end().await;
}

async fn environments_are_told_with_what_is_live(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    feed.end_of("r1").await;
    let ask = v1::ListEnvironmentsRequest {
        repository: "people".to_owned(),
    };
    let listed = client.list_environments(ask).await.unwrap().into_inner();
    assert_eq!(listed.repository, "acme/people");
    let live = |environment: &v1::EnvironmentStatus| {
        let live = environment
            .live
            .as_ref()
            .and_then(|live| live.commit.as_ref());
        (
            environment.name.clone(),
            live.map(|commit| commit.sha.clone()),
        )
    };
    let told: Vec<_> = listed.environments.iter().map(live).collect();
    let newest = Some(world.sha(NEWEST));
    assert_eq!(
        told,
        [
            ("production".to_owned(), newest),
            ("staging".to_owned(), None)
        ]
    );
    service.stop().await;
    world.end().await;
}

async fn a_preview_decides_and_does_nothing(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", OLDEST))
        .await
        .unwrap();
    feed.end_of("r1").await;
    let ask = |repository: &str, position: usize| v1::PreviewDeploymentRequest {
        repository: repository.to_owned(),
        environment: "prod".to_owned(),
        commit: world.sha(position)[..8].to_owned(),
        requester: None,
        expected_live: None,
    };
    let ready = client
        .preview_deployment(ask("people", NEWEST))
        .await
        .unwrap()
        .into_inner();
    assert!(ready.refusals.is_empty());
    assert_eq!(ready.environment, "production");
    assert_eq!(ready.commit.unwrap().sha, world.sha(NEWEST));
    assert_eq!(ready.changes.unwrap().ahead, 4);

    let red = client
        .preview_deployment(ask("people", RED))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(red.refusals[0].reason(), Reason::ChecksFailed);
    assert_eq!(red.checks.unwrap().state(), ChecksState::Failure);

    let nowhere = client
        .preview_deployment(ask("poeple", NEWEST))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(nowhere.refusals[0].reason(), Reason::UnknownRepository);
    assert_eq!(nowhere.refusals[0].candidates, ["people"]);
    assert!(nowhere.commit.is_none());
    assert_eq!(world.calls(CREATE), 1, "only that of r1");
    service.stop().await;
    world.end().await;
}
