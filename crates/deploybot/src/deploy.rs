//! The deploy service, over gRPC: every call with a deadline, every error by
//! what can be done about it.

use std::time::Duration;

use deploy_proto::v1::{self, deploy_service_client::DeployServiceClient};
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{
    Code, Request, Status, Streaming,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use tonic_types::StatusExt as _;

use crate::{config::Config, view::CallError};

/// The name under which the feed is followed.
const SUBSCRIBER: &str = "slack";

/// Why a call could not be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// What was asked about is not there.
    #[error("{sentence}")]
    NotFound {
        what: Missing,
        sentence: String,
        candidates: Vec<String>,
    },
    /// Something asked is not well-formed.
    #[error("{}", .sentences.join(" "))]
    Invalid { sentences: Vec<String> },
    /// GitHub, or something else that the service needs, is away.
    #[error("{sentence}")]
    Unavailable {
        sentence: String,
        retry_after: Option<Duration>,
    },
    /// GitHub takes no more questions for now.
    #[error("{sentence}")]
    Exhausted {
        sentence: String,
        retry_after: Option<Duration>,
    },
    /// The deploy service can't be reached, or does not answer in time.
    #[error("the deploy service can't be reached: {0}")]
    Unreachable(String),
    /// The deploy service does not accept the token.
    #[error("the deploy service does not accept the token: {0}")]
    Unauthenticated(String),
    /// The deploy service failed; that is a defect.
    #[error("the deploy service failed: {0}")]
    Broken(String),
}

impl Error {
    /// Whether the same call can do better later.
    pub(crate) fn heals(&self) -> bool {
        !matches!(self, Self::NotFound { .. } | Self::Invalid { .. })
    }

    /// When the service wants to be asked again.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } | Self::Exhausted { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// What people are told of it.
    pub(crate) fn told(&self) -> CallError {
        match self {
            Self::NotFound {
                what: Missing::Repository,
                candidates,
                ..
            } => CallError::NotFound {
                reason: v1::Reason::UnknownRepository,
                candidates: candidates.clone(),
            },
            Self::NotFound {
                what: Missing::Environment,
                candidates,
                ..
            } => CallError::NotFound {
                reason: v1::Reason::UnknownEnvironment,
                candidates: candidates.clone(),
            },
            Self::NotFound {
                what: Missing::Something,
                sentence,
                ..
            } => CallError::Invalid {
                violations: vec![sentence.clone()],
            },
            Self::Invalid { sentences } => CallError::Invalid {
                violations: sentences.clone(),
            },
            Self::Unavailable {
                sentence,
                retry_after,
            } => CallError::Unavailable {
                sentence: sentence.clone(),
                retry_after: *retry_after,
            },
            Self::Exhausted { retry_after, .. } => CallError::Exhausted {
                retry_after: *retry_after,
            },
            Self::Unreachable(_) => CallError::TimedOut,
            Self::Unauthenticated(_) => CallError::Unauthenticated,
            Self::Broken(_) => CallError::Internal,
        }
    }
}

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Repository,
    Environment,
    /// Something that the error does not name.
    Something,
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    service: DeployServiceClient<InterceptedService<Channel, Bearer>>,
    deadline: Duration,
}

impl Client {
    /// Connects when it is first used, and again whenever the connection is lost.
    ///
    /// # Errors
    /// When the address or the token can't be used at all.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let mut endpoint = Endpoint::from_shared(config.deploy_url.to_string())?
            .connect_timeout(config.timing.deploy_call)
            // A connection that died unseen is found out and replaced.
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true);
        if config.deploy_url.scheme() == "https" {
            endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
        }
        let bearer = Bearer::new(config.deploy_token.as_ref())?;
        Ok(Self {
            service: DeployServiceClient::with_interceptor(endpoint.connect_lazy(), bearer),
            deadline: config.timing.deploy_call,
        })
    }

    pub(crate) async fn status(
        &self,
        request: v1::GetStatusRequest,
    ) -> Result<v1::GetStatusResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.get_status(request).await
        })
        .await
    }

    pub(crate) async fn history(
        &self,
        request: v1::ListHistoryRequest,
    ) -> Result<v1::ListHistoryResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.list_history(request).await
        })
        .await
    }

    pub(crate) async fn environments(
        &self,
        repository: &str,
    ) -> Result<v1::ListEnvironmentsResponse, Error> {
        let mut service = self.service.clone();
        let request = v1::ListEnvironmentsRequest {
            repository: repository.to_owned(),
        };
        self.within(request, |request| async move {
            service.list_environments(request).await
        })
        .await
    }

    pub(crate) async fn preview(
        &self,
        request: v1::PreviewDeploymentRequest,
    ) -> Result<v1::PreviewDeploymentResponse, Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.preview_deployment(request).await
        })
        .await
    }

    /// Asks for a deployment; the same request id asks for the same one.
    pub(crate) async fn start(
        &self,
        request: v1::StartDeploymentRequest,
    ) -> Result<v1::Request, Error> {
        let mut service = self.service.clone();
        let response = self
            .within(request, |request| async move {
                service.start_deployment(request).await
            })
            .await?;
        response
            .request
            .ok_or_else(|| Error::Broken("StartDeployment without a request".to_owned()))
    }

    /// Follows the feed from the last acknowledged cursor on.
    pub(crate) async fn watch(&self) -> Result<Streaming<v1::WatchResponse>, Error> {
        let mut service = self.service.clone();
        let request = v1::WatchRequest {
            subscriber: SUBSCRIBER.to_owned(),
        };
        // The stream has no deadline, its beginning has.
        let opening = service.watch(Request::new(request));
        match tokio::time::timeout(self.deadline, opening).await {
            Ok(answer) => Ok(answer.map_err(|status| meaning(&status))?.into_inner()),
            Err(_) => Err(too_slow(self.deadline)),
        }
    }

    /// Says that all up to and with a cursor is shown.
    pub(crate) async fn acknowledge(&self, cursor: i64) -> Result<(), Error> {
        let mut service = self.service.clone();
        let request = v1::AckRequest {
            subscriber: SUBSCRIBER.to_owned(),
            cursor,
        };
        self.within(request, |request| async move { service.ack(request).await })
            .await?;
        Ok(())
    }

    /// Records which message shows a request.
    pub(crate) async fn record_reply(&self, request: v1::RecordReplyRequest) -> Result<(), Error> {
        let mut service = self.service.clone();
        self.within(request, |request| async move {
            service.record_reply(request).await
        })
        .await?;
        Ok(())
    }

    async fn within<Q, A, F>(
        &self,
        request: Q,
        call: impl FnOnce(Request<Q>) -> F,
    ) -> Result<A, Error>
    where
        F: Future<Output = Result<tonic::Response<A>, Status>>,
    {
        let mut request = Request::new(request);
        request.set_timeout(self.deadline);
        match tokio::time::timeout(self.deadline, call(request)).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => Err(meaning(&status)),
            Err(_) => Err(too_slow(self.deadline)),
        }
    }
}

