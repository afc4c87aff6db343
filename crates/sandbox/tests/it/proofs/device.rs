//! GitHub's device flow proved true by npm @octokit/auth-oauth-device, which goes
//! through it to each of its ends.

use std::time::Duration;

use simulators::github::DeviceFlow;
use tokio::task::JoinSet;

use super::damage::damaged;
use crate::{
    node::node,
    world::{World, bound, serve, url_of},
};

const CLIENT: &str = "Iv1.0123456789abcdef";

/// A GitHub whose App has a device flow that is asked every second.
async fn world() -> World {
    let world = World::start().await;
    world.github.set_device_flow(DeviceFlow {
        interval: Duration::from_secs(1),
        ..DeviceFlow::of(CLIENT)
    });
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn octokit_hears_how_each_device_flow_ends() {
    let world = world().await;
    node("device.mjs", &[&world.base, CLIENT, "minji"])
        .await
        .unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_flow_that_is_not_githubs_is_noticed() {
    let world = world().await;
    let listener = bound().await;
    let base = format!("{}github", url_of(&listener));
    let mut tasks = JoinSet::new();
    serve(&mut tasks, listener, damaged(world.service()));
    let said = node("device.mjs", &[&base, CLIENT, "minji"]).await;
    let said = said.unwrap_err();
    assert!(said.contains("'900' !== 900"), "{said}");
    tasks.shutdown().await;
    world.stop().await;
}
