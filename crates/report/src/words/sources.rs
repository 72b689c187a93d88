//! Where methods were published. One table of works; what was done, and how,
//! names the works that it follows. What is only counted or summed has none.

mod works;

use study::{
    Adjustment, BrierOf, ConcordanceKind, Detail, Errors, FineGrayVariant, IntervalKind, Method,
    Procedure, ScoreWeighting, SplineForm, Standardized, Test, Tested, Ties, Variance,
};

pub use works::WORKS;

/// The works that a method follows, such as `Cox 1972, Journal of the Royal Statistical
/// Society B 34:187`: of what was done first, then of how, each once.
#[must_use]
pub fn sources(method: &Method) -> Vec<String> {
    let of_details = method.details.iter().flat_map(|own| detail(own).iter());
    // A list and not a set: what was done is named before how.
    let mut named: Vec<&str> = Vec::new();
    for name in procedure(&method.procedure).iter().chain(of_details) {
        if !named.contains(name) {
            named.push(name);
        }
    }
    named.into_iter().map(cited).collect()
}

/// A work as it is cited.
fn cited(name: &str) -> String {
    let found = WORKS.iter().find(|(own, _)| *own == name);
    let (_, place) = found.expect("invariant: every work that is named stands in the table");
    format!("{name}, {place}")
}

fn procedure(procedure: &Procedure) -> &'static [&'static str] {
    match procedure {
        Procedure::AreaUnder(inner) => match **inner {
            Procedure::KaplanMeier => &["Irwin 1949", "Royston and Parmar 2013"],
            _ => self::procedure(inner),
        },
        Procedure::DifferenceOf(inner) | Procedure::RatioOf(inner) => match **inner {
            Procedure::AreaUnder(_) => &["Uno and others 2014"],
            _ => &["Klein and others 2007"],
        },
        // Three lists by what is estimated. A procedure stands in one of them.
        _ => of_models(procedure).or_else(|| of_curves(procedure)).unwrap_or(of_groups(procedure)),
    }
}

fn of_models(procedure: &Procedure) -> Option<&'static [&'static str]> {
    Some(match procedure {
        Procedure::Cox => &["Cox 1972"],
        Procedure::TimeDependentCox(_) => &["Cox 1972", "Mantel and Byar 1974"],
        Procedure::FineGray(FineGrayVariant::FineGrayBreslow) => &["Fine and Gray 1999"],
        Procedure::FineGray(FineGrayVariant::WeightedEfron) => {
            &["Fine and Gray 1999", "Efron 1977"]
        }
        Procedure::AcceleratedFailureTime(_) => &["Kalbfleisch and Prentice 1980"],
        Procedure::SimonMakuch => &["Simon and Makuch 1984"],
        Procedure::MantelByar => &["Mantel and Byar 1974"],
        Procedure::CloneCensorWeight { .. } => &["Hernan 2018", "Maringe and others 2020"],
        Procedure::Concordance { of: ConcordanceKind::Uno, .. } => &["Uno and others 2011"],
        Procedure::Concordance { .. } => &["Harrell and others 1982"],
        Procedure::CorrectedConcordance | Procedure::Optimism | Procedure::CalibrationSlope => {
            &["Harrell and others 1996"]
        }
        Procedure::HeuristicShrinkage => &["van Houwelingen and le Cessie 1990"],
        Procedure::BrierScore(BrierOf::Outcome) => &["Brier 1950"],
        Procedure::BrierScore(_) => &["Graf and others 1999"],
        Procedure::VarianceInflation => &["Fox and Monette 1992"],
        Procedure::AdjustedInteraction(by) | Procedure::AdjustedP(by) => adjusted(*by),
        Procedure::BarnardRubin => &["Barnard and Rubin 1999"],
        Procedure::MonteCarloError => &["White, Royston and Wood 2011", "David and Nagaraja 2003"],
        Procedure::GelmanRubin => &["Gelman and Rubin 1992"],
        Procedure::AkaikeDifference => &["Akaike 1974"],
        Procedure::QuantileKnots(_) => &["Harrell 2015"],
        Procedure::Logistic => &["McCullagh and Nelder 1989"],
        _ => return None,
    })
}

