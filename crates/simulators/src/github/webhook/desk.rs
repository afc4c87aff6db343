//! What becomes of deliveries before they are sent: they are held, lost,
//! doubled, turned round, forged, delayed and made large, as is asked.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Delivery;

/// How many deliveries are held at most; what comes then is lost.
const MOST_HELD: usize = 10_000;

/// The events that are told.
const EVENTS: [&str; 7] = [
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "push",
    "status",
    "workflow_run",
];

/// A failure that waits for deliveries, in the form in which the control API
/// takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookFault {
    /// The event whose deliveries it hits; none hits all.
    #[serde(default)]
    pub event: Option<String>,
    /// How many deliveries it hits.
    #[serde(default = "once")]
    pub times: u32,
    /// What it does to them.
    pub kind: WebhookFaultKind,
}

fn once() -> u32 {
    1
}

/// What a fault does to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFaultKind {
    /// It is never sent.
    Drop,
    /// It is sent twice, under the same delivery id.
    Double,
    /// The deliveries that are hit are sent one after the other, the last one
    /// first, once all of them are there.
    Reverse,
    /// It is signed with another secret.
    Forge,
    /// It is sent so much later.
    Delay {
        /// How many milliseconds of the simulator's clock.
        ms: u64,
    },
    /// Its body is made this large; one that is larger stays so.
    Size {
        /// How many bytes.
        bytes: usize,
    },
}

/// A fault would hit no delivery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("times must be at least 1, and event one of {}, or left out", EVENTS.join(", "))]
pub struct UnknownEvent;

/// Deliveries that are sent one after the other.
#[derive(Debug)]
pub(super) struct Batch {
    /// How much later.
    pub(super) after: Duration,
    /// In the order in which they are sent.
    pub(super) deliveries: Vec<Delivery>,
}

impl Batch {
    fn of(deliveries: Vec<Delivery>) -> Self {
        Self {
            after: Duration::ZERO,
            deliveries,
        }
    }
}

/// Where deliveries lie before they are sent.
#[derive(Debug, Default)]
pub(super) struct Desk {
    faults: Vec<WebhookFault>,
    /// What waits to be turned round.
    gathered: Vec<Delivery>,
    held: Option<VecDeque<Batch>>,
    /// What goes out although no event brings it.
    ready: Vec<Batch>,
}

impl Desk {
    pub(super) fn add_fault(&mut self, fault: WebhookFault) -> Result<(), UnknownEvent> {
        let is_told = fault
            .event
            .as_ref()
            .is_none_or(|event| EVENTS.contains(&event.as_str()));
        if fault.times == 0 || !is_told {
            return Err(UnknownEvent);
        }
        self.faults.push(fault);
        Ok(())
    }

    pub(super) fn faults(&self) -> Vec<WebhookFault> {
        self.faults.clone()
    }

    pub(super) fn clear_faults(&mut self) {
        self.faults.clear();
        let gathered = std::mem::take(&mut self.gathered);
        let batches: Vec<Batch> = gathered
            .into_iter()
            .map(|one| Batch::of(vec![one]))
            .collect();
        let batches = self.keep_or_send(batches);
        self.ready.extend(batches);
    }

    pub(super) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// How many deliveries are held; none when they are not.
    pub(super) fn held(&self) -> Option<usize> {
        let held = self.held.as_ref()?;
        Some(held.iter().map(|batch| batch.deliveries.len()).sum())
    }

    pub(super) fn release(&mut self) -> usize {
        let released = self.held().unwrap_or(0);
        self.ready.extend(self.held.take().into_iter().flatten());
        released
    }

    pub(super) fn take_ready(&mut self) -> Vec<Batch> {
        std::mem::take(&mut self.ready)
    }

    /// What a delivery is sent as, now.
    pub(super) fn pass(&mut self, delivery: Delivery) -> Vec<Batch> {
        let batches = self.change(delivery);
        self.keep_or_send(batches)
    }

    fn keep_or_send(&mut self, batches: Vec<Batch>) -> Vec<Batch> {
        let Some(held) = &mut self.held else {
            return batches;
        };
        for batch in batches {
            if held.len() == MOST_HELD {
                tracing::error!("too many deliveries are held: one is lost");
            } else {
                held.push_back(batch);
            }
        }
        Vec::new()
    }

    fn change(&mut self, mut delivery: Delivery) -> Vec<Batch> {
        let Some((kind, is_last)) = self.take_fault(delivery.event) else {
            return vec![Batch::of(vec![delivery])];
        };
        match kind {
            WebhookFaultKind::Drop => return Vec::new(),
            WebhookFaultKind::Double => return vec![Batch::of(vec![delivery.clone(), delivery])],
            WebhookFaultKind::Reverse => {
                self.gathered.push(delivery);
                if !is_last {
                    return Vec::new();
                }
                let mut all = std::mem::take(&mut self.gathered);
                all.reverse();
                return vec![Batch::of(all)];
            }
            WebhookFaultKind::Delay { ms } => {
                return vec![Batch {
                    after: Duration::from_millis(ms),
                    deliveries: vec![delivery],
                }];
            }
            WebhookFaultKind::Forge => delivery.forge(),
            WebhookFaultKind::Size { bytes } => delivery.grow(bytes),
        }
        vec![Batch::of(vec![delivery])]
    }

    /// The first fault that hits a delivery of an event, and whether this is the
    /// last one that it hits.
    fn take_fault(&mut self, event: &str) -> Option<(WebhookFaultKind, bool)> {
        let index = self.faults.iter().position(|fault| {
            let wanted = fault.event.as_deref();
            wanted.is_none_or(|wanted| wanted == event)
        })?;
        let fault = &mut self.faults[index];
        fault.times -= 1;
        let (kind, is_last) = (fault.kind, fault.times == 0);
        if is_last {
            self.faults.remove(index);
        }
        Some((kind, is_last))
    }
}
