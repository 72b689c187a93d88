//! What the estimators make of data that tell little or nothing: one subject,
//! nobody or everybody with the event, separation, columns that depend on one
//! another, and values that are no numbers.

#[path = "support/reference.rs"]
mod reference;

use reference::{covariates_of, weights_of};
use restudy_stats::Error;
use restudy_stats::calibration::calibration;
use restudy_stats::clone_censor_weight::{CensoringModel, CloneCensorWeight};
use restudy_stats::competing_risks::{
    CompetingData, FineGrayEstimator, FineGrayModel, IncidenceOptions, cumulative_incidence,
    gray_test,
};
use restudy_stats::concordance::{ConcordanceOptions, ConcordanceWeight, weighted_concordance};
use restudy_stats::counting_data::CountingData;
use restudy_stats::covariates::Covariates;
use restudy_stats::cox::{CoxModel, CoxWarning, Penalty, Ties};
use restudy_stats::e_value::{Association, e_value};
use restudy_stats::groups::Groups;
use restudy_stats::imputation::{Imputation, Variable};
use restudy_stats::landmark::landmark;
use restudy_stats::logistic::{self, LogisticModel, LogisticWarning};
use restudy_stats::multinomial::MultinomialModel;
use restudy_stats::optimism::optimism_of_concordance;
use restudy_stats::parametric::{AcceleratedDistribution, AcceleratedModel};
use restudy_stats::pooling::{Shifted, pool, tipping_point};
use restudy_stats::prediction_error::{brier_score, integrated_brier_score};
use restudy_stats::propensity::{
    NearestNeighbor, Weighting, balance_of_numbers, c_statistic, effective_sample_size,
    propensity_weights, truncate_weights,
};
use restudy_stats::proportional_hazards::{TimeTransform, proportional_hazards};
use restudy_stats::standardized_difference::Denominator;
use restudy_stats::survival_curve::SurvivalCurveModel;
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::switching::SwitchingData;
use restudy_stats::timing_tipping_point::{AssumedStart, TimingTippingPoint};
use restudy_stats::weighted_log_rank::{WeightedLogRankOptions, weighted_log_rank};
use restudy_stats::weights::Weights;

const NAN: f64 = f64::NAN;
const INFINITE: f64 = f64::INFINITY;

fn follow_up(times: &[f64], events: &[bool]) -> SurvivalData {
    SurvivalData::new(times, events).unwrap()
}

/// Four subjects of whom three have the event.
fn four() -> SurvivalData {
    follow_up(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, true])
}

#[track_caller]
fn says<T: std::fmt::Debug>(found: Result<T, Error>, message: &str) {
    assert_eq!(found.unwrap_err().to_string(), message);
}

#[test]
fn follow_up_that_is_none_is_refused_everywhere() {
    says(
        SurvivalData::new(&[1.0, NAN], &[true; 2]),
        "`times` is not a finite number at position 1",
    );
    says(SurvivalData::new(&[-1.0], &[true]), "`times` is negative at position 0: -1");
    let counting = |start, stop| CountingData::new(&[start], &[stop], &[true], &[0]);
    says(counting(NAN, 1.0), "`starts` is not a finite number at position 0");
    says(counting(-1.0, 1.0), "`starts` is negative at position 0: -1");
    says(counting(1.0, INFINITE), "`stops` is not a finite number at position 0");
    let competing = |time| CompetingData::new(&[time], &[1], 2);
    says(competing(NAN), "`times` is not a finite number at position 0");
    says(competing(-1.0), "`times` is negative at position 0: -1");
}

#[test]
fn weights_and_covariates_are_checked_before_any_estimator() {
    let one = "is not a finite number at position 1";
    for none in [NAN, INFINITE, -INFINITE] {
        says(Covariates::new(&[1.0, none, 1.0, 1.0], 2), &format!("`covariates` {one}"));
        says(Weights::new(&[1.0, none, 1.0]), &format!("`weights` {one}"));
    }
    says(Weights::new(&[1.0, 0.0]), "`weights` is not above zero at position 1: 0");
    says(Weights::new(&[-1.0]), "`weights` is not above zero at position 0: -1");
    says(Covariates::new(&[1.0; 3], 2), "`covariates` has 3 values where 4 are needed");
    says(Covariates::new(&[1.0], 0), "`covariates` has 1 values where 0 are needed");
    assert_eq!(Covariates::new(&[], 0).unwrap().columns().count(), 0);
}

