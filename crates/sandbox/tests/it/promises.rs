//! What is promised of faults of Slack's in `docs/reliability.md`: each row has
//! tests that make the fault happen, wherever they are.

use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../../../docs/reliability.md");

/// The faults as the document has them, each with the files of its tests and their
/// names.
const FAULTS: &[(&str, &[(&str, &str)])] = &[
    (
        "A request to deploybot is not signed, or wrongly",
        &[(BOT_REFUSALS, "what_is_not_signed_or_wrongly_is_refused")],
    ),
    (
        "A request was signed more than five minutes ago, or ahead",
        &[(
            BOT_REFUSALS,
            "what_was_signed_too_long_ago_or_ahead_is_refused",
        )],
    ),
    (
        "A request is replayed",
        &[
            (BOT_WEB, "an_event_that_is_sent_again_is_dealt_with_once"),
            (
                BOT_WEB,
                "a_button_opens_its_dialog_once_however_often_the_press_is_sent",
            ),
            (
                BOT_WEB,
                "a_dialog_that_is_refused_hears_why_in_the_answer_each_time_it_is_sent",
            ),
        ],
    ),
    (
        "A request has 50 MB",
        &[
            (
                BOT_REFUSALS,
                "fifty_megabytes_are_refused_before_they_are_read",
            ),
            (
                BOT_REFUSALS,
                "fifty_megabytes_of_no_told_length_are_not_taken_to_their_end",
            ),
        ],
    ),
    (
        "A request is cut off, or trickles",
        &[
            (BOT_REFUSALS, "a_body_that_is_cut_off_is_no_request"),
            (BOT_REFUSALS, "a_head_or_body_that_trickles_is_ended"),
        ],
    ),
    (
        "A request is no UTF-8, or of no form that Slack sends",
        &[
            (
                BOT_REFUSALS,
                "a_body_that_is_no_text_or_of_another_form_is_refused",
            ),
            (
                BOT_REFUSALS,
                "what_is_no_http_ends_its_own_connection_alone",
            ),
        ],
    ),
    (
        "An event has an unknown type or subtype",
        &[
            (
                "deploybot/src/slack/event/tests.rs",
                "what_the_bot_does_not_know_is_nothing_to_it",
            ),
            (
                BOT_WEB,
                "what_the_bot_does_not_know_is_acknowledged_and_nothing_is_done",
            ),
            (
                "deploybot/tests/it/direct.rs",
                "what_no_person_newly_wrote_is_not_heard",
            ),
        ],
    ),
    (
        "A connection brings malformed JSON or binary frames",
        &[
            (
                BOT_WIRE,
                "nonsense_is_skipped_and_what_asks_for_nothing_is_acknowledged",
            ),
            (
                BOT_WIRE,
                "a_message_that_is_too_large_costs_the_connection_and_nothing_more",
            ),
        ],
    ),
    (
        "Slack announces the end of a connection",
        &[
            (
                BOT_WIRE,
                "what_an_ended_connection_brought_is_acknowledged_over_another",
            ),
            (
                BOT_WIRE,
                "an_announced_end_is_met_with_a_new_connection_while_the_old_one_is_read",
            ),
            (
                BOT_CONNECTION,
                "an_announced_end_is_met_with_a_new_connection_first",
            ),
            (WAYS, "each_end_of_a_connection_loses_nothing"),
        ],
    ),
    (
        "Slack wants no more connections, or Socket Mode is off",
        &[
            (
                BOT_WIRE,
                "where_slack_wants_no_more_connections_it_is_not_chased",
            ),
            (BOT_WIRE, "connections_that_end_at_once_are_not_chased"),
        ],
    ),
    (
        "A connection breaks",
        &[
            (
                BOT_WIRE,
                "what_an_ended_connection_brought_is_acknowledged_over_another",
            ),
            (
                BOT_CONNECTION,
                "a_connection_that_breaks_is_replaced_and_what_was_said_meanwhile_is_heard",
            ),
            (
                BOT_CONNECTION,
                "work_that_outlives_its_connection_is_done_once",
            ),
            (WAYS, "each_end_of_a_connection_loses_nothing"),
        ],
    ),
    (
        "Slack is silent for a minute",
        &[(
            BOT_WIRE,
            "a_connection_that_is_silent_for_a_minute_is_replaced",
        )],
    ),
    (
        "`apps.connections.open` fails for ten minutes",
        &[
            (
                BOT_WIRE,
                "ten_minutes_without_a_connection_are_lived_through",
            ),
            (
                BOT_WIRE,
                "a_wait_that_slack_asks_for_before_a_connection_is_kept",
            ),
        ],
    ),
    (
        "An event is delivered two, three or ten times, to any process",
        &[
            (
                REPLICAS,
                "events_delivered_often_to_any_of_two_bots_give_one_result",
            ),
            (
                BOT_REPLICAS,
                "a_deploy_delivered_ten_times_to_two_bots_is_one_request_and_one_message",
            ),
            (
                BOT_REPLICAS,
                "a_press_delivered_ten_times_to_two_bots_is_one_request",
            ),
            (BOT_WEB, "ten_deliveries_at_once_are_one_deploy"),
        ],
    ),
    (
        "`deploybot` is killed at any moment",
        &[
            (REPLICAS, "bots_are_killed_while_deploys_go_on"),
            (
                "sandbox/tests/it/crashes.rs",
                "deploybot_killed_when_the_answer_to_its_post_was_lost",
            ),
            (
                BOT_REPLICAS,
                "of_one_that_dies_between_its_claim_and_the_post_another_posts",
            ),
            (
                BOT_REPLICAS,
                "what_one_has_posted_and_not_recorded_another_finds",
            ),
        ],
    ),
    (
        "`deploybot` is stopped, and goes on later",
        &[
            (REPLICAS, "a_bot_that_is_stopped_and_goes_on_spoils_nothing"),
            (
                BOT_REPLICAS,
                "a_bot_that_was_asleep_overwrites_nothing_newer",
            ),
        ],
    ),
    (
        "Slack limits calls of any method: 429",
        &[
            (BOT_OUTBOX, "a_429_on_any_method_is_waited_for"),
            (
                BOT_OUTBOX,
                "a_method_that_slack_wants_left_alone_is_left_alone",
            ),
            (
                BOT_OUTBOX,
                "a_new_message_does_not_wait_for_the_limit_of_edits",
            ),
            (
                BOT_BUSY,
                "a_dialog_is_opened_and_filled_when_slack_takes_it",
            ),
            (BOT_BUSY, "who_presses_too_late_is_told_when_slack_takes_it"),
            (
                BOT_BUSY,
                "who_can_be_told_alone_only_is_told_when_slack_takes_it",
            ),
            (
                BOT_BUSY,
                "in_a_thread_a_lost_message_is_looked_for_when_slack_takes_it",
            ),
        ],
    ),
    (
        "Slack is down for an hour",
        &[
            (
                BOT_OUTBOX,
                "an_hour_without_slack_delays_what_is_said_and_loses_nothing",
            ),
            (WAYS, "what_slack_does_not_take_for_a_while_is_said_later"),
        ],
    ),
    (
        "Slack limits what is said in all channels together",
        &[(
            BOT_LIMITS,
            "a_storm_over_all_channels_is_said_in_turn_and_the_quiet_come_first",
        )],
    ),
    (
        "Slack or `deploy` takes a call and never answers",
        &[
            (
                BOT_LIMITS,
                "a_call_that_hangs_holds_up_its_own_channel_alone",
            ),
            (
                BOT_LIMITS,
                "a_claim_that_hangs_holds_up_its_own_channel_alone",
            ),
            (
                BOT_LIMITS,
                "what_waits_for_too_many_calls_that_hang_is_claimed_anew_and_said_once",
            ),
            (BOT_WIRE, "an_opening_that_hangs_holds_up_no_other"),
            (
                BOT_WIRE,
                "what_waits_for_the_deploy_service_holds_up_no_other_event",
            ),
            (
                "deploybot/tests/it/feed.rs",
                "a_stream_that_falls_silent_is_followed_anew",
            ),
        ],
    ),
    (
        "One person asks again before the answer",
        &[
            (
                BOT_OUTBOX,
                "one_person_is_answered_in_the_order_of_their_questions_and_others_need_not_wait",
            ),
            (
                BOT_OUTBOX,
                "who_waits_for_the_answer_to_an_earlier_question_is_told_so_alone",
            ),
        ],
    ),
    (
        "One channel is flooded",
        &[
            (BOT_OUTBOX, "a_flood_in_one_channel_does_not_delay_another"),
            (
                "deploybot/tests/it/followers.rs",
                "a_flood_in_one_channel_delays_no_other",
            ),
        ],
    ),
    (
        "The bot is not in the channel: `not_in_channel`",
        &[(BOT_REFUSED, TOLD_ALONE), (REPLICAS, IN_THE_LOG)],
    ),
    (
        "The channel is gone or hidden: `channel_not_found`",
        &[
            (BOT_REFUSED, TOLD_ALONE),
            (
                BOT_REFUSED,
                "a_request_that_cannot_be_shown_where_it_was_made_is_shown_to_who_made_it",
            ),
            (REPLICAS, IN_THE_LOG),
        ],
    ),
    (
        "The channel is archived: `is_archived`",
        &[
            (BOT_REFUSED, TOLD_ALONE),
            (
                BOT_REFUSED,
                "a_channel_that_is_archived_meanwhile_holds_up_nothing",
            ),
            (REPLICAS, IN_THE_LOG),
        ],
    ),
    (
        "Slack refuses what is said: `msg_too_long`, `invalid_blocks`",
        &[
            (
                BOT_REFUSED,
                "what_slack_refuses_as_it_is_is_said_more_plainly",
            ),
            (REPLICAS, IN_THE_LOG),
        ],
    ),
    (
        "The bot's token was revoked: `token_revoked`",
        &[
            (
                BOT_REFUSED,
                "a_token_that_is_revoked_delays_what_is_said_until_it_is_good_again",
            ),
            (REPLICAS, IN_THE_LOG),
        ],
    ),
    (
        "Another bot mentions deploybot",
        &[(
            "deploybot/tests/it/commands.rs",
            "bots_and_the_bots_own_words_are_no_commands",
        )],
    ),
    (
        "deploybot is mentioned in an edit",
        &[
            (
                BOT_DIRECT,
                "a_mention_in_an_edit_that_slack_tells_of_anew_is_not_heard",
            ),
            (
                "deploybot/src/slack/event/tests.rs",
                "bots_edits_and_the_bot_itself_are_not_heard",
            ),
        ],
    ),
    (
        "deploybot is mentioned twice in one message",
        &[(BOT_DIRECT, "two_mentions_in_one_message_are_one_question")],
    ),
    (
        "deploybot is mentioned in a thread",
        &[(
            "deploybot/tests/it/commands.rs",
            "what_is_asked_in_a_thread_is_answered_there",
        )],
    ),
    (
        "deploybot is mentioned in code",
        &[(
            BOT_DIRECT,
            "a_mention_in_code_asks_for_nothing_and_code_beside_one_is_what_is_asked",
        )],
    ),
    (
        "Somebody of another company asks in a shared channel, or presses a button",
        &[
            (
                BOT_STRANGERS,
                "a_stranger_is_refused_in_the_thread_before_anything_is_asked",
            ),
            (
                BOT_STRANGERS,
                "a_strangers_press_is_refused_in_the_thread_and_does_nothing",
            ),
            (
                BOT_STRANGERS,
                "a_stranger_who_uses_a_modal_or_the_home_tab_gets_nothing_by_it",
            ),
        ],
    ),
    (
        "Somebody without the right to deploy presses a button",
        &[
            (
                BOT_DIALOG,
                "who_may_not_deploy_and_presses_somebodys_button_is_refused_and_nothing_else_happens",
            ),
            (
                BOT_DIALOG,
                "who_may_not_deploy_can_not_submit_the_dialog_of_somebodys_status",
            ),
        ],
    ),
    (
        "A guest of the workspace asks for a change, or presses a button",
        &[(BOT_STRANGERS, "a_guest_may_look_and_changes_nothing")],
    ),
    (
        "Slack repeats a command in its own name, as a reminder",
        &[(BOT_DIRECT, "what_no_person_newly_wrote_is_not_heard")],
    ),
    (
        "A button is pressed after something else went live",
        &[
            (
                BOT_DIALOG,
                "a_button_that_does_not_know_what_is_live_by_now_says_so_and_does_nothing",
            ),
            (
                BOT_DIALOG,
                "where_what_is_wanted_went_live_meanwhile_the_gate_says_so",
            ),
            (
                BOT_DIALOG,
                "a_button_pressed_while_nobody_can_tell_says_later_that_it_is_outdated",
            ),
            (
                OUTAGE,
                "what_was_asked_over_something_older_than_is_live_is_not_done_after_an_outage",
            ),
        ],
    ),
    (
        "A dialog is submitted after something else went live, or before it shows what was \
         chosen",
        &[
            (
                BOT_DIALOG,
                "what_would_change_something_else_by_now_is_shown_before_it_goes_out",
            ),
            (BOT_DIALOG, "what_is_not_shown_yet_can_not_be_submitted"),
            (
                BOT_DIALOG,
                "deploy_pressed_while_another_environment_is_looked_up_says_so_under_its_field",
            ),
        ],
    ),
    (
        "Slack does not take a change of an open dialog: 429, 503, or a lost answer",
        &[(
            BOT_DIALOG,
            "a_dialog_that_slack_does_not_change_at_once_is_filled_all_the_same",
        )],
    ),
];

