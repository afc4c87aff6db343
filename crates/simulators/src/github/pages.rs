//! The pages behind the links in answers: a repository, a commit, a
//! comparison, a run's log. Plain, and plainly of a simulation.

mod row;

use anyhow::Result;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::{HeaderValue, StatusCode, header};

use self::row::{
    check_row, checks_in_words, commit_link, commit_row, deployment_rows, environment_row,
    file_block, rows_or, run_in_words, time,
};
use super::Github;
use super::checks;
use super::diff;
use super::git::{self, Commit, Resolved, Sha};
use super::html::{self, escape, link};
use super::links::Links;
use super::site::on_disk;
use super::state::Run;

/// How many commits a page shows.
const COMMITS: usize = 30;

/// The pages by their paths.
pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<Github>)> {
    vec![
        ("/{owner}/{repo}", get(repository)),
        ("/{owner}/{repo}/commit/{sha}", get(commit)),
        ("/{owner}/{repo}/compare/{*basehead}", get(compare)),
        ("/{owner}/{repo}/actions/runs/{run}", get(run)),
        (
            "/{owner}/{repo}/deployments/{environment}",
            get(environment),
        ),
        ("/avatars/{login}", get(avatar)),
    ]
}

/// What a page of a repository is made from, taken out of what is known.
struct Shown {
    links: Links,
    full_name: String,
    default_branch: String,
    git: git::Repository,
}

fn shown(github: &Github, owner: &str, repo: &str) -> Option<Shown> {
    let state = github.state();
    let repository = state.repository(owner, repo)?;
    Some(Shown {
        links: github.links().clone(),
        full_name: repository.full_name(),
        default_branch: repository.default_branch.clone(),
        git: repository.git.clone(),
    })
}

fn no_repository(owner: &str, repo: &str) -> Response {
    html::not_found(&format!("There is no repository {owner}/{repo}."))
}

async fn repository(
    State(github): State<Github>,
    Path((owner, repo)): Path<(String, String)>,
) -> Response {
    let Some(shown) = shown(&github, &owner, &repo) else {
        return no_repository(&owner, &repo);
    };
    on_disk(move || repository_page(&github, &shown)).await
}

fn repository_page(github: &Github, shown: &Shown) -> Result<Response> {
    let commits = match shown.git.head_of(&shown.default_branch)? {
        Some(head) => read(&shown.git, &shown.git.log(&head, 0, COMMITS)?)?,
        None => Vec::new(),
    };
    let state = github.state();
    let Some(repository) = state.named(&shown.full_name) else {
        return Ok(html::not_found("The repository is gone."));
    };
    let rows: String = commits
        .iter()
        .map(|commit| {
            let checks = checks::of(repository, &commit.sha, commit.committer.at);
            commit_row(shown, commit, &checks_in_words(&checks))
        })
        .collect();
    let environments: String = repository
        .environments
        .iter()
        .map(|environment| environment_row(shown, repository, &environment.name))
        .collect();
    let body = format!(
        "<h2>Environments</h2>\n{}\n<h2>Commits of {}</h2>\n{}\n<h2>Deployments</h2>\n{}",
        rows_or(&environments, "There are none."),
        escape(&shown.default_branch),
        rows_or(&rows, "There are none yet."),
        deployment_rows(shown, repository, |_| true),
    );
    Ok(html::page(StatusCode::OK, &shown.full_name, &body))
}

fn read(git: &git::Repository, shas: &[Sha]) -> Result<Vec<Commit>> {
    let mut commits = Vec::new();
    for sha in shas {
        commits.extend(git.commit(sha)?);
    }
    Ok(commits)
}

fn resolve(git: &git::Repository, name: &str) -> Result<Option<Sha>> {
    Ok(match git.resolve(name)? {
        Resolved::Commit(sha) => Some(sha),
        Resolved::Other { .. } | Resolved::Ambiguous(_) | Resolved::Missing => None,
    })
}

async fn commit(
    State(github): State<Github>,
    Path((owner, repo, sha)): Path<(String, String, String)>,
) -> Response {
    let Some(shown) = shown(&github, &owner, &repo) else {
        return no_repository(&owner, &repo);
    };
    on_disk(move || commit_page(&github, &shown, &sha)).await
}

fn commit_page(github: &Github, shown: &Shown, name: &str) -> Result<Response> {
    let sha = resolve(&shown.git, name)?;
    let commit = sha.map(|sha| shown.git.commit(&sha)).transpose()?.flatten();
    let Some(commit) = commit else {
        return Ok(html::not_found(&format!("There is no commit {name}.")));
    };
    let files = diff::between(&shown.git, commit.parents.first(), &commit.sha)?;
    let checks = {
        let state = github.state();
        let repository = state.named(&shown.full_name);
        repository
            .map(|found| checks::of(found, &commit.sha, commit.committer.at))
            .unwrap_or_default()
    };
    let check_rows: String = checks.iter().map(|check| check_row(shown, check)).collect();
    let file_blocks: String = files.iter().map(file_block).collect();
    let title = format!("{} {}", commit.sha.short(), commit.headline());
    let body = format!(
        "<p class=\"quiet\">{} · {} · {}<br><code>{}</code></p>\n<pre>{}</pre>\n\
         <h2>Checks</h2>\n{}\n<h2>Files</h2>\n{file_blocks}",
        link(
            &shown.links.html(&format!("/{}", shown.full_name)),
            &shown.full_name
        ),
        escape(&commit.author.name),
        time(commit.committer.at),
        commit.sha,
        escape(commit.message.trim_end()),
        rows_or(&check_rows, "This commit has none."),
    );
    Ok(html::page(StatusCode::OK, &title, &body))
}