fn too_slow(deadline: Duration) -> Error {
    Error::Unreachable(format!("no answer within {deadline:?}"))
}

/// What an error of the service means.
pub(crate) fn meaning(status: &Status) -> Error {
    let sentence = status.message().to_owned();
    let details = status.get_error_details();
    match status.code() {
        Code::NotFound => not_found(sentence, &details),
        Code::InvalidArgument => {
            let violations = details.bad_request().map(|bad| &bad.field_violations[..]);
            let mut sentences: Vec<String> = violations
                .unwrap_or_default()
                .iter()
                .map(|violation| violation.description.clone())
                .filter(|description| !description.is_empty())
                .collect();
            if sentences.is_empty() {
                sentences.push(sentence);
            }
            Error::Invalid { sentences }
        }
        // A status made on this side has the transport's error behind it.
        Code::Unavailable | Code::ResourceExhausted
            if std::error::Error::source(status).is_none() =>
        {
            let retry_after = details.retry_info().and_then(|retry| retry.retry_delay);
            match status.code() {
                Code::ResourceExhausted => Error::Exhausted {
                    sentence,
                    retry_after,
                },
                _ => Error::Unavailable {
                    sentence,
                    retry_after,
                },
            }
        }
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => {
            Error::Unreachable(root_cause(status))
        }
        Code::Unauthenticated | Code::PermissionDenied => Error::Unauthenticated(sentence),
        code => Error::Broken(format!("{code:?}: {sentence}")),
    }
}

fn not_found(sentence: String, details: &tonic_types::ErrorDetails) -> Error {
    let info = details.error_info();
    let what = match info.map(|info| info.reason.as_str()) {
        Some("UNKNOWN_REPOSITORY") => Missing::Repository,
        Some("UNKNOWN_ENVIRONMENT") => Missing::Environment,
        _ => Missing::Something,
    };
    let candidates = info
        .and_then(|info| info.metadata.get("candidates"))
        .map(|names| {
            names
                .lines()
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    Error::NotFound {
        what,
        sentence,
        candidates,
    }
}

fn root_cause(status: &Status) -> String {
    let Some(mut cause) = std::error::Error::source(status) else {
        return status.message().to_owned();
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Adds the bearer token to every call.
#[derive(Clone)]
struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: Option<&SecretString>) -> anyhow::Result<Self> {
        let Some(token) = token else {
            return Ok(Self(None));
        };
        let mut value: MetadataValue<Ascii> =
            format!("Bearer {}", token.expose_secret())
                .parse()
                .map_err(|_| anyhow::anyhow!("DEPLOYBOT_DEPLOY_TOKEN can't be sent in a header"))?;
        // It is not shown when the headers are.
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn what_is_not_there_comes_with_what_there_is() {
        let metadata = HashMap::from([("candidates".to_owned(), "people\nweb\n".to_owned())]);
        let details = ErrorDetails::with_error_info("UNKNOWN_REPOSITORY", "deploy.v1", metadata);
        let status = Status::with_error_details(Code::NotFound, "There is no `peopel`.", details);
        let Error::NotFound {
            what, candidates, ..
        } = meaning(&status)
        else {
            panic!("found")
        };
        assert_eq!(what, Missing::Repository);
        assert_eq!(candidates, ["people", "web"]);
    }

    #[test]
    fn wrong_fields_are_told_by_their_own_sentences() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("limit", "A limit is 1 to 50.");
        let status = Status::with_error_details(Code::InvalidArgument, "bad", details);
        assert_eq!(
            meaning(&status),
            Error::Invalid {
                sentences: vec!["A limit is 1 to 50.".to_owned()]
            }
        );
    }

    #[test]
    fn what_the_service_says_is_told_apart_from_not_reaching_it() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(7)));
        let said = Status::with_error_details(Code::Unavailable, "GitHub is away.", details);
        assert_eq!(
            meaning(&said),
            Error::Unavailable {
                sentence: "GitHub is away.".to_owned(),
                retry_after: Some(Duration::from_secs(7)),
            }
        );
        let cause = std::io::Error::other("connection refused");
        let away = Status::from_error(Box::new(cause));
        assert!(
            matches!(meaning(&away), Error::Unreachable(_)),
            "{:?}",
            meaning(&away)
        );
        assert!(matches!(
            meaning(&Status::unauthenticated("no")),
            Error::Unauthenticated(_)
        ));
        assert!(matches!(
            meaning(&Status::internal("boom")),
            Error::Broken(_)
        ));
    }
}
