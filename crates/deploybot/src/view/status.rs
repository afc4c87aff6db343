//! The answer to `status`: the newest commits with their checks and where they
//! are live, then what each environment runs.

use deploy_proto::v1::{
    Checks, ChecksState, Commit, CommitStatus, Deployment, EnvironmentStatus, GetStatusResponse,
    LiveCommit,
};
use jiff::Timestamp;

use super::{
    action::{self, DeployAction},
    block::{Block, Button, Message, Mrkdwn},
    stale,
    text::{self, NAME, SUMMARISED, bold, dotted, led, section, sections},
    time,
};
use crate::{
    command::{CommitSha, RepositoryName},
    words::Words,
};

/// Commits with a paragraph and perhaps a button of their own; the older ones
/// share paragraphs, so that 50 of them fit a message.
const WITH_BUTTON: usize = 10;
/// Environments listed.
const ENVIRONMENTS: usize = 20;

/// The newest commits of a repository and what each environment runs.
pub(crate) fn status(words: Words, answer: &GetStatusResponse, now: Timestamp) -> Message {
    let repository = text::repository(&answer.repository);
    let newest = answer.commits.len().min(WITH_BUTTON);
    let (newest, older) = answer.commits.split_at(newest);
    let (stale, as_of) = (answer.stale.as_ref(), answer.as_of.as_ref());
    let mut blocks: Vec<_> = stale::banner(words, stale, as_of, now)
        .into_iter()
        .collect();
    blocks.push(section(heading(words, answer, now)));
    blocks.extend(newest.iter().map(|commit| Block::Section {
        text: row(words, commit, now),
        button: deploy_button(words, answer, commit),
    }));
    blocks.extend(sections(older.iter().map(|commit| row(words, commit, now))));
    blocks.push(Block::Divider);
    blocks.extend(sections(environments(words, answer, now)));
    if !older.is_empty() {
        blocks.push(Block::Context(vec![older_hint(words, &answer.repository)]));
    }
    let summary = led(format_args!("{repository}:"), summary(words, answer));
    Message {
        words,
        text: text::sentences([stale::before(words, stale, as_of, now), summary]),
        blocks,
    }
}

/// What a commit's checks say, in words.
pub(super) fn checks(words: Words, checks: Option<&Checks>) -> Mrkdwn {
    let Some(checks) = checks else {
        return words.status_checks_unreadable();
    };
    match checks.state() {
        ChecksState::None => words.status_checks_none(),
        ChecksState::Pending => words.status_checks_pending(checks.done, checks.total),
        ChecksState::Success => words.status_checks_passed(),
        ChecksState::Failure if checks.failed.is_empty() => words.status_checks_failed(),
        ChecksState::Failure => {
            words.status_checks_failed_named(text::names(words, &checks.failed, 3))
        }
        ChecksState::Unspecified | ChecksState::Unreadable => words.status_checks_unreadable(),
    }
}

fn heading(words: Words, answer: &GetStatusResponse, now: Timestamp) -> Mrkdwn {
    let name = text::link(
        &answer.url,
        text::prose(text::bare_name(&answer.repository), NAME),
    );
    let newest = match answer.commits.len() {
        0 => words.status_no_commits(),
        number => words.status_newest(number),
    };
    let as_of =
        time::moment(answer.as_of.as_ref()).map(|at| words.time_as_of(time::clock(words, at, now)));
    dotted([
        Mrkdwn::ours(format!("*{name}*")),
        text::prose(&answer.branch, NAME),
        newest,
        as_of.unwrap_or_default(),
    ])
}

fn row(words: Words, status: &CommitStatus, now: Timestamp) -> Mrkdwn {
    let commit = status.commit.clone().unwrap_or_default();
    let when = time::moment(commit.committed_at.as_ref()).map(|at| time::age(words, at, now));
    dotted([
        led(symbol(status), named(words, &commit)),
        text::prose(&commit.author, NAME),
        when.unwrap_or_default(),
        checks(words, status.checks.as_ref()),
        live_in(words, &status.live_in),
    ])
}

/// A commit by its SHA and headline.
fn named(words: Words, commit: &Commit) -> Mrkdwn {
    led(
        text::commit(commit),
        text::headline(words, &commit.headline),
    )
}

