//! What people write, and what it is read as.

use super::parse;

/// One line per text: what it was read as.
fn read(texts: &[&str]) -> String {
    let line = |text: &&str| match parse(&format!("<@U0BOT> {text}"), "U0BOT") {
        Ok(command) => format!("{text} => {}", shown(&command)),
        Err(error) => format!("{text} => {error:?}"),
    };
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn shown(command: &super::Command) -> String {
    use super::Command;
    let limit = |limit: &Option<super::Limit>| {
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
