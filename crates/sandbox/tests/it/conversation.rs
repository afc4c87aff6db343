//! The main job, end to end, as the channel sees it.

use std::{collections::BTreeSet, time::Duration};

use sandbox::{Options, Pace};
use serde_json::json;
use simulators::control::{Fault, FaultKind};

use crate::{
    channel::Channel,
    journals::{Journal, on, on_both},
    quick, start,
};

const POST: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";

on_both! {
    status_deploy_history_help,
    a_failure_is_a_new_message_that_mentions_who_asked,
    one_message_is_edited_as_it_goes,
    an_older_commit_is_a_rollback,
    an_event_delivered_four_times_is_one_deployment,
    a_message_whose_answer_was_lost_is_found_wherever_it_is,
    a_push_is_in_the_status_at_once_and_until_then_asking_costs_nothing,
}

async fn status_deploy_history_help(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;

    let (_, status) = channel.asks("@deploybot status people", "newest 5").await;
    assert!(status.contains("production"), "{status}");

    let sha = channel.deployable("people", "production").await;
    let ask = format!("@deploybot deploy people production {sha}");
    let asked = channel.say(&ask).await;
    let (_, live) = channel.hears(&asked, "is live in").await;
    assert!(live.contains(&sha[..7]), "{live}");
    assert_eq!(
        channel.bot_since(&asked).await.len(),
        1,
        "one message, edited as it went"
    );

    let (_, history) = channel
        .asks("@deploybot history people production", "live")
        .await;
    assert!(history.contains(&sha[..7]), "{history}");
    let (_, status) = channel.asks("@deploybot status people", "newest 5").await;
    assert!(status.contains("production"), "{status}");
    channel.asks("@deploybot help", "deploybot deploy").await;

    let page = format!("{}github/sites/acme/people/production/", sandbox.url());
    let (code, _) = channel.http.page(&page).await;
    assert_eq!(code, 200);
    sandbox.shutdown().await;
}

/// A commit whose rollout fails: the message says so, and a new one mentions
/// who asked, with a button that tries again.
async fn a_failure_is_a_new_message_that_mentions_who_asked(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let sha = channel
        .commit("people", "Try the new rollout\n\nSimulate: fail rollout")
        .await;
    channel.checks_pass("people", &sha).await;
    let asked = channel
        .say(&format!("@deploybot deploy people staging {sha}"))
        .await;
    let mention = format!("<@{}>", channel.person);
    let (_, failure) = channel.hears(&asked, "did not reach").await;
    assert!(failure.contains("ImagePullBackOff"), "{failure}");
    channel
        .until("a new message that mentions the requester", async || {
            let said = channel.bot_since(&asked).await;
            (said.len() == 2 && said[1].1.contains(&mention) && said[1].1.contains("Retry"))
                .then_some(())
        })
        .await;

    // Pressed, its button brings back what was live before.
    let (failed, _) = channel.bot_since(&asked).await.remove(1);
    let button = channel.button(&failed, "Roll back");
    channel.http.send("POST", "client/actions", &button).await;
    channel.hears(&asked, "is back at").await;
    sandbox.shutdown().await;
}

/// The channel watches it go out in one message, which says more and more.
async fn one_message_is_edited_as_it_goes(journal: Journal) {
    let pace = Pace {
        beat: Duration::from_millis(200),
    };
    let (sandbox, channel) = start(on(&journal, Options { pace, ..quick() })).await;
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    let mut versions = Vec::new();
    let mut messages = BTreeSet::new();
    channel
        .until("it is live", async || {
            for (message, words) in channel.bot_since(&asked).await {
                messages.insert(message["ts"].to_string());
                if versions.last() != Some(&words) {
                    versions.push(words);
                }
            }
            versions.last()?.contains("is live in").then_some(())
        })
        .await;
    assert_eq!(messages.len(), 1, "{versions:#?}");
    let (last, before) = versions.split_last().unwrap();
    let going = format!("|{}>` to *production*", &sha[..7]);
    assert!(before.len() > 1, "{versions:#?}");
    assert!(
        before.iter().any(|words| words.contains(&going)),
        "{versions:#?}"
    );
    assert!(
        before.iter().all(|words| words.contains(&sha[..7])),
        "{versions:#?}"
    );
    assert!(
        last.contains(&format!("asked by <@{}>", channel.person)),
        "{last}"
    );
    sandbox.shutdown().await;
}

