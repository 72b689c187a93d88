//! Survival curves of patients who move from one group to the other.

use engine::{Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::landmark::landmark;
use stats::survival_curve::{SurvivalCurve, SurvivalCurveModel};
use stats::switching::SwitchingData;
use study::{
    Account, Counted, CurveRow, Detail, Finding, GroupCurve, Method, Part, Practice, Procedure,
    Quantity, Span, State, StudySettings, Warning,
};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told, refused};
use crate::exposure::{DeclaredExposure, Exposure};
use crate::horizon::horizons;
use crate::late_exposure::{DeclaredDesign, Design};
use crate::rehearsal::Rehearsal;
use crate::states::States;

/// Survival curves by Simon and Makuch: a patient counts among the unexposed until exposure begins
/// and among the exposed from then on, so that each curve has at every time those who are in its state
/// then. With the test of Mantel and Byar. A curve of patients who enter late may begin with few at
/// risk; with a landmark, time is counted from there, for those followed beyond it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimonMakuch {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of two levels that tells who was exposed; the one date from which it is known is the start.
    pub exposure: String,
    /// Level of the unexposed; the first declared level, or `no`, unless named here.
    #[serde(default)]
    pub reference: Option<String>,
    /// Time after time zero at which the curves begin; time zero itself where it is left out.
    #[serde(default)]
    pub landmark: Option<Span>,
    /// Scale of the confidence limits. SAS uses `log_log`, R's default is `log`.
    #[serde(default)]
    pub ci: ConfidenceScale,
    /// Times, from where the curves begin, at which survival and numbers at risk are given.
    #[serde(default)]
    pub at: Vec<Span>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

impl Analysis for SimonMakuch {
    const NAME: &'static str = "simon_makuch";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        rehearsal.times("at", &self.at, true);
        rehearsal.time("landmark", self.landmark, true);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let design = self.declared().read(checked)?;
        let followed = design.follow(|_| true)?;
        let Design { endpoint, exposure, .. } = &design;
        followed.check_exposed(&self.exposure)?;
        let (study, begin) = (checked.study, self.begin_days(checked.study));
        // Also from time zero on: whoever is followed for no time is in neither curve.
        let left = landmark(&followed.data, &followed.starts, begin).map_err(|_| {
            let begin = self.begin(study).unwrap_or(Span::of_days(begin));
            Mistake::at(&["landmark"], format!("nobody is followed beyond {begin}"))
                .hint("begin the curves earlier")
        })?;
        let split =
            SwitchingData::new(&left.data, &left.switches).map_err(|error| refused(&error))?;
        let mut book = checked.book_on(&self.endpoint);
        book.warn(followed.warnings());
        followed.record(&mut book);
        let states = States { exposure, split: &split, missing: followed.missing };
        // Who is left out by a landmark is told, because it changes whom the curves are of.
        let excluded = [
            ("excluded_events", left.n_excluded_events),
            ("excluded_censored", left.n_excluded_censored),
        ];
        for (name, count) in excluded {
            let parts = [Part::statistic(name)];
            let finding = book.count(&parts, name, count).at_days(begin);
            let method = Procedure::CountOf(Counted::EndedByLandmark);
            book.push(finding.from(states.basis()).by_method(method));
        }
        states.record(&mut book);
        let estimated = self.estimate(book.level, &split).map_err(|error| refused(&error))?;
        let mut drawn = Vec::new();
        for (state, curve) in estimated.iter().enumerate() {
            // Numbers at risk are counted among the intervals: a curve
            // does not know who enters between two of its steps.
            let risk = AtRisk::new(&split, &left.data, state);
            self.record_curve(&mut book, study, &states, state, (curve, &risk))
                .map_err(|error| refused(&error))?;
            drawn.push(risk.drawn(exposure, curve));
        }
        let test = self.told(study, Method::of(Procedure::MantelByar));
        states.record_test(&mut book, None, &test, &[]).map_err(|error| refused(&error))?;
        let label = match self.begin(study) {
            None => endpoint.label.clone(),
            Some(begin) => format!("{} from the landmark at {begin}", endpoint.label),
        };
        let mut curves = book.curves(label, self.ci.interval(), drawn);
        curves.by_label = Some(exposure.category.label.clone());
        curves.warnings.push(Warning::PatientsChangeCurves);
        let methods = self.methods(&design, study);
        Ok(Analysed::new(book, methods, &followed.included).with_figures(curves))
    }
}

