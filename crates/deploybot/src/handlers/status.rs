//! `status`: what runs where, in one question to the deploy service.

use deploy_proto::v1;

use super::{Answer, Bot};
use crate::{
    command::{Limit, RepositoryName},
    deploy::About,
    slack::event::Mention,
    view::{self, Asked},
};

pub(super) async fn answer(
    bot: &Bot,
    mention: &Mention,
    repository: &RepositoryName,
    limit: Option<Limit>,
) -> Answer {
    let request = v1::GetStatusRequest {
        repository: repository.to_string(),
        limit: limit.map(|limit| limit.get().into()),
    };
    let (words, answer) = tokio::join!(
        bot.people.words_of(&mention.user),
        bot.deploy.status(request)
    );
    match answer {
        Ok(status) => Answer {
            message: view::status(words, &status, repository, bot.clock.now()),
            place: mention.place(),
        },
        Err(error) => {
            error.log(About::Repository(repository), "the status can't be told");
            let message = view::call_error(
                words,
                &error.told(),
                Asked::ToKnow,
                repository.as_str(),
                None,
            );
            Answer {
                message,
                place: mention.side(),
            }
        }
    }
}
