//! What is deployed: at `/sites/{owner}/{repo}/{environment}/` each environment
//! serves the files of the commit that was last deployed to it.

use anyhow::Result;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get};
use http::{HeaderName, StatusCode, header};

use super::Github;
use super::git::{Entry, Item, Mode, Repository, Sha};
use super::html;
use super::links;

/// Keeps a deployed page from doing anything as the origin that serves it.
const POLICY: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, "sandbox"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The sites, and single files as they are, by their paths.
pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<Github>)> {
    vec![
        ("/sites/{owner}/{repo}/{environment}", get(redirect)),
        ("/sites/{owner}/{repo}/{environment}/", get(root)),
        ("/sites/{owner}/{repo}/{environment}/{*path}", get(file)),
        ("/{owner}/{repo}/raw/{reference}/{*path}", get(raw)),
    ]
}

async fn redirect(
    State(github): State<Github>,
    Path((owner, repo, environment)): Path<(String, String, String)>,
) -> Redirect {
    let full_name = format!("{}/{}", links::segment(&owner), links::segment(&repo));
    Redirect::temporary(&github.links().site(&full_name, &environment))
}

async fn root(
    State(github): State<Github>,
    Path((owner, repo, environment)): Path<(String, String, String)>,
) -> Response {
    serve(github, owner, repo, environment, String::new()).await
}

async fn file(
    State(github): State<Github>,
    Path((owner, repo, environment, path)): Path<(String, String, String, String)>,
) -> Response {
    serve(github, owner, repo, environment, path).await
}

async fn serve(
    github: Github,
    owner: String,
    repo: String,
    environment: String,
    path: String,
) -> Response {
    let published = {
        let state = github.state();
        let Some(repository) = state.repository(&owner, &repo) else {
            return html::not_found(&format!("There is no repository {owner}/{repo}."));
        };
        let environment = repository
            .environment(&environment)
            .map_or(environment.as_str(), |known| &known.name);
        let sha = repository.published.get(environment).cloned();
        sha.map(|sha| (repository.git.clone(), sha))
    };
    let Some((git, sha)) = published else {
        return html::not_found(&format!(
            "Nothing is deployed to {environment} of {owner}/{repo} yet."
        ));
    };
    let base = github
        .links()
        .site(&format!("{owner}/{repo}"), &environment);
    on_disk(move || answer(&git, &sha, &path, &base).map(|answer| (POLICY, answer).into_response()))
        .await
}

async fn raw(
    State(github): State<Github>,
    Path((owner, repo, reference, path)): Path<(String, String, String, String)>,
) -> Response {
    let git = github
        .state()
        .repository(&owner, &repo)
        .map(|repository| repository.git.clone());
    let Some(git) = git else {
        return html::not_found(&format!("There is no repository {owner}/{repo}."));
    };
    on_disk(move || raw_file(&git, &reference, &path)).await
}

fn raw_file(git: &Repository, reference: &str, path: &str) -> Result<Response> {
    if let super::git::Resolved::Commit(sha) = git.resolve(reference)?
        && let Some(Entry::File { bytes, .. }) = read(git, &sha, path)?
    {
        let headers = [(header::CONTENT_TYPE, plain_type(&bytes))];
        return Ok((POLICY, headers, bytes).into_response());
    }
    Ok(html::not_found(&format!(
        "There is no file {path} at {reference}."
    )))
}

/// Runs what reads the disk where it keeps nobody waiting.
pub(super) async fn on_disk(work: impl FnOnce() -> Result<Response> + Send + 'static) -> Response {
    let outcome = tokio::task::spawn_blocking(work).await;
    match outcome
        .map_err(anyhow::Error::new)
        .and_then(|answer| answer)
    {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "a page could not be made");
            let body = "<p>This page could not be made. The log says why.</p>";
            html::page(StatusCode::INTERNAL_SERVER_ERROR, "Server error", body)
        }
    }
}

fn answer(git: &Repository, sha: &Sha, path: &str, base: &str) -> Result<Response> {
    let path = path.trim_end_matches('/');
    Ok(match read(git, sha, path)? {
        Some(Entry::File { bytes, .. }) => file_response(path, bytes),
        Some(Entry::Directory(items)) => {
            let index = join(path, "index.html");
            match read(git, sha, &index)? {
                Some(Entry::File { bytes, .. }) => file_response(&index, bytes),
                _ => listing(path, &items, base),
            }
        }
        None => html::not_found(&format!(
            "There is no file {path} in what is deployed here."
        )),
    })
}

/// A path that no tree can hold is not there.
fn read(git: &Repository, sha: &Sha, path: &str) -> Result<Option<Entry>> {
    let odd = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains('\0');
    if !path.is_empty() && path.split('/').any(odd) {
        return Ok(None);
    }
    git.read(sha, path)
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

fn file_response(path: &str, bytes: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type(path, &bytes))];
    (headers, bytes).into_response()
}

/// The content type by the file's name; what has none of a browser's is text,
/// or bytes.
fn content_type(path: &str, bytes: &[u8]) -> &'static str {
    let extension = path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'));
    let extension = extension.map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => plain_type(bytes),
    }
}

fn plain_type(bytes: &[u8]) -> &'static str {
    if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) {
        "text/plain; charset=utf-8"
    } else {
        "application/octet-stream"
    }
}

fn listing(path: &str, items: &[Item], base: &str) -> Response {
    let rows: String = items
        .iter()
        .map(|item| {
            let slash = if item.mode == Mode::Directory {
                "/"
            } else {
                ""
            };
            let address = format!("{base}{}{slash}", links::path(&join(path, &item.name)));
            let row = html::link(&address, &format!("{}{slash}", item.name));
            format!("<li>{row}</li>\n")
        })
        .collect();
    let title = format!("/{path}");
    let body = format!("<ul class=\"rows\">\n{rows}</ul>");
    html::page(StatusCode::OK, &title, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_follows_from_the_name_and_else_from_the_bytes() {
        for (path, bytes, expected) in [
            ("index.HTML", &b"x"[..], "text/html; charset=utf-8"),
            ("a/b.css", b"", "text/css; charset=utf-8"),
            ("README.md", b"# hi", "text/plain; charset=utf-8"),
            ("Makefile", b"all:", "text/plain; charset=utf-8"),
            ("a.html/data", b"\0", "application/octet-stream"),
        ] {
            assert_eq!(content_type(path, bytes), expected, "{path}");
        }
    }
}
