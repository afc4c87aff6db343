//! `kill -9` of `deploy` between any two steps, hundreds of times, while
//! requests come in: each accepted request has exactly one deployment on GitHub
//! that has ended, and one message in the channel that says how. Most succeed;
//! some fail, some wait for GitHub to take more, some of those are withdrawn, and
//! some nobody picks up.
//!
//! Where it is killed is drawn: after some time, or while a call to GitHub is
//! on its way, under way, or answered. `KILLS_SEED` repeats a run as far as
//! two processes and a network can be repeated.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use deploy::store::Database;
use rand::{SeedableRng as _, rngs::StdRng};
use sandbox::{GITHUB_TOKEN, OWNER, Options, Running};
use serde_json::{Value, json};
use simulators::{
    control::{Fault, FaultKind},
    github::{Github, Webhook},
};
use tempfile::{TempDir, tempdir};
use tokio::time::{Instant, sleep};

use crate::{
    channel::{Channel, TAKEN, read_aloud},
    journals::Journal,
    kills_ends::{Ended, journalled, request_of, say_the_end},
    kills_fleet::{self, Ask, BURST, Fate},
    kills_moments::{CREATE, Moment, PICKUP},
    program::{ANYWHERE, Program},
    quick, start,
};

/// How long all that was asked may take to end after the last kill: GitHub takes
/// so many a minute; what was lost with a call under way is looked for half a
/// minute, and on Postgres waits for a lease of 45 seconds before.
const PATIENCE: Duration = Duration::from_secs(300);
/// What webhooks are signed with.
const WEBHOOK_SECRET: &str = "what-both-sides-know";
/// The channels in which is asked; one alone takes a message a second.
const CHANNELS: usize = 24;

/// How often a process is killed, and how many requests come in meanwhile.
struct Plan {
    /// While requests come in one after another.
    while_asking: usize,
    requests: usize,
    /// While more wait than GitHub takes in a minute, and some are withdrawn.
    while_waiting: usize,
    /// When a deployment is ended that nobody has picked up.
    at_ends: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_two_hundred_kills_lose_nothing_and_double_nothing() {
    let plan = Plan {
        while_asking: 130,
        requests: 50,
        while_waiting: 66,
        at_ends: 4,
    };
    kill_again_and_again(&Journal::in_a_file(), plan).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_forty_kills_lose_nothing_and_double_nothing() {
    let plan = Plan {
        while_asking: 20,
        requests: 12,
        while_waiting: 18,
        at_ends: 2,
    };
    kill_again_and_again(&Journal::in_a_postgres().await, plan).await;
}

/// The one that dies has all the requests, some of them in the middle of their
/// creation; the other takes them over when their leases have run out.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_on_one_postgres_one_dies_and_the_other_goes_on() {
    const REQUESTS: usize = 40;
    let journal = Journal::in_a_postgres().await;
    let mut stage = Stage::set(&journal.url(), REQUESTS, kills_fleet::ordinary).await;
    let mut settings = stage.settings.clone();
    settings.pop();
    settings.push(("DEPLOY_LISTEN", ANYWHERE.to_string()));
    let second = Program::start("deploy", &settings).await;
    let control = stage.sandbox.github().control().clone();
    control.add_fault(Fault {
        route: CREATE.to_owned(),
        skip: 0,
        times: u32::MAX,
        kind: FaultKind::Late { ms: 300 },
    });
    stage.ask(REQUESTS).await;
    let created = || control.counts().get(CREATE).copied().unwrap_or_default();
    holds("it is in the middle", || created() >= 8).await;
    stage.deploy.kill().await;
    control.clear_faults();
    let goes_on = || second.log().contains("a deployment was made");
    holds("the other goes on", goes_on).await;
    // The bot knows only the first.
    stage.deploy = Program::start("deploy", &stage.settings).await;
    stage.receive_webhooks();
    stage.all_have_ended().await;
    second.end().await;
    stage.ends_well(&journal.database()).await;
}

/// Waits until something is so.
async fn holds(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "in vain: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn kill_again_and_again(journal: &Journal, plan: Plan) {
    let Plan {
        while_asking,
        requests,
        while_waiting,
        at_ends,
    } = plan;
    let seed = seed();
    println!("KILLS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut stage = Stage::set(&journal.url(), requests, kills_fleet::of_all_fates).await;
    let began = Instant::now();
    for kill in 0..while_asking {
        stage.ask(requests * (kill + 1) / while_asking).await;
        stage.kill_at(&Moment::draw(&mut random)).await;
    }
    stage.ask(requests + BURST).await;
    stage.some_wait().await;
    for _ in 0..while_waiting {
        stage.withdraw_one_that_waits().await;
        stage.kill_at(&Moment::draw(&mut random)).await;
    }
    let mut met = 0;
    for _ in 0..at_ends {
        let moment = Moment::draw_at_an_end(&mut random);
        met += usize::from(stage.kill_at(&moment).await);
    }
    assert!(met > 0, "no kill met a deployment that is ended");
    let kills_took = began.elapsed();
    stage.all_have_ended().await;
    let longest = stage.longest_pause;
    let ended = stage.ends_well(&journal.database()).await;
    let kills = while_asking + while_waiting + at_ends;
    println!(
        "seed {seed}: {kills} kills in {kills_took:?}, {met} of them at an end; {ended:?}; \
         at most {longest:?} from a kill to the next call to GitHub, {:?} in all",
        began.elapsed()
    );
    assert!(
        ended[&Fate::IsWithdrawn].withdrawn > 0,
        "none was withdrawn"
    );
}

/// The seed of this run: as asked for, else drawn.
fn seed() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever looks into a failure repeats it with the seed that was printed"
    )]
    let asked_for = std::env::var("KILLS_SEED").ok();
    asked_for.map_or_else(rand::random, |seed| {
        seed.parse().expect("KILLS_SEED is a number")
    })
}

