//! A service is killed at the worst moments of a deploy and started again: all
//! the same exactly one deployment on GitHub, one message in the channel with
//! how it ended, and nothing left over in the journal.

use std::time::Duration;

use deploy::{model::Progress, store::Store};
use deploy_proto::v1::{WatchRequest, deploy_service_client::DeployServiceClient};
use sandbox::{Options, Pace, Running};
use serde_json::Value;
use simulators::control::{Fault, FaultKind};
use tokio::time::timeout;

use crate::{
    channel::Channel,
    journals::{Journal, on_both},
    program::{ANYWHERE, Program},
    quick, start,
};

const POST: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";
const FACTS: &str = "POST /api/graphql Facts";
/// A deployment whose creation was not answered is listed, and then looked at by
/// this question; without its answer it is not taken for found.
const LOOK: &str = "POST /api/graphql Follow";
/// By this name the bot follows the feed.
const SUBSCRIBER: &str = "slack";
/// What is not acknowledged is told at once to who begins to watch.
const QUIET: Duration = Duration::from_millis(500);

on_both! {
    deploy_killed_when_it_has_accepted,
    deploy_killed_while_it_goes_out,
    deploy_killed_when_the_answer_to_its_post_was_lost,
    deploy_killed_while_its_post_is_on_the_way,
    deploybot_killed_while_it_goes_out,
    deploybot_killed_when_the_answer_to_its_post_was_lost,
    both_killed_before_it_was_accepted,
}

/// It has said yes and knows nothing of the commit yet.
async fn deploy_killed_when_it_has_accepted(journal: Journal) {
    let mut stage = Stage::set(journal, quick()).await;
    stage.github_fails(FACTS, FaultKind::Status(502));
    let asked = stage.ask().await;
    stage.accepted().await;
    stage.deploy.kill().await;
    assert_eq!(stage.posts(), 0);
    stage.sandbox.github().control().clear_faults();
    stage.restart_deploy().await;
    stage.ends_well(asked).await;
}

/// GitHub has the deployment, whose workflow is at work, and goes on to its end
/// with nobody looking.
async fn deploy_killed_while_it_goes_out(journal: Journal) {
    let mut stage = Stage::set(journal, leisurely()).await;
    let asked = stage.ask().await;
    stage.posted().await;
    stage.deploy.kill().await;
    stage.goes_out(&asked).await;
    stage.restart_deploy().await;
    stage.ends_well(asked).await;
}

/// GitHub has made the deployment, its answer is lost, and the one that looks
/// for it does not live to find it.
async fn deploy_killed_when_the_answer_to_its_post_was_lost(journal: Journal) {
    let mut stage = Stage::set(journal, quick()).await;
    stage.github_fails(LOOK, FaultKind::Status(502));
    let lost = FaultKind::DropAfterCommit;
    stage.sandbox.github().control().add_fault(once(POST, lost));
    let asked = stage.ask().await;
    stage.posted().await;
    stage
        .until("it looks for its deployment", |stage| stage.count(LOOK) > 0)
        .await;
    stage.deploy.kill().await;
    stage.sandbox.github().control().clear_faults();
    stage.restart_deploy().await;
    stage.ends_well(asked).await;
}

/// GitHub is still at work on the creation when the next process looks for it.
async fn deploy_killed_while_its_post_is_on_the_way(journal: Journal) {
    let mut stage = Stage::set(journal, quick()).await;
    let slow = FaultKind::Latency { ms: 4_000 };
    stage.sandbox.github().control().add_fault(once(POST, slow));
    let asked = stage.ask().await;
    stage
        .until("the POST has arrived", |stage| {
            stage.sandbox.github().control().faults().is_empty()
        })
        .await;
    stage.deploy.kill().await;
    assert_eq!(stage.posts(), 0, "it is not carried out yet");
    stage.restart_deploy().await;
    stage.ends_well(asked).await;
}

