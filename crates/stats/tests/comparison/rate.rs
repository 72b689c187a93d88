//! Rates and their exact limits.

use restudy_stats::rate::poisson;

#[test]
fn agrees_with_r() {
    super::compare("rate", 18, |name, arguments| {
        assert_eq!(name, "poisson");
        let level = arguments.number("level");
        let rate = poisson(arguments.count("events"), arguments.number("time"), level);
        let rate = rate.expect("a time");
        (vec![rate.interval.estimate, rate.interval.lower, rate.interval.upper], 1e-10)
    });
}
