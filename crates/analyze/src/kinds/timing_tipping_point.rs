//! An effect as a function of when exposure is assumed to have begun.

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::covariates::Covariates;
use stats::timing_tipping_point::{
    AssumedTiming, TimingShape, TimingTippingPoint as Timing, Tipping,
};
use study::{
    Detail, ExposureTime, Finding, Method, Part, Practice, Procedure, Quantity, Span,
    StudySettings, Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Basis, Book, Told, refused};
use crate::covariates::{DeclaredTerms, covariates, matrix};
use crate::effect::Effect;
use crate::exposure::{DeclaredExposure, Exposure};
use crate::horizon::{Horizon, horizons};
use crate::late_exposure::{DeclaredDesign, Design};
use crate::model::TiesName;
use crate::refusal::refusal;
use crate::rehearsal::Rehearsal;

/// How the hazard ratio of an exposure depends on when it is assumed to have begun, for a study that
/// tells who was exposed but not when: the exposed patients' follow-up before an assumed start counts
/// as unexposed (time-dependent Cox regression). Its tipping points are the first start at which the
/// estimate is 1 or on its other side, and the first at which the confidence limits include 1: where
/// immortal time alone explains the effect. Recorded dates are not used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimingTippingPoint {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of two levels that tells who was exposed, at whatever time.
    pub exposure: String,
    /// Level of the unexposed; the first declared level, or `no`, unless named here.
    #[serde(default)]
    pub reference: Option<String>,
    /// What is assumed of the starts.
    #[serde(default)]
    pub assumed: AssumedName,
    /// Assumed starts, counted from time zero, for `same_time`.
    #[serde(default)]
    pub start: Vec<Span>,
    /// Assumed starts as shares of follow-up, from 0 to below 1, for `share_of_follow_up`.
    #[serde(default)]
    pub start_shares: Vec<f64>,
    /// Columns to adjust for, all known at time zero.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Reference levels of terms by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// How tied event times are taken.
    #[serde(default)]
    pub ties: TiesName,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// What is assumed of the starts of the exposed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssumedName {
    /// All begin at the same time; whose follow-up is over by then counts as never exposed.
    #[default]
    SameTime,
    /// Each begins after the same share of its own follow-up.
    ShareOfFollowUp,
}

/// An assumed start, and where its findings stand.
struct Start {
    value: f64,
    part: Part,
    days: Option<f64>,
}

impl Analysis for TimingTippingPoint {
    const NAME: &'static str = "timing_tipping_point";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        rehearsal.times("start", &self.start, true);
        // At the end of follow-up there would be nobody left to be exposed.
        for (place, share) in self.start_shares.iter().enumerate() {
            if !(0.0..1.0).contains(share) {
                let at = ["start_shares", &place.to_string()];
                let message = format!("{share} is no share of follow-up from 0 to below 1");
                rehearsal.push(Mistake::at(&at, message));
            }
        }
        // A list that the assumption does not speak of would be ignored in silence.
        let (unused, parameter) = match self.assumed {
            AssumedName::SameTime => (!self.start_shares.is_empty(), "start_shares"),
            AssumedName::ShareOfFollowUp => (!self.start.is_empty(), "start"),
        };
        if unused {
            let message = format!("`{parameter}` is not what `assumed` speaks of");
            let hint = "`same_time` takes `start`, `share_of_follow_up` takes `start_shares`";
            rehearsal.push(Mistake::at(&[parameter], message).hint(hint));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let design = self.declared().read(checked)?;
        let followed = design.follow(|patient| design.has_terms(patient))?;
        let Design { exposure, terms, .. } = &design;
        let columns = covariates(terms, &followed.included)?;
        // Two patients stand in for nobody's follow-up, and have no terms.
        let values = match checked.is_rehearsed() {
            true => vec![0.0; columns.len() * followed.data.n()],
            false => matrix(&columns),
        };
        // Only whether, not when: that is what is assumed.
        let exposed: Vec<bool> = followed.starts.iter().map(Option::is_some).collect();
        // The estimator refuses nothing else of these two.
        let analysis = Timing::new(&followed.data, &exposed).map_err(|_| {
            let n = exposed.len();
            let message = format!("all of {n} patients are exposed, or none is");
            Mistake::at(&["exposure"], message).hint("there is nothing to compare: widen `where`")
        })?;
        let analysis = Covariates::new(&values, columns.len())
            .and_then(|covariates| analysis.covariates(covariates))
            .map_err(|error| refused(&error))?
            .ties(self.ties.ties());
        let mut book = checked.book_on(&self.endpoint);
        // On every finding: none of these starts was observed.
        book.warn([Warning::AssumedStarts]);
        let basis = followed.basis();
        book.record_counts(&[], basis);
        let n_exposed = exposed.iter().filter(|one| **one).count();
        let finding = book.count(&[Part::statistic("n_exposed")], "n_exposed", n_exposed);
        book.push(finding.from(basis).by_method(Procedure::CompleteCases));
        for start in self.starts(checked.study) {
            self.record_start(&mut book, exposure, basis, &start, &analysis)
                .map_err(|error| refused(&error))?;
        }
        self.record_tipping(&mut book, basis, &analysis).map_err(|error| refused(&error))?;
        let methods = design.account(Practice::TippingPoint, self.method());
        Ok(Analysed::new(book, methods, &followed.included))
    }
}

