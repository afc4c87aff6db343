//! Who is who: links that a test brings to their end, who is muted, and how often
//! that was asked.

use std::collections::BTreeMap;

use deploy_proto::v1::{self, *};
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};

use super::{Answer, Scripted};

/// What is known of people.
#[derive(Default)]
pub(crate) struct People {
    /// By id.
    pub(crate) links: BTreeMap<String, Link>,
    pub(crate) starts: Vec<StartLinkRequest>,
    /// By Slack user id.
    pub(crate) known: BTreeMap<String, KnownPerson>,
    pub(crate) asked: Vec<FindPeopleRequest>,
    pub(crate) removes: Vec<RemoveLinkRequest>,
    pub(crate) mutes: Vec<SetMentionsRequest>,
    /// Something newer holds than what is asked for.
    pub(crate) has_newer: bool,
    /// What any of it is answered with instead, next first.
    pub(crate) refuse: Vec<Status>,
    /// StartLink waits for this before it journals.
    pub(crate) hold: Option<CancellationToken>,
    /// How a link ends at once: there is no App that people can prove themselves to, or
    /// something newer holds.
    pub(crate) ends_at_once: Option<LinkState>,
}

impl People {
    fn refusal(&mut self) -> Result<(), Status> {
        match self.refuse.is_empty() {
            true => Ok(()),
            false => Err(self.refuse.remove(0)),
        }
    }

    /// Somebody of whom something is known.
    pub(crate) fn knows(&mut self, slack: &str, login: &str, muted: bool) {
        let person = KnownPerson {
            slack: slack.to_owned(),
            login: login.to_owned(),
            muted,
            ..KnownPerson::default()
        };
        self.known.insert(slack.to_owned(), person);
    }
}

impl Scripted {
    pub(super) async fn link(&self, start: StartLinkRequest) -> Answer<StartLinkResponse> {
        let hold = {
            let people = &mut self.state().people;
            people.starts.push(start.clone());
            people.refusal()?;
            people.hold.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        let people = &mut self.state().people;
        let state = people.ends_at_once.unwrap_or(LinkState::Waiting);
        let link = Link {
            link_id: start.link_id.clone(),
            person: start.person,
            login: start.login,
            state: state.into(),
            user_code: "WDJB-MJHT".to_owned(),
            verification_url: "https://github.test/login/device".to_owned(),
            expires_at: Some(prost_types::Timestamp {
                seconds: 1_800_000_900,
                nanos: 0,
            }),
            reply: start.reply,
            ..Link::default()
        };
        let link = people.links.entry(start.link_id).or_insert(link).clone();
        Ok(Response::new(StartLinkResponse { link: Some(link) }))
    }

    /// Ends a link and tells of it.
    pub(crate) fn end_link(&self, id: &str, change: impl FnOnce(&mut v1::Link)) {
        let mut state = self.state();
        let link = state.people.links.get_mut(id).expect("it was begun");
        link.user_code.clear();
        link.verification_url.clear();
        change(link);
        drop(state);
        self.append(id);
    }

    pub(super) fn unlink(&self, request: RemoveLinkRequest) -> Answer<RemoveLinkResponse> {
        let people = &mut self.state().people;
        people.removes.push(request.clone());
        people.refusal()?;
        let slack = request.person.expect("somebody asks").slack;
        if people.has_newer {
            return Ok(Response::new(RemoveLinkResponse {
                outdated: true,
                ..RemoveLinkResponse::default()
            }));
        }
        let known = people.known.get_mut(&slack);
        let login = known.map(|known| std::mem::take(&mut known.login));
        let is_under_way = |link: &Link| {
            let person = link.person.as_ref();
            link.state() == LinkState::Waiting && person.is_some_and(|one| one.slack == slack)
        };
        Ok(Response::new(RemoveLinkResponse {
            login: login.unwrap_or_default(),
            under_way: people.links.values().any(is_under_way),
            outdated: false,
        }))
    }

    pub(super) fn mute(&self, request: SetMentionsRequest) -> Answer<SetMentionsResponse> {
        let people = &mut self.state().people;
        people.mutes.push(request.clone());
        people.refusal()?;
        let slack = request.person.expect("somebody asks").slack;
        let outdated = people.has_newer;
        if !outdated {
            let known = people.known.entry(slack.clone()).or_default();
            known.slack = slack;
            known.muted = request.muted;
        }
        Ok(Response::new(SetMentionsResponse { outdated }))
    }

    pub(super) fn find(&self, request: &FindPeopleRequest) -> Answer<FindPeopleResponse> {
        let people = &mut self.state().people;
        people.asked.push(request.clone());
        people.refusal()?;
        let is_asked = |known: &&KnownPerson| {
            let has = |login: &String| login.eq_ignore_ascii_case(&known.login);
            request.logins.iter().any(has) || request.slack_ids.contains(&known.slack)
        };
        let found = people.known.values().filter(is_asked);
        Ok(Response::new(FindPeopleResponse {
            people: found.cloned().collect(),
        }))
    }
}
