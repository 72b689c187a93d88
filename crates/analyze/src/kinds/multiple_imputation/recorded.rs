//! The findings of an imputation: how much was missing, what the imputed
//! values are like beside the known ones, and whether the chains mixed.

use stats::imputation::{Completed, Imputed};
use stats::quantile::summarize;
use study::{Finding, Quantity};

use super::MultipleImputation;
use super::incomplete::{Incoming, Incomings, Incomplete};
use crate::book::{Basis, Book, Told};

/// Above this factor the chains have not mixed.
const MIXED: f64 = 1.2;

/// Writes all of them down; `left_out` patients have no follow-up.
pub(super) fn record(
    book: &mut Book,
    kind: &MultipleImputation,
    incomplete: &Incomplete,
    imputed: &Imputed,
    left_out: usize,
) {
    let n = n_of(&incomplete.columns[0]);
    let is_complete =
        |patient: &usize| incomplete.columns.iter().all(|column| !column.is_missing(*patient));
    let complete = (0..n).filter(is_complete).count();
    let basis = Basis { n, events: None, missing: left_out };
    let counts = [
        ("n", n, "count of patients"),
        ("complete_cases", complete, "count of patients with a value of every column"),
        ("imputations", kind.imputations, "count of completed data sets"),
        ("iterations", kind.iterations, "count of iterations of each chain"),
    ];
    for (name, count, method) in counts {
        let mut finding = book.count(&[name], name, count).from(basis).by_method(method);
        if name == "complete_cases" && complete == n {
            finding = finding.warn("no value is missing: all data sets are the same");
        }
        book.push(finding);
    }
    for (place, column) in incomplete.columns.iter().enumerate() {
        record_column(book, incomplete, imputed, place, column, left_out);
    }
}

fn n_of(column: &Incoming) -> usize {
    match &column.values {
        Incomings::Numbers(values) => values.len(),
        Incomings::Levels(category) => category.codes.len(),
    }
}

fn record_column(
    book: &mut Book,
    incomplete: &Incomplete,
    imputed: &Imputed,
    place: usize,
    column: &Incoming,
    left_out: usize,
) {
    let n = n_of(column);
    let missing = (0..n).filter(|patient| column.is_missing(*patient)).count();
    let mut finding = book.count(&["missing"], "missing", missing).of_variable(&column.name);
    for dropped in imputed.dropped.iter().filter(|dropped| dropped.variable == place) {
        let words = incomplete.words(dropped.predictor);
        finding = finding.warn(format!(
            "imputed without {words}, which is constant or a combination of other predictors"
        ));
    }
    if imputed.constant.contains(&place) {
        finding = finding.warn("all known values are the same, and so are the imputed ones");
    }
    let basis = Basis { n, events: None, missing: left_out };
    book.push(finding.from(basis).by_method("count of patients without a value"));
    if missing == 0 {
        return;
    }
    match &column.values {
        Incomings::Numbers(_) => record_numbers(book, imputed, place, column, n - missing),
        Incomings::Levels(_) => record_levels(book, imputed, place, column),
    }
    record_mixing(book, imputed, place, column);
}

/// Mean and standard deviation of known and imputed values.
fn record_numbers(
    book: &mut Book,
    imputed: &Imputed,
    place: usize,
    column: &Incoming,
    n_known: usize,
) {
    let Incomings::Numbers(values) = &column.values else { return };
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let mut drawn = Vec::new();
    for data_set in &imputed.data_sets {
        if let Completed::Number(completed) = &data_set[place] {
            let gaps = values.iter().zip(completed).filter(|(value, _)| value.is_none());
            drawn.extend(gaps.map(|(_, value)| *value));
        }
    }
    let n_missing = values.len() - n_known;
    let groups = [("observed", known, n_known), ("imputed", drawn, n_missing)];
    for (group, values, n) in groups {
        let summary = summarize(&values).expect("invariant: finite values, one or more");
        let spread = summary.standard_deviation.unwrap_or(f64::NAN);
        for (name, value) in [("mean", summary.mean), ("standard_deviation", spread)] {
            let finding = book.draft(&[name], name, Quantity::Measured, value);
            let mut finding = told(finding.of_variable(&column.name), group, n, imputed);
            finding.unit.clone_from(&column.unit);
            book.push(finding);
        }
    }
}

/// The share at each level of known and imputed values.
fn record_levels(book: &mut Book, imputed: &Imputed, place: usize, column: &Incoming) {
    let Incomings::Levels(category) = &column.values else { return };
    let known: Vec<usize> = category.codes.iter().flatten().copied().collect();
    let mut drawn = Vec::new();
    for data_set in &imputed.data_sets {
        if let Completed::Category(completed) = &data_set[place] {
            let gaps = category.codes.iter().zip(completed).filter(|(code, _)| code.is_none());
            drawn.extend(gaps.map(|(_, code)| *code));
        }
    }
    let (n_known, n_missing) = (known.len(), category.codes.len() - known.len());
    for (position, level) in category.levels.iter().enumerate() {
        for (group, codes, n) in [("observed", &known, n_known), ("imputed", &drawn, n_missing)] {
            let at = codes.iter().filter(|code| **code == position).count();
            let share = at as f64 / codes.len() as f64;
            let finding = book.draft(&["proportion"], "proportion", Quantity::Proportion, share);
            let finding = finding.of_variable(&column.name).at_level(&level.value);
            book.push(told(finding, group, n, imputed));
        }
    }
}

fn told(finding: Finding, group: &str, n: usize, imputed: &Imputed) -> Finding {
    let method = match group {
        "observed" => "of patients with a value".to_owned(),
        _ => format!("of the values imputed in {} data sets", imputed.data_sets.len()),
    };
    finding.in_group(group).from(Basis { n, events: None, missing: 0 }).by_method(method)
}

fn record_mixing(book: &mut Book, imputed: &Imputed, place: usize, column: &Incoming) {
    for trace in imputed.traces.iter().filter(|trace| trace.variable == place) {
        let name = "potential_scale_reduction";
        let mixing = trace.mixing();
        let value = mixing.unwrap_or(f64::NAN);
        let finding = book.draft(&[name], name, Quantity::Statistic, value);
        let mut finding = finding.of_variable(&column.name);
        if let (Incomings::Levels(category), Some(level)) = (&column.values, trace.level) {
            let Some(level) = category.levels.get(level) else { continue };
            finding = finding.at_level(&level.value);
        }
        finding = match mixing {
            None => finding.warn("it needs four iterations or more, and means that vary"),
            Some(value) if value > MIXED => {
                finding.warn("the chains have not mixed: try more iterations")
            }
            Some(_) => finding,
        };
        book.push(finding.by_method(
            "Gelman and Rubin's factor of the chains' means over the later half of the iterations",
        ));
    }
}
