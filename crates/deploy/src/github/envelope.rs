//! The envelope of a GraphQL answer: data, errors, or some of both.
//!
//! An answer can be partial: what an error names is null, and a null that an
//! error has put there must not be taken for "there is none".

use http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::{Error, Unavailable, cut_short, retry_at};

/// Stands where a commit's checks could not be read, in the place of GitHub's
/// state; no state of GitHub's is called so.
const UNREADABLE: &str = "UNREADABLE";

/// What a query was answered.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) data: T,
    pub(crate) errors: Vec<QueryError>,
    pub(crate) rate_limit: Option<RateLimit>,
}

/// One error inside an answer.
#[derive(Debug, Deserialize)]
pub(crate) struct QueryError {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    path: Vec<Value>,
    #[serde(default)]
    message: String,
    /// Only there when the query itself is at fault.
    extensions: Option<Value>,
}

/// What is left of the hour's points.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RateLimit {
    pub(crate) cost: Option<u64>,
    pub(crate) remaining: Option<u64>,
    pub(crate) reset_at: Option<Timestamp>,
}

/// The data of a query about one repository.
#[derive(Debug, Deserialize)]
pub(crate) struct RepositoryAnswer<T> {
    pub(crate) repository: Option<T>,
}

/// A page of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Nodes<T> {
    nodes: Option<Vec<Option<T>>>,
    page_info: Option<PageInfo>,
    pub(crate) total_count: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    #[serde(default)]
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl<T> Nodes<T> {
    /// The list without its nulls: a null is something that is gone.
    pub(crate) fn known(self) -> Vec<T> {
        self.nodes
            .unwrap_or_default()
            .into_iter()
            .flatten()
            .collect()
    }

    /// The list; none when an item of it could not be read.
    pub(crate) fn all(self) -> Option<Vec<T>> {
        self.nodes?.into_iter().collect()
    }

    /// There is more than this page.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.page_info
            .as_ref()
            .is_some_and(|page| page.has_next_page)
    }

    /// This page with a later one behind it.
    pub(crate) fn joined(mut self, later: Self) -> Self {
        self.nodes = self.nodes.zip(later.nodes).map(|(mut first, later)| {
            first.extend(later);
            first
        });
        Self {
            page_info: later.page_info,
            ..self
        }
    }

    /// Where the next page begins, if there is one.
    pub(crate) fn next_page(&self) -> Option<String> {
        self.page_info
            .as_ref()
            .filter(|page| page.has_next_page)?
            .end_cursor
            .clone()
    }
}

impl<T> Answer<RepositoryAnswer<T>> {
    /// The repository that was asked for.
    pub(crate) fn repository(self) -> Result<T, Error> {
        match self.data.repository {
            Some(repository) => Ok(repository),
            None if self.errors.is_empty() => Err(Error::NotFound),
            None => Err(of_errors(&self.errors)),
        }
    }

    /// As [`Answer::repository`], but an answer that is not whole is an error:
    /// what is missing could have been a reason to refuse, or the newest
    /// deployment, without which an older one would be shown as live. Excepted
    /// are what [`QueryError::is_harmless`] tells, checks, because they are
    /// marked as unreadable where they are, and what was asked for and is not
    /// there.
    pub(crate) fn whole_repository(self) -> Result<T, Error> {
        let hides_something = |error: &QueryError| {
            let asked_for = error.is_not_found() && error.passes("object");
            !(error.is_harmless() || error.passes("statusCheckRollup") || asked_for)
        };
        if self.data.repository.is_some() && self.errors.iter().any(hides_something) {
            return Err(of_errors(&self.errors));
        }
        self.repository()
    }
}

impl QueryError {
    pub(crate) fn is_not_found(&self) -> bool {
        self.kind.as_deref() == Some("NOT_FOUND")
    }

    /// What it hides is told elsewhere in the answer, or shown as not known:
    /// the number of a deployment, and who made it or a commit.
    pub(crate) fn is_harmless(&self) -> bool {
        self.ends_at("databaseId") || self.passes("creator") || self.passes("author")
    }

    fn is_rate_limit(&self) -> bool {
        matches!(self.kind.as_deref(), Some("RATE_LIMITED" | "RATE_LIMIT"))
    }

    fn passes(&self, field: &str) -> bool {
        self.path.iter().any(|step| step == field)
    }

    fn ends_at(&self, field: &str) -> bool {
        self.path.last().is_some_and(|step| step == field)
    }

    /// It names an item of a top-level list itself, nothing inside the item.
    pub(crate) fn is_about_an_item(&self) -> bool {
        self.path.len() == 2
    }

    /// The place in a top-level list that the error names.
    pub(crate) fn place_in(&self, list: &str) -> Option<usize> {
        match self.path.as_slice() {
            [first, place, ..] if first == list => place.as_u64()?.try_into().ok(),
            _ => None,
        }
    }
}

