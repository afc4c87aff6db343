//! The ceiling: as many deploys in a day as GitHub takes, 500 an hour, asked
//! for as chance has it. None is lost; how long they wait for their turn is
//! told.

use std::{collections::HashMap, sync::Arc, time::Duration};

use deploy_proto::v1::RequestState;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::task::JoinSet;

use crate::{
    town::{ENVIRONMENTS, Town},
    traffic::{self, Ask, Fate, Fates},
};

const DEPLOYS: usize = 12_000;
const REPOSITORIES: usize = 300;
const PEOPLE: usize = 100;
const DAY: Duration = Duration::from_hours(24);
/// When it is no use to wait any longer for the last.
const OLDEST: Duration = Duration::from_hours(30);
/// How many times as fast as in life. A request is given up that was told nothing
/// for ten minutes, which are 7 s here: a machine that stands still for a moment
/// is not to be taken for that.
const SPEED: u32 = 90;
/// So that a run can be repeated.
const SEED: u64 = 3;

/// What became of many deploys.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) asked: usize,
    pub(crate) succeeded: usize,
    /// How the others ended, each with how many did so.
    pub(crate) otherwise: Vec<(String, usize)>,
    /// The longest that one waited until its deployment was made.
    pub(crate) longest_wait: Duration,
    /// The longest that one was told nothing of its place or its progress.
    pub(crate) longest_silence: Duration,
    /// The longest after something happened that the bench heard of it, by the
    /// town's clock: how well the machine keeps up.
    pub(crate) longest_lag: Duration,
}

/// Lives through it.
pub(crate) async fn measure() -> Queue {
    let town = Arc::new(Town::build(REPOSITORIES, SPEED).await);
    let fates = Fates::default();
    let mut random = StdRng::seed_from_u64(SEED);
    let mut moments: Vec<_> = (0..DEPLOYS)
        .map(|_| Duration::from_secs(random.random_range(0..DAY.as_secs())))
        .collect();
    moments.sort_unstable();
    let mut chains: HashMap<(String, &str), Vec<(Duration, Ask)>> = HashMap::new();
    for (number, moment) in moments.into_iter().enumerate() {
        let ask = nth(&town, number);
        let chain = chains.entry((ask.repository.clone(), ask.environment));
        chain.or_default().push((moment, ask));
    }
    let watching = traffic::watch(&town, &fates);
    let living = async {
        let mut asking = JoinSet::new();
        for chain in chains.into_values() {
            asking.spawn(deploy_in_turn(Arc::clone(&town), Arc::clone(&fates), chain));
        }
        while let Some(asked) = asking.join_next().await {
            asked.expect("nobody panics");
        }
        traffic::all_ended(&town, &fates, OLDEST).await;
    };
    tokio::select! {
        () = watching => unreachable!("the feed has no end"),
        () = living => {}
    }
    let queue = queue(&*fates.lock().await, DEPLOYS);
    let town = Arc::into_inner(town).expect("nobody lives there any more");
    town.raze().await;
    queue
}

/// Asks for the deploys of one environment, each at its moment, or when the one
/// before has ended: whoever asks sooner is told that one is going out.
async fn deploy_in_turn(town: Arc<Town>, fates: Fates, chain: Vec<(Duration, Ask)>) {
    for (moment, ask) in chain {
        town.until(moment).await;
        let id = ask.id.clone();
        traffic::ask(&town, &fates, ask).await;
        while !traffic::has_ended(&fates, &id).await && town.age() < OLDEST {
            town.sleep(Duration::from_secs(15)).await;
        }
    }
}

/// Every environment in turn, each time another commit than before.
fn nth(town: &Town, number: usize) -> Ask {
    let place = &town.repositories[number % REPOSITORIES];
    let turn = number / REPOSITORIES;
    let environment = ENVIRONMENTS[turn % ENVIRONMENTS.len()];
    let commit = turn / ENVIRONMENTS.len() % place.commits.len();
    Ask {
        id: format!("bench:{number}"),
        repository: place.name.clone(),
        environment,
        sha: place.commits[commit].to_string(),
        person: number % PEOPLE,
    }
}

/// What became of so many, of which some may never have been asked for.
pub(crate) fn queue(fates: &HashMap<String, Fate>, deploys: usize) -> Queue {
    let mut otherwise = HashMap::<String, usize>::new();
    if fates.len() < deploys {
        let unasked = "it was not asked for in time".to_owned();
        otherwise.insert(unasked, deploys - fates.len());
    }
    let mut queue = Queue {
        asked: deploys,
        ..Queue::default()
    };
    for fate in fates.values() {
        let since = |then: Option<Duration>| {
            then.map_or(Duration::ZERO, |then| then.saturating_sub(fate.asked))
        };
        queue.longest_wait = queue.longest_wait.max(since(fate.created));
        queue.longest_lag = queue.longest_lag.max(fate.lag);
        queue.longest_silence = queue.longest_silence.max(since(fate.told));
        match fate.ended {
            Some(RequestState::Succeeded) => queue.succeeded += 1,
            Some(other) => {
                *otherwise
                    .entry(format!("{}: {}", other.as_str_name(), fate.why))
                    .or_default() += 1;
            }
            None => *otherwise.entry("it never ended".to_owned()).or_default() += 1,
        }
    }
    queue.otherwise = otherwise.into_iter().collect();
    queue
        .otherwise
        .sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
    queue
}
