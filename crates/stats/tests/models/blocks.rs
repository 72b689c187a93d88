//! Many subjects: the likelihood in blocks that threads share, against the
//! plain walk over risk sets that intervals take.

use restudy_stats::counting_data::CountingData;
use restudy_stats::cox::{CoxFit, CoxModel, Ties};
use restudy_stats::groups::Groups;
use restudy_stats::resample::bootstrap_sample;
use restudy_stats::survival_data::SurvivalData;

use crate::reference::{assert_close, covariates_of, weights_of};

const N: usize = 30_000;

/// Columns of whole numbers below `limit`, without a pattern.
fn column(limit: usize, replicate: u64) -> Vec<f64> {
    let drawn = bootstrap_sample(N, 11, replicate).into_iter();
    drawn.map(|value| (value % limit) as f64).collect()
}

struct Subjects {
    times: Vec<f64>,
    events: Vec<bool>,
    covariates: Vec<f64>,
    strata: Groups,
    weights: Vec<f64>,
}

impl Subjects {
    /// Times on a grid of `n_times`, so that ties are as heavy as wanted, in
    /// strata that are small where there are many.
    fn new(n_times: usize, n_strata: usize) -> Self {
        Self {
            times: column(n_times, 0).iter().map(|time| time + 1.0).collect(),
            events: column(3, 1).iter().map(|value| *value > 0.0).collect(),
            covariates: [column(10, 2), column(2, 3), column(1000, 4)].concat(),
            strata: Groups::new(
                Vec::from_iter(column(n_strata, 5).iter().map(|value| *value as usize)),
                n_strata,
            )
            .unwrap(),
            weights: column(4, 6).iter().map(|value| 0.5 + value).collect(),
        }
    }

    fn fit(&self, model: CoxModel<'_>, ties: Ties) -> CoxFit {
        let model = model.ties(ties).strata(&self.strata).unwrap();
        model.weights(weights_of(&self.weights)).unwrap().fit().unwrap()
    }
}

#[test]
fn blocks_give_what_the_walk_over_risk_sets_gives() {
    // Few and many times, few and many strata: heavy ties, none, blocks of one
    // stratum and of many.
    for (n_times, n_strata, ties) in [
        (200, 2, Ties::Efron),
        (N, 2, Ties::Efron),
        (200, 2, Ties::Breslow),
        (20, 3_000, Ties::Efron),
        (N, 3_000, Ties::Efron),
        (20, 300, Ties::Breslow),
    ] {
        let subjects = Subjects::new(n_times, n_strata);
        let data = SurvivalData::new(&subjects.times, &subjects.events).unwrap();
        let codes: Vec<usize> = (0..N).collect();
        // All begin at 0: the same data in the form that takes the walk.
        let starts = vec![0.0; N];
        let intervals =
            CountingData::new(&starts, &subjects.times, &subjects.events, &codes).unwrap();
        let one = subjects
            .fit(CoxModel::new(&data, covariates_of(&subjects.covariates, 3)).unwrap(), ties);
        let other = subjects.fit(
            CoxModel::counting(&intervals, covariates_of(&subjects.covariates, 3)).unwrap(),
            ties,
        );
        let pairs = one.coefficients.iter().zip(&other.coefficients);
        for (one, other) in pairs.map(|(one, other)| (one.unwrap(), other.unwrap())) {
            // The coefficients are near zero: compare on the scale of the error.
            let apart = (one.estimate - other.estimate).abs();
            assert!(apart < 1e-9 * one.standard_error, "{apart}");
            let errors = (one.standard_error, other.standard_error);
            assert_close("error", Some(errors.0), Some(errors.1), 1e-11);
        }
        assert_close("l", Some(one.log_likelihood), Some(other.log_likelihood), 1e-12);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let subjects = Subjects::new(5_000, 300);
    let run = || {
        let data = SurvivalData::new(&subjects.times, &subjects.events).unwrap();
        subjects
            .fit(CoxModel::new(&data, covariates_of(&subjects.covariates, 3)).unwrap(), Ties::Efron)
    };
    let with = |n_threads| {
        rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap().install(run)
    };
    // One thread and several.
    assert_eq!(with(1), with(5));
}
