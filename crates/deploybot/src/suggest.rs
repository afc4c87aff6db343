//! Did you mean: the one among what there is that is nearest to what was typed.

/// The candidate that differs from `typed` by few enough letters to be a slip
/// of the fingers: about one letter in three, never more than three. Case does
/// not count. Of equals the first.
pub(crate) fn closest<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let allowed = (typed.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::osa_distance(&typed, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_of_the_fingers_are_forgiven() {
        let environments = ["production", "staging", "development"];
        for (typed, meant) in [
            ("prodution", Some("production")),
            ("PRODUCTION", Some("production")),
            ("stagign", Some("staging")),
            ("dvelopmnt", Some("development")),
            ("qa", None),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(closest(typed, environments), meant, "{typed}");
        }
    }

    #[test]
    fn a_single_letter_is_near_to_nothing() {
        assert_eq!(closest("x", ["y", "?"]), None);
    }
}
