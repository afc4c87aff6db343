//! The answer to `history`: per environment what was deployed, when, by whom,
//! and how it ended.

use deploy_proto::v1::{
    Deployment, DeploymentKind, DeploymentState, EnvironmentHistory, ListHistoryResponse,
};
use jiff::Timestamp;

use super::{
    block::{Block, Message, Mrkdwn},
    stale,
    text::{self, NAME, SUMMARISED, bold, dotted, pack, section},
    time,
};
use crate::command::MAX_LIMIT;

/// Environments listed, each with at least two paragraphs.
const ENVIRONMENTS: usize = 20;
/// Paragraphs for all of them, which leaves room for heading and hints.
const PARAGRAPHS: usize = 44;

/// A repository's deployments by environment, newest first.
pub(crate) fn history(answer: &ListHistoryResponse, now: Timestamp) -> Message {
    let repository = text::repository(&answer.repository);
    let as_of =
        time::moment(answer.as_of.as_ref()).map(|at| format!("as of {}", time::clock(at, now)));
    let heading = dotted([
        repository.to_string(),
        "deployments".to_owned(),
        as_of.unwrap_or_default(),
    ]);
    let (stale, as_of) = (answer.stale.as_ref(), answer.as_of.as_ref());
    let mut blocks: Vec<_> = stale::banner(stale, as_of, now).into_iter().collect();
    blocks.push(section(heading));
    let shown = answer.environments.len().min(ENVIRONMENTS);
    let (listed, others) = answer.environments.split_at(shown);
    let share = PARAGRAPHS / shown.max(1);
    for environment in listed {
        blocks.extend(
            paragraphs(&answer.repository, environment, share, now)
                .into_iter()
                .map(section),
        );
    }
    if answer.environments.is_empty() {
        blocks.push(section("It has no environment yet. Environments are made in the repository's settings on GitHub."));
    }
    if !others.is_empty() {
        blocks.push(Block::Context(vec![others_hint(
            &answer.repository,
            others,
        )]));
    }
    Message {
        text: Mrkdwn::ours(format!(
            "{}{repository}: {}",
            stale::before(stale, as_of, now),
            summary(answer)
        )),
        blocks,
    }
}

/// An environment with its deployments, in at most `share` paragraphs.
fn paragraphs(
    repository: &str,
    environment: &EnvironmentHistory,
    share: usize,
    now: Timestamp,
) -> Vec<String> {
    let name = bold(&environment.environment, NAME);
    if environment.deployments.is_empty() {
        return vec![if environment.more {
            let alone = text::line(&format!("history {repository} {}", environment.environment));
            format!("{name} · none among the newest deployments: {alone}")
        } else {
            format!("{name} · nothing deployed yet")
        }];
    }
    let lines: Vec<_> = environment
        .deployments
        .iter()
        .map(|deployment| line(deployment, now))
        .collect();
    let mut shown = lines.len();
    loop {
        let hint = older_hint(repository, environment, shown);
        let all = [name.to_string()]
            .into_iter()
            .chain(lines[..shown].iter().cloned())
            .chain(hint);
        let paragraphs = pack(all);
        if paragraphs.len() <= share || shown == 1 {
            return paragraphs;
        }
        shown -= 1;
    }
}

fn line(deployment: &Deployment, now: Timestamp) -> String {
    let commit = deployment.commit.clone().unwrap_or_default();
    let what = match deployment.kind() {
        DeploymentKind::Rollback if deployment.replaces.is_empty() => "rollback".to_owned(),
        DeploymentKind::Rollback => format!("rollback of {}", text::sha(&deployment.replaces)),
        DeploymentKind::Deploy | DeploymentKind::Unspecified => {
            text::headline(&commit.headline).to_string()
        }
    };
    dotted([
        format!("{} {} {what}", symbol(deployment), text::commit(&commit)),
        time::moment(deployment.created_at.as_ref())
            .map(time::date)
            .unwrap_or_default()
            .to_string(),
        outcome(deployment, now),
        text::name(deployment.requester.as_ref()).to_string(),
        if deployment.live {
            "*live*".to_owned()
        } else {
            String::new()
        },
        text::link_if_any(&deployment.log_url, "log")
            .unwrap_or_default()
            .to_string(),
    ])
}

fn symbol(deployment: &Deployment) -> &'static str {
    match deployment.state() {
        DeploymentState::Succeeded if deployment.kind() == DeploymentKind::Rollback => "↩️",
        DeploymentState::Succeeded => "✅",
        DeploymentState::Failed => "❌",
        DeploymentState::Pending | DeploymentState::Running => "⏳",
        DeploymentState::Cancelled => "⛔",
        DeploymentState::Unknown | DeploymentState::Unspecified => "❓",
    }
}

