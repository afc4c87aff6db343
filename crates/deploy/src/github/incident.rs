//! What GitHub itself says about an outage: the newest unresolved incident of
//! its status page, in the form of Statuspage. It is read leniently and never
//! in the way: an outage is one with or without its words.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::Uri;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    error::on_one_line,
    line::Deadline,
    transport::{Call, Transport},
};

/// The page is asked once in this time at most.
pub(crate) const PAUSE: Duration = Duration::from_mins(1);
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer that is larger is none, in bytes.
const LARGEST: usize = 256 << 10;
/// The text is cut here, in characters; its link is not.
const LONGEST: usize = 200;

/// The last that is known of an incident.
#[derive(Default)]
pub(crate) struct Incident(Mutex<Option<String>>);

#[derive(Deserialize)]
struct Page {
    incidents: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    shortlink: String,
    updated_at: Option<Timestamp>,
}

impl Incident {
    /// What GitHub said last, if it said anything.
    pub(crate) fn text(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks the status page once. What was known stays when it gives no answer.
    pub(crate) async fn ask(&self, transport: &Transport, page: &Uri) {
        let call = Call::Get(page);
        let asked = transport.send("incidents", &call, None, LARGEST);
        let told = match Deadline::after(PATIENCE).bounds(asked).await {
            Ok(Ok(reply)) if reply.status.is_success() => read(&reply.body),
            _ => None,
        };
        match told {
            Some(told) => self.set(told),
            None => tracing::debug!("GitHub's status page gives no answer"),
        }
    }

    /// The outage is over, and so is what was said about it.
    pub(crate) fn forget(&self) {
        self.set(None);
    }

    fn set(&self, text: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// The text about the newest incident, which may be none; nothing at all where
/// the answer is not of that form.
fn read(body: &[u8]) -> Option<Option<String>> {
    let page: Page = serde_json::from_slice(body).ok()?;
    let entries = page.incidents.into_iter();
    let entries = entries.filter_map(|entry| Entry::deserialize(entry).ok());
    let newest = entries.max_by_key(|entry| entry.updated_at);
    Some(newest.as_ref().map(text_of))
}

fn text_of(entry: &Entry) -> String {
    let link = match entry.shortlink.as_str() {
        link if link.starts_with("https://") && link.len() <= LONGEST / 2 => format!(" {link}"),
        _ => String::new(),
    };
    let status = match entry.status.trim() {
        "" => String::new(),
        status => format!(" ({status})"),
    };
    let words = format!("{}{status}", entry.name.trim());
    let text = on_one_line(&words, LONGEST - link.len());
    on_one_line(&format!("{text}{link}"), LONGEST)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(incidents: &Value) -> Option<Option<String>> {
        read(json!({ "incidents": incidents }).to_string().as_bytes())
    }

    #[test]
    fn the_newest_incident_is_told_on_one_line() {
        let incidents = json!([
            {"name": "Old", "status": "monitoring", "updated_at": "2026-11-22T09:00:00Z"},
            {"name": "Delays with\nAPI requests", "status": "investigating", "impact": "major",
             "shortlink": "https://stspg.io/abc", "updated_at": "2026-11-22T10:00:00.123Z"},
            {"status": "nameless"},
            7,
        ]);
        insta::assert_snapshot!(
            text(&incidents).unwrap().unwrap(),
            @"Delays with API requests (investigating) https://stspg.io/abc"
        );
    }

    #[test]
    fn a_long_text_is_cut_but_not_its_link() {
        let link = "https://stspg.io/abc";
        let incidents = json!([{"name": "é".repeat(1_000), "shortlink": link}]);
        let text = text(&incidents).unwrap().unwrap();
        assert_eq!(text.chars().count(), LONGEST);
        assert!(text.ends_with(&format!("é {link}")));
        let odd = json!([{"name": "Down", "shortlink": "javascript:alert(1)"}]);
        assert_eq!(self::text(&odd).unwrap().unwrap(), "Down");
    }

    #[test]
    fn no_incident_is_told_from_no_answer() {
        assert_eq!(text(&json!([])), Some(None));
        for odd in ["", "[]", "<html>", r#"{"incidents": "none"}"#] {
            assert_eq!(read(odd.as_bytes()), None, "{odd}");
        }
    }
}
