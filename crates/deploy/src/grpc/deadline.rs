//! Deadlines: the time that a caller gives (`grpc-timeout`), kept, and told as
//! DEADLINE_EXCEEDED.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tonic::metadata::MetadataMap;

use crate::error::Error;

/// The time that a call has when its caller sets none.
const UNSAID: Duration = Duration::from_secs(30);
/// How much earlier than the caller we stop at most.
const EARLIER: Duration = Duration::from_millis(300);

/// When a call has to be answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// The deadline of a unary call; every one has one.
    pub(super) fn of_call(metadata: &MetadataMap) -> Self {
        Self::after(allowed(metadata).unwrap_or(UNSAID))
    }

    /// The deadline of a stream, which may go on for ever.
    pub(super) fn of_stream(metadata: &MetadataMap) -> Option<Self> {
        allowed(metadata).map(Self::after)
    }

    /// A little before the time is over: the transport at either end would
    /// otherwise be first, and says CANCELLED.
    fn after(allowed: Duration) -> Self {
        Self(Instant::now() + (allowed - (allowed / 10).min(EARLIER)))
    }

    /// Does the work, if it ends in time.
    pub(super) async fn within<T>(
        self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        timeout_at(self.0, work)
            .await
            .unwrap_or(Err(Error::DeadlineExceeded))
    }
}

/// Reads `grpc-timeout`: at most 8 digits and a unit. One that can't be read
/// is none, as the transport has it too.
fn allowed(metadata: &MetadataMap) -> Option<Duration> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 60 * 60)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_in_every_unit() {
        let cases = [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("400m", Some(Duration::from_millis(400))),
            ("5u", Some(Duration::from_micros(5))),
            ("6n", Some(Duration::from_nanos(6))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("123456789m", None),
            ("", None),
            ("m", None),
            ("-1S", None),
            ("1s", None),
        ];
        for (text, expected) in cases {
            let mut metadata = MetadataMap::new();
            metadata.insert("grpc-timeout", text.parse().unwrap());
            assert_eq!(allowed(&metadata), expected, "{text}");
        }
        assert_eq!(allowed(&MetadataMap::new()), None);
    }

    #[tokio::test]
    async fn work_that_takes_longer_is_stopped_before_the_caller_gives_up() {
        let mut metadata = MetadataMap::new();
        metadata.insert("grpc-timeout", "50m".parse().unwrap());
        let start = Instant::now();
        let deadline = Deadline::of_call(&metadata);
        assert!(deadline.0 < start + Duration::from_millis(50));
        let ended = deadline
            .within(std::future::pending::<Result<(), Error>>())
            .await;
        assert!(matches!(ended, Err(Error::DeadlineExceeded)));
    }
}
