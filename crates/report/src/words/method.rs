//! The words of methods: what leads, such as a test, then the procedure, and
//! behind it how it was done.

use study::{
    Adjustment, Arrangements, CohortReading, Detail, IntervalKind, Method, Procedure, RankSumForm,
    ScoreWeighting, Spread, Standardized, TakenFor, Variance, Weighting,
};

use super::{forensics, models, percent};

/// A method in words, such as `Wald test, Cox proportional hazards, Efron ties`.
#[must_use]
pub fn method(method: &Method) -> String {
    // Models first: some of their procedures take details into their own words.
    let mut words = match models::procedure(&method.procedure, &method.details) {
        Some(words) => words,
        None => procedure(&method.procedure, &qualifiers(&method.details)),
    };
    let has_weighting = method.details.iter().any(|own| matches!(own, Detail::Weights(_)));
    if let (Procedure::WeightedLogRank { weights }, true) = (&method.procedure, has_weighting) {
        // how patients were weighted is said behind it, and not by which entry
        words = words.replace(&format!(" weighted by {weights}"), "");
    }
    for detail in &method.details {
        match how(detail) {
            How::Before(_) | How::Leading(_) => {}
            How::Around(before, behind) => words = format!("{before}{words}{behind}"),
            How::Behind(own) if words.is_empty() => words = own,
            // Said with the procedure already, as `models::detail` knows.
            How::Behind(own) if own.is_empty() => {}
            How::Behind(own) => words.extend([", ", &own]),
        }
    }
    let leading = method.details.iter().filter_map(|detail| match how(detail) {
        How::Leading(own) => Some(own),
        How::Before(_) | How::Around(..) | How::Behind(_) => None,
    });
    leading.chain([words]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Where the words of a detail stand.
enum How {
    /// Before the name of a curve, such as `weighted`.
    Before(&'static str),
    /// Before the procedure, of which it is a part, and a comma.
    Leading(String),
    /// Around all that comes before.
    Around(&'static str, String),
    /// Behind it, after a comma.
    Behind(String),
}

fn qualifiers(details: &[Detail]) -> String {
    let before = details.iter().filter_map(|detail| match how(detail) {
        How::Before(word) => Some(format!("{word} ")),
        How::Leading(_) | How::Around(..) | How::Behind(_) => None,
    });
    before.collect()
}

/// A procedure; `of` are the words before the name of a curve.
fn procedure(procedure: &Procedure, of: &str) -> String {
    let words = match procedure {
        Procedure::Unsaid => "",
        Procedure::Count => "count",
        Procedure::RangeOfFollowUp => "range of follow-up",
        Procedure::SumOfWeights => "sum of weights",
        Procedure::EffectiveN => "squared sum of weights over the sum of their squares",
        Procedure::AreaUnder(inner) => return area("area", "curve", inner, of),
        Procedure::DifferenceOf(inner) => return contrast("difference", inner, of),
        Procedure::RatioOf(inner) => return contrast("ratio", inner, of),
        // Equal to a constant: rho is declared, not computed.
        Procedure::LogRank { rho: 0.0 } => "log-rank test",
        // With its family, because several tests go by the name of Peto.
        Procedure::LogRank { rho: 1.0 } => "Peto-Peto test (G-rho with rho = 1)",
        Procedure::LogRank { rho } => return format!("G-rho test with rho = {rho}"),
        Procedure::WeightedLogRank { weights } => {
            return format!(
                "log-rank test weighted by {weights} (robust score test of a weighted Cox model, Breslow ties)"
            );
        }
        Procedure::FlemingHarringtonTest { rho, gamma } => {
            return format!("Fleming-Harrington test with rho = {rho} and gamma = {gamma}");
        }
        Procedure::Gray { rho } => return format!("Gray's test with rho = {rho}"),
        Procedure::AdjustedP(Adjustment::Holm) => "Holm's adjustment",
        Procedure::AdjustedP(Adjustment::BenjaminiHochberg) => {
            "Benjamini and Hochberg's adjustment"
        }
        Procedure::FisherMonteCarlo { tables } => {
            return format!("Fisher's exact test by Monte Carlo, {tables} random tables");
        }
        Procedure::PublishedNumbers(check) => forensics::check(*check),
        Procedure::StandardizedDifference(what) => standardized(*what),
        Procedure::ScoreWeights(weighting) => scores(*weighting),
        Procedure::BalanceDifference(when, spread) => {
            return balance("difference", *when, *spread);
        }
        Procedure::LargestBalanceDifference(when, spread) => {
            return balance("largest size of a difference", *when, *spread);
        }
        Procedure::ConstructedCohorts(reading) => constructed(*reading),
        Procedure::VarianceRatio(Weighting::Before) => {
            "variance before weighting over that of the others"
        }
        Procedure::VarianceRatio(Weighting::After) => {
            "variance after weighting over that of the others"
        }
        named => return format!("{of}{}", name(named)),
    };
    words.to_owned()
}

/// The name of an estimator or test without variants.
fn name(procedure: &Procedure) -> &'static str {
    match procedure {
        Procedure::KaplanMeier => "Kaplan-Meier",
        Procedure::ReverseKaplanMeier => "reverse Kaplan-Meier",
        Procedure::NelsonAalen => "exponential of the Nelson-Aalen cumulative hazard",
        Procedure::FlemingHarrington => {
            "exponential of the Fleming-Harrington cumulative hazard, ties one by one"
        }
        Procedure::CumulativeHazard { ties_one_by_one: false } => "Nelson-Aalen cumulative hazard",
        Procedure::CumulativeHazard { ties_one_by_one: true } => {
            "Fleming-Harrington cumulative hazard, ties one by one"
        }
        Procedure::Turnbull => "Turnbull's nonparametric maximum likelihood",
        Procedure::MidpointKaplanMeier => "Kaplan-Meier of the intervals' midpoints",
        Procedure::AalenJohansen => "Aalen-Johansen",
        Procedure::Gehan => "Gehan-Breslow test",
        Procedure::TaroneWare => "Tarone-Ware test",
        Procedure::PetoPeto => "Peto-Peto test (weights by the product of 1 - d / (n + 1))",
        Procedure::ModifiedPetoPeto => "modified Peto-Peto test (Andersen)",
        Procedure::MaxCombo => {
            "MaxCombo test of the Fleming-Harrington weights (0, 0), (0, 1), (1, 0) and (1, 1)"
        }
        Procedure::Proportion => "proportion",
        Procedure::ShareOfKnown => "proportion of patients with a value",
        Procedure::PearsonChiSquare => "Pearson's chi-square test",
        Procedure::YatesChiSquare => "chi-square test with Yates' correction",
        Procedure::Fisher => "Fisher's exact test",
        Procedure::FisherMidP => "Fisher's exact test, mid-p",
        Procedure::RankSum => "Wilcoxon's rank-sum test",
        Procedure::KruskalWallis => "Kruskal-Wallis test",
        Procedure::WelchT => "Welch's t test",
        Procedure::WelchAnova => "Welch's analysis of variance",
        Procedure::RiskDifference => "risk difference",
        Procedure::OddsRatio => "odds ratio",
        Procedure::ConditionalOddsRatio => "odds ratio, conditional maximum likelihood",
        Procedure::RelativeRisk => "relative risk",
        Procedure::MeanDifference => "difference of means",
        Procedure::HodgesLehmann => "Hodges-Lehmann shift",
        Procedure::Mean => "arithmetic mean",
        Procedure::StandardDeviation => "sample standard deviation",
        Procedure::Median => "median",
        // The type, as programs differ in it: R takes 7 unless told, SAS and SPSS others.
        Procedure::Quartile => "quantile, type 7",
        Procedure::Smallest => "smallest value",
        Procedure::Largest => "largest value",
        Procedure::Logistic => "logistic regression",
        Procedure::ScoreConcordance => "area under the curve of the scores, ties counting half",
        Procedure::ScoresOfGroup => "of the scores of the group",
        Procedure::ScoresBeyondSupport => "scores beyond the range that both groups have",
        Procedure::Caliper => {
            "on the logit: the declared share of its standard deviation over all patients"
        }
        Procedure::EValue => "E-value (VanderWeele and Ding)",
        Procedure::SecondOpinion => "computed again with statrs",
        Procedure::EventRate => "events over the time in which they can be seen",
        _ => "",
    }
}

/// The area under a curve, or areas under curves.
fn area(area: &str, curve: &str, inner: &Procedure, of: &str) -> String {
    match inner {
        Procedure::KaplanMeier | Procedure::AalenJohansen => {
            format!("{area} under the {of}{} {curve}", name(inner))
        }
        _ => format!("{area} under the {of}{curve} ({})", name(inner)),
    }
}

/// A difference or ratio of what a procedure gives.
fn contrast(what: &str, inner: &Procedure, of: &str) -> String {
    match inner {
        Procedure::AreaUnder(inner) => area(&format!("{what} of areas"), "curves", inner, of),
        _ => format!("{what} of {of}{} estimates", name(inner)),
    }
}

fn standardized(what: Standardized) -> &'static str {
    match what {
        Standardized::Means => "standardised difference of means, pooled denominator",
        Standardized::SecondLevel => {
            "standardised difference of the proportions of the second level, pooled denominator"
        }
        // Without a sign, which a distance of several levels does not have.
        Standardized::Levels => {
            "standardised difference of proportions (Mahalanobis distance, without sign), pooled denominator"
        }
    }
}

fn constructed(reading: CohortReading) -> &'static str {
    match reading {
        CohortReading::Searches => "searches for cohorts that reproduce the published numbers",
        CohortReading::Sampled => "over constructed cohorts that reproduce the published numbers",
        CohortReading::FirstHalf => "over the first half of the constructed cohorts",
        CohortReading::Directed => "end met by searches outward from constructed cohorts",
        CohortReading::Range => "end over constructed cohorts and searches outward",
        CohortReading::Reproduced => "published number as constructed cohorts have it",
        CohortReading::Width => {
            "95th over 5th percentile of the hazard ratio over constructed cohorts"
        }
        CohortReading::Bound => {
            "Peto's approximation from the p-value and the events of constructed cohorts"
        }
        CohortReading::Coverage => {
            "share of numbers whose range over constructed cohorts held the truth, where it was known"
        }
        CohortReading::MedianRatio => {
            "ratio of the published medians, as if times were exponential"
        }
    }
}

fn scores(weighting: ScoreWeighting) -> &'static str {
    match weighting {
        ScoreWeighting::Overlap => "overlap weights (the probability of the other group)",
        ScoreWeighting::InverseProbability => "inverse probability of the own group",
        ScoreWeighting::Stabilized => {
            "inverse probability of the own group, stabilised by its share"
        }
        ScoreWeighting::Treated => "odds of treatment in the untreated, towards the treated",
        ScoreWeighting::Matching => {
            "treated patients, the highest score first, matched without replacement to the nearest untreated ones on the logit of the score"
        }
    }
}

