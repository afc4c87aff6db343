//! What must hold for every view whatever comes from outside: nothing in it is
//! markup, and the largest answers fit Slack's limits.

mod answers;

use deploy_proto::v1::{
    DeploymentKind, Failure, GetStatusResponse, ListHistoryResponse, Moment, PolicyProblem,
    PreviewDeploymentResponse, Reason, Refusal, RemoveLinkResponse, Request, RequestState,
    SubscribeResponse, UnsubscribeResponse, Waiting,
};
use proptest::prelude::*;

use self::answers::{
    authors_of, call_errors, changes_of, checks_of, commit_of, elsewhere_of, environment_of,
    history_of, link_of, obstacle_of, overview_of, person_of, refusal_of, request_of, status_of,
    subscriptions_of,
};
use super::{
    Asked, Dialog,
    action::{self, DeployAction, StartAction},
    asked_in_vain, call_error, call_error_in_field, changed_meanwhile, commits_live, deploy_dialog,
    fixtures::{EN, KO, ago, asked, now, rendered, rendered_anew, rendered_home, rendered_modal},
    followed_elsewhere, followed_request, follows_in_vain, follows_no_more, history, home,
    home_without_answer, link_code, link_code_not_shown, link_end, live_meanwhile, not_cancelled,
    nothing_to_cancel, parse_error, request, request_cancelled, request_failure, status,
    subscribed, subscriptions, unlinked, unsubscribed,
};
use crate::{
    command::{self, CommitSha, EnvironmentName, RepositoryName},
    view::Hindrance,
    words::Words,
};

const LANGUAGES: [Words; 2] = [EN, KO];

/// Everything the bot can say, in every language, when each text of an answer is
/// `outside`.
fn every_view(outside: &str, many: usize) -> Vec<String> {
    let views = LANGUAGES.map(|words| every_view_in(words, outside, many));
    views.into_iter().flatten().collect()
}

fn every_view_in(words: Words, outside: &str, many: usize) -> Vec<String> {
    let people = asked("people");
    let [some, more] = [3, 25].map(|number| history_of(outside, number, many));
    let mut views = vec![
        rendered(&status(words, &status_of(outside, many), &people, now())),
        rendered(&history(words, &some, &people, now())),
        rendered(&history(words, &more, &people, now())),
    ];
    for state in 0..=7 {
        for kind in 0..=2 {
            let asked = request_of(outside, many, state, kind);
            views.push(rendered_anew(&request(words, &asked, now())));
            views.extend(not_cancelled(words, &asked, "").as_ref().map(rendered));
        }
    }
    views.extend(waiting_for_every_reason(words, outside, many));
    views.extend(failed_for_every_reason(words, outside, many));
    // Each reason, each objection, and what may be wrong with a repository's rules.
    let few = many.min(12);
    let refusals = (0..=19).map(|reason| refusal_of(outside, few, reason));
    let rules = (0..=19).map(|fault| Refusal {
        policy: Some(PolicyProblem {
            fault,
            line: i32::MAX,
            column: i32::MAX,
            text: outside.to_owned(),
            known: outside.to_owned(),
            most_kib: i32::MAX,
        }),
        ..refusal_of(outside, few, Reason::PolicyUnreadable.into())
    });
    for refusal in refusals.chain(rules) {
        let refused = Request {
            refusals: vec![refusal],
            ..request_of(outside, few, RequestState::Refused.into(), 1)
        };
        views.push(rendered_anew(&request(words, &refused, now())));
    }
    views.push(rendered(&request_failure(
        words,
        &request_of(outside, many, RequestState::Failed.into(), 1),
    )));
    let cancelled = Request {
        cancelled_by: person_of("Joon"),
        ..request_of(outside, many, RequestState::Cancelled.into(), 1)
    };
    views.extend(request_cancelled(words, &cancelled).as_ref().map(rendered));
    views.push(rendered(&nothing_to_cancel(words, outside)));
    views.extend(dialogs(words, outside, many));
    views.extend(of_people(words, outside, many));
    views.extend(of_channels(words, outside, many));
    views.push(rendered_home(&home(
        words,
        &overview_of(outside, many),
        now(),
    )));
    for error in call_errors(outside, many) {
        views.push(rendered_home(&home_without_answer(words, &error)));
        let message = call_error(words, &error, Asked::InWords, outside, Some(outside));
        views.push(rendered(&message));
        // Plain text can't be markup, but has to be there.
        assert!(!call_error_in_field(words, &error, outside, outside).is_empty());
    }
    views
}

