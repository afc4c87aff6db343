//! What goes wrong while the journal is made anew: the process ends, GitHub
//! limits the calls, fails, or does not answer, or a repository is not there.

use deploy::{Clock, model::RepositoryName, rebuild::Told};
use simulators::control::{Fault, FaultKind};
use tokio_util::sync::CancellationToken;

use super::{LISTING, MANY, history, people, rebuild, seed_past};
use crate::world::{Engine, World, on_both};

on_both![
    one_that_is_cut_off_goes_on_where_it_was,
    a_limit_is_waited_for,
];

async fn one_that_is_cut_off_goes_on_where_it_was(engine: Engine) {
    let world = World::on(engine).await;
    seed_past(&world);
    // The third page does not come before the process is gone.
    world.github.control().add_fault(Fault {
        route: LISTING.to_owned(),
        skip: 2,
        times: 1,
        kind: FaultKind::OnceGone { ms: 60_000 },
    });
    let (config, named) = (world.config(), vec![people()]);
    let stop = CancellationToken::new();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let mut tell = |_: Told<'_>| {};
        let run = rebuild::run(&config, named, Clock::system(), stop, &mut tell);
        Box::pin(run).await
    });
    world.has_faulted("the third page is asked for").await;
    tasks.shutdown().await;
    world.has_answered(LISTING, 3).await;
    // What the dead process held is free only later.
    world.spoil_journal("DELETE FROM leases").await;

    let (done, told) = rebuild(&world, &[people()]).await.unwrap();
    assert_eq!(world.calls(LISTING), 4);
    assert_eq!(told, ["acme/people 230"]);
    assert_eq!(
        done,
        "The journal DATABASE has the 230 deployments of 1 repository."
    );
    let history = history(&world).await;
    let count = history.environments.iter().map(|one| one.deployments.len());
    assert_eq!(count.sum::<usize>(), MANY);
    world.end().await;
}

async fn a_limit_is_waited_for(engine: Engine) {
    let world = World::on(engine).await;
    seed_past(&world);
    world.github.control().add_fault(Fault {
        route: LISTING.to_owned(),
        skip: 1,
        times: 1,
        kind: FaultKind::RateLimit { seconds: 3 },
    });
    let (_, told) = rebuild(&world, &[people()]).await.unwrap();
    let [first, says, rest @ ..] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(first, "acme/people 100");
    assert!(
        says.starts_with("GitHub limits the rate of calls; going on at "),
        "{says}"
    );
    assert_eq!(rest, ["acme/people 200", "acme/people 230"]);
    assert_eq!(world.calls(LISTING), 4);
    world.end().await;
}

#[tokio::test]
async fn a_page_that_is_too_large_is_read_in_smaller_ones() {
    let world = World::new().await;
    seed_past(&world);
    // The first attempt and its retries.
    world.fault(LISTING, 3, FaultKind::Status(502));
    let (_, told) = rebuild(&world, &[people()]).await.unwrap();
    assert_eq!(told[..2], ["acme/people 10", "acme/people 110"]);
    assert_eq!(told.last().unwrap(), "acme/people 230");
    world.end().await;
}

#[tokio::test]
async fn an_outage_in_the_middle_is_waited_for() {
    const WAITS: &str = "GitHub does not answer; waiting until it does.";
    let world = World::new().await;
    seed_past(&world);
    let control = world.github.control();
    control.add_fault(Fault {
        route: "*".to_owned(),
        skip: 1,
        times: 1_000,
        kind: FaultKind::Drop,
    });
    let (mut waited, mut read) = (0, Vec::new());
    let mut tell = |told: Told<'_>| match told {
        Told::Says(sentence) => {
            assert_eq!(sentence, WAITS);
            waited += 1;
            control.clear_faults();
        }
        Told::Read { deployments, .. } => read.push(deployments),
    };
    let (config, stop) = (world.config(), CancellationToken::new());
    let run = rebuild::run(&config, vec![people()], Clock::system(), stop, &mut tell);
    Box::pin(run).await.unwrap();
    assert_eq!(waited, 1);
    assert_eq!(read, [100, 200, 230]);
    world.end().await;
}

#[tokio::test]
async fn a_repository_that_is_not_there_keeps_no_other() {
    let world = World::new().await;
    seed_past(&world);
    let missing = RepositoryName::parse("acme/nothing", None).unwrap();
    // Named twice, it is one.
    let again = RepositoryName::parse("Acme/Nothing", None).unwrap();
    let named = [missing, again, people(), people()];
    let error = rebuild(&world, &named).await.unwrap_err();
    insta::assert_snapshot!(
        error,
        @"1 of 2 repositories could not be read: acme/nothing. `deploy rebuild` goes on with them"
    );
    assert_eq!(history(&world).await.environments.len(), 2);
    world.end().await;
}
