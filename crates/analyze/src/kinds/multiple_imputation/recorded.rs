//! The findings of an imputation: how much was missing, what the imputed
//! values are like beside the known ones, and whether the chains mixed.

use stats::imputation::{Completed, Imputed};
use stats::quantile::{quantiles, summarize};
use study::{Counted, Finding, Part, Procedure, Quantity, Warning};

use super::MultipleImputation;
use super::incomplete::{Incoming, Incomings, Incomplete};
use crate::book::{Basis, Book, Told};
use crate::category::Category;

/// Above this factor the chains have not mixed: the bound of Brooks and Gelman
/// (1998).
const MIXED: f64 = 1.2;

/// Writes all of them down; `left_out` patients have no follow-up.
pub(super) fn record(
    book: &mut Book,
    kind: &MultipleImputation,
    incomplete: &Incomplete,
    imputed: Option<&Imputed>,
    left_out: usize,
) {
    // `variables` is not empty, and all columns are of the same patients.
    let n = n_of(&incomplete.columns[0]);
    let is_complete =
        |patient: &usize| incomplete.columns.iter().all(|column| !column.is_missing(*patient));
    let complete = (0..n).filter(is_complete).count();
    let basis = Basis { n, events: None, missing: left_out };
    let counts = [
        ("n", n, Counted::Patients),
        ("complete_cases", complete, Counted::WithEveryValue),
        ("imputations", kind.imputations, Counted::CompletedDataSets),
        ("iterations", kind.iterations, Counted::Iterations),
    ];
    for (name, count, counted) in counts {
        let finding = book.count(&[Part::statistic(name)], name, count).from(basis);
        let mut finding = finding.by_method(Procedure::CountOf(counted));
        // Then every imputation is the data themselves, and pooling them adds nothing.
        if name == "complete_cases" && complete == n {
            finding = finding.warn(Warning::NothingMissing);
        }
        book.push(finding);
    }
    for (place, column) in incomplete.columns.iter().enumerate() {
        let own = Column { place, column, imputed, data_sets: kind.imputations };
        own.record(book, incomplete, left_out);
    }
}

fn n_of(column: &Incoming) -> usize {
    match &column.values {
        Incomings::Numbers(values) => values.len(),
        Incomings::Levels(category) => category.codes.len(),
    }
}

/// One column, with what was imputed; nothing of it is known in a rehearsal.
struct Column<'c> {
    place: usize,
    column: &'c Incoming,
    imputed: Option<&'c Imputed>,
    data_sets: usize,
}

