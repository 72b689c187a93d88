//! Concordance with weights, a horizon and intervals.

use proptest::prelude::*;
use restudy_stats::Error;
use restudy_stats::concordance::{
    ConcordanceOptions, ConcordanceWeight, concordance, concordance_of_intervals,
    weighted_concordance,
};
use restudy_stats::counting_data::CountingData;
use restudy_stats::survival_data::SurvivalData;

use crate::reference::{assert_close, cases, table, text, weights_of};

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-10;

#[test]
fn concordance_equals_that_of_r() {
    for case in cases("weighted_concordance") {
        let call = text(&case, "call").unwrap();
        let table = table(text(&case, "data").unwrap());
        let scores = table.column(text(&case, "column").unwrap());
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let weights = text(&case, "weight").map(|name| table.column(name));
        let clusters = text(&case, "cluster").map(|name| table.codes(name));
        let options = ConcordanceOptions {
            strata: strata.as_ref(),
            weights: weights.as_deref().map(weights_of),
            clusters: clusters.as_deref(),
            weight: match text(&case, "timewt") {
                Some("n/G2") => ConcordanceWeight::Uno,
                _ => ConcordanceWeight::Harrell,
            },
            horizon: case["horizon"].as_f64(),
        };
        let found = if case["interval"].as_bool() == Some(true) {
            let events: Vec<bool> =
                table.column("event").iter().map(|event| *event == 1.0).collect();
            let (starts, stops) = (table.column("start"), table.column("stop"));
            let subjects = table.codes("subject");
            let data = CountingData::new(&starts, &stops, &events, &subjects).unwrap();
            concordance_of_intervals(&data, &scores, &options).unwrap()
        } else {
            weighted_concordance(&table.survival(), &scores, &options).unwrap()
        };
        for (key, found) in [
            ("estimate", found.estimate),
            ("standard_error", found.standard_error),
            ("concordant", found.concordant),
            ("discordant", found.discordant),
            ("tied_score", found.tied_score),
        ] {
            assert_close(&format!("{call}: {key}"), Some(found), case[key].as_f64(), TOLERANCE);
        }
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, false]).unwrap();
    let early = ConcordanceOptions { horizon: Some(0.5), ..Default::default() };
    assert_eq!(weighted_concordance(&data, &[1.0, 2.0], &early), Err(Error::NoEvents { n: 2 }));
    let clusters = ConcordanceOptions { clusters: Some(&[0]), ..Default::default() };
    let error = weighted_concordance(&data, &[1.0, 2.0], &clusters).unwrap_err();
    assert_eq!(error.to_string(), "`clusters` has 1 values where 2 are needed");
    let intervals = CountingData::new(&[0.0], &[1.0], &[true], &[0]).unwrap();
    let uno = ConcordanceOptions { weight: ConcordanceWeight::Uno, ..Default::default() };
    let error = concordance_of_intervals(&intervals, &[1.0], &uno).unwrap_err();
    assert_eq!(error.to_string(), "uno's weight cannot be combined with intervals");
}

/// The pairs of four subjects by hand: four of five are concordant.
#[test]
fn dependent_subjects_are_taken_together() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false]).unwrap();
    let scores = [3.0, 1.0, 2.0, 0.0];
    let error = |clusters: &[usize]| {
        let options = ConcordanceOptions { clusters: Some(clusters), ..Default::default() };
        weighted_concordance(&data, &scores, &options).unwrap().standard_error
    };
    // Concordant: 1-2, 1-3, 1-4 and 2-4 of five; influences (a - 0.8 m) / 5.
    // Subjects 1 to 4 are comparable with 3, 3, 2 and 2 others, and concordant with
    // 3, 2, 1 and 2.
    let influences = [3.0 - 2.4, 2.0 - 2.4, 1.0 - 1.6, 2.0 - 1.6].map(|excess: f64| excess / 5.0);
    let pair = (influences[0] + influences[1], influences[2] + influences[3]);
    let expected = (pair.0 * pair.0 + pair.1 * pair.1).sqrt();
    assert_close("pairs", Some(error(&[7, 7, 2, 2])), Some(expected), 1e-14);
    let alone = influences.iter().map(|influence| influence * influence).sum::<f64>().sqrt();
    assert_close("alone", Some(error(&[3, 2, 1, 0])), Some(alone), 1e-14);
    // The influences of all sum to zero.
    assert!(error(&[5; 4]) < 1e-15);
}

proptest! {
    #[test]
    fn equal_weights_change_nothing(
        subjects in prop::collection::vec((0_u8..10, any::<bool>(), 0_i8..5), 2..40)
    ) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let scores: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.2)).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let weights = vec![2.0; times.len()];
        let options = ConcordanceOptions { weights: Some(weights_of(&weights)), ..Default::default() };
        match (concordance(&data, &scores, None), weighted_concordance(&data, &scores, &options)) {
            (Ok(one), Ok(other)) => {
                prop_assert!((one.estimate - other.estimate).abs() < 1e-12);
                prop_assert!((one.standard_error - other.standard_error).abs() < 1e-12);
                // A pair counts the product of two weights of 2.
                prop_assert_eq!(4.0 * one.concordant, other.concordant);
            }
            (one, other) => prop_assert_eq!(one, other),
        }
    }
}
