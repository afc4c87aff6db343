//! Repositories of our own making, and clones made by the real `git`.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::SystemTime,
};

use tempfile::TempDir;

use super::*;

fn minji(second: i64) -> Signature {
    Signature {
        name: "Minji".to_owned(),
        email: "minji@example.com".to_owned(),
        at: jiff::Timestamp::from_second(second).unwrap(),
        offset_seconds: 9 * 3600,
    }
}

fn repository() -> (TempDir, Repository) {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::init(&dir.path().join("people.git"), "main").unwrap();
    (dir, repository)
}

fn add(repository: &Repository, branch: &str, file: &str, second: i64) -> Sha {
    let changes = [(file.to_owned(), Some(file.as_bytes().to_vec()))];
    let who = minji(second);
    repository
        .commit_files(
            branch,
            &changes,
            &format!("Add {file}\n\nWhy.\n"),
            &who,
            &who,
        )
        .unwrap()
}

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Joon", "-c", "user.email=joon@example.com"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn sha(text: &str) -> Sha {
    text.parse().unwrap()
}

/// A clone with three commits on `main`, and one more on `topic`.
fn clone() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "--quiet"]);
    for number in 1..=3 {
        fs::write(dir.path().join("file"), number.to_string()).unwrap();
        git(dir.path(), &["add", "."]);
        git(
            dir.path(),
            &["commit", "--quiet", "-m", &format!("Commit {number}")],
        );
    }
    git(dir.path(), &["branch", "topic", "HEAD~1"]);
    git(dir.path(), &["tag", "-m", "A tag", "v1", "HEAD~2"]);
    dir
}

/// Every file below a folder with its content and the time of its last change.
fn everything(dir: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(
                path.display().to_string(),
                (fs::read(&path).unwrap(), changed),
            );
        }
    }
    found
}

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

#[test]
fn the_log_is_newest_first() {
    let (_dir, repository) = repository();
    let shas: Vec<Sha> = (1..=5)
        .map(|number| add(&repository, "main", &number.to_string(), number))
        .collect();
    let log = |skip, first| repository.log(&shas[4], skip, first).unwrap();
    assert_eq!(log(0, 2), [shas[4].clone(), shas[3].clone()]);
    assert_eq!(log(3, 10), [shas[1].clone(), shas[0].clone()]);
    assert_eq!(log(5, 1), []);
    assert_eq!(repository.count(&shas[3]).unwrap(), 4);
    // This one builds on the count before it.
    assert_eq!(repository.count(&shas[4]).unwrap(), 5);
    let filtered = |filter: Filter, skip, first| {
        repository
            .log_filtered(&shas[4], &filter, skip, first)
            .unwrap()
    };
    let at = |second| Some(jiff::Timestamp::from_second(second).unwrap());
    let path = |path: &str| Filter {
        path: Some(path.to_owned()),
        ..Filter::default()
    };
    assert_eq!(filtered(path("3"), 0, 10), [shas[2].clone()]);
    assert_eq!(filtered(path(""), 1, 1), [shas[3].clone()]);
    let between = Filter {
        since: at(2),
        until: at(3),
        ..Filter::default()
    };
    assert_eq!(filtered(between, 0, 10), [shas[2].clone(), shas[1].clone()]);
    let somebody = |email: &str| Filter {
        author_emails: Some(vec![email.to_owned()]),
        ..Filter::default()
    };
    assert_eq!(filtered(somebody("MINJI@example.com"), 0, 10).len(), 5);
    assert_eq!(filtered(somebody("joon@example.com"), 0, 10), []);
}

