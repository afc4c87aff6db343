//! Looking for a message that somebody may have posted.

use super::{Lane, Setback, log};
use crate::slack::{client::Sent, error::Error, outbox::Post, waiting::Posting};

impl Lane {
    pub(super) async fn look(&mut self, posting: &mut Posting) -> Result<Option<Sent>, Setback> {
        let Post {
            place,
            or_in,
            since,
            mark,
            gone,
            ..
        } = &posting.post;
        for place in std::iter::once(place).chain(or_in) {
            match self.lanes.slack.find(place, since, mark).await {
                Ok(Some(found)) if gone.as_ref() != Some(&found.ts) => return Ok(Some(found)),
                Ok(_) => {}
                // Nor could it be posted there.
                Err(Error::NotInChannel(_)) => {}
                Err(Error::RateLimited { retry_after }) => {
                    return Err(Setback::ThisOne(retry_after));
                }
                Err(Error::Uncertain(error)) => {
                    tracing::warn!(error, "Slack does not tell whether a message is there");
                    return Err(Setback::Everything(self.posts.next()));
                }
                Err(error) => {
                    log(&posting.course, &posting.post, &error);
                    return Err(Setback::ThisOne(posting.course.backoff.next()));
                }
            }
        }
        Ok(None)
    }
}
