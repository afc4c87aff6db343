//! What comes over a connection that Slack itself would hardly send: silence,
//! nonsense, too much, announcements of every kind. The other side is a bare web
//! socket in the test's hand.

use std::{collections::VecDeque, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use deploybot::config::Timing;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    bare::{Bare, envelope, hanging, mention, mention_by, refusal, said, timing},
    stage::eventually,
};

/// Proves that a connection is read: what asks for nothing is acknowledged.
async fn is_read(slack: &mut WebSocket, id: &str) {
    let envelope = json!({"type": "slash_commands", "envelope_id": id, "payload": {}});
    let message = Message::text(envelope.to_string());
    slack.send(message).await.unwrap();
    assert_eq!(said(slack).await, json!({"envelope_id": id}));
}

async fn announce(slack: &mut WebSocket, reason: &str) {
    let announcement = json!({"type": "disconnect", "reason": reason});
    let message = Message::text(announcement.to_string());
    slack.send(message).await.unwrap();
}

#[tokio::test]
async fn nonsense_is_skipped_and_what_asks_for_nothing_is_acknowledged() {
    let mut bare = Bare::with_sockets(1, timing()).await;
    let mut slack = bare.connection().await;
    let unreadable = json!({
        "type": "events_api", "envelope_id": "e1", "payload": {"team_id": 7},
        "accepts_response_payload": false,
    });
    for text in [
        "",
        "{",
        "null",
        "[1]",
        r#"{"type":"news"}"#,
        r#"{"type":"events_api","envelope_id":7}"#,
        r#"{"type":"hello"}"#,
    ] {
        slack.send(Message::text(text)).await.unwrap();
    }
    for bytes in [&b""[..], b"\x00\xff", br#"{"type":"hello"}"#] {
        slack.send(Message::binary(bytes)).await.unwrap();
    }
    slack
        .send(Message::text(unreadable.to_string()))
        .await
        .unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "e1"}));
    is_read(&mut slack, "e2").await;
    assert!(!bare.has_connected(), "the first connection was kept");
    bare.end().await;
}

