//! What the tests of views share: answers of `deploy` to start from, a readable
//! rendering of messages, and Slack's limits.

use deploy_proto::v1::{
    Changes, Checks, ChecksState, Commit, CommitStatus, Deployment, DeploymentKind,
    DeploymentState, EnvironmentStatus, LiveCommit, Person, Reason, Refusal, Request, RequestState,
    Step,
};
use jiff::Timestamp;

use super::{
    block::{Block, Button, Home, Message, Modal},
    text::length,
};
use crate::{
    command::RepositoryName,
    words::{Language, Words},
};

/// English.
pub(crate) const EN: Words = Words::new(Language::English);
/// Korean.
pub(crate) const KO: Words = Words::new(Language::Korean);

/// 2026-11-22 14:02 UTC.
pub(crate) fn now() -> Timestamp {
    Timestamp::new(1_795_356_120, 0).expect("within the calendar")
}

pub(crate) fn ago(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp {
        seconds: now().as_second() - seconds,
        nanos: 0,
    })
}

/// A repository as somebody asks for it.
pub(crate) fn asked(name: &str) -> RepositoryName {
    RepositoryName::new(name).expect("a name")
}

/// A whole SHA from its first digits.
pub(crate) fn sha(short: &str) -> String {
    format!("{short:0<40}")
}

pub(crate) fn commit(short: &str, headline: &str, author: &str, seconds_ago: i64) -> Commit {
    Commit {
        sha: sha(short),
        headline: headline.to_owned(),
        author: author.to_owned(),
        committed_at: ago(seconds_ago),
        url: format!("https://github.test/acme/people/commit/{short}"),
    }
}

pub(crate) fn minjis_commit() -> Commit {
    commit("a1b2c3d", "Add Minji to the team page", "minji", 180)
}

pub(crate) fn joons_commit() -> Commit {
    commit("9f8e7d6", "Show avatars (#41)", "joon", 2 * 3600)
}

pub(crate) fn checks(state: ChecksState, done: i32, total: i32, failed: &[&str]) -> Option<Checks> {
    Some(Checks {
        state: state.into(),
        done,
        total,
        failed: failed.iter().map(|&name| name.to_owned()).collect(),
    })
}

pub(crate) fn passed() -> Option<Checks> {
    checks(ChecksState::Success, 3, 3, &[])
}

pub(crate) fn commit_status(
    commit: Commit,
    checks: Option<Checks>,
    live_in: &[&str],
) -> CommitStatus {
    CommitStatus {
        commit: Some(commit),
        checks,
        live_in: live_in.iter().map(|&name| name.to_owned()).collect(),
    }
}

pub(crate) fn environment(name: &str, live: Option<(Commit, Option<i32>)>) -> EnvironmentStatus {
    let live = live.map(|(commit, behind)| LiveCommit {
        commit: Some(commit),
        since: ago(3600),
        behind,
        environment_url: format!("https://{name}.people.test/"),
    });
    EnvironmentStatus {
        name: name.to_owned(),
        live,
        running: None,
    }
}

pub(crate) fn person(slack: &str, name: &str) -> Option<Person> {
    Some(Person {
        slack: slack.to_owned(),
        github: name.to_lowercase(),
        name: name.to_owned(),
    })
}

pub(crate) fn deployment(
    commit: Commit,
    state: DeploymentState,
    seconds_ago: i64,
    took: Option<i64>,
) -> Deployment {
    Deployment {
        id: 7,
        environment: "production".to_owned(),
        commit: Some(commit),
        state: state.into(),
        live: false,
        kind: DeploymentKind::Deploy.into(),
        requester: person("U1JOON", "Joon"),
        created_at: ago(seconds_ago),
        ended_at: took.and_then(|took| ago(seconds_ago - took)),
        duration: took.map(|seconds| prost_types::Duration { seconds, nanos: 0 }),
        steps: Vec::new(),
        request_id: "slack:T1:Ev1".to_owned(),
        replaces: sha("9f8e7d6"),
        log_url: "https://github.test/acme/people/actions/runs/7".to_owned(),
        environment_url: "https://production.people.test/".to_owned(),
    }
}

pub(crate) fn step(state: &str, description: &str) -> Step {
    Step {
        state: state.to_owned(),
        description: description.to_owned(),
        at: ago(10),
        log_url: String::new(),
        failure: None,
    }
}

pub(crate) fn changes(ahead: i32, behind: i32, commits: Vec<Commit>) -> Option<Changes> {
    Some(Changes {
        base: sha("9f8e7d6"),
        head: sha("a1b2c3d"),
        ahead,
        behind,
        commits,
        compare_url: "https://github.test/acme/people/compare/9f8e7d6...a1b2c3d".to_owned(),
        authors: Vec::new(),
    })
}

/// Minji's request, accepted 21 s ago and decided unless that is all.
pub(crate) fn request(state: RequestState) -> Request {
    let is_decided = state != RequestState::Accepted;
    Request {
        request_id: "slack:T1:Ev1".to_owned(),
        state: state.into(),
        repository: "acme/people".to_owned(),
        environment: "production".to_owned(),
        commit: Some(if is_decided {
            minjis_commit()
        } else {
            Commit {
                sha: "a1b2c3d".to_owned(),
                ..Commit::default()
            }
        }),
        kind: DeploymentKind::Deploy.into(),
        requester: person("U1MINJI", "Minji"),
        reply: None,
        accepted_at: ago(21),
        refusals: Vec::new(),
        deployment: None,
        changes: if is_decided {
            changes(1, 0, vec![minjis_commit()])
        } else {
            None
        },
        checks: if is_decided { passed() } else { None },
        failure: String::new(),
        why: None,
        message_ts: String::new(),
        waiting: None,
        cancelled_by: None,
    }
}

