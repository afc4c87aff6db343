//! The Web API as an app sees it.

use std::time::Instant;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::control::{Fault, FaultKind};

use crate::slack_support::{APP_TOKEN, BOT_TOKEN, Workspace};

#[tokio::test]
async fn a_token_is_wanted_and_the_right_one() {
    let workspace = Workspace::start().await;
    let call = async |path: &str, token: Option<&str>| {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> = bearer
            .iter()
            .map(|bearer| ("authorization", bearer.as_str()))
            .collect();
        let answer = workspace
            .request(Method::POST, path, &headers, String::new())
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()
    };
    assert_eq!(call("/api/auth.test", None).await["error"], "not_authed");
    assert_eq!(
        call("/api/auth.test", Some("xoxb-other")).await["error"],
        "invalid_auth"
    );
    assert_eq!(
        call("/api/auth.test", Some(APP_TOKEN)).await["error"],
        "not_allowed_token_type"
    );
    let open = "/api/apps.connections.open";
    assert_eq!(
        call(open, Some(BOT_TOKEN)).await["error"],
        "not_allowed_token_type"
    );
    // This token comes in the header of a POST alone.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("token={APP_TOKEN}");
    let in_body = workspace.request(Method::POST, open, &form, body).await;
    assert_eq!(in_body.json()["error"], "not_authed");
    let bearer = format!("Bearer {APP_TOKEN}");
    let headers = [("authorization", bearer.as_str())];
    let by_get = workspace
        .request(Method::GET, open, &headers, String::new())
        .await;
    assert_eq!(by_get.json()["error"], "insecure_request");
    assert_eq!(
        call("/api/chat.postMesage", Some(BOT_TOKEN)).await["error"],
        "unknown_method"
    );
    assert_eq!(
        call("/api/auth.test", Some(BOT_TOKEN)).await,
        json!({
            "ok": true, "url": format!("{}/", workspace.base), "team": "Simulated Workspace",
            "user": "deploybot", "team_id": "T0TEAM", "user_id": "U0BOT", "bot_id": "B0BOT",
            "is_enterprise_install": false,
        })
    );
    workspace.stop().await;
}

#[tokio::test]
async fn arguments_come_in_the_query_as_a_form_or_as_json() {
    let workspace = Workspace::start().await;
    let bearer = format!("Bearer {BOT_TOKEN}");
    let by_get = workspace
        .request(
            Method::GET,
            "/api/users.info?user=U0MINJI",
            &[("authorization", &bearer)],
            String::new(),
        )
        .await
        .json();
    assert_eq!(by_get["user"]["real_name"], "Minji Park");
    let blocks = "%5B%7B%22type%22%3A%22divider%22%7D%5D";
    let form = format!("token={BOT_TOKEN}&channel=C0DEPLOYS&text=a&blocks={blocks}");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let by_form = workspace
        .request(Method::POST, "/api/chat.postMessage", &headers, form)
        .await
        .json();
    assert_eq!(
        by_form["message"]["blocks"][0]["type"], "divider",
        "{by_form}"
    );
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = json!({"channel": "C0DEPLOYS", "text": "a", "blocks": "[{\"type\":\"divider\"}]"});
    let path = "/api/chat.postMessage";
    let by_json = workspace
        .request(Method::POST, path, &headers, body.to_string())
        .await
        .json();
    assert_eq!(
        by_json["message"]["blocks"][0]["type"], "divider",
        "{by_json}"
    );
    assert_eq!(by_json["warning"], "missing_charset");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "text/csv"),
    ];
    let other = workspace
        .request(Method::POST, path, &headers, "a,b".to_owned())
        .await
        .json();
    assert_eq!(other["error"], "invalid_post_type");
    workspace.stop().await;
}

#[tokio::test]
async fn a_channel_takes_a_burst_and_then_one_message_a_second() {
    let workspace = Workspace::start().await;
    let bearer = format!("Bearer {BOT_TOKEN}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json; charset=utf-8"),
    ];
    let body = json!({"channel": "C0DEPLOYS", "text": "a"}).to_string();
    let path = "/api/chat.postMessage";
    let (began, mut taken) = (Instant::now(), 0);
    let answer = loop {
        let posting = workspace.request(Method::POST, path, &headers, body.clone());
        let answer = posting.await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        taken += 1;
        let most = 20 + began.elapsed().as_secs();
        assert!(taken <= most, "{taken} in {:?}", began.elapsed());
    };
    assert!(taken >= 20, "{taken} in {:?}", began.elapsed());
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.json(), json!({"ok": false, "error": "ratelimited"}));
    // Another channel counts by itself.
    workspace
        .done(
            "chat.postMessage",
            json!({"channel": "U0JOON", "text": "a"}),
        )
        .await;
    let off = workspace
        .send(
            Method::PUT,
            "/control/rate_limits",
            json!({"enabled": false}),
        )
        .await;
    assert_eq!(off.status, StatusCode::NO_CONTENT);
    workspace.post(json!({"text": "a"})).await;
    workspace.stop().await;
}

