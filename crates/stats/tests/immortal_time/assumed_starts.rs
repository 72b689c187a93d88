//! Assumed starts of an exposure, and the one at which its effect is gone.

use restudy_stats::timing_tipping_point::{AssumedStart, TimingShape, TimingTippingPoint, Tipping};

use crate::reference::{cases, covariates_of, table, text, texts};
use crate::{EXACT, ITERATED, close, jasa, number};

#[test]
fn assumed_starts_equal_those_tried_in_r() {
    for case in cases("timing_tipping_point") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let data = table.survival();
        let exposed: Vec<bool> = match text(&case, "exposed").expect("a column") {
            "switch" => {
                let ends = data.times().iter();
                table
                    .cells("switch")
                    .iter()
                    .zip(ends)
                    // A start at or after the end of follow-up is none, as in
                    // `SwitchingData`.
                    .map(|(s, end)| s.is_some_and(|s| s < *end))
                    .collect()
            }
            column => table.column(column).iter().map(|one| *one == 1.0).collect(),
        };
        let names = texts(&case["covariates"]);
        let covariates = table.matrix(&names);
        let analysis = TimingTippingPoint::new(&data, &exposed).unwrap();
        let analysis = analysis.covariates(covariates_of(&covariates, names.len())).unwrap();
        let is_same = text(&case, "shape") == Some("same");
        let shape = if is_same { TimingShape::SameTime } else { TimingShape::ShareOfFollowUp };
        for point in case["points"].as_array().expect("points") {
            let found =
                analysis.at(shape.start(number(&point["value"]).expect("a start"))).unwrap();
            close(call, found.coefficient.estimate, &point["coefficient"], ITERATED);
            let error = found.coefficient.standard_error;
            close(call, error, &point["standard_error"], ITERATED);
            close(call, found.median_start, &point["median_start"], EXACT);
            let counts = [
                ("n_exposed", found.n_exposed),
                ("n_contradicted", found.n_contradicted),
                ("n_exposed_events", found.n_exposed_events),
            ];
            for (name, count) in counts {
                assert_eq!(point[name].as_u64(), Some(count as u64), "{call}: {name}");
            }
        }
        if is_same {
            for (name, tipping) in
                [("estimate", Tipping::Estimate), ("limits", Tipping::Limits(0.95))]
            {
                let found = analysis.tipping_point(shape, tipping).unwrap();
                assert_eq!(found, number(&case["tipping"][name]), "{call}: {name}");
            }
        }
    }
}

/// At the tipping share the effect has vanished, just before it has not.
#[test]
fn the_tipping_share_is_where_the_effect_turns() {
    let (data, starts, _) = jasa();
    let exposed: Vec<bool> = starts.iter().map(Option::is_some).collect();
    let analysis = TimingTippingPoint::new(&data, &exposed).unwrap();
    let found = analysis.tipping_point(TimingShape::ShareOfFollowUp, Tipping::Estimate).unwrap();
    let share = found.expect("a tipping point");
    let effect = |share: f64| {
        analysis.at(AssumedStart::ShareOfFollowUp(share)).unwrap().coefficient.estimate
    };
    assert!(effect(0.0) < 0.0 && effect(share - 1e-9) < 0.0 && effect(share) >= 0.0);
}
