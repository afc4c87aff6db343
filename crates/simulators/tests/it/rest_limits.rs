//! The limits of each caller, in GitHub's forms, and the clock that they are
//! counted by.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use serde_json::{Value, json};
use simulators::github::{Limits, SecondaryLimits};

use crate::rest_client::{Reply, TOKEN, World};

const REFUSED: &str =
    "403 You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

async fn query(world: &World) -> Reply {
    let token = format!("Bearer {TOKEN}");
    let body = json!({"query": "{ rateLimit { cost limit remaining used } }"}).to_string();
    let headers = [("authorization", token.as_str())];
    world
        .send(Method::POST, "/api/graphql", &headers, body)
        .await
        .unwrap()
}

async fn create(world: &World) -> Reply {
    let body = json!({"ref": "main", "auto_merge": false, "required_contexts": []});
    world.post("/repos/acme/people/deployments", body).await
}

fn secondary(secondary: SecondaryLimits) -> Limits {
    Limits {
        secondary: Some(secondary),
        ..Limits::default()
    }
}

#[tokio::test]
async fn githubs_numbers_are_the_limits() {
    let world = World::start().await;
    let reply = world.page("/control/limits").await;
    insta::assert_snapshot!(reply.text(), @r#"{"rest_per_hour":5000,"graphql_per_hour":5000,"installation_rest_per_hour":null,"installation_graphql_per_hour":null,"secondary":{"concurrent":100,"rest_points_per_minute":900,"graphql_points_per_minute":2000,"creates_per_minute":80,"creates_per_hour":500}}"#);
    let headers = [("content-type", "application/json")];
    let body = r#"{"graphql_per_hour": 7, "secondary": null}"#;
    let path = "/control/limits";
    let reply = world.send(Method::PUT, path, &headers, body).await.unwrap();
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert_eq!(
        world.github.limits(),
        Limits {
            graphql_per_hour: 7,
            secondary: None,
            ..Limits::default()
        }
    );
}

#[tokio::test]
async fn each_api_has_an_hour_of_its_own() {
    let world = World::start().await;
    world.github.set_limits(Limits {
        rest_per_hour: 3,
        graphql_per_hour: 1,
        ..Limits::default()
    });
    let told = query(&world).await;
    assert_eq!(
        told.json()["data"]["rateLimit"],
        json!({"cost": 1, "limit": 1, "remaining": 0, "used": 1})
    );
    let refused = query(&world).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert_eq!(refused.header("x-ratelimit-resource"), "graphql");
    insta::assert_snapshot!(refused.text(), @r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user bora."}]}"#);
    let left = world.get("/rate_limit").await.json();
    assert_eq!(
        (
            &left["resources"]["core"]["remaining"],
            &left["resources"]["graphql"]["remaining"]
        ),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn a_minute_allows_so_many_points() {
    let world = World::start().await;
    world.github.set_limits(secondary(SecondaryLimits {
        rest_points_per_minute: 6,
        graphql_points_per_minute: 1,
        ..SecondaryLimits::default()
    }));
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    assert_eq!(world.get("/user").await.status, StatusCode::OK);
    let refused = world.get("/user").await;
    assert_eq!(refused.refusal(), REFUSED);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    // It says nothing of the hour, as that is not what is used up.
    assert_eq!(refused.header("x-ratelimit-remaining"), "");

    assert_eq!(query(&world).await.status, StatusCode::OK);
    let refused = query(&world).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.header("retry-after").is_empty());
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("You have exceeded a secondary rate limit."));

    let wait = i64::try_from(wait).unwrap();
    let clock = world.github.clock();
    clock.set_shift(SignedDuration::from_secs(wait));
    assert_eq!(world.get("/user").await.status, StatusCode::OK);
}

#[tokio::test]
async fn content_is_created_so_often() {
    let world = World::start().await;
    world.github.set_limits(secondary(SecondaryLimits {
        creates_per_minute: 2,
        creates_per_hour: 3,
        ..SecondaryLimits::default()
    }));
    let clock = world.github.clock();
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    let refused = create(&world).await;
    assert_eq!(
        refused.refusal(),
        "403 You have exceeded a secondary rate limit and have been temporarily blocked from \
         content creation. Please retry your request again later."
    );
    assert_eq!(world.get("/user").await.status, StatusCode::OK);
    clock.set_shift(SignedDuration::from_mins(1));
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    clock.set_shift(SignedDuration::from_mins(5));
    let refused = create(&world).await;
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((3_200..=3_300).contains(&wait), "{wait}");
    clock.set_shift(SignedDuration::from_mins(61));
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_minute_passes_sooner_on_a_fast_clock() {
    let world = World::start().await;
    world.github.set_limits(secondary(SecondaryLimits {
        creates_per_minute: 1,
        ..SecondaryLimits::default()
    }));
    assert_eq!(create(&world).await.status, StatusCode::CREATED);
    assert_eq!(create(&world).await.status, StatusCode::FORBIDDEN);
    // At this speed a minute takes a tenth of a second.
    let clock = world.github.clock();
    clock.set_speed(NonZeroU32::new(600).unwrap());
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let reply = create(&world).await;
        if reply.status == StatusCode::CREATED {
            break;
        }
        assert!(Instant::now() < end, "{}", reply.text());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn so_many_requests_are_under_way_at_once() {
    let world = World::start().await;
    world.github.set_limits(secondary(SecondaryLimits {
        concurrent: 2,
        ..SecondaryLimits::default()
    }));
    world
        .github
        .control()
        .set_latency(Duration::from_millis(300));
    let (one, two, three) = tokio::join!(world.get("/user"), query(&world), world.get("/user"));
    let mut statuses = [one.status, two.status, three.status].map(|status| status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 403]);
    world.github.control().set_latency(Duration::ZERO);
    assert_eq!(world.get("/user").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_wrong_in_all_that_it_tells() {
    let world = World::start().await;
    let headers = [("content-type", "application/json")];
    for minutes in [10_i64, -10] {
        let body = json!({"shift_seconds": minutes * 60}).to_string();
        let path = "/control/clock";
        let set = world.send(Method::PUT, path, &headers, body).await.unwrap();
        assert_eq!(set.status, StatusCode::NO_CONTENT);
        let told = world.page(path).await.json();
        assert_eq!(told["shift_seconds"], minutes * 60);
        assert_eq!(told["speed"], 1);
        let here: Timestamp = told["now"].as_str().unwrap().parse().unwrap();

        let made = create(&world).await;
        let about_now = |time: Timestamp| {
            let off = time.as_second() - here.as_second();
            assert!((-5..=30).contains(&off), "{off} s off after {minutes} min");
        };
        let date = DateTimeParser::new().parse_timestamp(made.header("date"));
        about_now(date.unwrap());
        let created: Value = made.json()["created_at"].clone();
        about_now(created.as_str().unwrap().parse().unwrap());
    }
    let away = world.github.clock().now().as_second()
        - std::time::UNIX_EPOCH
            .elapsed()
            .map(|since| i64::try_from(since.as_secs()).unwrap())
            .unwrap();
    assert!((-605..=-595).contains(&away), "{away}");
}
