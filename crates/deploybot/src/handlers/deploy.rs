//! `deploy`: asks the deploy service, which journals the request; what becomes
//! of it is shown by the feed. Slack's event is acknowledged only when it is
//! journalled, or its asker was told that it will not be: nothing that was asked
//! is lost, whoever dies when.

use deploy_proto::v1;

use super::{
    Bot, acknowledge_within,
    asking::{Asking, End},
    reply_address, wish_id,
};
use crate::{
    command::{CommitSha, EnvironmentName, RepositoryName},
    people::Someone,
    slack::{event::Mention, incoming::Acknowledgement},
};

/// What someone wants out.
pub(super) struct Wanted {
    pub(super) repository: RepositoryName,
    pub(super) environment: EnvironmentName,
    pub(super) commit: CommitSha,
}

/// Asks until the request is journalled; tells whether the event is dealt with.
/// Given up, it is: a delivery that came later would start what its asker was
/// told is over, perhaps after something newer.
pub(super) async fn start(
    bot: &Bot,
    mention: &Mention,
    wanted: &Wanted,
    acknowledgement: Acknowledgement,
) -> bool {
    let someone = bot.people.find(&mention.user).await;
    let Someone { person, words, .. } = someone;
    if someone.is_guest {
        bot.refuse_guest(mention.refused(), words, acknowledgement)
            .await;
        return true;
    }
    let request = request(mention, wanted, person);
    let asking = Asking {
        bot,
        request,
        place: mention.side(),
        event: mention.id.as_str(),
        since: &mention.ts,
        user: &mention.user,
        named: None,
        words,
    };
    let ended = asking.run().await;
    if matches!(ended.end, End::Stopped(..)) {
        // Slack delivers it to the next process.
        return false;
    }
    let patience = bot.timing.read_acknowledged_after;
    acknowledge_within(patience, asking.tell(&ended), acknowledgement).await;
    true
}

fn request(mention: &Mention, wanted: &Wanted, person: v1::Person) -> v1::StartDeploymentRequest {
    v1::StartDeploymentRequest {
        request_id: wish_id(mention),
        repository: wanted.repository.to_string(),
        environment: wanted.environment.to_string(),
        commit: wanted.commit.to_string(),
        kind: v1::DeploymentKind::Deploy.into(),
        requester: Some(person),
        reply: Some(reply_address(
            &mention.channel,
            mention.thread.as_ref(),
            &mention.ts,
        )),
        expected_live: None,
    }
}
