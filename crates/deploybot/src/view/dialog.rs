//! The dialog behind the button Deploy…: choose an environment, see what would
//! go out and what the gates say now, confirm.
//!
//! It is opened before anything is asked, because Slack waits 3 s, and updated
//! as answers come and another environment is chosen.

use deploy_proto::v1::{EnvironmentStatus, PreviewDeploymentResponse};
use jiff::Timestamp;

use super::error::{Asked, CallError};
use super::{
    action::{self, DeployAction},
    block::{Block, Modal, Mrkdwn},
    deploy, error, refusal,
    refusal::About,
    status,
    text::{self, NAME, bold, led, section, sections},
};
use crate::words::Words;

/// Slack's limit for a list.
const OPTIONS: usize = 100;
/// Slack's limit for the value of an option.
const OPTION_VALUE: usize = 150;
/// Longest sentence of a dialog that was not taken.
const REFUSED: usize = 500;
/// Refusals listed.
const LISTED: usize = 10;

/// What the dialog shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialog<'a> {
    /// The commit it is about.
    pub(crate) action: &'a DeployAction,
    /// Where it could go; none while `deploy` is asked.
    pub(crate) environments: Option<Result<&'a [EnvironmentStatus], &'a CallError>>,
    /// The environment chosen, one of those.
    pub(crate) chosen: Option<&'a str>,
    /// What would happen there; none while nothing is chosen or `deploy` is asked.
    pub(crate) preview: Option<Result<&'a PreviewDeploymentResponse, &'a CallError>>,
}

/// The dialog; it can be submitted when the gates would let the commit pass, and
/// while that is looked up: who submits it then is told so under its field, which
/// only a dialog that can be submitted has.
pub(crate) fn deploy_dialog(words: Words, dialog: &Dialog<'_>, now: Timestamp) -> Modal {
    let repository = dialog.action.repository.as_str();
    let mut blocks = vec![section(heading(words, dialog))];
    match dialog.environments {
        None => blocks.push(section(words.dialog_looking_up())),
        Some(Err(problem)) => {
            let why = error::sentence(words, problem, Asked::ByOpening, repository, None);
            blocks.push(section(why));
        }
        Some(Ok(environments)) => {
            blocks.extend(choice(words, environments, dialog.chosen, repository));
        }
    }
    if let (Some(Ok(_)), Some(chosen)) = (dialog.environments, dialog.chosen) {
        blocks.extend(consequences(words, dialog, chosen, now));
    }
    let submit = has_submit(dialog).then(|| words.dialog_submit());
    modal(words, dialog.action, submit, blocks)
}

fn has_submit(dialog: &Dialog<'_>) -> bool {
    let can_be_chosen = |environments: &[EnvironmentStatus]| {
        let chosen = |it: &EnvironmentStatus| Some(it.name.as_str()) == dialog.chosen;
        choices(environments).any(chosen)
    };
    let is_refused = match dialog.preview {
        None => false,
        Some(Ok(preview)) => !preview.refusals.is_empty(),
        Some(Err(_)) => true,
    };
    matches!(dialog.environments, Some(Ok(all)) if can_be_chosen(all)) && !is_refused
}

/// In place of a dialog that has no field to put a sentence under: why it was not
/// taken.
pub(crate) fn deploy_dialog_refused(words: Words, action: &DeployAction, why: &str) -> Modal {
    let dialog = Dialog {
        action,
        environments: None,
        chosen: None,
        preview: None,
    };
    let first = section(heading(words, &dialog));
    let why = section(text::prose(why, REFUSED));
    modal(words, action, None, vec![first, why])
}

fn modal(words: Words, action: &DeployAction, submit: Option<String>, blocks: Vec<Block>) -> Modal {
    let title = words.dialog_title(text::bare_name(action.repository.as_str()).to_owned());
    Modal {
        callback: action::DEPLOY_DIALOG.to_owned(),
        title: text::plain(&title, 24),
        submit,
        close: words.dialog_close(),
        private: action.to_value(),
        blocks,
    }
}

fn heading(words: Words, dialog: &Dialog<'_>) -> Mrkdwn {
    let repository = text::repository(dialog.action.repository.as_str());
    match dialog.preview {
        Some(Ok(PreviewDeploymentResponse {
            commit: Some(commit),
            ..
        })) => led(repository, deploy::described(words, commit)),
        _ => led(repository, text::sha(dialog.action.commit.as_str())),
    }
}

