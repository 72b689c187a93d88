//! Logistic regression, multivariable and one term at a time. What is written
//! down of a fitted model is in `record`.

mod fitted;
mod record;
#[cfg(test)]
mod tests;

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Account, Alone, Detail, Finding, IntervalKind, Method, Part, Practice, Procedure};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::guard::ImmortalTime;
use crate::model::coefficients::Place;
use crate::model::{Declared, Extras, Model, PenaltyName};
use crate::outcome::{Explained, Outcome};
use crate::rehearsal::Rehearsal;
use fitted::Fitted;
use record::Recorder;

/// Logistic regression: odds ratios of an outcome that patients have or have not, of all terms together
/// and, on request, of each term alone, with tests of terms and of the model, the concordance with the
/// outcome and the Brier score. A patient without a value of the outcome or of a term is left out and
/// counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogisticModel {
    /// Column of the outcome: yes or no (1 or 0), or a category whose `event` is declared. It may be known
    /// later than time zero.
    pub outcome: String,
    /// Levels of a category that count as having the outcome, such as `[CR, PR]`.
    #[serde(default)]
    pub event: Vec<String>,
    /// Columns of the model. A number stays a number; a category or yes/no column becomes an
    /// indicator of each level but the reference.
    pub terms: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Pairs of terms whose effects may depend on each other, such as `[[treatment, sex]]`.
    #[serde(default)]
    pub interactions: Vec<Vec<String>>,
    /// How limits and tests of single coefficients come about: `wald` unless declared, and `profile`
    /// under Firth's penalty.
    #[serde(default)]
    pub limits: Option<LimitsName>,
    /// What is added to the log-likelihood.
    #[serde(default)]
    pub penalty: PenaltyName,
    /// The ridge's size: half of it times the squares of the coefficients of terms standardised to a
    /// standard deviation of 1 (divisor n) is taken off the log-likelihood, as `glmnet` does with
    /// `alpha = 0` and a `lambda` of it over n.
    #[serde(default)]
    pub ridge: Option<f64>,
    /// Standard errors that do not trust the model (White).
    #[serde(default)]
    pub robust: bool,
    /// Column whose values group dependent patients, such as hospitals; standard errors are robust then.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The entry of `analyze` that made weights of patients; standard errors are robust then, and
    /// clustered where that entry made clusters. Who has no weight is left out.
    #[serde(default)]
    pub weights: Option<String>,
    /// Fits each term alone as well, on the patients who have a value of it.
    #[serde(default)]
    pub also_univariable: bool,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// How limits and tests of single coefficients come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitsName {
    /// Wald's, by the standard error.
    Wald,
    /// By the profile of the likelihood, which is truer in small samples; tests are likelihood-ratio tests.
    Profile,
}

impl Analysis for LogisticModel {
    const NAME: &'static str = "logistic_model";

    fn scope(&self) -> Scope<'_> {
        self.declared().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        let mut push = |message: &str, hint: &str| {
            rehearsal.push(Mistake::at(&["limits"], message).hint(hint));
        };
        match (self.limits, self.penalty) {
            (Some(LimitsName::Wald), PenaltyName::Firth) => push(
                "`limits: wald` cannot be combined with `penalty: firth`",
                "where the penalty is needed, the likelihood is no parabola: leave `limits` out",
            ),
            (Some(LimitsName::Profile), PenaltyName::Ridge) => push(
                "`limits: profile` cannot be combined with `penalty: ridge`",
                "a ridge shrinks the estimates, and no profile is known to hold: leave `limits` out",
            ),
            // Firth's penalty with robust errors is refused with every other penalty.
            (Some(LimitsName::Profile), PenaltyName::None) if self.declared().is_robust() => push(
                "`limits: profile` cannot be combined with robust errors",
                "a profile trusts the model, which `robust`, `cluster` and `weights` do not: leave one out",
            ),
            _ => {}
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.declared())?;
        let mut book = checked.book_on(&self.outcome);
        let (method, is_profiled) = (self.method(&model), self.is_profiled());
        let fitted = Fitted::new(&model, &model.places())?;
        let (model, place) = (&model, Place::default());
        let whole = Recorder { model, fitted: &fitted, method: &method, is_profiled, place };
        whole.record_whole(&mut book);
        let alone = Part::model("univariable");
        let place = Place { before: Some(&alone), after: None };
        // Each on those who have a value of its own term.
        for term in if self.also_univariable { model.places() } else { Vec::new() } {
            let own = Fitted::new(model, &[term])?;
            Recorder { fitted: &own, place, ..whole }.record_alone(&mut book, term);
        }
        let methods = self.methods(model, book.level);
        Ok(Analysed::new(book, methods, &fitted.cases.included))
    }

    fn narrowed(&self, finding: &Finding) -> Option<Self> {
        // Every number of the whole model hangs on all of its terms.
        if !finding.address.parts.contains(&Part::model("univariable")) {
            return None;
        }
        let term = self.terms.iter().find(|own| Some(*own) == finding.variable.as_ref())?;
        Some(Self {
            terms: vec![term.clone()],
            references: self.references.of(&[term]),
            // One term alone has nothing to interact with.
            interactions: Vec::new(),
            ..self.clone()
        })
    }
}

impl LogisticModel {
    fn declared(&self) -> Declared<'_> {
        let outcome = Outcome { column: &self.outcome, event: &self.event };
        Declared {
            robust: self.robust,
            cluster: self.cluster.as_deref(),
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
            extras: Extras {
                interactions: &self.interactions,
                weights: self.weights.as_deref(),
                penalty: self.penalty,
                ridge: self.ridge,
                ..Extras::default()
            },
            ..Declared::of(Explained::Outcome(outcome), &self.terms, &self.references)
        }
    }

    /// Whether limits are those of a profile.
    fn is_profiled(&self) -> bool {
        self.penalty == PenaltyName::Firth || self.limits == Some(LimitsName::Profile)
    }

    fn method(&self, model: &Model<'_>) -> Method {
        let levels = (!self.event.is_empty()).then(|| self.event.clone());
        let method = Method::of(Procedure::Logistic).and(levels.map(Detail::OutcomeLevels));
        model.method_of(method)
    }

    fn methods(&self, model: &Model<'_>, level: f64) -> Account {
        let interval = match (self.penalty, self.is_profiled()) {
            (PenaltyName::Firth, _) => IntervalKind::ProfilePenalized,
            (_, true) => IntervalKind::Profile,
            (_, false) => IntervalKind::Wald,
        };
        let alone = Alone { terms: self.also_univariable, further: false };
        let method = self.method(model).interval(interval, level);
        model.account_by(Practice::Logistic(alone), method)
    }
}
