//! The moments at which a process is killed: after some time, or when one of its
//! calls to GitHub has come to a certain point.

use std::time::Duration;

use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use simulators::control::{Control, Fault, FaultKind};

const FACTS: &str = "POST /api/graphql Facts";
/// The call that makes a deployment.
pub(crate) const CREATE: &str = "POST /api/v3/repos/{owner}/{repo}/deployments";
const LIST: &str = "GET /api/v3/repos/{owner}/{repo}/deployments";
const FOLLOW: &str = "POST /api/graphql Follow";
/// The call that ends a deployment that stands still.
const END: &str = "POST /api/v3/repos/{owner}/{repo}/deployments/{deployment_id}/statuses";

/// How long a call is kept at its point, so that the kill meets it there.
const KEPT: u64 = 150;
/// How long GitHub waits for a caller to go before it carries out the call.
const GONE: u64 = 3_000;

/// How long a deployment may wait to be picked up: the least that can be set.
pub(crate) const PICKUP: Duration = Duration::from_secs(10);

/// One of them.
#[derive(Debug)]
pub(crate) enum Moment {
    /// So long after the process was ready.
    Time(Duration),
    /// So long after a call has come in, which is kept at this point.
    Call {
        route: &'static str,
        point: FaultKind,
        after: Duration,
        /// How long the call is waited for, which need not come.
        longest: Duration,
    },
}

impl Moment {
    /// Draws one; the calls that make something more often than others.
    pub(crate) fn draw(random: &mut StdRng) -> Self {
        let points = [
            // It has not been carried out, and never is.
            (CREATE, FaultKind::Latency { ms: KEPT }),
            // It has been carried out, and the answer is on its way.
            (CREATE, FaultKind::Late { ms: KEPT }),
            // It is carried out when the process that asked is dead.
            (CREATE, FaultKind::OnceGone { ms: GONE }),
            // It has been carried out and the answer was lost: the process looks.
            (CREATE, FaultKind::AfterCommit(502)),
            (CREATE, FaultKind::DropAfterCommit),
            (CREATE, FaultKind::Drop),
            (FACTS, FaultKind::Latency { ms: KEPT }),
            (LIST, FaultKind::Late { ms: KEPT }),
            (FOLLOW, FaultKind::Late { ms: KEPT }),
        ];
        if random.random_bool(0.5) {
            return Self::Time(Duration::from_millis(random.random_range(0..350)));
        }
        let (route, point) = points.choose(random).expect("there are some").clone();
        Self::Call {
            route,
            point,
            after: Duration::from_millis(random.random_range(0..30)),
            longest: Duration::from_millis(700),
        }
    }

    /// Draws one at which a deployment is ended that nobody has picked up; the call
    /// is kept there, so that the kill comes before others are ended too. On
    /// Postgres the process follows once the lease of the one before has run out,
    /// and only from then on counts the time.
    pub(crate) fn draw_at_an_end(random: &mut StdRng) -> Self {
        let points = [
            FaultKind::Latency { ms: KEPT },
            FaultKind::Late { ms: KEPT },
            FaultKind::OnceGone { ms: GONE },
        ];
        Self::Call {
            route: END,
            point: points.choose(random).expect("there are some").clone(),
            after: Duration::from_millis(random.random_range(0..10)),
            longest: PICKUP * 2 + Duration::from_secs(25),
        }
    }

    /// Prepares it.
    pub(crate) fn set(&self, control: &Control) {
        if let Self::Call { route, point, .. } = self {
            control.add_fault(Fault {
                route: (*route).to_owned(),
                skip: 0,
                times: 1,
                kind: point.clone(),
            });
        }
    }

    /// Whether it has come, but for [`Moment::after`].
    pub(crate) fn has_come(&self, control: &Control) -> bool {
        match self {
            Self::Time(_) => false,
            Self::Call { .. } => control.faults().is_empty(),
        }
    }

    /// How long it is waited for.
    pub(crate) fn longest(&self) -> Duration {
        match self {
            Self::Time(time) => *time,
            Self::Call { longest, .. } => *longest,
        }
    }

    /// How long after it has come.
    pub(crate) fn after(&self) -> Duration {
        match self {
            Self::Time(_) => Duration::ZERO,
            Self::Call { after, .. } => *after,
        }
    }
}
