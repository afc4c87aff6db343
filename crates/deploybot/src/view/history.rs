//! The answer to `history`: per environment what was deployed, when, by whom,
//! and how it ended.

use deploy_proto::v1::{
    Deployment, DeploymentKind, DeploymentState, EnvironmentHistory, ListHistoryResponse,
};
use jiff::Timestamp;

use super::{
    block::{Block, Message, Mrkdwn},
    stale,
    text::{self, NAME, SUMMARISED, bold, dotted, led, pack, section},
    time,
};
use crate::{
    command::{MAX_LIMIT, RepositoryName},
    words::Words,
};

/// Environments listed, each with at least two paragraphs.
const ENVIRONMENTS: usize = 20;
/// Paragraphs for all of them, which leaves room for heading and hints.
const PARAGRAPHS: usize = 44;

/// A repository's deployments by environment, newest first. Lines to copy call it as
/// whoever asked does.
pub(crate) fn history(
    words: Words,
    answer: &ListHistoryResponse,
    asked: &RepositoryName,
    now: Timestamp,
) -> Message {
    let repository = text::repository(&answer.repository);
    let called = asked.calls(&answer.repository);
    let (stale, as_of) = (answer.stale.as_ref(), answer.as_of.as_ref());
    let heading = dotted([
        repository.clone(),
        words.history_deployments(),
        stale::beside_heading(words, stale, as_of, now),
    ]);
    let mut blocks: Vec<_> = stale::banner(words, stale, as_of, now)
        .into_iter()
        .collect();
    blocks.push(section(heading));
    let shown = answer.environments.len().min(ENVIRONMENTS);
    let (listed, others) = answer.environments.split_at(shown);
    let share = PARAGRAPHS / shown.max(1);
    for environment in listed {
        blocks.extend(
            paragraphs(words, called, environment, share, now)
                .into_iter()
                .map(section),
        );
    }
    if answer.environments.is_empty() {
        blocks.push(section(words.history_no_environment()));
    }
    if !others.is_empty() {
        blocks.push(Block::Context(vec![others_hint(words, called, others)]));
    }
    let summary = led(format_args!("{repository}:"), summary(words, answer));
    Message {
        words,
        text: text::sentences([stale::before(words, stale, as_of, now), summary]),
        blocks,
    }
}

