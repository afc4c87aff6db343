//! Payloads as Slack sends them, and what is read out of them.

use serde_json::{Value, json};

use super::*;
use crate::slack::id::EnterpriseId;

fn me() -> Identity {
    Identity {
        user: UserId::from("U0BOT"),
        team: TeamId::from("T1"),
        enterprise: Some(EnterpriseId::from("E1")),
    }
}

fn mention(change: impl FnOnce(&mut Value)) -> Option<Event> {
    let mut payload = json!({
        "team_id": "T1", "event_id": "Ev1", "type": "event_callback", "event_time": 1,
        "event": {
            "type": "app_mention", "user": "U1", "channel": "C1", "ts": "10.1",
            "text": "<@U0BOT> help", "client_msg_id": "x", "blocks": [{"type": "new"}],
        },
    });
    change(&mut payload["event"]);
    read(Kind::Event, &payload.to_string(), &me()).unwrap()
}

#[test]
fn a_mention_is_answered_where_it_was_asked() {
    let Some(Event::Mention(asked)) = mention(|_| ()) else {
        panic!("no mention")
    };
    assert_eq!(asked.text, "<@U0BOT> help");
    assert_eq!(asked.place().thread, None);
    assert_eq!(asked.side().thread, Some(Ts::from("10.1")));
    let in_thread = mention(|event| event["thread_ts"] = json!("9.9"));
    let Some(Event::Mention(asked)) = in_thread else {
        panic!("no mention")
    };
    assert_eq!(asked.place(), asked.side());
    let starts_a_thread = mention(|event| event["thread_ts"] = json!("10.1"));
    let Some(Event::Mention(asked)) = starts_a_thread else {
        panic!("no mention")
    };
    assert_eq!(asked.place().thread, None);
}

#[test]
fn bots_edits_and_the_bot_itself_are_not_heard() {
    assert_eq!(mention(|event| event["bot_id"] = json!("B1")), None);
    assert_eq!(
        mention(|event| event["edited"] = json!({"user": "U1", "ts": "1"})),
        None
    );
    assert_eq!(
        mention(|event| event["subtype"] = json!("bot_message")),
        None
    );
    assert_eq!(
        mention(|event| event["subtype"] = json!("message_changed")),
        None
    );
    assert_eq!(mention(|event| event["user"] = json!("U0BOT")), None);
    // Somebody let Slack remind of it.
    assert_eq!(mention(|event| event["user"] = json!("USLACKBOT")), None);
    assert_eq!(mention(|event| event["user"] = json!(null)), None);
    assert_eq!(mention(|event| event["type"] = json!("message")), None);
    for fine in ["file_share", "thread_broadcast"] {
        assert!(mention(|event| event["subtype"] = json!(fine)).is_some());
    }
    assert!(mention(|event| event["edited"] = json!(null)).is_some());
}

/// What somebody wrote to the bot directly.
fn direct(change: impl FnOnce(&mut Value)) -> Option<Event> {
    mention(|event| {
        event["type"] = json!("message");
        event["channel_type"] = json!("im");
        event["channel"] = json!("D1");
        event["text"] = json!("status people");
        change(event);
    })
}

#[test]
fn a_direct_message_needs_no_mention_and_is_answered_where_it_stands() {
    let Some(Event::Mention(asked)) = direct(|_| ()) else {
        panic!("not heard")
    };
    assert!(asked.direct);
    assert_eq!((asked.side().thread, asked.place().thread), (None, None));
    let Some(Event::Mention(asked)) = direct(|event| event["thread_ts"] = json!("9.9")) else {
        panic!("not heard")
    };
    assert_eq!(asked.side().thread, Some(Ts::from("9.9")));
    let Some(Event::Mention(asked)) = direct(|event| event["text"] = json!("`<@U0BOT> help`"))
    else {
        panic!("not heard")
    };
    assert_eq!(asked.text, "`<@U0BOT> help`");
}

