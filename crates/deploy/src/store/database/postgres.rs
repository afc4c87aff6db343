//! The journal in a Postgres, which several processes may share.
//!
//! Transactions are READ COMMITTED: what has to be exclusive is a unique index
//! or a locked row. Whatever grows is notified, which is a hint only: it is
//! read again every few seconds and whenever a notification may have been lost.

use std::{str::FromStr as _, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, PgPool, Transaction,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};
use url::Url;

use super::{Answer, Args, Connection, Driver, Grown, Growth, Row};
use crate::store::{Error, migration};

/// How many connections a process has at most, one of them to listen.
const CONNECTIONS: u32 = 10;
/// How long to wait for a connection.
const TURN: Duration = Duration::from_secs(10);
/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long migrations may take, another process's included.
const MIGRATION: Duration = Duration::from_secs(300);
/// How often it is read what has grown, whatever is notified.
const REREAD: Duration = Duration::from_secs(3);
/// How long to wait before listening again after that failed.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// How long the connections may take to end.
const CLOSE: Duration = Duration::from_secs(5);
/// The channel of the notifications.
const CHANNEL: &str = "deploy_journal";
/// What a URL may set besides, as sqlx knows it.
const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// A Postgres with which there are connections.
#[derive(Debug)]
pub(super) struct Server {
    pool: PgPool,
    /// Listens until the last handle goes.
    listener: tokio::sync::Mutex<JoinSet<()>>,
}

impl Server {
    /// Connects and brings the tables up to date. Waits up to `patience` for a
    /// server that is not there yet.
    pub(super) async fn open(
        url: &SecretString,
        patience: Duration,
        growth: Arc<Growth>,
    ) -> Result<Self, Error> {
        migrate(url, patience).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(TURN)
            .connect_lazy_with(options(url)?.options(LIMITS));
        let mut listener = JoinSet::new();
        listener.spawn(follow_growth(pool.clone(), growth));
        Ok(Self {
            pool,
            listener: listener.into(),
        })
    }
}

/// What keeps a session from holding up others without end.
const LIMITS: [(&str, &str); 4] = [
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// Brings a database's tables up to date; the versions that were applied.
pub(super) async fn migrate(url: &SecretString, patience: Duration) -> Result<Vec<i64>, Error> {
    let mut connection = connect(url, patience).await?;
    let applied = timeout(
        MIGRATION,
        migration::run(&mut connection, migration::POSTGRES),
    )
    .await
    .unwrap_or_else(|_| Err(Error::too_slow()));
    // Lets go of the lock too, however it went.
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the connection for the migrations did not end well");
    }
    applied
}

/// Connects, waiting up to `patience` for a server that is not there yet.
async fn connect(url: &SecretString, patience: Duration) -> Result<PgConnection, Error> {
    let options = options(url)?;
    let end = Instant::now() + patience;
    let mut told = false;
    loop {
        let error = match timeout(CONNECT, options.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => error,
            Err(_) => std::io::Error::from(std::io::ErrorKind::TimedOut).into(),
        };
        if !may_come_up(&error) || Instant::now() >= end {
            return Err(Error::Unreachable(error));
        }
        if !told {
            tracing::info!("Postgres does not take connections; waiting for it");
            told = true;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Whether the server may be about to start.
fn may_come_up(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // cannot_connect_now, too_many_connections.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

/// Reads the URL. Nothing of it is in an error: it may hold a password, and in
/// another place than it should.
pub(super) fn options(url: &SecretString) -> Result<PgConnectOptions, Error> {
    let parsed = Url::parse(url.expose_secret()).map_err(|_| Error::Address {
        what: "it is no URL; special characters in the password have to be percent-encoded",
    })?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        return Err(Error::Address {
            what: "it does not begin with postgres://",
        });
    }
    // sqlx would log the value of one that it does not know.
    let is_known = |name: &str| PARAMETERS.contains(&name);
    if !parsed.query_pairs().all(|(name, _)| is_known(&name)) {
        return Err(Error::Address {
            what: "it has an unknown parameter after the question mark",
        });
    }
    let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|_| Error::Address {
        what: "`sslmode`, `port` or `hostaddr` after the question mark has an impossible value, \
               or something percent-encoded is no UTF-8",
    })?;
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("deploy"),
    })
}

/// Where the database is, for people: no password, nothing else that was set.
pub(super) fn place(url: &SecretString) -> String {
    let Ok(options) = options(url) else {
        return "Postgres".to_owned();
    };
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    match options.get_socket() {
        Some(socket) => format!("{database} on Postgres {}", socket.display()),
        None => {
            let (host, port) = (options.get_host(), options.get_port());
            format!("{database} on Postgres {host}:{port}")
        }
    }
}

impl Driver for Server {
    fn begin(&self) -> Answer<'_, Box<dyn Connection>> {
        Box::pin(async { Ok(Box::new(self.pool.begin().await?) as Box<dyn Connection>) })
    }

    fn fetch(&self, sql: &'static str, args: Args) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let rows = args.bind_to(sqlx::query(sql)).fetch_all(&self.pool);
            Ok(rows.await?.into_iter().map(Row::Postgres).collect())
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.listener.lock().await.shutdown().await;
            if timeout(CLOSE, self.pool.close()).await.is_err() {
                tracing::warn!("Postgres did not let go of all connections in time");
            }
        })
    }
}

impl Connection for Transaction<'static, sqlx::Postgres> {
    fn execute(&mut self, sql: &'static str, args: Args) -> Answer<'_, u64> {
        Box::pin(async move {
            let done = args.bind_to(sqlx::query(sql)).execute(&mut **self);
            Ok(done.await?.rows_affected())
        })
    }

    fn fetch(&mut self, sql: &'static str, args: Args) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let rows = args.bind_to(sqlx::query(sql)).fetch_all(&mut **self);
            Ok(rows.await?.into_iter().map(Row::Postgres).collect())
        })
    }

    fn now(&self) -> &'static str {
        // Not now(), which is when the transaction began.
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now"
    }

    fn tell(&mut self) -> Answer<'_, ()> {
        Box::pin(async move {
            let args = Args::new().text(CHANNEL);
            Connection::execute(self, "SELECT pg_notify($1, '')", args).await?;
            Ok(())
        })
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async { Transaction::commit(*self).await })
    }
}

/// Follows what other processes have written, until it is dropped.
async fn follow_growth(pool: PgPool, growth: Arc<Growth>) {
    let reread = async {
        let mut ticks = interval(REREAD);
        loop {
            ticks.tick().await;
            read_growth(&pool, &growth).await;
        }
    };
    let listen = async {
        loop {
            let Err(error) = listen(&pool, &growth).await;
            tracing::debug!(%error, "cannot hear of what other processes write; trying on");
            sleep(LISTEN_AGAIN).await;
        }
    };
    tokio::join!(reread, listen);
}

/// Listens until the connection fails.
async fn listen(pool: &PgPool, growth: &Growth) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // What was written before it listened, or while it was reconnecting.
        read_growth(pool, growth).await;
        listener.try_recv().await?;
        // One reading answers all that have come in meanwhile.
        while listener.next_buffered().is_some() {}
    }
}

async fn read_growth(pool: &PgPool, growth: &Growth) {
    let grown = match sqlx::query(Grown::SQL).fetch_all(pool).await {
        Ok(rows) => Grown::read(&rows.into_iter().map(Row::Postgres).collect::<Vec<_>>()),
        Err(error) => Err(error),
    };
    match grown {
        Ok(grown) => growth.has_come_to(grown),
        Err(error) => tracing::debug!(%error, "cannot read how far the feed has grown; trying on"),
    }
}
