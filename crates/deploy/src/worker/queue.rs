//! Which requests this process deals with: those it may begin with, those that
//! are under way, and those that come back later and hold nothing meanwhile. It
//! only remembers and chooses; who goes first at GitHub is decided in the
//! journal.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tokio::time::Instant;

use crate::model::RequestId;

/// How many are carried out side by side. Those that wait in GitHub's line are
/// not among them.
const SIDE_BY_SIDE: usize = 1_000;
/// How many are known at once. GitHub takes 6,000 deployments in the half day
/// for which a request waits, and what is one too many is found when there is
/// room.
const KNOWN: usize = 50_000;

/// When a request is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Not by this loop: it has ended, or its deployment runs.
    Never,
    /// Then.
    At(Instant),
    /// When GitHub answers again, or then at the latest.
    Back(Instant),
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ready,
    UnderWay,
    Aside { until: Instant, for_github: bool },
}

/// The requests that are dealt with.
#[derive(Debug, Default)]
pub(super) struct Queue {
    places: HashMap<RequestId, Place>,
    /// Those to begin with, in their order.
    ready: VecDeque<RequestId>,
    /// Those that come back, by when.
    aside: BTreeSet<(Instant, RequestId)>,
    under_way: usize,
    /// How many of those aside wait for GitHub to answer.
    for_github: usize,
}

impl Queue {
    /// A request waits in the journal. It may be known already.
    pub(super) fn add(&mut self, id: RequestId) {
        if self.has_room() && !self.places.contains_key(&id) {
            self.places.insert(id.clone(), Place::Ready);
            self.ready.push_back(id);
        }
    }

    /// Whether one more can be known.
    pub(super) fn has_room(&self) -> bool {
        self.places.len() < KNOWN
    }

    /// The next to begin with, which is under way from now on.
    pub(super) fn begin(&mut self, now: Instant) -> Option<RequestId> {
        while let Some((until, _)) = self.aside.first()
            && *until <= now
            && let Some((_, id)) = self.aside.pop_first()
        {
            self.make_ready(id);
        }
        if self.under_way >= SIDE_BY_SIDE {
            return None;
        }
        let id = self.ready.pop_front()?;
        self.places.insert(id.clone(), Place::UnderWay);
        self.under_way += 1;
        Some(id)
    }

    /// One that was under way is not any more.
    pub(super) fn end(&mut self, id: RequestId, next: Next) {
        if self.places.remove(&id) == Some(Place::UnderWay) {
            self.under_way -= 1;
        }
        let (until, for_github) = match next {
            Next::Never => return,
            Next::At(until) => (until, false),
            Next::Back(until) => (until, true),
        };
        self.for_github += usize::from(for_github);
        self.places
            .insert(id.clone(), Place::Aside { until, for_github });
        self.aside.insert((until, id));
    }

    /// When the first of those aside comes back.
    pub(super) fn due(&self) -> Option<Instant> {
        self.aside.first().map(|(until, _)| *until)
    }

    /// Whether some wait for GitHub to answer.
    pub(super) fn waits_for_github(&self) -> bool {
        self.for_github > 0
    }

    /// GitHub answers: those that waited for that come back, each when `when`
    /// says.
    pub(super) fn github_is_back(&mut self, mut when: impl FnMut() -> Instant) {
        for (id, place) in &mut self.places {
            if let Place::Aside {
                until,
                for_github: for_github @ true,
            } = place
            {
                self.aside.remove(&(*until, id.clone()));
                *until = (*until).min(when());
                *for_github = false;
                self.aside.insert((*until, id.clone()));
            }
        }
        self.for_github = 0;
    }

    fn make_ready(&mut self, id: RequestId) {
        let before = self.places.insert(id.clone(), Place::Ready);
        if let Some(Place::Aside {
            for_github: true, ..
        }) = before
        {
            self.for_github -= 1;
        }
        self.ready.push_back(id);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn id(number: usize) -> RequestId {
        format!("r{number}").parse().unwrap()
    }

    fn queue(requests: usize) -> Queue {
        let mut queue = Queue::default();
        (0..requests).for_each(|number| queue.add(id(number)));
        queue
    }

    fn begun(queue: &mut Queue, now: Instant) -> Vec<RequestId> {
        std::iter::from_fn(|| queue.begin(now)).collect()
    }

    #[tokio::test]
    async fn what_is_known_is_begun_with_once() {
        let now = Instant::now();
        let mut queue = queue(2);
        queue.add(id(0));
        assert_eq!(begun(&mut queue, now), [id(0), id(1)]);
        queue.add(id(0));
        assert_eq!(begun(&mut queue, now), []);
        queue.end(id(0), Next::Never);
        queue.add(id(0));
        assert_eq!(begun(&mut queue, now), [id(0)]);
    }

    #[tokio::test]
    async fn who_waits_in_line_keeps_no_other_from_being_begun_with() {
        let now = Instant::now();
        let mut queue = queue(SIDE_BY_SIDE + 2);
        assert_eq!(begun(&mut queue, now).len(), SIDE_BY_SIDE);
        queue.end(id(3), Next::At(now + MINUTE));
        queue.end(id(4), Next::At(now + MINUTE * 2));
        let others = [id(SIDE_BY_SIDE), id(SIDE_BY_SIDE + 1)];
        assert_eq!(begun(&mut queue, now), others);
        queue.end(id(0), Next::Never);
        assert_eq!(queue.due(), Some(now + MINUTE));
        assert_eq!(begun(&mut queue, now + MINUTE), [id(3)]);
        assert_eq!(queue.due(), Some(now + MINUTE * 2));
    }

    #[tokio::test]
    async fn who_waits_for_github_comes_back_with_it() {
        let now = Instant::now();
        let mut queue = queue(3);
        assert_eq!(begun(&mut queue, now).len(), 3);
        assert!(!queue.waits_for_github());
        queue.end(id(0), Next::Back(now + MINUTE));
        queue.end(id(1), Next::Back(now + MINUTE * 5));
        queue.end(id(2), Next::At(now + MINUTE * 5));
        assert_eq!(begun(&mut queue, now + MINUTE), [id(0)]);
        assert!(queue.waits_for_github());
        queue.github_is_back(|| now + MINUTE * 2);
        assert!(!queue.waits_for_github());
        assert_eq!(begun(&mut queue, now + MINUTE * 2), [id(1)]);
        assert_eq!(begun(&mut queue, now + MINUTE * 5), [id(2)]);
        assert_eq!(queue.due(), None);
    }

    #[tokio::test]
    async fn no_more_are_known_than_there_is_room_for() {
        let mut queue = queue(KNOWN + 1);
        assert!(!queue.has_room());
        let first = queue.begin(Instant::now()).unwrap();
        queue.end(first, Next::Never);
        queue.add(id(KNOWN));
        assert!(queue.places.contains_key(&id(KNOWN)));
    }
}