/// What fits others is refused by everything that takes it.
#[test]
fn weights_and_covariates_of_others_are_refused() {
    let (data, x) = (four(), covariates_of(&[1.0, 2.0, 3.0, 1.0], 1));
    let causes = CompetingData::new(&[1.0, 2.0, 3.0, 4.0], &[1, 0, 1, 1], 1).unwrap();
    let (outcomes, codes) = ([true, false, true, false], [0, 1, 0, 1]);
    let (others, weights) = (covariates_of(&[1.0; 6], 2), weights_of(&[1.0; 3]));
    let many = "`covariates` has 6 values where 8 are needed";
    let few = "`weights` has 3 values where 4 are needed";
    let exponential = AcceleratedDistribution::Exponential;
    says(CoxModel::new(&data, others), many);
    says(CoxModel::new(&data, x).unwrap().weights(weights), few);
    says(FineGrayModel::new(&causes, 1, others), many);
    says(FineGrayModel::new(&causes, 1, x).unwrap().weights(weights), few);
    says(AcceleratedModel::new(&data, others, exponential), many);
    says(AcceleratedModel::new(&data, x, exponential).unwrap().weights(weights), few);
    let logistic = LogisticModel::new(&outcomes, x).unwrap();
    says(logistic.clone().weights(weights), few);
    says(LogisticModel::new(&outcomes, others), many);
    let fit = logistic.fit().unwrap();
    says(fit.predict(others, 4), many);
    says(fit.predict(others, 3), "`covariates` has 2 values where 1 are needed");
    says(MultinomialModel::new(&codes, 2, others), many);
    says(MultinomialModel::new(&codes, 2, x).unwrap().weights(weights), few);
    says(SurvivalCurveModel::new(&data).weights(weights), few);
    let groups = Groups::new(codes, 2).unwrap();
    says(weighted_log_rank(&data, &groups, weights, &WeightedLogRankOptions::default()), few);
    let options = ConcordanceOptions { weights: Some(weights), ..Default::default() };
    says(weighted_concordance(&data, &[1.0; 4], &options), few);
    says(TimingTippingPoint::new(&data, &outcomes).unwrap().covariates(others), many);
}

#[test]
fn numbers_that_are_none_are_refused_by_cox_models() {
    let (data, x) = (four(), [1.0, 2.0, 3.0, 1.0]);
    let model = || CoxModel::new(&data, covariates_of(&x, 1)).unwrap();
    let one = "is not a finite number at position 1";
    says(model().offsets(&[1.0, NAN, 1.0, 1.0]), &format!("`offsets` {one}"));
    says(model().initial(&[NAN]), "`initial` is not a finite number at position 0");
    let ridge = model().penalty(Penalty::Ridge(&[NAN]));
    says(ridge, "`penalties` is not a finite number at position 0");
    // From their mean the largest offset is 749, whose exponential is infinite.
    let overflow = model().offsets(&[1.0, 1e3, 1.0, 1.0]).unwrap().fit();
    assert_eq!(overflow, Err(Error::Overflow));
    let baseline = model().baseline_hazard(&model().fit().unwrap());
    says(baseline.linear_predictor(&[NAN]), "`covariates` is not a finite number at position 0");
}