#[test]
fn of_what_is_written_directly_only_what_a_person_newly_wrote_is_heard() {
    assert_eq!(direct(|event| event["user"] = json!("U0BOT")), None);
    assert_eq!(direct(|event| event["bot_id"] = json!("B1")), None);
    for subtype in [
        "bot_message",
        "message_changed",
        "message_deleted",
        "channel_join",
        "assistant_app_thread",
        "of_tomorrow",
    ] {
        assert_eq!(direct(|event| event["subtype"] = json!(subtype)), None);
    }
    for fine in ["file_share", "thread_broadcast"] {
        assert!(direct(|event| event["subtype"] = json!(fine)).is_some());
    }
    // Where others listen too, the bot is to be mentioned.
    for kind in ["channel", "group", "mpim"] {
        assert_eq!(direct(|event| event["channel_type"] = json!(kind)), None);
    }
    // The same message, told twice, is one.
    assert_eq!(direct(|event| event["type"] = json!("app_mention")), None);
}

#[test]
fn a_mention_in_code_is_not_heard() {
    let quoted = json!("`<@U0BOT> deploy people production a1b2c3d`");
    assert_eq!(mention(|event| event["text"] = quoted), None);
}

#[test]
fn a_stranger_is_told_from_our_own_people() {
    let is_strange = |change: &dyn Fn(&mut Value)| match mention(|event| change(event)) {
        Some(Event::Stranger(stranger)) => {
            let refused = stranger.refused().expect("it stands in a channel");
            assert_eq!(refused.place.thread, Some(Ts::from("10.1")));
            true
        }
        Some(Event::Mention(_)) => false,
        other => panic!("{other:?}"),
    };
    assert!(!is_strange(&|event| event["team"] = json!("T1")));
    assert!(!is_strange(&|event| event["user_team"] = json!("E1")));
    assert!(is_strange(&|event| event["team"] = json!("T2")));
    assert!(is_strange(&|event| event["source_team"] = json!("T2")));
    assert!(is_strange(&|event| {
        event["team"] = json!("T1");
        event["user_team"] = json!("T2");
    }));
    // Slack tells the team of everybody in a shared channel.
    let shared = json!({
        "team_id": "T1", "event_id": "Ev1", "is_ext_shared_channel": true,
        "event": {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "10.1", "text": "x"},
    });
    let read = read(Kind::Event, &shared.to_string(), &me()).unwrap();
    assert!(matches!(read, Some(Event::Stranger(_))), "{read:?}");
}

#[test]
fn the_home_tab_is_opened_and_its_button_pressed() {
    let opened = |tab: &str, view: Value| {
        let event = json!({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab, "view": view});
        let payload = json!({"team_id": "T1", "event_id": "Ev1", "event": event});
        read(Kind::Event, &payload.to_string(), &me()).unwrap()
    };
    let home = |delivery: &str, hash: Option<&str>| {
        Some(Event::Home(Home {
            delivery: DeliveryId::from(delivery),
            user: UserId::from("U1"),
            hash: hash.map(ViewHash::from),
        }))
    };
    assert_eq!(opened("home", Value::Null), home("Ev1", None));
    let view = json!({"id": "V1", "type": "home", "hash": "7.abc", "blocks": []});
    assert_eq!(opened("home", view.clone()), home("Ev1", Some("7.abc")));
    assert_eq!(opened("messages", Value::Null), None);
    let mut press = json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"},
        "trigger_id": "t1", "view": view, "container": {"type": "view", "view_id": "V1"},
        "actions": [{"type": "button", "action_id": "refresh:1", "value": "refresh"}],
    });
    let pressed = read(Kind::Interaction, &press.to_string(), &me()).unwrap();
    assert_eq!(pressed, home("t1", Some("7.abc")));
    press["user"]["team_id"] = json!("T2");
    let strange = read(Kind::Interaction, &press.to_string(), &me()).unwrap();
    let Some(Event::Stranger(stranger)) = strange else {
        panic!("{strange:?}")
    };
    assert_eq!(
        (stranger.refused(), Some(*stranger.wanted)),
        (None, pressed)
    );
}

#[test]
fn events_of_other_forms_are_nothing_to_it() {
    for event in [
        json!({"type": "user_change", "user": {"id": "U1"}}),
        json!({"type": "channel_created", "channel": {"id": "C1"}}),
        json!({"type": "of_tomorrow", "ts": 7}),
        json!({"type": "message", "subtype": "message_changed", "channel": "D1", "channel_type": "im",
               "message": {"text": "deploy people production a1b2c3d"}, "ts": "1.1"}),
    ] {
        let payload = json!({"team_id": "T1", "event_id": "Ev1", "event": event});
        let read = read(Kind::Event, &payload.to_string(), &me()).unwrap();
        assert_eq!(read, None, "{payload}");
    }
}