const BOT_BUSY: &str = "deploybot/tests/it/busy.rs";
const BOT_CONNECTION: &str = "deploybot/tests/it/connection.rs";
const BOT_DIALOG: &str = "deploybot/tests/it/dialog";
const BOT_DIRECT: &str = "deploybot/tests/it/direct.rs";
const BOT_STRANGERS: &str = "deploybot/tests/it/direct/strangers.rs";
const BOT_LIMITS: &str = "deploybot/tests/it/limits.rs";
const BOT_OUTBOX: &str = "deploybot/tests/it/outbox.rs";
const BOT_REFUSALS: &str = "deploybot/tests/it/web_refusals.rs";
const BOT_REFUSED: &str = "deploybot/tests/it/refused.rs";
const BOT_REPLICAS: &str = "deploybot/tests/it/replicas.rs";
const BOT_WEB: &str = "deploybot/tests/it/web.rs";
const BOT_WIRE: &str = "deploybot/tests/it/wire.rs";
const OUTAGE: &str = "deploy/tests/it/outage.rs";
const REPLICAS: &str = "sandbox/tests/it/slack_replicas.rs";
const WAYS: &str = "sandbox/tests/it/slack_ways.rs";

const TOLD_ALONE: &str = "whoever_asks_where_the_bot_cannot_write_is_told_alone";
const IN_THE_LOG: &str = "what_slack_refuses_is_in_the_log_with_what_has_to_be_done";

