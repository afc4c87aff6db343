//! What the contract says about people: its requests read into the words of the
//! domain, and those put into its answers.

use deploy_proto::v1;

use super::{
    convert::{account, time},
    read::{change, moment},
};
use crate::{
    error::Error,
    model::{
        Change, Invitation, KnownPerson, Link, LinkEnd, LinkState, NewLink, Person, ReplyAddress,
    },
    service::{PeopleAsk, Reader, read},
    store::Unlinked,
};

/// How many people can be asked about at once, by either of their names.
const MOST: usize = 100;

/// Reads StartLink.
pub(super) fn start_link(request: v1::StartLinkRequest) -> Result<NewLink, Error> {
    read(|reader| {
        let id = reader.name("link_id", request.link_id.parse());
        let person = person(reader, request.person);
        let login = reader.name("login", request.login.parse());
        let reply = reply(reader, request.reply.unwrap_or_default());
        let asked_at = moment(reader, "asked_at", request.asked_at);
        Some(NewLink {
            id: id?,
            person: person?,
            login: login?,
            reply: reply?,
            asked_at: asked_at?,
        })
    })
}

/// Reads RemoveLink: the change, and whose, by Slack user id.
pub(super) fn remove_link(request: v1::RemoveLinkRequest) -> Result<(Change, String), Error> {
    read(|reader| {
        let person = person(reader, request.person);
        let change = change(reader, &request.request_id, request.asked_at);
        Some((change?, person?.slack))
    })
}

/// Reads SetMentions: the change, whose, by Slack user id, and whether they are muted.
pub(super) fn set_mentions(
    request: v1::SetMentionsRequest,
) -> Result<(Change, String, bool), Error> {
    read(|reader| {
        let person = person(reader, request.person);
        let change = change(reader, &request.request_id, request.asked_at);
        Some((change?, person?.slack, request.muted))
    })
}

/// Reads FindPeople. What is no login nobody can have proved, and is found nowhere.
pub(super) fn find_people(request: v1::FindPeopleRequest) -> Result<PeopleAsk, Error> {
    read(|reader| {
        let logins = bounded(reader, "logins", request.logins);
        let slack_ids = bounded(reader, "slack_ids", request.slack_ids);
        let accounts = not_too_many(reader, "accounts", request.accounts);
        let accounts = accounts.into_iter().flatten();
        Some(PeopleAsk {
            // What is no number of an account nobody can have.
            accounts: accounts.filter_map(|it| u64::try_from(it).ok()).collect(),
            logins: logins?,
            slack_ids: slack_ids?,
        })
    })
}

fn bounded(reader: &mut Reader, field: &'static str, texts: Vec<String>) -> Option<Vec<String>> {
    not_too_many(reader, field, texts)?
        .into_iter()
        .map(|text| reader.text(field, text))
        .collect()
}

fn not_too_many<T>(reader: &mut Reader, field: &'static str, all: Vec<T>) -> Option<Vec<T>> {
    let count = all.len();
    if count <= MOST {
        return Some(all);
    }
    let sentence = format!("There are {count}; at most {MOST} may be asked for.");
    reader.wrong(field, sentence)
}

fn person(reader: &mut Reader, person: Option<v1::Person>) -> Option<Person> {
    let person = person.unwrap_or_default();
    let slack = reader.word("person.slack", &person.slack);
    let name = reader.text("person.name", person.name);
    Some(Person {
        slack: slack?,
        github: String::new(),
        name: name?,
    })
}

fn reply(reader: &mut Reader, reply: v1::ReplyAddress) -> Option<ReplyAddress> {
    let channel = reader.text("reply.channel", reply.channel);
    let thread_ts = reader.text("reply.thread_ts", reply.thread_ts);
    let asked_ts = reader.text("reply.asked_ts", reply.asked_ts);
    Some(ReplyAddress {
        channel: channel?,
        thread_ts: thread_ts?,
        asked_ts: asked_ts?,
    })
}

