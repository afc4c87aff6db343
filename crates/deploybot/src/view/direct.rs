//! What is said in a direct message: there a line to copy needs no mention.

use super::{
    block::{Block, Message, Mrkdwn},
    text::without_mention,
};

/// The same message, for a person alone with the bot.
pub(crate) fn directly(message: &Message) -> Message {
    let said = |text: &Mrkdwn| without_mention(text);
    let block = |block: &Block| match block {
        Block::Section { text, button } => Block::Section {
            text: said(text),
            button: button.clone(),
        },
        Block::Context(texts) => Block::Context(texts.iter().map(said).collect()),
        other => other.clone(),
    };
    Message {
        words: message.words,
        text: said(&message.text),
        blocks: message.blocks.iter().map(block).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::CommandName,
        view::{
            fixtures::{EN, KO, rendered},
            help, help_directly,
        },
    };

    #[test]
    fn a_line_to_copy_needs_no_mention_there() {
        let all = rendered(&help(EN, None));
        assert!(all.contains("`@deploybot status people`"), "{all}");
        for words in [EN, KO] {
            for topic in [None, Some(CommandName::Deploy)] {
                let told = rendered(&directly(&help_directly(words, topic)));
                assert!(!told.contains("@deploybot"), "{told}");
                assert!(
                    told.contains("`deploy people production a1b2c3d`"),
                    "{told}"
                );
                assert!(!told.contains("Mention me"), "{told}");
            }
        }
    }
}
