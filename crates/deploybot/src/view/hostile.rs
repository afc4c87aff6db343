//! What must hold for every view whatever comes from outside: nothing in it is
//! markup, and the largest answers fit Slack's limits.

use deploy_proto::v1::{
    Changes, Checks, ChecksState, Commit, CommitStatus, Deployment, DeploymentKind,
    DeploymentState, EnvironmentHistory, EnvironmentStatus, Failure, GetStatusResponse,
    ListHistoryResponse, LiveCommit, Objection, Obstacle, ObstacleReason, Person, PolicyProblem,
    PreviewDeploymentResponse, Reason, Refusal, Request, RequestState, Stale, Step, Waiting,
};
use proptest::prelude::*;

use super::{
    Asked, Away, CallError, Dialog, Hindrance,
    action::DeployAction,
    call_error, call_error_in_field, deploy_dialog,
    fixtures::{EN, KO, ago, now, rendered, rendered_modal, sha},
    history, not_cancelled, nothing_to_cancel, parse_error, request, request_cancelled,
    request_failure, status,
};
use crate::{
    command::{self, CommitSha, RepositoryName},
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
    let mut views = vec![
        rendered(&status(words, &status_of(outside, many), now())),
        rendered(&history(words, &history_of(outside, 3, many), now())),
        rendered(&history(words, &history_of(outside, 25, many), now())),
    ];
    for state in 0..=7 {
        for kind in 0..=2 {
            let asked = request_of(outside, many, state, kind);
            views.push(rendered(&request(words, &asked, now())));
            views.extend(not_cancelled(words, &asked, "").as_ref().map(rendered));
        }
    }
    views.extend(waiting_for_every_reason(words, outside, many));
    views.extend(failed_for_every_reason(words, outside, many));
    for reason in 0..=18 {
        let refused = Request {
            refusals: vec![refusal_of(outside, many, reason)],
            ..request_of(outside, many, RequestState::Refused.into(), 1)
        };
        views.push(rendered(&request(words, &refused, now())));
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
    for error in call_errors(outside, many) {
        let message = call_error(words, &error, Asked::InWords, outside, Some(outside));
        views.push(rendered(&message));
        // Plain text can't be markup, but has to be there.
        assert!(!call_error_in_field(words, &error, outside, outside).is_empty());
    }
    views
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
        rendered(&super::request(words, &request, now()))
    };
    (0..=4).map(shown).collect()
}

fn texts(outside: &str, many: usize) -> Vec<String> {
    vec![outside.to_owned(); many]
}

fn commit_of(outside: &str) -> Commit {
    Commit {
        sha: if outside.len() > 20 {
            sha("a1b2c3d")
        } else {
            outside.to_owned()
        },
        headline: outside.to_owned(),
        author: outside.to_owned(),
        committed_at: ago(60),
        url: format!("https://github.test/{outside}"),
    }
}

fn checks_of(outside: &str, many: usize) -> Option<Checks> {
    Some(Checks {
        state: ChecksState::Failure.into(),
        done: i32::MAX,
        total: i32::MAX,
        failed: texts(outside, many),
    })
}

fn person_of(outside: &str) -> Option<Person> {
    Some(Person {
        slack: outside.to_owned(),
        github: outside.to_owned(),
        name: outside.to_owned(),
    })
}

fn deployment_of(outside: &str, many: usize, kind: i32) -> Deployment {
    Deployment {
        id: i64::MAX,
        environment: outside.to_owned(),
        commit: Some(commit_of(outside)),
        state: DeploymentState::Running.into(),
        live: true,
        kind,
        requester: person_of(outside),
        created_at: ago(i64::from(i32::MAX)),
        ended_at: ago(1),
        duration: Some(prost_types::Duration {
            seconds: i64::MAX,
            nanos: 0,
        }),
        steps: (0..many)
            .map(|n| Step {
                state: format!("{outside}{n}"),
                description: format!("{n}{outside}"),
                at: ago(1),
                log_url: outside.to_owned(),
                failure: None,
            })
            .collect(),
        request_id: outside.to_owned(),
        replaces: outside.to_owned(),
        log_url: format!("https://github.test/?{outside}"),
        environment_url: format!("http://{outside}/"),
    }
}

fn environment_of(outside: &str) -> EnvironmentStatus {
    EnvironmentStatus {
        name: outside.to_owned(),
        live: Some(LiveCommit {
            commit: Some(commit_of(outside)),
            since: ago(1),
            behind: Some(i32::MAX),
            environment_url: outside.to_owned(),
        }),
        running: Some(deployment_of(outside, 1, 1)),
    }
}

fn status_of(outside: &str, many: usize) -> GetStatusResponse {
    let commit = |n: usize| CommitStatus {
        commit: Some(commit_of(outside)),
        // Half of them may be deployed, so that there are buttons as well.
        checks: if n.is_multiple_of(2) {
            checks_of(outside, many)
        } else {
            Some(Checks {
                state: ChecksState::Success.into(),
                ..Checks::default()
            })
        },
        live_in: texts(outside, if n.is_multiple_of(2) { many } else { 0 }),
    };
    GetStatusResponse {
        repository: outside.to_owned(),
        branch: outside.to_owned(),
        commits: (0..many.min(50)).map(commit).collect(),
        environments: vec![environment_of(outside); many],
        as_of: ago(i64::from(i32::MAX)),
        url: outside.to_owned(),
        stale: stale_of(outside),
    }
}

