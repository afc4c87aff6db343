//! Who owns, pushes and deploys: people, programs and organizations.

use std::convert::Infallible;

use async_graphql::{Enum, Error, ID, InputObject, Interface, Object};

use super::{
    OrderDirection,
    page::{Boundaries, Connection},
    repository::Repository,
    scalar::{DateTime, Uri, error},
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

    fn node_id(&self) -> ID {
        let id = NodeId::new(NodeKind::User, 0, self.user.id);
        ID(id.to_string())
    }

    fn database_id(&self) -> Option<i64> {
        i64::try_from(self.user.id).ok()
    }

    /// GraphQL leaves out the `[bot]` that REST adds to a program's login.
    fn login(&self) -> String {
        match self.user.kind {
            UserKind::Bot => self.user.login.trim_end_matches("[bot]").to_owned(),
            UserKind::Person | UserKind::Organization => self.user.login.clone(),
        }
    }

    fn url(&self) -> Uri {
        let path = format!("/{}", segment(&self.login()));
        Uri(self.github.links().html(&path))
    }

    fn avatar(&self) -> Uri {
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

    fn page_of_repositories(
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

    fn repository(&self, name: &str) -> Result<Option<Repository>, Error> {
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

/// Who did something.
#[expect(
    clippy::duplicated_attributes,
    reason = "each field of the interface has a type, and some have the same"
)]
#[derive(Interface, Clone)]
#[graphql(
    field(
        name = "avatarUrl",
        method = "avatar_url",
        ty = "Uri",
        arg(name = "size", ty = "Option<i32>")
    ),
    field(name = "login", ty = "String"),
    field(name = "resourcePath", method = "resource_path", ty = "Uri"),
    field(name = "url", ty = "Uri")
)]
pub(super) enum Actor {
    /// A program.
    Bot(Bot),
    /// An organization.
    Organization(Organization),
    /// A person.
    User(User),
}

/// Who owns a repository.
#[expect(
    clippy::duplicated_attributes,
    reason = "each field of the interface has a type, and some have the same"
)]
#[derive(Interface, Clone)]
#[graphql(
    field(
        name = "avatarUrl",
        method = "avatar_url",
        ty = "Uri",
        arg(name = "size", ty = "Option<i32>")
    ),
    field(name = "id", ty = "ID"),
    field(name = "login", ty = "String"),
    field(
        name = "repositories",
        ty = "Connection<Repository>",
        arg(name = "after", ty = "Option<String>"),
        arg(name = "before", ty = "Option<String>"),
        arg(name = "first", ty = "Option<i32>"),
        arg(name = "last", ty = "Option<i32>"),
        arg(name = "order_by", ty = "Option<RepositoryOrder>"),
        arg(
            name = "owner_affiliations",
            ty = "Option<Vec<Option<RepositoryAffiliation>>>",
            default_with = "default_affiliations()"
        )
    ),
    field(
        name = "repository",
        ty = "Option<Repository>",
        arg(
            name = "follow_renames",
            ty = "Option<bool>",
            default_with = "Some(true)"
        ),
        arg(name = "name", ty = "String")
    ),
    field(name = "resourcePath", method = "resource_path", ty = "Uri"),
    field(name = "url", ty = "Uri")
)]
pub(super) enum RepositoryOwner {
    /// An organization.
    Organization(Organization),
    /// A person.
    User(User),
}

fn default_affiliations() -> Option<Vec<Option<RepositoryAffiliation>>> {
    Some(vec![
        Some(RepositoryAffiliation::Owner),
        Some(RepositoryAffiliation::Collaborator),
    ])
}

impl Actor {
    /// The actor of a login. Somebody who is not known any more still did what
    /// they did.
    pub(super) fn of(github: &Github, login: &str) -> Self {
        let known = github
            .state()
            .user(login)
            .map(|user| Account::new(github, user));
        let account = known.unwrap_or_else(|| Account {
            github: github.clone(),
            user: state::User {
                id: 0,
                login: login.to_owned(),
                name: login.to_owned(),
                email: String::new(),
                kind: if login.ends_with("[bot]") {
                    UserKind::Bot
                } else {
                    UserKind::Person
                },
                created_at: jiff::Timestamp::UNIX_EPOCH,
            },
        });
        Self::from(account)
    }

    /// The actor of a login, if there is one.
    pub(super) fn find(github: &Github, login: &str) -> Option<Self> {
        let state = github.state();
        Some(Self::from(Account::new(github, state.user(login)?)))
    }
}

