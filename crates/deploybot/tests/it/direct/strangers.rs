//! Who is heard: people of other companies are not, and guests only where nothing is
//! changed.

use std::time::Duration;

use deploybot::config::Timing;
use serde_json::{Value, json};

use super::{DEPLOY, nothing_more, tell};
use crate::{
    answers,
    bare::{Bare, event, mention, press, timing},
    request::Request,
};

#[tokio::test]
async fn a_stranger_is_refused_in_the_thread_before_anything_is_asked() {
    let bare = Bare::with_requests(timing()).await;
    let strange: [&[(&str, &str)]; 3] = [
        &[("user_team", "T2"), ("team", "T1")],
        &[("team", "T2")],
        &[("source_team", "T2")],
    ];
    for (number, fields) in strange.into_iter().enumerate() {
        let mut payload = mention(&format!("Ev{number}"), DEPLOY);
        payload["is_ext_shared_channel"] = json!(true);
        payload["event"].as_object_mut().unwrap().remove("team");
        for (field, team) in fields {
            payload["event"][*field] = json!(team);
        }
        tell(&bare, &payload).await;
        let posted = bare.posted(number + 1, "another workspace").await;
        let refusal = posted.last().unwrap();
        assert_eq!(refusal["thread_ts"], "10.000001");
        // Told again, it is not said again.
        tell(&bare, &payload).await;
    }
    assert_eq!(bare.calls("users.info"), 0);
    nothing_more(bare, 3).await;
}

#[tokio::test]
async fn our_own_people_are_heard_in_a_shared_channel() {
    let bare = Bare::with_requests(timing()).await;
    let mut payload = mention("Ev1", "help");
    payload["is_ext_shared_channel"] = json!(true);
    payload["event"]["user_team"] = json!("T1");
    tell(&bare, &payload).await;
    bare.posted(1, "deploy").await;
    bare.end().await;
}

#[tokio::test]
async fn a_strangers_press_is_refused_in_the_thread_and_does_nothing() {
    let bare = Bare::with_requests(timing()).await;
    let about = "repository=people&commit=a1b2c3d";
    let start = format!("{about}&environment=production&kind=deploy");
    for (action, value) in [
        ("deploy", about),
        ("retry", &start),
        ("cancel", "request=slack:T1:Ev1&repository=people"),
    ] {
        let mut pressed = press(&format!("t-{action}"), "C1", action, value);
        pressed["user"]["team_id"] = json!("T2");
        let answered = Request::interaction(&pressed).send(&bare.events).await;
        assert_eq!((answered.status, answered.body.as_str()), (200, ""));
    }
    for refusal in bare.sent("chat.postMessage") {
        assert_eq!(refusal["thread_ts"], "20.000001");
        assert!(refusal.to_string().contains("another workspace"));
    }
    assert!(bare.deploy.state().cancels.is_empty());
    // However often they press, they are told once.
    nothing_more(bare, 1).await;
}

#[tokio::test]
async fn a_guest_who_has_become_a_member_is_refused_no_longer() {
    let timing = Timing {
        guest_kept: Duration::ZERO,
        ..timing()
    };
    let bare = Bare::with_requests(timing).await;
    let guest = json!({"id": "U1", "name": "minji", "team_id": "T1", "is_restricted": true});
    bare.profile(guest);
    tell(&bare, &mention("Ev1", "subscribe people")).await;
    bare.posted(1, "for guests").await;
    bare.profile(json!({"id": "U1", "name": "minji", "team_id": "T1"}));
    tell(&bare, &mention("Ev2", "subscribe people")).await;
    bare.posted(2, "From now on").await;
    assert_eq!(bare.deploy.state().subscriptions.asked.len(), 1);
    nothing_more(bare, 2).await;
}

