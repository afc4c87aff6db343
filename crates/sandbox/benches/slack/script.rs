//! Who asks what, where and when: the same in each run.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::stage::{REPOSITORIES, Target};

/// So that a run can be repeated.
const SEED: u64 = 4;
/// Nobody writes twice within so long.
const WRITING: Duration = Duration::from_millis(300);

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// When it is due, counted from the beginning.
    pub(crate) at: Duration,
    pub(crate) person: usize,
    pub(crate) channel: usize,
    pub(crate) text: String,
    pub(crate) is_deploy: bool,
}

/// Events at an even rate, over all people and channels in turn, so that no
/// channel hears more than Slack takes of the bot there.
pub(crate) fn steady(
    targets: &[Target],
    rate: u32,
    during: Duration,
    people: usize,
    channels: usize,
    deploys_in_1000: u32,
) -> Vec<Ask> {
    let mut words = Words::new(targets, deploys_in_1000);
    let number = (during.as_secs_f64() * f64::from(rate)) as usize;
    (0..number)
        .map(|nth| {
            let (text, is_deploy) = words.next();
            Ask {
                at: Duration::from_secs_f64(nth as f64 / f64::from(rate)),
                person: nth % people,
                channel: nth % channels,
                text,
                is_deploy,
            }
        })
        .collect()
}

/// As chance has it: each person in a channel of theirs, at any moment.
pub(crate) fn crowd(
    targets: &[Target],
    rate: u32,
    during: Duration,
    people: usize,
    channels: usize,
    deploys_in_1000: u32,
) -> Vec<Ask> {
    let mut random = StdRng::seed_from_u64(SEED);
    let number = (during.as_secs_f64() * f64::from(rate)) as usize;
    let mut moments: Vec<_> = (0..number)
        .map(|_| during.mul_f64(random.random()))
        .collect();
    moments.sort_unstable();
    let mut words = Words::new(targets, deploys_in_1000);
    let mut wrote_at = vec![None; people];
    moments
        .into_iter()
        .map(|at| {
            let is_writing = |person: &usize| {
                wrote_at[*person].is_some_and(|before| at.saturating_sub(before) < WRITING)
            };
            let mut person = random.random_range(0..people);
            while is_writing(&person) {
                person = random.random_range(0..people);
            }
            wrote_at[person] = Some(at);
            let (text, is_deploy) = words.next();
            Ask {
                at,
                person,
                channel: person % channels,
                text,
                is_deploy,
            }
        })
        .collect()
}

/// What people write: mostly what runs where.
struct Words<'a> {
    random: StdRng,
    targets: &'a [Target],
    deploys_in_1000: u32,
    deploys: usize,
}

impl<'a> Words<'a> {
    fn new(targets: &'a [Target], deploys_in_1000: u32) -> Self {
        Self {
            random: StdRng::seed_from_u64(SEED),
            targets,
            deploys_in_1000,
            deploys: 0,
        }
    }

    fn next(&mut self) -> (String, bool) {
        let repository = REPOSITORIES[self.random.random_range(0..REPOSITORIES.len())];
        if self.random.random_range(0..1000) < self.deploys_in_1000 {
            return (self.deploy(), true);
        }
        let text = match self.random.random_range(0..100) {
            0..60 => format!("@deploybot status {repository}"),
            60..75 => format!("@deploybot history {repository}"),
            75..88 => "@deploybot help".to_owned(),
            88..94 => format!("@deploybot statsu {repository}"),
            _ => format!("@deploybot deploy {repository}"),
        };
        (text, false)
    }

    /// To each place in turn, each time another commit.
    fn deploy(&mut self) -> String {
        let nth = self.deploys;
        self.deploys += 1;
        let Target {
            repository,
            environment,
            commits,
        } = &self.targets[nth % self.targets.len()];
        let commit = &commits[nth / self.targets.len() % commits.len()];
        format!("@deploybot deploy {repository} {environment} {commit}")
    }
}
