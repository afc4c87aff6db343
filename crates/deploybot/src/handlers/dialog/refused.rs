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
    /// Says why under its field. One that has none any more is told so in its place,
    /// and filled anew.
    pub(super) async fn tell(&self, acknowledgement: Acknowledgement, sentence: &str) {
        if !self.say(acknowledgement, sentence) {
            self.fill().await;
        }
    }

    /// The same, and fills it anew either way.
    pub(super) async fn tell_and_fill(&self, acknowledgement: Acknowledgement, sentence: &str) {
        self.say(acknowledgement, sentence);
        self.fill().await;
    }

    /// Whether it has a field to say it under: what was submitted had one, and nothing
    /// without one is shown since. Slack takes a sentence under no other.
    pub(super) fn say(&self, acknowledgement: Acknowledgement, sentence: &str) -> bool {
        let mut fields = self.submission.fields.iter();
        let has_field = fields.any(|field| field == action::ENVIRONMENT)
            && self.bot.dialogs.has_field(&self.submission.view);
        if has_field {
            acknowledgement.refuse_submission(action::ENVIRONMENT, sentence);
        } else {
            let words = self.someone.words;
            let mut modal = view::deploy_dialog_refused(words, &self.about.action, sentence);
            modal.private = self.about.origin.beside(&modal.private);
            acknowledgement.replace_submitted(&modal);
        }
        has_field
    }

    async fn fill(&self) {
        let chosen = self.submission.chosen.get(action::ENVIRONMENT).cloned();
        let view = &self.submission.view;
        super::fill(self.bot, view, None, self.about, chosen, self.someone).await;
    }
}
