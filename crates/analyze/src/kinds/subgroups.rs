//! A treatment's hazard ratio in subgroups, each column with the test of its
//! interaction. No subgroup has a p-value of its own.

mod estimate;

use std::collections::BTreeSet;

use engine::{Mistake, Mistakes, Named};
use estimate::Subgroup;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::adjust::{benjamini_hochberg, holm};
use study::{
    Account, Adjustment, Covariate, Detail, Finding, Method, Part, Practice, Procedure, Quantity,
    Role, SubgroupModel, Test, Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::by::By;
use crate::category::cut_it;
use crate::guard::ImmortalTime;
use crate::model::coefficients::{numbers, warned};
use crate::model::interaction;
use crate::model::{Declared, Extras, Fitted, Model, TiesName, is_number};
use crate::outcome::Explained;
use crate::rehearsal::Rehearsal;

/// Hazard ratios of a treatment within each level of several columns, for a forest plot. Each column
/// has one model with its interaction with the treatment; the test of that interaction says whether
/// the subgroups differ, with p-values adjusted for the number of columns by Holm and by Benjamini
/// and Hochberg. A subgroup's own p-value is not given: it tells nothing of a difference.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subgroups {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// The column whose hazard ratio is given: a number, or levels against a reference.
    pub treatment: String,
    /// Columns whose levels make the subgroups, or numbers with where to cut them.
    pub by: Vec<By>,
    /// Further columns of every model.
    #[serde(default)]
    pub adjust: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Columns for whose levels the baseline hazard may differ.
    #[serde(default)]
    pub strata: Vec<String>,
    /// How tied event times are taken.
    #[serde(default)]
    pub ties: TiesName,
    /// What a subgroup's hazard ratio is estimated from.
    #[serde(default)]
    pub estimate: Estimate,
    /// The test of an interaction; the likelihood-ratio test unless errors are robust.
    #[serde(default)]
    pub test: Option<InteractionTest>,
    /// Standard errors that do not trust the model (Lin and Wei).
    #[serde(default)]
    pub robust: bool,
    /// Column whose values group dependent patients, such as hospitals; standard errors are robust then.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The entry of `analyze` that made weights of patients; standard errors are robust then.
    #[serde(default)]
    pub weights: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the treatment, a subgroup or a stratum is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// The p-values that hang on all columns together.
const ADJUSTED: [&str; 2] = ["p_holm", "p_benjamini_hochberg"];

/// What a subgroup's hazard ratio is estimated from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Estimate {
    /// The model with the interaction, on the patients of all its subgroups.
    #[default]
    OneModel,
    /// A model of its own, on the patients of the subgroup alone.
    EachLevel,
}

/// A test of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InteractionTest {
    /// The likelihood-ratio test.
    LikelihoodRatio,
    /// The Wald test.
    Wald,
}

impl InteractionTest {
    fn words(self) -> &'static str {
        match self {
            Self::LikelihoodRatio => "likelihood_ratio",
            Self::Wald => "wald",
        }
    }
}

