//! Bootstrap optimism of the concordance.

use restudy_stats::Error;
use restudy_stats::cox::Ties;
use restudy_stats::optimism::{optimism_in_samples, optimism_of_concordance};
use restudy_stats::survival_data::SurvivalData;

use super::penalty::known;
use crate::reference::{
    assert_all_close, assert_close, cases, counts, covariates_of, table, text, texts,
};

#[test]
fn optimism_in_given_samples_equals_that_of_r() {
    for case in cases("optimism") {
        let call = text(&case, "call").unwrap();
        let table = table(text(&case, "data").unwrap());
        let columns = texts(&case["columns"]);
        let (data, covariates) = (table.survival(), table.matrix(&columns));
        let ties = if text(&case, "ties") == Some("breslow") { Ties::Breslow } else { Ties::Efron };
        let samples: Vec<Vec<usize>> =
            case["samples"].as_array().unwrap().iter().map(counts).collect();
        let found =
            optimism_in_samples(&data, covariates_of(&covariates, columns.len()), ties, &samples)
                .unwrap();
        let differences: Vec<f64> = found.differences.iter().map(|known| known.unwrap()).collect();
        // Pair counts: equal unless a rounding error orders two scores.
        assert_all_close(call, &differences, &known(&case, "differences"), 1e-11);
        // Two iterated fits, one upon the other.
        let slopes: Vec<f64> = found.slopes.iter().map(|known| known.unwrap()).collect();
        assert_all_close(call, &slopes, &known(&case, "slopes"), 1e-7);
        let mean = slopes.iter().sum::<f64>() / slopes.len() as f64;
        assert_close(call, found.calibration_slope, Some(mean), 1e-12);
        assert_close(call, Some(found.apparent), case["apparent"].as_f64(), 1e-12);
        assert_close(call, Some(found.corrected), case["corrected"].as_f64(), 1e-12);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let table = table("veteran");
    let (data, x) = (table.survival(), table.matrix(&["karno".into(), "age".into()]));
    let run = || optimism_of_concordance(&data, covariates_of(&x, 2), Ties::Efron, 40, 7).unwrap();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(run);
    let together = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap().install(run);
    assert_eq!(alone, together);
    assert_ne!(
        alone,
        optimism_of_concordance(&data, covariates_of(&x, 2), Ties::Efron, 40, 8).unwrap()
    );
}

#[test]
fn samples_without_a_fit_are_left_out_and_seen() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, false]).unwrap();
    let x = [1.0, 2.0, 1.5, 0.5];
    // Only the censored second and fourth subject: no event.
    let without_events = vec![1, 3, 1, 3];
    let error = optimism_in_samples(&data, covariates_of(&x, 1), Ties::Efron, &[without_events])
        .unwrap_err();
    assert_eq!(error, Error::NoReplicates { n_replicates: 1 });
    assert_eq!(error.to_string(), "none of 1 bootstrap samples allowed a fit");
    // Position 4 of four subjects.
    let wrong = optimism_in_samples(&data, covariates_of(&x, 1), Ties::Efron, &[vec![0, 1, 2, 4]]);
    assert!(matches!(wrong, Err(Error::OutOfRange { .. })));
}
