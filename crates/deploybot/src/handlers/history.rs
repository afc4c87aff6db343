//! `history`: what was deployed, in one question to the deploy service.

use deploy_proto::v1;

use super::{Answer, Bot};
use crate::{
    command::{EnvironmentName, Limit, RepositoryName},
    deploy::About,
    slack::event::Mention,
    view::{self, Asked},
};

pub(super) async fn answer(
    bot: &Bot,
    mention: &Mention,
    repository: &RepositoryName,
    environment: Option<&EnvironmentName>,
    limit: Option<Limit>,
) -> Answer {
    let environment = environment.map(EnvironmentName::as_str);
    let request = v1::ListHistoryRequest {
        repository: repository.to_string(),
        environment: environment.map(str::to_owned),
        page_size: limit.map(|limit| limit.get().into()),
    };
    let (words, answer) = tokio::join!(
        bot.people.words_of(&mention.user),
        bot.deploy.history(request)
    );
    match answer {
        Ok(history) => Answer {
            message: view::history(words, &history, repository, bot.clock.now()),
            place: mention.place(),
        },
        Err(error) => {
            error.log(About::Repository(repository), "the history can't be told");
            let message = view::call_error(
                words,
                &error.told(),
                Asked::ToKnow,
                repository.as_str(),
                environment,
            );
            Answer {
                message,
                place: mention.side(),
            }
        }
    }
}
