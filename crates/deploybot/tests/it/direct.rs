//! What is heard: direct messages as mentions are; bots, edits and quotes are not.

mod strangers;

use serde_json::{Value, json};

use crate::{
    answers,
    bare::{Bare, direct, event, mention, press, timing},
    request::Request,
};

const DEPLOY: &str = "deploy people production a1b2c3d";

async fn tell(bare: &Bare, payload: &Value) {
    let answered = Request::event(payload).send(&bare.events).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
}

/// Nothing was said and nothing asked.
async fn nothing_more(bare: Bare, said: usize) {
    assert_eq!(bare.calls("chat.postMessage"), said);
    assert_eq!(bare.calls("chat.postEphemeral"), 0);
    assert_eq!(bare.calls("views.open"), 0);
    assert!(bare.deploy.state().starts.is_empty());
    bare.end().await;
}

#[tokio::test]
async fn every_command_works_in_a_direct_message_without_a_mention() {
    let bare = Bare::with_requests(timing()).await;
    {
        let mut deploy = bare.deploy.state();
        deploy.status = Some(Ok(answers::status()));
        deploy.history = Some(Ok(answers::history()));
    }
    for (number, (text, part)) in [
        ("help", "deploy"),
        ("status people", "Add Minji to the team page"),
        ("history people", "production"),
        ("stauts people", "Did you mean"),
        ("<@U0BOT> status people", "Add Minji to the team page"),
        ("`@deploybot status people`", "Add Minji to the team page"),
        (DEPLOY, "accepted"),
    ]
    .into_iter()
    .enumerate()
    {
        tell(&bare, &direct(&format!("Ev{number}"), text)).await;
        let posted = bare.posted(number + 1, part).await;
        let last = posted.last().unwrap();
        // There is nobody to disturb, so that no thread is needed.
        assert_eq!(last["channel"], "D1", "{text}");
        assert!(last.get("thread_ts").is_none(), "{text}: {last}");
        assert!(!last.to_string().contains("`@deploybot"), "{text}: {last}");
    }
    let reply = bare.deploy.state().starts[0].reply.clone().unwrap();
    assert_eq!(
        (reply.channel.as_str(), reply.thread_ts.as_str()),
        ("D1", "")
    );
    bare.end().await;
}

#[tokio::test]
async fn a_thread_of_a_direct_message_is_answered_there() {
    let bare = Bare::with_requests(timing()).await;
    let mut asked = direct("Ev1", "help");
    asked["event"]["thread_ts"] = json!("9.000001");
    tell(&bare, &asked).await;
    let posted = bare.posted(1, "deploy").await;
    assert_eq!(posted[0]["thread_ts"], "9.000001");
    asked = direct("Ev2", DEPLOY);
    asked["event"]["thread_ts"] = json!("9.000001");
    tell(&bare, &asked).await;
    let posted = bare.posted(2, "accepted").await;
    assert_eq!(posted[1]["thread_ts"], "9.000001");
    bare.end().await;
}

#[tokio::test]
async fn buttons_of_direct_messages_work() {
    let bare = Bare::with_requests(timing()).await;
    bare.deploy.state().environments = Some(Ok(answers::environments_of_people()));
    bare.deploy.state().preview = Some(Ok(answers::preview("production")));
    let about = "repository=people&commit=a1b2c3d";
    let start = format!("{about}&environment=production&kind=deploy");
    for pressed in [
        press("t1", "D1", "deploy", about),
        press("t2", "D1", "retry", &start),
    ] {
        let answered = Request::interaction(&pressed).send(&bare.events).await;
        assert_eq!(answered.status, 200);
    }
    assert_eq!(bare.calls("views.open"), 1);
    let posted = bare.posted(1, "accepted").await;
    assert_eq!(posted[0]["channel"], "D1");
    bare.end().await;
}

#[tokio::test]
async fn what_no_person_newly_wrote_is_not_heard() {
    let bare = Bare::with_requests(timing()).await;
    let changes: &[(&str, Value)] = &[
        ("user", json!("U0BOT")),
        ("user", json!("USLACKBOT")),
        ("bot_id", json!("B2")),
        ("subtype", json!("bot_message")),
        ("subtype", json!("message_changed")),
        ("subtype", json!("message_deleted")),
        ("subtype", json!("channel_join")),
        ("subtype", json!("of_tomorrow")),
        ("edited", json!({"user": "U1", "ts": "11.000001"})),
        ("user", json!(null)),
    ];
    let asked: [fn(&str, &str) -> Value; 2] = [direct, mention];
    for (way, asked) in asked.into_iter().enumerate() {
        for (number, (field, value)) in changes.iter().enumerate() {
            let mut payload = asked(&format!("Ev{way}{number}"), DEPLOY);
            payload["event"][field] = value.clone();
            tell(&bare, &payload).await;
        }
    }
    nothing_more(bare, 0).await;
}

