//! A private Postgres for tests: a fresh database for each, on the server that
//! `TEST_DATABASE_URL` names, else on one that is started from the installed
//! binaries, one for the whole process, and that ends with it.
//!
//! Where neither is there, a test fails and says what to install: a test that
//! is skipped proves nothing.

mod config;
mod server;

use std::{
    process,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};
use url::Url;

use config::Config;
use server::Server;

/// A database of its own; removed when dropped.
#[derive(Debug)]
pub struct Database {
    url: Url,
    name: String,
    /// Where databases are created and removed.
    server: Url,
}

impl Database {
    /// Creates an empty one. The first call in a process may take some seconds:
    /// it starts the server.
    ///
    /// # Errors
    /// When there is no server and none can be started: says what to install.
    pub async fn create() -> anyhow::Result<Self> {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let server = server_url()?;
        let number = CREATED.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", process::id());
        let mut url = server.clone();
        url.set_path(&name);
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        run(&server, create).await?;
        Ok(Self { url, name, server })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Runs statements in it.
    ///
    /// # Errors
    /// When one fails.
    pub async fn run(&self, sql: impl Into<String>) -> anyhow::Result<()> {
        run(&self.url, sql.into()).await
    }

    /// The number that a statement reads from it.
    ///
    /// # Errors
    /// When it fails, or its first column is no BIGINT.
    pub async fn number(&self, sql: impl Into<String>) -> anyhow::Result<i64> {
        let mut connection = PgConnection::connect(self.url.as_str()).await?;
        let row = connection.fetch_one(AssertSqlSafe(sql.into())).await?;
        connection.close().await?;
        Ok(row.try_get(0)?)
    }

    /// Ends all connections to it, as a restart of the server does; how many.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn cut_connections(&self) -> anyhow::Result<i64> {
        self.number(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        // A thread, because whoever drops it may be inside a runtime.
        let removed = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(run(&server, drop))
        });
        // What is left over goes with the server.
        let _ = removed.join();
    }
}

/// The URL of the server.
fn server_url() -> anyhow::Result<Url> {
    static STARTED: OnceLock<Url> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    // It lives as long as the process.
    static SERVER: OnceLock<Server> = OnceLock::new();

    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(url) = STARTED.get() {
        return Ok(url.clone());
    }
    let config = Config::from_environment()?;
    let url = match config.url {
        Some(url) => url,
        None => {
            let server = Server::start(&config.search)?;
            let folder = server.folder().display().to_string().replace('/', "%2F");
            let server = SERVER.set(server);
            server.map_err(|_| anyhow::anyhow!("the server was started twice"))?;
            Url::parse(&format!("postgres://postgres@{folder}/postgres"))?
        }
    };
    Ok(STARTED.get_or_init(|| url).clone())
}

async fn run(url: &Url, sql: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url.as_str())
        .await
        .context("cannot connect to the tests' Postgres")?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await?;
    Ok(())
}
