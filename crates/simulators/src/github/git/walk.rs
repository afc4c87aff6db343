//! Walks over the commits of a repository, newest first, as `git log` goes:
//! by commit date, and lazily, so that what is near is cheap however long the
//! history. A shallow clone's oldest commits count as roots.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
};

use anyhow::Context as _;
use gix::ObjectId;

use super::{Comparison, Sha};

/// How many commits that both sides have are looked at in vain before a
/// comparison ends. More than none, because commit dates are set by hand and
/// may be out of order.
const COMPARE_SLACK: usize = 200;

/// Reads parents and dates of commits.
pub(super) struct Graph {
    repository: gix::Repository,
    shallow: Option<gix::shallow::Commits>,
    buffer: Vec<u8>,
    read: usize,
}

struct Node {
    seconds: i64,
    parents: Vec<ObjectId>,
}

impl Graph {
    pub(super) fn new(repository: gix::Repository) -> anyhow::Result<Self> {
        let shallow = repository
            .shallow_commits()
            .context("cannot read the boundary of a shallow clone")?;
        Ok(Self {
            repository,
            shallow,
            buffer: Vec::new(),
            read: 0,
        })
    }

    fn node(&mut self, id: ObjectId) -> anyhow::Result<Node> {
        use gix::prelude::FindExt as _;
        self.read += 1;
        let commit = self
            .repository
            .objects
            .find_commit_iter(&id, &mut self.buffer)
            .with_context(|| format!("cannot read commit {id}"))?;
        let is_boundary = self
            .shallow
            .as_ref()
            .is_some_and(|commits| commits.binary_search(&id).is_ok());
        let parents = if is_boundary {
            Vec::new()
        } else {
            commit.parent_ids().collect()
        };
        let seconds = commit
            .committer()
            .with_context(|| format!("cannot read the date of commit {id}"))?
            .seconds();
        Ok(Node { seconds, parents })
    }
}

/// Commits to be visited, the newest first; of equally old ones, the one that
/// was found first.
#[derive(Default)]
struct Queue {
    heap: BinaryHeap<(i64, Reverse<usize>, ObjectId)>,
    nodes: HashMap<ObjectId, Vec<ObjectId>>,
    pushed: usize,
}

impl Queue {
    fn push(&mut self, graph: &mut Graph, id: ObjectId) -> anyhow::Result<()> {
        let node = graph.node(id)?;
        self.heap.push((node.seconds, Reverse(self.pushed), id));
        self.pushed += 1;
        self.nodes.insert(id, node.parents);
        Ok(())
    }

    /// The newest commit and its parents.
    fn pop(&mut self) -> Option<(ObjectId, Vec<ObjectId>)> {
        let (_, _, id) = self.heap.pop()?;
        Some((id, self.nodes.remove(&id).unwrap_or_default()))
    }
}

/// The commits that one commit can reach, itself first.
pub(super) struct Log {
    graph: Graph,
    queue: Queue,
    seen: HashSet<ObjectId>,
}

impl Log {
    pub(super) fn new(mut graph: Graph, from: ObjectId) -> anyhow::Result<Self> {
        let mut queue = Queue::default();
        queue.push(&mut graph, from)?;
        Ok(Self {
            graph,
            queue,
            seen: HashSet::from([from]),
        })
    }

    /// How many commits have been read so far.
    pub(super) fn commits_read(&self) -> usize {
        self.graph.read
    }

    fn step(&mut self) -> anyhow::Result<Option<(ObjectId, Vec<ObjectId>)>> {
        let Some((id, parents)) = self.queue.pop() else {
            return Ok(None);
        };
        for parent in &parents {
            if self.seen.insert(*parent) {
                self.queue.push(&mut self.graph, *parent)?;
            }
        }
        Ok(Some((id, parents)))
    }
}

impl Iterator for Log {
    /// A commit and its parents.
    type Item = anyhow::Result<(ObjectId, Vec<ObjectId>)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

const FROM_BASE: u8 = 1;
const FROM_HEAD: u8 = 2;
const FROM_BOTH: u8 = FROM_BASE | FROM_HEAD;
/// Reached from a commit that both sides have: nothing new can be found there.
const STALE: u8 = 4;

/// Paints commits by the side that they are reached from until everything left
/// is reached from both.
pub(super) struct Paint {
    graph: Graph,
    queue: Queue,
    flags: HashMap<ObjectId, u8>,
    queued: HashSet<ObjectId>,
    /// Queued commits that are not stale.
    fresh: usize,
    /// In the order of the first visit.
    visited: Vec<ObjectId>,
    seen: HashSet<ObjectId>,
    common: Vec<ObjectId>,
}

impl Paint {
    /// The comparison, and how many commits were read for it.
    pub(super) fn compare(
        graph: Graph,
        base: ObjectId,
        head: ObjectId,
    ) -> anyhow::Result<(Comparison, usize)> {
        let mut paint = Self {
            graph,
            queue: Queue::default(),
            flags: HashMap::new(),
            queued: HashSet::new(),
            fresh: 0,
            visited: Vec::new(),
            seen: HashSet::new(),
            common: Vec::new(),
        };
        paint.add(base, FROM_BASE)?;
        paint.add(head, FROM_HEAD)?;
        paint.run()?;
        let read = paint.graph.read;
        Ok((paint.result(), read))
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let mut in_vain = 0;
        while in_vain < COMPARE_SLACK {
            let Some((id, parents)) = self.queue.pop() else {
                break;
            };
            self.queued.remove(&id);
            let mut flags = self.flags[&id];
            if flags & STALE == 0 {
                self.fresh -= 1;
            }
            // A commit comes by again when it is painted after its first visit,
            // which takes dates out of order.
            if self.seen.insert(id) {
                self.visited.push(id);
            }
            if flags & FROM_BOTH == FROM_BOTH && flags & STALE == 0 {
                self.common.push(id);
                flags |= STALE;
            }
            for parent in parents {
                self.add(parent, flags)?;
            }
            in_vain = if self.fresh == 0 { in_vain + 1 } else { 0 };
        }
        Ok(())
    }

    fn add(&mut self, id: ObjectId, flags: u8) -> anyhow::Result<()> {
        let known = self.flags.get(&id).copied().unwrap_or(0);
        let painted = known | flags;
        if painted == known {
            return Ok(());
        }
        self.flags.insert(id, painted);
        if self.queued.insert(id) {
            self.queue.push(&mut self.graph, id)?;
            self.fresh += usize::from(painted & STALE == 0);
        } else if known & STALE == 0 && painted & STALE != 0 {
            self.fresh -= 1;
        }
        Ok(())
    }

    fn result(self) -> Comparison {
        let colour = |id: &ObjectId| self.flags[id] & FROM_BOTH;
        let ahead_commits: Vec<Sha> = self
            .visited
            .iter()
            .filter(|id| colour(id) == FROM_HEAD)
            .map(|id| Sha::from(*id))
            .collect();
        let behind = self
            .visited
            .iter()
            .filter(|id| colour(id) == FROM_BASE)
            .count();
        let merge_base = self
            .common
            .iter()
            .find(|id| self.flags[*id] & STALE == 0)
            .map(|id| Sha::from(*id));
        Comparison {
            ahead: ahead_commits.len(),
            behind,
            merge_base,
            ahead_commits,
        }
    }
}
