//! Creating a deployment: one POST, and what its answer means.
//!
//! A deployment by SHA can only be made over REST. Making one is not idempotent,
//! and an answer may be lost after it was made; so the POST is never repeated
//! here, and every outcome says whether it may be.

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Client, Priority,
    error::{CreateError, Error, Unavailable, cut_short, message_of},
    line::NotAnswered,
    payload,
    transport::Reply,
};
use crate::model::{
    Commit, Decided, Deployment, DeploymentId, DeploymentState, EnvironmentName, Kind, NewRequest,
    Objection, Person, ReplyAddress, RepositoryName, RequestId, Sha,
};

/// A description is cut here; GitHub cuts those of statuses there too.
pub(crate) const LONGEST_DESCRIPTION: usize = 140;

/// A deployment to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeployment {
    /// Where from.
    pub repository: RepositoryName,
    /// Where to, as GitHub spells it.
    pub environment: EnvironmentName,
    /// What.
    pub commit: Commit,
    /// Deploy or rollback.
    pub kind: Kind,
    /// The request that it carries out; by it the deployment is found again.
    pub request_id: RequestId,
    /// Who asked.
    pub requester: Person,
    /// Where it is shown.
    pub reply: ReplyAddress,
    /// What it takes the place of.
    pub replaces: Option<Sha>,
}

impl NewDeployment {
    /// The deployment that carries out a request as the gate has decided it. It
    /// is a rollback too when nothing goes out and something leaves.
    pub fn of(asked: &NewRequest, decided: &Decided) -> Self {
        Self {
            repository: asked.repository.clone(),
            environment: decided.environment.clone(),
            commit: decided.commit.clone(),
            kind: if decided.changes.is_rollback() {
                Kind::Rollback
            } else {
                asked.kind
            },
            request_id: asked.id.clone(),
            requester: asked.requester.clone(),
            reply: asked.reply.clone(),
            replaces: decided.replaces.clone(),
        }
    }
}

#[derive(Deserialize)]
struct Created {
    id: u64,
    node_id: String,
    created_at: Timestamp,
}

impl Client {
    /// Creates a deployment. One call, whatever happens.
    ///
    /// # Errors
    /// By what follows: see [`CreateError`].
    pub async fn create(&self, new: &NewDeployment) -> Result<Deployment, CreateError> {
        let path = [
            "repos",
            new.repository.owner(),
            new.repository.name(),
            "deployments",
        ];
        let owner = new.repository.owner();
        let reply = self
            .at(Priority::Deploy)
            .post("create deployment", owner, &path, &body_of(new))
            .await
            .map_err(|failure| match failure {
                NotAnswered::NotSent(error) => CreateError::NotSent(error),
                NotAnswered::Unknown(error) => CreateError::Unknown(error),
            })?;
        match reply.status {
            StatusCode::CREATED => created(new, &reply).map_err(CreateError::Unknown),
            StatusCode::ACCEPTED => Err(CreateError::Refused(Objection::Merged)),
            // A proxy's page; what became of the request does not show.
            status if status.is_success() => {
                let what = format!("status {status} is no answer to a creation");
                let broken = Error::Unavailable(Unavailable::Broken(what));
                Err(CreateError::Unknown(broken))
            }
            _ => Err(match self.error_of(&reply) {
                Error::RateLimited { retry_at } => {
                    CreateError::NotSent(Error::RateLimited { retry_at })
                }
                error @ Error::Unavailable(_) => CreateError::Unknown(error),
                _ => {
                    // People are told what follows from it, in words of ours.
                    tracing::warn!(
                        request.id = %new.request_id,
                        github.status = reply.status.as_u16(),
                        github.answer = cut_short(&String::from_utf8_lossy(&reply.body)),
                        "GitHub refused to make a deployment"
                    );
                    CreateError::Refused(objection(&reply, new))
                }
            }),
        }
    }
}

/// What is posted. `auto_merge` and `required_contexts` are always sent: left
/// out, GitHub merges branches, and refuses what the gate has let pass.
fn body_of(new: &NewDeployment) -> Value {
    let mut body = json!({
        "ref": new.commit.sha.as_str(),
        "auto_merge": false,
        "required_contexts": [],
        "environment": new.environment.as_str(),
        "transient_environment": false,
        "description": description_of(new),
        "payload": payload::written(
            &new.request_id,
            new.kind,
            &new.requester,
            &new.reply,
            new.replaces.as_ref(),
        ),
    });
    // GitHub knows `production` by its name, but not `prod`.
    if new.environment.is_production() {
        body["production_environment"] = true.into();
    }
    body
}

fn description_of(new: &NewDeployment) -> String {
    let what = match new.kind {
        Kind::Deploy => "Deploy",
        Kind::Rollback => "Roll back to",
    };
    let by = new.requester.best_name();
    let by = by.map(|name| format!(" by {name}")).unwrap_or_default();
    let text = format!("{what} {}{by}", new.commit.sha.short());
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_DESCRIPTION)
        .collect()
}