/// How it ended, or how far it is, in words.
fn outcome(deployment: &Deployment, now: Timestamp) -> String {
    let took = |in_or_after: &str| {
        deployment
            .duration
            .as_ref()
            .map(|duration| format!(" {in_or_after} {}", time::length(duration)))
            .unwrap_or_default()
    };
    let so_far = || {
        time::moment(deployment.created_at.as_ref())
            .map(|at| format!(" for {}", time::running(at, now)))
            .unwrap_or_default()
    };
    match deployment.state() {
        DeploymentState::Pending => format!("waiting to start{}", so_far()),
        DeploymentState::Running => format!("running{}", so_far()),
        DeploymentState::Succeeded => format!("succeeded{}", took("in")),
        DeploymentState::Failed => format!("failed{}", took("after")),
        DeploymentState::Cancelled => format!("cancelled{}", took("after")),
        DeploymentState::Unknown | DeploymentState::Unspecified => {
            "GitHub says a state that I do not know".to_owned()
        }
    }
}

/// There are older ones, and how to see them.
fn older_hint(repository: &str, environment: &EnvironmentHistory, shown: usize) -> Option<String> {
    if !environment.more && shown == environment.deployments.len() {
        return None;
    }
    let most = usize::from(MAX_LIMIT);
    if shown >= most {
        return Some(format!("… there are older ones; I list at most {most}."));
    }
    let next = ((shown * 2).div_ceil(10) * 10).min(most);
    let line = text::line(&format!(
        "history {repository} {} {next}",
        environment.environment
    ));
    Some(format!("… there are older ones: {line}"))
}

fn others_hint(repository: &str, others: &[EnvironmentHistory]) -> Mrkdwn {
    let names: Vec<_> = others
        .iter()
        .map(|other| other.environment.clone())
        .collect();
    let line = text::line(&format!("history {repository} <environment>"));
    Mrkdwn::ours(format!(
        "… and {}; for one of them: {line}",
        text::list(&names, 10)
    ))
}

/// For notifications and screen readers: what came last in each environment.
fn summary(answer: &ListHistoryResponse) -> String {
    let newest = answer
        .environments
        .iter()
        .take(SUMMARISED)
        .map(|environment| {
            let name = text::prose(&environment.environment, NAME);
            match environment.deployments.first() {
                None if environment.more => format!("{name}: nothing lately"),
                None => format!("{name}: nothing deployed yet"),
                Some(newest) => {
                    let sha = newest
                        .commit
                        .as_ref()
                        .map(|commit| text::sha(&commit.sha))
                        .unwrap_or_default();
                    format!("{name}: {sha} {}", newest_word(newest))
                }
            }
        });
    if answer.environments.is_empty() {
        "no environment yet".to_owned()
    } else {
        dotted(newest)
    }
}

