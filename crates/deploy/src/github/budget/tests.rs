//! What the ledger lets be spent, by whom, and when it is refilled.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn told(remaining: u64, reset_at: i64) -> Told {
    Told {
        limit: Some(1_000),
        remaining,
        reset_at: at(reset_at),
    }
}

/// Who is still admitted when so many of a thousand are left.
fn admitted(remaining: u64) -> Vec<Priority> {
    let everyone = [Priority::Deploy, Priority::Follow, Priority::Read];
    let is_admitted = |priority: &Priority| {
        let mut ledger = Ledger::new();
        ledger.told(Resource::Rest, told(remaining, 100), at(0));
        ledger.admit(Resource::Rest, 1, *priority, at(0)) == Ok(())
    };
    everyone.into_iter().filter(is_admitted).collect()
}

#[test]
fn reads_give_way_first_then_following_and_deploys_last() {
    use Priority::{Deploy, Follow, Read};
    assert_eq!(admitted(1_000), [Deploy, Follow, Read]);
    assert_eq!(admitted(201), [Deploy, Follow, Read]);
    assert_eq!(admitted(200), [Deploy, Follow]);
    assert_eq!(admitted(101), [Deploy, Follow]);
    assert_eq!(admitted(100), [Deploy]);
    assert_eq!(admitted(1), [Deploy]);
    assert_eq!(admitted(0), []);
}

#[test]
fn an_hour_is_used_fast_when_more_is_used_than_its_share() {
    let hour = |used: u64| Hour {
        limit: 12_500,
        remaining: 12_500 - used,
        reset_at: at(3_600),
    };
    // 15 % of 12,500 are 1,875; the first 30 do not count.
    for (second, most) in [(0, 30), (1_800, 967), (3_599, 1_904)] {
        let now = at(second);
        assert!(!hour(most).is_used_fast(now), "{most} after {second} s");
        assert!(
            hour(most + 1).is_used_fast(now),
            "{most} + 1 after {second} s"
        );
    }
    assert!(!hour(12_500).is_used_fast(at(3_600)), "another has begun");
    let early = at(-60);
    assert!(hour(31).is_used_fast(early), "clocks may differ");
}

#[test]
fn what_is_used_up_is_told_with_its_end_and_is_there_again_after_it() {
    let mut ledger = Ledger::new();
    ledger.told(Resource::Graphql, told(0, 100), at(0));
    let mut deploy = |now| ledger.admit(Resource::Graphql, 1, Priority::Deploy, at(now));
    assert_eq!(deploy(99), Err(at(100)));
    assert_eq!(deploy(100), Ok(()));
    let rest = ledger.admit(Resource::Rest, 1, Priority::Read, at(0));
    assert_eq!(rest, Ok(()), "the other budget is another");
}

#[test]
fn a_pause_that_github_asks_for_holds_every_call() {
    let mut ledger = Ledger::new();
    ledger.close_until(at(60));
    ledger.close_until(at(30));
    for resource in [Resource::Rest, Resource::Graphql] {
        let mut deploy = |now| ledger.admit(resource, 1, Priority::Deploy, at(now));
        assert_eq!(deploy(59), Err(at(60)));
        assert_eq!(deploy(60), Ok(()));
    }
}

#[test]
fn calls_under_way_count_as_spent() {
    let mut ledger = Ledger::new();
    ledger.told(Resource::Rest, told(2, 100), at(0));
    let deploy = |ledger: &mut Ledger| {
        ledger
            .admit(Resource::Rest, 1, Priority::Deploy, at(0))
            .is_ok()
    };
    assert!(deploy(&mut ledger) && deploy(&mut ledger));
    assert!(!deploy(&mut ledger));
    ledger.ended(Resource::Rest);
    assert!(deploy(&mut ledger));
}

#[test]
fn an_answer_that_was_overtaken_gives_nothing_back() {
    let mut ledger = Ledger::new();
    let mut told = |remaining, reset, now| {
        ledger.told(Resource::Rest, told(remaining, reset), at(now));
        ledger.hour(Resource::Rest).unwrap().remaining
    };
    assert_eq!(told(10, 100, 0), 10);
    assert_eq!(told(11, 101, 0), 10);
    assert_eq!(told(9, 100, 0), 9);
    assert_eq!(told(999, 3_700, 100), 999, "the next hour");
    assert_eq!(told(3, 100, 101), 999, "the hour before");
    assert_eq!(told(3, 90, 0), 3, "our clock was put back");
}

#[test]
fn a_server_that_tells_of_no_budget_has_none() {
    let mut ledger = Ledger::new();
    for _ in 0..3_000 {
        let read = ledger.admit(Resource::Graphql, 1, Priority::Read, at(0));
        assert_eq!(read, Ok(()));
    }
}

#[test]
fn a_clock_that_is_put_back_blocks_nothing() {
    let mut ledger = Ledger::new();
    ledger.told(Resource::Rest, told(1_000, 10_000), at(600));
    while ledger
        .admit(Resource::Rest, 5, Priority::Deploy, at(600))
        .is_ok()
    {}
    let earlier = ledger.admit(Resource::Rest, 5, Priority::Deploy, at(0));
    assert_eq!(earlier, Ok(()));
}

proptest! {
    // Each case is long.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is sent when, no minute holds more than GitHub allows, nobody
    /// spends what is kept from him, and the time that is told lies within
    /// the next minute.
    #[test]
    fn no_minute_holds_more_than_github_allows(
        calls in prop::collection::vec((0..3_u64, 1..6_u64, prop::sample::select(vec![
            Priority::Deploy, Priority::Follow, Priority::Read,
        ])), 1..600),
    ) {
        let mut ledger = Ledger::new();
        let plenty = Told {
            limit: Some(100_000), remaining: 100_000, reset_at: at(100_000),
        };
        ledger.told(Resource::Rest, plenty, at(0));
        let mut sent: Vec<(i64, u64)> = Vec::new();
        let mut now = 0;
        for (passed, points, priority) in calls {
            now += i64::try_from(passed).unwrap() / 2;
            match ledger.admit(Resource::Rest, points, priority, at(now)) {
                Ok(()) => sent.push((now, points)),
                Err(until) => prop_assert!(at(now) < until && until <= at(now + 60)),
            }
            let minute = sent.iter().filter(|(second, _)| *second > now - 60);
            let points: u64 = minute.map(|(_, points)| points).sum();
            prop_assert!(points <= REST_POINTS);
        }
    }

    /// Once the time has come that a refusal told, the same call passes.
    #[test]
    fn the_time_told_is_the_time_when_it_passes(
        points in 1..6_u64, gaps in prop::collection::vec(0..2_i64, 900),
    ) {
        let mut ledger = Ledger::new();
        ledger.told(Resource::Rest, told(1_000, 1), at(0));
        let mut now = 1;
        for gap in gaps {
            match ledger.admit(Resource::Rest, points, Priority::Read, at(now)) {
                Ok(()) => now += gap / 2,
                Err(until) => {
                    let again = ledger.admit(Resource::Rest, points, Priority::Read, until);
                    prop_assert_eq!(again, Ok(()));
                    return Ok(());
                }
            }
        }
    }
}
