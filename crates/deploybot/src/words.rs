//! What the bot says, in each language that it speaks: one catalogue, in
//! Mozilla's Fluent, with a file for each language.
//!
//! What people type is the same in every language: commands, their arguments,
//! and the names of repositories and environments.

mod catalogue;

use std::{borrow::Cow, fmt, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::view::block::Mrkdwn;

/// A language that the bot speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// By its code of ISO 639-1, such as `ko`; none where the bot does not speak it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// By a locale as Slack names it, such as `ko-KR`; none where the bot does
    /// not speak its language.
    pub(crate) fn from_locale(locale: &str) -> Option<Self> {
        Self::from_code(locale.split(['-', '_']).next()?)
    }

    /// Its code of ISO 639-1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    const fn messages(self) -> &'static str {
        match self {
            Self::English => include_str!("words/en.ftl"),
            Self::Korean => include_str!("words/ko.ftl"),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The words of one language. Each message is a function of its own, so that
/// none can be asked for that is not there, nor without what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Words(Language);

/// What can stand in a message that is markup: markup, or a number. Text from
/// outside is neither until it has been escaped.
pub(crate) trait Piece {
    /// As Fluent takes it.
    fn into_value(self) -> FluentValue<'static>;
}

impl Piece for Mrkdwn {
    fn into_value(self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.into_string()))
    }
}

/// No markup: nothing stands there.
impl Piece for Option<Mrkdwn> {
    fn into_value(self) -> FluentValue<'static> {
        self.unwrap_or_default().into_value()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl Piece for $number {
            fn into_value(self) -> FluentValue<'static> {
                self.into()
            }
        })*
    };
}

numbers!(i32 i64 u8 u64 usize);

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static KOREAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Korean));

/// Reads the messages of a language. They are part of the program, and a test
/// reads them too.
fn bundle(language: Language) -> Bundle {
    let locale = language.code().parse().expect("a code of ISO 639-1");
    let resource = FluentResource::try_new(language.messages().to_owned())
        .map_err(|(_, problems)| problems)
        .expect("every line of the catalogue is read");
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    // `view::text` keeps what runs from right to left to itself.
    bundle.set_use_isolating(false);
    bundle
        .add_resource(resource)
        .expect("no message is there twice");
    bundle
}

impl Words {
    pub(crate) const fn new(language: Language) -> Self {
        Self(language)
    }

    /// A message by its name in the catalogue, with what stands in it.
    fn say<const N: usize>(
        self,
        name: &str,
        pieces: [(&'static str, FluentValue<'static>); N],
    ) -> String {
        let bundle = self.bundle();
        let message = bundle.get_message(&name.replace('_', "-"));
        let pattern = message.and_then(|message| message.value());
        let pattern = pattern.expect("every language has every message");
        let arguments: FluentArgs<'_> = pieces.into_iter().collect();
        // Nothing is missing in it: that is tested for every message.
        let mut problems = Vec::new();
        bundle
            .format_pattern(pattern, Some(&arguments), &mut problems)
            .into_owned()
    }

    fn bundle(self) -> &'static Bundle {
        match self.0 {
            Language::English => &ENGLISH,
            Language::Korean => &KOREAN,
        }
    }
}

#[cfg(test)]
mod tests;
