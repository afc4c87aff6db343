//! Everything the bot says, built by pure functions from what `deploy` answers.
//!
//! Text from outside goes through [`text`] and nothing else, so that no commit
//! can mention a channel, forge a link or change how the rest of a message looks.

pub(crate) mod action;
pub(crate) mod block;
mod deploy;
mod dialog;
mod error;
mod help;
mod history;
mod notice;
mod refusal;
mod stale;
mod status;
mod text;
mod time;
mod undelivered;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod korean;

pub(crate) use deploy::{request, request_cancelled, request_failure};
pub(crate) use dialog::{Dialog, deploy_dialog};
pub(crate) use error::{Asked, CallError, Hindrance, call_error, call_error_in_field, parse_error};
pub(crate) use help::help;
pub(crate) use history::history;
pub(crate) use notice::{
    given_up, not_cancelled, nothing_chosen, nothing_to_cancel, perhaps_cancelled, pressed_before,
    stranger, taken, waiting,
};
pub(crate) use status::status;
pub(crate) use undelivered::{said_elsewhere, said_plainly};