fn history_of(outside: &str, environments: usize, many: usize) -> ListHistoryResponse {
    let environment = EnvironmentHistory {
        environment: outside.to_owned(),
        deployments: (0..many.min(50))
            .map(|n| deployment_of(outside, 1, if n.is_multiple_of(2) { 1 } else { 2 }))
            .collect(),
        more: true,
    };
    ListHistoryResponse {
        repository: outside.to_owned(),
        environments: vec![environment; environments],
        as_of: ago(1),
        stale: stale_of(outside),
    }
}

fn stale_of(outside: &str) -> Option<Stale> {
    Some(Stale {
        reason: 1,
        retry_at: ago(-i64::from(i32::MAX)),
        incident: outside.to_owned(),
        is_partial: true,
    })
}

fn changes_of(outside: &str, many: usize) -> Option<Changes> {
    Some(Changes {
        base: outside.to_owned(),
        head: outside.to_owned(),
        ahead: i32::MAX,
        behind: i32::MAX,
        commits: vec![commit_of(outside); many],
        compare_url: outside.to_owned(),
        authors: Vec::new(),
    })
}

fn refusal_of(outside: &str, many: usize, reason: i32) -> Refusal {
    Refusal {
        reason,
        candidates: texts(outside, many),
        detail: outside.to_owned(),
        // One half of them is only asked for yet.
        deployment: many
            .is_multiple_of(2)
            .then(|| deployment_of(outside, many, 1)),
        commits: vec![commit_of(outside); many],
        requester: person_of(outside),
        commit: Some(commit_of(outside)),
        objection: (many % 3 == 1).then(|| Objection {
            reason: reason % 13,
            fields: texts(outside, many),
            status: i32::MAX,
        }),
        policy: (many % 3 == 2).then(|| PolicyProblem {
            fault: reason,
            line: i32::MAX,
            column: i32::MAX,
            text: outside.to_owned(),
            known: outside.to_owned(),
            most_kib: i32::MAX,
        }),
        checks: checks_of(outside, many),
    }
}

fn obstacle_of(outside: &str) -> Obstacle {
    Obstacle {
        reason: ObstacleReason::NotInstalled.into(),
        owner: outside.to_owned(),
        at: ago(i64::from(i32::MAX)),
    }
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
            rendered(&request(words, &failed, now())),
            rendered(&request_failure(words, &failed)),
        ]
    };
    (0..=15).flat_map(shown).collect()
}

fn request_of(outside: &str, many: usize, state: i32, kind: i32) -> Request {
    Request {
        request_id: outside.to_owned(),
        state,
        repository: outside.to_owned(),
        environment: outside.to_owned(),
        commit: Some(commit_of(outside)),
        kind,
        requester: person_of(outside),
        reply: None,
        accepted_at: ago(i64::from(i32::MAX)),
        refusals: (0..many)
            .map(|n| refusal_of(outside, many.min(12), i32::try_from(n % 19).expect("small")))
            .collect(),
        deployment: Some(deployment_of(outside, many, kind)),
        changes: changes_of(outside, many),
        checks: checks_of(outside, many),
        failure: vec![outside; many].join("\n"),
        why: None,
        message_ts: outside.to_owned(),
        waiting: None,
        cancelled_by: person_of(outside),
    }
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

fn call_errors(outside: &str, many: usize) -> Vec<CallError> {
    vec![
        CallError::NotFound {
            reason: Reason::UnknownRepository,
            candidates: texts(outside, many),
        },
        CallError::NotFound {
            reason: Reason::UnknownEnvironment,
            candidates: texts(outside, many),
        },
        CallError::Invalid {
            violations: texts(outside, many),
        },
        CallError::NoOwner,
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Said(outside.to_owned()),
            retry_after: None,
        }),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Github(obstacle_of(outside)),
            retry_after: None,
        }),
    ]
}

/// Every `<` that is left opens something of ours: a link to the web, or
/// a date. No person in these answers has a well-formed id.
fn assert_no_foreign_markup(shown: &str, outside: &str) {
    for (at, _) in shown.match_indices('<') {
        let opened = &shown[at + 1..];
        let is_ours = opened.starts_with("http://")
            || opened.starts_with("https://")
            || opened.starts_with("!date^");
        assert!(
            is_ours,
            "{outside:?} brought <{} in {shown}",
            opened.chars().take(20).collect::<String>()
        );
    }
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
    for outside in ["&".repeat(210), "👩‍👩‍👧‍👦".repeat(50), "ש".repeat(210)] {
        every_view(&outside, 52);
    }
}

#[test]
fn answers_without_anything_are_shown() {
    for view in every_view("", 0) {
        assert!(!view.contains("``"), "{view}");
    }
    for words in LANGUAGES {
        rendered(&status(words, &GetStatusResponse::default(), now()));
        rendered(&history(words, &ListHistoryResponse::default(), now()));
        for state in 0..=7 {
            let empty = Request {
                state,
                kind: DeploymentKind::Unspecified.into(),
                ..Request::default()
            };
            rendered(&request(words, &empty, now()));
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
