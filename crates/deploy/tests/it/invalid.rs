//! Bad input: each call that is wrong gets its own clear answer, and changes
//! nothing.

use deploy_proto::v1;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    service::Watcher,
    world::{NEWEST, World},
};

/// The fields that are wrong, with their sentences.
fn violations(status: &Status) -> String {
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let details = status.get_error_details();
    let wrong = details
        .bad_request()
        .expect("fields")
        .field_violations
        .iter();
    let lines: Vec<_> = wrong
        .map(|one| format!("{}: {}", one.field, one.description))
        .collect();
    assert_eq!(status.message(), lines.join(" "));
    lines.join("\n")
}

#[tokio::test]
async fn limits_are_from_1_to_50() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    for number in [i32::MIN, -1, 0, 51, i32::MAX] {
        let sentence = format!("It is {number}; it must be from 1 to 50.");
        let ask = v1::GetStatusRequest {
            repository: "people".to_owned(),
            limit: Some(number),
        };
        let status = client.get_status(ask).await.unwrap_err();
        assert_eq!(violations(&status), format!("limit: {sentence}"));
        let ask = v1::ListHistoryRequest {
            repository: "people".to_owned(),
            environment: None,
            page_size: Some(number),
        };
        let status = client.list_history(ask).await.unwrap_err();
        assert_eq!(violations(&status), format!("page_size: {sentence}"));
    }
    assert_eq!(world.github.control().log(), [], "GitHub was not bothered");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn all_that_is_wrong_in_a_request_is_told_at_once() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let bad = v1::StartDeploymentRequest {
        request_id: "two words".to_owned(),
        repository: "people?".to_owned(),
        environment: "pro\u{0}duction".to_owned(),
        commit: "main".to_owned(),
        kind: 9,
        requester: Some(v1::Person {
            name: "x".repeat(4_000),
            ..v1::Person::default()
        }),
        reply: None,
        expected_live: Some("main".to_owned()),
    };
    let status = client.start_deployment(bad).await.unwrap_err();
    insta::assert_snapshot!(violations(&status), @r"
    request_id: A request id has 1 to 200 printable ASCII characters and no spaces.
    repository: A repository is written `owner/name` in letters, digits, `-`, `_` and `.`.
    environment: The name of an environment has 1 to 255 characters and no control characters.
    commit: A commit is written as the first 4 to 40 hex digits of its SHA.
    kind: It is 9; there is only deploy (1) and rollback (2).
    requester.name: It must have at most 255 characters and no control characters.
    expected_live: A commit is written as the first 4 to 40 hex digits of its SHA.
    ");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn noise_in_any_field_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let noise = [
        String::new(),
        " ".to_owned(),
        "x".repeat(4_000),
        "a\u{7}b".to_owned(),
        "\u{202e}elpoep".to_owned(),
        "<!channel>".to_owned(),
        "../../etc".to_owned(),
    ];
    for text in noise {
        for field in ["request_id", "repository", "environment", "commit"] {
            let mut ask = world.ask("r1", NEWEST);
            match field {
                "request_id" => ask.request_id.clone_from(&text),
                "repository" => ask.repository.clone_from(&text),
                "environment" => ask.environment.clone_from(&text),
                _ => ask.commit.clone_from(&text),
            }
            // Nearly anything printable may be the name of an environment or an id.
            let may_be = match field {
                "environment" => {
                    !text.trim().is_empty() && !text.contains('\u{7}') && text.len() < 255
                }
                "request_id" => text == "<!channel>" || text == "../../etc",
                _ => false,
            };
            if may_be {
                continue;
            }
            let status = client.start_deployment(ask).await.unwrap_err();
            assert!(violations(&status).starts_with(field), "{field} {text:?}");
        }
    }
    assert_eq!(world.github.control().log(), []);
    // The journal holds nothing of it: the first entry is that of this one.
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    let mut feed = Watcher::new(&mut client, "test").await;
    feed.end_of("r2").await;
    assert!(
        feed.seen.iter().all(|(_, id, _)| id == "r2"),
        "{:?}",
        feed.seen
    );
    assert_eq!(feed.seen[0].0, 1);
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn the_feed_takes_no_nonsense() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let subscriber = String::new();
    let status = client
        .watch(v1::WatchRequest {
            subscriber,
            replica: String::new(),
        })
        .await
        .unwrap_err();
    let word = "It must have 1 to 100 printable ASCII characters and no spaces.";
    assert_eq!(violations(&status), format!("subscriber: {word}"));
    let acks = [
        (-1, "cursor: It is -1; it must not be negative."),
        (7, "cursor: It is 7; the newest entry is 0."),
    ];
    for (cursor, sentence) in acks {
        let ask = v1::AckRequest {
            subscriber: "test".to_owned(),
            cursor,
        };
        assert_eq!(violations(&client.ack(ask).await.unwrap_err()), sentence);
    }
    let mut reply = v1::RecordReplyRequest {
        request_id: "unknown".to_owned(),
        channel: "C1".to_owned(),
        message_ts: "1.1".to_owned(),
    };
    let status = client.record_reply(reply.clone()).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, "There is no request unknown.")
    );
    reply.message_ts = String::new();
    let status = client.record_reply(reply).await.unwrap_err();
    assert_eq!(violations(&status), format!("message_ts: {word}"));
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut ask = world.ask("r1", NEWEST);
    ask.commit = "a".repeat(100_000);
    let status = client.start_deployment(ask).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
    service.stop().await;
    world.end().await;
}