/// An older commit takes newer ones away, which the history calls a rollback.
async fn an_older_commit_is_a_rollback(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let live = channel.live("people", "production").await.unwrap();
    let commits = channel.github("people/commits").await;
    let older = commits[5]["sha"].as_str().unwrap();
    let headline = commits[5]["commit"]["message"].as_str().unwrap();
    assert!(
        headline.starts_with("Use the system's font (#10)"),
        "{headline}"
    );
    let asked = channel
        .say(&format!("@deploybot deploy people production {older}"))
        .await;
    let (_, words) = channel.hears(&asked, "is back at").await;
    assert!(words.contains(&older[..7]), "{words}");
    let rollback = format!("rollback after `{}`", &live[..7]);
    let (_, history) = channel
        .asks("@deploybot history people production 1", &rollback)
        .await;
    let row = history.lines().find(|row| row.contains(&rollback)).unwrap();
    assert!(row.starts_with("↩️") && row.contains(&older[..7]), "{row}");
    assert!(row.contains(" · *live*"), "{row}");
    sandbox.shutdown().await;
}

/// Slack delivers an event again when its acknowledgement is lost: while the
/// first is in work, and when all is over.
async fn an_event_delivered_four_times_is_one_deployment(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    let deliveries = sandbox.slack().deliveries();
    let mention = deliveries
        .iter()
        .find(|one| one.event_type == "app_mention");
    let event = &mention.unwrap().event_id;
    let again = json!({"event_id": event, "times": 2});
    channel.http.send("POST", "control/redeliver", &again).await;
    channel.hears(&asked, "is live in").await;
    let again = json!({"event_id": event, "times": 1});
    channel.http.send("POST", "control/redeliver", &again).await;
    channel
        .until("all deliveries are acknowledged", async || {
            let all = sandbox.slack().deliveries();
            all.iter().all(|one| one.acked_at.is_some()).then_some(())
        })
        .await;
    // A question asked now is answered after all that came before.
    channel.asks("@deploybot help", "deploybot deploy").await;
    assert_eq!(
        channel.bot_since(&asked).await.len(),
        2,
        "one message for it, and the help"
    );
    assert_eq!(sandbox.github().control().counts()[POST], 1);
    let attempts = sandbox.slack().deliveries();
    let mentions = attempts.iter().filter(|one| &one.event_id == event);
    assert_eq!(mentions.map(|one| one.attempts).sum::<u32>(), 4);
    sandbox.shutdown().await;
}

/// Whether a message stands there already is looked up before it is posted again,
/// in each kind of channel by a scope of its own.
async fn a_message_whose_answer_was_lost_is_found_wherever_it_is(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let control = sandbox.slack().control();
    let looks = || {
        let counts = control.counts();
        counts.get("GET /api/conversations.history").copied()
    };
    let places = [
        channel.clone(),
        channel.in_private(&sandbox, "secret"),
        channel.in_group(&sandbox, "lunch"),
        channel.directly().await,
    ];
    for place in places {
        control.add_fault(Fault {
            route: "POST /api/chat.postMessage".to_owned(),
            skip: 0,
            times: 1,
            kind: FaultKind::DropAfterCommit,
        });
        let before = looks();
        let asked = place.say("@deploybot status people").await;
        place.hears(&asked, "newest 5").await;
        place
            .until("it is looked for", async || {
                (looks() > before).then_some(())
            })
            .await;
        // What is asked now is answered after all that came before.
        place.asks("@deploybot history people", "deployments").await;
        assert_eq!(place.bot_since(&asked).await.len(), 2, "{}", place.id);
    }
    sandbox.shutdown().await;
}

/// Asked again, nothing is read anew as long as nothing happens; and what
/// happens is there at once, for GitHub tells of it: a push that somebody makes
/// on the page, and its checks as they end.
async fn a_push_is_in_the_status_at_once_and_until_then_asking_costs_nothing(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    channel.asks("@deploybot status people", "newest 5").await;
    let reads = || sandbox.github().control().counts()["POST /api/graphql Status"];
    let before = reads();
    for _ in 0..3 {
        channel.asks("@deploybot status people", "newest 5").await;
    }
    assert_eq!(reads(), before, "asked again, GitHub was read again");

    let sha = channel.commit("people", "Push this on the page").await;
    let row = format!("|{}>` Push this on the page", &sha[..7]);
    shows(&channel, &row).await;
    channel.checks_pass("people", &sha).await;
    let passed = format!("{row} · deploybot · just now · checks passed");
    shows(&channel, &passed).await;
    sandbox.shutdown().await;
}

/// Asks what runs where until the answer shows this: well before it is a minute
/// old, which is when it would be read anew without having been told.
async fn shows(channel: &Channel, row: &str) {
    let said = channel.until("the status shows it", async || {
        let (_, status) = channel.asks("@deploybot status people", "newest 5").await;
        status.contains(row).then_some(())
    });
    said.await;
}
