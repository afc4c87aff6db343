//! The fields of a request's JSON body, each read as what it should be.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A body that is a JSON object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body; an empty one has no fields.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::not_an_object()),
            Err(_) => Err(Refusal::not_json()),
        }
    }

    /// A field that may be left out or null.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that may be left out.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A text that has to be there.
    pub(super) fn required_text(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)?.ok_or_else(|| not_supplied(name))
    }

    /// A yes or no that may be left out.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    /// A number that is not negative and may be left out.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        self.typed(name, "an integer", Value::as_u64)
    }

    /// A list of texts that may be left out.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Refusal> {
        self.typed(name, "an array of strings", |value| {
            value.as_array()?.iter().map(Value::as_str).collect()
        })
    }

    /// A list that may be left out.
    pub(super) fn list(&self, name: &str) -> Result<Option<&Vec<Value>>, Refusal> {
        self.typed(name, "an array", Value::as_array)
    }

    /// An object that may be left out.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        self.typed(name, "an object", |value| {
            value.as_object().cloned().map(Self)
        })
    }

    fn typed<'a, T>(
        &'a self,
        name: &str,
        kind: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| {
            let problem = format!("For 'properties/{name}', {value} is not {kind}.");
            Refusal::invalid_request(&problem)
        })
    }
}

/// A field that has to be there is not.
pub(super) fn not_supplied(name: &str) -> Refusal {
    Refusal::invalid_request(&format!("\"{name}\" wasn't supplied."))
}
