//! What people really type: each gets its own clear answer and changes nothing.

use std::collections::BTreeMap;

use futures::future::join_all;
use sandbox::{Options, Running};
use serde_json::Value;
use tempfile::tempdir;

use crate::{
    channel::Channel,
    clone::{git_says, make_clone},
    journals::{Journal, on, on_both},
    quick, start,
};

on_both! {
    each_has_its_own_answer_and_changes_nothing,
    a_commit_that_is_ambiguous_or_elsewhere_is_refused,
    a_commit_message_cannot_speak_slack,
    forgiving_where_the_meaning_is_clear,
}

/// What is typed, and words of the answer that are not its echo. `{sha}` is a
/// commit that could go out.
const TYPED: &[(&str, &str)] = &[
    // No such command.
    (
        "depoy people production abcdef0",
        "I do not know `depoy`. Did you mean `@deploybot deploy people production abcdef0`?",
    ),
    ("ship-it people", "I do not know `ship-it`."),
    ("people status", "Did you mean `@deploybot status people`?"),
    ("rollback people", "To roll back, deploy the earlier commit"),
    ("help depoly", "Did you mean `@deploybot help deploy`?"),
    // No such repository.
    (
        "status peple",
        "There is no repository `peple` that I can see. Did you mean `people`?",
    ),
    (
        "history peple",
        "There is no repository `peple` that I can see. Did you mean `people`?",
    ),
    (
        "status warehouse",
        "There is no repository `warehouse` that I can see.",
    ),
    (
        "status other/people",
        "There is no repository `other/people` that I can see.",
    ),
    ("status pe*ple", "can't be a repository"),
    (
        "deploy peple production {sha}",
        "There is no repository `acme/peple` that I can see. Did you mean `people`?",
    ),
    // No such environment.
    (
        "deploy people prodution {sha}",
        "There is no environment `prodution` in *people*. Did you mean `production`? It has:",
    ),
    (
        "deploy people moon {sha}",
        "There is no environment `moon` in *people*. It has:",
    ),
    (
        "history people prodution",
        "There is no environment `prodution` in *people*. Did you mean `production`?",
    ),
    // No such commit, or none at all.
    (
        "deploy people production 0000000",
        "*people* has no commit `0000000`.",
    ),
    (
        "deploy people production {one digit off}",
        "*people* has no commit",
    ),
    ("deploy people production abc", "is too short for a commit"),
    (
        "deploy people production {sha}0",
        "is too long for a commit",
    ),
    ("deploy people production main", "I deploy by SHA alone"),
    ("deploy people production zzzzzzz", "I deploy by SHA alone"),
    // Too few words, or too many.
    ("deploy people production", "`deploy` needs a commit."),
    (
        "deploy people",
        "`deploy` needs an environment and a commit.",
    ),
    (
        "deploy",
        "`deploy` needs a repository, an environment and a commit.",
    ),
    (
        "deploy people production {sha} quickly",
        "I do not know what `quickly` means",
    ),
    ("status", "`status` needs a repository."),
    ("history", "`history` needs a repository."),
    (
        "history people production 5 staging",
        "I do not know what `staging` means",
    ),
    // No such limit.
    (
        "status people 0",
        "`0` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "status people 51",
        "`51` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "status people -1",
        "`-1` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "status people abc",
        "whose limit is a whole number from 1 to 50. Without it:",
    ),
    (
        "status people limit abc",
        "`abc` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "status people limit",
        "A number from 1 to 50 is missing after `limit`.",
    ),
    (
        "history people 0",
        "`0` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "history people 51",
        "`51` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "history people -1",
        "`-1` can't be the limit: that is a whole number from 1 to 50.",
    ),
    (
        "history people limit abc",
        "`abc` can't be the limit: that is a whole number from 1 to 50.",
    ),
    // Characters that control, and letters that run from right to left.
    ("\u{202e}elpoep sutats", "I do not know `elpoep`."),
    ("sta\u{7}tus\u{0}", "I do not know `sta␇tus␀`."),
    ("status peo\u{7}ple", "can't be a repository"),
    (
        "deploy people prod\u{202e}uction {sha}",
        "can't be an environment",
    ),
    ("شحن الخدمة الآن", "I do not know \u{2068}`شحن`\u{2069}."),
    ("status الخدمة", "can't be a repository"),
    (
        "deploy people الإنتاج {sha}",
        "There is no environment \u{2068}`الإنتاج`\u{2069} in *people*. It has:",
    ),
];

