//! Blocks of a message.

use serde_json::json;

use super::*;

#[test]
fn a_message_with_one_of_each_block_is_taken() {
    let blocks = json!([
        {"type": "header", "block_id": "h", "text": plain("people")},
        with(section(&mrkdwn("*people*")), json!({
            "fields": [plain("a"), mrkdwn("b")],
            "accessory": with(button("Deploy"), json!({
                "value": "x", "style": "primary",
                "confirm": {
                    "title": plain("Sure?"), "text": mrkdwn("*now*"),
                    "confirm": plain("Yes"), "deny": plain("No"), "style": "danger",
                },
            })),
        })),
        {"type": "divider"},
        {"type": "context", "elements": [
            mrkdwn("as of now"),
            {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"},
        ]},
        {"type": "actions", "elements": [
            button("Retry"),
            {"type": "static_select", "action_id": "env", "placeholder": plain("Where"),
             "options": [option("production")], "initial_option": option("production")},
            {"type": "overflow", "action_id": "more", "options": [
                with(option("log"), json!({"url": "https://example.com/log"})),
            ]},
            {"type": "users_select", "action_id": "who"},
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-22"},
            {"type": "timepicker", "action_id": "time", "initial_time": "14:05"},
            {"type": "radio_buttons", "action_id": "radio", "options": [
                {"text": mrkdwn("*a*"), "value": "a"},
            ]},
        ]},
        {"type": "image", "image_url": "https://example.com/b.png", "alt_text": "b", "title": plain("B")},
        {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input"}},
        {"type": "markdown", "text": "**bold**"},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
    ]);
    assert_eq!(in_message(blocks), NONE);
}

#[test]
fn a_message_has_at_most_fifty_blocks_and_a_modal_a_hundred() {
    let blocks = |count| vec![json!({"type": "divider"}); count];
    assert_eq!(in_message(json!(blocks(50))), NONE);
    assert_eq!(
        in_message(json!(blocks(51))),
        ["no more than 50 items allowed [json-pointer:/blocks]"]
    );
    assert_eq!(in_modal(json!({"blocks": blocks(100)})), NONE);
    assert_eq!(
        in_modal(json!({"blocks": blocks(101)})),
        ["no more than 100 items allowed [json-pointer:/view/blocks]"]
    );
}

#[test]
fn an_unknown_block_is_refused() {
    assert_eq!(
        in_message(json!([{"type": "sektion"}, {"text": "x"}, 5])),
        [
            "unsupported type: sektion [json-pointer:/blocks/0/type]",
            "missing required field: type [json-pointer:/blocks/1]",
            "must provide an object [json-pointer:/blocks/2]",
        ]
    );
}

#[test]
fn an_unknown_field_is_refused() {
    assert_eq!(
        in_message(json!([{"type": "divider", "colour": "red"}])),
        ["invalid additional property: colour [json-pointer:/blocks/0]"]
    );
}

#[test]
fn a_section_has_a_text_or_fields() {
    assert_eq!(
        in_message(json!([{"type": "section"}])),
        ["must define either `fields` or `text` [json-pointer:/blocks/0]"]
    );
}

#[test]
fn a_section_has_at_most_ten_fields_of_2000_characters() {
    let fields =
        |count, text: &str| json!([{"type": "section", "fields": vec![mrkdwn(text); count]}]);
    assert_eq!(in_message(fields(10, &letters(2_000))), NONE);
    assert_eq!(
        in_message(fields(11, "a")),
        ["no more than 10 items allowed [json-pointer:/blocks/0/fields]"]
    );
    assert_eq!(
        in_message(fields(0, "a")),
        ["no fewer than 1 items allowed [json-pointer:/blocks/0/fields]"]
    );
    assert_eq!(
        in_message(fields(1, &letters(2_001))),
        ["must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"]
    );
}

#[test]
fn a_header_is_plain_text_of_150_characters() {
    let header = |text: Value| in_message(json!([{"type": "header", "text": text}]));
    assert_eq!(header(plain(&letters(150))), NONE);
    assert_eq!(
        header(plain(&letters(151))),
        ["must be less than 151 characters [json-pointer:/blocks/0/text/text]"]
    );
    assert_eq!(
        header(mrkdwn("a")),
        ["unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"]
    );
}

#[test]
fn a_row_has_one_to_25_elements_and_a_context_one_to_ten() {
    let texts = |count| json!([{"type": "context", "elements": vec![mrkdwn("a"); count]}]);
    let buttons = |count: usize| {
        let button = |index| with(button("a"), json!({"action_id": format!("a{index}")}));
        json!([{"type": "actions", "elements": (0..count).map(button).collect::<Vec<_>>()}])
    };
    assert_eq!(in_message(texts(10)), NONE);
    assert_eq!(in_message(buttons(25)), NONE);
    for (blocks, message) in [
        (
            texts(11),
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            texts(0),
            "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            buttons(26),
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            buttons(0),
            "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]",
        ),
    ] {
        assert_eq!(in_message(blocks), [message]);
    }
}

#[test]
fn each_place_takes_its_own_elements() {
    let field = json!({"type": "plain_text_input"});
    assert_eq!(
        in_actions(field.clone()),
        ["unsupported type: plain_text_input [json-pointer:…/type]"]
    );
    assert_eq!(
        in_actions(mrkdwn("a")),
        ["unsupported type: mrkdwn [json-pointer:…/type]"]
    );
    assert_eq!(
        in_input(button("a")),
        ["unsupported type: button [json-pointer:…/type]"]
    );
    assert_eq!(in_input(field), NONE);
    assert_eq!(
        in_message(json!([
            {"type": "context", "elements": [button("a")]},
            with(section(&mrkdwn("a")), json!({"accessory": {"type": "datetimepicker"}})),
        ])),
        [
            "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
            "unsupported type: datetimepicker [json-pointer:/blocks/1/accessory/type]",
        ]
    );
}

#[test]
fn a_block_id_is_unique_and_has_at_most_255_characters() {
    let divider = |id: &str| json!({"type": "divider", "block_id": id});
    assert_eq!(
        in_message(json!([divider("a"), divider("b"), divider(&letters(255))])),
        NONE
    );
    assert_eq!(
        in_message(json!([divider("a"), divider("a"), divider(&letters(256))])),
        [
            "`block_id` a already exists [json-pointer:/blocks/1/block_id]",
            "must be less than 256 characters [json-pointer:/blocks/2/block_id]",
        ]
    );
}

#[test]
fn an_image_has_an_address_and_words_for_it() {
    assert_eq!(
        in_message(json!([
            {"type": "image"},
            {"type": "image", "image_url": "ftp://example.com/a", "alt_text": letters(2_001)},
        ])),
        [
            "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]",
            "missing required field: alt_text [json-pointer:/blocks/0]",
            "invalid url [json-pointer:/blocks/1/image_url]",
            "must be less than 2001 characters [json-pointer:/blocks/1/alt_text]",
        ]
    );
}

#[test]
fn markdown_stands_in_messages_and_is_counted_together() {
    let half = json!({"type": "markdown", "text": letters(6_001)});
    assert_eq!(in_message(json!([half])), NONE);
    assert_eq!(
        in_message(json!([half, half])),
        ["markdown blocks must be less than 12001 characters together [json-pointer:/blocks]"]
    );
    assert_eq!(
        in_modal(json!({"blocks": [{"type": "markdown", "text": "a"}]})),
        ["unsupported type: markdown [json-pointer:/view/blocks/0/type]"]
    );
}

#[test]
fn rich_text_is_made_of_its_own_parts() {
    let parts = json!([{"type": "rich_text_section"}, {"type": "section", "elements": []}]);
    assert_eq!(
        in_message(json!([{"type": "rich_text", "elements": parts}])),
        [
            "missing required field: elements [json-pointer:/blocks/0/elements/0]",
            "unsupported type: section [json-pointer:/blocks/0/elements/1/type]",
        ]
    );
}

#[test]
fn what_was_left_out_is_filled_in() {
    let mut blocks = vec![
        with(
            section(&mrkdwn("a")),
            json!({"accessory": {"type": "button", "text": plain("b")}}),
        ),
        json!({"type": "divider", "block_id": "own"}),
    ];
    let mut count = 0;
    complete(&mut blocks, || {
        count += 1;
        format!("id{count}")
    });
    assert_eq!(
        json!(blocks),
        json!([
            {
                "type": "section", "block_id": "id1",
                "text": {"type": "mrkdwn", "text": "a", "verbatim": false},
                "accessory": {
                    "type": "button", "action_id": "id2",
                    "text": {"type": "plain_text", "text": "b", "emoji": true},
                },
            },
            {"type": "divider", "block_id": "own"},
        ])
    );
    let found = find(&blocks, "id1", "id2").expect("the button");
    assert_eq!(found["type"], "button");
    assert_eq!(find(&blocks, "own", "id2"), None);
}

#[test]
fn blocks_take_room_by_their_texts() {
    let blocks = [section(&mrkdwn(&letters(100))), json!({"type": "divider"})];
    assert_eq!(room_taken(&blocks), 164);
}