pub(crate) fn refusal(reason: Reason, candidates: &[&str], detail: &str) -> Refusal {
    Refusal {
        reason: reason.into(),
        candidates: candidates.iter().map(|&name| name.to_owned()).collect(),
        detail: detail.to_owned(),
        ..Refusal::default()
    }
}

/// A message as text, checked against Slack's limits on the way.
pub(crate) fn rendered(message: &Message) -> String {
    assert_fits(&message.blocks, 50);
    assert!(
        !message.text.as_str().trim().is_empty(),
        "a message needs a text"
    );
    let units = length(message.text.as_str());
    assert!(units <= 4000, "text of {units}");
    format!("({})\n{}", message.text, blocks(&message.blocks))
}

/// The same of one that is edited, of whose text Slack counts the bytes.
pub(crate) fn rendered_anew(message: &Message) -> String {
    let bytes = message.text.as_str().len();
    assert!(bytes <= 4000, "text of {bytes} bytes");
    rendered(message)
}

/// A dialog as text, checked against Slack's limits on the way.
pub(crate) fn rendered_modal(modal: &Modal) -> String {
    assert_fits(&modal.blocks, 100);
    assert!(length(&modal.title) <= 24 && !modal.title.is_empty());
    assert!((1..=24).contains(&length(&modal.close)));
    assert!(
        modal
            .submit
            .iter()
            .all(|label| (1..=24).contains(&length(label)))
    );
    assert!(length(&modal.private) <= 3000);
    let submit = modal
        .submit
        .as_ref()
        .map_or_else(|| "only close".to_owned(), |label| format!("[{label}]"));
    format!(
        "# {}\n{}\n# {submit} {}",
        plain(&modal.title),
        blocks(&modal.blocks),
        modal.private
    )
}

/// A home tab as text, checked against Slack's limits on the way.
pub(crate) fn rendered_home(home: &Home) -> String {
    assert_fits(&home.blocks, 100);
    blocks(&home.blocks)
}

fn blocks(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Section { text, button: None } => text.to_string(),
        Block::Section {
            text,
            button: Some(it),
        } => format!("{text}  {}", button(it)),
        Block::Context(texts) => texts
            .iter()
            .map(|text| format!("~ {text}"))
            .collect::<Vec<_>>()
            .join("\n"),
        Block::Actions(row) => row.iter().map(button).collect::<Vec<_>>().join(" "),
        Block::Divider => "----".to_owned(),
        Block::Select {
            id,
            label,
            options,
            chosen,
        } => {
            let options: Vec<_> = options
                .iter()
                .map(|(value, label)| plain(&format!("{} ({label})", value.escape_debug())))
                .collect();
            plain(&format!(
                "{label} ({id}): {} of {}",
                chosen.as_deref().unwrap_or("none").escape_debug(),
                options.join(" | ")
            ))
        }
    }
}

fn button(button: &Button) -> String {
    let confirm = button.confirm.as_ref().map_or_else(String::new, |it| {
        format!(" ?{}: {} {}/{}", it.title, it.text, it.yes, it.no)
    });
    format!(
        "[{}]({} {}){confirm}",
        plain(&button.label),
        button.action,
        button.value
    )
}

/// Plain text can't open markup; rendered so that it does not look so.
fn plain(text: &str) -> String {
    text.replace('<', "‹")
}

/// Slack's limits; lengths are counted in UTF-16 units, the strictest reading.
fn assert_fits(blocks: &[Block], most: usize) {
    assert!(blocks.len() <= most, "{} blocks", blocks.len());
    for block in blocks {
        match block {
            Block::Section { text, button } => {
                assert!(
                    (1..=3000).contains(&length(text.as_str())),
                    "a section of {}",
                    length(text.as_str())
                );
                button.iter().for_each(assert_button_fits);
            }
            Block::Context(texts) => {
                assert!((1..=10).contains(&texts.len()));
                assert!(
                    texts
                        .iter()
                        .all(|text| (1..=3000).contains(&length(text.as_str())))
                );
            }
            Block::Actions(row) => {
                assert!((1..=25).contains(&row.len()));
                row.iter().for_each(assert_button_fits);
            }
            Block::Divider => {}
            Block::Select {
                id,
                label,
                options,
                chosen,
            } => {
                assert!((1..=255).contains(&length(id)) && (1..=2000).contains(&length(label)));
                assert!(
                    (1..=100).contains(&options.len()),
                    "{} options",
                    options.len()
                );
                for (value, label) in options {
                    assert!(
                        (1..=150).contains(&length(value)) && (1..=75).contains(&length(label)),
                        "{value} {label}"
                    );
                }
                assert!(
                    chosen
                        .iter()
                        .all(|chosen| options.iter().any(|(value, _)| value == chosen))
                );
            }
        }
    }
}

fn assert_button_fits(button: &Button) {
    assert!((1..=75).contains(&length(&button.label)));
    assert!((1..=75).contains(&length(&button.spoken)));
    assert!((1..=250).contains(&length(&button.action)));
    assert!(
        (1..=2000).contains(&length(&button.value)),
        "a value of {}",
        length(&button.value)
    );
    if let Some(confirm) = &button.confirm {
        assert!(
            (1..=100).contains(&length(&confirm.title))
                && (1..=300).contains(&length(confirm.text.as_str()))
        );
        assert!(
            (1..=30).contains(&length(&confirm.yes)) && (1..=30).contains(&length(&confirm.no))
        );
    }
}
