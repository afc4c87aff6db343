//! Everything the bot says, built by pure functions from what `deploy` answers.
//!
//! Text from outside goes through [`text`] and nothing else, so that no commit
//! can mention a channel, forge a link or change how the rest of a message looks.

pub mod action;
pub mod block;
mod deploy;
mod dialog;
mod error;
mod help;
mod history;
mod notice;
mod refusal;
mod status;
mod text;
mod time;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;

pub use deploy::{request, request_failure};
pub use dialog::{Dialog, deploy_dialog};
pub use error::{Asked, CallError, call_error, call_error_in_field, parse_error};
pub use help::help;
pub use history::history;
pub use notice::{given_up, nothing_chosen, pressed_before, taken, waiting};
pub use status::status;
