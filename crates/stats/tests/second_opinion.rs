//! The tails and quantiles of `special` against statrs, an implementation that
//! shares nothing with ours.
//!
//! What statrs gives stands in no result: it uses the platform's `exp` and `ln`, so its
//! last bits differ between machines. The grids stay where statrs is known to be
//! good; R's values (tests/reference/special) cover the rest.

use restudy_stats::special;
use statrs::distribution::{
    Beta, Binomial, ChiSquared, ContinuousCDF, Discrete, FisherSnedecor, Normal, StudentsT,
};

/// Relative to the larger of the two, as statrs promises no more on these grids.
const TOLERANCE: f64 = 1e-9;

#[track_caller]
fn agree(ours: f64, theirs: f64, what: &str) {
    let scale = ours.abs().max(theirs.abs()).max(f64::MIN_POSITIVE);
    assert!((ours - theirs).abs() <= TOLERANCE * scale, "{what}: ours {ours:e}, statrs {theirs:e}");
}

fn steps(from: f64, to: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..=count).map(move |step| from + (to - from) * f64::from(step) / f64::from(count))
}

#[test]
fn normal_quantiles_agree() {
    let normal = Normal::standard();
    for p in steps(0.001, 0.999, 997) {
        agree(
            // Four is added, as a quantile near zero has no relative error to speak
            // of.
            special::normal_quantile(p) + 4.0,
            normal.inverse_cdf(p) + 4.0,
            &format!("quantile {p}"),
        );
    }
}

#[test]
fn chi_square_tails_agree() {
    for df in [1.0, 2.0, 3.0, 7.0, 30.0] {
        let theirs = ChiSquared::new(df).expect("a positive df");
        for x in steps(0.05, 60.0, 240) {
            agree(
                special::chi_square_upper_tail(x, df),
                theirs.sf(x),
                &format!("chi-square {x} on {df}"),
            );
        }
    }
}

#[test]
fn f_tails_agree() {
    for (df1, df2) in [(1.0, 10.0), (3.0, 40.0), (12.0, 5.0)] {
        let theirs = FisherSnedecor::new(df1, df2).expect("positive dfs");
        for x in steps(0.1, 20.0, 100) {
            agree(
                special::f_upper_tail(x, df1, df2),
                theirs.sf(x),
                &format!("F {x} on {df1}, {df2}"),
            );
        }
    }
}

#[test]
fn t_tails_agree() {
    for df in [1.0, 2.5, 8.0, 40.0] {
        let theirs = StudentsT::new(0.0, 1.0, df).expect("a positive df");
        for t in steps(0.05, 8.0, 120) {
            agree(
                special::student_t_two_sided_tail(t, df),
                // The two-sided tail is twice the upper one.
                2.0 * theirs.sf(t),
                &format!("t {t} on {df}"),
            );
        }
    }
}

#[test]
fn beta_and_binomial_agree() {
    for (a, b) in [(0.5, 0.5), (2.0, 5.0), (25.0, 13.0)] {
        let theirs = Beta::new(a, b).expect("positive shapes");
        for x in steps(0.02, 0.98, 96) {
            agree(
                special::regularized_incomplete_beta(x, a, b),
                theirs.cdf(x),
                &format!("beta {x} of {a}, {b}"),
            );
        }
    }
    let theirs = Binomial::new(0.3, 37).expect("a share");
    for k in 0..=37 {
        agree(special::ln_binomial_pmf(k, 37, 0.3), theirs.ln_pmf(k), &format!("binomial {k}"));
    }
}
