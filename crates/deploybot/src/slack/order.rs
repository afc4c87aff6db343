//! In which order somebody is answered: as they asked. What people ask is dealt
//! with side by side, and what is quickly known would be said before what was asked
//! first. So an answer waits until those to what the same person asked before in the
//! same channel wait to be said, or will not be; not for others, and not longer than
//! a question may take to be answered. Who waits so is told it after 2 seconds, once
//! for all that they wait for.
//!
//! What is delivered again has its place already, or takes one then.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use super::{
    event::Event,
    id::{ChannelId, UserId},
    mark::Mark,
    outbox::Post,
};

/// How long somebody waits for the answer to what they asked before: as long as a
/// question may take.
pub(super) const IN_ORDER: Duration = Duration::from_secs(10);

/// Knows what people have asked and are not answered yet.
#[derive(Clone, Default)]
pub(crate) struct Order(Arc<Lines>);

#[derive(Default)]
struct Lines {
    /// What each person has asked in each channel.
    lines: Mutex<HashMap<Who, Line>>,
    /// Somebody has left.
    moved: Notify,
}

type Who = (ChannelId, UserId);

#[derive(Default)]
struct Line {
    /// The oldest first.
    questions: VecDeque<Question>,
    /// They know that they wait.
    is_told: bool,
}

struct Question {
    event: String,
    /// It is dealt with, and may be answered yet.
    is_asked: bool,
    /// The answers to it that wait for their turn: what is said first may be said
    /// otherwise before it was said.
    answers: VecDeque<u64>,
    newest: u64,
}

/// Where a question has its place.
#[derive(Clone)]
struct Place {
    lines: Arc<Lines>,
    who: Who,
    event: String,
}

/// A question that is dealt with. Dropped, it will not be answered any more.
pub(super) struct Asked(Place);

/// An answer that has its place. Dropped, it is in the row, and the next may go.
pub(super) struct Turn {
    place: Place,
    number: u64,
}

impl Order {
    /// Takes a place for what is asked, where it is a question that has none.
    pub(super) fn asked(&self, event: &Event) -> Option<Asked> {
        let Event::Mention(mention) = event else {
            return None;
        };
        let place = self.place(&mention.channel, &mention.user, mention.id.as_str());
        // At one go: it may come twice at the same moment.
        let mut lines = self.0.lines();
        let line = &mut lines.entry(place.who.clone()).or_default().questions;
        if line.iter().any(|question| question.event == place.event) {
            return None;
        }
        line.push_back(Question {
            event: place.event.clone(),
            is_asked: true,
            answers: VecDeque::new(),
            newest: 0,
        });
        drop(lines);
        Some(Asked(place))
    }

    /// The place of an answer; none where it has none.
    pub(super) fn turn(&self, post: &Post) -> Option<Turn> {
        let Mark::Answer(event) = &post.mark else {
            return None;
        };
        let place = self.place(&post.place.channel, post.or_to.as_ref()?, event);
        let number = place.look(|_, question| {
            let question = question?;
            question.newest += 1;
            question.answers.push_back(question.newest);
            Some(question.newest)
        })?;
        Some(Turn { place, number })
    }

    fn place(&self, channel: &ChannelId, user: &UserId, event: &str) -> Place {
        Place {
            lines: Arc::clone(&self.0),
            who: (channel.clone(), user.clone()),
            event: event.to_owned(),
        }
    }
}

impl Turn {
    /// Whether nothing is before it.
    pub(super) fn is_now(&self) -> bool {
        self.place.look(|is_first, question| {
            question.is_none_or(|it| is_first && it.answers.front() == Some(&self.number))
        })
    }

    /// Waits until nothing is before it, or for so long; whether nothing is.
    pub(super) async fn wait(&self, patience: Duration) -> bool {
        let waiting = async {
            loop {
                let moved = self.place.lines.moved.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                if self.is_now() {
                    return;
                }
                moved.await;
            }
        };
        timeout(patience, waiting).await.is_ok()
    }

    /// Whether this is the first to tell them that they wait.
    pub(super) fn is_first_to_tell(&self) -> bool {
        let mut lines = self.place.lines.lines();
        let line = lines.get_mut(&self.place.who);
        line.is_some_and(|line| !std::mem::replace(&mut line.is_told, true))
    }

    /// Waits no longer.
    pub(super) fn give_up(&self) {
        tracing::warn!(
            event.id = self.place.event,
            "what was asked before takes too long; this is answered first"
        );
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.leave(|question| question.is_asked = false);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let number = self.number;
        self.place.leave(|question| {
            question.is_asked = false;
            question.answers.retain(|answer| *answer != number);
        });
    }
}

impl Place {
    /// Looks at what has this place, and whether it is the first.
    fn look<T>(&self, look: impl FnOnce(bool, Option<&mut Question>) -> T) -> T {
        let mut lines = self.lines.lines();
        let line = lines.get_mut(&self.who).into_iter();
        let line = line.flat_map(|line| &mut line.questions);
        let question = line.enumerate().find(|(_, it)| it.event == self.event);
        match question {
            Some((place, question)) => look(place == 0, Some(question)),
            None => look(false, None),
        }
    }

    /// Changes what has this place, and gives it up when nothing is left of it.
    fn leave(&self, change: impl FnOnce(&mut Question)) {
        let mut lines = self.lines.lines();
        if let Some(Line {
            questions: line, ..
        }) = lines.get_mut(&self.who)
        {
            if let Some(question) = line.iter_mut().find(|it| it.event == self.event) {
                change(question);
            }
            line.retain(|question| question.is_asked || !question.answers.is_empty());
            if line.is_empty() {
                lines.remove(&self.who);
            }
        }
        drop(lines);
        self.lines.moved.notify_waiters();
    }
}

