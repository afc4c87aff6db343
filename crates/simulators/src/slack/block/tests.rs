//! One test for each rule: what Slack would refuse, and that it takes the rest.

#![expect(
    clippy::needless_pass_by_value,
    reason = "an example reads best written straight into the call"
)]

use serde_json::{Value, json};

use super::*;

fn in_message(blocks: Value) -> Vec<String> {
    let blocks = blocks.as_array().expect("a list of blocks").clone();
    texts(check(&blocks, Surface::Message, "/blocks"))
}

fn in_modal(mut view: Value) -> Vec<String> {
    let defaults = json!({
        "type": "modal",
        "title": {"type": "plain_text", "text": "Deploy"},
        "blocks": [],
    });
    for (name, value) in defaults.as_object().expect("an object") {
        if view.get(name).is_none() {
            view[name] = value.clone();
        }
    }
    texts(check_view(&view, "/view"))
}

fn texts(problems: Vec<Problem>) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// The problems of one element in a row of actions, without the place of the
/// row.
fn in_actions(element: Value) -> Vec<String> {
    let problems = in_message(json!([{"type": "actions", "elements": [element]}]));
    let short = |text: &String| text.replace("/blocks/0/elements/0", "…");
    problems.iter().map(short).collect()
}

/// The same of an input in a modal.
fn in_input(element: Value) -> Vec<String> {
    let view = json!({
        "submit": plain("Go"),
        "blocks": [{"type": "input", "label": plain("Why"), "element": element}],
    });
    let short = |text: &String| text.replace("/view/blocks/0/element", "…");
    in_modal(view).iter().map(short).collect()
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text})
}

fn section(text: &Value) -> Value {
    json!({"type": "section", "text": text})
}

fn button(text: &str) -> Value {
    json!({"type": "button", "text": plain(text), "action_id": "go"})
}

fn option(value: &str) -> Value {
    json!({"text": plain(value), "value": value})
}

fn letters(count: usize) -> String {
    "é".repeat(count)
}

/// Adds fields to an object.
fn with(mut value: Value, fields: Value) -> Value {
    for (name, field) in fields.as_object().expect("an object") {
        value[name] = field.clone();
    }
    value
}

const NONE: [&str; 0] = [];

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
fn an_action_id_is_unique_in_its_block_alone() {
    let row = |elements: Value| json!({"type": "actions", "elements": elements});
    let one = row(json!([button("a")]));
    assert_eq!(in_message(json!([one, one])), NONE);
    assert_eq!(
        in_message(json!([row(json!([button("a"), button("b")]))])),
        ["`action_id` go already exists [json-pointer:/blocks/0/elements/1/action_id]"]
    );
}

#[test]
fn a_button_has_a_plain_label_of_75_characters() {
    assert_eq!(in_actions(button(&letters(75))), NONE);
    assert_eq!(
        in_actions(button(&letters(76))),
        ["must be less than 76 characters [json-pointer:…/text/text]"]
    );
    assert_eq!(
        in_actions(with(button("a"), json!({"text": mrkdwn("a")}))),
        ["unsupported type: mrkdwn [json-pointer:…/text/type]"]
    );
    assert_eq!(
        in_actions(json!({"type": "button"})),
        ["missing required field: text [json-pointer:…]"]
    );
}

#[test]
fn the_value_of_a_button_has_at_most_2000_characters() {
    let valued = |value: Value| in_actions(with(button("a"), json!({"value": value})));
    assert_eq!(valued(json!(letters(2_000))), NONE);
    assert_eq!(
        valued(json!(letters(2_001))),
        ["must be less than 2001 characters [json-pointer:…/value]"]
    );
    assert_eq!(
        valued(json!({"a": 1})),
        ["must provide a string [json-pointer:…/value]"]
    );
}

#[test]
fn a_style_is_primary_or_danger() {
    assert_eq!(
        in_actions(with(button("a"), json!({"style": "default"}))),
        ["must be one of: primary, danger [json-pointer:…/style]"]
    );
}

