//! A request that rules refused: the message that shows it, and what its requester
//! is told who waited for it.

use deploy_proto::v1::Request;
use jiff::Timestamp;

use super::{asked_by, is_rollback, names};
use crate::{
    view::{
        block::{Block, Message, Mrkdwn},
        refusal::{self, About},
        text::{self, dotted, led},
    },
    words::Words,
};

/// Refusals shown.
const REFUSALS: usize = 8;

/// Says why, and what to do.
pub(super) fn shown(words: Words, request: &Request, now: Timestamp) -> Message {
    let symbol = refusal::symbol(&request.refusals);
    let why = why_refused(words, request, now);
    let (text, lines) = match why.as_slice() {
        [only] => {
            let line = led(symbol, only);
            (in_one_line(request, symbol, only), vec![line])
        }
        _ => {
            let (repository, commit, environment) = names(request);
            let first = words.request_may_not(repository, commit, environment);
            let first = Mrkdwn::ours(format!("{symbol} {first}:"));
            let lines = why.into_iter().map(|one| led("•", one));
            let lines = [first.clone()].into_iter().chain(lines).collect();
            (led(first, refusal::titles(words, &request.refusals)), lines)
        }
    };
    let mut blocks = text::sections(lines);
    // One rule's sentence need not say what it refused.
    let (repository, commit, environment) = names(request);
    let what = match request.refusals.len() {
        ..=1 => words.refused_what(repository, commit, environment),
        _ => Mrkdwn::default(),
    };
    let asked = dotted([what, asked_by(words, request), words.text_nothing_changed()]);
    blocks.push(Block::Context(vec![asked]));
    Message {
        words,
        text,
        blocks,
    }
}

/// The one refusal for notifications, which show nothing else: of which repository it
/// is stands there too.
fn in_one_line(request: &Request, symbol: &str, only: &Mrkdwn) -> Mrkdwn {
    let repository = text::repository(&request.repository);
    let is_named = |name: &Mrkdwn| only.as_str().contains(name.as_str());
    // One that is not there is told as it was asked for.
    if is_named(&repository) || is_named(&text::code(&request.repository, 60)) {
        return led(symbol, only);
    }
    led(symbol, led(format_args!("{repository}:"), only))
}

/// It waited and was refused then, told to the one who asked: a new message, because
/// an edit notifies nobody.
pub(crate) fn request_refused(words: Words, request: &Request, now: Timestamp) -> Message {
    let who = text::mention(words, request.requester.as_ref());
    let (repository, commit, environment) = names(request);
    let told = if is_rollback(request) {
        words.refused_your_rollback(who, repository, commit, environment)
    } else {
        words.refused_your_deploy(who, repository, commit, environment)
    };
    let first = led(refusal::symbol(&request.refusals), told);
    let why = why_refused(words, request, now);
    let lines: Vec<_> = match why.as_slice() {
        [_] => [first].into_iter().chain(why).collect(),
        _ => {
            let listed = why.into_iter().map(|one| led("•", one));
            [first].into_iter().chain(listed).collect()
        }
    };
    Message {
        words,
        text: text::lines(lines.clone()),
        blocks: text::sections(lines),
    }
}

/// Each rule that refused it, in its sentences.
fn why_refused(words: Words, request: &Request, now: Timestamp) -> Vec<Mrkdwn> {
    let sha = request
        .commit
        .as_ref()
        .map_or("", |commit| commit.sha.as_str());
    let about = About {
        repository: &request.repository,
        environment: &request.environment,
        commit: sha,
        checks: request.checks.as_ref(),
        stands: true,
    };
    let shown = request.refusals.iter().take(REFUSALS);
    shown
        .map(|one| refusal::sentence(words, one, about, now))
        .collect()
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{DeploymentKind, Reason, RequestState};

    use super::*;
    use crate::view::fixtures::{self, EN, KO, now, refusal, rendered};

    #[test]
    fn a_refusal_by_one_rule_says_what_it_refused_also_in_its_notification() {
        let mut refused = fixtures::request(RequestState::Refused);
        refused.refusals = vec![refusal(Reason::ChecksFailed, &["lint"], "")];
        insta::assert_snapshot!(rendered(&super::shown(EN, &refused, now())), @"
        (❌ *people*: Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.)
        ❌ Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
        ~ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production* · asked by <@U1MINJI> · nothing was changed
        ");
    }

    #[test]
    fn who_waited_in_vain_is_told_with_a_mention() {
        let mut refused = fixtures::request(RequestState::Refused);
        refused.refusals = vec![refusal(Reason::ChecksFailed, &["lint"], "")];
        let told = |refused: &Request| {
            [EN, KO].map(|words| rendered(&request_refused(words, refused, now())))
        };
        insta::assert_snapshot!(told(&refused).join("\n"), @"
        (❌ <@U1MINJI>: your deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production* has waited, and was refused now. Nothing was changed.
        Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.)
        ❌ <@U1MINJI>: your deploy of *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` to *production* has waited, and was refused now. Nothing was changed.
        Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
        (❌ <@U1MINJI> 님, 기다리던 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포가 거부됐어요. 바뀐 것은 없어요.
        `a1b2c3d` 커밋의 체크가 실패했어요: `lint`. 고친 커밋을 배포하거나, 체크가 우연히 실패했다면 GitHub에서 다시 실행한 다음 다시 요청하세요.)
        ❌ <@U1MINJI> 님, 기다리던 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포가 거부됐어요. 바뀐 것은 없어요.
        `a1b2c3d` 커밋의 체크가 실패했어요: `lint`. 고친 커밋을 배포하거나, 체크가 우연히 실패했다면 GitHub에서 다시 실행한 다음 다시 요청하세요.
        ");
        refused.kind = DeploymentKind::Rollback.into();
        refused.refusals.push(refusal(Reason::Frozen, &[], ""));
        insta::assert_snapshot!(request_refused(EN, &refused, now()).text, @"
        ⛔ <@U1MINJI>: your rollback of *people* to `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` in *production* has waited, and was refused now. Nothing was changed.
        • Checks of `a1b2c3d` failed: `lint`. Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
        • *production* of *people* takes no deployments now. Ask again when the freeze is over.
        ");
    }
}