/// One subject tells nothing, whatever the likelihood.
#[test]
fn one_subject_has_no_coefficient_but_a_hazard() {
    let data = follow_up(&[1.0], &[true]);
    let model = || CoxModel::new(&data, covariates_of(&[2.0], 1)).unwrap();
    let exact = model().ties(Ties::Exact);
    let firth = model().penalty(Penalty::Firth).unwrap();
    for model in [model(), model().ties(Ties::Breslow), exact, firth, model().robust()] {
        let fit = model.fit().unwrap();
        assert_eq!(
            (&fit.coefficients[..], &fit.warnings[..]),
            (&[None][..], &[CoxWarning::Collinear { column: 0 }][..])
        );
        assert_eq!(model.baseline_hazard(&fit).strata[0].cumulative_hazard, [1.0]);
        assert_eq!(model.martingale_residuals(&fit), [0.0]);
        assert_eq!(model.dfbeta(&fit)[(0, 0)], 0.0);
    }
    let (plain, fit) = (model(), model().fit().unwrap());
    assert_eq!(plain.profile_limits(&fit, 0, 0.95), Err(Error::Collinear { column: 0 }));
    let test = proportional_hazards(&plain, &fit, &[vec![0]], TimeTransform::KaplanMeier).unwrap();
    assert_eq!((test.terms[0], test.global), (None, None));
    let penalty = Penalty::Ridge(&[1.0]);
    let shrunken = model().penalty(penalty).unwrap().fit().unwrap().coefficients[0].unwrap();
    // With a ridge of 1 and no information the estimate is 0 and its variance 1 /
    // 1.
    assert_eq!((shrunken.estimate, shrunken.standard_error), (0.0, 1.0));
    let optimism = optimism_of_concordance(&data, covariates_of(&[2.0], 1), Ties::Efron, 3, 1);
    assert_eq!(optimism, Err(Error::NoEvents { n: 1 }));
}

/// Everybody dies at once: the risk set is the deaths.
#[test]
fn one_time_for_all_tells_nothing_exactly() {
    let data = follow_up(&[1.0; 4], &[true; 4]);
    let model = CoxModel::new(&data, covariates_of(&[1.0, 2.0, 3.0, 1.0], 1)).unwrap();
    let fit = model.ties(Ties::Exact).fit().unwrap();
    // All at risk die: there is one set of deaths, of probability one.
    assert_eq!((fit.coefficients, fit.log_likelihood), (vec![None], 0.0));
}

#[test]
fn columns_that_depend_on_others_are_dropped_by_every_likelihood() {
    let data = four();
    let x = [1.0, 2.0, 3.0, 1.0, 2.0, 4.0, 6.0, 2.0];
    let model = || CoxModel::new(&data, covariates_of(&x, 2)).unwrap();
    let firth = model().penalty(Penalty::Firth).unwrap();
    for model in [model(), model().ties(Ties::Exact), firth] {
        let fit = model.fit().unwrap();
        assert!(fit.coefficients[0].is_some() && fit.coefficients[1].is_none());
        assert_eq!(fit.warnings, [CoxWarning::Collinear { column: 1 }]);
        assert_eq!(fit.covariance[(1, 1)], 0.0);
    }
    let fit = firth_limits(&model());
    assert_eq!(fit, Err(Error::Collinear { column: 1 }));
    // A ridge tells them apart: each has a share, the wider one the larger.
    let ridge = model().penalty(Penalty::Ridge(&[1.0; 2])).unwrap().fit().unwrap();
    let [narrow, wide] = [0, 1].map(|j| ridge.coefficients[j].unwrap().estimate);
    // The wide column is twice the narrow one: its part of beta'x costs less in
    // penalty for each unit.
    assert!((wide / narrow - 2.0).abs() < 1e-9 && ridge.warnings.is_empty());
    let treated = [true, false, true, false];
    let model = LogisticModel::new(&treated, covariates_of(&x, 2)).unwrap();
    for penalty in
        [logistic::Penalty::None, logistic::Penalty::Firth, logistic::Penalty::Ridge(1.0)]
    {
        let fit = model.clone().penalty(penalty).unwrap().fit().unwrap();
        assert_eq!(fit.warnings, [LogisticWarning::Collinear { column: 1 }]);
        assert!(fit.coefficients[1].is_none());
    }
}

fn firth_limits(model: &CoxModel<'_>) -> Result<f64, Error> {
    let model = model.clone().penalty(Penalty::Firth)?;
    model.profile_limits(&model.fit()?, 1, 0.95).map(|limits| limits.test.statistic)
}

