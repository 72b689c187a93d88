//! Tails, quantiles and masses.

use restudy_stats::special::*;

#[test]
fn agrees_with_r() {
    super::compare("special", 500, |name, arguments| {
        let get = |name: &str| arguments.number(name);
        let count = |name: &str| arguments.count(name);
        let value = match name {
            "normal_cdf" => normal_cdf(get("z")),
            "normal_upper_tail" => normal_upper_tail(get("z")),
            "normal_quantile" => normal_quantile(get("p")),
            "chi_square_upper_tail" => chi_square_upper_tail(get("x"), get("df")),
            "chi_square_quantile" => chi_square_quantile(get("p"), get("df")),
            "student_t_two_sided_tail" => student_t_two_sided_tail(get("t"), get("df")),
            "student_t_quantile" => student_t_quantile(get("p"), get("df")),
            "f_upper_tail" => f_upper_tail(get("f"), get("df1"), get("df2")),
            "beta_quantile" => beta_quantile(get("p"), get("a"), get("b")),
            "regularized_incomplete_beta" => {
                regularized_incomplete_beta(get("x"), get("a"), get("b"))
            }
            "ln_binomial_pmf" => ln_binomial_pmf(count("k"), count("n"), get("p")),
            "ln_hypergeometric_pmf" => ln_hypergeometric_pmf(
                count("k"),
                count("population"),
                count("marked"),
                count("draws"),
            ),
            other => panic!("no function {other}"),
        };
        (vec![value], 1e-11)
    });
}
