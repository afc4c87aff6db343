//! Files and directories.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{View, extend};
use crate::github::git::{Commit, Item, Mode, Sha};
use crate::github::links;
use crate::github::state::Repository;

/// How long a line of encoded content is.
const LINE: usize = 60;

/// A file or directory in a tree, and how the tree was asked for.
pub(crate) struct Place<'a> {
    /// Branch, tag or SHA.
    pub(crate) reference: &'a str,
    /// From the root, without a slash at either end.
    pub(crate) path: &'a str,
    /// The object that is there.
    pub(crate) sha: &'a Sha,
    /// What kind of thing is there.
    pub(crate) mode: Mode,
    /// Its bytes, for a file; 0 for all else.
    pub(crate) size: u64,
}

impl View<'_> {
    /// A file with its bytes.
    pub(crate) fn content_file(
        &self,
        repository: &Repository,
        place: &Place<'_>,
        bytes: &[u8],
    ) -> Value {
        let mut shape = self.content(repository, place);
        let more = match place.mode {
            Mode::Symlink => json!({ "target": String::from_utf8_lossy(bytes) }),
            _ => json!({ "content": in_lines(bytes), "encoding": "base64" }),
        };
        extend(&mut shape, more);
        shape
    }

    /// The items of a directory.
    pub(crate) fn content_directory(
        &self,
        repository: &Repository,
        reference: &str,
        directory: &str,
        items: &[Item],
    ) -> Value {
        items
            .iter()
            .map(|item| {
                let path = if directory.is_empty() {
                    item.name.clone()
                } else {
                    format!("{directory}/{}", item.name)
                };
                let place = Place {
                    reference,
                    path: &path,
                    sha: &item.sha,
                    mode: item.mode,
                    size: item.size,
                };
                self.content(repository, &place)
            })
            .collect()
    }

    /// A file that was changed, and the commit that did it.
    pub(crate) fn file_commit(
        &self,
        repository: &Repository,
        place: &Place<'_>,
        commit: &Commit,
    ) -> Value {
        json!({
            "content": self.content(repository, place),
            "commit": self.git_commit(repository, commit),
        })
    }

    fn content(&self, repository: &Repository, place: &Place<'_>) -> Value {
        let full_name = repository.full_name();
        let (path, reference) = (links::path(place.path), links::segment(place.reference));
        let (kind, page, object) = match place.mode {
            Mode::File | Mode::Executable => ("file", "blob", "blobs"),
            Mode::Symlink => ("symlink", "blob", "blobs"),
            Mode::Directory => ("dir", "tree", "trees"),
            Mode::Submodule => ("submodule", "tree", "trees"),
        };
        let url = self.repository_url(repository, &format!("/contents/{path}?ref={reference}"));
        let git = self.repository_url(repository, &format!("/git/{object}/{}", place.sha));
        let html = self
            .links
            .html(&format!("/{full_name}/{page}/{reference}/{path}"));
        let download = (page == "blob").then(|| {
            self.links
                .html(&format!("/{full_name}/raw/{reference}/{path}"))
        });
        json!({
            "name": place.path.rsplit('/').next().unwrap_or_default(),
            "path": place.path,
            "sha": place.sha.as_str(),
            "size": place.size,
            "url": url,
            "html_url": html,
            "git_url": git,
            "download_url": download,
            "type": kind,
            "_links": { "self": url, "git": git, "html": html },
        })
    }
}

/// Base64 in lines, each with its line feed.
fn in_lines(bytes: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(bytes);
    let mut text = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for (index, letter) in encoded.chars().enumerate() {
        if index > 0 && index % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
