//! The device flow as GitHub documents it: a program gets a code, its user says yes
//! or no on a page, and the program hears which.

use std::time::Duration;

use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulators::github::DeviceFlow;

use crate::rest_client::{Reply, World};

const CLIENT: &str = "Iv1.0123456789abcdef";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn world() -> World {
    let world = World::start().await;
    world.github.set_device_flow(DeviceFlow::of(CLIENT));
    world
}

async fn send(world: &World, path: &str, body: &Value) -> Reply {
    let headers = [
        ("accept", "application/json"),
        ("content-type", "application/json"),
    ];
    let body = body.to_string();
    world
        .send(Method::POST, path, &headers, body)
        .await
        .unwrap()
}

async fn begin(world: &World) -> Value {
    let reply = send(world, "/login/device/code", &json!({"client_id": CLIENT})).await;
    assert_eq!(reply.status, StatusCode::OK);
    reply.json()
}

async fn ask_with(world: &World, body: Value) -> Value {
    let reply = send(world, "/login/oauth/access_token", &body).await;
    assert_eq!(reply.status, StatusCode::OK, "GitHub refuses with 200");
    reply.json()
}

async fn ask(world: &World, begun: &Value) -> Value {
    let code = &begun["device_code"];
    let body = json!({"client_id": CLIENT, "device_code": code, "grant_type": GRANT});
    ask_with(world, body).await
}

/// Lets time pass by GitHub's clock.
fn pass(world: &World, seconds: i64) {
    let clock = world.github.clock();
    clock.set_shift(clock.shift() + SignedDuration::from_secs(seconds));
}

fn code(begun: &Value) -> &str {
    begun["user_code"].as_str().unwrap()
}

#[tokio::test]
async fn who_agrees_gives_a_token_that_speaks_for_them_once() {
    let world = world().await;
    let begun = begin(&world).await;
    assert_eq!(begun["device_code"].as_str().unwrap().len(), 40);
    assert_eq!(code(&begun).len(), 9);
    assert_eq!(
        (&begun["expires_in"], &begun["interval"]),
        (&json!(900), &json!(5))
    );
    assert_eq!(
        begun["verification_uri"],
        format!("{}/login/device", world.base)
    );
    assert_eq!(ask(&world, &begun).await["error"], "authorization_pending");
    // As somebody types it who does not care.
    let typed = code(&begun).to_lowercase().replace('-', "");
    assert!(world.github.authorize_device(&typed, "Minji"));
    assert!(
        !world.github.authorize_device(&typed, "bora"),
        "it is decided"
    );
    pass(&world, 5);
    let told = ask(&world, &begun).await;
    assert_eq!(
        (&told["token_type"], &told["scope"]),
        (&json!("bearer"), &json!(""))
    );
    let token = format!("Bearer {}", told["access_token"].as_str().unwrap());
    let headers = [("authorization", token.as_str())];
    let me = world.send(Method::GET, "/api/v3/user", &headers, "").await;
    assert_eq!(me.unwrap().json()["login"], "minji");
    pass(&world, 5);
    assert_eq!(ask(&world, &begun).await["error"], "incorrect_device_code");
}

#[tokio::test]
async fn who_asks_too_often_has_to_wait_longer() {
    let world = world().await;
    let begun = begin(&world).await;
    assert_eq!(ask(&world, &begun).await["error"], "authorization_pending");
    let told = ask(&world, &begun).await;
    assert_eq!(
        (&told["error"], &told["interval"]),
        (&json!("slow_down"), &json!(10))
    );
    assert!(world.github.authorize_device(code(&begun), "minji"));
    pass(&world, 9);
    assert_eq!(ask(&world, &begun).await["interval"], 15);
    pass(&world, 15);
    assert!(ask(&world, &begun).await["access_token"].is_string());
}

