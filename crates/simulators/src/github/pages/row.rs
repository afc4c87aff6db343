//! The rows of the pages' lists. Each gives HTML, and escapes what is in it.

use jiff::Timestamp;

use super::Shown;
use crate::github::diff::FileDiff;
use crate::github::git::{Commit, Sha};
use crate::github::html::{escape, link};
use crate::github::state::{CheckRun, CheckStatus, Deployment, Repository};

/// How many deployments a page shows.
const DEPLOYMENTS: usize = 30;

/// An environment and what it serves.
pub(super) fn environment_row(shown: &Shown, repository: &Repository, name: &str) -> String {
    let site = link(&shown.links.site(&shown.full_name, name), name);
    let serves = match repository.published.get(name) {
        Some(sha) => format!("serves {}", commit_link(shown, sha)),
        None => "nothing is deployed yet".to_owned(),
    };
    format!("<li>{site} <span class=\"quiet\">{serves}</span></li>\n")
}

/// A commit, with what is said of its checks, which is HTML already.
pub(super) fn commit_row(shown: &Shown, commit: &Commit, checks: &str) -> String {
    format!(
        "<li>{}<br><span class=\"quiet\">{} · {} · {}{checks}</span></li>\n",
        escape(commit.headline()),
        commit_link(shown, &commit.sha),
        escape(&commit.author.name),
        time(commit.committer.at),
    )
}

/// A commit's short SHA, leading to its page.
pub(super) fn commit_link(shown: &Shown, sha: &Sha) -> String {
    let address = shown.links.commit(&shown.full_name, sha.as_str());
    format!("<code>{}</code>", link(&address, sha.short()))
}

/// What a commit's checks say together.
pub(super) fn checks_in_words(checks: &[CheckRun]) -> String {
    if checks.is_empty() {
        return String::new();
    }
    let good = checks.iter().filter(|check| check.status.is_good()).count();
    let ended = checks
        .iter()
        .filter(|check| check.status.conclusion().is_some());
    let (total, ended) = (checks.len(), ended.count());
    if ended > good {
        format!(
            " · <span class=\"bad\">{} of {total} checks failed</span>",
            ended - good
        )
    } else if ended < total {
        format!(" · {ended} of {total} checks done")
    } else {
        format!(" · <span class=\"good\">{total} checks passed</span>")
    }
}

/// The newest deployments that are wanted.
pub(super) fn deployment_rows(
    shown: &Shown,
    repository: &Repository,
    wanted: impl Fn(&Deployment) -> bool,
) -> String {
    let rows: String = repository
        .deployments
        .iter()
        .rev()
        .filter(|deployment| wanted(deployment))
        .take(DEPLOYMENTS)
        .map(|deployment| deployment_row(shown, deployment))
        .collect();
    rows_or(&rows, "There are none yet.")
}

fn deployment_row(shown: &Shown, deployment: &Deployment) -> String {
    let status = deployment.statuses.last();
    let state = status.map_or("pending", |status| status.state.word());
    let description = status.map_or("", |status| status.description.as_str());
    let log = match status {
        Some(status) if !status.log_url.is_empty() => {
            format!(" · {}", link_to_web(&status.log_url, "log"))
        }
        _ => String::new(),
    };
    format!(
        "<li>{} to {}: <strong>{state}</strong> {}<br><span class=\"quiet\">#{} · by {} · \
         {}{log}</span></li>\n",
        commit_link(shown, &deployment.sha),
        escape(&deployment.environment),
        escape(description),
        deployment.id,
        escape(&deployment.creator),
        time(deployment.created_at),
    )
}

/// A link to an address that came from outside: only of the web.
fn link_to_web(address: &str, text: &str) -> String {
    if address.starts_with("http://") || address.starts_with("https://") {
        link(address, text)
    } else {
        escape(text)
    }
}

/// Rows, or a sentence where there are none.
pub(super) fn rows_or(rows: &str, otherwise: &str) -> String {
    if rows.is_empty() {
        format!("<p class=\"quiet\">{otherwise}</p>")
    } else {
        format!("<ul class=\"rows\">\n{rows}</ul>")
    }
}

/// A time, as people read it.
pub(super) fn time(at: Timestamp) -> String {
    let text = at.strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("<time datetime=\"{at}\">{text}</time>")
}

/// One check.
pub(super) fn check_row(shown: &Shown, check: &CheckRun) -> String {
    let (word, class) = match check.status.conclusion() {
        None => (check.status.word(), "quiet"),
        Some(conclusion) if check.status.is_good() => (conclusion.word(), "good"),
        Some(conclusion) => (conclusion.word(), "bad"),
    };
    let name = match check.run {
        Some(run) => link(&shown.links.run(&shown.full_name, run), &check.name),
        None => escape(&check.name),
    };
    let summary = escape(&check.summary);
    format!(
        "<li>{name} <span class=\"{class}\">{word}</span> <span class=\"quiet\">{summary}</span></li>\n"
    )
}

/// One file that a commit changed.
pub(super) fn file_block(file: &FileDiff) -> String {
    let patch = file
        .patch
        .as_deref()
        .map(|patch| format!("<pre>{}</pre>", escape(patch)))
        .unwrap_or_default();
    format!(
        "<p><code>{}</code> <span class=\"quiet\">+{} −{}</span></p>{patch}\n",
        escape(&file.path),
        file.additions,
        file.deletions,
    )
}

/// How far a run is.
pub(super) fn run_in_words(status: CheckStatus) -> &'static str {
    status
        .conclusion()
        .map_or(status.word(), |conclusion| conclusion.word())
}
