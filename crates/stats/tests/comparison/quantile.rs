//! Summaries and quantiles of a sample.

use restudy_stats::quantile::{quantiles, summarize};

#[test]
fn agrees_with_r() {
    super::compare("quantile", 12, |name, arguments| {
        let values = arguments.numbers("values");
        let found = match name {
            "quantiles" => quantiles(&values, &arguments.numbers("probabilities")).expect("values"),
            "summarize" => {
                let it = summarize(&values).expect("values");
                vec![
                    it.n as f64,
                    it.mean,
                    it.standard_deviation.expect("two values"),
                    it.minimum,
                    it.lower_quartile,
                    it.median,
                    it.upper_quartile,
                    it.maximum,
                    it.interquartile_range(),
                ]
            }
            other => panic!("no function {other}"),
        };
        (found, 1e-12)
    });
}
