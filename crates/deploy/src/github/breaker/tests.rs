//! When the breaker opens, whom it lets pass, and when it closes again.

use proptest::prelude::*;

use super::*;

fn noon() -> Timestamp {
    Timestamp::from_second(43_200).unwrap()
}

/// A state and the time, told step by step.
struct Story {
    state: State,
    now: Instant,
    /// The same by the clock.
    at: Timestamp,
}

impl Story {
    fn new() -> Self {
        Self {
            state: State::new(noon()),
            now: Instant::now(),
            at: noon(),
        }
    }

    fn is_sent(&self) -> bool {
        self.state.pass(Role::Ordinary, self.now).is_ok()
    }

    fn probe_is_due(&self) -> bool {
        self.state.probe_at().is_some_and(|due| due <= self.now)
    }

    fn answered(&mut self) {
        self.state = self.state.clone().answered(self.at);
    }

    fn fails(&mut self, role: Role, times: u32) {
        for _ in 0..times {
            self.state = self.state.clone().failed(role, self.at, self.now, 1.0);
        }
    }

    fn probing(&mut self) {
        assert!(self.probe_is_due());
        self.state = self.state.clone().probing(self.now);
    }

    fn passes(&mut self, seconds: u64) {
        let passed = Duration::from_secs(seconds);
        self.now += passed;
        self.at += passed;
    }
}

#[test]
fn it_opens_when_a_probe_fails_after_calls_in_a_row() {
    let mut story = Story::new();
    story.fails(Role::Ordinary, FAILURES - 1);
    story.answered();
    story.fails(Role::Ordinary, FAILURES - 1);
    assert!(!story.probe_is_due());
    story.fails(Role::Ordinary, 1);
    story.probing();
    assert!(story.is_sent(), "calls pass while the probe is under way");
    story.fails(Role::Probe, 1);
    assert!(!story.is_sent());
    assert_eq!(story.state.open_since(), Some(noon()));
    story.passes(1);
    story.probing();
    assert!(!story.is_sent());
    story.answered();
    assert!(story.is_sent());
}

#[test]
fn calls_that_fail_alone_never_open_it() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.fails(Role::Ordinary, 100);
        assert!(story.is_sent());
        story.probing();
        story.answered();
        story.fails(Role::Ordinary, FAILURES - 1);
        assert!(!story.probe_is_due(), "they are counted anew");
    }
}

#[test]
fn pauses_between_probes_grow_to_a_limit() {
    let mut story = Story::new();
    story.fails(Role::Ordinary, FAILURES);
    story.fails(Role::Probe, 1);
    for pause in [1, 2, 4, 8, 16, 30, 30] {
        let Err(Unavailable::CircuitOpen { retry_after, .. }) =
            story.state.pass(Role::Ordinary, story.now)
        else {
            panic!("it is open");
        };
        assert_eq!(retry_after, Duration::from_secs(pause));
        story.passes(pause - 1);
        assert!(!story.probe_is_due());
        story.passes(1);
        story.probing();
        story.fails(Role::Probe, 1);
    }
    assert_eq!(story.state.open_since(), Some(noon()));
}

#[test]
fn a_probe_that_is_not_sent_is_tried_a_pause_later() {
    let mut story = Story::new();
    story.fails(Role::Ordinary, FAILURES);
    for _ in 0..2 {
        story.probing();
        assert!(!story.probe_is_due());
        story.passes(1);
    }
    story.fails(Role::Probe, 1);
    for _ in 0..2 {
        story.passes(1);
        story.probing();
        assert!(!story.probe_is_due());
    }
}

#[test]
fn a_late_answer_is_a_sign_of_life_and_a_late_failure_is_none() {
    let mut story = Story::new();
    story.fails(Role::Ordinary, FAILURES);
    story.fails(Role::Probe, 1);
    let open = story.state.clone();
    story.fails(Role::Ordinary, 1);
    assert_eq!(story.state, open, "it tells nothing new");
    story.answered();
    story.fails(Role::Probe, 1);
    assert!(story.is_sent(), "one failure is an accident");
}