impl Column<'_> {
    fn record(&self, book: &mut Book, incomplete: &Incomplete, left_out: usize) {
        let n = n_of(self.column);
        let missing = (0..n).filter(|patient| self.column.is_missing(*patient)).count();
        let parts = [Part::statistic("missing")];
        let finding = book.count(&parts, "missing", missing);
        let mut finding = finding.of_variable(&self.column.name);
        if let Some(imputed) = self.imputed {
            // A predictor that others determine was left out of the model of this column alone.
            for dropped in imputed.dropped.iter().filter(|own| own.variable == self.place) {
                let predictor = incomplete.predictor(dropped.predictor);
                finding = finding.warn(Warning::ImputedWithout { predictor });
            }
            if imputed.constant.contains(&self.place) {
                finding = finding.warn(Warning::ConstantImputed);
            }
        }
        let basis = Basis { n, events: None, missing: left_out };
        book.push(finding.from(basis).by_method(Procedure::CountOf(Counted::WithoutValue)));
        // Only the data know whether a column lacks values: a rehearsal announces
        // what comes of it either way.
        if missing == 0 && self.imputed.is_some() {
            return;
        }
        match &self.column.values {
            Incomings::Numbers(values) => self.record_numbers(book, values),
            Incomings::Levels(category) => self.record_levels(book, category),
        }
        self.record_mixing(book);
    }

    /// Mean and standard deviation of known and imputed values.
    fn record_numbers(&self, book: &mut Book, values: &[Option<f64>]) {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        let n_known = known.len();
        let mut drawn = Vec::new();
        for data_set in self.imputed.iter().flat_map(|imputed| &imputed.data_sets) {
            if let Completed::Number(completed) = &data_set[self.place] {
                let gaps = values.iter().zip(completed).filter(|(value, _)| value.is_none());
                drawn.extend(gaps.map(|(_, value)| *value));
            }
        }
        let n_missing = values.len() - n_known;
        // Imputed values of all data sets together, but counted as the patients who lack one.
        for (group, values, n) in [(OBSERVED, known, n_known), (IMPUTED, drawn, n_missing)] {
            // Nothing was imputed, or it is a rehearsal: the findings stand without a number.
            let summary = summarize(&values).ok();
            let mean = summary.as_ref().map_or(f64::NAN, |summary| summary.mean);
            let spread = summary.and_then(|summary| summary.standard_deviation);
            let numbers = [("mean", mean), ("standard_deviation", spread.unwrap_or(f64::NAN))];
            for (name, value) in numbers {
                let parts = [Part::statistic(name)];
                let finding = book.draft(&parts, name, Quantity::Measured, value);
                let mut finding = self.told(finding.of_variable(&self.column.name), group, n);
                finding.unit.clone_from(&self.column.unit);
                book.push(finding);
            }
            self.record_quantiles(book, group, (&values, n));
        }
    }

    /// What figures compare known and imputed values by.
    fn record_quantiles(&self, book: &mut Book, group: &str, (values, n): (&[f64], usize)) {
        let percents = [5.0, 25.0, 50.0, 75.0, 95.0];
        let found = quantiles(values, &percents.map(|percent| percent / 100.0));
        let found = found.unwrap_or_else(|_| vec![f64::NAN; percents.len()]);
        for (percent, value) in percents.into_iter().zip(found) {
            let parts = [Part::statistic("quantile"), Part::place(percent)];
            let finding = book.draft(&parts, "quantile", Quantity::Measured, value);
            let mut finding = self.told(finding.of_variable(&self.column.name), group, n);
            finding.unit.clone_from(&self.column.unit);
            book.push(finding);
        }
    }

    /// The share at each level of known and imputed values.
    fn record_levels(&self, book: &mut Book, category: &Category) {
        let known: Vec<usize> = category.codes.iter().flatten().copied().collect();
        let mut drawn = Vec::new();
        for data_set in self.imputed.iter().flat_map(|imputed| &imputed.data_sets) {
            if let Completed::Category(completed) = &data_set[self.place] {
                let gaps = category.codes.iter().zip(completed).filter(|(code, _)| code.is_none());
                drawn.extend(gaps.map(|(_, code)| *code));
            }
        }
        let (n_known, n_missing) = (known.len(), category.codes.len() - known.len());
        for (position, level) in category.levels.iter().enumerate() {
            for (group, codes, n) in [(OBSERVED, &known, n_known), (IMPUTED, &drawn, n_missing)] {
                let at = codes.iter().filter(|code| **code == position).count();
                let share = at as f64 / codes.len() as f64;
                let parts = [Part::statistic("proportion")];
                let finding = book.draft(&parts, "proportion", Quantity::Proportion, share);
                let finding = finding.of_variable(&self.column.name).of_level(level);
                book.push(self.told(finding, group, n));
            }
        }
    }

    fn told(&self, finding: Finding, group: &str, n: usize) -> Finding {
        let procedure = match group {
            OBSERVED => Procedure::KnownValues,
            _ => Procedure::ImputedValues { data_sets: self.data_sets },
        };
        // Whoever lacks a value is the subject here, and is not missing from it.
        finding.in_group(group).from(Basis { n, events: None, missing: 0 }).by_method(procedure)
    }

    /// Which chains there are, by level, and how well they mixed.
    fn chains(&self) -> Vec<(Option<usize>, Option<f64>)> {
        match (self.imputed, &self.column.values) {
            (Some(imputed), _) => (imputed.traces.iter())
                .filter(|trace| trace.variable == self.place)
                .map(|trace| (trace.level, trace.mixing()))
                .collect(),
            // One chain of a number, and one for each level
            // of a category: the run follows the same shapes.
            (None, Incomings::Numbers(_)) => vec![(None, None)],
            (None, Incomings::Levels(category)) => {
                (0..category.n_levels()).map(|level| (Some(level), None)).collect()
            }
        }
    }

    fn record_mixing(&self, book: &mut Book) {
        for (level, mixing) in self.chains() {
            let name = "potential_scale_reduction";
            let value = mixing.unwrap_or(f64::NAN);
            let parts = [Part::statistic(name)];
            let finding = book.draft(&parts, name, Quantity::Statistic, value);
            let mut finding = finding.of_variable(&self.column.name);
            if let (Incomings::Levels(category), Some(level)) = (&self.column.values, level) {
                // A level that the stand-in of a rehearsal has no place for is passed over.
                let Some(level) = category.levels.get(level) else { continue };
                finding = finding.of_level(level);
            }
            finding = match mixing {
                None => finding.warn(Warning::ChainsUnjudged),
                Some(value) if value > MIXED => finding.warn(Warning::ChainsNotMixed),
                Some(_) => finding,
            };
            book.push(finding.by_method(Procedure::GelmanRubin));
        }
    }
}

/// The groups of findings about the values that are known, and those imputed.
const OBSERVED: &str = "observed";
const IMPUTED: &str = "imputed";
