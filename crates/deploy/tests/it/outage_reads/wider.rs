//! Nothing was kept of just what is asked for: what others asked for is looked
//! through, and what the journal knows.

use deploy::{
    model::{DeploymentId, DeploymentState, EnvironmentName, RepositoryName},
    store::Store,
};
use deploy_proto::v1::{self, RequestState};
use jiff::SignedDuration;
use simulators::control::FaultKind;

use super::{ALWAYS, history, history_of, status};
use crate::{
    service::{Client, Service, Watcher},
    world::{Engine, GREEN, NEWEST, OLDEST, World, on_both},
};

on_both! {
    whoever_asks_for_less_is_told_from_the_newest_answer_that_has_it,
    what_too_much_has_happened_since_is_not_told_as_the_whole,
    more_commits_are_no_good_beside_environments_of_before,
    an_older_answer_is_told_where_the_newest_has_not_all,
    what_was_asked_for_by_another_name_is_told_where_that_means_it,
    an_alias_is_taken_where_nothing_has_that_name,
    an_environment_of_which_is_not_known_what_it_runs_is_named,
}

fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

/// Has commits of `people` deployed to an environment, one after the other.
pub(super) async fn deploys(
    world: &World,
    client: &mut Client,
    environment: &str,
    positions: &[usize],
) {
    let mut feed = Watcher::new(client, "test").await;
    for position in positions {
        let id = format!("{environment}-{position}");
        let mut ask = world.ask(&id, *position);
        ask.environment = environment.to_owned();
        client.start_deployment(ask).await.unwrap();
        assert_eq!(feed.end_of(&id).await.state(), RequestState::Succeeded);
    }
}

/// Stops the service, changes what it has kept, and starts it while GitHub is away.
pub(super) async fn after(
    world: &World,
    service: Service,
    client: Client,
    change: impl AsyncFnOnce(&Store),
) -> (Service, Client) {
    drop(client);
    service.stop().await;
    let store = world.journal().await;
    change(&store).await;
    store.close().await;
    world.fault("*", ALWAYS, FaultKind::Drop);
    let service = world.serve().await;
    let client = service.client().await;
    (service, client)
}

pub(super) async fn ends(world: World, service: Service, client: Client) {
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    world.end().await;
}

pub(super) fn numbers(history: &v1::ListHistoryResponse) -> Vec<Vec<i64>> {
    let environments = history.environments.iter();
    let numbers = environments.map(|one| one.deployments.iter().map(|one| one.id).collect());
    numbers.collect()
}

pub(super) fn is_partial(stale: Option<&v1::Stale>) -> bool {
    stale.expect("GitHub is away").is_partial
}

async fn whoever_asks_for_less_is_told_from_the_newest_answer_that_has_it(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, position) in [("r1", OLDEST), ("r2", NEWEST)] {
        client
            .start_deployment(world.ask(id, position))
            .await
            .unwrap();
        assert_eq!(feed.end_of(id).await.state(), RequestState::Succeeded);
    }
    let history = async |environment, page_size| history(&client, environment, page_size).await;
    let status = async |limit| status(&client, Some(limit)).await;
    history(Some("production"), Some(1)).await;
    let wide = history(None, None).await;
    status(2).await;
    let most = status(4).await;
    assert_eq!(most.commits.len(), 4);
    status(1).await;

    world.fault("*", ALWAYS, FaultKind::Drop);
    let more = status(20).await;
    assert_eq!(more.commits, most.commits, "as many as anybody asked for");
    assert!(more.stale.expect("GitHub is away").is_partial);
    let fewer = status(2).await;
    assert_eq!(fewer.commits, most.commits[..2]);
    assert!(!fewer.stale.expect("GitHub is away").is_partial);
    let read_at = millisecond(most.as_of.as_ref());
    assert_eq!(millisecond(fewer.as_of.as_ref()), read_at);

    let read_at = millisecond(wide.as_of.as_ref());
    let all = &wide.environments[0];
    assert_eq!(all.environment, "production");
    assert_eq!(all.deployments.len(), 2);
    for (environment, page_size, told) in [
        ("production", Some(1), 1),
        ("prod", Some(2), 2),
        ("prod", None, 2),
    ] {
        let one = history(Some(environment), page_size).await;
        assert!(!one.stale.expect("GitHub is away").is_partial);
        assert_eq!(millisecond(one.as_of.as_ref()), read_at);
        let [one] = one.environments.as_slice() else {
            panic!("{environment}: {:?}", one.environments);
        };
        assert_eq!(one.environment, "production");
        assert_eq!(one.deployments, all.deployments[..told]);
        assert_eq!(one.more, told < 2);
    }
    world.github.control().clear_faults();
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

async fn what_too_much_has_happened_since_is_not_told_as_the_whole(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "production", &[OLDEST, NEWEST]).await;
    history(&client, None, None).await;
    let (service, client) = after(&world, service, client, async |store| {
        let people = &people();
        let kept = store.history_snapshot(people, "10").await;
        let history = kept.unwrap().unwrap().value;
        let last = &history.environments[0].deployments[0];
        for number in 1_000..1_101 {
            let mut next = last.clone();
            let minutes = i64::try_from(number).unwrap();
            next.created_at += SignedDuration::from_mins(minutes);
            next.request_id = None;
            next.id = DeploymentId {
                number,
                node: format!("DE_{number}"),
            };
            let at = next.created_at;
            let made = store.foreign_has_come_to(people, &next, None, at);
            assert!(made.await.unwrap());
        }
    })
    .await;
    let told = history(&client, Some("production"), Some(2)).await;
    assert_eq!(numbers(&told), [[1_100, 1_099]]);
    assert!(is_partial(told.stale.as_ref()));
    let kept = history(&client, None, None).await;
    let newest: Vec<i64> = (1_091..=1_100).rev().collect();
    assert_eq!(numbers(&kept), [newest], "not as it was kept");
    assert!(is_partial(kept.stale.as_ref()));
    ends(world, service, client).await;
}

