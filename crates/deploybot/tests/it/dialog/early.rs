//! Pressing Deploy in a dialog that is only being filled, or was filled otherwise
//! since.

use std::time::Duration;

use deploy_proto::v1::DeploymentKind;
use serde_json::json;
use simulators::control::FaultKind;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{choose_in, choose_refused, opened, submit, submitted};
use crate::{
    answers::{self, OLD},
    stage::{Stage, eventually},
};

#[tokio::test]
async fn deploy_pressed_while_another_environment_is_looked_up_says_so_under_its_field() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_previews = Some(hold.clone());
    choose_in(&stage, &view, "staging").await;
    let looking = stage
        .sees(&stage.minji, "Looking at what would go to")
        .await;
    assert_eq!(looking["blocks"][1]["type"], "input", "{looking}");
    let told = submitted(&stage, &view, "staging").await;
    let told = told.expect("it stays open");
    assert!(told.contains("only being looked up"), "{told}");
    hold.cancel();
    stage.deploy.state().hold_previews = None;
    stage.sees(&stage.minji, "Ready for *staging*").await;
    assert_eq!(submitted(&stage, &view, "staging").await, None);
    assert_eq!(stage.deploy.state().starts.len(), 1);
    stage.heard(2, "accepted").await;
    stage.finish().await;
}

#[tokio::test]
async fn deploy_pressed_as_the_rules_refuse_it_is_answered_by_what_they_say() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    choose_refused(&stage, &view).await;
    // What is looked up anew is shown after the sentence.
    let late = FaultKind::Latency { ms: 500 };
    stage.fault("POST /api/views.update", 1, late);
    let answer = submit(&stage, &view, "staging").await;
    assert_eq!(answer, json!({"ok": true}));
    stage.sees(&stage.minji, "only being looked up").await;
    let shown = stage.sees(&stage.minji, "It may not go to *staging*").await;
    assert_eq!(shown["id"], view["id"], "it stays open");
    assert!(stage.deploy.state().starts.is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn what_is_refused_while_a_dialog_is_shown_otherwise_is_said_in_its_place() {
    let patience = Duration::from_secs(30);
    let mut stage = Stage::with(|slack| slack.timing.acknowledge_within = patience).await;
    stage.timing.journalled_within = patience;
    stage.start_bot().await;
    let (_, view) = opened(&stage).await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_starts = Some(hold.clone());
    let meanwhile = async {
        eventually("it is asked for", || {
            !stage.deploy.state().starts.is_empty()
        })
        .await;
        choose_refused(&stage, &view).await;
        let away = Status::unavailable("GitHub is away.");
        stage.deploy.state().refuse_starts = vec![away];
        hold.cancel();
    };
    let (answer, ()) = tokio::join!(submit(&stage, &view, "production"), meanwhile);
    assert_eq!(answer, json!({"ok": true}));
    // Nothing that is in work is shown over it.
    stage.stop_bot().await.unwrap();
    let told = stage.view(&stage.minji).await;
    assert!(told.to_string().contains("GitHub is away."), "{told}");
    stage.finish().await;
}

#[tokio::test]
async fn what_goes_back_is_asked_for_as_a_rollback_from_the_start() {
    let stage = Stage::set().await;
    let (_, view) = opened(&stage).await;
    let mut back = answers::preview("staging");
    let changes = back.changes.as_mut().unwrap();
    (changes.ahead, changes.behind) = (0, 2);
    changes.base = OLD.to_owned();
    stage.deploy.state().preview = Some(Ok(back));
    choose_in(&stage, &view, "staging").await;
    stage.sees(&stage.minji, "This goes back").await;
    assert_eq!(submitted(&stage, &view, "staging").await, None);
    let start = stage.deploy.state().starts[0].clone();
    assert_eq!(start.kind(), DeploymentKind::Rollback);
    // Before its commits are known.
    let said = stage.heard(2, "accepted").await;
    assert!(
        said[1]["text"].as_str().unwrap().starts_with("↩️"),
        "{said:?}"
    );
    stage.finish().await;
}
