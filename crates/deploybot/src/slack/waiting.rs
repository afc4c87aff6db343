//! What waits for its turn in one channel. New messages and edits take turns:
//! somebody waits for a new message, so that it passes the edits that came
//! before it, but only one more each time, or a channel in which much is asked
//! would never see how its deployments go on. Each kind keeps its order; one that
//! has to wait for itself alone is passed.

use std::{collections::VecDeque, sync::Arc};

use tokio::{sync::oneshot, time::Instant};

use super::{
    error::Error,
    outbox::{Edit, Post, Posted},
};
use crate::{backoff::Backoff, term::Term};

/// Something to say.
pub(super) enum Job {
    Post(Box<Posting>),
    Edit(Box<Editing>),
}

/// A new message, and who waits for it.
pub(super) struct Posting {
    pub(super) post: Post,
    pub(super) answers: Vec<oneshot::Sender<Result<Posted, Error>>>,
    pub(super) course: Course,
    /// This try to post it, as the deploy service knows it.
    pub(super) claimant: String,
    /// A call to post it may have done so unseen.
    pub(super) perhaps_there: bool,
    /// How many had claimed it when it was looked for and not found; 0 where that
    /// could not be claimed.
    pub(super) looked: Option<i64>,
}

/// A newer state of a message, and all who wait for it or an older one.
pub(super) struct Editing {
    pub(super) edit: Edit,
    pub(super) answers: Vec<oneshot::Sender<Result<(), Error>>>,
    pub(super) course: Course,
}

/// What becomes of something to say beside what it says.
pub(super) struct Course {
    pub(super) whose: Whose,
    /// It waits until then, whatever the others do.
    pub(super) not_before: Instant,
    pub(super) backoff: Backoff,
    /// How often it was refused for a reason that is not known.
    pub(super) refusals: u32,
    /// Slack has refused what it said; it says the same more plainly now.
    pub(super) is_plain: bool,
}

/// On whose behalf something is said.
#[derive(Debug, Clone)]
pub(super) enum Whose {
    /// Of somebody who asked: until it is of no use any more, the oldest first.
    Answer { until: Instant, number: u64 },
    /// Of the feed, as long as this process shows it.
    Feed(Arc<Term>),
}

/// What comes next.
pub(super) enum Next {
    /// This, now.
    Job(Job),
    /// Something, then.
    At(Instant),
    /// Nothing waits.
    Nothing,
}

/// The new messages and the edits that wait.
pub(super) struct Waiting {
    posts: VecDeque<Box<Posting>>,
    edits: VecDeque<Box<Editing>>,
    /// The last turn was a new message's.
    posted: bool,
    /// All of a kind wait until then.
    posts_from: Instant,
    edits_from: Instant,
}