impl SimonMakuch {
    fn declared(&self) -> DeclaredDesign<'_> {
        let (column, reference) = (self.exposure.as_str(), self.reference.as_deref());
        DeclaredDesign {
            endpoint: &self.endpoint,
            exposure: DeclaredExposure { column, reference, needs_start: true },
            terms: None,
        }
    }

    /// Where the curves begin, in days.
    fn begin_days(&self, study: &StudySettings) -> f64 {
        self.landmark.map_or(0.0, |begin| begin.days(study))
    }

    /// Where the curves begin; none for time zero.
    fn begin(&self, study: &StudySettings) -> Option<Span> {
        // A landmark at zero is time zero, and is not spoken of.
        self.landmark.filter(|begin| begin.value() != 0.0).map(|begin| begin.resolved(study))
    }

    fn estimate(
        &self,
        level: f64,
        split: &SwitchingData,
    ) -> Result<Vec<SurvivalCurve>, stats::Error> {
        SurvivalCurveModel::counting(split.intervals())
            .confidence(level, self.ci.confidence_type())?
            .estimate_by_group(split.groups())
    }

    /// Writes down what is read off a curve.
    fn record_curve(
        &self,
        book: &mut Book,
        study: &StudySettings,
        states: &States<'_>,
        state: usize,
        (curve, risk): (&SurvivalCurve, &AtRisk),
    ) -> Result<(), stats::Error> {
        let curves = Method::of(Procedure::SimonMakuch);
        let method = self.told(study, curves.interval(self.ci.interval(), book.level));
        let in_state = Method::of(Procedure::CountOf(Counted::InStateJustBefore));
        // A curve that fell to zero early stays there, however many enter later.
        let early = risk.fell_early(curve);
        let tell = |finding: Finding, method: &Method| {
            let level = states.exposure.level(state);
            let finding = finding.of_group(level).from(states.basis_of(state)).by_method(method);
            if early { finding.warn(Warning::CurveFellEarly) } else { finding }
        };
        let median = curve.quantile(0.5)?;
        let value = median.estimate.unwrap_or(f64::NAN);
        let finding = book
            .draft(&[Part::statistic("median")], "median", Quantity::Days, value)
            .limits(median.lower, median.upper, book.level);
        let finding = match median.estimate {
            Some(_) => finding,
            None => finding.without_value(State::NotReached),
        };
        book.push(tell(finding, &method));
        for horizon in horizons(study, &self.at) {
            let days = horizon.days;
            let row = risk.row_at(curve, days);
            let value = row.map_or(f64::NAN, |row| row.survival);
            // The time from zero, while the id says the time from where the curves begin.
            let time = self.begin_days(study) + days;
            let mut finding = book
                .draft(&horizon.parts("survival"), "survival", Quantity::Survival, value)
                .at_days(time);
            finding = match row {
                Some(row) => finding
                    .limits(row.lower, row.upper, book.level)
                    .with_error(standard_error(curve, days)),
                None => finding.warn(Warning::NobodyInState),
            };
            book.push(tell(finding, &method));
            let parts = horizon.parts("n_at_risk");
            let finding =
                book.count(&parts, "n_at_risk", risk.at(horizon.at_risk_days)).at_days(time);
            book.push(tell(finding, &in_state));
        }
        Ok(())
    }

    fn told(&self, study: &StudySettings, method: Method) -> Method {
        method.with(Detail::UnexposedUntilStart).and(self.begin(study).map(Detail::Landmark))
    }

    fn methods(&self, design: &Design<'_>, study: &StudySettings) -> Account {
        let practice = Practice::SimonMakuch { landmark: self.begin(study) };
        let method = Method::of(Procedure::SimonMakuch);
        design.account(practice, method.interval(self.ci.interval(), study.confidence_level))
    }
}

