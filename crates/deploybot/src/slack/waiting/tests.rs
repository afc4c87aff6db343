//! The order in which things are said in a channel.

use std::time::Duration;

use super::*;
use crate::{
    config::Timing,
    slack::{
        client::Sent,
        id::{ChannelId, Place, Ts},
        mark::Mark,
    },
    view,
    words::{Language, Words},
};

const WORDS: Words = Words::new(Language::English);

/// An answer; its number is its name's first letter.
fn post(name: &str, now: Instant) -> Job {
    answer(name, u64::from(name.as_bytes()[0]), now)
}

/// An answer of a number.
pub(in crate::slack) fn answer(name: &str, number: u64, now: Instant) -> Job {
    let place = Place {
        channel: ChannelId::from("C1"),
        thread: None,
    };
    Job::Post(Box::new(Posting {
        post: Post {
            place,
            or_in: None,
            or_to: None,
            message: view::taken(WORDS),
            mark: Mark::Answer(name.to_owned()),
            since: Ts::from("0"),
            gone: None,
            term: None,
        },
        answers: vec![oneshot::channel().0],
        course: course(now, number),
        claimant: format!("claims {name}"),
        perhaps_there: false,
        looked: None,
    }))
}

fn course(now: Instant, number: u64) -> Course {
    let until = now + Duration::from_secs(60);
    let whose = Whose::Answer { until, number };
    Course::new(whose, Backoff::new(&Timing::default()), now)
}

/// The edit of a message, in so many states.
pub(in crate::slack) fn edit(ts: &str, state: u32, now: Instant) -> Job {
    let sent = Sent {
        channel: ChannelId::from("C1"),
        ts: Ts::from(ts),
    };
    Job::Edit(Box::new(Editing {
        edit: Edit {
            sent,
            message: view::taken(WORDS),
            mark: Mark::Request(format!("{ts}.{state}")),
            term: None,
        },
        answers: vec![oneshot::channel().0],
        course: course(now, 0),
    }))
}

fn name(job: &Job) -> String {
    let mark = match job {
        Job::Post(posting) => &posting.post.mark,
        Job::Edit(editing) => &editing.edit.mark,
    };
    let key = mark.key();
    key.split_once(':').expect("a kind and a name").1.to_owned()
}

fn taken(waiting: &mut Waiting, now: Instant) -> Option<Job> {
    let [first, _] = waiting.outlook(now)?.kinds;
    waiting.take(first?, now)
}

/// When there will be more to say.
fn later_in(waiting: &Waiting, now: Instant) -> Option<Instant> {
    waiting.outlook(now).expect("something waits").at
}

fn all(waiting: &mut Waiting, now: Instant) -> Vec<String> {
    std::iter::from_fn(|| taken(waiting, now))
        .map(|job| name(&job))
        .collect()
}

#[test]
fn new_messages_and_edits_take_turns() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    let jobs = [
        edit("x", 1, now),
        edit("y", 1, now),
        post("a", now),
        post("b", now),
        post("c", now),
    ];
    for job in jobs {
        waiting.add(job);
    }
    assert_eq!(all(&mut waiting, now), ["a", "x.1", "b", "y.1", "c"]);
    assert_eq!(waiting.outlook(now), None);
    assert!(waiting.is_idle(now));
}

#[test]
fn a_new_message_at_each_turn_starves_no_edit() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    waiting.add(edit("x", 1, now));
    let mut turns = Vec::new();
    for number in 0..4 {
        waiting.add(post(&number.to_string(), now));
        let job = taken(&mut waiting, now).expect("something waits");
        turns.push(name(&job));
    }
    assert_eq!(turns, ["0", "x.1", "1", "2"]);
}

#[test]
fn a_newer_state_takes_the_place_of_the_older_with_all_who_wait_for_it() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    let (tell, heard) = oneshot::channel();
    let Job::Edit(mut first) = edit("x", 1, now) else {
        panic!("no edit")
    };
    first.answers = vec![tell];
    waiting.add(Job::Edit(first));
    for job in [edit("y", 1, now), edit("x", 2, now)] {
        waiting.add(job);
    }
    let Some(Job::Edit(first)) = taken(&mut waiting, now) else {
        panic!("no edit")
    };
    assert_eq!(first.answers.len(), 2);
    assert_eq!(name(&Job::Edit(first)), "x.2");
    assert_eq!(all(&mut waiting, now), ["y.1"]);
    drop(heard);
}

#[test]
fn a_message_that_is_not_posted_yet_is_posted_in_its_newest_state() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    let Job::Post(mut newer) = post("a", now) else {
        panic!("no post")
    };
    newer.post.message = view::said_plainly(&view::taken(WORDS));
    let newest = newer.post.message.clone();
    newer.claimant = "another".to_owned();
    for job in [post("a", now), post("b", now), Job::Post(newer)] {
        waiting.add(job);
    }
    let Some(Job::Post(first)) = taken(&mut waiting, now) else {
        panic!("no post")
    };
    assert_eq!(first.post.message, newest);
    assert_eq!(first.claimant, "claims a", "it goes on where it was");
    assert_eq!(all(&mut waiting, now), ["b"]);
}

#[test]
fn what_is_put_back_is_the_first_of_its_kind_and_the_newest_state_stands() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    for job in [post("a", now), post("b", now), edit("x", 1, now)] {
        waiting.add(job);
    }
    let first = taken(&mut waiting, now).expect("a");
    let second = taken(&mut waiting, now).expect("x");
    waiting.put_back(first);
    waiting.add(edit("y", 1, now));
    // Something newer came while it was tried.
    waiting.add(edit("x", 2, now));
    waiting.put_back(second);
    assert_eq!(all(&mut waiting, now), ["a", "x.2", "b", "y.1"]);
}

