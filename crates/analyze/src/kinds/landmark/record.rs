//! The findings of one landmark.

use engine::Mistake;
use stats::covariates::Covariates;
use stats::cox::{CoxFit, CoxModel};
use stats::groups::Groups;
use stats::landmark::{Landmark as Left, landmark};
use stats::log_rank::{LogRankOptions, log_rank};
use stats::survival_curve::{SurvivalCurve, SurvivalCurveModel, SurvivalCurveRow};
use study::{
    Counted, CurveRow, Detail, Finding, GroupCurve, Method, Part, Procedure, Quantity, State,
    Warning,
};

use super::{Landmark, at_landmark};
use crate::book::{Basis, Book, Told, refused};
use crate::covariates::{covariates, matrix};
use crate::effect::Effect;
use crate::estimate::{coefficient, convergence};
use crate::exposure::{ExposedFollowUp, Exposure};
use crate::horizon::Horizon;
use crate::model::Term;
use crate::model::coefficients::numbers;
use crate::refusal::refusal;

/// A landmark, and all that is looked at from there.
pub(super) struct At<'a> {
    pub(super) kind: &'a Landmark,
    pub(super) exposure: &'a Exposure,
    pub(super) terms: &'a [Term],
    pub(super) followed: &'a ExposedFollowUp,
    pub(super) landmark: &'a Horizon,
    pub(super) horizons: Vec<Horizon>,
    /// Whether its curves go out.
    pub(super) is_drawn: bool,
}