fn of_curves(procedure: &Procedure) -> Option<&'static [&'static str]> {
    Some(match procedure {
        Procedure::KaplanMeier | Procedure::MidpointKaplanMeier => &["Kaplan and Meier 1958"],
        Procedure::ReverseKaplanMeier => &["Schemper and Smith 1996"],
        Procedure::NelsonAalen | Procedure::CumulativeHazard { ties_one_by_one: false } => {
            &["Aalen 1978"]
        }
        Procedure::FlemingHarrington | Procedure::CumulativeHazard { ties_one_by_one: true } => {
            &["Fleming and Harrington 1984"]
        }
        Procedure::Turnbull => &["Turnbull 1976", "Gentleman and Geyer 1994"],
        Procedure::AalenJohansen => &["Aalen and Johansen 1978"],
        Procedure::LogRank { rho: 0.0 } => &["Mantel 1966"],
        Procedure::LogRank { .. } => &["Harrington and Fleming 1982"],
        Procedure::WeightedLogRank { .. } => &["Mantel 1966", "Lin and Wei 1989"],
        Procedure::Gehan => &["Gehan 1965"],
        Procedure::TaroneWare => &["Tarone and Ware 1977"],
        Procedure::PetoPeto => &["Peto and Peto 1972"],
        Procedure::ModifiedPetoPeto => &["Andersen and others 1982"],
        Procedure::FlemingHarringtonTest { .. } => &["Harrington and Fleming 1982"],
        Procedure::MaxCombo => &["Lee 2007"],
        Procedure::Gray { .. } => &["Gray 1988"],
        _ => return None,
    })
}

fn of_groups(procedure: &Procedure) -> &'static [&'static str] {
    match procedure {
        Procedure::EffectiveN => &["Kish 1965"],
        Procedure::PearsonChiSquare => &["Pearson 1900"],
        Procedure::YatesChiSquare => &["Yates 1934"],
        Procedure::Fisher | Procedure::FisherMonteCarlo { .. } => &["Fisher 1935"],
        Procedure::FisherMidP => &["Fisher 1935", "Lancaster 1961"],
        Procedure::RankSum => &["Wilcoxon 1945"],
        Procedure::KruskalWallis => &["Kruskal and Wallis 1952"],
        Procedure::WelchT => &["Welch 1947"],
        Procedure::WelchAnova => &["Welch 1951"],
        Procedure::HodgesLehmann => &["Hodges and Lehmann 1963"],
        Procedure::ConditionalOddsRatio => &["Fisher 1935"],
        Procedure::Quartile => &["Hyndman and Fan 1996"],
        Procedure::StandardizedDifference(Standardized::Levels) => &["Yang and Dalton 2012"],
        Procedure::StandardizedDifference(_)
        | Procedure::BalanceDifference(..)
        | Procedure::LargestBalanceDifference(..)
        | Procedure::VarianceRatio(_) => &["Austin 2009"],
        Procedure::ScoreConcordance => &["Hanley and McNeil 1982"],
        Procedure::ScoreWeights(weighting) => weights(*weighting),
        Procedure::Caliper => &["Austin 2011"],
        Procedure::EValue => &["VanderWeele and Ding 2017"],
        _ => &[],
    }
}

fn weights(weighting: ScoreWeighting) -> &'static [&'static str] {
    match weighting {
        ScoreWeighting::Overlap => &["Li, Morgan and Zaslavsky 2018"],
        ScoreWeighting::InverseProbability
        | ScoreWeighting::Stabilized
        | ScoreWeighting::Treated => &["Robins, Hernan and Brumback 2000"],
        ScoreWeighting::Matching => &["Rosenbaum and Rubin 1983"],
    }
}

