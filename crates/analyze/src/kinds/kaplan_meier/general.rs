//! Curves of weighted or late-entering patients, and those made from the
//! cumulative hazard.

use engine::{Call, Mistake, Mistakes};
use stats::survival_curve::{CurveEstimator, SurvivalCurve, SurvivalCurveModel};
use study::{Finding, Output, Quantity, in_sentence};

use super::general_readings::{At, general_mean, general_quantile, steps, weight_sums};
use super::{Estimator, KaplanMeier};
use crate::arms::{Arm, Arms};
use crate::book::{Book, Told, level_words, refused};
use crate::curve_rows::{CurveRows, Extras, check_weights};
use crate::endpoint::Endpoint;
use crate::horizon::horizons;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// One group, or all, and its curve.
pub(super) struct Member<'a> {
    pub(super) arm: &'a Arm,
    pub(super) rows: Vec<usize>,
    pub(super) curve: SurvivalCurve,
    /// What a reader of anything but counts must know.
    warning: Option<String>,
}

impl KaplanMeier {
    /// Whether the plain curve of whole counts will not do.
    pub(super) fn is_general(&self) -> bool {
        self.weights.is_some()
            || self.entry.is_some()
            || self.cumulative_hazard
            || self.estimator != Estimator::KaplanMeier
    }

    /// What of the parameters of this file cannot be.
    pub(super) fn check_general(&self, call: &Call<'_>, rehearsal: &mut Rehearsal<'_>) {
        if let Err(mistake) = check_weights(call, self.weights.as_deref()) {
            rehearsal.push(mistake);
        }
        if let Some(entry) = &self.entry
            && rehearsal.column(entry, &["entry"]).is_some_and(|kind| !kind.is_number())
        {
            let message = format!("`{entry}` does not hold numbers of days");
            rehearsal.push(
                Mistake::at(&["entry"], message).hint("derive the days from time zero to entry"),
            );
        }
        let own = [
            ("weights", self.weights.is_some()),
            ("entry", self.entry.is_some()),
            ("estimator", self.estimator != Estimator::KaplanMeier),
            ("cumulative_hazard", self.cumulative_hazard),
        ];
        for (parameter, _) in own.into_iter().filter(|(_, is_set)| *is_set && self.reverse) {
            let message = format!("`{parameter}` cannot be combined with `reverse`");
            rehearsal.push(
                Mistake::at(&[parameter], message)
                    .hint("the follow-up is told by the plain curve: make it an entry of its own"),
            );
        }
    }

    pub(super) fn run_general(
        &self,
        call: &Call<'_>,
        warnings: Vec<String>,
    ) -> Result<Output, Mistakes> {
        let population = Population::new(call, self.condition.as_deref())?;
        let endpoint = Endpoint::new(&population, &self.endpoint)?;
        let (weights, entry) = (self.weights.as_deref(), self.entry.as_deref());
        let extras = Extras::new(call, &population, &endpoint, weights, entry)?;
        let known = endpoint.known().into_iter().filter(|place| extras.is_known(*place)).collect();
        let arms = Arms::new(&population, self.by.as_deref(), known)?;
        if arms.included.is_empty() {
            let message = format!(
                "no patient has a value of `{}` and of what is asked for beside it",
                self.endpoint
            );
            return Err(Mistake::at(&["endpoint"], message).into());
        }
        let mut book = Book::new(call, "kaplan_meier", &population.name, warnings.clone());
        book.set_endpoint(&self.endpoint);
        let rows = CurveRows::new(&endpoint, &extras, &arms.included).map_err(|e| refused(&e))?;
        let members = self.members(call, &rows, &arms).map_err(|error| refused(&error))?;
        for member in &members {
            self.tell(&mut book, call, &rows, member).map_err(|error| refused(&error))?;
        }
        self.tell_means(&mut book, call, &rows, &arms, &members).map_err(|e| refused(&e))?;
        let by_label = arms.category.as_ref().map(|category| category.label.clone());
        let drawn = if arms.groups.is_empty() { members.len() } else { members.len() - 1 };
        let steps = members[..drawn].iter().map(|member| steps(&rows, member)).collect();
        let mut of_curves = warnings;
        of_curves.extend(self.warnings_of_curves(&members));
        let methods =
            self.general_methods(call, &rows, &in_sentence(&endpoint.label), by_label.as_deref());
        Ok(Output {
            methods: book.methods(methods),
            findings: book.findings()?,
            curves: Some(self.curves(call, endpoint.label, by_label, steps, of_curves)),
            patients: population.analysed(&arms.included),
            ..Output::default()
        })
    }

