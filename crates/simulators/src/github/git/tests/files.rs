//! Commits and the files in them.

use super::*;

#[test]
fn a_new_repository_is_empty() {
    let (_dir, repository) = repository();
    assert_eq!(repository.default_branch(), "main");
    assert_eq!(repository.branches().unwrap(), []);
    assert_eq!(repository.head_of("main").unwrap(), None);
    assert_eq!(repository.resolve("main").unwrap(), Resolved::Missing);
    assert_eq!(repository.resolve("HEAD").unwrap(), Resolved::Missing);
}

#[test]
fn a_name_that_git_would_refuse_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["", "a..b", "a b", "x.lock", "/x"] {
        assert!(
            Repository::init(&dir.path().join("r"), name).is_err(),
            "{name}"
        );
    }
}

#[test]
fn a_commit_keeps_what_it_was_made_of() {
    let (_dir, repository) = repository();
    let first = add(&repository, "main", "a.txt", 100);
    let second = add(&repository, "main", "docs/b.txt", 200);
    let commit = repository.commit(&second).unwrap().unwrap();
    assert_eq!(commit.parents, [first]);
    assert_eq!(commit.author, minji(200));
    assert_eq!(commit.committer, minji(200));
    assert_eq!(commit.headline(), "Add docs/b.txt");
    assert_eq!(commit.body(), "Why.");
    assert_eq!(repository.head_of("main").unwrap(), Some(second.clone()));
    assert_eq!(
        repository.branches().unwrap(),
        [("main".to_owned(), second.clone())]
    );
    let Some(Entry::File { bytes, mode, .. }) = repository.read(&second, "docs/b.txt").unwrap()
    else {
        panic!("docs/b.txt is a file");
    };
    assert_eq!((bytes.as_slice(), mode), (&b"docs/b.txt"[..], Mode::File));
}

#[test]
fn a_directory_lists_what_is_in_it() {
    let (_dir, repository) = repository();
    add(&repository, "main", "docs/a.txt", 100);
    let head = add(&repository, "main", "b.txt", 200);
    let names = |path: &str| match repository.read(&head, path).unwrap() {
        Some(Entry::Directory(items)) => items
            .into_iter()
            .map(|item| (item.name, item.mode, item.size))
            .collect::<Vec<_>>(),
        other => panic!("{path} is a directory, not {other:?}"),
    };
    assert_eq!(
        names(""),
        [
            ("b.txt".to_owned(), Mode::File, 5),
            ("docs".to_owned(), Mode::Directory, 0)
        ]
    );
    assert_eq!(names("/docs/"), [("a.txt".to_owned(), Mode::File, 10)]);
    for path in [
        "nothing",
        "docs/nothing",
        "b.txt/below",
        "..",
        "docs/../b.txt",
    ] {
        assert_eq!(repository.read(&head, path).unwrap(), None, "{path}");
    }
}

#[test]
fn a_file_can_be_removed_and_keeps_its_mode() {
    let source = clone();
    fs::write(source.path().join("run.sh"), "old").unwrap();
    git(source.path(), &["add", "run.sh"]);
    git(source.path(), &["update-index", "--chmod=+x", "run.sh"]);
    git(source.path(), &["commit", "--quiet", "-m", "Add run.sh"]);
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::borrow(source.path(), dir.path()).unwrap();
    let changes = [
        ("run.sh".to_owned(), Some(b"new".to_vec())),
        ("file".to_owned(), None),
    ];
    let head = repository
        .commit_files("main", &changes, "Change", &minji(1), &minji(1))
        .unwrap();
    assert!(matches!(
        repository.read(&head, "run.sh").unwrap(),
        Some(Entry::File { mode: Mode::Executable, bytes, .. }) if bytes == b"new"
    ));
    assert_eq!(repository.read(&head, "file").unwrap(), None);
}

#[test]
fn a_path_out_of_the_tree_is_not_written() {
    let (_dir, repository) = repository();
    for path in ["../x", ".git/config", "", "a//b"] {
        let changes = [(path.to_owned(), Some(Vec::new()))];
        let result = repository.commit_files("main", &changes, "Bad", &minji(1), &minji(1));
        assert!(result.is_err(), "{path}");
    }
    assert_eq!(repository.head_of("main").unwrap(), None);
}