fn newest_word(deployment: &Deployment) -> &'static str {
    match deployment.state() {
        _ if deployment.live => "is live",
        DeploymentState::Pending | DeploymentState::Running => "is going out",
        DeploymentState::Succeeded => "succeeded",
        DeploymentState::Failed => "failed",
        DeploymentState::Cancelled => "was cancelled",
        DeploymentState::Unknown | DeploymentState::Unspecified => {
            "is in a state that I do not know"
        }
    }
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{Stale, StaleReason};

    use super::*;
    use crate::view::fixtures::{
        ago, commit, deployment, joons_commit, minjis_commit, now, rendered, sha,
    };

    fn environment(name: &str, deployments: Vec<Deployment>, more: bool) -> EnvironmentHistory {
        EnvironmentHistory {
            environment: name.to_owned(),
            deployments,
            more,
        }
    }

    fn answer(environments: Vec<EnvironmentHistory>) -> ListHistoryResponse {
        ListHistoryResponse {
            repository: "acme/people".to_owned(),
            environments,
            as_of: ago(0),
            stale: None,
        }
    }

    #[test]
    fn every_outcome_has_its_words() {
        use DeploymentState::{Cancelled, Failed, Pending, Running, Succeeded, Unknown};
        let font = || commit("77aa001", "Try the new font", "joon", 90_000);
        let live = Deployment {
            live: true,
            ..deployment(minjis_commit(), Succeeded, 60, Some(42))
        };
        let rollback = Deployment {
            kind: DeploymentKind::Rollback.into(),
            replaces: sha("77aa001"),
            log_url: String::new(),
            ..deployment(joons_commit(), Succeeded, 86_000, Some(39))
        };
        let elsewhere = Deployment {
            requester: None,
            ..deployment(font(), Cancelled, 90_000, None)
        };
        let production = vec![
            deployment(font(), Pending, 5, None),
            deployment(font(), Running, 65, None),
            live,
            rollback,
            deployment(font(), Failed, 86_400, Some(63)),
            elsewhere,
            deployment(font(), Unknown, 100_000, None),
        ];
        let environments = vec![
            environment("production", production, true),
            environment("staging", Vec::new(), false),
            environment("qa", Vec::new(), true),
        ];
        insta::assert_snapshot!(rendered(&history(&answer(environments), now())), @"
        (*people*: production: `77aa001` is going out · staging: nothing deployed yet · qa: nothing lately)
        *people* · deployments · as of <!date^1795356120^{time}|14:02 UTC>
        *production*
        ⏳ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795356115^{date_short_pretty} {time}|2026-11-22 14:01 UTC> · waiting to start for 0:05 · Joon · <https://github.test/acme/people/actions/runs/7|log>
        ⏳ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795356055^{date_short_pretty} {time}|2026-11-22 14:00 UTC> · running for 1:05 · Joon · <https://github.test/acme/people/actions/runs/7|log>
        ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · <!date^1795356060^{date_short_pretty} {time}|2026-11-22 14:01 UTC> · succeeded in 42 s · Joon · *live* · <https://github.test/acme/people/actions/runs/7|log>
        ↩️ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` rollback of `77aa001` · <!date^1795270120^{date_short_pretty} {time}|2026-11-21 14:08 UTC> · succeeded in 39 s · Joon
        ❌ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795269720^{date_short_pretty} {time}|2026-11-21 14:02 UTC> · failed after 1 min 03 s · Joon · <https://github.test/acme/people/actions/runs/7|log>
        ⛔ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795266120^{date_short_pretty} {time}|2026-11-21 13:02 UTC> · cancelled · someone · <https://github.test/acme/people/actions/runs/7|log>
        ❓ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795256120^{date_short_pretty} {time}|2026-11-21 10:15 UTC> · GitHub says a state that I do not know · Joon · <https://github.test/acme/people/actions/runs/7|log>
        … there are older ones: `@deploybot history acme/people production 20`
        *staging* · nothing deployed yet
        *qa* · none among the newest deployments: `@deploybot history acme/people qa`
        ");
    }

    #[test]
    fn nothing_at_all_is_told() {
        insta::assert_snapshot!(rendered(&history(&answer(Vec::new()), now())), @"
        (*people*: no environment yet)
        *people* · deployments · as of <!date^1795356120^{time}|14:02 UTC>
        It has no environment yet. Environments are made in the repository's settings on GitHub.
        ");
    }

    #[test]
    fn an_answer_that_could_not_be_renewed_says_so_first() {
        let done = deployment(joons_commit(), DeploymentState::Succeeded, 7200, Some(42));
        let old = ListHistoryResponse {
            as_of: ago(600),
            stale: Some(Stale {
                reason: StaleReason::RateLimit.into(),
                retry_at: ago(-1800),
                incident: String::new(),
                is_partial: false,
            }),
            ..answer(vec![environment("production", vec![done], false)])
        };
        insta::assert_snapshot!(rendered(&history(&old, now())), @"
        (⚠️ GitHub's limit of calls is used up; as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago. *people*: production: `9f8e7d6` succeeded)
        ⚠️ *GitHub's limit of calls is used up* until <!date^1795357920^{time}|14:32 UTC>. This is as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago.
        *people* · deployments · as of <!date^1795355520^{time}|13:52 UTC>
        *production*
        ✅ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · <!date^1795348920^{date_short_pretty} {time}|2026-11-22 12:02 UTC> · succeeded in 42 s · Joon · <https://github.test/acme/people/actions/runs/7|log>
        ");
    }

    #[test]
    fn what_does_not_fit_can_be_asked_for() {
        let many = |number: usize, more| {
            environment(
                "production",
                vec![deployment(joons_commit(), DeploymentState::Succeeded, 60, Some(42)); number],
                more,
            )
        };
        let last = |environments| {
            let shown = rendered(&history(&answer(environments), now()));
            shown.lines().last().expect("a line").to_owned()
        };
        insta::assert_snapshot!(last(vec![many(10, true)]), @"… there are older ones: `@deploybot history acme/people production 20`");
        insta::assert_snapshot!(last(vec![many(50, true)]), @"… there are older ones; I list at most 50.");
        insta::assert_snapshot!(last(vec![many(50, false); 20]), @"… there are older ones: `@deploybot history acme/people production 50`");
        insta::assert_snapshot!(last(vec![many(1, false); 23]), @"~ … and `production`, `production`, `production`; for one of them: `@deploybot history acme/people &lt;environment&gt;`");
    }
}
