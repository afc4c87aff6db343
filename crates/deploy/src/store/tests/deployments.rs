//! Deployments: kept with each step, followed where nobody asked for them, and
//! told as a history.

use super::*;
use crate::{
    model::{EnvironmentName, RepositoryName},
    store::deployments::KNOWN_HISTORY,
};

on_both![
    what_was_read_earlier_is_not_written_over_what_is_newer,
    those_of_others_are_followed_until_they_end,
    one_of_a_request_is_no_other_s,
    a_history_is_told_newest_first_and_cut,
];

fn repository() -> RepositoryName {
    RepositoryName::parse("Acme/People", None).unwrap()
}

/// One of somebody else's.
fn theirs(number: u64, state: DeploymentState, steps: usize) -> Deployment {
    let one = deployment(state);
    Deployment {
        id: DeploymentId {
            number,
            node: format!("DE_{number}"),
        },
        created_at: at(i64::try_from(number).unwrap()),
        steps: vec![one.steps[0].clone(); steps],
        request_id: None,
        ..one
    }
}

async fn followed(store: &Store) -> Vec<u64> {
    let foreign = store.foreign(10).await.unwrap();
    foreign.iter().map(|one| one.deployment.id.number).collect()
}

async fn outcome(store: &Store) -> (String, String) {
    let sql = "SELECT state, outcome FROM deployments";
    let row = store.read_first(sql, Args::new()).await.unwrap().unwrap();
    (row.text("state").unwrap(), row.text("outcome").unwrap())
}

async fn what_was_read_earlier_is_not_written_over_what_is_newer(journal: Journal) {
    let store = &journal.store;
    let come_to = async |one: Deployment, outcome: Option<&Failure>| {
        store
            .foreign_has_come_to(&repository(), &one, outcome, at(9))
            .await
            .unwrap();
    };
    use DeploymentState::{Failed, Pending, Running};
    come_to(theirs(1, Pending, 0), None).await;
    come_to(theirs(1, Running, 1), None).await;
    come_to(theirs(1, Pending, 0), None).await;
    assert_eq!(outcome(store).await, ("running".to_owned(), String::new()));
    come_to(theirs(1, Failed, 2), Some(&said("boom"))).await;
    for late in [theirs(1, Running, 2), theirs(1, Running, 1)] {
        store.adopt(&repository(), &[&late], at(10)).await.unwrap();
    }
    let expected = ("failed".to_owned(), "boom".to_owned());
    assert_eq!(outcome(store).await, expected);
    come_to(theirs(1, Failed, 3), None).await;
    assert_eq!(outcome(store).await, expected, "why stays known");
}

async fn those_of_others_are_followed_until_they_end(journal: Journal) {
    use DeploymentState::{Pending, Running, Succeeded};
    let store = &journal.store;
    let running = [
        theirs(1, Running, 1),
        theirs(2, Pending, 0),
        theirs(3, Pending, 0),
    ];
    let running: Vec<&Deployment> = running.iter().collect();
    store.adopt(&repository(), &running, at(1)).await.unwrap();
    assert_eq!(followed(store).await, [1, 2, 3]);
    let hint = store.hint_of(&repository()).await.unwrap();
    store
        .foreign_has_come_to(&repository(), &theirs(1, Succeeded, 2), None, at(2))
        .await
        .unwrap();
    store
        .foreign_has_come_to(&repository(), running[1], Some(&said("gone")), at(2))
        .await
        .unwrap();
    assert!(store.hint_of(&repository()).await.unwrap() > hint);
    assert_eq!(followed(&journal.another().await).await, [3]);
}

