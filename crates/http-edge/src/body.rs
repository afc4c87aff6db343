//! The body of a request from anybody: read up to a length, in a bounded time,
//! and with a bound on the memory of all of them together.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use futures::TryStreamExt as _;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

/// The longest body that needs no turn, in bytes: nearly all are shorter. Their
/// number is that of the connections.
const SMALL: usize = 128 * 1024;
/// How many long bodies are in memory at once.
const LONG_ONES: usize = 2;

/// Reads bodies.
#[derive(Debug)]
pub struct Bodies {
    longest: usize,
    long_ones: Semaphore,
    patience: Duration,
}

/// A body in memory; where it is a long one, it holds its turn.
#[derive(Debug)]
pub struct Held<'a> {
    /// The whole of it.
    pub bytes: Vec<u8>,
    _turn: Option<SemaphorePermit<'a>>,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than any that is meant for us.
    TooLong,
    /// It did not come to its end in time.
    TooSlow,
    /// Others took all the memory that there is for long bodies.
    NoRoom,
    /// It broke off, or was no HTTP.
    Broken,
}

impl Bodies {
    /// A body has at most `longest` bytes, and `patience` to come.
    #[must_use]
    pub fn new(longest: usize, patience: Duration) -> Self {
        Self {
            longest,
            long_ones: Semaphore::new(LONG_ONES),
            patience,
        }
    }

    /// Reads a whole body. One that says beforehand that it is too long is not
    /// begun; one that does not say how long it is counts as a long one.
    ///
    /// # Errors
    /// [`Unread`], when it is not there as a whole.
    pub async fn read(&self, body: Body) -> Result<Held<'_>, Unread> {
        let declared = self.declared(&body)?;
        let end = Instant::now() + self.patience;
        let turn = match declared {
            Some(length) if length <= SMALL => None,
            _ => {
                let turn = timeout_at(end, self.long_ones.acquire()).await;
                let turn = turn.map_err(|_| Unread::NoRoom)?;
                Some(turn.expect("nobody closes it"))
            }
        };
        let bytes = timeout_at(end, self.collect(body, declared.unwrap_or_default())).await;
        Ok(Held {
            bytes: bytes.map_err(|_| Unread::TooSlow)??,
            _turn: turn,
        })
    }

    /// Reads a body of which nothing is kept, so that who sends it gets to read
    /// the answer: a connection that is closed while it still sends is reset,
    /// answer and all.
    ///
    /// # Errors
    /// [`Unread`], when it has no end that is worth to be waited for.
    pub async fn pass_over(&self, body: Body) -> Result<(), Unread> {
        self.declared(&body)?;
        let end = Instant::now() + self.patience;
        let read = timeout_at(end, self.each_part(body, |_| ())).await;
        read.map_err(|_| Unread::TooSlow)?
    }

    /// How long it says that it is, if it says so.
    fn declared(&self, body: &Body) -> Result<Option<usize>, Unread> {
        let Some(length) = body.size_hint().upper() else {
            return Ok(None);
        };
        let length = usize::try_from(length).map_err(|_| Unread::TooLong)?;
        self.within(length).map(Some)
    }

    const fn within(&self, length: usize) -> Result<usize, Unread> {
        if length <= self.longest {
            Ok(length)
        } else {
            Err(Unread::TooLong)
        }
    }

    async fn collect(&self, body: Body, expected: usize) -> Result<Vec<u8>, Unread> {
        let mut bytes = Vec::with_capacity(expected);
        self.each_part(body, |part| bytes.extend_from_slice(part))
            .await?;
        Ok(bytes)
    }

    async fn each_part(&self, body: Body, mut take: impl FnMut(&[u8])) -> Result<(), Unread> {
        let mut parts = body.into_data_stream();
        let mut length = 0;
        while let Some(part) = parts.try_next().await.map_err(|_| Unread::Broken)? {
            length = self.within(length + part.len())?;
            take(&part);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest body of these tests, in bytes.
    const LONGEST: usize = 1024 * 1024;

    /// A body that says how long it is.
    fn of(length: usize) -> Body {
        Body::from(vec![b' '; length])
    }

    #[tokio::test]
    async fn long_bodies_take_turns_and_short_ones_need_none() {
        let bodies = Bodies::new(LONGEST, Duration::from_millis(200));
        let mut held = Vec::new();
        for _ in 0..LONG_ONES {
            held.push(bodies.read(of(SMALL + 1)).await.unwrap());
        }
        let began = Instant::now();
        assert_eq!(
            bodies.read(of(SMALL + 1)).await.unwrap_err(),
            Unread::NoRoom
        );
        assert!(began.elapsed() >= bodies.patience);
        assert_eq!(bodies.read(of(SMALL)).await.unwrap().bytes.len(), SMALL);
        held.pop();
        assert_eq!(
            bodies.read(of(SMALL + 1)).await.unwrap().bytes.len(),
            SMALL + 1
        );
    }

    #[tokio::test]
    async fn a_byte_too_many_is_refused_whether_told_before_or_not() {
        let bodies = Bodies::new(LONGEST, Duration::from_secs(60));
        let in_parts = |length: usize| {
            let parts = vec![vec![b' '; LONGEST], vec![b' '; length - LONGEST]];
            let parts = parts.into_iter().map(Ok::<_, std::io::Error>);
            Body::from_stream(futures::stream::iter(parts))
        };
        assert_eq!(
            bodies.read(of(LONGEST + 1)).await.unwrap_err(),
            Unread::TooLong
        );
        assert_eq!(
            bodies.read(in_parts(LONGEST + 1)).await.unwrap_err(),
            Unread::TooLong
        );
        assert_eq!(
            bodies.pass_over(in_parts(LONGEST + 1)).await,
            Err(Unread::TooLong)
        );
        assert_eq!(
            bodies.read(in_parts(LONGEST)).await.unwrap().bytes.len(),
            LONGEST
        );
        assert_eq!(bodies.pass_over(in_parts(LONGEST)).await, Ok(()));
    }
}
