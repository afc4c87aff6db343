//! The mention of those whose commits are live.

use std::time::Duration;

use deploy_proto::v1::{self, RequestState};
use serde_json::json;
use simulators::{control::FaultKind, slack::NewUser};
use tonic::Status;

use super::{mentions, thread};
use crate::{
    answers::{self, NEW},
    stage::{Stage, eventually, text},
};

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
        account: 0,
    }
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
        // Perhaps another of that name, and once more.
        author("", "1+dana@users.noreply.github.com", "Dana"),
        author("", "2+dana@users.noreply.github.com", "Dana"),
        // Told already, by another address of that account.
        author("eun-dev", "1+eun@users.noreply.github.com", "E."),
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
    // Who is muted, and who is not known to Slack, is named.
    let named = "Finn &lt;!channel&gt;, joon-dev, minji, Dana, dependabot[bot]";
    assert!(told.contains(named), "{told}");
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
    // Slack is asked too often: who is known by their address alone is only named.
    stage.fault(LOOK_UP, 1, FaultKind::RateLimit { seconds: 1 });
    live(&stage, &id, &authors);
    let said = stage.heard(2, "with commits by").await;
    assert!(text(&said[1]).contains(&format!("<@{}>", stage.joon)));
    assert!(text(&said[1]).contains(", Eun"), "{}", said[1]);
    assert_eq!(stage.deploy.state().people.refuse.len(), 0);
    // It takes too long.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    stage.fault(LOOK_UP, 1, FaultKind::Latency { ms: 4_000 });
    let id = deploying(&stage).await;
    live(&stage, &id, &authors);
    let said = stage.heard(4, "with commits by").await;
    assert!(text(&said[3]).contains(", Eun"), "{}", said[3]);
    // The mention can't be posted at once.
    let id = deploying(&stage).await;
    stage.fault("POST /api/chat.postMessage", 1, FaultKind::Status(503));
    live(&stage, &id, &authors);
    let said = stage.heard(6, "with commits by").await;
    assert!(text(&said[5]).contains(&format!("<@{eun}>")));
    stage.finish().await;
}
