//! What people, programs and organizations have in common, and the repositories
//! that they own.

use async_graphql::{Enum, Error, ID, InputObject};
use jiff::Timestamp;

use super::{
    OrderDirection,
    page::{Boundaries, Connection},
    repository::Repository,
    scalar::Uri,
};
use crate::github::{
    Github,
    links::segment,
    node::{NodeId, NodeKind},
    state::{self, UserKind},
};

/// A user of whatever kind.
#[derive(Clone)]
pub(super) struct Account {
    github: Github,
    user: state::User,
}

impl Account {
    pub(super) fn new(github: &Github, user: &state::User) -> Self {
        Self {
            github: github.clone(),
            user: user.clone(),
        }
    }

    /// Whom a token speaks for: a user even where it is a program's, whose login
    /// is told with its `[bot]` then.
    pub(super) fn viewer(github: &Github, user: &state::User) -> Self {
        let mut viewer = Self::new(github, user);
        viewer.user.kind = UserKind::Person;
        viewer
    }

    /// Somebody who is not known any more: what they did is still there.
    pub(super) fn unknown(github: &Github, login: &str) -> Self {
        let kind = if login.ends_with("[bot]") {
            UserKind::Bot
        } else {
            UserKind::Person
        };
        Self {
            github: github.clone(),
            user: state::User {
                id: 0,
                login: login.to_owned(),
                name: login.to_owned(),
                email: String::new(),
                kind,
                created_at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    pub(super) fn kind(&self) -> UserKind {
        self.user.kind
    }

    pub(super) fn name(&self) -> String {
        self.user.name.clone()
    }

    pub(super) fn email(&self) -> String {
        self.user.email.clone()
    }

    pub(super) fn created_at(&self) -> Timestamp {
        self.user.created_at
    }

    pub(super) fn node_id(&self) -> ID {
        let id = NodeId::new(NodeKind::User, 0, self.user.id);
        ID(id.to_string())
    }

    pub(super) fn database_id(&self) -> Option<i64> {
        i64::try_from(self.user.id).ok()
    }

    /// GraphQL leaves out the `[bot]` that REST adds to a program's login.
    pub(super) fn login(&self) -> String {
        match self.user.kind {
            UserKind::Bot => self.user.login.trim_end_matches("[bot]").to_owned(),
            UserKind::Person | UserKind::Organization => self.user.login.clone(),
        }
    }

    pub(super) fn url(&self) -> Uri {
        let path = format!("/{}", segment(&self.login()));
        Uri(self.github.links().html(&path))
    }

    pub(super) fn avatar(&self) -> Uri {
        Uri(self.github.links().avatar(&self.user.login))
    }

    /// The repositories it owns, in the order that is asked for.
    fn repositories(&self, order: Option<&RepositoryOrder>) -> Vec<Repository> {
        use RepositoryOrderField::{CreatedAt, Name, PushedAt, Stargazers, UpdatedAt};
        let state = self.github.state();
        let mut owned: Vec<&state::Repository> = state
            .repositories
            .values()
            .filter(|repository| repository.owner.eq_ignore_ascii_case(&self.user.login))
            .filter(|repository| self.github.sees(repository))
            .collect();
        match order.map(|order| order.field) {
            Some(Name) => owned.sort_by_key(|repository| repository.name.to_lowercase()),
            Some(PushedAt | UpdatedAt) => owned.sort_by_key(|it| (it.pushed_at, it.id)),
            // None has a star: the order of their making is as good as any.
            Some(CreatedAt | Stargazers) | None => owned.sort_by_key(|it| it.id),
        }
        if order.is_some_and(|order| order.direction == OrderDirection::Desc) {
            owned.reverse();
        }
        owned
            .into_iter()
            .map(|repository| Repository::new(&self.github, repository))
            .collect()
    }

    pub(super) fn page_of_repositories(
        &self,
        boundaries: &Boundaries,
        order: Option<&RepositoryOrder>,
        affiliations: Option<&[Option<RepositoryAffiliation>]>,
    ) -> Result<Connection<Repository>, Error> {
        // All that is here belongs to its owner; nobody collaborates.
        let wanted =
            affiliations.is_none_or(|wanted| wanted.contains(&Some(RepositoryAffiliation::Owner)));
        let all = if wanted {
            self.repositories(order)
        } else {
            Vec::new()
        };
        let page = boundaries.page(&all, |repository| repository.facts().id.to_string())?;
        Ok(page.into())
    }

    pub(super) fn repository(&self, name: &str) -> Result<Option<Repository>, Error> {
        Repository::find(&self.github, &self.user.login, name).map(Some)
    }
}

/// How to sort repositories.
#[derive(InputObject)]
pub(super) struct RepositoryOrder {
    /// Which way.
    direction: OrderDirection,
    /// By what.
    field: RepositoryOrderField,
}

/// By what repositories can be sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum RepositoryOrderField {
    /// When they were made.
    CreatedAt,
    /// By name.
    Name,
    /// When they were last pushed to.
    PushedAt,
    /// How many like them.
    Stargazers,
    /// When they were last changed.
    UpdatedAt,
}

/// What someone has to do with a repository.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum RepositoryAffiliation {
    /// May push to it.
    Collaborator,
    /// Belongs to the organization that owns it.
    OrganizationMember,
    /// Owns it.
    Owner,
}

/// The affiliations that are meant when none are named.
pub(super) fn default_affiliations() -> Option<Vec<Option<RepositoryAffiliation>>> {
    Some(vec![
        Some(RepositoryAffiliation::Owner),
        Some(RepositoryAffiliation::Collaborator),
    ])
}
