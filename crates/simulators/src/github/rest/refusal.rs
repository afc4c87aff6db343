//! What a request that can't be served is told, in GitHub's form.

use http::StatusCode;
use serde_json::{Value, json};

use crate::github::access::Unbelieved;
use crate::github::record::Missing;

/// Where the documentation of everything begins.
const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// An answer that says no.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(super) status: StatusCode,
    message: String,
    errors: Option<Value>,
    /// The page below [`DOCUMENTATION`], where it is not the route's own.
    page: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            errors: None,
            page: None,
        }
    }

    fn with_page(mut self, page: &'static str) -> Self {
        self.page = Some(page);
        self
    }

    /// The request carries a token that is not accepted.
    pub(super) fn bad_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Bad credentials").with_page("")
    }

    /// The request carries no token.
    pub(super) fn requires_authentication() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Requires authentication").with_page("")
    }

    /// The token's hour is used up.
    pub(super) fn rate_limited(who: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!("API rate limit exceeded for {who}."),
        )
        .with_page("/using-the-rest-api/rate-limits-for-the-rest-api")
    }

    /// The caller asks in bursts, or for too much content.
    pub(super) fn burst(of_content: bool) -> Self {
        let sentence = if of_content {
            "You have exceeded a secondary rate limit and have been temporarily blocked from \
             content creation. Please retry your request again later."
        } else {
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try \
             again."
        };
        Self::new(StatusCode::FORBIDDEN, sentence).with_page(
            "/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits",
        )
    }

    /// The request has to be an App's own, and its assertion is not believed.
    pub(super) fn unbelieved(why: Unbelieved) -> Self {
        let status = match why {
            Unbelieved::Unknown => StatusCode::NOT_FOUND,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self::new(status, why.sentence()).with_page("")
    }

    /// The caller is nobody who can be served so.
    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// There is no such thing, or the caller may not know of it.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// The same, saying more.
    pub(super) fn not_found_because(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// There is no such branch.
    pub(super) fn no_branch(name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("Branch {name} not found"))
    }

    /// The path of a route does not exist at all.
    pub(super) fn no_such_route() -> Self {
        Self::not_found().with_page("")
    }

    /// The body is no JSON.
    pub(super) fn not_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Problems parsing JSON")
    }

    /// The body is JSON, but no object.
    pub(super) fn not_an_object() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Body should be a JSON object")
    }

    /// The body is larger than is read.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large")
    }

    /// A field of the body is missing or of the wrong kind.
    pub(super) fn invalid_request(problem: &str) -> Self {
        Self::unprocessable(format!("Invalid request.\n\n{problem}"))
    }

    /// The request is understood, but can't be done.
    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// A field has a value that its resource does not take.
    pub(super) fn validation(resource: &str, field: &str, problem: &str) -> Self {
        let mut refusal = Self::unprocessable("Validation Failed");
        refusal.errors = Some(json!([{
            "resource": resource,
            "field": field,
            "code": "custom",
            "message": problem,
        }]));
        refusal
    }

    /// No commit is called so.
    pub(super) fn no_commit(name: &str) -> Self {
        Self::unprocessable(format!("No commit found for SHA: {name}"))
    }

    /// The request does not fit what is there now.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// The same, with what it is about.
    pub(super) fn with_errors(mut self, errors: Value) -> Self {
        self.errors = Some(errors);
        self
    }

    /// The body of the answer; `page` is the route's own documentation.
    pub(super) fn body(&self, page: &str) -> Value {
        let page = self.page.unwrap_or(page);
        let mut body = json!({
            "message": self.message,
            "documentation_url": format!("{DOCUMENTATION}{page}"),
            "status": self.status.as_str(),
        });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }
}

impl From<Missing> for Refusal {
    fn from(_: Missing) -> Self {
        Self::not_found()
    }
}

/// What went wrong inside is for the log, not for the caller.
impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(
            error = format!("{error:#}"),
            "a request could not be served"
        );
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Server Error").with_page("")
    }
}
