//! Who owns, pushes and deploys: people, programs and organizations.

use async_graphql::{Error, ID, Interface, Object};

use super::{
    account::{Account, RepositoryAffiliation, RepositoryOrder, default_affiliations},
    page::{Boundaries, Connection},
    repository::Repository,
    scalar::{DateTime, Uri, error},
};
use crate::github::{Github, state::UserKind};

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
        arg(
            name = "affiliations",
            ty = "Option<Vec<Option<RepositoryAffiliation>>>"
        ),
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

impl Actor {
    /// The actor of a login. Somebody who is not known any more still did what
    /// they did.
    pub(super) fn of(github: &Github, login: &str) -> Self {
        let known = github
            .state()
            .user(login)
            .map(|user| Account::new(github, user));
        let account = known.unwrap_or_else(|| Account::unknown(github, login));
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
        match account.kind() {
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

/// Anybody who has a login.
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
                DateTime(self.0.created_at())
            }

            /// When it last changed.
            async fn updated_at(&self) -> DateTime {
                DateTime(self.0.created_at())
            }

            $($more)*
        }
    };
}

/// An account that owns repositories.
macro_rules! owner {
    ($(#[$docs:meta])* $name:ident { $($more:tt)* }) => {
        account! {
            $(#[$docs])*
            $name {
                /// The name to show.
                async fn name(&self) -> Option<String> {
                    Some(self.0.name())
                }

                /// The repositories that it owns.
                #[expect(clippy::too_many_arguments, reason = "GitHub's schema has them")]
                async fn repositories(
                    &self,
                    affiliations: Option<Vec<Option<RepositoryAffiliation>>>,
                    after: Option<String>,
                    before: Option<String>,
                    first: Option<i32>,
                    last: Option<i32>,
                    order_by: Option<RepositoryOrder>,
                    #[graphql(default_with = "default_affiliations()")]
                    owner_affiliations: Option<Vec<Option<RepositoryAffiliation>>>,
                ) -> Result<Connection<Repository>, Error> {
                    // Whoever asks may do the same with all of them.
                    let _ = affiliations;
                    let connection = "repositories";
                    let boundaries = Boundaries { connection, after, before, first, last };
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

                $($more)*
            }
        }
    };
}

account! {
    /// A program.
    Bot {}
}

owner! {
    /// A person.
    User {
        /// The address.
        async fn email(&self) -> String {
            self.0.email()
        }
    }
}

owner! {
    /// An organization.
    Organization {}
}

/// GitHub's sentence that there is nobody of this login.
pub(super) fn nobody(kind: &str, login: &str) -> Error {
    error(
        "NOT_FOUND",
        format!("Could not resolve to {kind} with the login of '{login}'."),
    )
}
