//! Kaplan-Meier curves with what is read off them. Comparing groups is left
//! to `log_rank` and `cox_model`.

mod general;
mod general_readings;
mod general_record;
pub(in crate::kinds) mod readings;

use engine::{Mistake, Mistakes};
use readings::{announced_curve, group_curve, restricted_mean};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::kaplan_meier::{
    ConfidenceType, KaplanMeierCurve, KaplanMeierOptions, kaplan_meier, kaplan_meier_by_group,
};
use study::{
    Detail, Finding, GroupCurve, IntervalKind, Method, Part, Procedure, Quantity, Span,
    StudySettings, SurvivalCurves, Variance, in_sentence,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Book, Told, level_words, refused};
use crate::endpoint::Endpoint;
use crate::guard::ImmortalTime;
use crate::horizon::horizons;
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
    pub by: Option<String>,
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
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Log => "log",
            Self::LogLog => "log-log",
            Self::Logit => "logit",
            Self::Arcsin => "arcsine",
        }
    }

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
        let lists = [("at", &self.at, true), ("restricted_mean", &self.restricted_mean, false)];
        for (parameter, values, zero_allowed) in lists {
            rehearsal.times(parameter, values, zero_allowed);
        }
        for (place, share) in self.quantiles.iter().enumerate() {
            if !(*share > 0.0 && *share < 1.0) {
                let at = ["quantiles", &place.to_string()];
                let message = format!("{share} is no share of patients between 0 and 1");
                rehearsal.push(Mistake::at(&at, message).hint("the median is 0.5"));
            }
        }
        self.check_general(rehearsal);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        if self.is_general() {
            return self.analyse_general(checked);
        }
        let population = checked.population();
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        let arms = Arms::new(population, self.by.as_deref(), endpoint.known())?.beside_all()?;
        if arms.included.is_empty() && !checked.is_rehearsed() {
            let message = format!("endpoint `{}` is missing for every patient", self.endpoint);
            return Err(Mistake::at(&["endpoint"], message).into());
        }
        let fitted = checked.unless_rehearsed(|| self.fit(checked.study, &endpoint, &arms));
        let fitted = fitted.map_err(|error| refused(&error))?;
        let mut book = checked.book_on(&self.endpoint);
        for (code, arm) in arms.each() {
            let curve = fitted.as_ref().map(|(groups, all)| code.map_or(all, |code| &groups[code]));
            self.record(&mut book, checked.study, arm, curve).map_err(|error| refused(&error))?;
        }
        let by_label = arms.category.as_ref().map(|category| category.label.clone());
        let steps = fitted.as_ref().map_or_else(
            || arms.groups.iter().map(announced_curve).collect(),
            |(groups, all)| match groups.is_empty() {
                true => vec![group_curve(&arms.all, all)],
                false => {
                    arms.groups.iter().zip(groups).map(|(arm, c)| group_curve(arm, c)).collect()
                }
            },
        );
        let methods = self.methods(book.level, &in_sentence(&endpoint.label), by_label.as_deref());
        let curves = self.curves(&book, endpoint.label, by_label, steps);
        Ok(Analysed::new(book, methods, &arms.included).with_figures(curves))
    }
}

/// The curves of the groups, and of all.
type Fitted = (Vec<KaplanMeierCurve>, KaplanMeierCurve);

impl KaplanMeier {
    fn fit(
        &self,
        study: &StudySettings,
        endpoint: &Endpoint,
        arms: &Arms,
    ) -> Result<Fitted, stats::Error> {
        let options = KaplanMeierOptions {
            confidence_level: study.confidence_level,
            confidence_type: self.ci.confidence_type(),
            reverse: self.reverse,
        };
        let data = endpoint.data(&arms.included)?;
        let groups = match arms.groups.len() {
            0 => Vec::new(),
            n_groups => kaplan_meier_by_group(&data, &arms.codes, n_groups, &options)?,
        };
        Ok((groups, kaplan_meier(&data, &options)?))
    }

    /// Writes down the findings of one group; in a rehearsal it has no curve.
    fn record(
        &self,
        book: &mut Book,
        study: &StudySettings,
        arm: &Arm,
        curve: Option<&KaplanMeierCurve>,
    ) -> Result<(), stats::Error> {
        // On a reversed curve the estimator's events are the censored patients.
        let events = curve.map_or(0, |curve| match self.reverse {
            true => curve.n - curve.n_events,
            false => curve.n_events,
        });
        let tell = |finding: Finding, method: Method| {
            finding.in_arm(arm).from(arm.basis(Some(events))).by_method(method)
        };
        let (count, method) = (Method::of(Procedure::Count), self.method(book.level));
        let counts = [
            ("n", arm.n),
            ("missing", arm.missing),
            ("events", events),
            ("censored", arm.n - events),
        ];
        for (name, number) in counts {
            let finding = book.count(&[Part::statistic(name)], name, number);
            book.push(tell(finding, count.clone()));
        }
        for probability in &self.quantiles {
            book.push(tell(self.quantile(book, curve, *probability)?, method.clone()));
        }
        for horizon in horizons(study, &self.at) {
            for finding in self.at(book, curve, &horizon)? {
                let is_count = finding.quantity == Quantity::Count;
                book.push(tell(finding, if is_count { &count } else { &method }.clone()));
            }
        }
        let area = Procedure::KaplanMeier.area().with(Detail::Variance(Variance::Greenwood));
        for horizon in horizons(study, &self.restricted_mean) {
            book.push(tell(restricted_mean(book, curve, &horizon)?, area.clone()));
        }
        let rows = curve.map_or(&[][..], |curve| &curve.rows);
        let ends = [("shortest_follow_up", rows.first()), ("longest_follow_up", rows.last())];
        for (name, row) in ends {
            let time = row.map_or(f64::NAN, |row| row.time);
            let finding = book.draft(&[Part::statistic(name)], name, Quantity::Days, time);
            book.push(tell(finding, Method::of(Procedure::RangeOfFollowUp)));
        }
        Ok(())
    }

    fn method(&self, level: f64) -> Method {
        let procedure =
            if self.reverse { Procedure::ReverseKaplanMeier } else { Procedure::KaplanMeier };
        Method::of(procedure).with(Detail::Interval { interval: self.ci.interval(), level })
    }

    fn methods(&self, level: f64, label: &str, by_label: Option<&str>) -> String {
        let limits = format!("{} {} confidence limits", self.ci.words(), level_words(level));
        let groups = by_label.map_or_else(String::new, |by| {
            format!(", separately for each level of {}", in_sentence(by))
        });
        let text = match self.reverse {
            true => format!(
                "Follow-up for {label} was estimated by the reverse Kaplan-Meier method, which takes censoring as the event{groups}, with {limits}."
            ),
            false => format!(
                "Kaplan-Meier curves of {label} were estimated{groups}, with {limits}; medians and their limits were read off the curve and its limits (Brookmeyer and Crowley)."
            ),
        };
        match self.restricted_mean.is_empty() {
            true => text,
            false => format!(
                "{text} Restricted mean times are areas under the curve with Greenwood's variance."
            ),
        }
    }

    /// The curves of groups, to be drawn.
    fn curves(
        &self,
        book: &Book,
        endpoint_label: String,
        by_label: Option<String>,
        groups: Vec<GroupCurve>,
    ) -> SurvivalCurves {
        let curves = book.curves(endpoint_label, self.ci.words(), groups);
        let (reverse, late_entry) = (self.reverse, self.entry.is_some());
        SurvivalCurves { by_label, reverse, late_entry, ..curves }
    }
}
