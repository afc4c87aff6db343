//! Who is who: links, mutes, and the mention of those whose commits are live.

use std::time::Duration;

use deploy_proto::v1::{self, LinkState, RequestState};
use serde_json::{Value, json};
use simulators::{control::FaultKind, slack::NewUser};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    answers::{self, NEW},
    stage::{Stage, eventually, text},
};

const WHISPER: &str = "POST /api/chat.postEphemeral";
const LOOK_UP: &str = "GET /api/users.lookupByEmail";

fn add_user(stage: &Stage, name: &str, email: Option<&str>) -> String {
    let id = stage.slack.add_user(NewUser {
        name: name.to_owned(),
        real_name: name.to_owned(),
        email: email.map(str::to_owned),
        tz: "UTC".to_owned(),
        locale: "en-US".to_owned(),
    });
    id.as_str().to_owned()
}

fn author(login: &str, email: &str, name: &str) -> v1::Author {
    v1::Author {
        login: login.to_owned(),
        email: email.to_owned(),
        name: name.to_owned(),
    }
}

/// How often the bot was mentioned.
fn mentions(stage: &Stage) -> usize {
    let deliveries = stage.slack.deliveries();
    let mentions = deliveries
        .iter()
        .filter(|it| it.event_type == "app_mention");
    mentions.count()
}

/// Minji asks for a deploy; it is shown, and its id is told.
async fn deploying(stage: &Stage) -> String {
    let number = mentions(stage);
    stage
        .say("@deploybot deploy people production a1b2c3d")
        .await;
    eventually("it is asked for", || mentions(stage) > number).await;
    let id = stage.request_id(number);
    eventually("it is journalled", || {
        stage.deploy.state().requests.contains_key(&id)
    })
    .await;
    eventually("it is shown", || stage.deploy.all_is_shown()).await;
    id
}

/// What it has brought out is live.
fn live(stage: &Stage, id: &str, authors: &[v1::Author]) {
    stage.deploy.tell(id, |request| {
        request.set_state(RequestState::Succeeded);
        request.commit = Some(answers::commit(NEW, "Add Minji to the team page"));
        request.changes = Some(v1::Changes {
            ahead: 1,
            authors: authors.to_vec(),
            ..v1::Changes::default()
        });
    });
}

