//! What a name, or the beginning of a SHA, stands for.

use std::collections::HashMap;

use super::*;

#[test]
fn names_and_abbreviations_are_resolved() {
    let source = clone();
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::borrow(source.path(), dir.path()).unwrap();
    let main = sha(&git(source.path(), &["rev-parse", "main"]));
    let first = sha(&git(source.path(), &["rev-parse", "main~2"]));
    let tree = sha(&git(source.path(), &["rev-parse", "main^{tree}"]));
    let is_commit = |text: &str, sha: &Sha| {
        assert_eq!(
            repository.resolve(text).unwrap(),
            Resolved::Commit(sha.clone()),
            "{text}"
        );
    };
    for text in [
        "main",
        "heads/main",
        "refs/heads/main",
        "HEAD",
        main.as_str(),
        main.short(),
    ] {
        is_commit(text, &main);
    }
    is_commit(&main.as_str().to_uppercase(), &main);
    is_commit("v1", &first);
    is_commit("tags/v1", &first);
    let tag = repository
        .reference_target("refs/tags/v1")
        .unwrap()
        .unwrap();
    assert!(matches!(
        repository.object(&tag).unwrap(),
        Some(Object::Tag(tag)) if tag.target == first && tag.name == "v1" && tag.message == "A tag\n"
    ));
    assert_eq!(
        repository.references("refs/tags/").unwrap(),
        [("refs/tags/v1".to_owned(), tag)]
    );
    assert_eq!(
        repository.resolve(tree.as_str()).unwrap(),
        Resolved::Other {
            kind: ObjectKind::Tree,
            sha: tree.clone()
        }
    );
    let missing = "f".repeat(40);
    for text in [
        "", "abc", "nothing", "../main", "a..b", "main:", "config", &missing,
    ] {
        assert_eq!(
            repository.resolve(text).unwrap(),
            Resolved::Missing,
            "{text}"
        );
    }
    assert_eq!(repository.commit(&tree).unwrap(), None);
    assert_eq!(repository.commit(&sha(&missing)).unwrap(), None);
}

#[test]
fn four_digits_that_begin_two_commits_are_ambiguous() {
    let (_dir, repository) = repository();
    let mut seen: HashMap<String, Sha> = HashMap::new();
    // Among some hundred commits two begin alike; which ones is always the same.
    for number in 0.. {
        let commit = add(&repository, "main", "file", number);
        let digits = commit.as_str()[..4].to_owned();
        if let Some(other) = seen.insert(digits.clone(), commit.clone()) {
            let mut both = vec![commit.clone(), other];
            both.sort();
            assert_eq!(
                repository.resolve(&digits).unwrap(),
                Resolved::Ambiguous(both)
            );
            let whole = repository.resolve(&commit.as_str()[..12]).unwrap();
            assert_eq!(whole, Resolved::Commit(commit));
            break;
        }
    }
}