impl Analysis for Subgroups {
    const NAME: &'static str = "subgroups";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).weighted(self.weights.as_ref(), self.immortal_time)
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        let columns: Vec<String> = self.by.iter().map(|by| by.column().to_owned()).collect();
        rehearsal.list("by", &columns, false);
        rehearsal.list("adjust", &self.adjust, true);
        let table = rehearsal.table();
        for (place, by) in self.by.iter().enumerate() {
            let (column, at) = (by.column(), ["by", &place.to_string()]);
            if *column == self.treatment {
                let message = format!("`{column}` is the treatment itself");
                rehearsal.push(Mistake::at(&at, message).hint("leave it out of `by`"));
            } else if by.cut().is_some() {
                rehearsal.cut(by, &at);
                // The same column cannot be a group here and a number there.
                if self.adjust.iter().chain(&self.strata).any(|own| own == column) {
                    let message = format!("`{column}` is cut here, and stands as it is elsewhere");
                    let hint =
                        "leave it out of `adjust` and `strata`, or derive a category from it";
                    rehearsal.push(Mistake::at(&at, message).hint(hint));
                }
            } else if crate::columns::type_of(table, column).is_some() && is_number(table, column) {
                let message = format!("`{column}` holds numbers, which make no subgroups");
                rehearsal.push(Mistake::at(&at, message).hint(cut_it(column)));
            }
        }
        if let Some(place) = self.adjust.iter().position(|column| *column == self.treatment) {
            let at = ["adjust", &place.to_string()];
            let message = format!("`{}` is the treatment itself", self.treatment);
            rehearsal.push(Mistake::at(&at, message).hint("leave it out of `adjust`"));
        }
        // Errors from a sandwich say that the likelihood is not to be trusted.
        let is_robust = self.robust || self.cluster.is_some() || self.weights.is_some();
        if is_robust && self.test == Some(InteractionTest::LikelihoodRatio) {
            let message = "the likelihood-ratio test has no robust form";
            rehearsal.push(Mistake::at(&["test"], message).hint("choose `test: wald`"));
        }
        let columns = self.columns();
        let declared = self.declared(&columns);
        // The checks of the model place mistakes at `terms`, which this kind does not have.
        let own = std::mem::take(&mut rehearsal.mistakes);
        // A model of lists that are wrong themselves would repeat their mistakes.
        let extras = Extras { interactions: &[], ..declared.extras };
        Declared { extras, ..declared }.check(rehearsal);
        let of_model = std::mem::replace(&mut rehearsal.mistakes, own);
        rehearsal.mistakes.0.extend(self.placed(of_model).0);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let columns = self.columns();
        let model = Model::new(checked, self.declared(&columns));
        let model = model.map_err(|mistakes| self.placed(mistakes))?;
        let mut book = checked.book_on(&self.endpoint);
        // The ratio of all patients is of the treatment and what every model adjusts for.
        let overall = model.fit(&self.shared());
        let overall = overall.map_err(|mistake| self.placed(mistake.into()))?;
        // Columns have missing values of their own, so that the patients
        // differ from model to model: the entry is of all of them.
        let mut patients: BTreeSet<usize> = overall.cases.included.iter().copied().collect();
        let mut values = Vec::new();
        for by in &self.by {
            let fitted = self.record_column(&mut book, &model, by.column(), &mut values)?;
            patients.extend(&fitted.cases.included);
        }
        self.record_adjusted(&mut book, &values);
        Subgroup::overall(&model, &overall).record(&mut book, &[]);
        let patients: Vec<usize> = patients.into_iter().collect();
        Ok(Analysed::new(book, self.methods(&model), &patients))
    }

    fn narrowed(&self, finding: &Finding) -> Option<Self> {
        let is_adjusted = ADJUSTED.map(Part::statistic);
        // An adjusted p-value hangs on all columns, so that nothing can be left out.
        if finding.address.parts.iter().any(|part| is_adjusted.contains(part)) {
            return None;
        }
        let variable = finding.variable.as_ref()?;
        let by = self.by.iter().find(|own| own.column() == variable)?;
        let own: Vec<&String> =
            [&self.treatment, variable].into_iter().chain(&self.adjust).collect();
        let references = self.references.of(&own);
        Some(Self { by: vec![by.clone()], references, ..self.clone() })
    }
}

/// The terms of all models, and the pairs that interact.
struct Columns {
    terms: Vec<String>,
    pairs: Vec<Vec<String>>,
}

/// The interaction p of a column, with what it was computed from.
struct Tested<'t> {
    by: &'t str,
    p: f64,
    basis: crate::book::Basis,
}

impl Subgroups {
    fn columns(&self) -> Columns {
        let mut terms = vec![self.treatment.clone()];
        let by = self.by.iter().map(|by| by.column().to_owned());
        // A column may be adjusted for and make subgroups; it stands in the model once.
        for column in self.adjust.iter().cloned().chain(by.clone()) {
            if !terms.contains(&column) {
                terms.push(column);
            }
        }
        let pairs = by.map(|by| vec![self.treatment.clone(), by]).collect();
        Columns { terms, pairs }
    }

    fn declared<'d>(&'d self, columns: &'d Columns) -> Declared<'d> {
        let endpoint = Explained::Endpoint(&self.endpoint);
        Declared {
            strata: &self.strata,
            cuts: &self.by,
            ties: self.ties,
            robust: self.robust,
            cluster: self.cluster.as_deref(),
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
            extras: Extras {
                interactions: &columns.pairs,
                weights: self.weights.as_deref(),
                ..Extras::default()
            },
            ..Declared::of(endpoint, &columns.terms, &self.references)
        }
    }

    /// The places of the terms of every model.
    fn shared(&self) -> Vec<usize> {
        let others = self.adjust.iter().filter(|column| **column != self.treatment);
        // The treatment at place 0, and what is adjusted for behind it.
        (0..=others.collect::<BTreeSet<_>>().len()).collect()
    }

    /// Mistakes about `terms` where this kind has them.
    fn placed(&self, mut mistakes: Mistakes) -> Mistakes {
        let terms = self.columns().terms;
        for mistake in &mut mistakes.0 {
            if mistake.at.first().map(String::as_str) != Some("terms") {
                continue;
            }
            let term = mistake.at.get(1).and_then(|place| place.parse::<usize>().ok());
            // A place beyond the terms is of none of the parameters.
            let Some(term) = term.and_then(|place| terms.get(place)) else {
                mistake.at = Vec::new();
                continue;
            };
            let adjusted = self.adjust.iter().position(|column| column == term);
            let by = self.by.iter().position(|by| by.column() == term);
            mistake.at = match (adjusted, by) {
                // Before the others: the treatment is what was named first.
                _ if *term == self.treatment => vec!["treatment".to_owned()],
                (_, Some(place)) => vec!["by".to_owned(), place.to_string()],
                (Some(place), None) => vec!["adjust".to_owned(), place.to_string()],
                (None, None) => Vec::new(),
            };
            mistake.hint = mistake.hint.take().map(|hint| hint.replace(" of `terms`", ""));
        }
        mistakes
    }

