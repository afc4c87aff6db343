//! Two `deploybot` processes on one `deploy`: whichever of them Slack delivers an
//! event to, however often, and whichever of them dies or falls asleep, each
//! request has one message, which says how it ended.

use std::{collections::BTreeMap, time::Duration};

use sandbox::{OWNER, Running};
use serde_json::{Value, json};
use simulators::control::{Fault, FaultKind};

use crate::{
    channel::{Channel, read_aloud},
    journals::{Journal, on_both},
    program::{ANYWHERE, Program},
    quick, start,
};

/// How long what another has to take over may last: 15 seconds until the dead one
/// is missed, and all that was not shown meanwhile.
const PATIENCE: Duration = Duration::from_secs(90);
/// The channels in which is asked.
const CHANNELS: usize = 4;
/// How many deploys are asked for before each kill, and how many kills there are.
const DEPLOYS: usize = 6;
const KILLS: usize = 4;
const POST: &str = "POST /api/chat.postMessage";

on_both![
    events_delivered_often_to_any_of_two_bots_give_one_result,
    bots_are_killed_while_deploys_go_on,
    a_bot_that_is_stopped_and_goes_on_spoils_nothing,
];

/// Both simulators, a `deploy` and two bots.
struct Stage {
    sandbox: Running,
    channel: Channel,
    deploy: Program,
    bots: Vec<Program>,
}

impl Stage {
    async fn set(journal: &Journal) -> Self {
        let options = sandbox::Options {
            services: false,
            ..quick()
        };
        let (sandbox, channel) = start(options).await;
        let off = json!({"enabled": false});
        channel.http.send("PUT", "control/rate_limits", &off).await;
        let deploy = Program::deploy(&sandbox, &journal.url(), ANYWHERE).await;
        let bots = vec![
            Program::deploybot(&sandbox, deploy.grpc()).await,
            Program::deploybot(&sandbox, deploy.grpc()).await,
        ];
        Self {
            sandbox,
            channel,
            deploy,
            bots,
        }
    }

    async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let ask = async || is_so().await.then_some(());
        self.channel.until_within(PATIENCE, what, ask).await;
    }

    /// The event of the newest mention.
    fn newest_mention(&self) -> String {
        let deliveries = self.sandbox.slack().deliveries();
        let mentions = deliveries.iter().rev();
        let mention = mentions
            .into_iter()
            .find(|it| it.event_type == "app_mention");
        mention.expect("somebody was mentioned").event_id.clone()
    }

    /// Slack delivers an event so many times more, and each is acknowledged.
    async fn deliver_again(&self, event: &str, times: u32) {
        let attempts = || {
            let deliveries = self.sandbox.slack().deliveries();
            let delivery = deliveries.into_iter().find(|it| it.event_id == event);
            delivery.expect("it is remembered").attempts
        };
        let before = attempts();
        let wanted = json!({"event_id": event, "times": times});
        self.channel
            .http
            .send("POST", "control/redeliver", &wanted)
            .await;
        let again = async || attempts() >= before + times;
        self.until("it is delivered again", again).await;
    }

    fn posts(&self) -> u64 {
        let counts = self.sandbox.slack().control().counts();
        counts.get(POST).copied().unwrap_or_default()
    }

    async fn end(self) {
        for bot in self.bots {
            bot.end().await;
        }
        self.deploy.end().await;
        self.sandbox.shutdown().await;
    }
}

async fn events_delivered_often_to_any_of_two_bots_give_one_result(journal: Journal) {
    let stage = Stage::set(&journal).await;
    let channel = &stage.channel;
    for times in [1, 2, 9] {
        let asked = channel.say("@deploybot status people").await;
        stage.deliver_again(&stage.newest_mention(), times).await;
        channel.hears(&asked, "newest 5").await;
        stage.deliver_again(&stage.newest_mention(), times).await;
        assert_eq!(channel.bot_since(&asked).await.len(), 1, "{times}");
    }
    for times in [1, 2, 9] {
        let sha = channel.deployable("people", "staging").await;
        let asked = channel
            .say(&format!("@deploybot deploy people staging {sha}"))
            .await;
        let event = stage.newest_mention();
        stage.deliver_again(&event, times).await;
        // Live, or back where it was before.
        channel.hears(&asked, "✅ *people*").await;
        stage.deliver_again(&event, times).await;
        assert_eq!(channel.bot_since(&asked).await.len(), 1, "{times}");
    }
    assert_eq!(stage.posts(), 6, "each message was posted once");
    stage.end().await;
}

/// Environments to which nothing was deployed, so that no request is in another's
/// way; the repository of each.
pub(crate) async fn environments(channel: &Channel, number: usize) -> Vec<(&'static str, String)> {
    let repositories = ["people", "api", "web"].into_iter().cycle();
    let mut all = Vec::new();
    for (repository, number) in repositories.zip(0..number) {
        let environment = format!("region-{number}");
        let path =
            format!("../github/api/v3/repos/{OWNER}/{repository}/environments/{environment}");
        channel.http.send("PUT", &path, &json!({})).await;
        all.push((repository, environment));
    }
    all
}

