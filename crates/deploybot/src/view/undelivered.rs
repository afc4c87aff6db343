//! What is said where Slack does not take what was to be said, or not there.

use super::{
    block::{Block, Message, Mrkdwn},
    text,
};

/// How long a text may be that is said once more without its blocks.
const SHORT: usize = 500;

/// A message of which Slack refuses the whole: its text alone, where that can't be
/// what Slack refuses.
pub(crate) fn said_plainly(message: &Message) -> Message {
    let (words, text) = (message.words, &message.text);
    let is_short = text.as_str().chars().count() <= SHORT;
    let text = is_short.then(|| text.clone());
    Message {
        words,
        text: text::lines([text.unwrap_or_default(), words.undelivered_plain()]),
        blocks: Vec::new(),
    }
}

/// A message that was to be said in a channel and is told to one person alone.
pub(crate) fn said_elsewhere(message: &Message, channel: &str) -> Message {
    // Slack's own name of it, which holds nothing else.
    let channel: String = channel
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let channel = Mrkdwn::ours(format!("<#{channel}>"));
    let why = message.words.undelivered_elsewhere(channel);
    let mut blocks = vec![Block::Context(vec![why])];
    blocks.extend(message.blocks.iter().cloned());
    Message {
        blocks,
        ..message.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{self, fixtures::EN};

    #[test]
    fn what_slack_refuses_is_said_without_its_blocks() {
        let plain = said_plainly(&view::taken(EN));
        insta::assert_snapshot!(plain.text, @"
        ✔ The deploy service has taken the request.
        ⚠️ Slack does not take this as I have written it; whoever runs deploybot finds the reason in its log.
        ");
        assert!(plain.blocks.is_empty());
        let long = Message {
            words: EN,
            text: Mrkdwn::ours("x".repeat(5_000)),
            blocks: Vec::new(),
        };
        insta::assert_snapshot!(said_plainly(&long).text, @"⚠️ Slack does not take this as I have written it; whoever runs deploybot finds the reason in its log.");
    }

    #[test]
    fn who_is_told_alone_is_told_why() {
        let said = said_elsewhere(&view::taken(EN), "C1");
        assert_eq!(said.text, view::taken(EN).text);
        assert_eq!(said.blocks.len(), view::taken(EN).blocks.len() + 1);
        let Block::Context(why) = &said.blocks[0] else {
            panic!("{:?}", said.blocks);
        };
        insta::assert_snapshot!(why[0], @"I can't write in <#C1>, so I tell you here: invite me there, or ask whoever looks after it.");
    }
}
