//! The commands as people write them: the one table behind the help message and
//! `docs/commands.md`, the same in every language. What is said about them is in
//! the catalogue of words.

/// The word that a command is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandName {
    /// What runs where.
    Status,
    /// Ship a commit.
    Deploy,
    /// What was deployed.
    History,
    /// Which GitHub account is mine.
    Link,
    /// None any more.
    Unlink,
    /// Do not mention me.
    Mute,
    /// Mention me again.
    Unmute,
    /// Follow deployments in a channel.
    Subscribe,
    /// Follow them no more.
    Unsubscribe,
    /// What a channel follows.
    Subscriptions,
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
    /// Lines to copy.
    pub(crate) examples: &'static [&'static str],
}

/// Every command, in the order in which one needs them.
pub(crate) const COMMANDS: [CommandHelp; 11] = [
    CommandHelp {
        name: CommandName::Status,
        word: "status",
        aliases: &["st", "stat", "commits"],
        arguments: "<repository> [limit]",
        examples: &["status people", "status people 20"],
    },
    CommandHelp {
        name: CommandName::Deploy,
        word: "deploy",
        aliases: &["ship", "release"],
        arguments: "<repository> <environment> <commit>",
        examples: &[
            "deploy people production a1b2c3d",
            "deploy a1b2c3d of people to production",
            "deploy https://github.com/acme/people/commit/a1b2c3d to production",
        ],
    },
    CommandHelp {
        name: CommandName::History,
        word: "history",
        aliases: &["log", "deployments"],
        arguments: "<repository> [environment] [limit]",
        examples: &[
            "history people",
            "history people production",
            "history people production 30",
        ],
    },
    CommandHelp {
        name: CommandName::Link,
        word: "link",
        aliases: &["connect"],
        arguments: "<github login>",
        examples: &["link minji", "link https://github.com/minji"],
    },
    CommandHelp {
        name: CommandName::Unlink,
        word: "unlink",
        aliases: &["disconnect"],
        arguments: "",
        examples: &["unlink"],
    },
    CommandHelp {
        name: CommandName::Mute,
        word: "mute",
        aliases: &["silence"],
        arguments: "",
        examples: &["mute"],
    },
    CommandHelp {
        name: CommandName::Unmute,
        word: "unmute",
        aliases: &["unsilence"],
        arguments: "",
        examples: &["unmute"],
    },
    CommandHelp {
        name: CommandName::Subscribe,
        word: "subscribe",
        aliases: &["follow", "sub"],
        arguments: "<repository> [environment] [started] [live] [failed]",
        examples: &[
            "subscribe people",
            "subscribe people staging failed",
            "subscribe people production all",
        ],
    },
    CommandHelp {
        name: CommandName::Unsubscribe,
        word: "unsubscribe",
        aliases: &["unfollow", "unsub"],
        arguments: "<repository> [environment]",
        examples: &["unsubscribe people staging", "unsubscribe people"],
    },
    CommandHelp {
        name: CommandName::Subscriptions,
        word: "subscriptions",
        aliases: &["following", "subs"],
        arguments: "",
        examples: &["subscriptions"],
    },
    CommandHelp {
        name: CommandName::Help,
        word: "help",
        aliases: &["?", "commands", "usage"],
        arguments: "[command]",
        examples: &["help", "help deploy"],
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

    /// Whether it changes something, and not only tells.
    pub(crate) fn changes_something(self) -> bool {
        match self {
            Self::Deploy
            | Self::Subscribe
            | Self::Unsubscribe
            | Self::Link
            | Self::Unlink
            | Self::Mute
            | Self::Unmute => true,
            Self::Status | Self::History | Self::Subscriptions | Self::Help => false,
        }
    }

    /// The one that takes back what this one does.
    pub(crate) fn contrary(self) -> Option<Self> {
        match self {
            Self::Subscribe | Self::Subscriptions => Some(Self::Unsubscribe),
            Self::Unsubscribe => Some(Self::Subscribe),
            Self::Link => Some(Self::Unlink),
            Self::Unlink => Some(Self::Link),
            Self::Mute => Some(Self::Unmute),
            Self::Unmute => Some(Self::Mute),
            Self::Status | Self::Deploy | Self::History | Self::Help => None,
        }
    }

    /// The command that the noun for it in Korean perhaps means, whatever is joined to
    /// it, unless a sentence tells of it: 연결이 끊겼어요. Of a deployment's status or
    /// history it is that which is asked for.
    pub(crate) fn meant_in_korean(words: &[String]) -> Option<Self> {
        let nouns = [
            ("상태", Self::Status),
            ("현황", Self::Status),
            ("이력", Self::History),
            ("기록", Self::History),
            ("도움", Self::Help),
            ("도와주세요", Self::Help),
            ("구독", Self::Subscribe),
            ("알림", Self::Subscriptions),
            ("연결", Self::Link),
            ("배포", Self::Deploy),
        ];
        let is_asked_for = |word: &str, noun: &str| {
            let joined = word.split_once(noun).map(|(_, joined)| joined);
            joined.is_some_and(|joined| !matches!(joined, "이" | "가"))
        };
        let meant = nouns
            .iter()
            .find(|(noun, _)| words.iter().any(|word| is_asked_for(word, noun)));
        meant.map(|(_, name)| *name)
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
            CommandName::Link,
            CommandName::Unlink,
            CommandName::Mute,
            CommandName::Unmute,
            CommandName::Subscribe,
            CommandName::Unsubscribe,
            CommandName::Subscriptions,
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
        for line in COMMANDS.iter().flat_map(|help| help.examples) {
            crate::command::parse(line, "U0BOT").expect(line);
        }
    }
}
