//! `link`, `unlink`, `mute`, `unmute`: who somebody is on GitHub, and whether they
//! are mentioned. Slack's event is acknowledged when the deploy service has it, as
//! that of a deploy is, and it is told when each was asked for: of what somebody
//! says one after the other the last holds, whichever comes late or twice. The code
//! that proves an account is shown to one person alone; how that ends, the feed
//! tells.

use deploy_proto::v1::{self, LinkState};

use super::{
    Bot, Question,
    asking::{Asker, End, Ended, Notice, settle},
    reply_address, wish_id, written_at,
};
use crate::{
    command::{Command, Login},
    people::Someone,
    slack::{event::Mention, id::Place, incoming::Acknowledgement},
    view::{self, Asked, CallError, block::Message},
    words::Words,
};

/// Begins a link; tells whether the event is dealt with.
pub(super) async fn link(
    bot: &Bot,
    mention: &Mention,
    login: &Login,
    acknowledgement: Acknowledgement,
) -> bool {
    let Someone { person, words, .. } = bot.people.find(&mention.user).await;
    let request = v1::StartLinkRequest {
        link_id: wish_id(mention),
        person: Some(person),
        login: login.to_string(),
        reply: Some(reply_address(
            &mention.channel,
            mention.thread.as_ref(),
            &mention.ts,
        )),
        asked_at: written_at(&mention.ts),
    };
    let asker = Asker::of(bot, mention, words);
    let ask = || bot.deploy.start_link(request.clone());
    let ended = asker.run(&request.link_id, ask).await;
    let telling = async {
        if let End::Journalled(link) = &ended.end {
            tell_link(&asker, mention, &ended, link).await;
        }
    };
    let again = Command::Link {
        login: login.clone(),
    };
    let refused = |error: &_| refused(words, error);
    settle(&asker, &ended, &again, telling, refused, acknowledgement).await
}

async fn tell_link(asker: &Asker<'_>, mention: &Mention, ended: &Ended<v1::Link>, link: &v1::Link) {
    let (bot, words, waiting) = (asker.bot, asker.words, ended.waiting.as_ref());
    match link.state() {
        LinkState::Waiting => {
            let code = view::link_code(words, link, bot.clock.now());
            if mention.direct {
                // Nobody else is there, and it stays to be read.
                return asker.answer(waiting, code).await;
            }
            let told = match show_alone(bot, mention, code).await {
                // Whoever asked sees it where they look.
                Shown::Here if waiting.is_none() => return,
                Shown::Here => view::link_code_shown(words),
                Shown::Directly => view::link_code_sent(words),
                Shown::Nowhere => view::link_code_not_shown(words, link),
            };
            asker.answer(waiting, told).await;
        }
        // What ended at once is answered at once. Of those that were withdrawn the feed
        // tells nothing in a direct message, where `unlink` is answered: what was asked
        // for before that, and journalled after it, would have no answer.
        LinkState::NotSetUp => answer_end(asker, waiting, link).await,
        LinkState::Withdrawn if mention.direct => answer_end(asker, waiting, link).await,
        // It ended at once or the event was delivered again; how, the feed tells. That it
        // takes long is not so any more.
        _ if waiting.is_some() => asker.answer(waiting, view::taken(words)).await,
        _ => {}
    }
}

async fn answer_end(asker: &Asker<'_>, waiting: Option<&Notice>, link: &v1::Link) {
    if let Some(message) = view::link_end(asker.words, link) {
        asker.answer(waiting, message).await;
    }
}

/// Forgets which account somebody has; tells whether the event is dealt with.
pub(super) async fn unlink(bot: &Bot, mention: &Mention, acknowledgement: Acknowledgement) -> bool {
    let Someone { person, words, .. } = bot.people.find(&mention.user).await;
    let request = v1::RemoveLinkRequest {
        person: Some(person),
        request_id: wish_id(mention),
        asked_at: written_at(&mention.ts),
    };
    let asker = Asker::of(bot, mention, words);
    let ask = || bot.deploy.remove_link(request.clone());
    let ended = asker.run(&request.request_id, ask).await;
    let telling = async {
        if let End::Journalled(forgotten) = &ended.end {
            let message = view::unlinked(words, forgotten);
            asker.answer(ended.waiting.as_ref(), message).await;
        }
    };
    let refused = |error: &_| refused(words, error);
    settle(
        &asker,
        &ended,
        &Command::Unlink,
        telling,
        refused,
        acknowledgement,
    )
    .await
}

/// Sets whether somebody is mentioned; tells whether the event is dealt with.
pub(super) async fn set_mentions(
    bot: &Bot,
    mention: &Mention,
    muted: bool,
    acknowledgement: Acknowledgement,
) -> bool {
    let Someone { person, words, .. } = bot.people.find(&mention.user).await;
    let request = v1::SetMentionsRequest {
        person: Some(person),
        muted,
        request_id: wish_id(mention),
        asked_at: written_at(&mention.ts),
    };
    let asker = Asker::of(bot, mention, words);
    let ask = || bot.deploy.set_mentions(request.clone());
    let ended = asker.run(&request.request_id, ask).await;
    let telling = async {
        if let End::Journalled(v1::SetMentionsResponse { outdated }) = &ended.end {
            let message = match outdated {
                true => view::outdated(words),
                false => view::mentions_set(words, muted),
            };
            asker.answer(ended.waiting.as_ref(), message).await;
        }
    };
    let again = if muted {
        Command::Mute
    } else {
        Command::Unmute
    };
    let refused = |error: &_| refused(words, error);
    settle(&asker, &ended, &again, telling, refused, acknowledgement).await
}

fn refused(words: Words, error: &CallError) -> Message {
    view::call_error(words, error, Asked::ToKnow, "", None)
}

/// Where somebody alone is shown something, now or soon.
enum Shown {
    Here,
    Directly,
    Nowhere,
}

/// Shows the code to whoever asked and nobody else: where they asked or, where that
/// fails, directly.
async fn show_alone(bot: &Bot, mention: &Mention, code: Message) -> Shown {
    let place = mention.place();
    let told = bot.slack.tell(&place, &mention.user, &code).await;
    let Err(error) = told else { return Shown::Here };
    tracing::warn!(channel = %mention.channel, %error, "a code can't be shown there; it is sent directly");
    let channel = match bot.slack.direct(&mention.user).await {
        Ok(channel) => channel,
        Err(error) => {
            tracing::error!(user = %mention.user, %error, "somebody can't be shown a code");
            return Shown::Nowhere;
        }
    };
    // Another message than the answer where it was asked.
    let event = format!("{}:code", mention.id);
    let question = Question {
        event: &event,
        since: &mention.ts,
        user: None,
    };
    let place = Place {
        channel,
        thread: None,
    };
    match bot.say(&question, place, code).await {
        Some(_) => Shown::Directly,
        None => Shown::Nowhere,
    }
}