fn of_people(words: Words, outside: &str, many: usize) -> Vec<String> {
    let asked = request_of(outside, many, RequestState::Succeeded.into(), 1);
    let forgotten = RemoveLinkResponse {
        login: outside.to_owned(),
        under_way: true,
        outdated: true,
    };
    let away = Hindrance::Unreachable;
    let start = StartAction {
        repository: RepositoryName::new("acme/people").expect("valid"),
        environment: EnvironmentName::new("production").expect("valid"),
        commit: CommitSha::new("a1b2c3d").expect("valid"),
        is_rollback: false,
        live: None,
    };
    let changes = changes_of(outside, many).unwrap_or_default();
    // Plain text can't be markup, but has to be there.
    assert!(!changed_meanwhile(words, outside, &changes).is_empty());
    let mut messages = vec![
        link_code(words, &link_of(outside, 1), now()),
        link_code_not_shown(words, &link_of(outside, 1)),
        unlinked(words, &forgotten),
        asked_in_vain(words, &away, std::time::Duration::MAX, outside),
        live_meanwhile(words, action::RETRY, &start, &changes),
        live_meanwhile(words, action::ROLL_BACK, &start, &changes),
    ];
    messages.extend((0..=9).filter_map(|state| link_end(words, &link_of(outside, state))));
    messages.extend(commits_live(words, &asked, &authors_of(outside, many)));
    messages.iter().map(rendered).collect()
}

fn of_channels(words: Words, outside: &str, many: usize) -> Vec<String> {
    let followed = subscriptions_of(outside, many);
    let subscribed_now = SubscribeResponse {
        subscription: followed.first().cloned(),
        replaced: followed.last().cloned(),
        outdated: false,
    };
    let ended = UnsubscribeResponse {
        ended: followed.clone(),
        kept: followed.clone(),
        outdated: true,
    };
    let nothing = UnsubscribeResponse::default();
    let elsewhere = elsewhere_of(outside, many);
    let mut messages = vec![
        subscriptions(words, &followed),
        subscribed(words, &subscribed_now, &asked("people")),
        unsubscribed(words, &ended, outside, Some(outside), None),
        unsubscribed(words, &nothing, outside, Some(outside), Some(outside)),
        follows_in_vain(words, outside),
        follows_no_more(words, outside, outside, outside),
    ];
    for moment in [Moment::Started, Moment::Succeeded, Moment::Failed] {
        messages.push(followed_elsewhere(words, &elsewhere, moment));
    }
    for state in 0..=7 {
        let mut asked = request_of(outside, many.min(12), state, 1);
        asked.reply = Some(deploy_proto::v1::ReplyAddress {
            channel: format!("C{outside}"),
            ..Default::default()
        });
        messages.push(followed_request(words, &asked));
    }
    messages.iter().map(rendered_anew).collect()
}

fn waiting_for_every_reason(words: Words, outside: &str, many: usize) -> Vec<String> {
    let waiting = |reason| Waiting {
        reason,
        until: ago(-i64::from(i32::MAX)),
        ahead: Some(i32::MAX),
        detail: outside.to_owned(),
        explanation: outside.to_owned(),
        obstacle: (reason % 2 == 0).then(|| obstacle_of(outside)),
    };
    let shown = |reason| {
        let request = Request {
            waiting: Some(waiting(reason)),
            ..request_of(outside, many, RequestState::Creating.into(), 1)
        };
        rendered_anew(&super::request(words, &request, now()))
    };
    (0..=4).map(shown).collect()
}

/// One that failed for each reason, and one for a reason that is not known.
fn failed_for_every_reason(words: Words, outside: &str, many: usize) -> Vec<String> {
    let why = |reason| Failure {
        reason,
        detail: vec![outside; many].join("\n"),
        limit: Some(prost_types::Duration {
            seconds: i64::MAX,
            nanos: 0,
        }),
        since: ago(i64::from(i32::MAX)),
        obstacle: Some(obstacle_of(outside)),
    };
    let shown = |reason| {
        let failed = Request {
            why: Some(why(reason)),
            ..request_of(outside, many, RequestState::Failed.into(), 1)
        };
        [
            rendered_anew(&request(words, &failed, now())),
            rendered(&request_failure(words, &failed)),
        ]
    };
    (0..=15).flat_map(shown).collect()
}

fn dialogs(words: Words, outside: &str, many: usize) -> Vec<String> {
    let action = DeployAction {
        repository: RepositoryName::new("acme/people").expect("valid"),
        commit: CommitSha::new("a1b2c3d").expect("valid"),
    };
    let environments = vec![environment_of(outside); many];
    let preview = |refusals| PreviewDeploymentResponse {
        refusals,
        commit: Some(commit_of(outside)),
        changes: changes_of(outside, many),
        checks: checks_of(outside, many),
        environment: outside.to_owned(),
    };
    let previews = [
        preview(Vec::new()),
        preview(request_of(outside, many, 2, 1).refusals),
    ];
    previews
        .iter()
        .map(|preview| {
            let dialog = Dialog {
                action: &action,
                environments: Some(Ok(&environments)),
                chosen: Some(outside),
                preview: Some(Ok(preview)),
            };
            rendered_modal(&deploy_dialog(words, &dialog, now()))
        })
        .collect()
}

