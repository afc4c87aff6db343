//! Small writes that come at the same time and go in one transaction, so that
//! they cost the disk one wait instead of one each.
//!
//! Whoever comes while nothing is under way writes at once. Whoever comes
//! meanwhile waits for that, and the first of them then writes for all.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use futures::future::BoxFuture;
use tokio::sync::oneshot;

use super::Error;

/// How many go in one transaction at most, which holds up others only shortly.
const MOST: usize = 64;

/// Changes of one kind, and what becomes of each.
#[derive(Debug)]
pub(super) struct Together<Change, Done> {
    waiting: Mutex<Waiting<Change, Done>>,
    turn: tokio::sync::Mutex<()>,
}

type Waiting<Change, Done> = VecDeque<(Change, Answer<Done>)>;
type Answer<Done> = oneshot::Sender<Result<Done, Error>>;

impl<Change, Done> Default for Together<Change, Done> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl<Change: Clone, Done> Together<Change, Done> {
    /// Writes a change, together with others where they wait; what became of it.
    /// `write` writes all that it is given or nothing, and tells of each in their
    /// order. Where it fails for several each is tried by itself, so that nobody
    /// hears of another's fault.
    ///
    /// # Errors
    /// When `write` fails.
    pub(super) async fn write<'a>(
        &self,
        change: Change,
        write: impl Fn(Vec<Change>) -> BoxFuture<'a, Result<Vec<Done>, Error>>,
    ) -> Result<Done, Error> {
        let (answer, mut done) = oneshot::channel();
        self.waiting().push_back((change.clone(), answer));
        loop {
            let turn = tokio::select! {
                biased;
                done = &mut done => match done {
                    Ok(done) => return done,
                    // It failed for several, or whoever wrote for all was cut off.
                    Err(_) => return alone(write(vec![change]).await),
                },
                turn = self.turn.lock() => turn,
            };
            self.write_next(&write).await;
            drop(turn);
        }
    }

    async fn write_next<'a>(
        &self,
        write: &impl Fn(Vec<Change>) -> BoxFuture<'a, Result<Vec<Done>, Error>>,
    ) {
        let (changes, answers) = self.next();
        if changes.is_empty() {
            return;
        }
        let outcomes = match write(changes).await {
            Ok(all) => all.into_iter().map(Ok).collect(),
            Err(error) if answers.len() == 1 => vec![Err(error)],
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "what was to be written together is tried one by one");
                return;
            }
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Whoever waited may have gone in the meantime.
            let _: Result<(), Result<Done, Error>> = answer.send(outcome);
        }
    }

    fn next(&self) -> (Vec<Change>, Vec<Answer<Done>>) {
        let mut waiting = self.waiting();
        let next = waiting.len().min(MOST);
        waiting.drain(..next).unzip()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<Change, Done>> {
        self.waiting
            .lock()
            .expect("nothing panics while it holds what waits")
    }
}

