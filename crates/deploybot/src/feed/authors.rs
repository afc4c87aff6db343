//! Mentions those whose commits are live, once: in the thread of the message that
//! shows the deploy, so that nobody else is called.

use deploy_proto::v1::{self, DeploymentKind, RequestState};

use super::{
    place::{place, side, since},
    show::Showing,
};
use crate::{
    slack::{client::Sent, error::Error, id::Place, mark::Mark, outbox::Post},
    view,
    words::Words,
};

impl Showing {
    /// Mentions the authors of what a request has brought out, unless that is done.
    ///
    /// # Errors
    /// When Slack refuses it for good, or it is not to be said now.
    pub(super) async fn tell_authors(
        &self,
        request: &v1::Request,
        words: Words,
        shown: Option<&Sent>,
        is_told: &mut bool,
    ) -> Result<(), Error> {
        let authors = request.changes.as_ref().map(|changes| &changes.authors);
        let Some(authors) = authors.filter(|_| is_live(request) && !*is_told) else {
            return Ok(());
        };
        let known = match self.feed.people.authors(&self.feed.deploy, authors).await {
            Ok(known) => known,
            Err(error) if error.heals() => {
                tracing::warn!(request.id = request.request_id, %error, "it is not known whose commits are live; asking again");
                return Err(Error::GivenUp("it is not known yet whose commits are live"));
            }
            Err(error) => {
                tracing::error!(request.id = request.request_id, %error, "it is not known whose commits are live; nobody is mentioned");
                Vec::new()
            }
        };
        if let Some(message) = view::commits_live(words, request, &known) {
            let post = Post {
                place: below(request, shown),
                or_in: None,
                or_to: None,
                message,
                mark: Mark::Authors(request.request_id.clone()),
                since: since(request),
                gone: None,
                term: Some(self.term.clone()),
            };
            self.feed.outbox.post(post).await?;
        }
        *is_told = true;
        Ok(())
    }
}

/// Whether it has brought out commits. What is brought back its authors know.
fn is_live(request: &v1::Request) -> bool {
    let has_authors = |changes: &v1::Changes| !changes.authors.is_empty();
    request.state() == RequestState::Succeeded
        && request.kind() != DeploymentKind::Rollback
        && request.changes.as_ref().is_some_and(has_authors)
}

/// The thread of the message that shows it or, where there is none, of the one that
/// asked.
fn below(request: &v1::Request, shown: Option<&Sent>) -> Place {
    let asked = place(request);
    match shown {
        Some(shown) if shown.channel == asked.channel => Place {
            thread: asked.thread.or_else(|| Some(shown.ts.clone())),
            channel: asked.channel,
        },
        Some(shown) => Place {
            channel: shown.channel.clone(),
            thread: Some(shown.ts.clone()),
        },
        None => side(request),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(thread: &str) -> v1::Request {
        v1::Request {
            state: RequestState::Succeeded.into(),
            reply: Some(v1::ReplyAddress {
                channel: "C1".to_owned(),
                thread_ts: thread.to_owned(),
                asked_ts: "1.1".to_owned(),
            }),
            changes: Some(v1::Changes {
                authors: vec![v1::Author::default()],
                ..v1::Changes::default()
            }),
            ..v1::Request::default()
        }
    }

    #[test]
    fn only_what_went_out_and_is_live_has_authors_to_mention() {
        assert!(is_live(&request("")));
        let failed = v1::Request {
            state: RequestState::Failed.into(),
            ..request("")
        };
        assert!(!is_live(&failed));
        let back = v1::Request {
            kind: DeploymentKind::Rollback.into(),
            ..request("")
        };
        assert!(!is_live(&back));
        let nothing = v1::Request {
            changes: Some(v1::Changes::default()),
            ..request("")
        };
        assert!(!is_live(&nothing));
    }

    #[test]
    fn they_are_mentioned_below_the_message_that_shows_it() {
        let told = |thread: &str, shown: Option<(&str, &str)>| {
            let shown = shown.map(|(channel, ts)| Sent {
                channel: channel.into(),
                ts: ts.into(),
            });
            let place = below(&request(thread), shown.as_ref());
            format!(
                "{} {:?}",
                place.channel,
                place.thread.map(|ts| ts.to_string())
            )
        };
        assert_eq!(told("", Some(("C1", "2.2"))), r#"C1 Some("2.2")"#);
        assert_eq!(told("1.0", Some(("C1", "2.2"))), r#"C1 Some("1.0")"#);
        // It could not be shown where it was asked for.
        assert_eq!(told("1.0", Some(("D1", "2.2"))), r#"D1 Some("2.2")"#);
        assert_eq!(told("", None), r#"C1 Some("1.1")"#);
    }
}
