//! Kaplan-Meier curves with what is read off them. Comparing groups is left
//! to `log_rank` and `cox_model`.

mod methods;
pub(in crate::kinds) mod readings;
mod record;

use engine::{Mistake, Mistakes};
use record::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::survival_curve::{ConfidenceType, CurveEstimator};
use study::{IntervalKind, Span, SurvivalCurves};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::Arms;
use crate::book::refused;
use crate::by::By;
use crate::curve_rows::{CurveRows, Extras};
use crate::endpoint::Endpoint;
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;

/// Survival curves by Kaplan and Meier: medians and other quantiles, survival and numbers at risk
/// at chosen times, restricted means, and the range of follow-up, for each group and for all
/// patients. With `reverse`, the follow-up itself. Patients may be weighted, or enter late, and
/// survival may be had from the cumulative hazard of Nelson and Aalen or of Fleming and Harrington.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KaplanMeier {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column whose levels make the groups; one curve of all patients without it.
    #[serde(default)]
    pub by: Option<By>,
    /// Scale of the confidence limits. SAS uses `log_log`, R's default is `log`.
    #[serde(default)]
    pub ci: ConfidenceScale,
    /// Times at which survival and numbers at risk are given.
    #[serde(default)]
    pub at: Vec<Span>,
    /// Shares of patients with the event whose times are given; 0.5 is the median.
    #[serde(default = "median_alone")]
    pub quantiles: Vec<f64>,
    /// Takes censoring as the event: the curve of the potential follow-up, whose median is the
    /// median follow-up.
    #[serde(default)]
    pub reverse: bool,
    /// Horizons of the restricted mean survival time.
    #[serde(default)]
    pub restricted_mean: Vec<Span>,
    /// How survival is estimated. Any but `kaplan_meier` gives the cumulative hazard as well.
    #[serde(default)]
    pub estimator: Estimator,
    /// Gives the cumulative hazard at the chosen times beside the Kaplan-Meier curve.
    #[serde(default)]
    pub cumulative_hazard: bool,
    /// An entry of `analyze` that makes weights of patients. Standard errors are then robust and
    /// take the weights as known; patients without a weight are left out.
    #[serde(default)]
    pub weights: Option<String>,
    /// Column of the days from time zero after which a patient is under observation, for patients
    /// who enter late: they are at risk only from then on (left truncation).
    #[serde(default)]
    pub entry: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// How a curve is estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// The product of the shares that survive each event time.
    #[default]
    KaplanMeier,
    /// The exponential of the negative sum of events over patients at risk.
    NelsonAalen,
    /// The same with ties taken one by one.
    FlemingHarrington,
}

impl Estimator {
    fn curve(self) -> CurveEstimator {
        match self {
            Self::KaplanMeier => CurveEstimator::KaplanMeier,
            Self::NelsonAalen => CurveEstimator::NelsonAalen,
            Self::FlemingHarrington => CurveEstimator::FlemingHarrington,
        }
    }
}

/// Scale on which confidence limits of survival are made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfidenceScale {
    /// The probability itself, cut at 0 and 1.
    Plain,
    /// Its logarithm.
    Log,
    /// The logarithm of its negative logarithm.
    #[default]
    LogLog,
    /// Its log odds.
    Logit,
    /// The arcsine of its square root.
    Arcsin,
}

impl ConfidenceScale {
    pub(crate) fn interval(self) -> IntervalKind {
        match self {
            Self::Plain => IntervalKind::Plain,
            Self::Log => IntervalKind::Log,
            Self::LogLog => IntervalKind::LogLog,
            Self::Logit => IntervalKind::Logit,
            Self::Arcsin => IntervalKind::Arcsine,
        }
    }

    pub(crate) fn confidence_type(self) -> ConfidenceType {
        match self {
            Self::Plain => ConfidenceType::Plain,
            Self::Log => ConfidenceType::Log,
            Self::LogLog => ConfidenceType::LogLog,
            Self::Logit => ConfidenceType::Logit,
            Self::Arcsin => ConfidenceType::Arcsin,
        }
    }
}

fn median_alone() -> Vec<f64> {
    vec![0.5]
}

