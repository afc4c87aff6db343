//! Messages that are claimed and recorded, as the real service does it, by the
//! clock of the test.

use std::{collections::BTreeMap, time::Duration};

use deploy_proto::v1::{claim_message_response::Outcome, *};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};

use super::{Answer, Scripted};

/// How long a claim lasts, as in the real service.
const LASTS: Duration = Duration::from_secs(15);

/// What was claimed and recorded.
#[derive(Default)]
pub(crate) struct Messages {
    known: BTreeMap<String, Message>,
    /// How long a claim lasts, where it is not as long as usual.
    pub(crate) lasts: Option<Duration>,
    pub(crate) claims: Vec<ClaimMessageRequest>,
    pub(crate) records: Vec<RecordMessageRequest>,
    /// What RecordMessage answers instead of recording, next first.
    pub(crate) refuse_records: Vec<Status>,
    /// The next claim is made at once and answered when this is over.
    pub(crate) hold_claim: Option<CancellationToken>,
}

struct Message {
    claimant: String,
    claimants: i64,
    until: Instant,
    posted: Option<MessagePosted>,
}

impl Messages {
    /// A process has claimed a message, long ago, and died.
    pub(crate) fn claimed_before(&mut self, key: &str) {
        let message = Message {
            claimant: "who died".to_owned(),
            claimants: 1,
            until: Instant::now(),
            posted: None,
        };
        self.known.insert(key.to_owned(), message);
    }

    fn claim(&mut self, request: &ClaimMessageRequest) -> Outcome {
        let (now, lasts) = (Instant::now(), self.lasts.unwrap_or(LASTS));
        let ClaimMessageRequest {
            key,
            claimant,
            gone,
        } = request;
        let claim = |claimants| {
            Outcome::Claimed(MessageClaim {
                lasts: Some(lasts.try_into().unwrap()),
                claimants,
            })
        };
        let Some(message) = self.known.get_mut(key) else {
            let message = Message {
                claimant: claimant.clone(),
                claimants: 1,
                until: now + lasts,
                posted: None,
            };
            self.known.insert(key.clone(), message);
            return claim(1);
        };
        if let Some(posted) = message.posted.take_if(|posted| posted.ts == *gone) {
            drop(posted);
            message.until = now;
        }
        if let Some(posted) = &message.posted {
            return Outcome::Posted(posted.clone());
        }
        if message.claimant != *claimant {
            if message.until > now {
                let left = message.until - now;
                return Outcome::Held(MessageHeld {
                    ends_in: Some(left.try_into().unwrap()),
                });
            }
            message.claimants += 1;
        }
        message.claimant.clone_from(claimant);
        message.until = now + lasts;
        claim(message.claimants)
    }

    fn record(&mut self, record: &RecordMessageRequest) -> bool {
        let RecordMessageRequest {
            key, channel, ts, ..
        } = record;
        let message = self.known.entry(key.clone()).or_insert_with(|| Message {
            claimant: String::new(),
            claimants: 1,
            until: Instant::now(),
            posted: None,
        });
        if message.posted.is_some() {
            return false;
        }
        message.posted = Some(MessagePosted {
            channel: channel.clone(),
            ts: ts.clone(),
        });
        true
    }
}

impl Scripted {
    pub(super) async fn claim(&self, request: ClaimMessageRequest) -> Answer<ClaimMessageResponse> {
        let (outcome, hold) = {
            let messages = &mut self.state().messages;
            messages.claims.push(request.clone());
            (messages.claim(&request), messages.hold_claim.take())
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        Ok(Response::new(ClaimMessageResponse {
            outcome: Some(outcome),
        }))
    }

    pub(super) fn record(&self, record: RecordMessageRequest) -> Answer<RecordMessageResponse> {
        let mut state = self.state();
        let messages = &mut state.messages;
        if !messages.refuse_records.is_empty() {
            return Err(messages.refuse_records.remove(0));
        }
        let is_first = messages.record(&record);
        messages.records.push(record.clone());
        if let Some(request) = state.requests.get_mut(&record.request_id)
            && is_first
        {
            request.message_ts = record.ts;
            request.reply.get_or_insert_default().channel = record.channel;
        }
        Ok(Response::new(RecordMessageResponse {}))
    }
}
