//! Which parts of the benches are measured: all of them, or the one that is asked
//! for.

/// Chooses one part of one of the benches.
const ONLY: &str = "BENCH_ONLY";
/// All there are, of both benches.
const ALL: [&str; 8] = [
    "commands",
    "service",
    "hour",
    "day",
    "pace",
    "crowd",
    "reconnect",
    "usual",
];

/// Those of a bench that are to be measured; none when one of the other's is.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark has no settings but this one"
)]
pub(crate) fn wanted(own: &[&'static str]) -> Vec<&'static str> {
    let only = std::env::var(ONLY).ok().filter(|part| !part.is_empty());
    let is_wanted = |part: &&&str| only.as_deref().is_none_or(|only| only == **part);
    assert!(
        ALL.iter().any(|part| is_wanted(&part)),
        "{ONLY} is one of {ALL:?}"
    );
    own.iter().filter(is_wanted).copied().collect()
}