/// The environments that the list holds: as many as Slack takes, and no longer.
pub(crate) fn choices(
    environments: &[EnvironmentStatus],
) -> impl Iterator<Item = &EnvironmentStatus> {
    let fits =
        |it: &&EnvironmentStatus| !it.name.is_empty() && text::length(&it.name) <= OPTION_VALUE;
    environments.iter().filter(fits).take(OPTIONS)
}

fn choice(
    words: Words,
    environments: &[EnvironmentStatus],
    chosen: Option<&str>,
    repository: &str,
) -> Vec<Block> {
    let options: Vec<_> = choices(environments)
        .map(|it| (it.name.clone(), label(words, it)))
        .collect();
    let left_out = environments.len() - options.len();
    if options.is_empty() {
        return vec![section(
            words.dialog_no_environment(text::repository(repository)),
        )];
    }
    let chosen = chosen.filter(|chosen| options.iter().any(|(name, _)| name == chosen));
    let select = Block::Select {
        id: action::ENVIRONMENT.to_owned(),
        label: words.dialog_environment(),
        chosen: chosen.map(str::to_owned),
        options,
    };
    let line = text::line(&format!("deploy {repository} <environment> <commit>"));
    let note = (left_out > 0).then(|| section(words.dialog_left_out(left_out, line)));
    [select].into_iter().chain(note).collect()
}

/// "production, runs 9f8e7d6".
fn label(words: Words, environment: &EnvironmentStatus) -> String {
    let name = text::plain(&environment.name, 24);
    let live = environment.live.as_ref();
    match live.and_then(|live| live.commit.as_ref()) {
        Some(commit) => words.dialog_runs(name, text::plain(text::short_sha(&commit.sha), 10)),
        None => words.dialog_nothing_deployed(name),
    }
}

/// What would go out, and what the gates say now.
fn consequences(words: Words, dialog: &Dialog<'_>, chosen: &str, now: Timestamp) -> Vec<Block> {
    let repository = dialog.action.repository.as_str();
    match dialog.preview {
        None => vec![section(words.dialog_looking(bold(chosen, NAME)))],
        Some(Err(problem)) => {
            let asked = Asked::ByOpening;
            let why = error::sentence(words, problem, asked, repository, Some(chosen));
            vec![section(why)]
        }
        Some(Ok(preview)) => {
            let mut blocks = sections(changes(words, preview));
            blocks.push(Block::Divider);
            blocks.extend(sections(verdict(words, dialog, preview, chosen, now)));
            blocks
        }
    }
}

fn changes(words: Words, preview: &PreviewDeploymentResponse) -> Vec<Mrkdwn> {
    let Some(changes) = &preview.changes else {
        return Vec::new();
    };
    let difference = deploy::difference(words, changes);
    let heading = match (changes.ahead, changes.behind) {
        (0, 0) => difference,
        (0, _) => words.dialog_goes_back(difference),
        (_, 0) => words.dialog_goes_out(difference),
        (..) => led("⚠️", words.dialog_goes_out(difference)),
    };
    let listed = deploy::listed(words, changes);
    [heading].into_iter().chain(listed).collect()
}

