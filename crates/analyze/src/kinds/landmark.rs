//! Groups as they stand at landmarks.

mod record;

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{StudySettings, in_sentence, slug};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::refused;
use crate::covariates::{DeclaredTerms, in_words};
use crate::exposure::{DeclaredExposure, Exposure};
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
    /// Landmarks in days from time zero.
    #[serde(default)]
    pub landmark_days: Vec<f64>,
    /// The same in months.
    #[serde(default)]
    pub landmark_months: Vec<f64>,
    /// The landmark whose curves go out for a figure, such as `90_days`; the first unless named.
    #[serde(default)]
    pub drawn: Option<String>,
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
    /// Times in months after the landmark at which survival and numbers at risk are given.
    #[serde(default)]
    pub at_months: Vec<f64>,
    /// The same in the study's time unit.
    #[serde(default)]
    pub at: Vec<f64>,
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
        let lists = [
            ("landmark_days", &self.landmark_days),
            ("landmark_months", &self.landmark_months),
            ("at_months", &self.at_months),
            ("at", &self.at),
        ];
        for (parameter, values) in lists {
            rehearsal.times(parameter, values, true);
        }
        let landmarks = self.landmarks(rehearsal.call.study);
        if landmarks.is_empty() {
            let message = "there is no landmark";
            rehearsal.push(
                Mistake::at(&["landmark_days"], message).hint("such as `landmark_days: [30, 90]`"),
            );
        }
        if let Some(drawn) = &self.drawn
            && landmarks.iter().all(|landmark| landmark.id != *drawn)
        {
            let ids = landmarks.iter().map(|landmark| landmark.id.as_str());
            let message = format!("`{drawn}` is no landmark of this entry");
            rehearsal.push(Mistake::at(&["drawn"], message).hint_nearest(drawn, ids));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let design = self.declared().read(checked)?;
        // Only the adjusted ratios need the terms.
        let followed = design.follow(|_| true)?;
        let Design { endpoint, exposure, terms, .. } = &design;
        followed.check_exposed(&self.exposure)?;
        let mut book = checked.book_on(&self.endpoint);
        book.warn(followed.warnings());
        followed.record(&mut book);
        let (drawn, mut groups) = (self.drawn(checked.study), Vec::new());
        for landmark in self.landmarks(checked.study) {
            let is_drawn = landmark.id == drawn;
            let at = At {
                kind: self,
                exposure,
                terms,
                followed: &followed,
                landmark: &landmark,
                horizons: horizons(checked.study, &self.at_months, &self.at),
                is_drawn,
            };
            let curves = at.record(&mut book)?;
            if is_drawn {
                groups = curves;
            }
        }
        let label = &endpoint.label;
        let of_curves = format!("{label} from the landmark at {}", drawn.replace('_', " "));
        let mut curves = book.curves(of_curves, self.ci.words(), groups);
        curves.by_label = Some(exposure.category.label.clone());
        let methods = self.methods(label, exposure, &in_words(terms));
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
        let days = self.landmark_days.iter();
        let days = days.map(|days| Horizon::new(*days, slug(&format!("{days} days"))));
        let mut all: Vec<Horizon> =
            days.chain(horizons(study, &self.landmark_months, &[])).collect();
        all.sort_by(|a, b| a.days.total_cmp(&b.days));
        all.dedup_by(|a, b| a.id == b.id);
        all
    }

    /// The id of the landmark that is drawn.
    fn drawn(&self, study: &StudySettings) -> String {
        let first = || self.landmarks(study).into_iter().next().map(|landmark| landmark.id);
        self.drawn.clone().or_else(first).unwrap_or_default()
    }

    fn methods(&self, label: &str, exposure: &Exposure, terms: &str) -> String {
        let adjusted = match terms {
            "" => String::new(),
            terms => format!(" Adjusted ratios are adjusted for {terms}."),
        };
        format!(
            "In landmark analyses of {}, patients followed without the event beyond a landmark were grouped by {} begun by then; later starts did not move them. Time was counted from the landmark; groups were compared by the log-rank test and by Cox regression ({} ties).{adjusted}",
            in_sentence(label),
            exposure.words(),
            self.ties.words()
        )
    }
}

/// Nobody is left at a landmark, or another estimator refused.
fn at_landmark(landmark: &Horizon, error: &stats::Error) -> Mistake {
    match error {
        stats::Error::Empty => {
            let place = landmark.id.replace('_', " ");
            Mistake::at(&["landmark_days"], format!("nobody is followed beyond {place}"))
                .hint("choose earlier landmarks")
        }
        other => refused(other),
    }
}