async fn one_of_a_request_is_no_other_s(journal: Journal) {
    let store = &journal.store;
    let asked = accepted(store, "r1").await;
    take(store, &asked.id, 2).await;
    let own = deployment(DeploymentState::Running);
    // A read comes upon it before the answer to its creation does.
    store.adopt(&repository(), &[&own], at(2)).await.unwrap();
    assert_eq!(followed(store).await, Vec::<u64>::new());
    store
        .runs(&asked.id, decided(), own.clone(), at(3))
        .await
        .unwrap();
    let copy = Deployment {
        request_id: Some(asked.id.clone()),
        ..theirs(8, DeploymentState::Running, 1)
    };
    store.adopt(&repository(), &[&copy], at(4)).await.unwrap();
    let failure = said("boom");
    store
        .fail(&asked.id, Some(decided()), Some(own), failure, at(5))
        .await
        .unwrap();
    assert_eq!(followed(store).await, [8], "a copy of it is another's");
}

async fn a_history_is_told_newest_first_and_cut(journal: Journal) {
    use DeploymentState::{Failed, Running, Succeeded};
    let store = &journal.store;
    let known = async |environment: Option<&str>, count| {
        let spellings: Option<Vec<EnvironmentName>> =
            environment.map(|name| vec![name.parse().unwrap()]);
        let lower = RepositoryName::parse("acme/people", None).unwrap();
        let history = store.known_history(&lower, spellings.as_deref(), count);
        history.await.unwrap()
    };
    assert_eq!(known(None, 5).await, None);
    for (number, state) in [(1, Succeeded), (2, Succeeded), (3, Failed), (4, Running)] {
        store
            .foreign_has_come_to(&repository(), &theirs(number, state, 1), None, at(20))
            .await
            .unwrap();
    }
    let staging = Deployment {
        environment: "a staging".parse().unwrap(),
        ..theirs(9, Running, 1)
    };
    store
        .adopt(&repository(), &[&staging], at(21))
        .await
        .unwrap();
    let gone = theirs(10, Running, 1);
    store
        .foreign_has_come_to(&repository(), &gone, Some(&said("deleted")), at(22))
        .await
        .unwrap();

    let history = known(None, 3).await.unwrap();
    assert_eq!(history.repository, repository(), "as GitHub spells it");
    assert_eq!(history.as_of, at(21));
    let numbers = |environment: &crate::model::EnvironmentHistory| {
        let deployments = environment.deployments.iter();
        let numbers: Vec<u64> = deployments.map(|one| one.id.number).collect();
        (
            environment.environment.to_string(),
            numbers,
            environment.more,
        )
    };
    let told: Vec<_> = history.environments.iter().map(numbers).collect();
    assert_eq!(
        told,
        [
            ("Production".to_owned(), vec![4, 3, 2], true),
            ("a staging".to_owned(), vec![9], false)
        ]
    );
    let live = history.environments[0]
        .deployments
        .iter()
        .map(|one| one.live);
    assert_eq!(live.collect::<Vec<_>>(), [false, false, true]);
    let one = known(Some("PRODUCTION"), 50).await.unwrap();
    assert_eq!(numbers(&one.environments[0]).1, [4, 3, 2, 1]);
    assert!(!one.environments[0].more);
    assert_eq!(known(Some("nowhere"), 50).await, None);
}

/// However many there are of it, and of others.
#[tokio::test]
async fn a_history_is_looked_up_environment_by_environment() {
    let journal = Journal::on_sqlite().await;
    let args = Args::new().text("acme/people").text("[]").integer(1);
    let sql = format!("EXPLAIN QUERY PLAN {KNOWN_HISTORY}").leak();
    let plan = journal.store.read(sql, args.integer(10).integer(100)).await;
    let plan: Vec<String> = plan
        .unwrap()
        .iter()
        .map(|row| row.text("detail").unwrap())
        .collect();
    let rows = |step: &&String| step.contains("deployments_history") && !step.contains("COVERING");
    let rows: Vec<_> = plan.iter().filter(rows).collect();
    assert_eq!(rows.len(), 2, "{plan:#?}");
    let mut by_environment = rows.iter().map(|step| step.contains("environment=?"));
    assert!(by_environment.all(|is_so| is_so), "{plan:#?}");
    let mut by_time = rows.iter().map(|step| step.contains("created_at>?"));
    assert!(by_time.any(|is_so| is_so), "{plan:#?}");
}