fn created(new: &NewDeployment, reply: &Reply) -> Result<Deployment, Error> {
    let created: Created = serde_json::from_slice(&reply.body)
        .map_err(|error| Error::Unreadable(cut_short(&error.to_string())))?;
    Ok(Deployment {
        id: DeploymentId {
            number: created.id,
            node: created.node_id,
        },
        environment: new.environment.clone(),
        commit: new.commit.clone(),
        state: DeploymentState::Pending,
        live: false,
        kind: new.kind,
        requester: new.requester.clone(),
        created_at: created.created_at,
        ended_at: None,
        steps: Vec::new(),
        request_id: Some(new.request_id.clone()),
        replaces: new.replaces.clone(),
        log_url: String::new(),
        environment_url: String::new(),
    })
}

/// Why GitHub refused, as far as its answer tells.
fn objection(reply: &Reply, new: &NewDeployment) -> Objection {
    let message = message_of(&reply.body);
    let words = message.to_ascii_lowercase();
    let repository = || new.repository.clone();
    let sha = || new.commit.sha.clone();
    match reply.status.as_u16() {
        401 => Objection::NotAccepted,
        403 => Objection::NotPermitted(repository()),
        404 => Objection::Hidden(repository()),
        409 if words.contains("status check") => Objection::Checks(sha()),
        409 if words.contains("merg") => Objection::MergeConflict(sha()),
        409 => Objection::Conflict,
        422 if words.contains("no ref found") => Objection::CommitGone(sha()),
        422 => Objection::Invalid {
            fields: invalid_fields(&reply.body),
        },
        301 | 302 | 307 | 308 => Objection::Moved(repository()),
        status => Objection::Status(status),
    }
}

/// The fields that GitHub calls invalid, by their names.
fn invalid_fields(body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        errors: Vec<Value>,
    }
    let errors = serde_json::from_slice::<Body>(body)
        .map(|body| body.errors)
        .unwrap_or_default();
    let name = |error: &Value| {
        let field = error.get("field").and_then(Value::as_str)?;
        is_a_name(field).then(|| field.to_owned())
    };
    errors.iter().filter_map(name).take(5).collect()
}

/// A name in GitHub's API, and no text.
fn is_a_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=40).contains(&text.len()) && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn new(environment: &str) -> NewDeployment {
        NewDeployment {
            repository: RepositoryName::parse("acme/people", None).unwrap(),
            environment: environment.parse().unwrap(),
            commit: Commit {
                sha: "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2".parse().unwrap(),
                headline: "Add Minji".to_owned(),
                author: "minji".to_owned(),
                committed_at: Timestamp::UNIX_EPOCH,
                url: String::new(),
            },
            kind: Kind::Deploy,
            request_id: "slack:T1:Ev1".parse().unwrap(),
            requester: Person {
                name: "Min\nji".to_owned(),
                ..Person::default()
            },
            reply: ReplyAddress::default(),
            replaces: None,
        }
    }

    fn refused(status: u16, body: &str) -> String {
        let reply = Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        };
        objection(&reply, &new("production")).to_string()
    }

    #[test]
    fn the_body_asks_for_this_commit_and_for_no_more() {
        let mut body = body_of(&new("eu west/blue"));
        body["payload"] = "…".into();
        insta::assert_snapshot!(body, @r#"{"auto_merge":false,"description":"Deploy a1b2c3d by Minji","environment":"eu west/blue","payload":"…","ref":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2","required_contexts":[],"transient_environment":false}"#);
    }

    #[test]
    fn production_is_marked_by_either_name() {
        for (name, marked) in [("production", true), ("Prod", true), ("staging", false)] {
            assert_eq!(
                body_of(&new(name)).get("production_environment").is_some(),
                marked
            );
        }
    }

    #[test]
    fn every_refusal_is_a_sentence_by_its_cause() {
        let sentences = [
            refused(401, ""),
            refused(
                403,
                r#"{"message":"Resource not accessible by integration"}"#,
            ),
            refused(404, r#"{"message":"Not Found"}"#),
            refused(409, r#"{"message":"Conflict merging main into a1b2c3d."}"#),
            refused(
                409,
                r#"{"message":"Conflict: Commit status checks failed for main."}"#,
            ),
            refused(409, r#"{"message":"Odd"}"#),
            refused(422, r#"{"message":"No ref found for: a1b2c3d"}"#),
            refused(
                422,
                r#"{"message":"Validation Failed","errors":[{"resource":"Deployment","field":"environment","code":"invalid"},{"code":"custom","message":"payload is too large"},{"field":"say <!channel>","code":"odd"},{"field":"ref","code":"missing_field"},"odd"]}"#,
            ),
            refused(422, "<html>"),
            refused(307, ""),
            refused(451, r#"{"message":"Blocked"}"#),
        ];
        insta::assert_snapshot!(sentences.join("\n"), @r"
        it does not accept deploybot. Whoever runs deploybot has to see to its token or its App.
        deploybot may not create deployments in acme/people. Whoever runs deploybot has to give it write access to Deployments there.
        it does not show acme/people to deploybot for writing. Whoever runs deploybot has to give it write access to Deployments there.
        the default branch can't be merged into a1b2c3d.
        required checks of a1b2c3d have not passed.
        something stands in the way there. Whoever runs deploybot finds GitHub's reason in its log.
        it does not find commit a1b2c3d any more, which a force-push may have removed. Deploy another commit.
        it calls it invalid (environment, ref). Whoever runs deploybot finds GitHub's reason in its log.
        it calls it invalid. Whoever runs deploybot finds GitHub's reason in its log.
        acme/people has moved on GitHub. Use its new name.
        it answered with status 451. Whoever runs deploybot finds GitHub's reason in its log.
        ");
    }
}