/// The link that is not made because nobody can prove themselves to this service.
pub(super) fn not_set_up(asked: NewLink) -> v1::Link {
    Link {
        id: asked.id,
        person: asked.person,
        login: asked.login.to_string(),
        reply: asked.reply,
        state: LinkState::Ended(LinkEnd::NotSetUp),
    }
    .into()
}

impl From<Link> for v1::Link {
    fn from(link: Link) -> Self {
        let told = Self {
            link_id: link.id.to_string(),
            person: Some(link.person.into()),
            login: link.login,
            reply: Some(link.reply.into()),
            ..Self::default()
        };
        match link.state {
            LinkState::Waiting(Invitation {
                user_code,
                verification_url,
                expires_at,
            }) => Self {
                state: v1::LinkState::Waiting.into(),
                user_code,
                verification_url,
                expires_at: Some(time(expires_at)),
                ..told
            },
            LinkState::Ended(end) => {
                let (state, proved_login) = match end {
                    LinkEnd::Linked(_) => (v1::LinkState::Linked, String::new()),
                    LinkEnd::OtherLogin { proved } => (v1::LinkState::OtherLogin, proved),
                    LinkEnd::Denied => (v1::LinkState::Denied, String::new()),
                    LinkEnd::Expired => (v1::LinkState::Expired, String::new()),
                    LinkEnd::Replaced => (v1::LinkState::Replaced, String::new()),
                    LinkEnd::Withdrawn => (v1::LinkState::Withdrawn, String::new()),
                    LinkEnd::Lost => (v1::LinkState::Lost, String::new()),
                    LinkEnd::NotSetUp => (v1::LinkState::NotSetUp, String::new()),
                };
                Self {
                    state: state.into(),
                    proved_login,
                    ..told
                }
            }
        }
    }
}

impl From<Unlinked> for v1::RemoveLinkResponse {
    fn from(unlinked: Unlinked) -> Self {
        Self {
            login: unlinked.login.unwrap_or_default(),
            under_way: unlinked.under_way,
            outdated: unlinked.outdated,
        }
    }
}

impl From<KnownPerson> for v1::KnownPerson {
    fn from(person: KnownPerson) -> Self {
        Self {
            slack: person.slack,
            login: person.login,
            muted: person.muted,
            account: account(person.account),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_of<T>(read: Result<T, Error>) -> Vec<&'static str> {
        let Err(Error::Invalid(violations)) = read else {
            panic!("it should be invalid")
        };
        violations.iter().map(|one| one.field).collect()
    }

    #[test]
    fn all_that_is_wrong_with_a_link_is_told_at_once() {
        let fields = fields_of(start_link(v1::StartLinkRequest {
            login: "a--b".to_owned(),
            ..v1::StartLinkRequest::default()
        }));
        assert_eq!(fields, ["link_id", "person.slack", "login"]);
        assert_eq!(
            fields_of(remove_link(v1::RemoveLinkRequest {
                request_id: "two words".to_owned(),
                ..v1::RemoveLinkRequest::default()
            })),
            ["person.slack", "request_id"]
        );
        assert_eq!(
            fields_of(set_mentions(v1::SetMentionsRequest {
                request_id: "two words".to_owned(),
                ..v1::SetMentionsRequest::default()
            })),
            ["person.slack", "request_id"]
        );
    }

    #[test]
    fn no_more_people_are_asked_about_than_a_hundred() {
        let ask = |count: usize| v1::FindPeopleRequest {
            logins: vec!["minji".to_owned(); count],
            slack_ids: vec!["U1\u{0}".to_owned(); count.min(1) * usize::from(count > MOST)],
            accounts: vec![-1; count],
        };
        let asked = find_people(ask(100)).unwrap();
        assert_eq!((asked.logins.len(), asked.accounts.len()), (100, 0));
        let fields = fields_of(find_people(ask(101)));
        assert_eq!(fields, ["logins", "slack_ids", "accounts"]);
    }
}
