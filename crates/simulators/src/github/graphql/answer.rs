//! Answers in GitHub's form: an error's type is a field of its own, and a query
//! that does not fit the schema is refused in GitHub's words.

use async_graphql::{
    ErrorExtensionValues, PathSegment, Pos, Response as Outcome, ServerError, Value,
};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::Serialize;

/// An answer.
#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Failure>,
}

#[derive(Serialize)]
struct Failure {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathSegment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<ErrorExtensionValues>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Pos>,
    message: String,
}

impl Answer {
    /// Nothing but one error.
    pub(super) fn failure(kind: &str, message: String) -> Self {
        Self {
            data: None,
            errors: vec![Failure {
                kind: Some(kind.into()),
                path: Vec::new(),
                extensions: None,
                locations: Vec::new(),
                message,
            }],
        }
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        // What was refused before it was carried out has no data, not even null.
        let was_carried_out = outcome.data != Value::Null
            || outcome.errors.iter().any(|error| !error.path.is_empty());
        Self {
            data: was_carried_out.then_some(outcome.data),
            errors: outcome.errors.into_iter().map(Failure::from).collect(),
        }
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        let mut extensions = error.extensions.unwrap_or_default();
        let kind = extensions.get("type").cloned();
        extensions.unset("type");
        let mut message = error.message;
        if error.path.is_empty()
            && let Some(mismatch) = Mismatch::read(&message)
        {
            mismatch.extend(&mut extensions);
            message = mismatch.sentence();
        }
        Self {
            kind,
            path: error.path,
            extensions: (extensions != ErrorExtensionValues::default()).then_some(extensions),
            locations: error.locations,
            message,
        }
    }
}

/// What of a query does not fit the schema.
enum Mismatch<'a> {
    Field {
        name: &'a str,
        on: &'a str,
    },
    Argument {
        name: &'a str,
        field: &'a str,
        on: &'a str,
    },
    Missing {
        name: &'a str,
        field: &'a str,
    },
}

impl<'a> Mismatch<'a> {
    /// Reads it from the sentence of the library that checks queries, which
    /// tells it in no other way.
    fn read(sentence: &'a str) -> Option<Self> {
        let mut quoted = sentence.split('"').skip(1).step_by(2);
        let mut next = || quoted.next();
        if sentence.starts_with("Unknown field ") {
            let (name, on) = (next()?, next()?);
            Some(Self::Field { name, on })
        } else if sentence.starts_with("Unknown argument ") && sentence.contains(" on field ") {
            let (name, field, on) = (next()?, next()?, next()?);
            Some(Self::Argument { name, field, on })
        } else if sentence.starts_with("Field ") && sentence.ends_with("required but not provided")
        {
            let (field, name) = (next()?, next()?);
            Some(Self::Missing { name, field })
        } else {
            None
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Field { name, on } => format!("Field '{name}' doesn't exist on type '{on}'"),
            Self::Argument { name, field, .. } => {
                format!("Field '{field}' doesn't accept argument '{name}'")
            }
            Self::Missing { name, field } => {
                format!("Field '{field}' is missing required arguments: {name}")
            }
        }
    }

    fn extend(&self, extensions: &mut ErrorExtensionValues) {
        match *self {
            Self::Field { name, on } => {
                extensions.set("code", "undefinedField");
                extensions.set("typeName", on);
                extensions.set("fieldName", name);
            }
            Self::Argument { name, field, on } => {
                extensions.set("code", "argumentNotAccepted");
                extensions.set("name", field);
                extensions.set("typeName", on);
                extensions.set("argumentName", name);
            }
            Self::Missing { name, field } => {
                extensions.set("code", "missingRequiredArguments");
                extensions.set("className", "Field");
                extensions.set("name", field);
                extensions.set("arguments", name);
            }
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Json(self).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
        let media_type = HeaderValue::from_static("github.v4; format=json");
        headers.insert("x-github-media-type", media_type);
        let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
        if let Ok(id) = id.parse() {
            headers.insert("x-github-request-id", id);
        }
        response
    }
}
