//! The ways between Slack and deploybot, with both services as processes: the same
//! conversation over a socket and over HTTP, connections that end while people talk,
//! and a Slack that takes nothing for a while.

use std::{net::SocketAddr, time::Duration};

use sandbox::{Running, SLACK_BOT_TOKEN};
use serde_json::{Value, json};
use simulators::{
    control::{Fault, FaultKind},
    slack::{Config, RequestUrls},
};

use crate::{
    channel::Channel,
    journals::{Journal, on_both},
    program::{ANYWHERE, Program},
    quick,
    slack_replicas::{environments, shown},
    start,
    world::bound,
};

/// How long what waits for its next try may last.
const PATIENCE: Duration = Duration::from_secs(90);
const POST: &str = "POST /api/chat.postMessage";
const EDIT: &str = "POST /api/chat.update";
/// How many people ask while connections end, and after how many of them they do.
const ASKING: usize = 20;
const BEFORE: usize = 5;

on_both![
    the_same_conversation_goes_over_either_way,
    each_end_of_a_connection_loses_nothing,
    what_slack_does_not_take_for_a_while_is_said_later,
];

#[derive(Clone, Copy)]
enum Way {
    Socket,
    Http,
}

/// Both simulators, a `deploy` and a bot.
struct Stage {
    sandbox: Running,
    channel: Channel,
    deploy: Program,
    bot: Program,
}

impl Stage {
    async fn set(journal: &Journal, way: Way) -> Self {
        let options = sandbox::Options {
            services: false,
            ..quick()
        };
        let (sandbox, channel) = start(options).await;
        let off = json!({"enabled": false});
        channel.http.send("PUT", "control/rate_limits", &off).await;
        let deploy = Program::deploy(&sandbox, &journal.url(), ANYWHERE).await;
        let bot = match way {
            Way::Socket => Program::deploybot(&sandbox, deploy.grpc()).await,
            Way::Http => by_http(&sandbox, deploy.grpc()).await,
        };
        Self {
            sandbox,
            channel,
            deploy,
            bot,
        }
    }

    async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let ask = async || is_so().await.then_some(());
        self.channel.until_within(PATIENCE, what, ask).await;
    }

    async fn all_is_acknowledged(&self) {
        let is_so = async || {
            let deliveries = self.sandbox.slack().deliveries();
            deliveries.iter().all(|it| it.state == "acknowledged")
        };
        self.until("all is acknowledged", is_so).await;
    }

    async fn end(self) {
        self.bot.end().await;
        self.deploy.end().await;
        self.sandbox.shutdown().await;
    }
}

/// A bot that opens no connections: from now on Slack sends to it.
async fn by_http(sandbox: &Running, deploy: SocketAddr) -> Program {
    // It is free by now.
    let listen = bound().await.local_addr().unwrap();
    let settings = [
        ("DEPLOYBOT_LISTEN", listen.to_string()),
        ("DEPLOYBOT_ADMIN_LISTEN", ANYWHERE.to_string()),
        ("DEPLOYBOT_DEPLOY_URL", format!("http://{deploy}")),
        (
            "DEPLOYBOT_SLACK_API_URL",
            sandbox.slack_api_url().to_string(),
        ),
        ("DEPLOYBOT_SLACK_BOT_TOKEN", SLACK_BOT_TOKEN.to_owned()),
        (
            "DEPLOYBOT_SLACK_SIGNING_SECRET",
            Config::new("", "", "").signing_secret,
        ),
    ];
    let bot = Program::start("deploybot", &settings).await;
    let urls = RequestUrls {
        events: vec![format!("http://{listen}/slack/events")],
        interactivity: vec![format!("http://{listen}/slack/interactions")],
    };
    sandbox.slack().set_request_urls(Some(urls)).await.unwrap();
    bot
}

async fn the_same_conversation_goes_over_either_way(journal: Journal) {
    for way in [Way::Socket, Way::Http] {
        let journal = journal.another().await;
        let stage = Stage::set(&journal, way).await;
        let channel = &stage.channel;
        let (status, _) = channel.asks("@deploybot status people", "newest 5").await;
        deploys_by_the_dialog(channel, &status).await;
        rolls_back(channel).await;
        let direct = channel.directly().await;
        direct.asks("history people", "deployments").await;
        goes_home(channel).await;
        is_delivered_thrice(&stage).await;
        stage.all_is_acknowledged().await;
        stage.end().await;
    }
}

/// Presses [Deploy…], and submits what it opens as it stands.
async fn deploys_by_the_dialog(channel: &Channel, status: &Value) {
    let pressed = channel.button(status, "Deploy");
    let answer = channel.http.send("POST", "client/actions", &pressed).await;
    assert_eq!(answer, json!({"ok": true}));
    let path = format!("client/views?user={}", channel.person);
    let dialog = channel
        .until("the dialog shows what goes out", async || {
            let view = channel.http.get(&path).await["view"].clone();
            view.to_string().contains("Ready for").then_some(view)
        })
        .await;
    let path = format!("client/views/{}/submit", dialog["id"].as_str().unwrap());
    let body = json!({"user": channel.person, "values": {}});
    let answer = channel.http.send("POST", &path, &body).await;
    assert_eq!(answer, json!({"ok": true}));
    let ts = status["ts"].as_str().unwrap();
    channel.hears(ts, "is live in").await;
}

