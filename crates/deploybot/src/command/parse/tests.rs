//! What people write, and what it is read as.

mod again;
mod meant;
mod sentences;

use super::parse;
use crate::command::{Command, Limit};

/// One line per text: what it was read as.
fn read(texts: &[&str]) -> String {
    let line = |text: &&str| match parse(&format!("<@U0BOT> {text}"), "U0BOT") {
        Ok(command) => format!("{text} => {}", shown(&command)),
        Err(error) => format!("{text} => {error:?}"),
    };
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn shown(command: &Command) -> String {
    let limit = |limit: &Option<Limit>| {
        limit.map_or_else(|| "-".to_owned(), |limit| limit.get().to_string())
    };
    match command {
        Command::Status {
            repository,
            limit: number,
        } => format!("status {repository} {}", limit(number)),
        Command::Deploy {
            repository,
            environment,
            commit,
        } => format!("deploy {repository} {environment} {commit}"),
        Command::History {
            repository,
            environment,
            limit: number,
        } => {
            let environment = environment
                .as_ref()
                .map_or("-", |environment| environment.as_str());
            format!("history {repository} {environment} {}", limit(number))
        }
        Command::Subscribe { .. }
        | Command::Unsubscribe { .. }
        | Command::Subscriptions
        | Command::Link { .. }
        | Command::Unlink
        | Command::Mute
        | Command::Unmute => command.line(),
        Command::Help { topic } => {
            format!("help {}", topic.map_or("-", |topic| topic.help().word))
        }
    }
}

#[test]
fn what_people_write() {
    insta::assert_snapshot!(read(&[
        "status people",
        "STATUS People",
        "st acme/people 10",
        "status people limit 10",
        "status people --limit 10",
        "status people —limit 10",
        "status people limit=10",
        "status last 10 of people",
        "status of people",
        "status limit",
        "deploy people production a1b2c3d",
        "Deploy people PRODUCTION A1B2C3D",
        "ship people prod a1b2c3d",
        "deploy people a1b2c3d to production",
        "deploy a1b2c3d of people to production",
        "deploy commit a1b2c3d of people into production",
        "deploy a1b2c3d people production",
        "deploy cafe production a1b2",
        "deploy people production beef",
        "deploy defaced production 1234567",
        "history people",
        "history people production",
        "history people production 10",
        "history people 10",
        "history people limit 10 production",
        "history of people in production",
        "log people",
        "help",
        "help deploy",
        "help ship",
        "?",
        "",
    ]), @"
    status people => status people -
    STATUS People => status People -
    st acme/people 10 => status acme/people 10
    status people limit 10 => status people 10
    status people --limit 10 => status people 10
    status people —limit 10 => status people 10
    status people limit=10 => status people 10
    status last 10 of people => status people 10
    status of people => status people -
    status limit => status limit -
    deploy people production a1b2c3d => deploy people production a1b2c3d
    Deploy people PRODUCTION A1B2C3D => deploy people PRODUCTION a1b2c3d
    ship people prod a1b2c3d => deploy people prod a1b2c3d
    deploy people a1b2c3d to production => deploy people production a1b2c3d
    deploy a1b2c3d of people to production => deploy people production a1b2c3d
    deploy commit a1b2c3d of people into production => deploy people production a1b2c3d
    deploy a1b2c3d people production => deploy people production a1b2c3d
    deploy cafe production a1b2 => deploy cafe production a1b2
    deploy people production beef => deploy people production beef
    deploy defaced production 1234567 => deploy defaced production 1234567
    history people => history people - -
    history people production => history people production -
    history people production 10 => history people production 10
    history people 10 => history people - 10
    history people limit 10 production => history people production 10
    history of people in production => history people production -
    log people => history people - -
    help => help -
    help deploy => help deploy
    help ship => help deploy
    ? => help -
     => help -
    ");
}

#[test]
fn what_comes_with_copy_and_paste_is_not_seen_and_not_read() {
    for invisible in "\u{2066}\u{2067}\u{2068}\u{2069}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{200e}\u{200f}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}".chars() {
        let words = ["deploy", "people", "production", "a1b2c3d"];
        let wrapped = words.map(|word| format!("{invisible}{word}{invisible}")).join(" ");
        let quoted = words.map(|word| format!("`{invisible}{word}{invisible}`")).join(" ");
        for text in [wrapped, quoted] {
            assert_eq!(
                read(&[&text]).rsplit_once(" => ").expect("two parts").1,
                "deploy people production a1b2c3d",
                "{}",
                text.escape_debug()
            );
        }
    }
}

#[test]
fn addresses_are_read_as_what_they_lead_to() {
    insta::assert_snapshot!(read(&[
        "status <https://github.com/acme/people>",
        "status <https://github.com/acme/people.git/>",
        "status <https://github.com/acme/people/tree/main|people>",
        "status <https://github.example.com/acme/people/pull/41|Fix the font>",
        "status <http://github.com/acme/people|github.com/acme/people>",
        "status `https://github.com/acme/people`",
        "status <http://people.io|people.io>",
        "deploy <https://github.com/acme/people/commit/A1B2C3D> production",
        "deploy production <https://ghes.test:8443/acme/people/commit/a1b2c3d?w=1#diff>",
        "deploy people to production <https://github.com/acme/people/commit/a1b2c3d|a1b2c3d>",
        "deploy people production <https://github.com/acme/people/pull/41/commits/a1b2c3d|this>",
        "deploy of <https://github.com/acme/people> to prod commit <https://github.com/acme/people/commit/a1b2c3d>",
        "deploy people production `a1b2c3d` <https://github.com/acme/people/commit/a1b2c3d9>",
        "deploy api production <https://github.com/acme/people/commit/a1b2c3d>",
        "deploy people <https://github.com/acme/people/commit/a1b2c3d>",
        "history <https://github.com/acme/people/commit/a1b2c3d> production",
        "status <https://github.com/acme>",
        "status @people",
        "status #people",
        "status <#C0PEOPLE|people>",
        "status <!subteam^S1|@people>",
    ]), @r#"
    status <https://github.com/acme/people> => status acme/people -
    status <https://github.com/acme/people.git/> => status acme/people -
    status <https://github.com/acme/people/tree/main|people> => status people -
    status <https://github.example.com/acme/people/pull/41|Fix the font> => status acme/people -
    status <http://github.com/acme/people|github.com/acme/people> => status acme/people -
    status `https://github.com/acme/people` => status acme/people -
    status <http://people.io|people.io> => status people.io -
    deploy <https://github.com/acme/people/commit/A1B2C3D> production => deploy acme/people production a1b2c3d
    deploy production <https://ghes.test:8443/acme/people/commit/a1b2c3d?w=1#diff> => deploy acme/people production a1b2c3d
    deploy people to production <https://github.com/acme/people/commit/a1b2c3d|a1b2c3d> => deploy acme/people production a1b2c3d
    deploy people production <https://github.com/acme/people/pull/41/commits/a1b2c3d|this> => deploy acme/people production a1b2c3d
    deploy of <https://github.com/acme/people> to prod commit <https://github.com/acme/people/commit/a1b2c3d> => deploy acme/people prod a1b2c3d
    deploy people production `a1b2c3d` <https://github.com/acme/people/commit/a1b2c3d9> => deploy acme/people production a1b2c3d9
    deploy api production <https://github.com/acme/people/commit/a1b2c3d> => CommitOfAnother { repository: "api", linked: "acme/people", line: "deploy acme/people production a1b2c3d" }
    deploy people <https://github.com/acme/people/commit/a1b2c3d> => Missing { command: Deploy, missing: [Environment], example: "deploy acme/people production a1b2c3d" }
    history <https://github.com/acme/people/commit/a1b2c3d> production => history acme/people production -
    status <https://github.com/acme> => BadRepository { word: "https://github.com/acme" }
    status @people => status people -
    status #people => status people -
    status <#C0PEOPLE|people> => status people -
    status <!subteam^S1|@people> => status people -
    "#);
}

#[test]
fn what_only_makes_a_sentence_polite_is_left_out() {
    insta::assert_snapshot!(read(&[
        "please status people",
        "status people please",
        "Can you please deploy people to production a1b2c3d? Thanks! :pray:",
        "hey, could you show me the status of people 🙏",
        "status people :pray::skin-tone-2:",
        "pls ship people prod a1b2c3d thx",
        "deploy people production a1b2c3d now please",
        "@deploybot status people",
        "<!channel> status people",
        "<!here|here> status people",
        "status people <@U0JOON>",
        "status 3 people",
        "status repo people",
        "status people repo",
        "status repo",
        "history of the people repository in the production environment",
        "deploy repo people environment production commit a1b2c3d",
        "deploy people it a1b2c3d",
        "deploy people production at a1b2c3d",
        "deploy people a1b2c3d -&gt; production",
        "what's the status of people?",
        "is deploy people production a1b2c3d",
        "would you ship people prod a1b2c3d for us",
        "don't deploy people production a1b2c3d",
        "thanks",
    ]), @r#"
    please status people => status people -
    status people please => status people -
    Can you please deploy people to production a1b2c3d? Thanks! :pray: => deploy people production a1b2c3d
    hey, could you show me the status of people 🙏 => status people -
    status people :pray::skin-tone-2: => status people -
    pls ship people prod a1b2c3d thx => deploy people prod a1b2c3d
    deploy people production a1b2c3d now please => deploy people production a1b2c3d
    @deploybot status people => status people -
    <!channel> status people => status people -
    <!here|here> status people => status people -
    status people <@U0JOON> => status people -
    status 3 people => status people 3
    status repo people => status people -
    status people repo => status people -
    status repo => status repo -
    history of the people repository in the production environment => history people production -
    deploy repo people environment production commit a1b2c3d => deploy people production a1b2c3d
    deploy people it a1b2c3d => deploy people it a1b2c3d
    deploy people production at a1b2c3d => deploy people production a1b2c3d
    deploy people a1b2c3d -&gt; production => deploy people production a1b2c3d
    what's the status of people? => status people -
    is deploy people production a1b2c3d => UnknownCommand { word: "is", suggestion: Some("deploy people production a1b2c3d") }
    would you ship people prod a1b2c3d for us => deploy people prod a1b2c3d
    don't deploy people production a1b2c3d => NotToDeploy { word: "don't" }
    thanks => OnlyCourtesy(Thanks)
    "#);
}

#[test]
fn noise_is_not_a_command() {
    for noise in [
        "x".repeat(4000),
        "deploy ".repeat(570),
        "<".repeat(4000),
        "`".repeat(4000),
        "a1b2c3d ".repeat(500),
    ] {
        let parsed = parse(&format!("<@U0BOT> {noise}"), "U0BOT");
        assert!(
            parsed.is_err() || noise.starts_with('`') || noise.starts_with('<'),
            "{parsed:?}"
        );
    }
}

#[test]
fn a_flag_that_asks_for_help_never_deploys() {
    insta::assert_snapshot!(read(&[
        "deploy --help",
        "deploy people production a1b2c3d --help",
        "status -h",
        "history people —help",
        "please deploy -H",
        "--help",
        "--help deploy",
        "help --help",
        "deploy --helpful",
    ]), @r#"
    deploy --help => help deploy
    deploy people production a1b2c3d --help => help deploy
    status -h => help status
    history people —help => help history
    please deploy -H => help deploy
    --help => help -
    --help deploy => help deploy
    help --help => help help
    deploy --helpful => Missing { command: Deploy, missing: [Repository, Environment, Commit], example: "deploy people production a1b2c3d" }
    "#);
}

#[test]
fn what_a_channel_follows() {
    insta::assert_snapshot!(read(&[
        "subscribe people",
        "subscribe people staging",
        "subscribe people prod failed",
        "subscribe people failed, started",
        "follow people production all",
        "subscribe people everything",
        "subscribe people staging succeeded and failed",
        "subscribe people only failures please",
        "subscribe to people in staging",
        "subscribe acme/people ends",
        "subscribe failed",
        "subscribe people live",
        "subscribe people to live",
        "subscribe",
        "subscribe people staging failed production",
        "subscribe pe$ple",
        "unsubscribe people",
        "unfollow people staging",
        "unsubscribe from people",
        "unsubscribe people staging failed",
        "unsubscribe people all",
        "unsubscribe everything of people",
        "unsubscribe",
        "subscriptions",
        "subs",
        "subscriptions people",
        "subscribr people",
    ]), @r#"
    subscribe people => subscribe people
    subscribe people staging => subscribe people staging
    subscribe people prod failed => subscribe people prod failed
    subscribe people failed, started => subscribe people started failed
    follow people production all => subscribe people production started live failed
    subscribe people everything => subscribe people started live failed
    subscribe people staging succeeded and failed => subscribe people staging live failed
    subscribe people only failures please => subscribe people failed
    subscribe to people in staging => subscribe people staging
    subscribe acme/people ends => subscribe acme/people live failed
    subscribe failed => subscribe failed
    subscribe people live => subscribe people live
    subscribe people to live => subscribe people live
    subscribe => Missing { command: Subscribe, missing: [Repository], example: "subscribe people" }
    subscribe people staging failed production => Extra { command: Subscribe, words: "production", example: "subscribe people staging failed" }
    subscribe pe$ple => BadRepository { word: "pe$ple" }
    unsubscribe people => unsubscribe people
    unfollow people staging => unsubscribe people staging
    unsubscribe from people => unsubscribe people
    unsubscribe people staging failed => Extra { command: Unsubscribe, words: "failed", example: "unsubscribe people staging" }
    unsubscribe people all => AllIsUnnamed { line: "unsubscribe people" }
    unsubscribe everything of people => AllIsUnnamed { line: "unsubscribe people" }
    unsubscribe => Missing { command: Unsubscribe, missing: [Repository], example: "unsubscribe people" }
    subscriptions => subscriptions
    subs => subscriptions
    subscriptions people => Extra { command: Subscriptions, words: "people", example: "subscriptions" }
    subscribr people => UnknownCommand { word: "subscribr", suggestion: Some("subscribe people") }
    "#);
}
