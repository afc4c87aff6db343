//! Messages of the app: posting, reading back, changing, and what is refused.

use serde_json::{Value, json};

use crate::slack_support::Workspace;

#[tokio::test]
async fn a_post_has_the_shape_that_slack_documents() {
    let workspace = Workspace::start().await;
    let answer = workspace
        .done(
            "chat.postMessage",
            json!({
                "channel": "#deploys",
                "text": "live",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*live*"}}],
            }),
        )
        .await;
    let message = &answer["message"];
    assert_eq!(answer["channel"], "C0DEPLOYS");
    assert_eq!(answer["ts"], message["ts"]);
    for (name, value) in [
        ("type", "message"),
        ("user", "U0BOT"),
        ("bot_id", "B0BOT"),
        ("app_id", "A0BOT"),
        ("team", "T0TEAM"),
        ("text", "live"),
    ] {
        assert_eq!(message[name], value, "{name}");
    }
    assert_eq!(message["bot_profile"]["name"], "deploybot");
    let block_id = message["blocks"][0]["block_id"].as_str().unwrap();
    assert!(!block_id.is_empty());
    assert_eq!(message["blocks"][0]["text"]["verbatim"], false);
    workspace.stop().await;
}

#[tokio::test]
async fn history_is_paged_newest_first_and_tells_metadata_on_request() {
    let workspace = Workspace::start().await;
    let metadata = json!({"event_type": "request", "event_payload": {"id": "r1", "n": 1}});
    let mut all = Vec::new();
    for index in 0..5 {
        let body = json!({"text": format!("m{index}"), "metadata": metadata});
        all.push(
            workspace.post(body).await["ts"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    let reply = json!({"text": "in the thread", "thread_ts": all[0]});
    workspace.post(reply).await;
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let body = json!({"channel": "C0DEPLOYS", "limit": 2, "cursor": cursor, "include_all_metadata": true});
        let page = workspace.done("conversations.history", body).await;
        for message in page["messages"].as_array().unwrap() {
            assert_eq!(message["metadata"], metadata);
            seen.push(message["ts"].as_str().unwrap().to_owned());
        }
        cursor = page["response_metadata"]["next_cursor"].clone();
        assert_eq!(page["has_more"], !cursor.is_null());
        if cursor.is_null() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen, all);
    let range = json!({"channel": "C0DEPLOYS", "oldest": all[1], "latest": all[3]});
    let page = workspace.done("conversations.history", range.clone()).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
    assert_eq!(page["messages"][0].get("metadata"), None);
    let mut inclusive = range;
    inclusive["inclusive"] = json!(true);
    let page = workspace.done("conversations.history", inclusive).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 3);
    workspace.stop().await;
}

#[tokio::test]
async fn a_thread_is_told_with_its_first_message() {
    let workspace = Workspace::start().await;
    let root = workspace.post(json!({"text": "root"})).await["ts"].clone();
    let first = workspace
        .post(json!({"text": "one", "thread_ts": root}))
        .await["ts"]
        .clone();
    // A reply to a reply goes to the same thread.
    workspace
        .post(json!({"text": "two", "thread_ts": first, "reply_broadcast": true}))
        .await;
    let body = json!({"channel": "C0DEPLOYS", "ts": root});
    let thread = workspace.done("conversations.replies", body).await;
    let texts: Vec<&Value> = thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["text"])
        .collect();
    assert_eq!(texts, ["root", "one", "two"]);
    assert_eq!(thread["messages"][0]["reply_count"], 2);
    assert_eq!(thread["messages"][0]["reply_users"], json!(["U0BOT"]));
    assert_eq!(thread["messages"][1]["thread_ts"], root);
    let history = workspace
        .done("conversations.history", json!({"channel": "C0DEPLOYS"}))
        .await;
    let texts: Vec<&Value> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["text"])
        .collect();
    assert_eq!(texts, ["two", "root"]);
    let body = json!({"channel": "C0DEPLOYS", "ts": "1.000000"});
    assert_eq!(
        workspace.refused("conversations.replies", body).await,
        "thread_not_found"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn an_update_changes_what_it_mentions() {
    let workspace = Workspace::start().await;
    let blocks = json!([{"type": "divider"}]);
    let metadata = json!({"event_type": "request", "event_payload": {}});
    let posted = workspace
        .post(json!({"text": "a", "blocks": blocks, "metadata": metadata}))
        .await;
    let update = async |change: Value| {
        let mut body = json!({"channel": "C0DEPLOYS", "ts": posted["ts"]});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        workspace.done("chat.update", body).await["message"].clone()
    };
    let with_blocks = update(json!({"text": "b", "blocks": blocks})).await;
    assert_eq!(with_blocks["text"], "b");
    assert_eq!(with_blocks.get("edited"), None);
    assert_eq!(with_blocks["metadata"], metadata);
    let text_alone = update(json!({"text": "c", "metadata": {}})).await;
    assert_eq!(text_alone.get("blocks"), None);
    assert_eq!(text_alone["edited"]["user"], "U0BOT");
    assert_eq!(text_alone.get("metadata"), None);
    workspace.stop().await;
}

#[tokio::test]
async fn what_slack_refuses_to_post_is_refused_by_its_name() {
    let workspace = Workspace::start().await;
    let post = async |change: Value| {
        let mut body = json!({"channel": "C0DEPLOYS", "text": "a"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        workspace.refused("chat.postMessage", body).await
    };
    assert_eq!(
        post(json!({"channel": "C0NONE"})).await,
        "channel_not_found"
    );
    assert_eq!(post(json!({"channel": null})).await, "channel_not_found");
    assert_eq!(post(json!({"text": " "})).await, "no_text");
    assert_eq!(post(json!({"blocks": "["})).await, "invalid_blocks_format");
    assert_eq!(post(json!({"blocks": {}})).await, "invalid_blocks_format");
    assert_eq!(
        post(json!({"attachments": "x"})).await,
        "invalid_attachments"
    );
    assert_eq!(
        post(json!({"attachments": vec![json!({}); 101]})).await,
        "too_many_attachments"
    );
    assert_eq!(
        post(json!({"metadata": "{"})).await,
        "invalid_metadata_format"
    );
    assert_eq!(
        post(json!({"metadata": {"event_type": "a"}})).await,
        "invalid_metadata_format"
    );
    let large = json!({"event_type": "a", "event_payload": {"text": "x".repeat(17_000)}});
    assert_eq!(post(json!({"metadata": large})).await, "metadata_too_large");
    assert_eq!(
        post(json!({"thread_ts": "1.000000"})).await,
        "cannot_reply_to_message"
    );
    assert_eq!(
        post(json!({"thread_ts": "yesterday"})).await,
        "invalid_arguments"
    );
    assert_eq!(
        post(json!({"markdown_text": "**a**"})).await,
        "markdown_text_conflict"
    );
    let long = json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(2_900)}});
    assert_eq!(
        post(json!({"blocks": vec![long; 5]})).await,
        "msg_blocks_too_long"
    );
    let body = json!({"channel": "C0DEPLOYS", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "a"}}]});
    let answer = workspace.api("chat.postMessage", body).await;
    assert_eq!(
        answer,
        json!({
            "ok": false,
            "error": "invalid_blocks",
            "errors": ["unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"],
            "response_metadata": {
                "messages": ["[ERROR] unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"],
            },
        })
    );
    let history = workspace
        .done("conversations.history", json!({"channel": "C0DEPLOYS"}))
        .await;
    assert_eq!(history["messages"], json!([]));
    workspace.stop().await;
}