/// Each in a channel of its own, so that no limit of Slack's is waited for.
async fn each_has_its_own_answer_and_changes_nothing(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let sha = channel.deployable("people", "production").await;
    let before = deployments(&channel, &["people", "api", "web"]).await;
    let digit = if sha.ends_with('0') { '1' } else { '0' };
    let off = format!("{}{digit}", &sha[..39]);
    let mut asked: Vec<(String, &str)> = TYPED
        .iter()
        .map(|(typed, words)| (typed.replace("{sha}", &sha), *words))
        .map(|(typed, words)| (typed.replace("{one digit off}", &off), words))
        .collect();
    asked.extend(noise());
    let rows = asked.iter().enumerate().map(|(number, (typed, words))| {
        assert!(
            !typed.contains(words),
            "{words} would be an echo of {typed}"
        );
        let place = channel.beside(&sandbox, &format!("row-{number}"));
        answered(place, format!("@deploybot {typed}"), words)
    });
    join_all(rows).await;
    assert_eq!(
        deployments(&channel, &["people", "api", "web"]).await,
        before
    );
    ends_with_nothing_changed(sandbox).await;
}

/// 4,000 characters of it, of different kinds.
fn noise() -> Vec<(String, &'static str)> {
    vec![
        ("lorem ipsum <@!#&;| ".repeat(200), "I do not know `lorem`."),
        ("x".repeat(4_000), "I do not know `xxx"),
        (
            format!("status {}", "x".repeat(4_000)),
            "can't be a repository",
        ),
        (
            format!("deploy people production {}", "a1".repeat(2_000)),
            "is too long for a commit",
        ),
        (
            format!("deploy people {} a1b2c3d", "y".repeat(4_000)),
            "can't be an environment",
        ),
        (
            format!("status people {}", "9".repeat(4_000)),
            "can't be the limit",
        ),
        (
            format!("help {}", "z".repeat(4_000)),
            "There is no command `zzz",
        ),
    ]
}

/// One short message answers, with these words.
async fn answered(channel: Channel, typed: String, words: &str) {
    let asked = channel.say(&typed).await;
    let (_, answer) = channel.hears(&asked, words).await;
    println!("{typed:.100}\n  => {answer}");
    assert_eq!(channel.answers_since(&asked, 1).await.len(), 1, "{typed}");
    assert!(answer.len() < 2_000, "{} bytes: {answer}", answer.len());
    assert!(
        !answer.contains(['\u{202e}', '\u{7}', '\u{0}']),
        "{answer:?}"
    );
}

/// Digits that two commits begin with, and a commit that is real and whose
/// checks passed, but that is not on the branch.
async fn a_commit_that_is_ambiguous_or_elsewhere_is_refused(journal: Journal) {
    let folder = tempdir().unwrap();
    let clone = folder.path().join("history");
    make_clone(&clone, 1_000, 20);
    let (first, second) = alike(&clone);
    let options = Options {
        repositories: vec![clone],
        ..quick()
    };
    let (sandbox, channel) = start(on(&journal, options)).await;
    let before = deployments(&channel, &["history"]).await;

    let ask = format!("@deploybot deploy history production {}", &first[..4]);
    let asked = channel.say(&ask).await;
    let (_, words) = channel
        .hears(&asked, "More than one commit of *history* begins with")
        .await;
    assert!(words.contains("Write more digits"), "{words}");
    for sha in [&first, &second] {
        assert!(words.contains(&format!("`{}", &sha[..7])), "{words}");
    }

    let sha = channel.green("history", "side").await;
    let ask = format!("@deploybot deploy history production {sha}");
    let asked = channel.say(&ask).await;
    let why = format!("`{}` is not on a branch that may go to", &sha[..7]);
    channel.hears(&asked, &why).await;

    assert_eq!(deployments(&channel, &["history"]).await, before);
    ends_with_nothing_changed(sandbox).await;
}

