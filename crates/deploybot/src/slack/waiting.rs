//! What waits for its turn in one channel. New messages and edits take turns:
//! somebody waits for a new message, so that it passes the edits that came
//! before it, but only one more each time, or a channel in which much is asked
//! would never see how its deployments go on. Each kind keeps its order; one that
//! has to wait for itself alone is passed, but not by later answers to who is
//! answered by it.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use tokio::{sync::oneshot, time::Instant};

use super::{
    error::Error,
    id::UserId,
    order::IN_ORDER,
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
    /// How many had claimed it when it was looked for and not found; 0 where it
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

/// What something to say is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Post,
    Edit,
}

/// What there is to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outlook {
    /// Of which kinds there is something that may be said now; whose turn it is
    /// comes first.
    pub(super) kinds: [Option<Kind>; 2],
    /// When there will be more.
    pub(super) at: Option<Instant>,
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

    /// What there is to say; none where nothing waits.
    pub(super) fn outlook(&self, now: Instant) -> Option<Outlook> {
        if self.posts.is_empty() && self.edits.is_empty() {
            return None;
        }
        let (post, edit) = (self.post_due(now), self.edit_due(now));
        let there = |due: &Due, kind| matches!(due, Due::Now(_)).then_some(kind);
        let (posts, edits) = (there(&post, Kind::Post), there(&edit, Kind::Edit));
        let kinds = match (posts, edits) {
            (Some(post), Some(edit)) if self.posted => [Some(edit), Some(post)],
            (None, edit) => [edit, None],
            (post, edit) => [post, edit],
        };
        let later = [post, edit].into_iter().filter_map(|due| match due {
            Due::At(at) => Some(at),
            Due::Now(_) | Due::Never => None,
        });
        Some(Outlook {
            kinds,
            at: later.min(),
        })
    }

    /// Takes the next of a kind that may be said now.
    pub(super) fn take(&mut self, kind: Kind, now: Instant) -> Option<Job> {
        let due = match kind {
            Kind::Post => self.post_due(now),
            Kind::Edit => self.edit_due(now),
        };
        let Due::Now(place) = due else { return None };
        self.posted = kind == Kind::Post;
        match kind {
            Kind::Post => self.posts.remove(place).map(Job::Post),
            Kind::Edit => self.edits.remove(place).map(Job::Edit),
        }
    }

    /// Something that is not to be said any more, and needs no turn for that.
    pub(super) fn take_unwanted(&mut self, now: Instant) -> Option<Job> {
        let is_unwanted = |course: &Course| !course.is_wanted(now);
        if let Some(place) = self.posts.iter().position(|it| is_unwanted(&it.course)) {
            return self.posts.remove(place).map(Job::Post);
        }
        let place = self.edits.iter().position(|it| is_unwanted(&it.course))?;
        self.edits.remove(place).map(Job::Edit)
    }

    /// Whether nothing waits, nor would have to.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.posts.is_empty() && self.edits.is_empty() && self.held_until() <= now
    }

    /// Until when all of a kind have to wait.
    pub(super) fn held_until(&self) -> Instant {
        self.posts_from.max(self.edits_from)
    }

    fn post_due(&self, now: Instant) -> Due {
        let whom = |posting: &Posting| match posting.course.whose {
            Whose::Answer { .. } => posting.post.or_to.clone(),
            Whose::Feed(_) => None,
        };
        let posts = self.posts.iter();
        let posts = posts.map(|posting| (posting.course.not_before, whom(posting)));
        first_due(posts, self.posts_from, now)
    }

    fn edit_due(&self, now: Instant) -> Due {
        let edits = self.edits.iter();
        let edits = edits.map(|editing| (editing.course.not_before, None));
        first_due(edits, self.edits_from, now)
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
    /// Whether it may be there already: an answer of Slack's was lost, or others have
    /// claimed it since it was looked for; without a claim anybody may have posted it.
    pub(super) fn may_be_there(&self, claimants: i64) -> bool {
        let is_looked_for = match self.looked {
            Some(then) => then == claimants,
            None => claimants == 1,
        };
        self.perhaps_there || !is_looked_for
    }

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
/// Who is answered is not answered before what they asked earlier, unless that takes
/// too long.
fn first_due(
    row: impl Iterator<Item = (Instant, Option<UserId>)>,
    from: Instant,
    now: Instant,
) -> Due {
    let mut due = Due::Never;
    let mut wait_for_earlier = HashSet::new();
    for (place, (not_before, whom)) in row.enumerate() {
        if whom
            .as_ref()
            .is_some_and(|whom| wait_for_earlier.contains(whom))
        {
            continue;
        }
        let at = not_before.max(from);
        if at <= now {
            return Due::Now(place);
        }
        if !matches!(due, Due::At(earliest) if earliest <= at) {
            due = Due::At(at);
        }
        let is_soon = not_before <= now + IN_ORDER;
        wait_for_earlier.extend(whom.filter(|_| is_soon));
    }
    due
}

#[cfg(test)]
pub(super) mod tests;
