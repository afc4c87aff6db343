//! What a bot may do is what it was granted.

use http::{Method, StatusCode};
use serde_json::json;
use simulators::slack::{self, NewChannel};

use crate::slack_support::{BOT_TOKEN, Workspace};

/// A workspace whose bot was granted these.
async fn granted(scopes: &[&str]) -> Workspace {
    let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
    Workspace::start_with(|config| config.scopes = scopes).await
}

/// What a refused call is told it needs.
async fn needed(workspace: &Workspace, method: &str, body: serde_json::Value) -> String {
    let answer = workspace.api(method, body).await;
    assert_eq!(answer["error"], "missing_scope", "{method}: {answer}");
    assert_eq!(answer["provided"], workspace.slack.scopes().join(","));
    answer["needed"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_method_asks_for_its_scope() {
    let workspace = granted(&[]).await;
    for (method, scopes) in slack::methods() {
        let body = json!({"channel": "C0NONE", "types": "public_channel,private_channel,mpim,im"});
        if scopes.is_empty() {
            if method != "apps.connections.open" {
                let answer = workspace.api(method, body).await;
                assert_ne!(answer["error"], "missing_scope", "{method}");
            }
        } else {
            assert_eq!(
                needed(&workspace, method, body).await,
                scopes.join(","),
                "{method}"
            );
        }
    }
    // Nothing of it counts where everything was granted.
    let every = slack::EVERY_SCOPE.map(str::to_owned).to_vec();
    workspace.slack.set_scopes(every);
    for (method, _) in slack::methods() {
        let answer = workspace.api(method, json!({"types": "im,mpim"})).await;
        assert_ne!(answer["error"], "missing_scope", "{method}");
    }
    workspace.stop().await;
}

#[tokio::test]
async fn each_kind_of_channel_takes_a_scope_of_its_own() {
    let workspace = granted(&["channels:history", "channels:read"]).await;
    workspace.slack.add_channel(NewChannel {
        name: "secret".to_owned(),
        topic: String::new(),
        private: true,
        members: Vec::new(),
        with_app: true,
    });
    let group = workspace.slack.add_group("lunch", Vec::new());
    let body = |channel: &str| json!({"channel": channel});
    let history = "conversations.history";
    workspace.done(history, body("C0DEPLOYS")).await;
    assert_eq!(
        needed(&workspace, history, body(group.as_str())).await,
        "mpim:history"
    );
    assert_eq!(
        needed(&workspace, history, body("C0SECRET")).await,
        "groups:history"
    );
    assert_eq!(
        workspace.refused(history, body("C0NONE")).await,
        "channel_not_found"
    );
    assert_eq!(
        needed(&workspace, "conversations.info", body("C0SECRET")).await,
        "groups:read"
    );
    workspace.done("conversations.list", json!({})).await;
    let both = json!({"types": "public_channel, private_channel"});
    assert_eq!(
        needed(&workspace, "conversations.list", both).await,
        "groups:read"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn another_name_and_addresses_take_more() {
    let workspace = granted(&["chat:write", "users:read"]).await;
    let body = json!({"channel": "C0DEPLOYS", "text": "a", "username": "somebody"});
    assert_eq!(
        needed(&workspace, "chat.postMessage", body).await,
        "chat:write.customize"
    );
    let info = async |more: bool| {
        let body = json!({"user": "U0MINJI", "include_locale": more});
        workspace.done("users.info", body).await["user"].clone()
    };
    let (minji, with_locale) = (info(false).await, info(true).await);
    assert_eq!(
        (&minji["locale"], &minji["profile"]["email"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(with_locale["locale"], "en-US");
    assert_eq!(
        needed(
            &workspace,
            "users.lookupByEmail",
            json!({"email": "minji@example.com"})
        )
        .await,
        "users:read.email"
    );
    let more = json!(["users:read", "users:read.email"]);
    let set = workspace
        .send(Method::PUT, "/control/scopes", more.clone())
        .await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    assert_eq!(workspace.get("/control/scopes").await, more);
    assert_eq!(info(false).await["profile"]["email"], "minji@example.com");
    let typo = workspace
        .send(Method::PUT, "/control/scopes", json!(["chat:wrote"]))
        .await;
    assert_eq!(typo.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(typo.text, "nothing here takes the scope \"chat:wrote\"");
    workspace.stop().await;
}

#[tokio::test]
async fn an_answer_tells_what_was_granted_and_what_is_taken() {
    let workspace = granted(&["chat:write", "im:history"]).await;
    let bearer = format!("Bearer {BOT_TOKEN}");
    let headers = [("authorization", bearer.as_str())];
    let path = "/api/conversations.history";
    let answer = workspace
        .request(Method::POST, path, &headers, String::new())
        .await;
    assert_eq!(answer.headers["x-oauth-scopes"], "chat:write,im:history");
    assert_eq!(
        answer.headers["x-accepted-oauth-scopes"],
        "channels:history,groups:history,mpim:history,im:history"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn an_event_comes_with_its_scope_alone() {
    let workspace = granted(&["app_mentions:read"]).await;
    let mut socket = workspace.connect().await;
    workspace.say("hello").await;
    workspace.say("@deploybot help").await;
    let envelope = socket.next().await;
    assert_eq!(envelope["payload"]["event"]["type"], "app_mention");
    socket.ack(&envelope).await;
    let more = ["app_mentions:read", "channels:history"];
    workspace.slack.set_scopes(more.map(str::to_owned).to_vec());
    workspace.say("hello again").await;
    let envelope = socket.next().await;
    assert_eq!(envelope["payload"]["event"]["text"], "hello again");
    workspace.stop().await;
}
