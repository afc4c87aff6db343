//! The two services as two processes, told nothing but settings.

use tempfile::tempdir;

use crate::{program::Program, quick, start};

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_serve_the_channel_and_survive_each_other() {
    let options = sandbox::Options {
        services: false,
        ..quick()
    };
    let (sandbox, channel) = start(options).await;
    let folder = tempdir().unwrap();
    let (deploy, deploy_url) = Program::deploy(&sandbox, folder.path()).await;
    let deploybot = Program::deploybot(&sandbox, &deploy_url).await;

    channel.asks("@deploybot status people", "newest 5").await;
    let sha = channel.deployable("people", "production").await;
    let ask = format!("@deploybot deploy people production {sha}");
    let (shown, _) = channel.asks(&ask, "is live in").await;

    // A restarted bot says nothing twice, and nothing is lost.
    deploybot.kill().await;
    let asked = channel.say("@deploybot help").await;
    let again = Program::deploybot(&sandbox, &deploy_url).await;
    channel.hears(&asked, "deploybot deploy").await;
    let of_request: Vec<_> = channel
        .messages()
        .await
        .into_iter()
        .filter(|message| {
            message["metadata"]["event_payload"] == shown["metadata"]["event_payload"]
        })
        .filter(|message| message["metadata"].is_object())
        .collect();
    assert_eq!(of_request.len(), 1, "{of_request:#?}");

    // A build for tests is larger; `make bench` measures what is shipped.
    for program in [&deploy, &again] {
        assert!(program.peak_memory() < 100 * 1024 * 1024);
    }
    again.kill().await;
    deploy.kill().await;
    sandbox.shutdown().await;
}