/// Every `<` that is left opens something of ours: a link to the web, or
/// a date, a channel, or mentions who wrote a commit. No other person in these answers has a
/// well-formed id.
fn assert_no_foreign_markup(shown: &str, outside: &str) {
    for (at, _) in shown.match_indices('<') {
        let opened = &shown[at + 1..];
        let is_ours = opened.starts_with("http://")
            || opened.starts_with("https://")
            || opened.starts_with("!date^")
            || opened.starts_with("@U0123456789>")
            || is_channel(opened);
        assert!(
            is_ours,
            "{outside:?} brought <{} in {shown}",
            opened.chars().take(20).collect::<String>()
        );
    }
}

/// Whether what is opened shows a channel by a well-formed id.
fn is_channel(opened: &str) -> bool {
    let id = opened.strip_prefix("#C").and_then(|id| id.split_once('>'));
    id.is_some_and(|(id, _)| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

const NASTY: [&str; 8] = [
    "<!channel>",
    "<@U1>",
    "<https://evil.example|here>",
    "*b* _i_ ~s~ `c` ```d```",
    "&lt;!here&gt;",
    "> quote\n• item\r\n<!everyone>",
    "\u{202e}drawkcab\u{2066}\u{7}\u{0}",
    "|>x<!subteam^S1>",
];

#[test]
fn text_from_outside_is_never_markup() {
    for outside in NASTY {
        for view in every_view(outside, 3) {
            assert_no_foreign_markup(&view, outside);
            assert!(
                !view.contains(['\u{202e}', '\u{2066}', '\u{7}', '\0']),
                "{view}"
            );
        }
    }
}

#[test]
fn the_largest_answers_fit() {
    // What grows most when escaped, what is longest for a single character, and
    // what is put between marks.
    for outside in [
        "&".repeat(210),
        "👩‍👩‍👧‍👦".repeat(50),
        "ש".repeat(210),
        "배포".repeat(105),
    ] {
        every_view(&outside, 52);
    }
}

#[test]
fn answers_without_anything_are_shown() {
    for view in every_view("", 0) {
        assert!(!view.contains("``"), "{view}");
    }
    for words in LANGUAGES {
        let people = asked("people");
        let (nothing, never) = (GetStatusResponse::default(), ListHistoryResponse::default());
        rendered(&status(words, &nothing, &people, now()));
        rendered(&history(words, &never, &people, now()));
        for state in 0..=7 {
            let empty = Request {
                state,
                kind: DeploymentKind::Unspecified.into(),
                ..Request::default()
            };
            rendered_anew(&request(words, &empty, now()));
        }
        rendered(&request_failure(words, &Request::default()));
    }
}

proptest! {
    // Each case builds every view.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_text_from_outside_is_markup(outside in "(\\PC|[<>&|!@#*_~`\\n\u{202e}]){0,60}") {
        for view in every_view(&outside, 2) {
            assert_no_foreign_markup(&view, &outside);
        }
    }

}

proptest! {
    #[test]
    fn any_text_is_answered(text in "(<@U0BOT>)?(\\PC|[ \\n\\t<>|&;:*_~`\u{7}\u{a0}\u{200b}\u{202e}]|status|deploy|history|help|limit|to|of|people|a1b2c3d){0,40}") {
        if let Err(error) = command::parse(&text, "U0BOT") {
            for words in LANGUAGES {
                let view = rendered(&parse_error(words, &error));
                assert_no_foreign_markup(&view, &text);
                prop_assert!(length_of(&view) < 1500, "{}", view);
                for line in suggested_lines(&view) {
                    prop_assert!(is_typed(&line), "{:?} suggests {:?}", text, line);
                }
            }
        }
    }
}

/// The lines to copy that an answer holds, without those that stand for a word
/// that is to be filled in.
fn suggested_lines(view: &str) -> Vec<String> {
    let parts = view.split('`').skip(1).step_by(2);
    parts
        .filter_map(|part| part.strip_prefix("@deploybot "))
        .filter(|line| !line.contains(['[', ';']))
        .map(str::to_owned)
        .collect()
}

/// Whether a line is understood when it is copied, and holds nothing that
/// nobody sees.
fn is_typed(line: &str) -> bool {
    let is_seen = |c: char| c != '\u{fffd}' && !command::is_unprintable(c);
    line.chars().all(is_seen) && command::parse(&format!("<@U0BOT> {line}"), "U0BOT").is_ok()
}

fn length_of(view: &str) -> usize {
    view.chars().count()
}
