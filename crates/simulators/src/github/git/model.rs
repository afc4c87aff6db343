//! What a repository holds, as it is told: commits, directories, files, tags.

use super::Sha;

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name as in the commit.
    pub name: String,
    /// E-mail address as in the commit.
    pub email: String,
    /// When.
    pub at: jiff::Timestamp,
    /// East of UTC, in seconds, where it was done.
    pub offset_seconds: i32,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its own name.
    pub sha: Sha,
    /// The root directory.
    pub tree: Sha,
    /// None for a first commit, more than one for a merge.
    pub parents: Vec<Sha>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The whole message.
    pub message: String,
}

impl Commit {
    /// First line of the message.
    pub fn headline(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// The message after its first line and the empty lines that follow it.
    pub fn body(&self) -> &str {
        match self.message.split_once('\n') {
            Some((_, body)) => body.trim_start_matches('\n').trim_end(),
            None => "",
        }
    }
}

/// What a name or an abbreviated SHA stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// One commit.
    Commit(Sha),
    /// One object that is no commit.
    Other {
        /// What it is.
        kind: ObjectKind,
        /// Its name.
        sha: Sha,
    },
    /// More than one object begins so; those of them that are commits, sorted.
    Ambiguous(Vec<Sha>),
    /// Nothing.
    Missing,
}

/// The four kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A directory.
    Tree,
    /// Bytes of a file.
    Blob,
    /// An annotated tag.
    Tag,
}

/// How two commits lie to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Commits that the head has and the base has not.
    pub ahead: usize,
    /// Commits that the base has and the head has not.
    pub behind: usize,
    /// The newest commit that both have; none for unrelated histories.
    pub merge_base: Option<Sha>,
    /// The commits counted by `ahead`, newest first.
    pub ahead_commits: Vec<Sha>,
}

/// What a path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file, or a symbolic link, whose bytes are its target.
    File {
        /// The blob.
        sha: Sha,
        /// Its content.
        bytes: Vec<u8>,
        /// Its mode in the tree.
        mode: Mode,
    },
    /// A directory, in the order of git.
    Directory(Vec<Item>),
}

/// An item of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name in the directory.
    pub name: String,
    /// What it is.
    pub mode: Mode,
    /// The object it names: a blob, a tree, or a commit of a submodule.
    pub sha: Sha,
    /// Bytes of a file; 0 for all else.
    pub size: u64,
}

/// What git knows of a path beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A plain file.
    File,
    /// A file that can be executed.
    Executable,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A commit of another repository.
    Submodule,
}

/// An object by its SHA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A commit.
    Commit(Commit),
    /// A directory.
    Tree(Vec<Item>),
    /// Bytes of a file.
    Blob(Vec<u8>),
    /// An annotated tag.
    Tag(Tag),
}

/// An annotated tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// What it says.
    pub message: String,
    /// Who made it; old tags do not tell.
    pub tagger: Option<Signature>,
    /// What it names.
    pub target: Sha,
}

impl Mode {
    /// As git prints it: six octal digits.
    pub fn as_octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Directory => "040000",
            Self::Submodule => "160000",
        }
    }
}

/// Which commits of a history are wanted; the default wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that change what is at this path.
    pub path: Option<String>,
    /// Those committed at this time or later.
    pub since: Option<jiff::Timestamp>,
    /// Those committed at this time or earlier.
    pub until: Option<jiff::Timestamp>,
    /// Those whose author has one of these addresses.
    pub author_emails: Option<Vec<String>>,
}

impl Filter {
    /// It wants all commits.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}
