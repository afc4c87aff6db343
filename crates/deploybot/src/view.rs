//! Everything the bot says, built by pure functions from what `deploy` answers.
//!
//! Text from outside goes through [`text`] and nothing else, so that no commit
//! can mention a channel, forge a link or change how the rest of a message looks.

pub(crate) mod action;
pub(crate) mod block;
mod deploy;
mod dialog;
mod direct;
mod error;
mod failure;
mod help;
mod history;
mod home;
mod notice;
mod objection;
mod obstacle;
mod people;
mod policy;
mod refusal;
mod stale;
mod status;
mod subscriptions;
mod text;
mod time;
mod undelivered;

#[cfg(test)]
mod codes;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod korean;

pub(crate) use deploy::{
    followed_elsewhere, followed_request, only_takes_away, request, request_cancelled,
    request_failure, request_refused,
};
pub(crate) use dialog::{Dialog, choices, deploy_dialog, deploy_dialog_refused};
pub(crate) use direct::directly;
pub(crate) use error::{
    Asked, Away, CallError, Hindrance, Most, call_error, call_error_in_field, parse_error,
};
pub(crate) use help::{help, help_directly};
pub(crate) use history::history;
pub(crate) use home::{
    home, home_of_a_guest, home_of_a_stranger, home_of_nobody_known, home_without_answer,
};
pub(crate) use notice::{
    addressed, changed_meanwhile, given_up, guest, guest_in_field, live_meanwhile, not_cancelled,
    not_shown_yet, nothing_chosen, nothing_to_cancel, outdated, perhaps_cancelled, pressed_before,
    still_at_an_earlier_question, stranger, taken, waiting, what_changes_now,
};
pub(crate) use people::{
    Named, asked_in_vain, commits_live, link_code, link_code_not_shown, link_code_sent,
    link_code_shown, link_end, mentions_set, unlinked,
};
pub(crate) use status::status;
pub(crate) use subscriptions::{
    follows_in_vain, follows_no_more, not_subscribed, subscribe_withdrawn, subscribed,
    subscriptions, unsubscribed,
};
pub(crate) use undelivered::{said_elsewhere, said_plainly};
