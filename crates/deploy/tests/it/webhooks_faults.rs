//! What anybody may send to where GitHub sends its webhooks: forged, endless,
//! slow, cut. None of it does anything, and each has an end.

use std::time::{Duration, Instant};

use deploy::web::Patience;
use http::{HeaderValue, Method, StatusCode};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::webhooks_world::{Log, Receiving, SECRET, answer, head, signature, status, webhook};

const PEOPLE: &str = r#"{"repository": {"full_name": "acme/people"}}"#;

/// The longest body that is read.
const LONGEST: usize = 25 * 1024 * 1024;

/// Patience that a test can wait for.
const SHORT: Patience = Patience {
    head: Duration::from_millis(300),
    body: Duration::from_millis(300),
};

#[tokio::test]
async fn what_is_not_signed_or_wrongly_does_nothing() {
    let receiving = Receiving::start().await;
    let right = signature(SECRET, PEOPLE.as_bytes());
    let wrong = [
        signature("another secret", PEOPLE.as_bytes()),
        signature(SECRET, b"{}"),
        signature("", PEOPLE.as_bytes()),
        right.replace("sha256=", "sha1="),
        right["sha256=".len()..].to_owned(),
        right[..right.len() - 1].to_owned(),
        "sha256=".to_owned(),
        String::new(),
    ];
    for signature in wrong {
        let mut request = webhook("status", "d1", PEOPLE);
        let header = HeaderValue::from_str(&signature).unwrap();
        request.headers_mut().insert("x-hub-signature-256", header);
        let (status, said) = receiving.post(request).await;
        assert_eq!(status, 401, "{signature} {said}");
    }
    // An unsigned body is not looked at, whatever it is.
    for body in [PEOPLE, "", "{", &"x".repeat(3_000_000)] {
        let mut request = webhook("status", "d1", body);
        request.headers_mut().remove("x-hub-signature-256");
        assert_eq!(receiving.post(request).await.0, 401);
    }
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn a_flood_of_forged_ones_is_a_line_in_the_log() {
    let log = Log::default();
    let _logging = log.of("info");
    let receiving = Receiving::start().await;
    for _ in 0..200 {
        let mut request = webhook("status", "d1", PEOPLE);
        request.headers_mut().insert(
            "x-hub-signature-256",
            signature("guess", b"").parse().unwrap(),
        );
        assert_eq!(receiving.post(request).await.0, 401);
    }
    assert_eq!(receiving.send("status", "d2", PEOPLE).await.0, 202);
    assert_eq!(receiving.deliveries().await, ["d2"]);
    let log = log.text();
    assert_eq!(log.matches("webhooks were refused").count(), 1, "{log}");
    assert!(!log.contains(SECRET) && !log.contains("acme"), "{log}");
}

#[tokio::test]
async fn the_log_tells_each_delivery_and_no_secret() {
    let log = Log::default();
    let _logging = log.of("deploy=trace");
    let receiving = Receiving::start().await;
    let body = r#"{"repository": {"full_name": "acme/people"}, "sender": "hush-body"}"#;
    assert_eq!(receiving.send("status", "delivery-1", body).await.0, 202);
    receiving.stop().await;
    let log = log.text();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("delivery-1"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    for word in ["event=\"status\"", "Accepted", "DEBUG"] {
        assert!(lines[0].contains(word), "{lines:?}");
    }
    let right = signature(SECRET, body.as_bytes());
    for hush in [SECRET, "hush-body", &right["sha256=".len()..]] {
        assert!(!log.contains(hush), "{log}");
    }
}

#[tokio::test]
async fn one_that_says_it_is_too_long_is_refused_unread() {
    let receiving = Receiving::start().await;
    let signature = signature(SECRET, b"");
    for length in [LONGEST as u64 + 1, 26 * 1024 * 1024, 1 << 40, u64::MAX - 9] {
        let length = format!("content-length: {length}");
        // Not one byte of the body is sent.
        let mut stream = receiving.connect(&head(&signature, &length)).await;
        let said = answer(&mut stream).await;
        assert_eq!(
            status(&said),
            StatusCode::PAYLOAD_TOO_LARGE,
            "{length}: {said}"
        );
    }
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn one_that_does_not_say_how_long_it_is_ends_where_it_is_too_long() {
    let receiving = Receiving::start().await;
    let chunked = head(&signature(SECRET, b""), "transfer-encoding: chunked");
    let mut stream = receiving.connect(&chunked).await;
    let megabyte = vec![b' '; 1024 * 1024];
    for _ in 0..25 {
        stream.write_all(b"100000\r\n").await.unwrap();
        stream.write_all(&megabyte).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    // The last chunk is not ended: its first byte is one too many.
    stream.write_all(b"100000\r\n ").await.unwrap();
    let said = answer(&mut stream).await;
    assert_eq!(status(&said), StatusCode::PAYLOAD_TOO_LARGE, "{said}");
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn the_longest_is_read_with_and_without_its_length() {
    let receiving = Receiving::start().await;
    let mut body = PEOPLE.to_owned();
    body.push_str(&" ".repeat(LONGEST - body.len()));
    let (status_of_declared, said) = receiving.send("status", "declared", &body).await;
    assert_eq!(status_of_declared, 202, "{said}");

    let signature = signature(SECRET, body.as_bytes());
    let chunked = head(&signature, "transfer-encoding: chunked");
    let mut stream = receiving.connect(&chunked).await;
    for chunk in body.as_bytes().chunks(3_000_000) {
        let length = format!("{:x}\r\n", chunk.len());
        stream.write_all(length.as_bytes()).await.unwrap();
        stream.write_all(chunk).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let said = answer(&mut stream).await;
    assert_eq!(status(&said), StatusCode::ACCEPTED, "{said}");
    assert_eq!(receiving.deliveries().await, ["declared", "raw"]);
}

#[tokio::test]
async fn a_body_that_trickles_is_ended() {
    let receiving = Receiving::patient(SHORT).await;
    let signed = signature(SECRET, PEOPLE.as_bytes());
    for signature in [signed.as_str(), "none"] {
        for length in ["content-length: 44", "transfer-encoding: chunked"] {
            let mut stream = receiving.connect(&head(signature, length)).await;
            let began = Instant::now();
            let said = trickle(&mut stream).await;
            assert_eq!(status(&said), StatusCode::REQUEST_TIMEOUT, "{said}");
            assert!(began.elapsed() >= SHORT.body, "{:?}", began.elapsed());
        }
    }
    assert!(receiving.stop().await.is_empty());
}

/// Sends a body byte by byte, slower than it may be, until there is an answer.
async fn trickle(stream: &mut TcpStream) -> String {
    let (mut reading, mut writing) = stream.split();
    let trickling = async {
        loop {
            if writing.write_all(b"1\r\n{\r\n").await.is_err() {
                // It is closed; the answer is read beside this.
                std::future::pending::<()>().await;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let mut bytes = Vec::new();
    let answering = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut bytes);
    let answering = timeout(Duration::from_secs(60), answering);
    tokio::select! {
        () = trickling => unreachable!("it goes on for ever"),
        answered = answering => drop(answered.expect("it is ended")),
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_head_that_trickles_is_ended() {
    let receiving = Receiving::patient(SHORT).await;
    for beginning in ["", "POST /webhooks/github HTTP/1.1\r\nhost: de"] {
        let mut stream = receiving.connect(beginning.as_bytes()).await;
        answer(&mut stream).await;
    }
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_does_nothing() {
    let receiving = Receiving::start().await;
    let signature = signature(SECRET, PEOPLE.as_bytes());
    for length in ["content-length: 100", "transfer-encoding: chunked"] {
        let mut stream = receiving.connect(&head(&signature, length)).await;
        stream.write_all(b"2c\r\n").await.unwrap();
        stream.write_all(PEOPLE.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let said = answer(&mut stream).await;
        let refused = said.is_empty() || status(&said) == StatusCode::BAD_REQUEST;
        assert!(refused, "{said}");
    }
    // Nor does one whose sender is gone without a word.
    drop(
        receiving
            .connect(&head(&signature, "content-length: 100"))
            .await,
    );
    assert_eq!(receiving.send("status", "d1", PEOPLE).await.0, 202);
    assert_eq!(receiving.deliveries().await, ["d1"]);
}

#[tokio::test]
async fn long_bodies_take_turns_and_hold_up_no_short_one() {
    let patience = Patience {
        body: Duration::from_secs(2),
        ..Patience::default()
    };
    let receiving = Receiving::patient(patience).await;
    let long = head(&signature(SECRET, b""), "content-length: 20000000");
    let mut slow = Vec::new();
    for _ in 0..2 {
        slow.push(receiving.connect(&long).await);
    }
    let third = async {
        // Not before the others have their turns.
        sleep(Duration::from_millis(500)).await;
        let mut stream = receiving.connect(&long).await;
        answer(&mut stream).await
    };
    let short = receiving.send("status", "d1", PEOPLE);
    let began = Instant::now();
    let short = async { (short.await.0, began.elapsed()) };
    let (third, (short, took)) = tokio::join!(third, short);
    assert_eq!(short, 202);
    assert!(took < patience.body, "it waited {took:?}");
    let refused = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::REQUEST_TIMEOUT];
    assert!(refused.contains(&status(&third)), "{third}");
    for mut stream in slow {
        let said = answer(&mut stream).await;
        assert_eq!(status(&said), StatusCode::REQUEST_TIMEOUT, "{said}");
    }
    // Their turns are free again.
    let body = format!("{PEOPLE}{}", " ".repeat(1_000_000));
    assert_eq!(receiving.send("status", "d2", &body).await.0, 202);
    assert_eq!(receiving.deliveries().await, ["d1", "d2"]);
}

#[tokio::test]
async fn only_post_is_taken_and_only_there() {
    let receiving = Receiving::start().await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let mut request = webhook("status", "d1", PEOPLE);
        *request.method_mut() = method;
        assert_eq!(receiving.post(request).await.0, 405);
    }
    for path in ["/", "/webhooks", "/webhooks/github/", "/webhooks/gitlab"] {
        let mut request = webhook("status", "d1", PEOPLE);
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(receiving.post(request).await.0, 404, "{path}");
    }
    assert!(receiving.stop().await.is_empty());
}

#[tokio::test]
async fn what_is_under_way_ends_before_the_listener_does() {
    let receiving = Receiving::start().await;
    let length = format!("content-length: {}", PEOPLE.len());
    let signature = signature(SECRET, PEOPLE.as_bytes());
    let mut stream = receiving.connect(&head(&signature, &length)).await;
    // Its head has come when the next request is answered.
    assert_eq!(receiving.send("ping", "d1", "{}").await.0, 200);
    let rest = async {
        stream.write_all(PEOPLE.as_bytes()).await.unwrap();
        answer(&mut stream).await
    };
    let (deliveries, said) = tokio::join!(receiving.deliveries(), rest);
    assert_eq!(status(&said), StatusCode::ACCEPTED, "{said}");
    assert_eq!(deliveries, ["raw"]);
}
