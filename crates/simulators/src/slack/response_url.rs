//! The address that comes with an interaction, to which the app may answer five
//! times within half an hour.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::ids::{ChannelId, MessageTs, UserId};

/// How long an address works.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// How often an address works.
const USES: u32 = 5;

/// What an address answers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) channel: ChannelId,
    pub(super) user: UserId,
    pub(super) message: MessageTs,
    pub(super) ephemeral: bool,
    pub(super) thread: Option<MessageTs>,
}

/// The addresses that were given out, by their secret part.
#[derive(Debug, Default)]
pub(super) struct ResponseUrls {
    given: HashMap<String, Given>,
}

#[derive(Debug)]
struct Given {
    origin: Origin,
    until: Instant,
    left: u32,
}

impl ResponseUrls {
    /// Gives out an address for an interaction.
    pub(super) fn give(&mut self, secret: String, origin: Origin, now: Instant) {
        // A day keeps the name of an expired address, so that its error says
        // so; after that it is forgotten.
        let day = Duration::from_secs(24 * 60 * 60);
        self.given.retain(|_, given| given.until + day > now);
        let given = Given {
            origin,
            until: now + LIFETIME,
            left: USES,
        };
        self.given.insert(secret, given);
    }

    /// Uses an address once; the error is Slack's name for what is wrong.
    pub(super) fn take(&mut self, secret: &str, now: Instant) -> Result<Origin, &'static str> {
        let given = self.given.get_mut(secret).ok_or("invalid_url")?;
        if given.until <= now {
            return Err("expired_url");
        }
        if given.left == 0 {
            return Err("used_url");
        }
        given.left -= 1;
        Ok(given.origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            channel: ChannelId::new("C1"),
            user: UserId::new("U1"),
            message: MessageTs::from_micros(1),
            ephemeral: false,
            thread: None,
        }
    }

    #[test]
    fn an_address_works_five_times() {
        let mut urls = ResponseUrls::default();
        let now = Instant::now();
        urls.give("a".into(), origin(), now);
        for _ in 0..5 {
            assert_eq!(urls.take("a", now), Ok(origin()));
        }
        assert_eq!(urls.take("a", now), Err("used_url"));
        assert_eq!(urls.take("b", now), Err("invalid_url"));
    }

    #[test]
    fn an_address_works_for_half_an_hour() {
        let mut urls = ResponseUrls::default();
        let now = Instant::now();
        urls.give("a".into(), origin(), now);
        let minutes = |minutes: u64| now + Duration::from_secs(60 * minutes);
        assert_eq!(urls.take("a", minutes(29)), Ok(origin()));
        assert_eq!(urls.take("a", minutes(30)), Err("expired_url"));
    }
}