fn thread(message: &Value) -> &str {
    message["thread_ts"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_code_is_shown_to_one_person_alone_and_its_end_told_in_the_thread() {
    let stage = Stage::set().await;
    let mut whispers = stage.listen().await;
    let hold = CancellationToken::new();
    stage.deploy.state().people.hold = Some(hold.clone());
    let asked = stage.say("@deploybot link minji").await;
    eventually("it was asked for", || {
        !stage.deploy.state().people.starts.is_empty()
    })
    .await;
    assert_eq!(stage.mention(0).state, "sent", "it is not journalled yet");
    hold.cancel();
    let (user, told) = whispers.whisper().await;
    assert_eq!(user, stage.minji);
    assert!(text(&told).contains("WDJB-MJHT"), "{told}");
    stage.all_is_acknowledged().await;
    let id = stage.request_id(0);
    let start = stage.deploy.state().people.starts[0].clone();
    assert_eq!(
        (start.link_id.as_str(), start.login.as_str()),
        (id.as_str(), "minji")
    );
    assert_eq!(start.person.unwrap().slack, stage.minji);
    assert_eq!(stage.said().await.len(), 0, "nobody else sees anything");

    stage
        .deploy
        .end_link(&id, |link| link.set_state(LinkState::Linked));
    let said = stage.heard(1, "on GitHub").await;
    assert_eq!(thread(&said[0]), asked);
    assert!(text(&said[0]).contains(&format!("<@{}>", stage.minji)));
    assert_eq!(said[0]["metadata"]["event_type"], "deploybot_link");
    // Told again, as after a crash, it is said once.
    stage.deploy.end_link(&id, |_| ());
    eventually("it is shown", || stage.deploy.all_is_shown()).await;
    stage.heard(1, "on GitHub").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_code_that_cannot_be_shown_in_the_channel_is_sent_directly() {
    let stage = Stage::set().await;
    stage.fault(
        WHISPER,
        1,
        FaultKind::Refusal("user_not_in_channel".to_owned()),
    );
    stage.say("@deploybot link minji").await;
    eventually("it is sent directly", || {
        stage.calls("POST /api/chat.postMessage") == 1
    })
    .await;
    stage.all_is_acknowledged().await;
    assert_eq!(stage.calls("POST /api/conversations.open"), 1);
    assert_eq!(stage.said().await.len(), 0, "the channel sees nothing");
    stage.finish().await;
}

#[tokio::test]
async fn each_end_of_a_link_is_told_to_who_began_it() {
    let stage = Stage::set().await;
    let ends: [(LinkState, &str); 4] = [
        (LinkState::OtherLogin, "nothing is linked"),
        (LinkState::Denied, "cancelled on GitHub"),
        (LinkState::Expired, "not valid any more"),
        (LinkState::Replaced, "no longer counts"),
    ];
    for (number, (state, part)) in ends.into_iter().enumerate() {
        stage.say("@deploybot link minji").await;
        eventually("it is begun", || {
            stage.deploy.state().people.starts.len() == number + 1
        })
        .await;
        stage.all_is_acknowledged().await;
        stage.deploy.end_link(&stage.request_id(number), |link| {
            link.set_state(state);
            link.proved_login = "joon".to_owned();
        });
        stage.heard(number + 1, part).await;
    }
    stage.deploy.state().people.is_not_set_up = true;
    stage.say("@deploybot link minji").await;
    stage.heard(5, "DEPLOY_GITHUB_CLIENT_ID").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_link_is_asked_for_until_it_is_journalled() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(100);
    stage.start_bot().await;
    let mut whispers = stage.listen().await;
    let hold = CancellationToken::new();
    stage.deploy.state().people.hold = Some(hold.clone());
    stage.say("@deploybot link minji").await;
    stage.heard(1, "I keep asking").await;
    hold.cancel();
    let (_, told) = whispers.whisper().await;
    assert!(text(&told).contains("WDJB-MJHT"), "{told}");
    // The message that it takes long says what became of it, and not the code.
    stage.corrected(0, "to you alone").await;
    assert!(!stage.said().await[0].to_string().contains("WDJB"));

    // What can't be asked for is told, and what was wrong with it.
    let refused = Status::invalid_argument("The login is none.");
    stage.deploy.state().people.refuse = vec![refused];
    stage.say("@deploybot link minji").await;
    stage.heard(2, "").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_link_that_is_never_journalled_is_given_up_and_said_so() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(50);
    stage.timing.journalled_at_last = Duration::from_millis(300);
    stage.start_bot().await;
    stage.deploy.state().people.refuse =
        vec![Status::unavailable("GitHub does not answer."); 1_000];
    stage.say("@deploybot link minji").await;
    stage.corrected(0, "stopped now").await;
    stage.deploy.state().people.refuse.clear();
    stage.finish().await;
}

#[tokio::test]
async fn what_is_set_of_oneself_is_told_in_the_thread() {
    let stage = Stage::set().await;
    stage
        .deploy
        .state()
        .people
        .knows(&stage.minji, "minji", false);
    for (number, (command, part)) in [
        ("unlink", "no longer know you"),
        ("unlink", "nothing to forget"),
        ("mute", "will not mention you"),
        ("unmute", "I will mention you"),
        ("mute people", "I do not know"),
        ("link a--b", "can't be a GitHub account"),
        ("link", "needs a GitHub login"),
    ]
    .into_iter()
    .enumerate()
    {
        let asked = stage.say(&format!("@deploybot {command}")).await;
        let said = stage.heard(number + 1, part).await;
        assert_eq!(thread(said.last().unwrap()), asked, "{command}");
    }
    let known = stage.deploy.state().people.known[&stage.minji].clone();
    assert_eq!((known.login.as_str(), known.muted), ("", false));
    stage.finish().await;
}

#[tokio::test]
async fn the_authors_of_what_is_live_are_mentioned_once_where_they_are_known() {
    let mut stage = Stage::without_bot().await;
    let [by_table, linked, by_email, muted, stranger] = [
        ("bora", None),
        ("dana", None),
        ("eun", Some("eun@acme.example")),
        ("finn", Some("finn@acme.example")),
        ("gil", Some("gil@acme.example")),
    ]
    .map(|(name, email)| add_user(&stage, name, email));
    let table = json!({"Bora-Dev": by_table});
    stage.people = serde_json::from_value(table).unwrap();
    {
        let people = &mut stage.deploy.state().people;
        people.knows(&linked, "dana-dev", false);
        people.knows(&muted, "", true);
        people.knows(&stranger, "gil-dev", true);
    }
    stage.start_bot().await;
    let id = deploying(&stage).await;
    let authors = [
        author("bora-dev", "", "Bora"),
        author("DANA-dev", "dana@home.example", "Dana"),
        author("eun-dev", "Eun@acme.example", "Eun"),
        author("finn-dev", "finn@acme.example", "Finn <!channel>"),
        // The same again, by another commit.
        author("", "eun@acme.example", "Eun"),
        // Nobody of that address; their name is that of somebody else.
        author("joon-dev", "joon@elsewhere.example", "joon"),
        author("", "1+minji@users.noreply.github.com", "minji"),
        author("dependabot[bot]", "", ""),
    ];
    live(&stage, &id, &authors);
    let said = stage.heard(2, "with commits by").await;
    let told = text(&said[1]);
    let mentions: Vec<_> = told.match_indices("<@").collect();
    assert_eq!(mentions.len(), 3, "{told}");
    for user in [&by_table, &linked, &by_email] {
        assert!(told.contains(&format!("<@{user}>")), "{told}");
    }
    assert!(told.contains("Finn &lt;!channel&gt;"), "{told}");
    assert_eq!(
        thread(&said[1]),
        said[0]["ts"],
        "below the message that shows it"
    );
    assert_eq!(said[1]["metadata"]["event_type"], "deploybot_authors");
    // Only those are looked up of whom nothing else is known, each address once.
    eventually("it is shown", || stage.deploy.all_is_shown()).await;
    assert_eq!(stage.calls(LOOK_UP), 3);

    // Told once more, by this process and by the next, it is said once.
    stage.deploy.tell(&id, |_| ());
    eventually("it is shown", || stage.deploy.all_is_shown()).await;
    stage.kill_bot().await;
    stage.deploy.tell(&id, |_| ());
    stage.start_bot().await;
    eventually("it is shown", || stage.deploy.all_is_shown()).await;
    stage.heard(2, "with commits by").await;
    stage.finish().await;
}

#[tokio::test]
async fn nobody_is_mentioned_where_nothing_went_out_or_nobody_is_known() {
    let stage = Stage::set().await;
    stage.deploy.state().people.knows(&stage.joon, "joon", true);
    stage
        .deploy
        .state()
        .people
        .knows(&stage.minji, "minji", false);
    let minji = [author("minji", "", "Minji")];
    // Muted, or not known.
    let id = deploying(&stage).await;
    let others = [author("joon", "", "Joon"), author("nobody", "", "Nobody")];
    live(&stage, &id, &others);
    stage.heard(1, "live").await;
    // Brought back.
    let id = deploying(&stage).await;
    stage.deploy.state().requests.get_mut(&id).unwrap().kind = v1::DeploymentKind::Rollback.into();
    live(&stage, &id, &minji);
    stage.heard(2, "is back at").await;
    // Failed: that is told, and to its requester.
    let id = deploying(&stage).await;
    stage.deploy.tell(&id, |request| {
        request.set_state(RequestState::Failed);
        request.changes = Some(v1::Changes {
            ahead: 1,
            authors: minji.to_vec(),
            ..v1::Changes::default()
        });
    });
    let said = stage.heard(4, "").await;
    assert!(said.iter().all(|it| !text(it).contains("with commits")));
    stage.finish().await;
}

#[tokio::test]
async fn authors_are_told_whatever_slack_and_deploy_do_meanwhile() {
    let stage = Stage::set().await;
    let eun = add_user(&stage, "eun", Some("eun@acme.example"));
    stage
        .deploy
        .state()
        .people
        .knows(&stage.joon, "joon", false);
    let authors = [
        author("joon", "", "Joon"),
        author("", "eun@acme.example", "Eun"),
    ];
    // The deploy service is away for a moment: nobody who is muted is mentioned for
    // want of knowing.
    let id = deploying(&stage).await;
    stage.deploy.state().people.refuse = vec![Status::unavailable("It restarts."); 2];
    // Slack is asked too often: who is known by their address alone is left out.
    stage.fault(LOOK_UP, 1, FaultKind::RateLimit { seconds: 1 });
    live(&stage, &id, &authors);
    let said = stage.heard(2, "with commits by").await;
    assert!(text(&said[1]).contains(&format!("<@{}>", stage.joon)));
    assert!(!text(&said[1]).contains(&eun));
    assert_eq!(stage.deploy.state().people.refuse.len(), 0);
    // It takes too long.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    stage.fault(LOOK_UP, 1, FaultKind::Latency { ms: 4_000 });
    let id = deploying(&stage).await;
    live(&stage, &id, &authors);
    let said = stage.heard(4, "with commits by").await;
    assert!(!text(&said[3]).contains(&eun));
    // The mention can't be posted at once.
    let id = deploying(&stage).await;
    stage.fault("POST /api/chat.postMessage", 1, FaultKind::Status(503));
    live(&stage, &id, &authors);
    let said = stage.heard(6, "with commits by").await;
    assert!(text(&said[5]).contains(&format!("<@{eun}>")));
    stage.finish().await;
}
