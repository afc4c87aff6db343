//! What a look at a deployment comes to: it is seen, it is gone, or it cannot be
//! read, now or for good. Somebody may have deleted it, and deploybot's access
//! to its repository may have been taken away; GitHub's answer is the same.

use super::{Worker, stillness::Stillness};
use crate::{
    error::{obstacle, whole_chain},
    github::Error as GithubError,
    model::{Deployment, DeploymentId, Failure, RepositoryName},
};

/// What GitHub told of a deployment; none where it says that there is none.
pub(super) type Looked = Result<Option<Deployment>, GithubError>;

/// What a look at a deployment comes to.
pub(super) enum Sight {
    /// It is there.
    Seen(Box<Deployment>),
    /// It is not to be seen any more.
    Lost(Failure),
    /// GitHub did not tell this time; it is looked at again.
    Again,
}

impl Worker {
    /// What an answer of GitHub comes to. Of what it hides from us it says that
    /// it is not there; whether it hides the whole repository tells the two
    /// apart.
    pub(super) async fn sight(
        &self,
        repository: &RepositoryName,
        id: &DeploymentId,
        looked: Looked,
        stillness: &mut Stillness,
    ) -> Sight {
        let error = match looked {
            Ok(Some(now)) => return Sight::Seen(Box::new(now)),
            Ok(None) if stillness.is_unreadable(id) => GithubError::NotFound,
            Ok(None) => match self.github.shows_deployments(repository).await {
                Ok(()) => return Sight::Lost(Failure::Deleted),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if passes(&error) {
            stillness.unanswered(id);
            return Sight::Again;
        }
        match stillness.unreadable(id, self.clock.instant()) {
            None => tracing::warn!(
                %repository,
                deployment.id = id.number,
                error = whole_chain(&error),
                "a deployment cannot be read; trying on"
            ),
            Some(unreadable) if unreadable >= self.pace.limits.silence => {
                return Sight::Lost(Failure::Unreadable {
                    limit: self.pace.limits.silence,
                    obstacle: obstacle(&error),
                });
            }
            Some(_) => {}
        }
        Sight::Again
    }
}

/// Whether GitHub will answer again without anyone doing anything. Everything
/// else is an answer: that it does not let us read.
pub(super) const fn passes(error: &GithubError) -> bool {
    matches!(
        error,
        GithubError::Unavailable(_) | GithubError::RateLimited { .. }
    )
}