/// An environment with its deployments, in at most `share` paragraphs.
fn paragraphs(
    words: Words,
    repository: &str,
    environment: &EnvironmentHistory,
    share: usize,
    now: Timestamp,
) -> Vec<Mrkdwn> {
    let name = bold(&environment.environment, NAME);
    if environment.deployments.is_empty() {
        let none = if environment.more {
            let alone = text::line(&format!("history {repository} {}", environment.environment));
            words.history_none_lately(alone)
        } else {
            words.text_nothing_deployed()
        };
        return vec![dotted([name, none])];
    }
    let lines: Vec<_> = environment
        .deployments
        .iter()
        .map(|deployment| line(words, deployment, now))
        .collect();
    let mut shown = lines.len();
    loop {
        let hint = older_hint(words, repository, environment, shown);
        let all = [name.clone()]
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

fn line(words: Words, deployment: &Deployment, now: Timestamp) -> Mrkdwn {
    let commit = deployment.commit.clone().unwrap_or_default();
    let what = match deployment.kind() {
        DeploymentKind::Rollback if deployment.replaces.is_empty() => words.history_rollback(),
        DeploymentKind::Rollback => words.history_rollback_after(text::sha(&deployment.replaces)),
        DeploymentKind::Deploy | DeploymentKind::Unspecified => {
            text::headline(words, &commit.headline)
        }
    };
    let created = time::moment(deployment.created_at.as_ref());
    let live = deployment.live.then(|| words.history_live());
    dotted([
        led(symbol(deployment), led(text::commit(&commit), what)),
        created.map(|at| time::date(words, at)).unwrap_or_default(),
        outcome(words, deployment, now),
        text::name(words, deployment.requester.as_ref()),
        live.unwrap_or_default(),
        text::link_if_any(&deployment.log_url, words.text_log()).unwrap_or_default(),
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
fn outcome(words: Words, deployment: &Deployment, now: Timestamp) -> Mrkdwn {
    let took = deployment.duration.as_ref();
    let took = took.map(|duration| time::length(words, duration));
    let so_far =
        time::moment(deployment.created_at.as_ref()).map(|at| time::running(words, at, now));
    match (deployment.state(), took, so_far) {
        (DeploymentState::Pending, _, Some(so_far)) => words.history_pending_for(so_far),
        (DeploymentState::Pending, _, None) => words.history_pending(),
        (DeploymentState::Running, _, Some(so_far)) => words.history_running_for(so_far),
        (DeploymentState::Running, _, None) => words.history_running(),
        (DeploymentState::Succeeded, Some(took), _) => words.history_succeeded_in(took),
        (DeploymentState::Succeeded, None, _) => words.history_succeeded(),
        (DeploymentState::Failed, Some(took), _) => words.history_failed_after(took),
        (DeploymentState::Failed, None, _) => words.history_failed(),
        (DeploymentState::Cancelled, Some(took), _) => words.history_cancelled_after(took),
        (DeploymentState::Cancelled, None, _) => words.history_cancelled(),
        (DeploymentState::Unknown | DeploymentState::Unspecified, ..) => words.history_unknown(),
    }
}

/// There are older ones, and how to see them.
fn older_hint(
    words: Words,
    repository: &str,
    environment: &EnvironmentHistory,
    shown: usize,
) -> Option<Mrkdwn> {
    if !environment.more && shown == environment.deployments.len() {
        return None;
    }
    let most = usize::from(MAX_LIMIT);
    if shown >= most {
        return Some(words.history_older_most(most));
    }
    let next = ((shown * 2).div_ceil(10) * 10).min(most);
    let line = format!("history {repository} {} {next}", environment.environment);
    Some(words.history_older(text::line(&line)))
}

fn others_hint(words: Words, repository: &str, others: &[EnvironmentHistory]) -> Mrkdwn {
    let names: Vec<_> = others
        .iter()
        .map(|other| other.environment.clone())
        .collect();
    let line = text::line(&format!("history {repository} <environment>"));
    words.history_others(text::list(words, &names, 10), line)
}

/// For notifications and screen readers: what came last in each environment.
fn summary(words: Words, answer: &ListHistoryResponse) -> Mrkdwn {
    if answer.environments.is_empty() {
        return words.history_summary_no_environment();
    }
    let shown = answer.environments.iter().take(SUMMARISED);
    dotted(shown.map(|environment| {
        let name = text::prose(&environment.environment, NAME);
        let newest = match environment.deployments.first() {
            None if environment.more => words.history_summary_nothing_lately(),
            None => words.text_nothing_deployed(),
            Some(newest) => last(words, newest),
        };
        led(format_args!("{name}:"), newest)
    }))
}

fn last(words: Words, deployment: &Deployment) -> Mrkdwn {
    let commit = deployment.commit.as_ref();
    let commit = commit
        .map(|commit| text::sha(&commit.sha))
        .unwrap_or_default();
    match deployment.state() {
        _ if deployment.live => words.history_summary_live(commit),
        DeploymentState::Pending | DeploymentState::Running => {
            words.history_summary_going_out(commit)
        }
        DeploymentState::Succeeded => words.history_summary_succeeded(commit),
        DeploymentState::Failed => words.history_summary_failed(commit),
        DeploymentState::Cancelled => words.history_summary_cancelled(commit),
        DeploymentState::Unknown | DeploymentState::Unspecified => {
            words.history_summary_unknown(commit)
        }
    }
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{Stale, StaleReason};

    use super::*;
    use crate::view::fixtures::{
        EN, ago, asked, commit, deployment, joons_commit, minjis_commit, now, rendered, sha,
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
        insta::assert_snapshot!(rendered(&history(EN, &answer(environments), &asked("acme/people"), now())), @"
        (*people*: production: `77aa001` is going out · staging: nothing deployed yet · qa: nothing lately)
        *people* · deployments · as of <!date^1795356120^{time}|14:02 UTC>
        *production*
        ⏳ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795356115^{date_short_pretty} {time}|2026-11-22 14:01 UTC> · waiting to start for 5 s · Joon · <https://github.test/acme/people/actions/runs/7|log>
        ⏳ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · <!date^1795356055^{date_short_pretty} {time}|2026-11-22 14:00 UTC> · running for 1 min 05 s · Joon · <https://github.test/acme/people/actions/runs/7|log>
        ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · <!date^1795356060^{date_short_pretty} {time}|2026-11-22 14:01 UTC> · succeeded in 42 s · Joon · *live* · <https://github.test/acme/people/actions/runs/7|log>
        ↩️ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` rollback after `77aa001` · <!date^1795270120^{date_short_pretty} {time}|2026-11-21 14:08 UTC> · succeeded in 39 s · Joon
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
        insta::assert_snapshot!(rendered(&history(EN, &answer(Vec::new()), &asked("acme/people"), now())), @"
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
                ..Stale::default()
            }),
            ..answer(vec![environment("production", vec![done], false)])
        };
        insta::assert_snapshot!(rendered(&history(EN, &old, &asked("acme/people"), now())), @"
        (⚠️ GitHub's limit of calls is used up; as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago. *people*: production: `9f8e7d6` succeeded)
        ⚠️ *GitHub's limit of calls is used up* until <!date^1795357920^{time}|14:32 UTC>. This is as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago.
        *people* · deployments
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
            let answer = answer(environments);
            let shown = rendered(&history(EN, &answer, &asked("people"), now()));
            shown.lines().last().expect("a line").to_owned()
        };
        insta::assert_snapshot!(last(vec![many(10, true)]), @"… there are older ones: `@deploybot history people production 20`");
        insta::assert_snapshot!(last(vec![many(50, true)]), @"… there are older ones; I list at most 50.");
        insta::assert_snapshot!(last(vec![many(50, false); 20]), @"… there are older ones: `@deploybot history people production 50`");
        insta::assert_snapshot!(last(vec![many(1, false); 23]), @"~ … and `production`, `production`, `production`; for one of them: `@deploybot history people &lt;environment&gt;`");
    }
}
