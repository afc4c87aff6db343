//! The methods of the Web API: what each takes, and who carries it out.

use super::answer::Answer;
use super::{Call, chat, conversations, reactions, users, views, workspace};
use crate::slack::limit::Tier;
use crate::slack::scope::Needs;

/// Which token a method wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// The bot's.
    Bot,
    /// The one that opens connections.
    App,
    /// None.
    Free,
}

/// One method of the Web API.
#[derive(Clone, Copy)]
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) token: Token,
    pub(super) needs: Needs,
    pub(super) tier: Tier,
    pub(super) run: fn(&Call) -> Answer,
}

const CHAT: Needs = Needs::One("chat:write");
const USERS: Needs = Needs::One("users:read");
const GROUPS: Needs = Needs::One("usergroups:read");
const REACT: Needs = Needs::One("reactions:write");

/// All of them.
pub(super) const METHODS: [Method; 30] = [
    free("api.test", workspace::api_test),
    Method {
        name: "apps.connections.open",
        token: Token::App,
        needs: Needs::Nothing,
        tier: Tier::Three,
        run: workspace::open_connection,
    },
    bot(
        "auth.test",
        Needs::Nothing,
        Tier::Special,
        workspace::auth_test,
    ),
    bot("bots.info", USERS, Tier::Three, workspace::bot_info),
    bot(
        "team.info",
        Needs::One("team:read"),
        Tier::Three,
        workspace::team_info,
    ),
    bot(
        "chat.postMessage",
        CHAT,
        Tier::PerChannel,
        chat::post_message,
    ),
    bot("chat.postEphemeral", CHAT, Tier::Four, chat::post_ephemeral),
    bot("chat.update", CHAT, Tier::Three, chat::update),
    bot("chat.delete", CHAT, Tier::Three, chat::delete),
    bot(
        "chat.getPermalink",
        Needs::Nothing,
        Tier::Special,
        chat::permalink,
    ),
    bot(
        "conversations.history",
        Needs::History,
        Tier::Three,
        conversations::history,
    ),
    bot(
        "conversations.replies",
        Needs::History,
        Tier::Three,
        conversations::replies,
    ),
    bot(
        "conversations.list",
        Needs::Channels,
        Tier::Two,
        conversations::list,
    ),
    bot(
        "conversations.info",
        Needs::Channel,
        Tier::Three,
        conversations::info,
    ),
    bot(
        "conversations.members",
        Needs::Channel,
        Tier::Four,
        conversations::members,
    ),
    bot(
        "conversations.open",
        Needs::One("im:write"),
        Tier::Three,
        conversations::open,
    ),
    bot(
        "conversations.join",
        Needs::One("channels:join"),
        Tier::Three,
        conversations::join,
    ),
    bot("users.info", USERS, Tier::Four, users::info),
    bot("users.list", USERS, Tier::Two, users::list),
    bot(
        "users.lookupByEmail",
        Needs::One("users:read.email"),
        Tier::Three,
        users::lookup_by_email,
    ),
    bot("usergroups.list", GROUPS, Tier::Two, users::groups),
    bot(
        "usergroups.users.list",
        GROUPS,
        Tier::Two,
        users::group_users,
    ),
    bot("reactions.add", REACT, Tier::Three, reactions::add),
    bot(
        "reactions.get",
        Needs::One("reactions:read"),
        Tier::Three,
        reactions::get,
    ),
    bot("reactions.remove", REACT, Tier::Two, reactions::remove),
    bot("views.open", Needs::Nothing, Tier::Four, views::open),
    bot("views.push", Needs::Nothing, Tier::Four, views::push),
    bot("views.update", Needs::Nothing, Tier::Four, views::update),
    bot("views.publish", Needs::Nothing, Tier::Four, views::publish),
    bot(
        "users.conversations",
        Needs::Channels,
        Tier::Three,
        conversations::list_own,
    ),
];

const fn bot(name: &'static str, needs: Needs, tier: Tier, run: fn(&Call) -> Answer) -> Method {
    Method {
        name,
        token: Token::Bot,
        needs,
        tier,
        run,
    }
}

const fn free(name: &'static str, run: fn(&Call) -> Answer) -> Method {
    Method {
        name,
        token: Token::Free,
        needs: Needs::Nothing,
        tier: Tier::Special,
        run,
    }
}

/// The methods of the Web API, each with the scopes of which it takes one or
/// more.
pub fn methods() -> Vec<(&'static str, Vec<&'static str>)> {
    METHODS
        .iter()
        .map(|method| (method.name, method.needs.all()))
        .collect()
}
