//! A person in the channel: types, presses, reads.

use std::time::Duration;

use sandbox::{OWNER, Running};
use serde_json::{Value, json};
use simulators::slack::{NewChannel, UserId};
use tokio::time::Instant;

use crate::http::Http;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the bot says in the end in place of that it keeps asking.
pub(crate) const TAKEN: &str = "✔ The deploy service has taken the request.";

/// The channel as one person sees it.
#[derive(Clone)]
pub(crate) struct Channel {
    pub(crate) http: Http,
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) bot: String,
}

impl Channel {
    /// Joins the first channel of the workspace as its first person.
    pub(crate) async fn join(slack_url: &str) -> Self {
        let http = Http::new(slack_url);
        let workspace = http.get("client/workspace").await;
        let user = |bot: bool| {
            let users = workspace["users"].as_array().unwrap();
            let found = users.iter().find(|user| user["is_bot"] == bot).unwrap();
            found["id"].as_str().unwrap().to_owned()
        };
        Self {
            id: workspace["channels"][0]["id"].as_str().unwrap().to_owned(),
            person: user(false),
            bot: user(true),
            http,
        }
    }

    /// A new channel for the same person and the bot, which no limit of Slack's
    /// slows down yet.
    pub(crate) fn beside(&self, sandbox: &Running, name: &str) -> Self {
        self.another(sandbox, name, false)
    }

    /// The same, for those alone who were invited.
    pub(crate) fn in_private(&self, sandbox: &Running, name: &str) -> Self {
        self.another(sandbox, name, true)
    }

    /// The same, where people write to each other directly.
    pub(crate) fn in_group(&self, sandbox: &Running, name: &str) -> Self {
        let people = [UserId::new(&self.person)];
        Self {
            id: sandbox.slack().add_group(name, people).to_string(),
            ..self.clone()
        }
    }

    /// What the same person and the bot say to each other alone.
    pub(crate) async fn directly(&self) -> Self {
        // Opening the bot's home opens it.
        let who = json!({"user": self.person});
        self.http.send("POST", "client/home", &who).await;
        Self {
            id: self.person.replacen('U', "D", 1),
            ..self.clone()
        }
    }

    fn another(&self, sandbox: &Running, name: &str, private: bool) -> Self {
        let new = NewChannel {
            name: name.to_owned(),
            topic: String::new(),
            private,
            members: vec![UserId::new(&self.person)],
            with_app: true,
        };
        Self {
            id: sandbox.slack().add_channel(new).to_string(),
            ..self.clone()
        }
    }

    /// Says something and answers its ts.
    pub(crate) async fn say(&self, text: &str) -> String {
        self.post(&json!({"user": self.person, "channel": self.id, "text": text}))
            .await
    }

    /// Says something in Slack's own markup, as another client might send it.
    pub(crate) async fn say_raw(&self, text: &str) -> String {
        self.post(&json!({"user": self.person, "channel": self.id, "text": text, "raw": true}))
            .await
    }

    async fn post(&self, body: &Value) -> String {
        let answer = self.http.send("POST", "client/messages", body).await;
        answer["ts"]
            .as_str()
            .unwrap_or_else(|| panic!("not posted: {answer}"))
            .to_owned()
    }

