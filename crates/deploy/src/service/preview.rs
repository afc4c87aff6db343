//! What would become of a deployment, without doing it.

use super::{PreviewAsk, Service};
use crate::{
    error::Error,
    gate::{self, Decision, Facts},
    model::{Changes, Checks, Commit, EnvironmentName, Refusal},
    store::Holder,
};

/// What the gate would decide now, and by what.
#[derive(Debug)]
pub(crate) struct Preview {
    /// Why it would be refused; empty when it would go out.
    pub(crate) refusals: Vec<Refusal>,
    /// The commit, where it is known.
    pub(crate) commit: Option<Commit>,
    /// What would go out or leave, where commit and environment are known.
    pub(crate) changes: Option<Changes>,
    /// What its checks say, where the commit is known.
    pub(crate) checks: Option<Checks>,
    /// As GitHub spells it, where it is known.
    pub(crate) environment: EnvironmentName,
}

impl Service {
    /// Decides as the worker would.
    pub(crate) async fn preview(&self, ask: PreviewAsk) -> Result<Preview, Error> {
        let PreviewAsk {
            repository,
            environment,
            commit,
            expected_live,
        } = ask;
        let facts = Box::pin(self.github.facts(&repository, &environment, &commit)).await;
        let facts = facts.map_err(|error| Error::github(error, self.now()))?;
        let mut refusals = match gate::evaluate(&facts, expected_live.as_ref()) {
            Decision::Ready(_) => Vec::new(),
            Decision::Refused(refusals) => refusals,
        };
        let mut preview = shown(&facts, environment);
        if refusals.is_empty() {
            // GitHub may not know yet of what is being created right now.
            let spelled = facts
                .repository()
                .map_or(&repository, |known| &known.repository);
            let holder = self.store.slot_holder(spelled, &preview.environment);
            let holder = holder.await?.map(Holder::request);
            refusals.extend(holder.map(Refusal::of_slot_holder));
        }
        preview.refusals = refusals;
        Ok(preview)
    }
}

/// What the facts tell besides the decision.
fn shown(facts: &Facts, asked: EnvironmentName) -> Preview {
    let facts = facts.repository();
    let found = facts.and_then(|facts| facts.found());
    Preview {
        refusals: Vec::new(),
        commit: found.map(|found| found.commit.clone()),
        changes: facts.and_then(|facts| facts.changes.clone()),
        checks: found.map(|found| found.checks.clone()),
        environment: facts
            .and_then(|facts| facts.environment.as_ref())
            .map_or(asked, |environment| environment.name.clone()),
    }
}
