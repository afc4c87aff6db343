//! Did you mean: the one among what there is that is nearest to what was typed.
//!
//! The deploy service names what was perhaps meant by the same rule, so that it
//! makes no difference who says it.

/// The candidate that was perhaps meant: the same but for case, or one begins
/// with the other, or at most a third of what was typed would have to be
/// changed. The nearest of them; of equals the first.
pub(crate) fn closest<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    let furthest = (length / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let known = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&typed, &known);
            let begins = length >= 3 && (known.starts_with(&typed) || typed.starts_with(&known));
            // All letters changed leave nothing that is alike.
            let is_alike = distance < known.chars().count();
            ((distance <= furthest && is_alike) || begins).then_some((distance, candidate))
        })
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
            ("stag", Some("staging")),
            ("staging2", Some("staging")),
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