#[test]
fn what_was_said_before_an_outage_is_not_vouched_for_afterwards() {
    let since = |state: &State, seconds: i64| {
        let at = Timestamp::from_second(noon().as_second() + seconds).unwrap();
        state.has_answered_since(at)
    };
    let mut story = Story::new();
    assert!(since(&story.state, -1));
    story.fails(Role::Ordinary, 1);
    assert!(!since(&story.state, -1), "it may be away");
    story.answered();
    assert!(since(&story.state, -1), "one failure is an accident");
    story.fails(Role::Ordinary, FAILURES);
    assert!(!since(&story.state, 1), "it is missed");
    story.fails(Role::Probe, 1);
    assert!(!since(&story.state, 1), "it is away");
    story.answered();
    story.fails(Role::Ordinary, 1);
    story.answered();
    assert!(!since(&story.state, -1), "it was away since");
    assert!(since(&story.state, 1));
}

#[test]
fn it_is_away_from_when_it_was_first_missed_until_it_answers() {
    let mut story = Story::new();
    assert_eq!(story.state.back_at(), Some(noon()));
    story.passes(10);
    story.fails(Role::Ordinary, FAILURES);
    story.passes(10);
    story.answered();
    assert_eq!(story.state.back_at(), Some(noon()), "it was never away");
    story.fails(Role::Ordinary, FAILURES);
    let missed_at = story.at;
    story.passes(10);
    assert_eq!(story.state.back_at(), Some(noon()), "it may be there");
    story.fails(Role::Probe, 1);
    assert_eq!(story.state.open_since(), Some(missed_at));
    assert_eq!(story.state.back_at(), None);
    story.passes(10);
    story.answered();
    assert_eq!(story.state.back_at(), Some(story.at));
    story.fails(Role::Ordinary, 1);
    story.passes(10);
    story.answered();
    let ten_seconds = Duration::from_secs(10);
    assert_eq!(story.state.back_at(), Some(story.at - ten_seconds));
}

#[tokio::test]
async fn who_waits_is_woken() {
    let breaker = Breaker::new(noon());
    let turns = async {
        for _ in 0..FAILURES {
            breaker.failed(Role::Ordinary, noon());
        }
        breaker.probe_due().await;
        breaker.failed(Role::Probe, noon());
        assert!(breaker.pass(Role::Ordinary).is_err());
        breaker.probe_due().await;
        breaker.answered(noon());
    };
    let waits = async {
        breaker.opened().await;
        breaker.closed().await;
    };
    let all = async { tokio::join!(waits, turns) };
    let patience = Duration::from_secs(60);
    tokio::time::timeout(patience, all).await.unwrap();
    assert_eq!(breaker.open_since(), None);
}

/// What can happen.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Answered,
    Failed,
    Probing,
    ProbeFailed,
    Passes(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        1 => Just(Happens::Answered),
        8 => Just(Happens::Failed),
        2 => Just(Happens::Probing),
        2 => Just(Happens::ProbeFailed),
        2 => (0..40_000_u64).prop_map(Happens::Passes),
    ]
}

proptest! {
    /// Whatever happens in whatever order: it is open only after failures in a
    /// row and a probe that failed among them; an answer closes it; while it is
    /// not closed a probe is due before long, so that it can't stay open.
    #[test]
    fn only_a_probe_that_fails_opens_it(
        story in prop::collection::vec(happens(), 1..200), jitter in 0.5..1.5_f64,
    ) {
        let mut now = Instant::now();
        let mut state = State::new(noon());
        let (mut in_a_row, mut probes) = (0, 0);
        for step in story {
            let was_open = state.open_since().is_some();
            match step {
                Happens::Passes(ms) => now += Duration::from_millis(ms),
                Happens::Probing => state = state.probing(now),
                Happens::Answered => {
                    state = state.answered(noon());
                    (in_a_row, probes) = (0, 0);
                }
                Happens::Failed => {
                    state = state.failed(Role::Ordinary, noon(), now, jitter);
                    in_a_row += 1;
                    prop_assert_eq!(state.open_since().is_some(), was_open);
                }
                Happens::ProbeFailed => {
                    state = state.failed(Role::Probe, noon(), now, jitter);
                    (in_a_row, probes) = (in_a_row + 1, probes + 1);
                }
            }
            let is_open = state.open_since().is_some();
            prop_assert!(!is_open || in_a_row > FAILURES && probes > 0);
            prop_assert_eq!(state.pass(Role::Ordinary, now).is_err(), is_open);
            prop_assert!(state.pass(Role::Probe, now).is_ok());
            match state.probe_at() {
                None => prop_assert!(in_a_row < FAILURES),
                Some(due) => prop_assert!(due <= now + LONGEST_PAUSE.mul_f64(1.5)),
            }
        }
    }
}
