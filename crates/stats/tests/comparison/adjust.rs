//! Adjusted p-values.

use restudy_stats::adjust::{benjamini_hochberg, holm};

#[test]
fn agrees_with_r() {
    super::compare("adjust", 10, |name, arguments| {
        let p = arguments.numbers("p");
        let adjusted = match name {
            "holm" => holm(&p),
            "benjamini_hochberg" => benjamini_hochberg(&p),
            other => panic!("no function {other}"),
        };
        (adjusted.expect("probabilities"), 1e-14)
    });
}