fn balance(what: &str, when: Weighting, spread: Spread) -> String {
    let when = match when {
        Weighting::Before => "before",
        Weighting::After => "after",
    };
    let spread = spread_in_words(spread);
    format!("{what} {when} weighting over the {spread} before weighting")
}

/// What differences are divided by.
pub(crate) fn spread_in_words(spread: Spread) -> &'static str {
    match spread {
        Spread::Pooled => "pooled standard deviation",
        Spread::Treated => "standard deviation of the treated",
    }
}

fn how(detail: &Detail) -> How {
    match detail {
        Detail::Weighted => How::Before("weighted"),
        Detail::LeftTruncated => How::Before("left-truncated"),
        Detail::Permutation(Arrangements::All(number)) => {
            How::Around("permutation form of the ", format!(" (exact, all {number} arrangements)"))
        }
        Detail::Permutation(Arrangements::Drawn(number)) => How::Around(
            "permutation form of the ",
            format!(" ({number} arrangements drawn; the standard error is of the drawing)"),
        ),
        Detail::Trend(scores) => How::Around("", format!(" for trend (scores {})", listed(scores))),
        Detail::OfPValues(number) => How::Around("", format!(" of {number} p-values")),
        Detail::OfFinding(finding) => How::Around("", format!(" of `{finding}`")),
        Detail::Truncated { lower, upper } => How::Around(
            "",
            format!(
                "; weights truncated at their percentiles {} and {}",
                percentile(*lower),
                percentile(*upper)
            ),
        ),
        other if models::leads(other) => How::Leading(models::detail(other).unwrap_or_default()),
        other => How::Behind(models::detail(other).unwrap_or_else(|| clause(other))),
    }
}