fn symbol(status: &CommitStatus) -> &'static str {
    match status.checks.as_ref().map(Checks::state) {
        Some(ChecksState::Success) => "✅",
        Some(ChecksState::Failure) => "❌",
        Some(ChecksState::Pending) => "⏳",
        Some(ChecksState::None) => "⚪",
        Some(ChecksState::Unspecified | ChecksState::Unreadable) | None => "⚠️",
    }
}

fn live_in(words: Words, environments: &[String]) -> Mrkdwn {
    let shown = environments
        .iter()
        .take(3)
        .map(|name| led("●", bold(name, NAME)));
    let more = environments.len().saturating_sub(3);
    let more = (more > 0).then(|| words.status_and_more(more));
    text::joined(" ", shown.chain(more))
}

/// For a commit that can go somewhere: its checks passed, and there is an
/// environment that it is not live in.
fn deploy_button(
    words: Words,
    answer: &GetStatusResponse,
    status: &CommitStatus,
) -> Option<Button> {
    let passed = status
        .checks
        .as_ref()
        .is_some_and(|checks| checks.state() == ChecksState::Success);
    let is_everywhere = answer
        .environments
        .iter()
        .all(|environment| status.live_in.contains(&environment.name));
    if !passed || is_everywhere {
        return None;
    }
    let action = DeployAction {
        repository: RepositoryName::new(&answer.repository)?,
        commit: CommitSha::new(&status.commit.as_ref()?.sha).ok()?,
    };
    Some(Button {
        label: words.status_deploy(),
        spoken: words.status_deploy_spoken(text::short_sha(action.commit.as_str()).to_owned()),
        action: action::DEPLOY.to_owned(),
        value: action.to_value(),
        confirm: None,
    })
}

fn environments(words: Words, answer: &GetStatusResponse, now: Timestamp) -> Vec<Mrkdwn> {
    if answer.environments.is_empty() {
        return vec![words.status_no_environment(text::repository(&answer.repository))];
    }
    let mut lines: Vec<_> = answer
        .environments
        .iter()
        .take(ENVIRONMENTS)
        .map(|it| environment(words, it, &answer.branch, now))
        .collect();
    match answer.environments.len().saturating_sub(ENVIRONMENTS) {
        0 => {}
        more => lines.push(words.status_more_environments(more)),
    }
    lines
}

/// What an environment runs, and what is going out to it.
pub(super) fn environment(
    words: Words,
    environment: &EnvironmentStatus,
    branch: &str,
    now: Timestamp,
) -> Mrkdwn {
    let name = bold(&environment.name, NAME);
    let live = match &environment.live {
        None => dotted([name, words.text_nothing_deployed()]),
        Some(live) => {
            let commit = live.commit.as_ref();
            let since = time::moment(live.since.as_ref());
            dotted([
                place(words, name, live, branch),
                commit
                    .map(|commit| named(words, commit))
                    .unwrap_or_default(),
                since
                    .map(|at| words.status_since(time::date(words, at)))
                    .unwrap_or_default(),
                text::link_if_any(&live.environment_url, words.text_open()).unwrap_or_default(),
            ])
        }
    };
    match &environment.running {
        None => live,
        Some(running) => Mrkdwn::ours(format!("{live}\n      {}", going_out(words, running, now))),
    }
}

/// Where the live commit of an environment stands on the branch.
fn place(words: Words, environment: Mrkdwn, live: &LiveCommit, branch: &str) -> Mrkdwn {
    let branch = text::prose(branch, NAME);
    match live.behind {
        None => words.status_not_on_branch(environment, branch),
        Some(0) => words.status_up_to_date(environment),
        Some(behind) => words.status_behind(environment, words.text_commits(behind), branch),
    }
}

fn going_out(words: Words, running: &Deployment, now: Timestamp) -> Mrkdwn {
    let commit = running
        .commit
        .as_ref()
        .map(text::commit)
        .unwrap_or_default();
    let since = time::moment(running.created_at.as_ref())
        .map(|at| words.status_running_for(time::running(at, now)));
    dotted([
        words.status_going_out(commit),
        words.text_asked_by(text::name(words, running.requester.as_ref())),
        since.unwrap_or_default(),
        text::link_if_any(&running.log_url, words.text_log()).unwrap_or_default(),
    ])
}

fn older_hint(words: Words, repository: &str) -> Mrkdwn {
    let line = text::line(&format!("deploy {repository} <environment> <commit>"));
    words.status_older_hint(WITH_BUTTON, line)
}