/// The first column of the document's table of Slack.
fn documented() -> Vec<&'static str> {
    let (_, of_slack) = DOCUMENT.split_once("\n## Slack\n").unwrap();
    let rows = of_slack.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split(" | ").next())
        .filter(|fault| *fault != "Fault" && !fault.starts_with("---"))
        .collect()
}

/// The text of a file, or of a module that is a file and a folder, which is named
/// without `.rs`.
fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if name.ends_with(".rs") {
        return std::fs::read_to_string(path).unwrap();
    }
    let own = std::fs::read_to_string(path.with_extension("rs")).unwrap();
    let inner = std::fs::read_dir(&path).into_iter().flatten();
    let inner: Vec<PathBuf> = inner.map(|entry| entry.unwrap().path()).collect();
    inner.iter().fold(own, |all, path| {
        all + &std::fs::read_to_string(path).unwrap()
    })
}

#[test]
fn each_row_of_slacks_faults_has_its_tests_and_each_test_is_there() {
    let faults: Vec<&str> = FAULTS.iter().map(|(fault, _)| *fault).collect();
    assert_eq!(documented(), faults);
    for (fault, tests) in FAULTS {
        assert!(!tests.is_empty(), "{fault}");
        for (file, name) in *tests {
            let is_there = source(file).contains(&format!("fn {name}("));
            assert!(is_there, "{fault}: {file} has no test {name}");
        }
    }
}
