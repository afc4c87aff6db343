//! The arguments of a call. SDKs send them in the query, as a form or as JSON;
//! what is a list or an object may be JSON text inside either.

use http::{HeaderMap, Method, Uri, header};
use serde_json::{Map, Value};

use super::ApiError;

/// The arguments by name.
#[derive(Debug, Default)]
pub(super) struct Args {
    values: Map<String, Value>,
    /// The names that came with the address; a token is not taken from there.
    in_query: Vec<String>,
    charset_missing: bool,
}

impl Args {
    /// Reads them from a request; the error is Slack's name for what is wrong.
    pub(super) fn read(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, &'static str> {
        let query = form(uri.query().unwrap_or_default().as_bytes());
        let mut args = Self {
            in_query: query.keys().cloned().collect(),
            values: query,
            charset_missing: false,
        };
        if *method != Method::POST || body.is_empty() {
            return Ok(args);
        }
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("application/x-www-form-urlencoded");
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let sent = match kind {
            "application/x-www-form-urlencoded" => form(body),
            "application/json" => {
                args.charset_missing = !content_type.contains("charset");
                json_object(body)?
            }
            _ => return Err("invalid_post_type"),
        };
        args.in_query.retain(|name| !sent.contains_key(name));
        args.values.extend(sent);
        Ok(args)
    }

    /// What Slack remarks about the way the arguments were sent.
    pub(super) fn warnings(&self) -> Vec<&'static str> {
        self.charset_missing
            .then_some("missing_charset")
            .into_iter()
            .collect()
    }

    pub(super) fn token(&self) -> Option<String> {
        self.text("token")
            .filter(|_| !self.in_query.iter().any(|name| name == "token"))
    }

    /// An argument as text; none when it is missing or null.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// An argument that must be there.
    pub(super) fn required(&self, name: &str) -> Result<String, ApiError> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| ApiError::argument(&format!("missing required field: {name}"), name))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "1"))
    }

    /// An argument that is a list or object, perhaps as JSON text; none when it
    /// is missing or empty text. The error is text that is no JSON.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, NotJson> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| NotJson),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// How many entries a page may have.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        let Some(text) = self.text("limit").filter(|text| !text.is_empty()) else {
            return Ok(default);
        };
        match text.parse::<usize>() {
            Ok(0) => Ok(default),
            Ok(limit) if limit <= most => Ok(limit),
            _ => Err(ApiError::Refused("invalid_limit")),
        }
    }

    /// All arguments, for the method that sends them back.
    pub(super) fn all(&self) -> &Map<String, Value> {
        &self.values
    }
}

/// Text that should be JSON and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

fn form(text: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

fn json_object(body: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "invalid_json")?;
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err("json_not_object"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(method: &Method, uri: &str, kind: &str, body: &str) -> Result<Args, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        Args::read(method, &uri.parse().unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn a_form_and_json_give_the_same() {
        let form = "application/x-www-form-urlencoded";
        let form = read(
            &Method::POST,
            "/",
            form,
            "limit=5&blocks=%5B%7B%7D%5D&on=true",
        )
        .unwrap();
        let json = r#"{"limit": 5, "blocks": [{}], "on": true}"#;
        let json = read(&Method::POST, "/", "application/json; charset=utf-8", json).unwrap();
        for args in [form, json] {
            assert_eq!(args.limit(1, 10), Ok(5));
            assert_eq!(args.json("blocks"), Ok(Some(json!([{}]))));
            assert!(args.flag("on"));
            assert!(args.warnings().is_empty());
        }
    }

    #[test]
    fn json_text_inside_json_is_read_too() {
        let body = r#"{"blocks": "[{\"type\": \"divider\"}]", "view": "{"}"#;
        let args = read(&Method::POST, "/", "application/json", body).unwrap();
        assert_eq!(args.json("blocks"), Ok(Some(json!([{"type": "divider"}]))));
        assert_eq!(args.json("view"), Err(NotJson));
        assert_eq!(args.warnings(), ["missing_charset"]);
    }

    #[test]
    fn a_token_in_the_address_is_not_taken() {
        let args = read(&Method::GET, "/?token=a&channel=C1", "text/plain", "").unwrap();
        assert_eq!(args.token(), None);
        assert_eq!(args.text("channel").as_deref(), Some("C1"));
    }

    #[test]
    fn other_bodies_are_refused() {
        assert_eq!(
            read(&Method::POST, "/", "text/html", "x").unwrap_err(),
            "invalid_post_type"
        );
        assert_eq!(
            read(&Method::POST, "/", "application/json", "{").unwrap_err(),
            "invalid_json"
        );
        assert_eq!(
            read(&Method::POST, "/", "application/json", "[]").unwrap_err(),
            "json_not_object"
        );
    }
}
