//! Why a request, or a deployment that others made, ended without success.

use std::{fmt, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::Obstacle;

/// What is told so soon after a request was accepted is told at the same time,
/// for people.
const SOON: SignedDuration = SignedDuration::from_mins(1);

/// Why there was no success, with what a sentence about it needs. Written out,
/// it is sentences in English for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Its workflow says so; text from outside.
    WorkflowSaid(String),
    /// Its workflow ended without success and gave no reason.
    NoReason,
    /// It became inactive before it succeeded.
    Inactive,
    /// It stood still for too long.
    Overdue {
        /// In which way, and for how long.
        overdue: Overdue,
        /// Why GitHub does not let us end it; none where it was ended.
        not_ended: Option<Obstacle>,
    },
    /// It could not be read on GitHub for so long.
    Unreadable {
        /// For how long.
        limit: Duration,
        /// Why.
        obstacle: Obstacle,
    },
    /// Someone deleted it on GitHub.
    Deleted,
    /// A fault of our own, before GitHub was asked for a deployment.
    Defect,
    /// A fault of our own; GitHub may have been asked for a deployment.
    DefectWhileAsking,
    /// Whether GitHub made the deployment that it was asked for is not known.
    AnswerLost(Obstacle),
    /// Something that does not pass by itself.
    Obstacle(Obstacle),
    /// Something that passes, but did not for as long as a request waits.
    GivenUp {
        /// What it was last.
        obstacle: Obstacle,
        /// As long as a request waits.
        limit: Duration,
    },
    /// It could not go out for as long as a request waits.
    Waited {
        /// When it was asked for.
        asked: Timestamp,
        /// As long as a request waits.
        limit: Duration,
    },
    /// This service was down or stuck, and nobody was told of the request.
    Down {
        /// When it was asked for.
        asked: Timestamp,
        /// When somebody was last told of it.
        since: Timestamp,
    },
    /// As an earlier or a later version of this program wrote it down.
    Told(String),
}

/// How a deployment stood still for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    /// Nobody picked it up in this time.
    NotPickedUp(Duration),
    /// Its workflow said nothing for this time.
    Silent(Duration),
    /// It waited for a reviewer for this time.
    NotLetGo(Duration),
}

/// How the words end by which our own statuses are known again.
const ENDED: &str = "; ended by deploybot.";
const NOT_PICKED_UP: &str = "Nobody picked it up within ";
const SILENT: &str = "Its workflow said nothing for ";
const NOT_LET_GO: &str = "Nobody let it go on within ";

impl Overdue {
    /// What the status on GitHub says by which we end it; within GitHub's 140
    /// characters.
    pub fn status(self) -> String {
        format!("{self}{ENDED}")
    }

    /// Reads what [`Overdue::status`] wrote; none where others wrote it.
    pub fn of_status(description: &str) -> Option<Self> {
        let what = description.strip_suffix(ENDED)?;
        let after = |begin| read_humane(what.strip_prefix(begin)?);
        after(NOT_PICKED_UP)
            .map(Self::NotPickedUp)
            .or_else(|| after(SILENT).map(Self::Silent))
            .or_else(|| after(NOT_LET_GO).map(Self::NotLetGo))
    }

    /// The likely cause, and what to make of it.
    const fn cause(self) -> &'static str {
        match self {
            Self::NotPickedUp(_) => {
                "Most likely no workflow runs on `deployment` at this commit, no runner is free, \
                 or GitHub Actions is switched off for the repository. Nothing was deployed, \
                 unless a runner still comes late."
            }
            Self::Silent(_) => {
                "Most likely the workflow was cancelled, its runner was lost, or it does not \
                 report its steps. It may have got anywhere: look at what runs before deploying \
                 again."
            }
            Self::NotLetGo(_) => {
                "Its environment waits for a reviewer, or for a time that its rules set. What was \
                 waited for was not deployed."
            }
        }
    }
}