/// What the bots have said of each request, by the request's id.
pub(crate) async fn shown(channels: &[Channel]) -> BTreeMap<String, Vec<String>> {
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for channel in channels {
        for message in channel.messages().await {
            let about = &message["metadata"]["event_payload"]["request_id"];
            if let Value::String(id) = about {
                let said = shown.entry(id.clone()).or_default();
                said.push(read_aloud(&message));
            }
        }
    }
    shown
}

async fn bots_are_killed_while_deploys_go_on(journal: Journal) {
    let mut stage = Stage::set(&journal).await;
    let channels: Vec<Channel> = (0..CHANNELS)
        .map(|number| {
            stage
                .channel
                .beside(&stage.sandbox, &format!("fleet-{number}"))
        })
        .collect();
    let all = environments(&stage.channel, DEPLOYS * KILLS).await;
    let mut commits = BTreeMap::new();
    for repository in ["people", "api", "web"] {
        commits.insert(repository, stage.channel.green(repository, "main").await);
    }
    for (kill, wanted) in all.chunks(DEPLOYS).enumerate() {
        for (number, (repository, environment)) in wanted.iter().enumerate() {
            let sha = &commits[repository];
            let ask = format!("@deploybot deploy {repository} {environment} {sha}");
            channels[number % CHANNELS].say(&ask).await;
        }
        // At another moment each time: some are asked for, shown or live by then.
        let said = DEPLOYS * kill + kill;
        let some_are_shown = async || shown(&channels).await.len() >= said;
        stage.until("some are shown", some_are_shown).await;
        stage.bots[kill % 2].kill().await;
        stage.bots[kill % 2] = Program::deploybot(&stage.sandbox, stage.deploy.grpc()).await;
    }
    let all_are_live = async || {
        let shown = shown(&channels).await;
        let is_live = |said: &Vec<String>| said.iter().all(|words| words.contains("is live in"));
        shown.len() == all.len() && shown.values().all(is_live)
    };
    stage.until("all are live", all_are_live).await;
    for (id, said) in shown(&channels).await {
        assert_eq!(said.len(), 1, "{id}: {said:#?}");
    }
    stage.end().await;
}

async fn a_bot_that_is_stopped_and_goes_on_spoils_nothing(journal: Journal) {
    let stage = Stage::set(&journal).await;
    let channel = &stage.channel;
    let sha = channel.deployable("people", "production").await;
    // It is stopped while it says how it stands.
    stage.sandbox.slack().control().add_fault(Fault {
        route: POST.to_owned(),
        skip: 0,
        times: 1,
        kind: FaultKind::Late { ms: 300 },
    });
    let asked = channel
        .say(&format!("@deploybot deploy people production {sha}"))
        .await;
    let is_posted = async || !channel.bot_since(&asked).await.is_empty();
    stage.until("it is posted", is_posted).await;
    let follows = |bot: &&Program| bot.log().contains("showing what the feed tells");
    let stopped = stage.bots.iter().find(follows).expect("one shows it");
    stopped.signal("STOP").await;
    let is_live = async || {
        let said = channel.bot_since(&asked).await;
        said.iter().all(|(_, words)| words.contains("is live in"))
    };
    stage
        .until("the other shows that it is live", is_live)
        .await;
    let logged = || stopped.log().matches("the feed can't be followed").count();
    let before = logged();
    stopped.signal("CONT").await;
    let has_noticed = async || logged() > before || stopped.log().contains("another process");
    stage.until("it has noticed", has_noticed).await;
    channel.asks("@deploybot status people", "newest 5").await;
    let said = channel.bot_since(&asked).await;
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].1.contains("is live in"), "{said:#?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slack_refuses_is_in_the_log_with_what_has_to_be_done() {
    let stage = Stage::set(&Journal::in_a_file()).await;
    let refused = [
        ("not_in_channel", "invite the bot to it"),
        ("channel_not_found", "it is gone, or it is private"),
        ("is_archived", "it is archived: bring it back"),
        ("msg_too_long", "it is too long"),
        ("invalid_blocks", "its form is wrong"),
        (
            "token_revoked",
            "set another one (DEPLOYBOT_SLACK_BOT_TOKEN",
        ),
    ];
    for (code, advice) in refused {
        stage.sandbox.slack().control().add_fault(Fault {
            route: POST.to_owned(),
            skip: 0,
            times: 1,
            kind: FaultKind::Refusal(code.to_owned()),
        });
        stage.channel.say("@deploybot help").await;
        let line = format!("{code} (chat.postMessage); {advice}");
        let is_logged = async || stage.bots.iter().any(|bot| bot.log().contains(&line));
        stage.until(&line, is_logged).await;
    }
    stage.end().await;
}
