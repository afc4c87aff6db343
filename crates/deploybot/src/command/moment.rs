//! What of a deployment a channel can follow, in the words that people have for
//! it.

use deploy_proto::v1::Moment;

/// The words for what is followed, each with what it means.
const WORDS: &[(&[&str], &[Moment])] = &[
    (
        &[
            "started",
            "starts",
            "start",
            "starting",
            "begins",
            "begun",
            "beginning",
        ],
        &[Moment::Started],
    ),
    (
        &[
            "live",
            "succeeded",
            "succeeds",
            "success",
            "successes",
            "successful",
        ],
        &[Moment::Succeeded],
    ),
    (
        &["failed", "fails", "failure", "failures", "failing"],
        &[Moment::Failed],
    ),
    (
        &["ends", "end", "ended", "finished", "done"],
        &[Moment::Succeeded, Moment::Failed],
    ),
    (
        &["all", "everything"],
        &[Moment::Started, Moment::Succeeded, Moment::Failed],
    ),
    // `only failed`.
    (&["only", "when"], &[]),
];

/// What a word says of it; none where it is no such word.
pub(super) fn moments(word: &str) -> Option<&'static [Moment]> {
    let word = word.to_lowercase();
    let known = WORDS
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()));
    known.map(|(_, moments)| *moments)
}

/// The word for one.
pub(super) fn word(moment: Moment) -> &'static str {
    match moment {
        Moment::Started => "started",
        Moment::Succeeded => "live",
        Moment::Failed => "failed",
        Moment::Unspecified => "ends",
    }
}