/// What was shown goes on in the same message.
async fn deploybot_killed_while_it_goes_out(journal: Journal) {
    let mut stage = Stage::set(journal, leisurely()).await;
    let asked = stage.ask().await;
    stage.channel.hears(&asked.ts, "🚀").await;
    stage.deploybot.kill().await;
    stage.goes_out(&asked).await;
    stage.restart_deploybot().await;
    stage.ends_well(asked).await;
}

/// Slack has taken the message, and the bot was never told so.
async fn deploybot_killed_when_the_answer_to_its_post_was_lost(journal: Journal) {
    let mut stage = Stage::set(journal, leisurely()).await;
    let control = stage.sandbox.slack().control();
    let lost = FaultKind::DropAfterCommit;
    control.add_fault(once("POST /api/chat.postMessage", lost));
    for method in ["GET", "POST"] {
        let looking = format!("{method} /api/conversations.history");
        control.add_fault(always(&looking, FaultKind::Status(503)));
    }
    let asked = stage.ask().await;
    stage.channel.hears(&asked.ts, "").await;
    stage.deploybot.kill().await;
    stage.sandbox.slack().control().clear_faults();
    stage.restart_deploybot().await;
    stage.ends_well(asked).await;
}

/// Nobody has journalled what was asked; Slack delivers it again.
async fn both_killed_before_it_was_accepted(journal: Journal) {
    let mut stage = Stage::set(journal, quick()).await;
    stage.deploy.kill().await;
    let asked = stage.ask().await;
    stage
        .until("the mention is delivered", |stage| {
            let all = stage.sandbox.slack().deliveries();
            let mention = all.iter().find(|one| one.event_type == "app_mention");
            mention.is_some_and(|mention| mention.sent_at.is_some())
        })
        .await;
    stage.deploybot.kill().await;
    stage.restart_deploy().await;
    stage.restart_deploybot().await;
    stage.ends_well(asked).await;
}

/// Slow enough that something can happen in between.
fn leisurely() -> Options {
    let pace = Pace {
        beat: Duration::from_millis(150),
    };
    Options { pace, ..quick() }
}

fn once(route: &str, kind: FaultKind) -> Fault {
    Fault {
        route: route.to_owned(),
        skip: 0,
        times: 1,
        kind,
    }
}

fn always(route: &str, kind: FaultKind) -> Fault {
    Fault {
        times: u32::MAX,
        ..once(route, kind)
    }
}

/// What was asked for.
struct Asked {
    ts: String,
    sha: String,
}

/// Simulators in this process, the services in two of their own.
struct Stage {
    sandbox: Running,
    channel: Channel,
    journal: Journal,
    deploy: Program,
    deploybot: Program,
    /// How many deployments there were before.
    before: usize,
}

impl Stage {
    async fn set(journal: Journal, options: Options) -> Self {
        let services = false;
        let (sandbox, channel) = start(Options {
            services,
            ..options
        })
        .await;
        let deploy = Program::deploy(&sandbox, &journal.url(), ANYWHERE).await;
        let deploybot = Program::deploybot(&sandbox, deploy.grpc()).await;
        let before = deployments(&channel).await.len();
        Self {
            sandbox,
            channel,
            journal,
            deploy,
            deploybot,
            before,
        }
    }

    /// On the same journal, where `deploybot` knows it.
    async fn restart_deploy(&mut self) {
        let listen = self.deploy.grpc();
        self.journal.forget_the_dead().await;
        self.deploy = Program::deploy(&self.sandbox, &self.journal.url(), listen).await;
    }

    async fn restart_deploybot(&mut self) {
        self.deploybot = Program::deploybot(&self.sandbox, self.deploy.grpc()).await;
    }

    fn github_fails(&self, route: &str, kind: FaultKind) {
        self.sandbox
            .github()
            .control()
            .add_fault(always(route, kind));
    }

    async fn ask(&self) -> Asked {
        let sha = self.channel.deployable("people", "production").await;
        let ask = format!("@deploybot deploy people production {sha}");
        let ts = self.channel.say(&ask).await;
        Asked { ts, sha }
    }