impl Analysis for KaplanMeier {
    const NAME: &'static str = "kaplan_meier";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).weighted(self.weights.as_ref(), self.immortal_time)
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(&self.endpoint);
        if let Some(by) = &self.by {
            rehearsal.by(by, self.immortal_time);
        }
        // At time zero all are at risk and alive; a mean up to zero is nothing.
        let lists = [("at", &self.at, true), ("restricted_mean", &self.restricted_mean, false)];
        for (parameter, values, zero_allowed) in lists {
            rehearsal.times(parameter, values, zero_allowed);
        }
        for (place, share) in self.quantiles.iter().enumerate() {
            // At 0 or at 1 a curve has no time that it comes down to.
            if !(*share > 0.0 && *share < 1.0) {
                let at = ["quantiles", &place.to_string()];
                let message = format!("{share} is no share of patients between 0 and 1");
                rehearsal.push(Mistake::at(&at, message).hint("the median is 0.5"));
            }
        }
        if let Some(entry) = &self.entry {
            if rehearsal.column(entry, &["entry"]).is_some_and(|kind| !kind.is_number()) {
                let message = format!("`{entry}` does not hold numbers of days");
                let hint = "derive the days from time zero to entry";
                rehearsal.push(Mistake::at(&["entry"], message).hint(hint));
            }
            // Only who has an entry is asked: a day of entry is late by nature.
            rehearsal.entered(entry);
        }
        self.check_reverse(rehearsal);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let endpoint = Endpoint::new(checked.population(), &self.endpoint)?;
        let extras = Extras::new(checked, &endpoint, self.entry.as_deref())?;
        // Whoever lacks a weight or an entry is left out before the groups are counted.
        let known = endpoint.known().into_iter().filter(|place| extras.is_known(*place)).collect();
        let arms = Arms::new(checked.population(), self.by.as_ref(), known)?.beside_all()?;
        // With a weight or an entry asked for, nobody
        // may be left although the endpoint is known.
        if arms.included.is_empty() && !checked.is_rehearsed() {
            return Err(Mistake::at(&["endpoint"], self.nobody()).into());
        }
        let rows = checked.unless_rehearsed(|| CurveRows::new(&endpoint, &extras, &arms.included));
        let rows = rows.map_err(|error| refused(&error))?;
        let variance = self.variance(&extras);
        let record = Record::new(self, checked.study, rows.as_ref(), &arms, variance)
            .map_err(|error| refused(&error))?;
        let mut book = checked.book_on(&self.endpoint);
        record.tell(&mut book).map_err(|error| refused(&error))?;
        let by_label = arms.category.as_ref().map(|category| category.label.clone());
        let methods = self.account(variance, book.level);
        let mut curves = book.curves(endpoint.label, self.ci.interval(), record.steps());
        curves.warnings.extend(record.warnings());
        let (reverse, late_entry) = (self.reverse, self.entry.is_some());
        let curves = SurvivalCurves { by_label, reverse, late_entry, ..curves };
        Ok(Analysed::new(book, methods, &arms.included).with_figures(curves))
    }
}

impl KaplanMeier {
    /// Whether more is asked for than the curve of whole counts: then the
    /// cumulative hazard is told beside it.
    fn is_general(&self) -> bool {
        self.weights.is_some()
            || self.entry.is_some()
            || self.cumulative_hazard
            || self.estimator != Estimator::KaplanMeier
    }

    fn nobody(&self) -> String {
        match self.weights.is_some() || self.entry.is_some() {
            true => format!(
                "no patient has a value of `{}` and of what is asked for beside it",
                self.endpoint
            ),
            false => format!("endpoint `{}` is missing for every patient", self.endpoint),
        }
    }

    /// What the curve of the follow-up cannot be combined with.
    fn check_reverse(&self, rehearsal: &mut Rehearsal<'_>) {
        let others = [
            ("weights", self.weights.is_some()),
            ("entry", self.entry.is_some()),
            ("estimator", self.estimator != Estimator::KaplanMeier),
            ("cumulative_hazard", self.cumulative_hazard),
        ];
        // Follow-up is of patients as they were observed, without weights or models.
        for (parameter, _) in others.into_iter().filter(|(_, is_set)| *is_set && self.reverse) {
            let message = format!("`{parameter}` cannot be combined with `reverse`");
            rehearsal.push(
                Mistake::at(&[parameter], message)
                    .hint("the follow-up is told by the plain curve: make it an entry of its own"),
            );
        }
    }
}
