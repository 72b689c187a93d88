//! Tests of location, by ranks and by means.

use restudy_stats::groups::Groups;
use restudy_stats::location::{
    hodges_lehmann, kruskal_wallis, rank_sum, rank_sum_exact, rank_sum_normal, welch_anova,
    welch_t_test,
};

#[test]
fn agrees_with_r() {
    super::compare("location", 53, |name, arguments| {
        let sample = |name: &str| arguments.numbers(name);
        let groups = || {
            let codes = sample("groups");
            // The cases have up to four groups; empty ones do not count.
            Groups::new(Vec::from_iter(codes.iter().map(|code| *code as usize)), 4).expect("groups")
        };
        let found = match name {
            "rank_sum" => {
                let it = rank_sum(&sample("x"), &sample("y")).expect("samples");
                vec![it.statistic, it.p_value]
            }
            "welch_t_test" => {
                let level = arguments.number("level");
                let it = welch_t_test(&sample("x"), &sample("y"), level).expect("samples");
                let (lower, upper) = (it.difference.lower, it.difference.upper);
                vec![
                    it.statistic,
                    it.degrees_of_freedom,
                    it.p_value,
                    lower,
                    upper,
                    it.standard_error,
                ]
            }
            "kruskal_wallis" => {
                let it = kruskal_wallis(&sample("values"), &groups()).expect("groups");
                vec![it.statistic, it.degrees_of_freedom as f64, it.p_value]
            }
            "welch_anova" => {
                let it = welch_anova(&sample("values"), &groups()).expect("groups");
                let numerator = it.numerator_degrees_of_freedom as f64;
                vec![it.statistic, numerator, it.denominator_degrees_of_freedom, it.p_value]
            }
            "rank_sum_exact" => {
                vec![rank_sum_exact(&sample("x"), &sample("y")).expect("samples").p_value]
            }
            "rank_sum_corrected" | "rank_sum_uncorrected" => {
                let corrected = name == "rank_sum_corrected";
                vec![
                    rank_sum_normal(&sample("x"), &sample("y"), corrected)
                        .expect("samples")
                        .p_value,
                ]
            }
            "hodges_lehmann" => {
                let level = arguments.number("level");
                let it = hodges_lehmann(&sample("x"), &sample("y"), level).expect("samples");
                vec![it.interval.estimate, it.interval.lower, it.interval.upper]
            }
            other => panic!("no function {other}"),
        };
        (found, 1e-9)
    });
}
