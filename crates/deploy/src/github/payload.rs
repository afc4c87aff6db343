//! The payload of a deployment: what deploybot writes into it so that GitHub
//! alone tells who asked for what, and what of that it reads back.
//!
//! It comes back as an object or as a string that holds one. Payloads of other
//! tools are common, and so are fields that we do not know: both are passed
//! over.

use serde_json::{Value, json};

use crate::model::{Kind, Person, ReplyAddress, RequestId, Sha};

/// The version that is written. Readers take any.
const VERSION: u32 = 1;
/// Ours are smaller by far; a larger text is not looked into.
const LARGEST: usize = 64 << 10;
/// A name to show is cut here.
const LONGEST_NAME: usize = 200;

/// What deploybot wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) request_id: Option<RequestId>,
    pub(crate) kind: Kind,
    pub(crate) requester: Person,
    /// Where the answer is shown; the message that asked is not in it.
    pub(crate) reply: ReplyAddress,
    pub(crate) replaces: Option<Sha>,
}

/// Writes the payload of a new deployment.
pub(crate) fn written(
    request_id: &RequestId,
    kind: Kind,
    requester: &Person,
    reply: &ReplyAddress,
    replaces: Option<&Sha>,
) -> Value {
    json!({
        "deploybot": VERSION,
        "request_id": request_id.as_str(),
        "kind": match kind { Kind::Deploy => "deploy", Kind::Rollback => "rollback" },
        "requester": {
            "slack": requester.slack,
            "github": requester.github,
            "name": requester.name,
        },
        "reply": { "channel": reply.channel, "thread_ts": reply.thread_ts },
        "replaces": replaces.map(Sha::as_str),
    })
}

/// Reads a payload as GitHub returns it; none when it is not ours.
pub(crate) fn read(payload: &Value) -> Option<Payload> {
    match payload {
        // GraphQL writes every payload as text; one that was text already is
        // text within text.
        Value::String(text) if text.len() <= LARGEST => {
            let inner: Value = serde_json::from_str(text).ok()?;
            match &inner {
                Value::String(text) => of_object(&serde_json::from_str(text).ok()?),
                object => of_object(object),
            }
        }
        object => of_object(object),
    }
}

fn of_object(payload: &Value) -> Option<Payload> {
    payload.get("deploybot")?.as_u64()?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let person = |field| {
        let value = payload
            .get("requester")
            .and_then(|requester| requester.get(field));
        text(value).chars().take(LONGEST_NAME).collect()
    };
    let address = |field| {
        let value = payload.get("reply").and_then(|reply| reply.get(field));
        text(value).chars().take(LONGEST_NAME).collect()
    };
    Some(Payload {
        request_id: text(payload.get("request_id")).parse().ok(),
        kind: match payload.get("kind").and_then(Value::as_str) {
            Some("rollback") => Kind::Rollback,
            _ => Kind::Deploy,
        },
        requester: Person {
            slack: person("slack"),
            github: person("github"),
            name: person("name"),
        },
        reply: ReplyAddress {
            channel: address("channel"),
            thread_ts: address("thread_ts"),
            asked_ts: String::new(),
        },
        replaces: text(payload.get("replaces")).parse().ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Value {
        written(
            &"slack:T1:Ev1".parse().unwrap(),
            Kind::Rollback,
            &Person {
                slack: "U1".into(),
                github: "minji".into(),
                name: "Minji".into(),
            },
            &ReplyAddress {
                channel: "C1".into(),
                thread_ts: "1.2".into(),
                ..Default::default()
            },
            Some(&"a".repeat(40).parse().unwrap()),
        )
    }

    #[test]
    fn it_is_written_as_agreed() {
        insta::assert_snapshot!(
            ours(),
            @r#"{"deploybot":1,"kind":"rollback","replaces":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","reply":{"channel":"C1","thread_ts":"1.2"},"request_id":"slack:T1:Ev1","requester":{"github":"minji","name":"Minji","slack":"U1"}}"#
        );
    }

    #[test]
    fn what_was_written_is_read_back_in_each_form_it_comes_in() {
        let text = Value::String(ours().to_string());
        let text_in_text = Value::String(text.to_string());
        for form in [ours(), text, text_in_text] {
            let payload = read(&form).unwrap();
            assert_eq!(payload.request_id.unwrap().as_str(), "slack:T1:Ev1");
            assert_eq!(payload.kind, Kind::Rollback);
            assert_eq!(payload.requester.name, "Minji");
            assert_eq!(
                (&*payload.reply.channel, &*payload.reply.thread_ts),
                ("C1", "1.2")
            );
            assert_eq!(payload.replaces.unwrap().short(), "aaaaaaa");
        }
    }

    #[test]
    fn payloads_of_others_are_passed_over() {
        for foreign in [
            json!(null),
            json!(""),
            json!("{}"),
            json!("not json"),
            json!("[1, 2]"),
            json!([1, 2]),
            json!({"web_browser": "chrome"}),
            json!({"deploybot": "yes"}),
            json!(3),
        ] {
            assert_eq!(read(&foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_text_of_a_megabyte_is_not_looked_into() {
        let mut large = ours();
        large["filler"] = "x".repeat(1 << 20).into();
        assert_eq!(read(&Value::String(large.to_string())), None);
    }

    #[test]
    fn wrong_and_unknown_fields_are_passed_over() {
        let odd = json!({"deploybot": 2, "request_id": 7, "kind": "paint", "requester": [],
                         "replaces": "short", "later": {}});
        let payload = read(&odd).unwrap();
        assert_eq!(payload.request_id, None);
        assert_eq!(payload.kind, Kind::Deploy);
        assert_eq!(payload.requester, Person::default());
        assert_eq!(payload.replaces, None);
    }
}
