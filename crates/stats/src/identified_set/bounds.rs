//! What a p-value says of a hazard ratio without any cohort.

/// The hazard ratios that a log-rank test of this z can go with, the least and
/// the greatest, by Peto's approximation.
///
/// # Formula
/// |log HR| = |z| / sqrt(V) with V = D w: D `events` and w, the mean over
/// events of the product of the shares of both arms at risk, between `weights`
/// (.25 for arms of one size; less where the risk sets are uneven). The sign of
/// `z` is that of the log ratio. Parmar, Torri and Stewart,
/// Stat Med 1998; 17: 2815-34. Peto's ratio is nearer to 1 than Cox's where
/// effects are large.
///
/// - `z`: the least and the greatest that the printed p-value can come from.
/// - `events`: the fewest and the most, above zero.
/// - `weights`: the least and the greatest, above zero.
pub fn peto_ratios(z: [f64; 2], events: [f64; 2], weights: [f64; 2]) -> [f64; 2] {
    // Each end of z with each end of the information: the extremes lie at corners,
    // as the function is monotone in both.
    let logs = z.into_iter().flat_map(|z| {
        let of = move |place: usize| z / (events[place] * weights[place]).sqrt();
        [of(0), of(1)]
    });
    let ratios: Vec<f64> = logs.map(libm::exp).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [least, greatest]
}

/// The z that a hazard ratio would give with so many events and this weight:
/// the inverse of [`peto_ratios`].
pub fn z_of_ratio(ratio: f64, events: f64, weight: f64) -> f64 {
    libm::log(ratio) * (events * weight).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 74 events among arms of which one has a third: z = -3.297 gives
    /// exp(-3.297 / sqrt(74 x .2222)).
    #[test]
    fn a_ratio_follows_from_z_and_events_and_back() {
        let weight = 2.0 / 9.0;
        let [least, greatest] = peto_ratios([-3.297, -3.297], [74.0; 2], [weight; 2]);
        assert!((least - 0.443_51).abs() < 1e-4 && least == greatest, "{least}");
        assert!((z_of_ratio(least, 74.0, weight) + 3.297).abs() < 1e-12);
        let [least, greatest] = peto_ratios([-3.298, -3.294], [60.0, 90.0], [0.1, 0.25]);
        // exp(-3.298 / sqrt(60 x .1)) and exp(-3.294 / sqrt(90 x .25))
        assert!((least - 0.260_17).abs() < 1e-4, "{least}");
        assert!((greatest - 0.499_36).abs() < 1e-4, "{greatest}");
    }
}
