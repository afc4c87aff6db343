//! What people are told when they slip, and when a call can't be served.

use super::*;
use crate::{
    command::parse,
    view::{fixtures::rendered, help},
};

/// What people write, each with what they are told.
fn told(texts: &[&str]) -> String {
    let line = |text: &&str| {
        let message = match parse(&format!("<@U0BOT> {text}"), "U0BOT") {
            Ok(_) => "understood".to_owned(),
            Err(error) => {
                rendered(&parse_error(&error));
                visible_isolates(parse_error(&error).text.as_str())
            }
        };
        format!("> {}\n{message}", text.escape_debug())
    };
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The marks that keep right-to-left text to itself, as brackets.
fn visible_isolates(text: &str) -> String {
    text.replace('\u{2068}', "⟦").replace('\u{2069}', "⟧")
}

#[test]
fn unknown_commands_are_told_what_there_is() {
    insta::assert_snapshot!(told(&[
        "stauts people",
        "people status 10",
        "banana",
        "rollback people",
        "undo",
        "help bananas",
        "help stauts",
    ]), @"
    > stauts people
    ❓ I do not know `stauts`. Did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > people status 10
    ❓ I do not know `people`. Did you mean `@deploybot status people 10`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > banana
    ❓ I do not know `banana`.
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > rollback people
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people production &lt;commit&gt;`. `@deploybot history people` lists what was deployed.
    > undo
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people production &lt;commit&gt;`. `@deploybot history people` lists what was deployed.
    > help bananas
    ❓ There is no command `bananas`.
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > help stauts
    ❓ There is no command `stauts`. Did you mean `@deploybot help status`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    ");
}

#[test]
fn missing_and_extra_words_are_named() {
    insta::assert_snapshot!(told(&[
        "status",
        "deploy",
        "deploy people",
        "deploy people production",
        "deploy people a1b2c3d",
        "deploy people a1b2c3d to",
        "history",
        "status people 10 20",
        "status of people on production",
        "deploy people production a1b2c3d to night",
        "deploy people production a1b2c3d to",
        "deploy people production a1b2c3d to staging",
        "history people production 10 more",
    ]), @"
    > status
    ❓ `status` needs a repository. For example: `@deploybot status people`
    > deploy
    ❓ `deploy` needs a repository, an environment and a commit. For example: `@deploybot deploy people production a1b2c3d`
    > deploy people
    ❓ `deploy` needs an environment and a commit. For example: `@deploybot deploy people production a1b2c3d`
    `@deploybot status people` lists its commits and environments.
    > deploy people production
    ❓ `deploy` needs a commit. For example: `@deploybot deploy people production a1b2c3d`
    `@deploybot status people` lists its commits and environments.
    > deploy people a1b2c3d
    ❓ `deploy` needs an environment. For example: `@deploybot deploy people production a1b2c3d`
    `@deploybot status people` lists its commits and environments.
    > deploy people a1b2c3d to
    ❓ `deploy` needs an environment. For example: `@deploybot deploy people production a1b2c3d`
    `@deploybot status people` lists its commits and environments.
    > history
    ❓ `history` needs a repository. For example: `@deploybot history people`
    > status people 10 20
    ❓ I do not know what `20` means in `status &lt;repository&gt; [limit]`. Without it: `@deploybot status people 10`
    > status of people on production
    ❓ I do not know what `production` means in `status &lt;repository&gt; [limit]`. Without it: `@deploybot status people`
    > deploy people production a1b2c3d to night
    ❓ I do not know what `production` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people night a1b2c3d`
    > deploy people production a1b2c3d to
    ❓ I do not know what `to` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production a1b2c3d`
    > deploy people production a1b2c3d to staging
    ❓ I do not know what `production` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people staging a1b2c3d`
    > history people production 10 more
    ❓ I do not know what `more` means in `history &lt;repository&gt; [environment] [limit]`. Without it: `@deploybot history people production 10`
    ");
}

#[test]
fn what_makes_no_sense_is_answered_with_sense() {
    insta::assert_snapshot!(told(&[
        "ship it",
        "please stauts people",
        "stauts",
        "stauts people abc",
        "people status",
        "status please",
        "deploy people production a1b2c3d 9f8e7d6",
        "deploy people a1b2c3d 9f8e7d6",
        "deploy production people a1b2c3d 9f8e7d6",
        "deploy api production <https://github.com/acme/people/commit/a1b2c3d>",
        "deploy people a1b2c3g production",
        "deploy people production #41",
        "status people production",
        "status production people",
        "status people\nhistory people",
        "please status people history people",
        "status people and history people production, then help deploy",
        "help\nstatus people",
        "stauts \u{202e}pro\u{202d}d \u{fffd}",
        "deploy مرحبا production",
        "deploy people pro\u{202e}d",
        "set people",
        "hello",
    ]), @r"
    > ship it
    ❓ `deploy` needs a repository, an environment and a commit. For example: `@deploybot deploy people production a1b2c3d`
    > please stauts people
    ❓ I do not know `stauts`. Did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > stauts
    ❓ I do not know `stauts`. Did you mean `@deploybot status &lt;repository&gt; [limit]`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > stauts people abc
    ❓ I do not know `stauts`. Did you mean `@deploybot status &lt;repository&gt; [limit]`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > people status
    ❓ I do not know `people`. Did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > status please
    ❓ `status` needs a repository. For example: `@deploybot status people`
    > deploy people production a1b2c3d 9f8e7d6
    ❓ `a1b2c3d` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy people production a1b2c3d` or `@deploybot deploy people production 9f8e7d6`.
    > deploy people a1b2c3d 9f8e7d6
    ❓ `a1b2c3d` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy people production a1b2c3d` or `@deploybot deploy people production 9f8e7d6`.
    > deploy production people a1b2c3d 9f8e7d6
    ❓ `a1b2c3d` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy people production a1b2c3d` or `@deploybot deploy people production 9f8e7d6`.
    > deploy api production <https://github.com/acme/people/commit/a1b2c3d>
    ❓ The link is to a commit of `acme/people`, not of `api`. Did you mean `@deploybot deploy acme/people production a1b2c3d`?
    > deploy people a1b2c3g production
    ❓ `a1b2c3g` is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. `@deploybot status people` lists the newest commits.
    > deploy people production #41
    ❓ `#41` is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. `@deploybot status people` lists the newest commits.
    > status people production
    ❓ I do not know what `production` means in `status &lt;repository&gt; [limit]`. Without it: `@deploybot status people`
    > status production people
    ❓ I do not know what `production` means in `status &lt;repository&gt; [limit]`. Without it: `@deploybot status people`
    > status people\nhistory people
    ❓ I take one command in a message. Write them one by one: `@deploybot status people`, then `@deploybot history people`.
    > please status people history people
    ❓ I take one command in a message. Write them one by one: `@deploybot status people`, then `@deploybot history people`.
    > status people and history people production, then help deploy
    ❓ I take one command in a message. Write them one by one: `@deploybot status people`, then `@deploybot history people production`, then `@deploybot help deploy`.
    > help\nstatus people
    understood
    > stauts \u{202e}pro\u{202d}d �
    ❓ I do not know `stauts`. Did you mean `@deploybot status &lt;repository&gt; [limit]`?
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > deploy مرحبا production
    ❓ ⟦`مرحبا`⟧ can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
    > deploy people pro\u{202e}d
    ❓ `pro�d` can't be an environment: it has characters that can't be seen. `@deploybot status people` lists what there is.
    > set people
    ❓ I do not know `set`.
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    > hello
    understood
    ");
}

#[test]
fn words_that_can_not_be_say_what_can() {
    insta::assert_snapshot!(told(&[
        "status pe*ple",
        "status a/b/c",
        "status el\u{202e}poep",
        "status مرحبا",
        "deploy people pro\u{7}d a1b2c3d",
        "deploy people production main",
        "deploy people production a1b",
        "deploy people production a1b2c3da1b2c3da1b2c3da1b2c3da1b2c3da1b2c3d",
        "status people 0",
        "status people 51",
        "status people -1",
        "status people abc",
        "status people limit",
        "status people 1.5",
        "history people production abc",
    ]), @r"
    > status pe*ple
    ❓ `pe*ple` can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
    > status a/b/c
    ❓ `a/b/c` can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
    > status el\u{202e}poep
    ❓ `el�poep` can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
    > status مرحبا
    ❓ ⟦`مرحبا`⟧ can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
    > deploy people pro\u{7}d a1b2c3d
    ❓ `pro␇d` can't be an environment: it has characters that can't be seen. `@deploybot status people` lists what there is.
    > deploy people production main
    ❓ `main` is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. `@deploybot status people` lists the newest commits.
    > deploy people production a1b
    ❓ `a1b` is too short for a commit: write at least 4 digits of its SHA. `@deploybot status people` lists the newest commits.
    > deploy people production a1b2c3da1b2c3da1b2c3da1b2c3da1b2c3da1b2c3d
    ❓ `a1b2c3da1b2c3da1b2c3da1b2c3da1b2c3da1b2…` is too long for a commit: a whole SHA has 40 digits. `@deploybot status people` lists the newest commits.
    > status people 0
    ❓ `0` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > status people 51
    ❓ `51` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > status people -1
    ❓ `-1` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > status people abc
    ❓ `abc` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > status people limit
    ❓ A number from 1 to 50 is missing after `limit`. For example: `@deploybot status people 10`
    > status people 1.5
    ❓ `1.5` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > history people production abc
    ❓ `abc` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot history people production 10`
    ");
}

#[test]
fn noise_gets_a_short_answer() {
    for noise in ["x".repeat(4000), "deploy ".repeat(570), "ab ".repeat(1300)] {
        let error = parse(&noise, "U0BOT").expect_err("noise");
        let answer = rendered(&parse_error(&error));
        assert!(answer.chars().count() < 800, "{answer}");
    }
    insta::assert_snapshot!(told(&[&"noise ".repeat(650)]).split_once('\n').expect("two lines").1, @"
    ❓ I do not know `noise`.
    I know `status`, `deploy`, `history` and `help`; `@deploybot help` tells more.
    ");
}

#[test]
fn an_empty_mention_asks_for_help() {
    let command = parse("<@U0BOT> ", "U0BOT").expect("help");
    assert_eq!(command, crate::command::Command::Help { topic: None });
    insta::assert_snapshot!(rendered(&help(None)), @"
    (I deploy commits of GitHub repositories and tell what runs where. Mention me with a command: status, deploy, history, help)
    I deploy commits of GitHub repositories and tell what runs where. Mention me with a command:
    `@deploybot status &lt;repository&gt; [limit]` shows the newest commits, their checks, and what runs where
    For example `@deploybot status people`
    `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` deploys exactly that commit, if its checks passed
    For example `@deploybot deploy people production a1b2c3d`
    `@deploybot history &lt;repository&gt; [environment] [limit]` shows what was deployed, when, by whom, and how it ended
    For example `@deploybot history people`
    `@deploybot help [command]` shows all commands, or one in full
    For example `@deploybot help`
    ~ `@deploybot help deploy` tells all about one. `prod` will do for `production`.
    ");
    insta::assert_snapshot!(rendered(&help(Some(CommandName::Deploy))), @"
    (`@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` deploys exactly that commit, if its checks passed.)
    `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` deploys exactly that commit, if its checks passed.
    A commit is its SHA, whole or its first 4 or more digits, or its address on GitHub; `status` lists them.
    The order of the words is free where `to` and `of` tell what is what.
    One message shows how it goes and is edited until it ends; if it fails, a new message mentions you.
    To roll back, deploy the earlier commit; `history` lists them.
    `@deploybot deploy people production a1b2c3d` deploys that commit
    `@deploybot deploy a1b2c3d of people to production` the same in other words
    `@deploybot deploy https://github.com/acme/people/commit/a1b2c3d to production` the same by the commit's address
    ~ Also understood: `ship`, `release`
    ");
}

#[test]
fn how_to_ask_again_depends_on_how_it_was_asked() {
    let soon = CallError::Exhausted {
        retry_after: Some(Duration::from_secs(7)),
    };
    let all = [
        Asked::InWords,
        Asked::ByButton,
        Asked::ByOpening,
        Asked::InDialog,
    ];
    let told = all.map(|asked| {
        [&soon, &CallError::TimedOut]
            .map(|error| call_error(error, asked, "people", None).text.to_string())
            .join("\n")
    });
    insta::assert_snapshot!(told.join("\n"), @"
    ⚠️ GitHub takes no more questions for now. Nothing was changed. Ask again in 7 s.
    ⚠️ The deploy service does not answer. Nothing was changed. Ask again in a minute.
    ⚠️ GitHub takes no more questions for now. Nothing was changed. Press the button again in 7 s.
    ⚠️ The deploy service does not answer. Press the button again: the same request is never carried out twice.
    ⚠️ GitHub takes no more questions for now. Nothing was changed. Close this and open it again in 7 s.
    ⚠️ The deploy service does not answer. Nothing was changed. Close this and open it again in a minute.
    ⚠️ GitHub takes no more questions for now. Nothing was changed. Press Deploy again in 7 s.
    ⚠️ The deploy service does not answer. Press Deploy again: the same request is never carried out twice.
    ");
}

#[test]
fn two_names_that_changed_places_are_told_apart() {
    let unknown = CallError::NotFound {
        reason: Reason::UnknownRepository,
        candidates: Vec::new(),
    };
    let told = |repository, environment| {
        let message = call_error(&unknown, Asked::InWords, repository, environment);
        message.text.to_string()
    };
    insta::assert_snapshot!(told("acme/production", Some("people")), @"❓ There is no repository `acme/production` that I can see. The repository comes first, then the environment: did you mean `@deploybot history people production`?");
    insta::assert_snapshot!(told("production", None), @"❓ There is no repository `production` that I can see. If it is there, whoever administers it has to give me access.");
    insta::assert_snapshot!(told("test", Some("staging")), @"❓ There is no repository `test` that I can see. If it is there, whoever administers it has to give me access.");
}

#[test]
fn calls_that_could_not_be_served_say_what_to_do() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let wait = Some(Duration::from_secs(90));
    let told: Vec<_> = [
        CallError::NotFound {
            reason: Reason::UnknownRepository,
            candidates: names(&["acme/people"]),
        },
        CallError::NotFound {
            reason: Reason::UnknownRepository,
            candidates: names(&[]),
        },
        CallError::NotFound {
            reason: Reason::UnknownEnvironment,
            candidates: names(&["production", "staging", "development"]),
        },
        CallError::NotFound {
            reason: Reason::UnknownEnvironment,
            candidates: names(&[]),
        },
        CallError::Invalid {
            violations: names(&["The limit is 1 to 50."]),
        },
        CallError::Invalid {
            violations: names(&[]),
        },
        CallError::Unavailable {
            sentence: "GitHub does not answer now.".to_owned(),
            retry_after: wait,
        },
        CallError::Unavailable {
            sentence:
                "GitHub does not accept deploybot's token: whoever runs deploybot has to renew it."
                    .to_owned(),
            retry_after: None,
        },
        CallError::Exhausted { retry_after: wait },
        CallError::TimedOut,
        CallError::Unauthenticated,
        CallError::Internal,
    ]
    .iter()
    .map(|error| {
        call_error(error, Asked::InWords, "poeple", Some("prodution"))
            .text
            .to_string()
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    ❓ There is no repository `poeple` that I can see. Did you mean `acme/people`?
    ❓ There is no repository `poeple` that I can see. If it is there, whoever administers it has to give me access.
    ❓ There is no environment `prodution` in *poeple*. Did you mean `production`? It has: `production`, `staging`, `development`. A new one is made in the repository's settings on GitHub.
    ❓ There is no environment `prodution` in *poeple*. It has none yet. A new one is made in the repository's settings on GitHub.
    ❓ The limit is 1 to 50. `@deploybot help` tells how.
    ❓ That is not something that I can ask for. `@deploybot help` tells how.
    ⚠️ GitHub does not answer now. Nothing was changed. Ask again in 1 min 30 s.
    ⚠️ GitHub does not accept deploybot's token: whoever runs deploybot has to renew it. Nothing was changed.
    ⚠️ GitHub takes no more questions for now. Nothing was changed. Ask again in 1 min 30 s.
    ⚠️ The deploy service does not answer. Nothing was changed. Ask again in a minute.
    ⚠️ I am not allowed to ask the deploy service: whoever runs deploybot has to set its token. Nothing was changed.
    ⚠️ Something is broken in the deploy service, and its log says what: tell whoever runs deploybot.
    ");
}
