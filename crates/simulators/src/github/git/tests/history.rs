//! Logs, counts and comparisons.

use std::{
    io::Write as _,
    process::Stdio,
    time::{Duration, Instant},
};

use super::*;

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

    let began = Instant::now();
    assert_eq!(repository.count(&head).unwrap(), COMMITS);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(3), "counting took {took:?}");
    let ours = add(&repository, "main", "new", 60_000);
    assert_eq!(repository.count(&ours).unwrap(), COMMITS + 1);
}
