//! Events and interactions over HTTP: the same handlers as behind a socket, and
//! an acknowledgement in time or a second delivery.

use std::time::Duration;

use deploybot::config::Timing;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    answers,
    bare::{Bare, event, mention, mention_by, press, timing},
    request::{EVENTS, INTERACTIONS, JSON, Request, answer, connect},
    stage::eventually,
};

const DEPLOY: &str = "deploy people production a1b2c3d";
const ABOUT: &str = "repository=people&commit=a1b2c3d";

#[tokio::test]
async fn a_mention_is_answered_and_acknowledged_after_its_reply() {
    let bare = Bare::with_requests(timing()).await;
    let answered = Request::event(&mention("Ev1", "help"))
        .send(&bare.events)
        .await;
    assert_eq!((answered.status, answered.body.as_str()), (200, ""));
    let posted = bare.posted(1, "deploy").await;
    assert_eq!(posted[0]["thread_ts"], "10.000001");
    bare.end().await;
}

#[tokio::test]
async fn a_deploy_is_acknowledged_when_it_is_journalled() {
    let bare = Bare::with_requests(timing()).await;
    let answered = Request::event(&mention("Ev1", DEPLOY))
        .send(&bare.events)
        .await;
    assert_eq!(answered.status, 200);
    let ids: Vec<_> = bare.deploy.state().requests.keys().cloned().collect();
    assert_eq!(ids, ["slack:T1:Ev1"]);
    bare.posted(1, "accepted").await;
    bare.end().await;
}

#[tokio::test]
async fn slacks_challenge_is_answered_when_it_is_signed_and_not_otherwise() {
    let bare = Bare::with_requests(timing()).await;
    let challenge = json!({"token": "x", "challenge": "3eZbrw1aB", "type": "url_verification"});
    let request = Request::event(&challenge);
    let answered = request.send(&bare.events).await;
    assert_eq!(
        (answered.status, answered.body.as_str()),
        (200, "3eZbrw1aB")
    );
    let unsigned = request
        .without("x-slack-signature")
        .send(&bare.events)
        .await;
    assert_eq!(unsigned.status, 401);
    assert!(!unsigned.body.contains("3eZbrw1aB"), "{}", unsigned.body);
    bare.end().await;
}

