//! Pull requests, of which there are none.

use std::convert::Infallible;

use async_graphql::{Error, ID, Object};

use super::{
    page::{Boundaries, Connection},
    scalar::Uri,
};

/// A pull request. There are none here: commits arrive by pushes alone.
#[derive(Clone)]
#[expect(dead_code, reason = "none is ever made, as its last field shows")]
pub(super) struct PullRequest {
    id: ID,
    number: i32,
    title: String,
    url: Uri,
    never: Infallible,
}

/// A pull request. There are none here: commits arrive by pushes alone.
#[Object]
impl PullRequest {
    /// The node id.
    pub(super) async fn id(&self) -> ID {
        self.id.clone()
    }

    /// Its number.
    async fn number(&self) -> i32 {
        self.number
    }

    /// What it is about.
    async fn title(&self) -> &str {
        &self.title
    }

    /// The page for people.
    async fn url(&self) -> Uri {
        self.url.clone()
    }
}

impl PullRequest {
    /// The page of an empty list.
    pub(super) fn none(boundaries: &Boundaries) -> Result<Connection<Self>, Error> {
        let page = boundaries.page(&[], |_: &Self| String::new())?;
        Ok(page.into())
    }
}
