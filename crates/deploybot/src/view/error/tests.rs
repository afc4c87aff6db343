//! What people are told when a call can't be served, and when they say nothing.

use deploy_proto::v1::ObstacleReason;

use super::*;
use crate::{
    command::{CommandName, parse},
    view::{
        fixtures::{EN, rendered},
        help,
    },
};

#[test]
fn an_empty_mention_asks_for_help() {
    let command = parse("<@U0BOT> ", "U0BOT").expect("help");
    assert_eq!(command, crate::command::Command::Help { topic: None });
    insta::assert_snapshot!(rendered(&help(EN, None)), @"
    (I deploy commits of GitHub repositories and tell what runs where. Mention me with a command: status, deploy, history, link, unlink, mute, unmute, subscribe, unsubscribe, subscriptions, help)
    I deploy commits of GitHub repositories and tell what runs where. Mention me with a command:
    `@deploybot status &lt;repository&gt; [limit]` shows the newest commits, their checks, and what runs where
    For example `@deploybot status people`
    `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` deploys exactly that commit, if its checks passed
    For example `@deploybot deploy people production a1b2c3d`
    `@deploybot history &lt;repository&gt; [environment] [limit]` shows what was deployed, when, by whom, and how it ended
    For example `@deploybot history people`
    `@deploybot link &lt;github login&gt;` links your GitHub account, so that you are mentioned when your commits are live
    For example `@deploybot link minji`
    `@deploybot unlink` forgets which GitHub account you linked
    For example `@deploybot unlink`
    `@deploybot mute` keeps you from being mentioned when your commits are live
    For example `@deploybot mute`
    `@deploybot unmute` has you mentioned again when your commits are live
    For example `@deploybot unmute`
    `@deploybot subscribe &lt;repository&gt; [environment] [started] [live] [failed]` tells in this channel of deployments that are not asked for in it
    For example `@deploybot subscribe people`
    `@deploybot unsubscribe &lt;repository&gt; [environment]` ends what a channel follows
    For example `@deploybot unsubscribe people staging`
    `@deploybot subscriptions` lists what this channel follows
    For example `@deploybot subscriptions`
    `@deploybot help [command]` shows all commands, or one in full
    For example `@deploybot help`
    ~ `@deploybot help deploy` tells all about one. `prod` will do for `production`.
    ");
    insta::assert_snapshot!(rendered(&help(EN, Some(CommandName::Deploy))), @"
    (`@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` deploys exactly that commit, if its checks passed.)
    `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` deploys exactly that commit, if its checks passed.
    A commit is its SHA, whole or its first 4 or more digits, or its address on GitHub; `status` lists them.
    The order of the words is free where `to` and `of` tell what is what.
    One message shows how it goes and is edited until it ends; if it fails, a new message mentions you.
    To roll back, deploy the earlier commit; `history` lists them.
    While GitHub does not answer, a deploy waits and says so; anybody can cancel it until it goes out.
    `@deploybot deploy people production a1b2c3d` deploys that commit
    `@deploybot deploy a1b2c3d of people to production` the same in other words
    `@deploybot deploy https://github.com/acme/people/commit/a1b2c3d to production` the same by the commit's address
    ~ Also understood: `ship`, `release`
    ");
}

#[test]
fn how_to_ask_again_depends_on_how_it_was_asked() {
    let soon = Hindrance::Exhausted {
        retry_after: Some(Duration::from_secs(7)),
    };
    let all = [
        Asked::ToKnow,
        Asked::InWords,
        Asked::ByOpening,
        Asked::InDialog,
    ];
    let told = all.map(|asked| {
        [&soon, &Hindrance::Unreachable, &Hindrance::TimedOut]
            .map(|hindrance| {
                let error = CallError::Hindered(hindrance.clone());
                call_error(EN, &error, asked, "people", None)
                    .text
                    .to_string()
            })
            .join("\n")
    });
    insta::assert_snapshot!(told.join("\n"), @"
    ⚠️ GitHub's limit of calls is used up. Ask again in a minute.
    ⚠️ The deploy service does not answer. Ask again in a minute.
    ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Ask again in a minute.
    ⚠️ GitHub's limit of calls is used up. Nothing was changed. Ask again in a minute.
    ⚠️ The deploy service does not answer. Ask again in a minute.
    ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Ask again in a minute.
    ⚠️ GitHub's limit of calls is used up. Close this and open it again in a minute.
    ⚠️ The deploy service does not answer. Close this and open it again in a minute.
    ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Close this and open it again in a minute.
    ⚠️ GitHub's limit of calls is used up. Nothing was changed. Press Deploy again in a minute.
    ⚠️ The deploy service does not answer. Press Deploy again: the same request is never carried out twice.
    ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Press Deploy again: the same request is never carried out twice.
    ");
}

#[test]
fn seconds_are_not_counted_within_a_minute() {
    let told = [0, 60, 61].map(|seconds| {
        let retry_after = Some(Duration::from_secs(seconds));
        let error = CallError::Hindered(Hindrance::Exhausted { retry_after });
        call_error(EN, &error, Asked::ToKnow, "people", None)
            .text
            .to_string()
    });
    insta::assert_snapshot!(told.join("\n"), @"
    ⚠️ GitHub's limit of calls is used up. Ask again in a minute.
    ⚠️ GitHub's limit of calls is used up. Ask again in a minute.
    ⚠️ GitHub's limit of calls is used up. Ask again in 1 min 01 s.
    ");
}

#[test]
fn two_names_that_changed_places_are_told_apart() {
    let unknown = CallError::NotFound {
        reason: Reason::UnknownRepository,
        candidates: Vec::new(),
    };
    let told = |repository, environment| {
        let message = call_error(EN, &unknown, Asked::InWords, repository, environment);
        message.text.to_string()
    };
    insta::assert_snapshot!(told("acme/production", Some("people")), @"❓ There is no repository `acme/production` that I can see. The repository comes first, then the environment: did you mean `@deploybot history people production`?");
    insta::assert_snapshot!(told("production", None), @"❓ There is no repository `production` that I can see. If you mean the environment, its repository comes first: `@deploybot history &lt;repository&gt; production`.");
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
        CallError::NoOwner,
        CallError::TooMany(Most::OfChannel),
        CallError::TooMany(Most::OfEnvironment),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Github(Obstacle {
                reason: ObstacleReason::NotAnswering.into(),
                ..Obstacle::default()
            }),
            retry_after: wait,
        }),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Github(Obstacle {
                reason: ObstacleReason::TokenNotAccepted.into(),
                ..Obstacle::default()
            }),
            retry_after: None,
        }),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Journal,
            retry_after: Some(Duration::from_secs(5)),
        }),
        CallError::Hindered(Hindrance::Unavailable {
            away: Away::Said("The moon is full.".to_owned()),
            retry_after: wait,
        }),
        CallError::Hindered(Hindrance::Exhausted { retry_after: wait }),
        CallError::Hindered(Hindrance::TimedOut),
        CallError::Hindered(Hindrance::Unreachable),
        CallError::Hindered(Hindrance::Unauthenticated),
        CallError::Hindered(Hindrance::Internal),
    ]
    .iter()
    .map(|error| {
        call_error(EN, error, Asked::InWords, "poeple", Some("prodution"))
            .text
            .to_string()
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    ❓ There is no repository `poeple` that I can see. Did you mean `acme/people`?
    ❓ There is no repository `poeple` that I can see. If it is there, whoever administers it has to give me access.
    ❓ There is no environment `prodution` in *poeple*. Did you mean `production`? It has: `production`, `staging`, `development`.
    ❓ There is no environment `prodution` in *poeple*. It has none yet. A new one is made in the repository's settings on GitHub.
    ❓ The limit is 1 to 50. `@deploybot help` tells how.
    ❓ `poeple` says no owner, and none is set for names without one: write it as `owner/name`.
    ❓ This channel follows 100 environments already, which is the most: end one of them first. What it follows: `@deploybot subscriptions`
    ❓ 100 channels follow this environment already, which is the most: one of them has to end that first.
    ⚠️ GitHub does not answer. Nothing was changed. Ask again in 1 min 30 s.
    ⚠️ GitHub does not accept deploybot's token: whoever runs deploybot has to renew it. Nothing was changed.
    ⚠️ The deploy service's journal does not answer. Nothing was changed. Ask again in a minute.
    ⚠️ The moon is full. Nothing was changed. Ask again in 1 min 30 s.
    ⚠️ GitHub's limit of calls is used up. Nothing was changed. Ask again in 1 min 30 s.
    ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Ask again in a minute.
    ⚠️ The deploy service does not answer. Ask again in a minute.
    ⚠️ I am not allowed to ask the deploy service: whoever runs deploybot has to set its token. Nothing was changed.
    ⚠️ Something is broken in the deploy service, and its log says what: tell whoever runs deploybot.
    ");
}
