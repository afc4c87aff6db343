//! The home tab: drawn when it is opened, whatever is away or slow, in the
//! language of who looks at it.

use std::time::Duration;

use deploy_proto::v1::{GetOverviewResponse, RepositoryOverview};
use serde_json::{Value, json};
use simulators::{control::FaultKind, slack};
use tokio_util::sync::CancellationToken;

use crate::{
    answers,
    bare::{Bare, event, timing},
    request::Request,
    stage::{Stage, eventually},
};

const PUBLISH: &str = "POST /api/views.publish";

fn overview(own: bool) -> GetOverviewResponse {
    let status = answers::status();
    let people = RepositoryOverview {
        repository: status.repository,
        url: status.url,
        environments: status.environments,
        as_of: Some(prost_types::Timestamp {
            seconds: 1_795_356_120,
            nanos: 0,
        }),
        stale: None,
        branch: status.branch,
        waiting: Vec::new(),
        unknown: false,
    };
    GetOverviewResponse {
        repositories: vec![people],
        own,
        stale: None,
    }
}

fn scripted(stage: &Stage, own: bool) {
    stage.deploy.state().overview = Some(Ok(overview(own)));
}

async fn open(stage: &Stage, user: &str) {
    let opened = stage
        .call("POST", "/client/home", Some(json!({"user": user})))
        .await;
    assert_eq!(opened["ok"], true, "{opened}");
}

async fn tab(stage: &Stage, user: &str) -> Value {
    let path = format!("/client/home?user={user}");
    stage.call("GET", &path, None).await["view"].clone()
}