/// Whoever has x has the event, and nobody else.
#[test]
fn separation_is_told_by_every_likelihood_and_mended_by_penalties() {
    let data = follow_up(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false]);
    let x = [1.0, 1.0, 0.0, 0.0];
    let model = || CoxModel::new(&data, covariates_of(&x, 1)).unwrap();
    for ties in [Ties::Efron, Ties::Breslow, Ties::Exact] {
        let fit = model().ties(ties).fit().unwrap();
        assert!(fit.warnings.contains(&CoxWarning::MayBeInfinite { column: 0 }), "{ties:?}");
        assert!(fit.coefficients[0].unwrap().may_be_infinite);
    }
    for penalty in [Penalty::Ridge(&[1.0]), Penalty::Firth] {
        let fit = model().penalty(penalty).unwrap().fit().unwrap();
        let found = fit.coefficients[0].unwrap();
        // Firth's estimate is finite however long the plain one would run.
        assert!(fit.warnings.is_empty() && found.estimate < 3.0, "{penalty:?}");
    }
    let optimism = optimism_of_concordance(&data, covariates_of(&x, 1), Ties::Efron, 5, 1);
    assert_eq!(optimism, Err(Error::NoReplicates { n_replicates: 5 }));
    let data = CompetingData::new(&[1.0, 2.0, 3.0, 4.0], &[1, 1, 0, 2], 2).unwrap();
    for estimator in [FineGrayEstimator::WeightedEfron, FineGrayEstimator::FineGrayBreslow] {
        let model =
            FineGrayModel::new(&data, 1, covariates_of(&x, 1)).unwrap().estimator(estimator);
        assert!(model.fit().unwrap().coefficients[0].unwrap().may_be_infinite, "{estimator:?}");
    }
}

#[test]
fn competing_risks_without_events_or_with_one_subject() {
    let censored = CompetingData::new(&[1.0, 2.0, 3.0], &[0; 3], 2).unwrap();
    let curves = cumulative_incidence(&censored, &IncidenceOptions::default()).unwrap();
    for curve in &curves {
        assert!(curve.rows.iter().all(|row| row.incidence == 0.0 && row.standard_error == 0.0));
        assert_eq!(curve.time_lost(2.0).unwrap().estimate, 0.0);
    }
    let groups = gray_test(&censored, 1, &Groups::new([0, 1, 1], 2).unwrap(), None, 0.0);
    assert_eq!(groups, Err(Error::NoEvents { n: 3 }));
    says(
        FineGrayModel::new(&censored, 1, covariates_of(&[0.0, 1.0, 2.0], 1)),
        "no events among 3 observations",
    );
    let alone = CompetingData::new(&[1.0], &[1], 2).unwrap();
    let curves = cumulative_incidence(&alone, &IncidenceOptions::default()).unwrap();
    assert_eq!((curves[0].rows[0].incidence, curves[1].rows[0].incidence), (1.0, 0.0));
    for estimator in [FineGrayEstimator::WeightedEfron, FineGrayEstimator::FineGrayBreslow] {
        let model =
            FineGrayModel::new(&alone, 1, covariates_of(&[1.0], 1)).unwrap().estimator(estimator);
        let fit = model.fit().unwrap();
        assert_eq!((fit.coefficients[0], fit.wald_test.p_value), (None, 1.0));
    }
}

#[test]
fn predictions_without_sense_are_refused() {
    let data = four();
    let out = "outside the times from 0 at which someone is followed longer";
    says(brier_score(&data, &[0.5; 4], NAN), &format!("`time` is NaN, {out}"));
    says(brier_score(&data, &[0.5; 4], 4.0), &format!("`time` is 4, {out}"));
    let predicted = [0.5, NAN, 0.5, 0.5];
    says(brier_score(&data, &predicted, 1.0), "`predicted` is no probability at position 1: NaN");
    let integrated = integrated_brier_score(&data, &[0.5; 8], &[1.0, NAN]);
    says(integrated, &format!("`time` is NaN, {out}"));
    let groups = |time| calibration(&SurvivalCurveModel::new(&data), &[0.5; 4], time, 1);
    says(groups(NAN), "`time` is NaN, outside [0, infinity)");
    // Beyond the last follow-up, but S had reached 0.
    assert_eq!(groups(9.0).unwrap()[0].observed.survival, Some(0.0));
    // Followed without the event, a half that was predicted is a quarter.
    let censored = follow_up(&[2.0, 3.0], &[false; 2]);
    assert_eq!(brier_score(&censored, &[0.5; 2], 1.0), Ok(0.25));
    let uno = ConcordanceOptions { weight: ConcordanceWeight::Uno, ..Default::default() };
    let none = weighted_concordance(&censored, &[1.0, 2.0], &uno);
    assert_eq!(none, Err(Error::NoEvents { n: 2 }));
    let alone = weighted_concordance(&follow_up(&[1.0], &[true]), &[1.0], &uno);
    assert_eq!(alone, Err(Error::NoEvents { n: 1 }));
    let never = ConcordanceOptions { horizon: Some(NAN), ..Default::default() };
    assert_eq!(weighted_concordance(&data, &[1.0; 4], &never), Err(Error::NoEvents { n: 4 }));
}

