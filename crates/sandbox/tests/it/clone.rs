//! A clone such as people have, written by git itself.

use std::{io::Write as _, path::Path, process::Stdio};

/// A linear history on `main`, and a branch `side` that leaves it at its end.
pub(crate) fn make_clone(folder: &Path, commits: u32, side: u32) {
    git(&[
        "init",
        "--quiet",
        "--initial-branch=main",
        folder.to_str().unwrap(),
    ]);
    let mut import = std::process::Command::new("git")
        .args(["-C", folder.to_str().unwrap(), "fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stream = std::io::BufWriter::new(import.stdin.take().unwrap());
    for number in 1..=commits + side {
        let branch = if number <= commits { "main" } else { "side" };
        if number == commits + 1 {
            write!(stream, "reset refs/heads/side\nfrom refs/heads/main\n\n").unwrap();
        }
        let message = format!("Change {number}");
        let time = 1_600_000_000 + u64::from(number) * 60;
        write!(
            stream,
            "commit refs/heads/{branch}\ncommitter Writer <writer@example.com> {time} +0000\n\
             data {}\n{message}\nM 100644 inline number.txt\ndata {}\n{number}\n",
            message.len(),
            number.to_string().len(),
        )
        .unwrap();
    }
    stream.flush().unwrap();
    drop(stream);
    assert!(import.wait().unwrap().success());
}

/// What git prints of a clone.
pub(crate) fn git_says(folder: &Path, arguments: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn git(arguments: &[&str]) {
    let status = std::process::Command::new("git")
        .args(arguments)
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}
