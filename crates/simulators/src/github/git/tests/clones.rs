//! Somebody's clone, borrowed.

use std::{collections::BTreeMap, time::SystemTime};

use super::*;

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