/// A deploy fails, and its button brings back what was live.
async fn rolls_back(channel: &Channel) {
    let sha = channel
        .commit("people", "Try the new rollout\n\nSimulate: fail rollout")
        .await;
    channel.checks_pass("people", &sha).await;
    let ask = format!("@deploybot deploy people staging {sha}");
    let asked = channel.say(&ask).await;
    let mention = format!("<@{}>", channel.person);
    let failed = channel
        .until("whoever asked is called", async || {
            let said = channel.bot_since(&asked).await;
            let failure = said
                .into_iter()
                .find(|(_, words)| words.contains(&mention) && words.contains("Roll back"));
            failure.map(|(message, _)| message)
        })
        .await;
    let pressed = channel.button(&failed, "Roll back");
    channel.http.send("POST", "client/actions", &pressed).await;
    channel.hears(&asked, "is back at").await;
}

async fn goes_home(channel: &Channel) {
    let who = json!({"user": channel.person});
    channel.http.send("POST", "client/home", &who).await;
    let path = format!("client/home?user={}", channel.person);
    channel
        .until("the home tab shows a repository", async || {
            let view = channel.http.get(&path).await["view"].to_string();
            view.contains("people").then_some(())
        })
        .await;
}

async fn is_delivered_thrice(stage: &Stage) {
    let channel = &stage.channel;
    let asked = channel.say("@deploybot help").await;
    let deliveries = stage.sandbox.slack().deliveries();
    let mention = deliveries
        .iter()
        .rev()
        .find(|it| it.event_type == "app_mention");
    let again = json!({"event_id": mention.unwrap().event_id, "times": 2});
    channel.http.send("POST", "control/redeliver", &again).await;
    channel.hears(&asked, "deploybot deploy").await;
    // What is asked now is answered after all that came before.
    channel.asks("@deploybot status web", "newest 5").await;
    let said = channel.bot_since(&asked).await;
    assert_eq!(said.len(), 2, "the help once, and the status: {said:#?}");
}

async fn each_end_of_a_connection_loses_nothing(journal: Journal) {
    for reason in ["warning", "refresh_requested", "drop"] {
        let journal = journal.another().await;
        let stage = Stage::set(&journal, Way::Socket).await;
        let end = json!({"reason": reason, "close_after_ms": 500});
        let mut asked = Vec::new();
        for number in 0..ASKING {
            if number == BEFORE {
                let http = &stage.channel.http;
                let told = http.send("POST", "control/disconnect", &end).await;
                assert_eq!(told["connections"], 2, "{reason}");
            }
            let name = format!("asking-{number}");
            let place = stage.channel.beside(&stage.sandbox, &name);
            let ts = place.say("@deploybot status people").await;
            asked.push((place, ts));
        }
        for (place, ts) in &asked {
            let is_answered = async || !place.bot_since(ts).await.is_empty();
            stage.until(reason, is_answered).await;
        }
        stage.all_is_acknowledged().await;
        let is_whole = async || stage.sandbox.slack().connections() == 2;
        stage.until("it has its connections", is_whole).await;
        for (place, ts) in &asked {
            // What is asked now is answered after all that came before.
            place.asks("@deploybot history people", "deployments").await;
            assert_eq!(place.bot_since(ts).await.len(), 2, "{reason}");
        }
        stage.end().await;
    }
}

async fn what_slack_does_not_take_for_a_while_is_said_later(journal: Journal) {
    let stage = Stage::set(&journal, Way::Socket).await;
    let channel = &stage.channel;
    let all = environments(channel, 6).await;
    let control = stage.sandbox.slack().control();
    for route in [POST, EDIT] {
        control.add_fault(Fault {
            route: route.to_owned(),
            skip: 0,
            times: u32::MAX,
            kind: FaultKind::Status(503),
        });
    }
    let asked = channel.say("@deploybot status people").await;
    let mut wanted = Vec::new();
    for (repository, environment) in &all {
        let sha = channel.green(repository, "main").await;
        let ask = format!("@deploybot deploy {repository} {environment} {sha}");
        channel.say(&ask).await;
        wanted.push((repository, environment, sha));
    }
    // Nobody in Slack hears of it, and it goes out.
    for (repository, environment, sha) in wanted {
        let is_live = async || channel.live(repository, environment).await.as_ref() == Some(&sha);
        stage.until("it is live", is_live).await;
    }
    assert_eq!(channel.bot_since(&asked).await.len(), 0);
    control.clear_faults();
    let places = [channel.clone()];
    let all_are_told = async || {
        let shown = shown(&places).await;
        let is_live = |said: &Vec<String>| said.iter().all(|words| words.contains("is live in"));
        shown.len() == all.len() && shown.values().all(is_live)
    };
    stage.until("all are told", all_are_told).await;
    channel.hears(&asked, "newest 5").await;
    let said = channel.bot_since(&asked).await;
    assert_eq!(said.len(), all.len() + 1, "each once: {said:#?}");
    stage.end().await;
}
