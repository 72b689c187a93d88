//! Concordance against R, against all pairs, and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, covariates_of, table, text};
use restudy_stats::Error;
use restudy_stats::concordance::concordance;
use restudy_stats::cox::CoxModel;
use restudy_stats::survival_data::SurvivalData;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-12;

#[test]
fn concordance_equals_that_of_r() {
    for case in cases("concordance") {
        let call = text(&case, "call").expect("a call");
        let column = text(&case, "column").expect("a column");
        let table = table(text(&case, "data").expect("data")).complete(&[column]);
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let found = concordance(&table.survival(), &table.column(column), strata.as_ref()).unwrap();
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

/// The number of R that is published beside this program: the predictor of
/// age, sex and performance status in `lung`.
#[test]
fn lung_gives_the_known_number() {
    let table = table("lung_complete");
    let (data, covariates) =
        (table.survival(), table.matrix(&["age", "sex", "ph_ecog"].map(String::from)));
    let fit = CoxModel::new(&data, covariates_of(&covariates, 3)).unwrap().fit().unwrap();
    let found = concordance(&data, &fit.linear_predictors, None).unwrap();
    assert_close("C", Some(found.estimate), Some(0.637135493000455), 1e-14);
    assert_close("its error", Some(found.standard_error), Some(0.0250679738530796), 1e-13);
}

#[test]
fn without_comparable_pairs_there_is_no_concordance() {
    // Two events at one time are not compared: no pair is left.
    let data = SurvivalData::new(&[1.0, 1.0], &[true, true]).unwrap();
    assert_eq!(concordance(&data, &[1.0, 2.0], None), Err(Error::NoEvents { n: 2 }));
    assert!(concordance(&data, &[1.0, f64::NAN], None).is_err());
}

proptest! {
    #[test]
    fn the_counts_are_those_of_all_pairs(
        subjects in prop::collection::vec((0_u8..10, any::<bool>(), 0_i8..5), 2..40)
    ) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let scores: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.2)).collect();
        let (mut concordant, mut discordant, mut tied) = (0.0, 0.0, 0.0);
        for first in &subjects {
            for second in &subjects {
                // The definition by all pairs: an event, and somebody who outlives
                // it.
                let outlives = second.0 > first.0 || (second.0 == first.0 && !second.1);
                if !(first.1 && outlives) {
                    continue;
                }
                match first.2.cmp(&second.2) {
                    std::cmp::Ordering::Greater => concordant += 1.0,
                    std::cmp::Ordering::Less => discordant += 1.0,
                    std::cmp::Ordering::Equal => tied += 1.0,
                }
            }
        }
        let data = SurvivalData::new(&times, &events).unwrap();
        match concordance(&data, &scores, None) {
            Ok(found) => prop_assert_eq!(
                (found.concordant, found.discordant, found.tied_score),
                (concordant, discordant, tied)
            ),
            Err(_) => prop_assert_eq!(concordant + discordant + tied, 0.0),
        }
    }
}