#[tokio::test]
async fn a_fault_hits_one_method() {
    let workspace = Workspace::start().await;
    let fault = |kind: Value| json!({"route": "POST /api/chat.postMessage", "kind": kind});
    let add = async |kind: Value| {
        let answer = workspace
            .send(Method::POST, "/control/faults", fault(kind))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    };
    let bearer = format!("Bearer {BOT_TOKEN}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = json!({"channel": "C0DEPLOYS", "text": "a"}).to_string();
    let path = "/api/chat.postMessage";
    add(json!({"after_commit": 502})).await;
    let answer = workspace
        .request(Method::POST, path, &headers, body.clone())
        .await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    add(json!("drop")).await;
    assert!(
        workspace
            .raw(Method::POST, path, &headers, body.clone())
            .await
            .is_err()
    );
    add(json!({"rate_limit": {"seconds": 7}})).await;
    let answer = workspace.request(Method::POST, path, &headers, body).await;
    assert_eq!(answer.headers["retry-after"], "7");
    assert_eq!(answer.json()["error"], "ratelimited");
    // Only the first of the three had an effect.
    let history = workspace
        .done("conversations.history", json!({"channel": "C0DEPLOYS"}))
        .await;
    assert_eq!(history["messages"].as_array().unwrap().len(), 1);
    let counts = workspace.get("/control/requests").await["counts"].clone();
    assert_eq!(counts["POST /api/chat.postMessage"], 3);
    assert_eq!(counts["POST /api/conversations.history"], 1);
    workspace.stop().await;
}

#[tokio::test]
async fn people_groups_and_channels_can_be_looked_up() {
    let workspace = Workspace::start().await;
    let joon = vec![workspace.joon.clone()];
    workspace.slack.add_user_group("on-call", "On call", joon);
    let found = workspace
        .done("users.lookupByEmail", json!({"email": "JOON@example.com"}))
        .await;
    assert_eq!(found["user"]["id"], "U0JOON");
    assert_eq!(found["user"]["tz_offset"], 9 * 60 * 60);
    let body = json!({"email": "nobody@example.com"});
    assert_eq!(
        workspace.refused("users.lookupByEmail", body).await,
        "users_not_found"
    );
    assert_eq!(
        workspace.refused("users.info", json!({"user": "U1"})).await,
        "user_not_found"
    );
    let page = workspace.done("users.list", json!({"limit": 2})).await;
    let cursor = page["response_metadata"]["next_cursor"].clone();
    let rest = workspace
        .done("users.list", json!({"limit": 2, "cursor": cursor}))
        .await;
    assert_eq!(rest["members"].as_array().unwrap().len(), 1);
    assert_eq!(rest["response_metadata"]["next_cursor"], "");
    let groups = workspace
        .done("usergroups.list", json!({"include_users": true}))
        .await;
    assert_eq!(groups["usergroups"][0]["users"], json!(["U0JOON"]));
    let channels = workspace.done("conversations.list", json!({})).await;
    assert_eq!(channels["channels"][0]["name"], "deploys");
    let members = workspace
        .done("conversations.members", json!({"channel": "C0DEPLOYS"}))
        .await;
    assert_eq!(members["members"], json!(["U0BOT", "U0JOON", "U0MINJI"]));
    assert_eq!(
        workspace.done("bots.info", json!({"bot": "B0BOT"})).await["bot"]["name"],
        "deploybot"
    );
    assert_eq!(
        workspace.done("team.info", json!({})).await["team"]["id"],
        "T0TEAM"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn reactions_are_put_and_taken_once() {
    let workspace = Workspace::start().await;
    let ts = workspace.say("nice").await;
    let body = |name: &str| json!({"channel": "C0DEPLOYS", "timestamp": ts, "name": name});
    workspace.done("reactions.add", body("eyes")).await;
    assert_eq!(
        workspace.refused("reactions.add", body("eyes")).await,
        "already_reacted"
    );
    assert_eq!(
        workspace.refused("reactions.add", body("")).await,
        "invalid_name"
    );
    let got = workspace.done("reactions.get", body("")).await;
    let reactions = json!([{"name": "eyes", "users": ["U0BOT"], "count": 1}]);
    assert_eq!(got["message"]["reactions"], reactions);
    workspace.done("reactions.remove", body("eyes")).await;
    assert_eq!(
        workspace.refused("reactions.remove", body("eyes")).await,
        "no_reaction"
    );
    let nothing = json!({"channel": "C0DEPLOYS", "name": "eyes"});
    assert_eq!(
        workspace.refused("reactions.add", nothing).await,
        "no_item_specified"
    );
    workspace.stop().await;
}

#[tokio::test]
async fn a_permalink_leads_to_the_message() {
    let workspace = Workspace::start().await;
    let ts = workspace.say("see <here>").await;
    let body = json!({"channel": "C0DEPLOYS", "message_ts": ts});
    let answer = workspace.done("chat.getPermalink", body).await;
    let link = answer["permalink"].as_str().unwrap();
    assert_eq!(
        link,
        format!(
            "{}/archives/C0DEPLOYS/p{}",
            workspace.base,
            ts.replace('.', "")
        )
    );
    let page = workspace
        .request(Method::GET, link, &[], String::new())
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("see &lt;here&gt;"), "{}", page.text);
    workspace.stop().await;
}

#[tokio::test]
async fn a_call_is_refused_by_any_name() {
    let workspace = Workspace::start().await;
    let kind = FaultKind::Refusal("not_in_channel".to_owned());
    workspace.slack.control().add_fault(Fault {
        route: "POST /api/auth.test".to_owned(),
        skip: 0,
        times: 1,
        kind,
    });
    let refused = workspace.refused("auth.test", json!({})).await;
    assert_eq!(refused, "not_in_channel");
    workspace.done("auth.test", json!({})).await;
    workspace.stop().await;
}