fn adjusted(by: Adjustment) -> &'static [&'static str] {
    match by {
        Adjustment::Holm => &["Holm 1979"],
        Adjustment::BenjaminiHochberg => &["Benjamini and Hochberg 1995"],
    }
}

fn detail(detail: &Detail) -> &'static [&'static str] {
    match detail {
        Detail::Interval { interval, .. } => self::interval(*interval),
        Detail::Test { test, of } => tested(*test, *of),
        Detail::Spline { form: SplineForm::Natural | SplineForm::Restricted, .. } => {
            &["Harrell 2015"]
        }
        Detail::Ties(Ties::Efron)
        | Detail::PredictedWith(Ties::Efron)
        | Detail::WeightedCoxOfClones(Ties::Efron) => &["Efron 1977"],
        Detail::Ties(Ties::Breslow)
        | Detail::PredictedWith(Ties::Breslow)
        | Detail::WeightedCoxOfClones(Ties::Breslow) => &["Breslow 1974"],
        Detail::Firth => &["Firth 1993"],
        Detail::Weights(weighting) => weights(*weighting),
        Detail::Errors(Errors::Robust | Errors::Clustered(_)) => &["Lin and Wei 1989"],
        Detail::InfinitesimalJackknife => &["Therneau and Grambsch 2000"],
        Detail::Landmark(_) => &["Anderson, Cain and Gelber 1983"],
        Detail::Dfbeta { .. } => &["Therneau and others 1990"],
        Detail::Pooled { .. } => &["Rubin 1987"],
        Detail::Bootstrap { .. } => &["Efron 1979"],
        Detail::LeftTruncated => &["Klein and Moeschberger 2003"],
        Detail::Variance(variance) => self::variance(*variance),
        Detail::Permutation(_) => &["Strasser and Weber 1999"],
        Detail::Trend(_) => &["Tarone 1975"],
        Detail::MostExtreme { .. } => &["Lee 2007"],
        Detail::AdjustedBy(by) => adjusted(*by),
        _ => &[],
    }
}

fn tested(test: Test, of: Option<Tested>) -> &'static [&'static str] {
    match (test, of) {
        // What is tested goes before the form of the test: a score test of this is theirs.
        (_, Some(Tested::ProportionalHazards(_))) => &["Grambsch and Therneau 1994"],
        (Test::BarnardRubinT, _) => &["Barnard and Rubin 1999"],
        (Test::PooledWald, _) => &["Li, Raghunathan and Rubin 1991"],
        (Test::RobustScore, _) => &["Lin and Wei 1989"],
        _ => &[],
    }
}

fn interval(interval: IntervalKind) -> &'static [&'static str] {
    match interval {
        IntervalKind::LogLog | IntervalKind::Logit => &["Kalbfleisch and Prentice 1980"],
        IntervalKind::ProfilePenalized => &["Heinze and Schemper 2001"],
        IntervalKind::BootstrapPercentile => &["Efron 1979"],
        IntervalKind::Wilson => &["Wilson 1927"],
        IntervalKind::ClopperPearson => &["Clopper and Pearson 1934"],
        IntervalKind::Newcombe => &["Newcombe 1998"],
        IntervalKind::Woolf => &["Woolf 1955"],
        IntervalKind::Welch => &["Welch 1947"],
        IntervalKind::BarnardRubinT => &["Barnard and Rubin 1999"],
        _ => &[],
    }
}

fn variance(variance: Variance) -> &'static [&'static str] {
    match variance {
        Variance::Greenwood => &["Greenwood 1926"],
        Variance::Aalen => &["Aalen 1978"],
        Variance::Robust | Variance::RobustByCluster => &["Lin and Wei 1989"],
        Variance::InfinitesimalJackknife => &["Therneau and Grambsch 2000"],
        Variance::ObservedInformation => &["Turnbull 1976"],
        Variance::Bootstrap(_) => &["Efron 1979"],
    }
}

#[cfg(test)]
mod tests;
