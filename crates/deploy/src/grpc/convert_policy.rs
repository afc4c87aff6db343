//! Why a repository's own rules could not be read, from the domain to the
//! contract's codes, each with what a sentence about it needs.

use deploy_proto::v1::{self, PolicyFault};

use super::convert::count;
use crate::model::{PolicyError, PolicyProblem, PolicyTaker};

/// None where there is no more than a sentence.
pub(super) fn policy(error: PolicyError) -> Option<v1::PolicyProblem> {
    let place = |number: usize| count(u32::try_from(number).unwrap_or(u32::MAX));
    let (line, column) = error.at.unwrap_or_default();
    Some(v1::PolicyProblem {
        line: place(line),
        column: place(column),
        ..problem(error.problem)?
    })
}

fn problem(problem: PolicyProblem) -> Option<v1::PolicyProblem> {
    Some(match problem {
        PolicyProblem::Folder => because(PolicyFault::Folder),
        PolicyProblem::TooLong { most_kib } => v1::PolicyProblem {
            most_kib: most_kib.into(),
            ..because(PolicyFault::TooLong)
        },
        PolicyProblem::NotText => because(PolicyFault::NotText),
        PolicyProblem::Syntax(words) => of(PolicyFault::Syntax, words),
        PolicyProblem::SeveralDocuments => because(PolicyFault::SeveralDocuments),
        PolicyProblem::Anchor => because(PolicyFault::Anchor),
        PolicyProblem::Tag => because(PolicyFault::Tag),
        PolicyProblem::TooDeep => because(PolicyFault::TooDeep),
        PolicyProblem::KeyNotText => because(PolicyFault::KeyNotText),
        PolicyProblem::Twice(key) => of(PolicyFault::Twice, key),
        PolicyProblem::UnknownKey { key, known } => v1::PolicyProblem {
            known,
            ..of(PolicyFault::UnknownKey, key)
        },
        PolicyProblem::NoKeys(taker) => because(match taker {
            PolicyTaker::File => PolicyFault::FileWithoutKeys,
            PolicyTaker::Environments => PolicyFault::EnvironmentsWithoutKeys,
            PolicyTaker::Environment => PolicyFault::EnvironmentWithoutKeys,
        }),
        PolicyProblem::BadEnvironment(name) => of(PolicyFault::BadEnvironment, name),
        PolicyProblem::NoChannel => because(PolicyFault::NoChannel),
        PolicyProblem::BadChannel(text) => of(PolicyFault::BadChannel, text),
        PolicyProblem::Told(_) => return None,
    })
}

fn because(fault: PolicyFault) -> v1::PolicyProblem {
    v1::PolicyProblem {
        fault: fault.into(),
        ..v1::PolicyProblem::default()
    }
}

fn of(fault: PolicyFault, text: String) -> v1::PolicyProblem {
    v1::PolicyProblem {
        text,
        ..because(fault)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_contract_names_each_problem_and_no_other() {
        let text = || "chanel".to_owned();
        let problems = [
            PolicyProblem::Folder,
            PolicyProblem::TooLong { most_kib: 64 },
            PolicyProblem::NotText,
            PolicyProblem::Syntax(text()),
            PolicyProblem::SeveralDocuments,
            PolicyProblem::Anchor,
            PolicyProblem::Tag,
            PolicyProblem::TooDeep,
            PolicyProblem::KeyNotText,
            PolicyProblem::Twice(text()),
            PolicyProblem::UnknownKey {
                key: text(),
                known: "channel".to_owned(),
            },
            PolicyProblem::NoKeys(PolicyTaker::File),
            PolicyProblem::NoKeys(PolicyTaker::Environments),
            PolicyProblem::NoKeys(PolicyTaker::Environment),
            PolicyProblem::BadEnvironment(text()),
            PolicyProblem::NoChannel,
            PolicyProblem::BadChannel(text()),
        ];
        let at = Some((3, 5));
        let told = problems.map(|problem| policy(PolicyError { at, problem }).unwrap());
        let faults: BTreeSet<_> = told.iter().map(|one| one.fault).collect();
        let all = (1..1_000).filter(|number| PolicyFault::try_from(*number).is_ok());
        assert_eq!(faults, all.collect());
        assert_eq!(told.len(), faults.len());
        assert!(told.iter().all(|one| (one.line, one.column) == (3, 5)));
        let unknown = &told[10];
        assert_eq!((&*unknown.text, &*unknown.known), ("chanel", "channel"));
        assert_eq!(told[1].most_kib, 64);
    }

    #[test]
    fn of_the_file_as_a_whole_no_place_is_named_and_of_a_sentence_nothing() {
        let whole = |problem| policy(PolicyError { at: None, problem });
        let folder = whole(PolicyProblem::Folder).unwrap();
        assert_eq!((folder.line, folder.column), (0, 0));
        assert_eq!(whole(PolicyProblem::Told("so".to_owned())), None);
    }
}
