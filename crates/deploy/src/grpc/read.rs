//! From the contract's requests to questions in the words of the domain.

use deploy_proto::v1;
use jiff::Timestamp;

use crate::{
    error::Error,
    model::{Change, Kind, NewRequest, Person, ReplyAddress, RepositoryName},
    service::{
        AckAsk, CancelAsk, HistoryAsk, PreviewAsk, Reader, ReplyAsk, StatusAsk, WatchAsk, read,
    },
    store::{MessageClaim, MessageRecord},
};

/// Commits that GetStatus tells when no number is given.
const COMMITS: u8 = 5;
/// Deployments of an environment that ListHistory tells when no number is given.
const DEPLOYMENTS: u8 = 10;

/// Reads GetStatus.
pub(super) fn status(
    request: &v1::GetStatusRequest,
    default_owner: Option<&str>,
) -> Result<StatusAsk, Error> {
    read(|reader| {
        let repository = reader.repository(&request.repository, default_owner);
        let limit = reader.count("limit", request.limit, COMMITS);
        Some(StatusAsk {
            repository: repository?,
            limit: limit?,
        })
    })
}

/// Reads ListHistory.
pub(super) fn history(
    request: &v1::ListHistoryRequest,
    default_owner: Option<&str>,
) -> Result<HistoryAsk, Error> {
    read(|reader| {
        let repository = reader.repository(&request.repository, default_owner);
        let environment = request
            .environment
            .as_ref()
            .map(|name| reader.environment(name));
        let per_environment = reader.count("page_size", request.page_size, DEPLOYMENTS);
        Some(HistoryAsk {
            repository: repository?,
            environment: match environment {
                Some(environment) => Some(environment?),
                None => None,
            },
            per_environment: per_environment?,
        })
    })
}

/// Reads StartDeployment.
pub(super) fn start(
    request: v1::StartDeploymentRequest,
    default_owner: Option<&str>,
) -> Result<NewRequest, Error> {
    read(|reader| {
        let id = reader.request_id(&request.request_id);
        let repository = reader.repository(&request.repository, default_owner);
        let environment = reader.environment(&request.environment);
        let commit = reader.commit(&request.commit);
        let kind = kind(reader, request.kind);
        let requester = person(reader, request.requester.unwrap_or_default());
        let reply = reply(reader, request.reply.unwrap_or_default());
        let expected_live = request
            .expected_live
            .as_ref()
            .map(|live| reader.expected_live(live));
        Some(NewRequest {
            id: id?,
            repository: repository?,
            environment: environment?,
            commit: commit?,
            kind: kind?,
            requester: requester?,
            reply: reply?,
            expected_live: match expected_live {
                Some(live) => Some(live?),
                None => None,
            },
        })
    })
}

/// Reads CancelDeployment.
pub(super) fn cancel(request: v1::CancelDeploymentRequest) -> Result<CancelAsk, Error> {
    read(|reader| {
        let id = reader.request_id(&request.request_id);
        let by = person(reader, request.requester.unwrap_or_default());
        Some(CancelAsk {
            request: id?,
            by: by?,
        })
    })
}

/// Reads PreviewDeployment. Who would ask changes nothing yet, but must be
/// readable.
pub(super) fn preview(
    request: v1::PreviewDeploymentRequest,
    default_owner: Option<&str>,
) -> Result<PreviewAsk, Error> {
    read(|reader| {
        let repository = reader.repository(&request.repository, default_owner);
        let environment = reader.environment(&request.environment);
        let commit = reader.commit(&request.commit);
        let expected_live = request
            .expected_live
            .as_ref()
            .map(|live| reader.expected_live(live));
        person(reader, request.requester.unwrap_or_default())?;
        Some(PreviewAsk {
            repository: repository?,
            environment: environment?,
            commit: commit?,
            expected_live: match expected_live {
                Some(live) => Some(live?),
                None => None,
            },
        })
    })
}