#[test]
fn scores_and_weights_that_are_no_numbers_are_refused() {
    let treated = [true, false];
    let scores = propensity_weights(&[NAN, 0.5], &treated, Weighting::Overlap);
    says(scores, "`scores` is not a finite number at position 0");
    says(truncate_weights(&[1.0, NAN], 0.1, 0.9), "`values` is not a finite number at position 1");
    says(truncate_weights(&[1.0, 2.0], NAN, 0.9), "`probabilities` is NaN, outside [0, 1]");
    says(truncate_weights(&[], 0.1, 0.9), "no observations");
    assert!(effective_sample_size(&[NAN, 1.0]).is_nan());
    assert_eq!(effective_sample_size(&[]), 0.0);
    let balance =
        |weights: &[f64]| balance_of_numbers(&[1.0, 2.0], &treated, weights, Denominator::Pooled);
    says(balance(&[1.0, -1.0]), "`weights` is negative at position 1: -1");
    says(balance(&[1.0, NAN]), "`weights` is not a finite number at position 1");
    // A group that weighs nothing is empty; one subject has no spread.
    says(balance(&[1.0, 0.0]), "no observations");
    assert!(balance(&[1.0, 1.0]).unwrap().difference.is_err());
    says(c_statistic(&[NAN, 1.0], &treated), "`scores` is not a finite number at position 0");
    says(LogisticModel::new(&[true], covariates_of(&[1.0], 1)), "`outcomes` does not vary");
    says(LogisticModel::new(&[], covariates_of(&[], 0)), "no observations");
    let model = LogisticModel::new(&treated, covariates_of(&[1.0, 2.0], 1)).unwrap();
    says(model.offsets(&[NAN, 0.0]), "`offsets` is not a finite number at position 0");
    let options = WeightedLogRankOptions::default();
    let censored = follow_up(&[1.0, 2.0], &[false; 2]);
    let none = weighted_log_rank(
        &censored,
        &Groups::new([0, 1], 2).unwrap(),
        weights_of(&[1.0; 2]),
        &options,
    );
    assert_eq!(none, Err(Error::NoEvents { n: 2 }));
}

#[test]
fn matching_may_leave_nobody() {
    let scores = [5.0, 1.0, 0.0];
    let matching = NearestNeighbor::new(&scores, &[true, false, false]).unwrap();
    let found = matching.caliper(0.2).unwrap().matched();
    assert!(found.sets.is_empty() && found.set_of.iter().all(Option::is_none));
    assert_eq!(found.weights, [0.0; 3]);
    // Where scores do not vary the caliper is 0 wide and equals still match.
    let matching = NearestNeighbor::new(&[1.0; 2], &[true, false]).unwrap();
    assert_eq!(matching.caliper(0.2).unwrap().matched().sets.len(), 1);
    let wrong = NearestNeighbor::new(&[NAN, 1.0], &[true, false]);
    says(wrong, "`scores` is not a finite number at position 0");
    let matching = NearestNeighbor::new(&scores, &[true, false, false]).unwrap();
    says(matching.caliper(NAN), "`caliper` is NaN, outside (0, infinity)");
}

#[test]
fn designs_of_late_exposure_at_their_edges() {
    let data = four();
    says(landmark(&data, &[None; 4], NAN), "`landmark` is NaN, outside [0, infinity)");
    says(landmark(&data, &[None; 4], 4.0), "no observations");
    // Nobody is exposed by the landmark: one group.
    let left = landmark(&data, &[None, Some(3.5), None, None], 1.0).unwrap();
    assert_eq!((left.groups().codes(), left.n_later()), (&[0; 3][..], 0));
    let infinite = SwitchingData::new(&data, &[Some(INFINITE), None, None, None]);
    says(infinite, "`switches` is not a finite number at position 0");
    let exposed = [true, false, true, false];
    let timing = TimingTippingPoint::new(&data, &exposed).unwrap();
    says(timing.at(AssumedStart::SameTime(NAN)), "`start` is NaN, outside [0, infinity)");
    says(timing.recorded(&[None]), "`switches` has 1 values where 4 are needed");
    let censored = follow_up(&[1.0, 2.0], &[false; 2]);
    let timing = TimingTippingPoint::new(&censored, &[true, false]).unwrap();
    assert!(matches!(timing.at(AssumedStart::SameTime(0.5)), Err(Error::NoEvents { .. })));
}

