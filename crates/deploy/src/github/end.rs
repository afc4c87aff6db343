//! Ending a deployment that nobody else ends: one more status, `error`, with
//! the reason.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Client, Priority,
    create::LONGEST_DESCRIPTION,
    error::{EndError, Error, on_one_line},
    line::NotAnswered,
};
use crate::model::{DeploymentId, RepositoryName};

impl Client {
    /// Writes the status `error` to a deployment, with a reason that is cut
    /// after 140 characters and a link that may be empty. One call; to write it
    /// twice ends the deployment once.
    ///
    /// # Errors
    /// By what follows: see [`EndError`].
    pub async fn end(
        &self,
        repository: &RepositoryName,
        deployment: &DeploymentId,
        reason: &str,
        log_url: &str,
    ) -> Result<(), EndError> {
        let owner = repository.owner();
        let number = deployment.number.to_string();
        let path = [
            "repos",
            owner,
            repository.name(),
            "deployments",
            &number,
            "statuses",
        ];
        let body = body_of(reason, log_url);
        let client = self.at(Priority::Deploy);
        let posted = client.post("end deployment", owner, &path, &body);
        let reply = posted.await.map_err(|failure| match failure {
            NotAnswered::NotSent(error) => EndError::NotSent(error),
            NotAnswered::Unknown(error) => EndError::Unknown(error),
        })?;
        if reply.status == StatusCode::CREATED {
            return Ok(());
        }
        Err(match self.error_of(&reply) {
            Error::NotFound => EndError::Gone,
            error @ Error::RateLimited { .. } => EndError::NotSent(error),
            error @ Error::Unavailable(_) => EndError::Unknown(error),
            error => EndError::Refused(error),
        })
    }
}

/// What is posted. What else runs in the environment is none of its business,
/// hence `auto_inactive`.
fn body_of(reason: &str, log_url: &str) -> Value {
    let mut body = json!({
        "state": "error",
        "description": on_one_line(reason, LONGEST_DESCRIPTION),
        "auto_inactive": false,
    });
    if !log_url.is_empty() {
        body["log_url"] = log_url.into();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_cut_where_github_would_refuse_it() {
        let reason = format!("Nobody\npicked it up{}", "é".repeat(200));
        let body = body_of(&reason, "");
        let told = body["description"].as_str().unwrap();
        assert_eq!(told.chars().count(), 140);
        assert!(told.starts_with("Nobody picked it up"));
        insta::assert_snapshot!(
            body_of("It fell silent.", "https://ci/1"),
            @r#"{"auto_inactive":false,"description":"It fell silent.","log_url":"https://ci/1","state":"error"}"#
        );
    }
}