/// Reads ListEnvironments.
pub(super) fn environments(
    request: &v1::ListEnvironmentsRequest,
    default_owner: Option<&str>,
) -> Result<RepositoryName, Error> {
    read(|reader| reader.repository(&request.repository, default_owner))
}

/// Reads GetOverview: whose, by Slack user id.
pub(super) fn overview(request: v1::GetOverviewRequest) -> Result<String, Error> {
    let slack = request.person.unwrap_or_default().slack;
    read(|reader| reader.text("person.slack", slack))
}

/// Reads Watch.
pub(super) fn watch(request: &v1::WatchRequest) -> Result<WatchAsk, Error> {
    read(|reader| {
        let subscriber = reader.word("subscriber", &request.subscriber);
        let replica = Reader::optional(&request.replica, |text| reader.word("replica", text));
        Some(WatchAsk {
            subscriber: subscriber?,
            replica: replica?,
        })
    })
}

/// Reads Ack.
pub(super) fn ack(request: &v1::AckRequest) -> Result<AckAsk, Error> {
    read(|reader| {
        let subscriber = reader.word("subscriber", &request.subscriber);
        let cursor = reader.cursor(request.cursor);
        Some(AckAsk {
            subscriber: subscriber?,
            cursor: cursor?,
        })
    })
}

/// Reads RecordReply.
pub(super) fn record_reply(request: &v1::RecordReplyRequest) -> Result<ReplyAsk, Error> {
    read(|reader| {
        let id = reader.request_id(&request.request_id);
        let channel = reader.word("channel", &request.channel);
        let message_ts = reader.word("message_ts", &request.message_ts);
        Some(ReplyAsk {
            request: id?,
            channel: channel?,
            message_ts: message_ts?,
        })
    })
}

/// Reads ClaimMessage.
pub(super) fn claim_message(request: &v1::ClaimMessageRequest) -> Result<MessageClaim, Error> {
    read(|reader| {
        let key = reader.key(&request.key);
        let claimant = reader.word("claimant", &request.claimant);
        let gone = Reader::optional(&request.gone, |text| reader.word("gone", text));
        Some(MessageClaim {
            key: key?,
            claimant: claimant?,
            gone: gone?.unwrap_or_default(),
        })
    })
}

/// Reads RecordMessage.
pub(super) fn record_message(request: &v1::RecordMessageRequest) -> Result<MessageRecord, Error> {
    read(|reader| {
        let key = reader.key(&request.key);
        let channel = reader.word("channel", &request.channel);
        let ts = reader.word("ts", &request.ts);
        let shown = Reader::optional(&request.request_id, |text| reader.request_id(text));
        Some(MessageRecord {
            key: key?,
            channel: channel?,
            ts: ts?,
            request: shown?,
        })
    })
}

fn kind(reader: &mut Reader, number: i32) -> Option<Kind> {
    match v1::DeploymentKind::try_from(number) {
        Ok(v1::DeploymentKind::Unspecified | v1::DeploymentKind::Deploy) => Some(Kind::Deploy),
        Ok(v1::DeploymentKind::Rollback) => Some(Kind::Rollback),
        Err(_) => reader.wrong(
            "kind",
            format!("It is {number}; there is only deploy (1) and rollback (2)."),
        ),
    }
}

pub(super) fn person(reader: &mut Reader, person: v1::Person) -> Option<Person> {
    let slack = reader.text("requester.slack", person.slack);
    let github = reader.text("requester.github", person.github);
    let name = reader.text("requester.name", person.name);
    Some(Person {
        slack: slack?,
        github: github?,
        name: name?,
    })
}

/// The change that a call makes: its id, and when it was asked for. Interfaces of
/// before there were ids send none: each of their calls is a change of its own.
pub(super) fn change(
    reader: &mut Reader,
    request_id: &str,
    asked_at: Option<prost_types::Timestamp>,
) -> Option<Change> {
    let id = if request_id.is_empty() {
        reader.request_id(&uuid::Uuid::new_v4().to_string())
    } else {
        reader.request_id(request_id)
    };
    let asked_at = moment(reader, "asked_at", asked_at);
    Some(Change {
        id: id?,
        asked_at: asked_at?,
    })
}