#[test]
fn log_and_comparison_agree_with_git_on_merges() {
    let source = tempfile::tempdir().unwrap();
    let path = source.path();
    git(path, &["init", "--quiet"]);
    let commit = |message: &str, date: &str| {
        let date = format!("@{date} +0000");
        let status = Command::new("git")
            .args(["-c", "user.name=Joon", "-c", "user.email=j@example.com"])
            .args(["commit", "--quiet", "--allow-empty", "-m", message])
            .env("GIT_COMMITTER_DATE", &date)
            .env("GIT_AUTHOR_DATE", &date)
            .current_dir(path)
            .status()
            .unwrap();
        assert!(status.success());
    };
    for number in 0..10 {
        commit(
            &format!("Root {number}"),
            &format!("{}", 1_000_000 + number),
        );
    }
    git(path, &["checkout", "--quiet", "-b", "topic"]);
    // These dates are out of order: older than their own parents.
    for number in 0..5 {
        commit(&format!("Topic {number}"), &format!("{}", 500_000 - number));
    }
    git(path, &["checkout", "--quiet", "main"]);
    for number in 0..7 {
        commit(
            &format!("Main {number}"),
            &format!("{}", 2_000_000 + number),
        );
    }
    git(
        path,
        &["merge", "--quiet", "--no-ff", "-m", "Merge", "topic~2"],
    );
    commit("After", "3000000");

    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::borrow(path, dir.path()).unwrap();
    let all = git(path, &["rev-list", "main", "topic"]);
    let all: Vec<&str> = all.lines().collect();
    for base in &all {
        let ours = repository.log(&sha(base), 0, usize::MAX).unwrap();
        assert_eq!(ours.len(), repository.count(&sha(base)).unwrap());
        for head in &all {
            let comparison = repository.compare(&sha(base), &sha(head)).unwrap();
            let range = format!("{base}...{head}");
            let counted = git(path, &["rev-list", "--left-right", "--count", &range]);
            assert_eq!(
                format!("{}\t{}", comparison.behind, comparison.ahead),
                counted,
                "{range}"
            );
            let merge_base = git(path, &["merge-base", base, head]);
            assert_eq!(comparison.merge_base, Some(sha(&merge_base)), "{range}");
            assert_eq!(comparison.ahead_commits.len(), comparison.ahead);
        }
    }
    let listed: Vec<String> = repository
        .log(&sha(all[0]), 0, usize::MAX)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(listed.join("\n"), git(path, &["rev-list", all[0]]));
}

#[test]
fn unrelated_histories_have_no_merge_base() {
    let (_dir, repository) = repository();
    let one = add(&repository, "main", "a", 1);
    let other = add(&repository, "other", "b", 2);
    let comparison = repository.compare(&one, &other).unwrap();
    assert_eq!((comparison.ahead, comparison.behind), (1, 1));
    assert_eq!(comparison.merge_base, None);
    assert_eq!(comparison.ahead_commits, [other]);
}

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

#[test]
fn a_force_push_moves_a_branch_back() {
    let (_dir, repository) = repository();
    let first = add(&repository, "main", "a", 1);
    let second = add(&repository, "main", "b", 2);
    repository.set_branch("main", &first).unwrap();
    assert_eq!(repository.head_of("main").unwrap(), Some(first.clone()));
    // The commit that was left behind is still there, as on GitHub.
    assert!(repository.commit(&second).unwrap().is_some());
    let comparison = repository.compare(&second, &first).unwrap();
    assert_eq!((comparison.ahead, comparison.behind), (0, 1));
    let tree = repository.commit(&first).unwrap().unwrap().tree;
    assert!(repository.set_branch("main", &tree).is_err());
}

#[test]
fn a_clone_is_borrowed_and_never_written_to() {
    let source = clone();
    git(source.path(), &["pack-refs", "--all"]);
    git(source.path(), &["gc", "--quiet"]);
    let before = everything(source.path());
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::borrow(source.path(), &dir.path().join("r.git")).unwrap();
    let names: Vec<String> = repository
        .branches()
        .unwrap()
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(names, ["main", "topic"]);
    let head = repository.head_of("main").unwrap().unwrap();
    assert_eq!(head, sha(&git(source.path(), &["rev-parse", "main"])));
    let ours = add(&repository, "main", "new", 1);
    repository.set_branch("topic", &ours).unwrap();
    assert_eq!(repository.log(&ours, 0, 2).unwrap(), [ours.clone(), head]);
    assert_eq!(repository.count(&ours).unwrap(), 4);
    assert_eq!(everything(source.path()), before);
    // Git itself finds no fault with what we have made.
    git(&dir.path().join("r.git"), &["fsck", "--strict"]);
}

#[test]
fn a_linked_worktree_is_borrowed() {
    let source = clone();
    let dir = tempfile::tempdir().unwrap();
    let worktree = dir.path().join("worktree");
    git(
        source.path(),
        &[
            "worktree",
            "add",
            "--quiet",
            worktree.to_str().unwrap(),
            "topic",
        ],
    );
    let repository = Repository::borrow(&worktree, &dir.path().join("r.git")).unwrap();
    assert_eq!(repository.default_branch(), "topic");
    let head = repository.head_of("topic").unwrap().unwrap();
    assert_eq!(repository.count(&head).unwrap(), 2);
}

