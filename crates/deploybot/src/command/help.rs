//! The commands as people read about them: the one table behind the help
//! message and `docs/commands.md`.

/// The word that a command is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandName {
    /// What runs where.
    Status,
    /// Ship a commit.
    Deploy,
    /// What was deployed.
    History,
    /// How to.
    Help,
}

/// What there is to say about a command.
#[derive(Debug)]
pub(crate) struct CommandHelp {
    /// The command.
    pub(crate) name: CommandName,
    /// The word it is called by.
    pub(crate) word: &'static str,
    /// Other words that are understood as well.
    pub(crate) aliases: &'static [&'static str],
    /// What follows the word; what may be left out stands in brackets.
    pub(crate) arguments: &'static str,
    /// One line about what it does.
    pub(crate) summary: &'static str,
    /// What else there is to know, a sentence each.
    pub(crate) details: &'static [&'static str],
    /// Lines to copy, each with what it does.
    pub(crate) examples: &'static [(&'static str, &'static str)],
}

/// Every command, in the order in which one needs them.
pub(crate) const COMMANDS: [CommandHelp; 4] = [
    CommandHelp {
        name: CommandName::Status,
        word: "status",
        aliases: &["st", "stat", "commits"],
        arguments: "<repository> [limit]",
        summary: "shows the newest commits, their checks, and what runs where",
        details: &[
            "Commits are those of the default branch, newest first: 5, or as many as you say, up to 50.",
            "Below them stands what each environment runs and how many commits it is behind.",
            "The button Deploy… beside a commit shows what would go out and asks before it does anything.",
        ],
        examples: &[
            ("status people", "the newest 5 commits"),
            ("status people 20", "the newest 20"),
        ],
    },
    CommandHelp {
        name: CommandName::Deploy,
        word: "deploy",
        aliases: &["ship", "release"],
        arguments: "<repository> <environment> <commit>",
        summary: "deploys exactly that commit, if its checks passed",
        details: &[
            "A commit is its SHA, whole or its first 4 or more digits, or its address on GitHub; `status` lists them.",
            "The order of the words is free where `to` and `of` tell what is what.",
            "One message shows how it goes and is edited until it ends; if it fails, a new message mentions you.",
            "To roll back, deploy the earlier commit; `history` lists them.",
            "While GitHub does not answer, a deploy waits and says so; anybody can cancel it until it goes out.",
        ],
        examples: &[
            ("deploy people production a1b2c3d", "deploys that commit"),
            (
                "deploy a1b2c3d of people to production",
                "the same in other words",
            ),
            (
                "deploy https://github.com/acme/people/commit/a1b2c3d to production",
                "the same by the commit's address",
            ),
        ],
    },
    CommandHelp {
        name: CommandName::History,
        word: "history",
        aliases: &["log", "deployments"],
        arguments: "<repository> [environment] [limit]",
        summary: "shows what was deployed, when, by whom, and how it ended",
        details: &[
            "Deployments are listed for each environment, newest first: 10, or as many as you say, up to 50.",
            "A rollback says which commit it took back.",
        ],
        examples: &[
            ("history people", "every environment"),
            ("history people production", "only production"),
            ("history people production 30", "more of it"),
        ],
    },
    CommandHelp {
        name: CommandName::Help,
        word: "help",
        aliases: &["?", "commands", "usage"],
        arguments: "[command]",
        summary: "shows all commands, or one in full",
        details: &[
            "To mention the bot and say nothing does the same, and `--help` behind a command shows that one.",
        ],
        examples: &[
            ("help", "all commands"),
            ("help deploy", "all about deploy"),
        ],
    },
];

impl CommandName {
    /// What there is to say about it.
    pub(crate) fn help(self) -> &'static CommandHelp {
        COMMANDS
            .iter()
            .find(|help| help.name == self)
            .expect("the table holds every command, as a test shows")
    }

    /// The command called by a word or an alias, in any case.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        COMMANDS
            .iter()
            .find(|help| help.word == word || help.aliases.contains(&word.as_str()))
            .map(|help| help.name)
    }

    /// The command that a mistyped word perhaps meant. Nearly every short word is
    /// near to a short one, so that those are not taken for meant.
    pub(crate) fn near(word: &str) -> Option<Self> {
        let words = COMMANDS
            .iter()
            .flat_map(|help| [help.word].into_iter().chain(help.aliases.iter().copied()))
            .filter(|word| word.len() >= 4);
        crate::suggest::closest(word, words).and_then(Self::from_word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_command() {
        for name in [
            CommandName::Status,
            CommandName::Deploy,
            CommandName::History,
            CommandName::Help,
        ] {
            assert_eq!(CommandName::from_word(name.help().word), Some(name));
        }
    }

    #[test]
    fn no_two_commands_share_a_word() {
        let words: Vec<_> = COMMANDS
            .iter()
            .flat_map(|help| [help.word].into_iter().chain(help.aliases.iter().copied()))
            .collect();
        for word in &words {
            assert_eq!(
                words.iter().filter(|other| *other == word).count(),
                1,
                "{word}"
            );
        }
    }

    #[test]
    fn a_mistyped_command_is_recognised() {
        for (typed, meant) in [
            ("stauts", Some(CommandName::Status)),
            ("depoly", Some(CommandName::Deploy)),
            ("DEPLOYY", Some(CommandName::Deploy)),
            ("shpi", Some(CommandName::Deploy)),
            ("histroy", Some(CommandName::History)),
            ("hlep", Some(CommandName::Help)),
            ("deploying", Some(CommandName::Deploy)),
            ("deployment", Some(CommandName::History)),
            ("set", None),
            ("lag", None),
            ("banana", None),
        ] {
            assert_eq!(CommandName::near(typed), meant, "{typed}");
        }
    }

    #[test]
    fn every_example_is_understood() {
        for (line, _) in COMMANDS.iter().flat_map(|help| help.examples) {
            crate::command::parse(line, "U0BOT").expect(line);
        }
    }
}