    /// The subgroups of one column and the test of its interaction.
    fn record_column<'s>(
        &'s self,
        book: &mut Book,
        model: &Model<'_>,
        by: &'s str,
        values: &mut Vec<Tested<'s>>,
    ) -> Result<Fitted, Mistakes> {
        let term = model.declared.terms.iter().position(|own| own == by);
        let term = term.expect("invariant: every column of `by` is a term");
        let mut places = self.shared();
        if !places.contains(&term) {
            places.push(term);
        }
        let fitted = model.fit(&places).map_err(|mistake| self.placed(mistake.into()))?;
        for subgroup in Subgroup::of(model, &fitted, term, self.estimate) {
            subgroup.record(book, &[by]);
        }
        let product =
            fitted.cases.design.products.iter().find(|product| product.terms.contains(&term));
        let product = product.expect("invariant: the treatment interacts with every column");
        let (usual, tests) = interaction::tests(model, &fitted, product);
        let chosen = self.test.map_or(usual, InteractionTest::words);
        for (label, method, test) in &tests {
            for (part, statistic, quantity, value) in numbers(test.as_ref().ok()) {
                let ends: &[Option<&str>] =
                    // The chosen test stands under the bare id, and again under its own name.
                    if *label == chosen { &[None, Some(label)] } else { &[Some(label)] };
                for end in ends {
                    let parts = [Part::test("interaction"), Part::statistic(part)];
                    let mut finding = book.draft(&parts, statistic, quantity, value);
                    finding = finding.of_variable(by);
                    finding = match end {
                        Some(end) => finding.part(Part::method(*end)).in_role(Role::Alternative),
                        None => finding.in_role(Role::Chosen),
                    };
                    if let Err(reason) = test {
                        finding = finding.warn(reason);
                    }
                    book.push(warned(finding, &fitted).from(fitted.basis()).by_method(method));
                }
            }
        }
        let found = tests.iter().find(|(label, ..)| *label == chosen);
        let p =
            found.and_then(|(_, _, test)| test.as_ref().ok()).map_or(f64::NAN, |test| test.p_value);
        values.push(Tested { by, p, basis: fitted.basis() });
        Ok(fitted)
    }

    /// The p-values of the interactions, adjusted for how many there are.
    fn record_adjusted(&self, book: &mut Book, values: &[Tested<'_>]) {
        // A test that could not be made takes no share of the adjustment.
        let known: Vec<&Tested<'_>> = values.iter().filter(|tested| tested.p.is_finite()).collect();
        let p: Vec<f64> = known.iter().map(|tested| tested.p).collect();
        let adjustments = [
            (ADJUSTED[0], Adjustment::Holm, holm(&p)),
            (ADJUSTED[1], Adjustment::BenjaminiHochberg, benjamini_hochberg(&p)),
        ];
        for (name, by, adjusted) in adjustments {
            let adjusted = adjusted.expect("invariant: they are probabilities");
            for tested in values {
                let place = known.iter().position(|own| own.by == tested.by);
                let value = place.map_or(f64::NAN, |place| adjusted[place]);
                let parts = [Part::test("interaction"), Part::statistic(name)];
                let mut finding = book.draft(&parts, "p_value", Quantity::PValue, value);
                if place.is_none() {
                    finding = finding.warn(Warning::NoInteractionTest);
                }
                // All columns have a finding, because a rehearsal announced it.
                let finding = finding.of_variable(tested.by).from(tested.basis);
                let method = Method::of(Procedure::AdjustedInteraction(by));
                book.push(finding.by_method(method.with(Detail::ForColumns(p.len()))));
            }
        }
    }

    fn methods(&self, model: &Model<'_>) -> Account {
        let practice = Practice::Subgroups {
            by: self.by.iter().map(|by| by.groups(None)).collect(),
            model: match self.estimate {
                Estimate::OneModel => SubgroupModel::WithInteraction,
                Estimate::EachLevel => SubgroupModel::SubgroupAlone,
            },
            test: match self.test {
                Some(InteractionTest::Wald) => Test::Wald,
                None if model.declared.is_robust() => Test::Wald,
                Some(InteractionTest::LikelihoodRatio) | None => Test::LikelihoodRatio,
            },
        };
        let account = model.account(practice);
        let is_term =
            // Each column of `by` is in a model of its own, and not in what they share.
            |term: &Covariate| term.column == self.treatment || self.adjust.contains(&term.column);
        Account { terms: account.terms.into_iter().filter(is_term).collect(), ..account }
    }
}
