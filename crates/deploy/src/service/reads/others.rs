//! What was kept for others who asked for more, or for less: while GitHub gives no
//! answer it does for whoever asks now.

use std::cmp::Reverse;

use super::answer::Answer;
use crate::model::Snapshot;

/// How many answers are read to find one that does.
const LOOKED_AT: usize = 5;

/// What is held, or what was kept for others where that is newer and all that was
/// asked for.
pub(in crate::service) fn or_newer<T: Answer>(
    held: Snapshot<T>,
    kept: Option<Snapshot<T>>,
) -> Snapshot<T> {
    let newer = kept.filter(|it| is_whole(it) && it.value.as_of() > held.value.as_of());
    newer.unwrap_or(held)
}

/// The first answer that is all that was asked for, else the one that has most of
/// it.
pub(in crate::service) async fn best_of<T: Answer>(
    reads: impl Iterator<Item = impl Future<Output = Option<Snapshot<T>>>>,
) -> Option<Snapshot<T>> {
    let mut best: Option<Snapshot<T>> = None;
    for read in reads {
        let Some(one) = read.await else {
            continue;
        };
        if is_whole(&one) {
            return Some(one);
        }
        let most = best.as_ref().map(|best| best.value.rows());
        if most < Some(one.value.rows()) {
            best = Some(one);
        }
    }
    best
}

/// Of the asks for which something was kept, newest first, each with how many it
/// was for, those that are worth a look: first those for as many as are wanted, then
/// those for most.
pub(in crate::service) fn looked_at<A>(
    asks: impl IntoIterator<Item = (u8, A)>,
    wanted: u8,
) -> impl Iterator<Item = A> {
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
