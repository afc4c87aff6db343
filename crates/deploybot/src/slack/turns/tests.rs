//! In whose turn, and how fast, Slack is called when it has refused.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::*;

const INTERVAL: Duration = Duration::from_millis(250);

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn wish(lane: u64, spoke: Instant) -> Wish {
    Wish { spoke, lane }
}

fn row(now: Instant) -> Row {
    Turns::new(INTERVAL, now)
        .row
        .into_inner()
        .expect("nobody has held it")
}

fn refused(row: &mut Row, channel: &str, wait: u64, now: Instant) {
    row.refused(&ChannelId::from(channel), seconds(wait), INTERVAL, now);
}

#[test]
fn nobody_waits_before_slack_has_refused() {
    let now = Instant::now();
    let mut row = row(now);
    for lane in 0..1_000 {
        row.wishes.insert(wish(lane, now));
        assert_eq!(row.look(wish(lane, now), now), Look::Yours);
    }
}

#[test]
fn one_channel_that_is_refused_holds_up_no_other() {
    let now = Instant::now();
    let mut row = row(now);
    refused(&mut row, "C1", 3_600, now);
    refused(&mut row, "C1", 3_600, now);
    row.wishes.insert(wish(2, now));
    assert_eq!(row.look(wish(2, now), now), Look::Yours);
}

#[test]
fn where_two_channels_are_refused_all_wait_and_then_go_in_turn() {
    let now = Instant::now();
    let mut row = row(now);
    refused(&mut row, "C1", 2, now);
    refused(&mut row, "C2", 3, now);
    let (quiet, loud) = (wish(9, before_a_lane(now)), wish(1, now));
    row.wishes.extend([quiet, loud]);
    let free = now + seconds(3);
    assert_eq!(row.look(loud, now), Look::At(free));
    assert_eq!(row.look(quiet, now), Look::At(free));
    // The one that has said nothing yet goes first.
    assert_eq!(row.look(loud, free), Look::Another);
    assert_eq!(row.look(quiet, free), Look::Yours);
    row.wishes.remove(&quiet);
    assert_eq!(row.look(loud, free), Look::At(free + INTERVAL));
    assert_eq!(row.look(loud, free + INTERVAL), Look::Yours);
}

#[test]
fn a_refusal_that_is_over_says_nothing_of_the_next() {
    let now = Instant::now();
    let mut row = row(now);
    refused(&mut row, "C1", 1, now);
    refused(&mut row, "C2", 30, now + seconds(1));
    row.wishes.insert(wish(3, now));
    assert_eq!(row.look(wish(3, now), now + seconds(1)), Look::Yours);
}

#[test]
fn some_minutes_after_the_last_refusal_nobody_waits_any_more() {
    let now = Instant::now();
    let mut row = row(now);
    refused(&mut row, "C1", 1, now);
    let wishes = [wish(1, now), wish(2, now)];
    row.wishes.extend(wishes);
    assert_eq!(row.look(wishes[1], now + seconds(299)), Look::Another);
    assert_eq!(row.look(wishes[1], now + seconds(300)), Look::Yours);
}

#[test]
fn however_many_lanes_are_opened_one_that_has_waited_for_longer_goes_first() {
    let begin = Instant::now();
    let mut row = row(begin);
    refused(&mut row, "C1", 1, begin);
    let old = wish(0, begin);
    row.wishes.insert(old);
    let turns = |row: &mut Row| {
        // Two are opened for each turn that there is.
        (0..100).find(|turn| {
            let now = begin + INTERVAL * *turn;
            for lane in [1, 2].map(|lane| u64::from(2 * *turn + lane)) {
                row.wishes.insert(wish(lane, before_a_lane(now)));
            }
            let first = *row.wishes.first().expect("they are there");
            assert_eq!(row.look(first, now), Look::Yours);
            row.wishes.remove(&first);
            first == old
        })
    };
    let before = turns(&mut row).expect("it has its turn");
    // Those that were opened in the ten seconds before it goes first no more.
    assert_eq!(before, 80);
}

#[tokio::test(start_paused = true)]
async fn lanes_take_turns_at_the_pace_and_one_that_gives_up_holds_up_nobody() {
    let begin = Instant::now();
    let turns = Arc::new(Turns::new(INTERVAL, begin));
    turns.refused(&ChannelId::from("C1"), seconds(1), begin);
    turns.refused(&ChannelId::from("C2"), seconds(1), begin);
    let had = Arc::new(Mutex::new(Vec::new()));
    let mut lanes = JoinSet::new();
    let handles: Vec<_> = (0..4)
        .map(|lane| {
            let (turns, had) = (Arc::clone(&turns), Arc::clone(&had));
            lanes.spawn(async move {
                turns.take(wish(lane, begin)).await;
                let at = (Instant::now() - begin).as_millis();
                had.lock().expect("nobody panics").push((lane, at));
            })
        })
        .collect();
    tokio::task::yield_now().await;
    handles[1].abort();
    while lanes.join_next().await.is_some() {}
    let had = had.lock().expect("nobody panics").clone();
    assert_eq!(had, [(0, 1_000), (2, 1_250), (3, 1_500)]);
    assert!(turns.row().wishes.is_empty());
}