/// What became of a change that was written by itself.
fn alone<Done>(outcome: Result<Vec<Done>, Error>) -> Result<Done, Error> {
    let done = outcome?.into_iter().next();
    Ok(done.expect("each change has its outcome"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::{FutureExt as _, future::join_all};
    use tokio::sync::Semaphore;
    use tokio_util::task::TaskTracker;

    use super::*;

    /// A database that writes when it is let, doubles numbers, and does not take
    /// zero.
    struct Scripted {
        writes: Mutex<Vec<Vec<u32>>>,
        let_write: Semaphore,
        together: Together<u32, u32>,
    }

    impl Scripted {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                writes: Mutex::default(),
                let_write: Semaphore::new(0),
                together: Together::default(),
            })
        }

        async fn write(self: Arc<Self>, number: u32) -> Result<u32, Error> {
            let write = |numbers| self.commit(numbers).boxed();
            self.together.write(number, write).await
        }

        async fn commit(&self, numbers: Vec<u32>) -> Result<Vec<u32>, Error> {
            let permit = self.let_write.acquire().await.unwrap();
            permit.forget();
            self.writes.lock().unwrap().push(numbers.clone());
            if numbers.contains(&0) {
                return Err(Error::Unreadable("zero".to_owned()));
            }
            Ok(numbers.into_iter().map(|number| number * 2).collect())
        }

        /// The first is under way before the others come.
        async fn write_all(
            self: &Arc<Self>,
            first: u32,
            others: &[u32],
        ) -> Vec<Result<u32, Error>> {
            let tasks = TaskTracker::new();
            let first = tasks.spawn(Arc::clone(self).write(first));
            while self.together.turn.try_lock().is_ok() || !self.together.waiting().is_empty() {
                tokio::task::yield_now().await;
            }
            let others = others.iter().map(|&number| Arc::clone(self).write(number));
            let others = tasks.spawn(join_all(others));
            tokio::task::yield_now().await;
            self.let_write.add_permits(100);
            let mut outcomes = vec![first.await.unwrap()];
            outcomes.extend(others.await.unwrap());
            outcomes
        }

        fn writes(&self) -> Vec<Vec<u32>> {
            self.writes.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn what_comes_while_something_is_written_is_written_together_and_each_hears_its_own() {
        let database = Scripted::new();
        let outcomes = database.write_all(1, &[2, 3, 4]).await;
        let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
        assert_eq!(outcomes, [2, 4, 6, 8]);
        assert_eq!(database.writes(), [vec![1], vec![2, 3, 4]]);
    }

    #[tokio::test]
    async fn a_long_row_goes_in_parts() {
        let database = Scripted::new();
        let others: Vec<u32> = (2..=100).collect();
        let outcomes = database.write_all(1, &others).await;
        assert!(outcomes.into_iter().all(|outcome| outcome.is_ok()));
        let lengths: Vec<_> = database.writes().iter().map(Vec::len).collect();
        assert_eq!(lengths, [1, 64, 35]);
        assert!(
            database.writes().concat().is_sorted(),
            "nobody is passed by those who came later"
        );
    }

    #[tokio::test]
    async fn who_has_gone_meanwhile_holds_up_nobody() {
        let database = Scripted::new();
        let tasks = TaskTracker::new();
        let first = tasks.spawn(Arc::clone(&database).write(1));
        while database.together.turn.try_lock().is_ok() || !database.together.waiting().is_empty() {
            tokio::task::yield_now().await;
        }
        let gone = tasks.spawn(Arc::clone(&database).write(2));
        let stays = tasks.spawn(Arc::clone(&database).write(3));
        while database.together.waiting().len() < 2 {
            tokio::task::yield_now().await;
        }
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        database.let_write.add_permits(100);
        assert_eq!(first.await.unwrap().unwrap(), 2);
        assert_eq!(stays.await.unwrap().unwrap(), 6);
        // What it wanted may be written all the same: whoever asks may have gone
        // after that too.
        assert_eq!(database.writes(), [vec![1], vec![2, 3]]);
        assert!(database.together.waiting().is_empty());
    }

    #[tokio::test]
    async fn nobody_hears_of_the_fault_of_another() {
        let database = Scripted::new();
        let outcomes = database.write_all(1, &[2, 0, 3]).await;
        let told: Vec<_> = outcomes.into_iter().map(Result::ok).collect();
        assert_eq!(told, [Some(2), Some(4), None, Some(6)]);
        let alone = Arc::clone(&database).write(0).await;
        assert!(matches!(alone, Err(Error::Unreadable(_))));
        assert_eq!(database.writes().last(), Some(&vec![0]));
    }

    #[tokio::test]
    async fn who_writes_for_all_and_is_cut_off_takes_nobody_along() {
        let database = Scripted::new();
        let tasks = TaskTracker::new();
        let cut_off = tasks.spawn(Arc::clone(&database).write(1));
        while database.together.turn.try_lock().is_ok() || !database.together.waiting().is_empty() {
            tokio::task::yield_now().await;
        }
        let second = tasks.spawn(Arc::clone(&database).write(2));
        tokio::task::yield_now().await;
        cut_off.abort();
        database.let_write.add_permits(1);
        assert_eq!(second.await.unwrap().unwrap(), 4);
        assert_eq!(database.writes(), [vec![2]]);
    }
}