    /// All messages, oldest first.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let path = format!("client/messages?channel={}&limit=1000", self.id);
        self.http.get(&path).await["messages"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// What the bot has said since `ts`, as text with its blocks.
    pub(crate) async fn bot_since(&self, ts: &str) -> Vec<(Value, String)> {
        let messages = self.messages().await;
        let later = |message: &&Value| message["ts"].as_str().unwrap() > ts;
        let of_bot = |message: &&Value| message["bot_id"].is_string();
        messages
            .iter()
            .filter(later)
            .filter(of_bot)
            .map(|message| (message.clone(), read_aloud(message)))
            .collect()
    }

    /// The same but for words beside the matter: when asking for a deployment takes
    /// long, as on a busy machine, one message tells that, and then that it is
    /// over. More of these than there were requests are a fault.
    pub(crate) async fn answers_since(&self, ts: &str, requests: usize) -> Vec<(Value, String)> {
        let said = self.bot_since(ts).await.into_iter();
        let (takes_long, answers): (Vec<_>, Vec<_>) =
            said.partition(|(message, _)| tells_that_asking_takes_long(message));
        assert!(takes_long.len() <= requests, "{takes_long:#?}");
        answers
    }

    /// Waits until one of the bot's messages since `ts` contains the text, and
    /// answers that message; fails with all it said when none comes.
    pub(crate) async fn hears(&self, ts: &str, text: &str) -> (Value, String) {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = self.bot_since(ts).await;
            if let Some(found) = said.iter().find(|(_, words)| words.contains(text)) {
                return found.clone();
            }
            let words: Vec<&String> = said.iter().map(|(_, words)| words).collect();
            assert!(
                Instant::now() < end,
                "never heard {text:?}, but: {words:#?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until there is an answer.
    pub(crate) async fn until<T>(&self, what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
        self.until_within(PATIENCE, what, ask).await
    }

    /// The same, for so long.
    pub(crate) async fn until_within<T>(
        &self,
        patience: Duration,
        what: &str,
        mut ask: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        let end = Instant::now() + patience;
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(
                Instant::now() < end,
                "timed out: {what}; messages: {:#?}",
                self.messages().await
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks and waits for an answer that contains the text.
    pub(crate) async fn asks(&self, question: &str, text: &str) -> (Value, String) {
        let ts = self.say(question).await;
        self.hears(&ts, text).await
    }
}

/// What pressing takes.
impl Channel {
    /// The press of the button of a message whose label begins so.
    pub(crate) fn button(&self, message: &Value, label: &str) -> Value {
        for block in message["blocks"].as_array().unwrap() {
            let beside = block.get("accessory");
            let elements = block["elements"].as_array().into_iter().flatten();
            for element in elements.chain(beside) {
                let said = element["text"]["text"].as_str().unwrap_or_default();
                if said.starts_with(label) {
                    return json!({
                        "user": self.person, "channel": self.id, "message_ts": message["ts"],
                        "block_id": block["block_id"], "action_id": element["action_id"],
                        "value": element["value"],
                    });
                }
            }
        }
        panic!("no button {label} in {message}");
    }
}

/// What a developer does in the repositories beside the channel.
impl Channel {
    /// A commit on main whose checks passed and that is not live there, whole.
    pub(crate) async fn deployable(&self, repository: &str, environment: &str) -> String {
        let live = self.live(repository, environment).await;
        let commits = self
            .github(&format!("{repository}/commits?per_page=10"))
            .await;
        for commit in commits.as_array().unwrap() {
            let sha = commit["sha"].as_str().unwrap();
            if Some(sha) != live.as_deref() && self.conclusion(repository, sha).await == Some(true)
            {
                return sha.to_owned();
            }
        }
        panic!("nothing can be deployed to {environment} of {repository}");
    }

    /// Merges a commit into main and answers its SHA.
    pub(crate) async fn commit(&self, repository: &str, message: &str) -> String {
        let body = json!({"message": message, "content": "aGVsbG8="});
        let path = format!(
            "../github/api/v3/repos/{OWNER}/{repository}/contents/notes-{}.txt",
            message.len()
        );
        let answer = self.http.send("PUT", &path, &body).await;
        answer["commit"]["sha"].as_str().unwrap().to_owned()
    }

    /// The newest commit of a branch whose checks passed, whole.
    pub(crate) async fn green(&self, repository: &str, branch: &str) -> String {
        let newest = self.all_green(repository, branch).await.into_iter().next();
        newest.unwrap_or_else(|| panic!("no commit of {branch} is green"))
    }

    /// The newest commits of a branch whose checks passed, newest first.
    pub(crate) async fn all_green(&self, repository: &str, branch: &str) -> Vec<String> {
        let commits = self
            .github(&format!("{repository}/commits?per_page=20&sha={branch}"))
            .await;
        let mut green = Vec::new();
        for commit in commits.as_array().unwrap() {
            let sha = commit["sha"].as_str().unwrap();
            if self.conclusion(repository, sha).await == Some(true) {
                green.push(sha.to_owned());
            }
        }
        green
    }

    /// Waits until the checks of a commit have passed.
    pub(crate) async fn checks_pass(&self, repository: &str, sha: &str) {
        self.until("the checks pass", async || {
            self.conclusion(repository, sha)
                .await
                .filter(|passed| *passed)
        })
        .await;
    }

    /// Whether all checks passed; none while one runs or there is none.
    async fn conclusion(&self, repository: &str, sha: &str) -> Option<bool> {
        let answer = self
            .github(&format!(
                "{repository}/commits/{sha}/check-runs?per_page=100"
            ))
            .await;
        let runs = answer["check_runs"].as_array().unwrap();
        let ended = !runs.is_empty() && runs.iter().all(|run| run["status"] == "completed");
        ended.then(|| runs.iter().all(|run| run["conclusion"] == "success"))
    }

    /// What is live in an environment, if anything is.
    pub(crate) async fn live(&self, repository: &str, environment: &str) -> Option<String> {
        let path = format!("{repository}/deployments?environment={environment}");
        for deployment in self.github(&path).await.as_array().unwrap() {
            let statuses = self
                .github(&format!(
                    "{repository}/deployments/{}/statuses",
                    deployment["id"]
                ))
                .await;
            if statuses
                .as_array()
                .unwrap()
                .iter()
                .any(|status| status["state"] == "success")
            {
                return Some(deployment["sha"].as_str().unwrap().to_owned());
            }
        }
        None
    }

    /// What GitHub answers for a path below the owner's repositories.
    pub(crate) async fn github(&self, path: &str) -> Value {
        self.http
            .get(&format!("../github/api/v3/repos/{OWNER}/{path}"))
            .await
    }
}

/// Whether a message says this and nothing else, whatever it is that is in the way.
fn tells_that_asking_takes_long(message: &Value) -> bool {
    let words = shown(message);
    let keeps_asking = " I keep asking; there is no need to ask again.";
    words == TAKEN || (words.starts_with("⏳ ") && words.ends_with(keeps_asking))
}

/// Everything a message says: its notification, then what it shows.
pub(crate) fn read_aloud(message: &Value) -> String {
    let notification = message["text"].as_str().unwrap_or_default();
    format!("{notification}\n{}", shown(message))
}

/// Everything a message shows, top to bottom.
pub(crate) fn shown(message: &Value) -> String {
    let mut lines = Vec::new();
    for block in message["blocks"].as_array().into_iter().flatten() {
        gather(block, &mut lines);
    }
    lines.join("\n")
}

fn gather(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get("text") {
                lines.push(text.clone());
            }
            fields
                .iter()
                .filter(|(key, _)| *key != "confirm")
                .for_each(|(_, inner)| gather(inner, lines));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, lines)),
        _ => {}
    }
}
