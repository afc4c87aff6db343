//! Did you mean: the few known names that differ least from what was typed.

/// How many names are offered.
const OFFERED: usize = 3;

/// The known names that were meant perhaps, best first, at most three.
///
/// A name is near when it is the same but for case, when one begins with the
/// other, or when at most a third of what was typed would have to be changed.
pub fn closest<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let asked = asked.to_lowercase();
    let furthest = (asked.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let distance = strsim::damerau_levenshtein(&asked, &lower);
            let begins = asked.chars().count() >= 3
                && (lower.starts_with(&asked) || asked.starts_with(&lower));
            // All letters changed leave nothing that is alike.
            let is_alike = distance < lower.chars().count();
            ((distance <= furthest && is_alike) || begins).then_some((distance, name))
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter()
        .take(OFFERED)
        .map(|(_, name)| name)
        .collect()
}

/// All known names: those that were meant perhaps, best first, then the others
/// in their order.
pub fn closest_first<'a>(asked: &str, known: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let near = closest(asked, known.clone());
    let others = known.filter(|name| !near.contains(name));
    near.iter()
        .copied()
        .chain(others)
        .map(str::to_owned)
        .collect()
}

/// The known SHAs, cut to the typed length, that differ from what was typed by
/// one or two digits: best first, at most three.
///
/// Two SHAs that have nothing to do with each other differ nearly everywhere,
/// so a difference this small is a slip of the finger.
pub fn closest_shas<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, usize, &str)> = known
        .into_iter()
        .enumerate()
        .filter_map(|(place, sha)| {
            let distance = strsim::damerau_levenshtein(asked, sha.get(..asked.len())?);
            // With four digits two changes would hit unrelated commits.
            let furthest = if asked.len() < 7 { 1 } else { 2 };
            (distance <= furthest).then_some((distance, place, sha))
        })
        .collect();
    near.sort();
    near.into_iter()
        .take(OFFERED)
        .map(|(_, _, sha)| sha)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["people", "api", "web", "people-admin"];
        assert_eq!(closest("poeple", known), ["people"]);
        assert_eq!(closest("People", known), ["people", "people-admin"]);
        assert_eq!(closest("peo", known), ["people", "people-admin"]);
        assert_eq!(closest("wbe", known), ["web"]);
    }

    #[test]
    fn what_resembles_nothing_is_offered_nothing() {
        assert!(closest("billing", ["people", "api", "web"]).is_empty());
        assert!(closest("", ["people"]).is_empty());
        assert!(closest(&"x".repeat(4000), ["people"]).is_empty());
    }

    #[test]
    fn the_others_keep_their_order() {
        let known = ["production", "dev", "staging"];
        assert_eq!(
            closest_first("stagin", known.into_iter()),
            ["staging", "production", "dev"]
        );
        assert_eq!(closest_first("moon", known.into_iter()), known);
    }

    #[test]
    fn at_most_three_are_offered() {
        assert_eq!(closest("api", ["api1", "api2", "api3", "api4"]).len(), 3);
    }

    #[test]
    fn a_sha_is_near_when_a_digit_or_two_differ() {
        let known = ["a1b2c3d4e5", "a1b2c3d9e5", "ffffffffff"];
        assert_eq!(closest_shas("a1b2c4d", known), ["a1b2c3d4e5", "a1b2c3d9e5"]);
        assert_eq!(
            closest_shas("1ab2c3d", known),
            ["a1b2c3d4e5", "a1b2c3d9e5"],
            "swapped digits"
        );
        assert!(closest_shas("0000000", known).is_empty());
        assert!(
            closest_shas("a1ff", known).is_empty(),
            "two of four digits are no slip"
        );
    }
}