impl Lines {
    fn lines(&self) -> MutexGuard<'_, HashMap<Who, Line>> {
        self.lines
            .lock()
            .expect("nothing panics while it holds the lines")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        slack::{
            event::Mention,
            id::{EventId, Place as Where, TeamId, Ts},
        },
        view,
        words::{Language, Words},
    };

    fn question(event: &str, channel: &str, user: &str) -> Event {
        Event::Mention(Mention {
            team: TeamId::from("T1"),
            id: EventId::from(event),
            user: UserId::from(user),
            channel: ChannelId::from(channel),
            ts: Ts::from("1.0"),
            thread: None,
            direct: false,
            text: String::new(),
        })
    }

    fn answer(event: &str, channel: &str, user: &str) -> Post {
        Post {
            place: Where {
                channel: ChannelId::from(channel),
                thread: None,
            },
            or_in: None,
            or_to: Some(UserId::from(user)),
            message: view::taken(Words::new(Language::English)),
            mark: Mark::Answer(event.to_owned()),
            since: Ts::from("0"),
            gone: None,
            term: None,
        }
    }

    #[test]
    fn an_answer_comes_after_those_to_what_the_same_person_asked_there_before() {
        let order = Order::default();
        let ask = |event, channel, user| order.asked(&question(event, channel, user));
        let first = ask("Ev1", "C1", "U1").expect("it is new");
        let _second = ask("Ev2", "C1", "U1").expect("it is new");
        let _others = ask("Ev3", "C1", "U2").expect("it is new");
        let _elsewhere = ask("Ev4", "C2", "U1").expect("it is new");
        let turn = |event, channel, user| {
            let post = answer(event, channel, user);
            order.turn(&post).expect("it has a place")
        };
        let second = turn("Ev2", "C1", "U1");
        assert!(!second.is_now());
        assert!(turn("Ev3", "C1", "U2").is_now(), "another person");
        assert!(turn("Ev4", "C2", "U1").is_now(), "another channel");
        // It is not answered.
        drop(first);
        assert!(second.is_now());
    }

    #[tokio::test]
    async fn it_waits_until_those_are_said_and_no_longer_than_it_may() {
        let order = Order::default();
        let _asked = ["Ev1", "Ev2"].map(|event| order.asked(&question(event, "C1", "U1")));
        let turn = |event| order.turn(&answer(event, "C1", "U1")).expect("a place");
        let (first, second) = (turn("Ev1"), turn("Ev2"));
        assert!(!second.wait(Duration::from_millis(1)).await);
        assert!(!second.is_now());
        let long = Duration::from_secs(60);
        let (is_now, ()) = tokio::join!(second.wait(long), async { drop(first) });
        assert!(is_now && second.is_now());
    }

    #[test]
    fn who_waits_is_told_so_once_until_they_have_been_answered() {
        let order = Order::default();
        for _ in 0..2 {
            let asked =
                ["Ev1", "Ev2", "Ev3"].map(|event| order.asked(&question(event, "C1", "U1")));
            let turn = |event| order.turn(&answer(event, "C1", "U1")).expect("a place");
            let (second, third) = (turn("Ev2"), turn("Ev3"));
            assert!(second.is_first_to_tell());
            assert!(!third.is_first_to_tell() && !second.is_first_to_tell());
            drop(asked);
        }
    }

    #[test]
    fn of_two_answers_to_one_question_the_newer_comes_after_the_older() {
        let order = Order::default();
        let before = order.asked(&question("Ev1", "C1", "U1"));
        let asked = order.asked(&question("Ev2", "C1", "U1"));
        let turn = || order.turn(&answer("Ev2", "C1", "U1")).expect("a place");
        let (older, newer) = (turn(), turn());
        // Nobody deals with it any more, and both wait.
        drop(asked);
        drop(before);
        assert!(older.is_now() && !newer.is_now());
        drop(older);
        assert!(newer.is_now());
        drop(newer);
        assert!(order.0.lines().is_empty(), "nobody is remembered");
    }

    #[test]
    fn what_is_delivered_again_and_what_was_never_asked_holds_up_nothing() {
        let order = Order::default();
        let one = question("Ev1", "C1", "U1");
        let asked = order.asked(&one);
        assert!(asked.is_some() && order.asked(&one).is_none());
        drop(asked);
        assert!(order.turn(&answer("Ev1", "C1", "U1")).is_none());
        assert!(order.0.lines().is_empty(), "nobody is remembered");
    }
    #[test]
    fn what_comes_twice_at_the_same_moment_takes_one_place() {
        let order = Order::default();
        let together = std::sync::Barrier::new(2);
        let events: Vec<_> = (0..3_000)
            .map(|number| question(&format!("Ev{number}"), "C1", "U1"))
            .collect();
        let ask = || {
            let places = events.iter().map(|event| {
                together.wait();
                order.asked(event)
            });
            places.collect::<Vec<_>>()
        };
        let (here, there) = std::thread::scope(|scope| {
            let there = scope.spawn(ask);
            (ask(), there.join().expect("it does not panic"))
        });
        let mut both = here.iter().zip(&there);
        assert!(both.all(|(here, there)| here.is_some() != there.is_some()));
    }
}
