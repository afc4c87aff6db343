//! What the app's bot may do: the scopes that it was granted when it was
//! installed, and those that methods and events take. See
//! <https://docs.slack.dev/reference/scopes>.

use super::workspace::Kind;

/// Every scope that a method or an event of this simulator takes.
pub const EVERY_SCOPE: [&str; 19] = [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
];

/// What a bot needs that is mentioned or written to and answers.
pub(super) const USUAL: [&str; 9] = [
    "app_mentions:read",
    "channels:history",
    "chat:write",
    "groups:history",
    "im:history",
    "im:write",
    "mpim:history",
    "users:read",
    "users:read.email",
];

/// The scope that a subscription takes, by its name in the app's settings; none
/// when it takes none.
pub fn of_event(subscription: &str) -> Option<&'static str> {
    Some(match subscription {
        "app_mention" => "app_mentions:read",
        "message.channels" => "channels:history",
        "message.groups" => "groups:history",
        "message.im" => "im:history",
        "message.mpim" => "mpim:history",
        _ => return None,
    })
}

/// Which scopes a method takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// None.
    Nothing,
    /// This one.
    One(&'static str),
    /// Reading what was said, in a channel of its kind: `channels:history`, …
    History,
    /// Knowing of the channel, by its kind: `channels:read`, …
    Channel,
    /// Knowing of channels, of each kind that is asked for.
    Channels,
}

impl Needs {
    /// All scopes that it can come to.
    pub(super) fn all(self) -> Vec<&'static str> {
        match self {
            Self::Nothing => Vec::new(),
            Self::One(scope) => vec![scope],
            Self::History => vec![
                "channels:history",
                "groups:history",
                "mpim:history",
                "im:history",
            ],
            Self::Channel | Self::Channels => {
                vec!["channels:read", "groups:read", "mpim:read", "im:read"]
            }
        }
    }

    /// The one for a channel of this kind.
    pub(super) fn for_kind(self, kind: &Kind) -> Option<&'static str> {
        let prefix = match kind {
            Kind::Public => "channels:",
            Kind::Private => "groups:",
            Kind::Group => "mpim:",
            Kind::Direct(_) => "im:",
        };
        self.with_prefix(prefix)
    }

    /// The one for a type of channels, as a list is asked for: `public_channel`.
    pub(super) fn for_type(self, kind: &str) -> Option<&'static str> {
        let prefix = match kind {
            "public_channel" => "channels:",
            "private_channel" => "groups:",
            "mpim" => "mpim:",
            "im" => "im:",
            _ => return None,
        };
        self.with_prefix(prefix)
    }

    fn with_prefix(self, prefix: &str) -> Option<&'static str> {
        self.all()
            .into_iter()
            .find(|scope| scope.starts_with(prefix))
    }
}

/// The scopes that were granted.
#[derive(Debug, Clone)]
pub(super) struct Scopes(Vec<String>);

/// What was not granted, in the form in which a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// What the call takes.
    pub(super) needed: String,
    /// What was granted.
    pub(super) provided: String,
}

impl Scopes {
    pub(super) fn new(granted: Vec<String>) -> Self {
        Self(granted)
    }

    pub(super) fn hold(&self, scope: &str) -> bool {
        self.0.iter().any(|granted| granted == scope)
    }

    pub(super) fn granted(&self) -> &[String] {
        &self.0
    }

    /// As headers and refusals tell them.
    pub(super) fn told(&self) -> String {
        self.0.join(",")
    }

    /// Refuses unless all of these were granted.
    pub(super) fn want_all(&self, scopes: &[&str]) -> Result<(), Missing> {
        let missing: Vec<&str> = scopes
            .iter()
            .copied()
            .filter(|scope| !self.hold(scope))
            .collect();
        self.refuse_for(&missing)
    }

    /// Refuses unless one of these was granted.
    pub(super) fn want_any(&self, scopes: &[&str]) -> Result<(), Missing> {
        if scopes.iter().any(|scope| self.hold(scope)) {
            return Ok(());
        }
        self.refuse_for(scopes)
    }

    fn refuse_for(&self, missing: &[&str]) -> Result<(), Missing> {
        if missing.is_empty() {
            return Ok(());
        }
        Err(Missing {
            needed: missing.join(","),
            provided: self.told(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(granted: &[&str]) -> Scopes {
        Scopes::new(granted.iter().map(|&scope| scope.to_owned()).collect())
    }

    #[test]
    fn what_is_missing_is_told_with_what_was_granted() {
        let scopes = scopes(&["chat:write", "users:read"]);
        assert_eq!(scopes.want_all(&["chat:write"]), Ok(()));
        let missing = scopes.want_all(&["users:read", "channels:join"]);
        assert_eq!(
            missing,
            Err(Missing {
                needed: "channels:join".to_owned(),
                provided: "chat:write,users:read".to_owned(),
            })
        );
    }

    #[test]
    fn one_of_a_family_may_do_and_all_are_named_when_none_is_there() {
        let history = Needs::History.all();
        assert_eq!(scopes(&["im:history"]).want_any(&history), Ok(()));
        let missing = scopes(&[]).want_any(&history).unwrap_err();
        assert_eq!(
            missing.needed,
            "channels:history,groups:history,mpim:history,im:history"
        );
    }

    #[test]
    fn each_kind_of_channel_has_a_scope_of_its_own() {
        assert_eq!(
            Needs::History.for_kind(&Kind::Public),
            Some("channels:history")
        );
        assert_eq!(Needs::Channel.for_kind(&Kind::Private), Some("groups:read"));
        assert_eq!(Needs::Channels.for_type("im"), Some("im:read"));
        assert_eq!(Needs::Channels.for_type("dm"), None);
        assert_eq!(Needs::Nothing.for_type("im"), None);
    }

    #[test]
    fn every_scope_holds_what_is_usual_and_what_is_needed() {
        for needs in [Needs::History, Needs::Channel, Needs::Channels] {
            assert!(needs.all().iter().all(|it| EVERY_SCOPE.contains(it)));
        }
        assert!(USUAL.iter().all(|it| EVERY_SCOPE.contains(it)));
    }
}
