//! Times as people read them: in the reader's own zone, or as how long ago.

use jiff::Timestamp;
use prost_types::Duration;

use super::block::Mrkdwn;

/// A moment from the contract; none where it is missing or beyond the calendar.
pub(super) fn moment(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok())
}

/// Day and time in the reader's zone.
pub(super) fn date(at: Timestamp) -> Mrkdwn {
    Mrkdwn::ours(format!(
        "<!date^{}^{{date_short_pretty}} {{time}}|{} UTC>",
        at.as_second(),
        at.strftime("%Y-%m-%d %H:%M")
    ))
}

/// Time in the reader's zone, with the day where it is half a day away or more.
pub(super) fn clock(at: Timestamp, now: Timestamp) -> Mrkdwn {
    if now.duration_since(at).as_secs().abs() >= 12 * 3600 {
        return date(at);
    }
    Mrkdwn::ours(format!(
        "<!date^{}^{{time}}|{} UTC>",
        at.as_second(),
        at.strftime("%H:%M")
    ))
}

/// How long ago: "just now", "3 min ago", "2 h ago", "yesterday", "5 days ago".
pub(super) fn age(at: Timestamp, now: Timestamp) -> String {
    let minutes = seconds_between(at, now) / 60;
    let hours = minutes / 60;
    match (minutes, hours, hours / 24) {
        (0, ..) => "just now".to_owned(),
        (minutes, 0, _) => format!("{minutes} min ago"),
        (_, hours, 0) => format!("{hours} h ago"),
        (.., 1) => "yesterday".to_owned(),
        (.., days @ 2..=60) => format!("{days} days ago"),
        _ => at.strftime("%Y-%m-%d").to_string(),
    }
}

/// How long something took: "42 s", "1 min 05 s", "1 h 02 min".
pub(super) fn length(duration: &Duration) -> String {
    seconds_in_words(duration.seconds.max(0))
}

/// How long to wait: at least a second; "5 min" where no second is over.
pub(super) fn wait(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    let words = seconds_in_words(i64::try_from(seconds.max(1)).unwrap_or(i64::MAX));
    let whole = words
        .strip_suffix(" 00 s")
        .or(words.strip_suffix(" 00 min"));
    whole.map(str::to_owned).unwrap_or(words)
}

/// How long something has been going on: "0:21", "1:02:03".
pub(super) fn running(since: Timestamp, now: Timestamp) -> String {
    let seconds = seconds_between(since, now);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn seconds_in_words(seconds: i64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// Clocks differ: what lies ahead happened now.
fn seconds_between(at: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(at).as_secs().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        .map(|ago| age(at(-ago), at(0)))
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
            .map(|seconds| length(&Duration { seconds, nanos: 0 }))
            .into();
        assert_eq!(lengths, ["0 s", "0 s", "42 s", "1 min 05 s", "1 h 02 min"]);
        let running: Vec<_> = [21, 81, 3723].map(|ago| running(at(-ago), at(0))).into();
        assert_eq!(running, ["0:21", "1:21", "1:02:03"]);
        let waits = [1.5, 300.0, 301.0, 3600.0].map(std::time::Duration::from_secs_f32);
        assert_eq!(waits.map(wait), ["2 s", "5 min", "5 min 01 s", "1 h"]);
    }

    #[test]
    fn dates_are_told_in_the_readers_zone() {
        assert_eq!(
            date(at(0)).as_str(),
            "<!date^1795356120^{date_short_pretty} {time}|2026-11-22 14:02 UTC>"
        );
        assert_eq!(
            clock(at(0), at(60)).as_str(),
            "<!date^1795356120^{time}|14:02 UTC>"
        );
        assert_eq!(clock(at(0), at(86_400)), date(at(0)));
        assert_eq!(clock(at(86_400), at(0)), date(at(86_400)));
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
