//! The answer to `help`: all commands, or one in full.

use super::{
    block::{Block, Message, Mrkdwn},
    text::{code, line, section},
};
use crate::command::{COMMANDS, CommandHelp, CommandName};

/// All commands in short, or one in full.
pub(crate) fn help(topic: Option<CommandName>) -> Message {
    match topic {
        None => all(),
        Some(topic) => one(topic.help()),
    }
}

fn all() -> Message {
    let text = "I deploy commits of GitHub repositories and tell what runs where. Mention me with a command:";
    let mut blocks = vec![section(text)];
    blocks.extend(COMMANDS.iter().map(|help| section(short(help))));
    let more = format!(
        "{} tells all about one. `prod` will do for `production`.",
        line("help deploy")
    );
    blocks.push(Block::Context(vec![Mrkdwn::ours(more)]));
    let words: Vec<_> = COMMANDS.iter().map(|help| help.word).collect();
    Message {
        text: Mrkdwn::ours(format!("{text} {}", words.join(", "))),
        blocks,
    }
}

/// Usage, what it does, and the first example.
fn short(help: &CommandHelp) -> String {
    let example = help
        .examples
        .first()
        .map(|(example, _)| format!("\nFor example {}", line(example)));
    format!(
        "{} {}{}",
        usage(help),
        help.summary,
        example.unwrap_or_default()
    )
}

fn one(help: &CommandHelp) -> Message {
    let first = format!("{} {}.", usage(help), help.summary);
    let examples = help
        .examples
        .iter()
        .map(|(example, what)| format!("{} {what}", line(example)));
    let aliases: Vec<_> = help
        .aliases
        .iter()
        .map(|alias| code(alias, 20).to_string())
        .collect();
    let blocks = vec![
        section(first.clone()),
        section(help.details.join("\n")),
        section(examples.collect::<Vec<_>>().join("\n")),
        Block::Context(vec![Mrkdwn::ours(format!(
            "Also understood: {}",
            aliases.join(", ")
        ))]),
    ];
    Message {
        text: Mrkdwn::ours(first),
        blocks,
    }
}

fn usage(help: &CommandHelp) -> Mrkdwn {
    code(&format!("@deploybot {} {}", help.word, help.arguments), 80)
}

#[cfg(test)]
mod tests {
    use crate::{
        command::{COMMANDS, CommandHelp},
        view::refusal::{RULES, rules::Rule},
    };

    const MANUAL: &str = include_str!("../../../../docs/commands.md");

    fn section(help: &CommandHelp) -> String {
        let (first, rest) = help.summary.split_at(1);
        let details: String = help
            .details
            .iter()
            .map(|detail| format!(" {detail}"))
            .collect();
        let examples: String = help
            .examples
            .iter()
            .map(|(line, what)| format!("| `@deploybot {line}` | {what} |\n"))
            .collect();
        let aliases: Vec<_> = help
            .aliases
            .iter()
            .map(|alias| format!("`{alias}`"))
            .collect();
        format!(
            "## {}\n\n`@deploybot {} {}`\n\n{}{rest}.{details}\n\n| Say | and see |\n|---|---|\n{examples}\nAlso understood: {}.\n",
            help.word,
            help.word,
            help.arguments,
            first.to_uppercase(),
            aliases.join(", ")
        )
    }

    fn row(rule: &Rule) -> String {
        let way_out = rule.way_out.replace("{repository}", "<repository>");
        format!("| {} {} | {way_out} |\n", rule.symbol, rule.title)
    }

    #[test]
    fn the_manual_says_what_the_bot_says() {
        for part in COMMANDS.iter().map(section).chain(RULES.iter().map(row)) {
            assert!(
                MANUAL.contains(&part),
                "docs/commands.md should say:\n{part}"
            );
        }
    }
}
