//! The right to post a message, as the deploy service gives it, and its record
//! there.

use std::time::Duration;

use deploy_proto::v1::{self, claim_message_response::Outcome};
use tokio::time::Instant;

use super::{Lane, Setback};
use crate::slack::{
    client::Sent,
    id::Ts,
    waiting::{Posting, Whose},
};

/// What became of the wish to post a message.
pub(super) enum Claimed {
    Yours(Claim),
    Posted(Sent),
}

/// The right to post a message for a while; without an end where the deploy
/// service could not be asked.
pub(super) struct Claim {
    pub(super) until: Option<Instant>,
    pub(super) claimants: i64,
}

impl Lane {
    pub(super) async fn claim(&self, posting: &mut Posting) -> Result<Claimed, Setback> {
        let asked = Instant::now();
        let gone = posting.post.gone.as_ref();
        let request = v1::ClaimMessageRequest {
            key: posting.post.mark.key(),
            claimant: posting.claimant.clone(),
            gone: gone.map(Ts::to_string).unwrap_or_default(),
        };
        match self.lanes.deploy.claim_message(request).await {
            Ok(Outcome::Claimed(claim)) => Ok(Claimed::Yours(Claim {
                until: Some(asked + span(claim.lasts)),
                claimants: claim.claimants,
            })),
            Ok(Outcome::Held(held)) => {
                let look = self.lanes.timing.held_look;
                Err(Setback::ThisOne(span(held.ends_in).clamp(look / 10, look)))
            }
            Ok(Outcome::Posted(v1::MessagePosted { channel, ts })) => Ok(Claimed::Posted(Sent {
                channel: channel.into(),
                ts: ts.into(),
            })),
            Err(error) => {
                let key = posting.post.mark.key();
                tracing::warn!(message.key = key, %error, "a message can't be claimed");
                if matches!(posting.course.whose, Whose::Feed(_)) && error.heals() {
                    return Err(Setback::ThisOne(posting.course.backoff.next()));
                }
                Ok(Claimed::Yours(Claim {
                    until: None,
                    claimants: 0,
                }))
            }
        }
    }

    /// A message of which that fails is found by its mark.
    pub(super) async fn record(&self, posting: &Posting, sent: &Sent) {
        let mark = &posting.post.mark;
        let record = v1::RecordMessageRequest {
            key: mark.key(),
            channel: sent.channel.to_string(),
            ts: sent.ts.to_string(),
            request_id: mark.request().unwrap_or_default().to_owned(),
        };
        if let Err(error) = self.lanes.deploy.record_message(record).await {
            tracing::warn!(message.key = mark.key(), %error, "a message can't be recorded");
        }
    }
}

fn span(duration: Option<prost_types::Duration>) -> Duration {
    let duration = duration.and_then(|duration| duration.try_into().ok());
    duration.unwrap_or_default()
}
