//! Who is waited for, by each of the reasons for which it waits itself.

use super::*;
use crate::{
    model::{Changes, Checks, ChecksState, Commit, Decided, Sha},
    worker::patience::tests::request,
};

const RETRY: Duration = Duration::from_secs(2);
const HALF_A_DAY: i64 = 12 * 3_600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// That was accepted at 0 and says that it waits.
fn waiting(reason: WaitingReason, until: Option<i64>) -> Request {
    Request {
        waiting: Some(Waiting {
            reason,
            until: until.map(at),
            ahead: None,
            detail: String::new(),
            obstacle: None,
        }),
        ..request(at(0))
    }
}

fn decided() -> Decided {
    let sha: Sha = "a1b2".repeat(10).parse().unwrap();
    let Request { asked, .. } = request(at(0));
    Decided {
        repository: asked.repository,
        environment: asked.environment,
        commit: Commit {
            sha: sha.clone(),
            headline: "Add Minji".to_owned(),
            author: "minji".to_owned(),
            committed_at: at(0),
            url: String::new(),
        },
        checks: Checks {
            state: ChecksState::Success,
            done: 1,
            total: 1,
            failed: Vec::new(),
        },
        changes: Changes {
            base: None,
            head: sha,
            ahead: 1,
            behind: 0,
            commits: Vec::new(),
            compare_url: String::new(),
            authors: Vec::new(),
        },
        replaces: None,
    }
}

/// Whether it is waited for where GitHub was never away since the beginning, an
/// hour before it was accepted.
fn is_waited_for_at(earlier: &Request, second: i64) -> bool {
    is_waited_for(earlier, Some(at(-3_600)), at(second))
}

#[test]
fn who_is_under_way_is_waited_for_ten_minutes() {
    let earlier = request(at(0));
    assert!(is_waited_for_at(&earlier, 0));
    assert!(is_waited_for_at(&earlier, 600));
    assert!(!is_waited_for_at(&earlier, 601));
}

#[test]
fn whose_deployment_is_being_made_is_waited_for_however_long_ago_it_was_accepted() {
    let earlier = Request {
        progress: Progress::Creating(decided()),
        ..request(at(0))
    };
    assert!(is_waited_for_at(&earlier, 11 * 60));
    assert!(is_waited_for(&earlier, None, at(11 * 60)));
    for reason in [
        WaitingReason::GithubUnavailable,
        WaitingReason::RateLimit,
        WaitingReason::AnswerLost,
    ] {
        let earlier = Request {
            waiting: waiting(reason, Some(HALF_A_DAY)).waiting,
            ..earlier.clone()
        };
        assert!(!is_waited_for_at(&earlier, 11 * 60), "its slot tells");
    }
}

#[test]
fn who_waits_for_github_is_waited_for_while_it_is_away_and_a_minute_more() {
    let earlier = waiting(WaitingReason::GithubUnavailable, None);
    assert!(is_waited_for(&earlier, None, at(3_600)));
    let back_at = Some(at(3_600));
    assert!(is_waited_for(&earlier, back_at, at(3_659)));
    assert!(!is_waited_for(&earlier, back_at, at(3_660)));
    assert!(!is_waited_for_at(&earlier, 1), "it alone fails");
    assert!(is_waited_for(&earlier, None, at(HALF_A_DAY)));
    assert!(!is_waited_for(&earlier, None, at(HALF_A_DAY + 1)));
}

#[test]
fn who_waits_for_a_limit_is_waited_for_until_it_is_surely_over_and_a_minute_more() {
    for reason in [WaitingReason::RateLimit, WaitingReason::CreateLimit] {
        let earlier = waiting(reason, Some(3_600));
        assert!(is_waited_for_at(&earlier, 1));
        assert!(is_waited_for_at(&earlier, 3_719));
        assert!(!is_waited_for_at(&earlier, 3_720));
        let earlier = waiting(reason, Some(2 * HALF_A_DAY));
        assert!(!is_waited_for_at(&earlier, HALF_A_DAY + 1));
    }
}

#[test]
fn what_may_have_begun_is_nothing_to_wait_for_or_to_say() {
    let earlier = waiting(WaitingReason::AnswerLost, None);
    assert!(!is_waited_for_at(&earlier, 1));
    assert!(!is_waited_for(&earlier, None, at(1)));
    let earlier = waiting(WaitingReason::AnswerLost, Some(60));
    assert_eq!(limited(&earlier, at(1)), None);
}

#[test]
fn a_word_is_said_by_others_only_while_it_holds_for_all() {
    let earlier = waiting(WaitingReason::RateLimit, Some(60));
    let (said, over_at) = limited(&earlier, at(59)).unwrap();
    assert_eq!((Some(said), over_at), (earlier.waiting.as_ref(), at(60)));
    assert_eq!(limited(&earlier, at(60)), None, "it is over");
    let earlier = waiting(WaitingReason::CreateLimit, Some(60));
    assert_eq!(limited(&earlier, at(1)), None, "it is its own place");
    let earlier = waiting(WaitingReason::GithubUnavailable, None);
    assert_eq!(limited(&earlier, at(1)), None);
    assert_eq!(limited(&request(at(0)), at(1)), None);
}

#[test]
fn who_had_its_turn_is_not_in_line_any_more() {
    let earlier = waiting(WaitingReason::CreateLimit, Some(60));
    assert!(is_in_line(&earlier, at(59)));
    assert!(!is_in_line(&earlier, at(60)));
    assert!(!is_in_line(
        &waiting(WaitingReason::RateLimit, Some(60)),
        at(1)
    ));
    assert!(!is_in_line(&request(at(0)), at(1)));
}

#[test]
fn looks_are_soon_where_one_is_under_way_and_few_where_many_are() {
    let (one, mine) = (request(at(0)), request(at(10)));
    let look = |before: &[Request], ms: i64| {
        let now = at(10) + SignedDuration::from_millis(ms);
        look_again(before, &mine, RETRY, now).as_millis()
    };
    let under_way = std::slice::from_ref(&one);
    let looks = [0, 250, 500, 1_000, 2_000, 60_000].map(|ms| look(under_way, ms));
    assert_eq!(looks, [250, 250, 500, 1_000, 2_000, 2_000]);
    assert_eq!(look(under_way, -5_000), 250, "a clock is behind");
    let waits = waiting(WaitingReason::GithubUnavailable, None);
    assert_eq!(look(&[waits], 0), 2_000);
    assert_eq!(look(&vec![one; 10], 0), 20_000);
}
