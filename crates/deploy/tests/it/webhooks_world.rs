//! A receiver of webhooks that runs, what it made of them, and senders of all
//! kinds.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Bytes;
use deploy::{
    model::RepositoryHints,
    web::{
        self, Patience,
        hints::{Hints, Pace, gathering},
    },
};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use ring::hmac;
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{Dispatch, subscriber::DefaultGuard};
use tracing_subscriber::Registry;

/// The secret; it must never be seen in a log.
pub(crate) const SECRET: &str = "It's a Secret to Everybody";

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// A receiver, and the batches that it wrote.
pub(crate) struct Receiving {
    pub(crate) address: SocketAddr,
    /// Where it gives hints in.
    pub(crate) hints: Hints,
    written: Arc<Mutex<Vec<Vec<RepositoryHints>>>>,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Receiving {
    pub(crate) async fn start() -> Self {
        Self::patient(Patience::default()).await
    }

    /// One that waits so long for a body, and for a head.
    pub(crate) async fn patient(patience: Patience) -> Self {
        let (hints, gatherer) = gathering();
        let mut receiving = Self::without_gatherer(hints, patience).await;
        let written = Arc::clone(&receiving.written);
        receiving
            .tasks
            .spawn(gatherer.run(Pace::default(), move |batch| {
                written.lock().unwrap().push(batch);
                std::future::ready(Ok::<(), Infallible>(()))
            }));
        receiving
    }

    /// One whose hints nobody takes.
    pub(crate) async fn without_gatherer(hints: Hints, patience: Patience) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (given, stopped) = (hints.clone(), stop.clone());
        tasks.spawn(async move {
            let secret = SecretString::from(SECRET);
            let serving = web::serve(listener, &secret, given, patience, stopped);
            serving.await;
        });
        Self {
            address,
            hints,
            written: Arc::default(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            stop,
            tasks,
        }
    }

    /// Sends a signed webhook; answers its status and what was said.
    pub(crate) async fn send(&self, event: &str, delivery: &str, body: &str) -> (u16, String) {
        self.post(webhook(event, delivery, body)).await
    }

    /// Sends any request.
    pub(crate) async fn post(&self, mut request: Request<Full<Bytes>>) -> (u16, String) {
        let path = request.uri().path();
        let url = format!("http://{}{path}", self.address);
        *request.uri_mut() = url.parse().unwrap();
        let answer = timeout(LONG, self.client.request(request)).await;
        let answer = answer.expect("it answers").unwrap();
        let status = answer.status().as_u16();
        let said = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(said.to_vec()).unwrap())
    }

    /// Sends bytes that need not be HTTP, and leaves the connection open.
    pub(crate) async fn connect(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// What was written so far.
    pub(crate) fn written(&self) -> Vec<RepositoryHints> {
        self.written.lock().unwrap().concat()
    }

    /// Stops it; answers the batches that were written.
    pub(crate) async fn stop(mut self) -> Vec<Vec<RepositoryHints>> {
        self.stop.cancel();
        drop(self.hints);
        while let Some(ended) = timeout(LONG, self.tasks.join_next())
            .await
            .expect("it ends")
        {
            ended.unwrap();
        }
        let written = self.written.lock().unwrap();
        written.clone()
    }

    /// Stops it; answers the ids of the deliveries that became hints, sorted.
    pub(crate) async fn deliveries(self) -> Vec<String> {
        let written = self.stop().await;
        let hints = written.iter().flatten();
        let mut ids: Vec<_> = hints
            .flat_map(|hints| hints.deliveries.iter().map(|(id, _)| id.to_string()))
            .collect();
        ids.sort_unstable();
        ids
    }
}

/// What comes over a connection until it ends.
pub(crate) async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut bytes)).await;
    read.expect("the connection ends").unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The status in an answer.
pub(crate) fn status(answer: &str) -> StatusCode {
    let status = answer.strip_prefix("HTTP/1.1 ").map(|rest| &rest[..3]);
    status
        .unwrap_or_else(|| panic!("no answer: {answer:?}"))
        .parse()
        .unwrap()
}

/// A webhook as GitHub sends it.
pub(crate) fn webhook(event: &str, delivery: &str, body: &str) -> Request<Full<Bytes>> {
    Request::post("/webhooks/github")
        .header("content-type", "application/json")
        .header("user-agent", "GitHub-Hookshot/5124a4e")
        .header("x-github-delivery", delivery)
        .header("x-github-event", event)
        .header("x-hub-signature-256", signature(SECRET, body.as_bytes()))
        .body(Full::from(body.to_owned()))
        .unwrap()
}

/// The head of one whose body is `length`, as it stands in the headers.
pub(crate) fn head(signature: &str, length: &str) -> Vec<u8> {
    format!(
        "POST /webhooks/github HTTP/1.1\r\nhost: deploy\r\nx-github-delivery: raw\r\n\
         x-github-event: status\r\nx-hub-signature-256: {signature}\r\n{length}\r\n\r\n"
    )
    .into_bytes()
}

/// The signature of a body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("sha256={}", digits.collect::<String>())
}

/// What is logged meanwhile by this thread, on which all of a test runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Listens as long as it lives.
pub(crate) struct Listening {
    _guard: DefaultGuard,
    /// As long as there is but one listener, whether anyone listens to a line
    /// is decided by the thread that comes to it first, which may be another
    /// test's.
    _another: Dispatch,
}

impl Log {
    /// Logs what the filter lets through.
    pub(crate) fn of(&self, filter: &str) -> Listening {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        Listening {
            _another: Dispatch::new(Registry::default()),
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