/// "Nobody picked it up within 1 minute", without a full stop.
impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, limit) = match self {
            Self::NotPickedUp(limit) => (NOT_PICKED_UP, limit),
            Self::Silent(limit) => (SILENT, limit),
            Self::NotLetGo(limit) => (NOT_LET_GO, limit),
        };
        write!(f, "{what}{}", humane(*limit))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkflowSaid(text) | Self::Told(text) => f.write_str(text),
            Self::NoReason => {
                f.write_str("Its workflow ended without success and gave no reason; see its log.")
            }
            Self::Inactive => {
                f.write_str("It was cancelled: it became inactive before it succeeded.")
            }
            Self::Overdue { overdue, not_ended } => {
                write!(f, "{overdue}. {}", overdue.cause())?;
                match not_ended {
                    None => Ok(()),
                    Some(obstacle) => {
                        write!(f, " GitHub does not let deploybot end it. {obstacle}")
                    }
                }
            }
            Self::Unreadable { limit, obstacle } => write!(
                f,
                "deploybot could not read this deployment on GitHub for {}. {obstacle} How it \
                 ends is not known here: look at what runs before deploying again.",
                humane(*limit)
            ),
            Self::Deleted => {
                f.write_str("The deployment is not on GitHub any more: someone deleted it.")
            }
            Self::Defect => f.write_str(
                "Something went wrong in deploybot; its log says what. Nothing was deployed.",
            ),
            Self::DefectWhileAsking => f.write_str(
                "Something went wrong in deploybot; its log says what. Whether GitHub made the \
                 deployment is not known: look at the history before you ask again.",
            ),
            Self::AnswerLost(obstacle) => write!(
                f,
                "Whether GitHub made the deployment is not known: look at the history before you \
                 ask again. {obstacle}"
            ),
            Self::Obstacle(obstacle) => write!(f, "{obstacle}"),
            Self::GivenUp { obstacle, limit } => write!(
                f,
                "{obstacle} A request waits for at most {}: ask again later.",
                humane(*limit)
            ),
            Self::Waited { asked, limit } => write!(
                f,
                "It was asked for on {} and could not go out since then. A request waits for at \
                 most {}: ask again if it is still wanted.",
                day_and_time(*asked),
                humane(*limit)
            ),
            Self::Down { asked, since } => {
                let when = day_and_time(*asked);
                write!(
                    f,
                    "It was asked for on {when}, and deploy was down or stuck since "
                )?;
                // It was begun with at once, or it waited first.
                if since.duration_since(*asked) < SOON {
                    f.write_str("then")?;
                } else {
                    write!(f, "{}", day_and_time(*since))?;
                }
                f.write_str(". Ask again if it is still wanted.")
            }
        }
    }
}

fn day_and_time(at: Timestamp) -> impl fmt::Display {
    at.strftime("%-d %B at %H:%M UTC")
}

/// The units in which durations are told, in milliseconds. Two days are told in
/// days, and one in hours.
const UNITS: [(&str, u128); 4] = [
    ("day", 86_400_000),
    ("hour", 3_600_000),
    ("minute", 60_000),
    ("second", 1_000),
];

/// A duration as people say it, in its largest whole unit.
fn humane(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let is_told_in = |&&(unit, length): &&(&str, u128)| {
        let least = if unit == "day" { 2 * length } else { length };
        milliseconds >= least && milliseconds.is_multiple_of(length)
    };
    match UNITS.iter().find(is_told_in) {
        None => format!("{milliseconds} ms"),
        Some((unit, length)) => {
            let count = milliseconds / length;
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {unit}{plural}")
        }
    }
}

