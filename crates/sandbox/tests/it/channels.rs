//! Channels that follow what is deployed elsewhere: in another channel, by hand on
//! GitHub, with webhooks and without; and the channel that a repository's own file
//! names.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sandbox::{OWNER, Running};
use serde_json::json;
use simulators::slack::ChannelId;
use tokio::time::{Instant, sleep};

use crate::{
    channel::Channel,
    journals::{Journal, on, on_both},
    program::{ANYWHERE, Program},
    quick, start,
};

/// Without webhooks a history is read within a minute and some seconds.
const PATIENCE: Duration = Duration::from_secs(100);

on_both! {
    a_deploy_is_told_once_in_a_channel_that_follows,
    what_is_followed_can_be_listed_and_ended,
    a_deployment_made_by_hand_is_told,
    a_deployment_made_by_hand_is_told_without_webhooks,
    the_channel_that_a_file_names_follows,
    a_file_that_cannot_be_read_refuses_and_says_the_line,
    of_two_bots_one_tells_it,
    a_channel_without_the_bot_holds_up_nobody,
}

/// Has a channel follow something.
async fn follow(channel: &Channel, what: &str) {
    channel
        .asks(
            &format!("@deploybot subscribe {what}"),
            "From now on I tell here",
        )
        .await;
}

/// What the bot said in a channel after the answers to what was asked there.
async fn told(channel: &Channel) -> Vec<String> {
    let said = channel.bot_since("0").await.into_iter();
    let texts = said.map(|(message, _)| message["text"].as_str().unwrap().to_owned());
    texts
        .filter(|text| !text.starts_with(['🔔', '🔕', '❓']))
        .collect()
}

/// Waits until so much is told there that this holds.
async fn until_told(
    channel: &Channel,
    what: &str,
    is_so: impl Fn(&[String]) -> bool,
) -> Vec<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let all = told(channel).await;
        if is_so(&all) {
            return all;
        }
        assert!(Instant::now() < end, "never told {what}, but: {all:#?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until there is such a channel: the bot opens one to tell somebody alone.
async fn until_there(channel: &Channel) {
    let path = format!("client/messages?channel={}&limit=1", channel.id);
    let end = Instant::now() + PATIENCE;
    while !channel.http.get(&path).await["messages"].is_array() {
        assert!(Instant::now() < end, "{} is never opened", channel.id);
        sleep(Duration::from_millis(20)).await;
    }
}

/// Somebody makes a deployment on GitHub.
async fn by_hand(channel: &Channel, environment: &str) -> String {
    let sha = channel.deployable("people", environment).await;
    let body = json!({
        "ref": sha, "environment": environment, "auto_merge": false, "required_contexts": [],
    });
    let path = format!("../github/api/v3/repos/{OWNER}/people/deployments");
    let made = channel.http.send("POST", &path, &body).await;
    assert!(made["id"].is_number(), "{made}");
    sha
}

/// Gives the repository rules of its own.
async fn rules(channel: &Channel, text: &str) {
    let path = format!("../github/api/v3/repos/{OWNER}/people/contents/.github/deploy.yml");
    let body = json!({"message": "Set the rules", "content": BASE64_STANDARD.encode(text)});
    let answer = channel.http.send("PUT", &path, &body).await;
    assert!(answer["commit"]["sha"].is_string(), "{answer}");
}

async fn a_deploy_is_told_once_in_a_channel_that_follows(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (ends, all) = (
        channel.beside(&sandbox, "releases"),
        channel.beside(&sandbox, "everything"),
    );
    let other = channel.beside(&sandbox, "staging");
    follow(&ends, "people").await;
    follow(&all, "people production all").await;
    follow(&channel, "people all").await;
    follow(&other, "people staging all").await;
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "*people*").await;
    for follower in [&ends, &all] {
        let is_live = |all: &[String]| all.iter().any(|text| text.starts_with("✅"));
        let said = until_told(follower, "that it is live", is_live).await;
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].contains(&sha[..7]), "{said:#?}");
        assert!(
            said[0].contains(&format!("in <#{}>", channel.id)),
            "{said:#?}"
        );
        assert!(!said[0].contains("<@"), "nobody is called: {said:#?}");
    }
    assert_eq!(
        channel.bot_since(&asked).await.len(),
        1,
        "where it was asked for"
    );
    assert_eq!(told(&other).await, Vec::<String>::new());
    sandbox.shutdown().await;
}

async fn what_is_followed_can_be_listed_and_ended(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    channel
        .asks("@deploybot subscriptions", "no deployments but those")
        .await;
    follow(&channel, "people").await;
    follow(&channel, "people staging failed").await;
    let replaced = channel.say("@deploybot follow people prod started").await;
    channel.hears(&replaced, "Until now I did").await;
    let (_, list) = channel
        .asks("@deploybot subscriptions", "that I tell of here")
        .await;
    assert!(list.contains("*production*: when one begins"), "{list}");
    assert!(list.contains("*staging*: when one fails"), "{list}");
    channel
        .asks(
            "@deploybot unsubscribe people staging",
            "I tell no more here",
        )
        .await;
    channel
        .asks("@deploybot unsubscribe people staging", "nothing to end")
        .await;
    channel
        .asks("@deploybot unsubscribe people", "I tell no more")
        .await;
    let (_, unknown) = channel
        .asks("@deploybot subscribe people prodution", "no environment")
        .await;
    assert!(unknown.contains("production"), "{unknown}");
    channel.asks("@deploybot subscribe peple", "people").await;
    channel
        .asks("@deploybot subscriptions", "no deployments but those")
        .await;
    sandbox.shutdown().await;
}