#[tokio::test]
async fn what_is_refused_runs_out_or_is_wrong_is_told_in_githubs_words() {
    let world = world().await;
    let begun = begin(&world).await;
    assert!(world.github.refuse_device(code(&begun)));
    assert_eq!(ask(&world, &begun).await["error"], "access_denied");
    let late = begin(&world).await;
    pass(&world, 900);
    assert_eq!(ask(&world, &late).await["error"], "expired_token");
    assert!(!world.github.authorize_device(code(&late), "minji"));
    // Another that is given out meanwhile changes nothing of that.
    begin(&world).await;
    assert_eq!(ask(&world, &late).await["error"], "expired_token");
    pass(&world, 3_600);
    begin(&world).await;
    assert_eq!(ask(&world, &late).await["error"], "incorrect_device_code");
    assert!(!world.github.refuse_device("nothing"));
    let begun = begin(&world).await;
    assert!(!world.github.authorize_device(code(&begun), "nobody"));
    for (change, error) in [
        (
            json!({"client_id": "another"}),
            "incorrect_client_credentials",
        ),
        (json!({"grant_type": "password"}), "unsupported_grant_type"),
        (json!({"device_code": "wrong"}), "incorrect_device_code"),
        (json!({"device_code": 7}), "incorrect_device_code"),
    ] {
        let code = &begun["device_code"];
        let mut body = json!({"client_id": CLIENT, "device_code": code, "grant_type": GRANT});
        let fields = change.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(fields);
        assert_eq!(ask_with(&world, body).await["error"], error, "{change}");
    }
    let unknown = json!({"client_id": "another"});
    let unknown = send(&world, "/login/device/code", &unknown).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    world.github.set_device_flow(DeviceFlow {
        enabled: false,
        ..DeviceFlow::of(CLIENT)
    });
    let off = send(&world, "/login/device/code", &json!({"client_id": CLIENT})).await;
    assert_eq!(off.json()["error"], "device_flow_disabled");
    assert_eq!(ask(&world, &begun).await["error"], "device_flow_disabled");
}

#[tokio::test]
async fn who_asks_for_no_json_is_answered_with_a_form() {
    let world = world().await;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("client_id={CLIENT}");
    let reply = world.send(Method::POST, "/login/device/code", &headers, body);
    let text = reply.await.unwrap().text();
    assert!(
        text.contains("&user_code=") || text.starts_with("device_code="),
        "{text}"
    );
    let odd = world.send(Method::POST, "/login/device/code", &headers, "%%%\u{0}");
    assert_eq!(odd.await.unwrap().status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn people_say_yes_or_no_on_a_page() {
    let world = world().await;
    let page = world.page("/login/device?user_code=%3Cb%3E").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(
        text.contains("value=\"&lt;b&gt;\"") && text.contains("minji"),
        "{text}"
    );
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self'")
    );
    let say = async |code: &str, verdict: &str| {
        let form = format!("user_code={code}&login=minji&verdict={verdict}");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let said = world.send(Method::POST, "/login/device", &headers, form);
        said.await.unwrap().status
    };
    let (yes, no) = (begin(&world).await, begin(&world).await);
    assert_eq!(say(code(&yes), "authorize").await, StatusCode::OK);
    assert_eq!(say(code(&no), "cancel").await, StatusCode::OK);
    for (code, verdict) in [(code(&yes), "authorize"), ("wrong", "cancel"), ("", "")] {
        let status = say(code, verdict).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{code} {verdict}");
    }
    assert!(ask(&world, &yes).await["access_token"].is_string());
    assert_eq!(ask(&world, &no).await["error"], "access_denied");
}

#[tokio::test]
async fn the_control_api_says_yes_or_no_too() {
    let world = world().await;
    let flow = json!({"client_id": CLIENT, "interval_seconds": 1, "lifetime_seconds": 60});
    assert_eq!(
        control(&world, Method::PUT, "", &flow).await,
        StatusCode::NO_CONTENT
    );
    let (yes, no) = (begin(&world).await, begin(&world).await);
    assert_eq!(
        (&yes["interval"], &yes["expires_in"]),
        (&json!(1), &json!(60))
    );
    let as_minji = json!({"login": "minji"});
    let path = format!("/{}", code(&yes));
    assert_eq!(
        control(&world, Method::PUT, &path, &as_minji).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        control(&world, Method::PUT, &path, &as_minji).await,
        StatusCode::NOT_FOUND
    );
    let path = format!("/{}", code(&no));
    assert_eq!(
        control(&world, Method::DELETE, &path, &json!({})).await,
        StatusCode::NO_CONTENT
    );
    assert!(ask(&world, &yes).await["access_token"].is_string());
    assert_eq!(ask(&world, &no).await["error"], "access_denied");
}

async fn control(world: &World, method: Method, path: &str, body: &Value) -> StatusCode {
    let headers = [("content-type", "application/json")];
    let path = format!("/control/device{path}");
    let sent = world.send(method, &path, &headers, body.to_string());
    let sent = tokio::time::timeout(Duration::from_secs(20), sent).await;
    sent.expect("an answer").unwrap().status
}