#[test]
fn what_waits_for_itself_is_passed_and_what_holds_up_all_holds_up_its_kind() {
    let now = Instant::now();
    let later = |seconds| now + Duration::from_secs(seconds);
    let mut waiting = Waiting::new(now);
    let Job::Post(mut held) = post("a", now) else {
        panic!("no post")
    };
    held.course.not_before = later(5);
    for job in [Job::Post(held), post("b", now), edit("x", 1, now)] {
        waiting.add(job);
    }
    assert_eq!(all(&mut waiting, now), ["b", "x.1"]);
    assert_eq!(later_in(&waiting, now), Some(later(5)));

    for job in [post("c", now), edit("y", 1, now)] {
        waiting.add(job);
    }
    waiting.hold_posts(later(30));
    waiting.hold_posts(later(10));
    assert_eq!(all(&mut waiting, later(6)), ["y.1"]);
    assert_eq!(later_in(&waiting, now), Some(later(30)));
    waiting.hold_edits(later(40));
    waiting.add(edit("z", 1, now));
    assert_eq!(all(&mut waiting, later(30)), ["a", "c"]);
    assert_eq!(all(&mut waiting, later(40)), ["z.1"]);
}

#[test]
fn who_is_answered_is_not_answered_before_what_they_asked_earlier() {
    let now = Instant::now();
    let three = |seconds| {
        let mut waiting = Waiting::new(now);
        for (name, user) in [("a", "U1"), ("b", "U1"), ("c", "U2")] {
            let Job::Post(mut posting) = post(name, now) else {
                panic!("no post")
            };
            posting.post.or_to = Some(UserId::from(user));
            if name == "a" {
                posting.course.not_before = now + Duration::from_secs(seconds);
            }
            waiting.add(Job::Post(posting));
        }
        waiting
    };
    let (mut waiting, later) = (three(5), now + Duration::from_secs(5));
    assert_eq!(all(&mut waiting, now), ["c"]);
    assert_eq!(later_in(&waiting, now), Some(later));
    assert_eq!(all(&mut waiting, later), ["a", "b"]);
    assert_eq!(
        all(&mut three(3_600), now),
        ["b", "c"],
        "nobody waits so long"
    );
}

#[test]
fn what_is_not_to_be_said_any_more_needs_no_turn() {
    let now = Instant::now();
    let later = now + Duration::from_secs(61);
    let mut waiting = Waiting::new(now);
    waiting.hold_posts(later + Duration::from_secs(60));
    for job in [post("a", now), edit("x", 1, now), post("b", later)] {
        waiting.add(job);
    }
    assert!(waiting.take_unwanted(now).is_none());
    let unwanted: Vec<_> = std::iter::from_fn(|| waiting.take_unwanted(later))
        .map(|job| name(&job))
        .collect();
    assert_eq!(unwanted, ["a", "x.1"]);
}

#[test]
fn what_all_wait_for_keeps_a_row_from_being_idle() {
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    let mut waiting = Waiting::new(now);
    waiting.hold_edits(later);
    assert!(!waiting.is_idle(now));
    assert!(waiting.is_idle(later));
    waiting.add(post("a", later));
    assert!(!waiting.is_idle(later));
}

#[test]
fn a_message_is_looked_for_where_somebody_may_have_posted_it() {
    let now = Instant::now();
    let may_be_there = |looked, perhaps_there, claimants| {
        let Job::Post(mut posting) = post("a", now) else {
            panic!("no post")
        };
        (posting.looked, posting.perhaps_there) = (looked, perhaps_there);
        posting.may_be_there(claimants)
    };
    assert!(!may_be_there(None, false, 1));
    assert!(may_be_there(None, false, 2), "who claimed it before");
    assert!(may_be_there(None, false, 0), "it could not be claimed");
    assert!(!may_be_there(Some(2), false, 2), "it was looked for");
    assert!(may_be_there(Some(2), false, 3), "another has had it since");
    assert!(
        may_be_there(Some(0), false, 1),
        "others could not claim it either"
    );
    assert!(may_be_there(Some(1), true, 1), "an answer was lost");
}

#[test]
fn an_answer_is_taken_out_by_its_number() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    for job in [post("b", now), post("a", now), post("c", now)] {
        waiting.add(job);
    }
    let oldest = waiting.answers().min().expect("there are three");
    let removed = waiting.remove_answer(oldest).expect("it is there");
    assert_eq!(name(&removed), "a");
    assert!(waiting.remove_answer(oldest).is_none());
    assert_eq!(all(&mut waiting, now), ["b", "c"]);
}

#[test]
fn what_the_feed_told_in_a_term_that_is_over_is_forgotten_and_answers_are_not() {
    let now = Instant::now();
    let mut waiting = Waiting::new(now);
    let [over, lasts] =
        [0, 1].map(|_| Arc::new(Term::begin(Duration::ZERO, Duration::from_secs(10), now)));
    over.end();
    for (ts, term) in [("x", over), ("y", lasts)] {
        let Job::Edit(mut editing) = edit(ts, 1, now) else {
            panic!("no edit")
        };
        editing.course.whose = Whose::Feed(term);
        waiting.add(Job::Edit(editing));
    }
    waiting.add(post("a", now));
    waiting.forget_what_is_over(now);
    assert_eq!(all(&mut waiting, now), ["a", "y.1"]);
}
