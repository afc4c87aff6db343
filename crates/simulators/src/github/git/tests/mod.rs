//! Repositories of our own making, and clones made by the real `git`.

mod clones;
mod files;
mod history;
mod names;

use std::{fs, path::Path, process::Command};

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
