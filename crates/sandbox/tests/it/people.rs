//! Who is who, end to end: somebody links their account on GitHub's page, is
//! mentioned once when their commit is live, and turns that off.

use std::time::Duration;

use sandbox::GITHUB_CLIENT_ID;
use serde_json::json;
use simulators::github::DeviceFlow;

use crate::{
    channel::Channel,
    journals::{Journal, on, on_both},
    quick, start,
};

on_both! {
    who_links_their_account_is_mentioned_once_when_their_commits_are_live,
}

const MENTION: &str = "with commits by";

async fn who_links_their_account_is_mentioned_once_when_their_commits_are_live(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    sandbox.github().set_device_flow(DeviceFlow {
        interval: Duration::from_secs(1),
        ..DeviceFlow::of(GITHUB_CLIENT_ID)
    });
    let mention = format!("<@{}>", channel.person);

    // Nobody knows who wrote it yet.
    deployed(&channel, "Before anybody is known", 0).await;

    let mut events = channel.http.events("client/events").await;
    let asked = channel.say("@deploybot link minji").await;
    let whisper = events.next("ephemeral").await;
    assert_eq!(whisper["user"], channel.person.as_str());
    let code = code_in(whisper["message"]["text"].as_str().unwrap());
    // As the page's form is sent by a browser.
    let page = format!("{}github/login/device", sandbox.url());
    let form = format!("user_code={code}&login=minji&verdict=authorize");
    let (status, answer) = channel.http.form(&page, &form).await;
    assert_eq!(status, 200, "{answer}");
    let (_, linked) = channel.hears(&asked, "on GitHub").await;
    assert!(linked.contains(&mention), "{linked}");
    assert!(!linked.contains(&code), "{linked}");

    let said = deployed(&channel, "Mention who wrote it", 1).await;
    assert!(said[0].contains(&mention), "{said:?}");

    channel
        .asks("@deploybot mute", "will not mention you")
        .await;
    deployed(&channel, "Leave them alone", 0).await;
    channel
        .asks("@deploybot unmute", "I will mention you")
        .await;
    deployed(&channel, "Mention them again", 1).await;
    channel
        .asks("@deploybot unlink", "no longer know you")
        .await;
    deployed(&channel, "Know nobody", 0).await;
    let log = sandbox.github().control().log();
    let whose = log.iter().filter(|entry| entry.route == "GET /api/v3/user");
    assert_eq!(whose.count(), 1, "a token is used once");
    sandbox.shutdown().await;
}

/// What stands in code in a text, and looks as a code of GitHub's.
fn code_in(text: &str) -> String {
    let mut quoted = text.split('`').skip(1).step_by(2);
    let code = quoted.find(|word| word.len() == 9 && word.as_bytes()[4] == b'-');
    code.unwrap_or_else(|| panic!("no code in {text}"))
        .to_owned()
}

/// Minji commits something and has it deployed; what mentions its authors then, of
/// which there are so many messages.
async fn deployed(channel: &Channel, message: &str, mentions: usize) -> Vec<String> {
    let path = format!(
        "../github/api/v3/repos/acme/people/contents/notes-{}.txt",
        message.len()
    );
    let minji = json!({"name": "Minji", "email": "minji@users.noreply.example"});
    let body = json!({"message": message, "content": "aGVsbG8=", "author": minji});
    let made = channel.http.send("PUT", &path, &body).await;
    let sha = made["commit"]["sha"].as_str().unwrap().to_owned();
    channel.checks_pass("people", &sha).await;
    let ask = format!("@deploybot deploy people staging {sha}");
    let asked = channel.say(&ask).await;
    channel.hears(&asked, "is live in").await;
    let told = async || {
        let said = channel.bot_since(&asked).await;
        let said = said.into_iter().map(|(_, text)| text);
        said.filter(|text| text.contains(MENTION))
            .collect::<Vec<_>>()
    };
    let what = format!("{mentions} mentions of {message}");
    channel
        .until(&what, async || {
            (told().await.len() == mentions).then_some(())
        })
        .await;
    // It is said once and no more: something asked afterwards is answered later.
    channel.asks("@deploybot status people", "newest 5").await;
    let told = told().await;
    assert_eq!(told.len(), mentions, "{told:?}");
    told
}
