//! How times that were measured are spread.

/// How some times are spread, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) longest: f64,
}

/// Nearest-rank percentiles of at least one value.
pub(crate) fn spread(values: &[f64]) -> Spread {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = |share: f64| {
        values[((values.len() as f64 * share).ceil() as usize).clamp(1, values.len()) - 1]
    };
    Spread {
        p50: rank(0.50),
        p99: rank(0.99),
        longest: rank(1.00),
    }
}
