//! Payloads as Slack sends them, and what is read out of them.

use serde_json::{Value, json};

use super::*;

fn me() -> Identity {
    Identity {
        user: UserId::from("U0BOT"),
        team: TeamId::from("T1"),
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
    read("events_api", &payload.to_string(), &me()).unwrap()
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
    assert_eq!(mention(|event| event["user"] = json!(null)), None);
    assert_eq!(mention(|event| event["type"] = json!("message")), None);
    assert!(mention(|event| event["subtype"] = json!("file_share")).is_some());
}

#[test]
fn what_the_bot_does_not_know_is_nothing_to_it() {
    assert_eq!(read("slash_commands", "{}", &me()).unwrap(), None);
    assert!(read("events_api", "{}", &me()).is_err());
    let closed = json!({"type": "view_closed", "user": {"id": "U1"}, "view": {"id": "V1"}});
    assert_eq!(
        read("interactive", &closed.to_string(), &me()).unwrap(),
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
    let read = read("interactive", &payload.to_string(), &me()).unwrap();
    let Some(Event::Press(press)) = read else {
        panic!("{read:?}")
    };
    assert_eq!(
        (press.action.as_str(), press.value.as_str()),
        ("deploy", "people")
    );
    assert_eq!(press.side().thread, Some(Ts::from("10.1")));
}

#[test]
fn modals_tell_what_was_chosen_and_what_they_are_about() {
    let view = json!({
        "id": "V1", "callback_id": "deploy", "private_metadata": "people",
        "state": {"values": {"environment": {"environment": {
            "type": "static_select", "selected_option": {"value": "staging", "text": {}},
        }}}},
    });
    let choice = json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t",
        "view": view, "container": {"type": "view", "view_id": "V1"},
        "actions": [{"type": "static_select", "action_id": "environment", "selected_option": {"value": "staging"}}],
    });
    let read_choice = read("interactive", &choice.to_string(), &me()).unwrap();
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
    let read_submission = read("interactive", &submitted.to_string(), &me()).unwrap();
    let Some(Event::Submission(submitted)) = read_submission else {
        panic!("no submission")
    };
    assert_eq!(submitted.chosen["environment"], "staging");
}