    /// Slack is told that an event is dealt with when it is in the journal.
    async fn accepted(&self) {
        self.until("it is accepted", |stage| {
            let all = stage.sandbox.slack().deliveries();
            let mentions = all.iter().filter(|one| one.event_type == "app_mention");
            mentions.count() == 1 && all.iter().all(|one| one.acked_at.is_some())
        })
        .await;
    }

    async fn posted(&self) {
        self.until("GitHub has the deployment", |stage| stage.posts() == 1)
            .await;
    }

    /// Waits until its workflow has ended, whoever looks on.
    async fn goes_out(&self, asked: &Asked) {
        self.channel
            .until("the workflow ends", async || {
                let live = self.channel.live("people", "production").await;
                (live.as_ref() == Some(&asked.sha)).then_some(())
            })
            .await;
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        self.channel
            .until(what, async || is_so(self).then_some(()))
            .await;
    }

    fn count(&self, route: &str) -> u64 {
        let counts = self.sandbox.github().control().counts();
        counts.get(route).copied().unwrap_or_default()
    }

    fn posts(&self) -> u64 {
        self.count(POST)
    }

    /// One message says that it is live, GitHub has one deployment more, and
    /// both services end with nothing left to do.
    async fn ends_well(self, asked: Asked) {
        let (shown, _) = self.channel.hears(&asked.ts, "is live in").await;
        let said = self.channel.bot_since(&asked.ts).await;
        assert_eq!(said.len(), 1, "one message: {said:#?}");
        assert_eq!(self.posts(), 1);
        let request = shown["metadata"]["event_payload"]["request_id"].clone();
        let deployments = deployments(&self.channel).await;
        assert_eq!(deployments.len(), self.before + 1);
        assert_eq!(deployments[0]["sha"], asked.sha.as_str());
        assert_eq!(deployments[0]["payload"]["request_id"], request);
        self.accepted().await;

        // What it is showing it shows to its end, and acknowledges.
        self.deploybot.end().await;
        nothing_is_to_be_told(&self.deploy).await;
        self.deploy.end().await;
        nothing_is_left(&self.journal).await;
        let faults = self.sandbox.github().control().faults();
        assert!(faults.is_empty(), "{faults:?}");
        self.sandbox.shutdown().await;
    }
}

/// Whoever follows the feed in the bot's place is told nothing but that.
async fn nothing_is_to_be_told(deploy: &Program) {
    let address = format!("http://{}", deploy.grpc());
    let mut deploy = DeployServiceClient::connect(address).await.unwrap();
    let ask = WatchRequest {
        subscriber: SUBSCRIBER.to_owned(),
        replica: String::new(),
    };
    let mut feed = deploy.watch(ask).await.unwrap().into_inner();
    let served = feed.message().await.unwrap().unwrap();
    assert!(served.served_for.is_some(), "{served:?}");
    let entry = timeout(QUIET, feed.message()).await;
    assert!(entry.is_err(), "it is not acknowledged: {entry:?}");
}

/// All deployments of `people`, newest first.
async fn deployments(channel: &Channel) -> Vec<Value> {
    let all = channel.github("people/deployments?per_page=100").await;
    all.as_array().unwrap().clone()
}

/// The one request has ended, holds no run slot, and the bot has acknowledged
/// all that was told of it.
async fn nothing_is_left(journal: &Journal) {
    let patience = Duration::from_secs(5);
    let store = Store::open(&journal.database(), patience).await.unwrap();
    let entries = store.entries_after(0, 100).await.unwrap();
    let last = entries.last().unwrap();
    let request = last.subject.request().unwrap();
    assert!(
        matches!(request.progress, Progress::Succeeded(..)),
        "{last:?}"
    );
    assert_eq!(store.acknowledged(SUBSCRIBER).await.unwrap(), last.cursor);
    for unfinished in [store.waiting(10).await, store.running(10).await] {
        let unfinished = unfinished.unwrap();
        assert!(unfinished.is_empty(), "{unfinished:?}");
    }
    let held = store
        .slot_holder(&request.asked.repository, &request.asked.environment)
        .await;
    assert!(held.unwrap().is_none());
    store.close().await;
}