#[tokio::test]
async fn what_the_bot_does_not_know_is_acknowledged_and_nothing_is_done() {
    let bare = Bare::with_requests(timing()).await;
    for payload in [
        event("Ev1", json!({"type": "user_change", "user": {"id": "U1"}})),
        event("Ev2", json!({"type": "of_tomorrow"})),
        event(
            "Ev3",
            json!({"type": "app_mention", "subtype": "of_tomorrow", "user": "U1",
            "channel": "C1", "ts": "1.1", "text": "<@U0BOT> help"}),
        ),
        event("Ev4", json!({"type": 7})),
        json!({"type": "event_callback"}),
        json!({"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1}),
        json!({"type": "of_tomorrow"}),
    ] {
        let answered = Request::event(&payload).send(&bare.events).await;
        assert_eq!(
            (answered.status, answered.body.as_str()),
            (200, ""),
            "{payload}"
        );
    }
    for payload in [
        json!({"type": "view_closed", "user": {"id": "U1"}, "view": {"id": "V1"}}),
        json!({"type": "of_tomorrow", "user": {"id": "U1"}}),
        json!({"type": "block_actions"}),
        json!({}),
    ] {
        let answered = Request::interaction(&payload).send(&bare.events).await;
        assert_eq!(
            (answered.status, answered.body.as_str()),
            (200, ""),
            "{payload}"
        );
    }
    assert_eq!(bare.calls("chat.postMessage"), 0);
    assert!(bare.deploy.state().starts.is_empty());
    bare.end().await;
}

#[tokio::test]
async fn an_event_that_is_sent_again_is_dealt_with_once() {
    let bare = Bare::with_requests(timing()).await;
    let request = Request::event(&mention("Ev1", "help"));
    for retry in ["", "1", "2", "3"] {
        let again = request.clone().with("x-slack-retry-num", retry);
        assert_eq!(again.send(&bare.events).await.status, 200);
    }
    // As it was overheard, and signed anew in another second.
    assert_eq!(request.send(&bare.events).await.status, 200);
    let others = Request::event(&mention("Ev2", "help"));
    assert_eq!(others.send(&bare.events).await.status, 200);
    bare.posted(2, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn ten_deliveries_at_once_are_one_deploy() {
    let bare = Bare::with_requests(timing()).await;
    let request = Request::event(&mention("Ev1", DEPLOY));
    let deliveries = (0..10).map(|_| request.send(&bare.events));
    for answered in futures::future::join_all(deliveries).await {
        assert_eq!(answered.status, 200);
    }
    bare.posted(1, "accepted").await;
    assert_eq!(bare.deploy.state().starts.len(), 1);
    bare.end().await;
}

#[tokio::test]
async fn what_takes_too_long_is_delivered_again_and_dealt_with_once() {
    let bare = Bare::with_requests(Timing {
        acknowledged_within: Duration::from_millis(200),
        ..timing()
    })
    .await;
    let hold = CancellationToken::new();
    bare.deploy.state().hold_starts = Some(hold.clone());
    let request = Request::event(&mention("Ev1", DEPLOY));
    for retry in ["0", "1"] {
        let again = request.clone().with("x-slack-retry-num", retry);
        let answered = again.send(&bare.events).await;
        assert_eq!(answered.status, 503, "{}", answered.body);
    }
    hold.cancel();
    let mut answered = request.send(&bare.events).await;
    while answered.status == 503 {
        answered = request.send(&bare.events).await;
    }
    assert_eq!(answered.status, 200);
    bare.posted(1, "accepted").await;
    assert_eq!(bare.deploy.state().starts.len(), 1);
    bare.end().await;
}

#[tokio::test]
async fn who_hangs_up_ends_no_work() {
    let bare = Bare::with_requests(timing()).await;
    let hold = CancellationToken::new();
    bare.deploy.state().hold_reads = Some(hold.clone());
    bare.deploy.state().status = Some(Ok(answers::status()));
    let request = Request::event(&mention("Ev1", "status people"));
    let sending = request.send(&bare.events);
    let asked = eventually("it is in work", || bare.deploy.state().reads == 1);
    tokio::select! {
        answered = sending => panic!("{answered:?}"),
        () = asked => (),
    }
    hold.cancel();
    bare.posted(1, "Add Minji to the team page").await;
    bare.end().await;
}

/// A bot in which so many events are in work, and what lets them end.
async fn with_so_much_in_work(most: usize) -> (Bare, CancellationToken) {
    let bare = Bare::with_requests(Timing {
        acknowledged_within: Duration::from_millis(100),
        ..timing()
    })
    .await;
    let hold = CancellationToken::new();
    bare.deploy.state().hold_starts = Some(hold.clone());
    // No more than there may be connections at once.
    for some in (0..most).collect::<Vec<_>>().chunks(250) {
        let fill = some.iter().map(|number| {
            let request = Request::event(&mention(&format!("Ev{number}"), DEPLOY));
            let address = bare.events.clone();
            async move { request.send(&address).await }
        });
        for answered in futures::future::join_all(fill).await {
            assert_eq!(answered.status, 503);
            let body = answered.body;
            assert!(body.contains("Not dealt with yet"), "{body}");
        }
    }
    (bare, hold)
}

#[tokio::test]
async fn what_waits_for_the_deploy_service_holds_up_no_other_event() {
    let (bare, hold) = with_so_much_in_work(300).await;
    let request = Request::event(&mention_by("U2", "EvHelp", "help"));
    assert_eq!(request.send(&bare.events).await.status, 200);
    bare.posted(1, "deploy").await;
    hold.cancel();
    bare.end().await;
}

#[tokio::test]
async fn more_than_can_be_in_work_is_to_be_delivered_again() {
    let (bare, hold) = with_so_much_in_work(500).await;
    let request = Request::event(&mention_by("U2", "EvHelp", "help"));
    let answered = request.send(&bare.events).await;
    assert_eq!(answered.status, 503);
    assert!(
        answered.body.contains("More is in work"),
        "{}",
        answered.body
    );
    hold.cancel();
    let mut answered = request.send(&bare.events).await;
    while answered.status == 503 {
        answered = request.send(&bare.events).await;
    }
    assert_eq!(answered.status, 200);
    eventually("all are journalled", || {
        bare.deploy.state().requests.len() == 500
    })
    .await;
    bare.end().await;
}

#[tokio::test]
async fn stopping_answers_what_came_before_and_takes_nothing_more() {
    let bare = Bare::with_requests(timing()).await;
    let hold = CancellationToken::new();
    bare.deploy.state().hold_reads = Some(hold.clone());
    bare.deploy.state().status = Some(Ok(answers::status()));
    let address = bare.events.clone();
    let request = Request::event(&mention("Ev1", "status people"));
    let stopping = async {
        eventually("it is in work", || bare.deploy.state().reads == 1).await;
        bare.begin_to_stop();
        let events = bare.events.clone();
        loop {
            if tokio::net::TcpStream::connect(&events).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        hold.cancel();
    };
    let (answered, ()) = tokio::join!(request.send(&address), stopping);
    assert_eq!(answered.status, 200);
    assert_eq!(bare.calls("chat.postMessage"), 1);
    bare.end().await;
}

#[tokio::test]
async fn a_button_opens_its_dialog_once_however_often_the_press_is_sent() {
    let bare = Bare::with_requests(timing()).await;
    bare.deploy.state().environments = Some(Ok(answers::environments_of_people()));
    bare.deploy.state().preview = Some(Ok(answers::preview("production")));
    let request = Request::interaction(&press("t1", "C1", "deploy", ABOUT));
    for _ in 0..3 {
        let answered = request.send(&bare.events).await;
        assert_eq!((answered.status, answered.body.as_str()), (200, ""));
    }
    assert_eq!(bare.calls("views.open"), 1);
    let another = Request::interaction(&press("t2", "C1", "deploy", ABOUT));
    assert_eq!(another.send(&bare.events).await.status, 200);
    assert_eq!(bare.calls("views.open"), 2);
    bare.end().await;
}

fn submission(trigger: &str, environment: &str) -> Value {
    let chosen = json!({"type": "static_select", "selected_option": {"value": environment}});
    json!({
        "type": "view_submission", "team": {"id": "T1"}, "trigger_id": trigger,
        "user": {"id": "U1", "team_id": "T1"},
        "view": {
            "id": "V1", "callback_id": "deploy_dialog",
            // It shows production.
            "private_metadata": format!(
                "{ABOUT}&channel=C1&message=20.000001&shown=c4a15eea2a28163a"
            ),
            "blocks": [{"type": "input", "block_id": "environment"}],
            "state": {"values": {"environment": {"environment": chosen}}},
        },
    })
}

#[tokio::test]
async fn a_dialog_that_is_refused_hears_why_in_the_answer_each_time_it_is_sent() {
    let bare = Bare::with_requests(timing()).await;
    let refuse = tonic::Status::invalid_argument("no");
    bare.deploy.state().refuse_starts = vec![refuse.clone(), refuse];
    let request = Request::interaction(&submission("t1", "production"));
    for _ in 0..2 {
        let answered = request.send(&bare.events).await;
        assert_eq!(answered.status, 200);
        let told: Value = serde_json::from_str(&answered.body).unwrap();
        assert_eq!(told["response_action"], "errors", "{told}");
        assert!(told["errors"]["environment"].is_string(), "{told}");
    }
    let accepted = request.send(&bare.events).await;
    assert_eq!((accepted.status, accepted.body.as_str()), (200, ""));
    let replayed = request.send(&bare.events).await;
    assert_eq!((replayed.status, replayed.body.as_str()), (200, ""));
    assert_eq!(bare.deploy.state().starts.len(), 3);
    bare.posted(1, "accepted").await;
    bare.end().await;
}

#[tokio::test]
async fn both_ways_at_once_lead_to_the_same_hands() {
    use crate::bare::{envelope, said};
    let mut bare = Bare::start(1, true, timing(), std::collections::VecDeque::new()).await;
    let mut slack = bare.connection().await;
    let help = mention("Ev1", "help");
    slack.send(envelope("e1", &help)).await.unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "e1"}));
    assert_eq!(Request::event(&help).send(&bare.events).await.status, 200);
    bare.posted(1, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn each_path_takes_posts_and_nothing_else() {
    let bare = Bare::with_requests(timing()).await;
    let request = Request::signed(EVENTS, JSON, "");
    for method in ["GET", "PUT", "HEAD", "DELETE"] {
        for path in [EVENTS, INTERACTIONS] {
            let other = request.clone().by(method).to(path);
            assert_eq!(other.send(&bare.events).await.status, 405, "{method}");
        }
    }
    for path in [
        "/",
        "/slack",
        "/slack/events/",
        "/slack/commands",
        "/healthz",
    ] {
        let other = request.clone().to(path);
        assert_eq!(other.send(&bare.events).await.status, 404, "{path}");
    }
    assert_eq!(bare.calls("chat.postMessage"), 0);
    bare.end().await;
}

#[tokio::test]
async fn it_is_ready_while_it_listens_and_follows_the_feed() {
    let bare = Bare::with_requests(timing()).await;
    let get = "GET /readyz HTTP/1.1\r\nhost: bot\r\nconnection: close\r\n\r\n";
    let mut told = answer(&mut connect(&bare.admin, get).await).await;
    let until = tokio::time::Instant::now() + crate::bare::PATIENCE;
    while told.status != 200 {
        assert!(tokio::time::Instant::now() < until, "{told:?}");
        told = answer(&mut connect(&bare.admin, get).await).await;
    }
    assert_eq!(told.body, "slack: listening\ndeploy: connected\n");
    // The other listener knows nothing of health.
    let request = Request::signed("/readyz", JSON, "").by("GET");
    assert_eq!(request.send(&bare.events).await.status, 404);
    bare.end().await;
}