async fn a_deployment_made_by_hand_is_told(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let follower = channel.beside(&sandbox, "releases");
    follow(&follower, "people").await;
    let sha = by_hand(&channel, "production").await;
    let ended = |all: &[String]| !all.is_empty();
    let said = until_told(&follower, "what was made by hand", ended).await;
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(
        said[0].starts_with("✅") && said[0].contains(&sha[..7]),
        "{said:#?}"
    );
    assert!(said[0].contains("made on GitHub by"), "{said:#?}");
    sandbox.shutdown().await;
}

/// Both simulators, a `deploy` that no webhook reaches, and so many bots.
async fn without_webhooks(journal: &Journal, bots: usize) -> (Running, Channel, Vec<Program>) {
    let options = sandbox::Options {
        services: false,
        ..quick()
    };
    let (sandbox, channel) = start(options).await;
    let deploy = Program::deploy(&sandbox, &journal.url(), ANYWHERE).await;
    let mut programs = Vec::new();
    for _ in 0..bots {
        programs.push(Program::deploybot(&sandbox, deploy.grpc()).await);
    }
    programs.push(deploy);
    (sandbox, channel, programs)
}

async fn end(sandbox: Running, programs: Vec<Program>) {
    for program in programs {
        program.end().await;
    }
    sandbox.shutdown().await;
}

async fn a_deployment_made_by_hand_is_told_without_webhooks(journal: Journal) {
    let (sandbox, channel, programs) = without_webhooks(&journal, 1).await;
    let follower = channel.beside(&sandbox, "releases");
    follow(&follower, "people").await;
    let sha = by_hand(&channel, "production").await;
    let ended = |all: &[String]| !all.is_empty();
    let said = until_told(&follower, "what was made by hand", ended).await;
    assert!(
        said[0].starts_with("✅") && said[0].contains(&sha[..7]),
        "{said:#?}"
    );
    end(sandbox, programs).await;
}

async fn the_channel_that_a_file_names_follows(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let named = channel.beside(&sandbox, "releases");
    let file = format!("environments:\n  production:\n    channel: {}\n", named.id);
    rules(&channel, &file).await;
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "is live in").await;
    let is_live = |all: &[String]| all.iter().any(|text| text.starts_with("✅"));
    let said = until_told(&named, "that it is live", is_live).await;
    assert_eq!(said.len(), 1, "begun and ended in one message: {said:#?}");
    let (_, kept) = named
        .asks("@deploybot unsubscribe people", "nothing to end")
        .await;
    assert!(kept.contains(".github/deploy.yml"), "{kept}");
    sandbox.shutdown().await;
}

async fn a_file_that_cannot_be_read_refuses_and_says_the_line(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let sha = channel.deployable("people", "production").await;
    rules(&channel, "environments:\n  production:\n    chanel: C1\n").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    let (_, refused) = channel.hears(&asked, "can't be read").await;
    assert!(refused.contains("line 3, column 5"), "{refused}");
    assert!(refused.contains("chanel"), "{refused}");
    channel.asks("@deploybot status people", "newest 5").await;
    sandbox.shutdown().await;
}

async fn of_two_bots_one_tells_it(journal: Journal) {
    let (sandbox, channel, programs) = without_webhooks(&journal, 2).await;
    let followers = [
        channel.beside(&sandbox, "releases"),
        channel.beside(&sandbox, "everything"),
    ];
    follow(&followers[0], "people").await;
    follow(&followers[1], "people all").await;
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "*people*").await;
    let is_live = |all: &[String]| all.iter().any(|text| text.starts_with("✅"));
    for follower in &followers {
        let said = until_told(follower, "that it is live", is_live).await;
        assert_eq!(said.len(), 1, "{said:#?}");
    }
    end(sandbox, programs).await;
}

async fn a_channel_without_the_bot_holds_up_nobody(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (gone, other) = (
        channel.beside(&sandbox, "gone"),
        channel.beside(&sandbox, "releases"),
    );
    follow(&gone, "people").await;
    follow(&other, "people").await;
    sandbox.slack().archive_channel(&ChannelId::new(&gone.id));
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "is live in").await;
    let is_live = |all: &[String]| all.iter().any(|text| text.starts_with("✅"));
    until_told(&other, "that it is live", is_live).await;
    // Whoever asked is told alone, once: it follows no more.
    let alone = Channel {
        id: channel.person.replacen('U', "D", 1),
        ..channel.clone()
    };
    until_there(&alone).await;
    let said = until_told(&alone, "that the channel is gone", |all| !all.is_empty()).await;
    assert!(said[0].contains("no more"), "{said:#?}");
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "✅ *people*").await;
    until_told(&other, "the second", |all| all.len() == 2).await;
    assert_eq!(told(&alone).await.len(), 1);
    sandbox.shutdown().await;
}
