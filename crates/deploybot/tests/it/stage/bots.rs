//! The bots of a stage: how they start, and all the ways in which they end.

use deploybot::Listeners;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Bot, PATIENCE, Stage, eventually};

impl Stage {
    /// Starts the bot and waits until it is connected.
    pub(crate) async fn start_bot(&mut self) {
        let connected = self.slack.connections();
        self.begin_bot().await;
        let slack = self.slack.clone();
        eventually("the bot is connected", || slack.connections() > connected).await;
    }

    /// Starts the bot and waits for nothing.
    pub(crate) async fn begin_bot(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let admin = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        admin.set_nonblocking(true).unwrap();
        let shutdown = CancellationToken::new();
        let (config, token) = (self.config(), shutdown.clone());
        let ended = runtime.spawn(async move {
            let admin = TcpListener::from_std(admin).unwrap();
            let listeners = Listeners {
                admin,
                events: None,
            };
            deploybot::run(config, listeners, token).await
        });
        self.bots.push(Bot {
            runtime,
            shutdown,
            ended,
        });
    }

    /// Stops the bot as an operator does, and tells how it ended.
    pub(crate) async fn stop_bot(&mut self) -> anyhow::Result<()> {
        let bot = self.bots.pop().expect("it runs");
        bot.shutdown.cancel();
        let ended = tokio::time::timeout(PATIENCE, bot.ended).await;
        bot.runtime.shutdown_background();
        ended.expect("it stops in time").expect("it does not panic")
    }

    /// The bot's own end, without being told to stop.
    pub(crate) async fn bot_ended(&mut self) -> anyhow::Result<()> {
        let bot = self.bots.pop().expect("it runs");
        let ended = tokio::time::timeout(PATIENCE, bot.ended).await;
        bot.runtime.shutdown_background();
        ended
            .expect("it ends by itself")
            .expect("it does not panic")
    }

    /// Ends the bot as a power cut does.
    pub(crate) async fn kill_bot(&mut self) {
        self.kill_bot_number(self.bots.len() - 1).await;
    }

    /// Ends one of several bots so, the first being 0.
    pub(crate) async fn kill_bot_number(&mut self, number: usize) {
        let bot = self.bots.remove(number);
        bot.runtime.shutdown_background();
        let (slack, left) = (self.slack.clone(), self.bots.len());
        eventually("its connections are gone", || slack.connections() == left).await;
    }

    /// All is shown, and the bot dies before it can acknowledge it; the next is told of
    /// it anew and says nothing more.
    pub(crate) async fn is_told_anew_in_vain(&mut self) {
        eventually("all is shown", || self.deploy.all_is_shown()).await;
        let said = self.said().await.len();
        self.kill_bot().await;
        self.deploy.state().acknowledged = 0;
        self.start_bot().await;
        eventually("all is shown again", || self.deploy.all_is_shown()).await;
        assert_eq!(self.said().await.len(), said);
    }

    /// Lets a bot do nothing at all until what is returned is dropped, as when its
    /// process is stopped or its machine is asleep.
    pub(crate) async fn put_to_sleep(&self, number: usize) -> std::sync::mpsc::Sender<()> {
        let (wake, asleep) = std::sync::mpsc::channel();
        let (fall, fallen) = tokio::sync::oneshot::channel();
        // It has one thread.
        self.bots[number].runtime.spawn(async move {
            fall.send(()).unwrap();
            asleep.recv().unwrap_err();
        });
        fallen.await.unwrap();
        wake
    }
}