impl At<'_> {
    /// Writes everything down; gives the curves.
    pub(super) fn record(&self, book: &mut Book) -> Result<Vec<GroupCurve>, Mistake> {
        let followed = self.followed;
        // Followed beyond the landmark (> L); exposed by then (<= L).
        let left = landmark(&followed.data, &followed.starts, self.landmark.days)
            .map_err(|error| at_landmark(self.landmark, &error))?;
        self.record_counts(book, &left);
        let groups = left.groups();
        let curves = SurvivalCurveModel::new(&left.data)
            .confidence(book.level, self.kind.ci.confidence_type())
            .and_then(|model| model.estimate_by_group(&groups))
            .map_err(|error| refused(&error))?;
        for (state, curve) in curves.iter().enumerate() {
            self.record_curve(book, state, curve).map_err(|error| refused(&error))?;
        }
        self.record_test(book, &left, &groups);
        self.record_ratio(book, &left, &groups);
        if !self.terms.is_empty() {
            self.record_adjusted(book, &left, &groups);
        }
        Ok(curves.iter().enumerate().map(|(state, curve)| self.drawn(state, curve)).collect())
    }

    fn basis(&self, left: &Left) -> Basis {
        let (n, events) = (left.data.n(), Some(left.data.n_events()));
        Basis { n, events, missing: self.followed.missing }
    }

    fn method(&self, procedure: Procedure) -> Method {
        Method::of(procedure).with(Detail::Landmark(self.landmark.span))
    }

    /// Cox regression from the landmark.
    fn cox(&self) -> Method {
        self.method(Procedure::Cox).with(Detail::Ties(self.kind.ties.value()))
    }

    fn count(&self) -> Method {
        self.method(Procedure::CountOf(Counted::FromLandmark))
    }

    fn draft(
        &self,
        book: &Book,
        part: &str,
        name: &str,
        quantity: Quantity,
        value: f64,
    ) -> Finding {
        book.draft(&self.landmark.parts(part), name, quantity, value).at_days(self.landmark.days)
    }

    fn record_counts(&self, book: &mut Book, left: &Left) {
        let counts = [
            ("n", left.data.n()),
            ("events", left.data.n_events()),
            ("excluded_events", left.n_excluded_events),
            ("excluded_censored", left.n_excluded_censored),
            ("exposed_later", left.n_later()),
        ];
        for (name, count) in counts {
            let finding = self.draft(book, name, name, Quantity::Count, count as f64);
            book.push(finding.from(self.basis(left)).by_method(self.count()));
        }
    }

    fn record_curve(
        &self,
        book: &mut Book,
        state: usize,
        curve: &SurvivalCurve,
    ) -> Result<(), stats::Error> {
        let level = self.exposure.level(state);
        let basis =
            Basis { n: curve.n, events: Some(curve.n_events), missing: self.followed.missing };
        let limits =
            self.method(Procedure::KaplanMeier).interval(self.kind.ci.interval(), book.level);
        let count = self.count();
        let tell = |finding: Finding, method: &Method| {
            finding.of_group(level).from(basis).by_method(method)
        };
        let median = curve.median();
        let of_median = |finding: Finding| {
            let finding = finding.limits(median.lower, median.upper, book.level);
            match median.estimate {
                Some(_) => finding,
                None => finding.without_value(State::NotReached),
            }
        };
        let value = median.estimate.unwrap_or(f64::NAN);
        let (n, events) = (curve.n as f64, curve.n_events as f64);
        let mut findings = vec![
            tell(self.draft(book, "n", "n", Quantity::Count, n), &count),
            tell(self.draft(book, "events", "events", Quantity::Count, events), &count),
            tell(of_median(self.draft(book, "median", "median", Quantity::Days, value)), &limits),
        ];
        // One landmark stands for the entry in a figure.
        if self.is_drawn {
            let bare = |name: &str, quantity, value| {
                book.draft(&[Part::statistic(name)], name, quantity, value)
            };
            // Without a landmark in the id, as a figure of curves asks for them.
            findings.extend([
                tell(bare("events", Quantity::Count, events), &count),
                tell(of_median(bare("median", Quantity::Days, value)), &limits),
            ]);
        }
        for horizon in &self.horizons {
            let found = curve.at(horizon.days)?;
            let draft = |name: &str, quantity, value| {
                let [statistic, landmark] = self.landmark.parts(name);
                let parts = [statistic, landmark, horizon.part()];
                // The time from zero, while the id says the time
                // from the landmark: both can be looked up.
                book.draft(&parts, name, quantity, value).at_days(self.landmark.days + horizon.days)
            };
            let survival = found.survival.unwrap_or(f64::NAN);
            let mut survival = draft("survival", Quantity::Survival, survival)
                .limits(found.lower, found.upper, book.level)
                .with_error(found.standard_error);
            if found.survival.is_none() {
                survival = survival.warn(Warning::NobodyFollowed);
            }
            findings.push(tell(survival, &limits));
            // Counted at the time or just beyond it, as the study says.
            let n_at_risk = curve.at(horizon.at_risk_days)?.n_at_risk;
            let at_risk = draft("n_at_risk", Quantity::Count, n_at_risk as f64);
            findings.push(tell(at_risk, &count));
        }
        findings.into_iter().for_each(|finding| book.push(finding));
        Ok(())
    }

    fn record_test(&self, book: &mut Book, left: &Left, groups: &Groups) {
        let options = LogRankOptions { strata: None, rho: 0.0 };
        let test = log_rank(&left.data, groups, &options);
        let known = test.as_ref().ok().map(|found| found.test);
        for (part, name, quantity, value) in numbers(known.as_ref()) {
            let mut finding = self.draft(book, part, name, quantity, value);
            if let Err(error) = &test {
                finding = finding.warn(refusal(error));
            }
            book.push(
                finding
                    .from(self.basis(left))
                    .by_method(self.method(Procedure::LogRank { rho: 0.0 })),
            );
        }
    }

    fn effect<'b>(&'b self, basis: Basis, method: &'b Method) -> Effect<'b> {
        Effect {
            after: Some(self.landmark.part()),
            time_days: Some(self.landmark.days),
            ..Effect::of_exposure(self.exposure, basis, method)
        }
    }

    fn record_ratio(&self, book: &mut Book, left: &Left, groups: &Groups) {
        let missing = self.followed.missing;
        // State 1 against 0: the same coding as the groups.
        let exposed: Vec<f64> = groups.codes().iter().map(|group| *group as f64).collect();
        let fit = Covariates::new(&exposed, 1)
            .and_then(|exposed| CoxModel::new(&left.data, exposed))
            .and_then(|model| model.ties(self.kind.ties.ties()).fit());
        let method = self.cox();
        let effect = self.effect(exposed_of(groups.codes(), left.data.events(), missing), &method);
        match fit {
            Ok(fit) => {
                effect.record(book, &coefficient(&fit, 0, effect.variable), &convergence(&fit));
            }
            // One landmark may have too few events while the others
            // have enough: it is told there, and the entry goes on.
            Err(error) => effect.record(book, &Err(refusal(&error)), &[]),
        }
    }

    /// The model of exposure and terms, on those with a value of every term.
    fn record_adjusted(&self, book: &mut Book, left: &Left, groups: &Groups) {
        let patient = |place: &usize| self.followed.included[left.included[*place]];
        // In a rehearsal the follow-up is of no patients with terms.
        let is_complete = |place: &usize| {
            !self.followed.is_rehearsed()
                && self.terms.iter().all(|term| term.is_known(patient(place)))
        };
        let places: Vec<usize> = (0..left.data.n()).filter(is_complete).collect();
        let patients: Vec<usize> = places.iter().map(patient).collect();
        let method = self.cox().with(Detail::Adjusted);
        // Beside those without a value of endpoint or exposure, who are missing everywhere.
        let n_left_out = left.data.n() - places.len();
        let missing = self.followed.missing + n_left_out;
        let times: Vec<f64> = places.iter().map(|place| left.data.times()[*place]).collect();
        let events: Vec<bool> = places.iter().map(|place| left.data.events()[*place]).collect();
        let groups: Vec<usize> = places.iter().map(|place| groups.codes()[*place]).collect();
        let basis = exposed_of(&groups, &events, missing);
        let effect =
            Effect { before: Some(Part::model("adjusted")), ..self.effect(basis, &method) };
        let columns = match places.is_empty() && !self.followed.is_rehearsed() {
            true => Err(Warning::NoCompleteCase),
            false => covariates(self.terms, &patients)
                .map_err(|mistake| Warning::NoFit { mistake: mistake.message }),
        };
        let columns = match columns {
            Ok(columns) => columns,
            Err(reason) => return effect.record(book, &Err(reason), &[]),
        };
        // The exposure first, so that its coefficient is at position 0 whatever terms follow.
        let mut all: Vec<f64> = groups.iter().map(|group| *group as f64).collect();
        all.extend(matrix(&columns));
        let n_columns = 1 + columns.len();
        let fit = stats::survival_data::SurvivalData::new(&times, &events).and_then(|data| {
            CoxModel::new(&data, Covariates::new(&all, n_columns)?)?
                .ties(self.kind.ties.ties())
                .fit()
        });
        let fit = match fit {
            // Before the fit is looked at: that one is
            // of follow-up which stands in for nobody's.
            _ if self.followed.is_rehearsed() => CoxFit::of_nobody(n_columns, false),
            Ok(fit) => fit,
            Err(error) => return effect.record(book, &Err(refusal(&error)), &[]),
        };
        let warnings = convergence(&fit);
        effect.record(book, &coefficient(&fit, 0, effect.variable), &warnings);
        for (place, column) in columns.iter().enumerate() {
            let known = coefficient(&fit, 1 + place, &column.variable);
            let basis = column.basis(&events, missing);
            effect.of_covariate(column, basis).record(book, &known, &warnings);
        }
    }

    fn drawn(&self, state: usize, curve: &SurvivalCurve) -> GroupCurve {
        let level = self.exposure.level(state);
        let row = |row: &SurvivalCurveRow| CurveRow {
            time_days: row.time,
            at_risk: row.n_at_risk as u64,
            events: row.n_events as u64,
            censored: row.n_censored as u64,
            survival: row.survival,
            lower: row.lower,
            upper: row.upper,
        };
        GroupCurve {
            level: level.value.clone(),
            label: level.label.clone(),
            n: curve.n as u64,
            rows: curve.rows.iter().map(row).collect(),
        }
    }
}

/// What findings of the exposed were computed from.
fn exposed_of(groups: &[usize], events: &[bool], missing: usize) -> Basis {
    let exposed = groups.iter().zip(events).filter(|(group, _)| **group == 1);
    let n_events = exposed.clone().filter(|(_, event)| **event).count();
    Basis { n: exposed.count(), events: Some(n_events), missing }
}
