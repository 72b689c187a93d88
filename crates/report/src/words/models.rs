//! The words of the methods of models.

use study::{
    BrierOf, Clusters, ConcordanceKind, Counted, Detail, Errors, ExposureTime, Procedure, RangeEnd,
    SubgroupModel, Tipping,
};

use super::choices::{
    adjustment, censored_by, distribution, fine_gray, spline, test, tested, ties, with_weights,
};
use super::percent;

/// Whether a detail stands before the procedure, of which it is a part.
pub(super) fn leads(detail: &Detail) -> bool {
    matches!(
        detail,
        Detail::Test { .. }
            | Detail::Spline { .. }
            | Detail::UnpenalizedLikelihood
            | Detail::PseudoLikelihood
            | Detail::Landmark(_)
            | Detail::TippingPoint(_)
            | Detail::Subgroup(_)
            | Detail::WithoutOnePatient(_)
            | Detail::Dfbeta { .. }
            | Detail::IncreaseOfVariance
            | Detail::PredictedWith(_)
            | Detail::WeightedCoxOfClones(_)
    )
}

/// A procedure of models; none of others.
pub(super) fn procedure(procedure: &Procedure, details: &[Detail]) -> Option<String> {
    let words = match procedure {
        Procedure::CompleteCases => "count of complete cases",
        Procedure::CountOf(counted) => count(*counted),
        Procedure::Reference => "reference",
        Procedure::Cox if details.contains(&Detail::Adjusted) => "adjusted Cox regression",
        Procedure::Cox => "Cox proportional hazards",
        Procedure::TimeDependentCox(ExposureTime::Recorded) => {
            "time-dependent Cox regression (unexposed until exposure begins)"
        }
        Procedure::TimeDependentCox(ExposureTime::AssumedTime) => {
            "time-dependent Cox regression, all starting at one assumed time"
        }
        Procedure::TimeDependentCox(ExposureTime::AssumedShare) => {
            "time-dependent Cox regression, each starting after an assumed share of its follow-up"
        }
        Procedure::FineGray(variant) => {
            return Some(format!("Fine-Gray subdistribution hazard, {}", fine_gray(*variant)));
        }
        Procedure::AcceleratedFailureTime(own) => {
            return Some(format!("{} accelerated failure time", distribution(*own)));
        }
        Procedure::SimonMakuch => "Simon-Makuch curve",
        Procedure::MantelByar => "the test of Mantel and Byar",
        Procedure::PersonTime => "follow-up in the state, summed over patients",
        Procedure::CloneCensorWeight { grace } => {
            return Some(format!("clone-censor-weight, grace period of {grace}"));
        }
        Procedure::Concordance { of, until_days } => {
            let name = match of {
                ConcordanceKind::Harrell => "Harrell's concordance",
                ConcordanceKind::Uno => "Uno's concordance",
                ConcordanceKind::Outcome => {
                    "concordance of fitted probability and outcome, ties counting half"
                }
            };
            let until =
                until_days.map_or_else(String::new, |day| format!(", events until day {day}"));
            return Some(format!("{name}{until}"));
        }
        Procedure::CorrectedConcordance => "Harrell's concordance less its optimism",
        Procedure::Optimism => "optimism of Harrell's concordance",
        Procedure::CalibrationSlope => "mean slope in all patients",
        // In full, since no name for it is in general use.
        Procedure::HeuristicShrinkage => {
            "likelihood-ratio chi-square less its degrees of freedom, over itself (van Houwelingen and le Cessie)"
        }
        Procedure::MeanPrediction => {
            // Taken from the details, of which it is one, because the words stand within those of
            // the procedure.
            let groups = details.iter().find_map(|detail| match detail {
                Detail::GroupsOfLikeRisk(groups) => Some(groups),
                _ => None,
            });
            let groups = groups.map_or_else(String::new, |groups| {
                format!(" in {groups} groups of like risk, the first of the highest")
            });
            return Some(format!("mean prediction{groups}"));
        }
        Procedure::BrierScore(BrierOf::Model) => {
            "Brier score weighted by the inverse probability of censoring (Graf)"
        }
        Procedure::BrierScore(BrierOf::Everybody) => {
            "the same of the Kaplan-Meier curve of all patients"
        }
        Procedure::BrierScore(BrierOf::Outcome) => {
            "mean squared difference of outcome and fitted probability (Brier)"
        }
        Procedure::BrierScore(BrierOf::Gain) => {
            "share of the reference's Brier score that the model takes off"
        }
        Procedure::EventsPerCoefficient => "events over estimated coefficients",
        Procedure::VarianceInflation => {
            "generalised variance inflation factor (Fox and Monette), from the information"
        }
        Procedure::AdjustedInteraction(by) => {
            let columns = details.iter().find_map(|detail| match detail {
                Detail::ForColumns(columns) => Some(columns),
                _ => None,
            });
            let columns =
                columns.map_or_else(String::new, |columns| format!(" for {columns} columns"));
            let by = adjustment(*by);
            return Some(format!("p of the interaction, adjusted{columns} by {by}"));
        }
        Procedure::MonteCarloError => {
            "Monte Carlo standard error: the spread over other random draws"
        }
        Procedure::BarnardRubin => {
            "Barnard and Rubin, complete data having events less coefficients"
        }
        Procedure::GelmanRubin => {
            "Gelman and Rubin's factor of the chains' means over the later half of the iterations"
        }
        Procedure::KnownValues => "of patients with a value",
        Procedure::ImputedValues { data_sets } => {
            return Some(format!("of the values imputed in {data_sets} data sets"));
        }
        Procedure::AkaikeDifference => "Akaike's criterion less the lowest of the distributions",
        Procedure::FixedAtOne => "fixed at 1",
        Procedure::DeclaredKnots => "as declared",
        Procedure::QuantileKnots(form) => {
            return Some(format!("{}: quantiles of the model's patients", spline(*form)));
        }
        _ => return None,
    };
    Some(words.to_owned())
}