/// Reads what [`humane`] wrote.
fn read_humane(text: &str) -> Option<Duration> {
    let (count, unit) = text.split_once(' ')?;
    let count: u64 = count.parse().ok()?;
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let length = match UNITS.iter().find(|(name, _)| *name == singular) {
        Some((_, length)) => u64::try_from(*length).ok()?,
        None if unit == "ms" => 1,
        None => return None,
    };
    count.checked_mul(length).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HALF_AN_HOUR: Duration = Duration::from_mins(30);
    const DAY: Duration = Duration::from_hours(24);

    fn told(failures: &[Failure]) -> String {
        let told: Vec<_> = failures.iter().map(ToString::to_string).collect();
        told.join("\n")
    }

    #[test]
    fn people_are_told_the_likely_cause() {
        let ended = |overdue| Failure::Overdue {
            overdue,
            not_ended: None,
        };
        insta::assert_snapshot!(
            told(&[
                ended(Overdue::NotPickedUp(MINUTE)),
                ended(Overdue::Silent(HALF_AN_HOUR)),
                ended(Overdue::NotLetGo(31 * DAY)),
                Failure::Overdue {
                    overdue: Overdue::NotPickedUp(MINUTE),
                    not_ended: Some(Obstacle::Hidden),
                },
                Failure::Unreadable {
                    limit: HALF_AN_HOUR,
                    obstacle: Obstacle::Hidden,
                },
            ]),
            @"
        Nobody picked it up within 1 minute. Most likely no workflow runs on `deployment` at this commit, no runner is free, or GitHub Actions is switched off for the repository. Nothing was deployed, unless a runner still comes late.
        Its workflow said nothing for 30 minutes. Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
        Nobody let it go on within 31 days. Its environment waits for a reviewer, or for a time that its rules set. What was waited for was not deployed.
        Nobody picked it up within 1 minute. Most likely no workflow runs on `deployment` at this commit, no runner is free, or GitHub Actions is switched off for the repository. Nothing was deployed, unless a runner still comes late. GitHub does not let deploybot end it. GitHub does not know this, or deploybot may not see it: whoever runs deploybot has to see to its access.
        deploybot could not read this deployment on GitHub for 30 minutes. GitHub does not know this, or deploybot may not see it: whoever runs deploybot has to see to its access. How it ends is not known here: look at what runs before deploying again.
        "
        );
    }

    #[test]
    fn who_asked_hours_ago_is_told_when_that_was() {
        let asked: Timestamp = "2026-11-02T09:05:59.9Z".parse().unwrap();
        let limit = Duration::from_hours(12);
        insta::assert_snapshot!(
            told(&[
                Failure::Down { asked, since: asked },
                Failure::Down {
                    asked,
                    since: asked + SignedDuration::from_hours(3),
                },
                Failure::Waited { asked, limit },
                Failure::GivenUp {
                    obstacle: Obstacle::NotAnswering { since: None },
                    limit,
                },
            ]),
            @"
        It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since then. Ask again if it is still wanted.
        It was asked for on 2 November at 09:05 UTC, and deploy was down or stuck since 2 November at 12:05 UTC. Ask again if it is still wanted.
        It was asked for on 2 November at 09:05 UTC and could not go out since then. A request waits for at most 12 hours: ask again if it is still wanted.
        GitHub does not answer now. A request waits for at most 12 hours: ask again later.
        "
        );
    }

    #[test]
    fn our_own_statuses_are_known_again_and_fit_on_github() {
        for limit in [
            Duration::from_millis(200),
            MINUTE,
            Duration::from_secs(90),
            HALF_AN_HOUR,
            DAY,
            31 * DAY,
            Duration::from_secs(86_399),
        ] {
            for overdue in [
                Overdue::NotPickedUp(limit),
                Overdue::Silent(limit),
                Overdue::NotLetGo(limit),
            ] {
                let status = overdue.status();
                assert_eq!(Overdue::of_status(&status), Some(overdue), "{status}");
                assert!(status.len() <= 140, "{status}");
            }
        }
    }

    #[test]
    fn what_others_wrote_is_none_of_ours() {
        for text in [
            "",
            "boom",
            "Nobody picked it up within",
            "Nobody picked it up within 1 minute.",
            "Nobody picked it up within a while; ended by deploybot.",
            "Nobody picked it up within 99999999999999999999 days; ended by deploybot.",
            "It was ended by deploybot.",
        ] {
            assert_eq!(Overdue::of_status(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_told_in_their_largest_whole_unit() {
        let told = [
            100,
            1_000,
            60_000,
            90_000,
            1_800_000,
            3_600_000,
            86_400_000,
            172_800_000,
        ]
        .map(|ms| humane(Duration::from_millis(ms)));
        let words = [
            "100 ms",
            "1 second",
            "1 minute",
            "90 seconds",
            "30 minutes",
            "1 hour",
            "24 hours",
            "2 days",
        ];
        assert_eq!(told, words);
    }
}
