//! An hour of 1,000 deploys over 300 repositories and 100 people, with five
//! reads for each, against the limits that GitHub has for an installation of
//! that size: how much of each it takes.
//!
//! A deploy goes so: somebody pushes; the checks take two and a half minutes;
//! somebody looks what runs where, and asks for the deploy when they are over;
//! while it goes out two people look; when it is over one looks what runs where
//! and one what was deployed. GitHub takes 500 deployments an hour: the others
//! wait for their turn and go out in the hour after.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::task::JoinSet;
use tonic::Status;

use crate::{
    day::{Queue, queue},
    town::{ENVIRONMENTS, Place, Town},
    traffic::{self, Ask, Fates},
};

const DEPLOYS: usize = 1_000;
/// Five for each deploy.
pub(crate) const READS: u64 = 5 * DEPLOYS as u64;
const REPOSITORIES: usize = 300;
const PEOPLE: usize = 100;
const HOUR: Duration = Duration::from_hours(1);
const QUARTER: Duration = Duration::from_mins(15);
/// When the first is asked for: after its push and its checks.
const START: Duration = Duration::from_mins(4);
const MINUTE: Duration = Duration::from_mins(1);
/// How many times as fast as in life.
const SPEED: u32 = 15;
/// So that a run can be repeated.
const SEED: u64 = 3;
const POST: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";

/// What the hour took.
pub(crate) struct Hour {
    /// The most that was spent in an hour of GitHub's, and what it allows.
    pub(crate) rest: (u64, u64),
    pub(crate) graphql: (u64, u64),
    /// The most deployments that were made in any hour, and what GitHub takes.
    pub(crate) creates: (u64, u64),
    /// Calls by what they were for, in all.
    pub(crate) calls: Vec<(String, u64)>,
    /// How many reads were answered, and why others were not.
    pub(crate) reads: u64,
    pub(crate) unanswered: BTreeMap<String, u64>,
    pub(crate) queue: Queue,
}

/// When what is done around one deploy, by the town's age.
struct Plan {
    place: Arc<Place>,
    number: usize,
    environment: &'static str,
    push: Duration,
    before: Duration,
    ask: Duration,
    during: [Duration; 2],
    after: [Duration; 2],
}

/// Lives through it.
pub(crate) async fn measure() -> Hour {
    let town = Arc::new(Town::build(REPOSITORIES, SPEED).await);
    let fates = Fates::default();
    let mut doing = JoinSet::new();
    for plan in plans(&town) {
        doing.spawn(carry_out(Arc::clone(&town), Arc::clone(&fates), plan));
    }
    let mut taken = Hour {
        rest: (0, 0),
        graphql: (0, 0),
        creates: (0, 500),
        calls: Vec::new(),
        reads: 0,
        unanswered: BTreeMap::new(),
        queue: Queue::default(),
    };
    let watching = traffic::watch(&town, &fates);
    let living = async {
        let mut created = Vec::new();
        for minute in 1.. {
            town.until(MINUTE * minute).await;
            let spent = town.spent().await;
            taken.rest = taken.rest.max((spent.rest, spent.rest_limit));
            taken.graphql = taken.graphql.max((spent.graphql, spent.graphql_limit));
            created.push(calls_of(&town, POST));
            let an_hour_ago = created.len().checked_sub(61).map_or(0, |at| created[at]);
            let in_an_hour = calls_of(&town, POST) - an_hour_ago;
            taken.creates.0 = taken.creates.0.max(in_an_hour);
            while let Some(done) = doing.try_join_next() {
                for read in done.expect("nobody panics") {
                    taken.count(read);
                }
            }
            let is_over = doing.is_empty() && traffic::open(&fates).await == 0;
            if is_over || town.age() > HOUR * 3 {
                break;
            }
        }
    };
    tokio::select! {
        () = watching => unreachable!("the feed has no end"),
        () = living => {}
    }
    let counts = town.github.control().counts();
    taken.calls = counts
        .into_iter()
        .filter(|(route, _)| is_deploys(route))
        .collect();
    taken.queue = queue(&*fates.lock().await, DEPLOYS);
    // What was not over in three hours counts as not asked or not answered.
    doing.shutdown().await;
    let town = Arc::into_inner(town).expect("nobody lives there any more");
    town.raze().await;
    taken
}

/// Not what the bench itself asks.
fn is_deploys(route: &str) -> bool {
    !(route.ends_with("/rate_limit") || route.ends_with("/check-runs"))
}

fn calls_of(town: &Town, route: &str) -> u64 {
    town.github
        .control()
        .counts()
        .get(route)
        .copied()
        .unwrap_or_default()
}

/// A thousand, in turn over the repositories and, with some chance, over the
/// hour: a repository has one in each of its quarters, so that none finds its
/// environment taken.
fn plans(town: &Town) -> Vec<Plan> {
    let mut random = StdRng::seed_from_u64(SEED);
    let mut some = |from: u64, to: u64| Duration::from_secs(random.random_range(from..to));
    (0..DEPLOYS)
        .map(|number| {
            let round = number / REPOSITORIES;
            let ask =
                START + QUARTER * u32::try_from(round).expect("there are four") + some(0, 700);
            Plan {
                place: Arc::clone(&town.repositories[number % REPOSITORIES]),
                number,
                environment: ENVIRONMENTS[round % ENVIRONMENTS.len()],
                push: ask - some(170, 230),
                before: ask - some(5, 60),
                ask,
                during: [ask + some(10, 90), ask + some(10, 90)],
                after: [ask + some(100, 600), ask + some(100, 600)],
            }
        })
        .collect()
}

impl Hour {
    fn count(&mut self, read: Result<(), Status>) {
        match read {
            Ok(()) => self.reads += 1,
            Err(status) => {
                let why = format!("{}: {}", status.code(), status.message());
                *self.unanswered.entry(why).or_default() += 1;
            }
        }
    }
}

/// Does all that belongs to one deploy; what became of its reads.
async fn carry_out(town: Arc<Town>, fates: Fates, plan: Plan) -> [Result<(), Status>; 5] {
    let name = &plan.place.name;
    let person = plan.number % PEOPLE;
    town.until(plan.push).await;
    let sha = town.push(&plan.place, &format!("person-{person}"), plan.number);
    town.until(plan.before).await;
    let before = traffic::status(&town, name).await;
    town.until(plan.ask).await;
    while !town.checks_are_over(name, &sha).await {
        town.sleep(Duration::from_secs(15)).await;
    }
    let ask = Ask {
        id: format!("bench:{}", plan.number),
        repository: name.clone(),
        environment: plan.environment,
        sha: sha.to_string(),
        person,
    };
    traffic::ask(&town, &fates, ask).await;
    let at = async |moment| {
        town.until(moment).await;
        traffic::status(&town, name).await
    };
    let [one, other] = plan.during;
    let [status, history] = plan.after;
    let history = async {
        town.until(history).await;
        traffic::history(&town, name).await
    };
    let later = tokio::join!(at(one), at(other), at(status), history);
    [before, later.0, later.1, later.2, later.3]
}
