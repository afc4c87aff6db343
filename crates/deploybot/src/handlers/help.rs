//! `help`: how to use the bot, in the thread of who asks.

use super::{Answer, Bot};
use crate::{command::CommandName, slack::event::Mention, view};

pub(super) async fn answer(bot: &Bot, mention: &Mention, topic: Option<CommandName>) -> Answer {
    let words = bot.people.words_of(&mention.user).await;
    let message = match mention.direct {
        true => view::help_directly(words, topic),
        false => view::help(words, topic),
    };
    Answer {
        message,
        place: mention.side(),
    }
}
