//! What stands between the deploy service and GitHub, and whose turn it is then.

use deploy_proto::v1::{Obstacle, ObstacleReason};

use super::{
    block::Mrkdwn,
    text::{NAME, SENTENCE, prose},
    time,
};
use crate::words::Words;

/// The sentences of one, in the reader's language; what the service itself says
/// (`said`) where there are no words for it here. Empty where it says nothing.
pub(super) fn sentences(words: Words, obstacle: Option<&Obstacle>, said: &str) -> Mrkdwn {
    let told = obstacle.and_then(|obstacle| known(words, obstacle));
    told.unwrap_or_else(|| match prose(said, SENTENCE) {
        none if none.is_empty() => none,
        said => words.text_service_says(said),
    })
}

/// None for one that a later version of the service knows.
fn known(words: Words, obstacle: &Obstacle) -> Option<Mrkdwn> {
    let at = time::moment(obstacle.at.as_ref()).map(|at| time::date(words, at));
    Some(match (obstacle.reason(), at) {
        (ObstacleReason::NotAnswering, None) => words.waiting_github_away(),
        (ObstacleReason::NotAnswering, Some(since)) => words.obstacle_not_answering_since(since),
        (ObstacleReason::RateLimit, None) => words.waiting_limit(),
        (ObstacleReason::RateLimit, Some(until)) => words.waiting_limit_until(until),
        (ObstacleReason::AppNotAccepted, _) => words.obstacle_app_not_accepted(),
        (ObstacleReason::TokenNotAccepted, _) => words.obstacle_token_not_accepted(),
        (ObstacleReason::NotInstalled, _) => {
            words.obstacle_not_installed(prose(&obstacle.owner, NAME))
        }
        (ObstacleReason::Hidden, _) => words.obstacle_hidden(),
        (ObstacleReason::Refused, _) => words.obstacle_refused(),
        (ObstacleReason::NotSetUp, _) => words.obstacle_not_set_up(),
        (ObstacleReason::Unreadable, _) => words.obstacle_unreadable(),
        (ObstacleReason::Unspecified, _) => return None,
    })
}