fn verdict(
    words: Words,
    dialog: &Dialog<'_>,
    preview: &PreviewDeploymentResponse,
    chosen: &str,
    now: Timestamp,
) -> Vec<Mrkdwn> {
    if preview.refusals.is_empty() {
        let checks = status::checks(words, preview.checks.as_ref());
        return vec![words.dialog_ready(bold(&preview.environment, NAME), checks)];
    }
    let about = About {
        repository: dialog.action.repository.as_str(),
        environment: chosen,
        commit: dialog.action.commit.as_str(),
        checks: preview.checks.as_ref(),
        stands: false,
    };
    let refusals = preview.refusals.iter().take(LISTED);
    let lines = refusals.map(|one| led("•", refusal::sentence(words, one, about, now)));
    let symbol = refusal::symbol(&preview.refusals);
    let first = led(symbol, words.dialog_may_not(bold(chosen, NAME)));
    [first].into_iter().chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::Reason;

    use super::*;
    use crate::{
        command::{CommitSha, RepositoryName},
        view::Hindrance,
        view::fixtures::{
            EN, changes, environment, joons_commit, minjis_commit, now, passed, refusal,
            rendered_modal, sha,
        },
    };

    fn action() -> DeployAction {
        DeployAction {
            repository: RepositoryName::new("acme/people").expect("valid"),
            commit: CommitSha::new(&sha("a1b2c3d")).expect("valid"),
        }
    }

    fn preview() -> PreviewDeploymentResponse {
        PreviewDeploymentResponse {
            refusals: Vec::new(),
            commit: Some(minjis_commit()),
            changes: changes(12, 0, vec![minjis_commit(), joons_commit()]),
            checks: passed(),
            environment: "production".to_owned(),
        }
    }

    fn shown(
        environments: Option<Result<&[EnvironmentStatus], &CallError>>,
        chosen: Option<&str>,
        preview: Option<Result<&PreviewDeploymentResponse, &CallError>>,
    ) -> String {
        let action = action();
        rendered_modal(&deploy_dialog(
            EN,
            &Dialog {
                action: &action,
                environments,
                chosen,
                preview,
            },
            now(),
        ))
    }

    #[test]
    fn it_fills_up_as_answers_come() {
        let environments = [
            environment("production", Some((joons_commit(), Some(1)))),
            environment("qa", None),
        ];
        let environments = Some(Ok(environments.as_slice()));
        insta::assert_snapshot!(shown(None, None, None), @"
        # Deploy people
        *people* `a1b2c3d`
        ⏳ Looking up the environments…
        # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
        insta::assert_snapshot!(shown(environments, None, None), @"
        # Deploy people
        *people* `a1b2c3d`
        Environment (environment): none of production (production, runs 9f8e7d6) | qa (qa, nothing deployed yet)
        # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
        insta::assert_snapshot!(shown(environments, Some("production"), None), @"
        # Deploy people
        *people* `a1b2c3d`
        Environment (environment): production of production (production, runs 9f8e7d6) | qa (qa, nothing deployed yet)
        ⏳ Looking at what would go to *production*…
        # [Deploy] repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
        insta::assert_snapshot!(shown(environments, Some("production"), Some(Ok(&preview()))), @"
        # Deploy people
        *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        Environment (environment): production of production (production, runs 9f8e7d6) | qa (qa, nothing deployed yet)
        Goes out: 12 commits since `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>)
        • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… and 10 more>
        ----
        ✅ Ready for *production*: checks passed
        # [Deploy] repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
    }

    #[test]
    fn what_the_gates_refuse_can_not_be_submitted() {
        let environments = [environment("production", None)];
        let refused = PreviewDeploymentResponse {
            refusals: vec![refusal(Reason::ChecksFailed, &["lint"], "")],
            changes: changes(0, 2, vec![joons_commit()]),
            ..preview()
        };
        insta::assert_snapshot!(shown(Some(Ok(&environments)), Some("production"), Some(Ok(&refused))), @"
        # Deploy people
        *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
        Environment (environment): production of production (production, nothing deployed yet)
        ⚠️ This goes back: it takes 2 commits away, back from `9f8e7d6` (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|compare>)
        • `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon
        <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… and 1 more>
        ----
        ❌ It may not go to *production* now:
        • Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
        # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
    }

    #[test]
    fn what_could_not_be_asked_is_told() {
        let environments = [environment("production", None)];
        let problem = CallError::Hindered(Hindrance::TimedOut);
        insta::assert_snapshot!(shown(Some(Err(&problem)), None, None), @"
        # Deploy people
        *people* `a1b2c3d`
        ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Close this and open it again in a minute.
        # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
        insta::assert_snapshot!(shown(Some(Ok(&[])), None, None), @"
        # Deploy people
        *people* `a1b2c3d`
        *people* has no environment yet.
        # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
        insta::assert_snapshot!(shown(Some(Ok(&environments)), Some("production"), Some(Err(&problem))), @"
        # Deploy people
        *people* `a1b2c3d`
        Environment (environment): production of production (production, nothing deployed yet)
        ⚠️ There was no answer in time: the deploy service is slow, or GitHub behind it. Close this and open it again in a minute.
        # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
        ");
    }
}