/// Three models of the weights on follow-up of these times, with covariates.
fn clones(times: &[f64], events: &[bool], starts: &[Option<f64>], grace: f64) -> Vec<Option<f64>> {
    let data = follow_up(times, events);
    let x: Vec<f64> = (0..times.len()).map(|subject| (subject * 7 % 5) as f64).collect();
    // The second column is the first again.
    let covariates = [&x[..], &x].concat();
    let interval = 0.1;
    let models = [
        CensoringModel::Unweighted,
        CensoringModel::Cox,
        CensoringModel::PooledLogistic { interval },
    ];
    let ratio = |model| {
        let design = CloneCensorWeight::new(&data, starts, grace).unwrap();
        let design =
            design.covariates(covariates_of(&covariates, 2)).unwrap().model(model).unwrap();
        design.estimate(&[1.0]).unwrap().log_hazard_ratio
    };
    models.into_iter().map(ratio).collect()
}

#[test]
fn clones_at_their_edges() {
    let events = [true, true, true, false, true, true, false, true];
    let starts = [None, Some(0.3), Some(0.1), None, Some(0.2), None, None, Some(0.3)];
    let mut times = [0.3, 1.0, 2.0, 0.5, 0.9, 1.2, 3.0, 0.6];
    let exactly = clones(&times, &events, &starts, 0.3);
    assert!(exactly.iter().all(Option::is_some));
    // 0.1 + 0.2 is not 0.3, but only by rounding: of the end, a start, the grace period.
    times[0] = 0.1 + 0.2;
    assert_eq!(clones(&times, &events, &starts, 0.3), exactly);
    let mut moved = starts;
    moved[7] = Some(0.1 + 0.2);
    assert_eq!(clones(&times, &events, &moved, 0.3), exactly);
    assert_eq!(clones(&times, &events, &starts, 0.1 + 0.2), exactly);
    // Zero times, a start at zero, and heavy ties.
    let ties = [0.0, 0.0, 3.0, 3.0, 1.0, 1.0, 2.0, 2.0];
    let starts = [None, Some(0.0), None, Some(0.0), None, Some(0.2), None, Some(0.2)];
    assert!(clones(&ties, &events, &starts, 0.7).iter().all(Option::is_some));
    // Without events there is survival but no ratio.
    assert_eq!(clones(&times, &[false; 8], &moved, 0.3), [None; 3]);
}

#[test]
fn sensitivity_and_missing_data_refuse_what_is_no_number() {
    let ratio = |ratio| e_value(Association::RiskRatio, ratio, None);
    says(ratio(NAN), "`ratio` is NaN, outside (0, infinity)");
    says(ratio(INFINITE), "`ratio` is inf, outside (0, infinity)");
    says(ratio(-1.0), "`ratio` is -1, outside (0, infinity)");
    says(pool(&[NAN, 1.0], &[1.0; 2], None), "`estimates` is not a finite number at position 0");
    says(pool(&[1.0; 2], &[1.0, -1.0], None), "`variances` is not above zero at position 1: -1");
    let pooled = pool(&[1.0; 2], &[1.0; 2], None).unwrap();
    let shifted = [Shifted { delta: 0.0, pooled }];
    says(tipping_point(&shifted, 0.0, NAN), "`alpha` is NaN, outside (0, 1)");
    let number = |values: &[Option<f64>], shift| {
        let values = values.to_vec();
        Imputation::new(vec![Variable::Number { values, shift }], &[], 0)
    };
    let missing = [Some(1.0), None];
    says(number(&missing, NAN), "`shift` is not a finite number at position 0");
    says(number(&[Some(NAN), None], 0.0), "`variables` is not a finite number at position 0");
    says(Imputation::new(vec![], &[], 0), "no observations");
    let complete = number(&[Some(1.0), Some(2.0)], 0.0).unwrap().impute(1).unwrap();
    assert!(complete.order.is_empty() && complete.data_sets.len() == 5);
}
