//! The Slack app's manifest grants what the bot's source uses, and nothing else.
//! That it is what the bot really uses `said.rs` shows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sandbox::SLACK_EVENTS;
use simulators::slack::{Config, methods, scope_of_event};

const OPERATING: &str = include_str!("../../../../docs/operate.md");

/// How Slack's methods begin.
const FAMILIES: [&str; 15] = [
    "admin",
    "api",
    "apps",
    "auth",
    "bookmarks",
    "bots",
    "chat",
    "conversations",
    "files",
    "pins",
    "reactions",
    "team",
    "usergroups",
    "users",
    "views",
];

/// The Slack library has a function for each method, by which it would be called
/// without being named in a text.
const FUNCTIONS: [&str; 6] = [
    ".chat_",
    ".conversations_",
    ".reactions_",
    ".usergroups_",
    ".users_",
    ".views_",
];

/// The items of a list of the manifest.
fn listed(key: &str) -> BTreeSet<&'static str> {
    crate::listed::listed(key).collect()
}

/// The methods that the bot's source names.
fn called() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploybot/src/slack");
    let sources = sources_in(&source);
    assert!(!sources.is_empty(), "nothing is in {}", source.display());
    sources.iter().flat_map(|text| named_in(text)).collect()
}

fn sources_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths
        .iter()
        .flat_map(|path| match path.is_dir() {
            true => sources_in(path),
            false => vec![std::fs::read_to_string(path).unwrap()],
        })
        .collect()
}

fn named_in(source: &str) -> Vec<String> {
    for function in FUNCTIONS {
        assert!(!source.contains(function), "{function}… is called");
    }
    let literals = source.split('"').skip(1).step_by(2);
    literals
        .filter(|literal| {
            let (family, method) = literal.split_once('.').unwrap_or_default();
            let name = |letter: char| letter.is_ascii_alphabetic() || letter == '.';
            FAMILIES.contains(&family) && method.chars().all(name)
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_method_that_is_called_has_its_scope_and_each_scope_its_use() {
    let (granted, events) = (listed("bot"), listed("bot_events"));
    let called = called();
    for method in ["auth.test", "chat.postMessage", "conversations.history"] {
        assert!(called.contains(method), "not among {called:?}");
    }
    let mut used = BTreeSet::new();
    for method in &called {
        let known = methods().into_iter().find(|(name, _)| name == method);
        let (_, scopes) = known.unwrap_or_else(|| panic!("{method} is not simulated"));
        let given: Vec<&str> = scopes
            .iter()
            .copied()
            .filter(|it| granted.contains(it))
            .collect();
        assert!(
            scopes.is_empty() || !given.is_empty(),
            "{method} takes one of {scopes:?}"
        );
        used.extend(given);
    }
    for event in &events {
        let scope = scope_of_event(event);
        assert!(
            scope.is_none_or(|it| granted.contains(it)),
            "{event} takes {scope:?}"
        );
        used.extend(scope);
    }
    assert_eq!(granted, used, "what is granted is what is used");
}

#[test]
fn the_bot_is_tested_with_these_scopes_and_each_is_accounted_for() {
    let config = Config::new("http://127.0.0.1", "xoxb-", "xapp-");
    let tested: BTreeSet<&str> = config.scopes.iter().map(String::as_str).collect();
    assert_eq!(listed("bot"), tested);
    assert_eq!(listed("bot_events"), BTreeSet::from(SLACK_EVENTS));
    for event in listed("bot_events") {
        assert!(config.subscriptions.iter().any(|it| it == event), "{event}");
    }
    let (_, section) = OPERATING.split_once("### What each scope is for").unwrap();
    let section = section.split("\n#").next().unwrap();
    let explained: BTreeSet<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|scope| *scope != "connections:write")
        .collect();
    assert_eq!(listed("bot"), explained, "docs/operate.md explains each");
}
