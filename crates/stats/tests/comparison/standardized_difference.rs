//! Standardized differences.

use restudy_stats::standardized_difference::{
    Denominator, Weighted, of_categories, of_means, of_proportions, of_weighted_means,
};

#[test]
fn agrees_with_r() {
    super::compare("standardized_difference", 22, |name, arguments| {
        let denominator = match arguments.text("denominator") {
            "pooled" => Denominator::Pooled,
            "treated" => Denominator::Treated,
            other => panic!("no denominator {other}"),
        };
        let (treated, control) = (arguments.numbers("treated"), arguments.numbers("control"));
        let difference = match name {
            "of_means" => of_means(&treated, &control, denominator),
            "of_weighted_means" => of_weighted_means(
                Weighted { values: &treated, weights: &arguments.numbers("treated_weights") },
                Weighted { values: &control, weights: &arguments.numbers("control_weights") },
                denominator,
            ),
            "of_proportions" => of_proportions(treated[0], control[0], denominator),
            "of_categories" => of_categories(&treated, &control, denominator),
            other => panic!("no function {other}"),
        };
        (vec![difference.expect("groups that vary")], 1e-10)
    });
}