impl TimingTippingPoint {
    fn declared(&self) -> DeclaredDesign<'_> {
        let (column, reference) = (self.exposure.as_str(), self.reference.as_deref());
        DeclaredDesign {
            endpoint: &self.endpoint,
            // Recorded dates are not used, so that the column need not have one.
            exposure: DeclaredExposure { column, reference, needs_start: false },
            terms: Some(DeclaredTerms { terms: &self.terms, references: &self.references }),
        }
    }

    fn shape(&self) -> TimingShape {
        match self.assumed {
            AssumedName::SameTime => TimingShape::SameTime,
            AssumedName::ShareOfFollowUp => TimingShape::ShareOfFollowUp,
        }
    }

    fn starts(&self, study: &StudySettings) -> Vec<Start> {
        if self.assumed == AssumedName::ShareOfFollowUp {
            let start = |share: &f64| {
                // In ten-thousandths of a percent, so that 0.35 is 35 in an id.
                let percent = (share * 1e6).round() / 1e4;
                let part = Part::period(format!("{percent} percent"));
                Start { value: *share, part, days: None }
            };
            return self.start_shares.iter().map(start).collect();
        }
        let start = |start: Horizon| Start {
            value: start.days,
            part: start.part(),
            days: Some(start.days),
        };
        horizons(study, &self.start).into_iter().map(start).collect()
    }

    fn record_start(
        &self,
        book: &mut Book,
        exposure: &Exposure,
        basis: Basis,
        start: &Start,
        analysis: &Timing<'_>,
    ) -> Result<(), stats::Error> {
        let method = self.method();
        let found = analysis.at(self.shape().start(start.value));
        let share = analysis.share(self.shape().start(start.value))?;
        let own = Basis { n: share.n_subjects, events: Some(share.n_events), ..basis };
        let time = start.part.clone();
        let after = Some(time.clone());
        let effect =
            Effect { after, time_days: start.days, ..Effect::of_exposure(exposure, own, &method) };
        let known = match &found {
            // Under some start all exposed events may fall before it, and no ratio is left.
            Ok(found) if found.coefficient.may_be_infinite => Err(Warning::InfiniteUnderStart),
            Ok(found) => Ok(found.coefficient),
            Err(error) => Err(refusal(error)),
        };
        effect.record(book, &known, &found.as_ref().map_or_else(|_| Vec::new(), contradiction));
        // The reason stands on the ratio.
        let Ok(found) = found else { return Ok(()) };
        let counts = [
            ("exposed_under_start", found.n_exposed),
            ("exposed_events_under_start", found.n_exposed_events),
            ("contradicted", found.n_contradicted),
        ];
        let tell = |mut finding: Finding| {
            finding.time_days = start.days;
            finding.from(basis).by_method(&method)
        };
        for (name, count) in counts {
            let finding = book.count(&[Part::statistic(name), time.clone()], name, count);
            book.push(tell(finding));
        }
        let name = "median_start";
        let parts = [Part::statistic(name), time];
        let finding = book.draft(&parts, name, Quantity::Days, found.median_start);
        book.push(tell(finding));
        Ok(())
    }

    fn record_tipping(
        &self,
        book: &mut Book,
        basis: Basis,
        analysis: &Timing<'_>,
    ) -> Result<(), stats::Error> {
        let level = book.level;
        let points = [
            ("estimate", Tipping::Estimate, study::Tipping::Estimate),
            ("limits", Tipping::Limits(level), study::Tipping::Limits(level)),
        ];
        let quantity = match self.assumed {
            AssumedName::SameTime => Quantity::Days,
            AssumedName::ShareOfFollowUp => Quantity::Proportion,
        };
        for (part, tipping, what) in points {
            let found = analysis.tipping_point(self.shape(), tipping)?;
            let value = found.unwrap_or(f64::NAN);
            let parts = [Part::model("tipping_point"), Part::statistic(part)];
            let mut finding = book.draft(&parts, "tipping_point", quantity, value);
            // The effect holds under every start up to the last: a result, told with a warning.
            if found.is_none() {
                finding = finding.warn(Warning::NothingTips);
            }
            let method = self.method().led_by([Detail::TippingPoint(what)]);
            book.push(finding.from(basis).by_method(method));
        }
        Ok(())
    }

    fn method(&self) -> Method {
        let assumed = match self.assumed {
            AssumedName::SameTime => ExposureTime::AssumedTime,
            AssumedName::ShareOfFollowUp => ExposureTime::AssumedShare,
        };
        Method::of(Procedure::TimeDependentCox(assumed)).with(Detail::Ties(self.ties.value()))
    }
}

/// Patients whose record does not agree with an assumption.
fn contradiction(found: &AssumedTiming) -> Vec<Warning> {
    match found.n_contradicted {
        0 => Vec::new(),
        patients => vec![Warning::Contradicted { patients }],
    }
}
