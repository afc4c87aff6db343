//! Times as people read them: in the reader's own zone, or as how long ago.

use jiff::Timestamp;
use prost_types::Duration;

use super::block::Mrkdwn;
use crate::words::Words;

/// A moment from the contract; none where it is missing or beyond the calendar.
pub(super) fn moment(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok())
}

/// Day and time in the reader's zone.
pub(super) fn date(words: Words, at: Timestamp) -> Mrkdwn {
    words.time_date(
        at.as_second(),
        written(at, "%Y-%m-%d"),
        written(at, "%H:%M"),
    )
}

/// Time in the reader's zone, with the day where it is half a day away or more.
pub(super) fn clock(words: Words, at: Timestamp, now: Timestamp) -> Mrkdwn {
    if now.duration_since(at).as_secs().abs() >= 12 * 3600 {
        return date(words, at);
    }
    words.time_clock(at.as_second(), written(at, "%H:%M"))
}

/// In UTC, for those who see no more than text.
fn written(at: Timestamp, format: &str) -> Mrkdwn {
    Mrkdwn::ours(at.strftime(format).to_string())
}

/// How long ago: "just now", "3 min ago", "2 h ago", "yesterday", "5 days ago".
pub(super) fn age(words: Words, at: Timestamp, now: Timestamp) -> Mrkdwn {
    let minutes = seconds_between(at, now) / 60;
    let hours = minutes / 60;
    match (minutes, hours, hours / 24) {
        (0, ..) => words.time_just_now(),
        (minutes, 0, _) => words.time_minutes_ago(minutes),
        (_, hours, 0) => words.time_hours_ago(hours),
        (.., 1) => words.time_yesterday(),
        (.., days @ 2..=60) => words.time_days_ago(days),
        _ => written(at, "%Y-%m-%d"),
    }
}

/// How long something took: "42 s", "1 min 05 s", "1 h 02 min".
pub(super) fn length(words: Words, duration: &Duration) -> Mrkdwn {
    let seconds = duration.seconds.max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => words.time_seconds(seconds),
        (0, minutes, seconds) => words.time_minutes_and_seconds(minutes, two_digits(seconds)),
        (hours, minutes, _) => words.time_hours_and_minutes(hours, two_digits(minutes)),
    }
}

/// How long to wait: at least a second; "5 min" where no second is over.
pub(super) fn wait(words: Words, duration: std::time::Duration) -> Mrkdwn {
    let seconds = duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
        .max(1);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes @ 1.., 0) => words.time_minutes(minutes),
        (hours @ 1.., 0, _) => words.time_hours(hours),
        _ => {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            length(words, &Duration { seconds, nanos: 0 })
        }
    }
}

/// How long something has been going on, as it is said once it has ended.
pub(super) fn running(words: Words, since: Timestamp, now: Timestamp) -> Mrkdwn {
    let seconds = seconds_between(since, now);
    length(words, &Duration { seconds, nanos: 0 })
}

fn two_digits(number: i64) -> Mrkdwn {
    Mrkdwn::ours(format!("{number:02}"))
}

/// Clocks differ: what lies ahead happened now.
fn seconds_between(at: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(at).as_secs().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixtures::{EN, KO};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(1_795_356_120 + seconds, 0).expect("within the calendar")
    }

    #[test]
    fn ages_are_rough_and_durations_exact() {
        let ages: Vec<_> = [
            -5,
            59,
            60,
            3599,
            3600,
            86_399,
            86_400,
            172_800,
            86_400 * 100,
        ]
        .map(|ago| age(EN, at(-ago), at(0)).to_string())
        .into();
        assert_eq!(
            ages,
            [
                "just now",
                "just now",
                "1 min ago",
                "59 min ago",
                "1 h ago",
                "23 h ago",
                "yesterday",
                "2 days ago",
                "2026-08-14"
            ]
        );
        let lengths: Vec<_> = [-1, 0, 42, 65, 3720]
            .map(|seconds| length(EN, &Duration { seconds, nanos: 0 }).to_string())
            .into();
        assert_eq!(lengths, ["0 s", "0 s", "42 s", "1 min 05 s", "1 h 02 min"]);
        let running: Vec<_> = [21, 81, 3723]
            .map(|ago| running(EN, at(-ago), at(0)).to_string())
            .into();
        assert_eq!(running, ["21 s", "1 min 21 s", "1 h 02 min"]);
        let waits = |words| {
            [0.0, 1.5, 300.0, 301.0, 3600.0, 3661.0]
                .map(|seconds| wait(words, std::time::Duration::from_secs_f32(seconds)).to_string())
        };
        assert_eq!(
            waits(EN),
            ["1 s", "2 s", "5 min", "5 min 01 s", "1 h", "1 h 01 min"]
        );
        assert_eq!(
            waits(KO),
            ["1초", "2초", "5분", "5분 01초", "1시간", "1시간 01분"]
        );
    }

    #[test]
    fn ages_in_korean() {
        let ages = [0, 60, 3600, 86_400, 172_800].map(|ago| age(KO, at(-ago), at(0)).to_string());
        assert_eq!(ages, ["방금", "1분 전", "1시간 전", "어제", "2일 전"]);
    }

    #[test]
    fn dates_are_told_in_the_readers_zone() {
        assert_eq!(
            date(EN, at(0)).as_str(),
            "<!date^1795356120^{date_short_pretty} {time}|2026-11-22 14:02 UTC>"
        );
        assert_eq!(
            date(KO, at(0)).as_str(),
            "<!date^1795356120^{date_short_pretty} {time}|2026-11-22 14:02(UTC)>"
        );
        assert_eq!(
            clock(EN, at(0), at(60)).as_str(),
            "<!date^1795356120^{time}|14:02 UTC>"
        );
        assert_eq!(clock(EN, at(0), at(86_400)), date(EN, at(0)));
        assert_eq!(clock(EN, at(86_400), at(0)), date(EN, at(86_400)));
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_none() {
        assert_eq!(
            moment(Some(&prost_types::Timestamp {
                seconds: i64::MAX,
                nanos: 0
            })),
            None
        );
        assert_eq!(moment(None), None);
    }
}