impl From<Account> for Actor {
    fn from(account: Account) -> Self {
        match account.user.kind {
            UserKind::Bot => Self::Bot(Bot(account)),
            UserKind::Organization => Self::Organization(Organization(account)),
            UserKind::Person => Self::User(User(account)),
        }
    }
}

impl RepositoryOwner {
    /// The owner of this login, if there is one.
    pub(super) fn find(github: &Github, login: &str) -> Option<Self> {
        match Actor::find(github, login)? {
            Actor::Organization(organization) => Some(Self::Organization(organization)),
            Actor::User(user) => Some(Self::User(user)),
            Actor::Bot(_) => None,
        }
    }
}

macro_rules! account {
    ($(#[$docs:meta])* $name:ident { $($more:tt)* }) => {
        $(#[$docs])*
        #[derive(Clone)]
        pub(super) struct $name(pub(super) Account);

        $(#[$docs])*
        #[Object]
        impl $name {
            /// The node id.
            pub(super) async fn id(&self) -> ID {
                self.0.node_id()
            }

            /// The number.
            async fn database_id(&self) -> Option<i64> {
                self.0.database_id()
            }

            /// The login.
            async fn login(&self) -> String {
                self.0.login()
            }

            /// The page for people.
            async fn url(&self) -> Uri {
                self.0.url()
            }

            /// The path of the page for people.
            async fn resource_path(&self) -> Uri {
                self.0.url().path()
            }

            /// The picture; ours fit any size.
            async fn avatar_url(&self, size: Option<i32>) -> Uri {
                let _ = size;
                self.0.avatar()
            }

            /// When it came to be.
            async fn created_at(&self) -> DateTime {
                DateTime(self.0.user.created_at)
            }

            /// When it last changed.
            async fn updated_at(&self) -> DateTime {
                DateTime(self.0.user.created_at)
            }

            $($more)*
        }
    };
}

account! {
    /// A program.
    Bot {}
}

account! {
    /// A person.
    User {
        /// The name to show.
        async fn name(&self) -> Option<String> {
            Some(self.0.user.name.clone())
        }

        /// The address.
        async fn email(&self) -> String {
            self.0.user.email.clone()
        }

        /// The repositories that the person owns.
        #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
        async fn repositories(
            &self,
            after: Option<String>,
            before: Option<String>,
            first: Option<i32>,
            last: Option<i32>,
            order_by: Option<RepositoryOrder>,
            #[graphql(default_with = "default_affiliations()")]
            owner_affiliations: Option<Vec<Option<RepositoryAffiliation>>>,
        ) -> Result<Connection<Repository>, Error> {
            let boundaries = Boundaries { connection: "repositories", after, before, first, last };
            let affiliations = owner_affiliations.as_deref();
            self.0.page_of_repositories(&boundaries, order_by.as_ref(), affiliations)
        }

        /// One of them.
        async fn repository(
            &self,
            #[graphql(default_with = "Some(true)")] follow_renames: Option<bool>,
            name: String,
        ) -> Result<Option<Repository>, Error> {
            let _ = follow_renames;
            self.0.repository(&name)
        }
    }
}

account! {
    /// An organization.
    Organization {
        /// The name to show.
        async fn name(&self) -> Option<String> {
            Some(self.0.user.name.clone())
        }

        /// The repositories that the organization owns.
        #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
        async fn repositories(
            &self,
            after: Option<String>,
            before: Option<String>,
            first: Option<i32>,
            last: Option<i32>,
            order_by: Option<RepositoryOrder>,
            #[graphql(default_with = "default_affiliations()")]
            owner_affiliations: Option<Vec<Option<RepositoryAffiliation>>>,
        ) -> Result<Connection<Repository>, Error> {
            let boundaries = Boundaries { connection: "repositories", after, before, first, last };
            let affiliations = owner_affiliations.as_deref();
            self.0.page_of_repositories(&boundaries, order_by.as_ref(), affiliations)
        }

        /// One of them.
        async fn repository(
            &self,
            #[graphql(default_with = "Some(true)")] follow_renames: Option<bool>,
            name: String,
        ) -> Result<Option<Repository>, Error> {
            let _ = follow_renames;
            self.0.repository(&name)
        }
    }
}

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

/// GitHub's sentence that there is nobody of this login.
pub(super) fn nobody(kind: &str, login: &str) -> Error {
    error(
        "NOT_FOUND",
        format!("Could not resolve to {kind} with the login of '{login}'."),
    )
}
