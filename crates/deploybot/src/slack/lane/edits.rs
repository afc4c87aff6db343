//! Edits of messages, one after the other. To say the same twice does no harm, so
//! that an edit whose answer was lost is made again.

use tokio::time::Instant;

use super::{Lane, Setback, refused, still_wanted};
use crate::{
    slack::{
        error::Error,
        waiting::{Editing, Job, Kind},
    },
    view,
};

impl Lane {
    pub(super) async fn edit(&mut self, mut editing: Box<Editing>) {
        match self.try_to_edit(&mut editing).await {
            Ok(()) => {
                self.edits.reset();
                for answer in editing.answers {
                    // Whoever waited may have gone in the meantime.
                    let _: Result<(), Result<(), Error>> = answer.send(Ok(()));
                }
            }
            Err(Setback::Content(error)) => {
                tracing::error!(channel = %self.channel, %error, "a message can't be edited as it is");
                editing.edit.message = view::said_plainly(&editing.edit.message);
                editing.course.is_plain = true;
                self.edit_again(editing);
            }
            Err(Setback::Everything(wait)) => {
                let until = Instant::now() + wait;
                self.lanes.with(&self.channel, |row| row.hold_edits(until));
                self.edit_again(editing);
            }
            Err(Setback::ThisOne(wait)) => {
                editing.course.not_before = Instant::now() + wait;
                self.edit_again(editing);
            }
            Err(Setback::Never(error)) => self.never_edited(*editing, &error),
        }
    }

    fn never_edited(&self, editing: Editing, error: &Error) {
        if !matches!(error, Error::GivenUp(_)) {
            tracing::error!(channel = %self.channel, %error, "a message can't be edited");
        }
        for answer in editing.answers {
            let _: Result<(), Result<(), Error>> = answer.send(Err(error.clone()));
        }
    }

    async fn try_to_edit(&mut self, editing: &mut Editing) -> Result<(), Setback> {
        still_wanted(&editing.course)?;
        self.pace.take(Instant::now());
        let edit = &editing.edit;
        let edited = self
            .lanes
            .slack
            .update(&edit.sent, &edit.message, &edit.mark);
        let edited = edited.await;
        if !matches!(edited, Err(Error::RateLimited { .. } | Error::NotMade)) {
            self.edited = Instant::now();
        }
        match edited {
            Ok(()) => Ok(()),
            Err(Error::RateLimited { retry_after }) => Err(self.limited(Kind::Edit, retry_after)),
            Err(error @ Error::NotMade) => {
                tracing::warn!(channel = %self.channel, %error, "an edit waits");
                Err(Setback::Everything(self.edits.next()))
            }
            Err(Error::Uncertain(error)) => {
                tracing::warn!(error, "a message may be edited or not; trying again");
                Err(Setback::Everything(self.edits.next()))
            }
            Err(error) => Err(refused(&mut editing.course, error)),
        }
    }

    fn edit_again(&self, editing: Box<Editing>) {
        let job = Job::Edit(editing);
        self.lanes.with(&self.channel, |row| row.put_back(job));
    }
}