#[test]
fn a_shallow_clone_ends_at_its_boundary() {
    let source = clone();
    let dir = tempfile::tempdir().unwrap();
    let url = format!("file://{}", source.path().display());
    git(
        dir.path(),
        &["clone", "--quiet", "--depth", "2", &url, "shallow"],
    );
    let shallow = dir.path().join("shallow");
    let repository = Repository::borrow(&shallow, &dir.path().join("r.git")).unwrap();
    let head = repository.head_of("main").unwrap().unwrap();
    let log = repository.log(&head, 0, 10).unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!(repository.count(&head).unwrap(), 2);
    let comparison = repository.compare(&log[1], &head).unwrap();
    assert_eq!((comparison.ahead, comparison.behind), (1, 0));
    let ours = add(&repository, "main", "new", 1);
    assert_eq!(repository.count(&ours).unwrap(), 3);
}

#[test]
fn the_default_branch_of_a_clone_is_its_origins() {
    let source = clone();
    let dir = tempfile::tempdir().unwrap();
    let path = source.path().display().to_string();
    git(dir.path(), &["clone", "--quiet", &path, "clone"]);
    let clone = dir.path().join("clone");
    git(&clone, &["checkout", "--quiet", "-b", "mine"]);
    let repository = Repository::borrow(&clone, &dir.path().join("a.git")).unwrap();
    assert_eq!(repository.default_branch(), "main");
    // Without a local branch of that name, the tracking one stands in.
    git(&clone, &["branch", "--quiet", "-D", "main"]);
    let repository = Repository::borrow(&clone, &dir.path().join("b.git")).unwrap();
    let names: Vec<String> = repository
        .branches()
        .unwrap()
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(names, ["main", "mine", "topic"]);
}

#[test]
fn a_detached_head_is_served_as_main() {
    let source = clone();
    git(source.path(), &["checkout", "--quiet", "--detach"]);
    git(source.path(), &["branch", "--quiet", "-D", "main", "topic"]);
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::borrow(source.path(), dir.path()).unwrap();
    assert_eq!(repository.default_branch(), "main");
    let head = repository.head_of("main").unwrap().unwrap();
    assert_eq!(repository.count(&head).unwrap(), 3);
}

#[test]
fn a_folder_that_is_no_clone_is_refused() {
    let source = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    assert!(Repository::borrow(source.path(), dir.path()).is_err());
    assert!(Repository::borrow(&source.path().join("nothing"), dir.path()).is_err());
}

/// A clone with so many commits in a line.
fn long_clone(commits: usize) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "--quiet"]);
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stream = String::new();
    for number in 0..commits {
        stream.push_str("commit refs/heads/main\n");
        stream.push_str(&format!(
            "committer Bora <bora@example.com> {number} +0000\n"
        ));
        stream.push_str("data 2\nOK\n");
        if number == 0 {
            stream.push_str("M 100644 inline file\ndata 1\nx\n");
        }
    }
    import
        .stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(import.wait().unwrap().success());
    dir
}

#[test]
fn what_is_near_is_cheap_in_a_long_history() {
    const COMMITS: usize = 50_000;
    let source = long_clone(COMMITS);
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::borrow(source.path(), dir.path()).unwrap();
    let head = repository.head_of("main").unwrap().unwrap();

    let mut log = repository.walk(&head).unwrap();
    assert_eq!(log.by_ref().take(100).count(), 100);
    assert!(
        log.commits_read() <= 101,
        "{} were read",
        log.commits_read()
    );

    let newest = repository.log(&head, 0, 200).unwrap();
    let graph = walk::Graph::new(repository.local()).unwrap();
    let (comparison, read) =
        walk::Paint::compare(graph, newest[150].object_id(), head.object_id()).unwrap();
    assert_eq!((comparison.ahead, comparison.behind), (150, 0));
    assert!(read <= 1_000, "{read} were read");

    assert_eq!(repository.count(&head).unwrap(), COMMITS);
    let ours = add(&repository, "main", "new", 60_000);
    assert_eq!(repository.count(&ours).unwrap(), COMMITS + 1);
}