/// Reads the body of a GraphQL answer with status 2xx.
pub(crate) fn read<T: DeserializeOwned>(
    body: &[u8],
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Answer<T>, Error> {
    #[derive(Deserialize)]
    struct Envelope {
        data: Option<Value>,
        errors: Option<Vec<QueryError>>,
    }
    let unreadable = |error: serde_json::Error| Error::Unreadable(cut_short(&error.to_string()));
    let envelope: Envelope = serde_json::from_slice(body).map_err(unreadable)?;
    let errors = envelope.errors.unwrap_or_default();
    if errors.iter().any(QueryError::is_rate_limit) {
        return Err(Error::RateLimited {
            retry_at: retry_at(headers, now),
        });
    }
    let Some(mut data) = envelope.data.filter(|data| !data.is_null()) else {
        return Err(of_errors(&errors));
    };
    for error in errors
        .iter()
        .filter(|error| error.passes("statusCheckRollup"))
    {
        mark_unreadable(&mut data, &error.path);
    }
    let rate_limit = data
        .get("rateLimit")
        .and_then(|limit| RateLimit::deserialize(limit).ok());
    let data = T::deserialize(data).map_err(unreadable)?;
    Ok(Answer {
        data,
        errors,
        rate_limit,
    })
}

/// Puts [`UNREADABLE`] where an error has left null instead of checks.
fn mark_unreadable(data: &mut Value, path: &[Value]) {
    let mut place = data;
    for step in path {
        let next = match step {
            Value::String(field) => place.get_mut(field),
            Value::Number(index) => index
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .and_then(|index| place.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return };
        if next.is_null() && step == "statusCheckRollup" {
            *next = serde_json::json!({ "state": UNREADABLE });
            return;
        }
        place = next;
    }
}

/// What follows from errors that left nothing to work with.
pub(crate) fn of_errors(errors: &[QueryError]) -> Error {
    let Some(first) = errors.first() else {
        return Error::Unreadable("it holds neither data nor errors".to_owned());
    };
    if errors
        .iter()
        .any(|error| error.is_not_found() && error.path == ["repository"])
    {
        return Error::NotFound;
    }
    if first.kind.is_some() || first.extensions.is_some() {
        let message = cut_short(&first.message);
        // People are told what follows from it, in words of ours.
        tracing::warn!(message, "GitHub refused a query");
        return Error::Refused {
            status: 200,
            message,
        };
    }
    // GitHub gives a query up after ten seconds and says so in words alone.
    Error::Unavailable(Unavailable::Status {
        status: 200,
        retry_after: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_json(body: &Value) -> Result<Answer<RepositoryAnswer<Value>>, Error> {
        let now = Timestamp::from_second(1_000).unwrap();
        read(body.to_string().as_bytes(), &HeaderMap::new(), now)
    }

    #[test]
    fn a_limit_is_seen_though_the_status_is_200() {
        let body = json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]});
        let error = read_json(&body).unwrap_err();
        assert!(
            matches!(error, Error::RateLimited { retry_at } if retry_at.as_second() == 1_060),
            "{error:?}"
        );
    }

    #[test]
    fn a_missing_repository_is_not_found() {
        let body = json!({
            "data": {"repository": null},
            "errors": [{"type": "NOT_FOUND", "path": ["repository"], "message": "Could not"}],
        });
        let error = read_json(&body).unwrap().repository().unwrap_err();
        assert!(matches!(error, Error::NotFound), "{error:?}");
    }

    #[test]
    fn a_repository_that_is_guarded_is_refused_with_githubs_words() {
        let body = json!({
            "data": {"repository": null},
            "errors": [{"type": "FORBIDDEN", "path": ["repository"], "message": "SAML enforcement"}],
        });
        let error = read_json(&body).unwrap().repository().unwrap_err();
        assert!(
            matches!(&error, Error::Refused { message, .. } if message == "SAML enforcement"),
            "{error:?}"
        );
    }

    #[test]
    fn a_query_that_was_given_up_may_be_tried_again() {
        let body = json!({"data": null, "errors": [{"message": "Something went wrong"}]});
        let error = read_json(&body).unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }

    #[test]
    fn a_query_at_fault_is_not_tried_again() {
        let body = json!({"errors": [
            {"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}},
        ]});
        let error = read_json(&body).unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    }

    #[test]
    fn checks_that_an_error_hides_are_marked() {
        let body = json!({
            "data": {"repository": {"object": {"statusCheckRollup": null}}},
            "errors": [{
                "type": "FORBIDDEN",
                "path": ["repository", "object", "statusCheckRollup", "contexts", "nodes", 0],
                "message": "Resource not accessible",
            }],
        });
        let repository = read_json(&body).unwrap().whole_repository().unwrap();
        assert_eq!(
            repository["object"]["statusCheckRollup"]["state"],
            UNREADABLE
        );
    }

    #[test]
    fn a_whole_answer_hides_nothing_but_what_is_shown_as_not_known() {
        let whole = |path: Value| {
            let body = json!({
                "data": {"repository": {"deployments": {"nodes": [null]}}},
                "errors": [{"path": path, "message": "oops"}],
            });
            read_json(&body).unwrap().whole_repository()
        };
        for hidden in [
            json!(["repository", "deployments", "nodes", 0]),
            json!(["repository", "deployments", "nodes", 0, "statuses"]),
            json!(["repository", "environments"]),
            json!([]),
        ] {
            let error = whole(hidden).unwrap_err();
            assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        }
        for harmless in ["databaseId", "creator"] {
            let path = json!(["repository", "deployments", "nodes", 0, harmless]);
            assert!(whole(path).is_ok(), "{harmless}");
        }
    }

    #[test]
    fn what_is_no_envelope_is_unreadable() {
        let now = Timestamp::from_second(1_000).unwrap();
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"data": 3}"#,
            r#"{"data":{"reposi"#,
        ] {
            let answer = read::<RepositoryAnswer<Value>>(body.as_bytes(), &HeaderMap::new(), now);
            assert!(matches!(answer, Err(Error::Unreadable(_))), "{body:?}");
        }
    }
}
