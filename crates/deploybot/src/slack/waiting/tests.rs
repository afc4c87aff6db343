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
fn edit(ts: &str, state: u32, now: Instant) -> Job {
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
    match waiting.next(now) {
        Next::Job(job) => Some(job),
        Next::At(_) | Next::Nothing => None,
    }
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
    assert!(matches!(waiting.next(now), Next::Nothing));
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
    assert!(matches!(waiting.next(now), Next::At(then) if then == later(5)));

    for job in [post("c", now), edit("y", 1, now)] {
        waiting.add(job);
    }
    waiting.hold_posts(later(30));
    waiting.hold_posts(later(10));
    assert_eq!(all(&mut waiting, later(6)), ["y.1"]);
    assert!(matches!(waiting.next(now), Next::At(then) if then == later(30)));
    waiting.hold_edits(later(40));
    waiting.add(edit("z", 1, now));
    assert_eq!(all(&mut waiting, later(30)), ["a", "c"]);
    assert_eq!(all(&mut waiting, later(40)), ["z.1"]);
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