async fn more_commits_are_no_good_beside_environments_of_before(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "production", &[NEWEST]).await;
    status(&client, Some(4)).await;
    let newest = status(&client, Some(1)).await;
    let (service, client) = after(&world, service, client, async |store| {
        let people = &people();
        let kept = store.status_snapshot(people, "4").await;
        let mut before = kept.unwrap().unwrap().value;
        before.environments[0].live = None;
        let hint = store.hint_of(people).await.unwrap();
        let kept = store.keep_status(people, "4", hint, &before);
        kept.await.unwrap();
    })
    .await;
    let told = status(&client, Some(3)).await;
    assert_eq!(told.commits, newest.commits);
    assert_eq!(told.environments, newest.environments);
    assert!(told.environments[0].live.is_some());
    assert!(is_partial(told.stale.as_ref()));
    ends(world, service, client).await;
}

async fn an_older_answer_is_told_where_the_newest_has_not_all(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "staging", &[OLDEST, GREEN, NEWEST]).await;
    let all = history(&client, Some("staging"), Some(20)).await;
    assert_eq!(all.environments[0].deployments.len(), 3);
    history(&client, None, None).await;
    let (service, client) = after(&world, service, client, async |store| {
        let people = &people();
        let kept = store.history_snapshot(people, "10").await;
        let mut crowded = kept.unwrap().unwrap().value;
        let mut environments = crowded.environments.iter_mut();
        let staging = environments.find(|one| one.environment.as_str() == "staging");
        let staging = staging.unwrap();
        staging.deployments.truncate(1);
        staging.more = true;
        let hint = store.hint_of(people).await.unwrap();
        let kept = store.keep_history(people, "10", hint, &crowded);
        kept.await.unwrap();
    })
    .await;
    let told = history(&client, Some("staging"), Some(2)).await;
    assert_eq!(numbers(&told), [numbers(&all)[0][..2].to_vec()]);
    assert!(!is_partial(told.stale.as_ref()));
    ends(world, service, client).await;
}

async fn what_was_asked_for_by_another_name_is_told_where_that_means_it(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "production", &[OLDEST, NEWEST]).await;
    let by_alias = history(&client, Some("prod"), None).await;
    let (service, client) = after(&world, service, client, async |_| ()).await;
    let told = history(&client, Some("production"), None).await;
    assert_eq!(told.environments, by_alias.environments);
    assert!(!is_partial(told.stale.as_ref()));
    ends(world, service, client).await;
}

async fn an_environment_of_which_is_not_known_what_it_runs_is_named(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "production", &[NEWEST]).await;
    let (service, client) = after(&world, service, client, async |store| {
        let people = &people();
        let known = store.known_history(people, None, 10).await;
        let mut failed = known.unwrap().unwrap().environments[0].deployments[0].clone();
        failed.environment = "qa".parse().unwrap();
        failed.state = DeploymentState::Failed;
        failed.request_id = None;
        failed.id = DeploymentId {
            number: 1_000,
            node: "DE_1000".to_owned(),
        };
        let at = failed.created_at;
        let made = store.foreign_has_come_to(people, &failed, None, at);
        assert!(made.await.unwrap());
    })
    .await;
    let told = status(&client, None).await;
    let environments: Vec<_> = told.environments.iter().map(|one| &one.name).collect();
    assert_eq!(environments, ["production"]);
    let stale = told.stale.expect("GitHub is away");
    assert_eq!(
        (stale.is_partial, stale.missing),
        (true, vec!["qa".to_owned()])
    );
    ends(world, service, client).await;
}

async fn an_alias_is_taken_where_nothing_has_that_name(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "production", &[OLDEST, NEWEST]).await;
    let by_name = history(&client, Some("production"), Some(20)).await;

    // Nobody knows whether there is a `prod` beside it.
    let (service, client) = after(&world, service, client, async |_| ()).await;
    let asked = Some(15);
    let told = history(&client, Some("prod"), asked).await;
    assert_eq!(numbers(&told), numbers(&by_name));
    assert!(is_partial(told.stale.as_ref()));

    // There is none.
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    let service = world.serve().await;
    let client = service.client().await;
    status(&client, None).await;
    let (service, client) = after(&world, service, client, async |_| ()).await;
    let told = history(&client, Some("prod"), asked).await;
    assert_eq!(told.environments, by_name.environments);
    assert!(!is_partial(told.stale.as_ref()));

    // There is one.
    world.github.control().clear_faults();
    let (service, mut client) = after(&world, service, client, async |store| {
        let people = &people();
        let (ask, kept) = store.newest_status(people).await.unwrap().unwrap();
        let mut status = kept.value;
        let mut prod = status.environments[0].clone();
        prod.name = "prod".parse::<EnvironmentName>().unwrap();
        prod.live = None;
        status.environments.push(prod);
        let hint = store.hint_of(people).await.unwrap();
        let kept = store.keep_status(people, &ask, hint, &status);
        kept.await.unwrap();
    })
    .await;
    let ask = history_of("people", Some("prod"), asked);
    let told = client.list_history(ask).await;
    told.expect_err("nothing is known of it");
    ends(world, service, client).await;
}

/// The journal keeps times to the millisecond.
pub(super) fn millisecond(at: Option<&prost_types::Timestamp>) -> (i64, i32) {
    let at = at.expect("it says how old it is");
    (at.seconds, at.nanos / 1_000_000)
}
