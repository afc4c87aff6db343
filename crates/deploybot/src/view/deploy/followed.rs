//! A deployment, for a channel that follows it: one short line. It has no button,
//! for whoever reads it there may have nothing to do with it, and notifies nobody.

use deploy_proto::v1::{Deployment, ElsewhereDeployment, Moment, Request, RequestState};

use super::{failed, is_rollback, log, names, took};
use crate::{
    view::{
        block::{Message, Mrkdwn},
        text::{self, dotted, led, section},
    },
    words::Words,
};

/// One that was asked for in another channel.
pub(crate) fn followed_request(words: Words, request: &Request) -> Message {
    let who = text::name(words, request.requester.as_ref());
    let channel = request.reply.as_ref().map(|reply| reply.channel.as_str());
    // A direct message is nobody else's business.
    let channel = channel.filter(|channel| channel.starts_with(['C', 'G']));
    let asked = match channel {
        Some(channel) => words.followed_asked_in(who, text::channel(channel)),
        None => words.text_asked_by(who),
    };
    message(words, request, asked)
}

/// One that nobody asked the bot for.
pub(crate) fn followed_elsewhere(
    words: Words,
    elsewhere: &ElsewhereDeployment,
    moment: Moment,
) -> Message {
    let deployment = elsewhere.deployment.clone().unwrap_or_default();
    let made = words.followed_made_on_github(text::name(words, deployment.requester.as_ref()));
    let state = match moment {
        Moment::Succeeded => RequestState::Succeeded,
        Moment::Failed => RequestState::Failed,
        Moment::Started | Moment::Unspecified => RequestState::Running,
    };
    let request = as_asked(elsewhere, deployment, state);
    message(words, &request, made)
}

/// As it would be if it had been asked for.
fn as_asked(
    elsewhere: &ElsewhereDeployment,
    deployment: Deployment,
    state: RequestState,
) -> Request {
    Request {
        state: state.into(),
        repository: elsewhere.repository.clone(),
        environment: deployment.environment.clone(),
        commit: deployment.commit.clone(),
        kind: deployment.kind,
        failure: elsewhere.failure.clone(),
        why: elsewhere.why.clone(),
        deployment: Some(deployment),
        ..Request::default()
    }
}

fn message(words: Words, request: &Request, whose: Mrkdwn) -> Message {
    let (repository, commit, environment) = names(request);
    let what = match (request.state(), is_rollback(request)) {
        (RequestState::Succeeded, true) => words.request_back(repository, commit, environment),
        (RequestState::Succeeded, false) => words.request_live(repository, commit, environment),
        (RequestState::Failed, _) => led("❌", failed::did_not_reach(words, request)),
        (_, true) => words.followed_goes_back(repository, commit, environment),
        (_, false) => words.followed_goes_out(repository, commit, environment),
    };
    let took = took(words, request.deployment.as_ref());
    let took = took.map(|took| match request.state() {
        RequestState::Failed => words.failed_after(took),
        _ => took,
    });
    let log = log(words, request);
    let text = dotted([
        what,
        took.unwrap_or_default(),
        whose,
        log.unwrap_or_default(),
    ]);
    Message {
        words,
        blocks: vec![section(text.clone())],
        text,
    }
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{DeploymentState, Person, ReplyAddress};

    use super::*;
    use crate::view::fixtures::{self, EN, KO};

    fn in_a_channel(state: RequestState) -> Request {
        let made = match state {
            RequestState::Running => (DeploymentState::Running, None),
            RequestState::Succeeded => (DeploymentState::Succeeded, Some(42)),
            _ => (DeploymentState::Failed, Some(42)),
        };
        let commit = fixtures::minjis_commit();
        Request {
            deployment: Some(fixtures::deployment(commit, made.0, 60, made.1)),
            reply: Some(ReplyAddress {
                channel: "C0123456789".to_owned(),
                ..Default::default()
            }),
            ..fixtures::request(state)
        }
    }

    fn elsewhere(state: DeploymentState) -> ElsewhereDeployment {
        let took = Some(42).filter(|_| state != DeploymentState::Running);
        let commit = fixtures::minjis_commit();
        ElsewhereDeployment {
            repository: "acme/people".to_owned(),
            deployment: Some(Deployment {
                requester: Some(Person {
                    github: "joon".to_owned(),
                    ..Default::default()
                }),
                ..fixtures::deployment(commit, state, 60, took)
            }),
            failure: String::new(),
            why: None,
        }
    }

    #[test]
    fn it_is_one_line_that_calls_nobody() {
        let states = [
            RequestState::Running,
            RequestState::Succeeded,
            RequestState::Failed,
        ];
        let said = [EN, KO].map(|words| {
            let lines = states.map(|state| {
                let message = followed_request(words, &in_a_channel(state));
                assert_eq!(message.blocks.len(), 1);
                message.text.into_string()
            });
            lines.join("\n")
        });
        assert!(!said.concat().contains("<@"));
        insta::assert_snapshot!(said.join("\n"), @"
        🚀 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` goes out to *production* · asked by Minji in <#C0123456789> · <https://github.test/acme/people/actions/runs/7|log>
        ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is live in *production* · 42 s · asked by Minji in <#C0123456789> · <https://github.test/acme/people/actions/runs/7|log>
        ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: its workflow says no more · after 42 s · asked by Minji in <#C0123456789> · <https://github.test/acme/people/actions/runs/7|log>
        🚀 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하고 있어요 · <#C0123456789> 채널에서 Minji 님이 요청 · <https://github.test/acme/people/actions/runs/7|로그>
        ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포했어요 · 42초 · <#C0123456789> 채널에서 Minji 님이 요청 · <https://github.test/acme/people/actions/runs/7|로그>
        ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하지 못했어요: 워크플로가 이유를 알려 주지 않음 · 42초 만에 · <#C0123456789> 채널에서 Minji 님이 요청 · <https://github.test/acme/people/actions/runs/7|로그>
        ");
    }

    #[test]
    fn what_was_made_on_github_says_so() {
        let moments = [
            (Moment::Started, DeploymentState::Running),
            (Moment::Succeeded, DeploymentState::Succeeded),
            (Moment::Failed, DeploymentState::Failed),
        ];
        let said = [EN, KO].map(|words| {
            let lines = moments.map(|(moment, state)| {
                let message = followed_elsewhere(words, &elsewhere(state), moment);
                message.text.into_string()
            });
            lines.join("\n")
        });
        insta::assert_snapshot!(said.join("\n"), @"
        🚀 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` goes out to *production* · made on GitHub by joon, not through me · <https://github.test/acme/people/actions/runs/7|log>
        ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is live in *production* · 42 s · made on GitHub by joon, not through me · <https://github.test/acme/people/actions/runs/7|log>
        ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` did not reach *production*: its workflow says no more · after 42 s · made on GitHub by joon, not through me · <https://github.test/acme/people/actions/runs/7|log>
        🚀 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하고 있어요 · joon 님이 저를 거치지 않고 GitHub에서 직접 생성 · <https://github.test/acme/people/actions/runs/7|로그>
        ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포했어요 · 42초 · joon 님이 저를 거치지 않고 GitHub에서 직접 생성 · <https://github.test/acme/people/actions/runs/7|로그>
        ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하지 못했어요: 워크플로가 이유를 알려 주지 않음 · 42초 만에 · joon 님이 저를 거치지 않고 GitHub에서 직접 생성 · <https://github.test/acme/people/actions/runs/7|로그>
        ");
    }
}
