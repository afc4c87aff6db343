//! What people are told when they slip.

mod meant;

use crate::{
    command::parse,
    view::{
        error::parse_error,
        fixtures::{EN, rendered},
    },
};

/// What people write, each with what they are told.
fn told(texts: &[&str]) -> String {
    let line = |text: &&str| {
        let message = match parse(&format!("<@U0BOT> {text}"), "U0BOT") {
            Ok(command) => format!("understood: {}", command.line()),
            Err(error) => {
                rendered(&parse_error(EN, &error));
                visible_isolates(parse_error(EN, &error).text.as_str())
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
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > people status 10
    ❓ I do not know `people`. Did you mean `@deploybot status people 10`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > banana
    ❓ I do not know `banana`. If it is a repository, did you mean `@deploybot status banana`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > rollback people
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people &lt;environment&gt; &lt;commit&gt;`. `@deploybot history people` lists what was deployed.
    > undo
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. `@deploybot history &lt;repository&gt;` lists what was deployed.
    > help bananas
    ❓ There is no command `bananas`.
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > help stauts
    ❓ There is no command `stauts`. Did you mean `@deploybot help status`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
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
    ❓ I do not know what `20` means in `status &lt;repository&gt; [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot status people 10`
    > status of people on production
    ❓ I do not know what `production` means in `status &lt;repository&gt; [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot status people`
    > deploy people production a1b2c3d to night
    ❓ `night` and `production` are two environments, and a deploy goes to one: `@deploybot deploy people night a1b2c3d` or `@deploybot deploy people production a1b2c3d`.
    > deploy people production a1b2c3d to
    ❓ I do not know what `to` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production a1b2c3d`
    > deploy people production a1b2c3d to staging
    ❓ `staging` and `production` are two environments, and a deploy goes to one: `@deploybot deploy people staging a1b2c3d` or `@deploybot deploy people production a1b2c3d`.
    > history people production 10 more
    ❓ I do not know what `more` means in `history &lt;repository&gt; [environment] [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot history people production 10`
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
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > stauts
    ❓ I do not know `stauts`. Did you mean `@deploybot status &lt;repository&gt; [limit]`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > stauts people abc
    ❓ I do not know `stauts`. Did you mean `@deploybot status &lt;repository&gt; [limit]`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > people status
    ❓ I do not know `people`. Did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > status please
    ❓ `status` needs a repository. For example: `@deploybot status people`
    > deploy people production a1b2c3d 9f8e7d6
    ❓ `a1b2c3d` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy people production a1b2c3d` or `@deploybot deploy people production 9f8e7d6`.
    > deploy people a1b2c3d 9f8e7d6
    ❓ `a1b2c3d` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy people &lt;environment&gt; a1b2c3d` or `@deploybot deploy people &lt;environment&gt; 9f8e7d6`.
    > deploy production people a1b2c3d 9f8e7d6
    ❓ `a1b2c3d` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy people production a1b2c3d` or `@deploybot deploy people production 9f8e7d6`.
    > deploy api production <https://github.com/acme/people/commit/a1b2c3d>
    ❓ The link is to a commit of `acme/people`, not of `api`. Did you mean `@deploybot deploy acme/people production a1b2c3d`?
    > deploy people a1b2c3g production
    ❓ `a1b2c3g` is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. `@deploybot status people` lists the newest commits.
    > deploy people production #41
    ❓ `#41` is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. `@deploybot status people` lists the newest commits.
    > status people production
    ❓ I do not know what `production` means in `status &lt;repository&gt; [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot status people`
    > status production people
    ❓ I do not know what `production` means in `status &lt;repository&gt; [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot status people`
    > status people\nhistory people
    ❓ I take one command in a message. Write them one by one: `@deploybot status people`, then `@deploybot history people`.
    > please status people history people
    ❓ I take one command in a message. Write them one by one: `@deploybot status people`, then `@deploybot history people`.
    > status people and history people production, then help deploy
    ❓ I take one command in a message. Write them one by one: `@deploybot status people`, then `@deploybot history people production`, then `@deploybot help deploy`.
    > help\nstatus people
    understood: help status
    > stauts \u{202e}pro\u{202d}d �
    ❓ I do not know `stauts`. Did you mean `@deploybot status &lt;repository&gt; [limit]`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > deploy مرحبا production
    ❓ ⟦`مرحبا`⟧ can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
    > deploy people pro\u{202e}d
    ❓ `pro�d` can't be an environment: it has characters that can't be seen. `@deploybot status people` lists what there is.
    > set people
    ❓ I do not know `set`.
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > hello
    👋 Hello! `@deploybot help` tells what I can do.
    ");
}

#[test]
fn a_repository_that_was_forgotten_is_asked_for() {
    insta::assert_snapshot!(told(&[
        "deploy production 968458f",
        "deploy 968458f production",
        "deploy 968458f to prod",
        "deploy production",
        "deploy 968458f",
        "deploy production 968458f 9f8e7d6",
        "deploy of test 968458f",
    ]), @"
    > deploy production 968458f
    ❓ `deploy` needs a repository. For example: `@deploybot deploy &lt;repository&gt; production 968458f`
    > deploy 968458f production
    ❓ `deploy` needs a repository. For example: `@deploybot deploy &lt;repository&gt; production 968458f`
    > deploy 968458f to prod
    ❓ `deploy` needs a repository. For example: `@deploybot deploy &lt;repository&gt; prod 968458f`
    > deploy production
    ❓ `deploy` needs a repository and a commit. For example: `@deploybot deploy &lt;repository&gt; production &lt;commit&gt;`
    > deploy 968458f
    ❓ `deploy` needs a repository and an environment. For example: `@deploybot deploy &lt;repository&gt; &lt;environment&gt; 968458f`
    > deploy production 968458f 9f8e7d6
    ❓ `968458f` and `9f8e7d6` are two commits, and one goes out at a time: `@deploybot deploy &lt;repository&gt; production 968458f` or `@deploybot deploy &lt;repository&gt; production 9f8e7d6`.
    > deploy of test 968458f
    ❓ `deploy` needs an environment. For example: `@deploybot deploy test production 968458f`
    `@deploybot status test` lists its commits and environments.
    ");
}

#[test]
fn a_label_before_a_number_alone_is_the_repository() {
    insta::assert_snapshot!(told(&[
        "status repository 2",
        "status service 2 please",
        "status env limit 2",
        "status repository people 2",
    ]), @"
    > status repository 2
    understood: status repository 2
    > status service 2 please
    understood: status service 2
    > status env limit 2
    understood: status env 2
    > status repository people 2
    understood: status people 2
    ");
}

#[test]
fn the_word_that_is_too_many_is_the_one_that_is_named() {
    insta::assert_snapshot!(told(&[
        "deploy people production 968458f at 5pm",
        "deploy people production 968458f at 5 pm",
        "deploy people production 968458f in 10 minutes",
        "deploy people production at 968458f",
        "deploy people production 968458f commit main",
        "deploy --dry-run people production 968458f",
        "deploy people --env production 968458f",
        "deploy people to to production 968458f",
    ]), @"
    > deploy people production 968458f at 5pm
    ❓ I do not know what `at 5pm` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production 968458f`
    > deploy people production 968458f at 5 pm
    ❓ I do not know what `at 5 pm` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production 968458f`
    > deploy people production 968458f in 10 minutes
    ❓ I do not know what `in 10 minutes` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production 968458f`
    > deploy people production at 968458f
    understood: deploy people production 968458f
    > deploy people production 968458f commit main
    ❓ `main` is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. `@deploybot status people` lists the newest commits.
    > deploy --dry-run people production 968458f
    ❓ I do not know what `--dry-run` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production 968458f`
    > deploy people --env production 968458f
    ❓ I do not know what `--env` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production 968458f`
    > deploy people to to production 968458f
    ❓ I do not know what `to` means in `deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`. Without it: `@deploybot deploy people production 968458f`
    ");
}

#[test]
fn who_says_no_is_not_offered_the_deploy() {
    insta::assert_snapshot!(told(&[
        "please do not deploy people production 968458f",
        "don’t deploy people production 968458f",
        "never deploy people production 968458f",
        "deploy people production 968458f, not yet",
        "do not status people",
        "deploy not production 968458f",
    ]), @"
    > please do not deploy people production 968458f
    ❓ I take `not` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    > don’t deploy people production 968458f
    ❓ I take `don’t` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    > never deploy people production 968458f
    ❓ I take `never` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    > deploy people production 968458f, not yet
    ❓ I take `not` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    > do not status people
    ❓ I do not know `do`. Did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > deploy not production 968458f
    ❓ I take `not` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    ");
}

#[test]
fn a_pull_request_is_no_commit() {
    insta::assert_snapshot!(told(&[
        "deploy people production <https://h.test/acme/people/pull/15>",
        "deploy <https://h.test/acme/people/pull/15/files|#15> to production",
        "deploy <https://h.test/acme/people/pull/15> to production 968458f",
    ]), @"
    > deploy people production <https://h.test/acme/people/pull/15>
    ❓ `acme/people#15` is a pull request, and I deploy commits: write the SHA of its merge commit. `@deploybot status acme/people` lists the newest.
    > deploy <https://h.test/acme/people/pull/15/files|#15> to production
    ❓ `acme/people#15` is a pull request, and I deploy commits: write the SHA of its merge commit. `@deploybot status acme/people` lists the newest.
    > deploy <https://h.test/acme/people/pull/15> to production 968458f
    understood: deploy acme/people production 968458f
    ");
}

#[test]
fn only_a_number_is_taken_for_a_limit() {
    insta::assert_snapshot!(told(&[
        "history people production staging",
        "history people production 968458f",
        "status people api",
        "status people 1,000",
        "status people limit abc",
    ]), @"
    > history people production staging
    ❓ I do not know what `staging` means in `history &lt;repository&gt; [environment] [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot history people production`
    > history people production 968458f
    ❓ I do not know what `968458f` means in `history &lt;repository&gt; [environment] [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot history people production`
    > status people api
    ❓ I do not know what `api` means in `status &lt;repository&gt; [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot status people`
    > status people 1,000
    ❓ `1,000` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > status people limit abc
    ❓ `abc` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    ");
}

#[test]
fn what_is_nearly_a_command_leads_on() {
    insta::assert_snapshot!(told(&[
        "roll back people to 88389f4",
        "rollback people production to 88389f4",
        "roll people back to 88389f4",
        "rollback production of people",
        "people",
        "people please",
        "help me",
        "help me out with deploy",
        "what can you do?",
        "deploy people production`968458f`",
    ]), @"
    > roll back people to 88389f4
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people &lt;environment&gt; 88389f4`. `@deploybot history people` lists what was deployed.
    > rollback people production to 88389f4
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people production 88389f4`. `@deploybot history people` lists what was deployed.
    > roll people back to 88389f4
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people &lt;environment&gt; 88389f4`. `@deploybot history people` lists what was deployed.
    > rollback production of people
    ❓ To roll back, deploy the earlier commit: `@deploybot deploy people production &lt;commit&gt;`. `@deploybot history people` lists what was deployed.
    > people
    ❓ I do not know `people`. If it is a repository, did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > people please
    ❓ I do not know `people`. If it is a repository, did you mean `@deploybot status people`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    > help me
    understood: help
    > help me out with deploy
    understood: help deploy
    > what can you do?
    understood: help
    > deploy people production`968458f`
    understood: deploy people production 968458f
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
    ❓ I do not know what `abc` means in `status &lt;repository&gt; [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot status people`
    > status people limit
    ❓ A number from 1 to 50 is missing after `limit`. For example: `@deploybot status people 10`
    > status people 1.5
    ❓ `1.5` can't be the limit: that is a whole number from 1 to 50. For example: `@deploybot status people 10`
    > history people production abc
    ❓ I do not know what `abc` means in `history &lt;repository&gt; [environment] [limit]`, whose limit is a whole number from 1 to 50. Without it: `@deploybot history people production`
    ");
}

#[test]
fn noise_gets_a_short_answer() {
    for noise in ["x".repeat(4000), "deploy ".repeat(570), "ab ".repeat(1300)] {
        let error = parse(&noise, "U0BOT").expect_err("noise");
        let answer = rendered(&parse_error(EN, &error));
        assert!(answer.chars().count() < 800, "{answer}");
    }
    insta::assert_snapshot!(told(&[&"noise ".repeat(650)]).split_once('\n').expect("two lines").1, @"
    ❓ I do not know `noise`.
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    ");
}