fn count(counted: Counted) -> &'static str {
    match counted {
        Counted::Patients => "count of patients",
        Counted::Events => "count of events",
        Counted::LeftOut => "count of patients left out",
        Counted::WithoutValue => "count of patients without a value",
        Counted::WithEveryValue => "count of patients with a value of every column",
        Counted::ImputedDataSets => "count of imputed data sets",
        Counted::CompletedDataSets => "count of completed data sets",
        Counted::Iterations => "count of iterations of each chain",
        Counted::EverInState => "patients ever in the state",
        Counted::EventsInState => "events in the state",
        Counted::InStateJustBefore => "patients in the state just before this time",
        Counted::WithoutFollowUp => "follow-up of length zero: at no risk",
        Counted::EndedByLandmark => "follow-up that ends by the landmark",
        Counted::FromLandmark => "count",
        Counted::Clones => "count of clones",
        Counted::FailedSamples => "bootstrap samples without an estimate",
    }
}

/// A detail of models; none of others.
pub(super) fn detail(detail: &Detail) -> Option<String> {
    let words = match detail {
        Detail::Test { test: own, of } => {
            let of = of.map_or_else(String::new, |of| format!(" of {}", tested(of)));
            return Some(format!("{}{of}", test(*own)));
        }
        Detail::Spline { form, degrees_of_freedom } => {
            return Some(format!("{} with {degrees_of_freedom} degrees of freedom", spline(*form)));
        }
        Detail::Ties(own) => return Some(format!("{} ties", ties(*own))),
        Detail::Ridge(size) => return Some(format!("ridge of size {size}")),
        Detail::Firth => "Firth's penalised likelihood",
        Detail::Offset(column) => return Some(format!("offset {column}")),
        Detail::AtRiskFrom(column) => return Some(format!("at risk from {column} on")),
        Detail::WeightedBy(entry) => return Some(format!("weighted by {entry}")),
        Detail::Weights(weighting) => with_weights(*weighting),
        Detail::Errors(own) => return Some(errors(own)),
        Detail::OutcomeLevels(levels) => {
            return Some(format!("outcome: {}", levels.join(" or ")));
        }
        Detail::InfinitesimalJackknife => "infinitesimal jackknife",
        Detail::WithinStrata => "within strata",
        Detail::UnpenalizedLikelihood => "unpenalised likelihoods",
        Detail::PseudoLikelihood => "pseudo-likelihood",
        Detail::Landmark(time) => return Some(format!("landmark analysis at {time}")),
        // Said with the procedure.
        Detail::Adjusted | Detail::GroupsOfLikeRisk(_) | Detail::ForColumns(_) => "",
        Detail::UnexposedUntilStart => "unexposed until exposure begins",
        Detail::TippingPoint(Tipping::Estimate) => {
            "first assumed start at which the estimate is 1 or on its other side"
        }
        Detail::TippingPoint(Tipping::Limits(level)) => {
            return Some(format!(
                "first assumed start at which the {} limits include 1",
                percent(*level)
            ));
        }
        Detail::Subgroup(model) => match model {
            SubgroupModel::AllPatients => "all patients, without interaction",
            SubgroupModel::WithInteraction => "one model with the interaction",
            SubgroupModel::SubgroupAlone => "a model of the subgroup alone",
        },
        Detail::WithoutOnePatient(RangeEnd::Lowest) => "lowest over fits without one patient",
        Detail::WithoutOnePatient(RangeEnd::Highest) => "highest over fits without one patient",
        Detail::Dfbeta { in_standard_errors } => {
            // Both are called dfbeta in programs, and differ by orders of size.
            let of = if *in_standard_errors { "standard errors of the" } else { "the" };
            return Some(format!(
                "largest change in {of} coefficient by one patient, to first order (dfbeta)"
            ));
        }
        Detail::Pooled { imputations: None } => "pooled by Rubin's rules",
        Detail::Pooled { imputations: Some(imputations) } => {
            return Some(format!("pooled over {imputations} imputations by Rubin's rules"));
        }
        Detail::IncreaseOfVariance => "increase of the variance by missing values",
        Detail::MaximumLikelihood => "maximum likelihood",
        Detail::DeltaMethod => "delta-method errors",
        Detail::OthersAtReference => "others at reference or mean",
        Detail::PredictedWith(own) => {
            return Some(format!("predicted by a model with {}'s baseline hazard", ties(*own)));
        }
        Detail::Bootstrap { samples } => {
            return Some(format!("bootstrap of {samples} samples (Harrell, Lee and Mark)"));
        }
        Detail::CensoringWeights(own) => return Some(censored_by(*own)),
        Detail::CutAt(weight) => return Some(format!("weights cut at {weight}")),
        Detail::WeightedCoxOfClones(own) => {
            return Some(format!("weighted Cox model of clones, {} ties", ties(*own)));
        }
        Detail::Trapezoidal { steps } => {
            return Some(format!("by the trapezoidal rule over {steps} equal steps from day 0"));
        }
        _ => return None,
    };
    Some(words.to_owned())
}

