//! The person's side: what a page shows and sends.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::slack_support::Workspace;

/// A reader of the client's events.
struct Reader {
    body: Incoming,
    text: String,
}

impl Reader {
    async fn new(workspace: &Workspace) -> Self {
        let response = workspace
            .raw(Method::GET, "/client/events", &[], String::new())
            .await
            .unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// The next event's name and data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::to_owned)
                };
                let found = field("event: ").zip(field("data: "));
                self.text = rest.to_owned();
                if let Some((name, data)) = found {
                    return (name, serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let frame = tokio::time::timeout(std::time::Duration::from_secs(10), self.body.frame());
            let frame = frame
                .await
                .expect("no event came")
                .expect("the events ended")
                .unwrap();
            let bytes = frame.into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

#[tokio::test]
async fn the_workspace_is_told_as_the_page_needs_it() {
    let workspace = Workspace::start().await;
    assert_eq!(
        workspace.get("/client/workspace").await,
        json!({
            "team": {"id": "T0TEAM", "name": "Simulated Workspace"},
            "me_bot": "U0BOT",
            "channels": [{"id": "C0DEPLOYS", "name": "deploys", "topic": "What goes out"}],
            "users": [
                {"id": "U0BOT", "name": "deploybot", "real_name": "deploybot", "is_bot": true, "tz": "UTC", "locale": "en-US"},
                {"id": "U0MINJI", "name": "minji", "real_name": "Minji Park", "is_bot": false, "tz": "Asia/Seoul", "locale": "en-US"},
                {"id": "U0JOON", "name": "joon", "real_name": "Joon Lee", "is_bot": false, "tz": "Asia/Seoul", "locale": "en-US"},
            ],
        })
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_page_sees_messages_come_change_and_go() {
    let workspace = Workspace::start().await;
    let mut reader = Reader::new(&workspace).await;
    let ts = workspace
        .post(json!({"text": "a", "metadata": {"event_type": "m", "event_payload": {}}}))
        .await["ts"]
        .clone();
    let (name, data) = reader.next().await;
    assert_eq!(
        (name.as_str(), &data["change"]),
        ("message", &json!("posted"))
    );
    assert_eq!(data["channel"], "C0DEPLOYS");
    assert_eq!(data["message"]["metadata"]["event_type"], "m");
    workspace
        .done(
            "chat.update",
            json!({"channel": "C0DEPLOYS", "ts": ts, "text": "b"}),
        )
        .await;
    let (_, data) = reader.next().await;
    assert_eq!(
        (&data["change"], &data["message"]["text"]),
        (&json!("edited"), &json!("b"))
    );
    workspace
        .done("chat.delete", json!({"channel": "C0DEPLOYS", "ts": ts}))
        .await;
    let (_, data) = reader.next().await;
    assert_eq!(
        (&data["change"], &data["message"]["ts"]),
        (&json!("deleted"), &ts)
    );
    let body = json!({"channel": "C0DEPLOYS", "user": "U0MINJI", "text": "psst"});
    workspace.done("chat.postEphemeral", body).await;
    let (name, data) = reader.next().await;
    assert_eq!(
        (name.as_str(), &data["user"]),
        ("ephemeral", &json!("U0MINJI"))
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_reply_changes_the_message_that_it_is_to() {
    let workspace = Workspace::start().await;
    let root = workspace.say("root").await;
    let mut reader = Reader::new(&workspace).await;
    let body =
        json!({"user": "U0JOON", "channel": "C0DEPLOYS", "text": "reply", "thread_ts": root});
    workspace.send(Method::POST, "/client/messages", body).await;
    let (_, reply) = reader.next().await;
    assert_eq!(reply["message"]["thread_ts"], json!(root));
    let (_, parent) = reader.next().await;
    assert_eq!(parent["change"], "edited");
    assert_eq!(parent["message"]["reply_count"], 1);
    let messages = workspace.get("/client/messages?channel=C0DEPLOYS").await;
    let texts: Vec<&Value> = messages["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["text"])
        .collect();
    assert_eq!(texts, ["root", "reply"]);
    workspace.stop().await;
}

#[tokio::test]
async fn text_is_taken_as_typed_or_as_it_is() {
    let workspace = Workspace::start().await;
    let write = async |change: Value| {
        let mut body = json!({"user": "U0MINJI", "channel": "C0DEPLOYS", "text": "a"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        workspace
            .send(Method::POST, "/client/messages", body)
            .await
            .json()
    };
    write(json!({"text": "@Joon see #deploys & <b>"})).await;
    write(json!({"text": "<@U0BOT> <http://people|people>", "raw": true})).await;
    let messages = workspace.get("/client/messages?channel=C0DEPLOYS").await["messages"].clone();
    assert_eq!(
        messages[0]["text"],
        "<@U0JOON> see <#C0DEPLOYS|deploys> &amp; &lt;b&gt;"
    );
    assert_eq!(messages[1]["text"], "<@U0BOT> <http://people|people>");
    assert_eq!(write(json!({"text": " "})).await["error"], "no_text");
    assert_eq!(
        write(json!({"user": "U0BOT"})).await["error"],
        "user_not_found"
    );
    assert_eq!(
        write(json!({"channel": "C1"})).await["error"],
        "channel_not_found"
    );
    assert_eq!(
        write(json!({"thread_ts": "1.000000"})).await["error"],
        "thread_not_found"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn people_edit_and_delete_their_own_messages() {
    let workspace = Workspace::start().await;
    let ts = workspace.say("@deploybot depoy").await;
    let body = |user: &str| json!({"user": user, "channel": "C0DEPLOYS", "ts": ts, "text": "b"});
    let edit = async |method: Method, user: &str| {
        workspace
            .send(method, "/client/messages", body(user))
            .await
            .json()
    };
    assert_eq!(
        edit(Method::PUT, "U0JOON").await["error"],
        "cant_update_message"
    );
    assert_eq!(edit(Method::PUT, "U0MINJI").await["ok"], true);
    let messages = workspace.get("/client/messages?channel=C0DEPLOYS").await["messages"].clone();
    assert_eq!(
        (&messages[0]["text"], &messages[0]["edited"]["user"]),
        (&json!("b"), &json!("U0MINJI"))
    );
    assert_eq!(edit(Method::DELETE, "U0MINJI").await["ok"], true);
    assert_eq!(
        edit(Method::DELETE, "U0MINJI").await["error"],
        "message_not_found"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_deleted_message_with_replies_leaves_a_stone() {
    let workspace = Workspace::start().await;
    let root = workspace.post(json!({"text": "root"})).await["ts"].clone();
    workspace
        .post(json!({"text": "reply", "thread_ts": root}))
        .await;
    workspace
        .done("chat.delete", json!({"channel": "C0DEPLOYS", "ts": root}))
        .await;
    let messages = workspace.get("/client/messages?channel=C0DEPLOYS").await["messages"].clone();
    assert_eq!(messages[0]["subtype"], "tombstone");
    assert_eq!(messages[1]["text"], "reply");
    workspace.stop().await;
}

#[tokio::test]
async fn a_page_sees_home_tabs_change() {
    let workspace = Workspace::start().await;
    let mut reader = Reader::new(&workspace).await;
    let view = json!({"type": "home", "blocks": [{"type": "divider"}]});
    workspace
        .done("views.publish", json!({"user_id": "U0MINJI", "view": view}))
        .await;
    let (name, told) = reader.next().await;
    assert_eq!((name.as_str(), &told["user"]), ("home", &json!("U0MINJI")));
    assert_eq!(told["view"]["blocks"][0]["type"], "divider");
    workspace.stop().await;
}
