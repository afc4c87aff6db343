//! Slack's own names of things. They come from Slack and go back to Slack, so
//! they are not checked; the types only keep them apart.

use std::fmt;

macro_rules! ids {
    ($($(#[$what:meta])* $name:ident;)*) => {$(
        $(#[$what])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(String);

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A workspace, `T…`.
    TeamId;
    /// A company with several workspaces, `E…`.
    EnterpriseId;
    /// A person or bot, `U…`.
    UserId;
    /// A channel, `C…`.
    ChannelId;
    /// A message within its channel: its time, which is its name too.
    Ts;
    /// One event, the same at every delivery of it: `Ev…`.
    EventId;
    /// Something that Slack delivers, perhaps more than once: an event by its id,
    /// what is done with a button or a modal by its trigger.
    DeliveryId;
    /// An open modal, `V…`.
    ViewId;
    /// How a view stood when Slack told of it.
    ViewHash;
    /// The right to open a modal for somebody; it lasts 3 seconds.
    TriggerId;
}

impl ChannelId {
    /// Whether one person is alone with the bot in it.
    pub(crate) fn is_direct(&self) -> bool {
        self.as_str().starts_with('D')
    }
}

/// Where a message goes: a channel, or a thread in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) channel: ChannelId,
    /// The message that the thread hangs on.
    pub(crate) thread: Option<Ts>,
}
