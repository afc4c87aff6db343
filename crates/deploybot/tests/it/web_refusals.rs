//! What anybody may send to where Slack sends its events: forged, old, endless,
//! slow, cut, nonsense. None of it does anything, and each has an end.

use std::time::Duration;

use deploybot::config::Timing;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, time::Instant};

use crate::{
    bare::{Bare, SECRET, mention, press, timing},
    request::{
        EVENTS, FORM, INTERACTIONS, JSON, Request, answer, answer_if_any, connect, now, signature,
        trickle,
    },
};

/// The longest body that is read.
const LONGEST: usize = 1024 * 1024;

/// Patience that a test can wait for.
const SHORT: Duration = Duration::from_millis(300);

fn hasty() -> Timing {
    Timing {
        request_head: SHORT,
        request_body: SHORT,
        ..timing()
    }
}

/// Nothing was done, and the bot still takes what is right.
async fn end(bare: Bare) {
    assert_eq!(bare.calls("chat.postMessage"), 0);
    assert_eq!(bare.calls("views.open"), 0);
    assert!(bare.deploy.state().starts.is_empty());
    let right = Request::event(&mention("EvLast", "help"));
    assert_eq!(right.send(&bare.events).await.status, 200);
    bare.posted(1, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn what_is_not_signed_or_wrongly_is_refused() {
    let bare = Bare::with_requests(timing()).await;
    let deploy = mention("Ev1", "deploy people production a1b2c3d");
    let pressed = press("t1", "C1", "deploy", "repository=people&commit=a1b2c3d");
    for right in [Request::event(&deploy), Request::interaction(&pressed)] {
        let at = now(0);
        let valid = signature(SECRET, &at, deploy.to_string().as_bytes());
        let wrong = [
            right.clone().without("x-slack-signature"),
            right.clone().without("x-slack-request-timestamp"),
            right.clone().signed_with("another secret", &at),
            right.clone().signed_with("", &at),
            right.clone().with("x-slack-signature", ""),
            right.clone().with("x-slack-signature", "v0="),
            right
                .clone()
                .with("x-slack-signature", &valid[..valid.len() - 1]),
            right
                .clone()
                .with("x-slack-signature", &valid.replace("v0=", "v1=")),
            right
                .clone()
                .with("x-slack-signature", &valid.to_uppercase()),
            right
                .clone()
                .with("x-slack-signature", &signature(SECRET, &at, b"{}")),
            // The time is signed too.
            right.clone().with("x-slack-request-timestamp", &now(-7)),
            right.clone().with("x-slack-request-timestamp", ""),
        ];
        for (number, request) in wrong.iter().enumerate() {
            let answered = request.send(&bare.events).await;
            assert_eq!(answered.status, 401, "{number}: {}", answered.body);
            assert!(!answered.body.contains(SECRET), "{}", answered.body);
        }
    }
    end(bare).await;
}

#[tokio::test]
async fn what_was_signed_too_long_ago_or_ahead_is_refused() {
    let bare = Bare::with_requests(timing()).await;
    let request = Request::event(&mention("Ev1", "help"));
    for at in [now(-301), now(-100_000), now(330), now(100_000)] {
        let stale = request.clone().signed_with(SECRET, &at);
        let answered = stale.send(&bare.events).await;
        assert_eq!(answered.status, 401, "{at}");
        assert!(answered.body.contains("5 minutes"), "{}", answered.body);
    }
    for at in ["soon", "", "1e9", "-1", "99999999999999999999"] {
        let odd = request.clone().signed_with(SECRET, at);
        assert_eq!(odd.send(&bare.events).await.status, 401, "{at}");
    }
    assert_eq!(bare.calls("chat.postMessage"), 0);
    // A clock that differs a little is none of that.
    let late = request.signed_with(SECRET, &now(-290));
    assert_eq!(late.send(&bare.events).await.status, 200);
    bare.posted(1, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn fifty_megabytes_are_refused_before_they_are_read() {
    let bare = Bare::with_requests(timing()).await;
    let signed = Request::event(&mention("Ev1", "help"));
    let unsigned = signed.clone().without("x-slack-signature");
    for request in [signed, unsigned] {
        for length in [LONGEST as u64 + 1, 50 << 20, 1 << 40, u64::MAX - 9] {
            // Not one byte of the body is sent, and so none is taken.
            let head = request.head(&format!("content-length: {length}"));
            let answered = answer(&mut connect(&bare.events, &head).await).await;
            assert_eq!(answered.status, 413, "{length}");
        }
    }
    end(bare).await;
}

#[tokio::test]
async fn fifty_megabytes_of_no_told_length_are_not_taken_to_their_end() {
    let bare = Bare::with_requests(timing()).await;
    let signed = Request::event(&mention("Ev1", "help"));
    let unsigned = signed.clone().without("x-slack-signature");
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; LONGEST], b"\r\n"].concat();
    for request in [signed, unsigned] {
        let head = request.head("transfer-encoding: chunked");
        let mut stream = connect(&bare.events, &head).await;
        stream.write_all(&chunk).await.unwrap();
        // One byte too many, and the answer is there before another is sent.
        stream.write_all(b"1\r\n ").await.unwrap();
        assert_eq!(answer(&mut stream).await.status, 413);
    }
    end(bare).await;
}

#[tokio::test]
async fn the_longest_is_read() {
    let bare = Bare::with_requests(timing()).await;
    let mut body = mention("Ev1", "help").to_string();
    body.push_str(&" ".repeat(LONGEST - body.len()));
    let answered = Request::signed(EVENTS, JSON, body).send(&bare.events).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    bare.posted(1, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_request() {
    let bare = Bare::with_requests(timing()).await;
    let body = mention("Ev1", "help").to_string();
    let request = Request::signed(EVENTS, JSON, body.clone());
    for length in [
        format!("content-length: {}", body.len()),
        "transfer-encoding: chunked".to_owned(),
    ] {
        let mut stream = connect(&bare.events, &request.head(&length)).await;
        stream.write_all(&body.as_bytes()[..20]).await.unwrap();
        stream.shutdown().await.unwrap();
        if let Some(answered) = answer_if_any(&mut stream).await {
            assert_eq!(answered.status, 400, "{}", answered.body);
        }
    }
    end(bare).await;
}

#[tokio::test]
async fn a_head_or_body_that_trickles_is_ended() {
    let bare = Bare::with_requests(hasty()).await;
    let request = Request::event(&mention("Ev1", "help"));
    // The last header of it has no end.
    let head = request.head("content-length: 4000");
    let head = head.trim_end();
    let begin = Instant::now();
    let mut stream = connect(&bare.events, head).await;
    if let Some(answered) = trickle(&mut stream, b"x").await {
        assert_eq!(answered.status, 408, "{}", answered.body);
    }
    assert!(begin.elapsed() >= SHORT);
    for request in [request.clone(), request.without("x-slack-signature")] {
        for (length, bytes) in [
            ("content-length: 4000", b" ".as_slice()),
            ("transfer-encoding: chunked", b"1\r\n \r\n"),
        ] {
            let begin = Instant::now();
            let mut stream = connect(&bare.events, &request.head(length)).await;
            let answered = trickle(&mut stream, bytes).await.expect("an answer");
            assert_eq!(answered.status, 408, "{}", answered.body);
            assert!(begin.elapsed() >= SHORT);
        }
    }
    end(bare).await;
}

#[tokio::test]
async fn a_body_that_is_no_text_or_of_another_form_is_refused() {
    let bare = Bare::with_requests(timing()).await;
    let json = json!({"type": "event_callback"}).to_string();
    for (path, content_type, body, status) in [
        (EVENTS, JSON, b"\xff\xfe{}".as_slice(), 400),
        (INTERACTIONS, FORM, b"payload=\xc3", 400),
        (EVENTS, JSON, b"", 400),
        (EVENTS, JSON, b"{", 400),
        (EVENTS, JSON, b"[]", 400),
        (EVENTS, JSON, b"null", 400),
        (EVENTS, JSON, b"{}", 400),
        (EVENTS, JSON, br#"{"type": "url_verification"}"#, 400),
        (EVENTS, JSON, br#"{"type": "event_callback"} x"#, 400),
        (INTERACTIONS, FORM, b"", 400),
        (INTERACTIONS, FORM, b"payload=", 400),
        (INTERACTIONS, FORM, b"payload=%7B", 400),
        (INTERACTIONS, FORM, b"other=%7B%7D", 400),
        (EVENTS, FORM, json.as_bytes(), 415),
        (EVENTS, "text/plain", json.as_bytes(), 415),
        (EVENTS, "", json.as_bytes(), 415),
        (INTERACTIONS, JSON, b"payload=%7B%7D", 415),
    ] {
        let request = Request::signed(path, content_type, body);
        let answered = request.send(&bare.events).await;
        assert_eq!(answered.status, status, "{path} {content_type} {body:?}");
        // Unsigned, it is not even looked at.
        let unsigned = request.without("x-slack-signature");
        assert_eq!(unsigned.send(&bare.events).await.status, 401);
    }
    end(bare).await;
}

#[tokio::test]
async fn what_is_no_http_ends_its_own_connection_alone() {
    let bare = Bare::with_requests(hasty()).await;
    for nonsense in ["\x16\x03\x01\x02\0\x01", "hello\r\n\r\n", "GET\r\n\r\n"] {
        let mut stream = connect(&bare.events, nonsense).await;
        if let Some(answered) = answer_if_any(&mut stream).await {
            assert!((400..500).contains(&answered.status), "{answered:?}");
        }
    }
    let long = format!(
        "POST {EVENTS} HTTP/1.1\r\nx: {}\r\n\r\n",
        "y".repeat(200_000)
    );
    let mut stream = tokio::net::TcpStream::connect(&bare.events).await.unwrap();
    let _: Result<(), std::io::Error> = stream.write_all(long.as_bytes()).await;
    if let Some(answered) = answer_if_any(&mut stream).await {
        assert_eq!(answered.status, 431);
    }
    end(bare).await;
}
