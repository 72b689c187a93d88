//! The words of the closed sets that methods choose from.

use study::{
    Adjustment, CensoringWeights, Distribution, FineGrayVariant, ScoreWeighting, SplineForm, Test,
    Tested, Ties, TimeTransform,
};

pub(super) fn adjustment(adjustment: Adjustment) -> &'static str {
    match adjustment {
        Adjustment::Holm => "Holm",
        Adjustment::BenjaminiHochberg => "Benjamini and Hochberg",
    }
}

pub(super) fn test(test: Test) -> &'static str {
    match test {
        Test::Wald => "Wald test",
        Test::LikelihoodRatio => "likelihood-ratio test",
        Test::PenalizedLikelihoodRatio => "penalised likelihood-ratio test",
        Test::Score => "score test",
        Test::RobustScore => "robust score test",
        Test::BarnardRubinT => "t test with Barnard-Rubin degrees of freedom",
        Test::PooledWald => "Wald test (D1 of Li, Raghunathan and Rubin)",
    }
}

pub(super) fn tested(tested: Tested) -> String {
    let words = match tested {
        Tested::AllLevels => "all levels",
        Tested::WholeCurve => "the whole curve",
        Tested::StraightLine => "a straight line",
        Tested::AllTerms => "all terms",
        Tested::AllCoefficients => "all coefficients",
        Tested::Interaction => "the interaction",
        Tested::EqualBeforeAndAfter => "equal coefficients before and after the cut",
        Tested::ProportionalHazards(along) => {
            let along = transform(along);
            return format!("proportional hazards along {along} (Grambsch and Therneau)");
        }
    };
    words.to_owned()
}

pub(super) fn ties(ties: Ties) -> &'static str {
    match ties {
        Ties::Efron => "Efron",
        Ties::Breslow => "Breslow",
        // Not `discrete`, as some call it: what it makes of time is said with the model.
        Ties::Exact => "exact",
    }
}

pub(super) fn spline(form: SplineForm) -> &'static str {
    match form {
        SplineForm::Natural => "natural cubic spline",
        SplineForm::Restricted => "restricted cubic spline",
    }
}

pub(super) fn distribution(distribution: Distribution) -> &'static str {
    match distribution {
        Distribution::Exponential => "exponential",
        Distribution::Weibull => "Weibull",
        Distribution::LogNormal => "log-normal",
        Distribution::LogLogistic => "log-logistic",
    }
}

/// Risk sets, ties and errors of Fine and Gray's model.
pub(super) fn fine_gray(variant: FineGrayVariant) -> String {
    let ties = format!("{} ties", ties(fine_gray_ties(variant)));
    let sets = fine_gray_sets(variant).map(str::to_owned);
    let all = sets.into_iter().chain([ties, fine_gray_errors(variant).to_owned()]);
    all.collect::<Vec<_>>().join(", ")
}

/// How Fine and Gray's model takes ties.
pub(super) fn fine_gray_ties(variant: FineGrayVariant) -> Ties {
    match variant {
        FineGrayVariant::WeightedEfron => Ties::Efron,
        FineGrayVariant::FineGrayBreslow => Ties::Breslow,
    }
}

/// The risk sets of Fine and Gray's model, where they have a name.
pub(super) fn fine_gray_sets(variant: FineGrayVariant) -> Option<&'static str> {
    match variant {
        FineGrayVariant::WeightedEfron => Some("weighted risk sets"),
        FineGrayVariant::FineGrayBreslow => None,
    }
}

/// The errors of Fine and Gray's model.
pub(super) fn fine_gray_errors(variant: FineGrayVariant) -> &'static str {
    match variant {
        FineGrayVariant::WeightedEfron => "robust errors",
        FineGrayVariant::FineGrayBreslow => {
            "robust errors that allow for the estimated censoring curve"
        }
    }
}

pub(super) fn transform(transform: TimeTransform) -> &'static str {
    match transform {
        TimeTransform::KaplanMeier => "the Kaplan-Meier transform of time",
        TimeTransform::Identity => "time itself",
        TimeTransform::Rank => "the rank of time",
        TimeTransform::Log => "the logarithm of time",
    }
}

pub(super) fn censored_by(weights: CensoringWeights) -> String {
    match weights {
        CensoringWeights::Cox => {
            "weights from a Cox model of artificial censoring (Efron ties)".to_owned()
        }
        CensoringWeights::PooledLogistic { interval } => format!(
            "weights from a pooled logistic model of artificial censoring by intervals of {interval}"
        ),
        CensoringWeights::Unweighted => "unweighted".to_owned(),
    }
}
/// An analysis with what was made of scores.
pub(crate) fn with_weights(weighting: ScoreWeighting) -> &'static str {
    match weighting {
        ScoreWeighting::Overlap => "with overlap weights",
        ScoreWeighting::InverseProbability => "with inverse probability weights",
        ScoreWeighting::Stabilized => "with stabilised inverse probability weights",
        // Not `ATT weights`: which patients an effect is of is what readers have to know.
        ScoreWeighting::Treated => "with weights towards the treated",
        ScoreWeighting::Matching => "in matched patients",
    }
}
