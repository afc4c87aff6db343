//! The faults that must end well, a row each: what is promised of it in
//! `docs/reliability.md`, and the test that holds the promise, on either
//! database. Whatever happens, a request ends, has at most one deployment, which
//! ends too, and nobody reads GitHub's own words of an error.

mod answers;
mod behind;
mod clocks;
mod following;
mod hints;
mod limits;
mod lost;
mod stage;

use crate::{order, people, wishes};

const DOCUMENT: &str = include_str!("../../../../docs/reliability.md");

/// Makes two tests of each row, one on either database, and the list of the
/// faults as the document has it.
macro_rules! table {
    ($($fault:literal => $part:ident::$row:ident,)+) => {
        const FAULTS: &[&str] = &[$($fault),+];
        mod on_sqlite {
            $(#[tokio::test]
            async fn $row() {
                super::$part::$row(crate::world::Engine::Sqlite).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $row() {
                super::$part::$row(crate::world::Engine::Postgres).await;
            })+
        }
    };
}

table! {
    "GitHub makes the deployment and answers 502" => lost::answered_with_502,
    "GitHub makes the deployment, answers 502, and refuses to be asked for it" => lost::search_refused,
    "The connection is cut before GitHub has the request" => lost::cut_before,
    "The connection is cut while GitHub answers" => lost::cut_during,
    "The connection is cut after GitHub has made the deployment" => lost::cut_after,
    "GitHub makes the deployment after everyone has given up" => lost::made_late,
    "`deploy` is killed between any two steps" => lost::killed,
    "The token has expired (401)" => limits::token_expired,
    "A token of the GitHub App has expired (401)" => limits::app_token_expired,
    "GitHub does not accept the App (401)" => limits::app_not_accepted,
    "GitHub limits calls: 403 with `Retry-After`" => limits::forbidden_with_retry_after,
    "GitHub limits calls: 429 with `Retry-After`" => limits::too_many_with_retry_after,
    "GitHub limits calls: 403 with the time of the reset" => limits::forbidden_with_reset,
    "GitHub limits calls: 429 with the time of the reset" => limits::too_many_with_reset,
    "GitHub limits calls: 403 in words only" => limits::forbidden_in_words_only,
    "GitHub limits calls: 429 in words only" => limits::too_many_in_words_only,
    "GraphQL answers 200 with `RATE_LIMITED`" => limits::graphql_limited,
    "GitHub limits the calls about one owner" => following::one_owner_limited,
    "A proxy answers 200 with a page of its own" => answers::a_page,
    "GraphQL answers 200 with a part of the data" => answers::partial_data,
    "GraphQL answers 200 with null nodes" => answers::null_nodes,
    "GitHub says a word that nobody knew" => answers::unknown_words,
    "A deployment's payload is a string, an array, or 1 MB" => answers::odd_payloads,
    "A webhook comes before the answer to the creation" => hints::before_the_answer,
    "1,000 webhooks come in a second" => hints::a_thousand,
    "A webhook is forged" => hints::forged,
    "A webhook is replayed" => hints::replayed,
    "A webhook has 26 MiB" => hints::too_large,
    "The branch is force-pushed between check and creation" => behind::force_pushed,
    "Someone deletes the deployment" => behind::deleted,
    "Someone renames the environment" => behind::renamed,
    "Someone makes a deployment on GitHub" => following::made_by_another,
    "The webhook of someone's deployment is lost" => following::webhook_lost,
    "Someone renames the repository" => following::repository_renamed,
    "A row of the journal is damaged, or a later version's" => following::row_unreadable,
    "deploybot's access to a repository is taken away" => following::access_taken_away,
    "GitHub does not answer for longer than a deployment may stand still" => following::away,
    "GitHub is away while several ask for one environment" => order::who_asked_last_for_what_is_live_is_not_told_so_while_another_is_to_go_out,
    "What somebody wants comes twice, or after what they want since" => wishes::what_is_repeated_or_late_reverts_nothing,
    "GitHub's answer that says who somebody is gets lost" => people::a_lost_proof_is_begun_anew,
    "The clock is 10 minutes fast" => clocks::fast,
    "The clock is 10 minutes slow" => clocks::slow,
}

/// The first column of the document's table; Slack's has its own section and test.
fn documented() -> Vec<&'static str> {
    let (of_github, _) = DOCUMENT.split_once("\n## Slack\n").unwrap();
    let rows = of_github.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split(" | ").next())
        .filter(|fault| *fault != "Fault" && !fault.starts_with("---"))
        .collect()
}

#[test]
fn each_row_of_the_document_has_its_test_and_each_test_its_row() {
    assert_eq!(documented(), FAULTS);
}
