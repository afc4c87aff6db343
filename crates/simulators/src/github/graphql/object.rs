//! What git stores: commits, directories, files and annotated tags.

use std::sync::Arc;

use async_graphql::{Error, ID, Interface, Object};

use super::{
    commit::{Commit, GitActor},
    repository::Repository,
    scalar::{GitObjectId, Uri, trouble},
};
use crate::github::{
    git::{self, Mode, Sha},
    node::NodeKind,
};

/// Anything that git stores.
#[expect(
    clippy::duplicated_attributes,
    reason = "each field of the interface has a type, and some have the same"
)]
#[derive(Interface, Clone)]
#[graphql(
    field(name = "abbreviatedOid", method = "abbreviated_oid", ty = "String"),
    field(
        name = "commitResourcePath",
        method = "commit_resource_path",
        ty = "Uri"
    ),
    field(name = "commitUrl", method = "commit_url", ty = "Uri"),
    field(name = "id", ty = "ID"),
    field(name = "oid", ty = "GitObjectId"),
    field(name = "repository", ty = "Repository")
)]
pub(super) enum GitObject {
    /// A file's bytes.
    Blob(Blob),
    /// A commit.
    Commit(Commit),
    /// An annotated tag.
    Tag(Tag),
    /// A directory.
    Tree(Tree),
}

impl GitObject {
    /// The object of a SHA, if there is one.
    pub(super) fn find(repository: &Repository, sha: &Sha) -> Result<Option<Self>, Error> {
        let object = repository.git().object(sha).map_err(trouble)?;
        let stored = || Stored {
            repository: repository.clone(),
            sha: sha.clone(),
        };
        Ok(object.map(|object| match object {
            git::Object::Commit(commit) => Self::Commit(Commit::new(repository, commit)),
            git::Object::Tree(items) => Self::Tree(Tree {
                stored: stored(),
                path: String::new(),
                items: items.into(),
            }),
            git::Object::Blob(bytes) => Self::Blob(Blob {
                stored: stored(),
                bytes: bytes.into(),
            }),
            git::Object::Tag(tag) => Self::Tag(Tag {
                stored: stored(),
                inner: Arc::new(tag),
            }),
        }))
    }
}

/// What all objects have.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) repository: Repository,
    pub(super) sha: Sha,
}

impl Stored {
    /// A page for people about it.
    pub(super) fn page(&self, kind: &str) -> Uri {
        self.repository.page(&format!("/{kind}/{}", self.sha))
    }
}

