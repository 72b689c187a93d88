//! The words of warnings.

use study::{DrawnNumber, InteractionPlace, Predictor, Warning};

use super::refusal::refusal;

/// A number that hangs on draws.
fn drawn(number: DrawnNumber) -> &'static str {
    match number {
        DrawnNumber::Estimate => "the estimate",
        DrawnNumber::Lower => "the lower limit",
        DrawnNumber::Upper => "the upper limit",
    }
}

/// An error with its first digit.
fn significant(error: f64) -> String {
    let (mut decimals, mut scaled) = (0, error);
    // One digit is all that an error of drawing is known by. Six decimals bound the loop where it
    // is nought.
    while scaled < 1.0 && decimals < 6 {
        scaled *= 10.0;
        decimals += 1;
    }
    study::rounded(error, decimals, 0)
}

/// A warning in words.
#[must_use]
pub fn warning(told: &Warning) -> String {
    match told {
        // models
        Warning::Refused(reason) => refusal(reason),
        Warning::NotDefined => "not defined on these data".to_owned(),
        Warning::NaiveGroup { label, date_label } => format!("naive: {}", naive(label, date_label)),
        Warning::ChosenLate { label } => format!("patients are chosen by {label}, which becomes known only after time zero: they had to live until then"),
        Warning::RowsChosenLate { date_label } => format!("patients are in the table by what becomes known only after time zero ({date_label}): they had to live until then"),
        Warning::NotConverged { iterations } => format!("the model did not converge in {iterations} iterations"),
        Warning::DependentTerm { term } => format!("`{term}` is a combination of the terms before it, or constant"),
        Warning::MayBeInfinite { term } => format!("the coefficient of `{term}` may be infinite: the terms separate those with the event from the others at risk, or no event tells of it"),
        Warning::BeyondNumbers { term } => format!("the ratio of `{term}`, or a limit of it, is too large or too small a number: give the term a larger unit"),
        Warning::Separates { term } => format!("`{term}` separates patients with the outcome from those without, so that its odds ratio may be infinite: Firth's penalty (`penalty: firth`) gives a finite one"),
        Warning::SomeMayBeInfinite => "a coefficient may be infinite".to_owned(),
        Warning::SomeNotEstimable => "a coefficient is not estimable".to_owned(),
        Warning::SomeMissingOrInfinite => "a coefficient is missing or may be infinite".to_owned(),
        Warning::SingularCovariance => "the coefficients' covariance is singular".to_owned(),
        Warning::NoPatientsAtLevel => "no patient has this level".to_owned(),
        Warning::NoPatientsAtReference => "no patient has the reference level".to_owned(),
        // The rule of ten of Peduzzi and others (1995): a warning and no refusal, as the limit is
        // disputed.
        Warning::FewEventsPerCoefficient => "fewer than 10 events per coefficient: estimates may be unstable".to_owned(),
        Warning::FewWithoutOutcomePerCoefficient => "fewer than 10 patients without the outcome per coefficient: estimates may be unstable".to_owned(),
        Warning::NoCoefficient => "no coefficient was estimated".to_owned(),
        Warning::WeightsAsNumbers => "it takes weights as numbers of independent patients".to_owned(),
        Warning::ClustersAsIndependent { cluster } => format!("it takes patients of one `{cluster}` as independent"),
        Warning::PenalizedTests => "a penalised model: its tests are a rough guide".to_owned(),
        Warning::NoLimit { upper } => format!(
            "no {} limit: the likelihood does not fall far enough",
            if *upper { "upper" } else { "lower" }
        ),
        Warning::RatioHoldsAt { column, at } => {
            let place = match at {
                InteractionPlace::Level(level) => format!("`{column}` is `{level}`"),
                InteractionPlace::Zero => format!("`{column}` is 0"),
                InteractionPlace::SplineZero => format!("the spline of `{column}` is zero"),
            };
            format!("with the interaction, the ratio holds where {place}")
        }
        Warning::NoRoomForInteraction => "the levels that have patients do not allow an interaction to be told from the terms".to_owned(),
        Warning::NoFit { mistake } => mistake.clone(),
        Warning::NothingToTest => "nothing to test: no coefficient, or all events at one time".to_owned(),
        Warning::NobodyInSubgroup => "no patient is in this subgroup".to_owned(),
        Warning::NobodyInArm => "an arm has no patient in this subgroup".to_owned(),
        Warning::LevelNotInSubgroup => "nobody of the subgroup has this level of the treatment".to_owned(),
        Warning::NoEventsInSubgroup => "nobody in this subgroup has the event".to_owned(),
        Warning::InfiniteInSubgroup => "the hazard ratio may be infinite: an arm has no event in this subgroup".to_owned(),
        Warning::DependentInSubgroup => "the treatment's effect in this subgroup depends on the other terms".to_owned(),
        Warning::NoInteractionTest => "the interaction has no test".to_owned(),
        Warning::TermDependsOnOthers => "the term depends on those before it".to_owned(),
        Warning::ColumnDependsOnOthers => "the column depends on those before it".to_owned(),
        Warning::NoRatioWithout { patients } => format!("no hazard ratio without each of {patients} patients, one at a time"),
        Warning::NoRatioWithoutAny => "no fit without a patient has a hazard ratio".to_owned(),
        Warning::NobodyOfGroupFollowed => "nobody of the group was followed to this time".to_owned(),
        Warning::FailedSamples { failed, samples } => format!("{failed} of {samples} samples allowed no fit"),
        Warning::LateEventsWeighHeavily => "without a last time (tau) late events weigh heavily, where few are followed".to_owned(),
        Warning::ExplainsLessThanChance => "the model explains less than chance would".to_owned(),
        Warning::PredictedCurves => "curves predicted by a model: the numbers under them are those of all its patients".to_owned(),
        Warning::NotToOneHalf => "the predicted curve does not fall to one half".to_owned(),
        Warning::NothingMissing => "no value is missing: all data sets are the same".to_owned(),
        Warning::ImputedWithout { predictor } => format!(
            "imputed without {}, which is constant or a combination of other predictors",
            imputed_from(predictor)
        ),
        Warning::ConstantImputed => "all known values are the same, and so are the imputed ones".to_owned(),
        Warning::ChainsUnjudged => "it needs four iterations or more, and means that vary".to_owned(),
        Warning::ChainsNotMixed => "the chains have not mixed: try more iterations".to_owned(),
        Warning::ImputedLeftOut { patients } => format!("{patients} imputed patients are left out: they lack a value that was not imputed"),
        Warning::InImputation { imputation, warning: own } => {
            format!("imputation {imputation}: {}", warning(own))
        }
        Warning::GroupWithoutEvents => "may be infinite: a group of patients has no events".to_owned(),
        Warning::ExposedBeforeZero { patients } => format!(
            "exposure began before time zero for {}: it counts from time zero on",
            counted(*patients)
        ),
        Warning::ExposedAfterEnd { patients } => format!(
            "exposure began after the end of follow-up for {}: it does not count",
            counted(*patients)
        ),
        Warning::NoEventExpected => "no event was expected in both states".to_owned(),
        Warning::CurveFellEarly => "the curve fell to zero while few were at risk, before others entered: begin at a later landmark".to_owned(),
        Warning::NobodyInState => "nobody is in the state at this time".to_owned(),
        Warning::PatientsChangeCurves => "patients move between the curves where exposure begins (Simon and Makuch); numbers at risk are those in the state".to_owned(),
        Warning::FewDraws { numbers, error } => format!(
            "other random draws could change a printed digit of {} (Monte Carlo error {}): draw more",
            numbers.iter().map(|number| drawn(*number)).collect::<Vec<_>>().join(" and "),
            significant(*error)
        ),
        Warning::DrawsDecide { limit, error } => format!(
            "other random draws could move {} to the other side of no effect (Monte Carlo error {}): draw more",
            drawn(*limit),
            significant(*error)
        ),
        Warning::NoCompleteCase => "no patient has a value of every term".to_owned(),
        Warning::CountsOfClones => "numbers are of clones, unweighted; those censored for deviating count as censored; limits take the weights as known".to_owned(),
        Warning::TooFewSamples => "too few bootstrap samples gave it".to_owned(),
        Warning::LostSamples { samples: 1 } => "1 bootstrap sample did not give it".to_owned(),
        Warning::LostSamples { samples } => {
            format!("{samples} bootstrap samples did not give it")
        }
        Warning::WeightsWithoutBound => "a term tells exactly who deviates: weights are without bound".to_owned(),
        Warning::InfiniteOrNoEvent => "the ratio is infinite, or a strategy has no event".to_owned(),
        Warning::NoCloneFollowed => "no clone was followed to this time".to_owned(),
        Warning::CarriedOn => "the last follow-up of a strategy is before this time: the last survival was carried on".to_owned(),
        Warning::AssumedStarts => "a sensitivity analysis: starts are assumed, not recorded".to_owned(),
        Warning::InfiniteUnderStart => "the coefficient may be infinite under this start".to_owned(),
        Warning::Contradicted { patients } => format!("{patients} of the exposed are not followed beyond this start and count as never exposed"),
        Warning::NothingTips => "no assumed start tips it".to_owned(),
        // curves, groups, responses
        Warning::NobodyFollowed => "nobody was followed to this time".into(),
        Warning::NoEvents => "no events".into(),
        Warning::NoCensoring => "no censoring".into(),
        Warning::SurvivalCarriedOn => {
            "the last follow-up is before this time: the last survival was carried on".into()
        }
        Warning::SurvivalOfAGroupCarriedOn => {
            "the last follow-up of a group is before this time: the last survival was carried on"
                .into()
        }
        Warning::IncidenceCarriedOn => {
            "the last follow-up is before this time: the last incidence was carried on".into()
        }
        Warning::ZeroBeforeEntries { days } => format!(
            "all who were at risk at {days} days had the event then, and others were followed after it: survival is zero from then on; condition on survival to a later time"
        ),
        Warning::WeightedCurves => {
            "the curves are weighted, the numbers below them are patients".into()
        }
        Warning::BetweenExaminations => {
            "events lie between two examinations: the curve falls at the later one".into()
        }
        Warning::CurveUnknown => {
            "a curve is unknown at this time, or zero, where it has no standard error".into()
        }
        Warning::NoCurve => "a group has no curve".into(),
        Warning::ZeroMean => "a restricted mean is zero".into(),
        Warning::CountsAsCertain => {
            "a group has no event until this time: its estimate counts as known without error, so the limits are too narrow, and there are none where no group has one".into()
        }
        Warning::NothingExpected => "no event was expected in more than one group".into(),
        Warning::TrendWithoutVariance => "the trend has no variance on these data".into(),
        Warning::SameInAllArrangements => "all arrangements give the same statistic".into(),
        Warning::PairWithoutEvents => "the pair has no events".into(),
        Warning::SearchEnded => "the search for the maximum ended before it was found".into(),
        Warning::AfterLastExamination => "it is after the last examination".into(),
        Warning::NotIdentified => {
            "the data do not tell all intervals with mass apart: no standard error".into()
        }
        Warning::WithinMassInterval => {
            "this time lies within an interval with mass: the data give bounds only (`least_survival` and `greatest_survival`)".into()
        }
        Warning::NoEnd => "there is no end".into(),
        Warning::EmptyCell => "no confidence limits, as a cell is empty".into(),
        Warning::FewExpected => "an expected count is below 5".into(),
        Warning::NoValues => "no patient of the group has a value".into(),
        Warning::ShrunkByRidge => "shrunk by the ridge: limits and test are rough".into(),
        Warning::RoughUnderRidge => "under a ridge the test is rough".into(),
        Warning::LittleInformation => {
            "weighting leaves less than half of the patients' information".into()
        }
        Warning::StillImbalanced { above } => {
            format!("above {above} after weighting: still imbalanced")
        }
        Warning::DoesNotVary => "the variable does not vary in the groups".into(),
        Warning::NoValueOf { finding } => format!("`{finding}` has no value"),
        Warning::NoLimitsOf { finding } => format!("`{finding}` has no confidence limits"),
        Warning::ConstructedCohorts => "of constructed cohorts that reproduce the published numbers, not of patients: neither a confidence interval nor an estimate of the unpublished value; values beyond may exist".into(),
        Warning::NarrowAssumptions => "narrow assumptions: they leave out values that other cohorts with the same published numbers have".into(),
        Warning::UndefinedInCohorts { cohorts, of } => {
            format!("infinite or not defined in {cohorts} of {of} cohorts")
        }
        Warning::ExtrapolatedInCohorts { cohorts, of } => format!(
            "in {cohorts} of {of} cohorts a group is not followed so long: the last survival was carried on"
        ),
        Warning::FewCohorts { found, asked } => format!(
            "searches found {found} of {asked} cohorts: those that are hard to find are missing"
        ),
    }
}

/// So many patients.
fn counted(patients: usize) -> String {
    match patients {
        1 => "1 patient".to_owned(),
        more => format!("{more} patients"),
    }
}

fn imputed_from(predictor: &Predictor) -> String {
    match predictor {
        Predictor::Column(column) => format!("`{column}`"),
        Predictor::Level { column, level } => format!("level `{level}` of `{column}`"),
        Predictor::Event => "the event".to_owned(),
        Predictor::CumulativeHazard => "the cumulative hazard".to_owned(),
    }
}

/// Why groups of a column are naive.
#[must_use]
pub fn naive(label: &str, date_label: &str) -> String {
    format!(
        "{label} becomes known only after time zero ({date_label}), and comparisons by it are open to immortal-time bias"
    )
}