/// Two commits whose SHAs begin with the same four digits.
fn alike(clone: &std::path::Path) -> (String, String) {
    let mut seen = BTreeMap::new();
    for sha in git_says(clone, &["log", "--format=%H", "main"]).lines() {
        if let Some(other) = seen.insert(sha[..4].to_owned(), sha.to_owned()) {
            return (sha.to_owned(), other);
        }
    }
    panic!("no two of the commits begin alike");
}

/// A colleague's text mentions nobody, links nowhere and formats nothing.
async fn a_commit_message_cannot_speak_slack(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let message = "<!channel> <@U1> *bold* `code` &lt;!here&gt; <https://e.vil|ok> \u{202e}";
    let said = "&lt;!channel&gt; &lt;@U1&gt; ∗bold∗ ˋcodeˋ &amp;lt;!here&amp;gt; &lt;https://e.vil|ok&gt; �";
    let sha = channel.commit("people", message).await;
    channel.checks_pass("people", &sha).await;
    let (status, words) = channel.asks("@deploybot status people", said).await;
    speaks_no_slack(&status, &words);
    let asked = channel
        .say(&format!("@deploybot deploy people staging {sha}"))
        .await;
    let (live, words) = channel.hears(&asked, "is live in").await;
    speaks_no_slack(&live, &words);
    let (history, words) = channel
        .asks("@deploybot history people staging 1", said)
        .await;
    speaks_no_slack(&history, &words);
    sandbox.shutdown().await;
}

fn speaks_no_slack(message: &Value, words: &str) {
    for markup in [
        "<!channel>",
        "<!here>",
        "&lt;!here&gt;",
        "<@U1>",
        "<https://e.vil",
        "*bold*",
        "`code`",
        "\u{202e}",
    ] {
        assert!(!words.contains(markup), "{markup} in {words}");
    }
    assert!(!message.to_string().contains("<!channel>"), "{message}");
}

/// The ids of all deployments of these repositories.
async fn deployments(channel: &Channel, repositories: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for repository in repositories {
        let all = channel
            .github(&format!("{repository}/deployments?per_page=100"))
            .await;
        let all = all.as_array().unwrap();
        ids.extend(all.iter().map(|one| one["id"].as_i64().unwrap()));
    }
    ids
}

/// Also when the services have come to their end, GitHub was only ever asked.
async fn ends_with_nothing_changed(sandbox: Running) {
    let github = sandbox.github().clone();
    sandbox.shutdown().await;
    for entry in github.control().log() {
        let reads =
            entry.route.starts_with("GET ") || entry.route.starts_with("POST /api/graphql ");
        // A token of the App's changes nothing that anybody sees.
        let signs_in = entry.route.ends_with("/access_tokens");
        assert!(reads || signs_in, "{entry:?}");
    }
}

/// What people paste and what their keyboards make of it is understood.
async fn forgiving_where_the_meaning_is_clear(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let typed = [
        "{bot} *status* `people`,",
        "{bot}\u{a0}STATUS\u{a0}“people”.",
        "{bot} status\nacme/people",
        "{bot} {bot} status <http://people|people>",
    ];
    for one in typed {
        asks_raw(&channel, one).await;
    }
    sandbox.shutdown().await;
}

async fn asks_raw(channel: &Channel, text: &str) {
    let mention = format!("<@{}>", channel.bot);
    let asked = channel.say_raw(&text.replace("{bot}", &mention)).await;
    channel.hears(&asked, "newest 5").await;
}
