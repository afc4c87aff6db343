//! Commits and the default branch, as GraphQL writes them.

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Nodes,
    checks::{self, Rollup},
    error::Error,
};
use crate::model::{Author, Checks, Commit, Line, Sha};

/// `fragment CommitParts`, and the checks where they were asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommitNode {
    pub(crate) oid: String,
    message_headline: Option<String>,
    committed_date: Option<Timestamp>,
    url: Option<String>,
    author: Option<AuthorNode>,
    status_check_rollup: Option<Rollup>,
}

#[derive(Debug, Clone, Deserialize)]
struct AuthorNode {
    name: Option<String>,
    /// Where it was asked for.
    email: Option<String>,
    user: Option<User>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    login: String,
    /// Where it was asked for.
    database_id: Option<u64>,
}

impl CommitNode {
    /// Who wrote it; the address where that was asked for.
    fn written_by(&self) -> Author {
        let Some(author) = &self.author else {
            return Author::default();
        };
        let user = author.user.as_ref();
        Author {
            account: user.and_then(|user| user.database_id),
            login: user.map(|user| user.login.clone()).unwrap_or_default(),
            email: author.email.clone().unwrap_or_default(),
            name: author.name.clone().unwrap_or_default(),
        }
    }

    /// What its checks say.
    pub(crate) fn checks(&self) -> Checks {
        checks::fold(self.status_check_rollup.as_ref())
    }

    /// Where the next page of its checks begins, if there is one.
    pub(crate) fn next_checks(&self) -> Option<String> {
        self.status_check_rollup.as_ref()?.next_page()
    }

    /// The commit with the checks of a later page; where that page has none,
    /// they stay cut short.
    pub(crate) fn with_later_checks(mut self, later: Self) -> Self {
        if let (Some(first), Some(later)) =
            (self.status_check_rollup.clone(), later.status_check_rollup)
        {
            self.status_check_rollup = Some(first.joined(later));
        }
        self
    }
}

impl TryFrom<CommitNode> for Commit {
    type Error = Error;

    fn try_from(node: CommitNode) -> Result<Self, Error> {
        let author = node
            .author
            .and_then(|author| author.user.map(|user| user.login).or(author.name));
        Ok(Self {
            sha: sha(&node.oid)?,
            headline: node.message_headline.unwrap_or_default(),
            author: author.unwrap_or_default(),
            committed_at: node
                .committed_date
                .ok_or_else(|| Error::Unreadable("a commit has no date".to_owned()))?,
            url: node.url.unwrap_or_default(),
        })
    }
}

/// Reads a SHA that GitHub wrote.
pub(crate) fn sha(text: &str) -> Result<Sha, Error> {
    text.parse()
        .map_err(|_invalid| Error::Unreadable("a commit has no SHA".to_owned()))
}

/// A git object of any kind, of which only commits are of use.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "__typename")]
pub(crate) enum ObjectNode {
    Commit(Box<CommitNode>),
    #[serde(other)]
    Other,
}

/// The default branch with what was asked of it.
#[derive(Debug, Deserialize)]
pub(crate) struct BranchNode<T> {
    pub(crate) name: String,
    pub(crate) target: Option<T>,
}

/// A commit of the line, whose details are there where they were asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct LineNode {
    parents: Option<Nodes<ParentNode>>,
    #[serde(flatten)]
    commit: CommitNode,
}

#[derive(Debug, Deserialize)]
struct ParentNode {
    oid: String,
}

/// A commit and who wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) commit: Commit,
    pub(crate) author: Author,
}

/// The newest commits of the default branch.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) line: Line,
    /// The line reaches back to the branch's first commit.
    pub(crate) is_whole: bool,
}

impl Branch {
    /// A branch without commits, of a repository in which nothing was pushed.
    pub(crate) fn empty() -> Self {
        Self {
            line: Line::new(Vec::new()),
            is_whole: true,
        }
    }

    /// Reads the line, and the details of its commits as far as they are there.
    pub(crate) fn read(nodes: Nodes<LineNode>) -> Result<(Self, Vec<Written>), Error> {
        let unreadable = || Error::Unreadable("the branch is not whole".to_owned());
        let is_whole = !nodes.is_cut_short();
        let nodes = nodes.all().ok_or_else(unreadable)?;
        let mut line = Vec::with_capacity(nodes.len());
        let mut commits = Vec::new();
        for node in nodes {
            let parents = node.parents.and_then(Nodes::all).ok_or_else(unreadable)?;
            let parents = parents.iter().map(|parent| sha(&parent.oid));
            line.push((sha(&node.commit.oid)?, parents.collect::<Result<_, _>>()?));
            if node.commit.committed_date.is_some() {
                let author = node.commit.written_by();
                let commit = node.commit.try_into()?;
                commits.push(Written { commit, author });
            }
        }
        Ok((
            Self {
                line: Line::new(line),
                is_whole,
            },
            commits,
        ))
    }
}
