//! A server of our own, started from the installed binaries: on a Unix socket
//! in a temporary folder, so that it needs no port and nobody else reaches it.
//!
//! A small shell stands between: it waits until this process has gone, however
//! it went, which it sees by the end of its input; then it stops the server and
//! removes the folder.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

/// Where Debian and Ubuntu put the binaries, a folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Starts the server, tells how that went in one line, waits for the end of its
/// input, stops the server at once, and removes the folder. Its arguments are
/// the folder, and the words of the command that is the server.
const GUARD: &str = r#"
folder=$1; shift
"$@" >"$folder/log" 2>&1 </dev/null &
server=$!
tries=0
until [ -S "$folder/.s.PGSQL.5432" ] && grep -q 'ready to accept connections' "$folder/log"; do
    tries=$((tries + 1))
    if ! kill -0 "$server" 2>/dev/null || [ "$tries" -gt 600 ]; then
        echo "it did not start: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
        kill -KILL "$server" 2>/dev/null
        rm -rf "$folder"
        exit 1
    fi
    sleep 0.05
done
echo ready
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// What spares time: what is in it need not outlive the power.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "max_connections=400",
    "shared_buffers=32MB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "log_min_messages=warning",
];

/// A server that runs until this value, or the process, is gone.
#[derive(Debug)]
pub(crate) struct Server {
    /// The folder of its socket.
    folder: PathBuf,
    guard: Child,
}

impl Server {
    /// Starts one. Blocks for a second or two.
    pub(crate) fn start(search: &str) -> anyhow::Result<Self> {
        let binaries = binaries(search, Path::new(VERSIONS))?;
        // Short, because the path of a socket has 107 characters at most.
        let folder = tempfile::Builder::new()
            .prefix("test-postgres-")
            .tempdir()
            .context("cannot make a folder for Postgres")?;
        let user = User::needed(folder.path())?;
        let (data, socket) = (folder.path().join("data"), folder.path());
        let made = user
            .command(&binaries.join("initdb"))
            .args(["--no-sync", "--auth=trust", "--username=postgres"])
            .args(["--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .current_dir(folder.path())
            .output()
            .context("cannot run initdb")?;
        if !made.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        }
        let server = user.arguments(&binaries.join("postgres"));
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "test-postgres"])
            .arg(socket)
            .args(server)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(socket)
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            // `/` stays where it is when the folder goes.
            .current_dir("/")
            // A Ctrl-C in the terminal ends the tests, and thereby the server;
            // the guard has to live to see to it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Postgres")?;
        // From here on the guard removes the folder.
        let folder = folder.keep();
        let said = guard.stdout.take().context("its output is piped")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        if line.trim() != "ready" {
            bail!("cannot start Postgres: {}", line.trim());
        }
        Ok(Self { folder, guard })
    }

    /// The folder of its socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // It ends by itself now; a failure here could not be told to anyone.
        let _ = self.guard.wait();
    }
}

/// The folder of `initdb` and `postgres`: in the search path, else that of the
/// newest of all versions.
fn binaries(search: &str, versions: &Path) -> anyhow::Result<PathBuf> {
    let has_both =
        |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(versions)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let newest_first = versions.into_iter().rev().map(|(_, folder)| folder);
    std::env::split_paths(search)
        .chain(newest_first)
        .find(has_both)
        .context(
            "Postgres is not installed, and tests need it: install it (Debian, Ubuntu: apt-get \
             install postgresql; macOS: brew install postgresql), or set TEST_DATABASE_URL to one \
             where databases may be created",
        )
}

/// As whom Postgres runs: it refuses to be root.
enum User {
    Ourselves,
    Other { user: u32, group: u32 },
}

impl User {
    /// Another user when we are root, who then owns the folder.
    fn needed(folder: &Path) -> anyhow::Result<Self> {
        // The folder is ours.
        if fs::metadata(folder)?.uid() != 0 {
            return Ok(Self::Ourselves);
        }
        for name in ["postgres", "nobody"] {
            let (user, group) = (id("-u", name), id("-g", name));
            if let (Some(user), Some(group)) = (user, group) {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
                chown(folder, Some(user), Some(group))?;
                return Ok(Self::Other { user, group });
            }
        }
        bail!("Postgres refuses to run as root, and there is no user `postgres` or `nobody`");
    }

    /// The words that start a program as this user.
    fn arguments(&self, program: &Path) -> Vec<String> {
        let program = program.display().to_string();
        match self {
            Self::Ourselves => vec![program],
            Self::Other { user, group } => {
                let user = format!("--reuid={user}");
                let group = format!("--regid={group}");
                let words = ["setpriv", "--clear-groups", &user, &group, "--", &program];
                words.map(str::to_owned).to_vec()
            }
        }
    }

    fn command(&self, program: &Path) -> Command {
        let words = self.arguments(program);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }
}

/// A number of a user, by `id`.
fn id(which: &str, user: &str) -> Option<u32> {
    let said = Command::new("id").args([which, user]).output().ok()?;
    let said = said.status.success().then_some(said.stdout)?;
    String::from_utf8(said).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_none_it_says_what_to_install() {
        let nowhere = tempfile::tempdir().unwrap();
        let search = nowhere.path().display().to_string();
        let error = binaries(&search, nowhere.path()).unwrap_err().to_string();
        assert!(error.contains("apt-get install postgresql"), "{error}");
    }

    #[test]
    fn the_newest_version_is_taken() {
        let versions = tempfile::tempdir().unwrap();
        for version in ["9", "15", "16"] {
            let folder = versions.path().join(version).join("bin");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("initdb"), "").unwrap();
            // Of the newest one only a part is installed.
            if version != "16" {
                fs::write(folder.join("postgres"), "").unwrap();
            }
        }
        let newest = versions.path().join("15/bin");
        assert_eq!(binaries("", versions.path()).unwrap(), newest);
    }
}
