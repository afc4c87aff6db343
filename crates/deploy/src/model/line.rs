//! The newest stretch of a branch, and the distance between two of its commits.
//!
//! Merges make a branch a graph: what lies between two commits is what one
//! reaches and the other does not. Inside the stretch that is counted exactly;
//! where the way leads out of it, no number is given, and the caller asks
//! GitHub.

use std::collections::{BTreeSet, HashMap};

use super::Sha;

/// The newest commits of a branch, newest first, with their parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    shas: Vec<Sha>,
    /// Places of a commit's parents; none for a parent beyond the stretch.
    parents: Vec<Vec<Option<usize>>>,
}

/// What lies between two commits, as places in the line, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Those that the head has and the base has not.
    pub ahead: Vec<usize>,
    /// Those that the base has and the head has not.
    pub behind: Vec<usize>,
}

impl Line {
    /// Builds the line from commits, newest first, each with its parents.
    pub fn new(commits: Vec<(Sha, Vec<Sha>)>) -> Self {
        let places: HashMap<Sha, usize> = commits
            .iter()
            .enumerate()
            .map(|(place, (sha, _))| (sha.clone(), place))
            .collect();
        let parents = commits
            .iter()
            .map(|(_, parents)| {
                parents
                    .iter()
                    .map(|parent| places.get(parent).copied())
                    .collect()
            })
            .collect();
        Self {
            shas: commits.into_iter().map(|(sha, _)| sha).collect(),
            parents,
        }
    }

    /// Builds the line from commits, newest first, each with the places of its
    /// parents; none where a place is beyond the line.
    pub fn from_places(commits: Vec<(Sha, Vec<Option<usize>>)>) -> Option<Self> {
        let count = commits.len();
        let (shas, parents): (Vec<_>, Vec<Vec<Option<usize>>>) = commits.into_iter().unzip();
        let mut places = parents.iter().flatten().flatten();
        let is_sound = places.all(|place| *place < count);
        is_sound.then_some(Self { shas, parents })
    }

    /// The commits, newest first, each with the places of its parents; none for
    /// a parent beyond the line.
    pub fn places(&self) -> impl Iterator<Item = (&Sha, &[Option<usize>])> {
        let parents = self.parents.iter().map(Vec::as_slice);
        self.shas.iter().zip(parents)
    }

    /// The commits, newest first.
    pub fn shas(&self) -> &[Sha] {
        &self.shas
    }

    /// Where a commit stands; 0 is the newest.
    pub fn place(&self, sha: &Sha) -> Option<usize> {
        self.shas.iter().position(|known| known == sha)
    }

    /// What lies between two commits; none where one of them, or a part of the
    /// way between them, is beyond the line.
    pub fn between(&self, base: &Sha, head: &Sha) -> Option<Between> {
        let of_base = self.reached_from(self.place(base)?);
        let of_head = self.reached_from(self.place(head)?);
        let ahead: Vec<usize> = of_head.difference(&of_base).copied().collect();
        let behind: Vec<usize> = of_base.difference(&of_head).copied().collect();
        let leads_out = |place: &usize| self.parents[*place].contains(&None);
        (!ahead.iter().chain(&behind).any(leads_out)).then_some(Between { ahead, behind })
    }

    /// How many commits the branch has that this one has not.
    pub fn newer_than(&self, sha: &Sha) -> Option<usize> {
        self.between(sha, self.shas.first()?)
            .map(|between| between.ahead.len())
    }

    /// The places that a commit reaches inside the line, its own among them.
    pub fn reached_from(&self, place: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            if reached.insert(place) {
                open.extend(self.parents[place].iter().flatten());
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sha(n: usize) -> Sha {
        format!("{n:040x}").parse().unwrap()
    }

    fn line(commits: &[(usize, &[usize])]) -> Line {
        Line::new(
            commits
                .iter()
                .map(|(own, parents)| (sha(*own), parents.iter().copied().map(sha).collect()))
                .collect(),
        )
    }

    #[test]
    fn on_a_straight_line_the_distance_is_the_difference_of_places() {
        let line = line(&[(4, &[3]), (3, &[2]), (2, &[1]), (1, &[0])]);
        assert_eq!(
            line.between(&sha(1), &sha(3)),
            Some(Between {
                ahead: vec![1, 2],
                behind: vec![]
            })
        );
        assert_eq!(
            line.between(&sha(3), &sha(1)),
            Some(Between {
                ahead: vec![],
                behind: vec![1, 2]
            })
        );
        assert_eq!(line.newer_than(&sha(2)), Some(2));
        assert_eq!(line.newer_than(&sha(4)), Some(0));
    }

    #[test]
    fn a_merged_branch_counts_with_all_its_commits_though_they_are_older() {
        // 5 merges 3 (made before 4) into 4.
        let line = line(&[(5, &[4, 3]), (4, &[2]), (3, &[2]), (2, &[1]), (1, &[])]);
        assert_eq!(
            line.newer_than(&sha(4)),
            Some(2),
            "5 and 3, though 3 stands below 4"
        );
        assert_eq!(
            line.between(&sha(3), &sha(4)),
            Some(Between {
                ahead: vec![1],
                behind: vec![2]
            })
        );
    }

    #[test]
    fn a_line_is_built_anew_from_its_places() {
        let cut = line(&[(5, &[4, 3]), (4, &[2]), (3, &[0]), (2, &[1])]);
        let places = |line: &Line| -> Vec<(Sha, Vec<Option<usize>>)> {
            let places = line.places();
            places
                .map(|(sha, parents)| (sha.clone(), parents.to_vec()))
                .collect()
        };
        assert_eq!(Line::from_places(places(&cut)), Some(cut.clone()));
        let mut beyond = places(&cut);
        beyond[0].1[0] = Some(4);
        assert_eq!(Line::from_places(beyond), None);
    }

    #[test]
    fn a_way_that_leads_out_of_the_line_gives_no_number() {
        // 3 was made from a commit beyond the line.
        let line = line(&[(5, &[4, 3]), (4, &[2]), (3, &[0]), (2, &[1])]);
        assert_eq!(line.newer_than(&sha(4)), None);
        assert_eq!(line.between(&sha(2), &sha(4)).unwrap().ahead, vec![1]);
        assert_eq!(
            line.between(&sha(9), &sha(4)),
            None,
            "a commit that is not on the line"
        );
    }

    proptest! {
        #[test]
        fn there_and_back_are_mirrors(
            parents in proptest::collection::vec(proptest::collection::vec(1_usize..6, 1..3), 12),
            base in 0_usize..12,
            head in 0_usize..12,
        ) {
            let line = Line::new(
                parents
                    .iter()
                    .enumerate()
                    .map(|(place, steps)| {
                        let older = steps.iter().map(|step| sha(place + step)).collect();
                        (sha(place), older)
                    })
                    .collect(),
            );
            let there = line.between(&sha(base), &sha(head));
            let back = line.between(&sha(head), &sha(base));
            prop_assert_eq!(
                there.clone().map(|b| (b.ahead, b.behind)),
                back.map(|b| (b.behind, b.ahead))
            );
            if base == head {
                prop_assert_eq!(there, Some(Between { ahead: vec![], behind: vec![] }));
            }
        }
    }
}
