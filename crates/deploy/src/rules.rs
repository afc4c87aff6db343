//! What a repository's own rules say is kept whenever they are read, and they are
//! read with whatever is asked about it: so the channels that they name are known
//! before anything is told.

use crate::{github::Rules, model::RepositoryName, store::Store};

/// Keeps it. `asked` is how the repository was called when GitHub was asked: who
/// follows it by that name follows it by its new one from then on. Rules that can't be
/// read hinder nothing here, and what they said before holds. Nor does a journal that
/// fails.
pub(crate) async fn keep(store: &Store, asked: &RepositoryName, rules: &Rules) {
    let repository = &rules.repository;
    if !repository.is_same(asked) {
        match store.renamed(asked, repository).await {
            Ok(0) => {}
            Ok(followed) => tracing::info!(
                %repository, before = %asked, followed,
                "a repository is called otherwise; who followed it goes on"
            ),
            Err(error) => tracing::warn!(
                %repository, before = %asked,
                error = &error as &dyn std::error::Error,
                "who follows a repository cannot be told of its new name"
            ),
        }
    }
    let channels = match &rules.channels {
        Ok(channels) => channels,
        Err(error) if store.is_to_be_told(repository, &error.to_string()) => {
            return tracing::warn!(
                %repository, %error,
                "a repository's own rules can't be read; what they said before holds"
            );
        }
        Err(_) => return,
    };
    if let Err(error) = store.keep_channels(repository, channels).await {
        tracing::warn!(
            %repository,
            error = &error as &dyn std::error::Error,
            "the channels of a repository's own rules cannot be kept"
        );
    }
}
