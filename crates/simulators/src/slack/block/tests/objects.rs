//! What elements are made of: texts, options, confirmations.

use serde_json::json;

use super::*;

#[test]
fn a_text_is_not_empty_and_has_at_most_3000_characters() {
    assert_eq!(in_message(json!([section(&mrkdwn(&letters(3_000)))])), NONE);
    assert_eq!(
        in_message(json!([
            section(&mrkdwn(&letters(3_001))),
            section(&mrkdwn(""))
        ])),
        [
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
            "must be more than 0 characters [json-pointer:/blocks/1/text/text]",
        ]
    );
}

#[test]
fn a_text_object_has_a_type_and_a_text() {
    assert_eq!(
        in_message(json!([
            section(&json!("plain")),
            section(&json!({"text": "a"})),
            section(&json!({"type": "markdown", "text": "a"})),
            section(&json!({"type": "mrkdwn"})),
            section(&json!({"type": "mrkdwn", "text": 5})),
            section(&json!({"type": "mrkdwn", "text": "a", "emoji": true})),
        ])),
        [
            "must provide an object [json-pointer:/blocks/0/text]",
            "missing required field: type [json-pointer:/blocks/1/text]",
            "unsupported type: markdown [json-pointer:/blocks/2/text/type]",
            "missing required field: text [json-pointer:/blocks/3/text]",
            "must provide a string [json-pointer:/blocks/4/text/text]",
            "invalid additional property: emoji [json-pointer:/blocks/5/text]",
        ]
    );
}

#[test]
fn a_confirmation_is_whole_and_short() {
    let confirm = json!({
        "title": plain(&letters(101)), "text": plain(&letters(301)),
        "confirm": plain(&letters(31)), "style": "loud",
    });
    assert_eq!(
        in_actions(with(button("a"), json!({"confirm": confirm}))),
        [
            "must be less than 101 characters [json-pointer:…/confirm/title/text]",
            "must be less than 301 characters [json-pointer:…/confirm/text/text]",
            "must be less than 31 characters [json-pointer:…/confirm/confirm/text]",
            "missing required field: deny [json-pointer:…/confirm]",
            "must be one of: primary, danger [json-pointer:…/confirm/style]",
        ]
    );
}

#[test]
fn an_option_has_a_text_of_75_and_a_value_of_150_characters() {
    let menu = |option: Value| in_actions(json!({"type": "static_select", "options": [option]}));
    assert_eq!(
        menu(json!({"text": plain(&letters(75)), "value": letters(150)})),
        NONE
    );
    assert_eq!(
        menu(json!({
            "text": plain(&letters(76)), "value": letters(151), "description": plain(&letters(76)),
        })),
        [
            "must be less than 76 characters [json-pointer:…/options/0/text/text]",
            "must be less than 76 characters [json-pointer:…/options/0/description/text]",
            "must be less than 151 characters [json-pointer:…/options/0/value]",
        ]
    );
    assert_eq!(
        menu(json!({"text": mrkdwn("a")})),
        [
            "unsupported type: mrkdwn [json-pointer:…/options/0/text/type]",
            "missing required field: value [json-pointer:…/options/0]",
        ]
    );
}

#[test]
fn a_placeholder_has_at_most_150_characters() {
    let menu = json!({"type": "users_select", "placeholder": plain(&letters(151))});
    assert_eq!(
        in_actions(menu),
        ["must be less than 151 characters [json-pointer:…/placeholder/text]"]
    );
}