/// The standard error of a curve at a time, zero before its first row.
fn standard_error(curve: &SurvivalCurve, time: f64) -> Option<f64> {
    let past = curve.rows.partition_point(|row| row.time <= time);
    past.checked_sub(1).map_or(Some(0.0), |last| curve.rows[last].standard_error())
}

/// The intervals of one state.
struct AtRisk {
    state: usize,
    n: usize,
    /// Start and end of each interval, whether with the event, and whether
    /// follow-up ends there.
    intervals: Vec<(f64, f64, bool, bool)>,
}

impl AtRisk {
    fn new(split: &SwitchingData, data: &stats::survival_data::SurvivalData, state: usize) -> Self {
        let rows = split.intervals();
        let own = (0..rows.n()).filter(|row| split.groups().codes()[*row] == state);
        let intervals: Vec<(f64, f64, bool, bool)> = own
            // An interval that ends because exposure begins is no
            // censoring: the patient goes on in the other curve.
            .map(|row| {
                let is_last = rows.stops()[row] >= data.times()[rows.subjects()[row]];
                (rows.starts()[row], rows.stops()[row], rows.events()[row], is_last)
            })
            .collect();
        Self { state, n: intervals.len(), intervals }
    }

    /// Patients in the state just before a time; at zero, those who begin in it.
    fn at(&self, time: f64) -> usize {
        let is_in = |(start, stop, ..): &&(f64, f64, bool, bool)| {
            // At risk after the start (> start); at zero nobody
            // is, and those who begin there are counted.
            if time == 0.0 { *start == 0.0 } else { *start < time && *stop >= time }
        };
        self.intervals.iter().filter(is_in).count()
    }

    /// Whether the curve fell to zero before the last patient entered.
    fn fell_early(&self, curve: &SurvivalCurve) -> bool {
        let zero = curve.rows.iter().find(|row| row.survival == 0.0).map(|row| row.time);
        zero.is_some_and(|zero| self.intervals.iter().any(|(start, ..)| *start >= zero))
    }

    /// The curve at a time up to the last at which somebody was in the state.
    fn row_at(&self, curve: &SurvivalCurve, time: f64) -> Option<CurveRow> {
        let last = self.intervals.iter().fold(0.0_f64, |last, (_, stop, ..)| last.max(*stop));
        // A curve at zero stays at zero, whether or not anybody is left to follow.
        let is_known = time <= last || curve.rows.last().is_some_and(|row| row.survival == 0.0);
        is_known.then(|| self.row(curve, time))
    }

    fn row(&self, curve: &SurvivalCurve, time: f64) -> CurveRow {
        let past = curve.rows.partition_point(|row| row.time <= time);
        let known = past.checked_sub(1).map(|last| &curve.rows[last]);
        // Follow-up ends here: a change of state is neither an event nor a censoring.
        let ends = |event: bool| {
            let here = |(_, stop, is_event, is_last): &&(f64, f64, bool, bool)| {
                *stop == time && *is_event == event && *is_last
            };
            self.intervals.iter().filter(here).count() as u64
        };
        CurveRow {
            time_days: time,
            at_risk: self.at(time) as u64,
            events: ends(true),
            censored: ends(false),
            survival: known.map_or(1.0, |row| row.survival),
            lower: known.map_or(Some(1.0), |row| row.lower),
            upper: known.map_or(Some(1.0), |row| row.upper),
        }
    }

    /// A row wherever somebody enters the state or leaves it.
    fn drawn(&self, exposure: &Exposure, curve: &SurvivalCurve) -> GroupCurve {
        let level = exposure.level(self.state);
        // Also where somebody only enters or leaves: the
        // number at risk under a figure changes there.
        let ends = self.intervals.iter().flat_map(|(start, stop, ..)| [*start, *stop]);
        let mut times: Vec<f64> = ends.filter(|time| *time > 0.0).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        GroupCurve {
            level: level.value.clone(),
            label: level.label.clone(),
            n: self.n as u64,
            rows: times.into_iter().map(|time| self.row(curve, time)).collect(),
        }
    }
}
