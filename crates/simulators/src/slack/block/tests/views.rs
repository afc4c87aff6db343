//! Modals, and the inputs in them.

use serde_json::json;

use super::*;

#[test]
fn an_input_has_a_plain_label_and_an_element() {
    assert_eq!(
        in_message(
            json!([{"type": "input", "label": mrkdwn("a"), "hint": plain(&letters(2_001))}])
        ),
        [
            "unsupported type: mrkdwn [json-pointer:/blocks/0/label/type]",
            "must be less than 2001 characters [json-pointer:/blocks/0/hint/text]",
            "missing required field: element [json-pointer:/blocks/0]",
        ]
    );
}

#[test]
fn a_text_field_knows_how_much_it_takes() {
    let field = |fields: Value| in_input(with(json!({"type": "plain_text_input"}), fields));
    assert_eq!(field(json!({"min_length": 1, "max_length": 3_000})), NONE);
    assert_eq!(
        field(json!({"max_length": 3_001})),
        ["must be between 1 and 3000 [json-pointer:…/max_length]"]
    );
    assert_eq!(
        field(json!({"min_length": 9, "max_length": 3})),
        ["min_length must not be greater than max_length [json-pointer:…]"]
    );
    assert_eq!(
        in_input(json!({"type": "number_input"})),
        ["missing required field: is_decimal_allowed [json-pointer:…]"]
    );
}

#[test]
fn only_one_element_asks_for_the_focus() {
    let field = json!({
        "type": "input", "label": plain("a"),
        "element": {"type": "plain_text_input", "focus_on_load": true},
    });
    assert_eq!(
        in_modal(json!({"submit": plain("Go"), "blocks": [field, field]})),
        [
            "only one element can have focus_on_load [json-pointer:/view/blocks/1/element/focus_on_load]"
        ]
    );
}

#[test]
fn the_titles_of_a_modal_have_24_characters() {
    let short = plain(&letters(24));
    assert_eq!(
        in_modal(json!({"title": short, "submit": short, "close": short})),
        NONE
    );
    let long = plain(&letters(25));
    assert_eq!(
        in_modal(json!({"title": long, "submit": long, "close": mrkdwn("a")})),
        [
            "must be less than 25 characters [json-pointer:/view/title/text]",
            "must be less than 25 characters [json-pointer:/view/submit/text]",
            "unsupported type: mrkdwn [json-pointer:/view/close/type]",
        ]
    );
}

#[test]
fn a_modal_with_an_input_can_be_submitted() {
    let input = json!({
        "type": "input", "label": plain("a"), "element": {"type": "plain_text_input"},
    });
    assert_eq!(
        in_modal(json!({"blocks": [input], "submit": plain("Go")})),
        NONE
    );
    assert_eq!(
        in_modal(json!({"blocks": [input]})),
        ["submit is required when a block is an input [json-pointer:/view]"]
    );
}

#[test]
fn a_view_is_a_modal_or_a_home_with_blocks() {
    assert_eq!(
        texts(check_view(&json!({"type": "home", "blocks": []}), "/view")),
        NONE
    );
    assert_eq!(
        in_modal(json!({"type": "page"})),
        ["unsupported type: page [json-pointer:/view/type]"]
    );
    assert_eq!(
        in_modal(json!({"blocks": {}})),
        ["must provide an array [json-pointer:/view/blocks]"]
    );
    assert_eq!(
        texts(check_view(&json!({"type": "modal"}), "/view")),
        [
            "missing required field: title [json-pointer:/view]",
            "missing required field: blocks [json-pointer:/view]",
        ]
    );
}

#[test]
fn what_a_modal_carries_is_limited() {
    assert_eq!(
        in_modal(json!({
            "private_metadata": letters(3_001), "callback_id": letters(256),
            "external_id": letters(256), "notify_on_close": "yes",
        })),
        [
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
            "must be less than 256 characters [json-pointer:/view/callback_id]",
            "must be less than 256 characters [json-pointer:/view/external_id]",
            "must provide a boolean [json-pointer:/view/notify_on_close]",
        ]
    );
}
