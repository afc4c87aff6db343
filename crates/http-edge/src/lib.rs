//! HTTP that anybody may reach: whatever comes in has a bound and an end.
//!
//! Both services have such an edge, one for GitHub's webhooks, the other for
//! Slack's events. What a request means, and whether it is signed, is theirs;
//! how much of it is taken, and for how long, is here.

mod body;
mod connections;
mod refusals;

pub use body::{Bodies, Held, Unread};
pub use connections::serve;
pub use refusals::Refusals;
