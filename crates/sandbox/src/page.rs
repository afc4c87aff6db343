//! The page: its files, which are part of the program, and what it has to know
//! to find its way.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Serialize;

/// Nothing but what the page itself brings may run or load; the frames show what
/// environments serve.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Path, media type and content of each file.
const FILES: [(&str, &str, &str); 19] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/icon.svg", SVG, include_str!("../page/icon.svg")),
    ("/style.css", CSS, include_str!("../page/style.css")),
    ("/channel.css", CSS, include_str!("../page/channel.css")),
    (
        "/repositories.css",
        CSS,
        include_str!("../page/repositories.css"),
    ),
    ("/main.js", JAVASCRIPT, include_str!("../page/main.js")),
    ("/api.js", JAVASCRIPT, include_str!("../page/api.js")),
    ("/blocks.js", JAVASCRIPT, include_str!("../page/blocks.js")),
    (
        "/channel.js",
        JAVASCRIPT,
        include_str!("../page/channel.js"),
    ),
    (
        "/composer.js",
        JAVASCRIPT,
        include_str!("../page/composer.js"),
    ),
    ("/dialog.js", JAVASCRIPT, include_str!("../page/dialog.js")),
    ("/dom.js", JAVASCRIPT, include_str!("../page/dom.js")),
    (
        "/firstday.js",
        JAVASCRIPT,
        include_str!("../page/firstday.js"),
    ),
    ("/github.js", JAVASCRIPT, include_str!("../page/github.js")),
    ("/home.js", JAVASCRIPT, include_str!("../page/home.js")),
    ("/mrkdwn.js", JAVASCRIPT, include_str!("../page/mrkdwn.js")),
    (
        "/repositories.js",
        JAVASCRIPT,
        include_str!("../page/repositories.js"),
    ),
    ("/time.js", JAVASCRIPT, include_str!("../page/time.js")),
    (
        "/workspace.js",
        JAVASCRIPT,
        include_str!("../page/workspace.js"),
    ),
];

/// What the page has to know, as it reads it from `/config.json`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PageConfig {
    /// Id of the channel in the simulated Slack.
    pub(crate) channel: String,
    /// Who can be at the keyboard.
    pub(crate) people: Vec<PagePerson>,
    /// `owner/name` of each repository.
    pub(crate) repositories: Vec<String>,
    /// Where the first day takes place; nowhere when people's own clones are
    /// served.
    pub(crate) first_day: Option<FirstDay>,
}

/// Someone who can be at the keyboard.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PagePerson {
    /// The name to show.
    pub(crate) name: String,
    /// Their id in the simulated Slack.
    pub(crate) slack: String,
    /// Their login on the simulated GitHub.
    pub(crate) github: String,
    /// Their token there.
    pub(crate) token: String,
}

/// Where a newcomer adds their name, and where it is to be seen.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FirstDay {
    /// `owner/name` of the repository.
    pub(crate) repository: String,
    /// The file with the names.
    pub(crate) file: &'static str,
    /// What stands in the file where names are added.
    pub(crate) marker: &'static str,
    /// The environment that people see.
    pub(crate) environment: &'static str,
}

/// Serves the page.
pub(crate) fn router(config: PageConfig) -> Router {
    let mut router = Router::new();
    for (path, media_type, content) in FILES {
        router = router.route(path, get(move || async move { file(media_type, content) }));
    }
    // What environments serve has no icon, and a browser asks for one here.
    let icon = include_str!("../page/icon.svg");
    router = router.route("/favicon.ico", get(move || async move { file(SVG, icon) }));
    router.route(
        "/config.json",
        get(move || async move { axum::Json(config) }),
    )
}

fn file(media_type: &'static str, content: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, content)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_page_is_served() {
        let there: BTreeSet<String> =
            std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/page"))
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
        let served: BTreeSet<String> = FILES
            .iter()
            .map(|(path, ..)| path.trim_start_matches('/'))
            .map(|name| if name.is_empty() { "index.html" } else { name })
            .map(str::to_owned)
            .collect();
        assert_eq!(served, there);
    }

    #[test]
    fn no_file_makes_markup_of_text() {
        for (path, media_type, content) in FILES {
            for way in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
            ] {
                assert!(
                    media_type != JAVASCRIPT || !content.contains(way),
                    "{path} uses {way}"
                );
            }
        }
    }

    #[test]
    fn no_script_or_style_stands_inside_the_page() {
        let (_, _, page) = FILES[0];
        assert!(!page.contains("<style") && !page.contains(" style="));
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script type=\"module\" src=").count()
        );
    }
}
