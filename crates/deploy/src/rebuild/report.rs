//! How far a rebuild has come, for the person who waits for it: a bar where
//! stderr is a terminal, else a line now and then.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use crate::model::RepositoryName;

/// How often a line is printed while a repository is read.
const PAUSE: Duration = Duration::from_secs(5);

/// What a rebuild tells while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// The deployments of a repository have been read so far.
    Read {
        /// The repository.
        repository: &'a RepositoryName,
        /// Its place among all that are to be read; 1 is the first.
        place: usize,
        /// How many these are.
        repositories: usize,
        /// How many of its deployments have been read.
        deployments: u64,
        /// How many it has, where GitHub has told.
        total: Option<u64>,
        /// There are no more.
        is_done: bool,
    },
    /// It waits, or goes on without something: a sentence for people.
    Says(&'a str),
}

/// Tells it on stderr.
pub fn to_stderr() -> impl FnMut(Told<'_>) + Send {
    let mut report: Box<dyn FnMut(Told<'_>) + Send> = if std::io::stderr().is_terminal() {
        Box::new(bar())
    } else {
        Box::new(lines())
    };
    move |told| report(told)
}

fn bar() -> impl FnMut(Told<'_>) + Send {
    let bar = ProgressBar::no_length().with_style(
        ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}")
            .expect("the template is a constant and well formed"),
    );
    move |told| match told {
        Told::Read {
            repository,
            place,
            repositories,
            deployments,
            total,
            is_done,
        } => {
            bar.set_prefix(format!("[{place}/{repositories}] {repository}"));
            bar.set_length(total.unwrap_or(deployments).max(deployments));
            bar.set_position(deployments);
            bar.set_message("");
            if is_done && place == repositories {
                bar.finish_and_clear();
            }
        }
        Told::Says(sentence) => bar.println(sentence),
    }
}

#[expect(clippy::print_stderr, reason = "a program speaks to its user")]
fn lines() -> impl FnMut(Told<'_>) + Send {
    let mut pace = Pace::default();
    move |told| {
        if pace.lets(told, Instant::now()) {
            eprintln!("{}", line(told));
        }
    }
}

/// When the last line was printed that was not an end.
#[derive(Default)]
struct Pace(Option<Instant>);

impl Pace {
    /// Ends and sentences are always told, what lies between now and then.
    fn lets(&mut self, told: Told<'_>, now: Instant) -> bool {
        match told {
            Told::Says(_) | Told::Read { is_done: true, .. } => true,
            Told::Read { .. } => {
                let is_due = self.0.is_none_or(|last| now.duration_since(last) >= PAUSE);
                self.0 = if is_due { Some(now) } else { self.0 };
                is_due
            }
        }
    }
}

fn line(told: Told<'_>) -> String {
    match told {
        Told::Read {
            repository,
            place,
            repositories,
            deployments,
            total,
            is_done,
        } => {
            let of = match total {
                Some(total) if !is_done => format!(" of {total}"),
                _ => String::new(),
            };
            let plural = if deployments == 1 && of.is_empty() {
                ""
            } else {
                "s"
            };
            let end = if is_done { ", all of them" } else { "" };
            format!(
                "[{place}/{repositories}] {repository}: {deployments}{of} deployment{plural}{end}"
            )
        }
        Told::Says(sentence) => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(repository: &RepositoryName, deployments: u64, is_done: bool) -> Told<'_> {
        Told::Read {
            repository,
            place: 2,
            repositories: 12,
            deployments,
            total: Some(250),
            is_done,
        }
    }

    #[test]
    fn lines_tell_how_far_it_has_come() {
        let repository = RepositoryName::parse("acme/people", None).unwrap();
        let told = [
            read(&repository, 0, false),
            read(&repository, 100, false),
            read(&repository, 250, true),
            read(&repository, 1, true),
            Told::Says("GitHub limits the rate of calls."),
        ];
        insta::assert_snapshot!(
            told.map(line).join("\n"),
            @r"
        [2/12] acme/people: 0 of 250 deployments
        [2/12] acme/people: 100 of 250 deployments
        [2/12] acme/people: 250 deployments, all of them
        [2/12] acme/people: 1 deployment, all of them
        GitHub limits the rate of calls.
        "
        );
    }

    #[test]
    fn a_line_comes_now_and_then_and_every_end_is_told() {
        let repository = RepositoryName::parse("acme/people", None).unwrap();
        let (mut pace, start) = (Pace::default(), Instant::now());
        let mut lets = |is_done, seconds| {
            pace.lets(
                read(&repository, 1, is_done),
                start + Duration::from_secs(seconds),
            )
        };
        assert!(lets(false, 0));
        assert!(!lets(false, 1));
        assert!(lets(true, 2));
        assert!(!lets(false, 4));
        assert!(lets(false, 5));
    }
}