#[tokio::test]
async fn files_and_threads_that_are_shown_in_the_channel_are_heard() {
    let bare = Bare::with_requests(timing()).await;
    let asked: [fn(&str, &str) -> Value; 2] = [direct, mention];
    let mut count = 0;
    for asked in asked {
        for subtype in ["file_share", "thread_broadcast"] {
            count += 1;
            let mut payload = asked(&format!("Ev{count}"), "help");
            payload["event"]["subtype"] = json!(subtype);
            tell(&bare, &payload).await;
            bare.posted(count, "deploy").await;
        }
    }
    bare.end().await;
}

#[tokio::test]
async fn a_mention_in_an_edit_that_slack_tells_of_anew_is_not_heard() {
    let bare = Bare::with_requests(timing()).await;
    let now = json!({"type": "message", "user": "U1", "text": format!("<@U0BOT> {DEPLOY}"),
        "ts": "10.000001", "edited": {"user": "U1", "ts": "11.000001"}});
    for (number, channel) in [("C1", "channel"), ("D1", "im")].into_iter().enumerate() {
        let changed = json!({
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": channel.0,
            "channel_type": channel.1, "ts": "11.000001", "message": now.clone(),
        });
        tell(&bare, &event(&format!("Ev{number}"), changed)).await;
    }
    nothing_more(bare, 0).await;
}

#[tokio::test]
async fn two_mentions_in_one_message_are_one_question() {
    let bare = Bare::with_requests(timing()).await;
    bare.deploy.state().status = Some(Ok(answers::status()));
    tell(&bare, &mention("Ev1", "<@U0BOT> status people <@U0BOT>")).await;
    bare.posted(1, "Add Minji to the team page").await;
    assert_eq!(bare.deploy.state().reads, 1);
    bare.end().await;
}

#[tokio::test]
async fn a_mention_in_code_asks_for_nothing_and_code_beside_one_is_what_is_asked() {
    let bare = Bare::with_requests(timing()).await;
    let said = |id: &str, text: String| {
        let mut payload = mention(id, "");
        payload["event"]["text"] = json!(text);
        payload
    };
    let quoted = said("Ev1", format!("write `<@U0BOT> {DEPLOY}` and it goes out"));
    tell(&bare, &quoted).await;
    let block = said("Ev2", format!("```\n<@U0BOT> {DEPLOY}\n```"));
    tell(&bare, &block).await;
    assert!(bare.sent("chat.postMessage").is_empty());
    // A quoted command beside a mention is not what is asked.
    let both = said(
        "Ev3",
        format!("is `<@U0BOT> {DEPLOY}` right? <@U0BOT> help"),
    );
    tell(&bare, &both).await;
    bare.posted(1, "deploy").await;
    assert!(bare.deploy.state().starts.is_empty());
    tell(&bare, &said("Ev4", format!("<@U0BOT> ```{DEPLOY}```"))).await;
    bare.posted(2, "accepted").await;
    bare.end().await;
}

#[tokio::test]
async fn what_is_quoted_struck_out_or_said_against_goes_nowhere() {
    let bare = Bare::with_requests(timing()).await;
    let said = |id: &str, text: String| {
        let mut payload = mention(id, "");
        payload["event"]["text"] = json!(text);
        payload
    };
    for (id, text) in [
        ("Ev1", format!("&gt; <@U0BOT> {DEPLOY}\nthanks!")),
        ("Ev2", format!("~<@U0BOT> {DEPLOY}~")),
    ] {
        tell(&bare, &said(id, text)).await;
    }
    assert!(bare.sent("chat.postMessage").is_empty());
    for (number, text, answer) in [
        (1, format!("<@U0BOT> ~{DEPLOY}~"), "struck out"),
        (2, format!("please don't <@U0BOT> {DEPLOY}"), "for a no"),
        (3, format!("before we <@U0BOT> {DEPLOY}"), "Did you mean"),
        (4, format!(":no_entry_sign: <@U0BOT> {DEPLOY}"), "for a no"),
        (5, format!("<@U0BOT> {DEPLOY} ~please~"), "struck out"),
        (6, format!("<@U0BOT>~ {DEPLOY}~"), "struck out"),
    ] {
        tell(&bare, &said(&format!("Ev1{number}"), text)).await;
        bare.posted(number, answer).await;
    }
    assert!(bare.deploy.state().starts.is_empty());
    let asked = said("Ev9", format!("hey :wave: <@U0BOT> {DEPLOY}"));
    tell(&bare, &asked).await;
    bare.posted(7, "accepted").await;
    bare.end().await;
}
