//! The program `sandbox` as people start it: what it prints, and how it ends
//! when something is wrong with what it was told.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::{clone::make_clone, http::Http};

/// How long the program may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn wrong_usage_ends_with_64_and_one_sentence() {
    let told = |flags: &[&str]| refused(64, flags, &[]);
    insta::assert_snapshot!(told(&["--prot", "1"]), @"sandbox: unexpected argument '--prot' found; see --help");
    insta::assert_snapshot!(told(&["people"]), @"sandbox: unexpected argument 'people' found; see --help");
    insta::assert_snapshot!(told(&["--repo"]), @"sandbox: a value is required for '--repo <PATH>' but none was supplied; see --help");
    insta::assert_snapshot!(
        told(&["--listen", "localhost"]),
        @r#"sandbox: --listen (SANDBOX_LISTEN) is "localhost"; write an IP address and a port, like 127.0.0.1:8080"#
    );
    insta::assert_snapshot!(
        refused(64, &[], &[("SANDBOX_LISTEN", "0.0.0.0:80")]),
        @"sandbox: --listen (SANDBOX_LISTEN) is 0.0.0.0:80; the sandbox is for this machine alone, so give a loopback address like 127.0.0.1:8080"
    );
    insta::assert_snapshot!(
        refused(64, &[], &[("SANDBOX_LOG", "loud=very")]),
        @r#"sandbox: --log (SANDBOX_LOG) is "loud=very"; write a level (error, warn, info, debug, trace) or directives like info,deploy=debug"#
    );
}

#[test]
fn a_taken_port_names_the_setting() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let next = address.port().checked_add(1).unwrap_or(8080);
    let said = refused(1, &["--listen", &address.to_string()], &[]);
    assert_eq!(
        said,
        format!(
            "sandbox: {address} is taken by another program; choose another port with --listen 127.0.0.1:{next} or SANDBOX_LISTEN"
        )
    );
}

#[test]
fn a_path_that_is_no_clone_is_refused_with_what_to_do() {
    let folder = Folder::new();
    folder.clone("people");
    folder.git(&["init", "--quiet", "empty"]);
    folder.git(&["init", "--quiet", "--bare", "empty.git"]);
    folder.git(&[
        "init",
        "--quiet",
        "--object-format=sha256",
        "of-another-kind",
    ]);
    for inside in ["people/docs/deep", "plain"] {
        std::fs::create_dir_all(folder.path(inside)).unwrap();
    }
    std::fs::write(folder.path("notes.txt"), "").unwrap();
    let told = |clones: &[&str]| folder.refused(clones);

    insta::assert_snapshot!(told(&["nowhere"]), @"sandbox: …/nowhere does not exist; --repo wants the folder of a local clone");
    insta::assert_snapshot!(told(&["notes.txt"]), @"sandbox: …/notes.txt is a file; --repo wants the folder of a local clone");
    insta::assert_snapshot!(told(&["plain"]), @"sandbox: …/plain is not a git repository; --repo wants the folder of a local clone");
    insta::assert_snapshot!(told(&["people/docs/deep"]), @"sandbox: …/people/docs/deep is a folder inside the clone …/people; write --repo …/people");
    insta::assert_snapshot!(told(&["people/.git/objects"]), @"sandbox: …/people/.git/objects is a folder inside the clone …/people; write --repo …/people");
    insta::assert_snapshot!(told(&["empty"]), @"sandbox: …/empty has no commit on a branch yet; --repo wants a clone with commits");
    insta::assert_snapshot!(told(&["empty.git"]), @"sandbox: …/empty.git has no commit on a branch yet; --repo wants a clone with commits");
    insta::assert_snapshot!(
        told(&["of-another-kind"]),
        @r#"sandbox: …/of-another-kind cannot be read as a git repository: Object format is not enabled in this build, input="sha256", key="extensions.objectFormat""#
    );
    insta::assert_snapshot!(told(&["people", "people/.git"]), @"sandbox: …/people/.git is the same clone as …/people; give each one once");
}