impl Waiting {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            posts: VecDeque::new(),
            edits: VecDeque::new(),
            posted: false,
            posts_from: now,
            edits_from: now,
        }
    }

    /// A newer state takes the place of the older one in the row, of a message
    /// that is not posted yet too.
    pub(super) fn add(&mut self, job: Job) {
        match job {
            Job::Post(newer) => {
                let same = |waiting: &&mut Box<Posting>| waiting.post.mark == newer.post.mark;
                match self.posts.iter_mut().find(same) {
                    Some(waiting) => waiting.become_newer(*newer),
                    None => self.posts.push_back(newer),
                }
            }
            Job::Edit(newer) => {
                let same = |waiting: &&mut Box<Editing>| waiting.edit.sent == newer.edit.sent;
                match self.edits.iter_mut().find(same) {
                    Some(waiting) => waiting.become_newer(*newer),
                    None => self.edits.push_back(newer),
                }
            }
        }
    }

    /// What could not be said is the first of its kind again, in its newest state.
    pub(super) fn put_back(&mut self, job: Job) {
        match job {
            Job::Post(mut posting) => {
                let mut posts = self.posts.iter();
                let newer = posts.position(|waiting| waiting.post.mark == posting.post.mark);
                if let Some(newer) = newer {
                    let newer = self.posts.remove(newer).expect("it was found there");
                    posting.become_newer(*newer);
                }
                self.posts.push_front(posting);
            }
            Job::Edit(mut editing) => {
                let mut edits = self.edits.iter();
                let newer = edits.position(|waiting| waiting.edit.sent == editing.edit.sent);
                if let Some(newer) = newer {
                    let newer = self.edits.remove(newer).expect("it was found there");
                    editing.become_newer(*newer);
                }
                self.edits.push_front(editing);
            }
        }
    }

    /// All new messages wait until then.
    pub(super) fn hold_posts(&mut self, until: Instant) {
        self.posts_from = self.posts_from.max(until);
    }

    /// All edits wait until then.
    pub(super) fn hold_edits(&mut self, until: Instant) {
        self.edits_from = self.edits_from.max(until);
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        let posts = self.posts.iter().map(|posting| posting.course.not_before);
        let post = first_due(posts, self.posts_from, now);
        let edits = self.edits.iter().map(|editing| editing.course.not_before);
        let edit = first_due(edits, self.edits_from, now);
        let edits_turn = self.posted || !matches!(post, Due::Now(_));
        match (post, edit) {
            (_, Due::Now(place)) if edits_turn => {
                self.posted = false;
                let editing = self.edits.remove(place).expect("it was found there");
                Next::Job(Job::Edit(editing))
            }
            (Due::Now(place), _) => {
                self.posted = true;
                let posting = self.posts.remove(place).expect("it was found there");
                Next::Job(Job::Post(posting))
            }
            (Due::At(one), Due::At(other)) => Next::At(one.min(other)),
            (Due::At(one), _) | (_, Due::At(one)) => Next::At(one),
            _ => Next::Nothing,
        }
    }

    /// The answers among them, by their numbers.
    pub(super) fn answers(&self) -> impl Iterator<Item = u64> {
        let posts = self.posts.iter().map(|posting| &posting.course);
        let edits = self.edits.iter().map(|editing| &editing.course);
        posts.chain(edits).filter_map(Course::number)
    }

    /// Takes an answer out of the row.
    pub(super) fn remove_answer(&mut self, number: u64) -> Option<Job> {
        let number = Some(number);
        let posts = &mut self.posts;
        if let Some(place) = posts.iter().position(|it| it.course.number() == number) {
            return posts.remove(place).map(Job::Post);
        }
        let edits = &mut self.edits;
        let place = edits.iter().position(|it| it.course.number() == number)?;
        edits.remove(place).map(Job::Edit)
    }

    /// Lets go of what the feed has told in a term that is over.
    pub(super) fn forget_what_is_over(&mut self, now: Instant) {
        self.posts.retain(|posting| !posting.course.is_over(now));
        self.edits.retain(|editing| !editing.course.is_over(now));
    }
}

impl Posting {
    /// How far it has come, and its place in the row, stay.
    fn become_newer(&mut self, newer: Self) {
        self.post = newer.post;
        self.course.become_newer(newer.course);
        self.answers.retain(|answer| !answer.is_closed());
        self.answers.extend(newer.answers);
    }
}

impl Editing {
    fn become_newer(&mut self, newer: Self) {
        self.edit = newer.edit;
        self.course.become_newer(newer.course);
        self.answers.retain(|answer| !answer.is_closed());
        self.answers.extend(newer.answers);
    }
}

impl Course {
    pub(super) fn new(whose: Whose, backoff: Backoff, now: Instant) -> Self {
        Self {
            whose,
            not_before: now,
            backoff,
            refusals: 0,
            is_plain: false,
        }
    }

    /// Whether it is still to be said.
    pub(super) fn is_wanted(&self, now: Instant) -> bool {
        match &self.whose {
            Whose::Answer { until, .. } => now < *until,
            Whose::Feed(term) => term.holds(now),
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        matches!(&self.whose, Whose::Feed(term) if !term.holds(now))
    }

    fn number(&self) -> Option<u64> {
        match self.whose {
            Whose::Answer { number, .. } => Some(number),
            Whose::Feed(_) => None,
        }
    }

    fn become_newer(&mut self, newer: Self) {
        self.whose = newer.whose;
        self.is_plain = newer.is_plain;
        self.refusals = 0;
    }
}

enum Due {
    Now(usize),
    At(Instant),
    Never,
}

/// The first in a row that has not to wait, or when the first will not have to.
fn first_due(row: impl Iterator<Item = Instant>, from: Instant, now: Instant) -> Due {
    let mut due = Due::Never;
    for (place, not_before) in row.enumerate() {
        let at = not_before.max(from);
        if at <= now {
            return Due::Now(place);
        }
        if !matches!(due, Due::At(earliest) if earliest <= at) {
            due = Due::At(at);
        }
    }
    due
}

#[cfg(test)]
pub(super) mod tests;
