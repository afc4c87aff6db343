//! The answer to `help`: all commands, or one in full.

use super::{
    block::{Block, Message, Mrkdwn},
    text::{MENTION, code, joined, led, line, lines, section},
};
use crate::{
    command::{COMMANDS, CommandHelp, CommandName},
    words::Words,
};

/// All commands in short, or one in full.
pub(crate) fn help(words: Words, topic: Option<CommandName>) -> Message {
    match topic {
        None => all(words, words.help_all()),
        Some(topic) => one(words, topic.help()),
    }
}

/// The same for a person alone with the bot, who need not mention it.
pub(crate) fn help_directly(words: Words, topic: Option<CommandName>) -> Message {
    match topic {
        None => all(words, words.help_all_directly()),
        Some(_) => help(words, topic),
    }
}

fn all(words: Words, text: Mrkdwn) -> Message {
    let mut blocks = vec![section(text.clone())];
    blocks.extend(COMMANDS.iter().map(|help| section(short(words, help))));
    let more = words.help_more(line("help deploy"));
    blocks.push(Block::Context(vec![more]));
    let commands: Vec<_> = COMMANDS.iter().map(|help| help.word).collect();
    Message {
        words,
        text: led(text, commands.join(", ")),
        blocks,
    }
}

/// Usage, what it does, and the first example.
fn short(words: Words, help: &CommandHelp) -> Mrkdwn {
    let example = help.examples.first();
    let example = example.map(|example| words.help_for_example(line(example)));
    lines([
        led(usage(help), summary(words, help.name)),
        example.unwrap_or_default(),
    ])
}

fn one(words: Words, help: &CommandHelp) -> Message {
    let first = Mrkdwn::ours(format!("{} {}.", usage(help), summary(words, help.name)));
    let said = examples(words, help.name);
    let examples = help.examples.iter().zip(said.as_str().lines());
    let examples = examples.map(|(example, what)| led(line(example), what));
    let aliases = help.aliases.iter().map(|alias| code(alias, 20));
    let blocks = vec![
        section(first.clone()),
        section(details(words, help.name)),
        section(lines(examples)),
        Block::Context(vec![words.help_also(joined(", ", aliases))]),
    ];
    Message {
        words,
        text: first,
        blocks,
    }
}

fn usage(help: &CommandHelp) -> Mrkdwn {
    let usage = format!("{MENTION}{} {}", help.word, help.arguments);
    code(usage.trim_end(), 80)
}

/// One line about what a command does.
fn summary(words: Words, command: CommandName) -> Mrkdwn {
    match command {
        CommandName::Status => words.help_status_summary(),
        CommandName::Deploy => words.help_deploy_summary(),
        CommandName::History => words.help_history_summary(),
        CommandName::Link => words.help_link_summary(),
        CommandName::Unlink => words.help_unlink_summary(),
        CommandName::Mute => words.help_mute_summary(),
        CommandName::Unmute => words.help_unmute_summary(),
        CommandName::Subscribe => words.help_subscribe_summary(),
        CommandName::Unsubscribe => words.help_unsubscribe_summary(),
        CommandName::Subscriptions => words.help_subscriptions_summary(),
        CommandName::Help => words.help_help_summary(),
    }
}

/// What else there is to know of a command, a sentence a line.
fn details(words: Words, command: CommandName) -> Mrkdwn {
    match command {
        CommandName::Status => words.help_status_details(),
        CommandName::Deploy => words.help_deploy_details(),
        CommandName::History => words.help_history_details(),
        CommandName::Link => words.help_link_details(),
        CommandName::Unlink => words.help_unlink_details(),
        CommandName::Mute => words.help_mute_details(),
        CommandName::Unmute => words.help_unmute_details(),
        CommandName::Subscribe => words.help_subscribe_details(),
        CommandName::Unsubscribe => words.help_unsubscribe_details(),
        CommandName::Subscriptions => words.help_subscriptions_details(),
        CommandName::Help => words.help_help_details(),
    }
}

/// What the examples of a command do, a line each.
fn examples(words: Words, command: CommandName) -> Mrkdwn {
    match command {
        CommandName::Status => words.help_status_examples(),
        CommandName::Deploy => words.help_deploy_examples(),
        CommandName::History => words.help_history_examples(),
        CommandName::Link => words.help_link_examples(),
        CommandName::Unlink => words.help_unlink_examples(),
        CommandName::Mute => words.help_mute_examples(),
        CommandName::Unmute => words.help_unmute_examples(),
        CommandName::Subscribe => words.help_subscribe_examples(),
        CommandName::Unsubscribe => words.help_unsubscribe_examples(),
        CommandName::Subscriptions => words.help_subscriptions_examples(),
        CommandName::Help => words.help_help_examples(),
    }
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::Reason;

    use super::{details, examples, summary};
    use crate::{
        command::{COMMANDS, CommandHelp},
        view::{
            fixtures::{EN, KO},
            refusal::rules,
        },
    };

    const MANUAL: &str = include_str!("../../../../docs/commands.md");

    fn section(help: &CommandHelp) -> String {
        let summary = summary(EN, help.name).into_string();
        let (first, rest) = summary.split_at(1);
        let details = details(EN, help.name).into_string().replace('\n', " ");
        let said = examples(EN, help.name);
        let examples: String = help
            .examples
            .iter()
            .zip(said.as_str().lines())
            .map(|(line, what)| format!("| `@deploybot {line}` | {what} |\n"))
            .collect();
        let aliases: Vec<_> = help
            .aliases
            .iter()
            .map(|alias| format!("`{alias}`"))
            .collect();
        format!(
            "## {}\n\n`{}`\n\n{}{rest}. {details}\n\n| Say | and see |\n|---|---|\n{examples}\nAlso understood: {}.\n",
            help.word,
            format!("@deploybot {} {}", help.word, help.arguments).trim_end(),
            first.to_uppercase(),
            aliases.join(", ")
        )
    }

    fn row(reason: Reason) -> Option<String> {
        let title = rules::title(EN, reason)?;
        let way_out = rules::way_out(EN, reason, "<repository>").into_string();
        let way_out = way_out.replace("&lt;", "<").replace("&gt;", ">");
        let symbol = rules::symbol(reason);
        Some(format!("| {symbol} {title} | {way_out} |\n"))
    }

    #[test]
    fn the_manual_says_what_the_bot_says() {
        let reasons = (0..).map_while(|number| Reason::try_from(number).ok());
        let rows: Vec<_> = reasons.filter_map(row).collect();
        assert_eq!(rows.len(), 19, "a row for each reason of the contract");
        for part in COMMANDS.iter().map(section).chain(rows) {
            assert!(
                MANUAL.contains(&part),
                "docs/commands.md should say:\n{part}"
            );
        }
    }

    #[test]
    fn every_example_is_explained_in_every_language() {
        for words in [EN, KO] {
            for help in &COMMANDS {
                let said = examples(words, help.name);
                let lines = said.as_str().lines().count();
                assert_eq!(lines, help.examples.len(), "{}: {said}", help.word);
            }
        }
    }
}
