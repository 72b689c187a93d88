//! Groups compared by numbers read off their curves: survival at a time and
//! the restricted mean. Tests of whole curves are left to `log_rank` and
//! `survival_comparison`.

mod contrasts;

use contrasts::Teller;
use engine::{Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Account, Detail, IntervalKind, Method, Practice, Procedure, Span};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::Arms;
use crate::book::refused;
use crate::by::By;
use crate::curve_rows::{CurveRows, Extras};
use crate::endpoint::Endpoint;
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;

/// Differences between groups in survival at chosen times, and differences and ratios of restricted
/// mean survival times, each with limits and a p-value. They need no proportional hazards. The
/// patients may be weighted. A difference of medians is not offered: it has no error that holds
/// without smoothing the curve.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurvivalDifference {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column whose levels make the groups.
    pub by: By,
    /// The level that the others are compared with; the first one without it.
    #[serde(default)]
    pub reference: Option<String>,
    /// Times at which survival is compared.
    #[serde(default)]
    pub at: Vec<Span>,
    /// Horizons of the restricted mean survival time.
    #[serde(default)]
    pub restricted_mean: Vec<Span>,
    /// Scale of the confidence limits of each group's survival; those of differences are Wald's.
    #[serde(default)]
    pub ci: ConfidenceScale,
    /// An entry of `analyze` that makes weights of patients. Standard errors are then robust, by
    /// cluster where the entry makes clusters, and take the weights as known; patients without a
    /// weight are left out.
    #[serde(default)]
    pub weights: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

impl Analysis for SurvivalDifference {
    const NAME: &'static str = "survival_difference";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).weighted(self.weights.as_ref(), self.immortal_time)
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(&self.endpoint);
        rehearsal.groups(Some(&self.by), self.reference.as_ref(), self.immortal_time);
        let lists = [("at", &self.at, true), ("restricted_mean", &self.restricted_mean, false)];
        // Without any time there would be nothing but counts.
        if lists.iter().all(|(_, values, _)| values.is_empty()) {
            let message = "no time is given at which the groups are to be compared";
            rehearsal.push(
                Mistake::at(&["at"], message)
                    .hint("list times under `at`, or horizons under `restricted_mean`"),
            );
        }
        for (parameter, values, zero_allowed) in lists {
            rehearsal.times(parameter, values, zero_allowed);
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        let extras = Extras::new(checked, &endpoint, None)?;
        let known = endpoint.known().into_iter().filter(|place| extras.is_known(*place)).collect();
        // No findings of all patients beside those of groups.
        let arms = Arms::new(population, Some(&self.by), known)?;
        let category = arms.category.as_ref().expect("invariant: there is a grouping column");
        let reference = category.reference(self.reference.as_deref(), &["reference"])?;
        let mut book = checked.book_on(&self.endpoint);
        let rows = checked.unless_rehearsed(|| CurveRows::new(&endpoint, &extras, &arms.included));
        let rows = rows.map_err(|error| refused(&error))?;
        let (rows, variance) = (rows.as_ref(), extras.variance());
        let teller = Teller { kind: self, rows, arms: &arms, reference, variance };
        teller.tell(&mut book, checked.study).map_err(|error| refused(&error))?;
        let methods = self.methods(&teller, book.level);
        Ok(Analysed::new(book, methods, &arms.included))
    }
}

impl SurvivalDifference {
    fn methods(&self, teller: &Teller<'_>, level: f64) -> Account {
        let practice = Practice::SurvivalDifference {
            survival: !self.at.is_empty(),
            restricted_means: !self.restricted_mean.is_empty(),
        };
        let method = Method::of(Procedure::KaplanMeier)
            .with(Detail::Variance(teller.variance))
            .interval(IntervalKind::Wald, level)
            .and(self.weights.clone().map(Detail::WeightedBy));
        let reference = teller.arms.groups[teller.reference].value();
        Account::of(practice, method).about(&self.endpoint).by(self.by.groups(Some(reference)))
    }
}
