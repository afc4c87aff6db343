//! What the bot shows, as plain data: the part of Block Kit that it uses.
//!
//! `slack` turns these into the Slack library's types; nothing else does.

use std::fmt;

use crate::words::Words;

/// A message: its blocks, and the text that notifications and screen readers
/// get instead of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Message {
    /// Those of the language that it is in.
    pub(crate) words: Words,
    /// Never empty; mrkdwn.
    pub(crate) text: Mrkdwn,
    /// At most 50.
    pub(crate) blocks: Vec<Block>,
}

/// Text in Slack's markup, with everything from outside already escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Mrkdwn(String);

impl Mrkdwn {
    /// Markup that we wrote ourselves.
    pub(crate) fn ours(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// As Slack gets it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As Slack gets it.
    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// Nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Mrkdwn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One block of a message or modal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Block {
    /// A paragraph of at most 3,000 characters, with a button beside it.
    Section {
        /// The paragraph.
        text: Mrkdwn,
        /// The button beside it.
        button: Option<Button>,
    },
    /// Small grey text; at most 10 pieces.
    Context(Vec<Mrkdwn>),
    /// A row of at most 25 buttons.
    Actions(Vec<Button>),
    /// A line.
    Divider,
    /// A list to choose one of; modals only. Choosing tells the bot at once.
    Select {
        /// Block id and action id.
        id: String,
        /// Plain label above it.
        label: String,
        /// Value and plain label of each option; at most 100.
        options: Vec<(String, String)>,
        /// The chosen value, one of the options'.
        chosen: Option<String>,
    },
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Button {
    /// Plain text, at most 75 characters.
    pub(crate) label: String,
    /// What screen readers say in place of the label, at most 75 characters:
    /// several buttons of a message have the same label, each beside its line.
    pub(crate) spoken: String,
    /// What pressing it means; the same for all buttons of a kind. `slack`
    /// makes it unique within a message by adding `:<n>`.
    pub(crate) action: String,
    /// What it is about; at most 2,000 characters.
    pub(crate) value: String,
    /// What is asked before it acts.
    pub(crate) confirm: Option<Confirm>,
}

/// A question before a button acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Confirm {
    /// Plain, at most 100 characters.
    pub(crate) title: String,
    /// At most 300 characters.
    pub(crate) text: Mrkdwn,
    /// Plain label of yes, at most 30 characters.
    pub(crate) yes: String,
    /// Plain label of no, at most 30 characters.
    pub(crate) no: String,
}

/// A dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Modal {
    /// What submitting it means.
    pub(crate) callback: String,
    /// Plain, at most 24 characters.
    pub(crate) title: String,
    /// Plain label of the button that submits; none: it can only be closed.
    pub(crate) submit: Option<String>,
    /// Plain label of the button that closes it, at most 24 characters.
    pub(crate) close: String,
    /// What it is about, for the bot; at most 3,000 characters.
    pub(crate) private: String,
    /// At most 100.
    pub(crate) blocks: Vec<Block>,
}

/// A home tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// At most 100.
    pub(crate) blocks: Vec<Block>,
}
