//! `help`: how to use the bot, in the thread of who asks.

use super::Answer;
use crate::{command::CommandName, slack::event::Mention, view};

pub(super) fn answer(mention: &Mention, topic: Option<CommandName>) -> Answer {
    Answer {
        message: view::help(topic),
        place: mention.side(),
    }
}
