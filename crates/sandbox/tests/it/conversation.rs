//! The main job, end to end, as the channel sees it.

use serde_json::json;

use crate::{quick, start};

#[tokio::test(flavor = "multi_thread")]
async fn status_deploy_history_help() {
    let (sandbox, channel) = start(quick()).await;

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
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_a_new_message_that_mentions_who_asked() {
    let (sandbox, channel) = start(quick()).await;
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

/// Slack delivers an event again when its acknowledgement is lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_delivered_three_times_is_one_deployment() {
    let (sandbox, channel) = start(quick()).await;
    let sha = channel.deployable("people", "production").await;
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    channel.hears(&asked, "is live in").await;
    let deliveries = sandbox.slack().deliveries();
    let event = &deliveries
        .iter()
        .rev()
        .find(|one| one.event_type == "app_mention")
        .unwrap()
        .event_id;
    let body = json!({"event_id": event, "times": 2});
    channel.http.send("POST", "control/redeliver", &body).await;
    channel
        .until("all deliveries acknowledged", async || {
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
    assert_eq!(
        sandbox.github().control().counts()["POST /api/v3/repos/{owner}/{repo}/deployments"],
        1
    );
    sandbox.shutdown().await;
}