fn errors(errors: &Errors) -> String {
    let of = |clusters: &Clusters| match clusters {
        Clusters::By(column) => format!("clustered by {column}"),
        // The entry that made the sets is told where the weights are.
        Clusters::MadeBy(_) => "clustered by matched set".to_owned(),
    };
    match errors {
        Errors::Robust => "robust errors".to_owned(),
        Errors::Clustered(clusters) => format!("robust errors {}", of(clusters)),
        Errors::ClustersAlone(clusters) => format!("errors {}", of(clusters)),
    }
}

#[cfg(test)]
mod tests {
    use study::{Adjustment, IntervalKind, Method, Test, Tested, Ties, TimeTransform};

    use super::super::method;
    use super::*;

    #[test]
    fn a_method_reads_as_a_sentence_whatever_leads_it() {
        let cox = || Method::of(Procedure::Cox).with(Detail::Ties(Ties::Breslow));
        let cases = [
            (cox(), "Cox proportional hazards, Breslow ties"),
            (
                cox().interval(IntervalKind::Profile, 0.9),
                "Cox proportional hazards, Breslow ties, profile likelihood 90% CI",
            ),
            (
                cox().tested_of(Test::Wald, Tested::AllLevels),
                "Wald test of all levels, Cox proportional hazards, Breslow ties",
            ),
            (
                cox()
                    .led_by([Detail::Landmark("3 months".parse().expect("a time"))])
                    .with(Detail::Adjusted)
                    .tested(Test::LikelihoodRatio),
                "likelihood-ratio test, landmark analysis at 3 months, adjusted Cox regression, Breslow ties",
            ),
            (
                cox().tested_of(Test::Score, Tested::ProportionalHazards(TimeTransform::Rank)),
                "score test of proportional hazards along the rank of time (Grambsch and Therneau), Cox proportional hazards, Breslow ties",
            ),
            (
                Method::of(Procedure::AdjustedInteraction(Adjustment::Holm))
                    .with(Detail::ForColumns(6)),
                "p of the interaction, adjusted for 6 columns by Holm",
            ),
            (
                Method::of(Procedure::MeanPrediction).with(Detail::GroupsOfLikeRisk(4)),
                "mean prediction in 4 groups of like risk, the first of the highest",
            ),
        ];
        for (value, words) in cases {
            assert_eq!(method(&value), words);
        }
    }
}
