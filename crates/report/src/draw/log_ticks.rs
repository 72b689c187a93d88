//! Where a logarithmic axis has ticks.

/// 1, 2 and 5 in every decade from a thousandth to a thousand.
fn log_ticks() -> impl DoubleEndedIterator<Item = f64> {
    // Written out: products of powers of ten are not these numbers in doubles, and would be printed
    // with a long tail.
    const TICKS: [f64; 19] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0,
        100.0, 200.0, 500.0, 1000.0,
    ];
    TICKS.into_iter()
}

/// The ticks of a logarithmic axis with these ends.
#[must_use]
pub fn log_ticks_within((low, high): (f64, f64)) -> Vec<f64> {
    // An end that is a tick keeps it, however the end was arrived at.
    log_ticks().filter(|tick| (low - 1e-9..=high + 1e-9).contains(tick)).collect()
}

/// The last tick of a logarithmic axis at or below a ratio.
#[must_use]
pub fn tick_below(ratio: f64) -> f64 {
    log_ticks().rev().find(|tick| *tick <= ratio).unwrap_or(0.001)
}

/// The first tick of a logarithmic axis at or above a ratio.
#[must_use]
pub fn tick_above(ratio: f64) -> f64 {
    log_ticks().find(|tick| *tick >= ratio).unwrap_or(1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_enclose_a_ratio() {
        assert_eq!((tick_below(0.3), tick_above(0.3)), (0.2, 0.5));
        assert_eq!((tick_below(1e-9), tick_above(1e9)), (0.001, 1000.0));
        assert_eq!(log_ticks_within((0.2, 2.0)), [0.2, 0.5, 1.0, 2.0]);
    }
}