#[tokio::test]
async fn the_app_writes_only_where_it_is() {
    let workspace = Workspace::start().await;
    let channel = |name: &str, private: bool| {
        workspace.slack.add_channel(simulators::slack::NewChannel {
            name: name.to_owned(),
            topic: String::new(),
            private,
            members: vec![workspace.minji.clone()],
            with_app: false,
        })
    };
    let (open, secret) = (channel("random", false), channel("secret", true));
    let body = |id: &str| json!({"channel": id, "text": "a"});
    assert_eq!(
        workspace
            .refused("chat.postMessage", body(open.as_str()))
            .await,
        "not_in_channel"
    );
    assert_eq!(
        workspace
            .refused("conversations.history", body(open.as_str()))
            .await,
        "not_in_channel"
    );
    assert_eq!(
        workspace
            .refused("chat.postMessage", body(secret.as_str()))
            .await,
        "channel_not_found"
    );
    assert_eq!(
        workspace
            .refused("conversations.info", body(secret.as_str()))
            .await,
        "channel_not_found"
    );
    workspace
        .done("conversations.join", body(open.as_str()))
        .await;
    workspace
        .done("chat.postMessage", body(open.as_str()))
        .await;
    workspace.slack.archive_channel(&open);
    assert_eq!(
        workspace
            .refused("chat.postMessage", body(open.as_str()))
            .await,
        "is_archived"
    );
    let direct = workspace.done("chat.postMessage", body("U0MINJI")).await;
    assert_eq!(direct["channel"], "D0MINJI");
    workspace.stop().await;
}

#[tokio::test]
async fn the_app_changes_only_its_own_messages() {
    let workspace = Workspace::start_with(|config| {
        config.edit_window = Some(std::time::Duration::from_secs(60));
    })
    .await;
    let hers = workspace.say("mine").await;
    let own = workspace.post(json!({"text": "a"})).await["ts"].clone();
    let body = |ts: &Value, text: &str| json!({"channel": "C0DEPLOYS", "ts": ts, "text": text});
    let refused = async |method: &str, body: Value| workspace.refused(method, body).await;
    assert_eq!(
        refused("chat.update", body(&json!(hers), "b")).await,
        "cant_update_message"
    );
    assert_eq!(
        refused("chat.delete", body(&json!(hers), "b")).await,
        "cant_delete_message"
    );
    assert_eq!(
        refused("chat.update", body(&json!("1.000000"), "b")).await,
        "message_not_found"
    );
    assert_eq!(refused("chat.update", body(&own, "")).await, "no_text");
    // It is counted in bytes, of which a Korean syllable has three.
    for too_long in ["x".repeat(4_001), "배".repeat(1_334)] {
        assert_eq!(
            refused("chat.update", body(&own, &too_long)).await,
            "msg_too_long"
        );
    }
    for long in ["x".repeat(4_000), "배".repeat(1_333)] {
        workspace.done("chat.update", body(&own, &long)).await;
    }
    workspace.done("chat.update", body(&own, "b")).await;
    workspace.done("chat.delete", body(&own, "")).await;
    assert_eq!(
        refused("chat.delete", body(&own, "")).await,
        "message_not_found"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn an_edit_that_comes_too_late_is_refused() {
    let window = |config: &mut simulators::slack::Config| {
        config.edit_window = Some(std::time::Duration::ZERO);
    };
    let workspace = Workspace::start_with(window).await;
    let ts = workspace.post(json!({"text": "a"})).await["ts"].clone();
    let body = json!({"channel": "C0DEPLOYS", "ts": ts, "text": "b"});
    // The window is counted in whole seconds, so the edit is late within one.
    crate::slack_support::eventually(
        "the edit is refused",
        async || workspace.api("chat.update", body.clone()).await["error"].clone(),
        |error| *error == "edit_window_closed",
    )
    .await;
    workspace.stop().await;
}
