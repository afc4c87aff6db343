//! What people want, told twice, late, or while something else is under way: what they
//! asked for last holds, and each is done once.

use deploy::Config;
use deploy_proto::v1::{self, LinkState};
use tokio::time::timeout;
use tonic::Code;

use crate::{
    between::{Between, Fate, Hold},
    people::{BEGIN, WHOSE, ask, begin, end, known, mute, start, told, unlink, world},
    service::PATIENCE,
    world::{Engine, on_both},
};

on_both![
    what_is_withdrawn_is_not_linked_whatever_they_do_on_github,
    a_link_of_another_with_the_same_id_is_refused,
    an_interface_of_before_there_were_ids_is_served_as_before,
];

async fn what_is_withdrawn_is_not_linked_whatever_they_do_on_github(engine: Engine) {
    let (world, config) = world(engine).await;
    let hold = Hold::default();
    let holds = hold.clone();
    let between = Between::new(&world, move |asked| match asked.operation.as_str() {
        WHOSE => Fate::Waits(holds.clone()),
        _ => Fate::Passes,
    });
    let between = between.await;
    let config = Config {
        github_api_url: between.config(&world).github_api_url,
        ..config
    };
    let (service, mut client) = start(config, &world).await;
    let link = begin(&mut client, "l1", "U1", "minji").await;
    // GitHub has said who they are, which is on its way when they unlink.
    assert!(world.github.authorize_device(&link.user_code, "minji"));
    timeout(PATIENCE, hold.answered.cancelled()).await.unwrap();
    let undone = client.remove_link(unlink("x1", "U1")).await.unwrap();
    let undone = undone.into_inner();
    assert_eq!((undone.login.as_str(), undone.under_way), ("", true));
    hold.released.cancel();
    assert_eq!(end(&mut client, &link).await.state(), LinkState::Withdrawn);
    let ends = told(&mut client, 1).await;
    assert_eq!(ends, [("l1".to_owned(), LinkState::Withdrawn)]);
    // The next one, of another, goes on as ever.
    let next = begin(&mut client, "l2", "U2", "joon").await;
    assert!(world.github.authorize_device(&next.user_code, "joon"));
    assert_eq!(end(&mut client, &next).await.state(), LinkState::Linked);
    assert_eq!(known(&mut client, "minji").await, []);
    let again = client.remove_link(unlink("x1", "U1")).await.unwrap();
    assert_eq!(again.into_inner(), undone);
    service.stop().await;
    world.end().await;
}

async fn a_link_of_another_with_the_same_id_is_refused(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    begin(&mut client, "l1", "U1", "minji").await;
    for other in [ask("l1", "U2", "minji"), ask("l1", "U1", "joon")] {
        let refused = client.start_link(other).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(format!("{refused:?}").contains("link_id"), "{refused:?}");
    }
    assert_eq!(world.calls(BEGIN), 1);
    service.stop().await;
    world.end().await;
}

pub(crate) async fn what_is_repeated_or_late_reverts_nothing(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    for (id, muted, asked_at, is_outdated) in [
        ("m2", false, 20, false),
        // It was said before, and comes later.
        ("m1", true, 10, true),
        ("m3", true, 30, false),
        // Delivered again.
        ("m2", false, 20, false),
        ("m1", true, 10, true),
    ] {
        let set = client.set_mentions(mute(id, "U1", muted, asked_at)).await;
        assert_eq!(set.unwrap().into_inner().outdated, is_outdated, "{id}");
    }
    let asked = v1::FindPeopleRequest {
        slack_ids: vec!["U1".to_owned()],
        ..v1::FindPeopleRequest::default()
    };
    let people = client.find_people(asked).await.unwrap().into_inner().people;
    assert!(people[0].muted, "as was said last");
    // One id is one change.
    let other = client.set_mentions(mute("m3", "U1", false, 30)).await;
    let other = other.unwrap_err();
    assert_eq!(other.code(), Code::InvalidArgument);
    assert!(format!("{other:?}").contains("request_id"), "{other:?}");
    service.stop().await;
    world.end().await;
}

/// It says neither which change a call is nor when it was asked for.
async fn an_interface_of_before_there_were_ids_is_served_as_before(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    for muted in [true, true, false, true] {
        let asked = v1::SetMentionsRequest {
            asked_at: None,
            ..mute("", "U1", muted, 0)
        };
        let set = client.set_mentions(asked).await.unwrap().into_inner();
        assert!(!set.outdated);
        let asked = v1::FindPeopleRequest {
            slack_ids: vec!["U1".to_owned()],
            ..v1::FindPeopleRequest::default()
        };
        let people = client.find_people(asked).await.unwrap().into_inner().people;
        assert_eq!(people.iter().any(|person| person.muted), muted);
    }
    begin(&mut client, "l1", "U1", "minji").await;
    for is_under_way in [true, false] {
        let undone = client.remove_link(unlink("", "U1")).await.unwrap();
        assert_eq!(undone.into_inner().under_way, is_under_way);
    }
    for _ in 0..2 {
        let follow = v1::SubscribeRequest {
            channel: "C1".to_owned(),
            repository: "people".to_owned(),
            ..v1::SubscribeRequest::default()
        };
        let followed = client.subscribe(follow).await.unwrap().into_inner();
        assert!(!followed.outdated && followed.subscription.is_some());
    }
    for ended in [1, 0] {
        let end = v1::UnsubscribeRequest {
            channel: "C1".to_owned(),
            repository: "people".to_owned(),
            ..v1::UnsubscribeRequest::default()
        };
        let answer = client.unsubscribe(end).await.unwrap().into_inner();
        assert_eq!(answer.ended.len(), ended);
    }
    service.stop().await;
    world.end().await;
}
