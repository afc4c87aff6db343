//! Who is who: links, mutes, and the mention of those whose commits are live.

mod authors;

use std::time::Duration;

use deploy_proto::v1::LinkState;
use serde_json::{Value, json};
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{
    bare::{Bare, direct, timing},
    refused::told_alone,
    request::Request,
    stage::{Stage, eventually, text},
};

const WHISPER: &str = "POST /api/chat.postEphemeral";

/// How often the bot was mentioned.
fn mentions(stage: &Stage) -> usize {
    let deliveries = stage.slack.deliveries();
    let mentions = deliveries
        .iter()
        .filter(|it| it.event_type == "app_mention");
    mentions.count()
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
    let asked = stage.say("@deploybot link minji").await;
    let said = stage.heard(1, "in a direct message").await;
    assert_eq!(thread(&said[0]), asked);
    assert!(!said[0].to_string().contains("WDJB"), "{}", said[0]);
    let told = told_alone(&stage, &stage.minji, 1).await;
    assert!(text(&told[0]).contains("WDJB-MJHT"), "{told:?}");
    stage.finish().await;
}

#[tokio::test]
async fn each_end_of_a_link_is_told_to_who_began_it() {
    let stage = Stage::set().await;
    let ends: [(LinkState, &str); 6] = [
        (LinkState::OtherLogin, "nothing is linked"),
        (LinkState::Denied, "you cancelled on GitHub"),
        (LinkState::Expired, "not valid any more"),
        (LinkState::Replaced, "no longer counts"),
        (LinkState::Withdrawn, "you have said `unlink` since"),
        (LinkState::Lost, "was lost"),
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
    stage.deploy.state().people.ends_at_once = Some(LinkState::NotSetUp);
    stage.say("@deploybot link minji").await;
    stage.heard(7, "DEPLOY_GITHUB_CLIENT_ID").await;
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
async fn that_a_link_takes_long_is_not_said_once_its_code_is_given() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::ZERO;
    // What is said after the first message waits for longer than anybody waits for it.
    stage.timing.channel_burst = 1;
    stage.timing.channel_interval = Duration::from_secs(5);
    stage.start_bot().await;
    let mut whispers = stage.listen().await;
    stage.say("@deploybot help").await;
    stage.heard(1, "Mention me with a command").await;
    let hold = CancellationToken::new();
    stage.deploy.state().people.hold = Some(hold.clone());
    let asked = stage.say("@deploybot link minji").await;
    eventually("it is asked for", || {
        !stage.deploy.state().people.starts.is_empty()
    })
    .await;
    hold.cancel();
    let (_, told) = whispers.whisper().await;
    assert!(text(&told).contains("WDJB-MJHT"), "{told}");
    let said = stage.heard(2, "to you alone").await;
    assert_eq!(thread(&said[1]), asked);
    stage.finish().await;
}

#[tokio::test]
async fn that_a_link_takes_long_is_not_left_standing_where_it_ended_at_once() {
    let mut stage = Stage::without_bot().await;
    stage.timing.journalled_within = Duration::from_millis(100);
    stage.start_bot().await;
    let hold = CancellationToken::new();
    stage.deploy.state().people.hold = Some(hold.clone());
    stage.deploy.state().people.ends_at_once = Some(LinkState::Withdrawn);
    stage.say("@deploybot link minji").await;
    stage.heard(1, "I keep asking").await;
    hold.cancel();
    stage.corrected(0, "has taken the request").await;
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
        ("mute people", "about whoever says it"),
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
async fn what_is_set_of_oneself_is_told_with_its_event_and_when_it_was_said() {
    let stage = Stage::set().await;
    let mut said_at = Vec::new();
    for (number, command) in ["mute", "unlink", "link minji"].into_iter().enumerate() {
        said_at.push(stage.say(&format!("@deploybot {command}")).await);
        eventually("it is asked for", || mentions(&stage) == number + 1).await;
        stage.all_is_acknowledged().await;
    }
    let told: Vec<_> = {
        let people = &stage.deploy.state().people;
        let (mute, unlink, link) = (&people.mutes[0], &people.removes[0], &people.starts[0]);
        vec![
            (mute.request_id.clone(), mute.asked_at),
            (unlink.request_id.clone(), unlink.asked_at),
            (link.link_id.clone(), link.asked_at),
        ]
    };
    for (number, (id, at)) in told.into_iter().enumerate() {
        assert_eq!(id, stage.request_id(number));
        let at = at.unwrap();
        let ts = format!("{}.{:06}", at.seconds, at.nanos / 1_000);
        assert_eq!(ts, said_at[number], "the same order whichever comes first");
    }
    // The link under way ends with it, which is said.
    stage.say("@deploybot unlink").await;
    stage.heard(3, "no longer counts").await;
    // Something newer holds.
    stage.deploy.state().people.has_newer = true;
    for (number, command) in ["mute", "unmute", "unlink"].into_iter().enumerate() {
        stage.say(&format!("@deploybot {command}")).await;
        stage.heard(4 + number, "asked for after this").await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_code_that_can_be_shown_nowhere_is_said_to_be_so() {
    let stage = Stage::set().await;
    let refused = || FaultKind::Refusal("user_not_in_channel".to_owned());
    stage.fault(WHISPER, 1, refused());
    stage.fault("POST /api/conversations.open", 1, refused());
    stage.say("@deploybot link minji").await;
    let said = stage.heard(1, "can't show you the code").await;
    assert!(!said[0].to_string().contains("WDJB"), "{}", said[0]);
    // They take no direct messages.
    let closed = FaultKind::Refusal("is_archived".to_owned());
    stage.fault(WHISPER, 1, refused());
    stage.fault("POST /api/chat.postMessage", 1, closed);
    stage.say("@deploybot link minji").await;
    stage.heard(2, "can't show you the code").await;
    stage.finish().await;
}

#[tokio::test]
async fn the_end_of_an_older_code_does_not_stand_below_the_newer_one_in_a_direct_message() {
    let bare = Bare::with_requests(timing()).await;
    let link = async |event: &str| {
        let asked = direct(event, "link minji");
        let answered = Request::event(&asked).send(&bare.events).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
    };
    link("Ev1").await;
    bare.posted(1, "WDJB-MJHT").await;
    link("Ev2").await;
    bare.posted(2, "WDJB-MJHT").await;
    bare.deploy.end_link("slack:T1:Ev1", |link| {
        link.set_state(LinkState::Replaced);
    });
    bare.deploy.end_link("slack:T1:Ev2", |link| {
        link.set_state(LinkState::Linked);
    });
    eventually("all is shown", || bare.deploy.all_is_shown()).await;
    let posted = bare.sent("chat.postMessage");
    let told = |part: &str| {
        let mut told = posted.iter().filter(|it| it.to_string().contains(part));
        let told = told
            .next()
            .unwrap_or_else(|| panic!("{part:?}: {posted:#?}"));
        told.get("thread_ts").cloned()
    };
    // It may have been asked for elsewhere, so that it has to be said.
    assert_eq!(told("no longer counts"), Some(json!("10.000001")));
    assert_eq!(told("is *minji* on GitHub"), None);
    assert_eq!(posted.len(), 4);
    bare.end().await;
}

#[tokio::test]
async fn a_link_that_comes_after_its_unlink_is_answered_in_a_direct_message() {
    let bare = Bare::with_requests(timing()).await;
    // `unlink` was written after it, and was journalled first.
    for (number, (event, text, part)) in [
        ("Ev2", "unlink", "have not linked"),
        ("Ev1", "link minji", "you have said `unlink` since"),
    ]
    .into_iter()
    .enumerate()
    {
        let asked = direct(event, text);
        bare.deploy.state().people.ends_at_once = Some(LinkState::Withdrawn);
        let answered = Request::event(&asked).send(&bare.events).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        let posted = bare.posted(number + 1, part).await;
        assert_eq!(posted[number].get("thread_ts"), None, "{posted:#?}");
    }
    // The feed tells of it too, and it is said once.
    bare.deploy.end_link("slack:T1:Ev1", |_| ());
    eventually("all is shown", || bare.deploy.all_is_shown()).await;
    assert_eq!(bare.calls("chat.postMessage"), 2);
    bare.end().await;
}
