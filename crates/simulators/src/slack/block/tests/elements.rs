//! Elements: buttons, menus, boxes, dates.

use serde_json::json;

use super::*;

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