#[tokio::test]
async fn a_connection_that_is_silent_for_a_minute_is_replaced() {
    // The minute is 300 milliseconds long here.
    let mut bare = Bare::with_sockets(
        1,
        Timing {
            ping_every: Duration::from_millis(50),
            silent_for: Duration::from_millis(300),
            ..timing()
        },
    )
    .await;
    let begin = Instant::now();
    // It is held and never read, so that no ping is answered.
    let _silent = bare.connection().await;
    let mut slack = bare.connection().await;
    assert!(begin.elapsed() >= Duration::from_millis(300));
    is_read(&mut slack, "e1").await;
    bare.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_costs_the_connection_and_nothing_more() {
    let mut bare = Bare::with_sockets(1, timing()).await;
    let mut slack = bare.connection().await;
    let large = json!({"type": "news", "text": "x".repeat(2 << 20)});
    slack.send(Message::text(large.to_string())).await.unwrap();
    let mut slack = bare.connection().await;
    is_read(&mut slack, "e1").await;
    bare.end().await;
}

#[tokio::test]
async fn as_many_connections_are_kept_as_are_set_and_each_is_read() {
    let mut bare = Bare::with_sockets(3, timing()).await;
    let mut slacks = Vec::new();
    for _ in 0..3 {
        slacks.push(bare.connection().await);
    }
    for (number, slack) in slacks.iter_mut().enumerate() {
        is_read(slack, &format!("e{number}")).await;
    }
    assert!(!bare.has_connected() && bare.calls("apps.connections.open") == 3);
    // One that breaks is replaced, and the others are not.
    drop(slacks.remove(1));
    slacks.push(bare.connection().await);
    for (number, slack) in slacks.iter_mut().enumerate() {
        is_read(slack, &format!("f{number}")).await;
    }
    assert_eq!(bare.calls("apps.connections.open"), 4);
    bare.end().await;
}

#[tokio::test]
async fn an_announced_end_is_met_with_a_new_connection_while_the_old_one_is_read() {
    for reason in ["warning", "refresh_requested", "of_tomorrow", ""] {
        let mut bare = Bare::with_sockets(1, timing()).await;
        let mut old = bare.connection().await;
        announce(&mut old, reason).await;
        let mut new = bare.connection().await;
        is_read(&mut old, "old").await;
        is_read(&mut new, "new").await;
        let close = CloseFrame {
            code: 1000,
            reason: "".into(),
        };
        old.send(Message::Close(Some(close))).await.unwrap();
        is_read(&mut new, "newer").await;
        assert!(!bare.has_connected(), "{reason}: one successor is enough");
        bare.end().await;
    }
}

#[tokio::test]
async fn where_slack_wants_no_more_connections_it_is_not_chased() {
    for reason in ["too_many_websockets", "link_disabled"] {
        let longest = Duration::from_millis(600);
        let mut bare = Bare::with_sockets(
            1,
            Timing {
                retry_most: longest,
                ..timing()
            },
        )
        .await;
        let mut slack = bare.connection().await;
        let begin = Instant::now();
        announce(&mut slack, reason).await;
        // Until it is closed, what it brings is taken.
        is_read(&mut slack, "e1").await;
        drop(slack);
        let mut slack = bare.connection().await;
        assert!(begin.elapsed() >= longest / 2, "{:?}", begin.elapsed());
        is_read(&mut slack, "e2").await;
        bare.end().await;
    }
}

#[tokio::test]
async fn connections_that_end_at_once_are_not_chased() {
    let mut bare = Bare::with_sockets(1, timing()).await;
    let begin = Instant::now();
    for _ in 0..9 {
        drop(bare.connection().await);
    }
    // At once, and then 10, 20, 40, 80, 160, 200 and 200 milliseconds, or half of each.
    assert!(begin.elapsed() >= Duration::from_millis(300));
    bare.end().await;
}

#[tokio::test]
async fn what_an_ended_connection_brought_is_acknowledged_over_another() {
    for says_farewell in [true, false] {
        let mut bare = Bare::with_sockets(1, timing()).await;
        let mut old = bare.connection().await;
        let hold = tokio_util::sync::CancellationToken::new();
        bare.deploy.state().hold_starts = Some(hold.clone());
        let deploy = mention("Ev1", "deploy people production a1b2c3d");
        old.send(envelope("slow", &deploy)).await.unwrap();
        eventually("it is in work", || bare.deploy.state().starts.len() == 1).await;
        if says_farewell {
            old.send(Message::Close(None)).await.unwrap();
        } else {
            drop(old);
        }
        let mut new = bare.connection().await;
        hold.cancel();
        assert_eq!(said(&mut new).await, json!({"envelope_id": "slow"}));
        bare.end().await;
    }
}

#[tokio::test]
async fn one_that_ends_young_is_followed_at_once_however_long_there_was_none() {
    for announced in [true, false] {
        // The next try after these would be a second later or more.
        let refused = (0..9).map(|_| refusal(503, "x", None));
        let timing = Timing {
            retry_first: Duration::from_millis(5),
            retry_most: Duration::from_secs(60),
            ..timing()
        };
        let mut bare = Bare::start(1, false, timing, refused.collect()).await;
        let mut young = bare.connection().await;
        let begin = Instant::now();
        let old = if announced {
            announce(&mut young, "refresh_requested").await;
            Some(young)
        } else {
            drop(young);
            None
        };
        let mut successor = bare.connection().await;
        assert!(begin.elapsed() < Duration::from_secs(1));
        is_read(&mut successor, "e1").await;
        drop(old);
        bare.end().await;
    }
}

#[tokio::test]
async fn an_opening_that_hangs_holds_up_no_other() {
    let refused = VecDeque::from([hanging()]);
    let begin = Instant::now();
    let mut bare = Bare::start(2, false, timing(), refused).await;
    let mut slack = bare.connection().await;
    // As long as the deadline of a call.
    assert!(begin.elapsed() < Duration::from_secs(9));
    is_read(&mut slack, "e1").await;
    bare.end().await;
}

#[tokio::test]
async fn what_waits_for_the_deploy_service_holds_up_no_other_event() {
    let mut bare = Bare::with_sockets(
        1,
        Timing {
            acknowledged_within: Duration::from_millis(100),
            ..timing()
        },
    )
    .await;
    let mut slack = bare.connection().await;
    let hold = tokio_util::sync::CancellationToken::new();
    bare.deploy.state().hold_starts = Some(hold.clone());
    // More than may be unacknowledged at once.
    for number in 0..300 {
        let deploy = mention(&format!("Ev{number}"), "deploy people production a1b2c3d");
        let envelope = envelope(&format!("slow{number}"), &deploy);
        slack.send(envelope).await.unwrap();
    }
    let help = mention_by("U2", "EvHelp", "help");
    slack.send(envelope("quick", &help)).await.unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "quick"}));
    assert_eq!(bare.deploy.state().starts.len(), 300);
    hold.cancel();
    for _ in 0..300 {
        let acknowledged = said(&mut slack).await;
        let id = acknowledged["envelope_id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("slow"), "{id}");
    }
    bare.end().await;
}