/// A share as a percentile, without digits of rounding.
pub(super) fn percentile(share: f64) -> f64 {
    // To two decimals: a share times 100 can have digits of rounding behind it.
    (share * 1e4).round() / 100.0
}

fn listed(numbers: &[f64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A detail that stands behind a comma.
fn clause(detail: &Detail) -> String {
    match detail {
        Detail::Interval { interval, level } => limits(*interval, *level),
        Detail::OtherCausesCensored(event) => format!("other causes than `{event}` censored"),
        Detail::StratifiedBy(columns) => format!("stratified by {}", columns.join(", ")),
        Detail::StandardizedRidge(size) => format!("ridge of {size} on standardised terms"),
        Detail::Variance(kind) => variance(*kind),
        Detail::OwnPatients => "of this pair's own patients".to_owned(),
        Detail::MostExtreme { rho, gamma } => {
            format!("of which ({rho}, {gamma}) is the most extreme")
        }
        Detail::AdjustedBy(Adjustment::Holm) => "adjusted by Holm's method".to_owned(),
        Detail::AdjustedBy(Adjustment::BenjaminiHochberg) => {
            "adjusted by the method of Benjamini and Hochberg".to_owned()
        }
        Detail::Form(RankSumForm::Exact) => "exact".to_owned(),
        Detail::Form(RankSumForm::Corrected) => {
            "normal approximation with continuity correction".to_owned()
        }
        Detail::Form(RankSumForm::Uncorrected) => {
            "normal approximation without continuity correction".to_owned()
        }
        Detail::UpToControls(number) => format!("up to {number} each"),
        Detail::WithinCaliper(width) => {
            format!("at most {width} of its standard deviations apart")
        }
        Detail::SameIn(columns) => format!("within {}", columns.join(", ")),
        Detail::TakenFor(taken) => taken_for(*taken).to_owned(),
        Detail::Stands(standing) => forensics::standing(*standing).to_owned(),
        // Those that do not stand behind a comma, and those of models.
        _ => String::new(),
    }
}

fn limits(interval: IntervalKind, level: f64) -> String {
    let scale = if interval == IntervalKind::WaldLog { " on the log scale" } else { "" };
    format!("{} {} CI{scale}", interval_name(interval), percent(level))
}

/// The name of a kind of confidence limits, such as `log-log`.
#[must_use]
pub fn interval_name(interval: IntervalKind) -> &'static str {
    match interval {
        IntervalKind::Plain => "plain",
        IntervalKind::Log => "log",
        IntervalKind::LogLog => "log-log",
        IntervalKind::Logit => "logit",
        IntervalKind::Arcsine => "arcsine",
        IntervalKind::Wald | IntervalKind::WaldLog => "Wald",
        IntervalKind::Profile => "profile likelihood",
        IntervalKind::ProfilePenalized => "profile penalised likelihood",
        IntervalKind::BootstrapPercentile => "bootstrap percentile",
        IntervalKind::Wilson => "Wilson",
        IntervalKind::ClopperPearson => "Clopper-Pearson",
        IntervalKind::Newcombe => "Newcombe",
        IntervalKind::Woolf => "Woolf",
        IntervalKind::Exact => "exact",
        IntervalKind::LogNormal => "log-normal",
        IntervalKind::Welch => "Welch",
        IntervalKind::NormalApproximation => "normal-approximation",
        IntervalKind::BarnardRubinT => "Barnard-Rubin t",
    }
}

fn variance(kind: Variance) -> String {
    match kind {
        Variance::Greenwood => "Greenwood's variance".to_owned(),
        Variance::Aalen => "Aalen's variance".to_owned(),
        Variance::Robust => "robust variance".to_owned(),
        Variance::RobustByCluster => "robust variance by cluster".to_owned(),
        Variance::InfinitesimalJackknife => "infinitesimal jackknife variance".to_owned(),
        Variance::ObservedInformation => "observed information".to_owned(),
        Variance::Bootstrap(samples) => format!("{samples} bootstrap samples"),
    }
}

fn taken_for(taken: TakenFor) -> &'static str {
    match taken {
        TakenFor::RiskRatio => "taken as it is",
        TakenFor::RareOddsRatio => "an odds ratio of a rare outcome, taken for a risk ratio",
        TakenFor::CommonOddsRatio => {
            "an odds ratio of a common outcome, whose square root is taken for a risk ratio"
        }
        TakenFor::RareHazardRatio => "a hazard ratio of a rare outcome, taken for a risk ratio",
        TakenFor::CommonHazardRatio => {
            "a hazard ratio of a common outcome, converted by (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))"
        }
    }
}
