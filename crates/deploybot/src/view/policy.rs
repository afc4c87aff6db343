//! Why a repository's own rules could not be read, and where.

use deploy_proto::v1::{PolicyFault, PolicyProblem};

use super::{
    block::Mrkdwn,
    text::{self, NAME},
};
use crate::words::Words;

/// A word of the file, as long as the service repeats it.
const WORD: usize = 40;
/// What the parser says.
const PARSER: usize = 100;

/// A clause without a full stop, to be read after a colon; none where there are no
/// words for it here.
pub(super) fn clause(words: Words, problem: &PolicyProblem) -> Option<Mrkdwn> {
    let why = why(words, problem)?;
    Some(match problem.line {
        0 => words.policy_whole(why),
        line => words.policy_at(line, problem.column, why),
    })
}

fn why(words: Words, problem: &PolicyProblem) -> Option<Mrkdwn> {
    let text = || text::code(&problem.text, WORD);
    Some(match problem.fault() {
        PolicyFault::Folder => words.policy_folder(),
        PolicyFault::TooLong => words.policy_too_long(problem.most_kib),
        PolicyFault::NotText => words.policy_not_text(),
        PolicyFault::Syntax => words.policy_syntax(text::code(&problem.text, PARSER)),
        PolicyFault::SeveralDocuments => words.policy_several_documents(),
        PolicyFault::Anchor => words.policy_anchor(),
        PolicyFault::Tag => words.policy_tag(),
        PolicyFault::TooDeep => words.policy_too_deep(),
        PolicyFault::KeyNotText => words.policy_key_not_text(),
        PolicyFault::Twice => words.policy_twice(text()),
        PolicyFault::UnknownKey => {
            words.policy_unknown_key(text(), text::code(&problem.known, NAME))
        }
        PolicyFault::FileWithoutKeys => words.policy_file_without_keys(),
        PolicyFault::EnvironmentsWithoutKeys => words.policy_environments_without_keys(),
        PolicyFault::EnvironmentWithoutKeys => words.policy_environment_without_keys(),
        PolicyFault::BadEnvironment => words.policy_bad_environment(text()),
        PolicyFault::NoChannel => words.policy_no_channel(),
        PolicyFault::BadChannel => words.policy_bad_channel(text()),
        PolicyFault::Unspecified => return None,
    })
}
