//! From the contract's requests about what channels follow to questions in the
//! words of the domain.

use deploy_proto::v1;

use super::read::{change, person};
use crate::{
    error::Error,
    model::{Moment, Moments},
    service::{Reader, SubscribeAsk, UnsubscribeAsk, read},
    store::Following,
};

/// Reads Subscribe.
pub(super) fn subscribe(
    request: v1::SubscribeRequest,
    default_owner: Option<&str>,
) -> Result<SubscribeAsk, Error> {
    read(|reader| {
        let channel = reader.channel(&request.channel);
        let repository = reader.repository(&request.repository, default_owner);
        let environment = Reader::optional(&request.environment, |text| reader.environment(text));
        let moments = moments(reader, &request.moments);
        let requester = person(reader, request.requester.unwrap_or_default());
        let change = change(reader, &request.request_id, request.asked_at);
        Some(SubscribeAsk {
            following: Following {
                channel: channel?,
                repository: repository?,
                environment: environment?,
                moments: moments?,
                change: change?,
            },
            requester: requester?,
        })
    })
}

/// Reads Unsubscribe.
pub(super) fn unsubscribe(
    request: &v1::UnsubscribeRequest,
    default_owner: Option<&str>,
) -> Result<UnsubscribeAsk, Error> {
    read(|reader| {
        let channel = reader.channel(&request.channel);
        let repository = reader.repository(&request.repository, default_owner);
        let environment = Reader::optional(&request.environment, |text| reader.environment(text));
        let change = change(reader, &request.request_id, request.asked_at);
        Some(UnsubscribeAsk {
            channel: channel?,
            repository: repository?,
            environment: environment?,
            change: change?,
        })
    })
}

/// Reads ListSubscriptions: the channel.
pub(super) fn list(request: &v1::ListSubscriptionsRequest) -> Result<String, Error> {
    read(|reader| reader.channel(&request.channel))
}

fn moments(reader: &mut Reader, numbers: &[i32]) -> Option<Moments> {
    if numbers.is_empty() {
        return Some(Moment::ENDS.into());
    }
    let moment = |number: &i32| match v1::Moment::try_from(*number) {
        Ok(v1::Moment::Started) => Some(Moment::Started),
        Ok(v1::Moment::Succeeded) => Some(Moment::Succeeded),
        Ok(v1::Moment::Failed) => Some(Moment::Failed),
        Ok(v1::Moment::Unspecified) | Err(_) => None,
    };
    match numbers.iter().map(moment).collect() {
        Some(moments) => Some(moments),
        None => reader.wrong(
            "moments",
            "There is only started (1), succeeded (2) and failed (3).",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(moments: Vec<i32>) -> v1::SubscribeRequest {
        v1::SubscribeRequest {
            channel: "C1".to_owned(),
            repository: "people".to_owned(),
            moments,
            request_id: "s1".to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn ends_are_followed_where_nothing_is_said() {
        let ask = subscribe(asked(Vec::new()), Some("acme")).unwrap();
        assert_eq!(ask.following.environment, None);
        assert_eq!(ask.following.moments, Moments::from(Moment::ENDS));
        let ask = subscribe(asked(vec![1, 3, 1]), Some("acme")).unwrap();
        let moments = [Moment::Started, Moment::Failed];
        assert_eq!(ask.following.moments, moments.into());
    }

    /// What a call says is wrong.
    fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<String> {
        match outcome {
            Err(Error::Invalid(wrong)) => wrong
                .into_iter()
                .map(|one| format!("{}: {}", one.field, one.sentence))
                .collect(),
            other => panic!("it should be refused: {other:?}"),
        }
    }

    #[test]
    fn a_channel_is_short_enough_for_the_name_of_a_message() {
        // The longest request id, the longest channel, and what stands around them.
        let longest = "C".repeat(30);
        assert!(format!("follow:{longest}:{}", "r".repeat(200)).len() <= 250);
        for channel in ["C0123456789", "C", &longest] {
            let channel = channel.to_owned();
            let list = v1::ListSubscriptionsRequest {
                channel: channel.clone(),
            };
            assert_eq!(super::list(&list).unwrap(), channel);
            let ask = v1::SubscribeRequest {
                channel: channel.clone(),
                ..asked(Vec::new())
            };
            let ask = subscribe(ask, Some("acme")).unwrap();
            assert_eq!(ask.following.channel, channel);
        }
        for channel in ["", "C1 ", "C 1", "C\n1", "채널", &"C".repeat(31)] {
            let channel = channel.to_owned();
            let ask = v1::SubscribeRequest {
                channel: channel.clone(),
                ..asked(Vec::new())
            };
            let end = v1::UnsubscribeRequest {
                channel: channel.clone(),
                repository: "people".to_owned(),
                request_id: "s1".to_owned(),
                ..Default::default()
            };
            let wrong = [
                "channel: It must have 1 to 30 printable ASCII characters and no spaces."
                    .to_owned(),
            ];
            assert_eq!(refused(subscribe(ask, Some("acme"))), wrong);
            assert_eq!(refused(unsubscribe(&end, Some("acme"))), wrong);
            assert_eq!(
                refused(super::list(&v1::ListSubscriptionsRequest { channel })),
                wrong
            );
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let wrong = v1::SubscribeRequest {
            channel: "a channel".to_owned(),
            repository: "a b".to_owned(),
            environment: "\n".to_owned(),
            moments: vec![2, 7],
            requester: Some(v1::Person {
                name: "\u{0}".to_owned(),
                ..Default::default()
            }),
            request_id: "two words".to_owned(),
            asked_at: Some(prost_types::Timestamp {
                seconds: i64::MAX,
                nanos: 0,
            }),
        };
        let Err(Error::Invalid(violations)) = subscribe(wrong, Some("acme")) else {
            panic!("it should be refused");
        };
        let fields: Vec<_> = violations.iter().map(|one| one.field).collect();
        assert_eq!(
            fields,
            [
                "channel",
                "repository",
                "environment",
                "moments",
                "requester.name",
                "request_id",
                "asked_at"
            ]
        );
    }
}