#[tokio::test]
async fn every_kind_of_clone_is_served_under_a_name_that_github_allows() {
    let folder = Folder::new();
    for name in ["people", "other/people", "team page", "ünï", "팀", "api"] {
        folder.clone(name);
    }
    folder.git(&["clone", "--quiet", "--bare", "people", "bare.git"]);
    folder.git(&["-C", "bare.git", "remote", "remove", "origin"]);
    let people = format!("file://{}", folder.path("people"));
    folder.git(&["clone", "--quiet", "--depth", "1", &people, "shallow"]);
    folder.git(&["-C", "people", "worktree", "add", "--quiet", "../hotfix"]);

    let said = folder
        .started(&[
            "people",
            "other/people",
            "api/.git",
            "team page",
            "ünï",
            "팀",
            "bare.git",
            "shallow",
            "hotfix",
        ])
        .await;
    insta::assert_snapshot!(said, @r"
    …/people is served as acme/people.
    …/other/people is served as acme/people-2.
    …/api/.git is served as acme/api.
    …/team page is served as acme/team-page.
    …/ünï is served as acme/clone.
    …/팀 is served as acme/clone-2.
    …/bare.git is served as acme/bare.
    …/shallow is served as acme/people-3.
    …/hotfix is served as acme/hotfix.
    ");
}

/// Clones in a folder that tests need not name.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        let root = self.0.path().canonicalize().unwrap();
        root.join(name).to_str().unwrap().to_owned()
    }

    fn clone(&self, name: &str) {
        make_clone(Path::new(&self.path(name)), 3, 0);
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .current_dir(self.0.path())
            .args(arguments)
            .status()
            .unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    fn flags(&self, clones: &[&str]) -> Vec<String> {
        let each = |clone: &&str| ["--repo".to_owned(), self.path(clone)];
        clones.iter().flat_map(each).collect()
    }

    /// What is said about paths that cannot be served.
    fn refused(&self, clones: &[&str]) -> String {
        let flags = self.flags(clones);
        let mut all = vec!["--listen", "127.0.0.1:0"];
        all.extend(flags.iter().map(String::as_str));
        self.redacted(&refused(64, &all, &[]))
    }

    /// Starts with these clones, asks GitHub for each, ends it as Ctrl-C does,
    /// and answers what was said of them.
    async fn started(&self, clones: &[&str]) -> String {
        let mut child = tokio::process::Command::from(program())
            .args(["--listen", "127.0.0.1:0"])
            .args(self.flags(clones))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while said.len() < clones.len() + 2 {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("only {said:#?} after {PATIENCE:?}"));
            said.push(
                line.unwrap()
                    .unwrap_or_else(|| panic!("it ended after {said:#?}")),
            );
        }
        let http = Http::new("");
        for line in &said[2..] {
            let name = line.trim_end_matches('.').rsplit(' ').next().unwrap();
            let page = http.try_page(&format!("{}github/{name}", said[0])).await;
            assert_eq!(page.map(|(status, _)| status), Some(200), "{line}");
        }
        interrupt(&child);
        let status = tokio::time::timeout(PATIENCE, child.wait()).await;
        assert!(status.expect("it ends").unwrap().success());
        self.redacted(&said[2..].join("\n"))
    }

    fn redacted(&self, text: &str) -> String {
        text.replace(&self.path(""), "…/")
    }
}

/// Starts the program with what it must refuse; answers the one line it says.
fn refused(code: i32, flags: &[&str], settings: &[(&str, &str)]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = program()
        .args(flags)
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{flags:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(stdout.is_empty(), "nothing but the sentence");
    said.trim_end().to_owned()
}

/// The program, told nothing that the environment of the tests says.
fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    program
        .env_remove("SANDBOX_LISTEN")
        .env_remove("SANDBOX_LOG")
        .stdin(Stdio::null());
    program
}

fn interrupt(child: &tokio::process::Child) {
    let id = child.id().expect("it runs").to_string();
    let status = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(status.success());
}
