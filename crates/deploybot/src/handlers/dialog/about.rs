//! What a dialog carries, which Slack gives back with each use of it: what it is
//! about, the message whose button opened it, and what it shows. It has been outside,
//! so that it is checked when it comes back.

use url::form_urlencoded;

use super::Known;
use crate::{
    slack::{
        event::Press,
        id::{ChannelId, Ts},
    },
    view::{
        self,
        action::{self, DeployAction},
    },
};

/// What a dialog is about: a commit, and the message whose button opened it; and
/// what it shows.
pub(super) struct About {
    pub(super) action: DeployAction,
    pub(super) origin: Origin,
    pub(super) shown: Option<Shown>,
}

impl About {
    pub(super) fn from_private(private: &str) -> Option<Self> {
        Some(Self {
            action: DeployAction::from_value(private)?,
            origin: Origin::from_private(private)?,
            shown: Shown::from_private(private),
        })
    }
}

/// What a dialog shows that can be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The digest of the environment's name, which may be longer than Slack lets a
    /// dialog carry.
    pub(super) environment: u64,
    /// What was live there, empty for nothing; none where that was not known.
    pub(super) live: Option<String>,
    /// All that it would do there is to take commits away.
    pub(super) is_back: bool,
}

impl Shown {
    /// None where nothing can be submitted.
    pub(super) fn of(known: &Known) -> Option<Self> {
        let preview = known.preview.as_ref()?.as_ref().ok()?;
        let changes = preview.changes.as_ref();
        preview.refusals.is_empty().then_some(())?;
        Some(Self {
            environment: digest(known.chosen.as_deref()?),
            live: changes.map(|changes| changes.base.clone()),
            is_back: changes.is_some_and(view::only_takes_away),
        })
    }

    /// Written beside what else a dialog carries.
    pub(super) fn beside(&self, private: &str) -> String {
        let mut form = form_urlencoded::Serializer::for_suffix(private.to_owned(), 0);
        form.append_pair("shown", &format!("{:016x}", self.environment));
        if let Some(live) = &self.live {
            form.append_pair("live", live);
        }
        if self.is_back {
            form.append_pair("kind", "rollback");
        }
        form.finish()
    }

    fn from_private(private: &str) -> Option<Self> {
        let environment = action::field(private, "shown")?;
        Some(Self {
            environment: u64::from_str_radix(&environment, 16).ok()?,
            live: action::field(private, "live"),
            is_back: action::field(private, "kind").is_some_and(|kind| kind == "rollback"),
        })
    }
}

/// The message whose button opened a dialog. Slack does not tell when the
/// dialog is used, so that the dialog itself carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) channel: ChannelId,
    pub(super) message: Ts,
    pub(super) thread: Option<Ts>,
}

impl Origin {
    pub(super) fn of(press: &Press) -> Self {
        Self {
            channel: press.channel.clone(),
            message: press.message.clone(),
            thread: press.thread.clone(),
        }
    }

    /// Written beside what else a dialog carries.
    pub(super) fn beside(&self, private: &str) -> String {
        let mut form = form_urlencoded::Serializer::for_suffix(private.to_owned(), 0);
        form.append_pair("channel", self.channel.as_str());
        form.append_pair("message", self.message.as_str());
        if let Some(thread) = &self.thread {
            form.append_pair("thread", thread.as_str());
        }
        form.finish()
    }

    fn from_private(private: &str) -> Option<Self> {
        let field = |name| action::field(private, name);
        Some(Self {
            channel: ChannelId::from(field("channel")?),
            message: Ts::from(field("message")?),
            thread: field("thread").map(Ts::from),
        })
    }
}

/// FNV-1a of 64 bits; unlike the standard library's, the same in every build.
pub(super) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_dialog_came_from_travels_beside_what_it_is_about() {
        let private = "repository=acme%2Fpeople&commit=a1b2c3d";
        for thread in [None, Some(Ts::from("1.1"))] {
            let origin = Origin {
                channel: ChannelId::from("C1"),
                message: Ts::from("2.2"),
                thread,
            };
            let about = About::from_private(&origin.beside(private)).expect("readable");
            assert_eq!(about.origin, origin);
            assert_eq!(about.action.to_value(), private);
        }
        assert!(About::from_private(private).is_none());
        assert!(About::from_private("").is_none());
    }

    #[test]
    fn what_a_dialog_shows_travels_beside_what_it_is_about() {
        let private = "repository=acme%2Fpeople&commit=a1b2c3d&channel=C1&message=2.2";
        let about = About::from_private(private).expect("readable");
        assert_eq!(about.shown, None, "nothing yet");
        for (live, is_back) in [(None, false), (Some(""), false), (Some("9f8e7d6"), true)] {
            let shown = Shown {
                is_back,
                environment: digest("qa & more/ü"),
                live: live.map(str::to_owned),
            };
            let about = About::from_private(&shown.beside(private)).expect("readable");
            assert_eq!(about.shown, Some(shown));
        }
    }
}