/// For notifications and screen readers.
fn summary(words: Words, answer: &GetStatusResponse) -> Mrkdwn {
    let places = answer
        .environments
        .iter()
        .take(SUMMARISED)
        .map(|environment| {
            let name = text::prose(&environment.name, NAME);
            match &environment.live {
                None => led(format_args!("{name}:"), words.text_nothing_deployed()),
                Some(live) => place(words, name, live, &answer.branch),
            }
        });
    let newest = answer
        .commits
        .first()
        .and_then(|newest| newest.commit.as_ref())
        .map_or_else(
            || words.status_no_commits(),
            |commit| {
                words.status_newest_is(
                    text::sha(&commit.sha),
                    text::headline(words, &commit.headline),
                )
            },
        );
    dotted([newest].into_iter().chain(places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixtures::{
        EN, ago, checks, commit, commit_status, deployment, environment, joons_commit,
        minjis_commit, now, passed, rendered,
    };
    use deploy_proto::v1::{DeploymentState, Stale, StaleReason};

    fn answer(
        commits: Vec<CommitStatus>,
        environments: Vec<EnvironmentStatus>,
    ) -> GetStatusResponse {
        GetStatusResponse {
            repository: "acme/people".to_owned(),
            branch: "main".to_owned(),
            commits,
            environments,
            as_of: ago(0),
            url: "https://github.test/acme/people".to_owned(),
            stale: None,
        }
    }

    #[test]
    fn commits_and_environments_are_told() {
        let commits = vec![
            commit_status(minjis_commit(), passed(), &["staging"]),
            commit_status(joons_commit(), passed(), &["production"]),
            commit_status(
                commit("77aa001", "Try the new font", "joon", 3 * 3600),
                checks(ChecksState::Failure, 3, 3, &["lint"]),
                &[],
            ),
            commit_status(
                commit("5c5c5c5", "Bump actix", "bora", 4 * 3600),
                checks(ChecksState::Pending, 3, 5, &[]),
                &[],
            ),
            commit_status(
                commit("1234abc", "Initial pages", "bora", 30 * 3600),
                passed(),
                &[],
            ),
            commit_status(
                commit("0000bad", "No workflow yet", "bora", 72 * 3600),
                checks(ChecksState::None, 0, 0, &[]),
                &[],
            ),
            commit_status(
                commit("0000bae", "Unread", "bora", 72 * 3600),
                checks(ChecksState::Unreadable, 0, 0, &[]),
                &[],
            ),
        ];
        let mut production = environment("production", Some((joons_commit(), Some(1))));
        production.running = Some(deployment(
            minjis_commit(),
            DeploymentState::Running,
            21,
            None,
        ));
        let environments = vec![
            production,
            environment(
                "development",
                Some((commit("fff0001", "A branch of its own", "bora", 60), None)),
            ),
            environment("qa", None),
            environment("staging", Some((minjis_commit(), Some(0)))),
        ];
        insta::assert_snapshot!(rendered(&status(EN, &answer(commits, environments), now())), @"
        (*people*: newest is `a1b2c3d` Add Minji to the team page · production is 1 commit behind main · development is not on main · qa: nothing deployed yet · staging is up to date)
        *<https://github.test/acme/people|people>* · main · newest 7 · as of <!date^1795356120^{time}|14:02 UTC>
        ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji · 3 min ago · checks passed · ● *staging*  [Deploy…](deploy repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000)
        ✅ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon · 2 h ago · checks passed · ● *production*  [Deploy…](deploy repository=acme%2Fpeople&commit=9f8e7d6000000000000000000000000000000000)
        ❌ `<https://github.test/acme/people/commit/77aa001|77aa001>` Try the new font · joon · 3 h ago · checks failed: lint
        ⏳ `<https://github.test/acme/people/commit/5c5c5c5|5c5c5c5>` Bump actix · bora · 4 h ago · checks running (3 of 5)
        ✅ `<https://github.test/acme/people/commit/1234abc|1234abc>` Initial pages · bora · yesterday · checks passed  [Deploy…](deploy repository=acme%2Fpeople&commit=1234abc000000000000000000000000000000000)
        ⚪ `<https://github.test/acme/people/commit/0000bad|0000bad>` No workflow yet · bora · 3 days ago · no checks
        ⚠️ `<https://github.test/acme/people/commit/0000bae|0000bae>` Unread · bora · 3 days ago · checks could not be read
        ----
        *production* is 1 commit behind main · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
              🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is going out · asked by Joon · for 0:21 · <https://github.test/acme/people/actions/runs/7|log>
        *development* is not on main · `<https://github.test/acme/people/commit/fff0001|fff0001>` A branch of its own · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://development.people.test/|open>
        *qa* · nothing deployed yet
        *staging* is up to date · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://staging.people.test/|open>
        ");
    }

    #[test]
    fn an_empty_repository_is_told() {
        insta::assert_snapshot!(rendered(&status(EN, &answer(Vec::new(), Vec::new()), now())), @"
        (*people*: no commits yet)
        *<https://github.test/acme/people|people>* · main · no commits yet · as of <!date^1795356120^{time}|14:02 UTC>
        ----
        *people* has no environment yet. Environments are made in the repository's settings on GitHub.
        ");
    }

    #[test]
    fn a_headline_from_outside_stays_text() {
        let nasty = commit(
            "a1b2c3d",
            "*Fix* <!channel> <@U1> `x` &lt; _y_\u{202e}",
            "<evil|x>",
            0,
        );
        let one = vec![commit_status(nasty, passed(), &[])];
        let rendered = rendered(&status(EN, &answer(one, Vec::new()), now()));
        insta::assert_snapshot!(rendered.lines().nth(2).expect("a row"), @"✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` ∗Fix∗ &lt;!channel&gt; &lt;@U1&gt; ˋxˋ &amp;lt; ˍyˍ� · &lt;evil|x&gt; · just now · checks passed");
    }

    #[test]
    fn a_commit_without_a_message_leaves_no_hole() {
        let mute = commit("a1b2c3d", " ", "bora", 60);
        let one = vec![commit_status(mute.clone(), passed(), &[])];
        let live = vec![environment("production", Some((mute, Some(0))))];
        insta::assert_snapshot!(rendered(&status(EN, &answer(one, live), now())), @"
        (*people*: newest is `a1b2c3d` _no message_ · production is up to date)
        *<https://github.test/acme/people|people>* · main · newest commit · as of <!date^1795356120^{time}|14:02 UTC>
        ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` _no message_ · bora · 1 min ago · checks passed  [Deploy…](deploy repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000)
        ----
        *production* is up to date · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` _no message_ · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
        ");
    }

    #[test]
    fn an_answer_that_could_not_be_renewed_says_so_first() {
        let one = vec![commit_status(joons_commit(), passed(), &["production"])];
        let live = vec![environment("production", Some((joons_commit(), Some(0))))];
        let old = GetStatusResponse {
            as_of: ago(360),
            stale: Some(Stale {
                reason: StaleReason::GithubUnavailable.into(),
                retry_at: ago(-60),
                incident: "Incident with API Requests".to_owned(),
                is_partial: false,
            }),
            ..answer(one, live)
        };
        insta::assert_snapshot!(rendered(&status(EN, &old, now())), @"
        (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. *people*: newest is `9f8e7d6` Show avatars (#41) · production is up to date)
        ⚠️ *GitHub does not answer*. GitHub says: “Incident with API Requests”. This is as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. The next try is at <!date^1795356180^{time}|14:03 UTC>.
        *<https://github.test/acme/people|people>* · main · newest commit · as of <!date^1795355760^{time}|13:56 UTC>
        ✅ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon · 2 h ago · checks passed · ● *production*
        ----
        *production* is up to date · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
        ");
    }

    #[test]
    fn of_fifty_commits_the_newest_have_buttons() {
        let commits = (0..50)
            .map(|n| {
                commit_status(
                    commit(&format!("a{n:06}"), "Change", "bora", n * 60),
                    passed(),
                    &[],
                )
            })
            .collect();
        let message = status(
            EN,
            &answer(commits, vec![environment("production", None)]),
            now(),
        );
        let shown = rendered(&message);
        assert_eq!(shown.matches("[Deploy…]").count(), 10);
        assert_eq!(shown.matches("✅").count(), 50);
        insta::assert_snapshot!(shown.lines().last().expect("a hint"), @"~ Buttons stand beside the newest 10; for an older commit: `@deploybot deploy acme/people &lt;environment&gt; &lt;commit&gt;`");
    }
}
