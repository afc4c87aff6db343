//! The one place of the simulators that reads the time.

use jiff::Timestamp;

/// The time now, from the machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulators' only look at the clock; a simulated service lives in real time"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The time now, cut to whole seconds, as GitHub records it.
pub(crate) fn now_in_seconds() -> Timestamp {
    Timestamp::from_second(now().as_second()).expect("a time of today is within jiff's range")
}