/// Simulators in this process, the services in two of their own.
struct Stage {
    sandbox: Running,
    channels: Vec<Channel>,
    /// What is asked, in its order, and how much of it was.
    asks: Vec<Ask>,
    said: usize,
    /// The requests whose button was pressed that withdraws them.
    pressed: BTreeSet<String>,
    settings: Vec<(&'static str, String)>,
    deploy: Program,
    deploybot: Program,
    /// Since when GitHub has not been called, if there was a kill since.
    silent_since: Option<Instant>,
    calls_before: u64,
    longest_pause: Duration,
    /// The repositories' folder.
    _folder: TempDir,
}

impl Stage {
    async fn set(
        database_url: &str,
        requests: usize,
        asks: fn(&Github, &Path, usize) -> Vec<Ask>,
    ) -> Self {
        let services = false;
        let options = Options {
            services,
            ..quick()
        };
        let (sandbox, channel) = start(options).await;
        // Fifty edits a minute would last longer than all else together.
        let off = json!({"enabled": false});
        channel.http.send("PUT", "control/rate_limits", &off).await;
        let folder = tempdir().unwrap();
        let asks = asks(sandbox.github(), folder.path(), requests);
        let channels = (0..CHANNELS)
            .map(|number| channel.beside(&sandbox, &format!("fleet-{number}")))
            .collect();
        let mut settings = vec![
            ("DEPLOY_ADMIN_LISTEN", ANYWHERE.to_string()),
            ("DEPLOY_WEB_LISTEN", ANYWHERE.to_string()),
            ("DEPLOY_GITHUB_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ("DEPLOY_DATABASE_URL", database_url.to_owned()),
            (
                "DEPLOY_GITHUB_API_URL",
                sandbox.github_api_url().to_string(),
            ),
            ("DEPLOY_GITHUB_TOKEN", GITHUB_TOKEN.to_owned()),
            ("DEPLOY_GITHUB_OWNER", OWNER.to_owned()),
            // A kill may take the hint with it that a deployment has moved.
            ("DEPLOY_POLL_INTERVAL", "1s".to_owned()),
            ("DEPLOY_PICKUP_TIMEOUT", format!("{}s", PICKUP.as_secs())),
            ("DEPLOY_LISTEN", ANYWHERE.to_string()),
        ];
        let deploy = Program::start("deploy", &settings).await;
        // From now on where the bot knows it.
        settings.pop();
        settings.push(("DEPLOY_LISTEN", deploy.grpc().to_string()));
        let deploybot = Program::deploybot(&sandbox, deploy.grpc()).await;
        let stage = Self {
            sandbox,
            channels,
            asks,
            said: 0,
            pressed: BTreeSet::new(),
            settings,
            deploy,
            deploybot,
            silent_since: None,
            calls_before: 0,
            longest_pause: Duration::ZERO,
            _folder: folder,
        };
        stage.receive_webhooks();
        stage
    }

    fn receive_webhooks(&self) {
        let web = self.deploy.told("web").expect("it listens for webhooks");
        self.sandbox.github().set_webhook(Some(Webhook {
            url: format!("http://{web}/webhooks/github"),
            secret: WEBHOOK_SECRET.to_owned(),
        }));
    }

    /// Asks on, until so many have been asked.
    async fn ask(&mut self, until: usize) {
        while self.said < until {
            let channel = &self.channels[self.said % CHANNELS];
            channel.say(&self.asks[self.said].words()).await;
            self.said += 1;
        }
    }

    /// Kills `deploy` at this moment, and starts it anew; whether the moment came.
    async fn kill_at(&mut self, moment: &Moment) -> bool {
        let control = self.sandbox.github().control().clone();
        moment.set(&control);
        let end = Instant::now() + moment.longest();
        while !moment.has_come(&control) && Instant::now() < end {
            self.look_for_calls();
            sleep(Duration::from_millis(2)).await;
        }
        let has_come = moment.has_come(&control);
        sleep(moment.after()).await;
        self.look_for_calls();
        self.deploy.kill().await;
        control.clear_faults();
        self.calls_before = self.calls();
        self.silent_since.get_or_insert_with(Instant::now);
        self.deploy = Program::start("deploy", &self.settings).await;
        self.receive_webhooks();
        has_come
    }

    /// Waits until what is to be withdrawn waits, behind all others, for its turn
    /// among the deployments that GitHub takes.
    async fn some_wait(&self) {
        let end = Instant::now() + PATIENCE;
        while self.waiting().await.is_empty() {
            assert!(Instant::now() < end, "in vain: some wait for their turn");
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Presses the button that withdraws one of them.
    async fn withdraw_one_that_waits(&mut self) {
        for (channel, message) in self.waiting().await {
            if self.pressed.insert(request_of(&message)) {
                let button = channel.button(&message, "Cancel");
                channel.http.send("POST", "client/actions", &button).await;
                return;
            }
        }
    }

    /// What is to be withdrawn and says that it waits for its turn.
    async fn waiting(&self) -> Vec<(Channel, Value)> {
        let messages = self.messages().await.into_iter();
        messages
            .filter(|(_, message)| {
                let words = read_aloud(message);
                let is_one = Fate::of_words(&words) == Fate::IsWithdrawn;
                is_one && words.contains("takes only so many")
            })
            .collect()
    }

    /// Notes whether GitHub has been called since the last kill.
    fn look_for_calls(&mut self) {
        if self.calls() > self.calls_before
            && let Some(since) = self.silent_since.take()
        {
            self.longest_pause = self.longest_pause.max(since.elapsed());
        }
    }

    fn calls(&self) -> u64 {
        self.sandbox.github().control().counts().values().sum()
    }

    /// All messages of the bot, and where each stands.
    async fn messages(&self) -> Vec<(Channel, Value)> {
        let mut messages = Vec::new();
        for channel in &self.channels {
            let said = channel.messages().await.into_iter();
            let of_bot = said.filter(|message| message["bot_id"].is_string());
            messages.extend(of_bot.map(|message| (channel.clone(), message)));
        }
        messages
    }

    /// What the bot shows of each request, by the request's id, and all that it
    /// shows but that it had to ask for a while; oldest first.
    async fn shown(&self) -> BTreeMap<String, Vec<String>> {
        let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, message) in self.messages().await {
            let words = read_aloud(&message);
            if !words.contains(TAKEN) {
                shown.entry(request_of(&message)).or_default().push(words);
            }
        }
        shown
    }

    /// Waits until what is shown of each request says how it ended.
    async fn all_have_ended(&self) {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown().await;
            let open: Vec<_> = shown.values().filter(|said| !say_the_end(said)).collect();
            if shown.len() == self.asks.len() && open.is_empty() {
                return;
            }
            assert!(
                Instant::now() < end,
                "{} of {} requests are shown, and these have not ended: {open:#?}",
                shown.len(),
                self.asks.len()
            );
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Ends both services and compares the journal, GitHub and Slack; what became
    /// of the requests.
    async fn ends_well(self, database: &Database) -> BTreeMap<Fate, Ended> {
        let shown = self.shown().await;
        let deployments = kills_fleet::deployments(&self.channels[0]).await;
        self.deploybot.end().await;
        self.deploy.end().await;
        let requests = journalled(database).await;
        assert_eq!(requests.len(), self.asks.len(), "each was journalled");
        let ids: BTreeSet<&String> = requests.keys().collect();
        assert_eq!(ids, shown.keys().collect(), "each is shown");
        let mut ended: BTreeMap<Fate, Ended> = BTreeMap::new();
        for (id, request) in &requests {
            let made = deployments.iter().filter(|one| one.request == *id);
            let fate = Fate::of(request.asked.repository.name());
            let ended = ended.entry(fate).or_default();
            ended.count(fate, request, &made.collect::<Vec<_>>(), &shown[id]);
        }
        for (fate, ended) in &ended {
            let of_fate = |ask: &&Ask| Fate::of(&ask.repository) == *fate;
            let environments: BTreeSet<&Ask> = self.asks.iter().filter(of_fate).collect();
            let went_out = ended.succeeded + ended.failed;
            assert_eq!(
                went_out + ended.withdrawn,
                environments.len(),
                "one in each"
            );
            let made = deployments.iter();
            let made = made.filter(|one| Fate::of(&one.repository) == *fate);
            assert_eq!(made.count(), went_out, "and no other");
        }
        self.sandbox.shutdown().await;
        ended
    }
}
