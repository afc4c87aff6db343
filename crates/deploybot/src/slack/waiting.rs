//! What waits for its turn in one channel. New messages and edits take turns:
//! somebody waits for a new message, so that it passes the edits that came
//! before it, but only one more each time, or a channel in which much is asked
//! would never see how its deployments go on.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::{
    error::Error,
    outbox::{Edit, Post, Posted},
};

/// Something to say.
pub(super) enum Job {
    Post(Posting),
    Edit(Editing),
}

/// A new message, and who waits for it.
pub(super) struct Posting {
    pub(super) post: Post,
    pub(super) tries: u32,
    pub(super) answer: oneshot::Sender<Result<Posted, Error>>,
}

/// A newer state of a message, and all who wait for it or an older one.
pub(super) struct Editing {
    pub(super) edit: Edit,
    pub(super) tries: u32,
    pub(super) answers: Vec<oneshot::Sender<Result<(), Error>>>,
}

/// The new messages and the edits that wait.
#[derive(Default)]
pub(super) struct Waiting {
    posts: VecDeque<Posting>,
    edits: VecDeque<Editing>,
    /// The last turn was a new message's.
    posted: bool,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.posts.len() + self.edits.len()
    }

    /// A newer state takes the place of the older one in the row.
    pub(super) fn add(&mut self, job: Job) {
        match job {
            Job::Post(posting) => self.posts.push_back(posting),
            Job::Edit(newer) => {
                let mut edits = self.edits.iter_mut();
                match edits.find(|waiting| waiting.edit.ts == newer.edit.ts) {
                    Some(waiting) => {
                        waiting.edit = newer.edit;
                        waiting.answers.extend(newer.answers);
                    }
                    None => self.edits.push_back(newer),
                }
            }
        }
    }

    /// What could not be said is the first of its kind again. Jobs are added
    /// only between calls, so that no newer state is there yet.
    pub(super) fn put_back(&mut self, job: Job) {
        match job {
            Job::Post(posting) => self.posts.push_front(posting),
            Job::Edit(editing) => self.edits.push_front(editing),
        }
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self) -> Option<Job> {
        let edits_turn = self.posted || self.posts.is_empty();
        self.posted = false;
        if edits_turn && let Some(editing) = self.edits.pop_front() {
            return Some(Job::Edit(editing));
        }
        let posting = self.posts.pop_front()?;
        self.posted = true;
        Some(Job::Post(posting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        slack::{
            id::{ChannelId, Place, Ts},
            mark::Mark,
            outbox::There,
        },
        view,
    };

    fn post(name: &str) -> Job {
        let place = Place {
            channel: ChannelId::from("C1"),
            thread: None,
        };
        Job::Post(Posting {
            post: Post {
                place,
                or_in: None,
                message: view::taken(),
                mark: Mark::Answer(name.to_owned()),
                since: Ts::from("0"),
                there: There::No,
            },
            tries: 0,
            answer: oneshot::channel().0,
        })
    }

    /// The edit of a message, in so many states.
    fn edit(ts: &str, state: u32) -> Job {
        Job::Edit(Editing {
            edit: Edit {
                channel: ChannelId::from("C1"),
                ts: Ts::from(ts),
                message: view::taken(),
                mark: Mark::Request(format!("{ts}.{state}")),
            },
            tries: 0,
            answers: vec![oneshot::channel().0],
        })
    }

    fn name(job: &Job) -> String {
        let mark = match job {
            Job::Post(posting) => &posting.post.mark,
            Job::Edit(editing) => &editing.edit.mark,
        };
        match mark {
            Mark::Request(name)
            | Mark::Failure(name)
            | Mark::Cancellation(name)
            | Mark::Answer(name) => name.clone(),
        }
    }

    fn all(waiting: &mut Waiting) -> Vec<String> {
        let turns = std::iter::from_fn(|| waiting.next());
        turns.map(|job| name(&job)).collect()
    }

    #[test]
    fn new_messages_and_edits_take_turns() {
        let mut waiting = Waiting::default();
        for job in [edit("x", 1), edit("y", 1), post("a"), post("b"), post("c")] {
            waiting.add(job);
        }
        assert_eq!(all(&mut waiting), ["a", "x.1", "b", "y.1", "c"]);
        assert_eq!(waiting.len(), 0);
    }

    #[test]
    fn a_new_message_at_each_turn_starves_no_edit() {
        let mut waiting = Waiting::default();
        waiting.add(edit("x", 1));
        let mut turns = Vec::new();
        for number in 0..4 {
            waiting.add(post(&number.to_string()));
            turns.push(name(&waiting.next().expect("something waits")));
        }
        assert_eq!(turns, ["0", "x.1", "1", "2"]);
    }

    #[test]
    fn a_newer_state_takes_the_place_of_the_older_with_all_who_wait_for_it() {
        let mut waiting = Waiting::default();
        for job in [edit("x", 1), edit("y", 1), edit("x", 2)] {
            waiting.add(job);
        }
        let Some(Job::Edit(first)) = waiting.next() else {
            panic!("no edit")
        };
        assert_eq!(first.answers.len(), 2);
        assert_eq!(name(&Job::Edit(first)), "x.2");
        assert_eq!(all(&mut waiting), ["y.1"]);
    }

    #[test]
    fn what_is_put_back_is_the_first_of_its_kind_and_holds_up_no_other_kind() {
        let mut waiting = Waiting::default();
        for job in [post("a"), post("b"), edit("x", 1)] {
            waiting.add(job);
        }
        let first = waiting.next().expect("a");
        waiting.put_back(first);
        assert_eq!(all(&mut waiting), ["x.1", "a", "b"]);
    }
}