/// Waits until somebody's tab holds a text.
async fn shows(stage: &Stage, user: &str, part: &str) -> Value {
    for _ in 0..3_000 {
        let tab = tab(stage, user).await;
        if tab.to_string().contains(part) {
            return tab;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{part:?} is never seen in {}", tab(stage, user).await)
}

/// Somebody presses the button of their tab.
async fn refresh(stage: &Stage, user: &str, tab: &Value) -> Value {
    let (block, action) = crate::stage::button(tab, "refresh");
    let press = json!({
        "user": user, "view_id": tab["id"], "block_id": block, "action_id": action,
    });
    stage.call("POST", "/client/actions", Some(press)).await
}

#[tokio::test]
async fn it_shows_what_runs_where_and_is_drawn_anew_on_demand() {
    let stage = Stage::set().await;
    scripted(&stage, true);
    open(&stage, &stage.minji).await;
    let tab = shows(&stage, &stage.minji, "that you have deployed lately").await;
    assert!(tab.to_string().contains("production"), "{tab}");
    let whose = stage.deploy.state().overviews[0].person.clone().unwrap();
    assert_eq!(whose.slack, stage.minji);
    scripted(&stage, false);
    let pressed = refresh(&stage, &stage.minji, &tab).await;
    assert_eq!(pressed["ok"], true, "{pressed}");
    shows(&stage, &stage.minji, "that the team has deployed lately").await;
    assert_eq!(self::tab(&stage, &stage.joon).await, Value::Null);
    assert!(
        stage.said().await.is_empty(),
        "nothing is said in the channel"
    );
    stage.finish().await;
}

#[tokio::test]
async fn it_speaks_the_language_of_who_looks() {
    let mut stage = Stage::without_bot().await;
    let bora = stage.slack.add_user(slack::NewUser {
        name: "bora".to_owned(),
        real_name: "Bora Choi".to_owned(),
        email: None,
        tz: "Asia/Seoul".to_owned(),
        locale: "ko-KR".to_owned(),
    });
    stage.start_bot().await;
    scripted(&stage, true);
    open(&stage, bora.as_str()).await;
    shows(&stage, bora.as_str(), "최근에 배포하신 저장소").await;
    stage.finish().await;
}

#[tokio::test]
async fn while_the_deploy_service_is_away_it_says_so_with_the_button() {
    let stage = Stage::set().await;
    eventually("the feed is followed", || stage.deploy.all_is_shown()).await;
    stage.deploy.go_away().await;
    open(&stage, &stage.minji).await;
    let tab = shows(&stage, &stage.minji, "does not answer").await;
    assert!(tab.to_string().contains("Press Refresh"), "{tab}");
    stage.deploy.come_back().await;
    scripted(&stage, true);
    refresh(&stage, &stage.minji, &tab).await;
    shows(&stage, &stage.minji, "that you have deployed lately").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_slow_deploy_service_keeps_slack_from_nothing() {
    let mut stage = Stage::without_bot().await;
    stage.timing.read_acknowledged_after = Duration::from_millis(50);
    stage.start_bot().await;
    scripted(&stage, true);
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    open(&stage, &stage.minji).await;
    eventually("it is acknowledged", || {
        let deliveries = stage.slack.deliveries();
        deliveries
            .iter()
            .any(|it| it.event_type == "app_home_opened" && it.state == "acknowledged")
    })
    .await;
    assert_eq!(tab(&stage, &stage.minji).await, Value::Null);
    hold.cancel();
    shows(&stage, &stage.minji, "production").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_slack_does_not_take_is_drawn_again() {
    let mut stage = Stage::without_bot().await;
    stage.timing.slack_call = Duration::from_millis(500);
    stage.start_bot().await;
    scripted(&stage, true);
    for (number, kind) in [
        FaultKind::RateLimit { seconds: 1 },
        FaultKind::Status(503),
        FaultKind::Drop,
        FaultKind::DropAfterCommit,
        FaultKind::Refusal("internal_error".to_owned()),
        FaultKind::Refusal("hash_conflict".to_owned()),
        FaultKind::Late { ms: 2_000 },
    ]
    .into_iter()
    .enumerate()
    {
        let branch = format!("branch-{number}");
        let mut overview = overview(true);
        overview.repositories[0].repository = format!("acme/{branch}");
        stage.deploy.state().overview = Some(Ok(overview));
        let before = stage.calls(PUBLISH);
        stage.fault(PUBLISH, 1, kind.clone());
        open(&stage, &stage.minji).await;
        shows(&stage, &stage.minji, &branch).await;
        eventually("it was tried twice", || stage.calls(PUBLISH) == before + 2).await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_slack_refuses_for_good_is_given_up_until_it_is_opened_again() {
    let stage = Stage::set().await;
    scripted(&stage, true);
    for code in ["not_enabled", "token_revoked", "invalid_arguments"] {
        stage.fault(PUBLISH, 1, FaultKind::Refusal(code.to_owned()));
        open(&stage, &stage.minji).await;
        eventually("it was refused", || {
            stage.slack.control().faults().is_empty()
        })
        .await;
    }
    open(&stage, &stage.minji).await;
    shows(&stage, &stage.minji, "production").await;
    stage.finish().await;
}

#[tokio::test]
async fn opened_ten_times_at_once_it_is_drawn_twice_and_shows_the_newest() {
    let stage = Stage::set().await;
    scripted(&stage, true);
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    open(&stage, &stage.minji).await;
    eventually("it is being drawn", || stage.deploy.state().reads == 1).await;
    for _ in 0..9 {
        open(&stage, &stage.minji).await;
    }
    eventually("the others are acknowledged", || {
        let deliveries = stage.slack.deliveries();
        let opened = deliveries
            .iter()
            .filter(|it| it.event_type == "app_home_opened");
        opened.filter(|it| it.state == "acknowledged").count() == 9
    })
    .await;
    // Another's is not held up by it.
    open(&stage, &stage.joon).await;
    eventually("another's is drawn beside it", || {
        stage.deploy.state().reads == 2
    })
    .await;
    hold.cancel();
    eventually("it is drawn once more", || stage.calls(PUBLISH) == 3).await;
    assert_eq!(stage.deploy.state().reads, 3);
    stage.finish().await;
}

#[tokio::test]
async fn a_tab_that_another_has_drawn_meanwhile_is_drawn_with_what_is_so_after_that() {
    let stage = Stage::set().await;
    scripted(&stage, true);
    open(&stage, &stage.minji).await;
    shows(&stage, &stage.minji, "production").await;
    let hold = CancellationToken::new();
    stage.deploy.state().hold_reads = Some(hold.clone());
    open(&stage, &stage.minji).await;
    eventually("it is being drawn", || stage.deploy.state().reads == 2).await;
    let newer = json!({
        "user_id": stage.minji,
        "view": {"type": "home", "blocks": [{"type": "divider"}]},
    });
    let published = stage.call("POST", "/api/views.publish", Some(newer)).await;
    assert_eq!(published["ok"], true, "{published}");
    hold.cancel();
    shows(&stage, &stage.minji, "production").await;
    assert_eq!(
        stage.deploy.state().reads,
        3,
        "asked anew before it is drawn over"
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_stranger_is_shown_nothing() {
    let stage = Stage::set().await;
    let sora = stage.slack.add_stranger(
        "T0OTHER",
        slack::NewUser {
            name: "sora".to_owned(),
            real_name: "Sora".to_owned(),
            email: None,
            tz: "UTC".to_owned(),
            locale: "en-US".to_owned(),
        },
    );
    open(&stage, sora.as_str()).await;
    shows(&stage, sora.as_str(), "another workspace").await;
    assert_eq!(stage.deploy.state().reads, 0);
    stage.finish().await;
}

#[tokio::test]
async fn somebody_of_whom_slack_tells_nothing_is_shown_nothing() {
    let stage = Stage::set().await;
    let error = FaultKind::Refusal("fatal_error".to_owned());
    stage.fault("GET /api/users.info", 2, error);
    scripted(&stage, true);
    open(&stage, &stage.minji).await;
    let tab = shows(&stage, &stage.minji, "does not tell me now who you are").await;
    assert_eq!(stage.deploy.state().reads, 0);
    refresh(&stage, &stage.minji, &tab).await;
    shows(&stage, &stage.minji, "production").await;
    stage.finish().await;
}

#[tokio::test]
async fn over_http_it_is_drawn_too_and_once_however_often_it_is_told() {
    let bare = Bare::with_requests(timing()).await;
    bare.deploy.state().overview = Some(Ok(overview(true)));
    let home = json!({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"});
    for tab in ["home", "home", "messages"] {
        let mut home = home.clone();
        home["tab"] = json!(tab);
        let id = if tab == "home" { "Ev1" } else { "Ev2" };
        let told = Request::event(&event(id, home)).send(&bare.events).await;
        assert_eq!(told.status, 200);
    }
    let sent = bare.sent("views.publish");
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert_eq!(
        (&sent[0]["user_id"], &sent[0]["view"]["type"]),
        (&json!("U1"), &json!("home"))
    );
    assert_eq!(sent[0].get("hash"), None);
    bare.end().await;
}
