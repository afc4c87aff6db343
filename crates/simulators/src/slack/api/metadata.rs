//! The metadata that an app hides in a message.

use serde_json::Value;

use super::ApiError;
use super::args::Args;

/// How many bytes metadata may have.
const MOST: usize = 16 * 1024;

/// The metadata that a call gives: none when it gives none, an empty object to
/// take earlier metadata away.
pub(super) fn read(args: &Args) -> Result<Option<Value>, ApiError> {
    let format = ApiError::Refused("invalid_metadata_format");
    let Some(metadata) = args.json("metadata").map_err(|_| format.clone())? else {
        return Ok(None);
    };
    let Some(fields) = metadata.as_object() else {
        return Err(format);
    };
    if fields.is_empty() {
        return Ok(Some(metadata));
    }
    let named = fields
        .get("event_type")
        .and_then(Value::as_str)
        .is_some_and(well_named);
    let whole = fields.get("event_payload").is_some_and(Value::is_object);
    if !named || !whole {
        return Err(format);
    }
    if metadata.to_string().len() > MOST {
        return Err(ApiError::Refused("metadata_too_large"));
    }
    Ok(Some(metadata))
}

fn well_named(event_type: &str) -> bool {
    !event_type.is_empty()
        && event_type.len() <= 255
        && event_type
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | ':'))
}