/// A moment that may be left out.
pub(super) fn moment(
    reader: &mut Reader,
    field: &'static str,
    moment: Option<prost_types::Timestamp>,
) -> Option<Option<Timestamp>> {
    let Some(moment) = moment else {
        return Some(None);
    };
    let read = Timestamp::new(moment.seconds, moment.nanos).ok();
    let read = read.filter(|_| (0..1_000_000_000).contains(&moment.nanos));
    match read {
        Some(read) => Some(Some(read)),
        None => reader.wrong(field, "It must be a time from the year 1 to the year 9999."),
    }
}

fn reply(reader: &mut Reader, reply: v1::ReplyAddress) -> Option<ReplyAddress> {
    let channel = reader.text("reply.channel", reply.channel);
    let thread_ts = reader.text("reply.thread_ts", reply.thread_ts);
    let asked_ts = reader.text("reply.asked_ts", reply.asked_ts);
    Some(ReplyAddress {
        channel: channel?,
        thread_ts: thread_ts?,
        asked_ts: asked_ts?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawal_names_a_request_and_who_withdraws_it() {
        let of = |request_id: &str, name: &str| {
            cancel(v1::CancelDeploymentRequest {
                request_id: request_id.to_owned(),
                requester: Some(v1::Person {
                    name: name.to_owned(),
                    ..v1::Person::default()
                }),
            })
        };
        let read = of("slack:T1:Ev1", "Joon").unwrap();
        assert_eq!(
            (read.request.as_str(), read.by.name.as_str()),
            ("slack:T1:Ev1", "Joon")
        );
        let fields = fields_of(of("two words", "\u{0}"));
        assert_eq!(fields, ["request_id", "requester.name"]);
    }

    #[test]
    fn a_change_without_an_id_is_one_of_its_own() {
        let of = |id: &str| read(|reader| change(reader, id, None));
        assert_eq!(of("r1").unwrap().id.as_str(), "r1");
        assert_ne!(of("").unwrap().id, of("").unwrap().id);
        assert_eq!(fields_of(of("two words")), ["request_id"]);
    }

    fn fields_of<T>(read: Result<T, Error>) -> Vec<&'static str> {
        let Err(Error::Invalid(violations)) = read else {
            panic!("it should be invalid")
        };
        violations.iter().map(|one| one.field).collect()
    }

    #[test]
    fn what_may_be_left_out_of_a_message_is_checked_where_it_is_not() {
        let claim = |gone: &str| {
            claim_message(&v1::ClaimMessageRequest {
                key: "answer:Ev1".to_owned(),
                claimant: "p1".to_owned(),
                gone: gone.to_owned(),
            })
        };
        assert_eq!(claim("").unwrap().gone, "");
        assert_eq!(claim("1.1").unwrap().gone, "1.1");
        assert_eq!(fields_of(claim("1 1")), ["gone"]);
        let record = |request_id: &str| {
            record_message(&v1::RecordMessageRequest {
                key: "request:r1".to_owned(),
                channel: "C1".to_owned(),
                ts: "1.1".to_owned(),
                request_id: request_id.to_owned(),
            })
        };
        assert_eq!(record("").unwrap().request, None);
        assert!(record("r1").unwrap().request.is_some());
        assert_eq!(fields_of(record("two words")), ["request_id"]);
        let nothing = claim_message(&v1::ClaimMessageRequest::default());
        assert_eq!(fields_of(nothing), ["key", "claimant"]);
        let nothing = record_message(&v1::RecordMessageRequest::default());
        assert_eq!(fields_of(nothing), ["key", "channel", "ts"]);
        let watch = watch(&v1::WatchRequest {
            subscriber: "slack".to_owned(),
            replica: "a b".to_owned(),
        });
        assert_eq!(fields_of(watch), ["replica"]);
    }
}