#[test]
fn what_the_bot_does_not_know_is_nothing_to_it() {
    assert_eq!(Kind::of_envelope("slash_commands"), None);
    assert!(read(Kind::Event, "{}", &me()).is_err());
    let closed = json!({"type": "view_closed", "user": {"id": "U1"}, "view": {"id": "V1"}});
    assert_eq!(
        read(Kind::Interaction, &closed.to_string(), &me()).unwrap(),
        None
    );
}

#[test]
fn a_pressed_button_says_what_it_means_and_is_about() {
    let payload = json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "name": "minji"},
        "trigger_id": "t1", "container": {"type": "message", "message_ts": "10.2"},
        "channel": {"id": "C1"}, "message": {"ts": "10.2", "thread_ts": "10.1"},
        "actions": [{"type": "button", "action_id": "deploy:3", "block_id": "b", "value": "people"}],
    });
    let read = read(Kind::Interaction, &payload.to_string(), &me()).unwrap();
    let Some(Event::Press(press)) = read else {
        panic!("{read:?}")
    };
    assert_eq!(
        (press.action.as_str(), press.value.as_str()),
        ("deploy", "people")
    );
    assert_eq!(press.side().thread, Some(Ts::from("10.1")));
    let press = |change: &dyn Fn(&mut Press)| {
        let mut other = press.clone();
        change(&mut other);
        other.side().thread
    };
    assert_eq!(press(&|it| it.thread = None), Some(Ts::from("10.2")));
    let directly = |it: &mut Press| {
        it.channel = ChannelId::from("D1");
        it.thread = None;
    };
    assert_eq!(press(&directly), None);
    let mut payload = payload;
    for (at, milliseconds) in [
        ("1795356120.123456", Some(1_795_356_120_123)),
        ("7.5", Some(7_500)),
        ("x", None),
        ("9223372036854775807.000000", None),
    ] {
        payload["actions"][0]["action_ts"] = json!(at);
        let read = super::read(Kind::Interaction, &payload.to_string(), &me()).unwrap();
        let Some(Event::Press(press)) = read else {
            panic!("{read:?}")
        };
        assert_eq!(press.at, milliseconds, "{at}");
    }
    payload["user"]["team_id"] = json!("T2");
    let read = super::read(Kind::Interaction, &payload.to_string(), &me()).unwrap();
    let Some(Event::Stranger(stranger)) = read else {
        panic!("{read:?}")
    };
    let refused = stranger.refused().expect("it stands in a channel");
    assert_eq!(refused.answered, "slack:T1:C1:10.2:stranger:U1");
}

#[test]
fn modals_tell_what_was_chosen_and_what_they_are_about() {
    let view = json!({
        "id": "V1", "callback_id": "deploy", "private_metadata": "people",
        "blocks": [
            {"type": "section", "block_id": "x1", "text": {}},
            {"type": "input", "block_id": "environment", "element": {}},
        ],
        "state": {"values": {"environment": {"environment": {
            "type": "static_select", "selected_option": {"value": "staging", "text": {}},
        }}}},
    });
    let choice = json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t",
        "view": view, "container": {"type": "view", "view_id": "V1"},
        "actions": [{"type": "static_select", "action_id": "environment", "selected_option": {"value": "staging"}}],
    });
    let read_choice = read(Kind::Interaction, &choice.to_string(), &me()).unwrap();
    let Some(Event::Choice(choice)) = read_choice else {
        panic!("{read_choice:?}")
    };
    assert_eq!(
        (choice.private.as_str(), choice.value.as_str()),
        ("people", "staging")
    );
    let submitted = json!({
        "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": view,
    });
    let read_submission = read(Kind::Interaction, &submitted.to_string(), &me()).unwrap();
    let Some(Event::Submission(submitted)) = read_submission else {
        panic!("no submission")
    };
    assert_eq!(submitted.chosen["environment"], "staging");
    assert_eq!(submitted.fields, ["environment"]);
}
