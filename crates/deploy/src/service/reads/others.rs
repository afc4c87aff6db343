//! What was kept for others who asked for more, or for less: while GitHub gives no
//! answer it does for whoever asks now.

use std::cmp::Reverse;

use super::answer::Answer;
use crate::model::Snapshot;

/// How many answers are read to find one that does.
const LOOKED_AT: usize = 5;

/// What is held, or what was kept otherwise where that is newer and all that was asked
/// for, or what is held is not all of it.
pub(in crate::service) fn or_newer<T: Answer>(
    held: Snapshot<T>,
    kept: Option<Snapshot<T>>,
) -> Snapshot<T> {
    let is_newer = |it: &Snapshot<T>| is_whole(it) && it.value.as_of() > held.value.as_of();
    let better = kept.filter(|it| !is_whole(&held) || is_newer(it));
    better.unwrap_or(held)
}

/// What was kept for others, by the asks for which it was, newest first, each with how
/// many it was for: the newest, where that is all that was asked for; else of the older
/// ones the first that is, or the one that has most of it. They have to tell what the
/// newest does: more of it is no good beside what was so last week.
pub(in crate::service) async fn widest<T: Answer, R>(
    asks: Vec<(u8, String)>,
    wanted: u8,
    read: impl Fn(String) -> R,
) -> Option<Snapshot<T>>
where
    R: Future<Output = Option<Snapshot<T>>>,
{
    let mut asks = asks.into_iter();
    let (_, newest) = asks.next()?;
    let newest = read(newest).await;
    if newest.as_ref().is_some_and(is_whole) {
        return newest;
    }
    let mut best: Option<Snapshot<T>> = None;
    for ask in looked_at(asks, wanted) {
        let Some(older) = read(ask).await else {
            continue;
        };
        let newest = newest.as_ref();
        if newest.is_some_and(|newest| !older.value.goes_on(&newest.value)) {
            continue;
        }
        if is_whole(&older) {
            return Some(older);
        }
        let most = best.as_ref().or(newest).map(|one| one.value.rows());
        if most < Some(older.value.rows()) {
            best = Some(older);
        }
    }
    best.or(newest)
}

/// Those that are worth a look: first those for as many as are wanted, newest first,
/// then those for most.
fn looked_at<A>(asks: impl IntoIterator<Item = (u8, A)>, wanted: u8) -> impl Iterator<Item = A> {
    let (wide, mut narrow): (Vec<_>, Vec<_>) =
        asks.into_iter().partition(|(number, _)| *number >= wanted);
    narrow.sort_by_key(|(number, _)| Reverse(*number));
    let asks = wide.into_iter().chain(narrow).map(|(_, ask)| ask);
    asks.take(LOOKED_AT)
}

/// Whether an answer is all that was asked for.
pub(in crate::service) fn is_whole<T>(answer: &Snapshot<T>) -> bool {
    let stale = answer.stale.as_ref();
    stale.is_none_or(|stale| !stale.is_partial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_kept_what_is_wide_enough_is_looked_at_first_then_the_widest() {
        let asks = [(5, "newest"), (10, "older"), (20, "old"), (20, "oldest")];
        let in_order = |wanted| looked_at(asks, wanted).collect::<Vec<_>>().join(" ");
        assert_eq!(in_order(5), "newest older old oldest");
        assert_eq!(in_order(7), "older old oldest newest");
        assert_eq!(in_order(11), "old oldest older newest");
        assert_eq!(in_order(50), "old oldest older newest");
        let many = (0..100).map(|number| (number, number));
        assert_eq!(looked_at(many, 1).count(), LOOKED_AT);
    }
}
