//! A dialog that was submitted and is not taken.

use super::about::About;
use crate::{
    handlers::Bot,
    people::Someone,
    slack::{event::Submission, incoming::Acknowledgement},
    view::{self, action},
};

/// What is to be said of it, and where.
pub(super) struct Refused<'a> {
    pub(super) bot: &'a Bot,
    pub(super) submission: &'a Submission,
    pub(super) about: &'a About,
    pub(super) someone: &'a Someone,
}

impl Refused<'_> {
    /// Says why under its field, and in place of a dialog that has none any more:
    /// nothing that is looked up meanwhile is shown over it. Slack takes a sentence
    /// under no other field: what was submitted had this one, and nothing without one
    /// is shown since.
    pub(super) fn tell(&self, acknowledgement: Acknowledgement, sentence: &str) {
        let (dialogs, view) = (&self.bot.dialogs, &self.submission.view);
        let mut fields = self.submission.fields.iter();
        if fields.any(|field| field == action::ENVIRONMENT) && dialogs.has_field(view) {
            return acknowledgement.refuse_submission(action::ENVIRONMENT, sentence);
        }
        dialogs.take_turn(view);
        let words = self.someone.words;
        let mut modal = view::deploy_dialog_refused(words, &self.about.action, sentence);
        modal.private = self.about.origin.beside(&modal.private);
        acknowledgement.replace_submitted(&modal);
    }

    /// The same of what is not shown as it is now: it is filled anew.
    pub(super) async fn tell_and_fill(&self, acknowledgement: Acknowledgement, sentence: &str) {
        self.tell(acknowledgement, sentence);
        let chosen = self.submission.chosen.get(action::ENVIRONMENT).cloned();
        let view = &self.submission.view;
        super::fill(self.bot, view, None, self.about, chosen, self.someone).await;
    }
}
