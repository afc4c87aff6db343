//! Requests as Slack sends them, and as anybody else might: signed in the test's
//! own way, byte for byte.

use std::time::Duration;

use ring::hmac;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use url::form_urlencoded;

use crate::bare::{PATIENCE, SECRET};

pub(crate) const EVENTS: &str = "/slack/events";
pub(crate) const INTERACTIONS: &str = "/slack/interactions";
pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A request.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// What it was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Request {
    /// An event, signed now.
    pub(crate) fn event(payload: &Value) -> Self {
        Self::signed(EVENTS, JSON, payload.to_string())
    }

    /// An interaction, signed now.
    pub(crate) fn interaction(payload: &Value) -> Self {
        let payload = payload.to_string();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("payload", &payload);
        Self::signed(INTERACTIONS, FORM, form.finish())
    }

    /// Any body, signed now.
    pub(crate) fn signed(path: &'static str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let request = Self {
            method: "POST",
            path,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        };
        request.signed_with(SECRET, &now(0))
    }

    pub(crate) fn signed_with(self, secret: &str, timestamp: &str) -> Self {
        let signature = signature(secret, timestamp, &self.body);
        self.with("x-slack-request-timestamp", timestamp)
            .with("x-slack-signature", &signature)
    }

    /// With a header, in place of the one of that name.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn by(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn to(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }

    /// All up to the body, which is `length` long.
    pub(crate) fn head(&self, length: &str) -> String {
        let Self { method, path, .. } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: bot\r\n{length}\r\n");
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }

    pub(crate) async fn send(&self, address: &str) -> Answer {
        let length = format!("content-length: {}", self.body.len());
        let mut stream = connect(address, &self.head(&length)).await;
        // Who is refused before may hang up before all is sent.
        let _: Result<(), std::io::Error> = stream.write_all(&self.body).await;
        answer(&mut stream).await
    }
}

/// The time that many seconds from now, as Slack writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "the bot goes by the machine's clock"
)]
pub(crate) fn now(seconds: i64) -> String {
    (jiff::Timestamp::now().as_second() + seconds).to_string()
}

pub(crate) fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = [format!("v0:{timestamp}:").as_bytes(), body].concat();
    let tag = hmac::sign(&key, &signed);
    let digits: String = tag.as_ref().iter().map(|it| format!("{it:02x}")).collect();
    format!("v0={digits}")
}

/// A connection over which so much is sent already.
pub(crate) async fn connect(address: &str, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Waits for an answer, and for the end of its connection.
pub(crate) async fn answer(stream: &mut TcpStream) -> Answer {
    answer_if_any(stream).await.expect("an answer")
}

/// None where the connection ends without one.
pub(crate) async fn answer_if_any(stream: &mut TcpStream) -> Option<Answer> {
    let mut said = Vec::new();
    // A reset at the end is an end too.
    let _: Result<usize, std::io::Error> = timeout(PATIENCE, stream.read_to_end(&mut said))
        .await
        .expect("the connection ends");
    let said = String::from_utf8(said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        body: body.to_owned(),
    })
}

/// Sends a byte at a time, slower than it may be, until the connection ends.
pub(crate) async fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> Option<Answer> {
    let (mut reading, mut writing) = stream.split();
    let mut said = Vec::new();
    let sending = async {
        for byte in bytes.iter().cycle() {
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        std::future::pending::<()>().await;
    };
    let reading = reading.read_to_end(&mut said);
    tokio::select! {
        () = sending => (),
        read = timeout(PATIENCE, reading) => {
            let _: Result<usize, std::io::Error> = read.expect("the connection ends");
        }
    }
    let said = String::from_utf8(said).unwrap();
    let status = said.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: said })
}
