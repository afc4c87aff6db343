//! By what GitHub knows us: the `Authorization` of each call, by the owner of
//! the repository that the call is about.

mod app;
mod flight;
mod jwt;

use std::sync::Arc;

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    account::Account,
    budget::Budget,
    error::Error,
    line::{Deadline, Line},
};
pub(crate) use app::App;

/// What the client asks with.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A token that every call carries.
    Token(SecretString),
    /// A GitHub App, which has a token for each owner that installed it.
    App {
        /// Its id, as its settings page shows it.
        id: u64,
        /// Its private key as GitHub hands it out: PEM, PKCS#1 or PKCS#8.
        private_key: SecretString,
    },
}

/// Signs calls.
pub(crate) enum Auth {
    Token {
        authorization: HeaderValue,
        account: Arc<Account>,
    },
    App(Arc<App>),
}

impl Auth {
    pub(crate) fn new(credentials: &Credentials, line: Arc<Line>) -> Result<Self, Error> {
        Ok(match credentials {
            Credentials::Token(token) => Self::Token {
                authorization: bearer(token.expose_secret()).ok_or(Error::Misconfigured(
                    "the GitHub token holds characters that no token has",
                ))?,
                account: Arc::new(Account::new("token")),
            },
            Credentials::App { id, private_key } => {
                Self::App(Arc::new(App::new(*id, private_key, line)?))
            }
        })
    }

    /// The account that calls about an owner's repositories count for.
    pub(crate) fn account(&self, owner: &str) -> Arc<Account> {
        match self {
            Self::Token { account, .. } => Arc::clone(account),
            Self::App(app) => app.account(owner),
        }
    }

    /// The `Authorization` of a call about an owner's repositories.
    pub(crate) async fn authorization(
        &self,
        owner: &str,
        deadline: Deadline,
    ) -> Result<HeaderValue, Error> {
        match self {
            Self::Token { authorization, .. } => Ok(authorization.clone()),
            Self::App(app) => deadline.bounds(app.authorization(owner)).await?,
        }
    }

    /// GitHub did not accept an `Authorization`; true when there may be a
    /// better one.
    pub(crate) fn is_renewed_after(&self, owner: &str, refused: &HeaderValue) -> bool {
        match self {
            Self::Token { .. } => false,
            Self::App(app) => {
                app.forget(owner, refused);
                true
            }
        }
    }

    /// The App, where that is what GitHub knows us by.
    pub(crate) fn app(&self) -> Option<&App> {
        match self {
            Self::Token { .. } => None,
            Self::App(app) => Some(app),
        }
    }

    /// Whether one call can be about repositories of both owners.
    pub(crate) fn is_same(&self, one: &str, other: &str) -> bool {
        matches!(self, Self::Token { .. }) || one.eq_ignore_ascii_case(other)
    }

    /// What each account may still spend.
    pub(crate) fn budgets(&self, line: &Line) -> Vec<Budget> {
        let accounts = match self {
            Self::Token { account, .. } => vec![Arc::clone(account)],
            Self::App(app) => app.accounts(),
        };
        let now = line.clock.now();
        accounts.iter().map(|account| account.budget(now)).collect()
    }
}

/// The header of a token, which no log shows; none when it can't be one.
fn bearer(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}
