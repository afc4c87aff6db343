//! What stands above an answer that GitHub could not renew: why, how old it is,
//! and when GitHub is tried again.

use deploy_proto::v1::{Stale, StaleReason};
use jiff::{SignedDuration, Timestamp};

use super::{
    block::{Block, Mrkdwn},
    text::{SENTENCE, bold_names, prose, section, sentences},
    time,
};
use crate::words::Words;

/// Environments named of which nothing is known.
const ENVIRONMENTS: usize = 10;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The banner; none where the answer is as of now.
pub(super) fn banner(
    words: Words,
    stale: Option<&Stale>,
    as_of: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Option<Block> {
    let stale = stale?;
    let (why, again) = why_and_when(words, stale, now);
    let this_is = match (stale.is_partial, as_of) {
        (true, None) => words.stale_this_is_known(),
        (true, Some(_)) => words.stale_this_is_partial(how_old(words, as_of, now)),
        (false, _) => words.stale_this_is(how_old(words, as_of, now)),
    };
    let says = github_says(words, &stale.incident);
    let missing = &stale.missing;
    let missing = (!missing.is_empty())
        .then(|| words.stale_missing(bold_names(words, missing, ENVIRONMENTS)));
    let how_far = [Some(this_is), followed(words, stale, as_of, now), missing];
    let told = [why].into_iter().chain(says);
    let told = told.chain(how_far.into_iter().flatten()).chain(again);
    Some(section(sentences(told)))
}

/// In the place of what is not known and can't be asked for now.
pub(super) fn instead(words: Words, stale: &Stale, what: Mrkdwn, now: Timestamp) -> Block {
    let (why, again) = why_and_when(words, stale, now);
    let told = [why].into_iter();
    let told = told.chain(github_says(words, &stale.incident));
    section(sentences(told.chain([what]).chain(again)))
}

/// Why GitHub could not be read, and when it is tried again where that does not
/// say so.
fn why_and_when(words: Words, stale: &Stale, now: Timestamp) -> (Mrkdwn, Option<Mrkdwn>) {
    let retry_at = time::moment(stale.retry_at.as_ref()).filter(|at| *at > now);
    let why = why(words, stale.reason());
    match (stale.reason(), retry_at) {
        (_, None) => (words.stale_banner(why), None),
        (StaleReason::RateLimit, Some(at)) => {
            let at = time::clock(words, at, now);
            (words.stale_banner_until(why, at), None)
        }
        (_, Some(at)) => (words.stale_banner(why), Some(again(words, at, now))),
    }
}

/// When GitHub is tried again. A time of the day is told to the minute, so that one
/// that is nearer would look as if it had come.
fn again(words: Words, at: Timestamp, now: Timestamp) -> Mrkdwn {
    match at.duration_since(now) < MINUTE {
        true => words.text_next_try_soon(),
        false => words.text_next_try(time::clock(words, at, now)),
    }
}

/// What stands in a heading about the age of what is below it; nothing where the
/// banner says it.
pub(super) fn beside_heading(
    words: Words,
    stale: Option<&Stale>,
    as_of: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Mrkdwn {
    let as_of = time::moment(as_of).filter(|_| stale.is_none());
    let as_of = as_of.map(|at| words.time_as_of(time::clock(words, at, now)));
    as_of.unwrap_or_default()
}

/// The same in the one line that notifications and screen readers get.
pub(super) fn before(
    words: Words,
    stale: Option<&Stale>,
    as_of: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Mrkdwn {
    stale.map_or_else(Mrkdwn::default, |stale| {
        let why = why(words, stale.reason());
        let before = match (stale.is_partial, as_of) {
            (true, None) => words.stale_banner(why),
            _ => words.stale_before(why, how_old(words, as_of, now)),
        };
        let followed = followed(words, stale, as_of, now);
        sentences([before].into_iter().chain(followed))
    })
}

/// That some of what is shown is newer, by the minute that is told of the rest.
fn followed(
    words: Words,
    stale: &Stale,
    as_of: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Option<Mrkdwn> {
    let minute = |at: &Timestamp| at.as_second().div_euclid(60);
    let rest = time::moment(as_of).as_ref().map(minute);
    let at = time::moment(stale.followed_at.as_ref())?;
    if rest == Some(minute(&at)) {
        return None;
    }
    Some(words.stale_followed(time::clock(words, at, now)))
}

fn why(words: Words, reason: StaleReason) -> Mrkdwn {
    match reason {
        StaleReason::RateLimit => words.stale_limit(),
        StaleReason::AppNotAccepted => words.stale_app(),
        StaleReason::GithubUnavailable | StaleReason::Unspecified => words.stale_away(),
    }
}

fn how_old(words: Words, as_of: Option<&prost_types::Timestamp>, now: Timestamp) -> Mrkdwn {
    time::moment(as_of).map_or_else(
        || words.stale_said_last(),
        |at| words.stale_as_of(time::clock(words, at, now), time::age(words, at, now)),
    )
}

/// GitHub's own words about what is wrong with it; none where it says nothing.
pub(super) fn github_says(words: Words, said: &str) -> Option<Mrkdwn> {
    let said = prose(said, SENTENCE);
    (!said.is_empty()).then(|| words.text_github_says(said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{
        block::Message,
        fixtures::{EN, KO, ago, now, rendered},
    };

    fn shown(stale: Option<&Stale>, age: i64) -> String {
        let as_of = ago(age);
        shown_in(EN, stale, as_of.as_ref())
    }

    fn shown_in(
        words: Words,
        stale: Option<&Stale>,
        as_of: Option<&prost_types::Timestamp>,
    ) -> String {
        let line = before(words, stale, as_of, now());
        let banner = banner(words, stale, as_of, now());
        rendered(&Message {
            words,
            text: sentences([line, Mrkdwn::ours("people")]),
            blocks: banner.into_iter().collect(),
        })
    }

    fn stale(reason: StaleReason, retry_in: Option<i64>, incident: &str) -> Stale {
        Stale {
            reason: reason.into(),
            retry_at: retry_in.and_then(|seconds| ago(-seconds)),
            incident: incident.to_owned(),
            ..Stale::default()
        }
    }

    #[test]
    fn what_deploybot_knows_by_itself_is_not_told_as_the_whole() {
        let stale = Stale {
            is_partial: true,
            ..stale(StaleReason::GithubUnavailable, None, "")
        };
        insta::assert_snapshot!(shown(Some(&stale), 360), @"
        (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. people)
        ⚠️ *GitHub does not answer*. This is what deploybot knows, and may not be all: as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago.
        ");
    }

    #[test]
    fn what_is_known_without_an_age_is_told_without_one() {
        let stale = Stale {
            is_partial: true,
            ..stale(StaleReason::GithubUnavailable, Some(30), "")
        };
        let told = [EN, KO].map(|words| shown_in(words, Some(&stale), None));
        insta::assert_snapshot!(told.join("\n"), @"
        (⚠️ *GitHub does not answer*. people)
        ⚠️ *GitHub does not answer*. This is what deploybot knows, and may not be all. GitHub is tried again within a minute.
        (⚠️ *GitHub가 응답하지 않아요*. people)
        ⚠️ *GitHub가 응답하지 않아요*. 아래는 deploybot이 아는 내용이라 전부가 아닐 수 있어요. GitHub에는 1분 안에 다시 물어봐요.
        ");
    }

    #[test]
    fn what_is_newer_than_the_rest_and_what_is_missing_is_told() {
        let stale = Stale {
            followed_at: ago(120),
            missing: vec!["production".to_owned(), "staging".to_owned()],
            is_partial: true,
            ..stale(StaleReason::GithubUnavailable, None, "")
        };
        insta::assert_snapshot!(shown(Some(&stale), 360), @"
        (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. What deploybot has followed since is as of <!date^1795356000^{time}|14:00 UTC>. people)
        ⚠️ *GitHub does not answer*. This is what deploybot knows, and may not be all: as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. What deploybot has followed since is as of <!date^1795356000^{time}|14:00 UTC>. What went out to *production*, *staging* is not known until GitHub can be asked again.
        ");
        insta::assert_snapshot!(shown_in(KO, Some(&stale), ago(360).as_ref()), @"
        (⚠️ GitHub가 응답하지 않아요: <!date^1795355760^{time}|13:56(UTC)> 기준, 6분 전. 그 뒤로 deploybot이 지켜본 배포는 <!date^1795356000^{time}|14:00(UTC)> 기준이에요. people)
        ⚠️ *GitHub가 응답하지 않아요*. 아래는 deploybot이 아는 내용이라 전부가 아닐 수 있어요: <!date^1795355760^{time}|13:56(UTC)> 기준, 6분 전. 그 뒤로 deploybot이 지켜본 배포는 <!date^1795356000^{time}|14:00(UTC)> 기준이에요. *production*, *staging* 환경의 배포는 GitHub에 다시 물어볼 수 있을 때까지 알 수 없어요.
        ");
    }

    #[test]
    fn what_is_newer_within_the_same_minute_is_not_told_apart() {
        let told = |age| {
            let stale = Stale {
                followed_at: ago(age),
                ..stale(StaleReason::GithubUnavailable, None, "")
            };
            shown(Some(&stale), 360).contains("has followed since")
        };
        // The rest is as of a whole minute.
        assert!(!told(360));
        assert!(!told(301));
        assert!(told(300));
    }

    #[test]
    fn an_answer_as_of_now_has_no_banner() {
        assert_eq!(shown(None, 0), "(people)\n");
    }

    #[test]
    fn an_old_answer_says_why_how_old_it_is_and_when_github_is_tried_again() {
        use StaleReason::{AppNotAccepted, GithubUnavailable, RateLimit, Unspecified};
        let incident = "Incident with API Requests";
        let told = [
            (stale(GithubUnavailable, Some(60), incident), 360),
            (stale(GithubUnavailable, Some(59), ""), 360),
            (stale(GithubUnavailable, None, ""), 20),
            (stale(GithubUnavailable, Some(-5), ""), 30 * 3600),
            (stale(RateLimit, Some(1800), ""), 600),
            (stale(RateLimit, None, ""), 600),
            (stale(AppNotAccepted, None, ""), 600),
            (stale(Unspecified, Some(60), ""), 360),
        ]
        .map(|(stale, age)| shown(Some(&stale), age));
        insta::assert_snapshot!(told.join("\n"), @"
        (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. people)
        ⚠️ *GitHub does not answer*. GitHub says: “Incident with API Requests”. This is as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. The next try is at <!date^1795356180^{time}|14:03 UTC>.
        (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. people)
        ⚠️ *GitHub does not answer*. This is as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. GitHub is tried again within a minute.
        (⚠️ GitHub does not answer; as of <!date^1795356100^{time}|14:01 UTC>, just now. people)
        ⚠️ *GitHub does not answer*. This is as of <!date^1795356100^{time}|14:01 UTC>, just now.
        (⚠️ GitHub does not answer; as of <!date^1795248120^{date_short_pretty} {time}|2026-11-21 08:02 UTC>, yesterday. people)
        ⚠️ *GitHub does not answer*. This is as of <!date^1795248120^{date_short_pretty} {time}|2026-11-21 08:02 UTC>, yesterday.
        (⚠️ GitHub's limit of calls is used up; as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago. people)
        ⚠️ *GitHub's limit of calls is used up* until <!date^1795357920^{time}|14:32 UTC>. This is as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago.
        (⚠️ GitHub's limit of calls is used up; as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago. people)
        ⚠️ *GitHub's limit of calls is used up*. This is as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago.
        (⚠️ GitHub does not accept deploybot's GitHub App; as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago. people)
        ⚠️ *GitHub does not accept deploybot's GitHub App*. This is as of <!date^1795355520^{time}|13:52 UTC>, 10 min ago.
        (⚠️ GitHub does not answer; as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. people)
        ⚠️ *GitHub does not answer*. This is as of <!date^1795355760^{time}|13:56 UTC>, 6 min ago. The next try is at <!date^1795356180^{time}|14:03 UTC>.
        ");
    }

    #[test]
    fn an_answer_that_does_not_say_its_age_is_what_github_said_last() {
        let stale = stale(StaleReason::GithubUnavailable, None, "");
        assert_eq!(
            before(EN, Some(&stale), None, now()).as_str(),
            "⚠️ GitHub does not answer; what it said last."
        );
        insta::assert_snapshot!(shown_in(KO, Some(&stale), None), @"
        (⚠️ GitHub가 응답하지 않아요: GitHub가 마지막으로 알려 준 상태. people)
        ⚠️ *GitHub가 응답하지 않아요*. 아래 내용: GitHub가 마지막으로 알려 준 상태.
        ");
    }

    #[test]
    fn githubs_words_stay_words() {
        let loud = "<!here> ".repeat(1250);
        let stale = stale(StaleReason::GithubUnavailable, None, &loud);
        let shown = shown(Some(&stale), 0);
        assert!(!shown.contains("<!here>"), "{shown}");
        assert!(shown.chars().count() < 700, "{}", shown.chars().count());
    }
}
