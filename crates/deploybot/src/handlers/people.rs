//! `link`, `unlink`, `mute`, `unmute`: who somebody is on GitHub, and whether they
//! are mentioned. Slack's event is acknowledged when the deploy service has it, as
//! that of a deploy is. The code that proves an account is shown to one person
//! alone; how that ends, the feed tells.

use deploy_proto::v1::{self, LinkState};

use super::{
    Bot, Question, acknowledge_within,
    asking::{Asker, End, Ended},
    reply_address,
};
use crate::{
    command::Login,
    people::Someone,
    slack::{event::Mention, id::Place, incoming::Acknowledgement},
    view::{self, Asked, block::Message},
    words::Words,
};

/// Begins a link; tells whether the event is dealt with.
pub(super) async fn link(
    bot: &Bot,
    mention: &Mention,
    login: &Login,
    acknowledgement: Acknowledgement,
) -> bool {
    let Someone { person, words } = bot.people.find(&mention.user).await;
    let request = v1::StartLinkRequest {
        link_id: format!("slack:{}:{}", mention.team, mention.id),
        person: Some(person),
        login: login.to_string(),
        reply: Some(reply_address(
            &mention.channel,
            mention.thread.as_ref(),
            &mention.ts,
        )),
    };
    let id = request.link_id.clone();
    let asker = asker(bot, mention, words);
    let ask = || bot.deploy.start_link(request.clone());
    let ended = asker.run(&id, ask).await;
    let telling = async {
        if let End::Journalled(link) = &ended.end {
            tell_link(&asker, mention, &ended, link).await;
        }
    };
    let wanted = format!("link {login}");
    dealt_with(&asker, &ended, &wanted, telling, acknowledgement).await
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
            show_alone(bot, mention, code).await;
            if waiting.is_some() {
                asker.answer(waiting, view::link_code_shown(words)).await;
            }
        }
        LinkState::NotSetUp => {
            if let Some(message) = view::link_end(words, link) {
                asker.answer(waiting, message).await;
            }
        }
        // The event was delivered again; how it ended, the feed tells.
        _ => {}
    }
}

/// Forgets which account somebody has; tells whether the event is dealt with.
pub(super) async fn unlink(bot: &Bot, mention: &Mention, acknowledgement: Acknowledgement) -> bool {
    let Someone { person, words } = bot.people.find(&mention.user).await;
    let request = v1::RemoveLinkRequest {
        person: Some(person),
    };
    let asker = asker(bot, mention, words);
    let ask = || bot.deploy.remove_link(request.clone());
    let ended = asker.run(mention.id.as_str(), ask).await;
    let telling = async {
        if let End::Journalled(login) = &ended.end {
            let message = view::unlinked(words, login);
            asker.answer(ended.waiting.as_ref(), message).await;
        }
    };
    dealt_with(&asker, &ended, "unlink", telling, acknowledgement).await
}

/// Sets whether somebody is mentioned; tells whether the event is dealt with.
pub(super) async fn set_mentions(
    bot: &Bot,
    mention: &Mention,
    muted: bool,
    acknowledgement: Acknowledgement,
) -> bool {
    let Someone { person, words } = bot.people.find(&mention.user).await;
    let request = v1::SetMentionsRequest {
        person: Some(person),
        muted,
    };
    let asker = asker(bot, mention, words);
    let ask = || bot.deploy.set_mentions(request.clone());
    let ended = asker.run(mention.id.as_str(), ask).await;
    let telling = async {
        if matches!(ended.end, End::Journalled(())) {
            let message = view::mentions_set(words, muted);
            asker.answer(ended.waiting.as_ref(), message).await;
        }
    };
    let wanted = if muted { "mute" } else { "unmute" };
    dealt_with(&asker, &ended, wanted, telling, acknowledgement).await
}

fn asker<'a>(bot: &'a Bot, mention: &'a Mention, words: Words) -> Asker<'a> {
    Asker {
        bot,
        place: mention.side(),
        event: mention.id.as_str(),
        since: &mention.ts,
        user: &mention.user,
        words,
    }
}

/// Tells how it ended, where the deploy service has it by `telling`, and acknowledges;
/// false where the service stops, so that Slack delivers the event to the next
/// process.
async fn dealt_with<T>(
    asker: &Asker<'_>,
    ended: &Ended<T>,
    wanted: &str,
    telling: impl Future<Output = ()>,
    acknowledgement: Acknowledgement,
) -> bool {
    let (words, timing) = (asker.words, &asker.bot.timing);
    let replying = async {
        let message = match &ended.end {
            End::Journalled(_) => return telling.await,
            End::NotTaken(error) => view::call_error(words, error, Asked::ToKnow, "", None),
            End::GivenUp(last) => {
                view::asked_in_vain(words, last, timing.journalled_at_last, wanted)
            }
            End::Stopped(..) => return,
        };
        asker.answer(ended.waiting.as_ref(), message).await;
    };
    if matches!(ended.end, End::Stopped(..)) {
        return false;
    }
    acknowledge_within(timing.read_acknowledged_after, replying, acknowledgement).await;
    true
}

/// Shows the code to whoever asked and nobody else: where they asked or, where that
/// fails, directly.
async fn show_alone(bot: &Bot, mention: &Mention, code: Message) {
    let place = mention.place();
    let told = bot.slack.tell(&place, &mention.user, &code).await;
    let Err(error) = told else { return };
    tracing::warn!(channel = %mention.channel, %error, "a code can't be shown there; it is sent directly");
    let channel = match bot.slack.direct(&mention.user).await {
        Ok(channel) => channel,
        Err(error) => {
            return tracing::error!(user = %mention.user, %error, "somebody can't be shown a code");
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
    bot.say(&question, place, code).await;
}