async fn compare(
    State(github): State<Github>,
    Path((owner, repo, basehead)): Path<(String, String, String)>,
) -> Response {
    let Some(shown) = shown(&github, &owner, &repo) else {
        return no_repository(&owner, &repo);
    };
    on_disk(move || compare_page(&shown, &basehead)).await
}

fn compare_page(shown: &Shown, basehead: &str) -> Result<Response> {
    let nothing = || html::not_found(&format!("There is nothing to compare as {basehead}."));
    let Some((base, head)) = basehead.split_once("...") else {
        return Ok(nothing());
    };
    let sides = (resolve(&shown.git, base)?, resolve(&shown.git, head)?);
    let (Some(base), Some(head)) = sides else {
        return Ok(nothing());
    };
    let comparison = shown.git.compare(&base, &head)?;
    let newest = comparison.ahead_commits.iter().take(COMMITS);
    let commits = read(&shown.git, &newest.cloned().collect::<Vec<_>>())?;
    let rows: String = commits
        .iter()
        .map(|commit| commit_row(shown, commit, ""))
        .collect();
    let title = format!("{}: {}…{}", shown.full_name, base.short(), head.short());
    let body = format!(
        "<p>{} is {} commits ahead of {} and {} behind.</p>\n{}",
        commit_link(shown, &head),
        comparison.ahead,
        commit_link(shown, &base),
        comparison.behind,
        rows_or(&rows, "No commit is ahead."),
    );
    Ok(html::page(StatusCode::OK, &title, &body))
}

async fn run(
    State(github): State<Github>,
    Path((owner, repo, id)): Path<(String, String, String)>,
) -> Response {
    let Some(shown) = shown(&github, &owner, &repo) else {
        return no_repository(&owner, &repo);
    };
    let run = id.parse().ok().and_then(|id: u64| {
        let state = github.state();
        state.named(&shown.full_name)?.runs.get(&id).cloned()
    });
    match run {
        Some(run) => run_page(&shown, &run),
        None => html::not_found(&format!("There is no run {id}, or it is too old.")),
    }
}

fn run_page(shown: &Shown, run: &Run) -> Response {
    let lines: String = run
        .log
        .iter()
        .map(|line| {
            let at = line.at.strftime("%H:%M:%S");
            format!("{at}  {}\n", escape(&line.text))
        })
        .collect();
    let lines = if lines.is_empty() {
        "No line yet.\n"
    } else {
        &lines
    };
    let body = format!(
        "<p class=\"quiet\">{} · {} · {}</p>\n<pre>{lines}</pre>",
        link(
            &shown.links.html(&format!("/{}", shown.full_name)),
            &shown.full_name
        ),
        commit_link(shown, &run.sha),
        run_in_words(run.status),
    );
    let mut response = html::page(StatusCode::OK, &run.title, &body);
    if run.status.conclusion().is_none() {
        let every_other_second = HeaderValue::from_static("2");
        response
            .headers_mut()
            .insert(header::REFRESH, every_other_second);
    }
    response
}

async fn environment(
    State(github): State<Github>,
    Path((owner, repo, name)): Path<(String, String, String)>,
) -> Response {
    let Some(shown) = shown(&github, &owner, &repo) else {
        return no_repository(&owner, &repo);
    };
    let state = github.state();
    let found = state
        .named(&shown.full_name)
        .and_then(|repository| Some((repository, repository.environment(&name)?)));
    let Some((repository, environment)) = found else {
        return html::not_found(&format!("There is no environment {name}."));
    };
    let body = format!(
        "<ul class=\"rows\">\n{}</ul>\n<h2>Deployments</h2>\n{}",
        environment_row(&shown, repository, &environment.name),
        deployment_rows(&shown, repository, |deployment| {
            deployment.environment == environment.name
        }),
    );
    let title = format!("{}: {}", shown.full_name, environment.name);
    html::page(StatusCode::OK, &title, &body)
}

/// A circle with the first letter of a login.
async fn avatar(Path(login): Path<String>) -> Response {
    let letter = login.chars().next().unwrap_or('?').to_uppercase();
    let hue = login.bytes().map(u32::from).sum::<u32>() * 47 % 360;
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\">\
         <circle cx=\"32\" cy=\"32\" r=\"32\" fill=\"hsl({hue} 45% 40%)\"/>\
         <text x=\"32\" y=\"43\" font-family=\"system-ui, sans-serif\" font-size=\"32\" \
         fill=\"#fff\" text-anchor=\"middle\">{}</text></svg>",
        escape(&letter.to_string()),
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response()
}
