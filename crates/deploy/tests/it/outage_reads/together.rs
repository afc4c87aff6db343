//! What was kept of each environment, and what is known to run there, told together
//! where nothing else was kept.

use deploy_proto::v1;

use super::{
    history, history_of, status, status_of,
    wider::{after, deploys, ends, is_partial, millisecond, numbers},
};
use crate::world::{Engine, GREEN, NEWEST, OLDEST, World, on_both};

on_both! {
    what_was_kept_of_each_environment_is_told_of_all,
    what_is_known_to_run_is_told_where_no_history_was_kept,
}

/// The journal may have been lost since, or never have followed them.
const FOLLOWED: &str = "DELETE FROM deployments";

async fn what_was_kept_of_each_environment_is_told_of_all(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "production", &[OLDEST, GREEN, NEWEST]).await;
    let production = history(&client, Some("prod"), Some(20)).await;
    deploys(&world, &mut client, "staging", &[OLDEST]).await;
    let staging = history(&client, Some("staging"), Some(1)).await;
    drop(client);
    service.stop().await;
    world.spoil_journal(FOLLOWED).await;
    let service = world.serve().await;
    let client = service.client().await;
    let (service, mut client) = after(&world, service, client, async |_| ()).await;
    let all = history(&client, None, None).await;
    let each = [production, staging.clone()].map(|one| one.environments);
    assert_eq!(all.environments, each.concat());
    assert!(is_partial(all.stale.as_ref()));
    let [whole, _] = numbers(&all).try_into().unwrap();
    assert_eq!(whole.len(), 3);
    let two = history(&client, None, Some(2)).await;
    assert_eq!(numbers(&two)[0], whole[..2]);
    assert!(two.environments[0].more);
    assert_eq!(two.environments[1], staging.environments[0]);

    // What runs by them is told too.
    let ask = status_of("people", None);
    let status = client.get_status(ask).await.unwrap().into_inner();
    let live = status.environments.iter().map(|one| one.live.is_some());
    assert_eq!(live.collect::<Vec<_>>(), [true, true]);
    ends(world, service, client).await;
}

async fn what_is_known_to_run_is_told_where_no_history_was_kept(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deploys(&world, &mut client, "staging", &[GREEN]).await;
    deploys(&world, &mut client, "production", &[OLDEST]).await;
    let runs = status(&client, None).await;
    drop(client);
    service.stop().await;
    let of_staging = "DELETE FROM deployments WHERE environment = 'staging'";
    world.spoil_journal(of_staging).await;
    let service = world.serve().await;
    let client = service.client().await;
    let (service, mut client) = after(&world, service, client, async |_| ()).await;
    let all = history(&client, None, None).await;
    let told = |told: &v1::ListHistoryResponse| {
        let environments = told.environments.iter().map(|one| {
            let deployments = one.deployments.iter();
            let live = deployments.filter(|one| one.live);
            let shas = live.map(|one| one.commit.as_ref().unwrap().sha.clone());
            (one.environment.clone(), shas.collect::<Vec<_>>())
        });
        environments.collect::<Vec<_>>()
    };
    let [production, staging] = [("production", OLDEST), ("staging", GREEN)]
        .map(|(name, position)| (name.to_owned(), vec![world.sha(position)]));
    assert_eq!(told(&all), [production.clone(), staging.clone()]);
    let stale = all.stale.expect("GitHub is away");
    assert_eq!((stale.is_partial, stale.missing), (true, Vec::new()));
    assert!(
        millisecond(all.as_of.as_ref()) <= millisecond(runs.as_of.as_ref()),
        "nothing is told to be newer than the status by which it is known what runs"
    );
    for (asked, runs) in [("prod", production), ("Staging", staging)] {
        let one = history(&client, Some(asked), Some(2)).await;
        assert_eq!(told(&one), [runs]);
        assert!(is_partial(one.stale.as_ref()));
    }
    let ask = history_of("people", Some("qa"), None);
    let told = client.list_history(ask).await;
    told.expect_err("nothing is known of it");
    ends(world, service, client).await;
}