/// What all objects answer, and what one kind answers beside it.
macro_rules! git_object {
    ($(#[$docs:meta])* $name:ident { $($more:tt)* }) => {
        $(#[$docs])*
        #[Object]
        impl $name {
            /// The node id.
            pub(super) async fn id(&self) -> ID {
                self.stored.repository.node_id(NodeKind::$name, &self.stored.sha)
            }

            /// The SHA.
            pub(super) async fn oid(&self) -> GitObjectId {
                GitObjectId(self.stored.sha.clone())
            }

            /// The first digits of the SHA.
            pub(super) async fn abbreviated_oid(&self) -> String {
                self.stored.sha.short().to_owned()
            }

            /// The repository that it is in.
            pub(super) async fn repository(&self) -> Repository {
                self.stored.repository.clone()
            }

            /// The page of the commit.
            pub(super) async fn commit_url(&self) -> Uri {
                self.stored.page("commit")
            }

            /// The path of the page of the commit.
            pub(super) async fn commit_resource_path(&self) -> Uri {
                self.stored.page("commit").path()
            }

            $($more)*
        }
    };
}

pub(super) use git_object;

/// A directory.
#[derive(Clone)]
pub(super) struct Tree {
    stored: Stored,
    path: String,
    items: Arc<[git::Item]>,
}

git_object! {
    /// A directory.
    Tree {
        /// What is in it.
        async fn entries(&self) -> Option<Vec<TreeEntry>> {
            let repository = &self.stored.repository;
            let entry = |item: &git::Item| TreeEntry::new(repository, &self.path, item.clone());
            Some(self.items.iter().map(entry).collect())
        }
    }
}

/// An item of a directory.
#[derive(Clone)]
pub(super) struct TreeEntry {
    repository: Repository,
    parent: String,
    item: git::Item,
}

impl TreeEntry {
    /// An item of the directory at the path `parent`.
    pub(super) fn new(repository: &Repository, parent: &str, item: git::Item) -> Self {
        Self {
            repository: repository.clone(),
            parent: parent.to_owned(),
            item,
        }
    }

    fn full_path(&self) -> String {
        match self.parent.as_str() {
            "" => self.item.name.clone(),
            parent => format!("{parent}/{}", self.item.name),
        }
    }
}

/// An item of a directory.
#[Object]
impl TreeEntry {
    /// Its name in the directory.
    async fn name(&self) -> &str {
        &self.item.name
    }

    /// What comes after the last dot of its name, with the dot.
    async fn extension(&self) -> Option<String> {
        let dot = self.item.name.rfind('.');
        Some(dot.map_or(String::new(), |dot| self.item.name[dot..].to_owned()))
    }

    /// Its path from the directory that was asked for.
    async fn path(&self) -> Option<String> {
        Some(self.full_path())
    }

    /// Its mode, as a number.
    async fn mode(&self) -> i32 {
        i32::from_str_radix(self.item.mode.as_octal(), 8).unwrap_or(0)
    }

    /// `blob`, `tree` or `commit`.
    #[graphql(name = "type")]
    async fn kind(&self) -> &str {
        match self.item.mode {
            Mode::Directory => "tree",
            Mode::Submodule => "commit",
            Mode::File | Mode::Executable | Mode::Symlink => "blob",
        }
    }

    /// Its bytes.
    async fn size(&self) -> u64 {
        self.item.size
    }

    /// The SHA of what it names.
    async fn oid(&self) -> GitObjectId {
        GitObjectId(self.item.sha.clone())
    }

    /// What it names; null for a submodule.
    async fn object(&self) -> Result<Option<GitObject>, Error> {
        if self.item.mode == Mode::Submodule {
            return Ok(None);
        }
        let mut found = GitObject::find(&self.repository, &self.item.sha)?;
        if let Some(GitObject::Tree(tree)) = &mut found {
            tree.path = self.full_path();
        }
        Ok(found)
    }

    /// The repository that it is in.
    async fn repository(&self) -> &Repository {
        &self.repository
    }
}

/// A file's bytes.
#[derive(Clone)]
pub(super) struct Blob {
    stored: Stored,
    bytes: Arc<[u8]>,
}

/// The most of a file that is told as text.
const TEXT_LIMIT: usize = 512_000;

impl Blob {
    /// As git sees it: there is a zero among the first bytes.
    fn is_not_text(&self) -> bool {
        self.bytes.iter().take(8_000).any(|byte| *byte == 0)
    }
}

git_object! {
    /// A file's bytes.
    Blob {
        /// How many there are.
        async fn byte_size(&self) -> usize {
            self.bytes.len()
        }

        /// They are no text.
        async fn is_binary(&self) -> Option<bool> {
            Some(self.is_not_text())
        }

        /// The text is cut short.
        async fn is_truncated(&self) -> bool {
            self.bytes.len() > TEXT_LIMIT
        }

        /// They as text; null when they are none.
        async fn text(&self) -> Option<String> {
            let told = &self.bytes[..self.bytes.len().min(TEXT_LIMIT)];
            (!self.is_not_text()).then(|| String::from_utf8_lossy(told).into_owned())
        }
    }
}

/// An annotated tag.
#[derive(Clone)]
pub(super) struct Tag {
    stored: Stored,
    inner: Arc<git::Tag>,
}

git_object! {
    /// An annotated tag.
    Tag {
        /// Its name.
        async fn name(&self) -> &str {
            &self.inner.name
        }

        /// What it says.
        async fn message(&self) -> Option<&str> {
            Some(&self.inner.message)
        }

        /// Who made it.
        async fn tagger(&self) -> Option<GitActor> {
            let tagger = self.inner.tagger.as_ref()?;
            Some(GitActor::new(&self.stored.repository, tagger))
        }

        /// What it names.
        async fn target(&self) -> Result<GitObject, Error> {
            GitObject::find(&self.stored.repository, &self.inner.target)?
                .ok_or_else(|| trouble(format!("tag {} names nothing", self.inner.name)))
        }
    }
}