#[test]
fn a_link_has_a_scheme_that_opens_and_3000_characters() {
    let linked = |url: &str| in_actions(with(button("a"), json!({"url": url})));
    assert_eq!(linked("https://example.com/a"), NONE);
    assert_eq!(linked("mailto:a@example.com"), NONE);
    for wrong in ["javascript:alert(1)", "/relative", "file:///etc/passwd"] {
        assert_eq!(
            linked(wrong),
            ["invalid url [json-pointer:…/url]"],
            "{wrong}"
        );
    }
    let long = format!("https://example.com/{}", "a".repeat(3_000));
    assert_eq!(
        linked(&long),
        ["must be less than 3001 characters [json-pointer:…/url]"]
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
fn a_menu_has_one_to_a_hundred_options() {
    let menu = |count: usize| {
        let options: Vec<Value> = (0..count)
            .map(|index| option(&format!("o{index}")))
            .collect();
        in_actions(json!({"type": "static_select", "options": options}))
    };
    assert_eq!(menu(1), NONE);
    assert_eq!(menu(100), NONE);
    assert_eq!(
        menu(0),
        ["no fewer than 1 items allowed [json-pointer:…/options]"]
    );
    assert_eq!(
        menu(101),
        ["no more than 100 items allowed [json-pointer:…/options]"]
    );
}

#[test]
fn a_menu_has_options_or_groups() {
    let groups = json!([{"label": plain("a"), "options": [option("b")]}]);
    let either = "must define either `options` or `option_groups` [json-pointer:…]";
    assert_eq!(
        in_actions(json!({"type": "static_select", "option_groups": groups})),
        NONE
    );
    assert_eq!(in_actions(json!({"type": "static_select"})), [either]);
    let both = json!({"type": "static_select", "option_groups": groups, "options": [option("b")]});
    assert_eq!(in_actions(both), [either]);
    let empty = json!([{"label": plain(&letters(76)), "options": []}]);
    assert_eq!(
        in_actions(json!({"type": "static_select", "option_groups": empty})),
        [
            "must be less than 76 characters [json-pointer:…/option_groups/0/label/text]",
            "no fewer than 1 items allowed [json-pointer:…/option_groups/0/options]",
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
fn boxes_have_ten_options_and_an_overflow_five() {
    let options = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|index| option(&format!("o{index}")))
            .collect()
    };
    for kind in ["checkboxes", "radio_buttons"] {
        assert_eq!(
            in_actions(json!({"type": kind, "options": options(10)})),
            NONE
        );
        assert_eq!(
            in_actions(json!({"type": kind, "options": options(11)})),
            ["no more than 10 items allowed [json-pointer:…/options]"]
        );
    }
    assert_eq!(
        in_actions(json!({"type": "overflow", "options": options(5)})),
        NONE
    );
    assert_eq!(
        in_actions(json!({"type": "overflow", "options": options(6)})),
        ["no more than 5 items allowed [json-pointer:…/options]"]
    );
}

#[test]
fn what_is_selected_at_first_is_one_of_the_options() {
    let menu = json!({
        "type": "static_select", "options": [option("a")], "initial_option": option("b"),
    });
    assert_eq!(
        in_actions(menu),
        ["initial options must be among the options [json-pointer:…]"]
    );
    let menu = json!({
        "type": "multi_static_select", "options": [option("a")], "max_selected_items": 0,
    });
    assert_eq!(
        in_actions(menu),
        ["must be greater than 0 [json-pointer:…/max_selected_items]"]
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

#[test]
fn dates_and_times_have_their_form() {
    assert_eq!(
        in_actions(json!({"type": "datepicker", "initial_date": "22.11.2026"})),
        ["must have the form YYYY-MM-DD [json-pointer:…/initial_date]"]
    );
    assert_eq!(
        in_actions(json!({"type": "timepicker", "initial_time": "25:00"})),
        ["must have the form HH:mm [json-pointer:…/initial_time]"]
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
