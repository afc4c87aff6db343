//! What people really type: each gets its own clear answer and changes nothing.

use sandbox::Options;
use tempfile::tempdir;

use crate::{channel::Channel, clone::make_clone, quick, start};

/// What is typed, and a part of the answer.
const TYPED: &[(&str, &str)] = &[
    ("@deploybot depoy people production abcdef0", "deploy"),
    ("@deploybot status peple", "people"),
    (
        "@deploybot deploy people prodution {sha}",
        "Did you mean `production`",
    ),
    ("@deploybot deploy people production 0000000", "0000000"),
    ("@deploybot deploy people production abc", "abc"),
    ("@deploybot deploy people production main", "main"),
    ("@deploybot deploy people production zzzzzzz", "zzzzzzz"),
    (
        "@deploybot deploy people production",
        "deploy people production",
    ),
    (
        "@deploybot deploy people production {sha} now please",
        "now",
    ),
    ("@deploybot status people 0", "50"),
    ("@deploybot status people 51", "50"),
    ("@deploybot status people -1", "50"),
    ("@deploybot status people abc", "abc"),
    ("@deploybot status people limit abc", "abc"),
    ("@deploybot history people nowhere", "production"),
    ("@deploybot history", "history"),
    ("@deploybot \u{202e}elpoep sutats", "help"),
    ("@deploybot sta\u{7}tus\u{0}", "help"),
    ("@deploybot شحن الخدمة الآن", "help"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_has_its_own_answer_and_changes_nothing() {
    let (sandbox, channel) = start(quick()).await;
    let sha = channel.deployable("people", "production").await;
    for (typed, expected) in TYPED {
        channel
            .asks(&typed.replace("{sha}", &sha[..7]), expected)
            .await;
    }
    let noise = "lorem ipsum <@!#&;| ".repeat(200);
    let (_, answer) = channel.asks(&format!("@deploybot {noise}"), "help").await;
    assert!(
        answer.len() < 2_000,
        "a short answer to a long noise: {answer}"
    );
    let counts = sandbox.github().control().counts();
    assert_eq!(
        counts.get("POST /api/v3/repos/{owner}/{repo}/deployments"),
        None
    );
    sandbox.shutdown().await;
}

/// A colleague's text mentions nobody, links nowhere and formats nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_message_cannot_speak_slack() {
    let (sandbox, channel) = start(quick()).await;
    let hostile = "<!channel> <@U1> *bold* `code` &lt;!here&gt; <https://evil.example|safe>";
    let sha = channel.commit("people", hostile).await;
    channel.checks_pass("people", &sha).await;
    let (status, _) = channel.asks("@deploybot status people", &sha[..7]).await;
    speaks_no_slack(&status["blocks"].to_string());
    let asked = channel
        .say(&format!("@deploybot deploy people staging {sha}"))
        .await;
    let (live, _) = channel.hears(&asked, "is live in").await;
    speaks_no_slack(&live["blocks"].to_string());
    let (history, _) = channel.asks("@deploybot history people", &sha[..7]).await;
    speaks_no_slack(&history["blocks"].to_string());
    sandbox.shutdown().await;
}

fn speaks_no_slack(blocks: &str) {
    for markup in ["<!channel>", "<!here>", "<@U1>", "<https://evil.example"] {
        assert!(!blocks.contains(markup), "{markup} in {blocks}");
    }
}

/// A commit of a side branch is real, and its checks passed, but it is not for
/// production.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_not_on_the_branch_is_refused() {
    let folder = tempdir().unwrap();
    let clone = folder.path().join("history");
    make_clone(&clone, 5, 20);
    let options = Options {
        repositories: vec![clone],
        ..quick()
    };
    let (sandbox, channel) = start(options).await;
    let sha = channel.green("history", "side").await;
    let asked = channel
        .say(&format!("@deploybot deploy history production {sha}"))
        .await;
    channel.hears(&asked, "is not on").await;
    assert_eq!(
        sandbox
            .github()
            .control()
            .counts()
            .get("POST /api/v3/repos/{owner}/{repo}/deployments"),
        None
    );
    sandbox.shutdown().await;
}

/// What people paste and what their keyboards make of it is understood.
#[tokio::test(flavor = "multi_thread")]
async fn forgiving_where_the_meaning_is_clear() {
    let (sandbox, channel) = start(quick()).await;
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