#[tokio::test]
async fn a_guest_may_look_and_changes_nothing() {
    for kind in ["is_restricted", "is_ultra_restricted"] {
        let bare = Bare::with_requests(timing()).await;
        bare.deploy.state().status = Some(Ok(answers::status()));
        let mut guest = json!({"id": "U1", "name": "minji", "team_id": "T1"});
        guest[kind] = json!(true);
        bare.profile(guest);
        tell(&bare, &mention("Ev0", "status people")).await;
        bare.posted(1, "Add Minji to the team page").await;
        let commands = [DEPLOY, "subscribe people", "unsubscribe people"];
        for (count, text) in (2..).zip(commands) {
            tell(&bare, &mention(&format!("Ev{count}"), text)).await;
            let posted = bare.posted(count, "for guests").await;
            assert_eq!(posted[count - 1]["thread_ts"], "10.000001", "{text}");
        }
        let about = "repository=people&commit=a1b2c3d";
        let start = format!("{about}&environment=production&kind=deploy");
        for (action, value) in [
            ("deploy", about),
            ("retry", &start),
            ("roll_back", &start),
            ("cancel", "request=slack:T1:Ev1&repository=people"),
        ] {
            let pressed = press(&format!("t-{action}"), "C1", action, value);
            let answered = Request::interaction(&pressed).send(&bare.events).await;
            assert_eq!((answered.status, answered.body.as_str()), (200, ""));
        }
        // However often they press, they are told once.
        let posted = bare.posted(5, "for guests").await;
        let told = posted[4]["text"].as_str().unwrap();
        assert!(
            told.starts_with("<@U1>: "),
            "anybody may have pressed: {told}"
        );
        assert_eq!(posted[4]["thread_ts"], "20.000001");
        // As they had the dialog open when they became one.
        let submitted = json!({
            "type": "view_submission", "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "t9",
            "view": {
                "id": "V1", "type": "modal", "callback_id": "deploy_dialog",
                "private_metadata": "repository=people&commit=a1b2c3d&channel=C1&message=1.1",
                "state": {"values": {"environment": {"environment": {
                    "selected_option": {"value": "production"},
                }}}},
            },
        });
        let answered = Request::interaction(&submitted).send(&bare.events).await;
        assert!(answered.body.contains("for guests"), "{}", answered.body);
        let home = json!({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"});
        tell(&bare, &event("Ev9", home)).await;
        let shown = bare.sent("views.publish")[0].to_string();
        assert!(shown.contains("full members"), "{shown}");
        assert!(bare.deploy.state().cancels.is_empty());
        assert!(bare.deploy.state().subscriptions.asked.is_empty());
        assert!(bare.deploy.state().subscriptions.ended.is_empty());
        nothing_more(bare, 5).await;
    }
}

#[tokio::test]
async fn a_colleague_of_another_workspace_of_the_company_is_heard() {
    let bare = Bare::of_a_company(timing()).await;
    let user = |company: &str| {
        json!({
            "id": "U1", "name": "minji", "team_id": "T2",
            "enterprise_user": {"id": "W1", "enterprise_id": company},
        })
    };
    bare.profile(user("E1"));
    let strange = |id: &str, user: &str| {
        let mut payload = mention(id, "help");
        payload["is_ext_shared_channel"] = json!(true);
        payload["event"]["user_team"] = json!("T2");
        payload["event"]["user"] = json!(user);
        payload
    };
    tell(&bare, &strange("Ev1", "U1")).await;
    bare.posted(1, "`@deploybot deploy").await;
    let about = "repository=people&commit=a1b2c3d";
    let start = format!("{about}&environment=production&kind=deploy");
    let mut pressed = press("t-retry", "C1", "retry", &start);
    pressed["user"]["team_id"] = json!("T2");
    Request::interaction(&pressed).send(&bare.events).await;
    assert_eq!(bare.deploy.state().starts.len(), 1);
    bare.posted(2, "accepted").await;
    // Of another company, or of one that Slack does not tell.
    for (number, (who, told)) in [("U2", user("E2")), ("U3", Value::Null)]
        .into_iter()
        .enumerate()
    {
        bare.profile(told);
        tell(&bare, &strange(&format!("Ev{}", number + 2), who)).await;
        bare.posted(3 + number, "another workspace").await;
    }
    assert_eq!(bare.deploy.state().starts.len(), 1);
    bare.end().await;
}

#[tokio::test]
async fn a_stranger_who_uses_a_modal_or_the_home_tab_gets_nothing_by_it() {
    let bare = Bare::with_requests(timing()).await;
    let view = |kind: &str| {
        json!({
            "id": "V1", "type": kind, "callback_id": "deploy_dialog",
            "private_metadata": "repository=people&commit=a1b2c3d&channel=C1&message=1.1",
            "state": {"values": {"environment": {"environment": {
                "selected_option": {"value": "production"},
            }}}},
        })
    };
    let used = |number: u32, kind: &str, in_a: &str| {
        json!({
            "type": kind, "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T2"},
            "trigger_id": format!("t{number}"), "view": view(in_a),
            "actions": [{
                "type": "static_select", "action_id": "environment", "value": "refresh",
                "selected_option": {"value": "production"},
            }],
        })
    };
    let all = [
        used(1, "block_actions", "modal"),
        used(2, "view_submission", "modal"),
        used(3, "block_actions", "home"),
    ];
    for payload in all {
        let answered = Request::interaction(&payload).send(&bare.events).await;
        assert_eq!((answered.status, answered.body.as_str()), (200, ""));
    }
    assert!(bare.sent("views.publish").is_empty() && bare.sent("views.update").is_empty());
    assert!(bare.deploy.state().starts.is_empty());
    nothing_more(bare, 0).await;
}