    fn model<'a>(
        &self,
        call: &Call<'_>,
        rows: &'a CurveRows,
    ) -> Result<SurvivalCurveModel<'a>, stats::Error> {
        let estimator = match self.estimator {
            Estimator::KaplanMeier => CurveEstimator::KaplanMeier,
            Estimator::NelsonAalen => CurveEstimator::NelsonAalen,
            Estimator::FlemingHarrington => CurveEstimator::FlemingHarrington,
        };
        let (level, kind) = (call.study.confidence_level, self.ci.confidence_type());
        rows.model()?.estimator(estimator).confidence(level, kind)
    }

    fn members<'a>(
        &self,
        call: &Call<'_>,
        rows: &CurveRows,
        arms: &'a Arms,
    ) -> Result<Vec<Member<'a>>, stats::Error> {
        let model = self.model(call, rows)?;
        let mut curves = match arms.groups.len() {
            0 => Vec::new(),
            n_groups => model.estimate_by_group(&arms.codes, n_groups)?,
        };
        curves.push(model.estimate());
        let pairs = arms.each().zip(curves);
        Ok(pairs
            .map(|((code, arm), curve)| {
                let warning = self.warning_of(&curve);
                Member { arm, rows: arms.members(code), curve, warning }
            })
            .collect())
    }

    /// A curve that came down to zero before everybody had entered.
    fn warning_of(&self, curve: &SurvivalCurve) -> Option<String> {
        let last = curve.rows.last()?;
        let zero = curve.rows.iter().find(|row| row.survival == 0.0)?;
        (self.entry.is_some() && zero.time < last.time).then(|| {
            format!(
                "all who were at risk at {} days had the event then, and others were followed after it: survival is zero from then on; condition on survival to a later time",
                zero.time
            )
        })
    }

    fn warnings_of_curves(&self, members: &[Member<'_>]) -> Vec<String> {
        let mut warnings: Vec<String> = Vec::new();
        if self.weights.is_some() {
            warnings.push("the curves are weighted, the numbers below them are patients".into());
        }
        warnings.extend(members.iter().filter_map(|member| member.warning.clone()));
        warnings.sort();
        warnings.dedup();
        warnings
    }

    /// Writes down everything about one group but its restricted means.
    fn tell(
        &self,
        book: &mut Book,
        call: &Call<'_>,
        rows: &CurveRows,
        member: &Member<'_>,
    ) -> Result<(), stats::Error> {
        let Member { arm, rows: own, curve, warning } = member;
        let events = own.iter().filter(|row| rows.events()[**row]).count();
        let method = self.general_method(book.level, rows);
        let tell = |finding: Finding, method: &str| {
            finding.in_group(&arm.level).from(arm.basis(Some(events))).by_method(method)
        };
        let estimated = |finding: Finding| {
            let finding = tell(finding, &method);
            match warning {
                Some(warning) => finding.warn(warning),
                None => finding,
            }
        };
        let counts = [
            ("n", arm.n),
            ("missing", arm.missing),
            ("events", events),
            ("censored", arm.n - events),
        ];
        for (name, count) in counts {
            book.push(tell(book.count(&[name], name, count), "count"));
        }
        for (name, value, method) in weight_sums(rows, own) {
            book.push(tell(book.draft(&[name], name, Quantity::Statistic, value), method));
        }
        for probability in &self.quantiles {
            book.push(estimated(general_quantile(book, curve, *probability)?));
        }
        for horizon in horizons(call.study, &self.at_months, &self.at) {
            let at = At::new(curve, horizon.days);
            let days = horizon.days;
            book.push(estimated(at.survival(book, &horizon).at_days(days)));
            let counts = rows.counts_at(own, days);
            for (name, count) in [
                ("n_at_risk", counts.at_risk),
                ("cumulative_events", counts.events),
                ("cumulative_censored", counts.censored),
            ] {
                let finding = book.count(&[name, &horizon.id], name, count).at_days(days);
                book.push(tell(finding, "count"));
            }
            if rows.are_weighted() {
                for (name, value) in [
                    ("weighted_n_at_risk", counts.weight_at_risk),
                    ("weighted_cumulative_events", counts.weight_of_events),
                ] {
                    let finding =
                        book.draft(&[name, &horizon.id], name, Quantity::Statistic, value);
                    book.push(tell(finding.at_days(days), "sum of weights"));
                }
            }
            let hazard = at.cumulative_hazard(book, &horizon)?.at_days(days);
            let finding = tell(hazard, &self.hazard_method(book.level, rows));
            book.push(finding);
        }
        let ends =
            [("shortest_follow_up", curve.rows.first()), ("longest_follow_up", curve.rows.last())];
        for (name, row) in ends {
            let time = row.map_or(f64::NAN, |row| row.time);
            book.push(tell(book.draft(&[name], name, Quantity::Days, time), "range of follow-up"));
        }
        Ok(())
    }

    fn tell_means(
        &self,
        book: &mut Book,
        call: &Call<'_>,
        rows: &CurveRows,
        arms: &Arms,
        members: &[Member<'_>],
    ) -> Result<(), stats::Error> {
        let model = self.model(call, rows)?;
        let everybody = vec![0; arms.included.len()];
        for horizon in horizons(call.study, &self.restricted_mean_months, &self.restricted_mean) {
            let mut means = match arms.groups.len() {
                0 => Vec::new(),
                n_groups => model.restricted_mean_by_group(&arms.codes, n_groups, horizon.days)?,
            };
            means.extend(model.restricted_mean_by_group(&everybody, 1, horizon.days)?);
            for (member, mean) in members.iter().zip(means) {
                let events = member.rows.iter().filter(|row| rows.events()[**row]).count();
                let finding = general_mean(book, mean.as_ref(), &horizon);
                let finding = finding
                    .in_group(&member.arm.level)
                    .from(member.arm.basis(Some(events)))
                    .by_method(self.mean_method(rows));
                book.push(match &member.warning {
                    Some(warning) => finding.warn(warning),
                    None => finding,
                });
            }
        }
        Ok(())
    }

    fn estimator_words(&self) -> &'static str {
        match self.estimator {
            Estimator::KaplanMeier => "Kaplan-Meier",
            Estimator::NelsonAalen => "exponential of the Nelson-Aalen cumulative hazard",
            Estimator::FlemingHarrington => {
                "exponential of the Fleming-Harrington cumulative hazard, ties one by one"
            }
        }
    }

    /// The patients' weights and entry in words, to go before an estimator.
    fn qualifiers(&self) -> String {
        let weighted = if self.weights.is_some() { "weighted " } else { "" };
        let late = if self.entry.is_some() { "left-truncated " } else { "" };
        format!("{weighted}{late}")
    }

    fn general_method(&self, level: f64, rows: &CurveRows) -> String {
        format!(
            "{}{}, {} {} CI, {}",
            self.qualifiers(),
            self.estimator_words(),
            self.ci.words(),
            level_words(level),
            self.error_words(rows)
        )
    }

    fn hazard_method(&self, level: f64, rows: &CurveRows) -> String {
        let name = match self.estimator {
            Estimator::FlemingHarrington => "Fleming-Harrington cumulative hazard, ties one by one",
            _ => "Nelson-Aalen cumulative hazard",
        };
        let error = if rows.are_weighted() { self.error_words(rows) } else { "Aalen's variance" };
        format!("{}{name}, log {} CI, {error}", self.qualifiers(), level_words(level))
    }

    fn mean_method(&self, rows: &CurveRows) -> String {
        format!(
            "area under the {}curve ({}), {}",
            self.qualifiers(),
            self.estimator_words(),
            self.error_words(rows)
        )
    }

    fn error_words(&self, rows: &CurveRows) -> &'static str {
        match (rows.are_weighted(), rows.are_clustered(), self.estimator) {
            (true, true, _) => "robust variance by cluster",
            (true, false, _) => "robust variance",
            (false, _, Estimator::KaplanMeier) => "Greenwood's variance",
            (false, ..) => "Aalen's variance",
        }
    }

    fn general_methods(
        &self,
        call: &Call<'_>,
        rows: &CurveRows,
        label: &str,
        by_label: Option<&str>,
    ) -> String {
        let groups = by_label.map_or_else(String::new, |by| {
            format!(", separately for each level of {}", in_sentence(by))
        });
        let mut text = format!(
            "Survival curves of {label} were estimated ({}{}){groups}, with {} {} confidence limits ({}).",
            self.qualifiers(),
            self.estimator_words(),
            self.ci.words(),
            level_words(call.study.confidence_level),
            self.error_words(rows)
        );
        if let Some(entry) = &self.weights {
            text += &format!(
                " Patients have the weights of `{entry}`, which the errors take as known."
            );
        }
        if let Some(entry) = &self.entry {
            text += &format!(" Patients are at risk from their entry (`{entry}`) on.");
        }
        if !(self.restricted_mean.is_empty() && self.restricted_mean_months.is_empty()) {
            text += " Restricted mean times are areas under the curve.";
        }
        text
    }
}
