//! Groups as they stand at landmarks.

mod record;

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Account, Detail, Method, Practice, Procedure, Span, StudySettings};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::refused;
use crate::covariates::DeclaredTerms;
use crate::exposure::DeclaredExposure;
use crate::horizon::{Horizon, horizons};
use crate::late_exposure::{DeclaredDesign, Design};
use crate::model::TiesName;
use crate::rehearsal::Rehearsal;
use record::At;

/// An exposure that begins after time zero, compared from landmarks on (Anderson, Cain and Gelber
/// 1983): those followed without the event beyond a landmark are grouped by whether they were exposed
/// by then, and their follow-up is counted from the landmark. For each landmark, who is left out and
/// why, Kaplan-Meier curves, the log-rank test and the hazard ratio.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Landmark {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of two levels that tells who was exposed; the one date from which it is known is the start.
    pub exposure: String,
    /// Level of the unexposed; the first declared level, or `no`, unless named here.
    #[serde(default)]
    pub reference: Option<String>,
    /// Landmarks, counted from time zero.
    #[serde(default)]
    pub landmark: Vec<Span>,
    /// The landmark whose curves go out for a figure, such as `90 days`; the first unless named.
    #[serde(default)]
    pub drawn: Option<Span>,
    /// Columns of an adjusted hazard ratio, all known at time zero; none without it.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Reference levels of terms by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// How tied event times are taken.
    #[serde(default)]
    pub ties: TiesName,
    /// Scale of the confidence limits of survival. SAS uses `log_log`, R's default is `log`.
    #[serde(default)]
    pub ci: ConfidenceScale,
    /// Times after the landmark at which survival and numbers at risk are given.
    #[serde(default)]
    pub at: Vec<Span>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

impl Analysis for Landmark {
    const NAME: &'static str = "landmark";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        for (parameter, times) in [("landmark", &self.landmark), ("at", &self.at)] {
            // A landmark at zero groups by what was known at time zero.
            rehearsal.times(parameter, times, true);
        }
        let study = rehearsal.call.study;
        let landmarks = self.landmarks(study);
        if landmarks.is_empty() {
            let message = "there is no landmark";
            rehearsal.push(
                Mistake::at(&["landmark"], message).hint("such as `landmark: [30 days, 90 days]`"),
            );
        }
        if let Some(drawn) = self.drawn.map(|drawn| drawn.resolved(study))
            && landmarks.iter().all(|landmark| landmark.span != drawn)
        {
            let (drawn, all) =
                (drawn.to_string(), landmarks.iter().map(|one| one.span.to_string()));
            let all: Vec<String> = all.collect();
            let message = format!("`{drawn}` is no landmark of this entry");
            let mistake = Mistake::at(&["drawn"], message);
            rehearsal.push(mistake.hint_nearest(&drawn, all.iter().map(String::as_str)));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let design = self.declared().read(checked)?;
        // A missing value of a term must not change the curves and the unadjusted ratio.
        // Only the adjusted ratios need the terms.
        let followed = design.follow(|_| true)?;
        let Design { endpoint, exposure, terms, .. } = &design;
        // From time zero on everybody in one group leaves nothing to compare at any landmark.
        followed.check_exposed(&self.exposure)?;
        let mut book = checked.book_on(&self.endpoint);
        book.warn(followed.warnings());
        followed.record(&mut book);
        let (drawn, mut groups) = (self.drawn(checked.study), Vec::new());
        for landmark in self.landmarks(checked.study) {
            let is_drawn = Some(landmark.span) == drawn;
            let at = At {
                kind: self,
                exposure,
                terms,
                followed: &followed,
                landmark: &landmark,
                horizons: horizons(checked.study, &self.at),
                is_drawn,
            };
            let curves = at.record(&mut book)?;
            if is_drawn {
                groups = curves;
            }
        }
        let label = &endpoint.label;
        let drawn = drawn.map(|drawn| drawn.to_string()).unwrap_or_default();
        let of_curves = format!("{label} from the landmark at {drawn}");
        let mut curves = book.curves(of_curves, self.ci.interval(), groups);
        curves.by_label = Some(exposure.category.label.clone());
        let methods = self.methods(checked.study, &design);
        Ok(Analysed::new(book, methods, &followed.included).with_figures(curves))
    }
}

impl Landmark {
    fn declared(&self) -> DeclaredDesign<'_> {
        let (column, reference) = (self.exposure.as_str(), self.reference.as_deref());
        DeclaredDesign {
            endpoint: &self.endpoint,
            exposure: DeclaredExposure { column, reference, needs_start: true },
            terms: Some(DeclaredTerms { terms: &self.terms, references: &self.references }),
        }
    }

    /// The landmarks by time, none twice.
    fn landmarks(&self, study: &StudySettings) -> Vec<Horizon> {
        let mut all = horizons(study, &self.landmark);
        // By time, so that the first is the earliest whatever order they are declared in.
        all.sort_by(|a, b| a.days.total_cmp(&b.days));
        all
    }

    /// The landmark that is drawn; none where there are none.
    fn drawn(&self, study: &StudySettings) -> Option<Span> {
        let first = || self.landmarks(study).into_iter().next().map(|landmark| landmark.span);
        self.drawn.map(|drawn| drawn.resolved(study)).or_else(first)
    }

    fn methods(&self, study: &StudySettings, design: &Design<'_>) -> Account {
        let landmarks = self.landmarks(study).into_iter().map(|landmark| landmark.span);
        let practice = Practice::Landmark { landmarks: landmarks.collect() };
        let method = Method::of(Procedure::Cox)
            .with(Detail::Ties(self.ties.value()))
            .interval(self.ci.interval(), study.confidence_level);
        design.account(practice, method)
    }
}

/// Nobody is left at a landmark, or another estimator refused.
fn at_landmark(landmark: &Horizon, error: &stats::Error) -> Mistake {
    match error {
        stats::Error::Empty => {
            let message = format!("nobody is followed beyond {}", landmark.span);
            Mistake::at(&["landmark"], message).hint("choose earlier landmarks")
        }
        other => refused(other),
    }
}