#[tokio::test]
async fn ten_minutes_without_a_connection_are_lived_through() {
    // A second is a millisecond long here, in which Slack fails in each way.
    let kinds = [
        (500, "internal_error"),
        (200, "fatal_error"),
        (200, "invalid_auth"),
        (503, "x"),
    ];
    let refused = (0..40).map(|number| {
        let (status, error) = kinds[number % kinds.len()];
        refusal(status, error, None)
    });
    let timing = Timing {
        retry_first: Duration::from_millis(1),
        retry_most: Duration::from_millis(30),
        ..timing()
    };
    let begin = Instant::now();
    let mut bare = Bare::start(1, false, timing, refused.collect()).await;
    let mut slack = bare.connection().await;
    assert!(begin.elapsed() >= Duration::from_millis(500));
    assert_eq!(bare.calls("apps.connections.open"), 41);
    let payload = mention("Ev1", "help");
    slack.send(envelope("e1", &payload)).await.unwrap();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "e1"}));
    bare.posted(1, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn a_wait_that_slack_asks_for_before_a_connection_is_kept() {
    let refused = VecDeque::from([refusal(429, "ratelimited", Some(1))]);
    let begin = Instant::now();
    let mut bare = Bare::start(1, false, timing(), refused).await;
    let mut slack = bare.connection().await;
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(bare.calls("apps.connections.open"), 2);
    is_read(&mut slack, "e1").await;
    bare.end().await;
}

#[tokio::test]
async fn an_event_in_work_holds_up_none_beside_it() {
    let mut bare = Bare::with_sockets(1, timing()).await;
    let mut slack = bare.connection().await;
    let hold = tokio_util::sync::CancellationToken::new();
    bare.deploy.state().hold_starts = Some(hold.clone());
    let deploy = mention("Ev1", "deploy people production a1b2c3d");
    slack.send(envelope("slow", &deploy)).await.unwrap();
    eventually("it is in work", || bare.deploy.state().starts.len() == 1).await;
    for number in 0..10 {
        let id = format!("quick{number}");
        let help = mention(&format!("Ev1{number}"), "help");
        slack.send(envelope(&id, &help)).await.unwrap();
        assert_eq!(said(&mut slack).await, json!({"envelope_id": id}));
    }
    hold.cancel();
    assert_eq!(said(&mut slack).await, json!({"envelope_id": "slow"}));
    bare.end().await;
}

#[tokio::test]
async fn an_event_over_two_connections_is_dealt_with_once() {
    let mut bare = Bare::with_sockets(2, timing()).await;
    let (mut one, mut two) = (bare.connection().await, bare.connection().await);
    let help = mention("Ev1", "help");
    for (slack, id) in [(&mut one, "e1"), (&mut two, "e2")] {
        slack.send(envelope(id, &help)).await.unwrap();
    }
    assert_eq!(said(&mut one).await, json!({"envelope_id": "e1"}));
    assert_eq!(said(&mut two).await, json!({"envelope_id": "e2"}));
    bare.posted(1, "deploy").await;
    bare.end().await;
}
