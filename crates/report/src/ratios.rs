//! The ratios of models, whatever kind made them: which of an analysis are
//! printed, in which fits they stand, and what each is called.

use engine::Mistake;
use study::{Finding, Part, Quantity, Role, Warning, in_sentence};

use crate::analysis::{Analysis, Words, distinct};
use crate::format;
use crate::lookup::{About, is_reference};
use study::capitalised;

/// The reading that fits each term alone.
const UNIVARIABLE: &str = "univariable";

/// Ratios that stand together: of one statistic, model and time.
#[derive(Debug, Clone)]
pub(crate) struct Fit<'a> {
    /// What sets it apart from the analysis's other fits, in words; empty where
    /// there is one.
    pub(crate) heading: String,
    /// Its ratios in order, products of terms at their places.
    pub(crate) ratios: Vec<&'a Finding>,
}

/// The ratios of an analysis that a table or a figure prints.
#[derive(Debug, Clone)]
pub(crate) struct Ratios<'a> {
    /// The analysis.
    pub(crate) analysis: Analysis<'a>,
    /// Its fits in order.
    pub(crate) fits: Vec<Fit<'a>>,
    /// Why some ratios of the analysis have no row.
    pub(crate) left_out: Vec<String>,
}

/// What sets a fit apart: the statistic, the model, the times.
type Key<'a> = (&'a str, Option<&'a str>, Vec<&'a Part>);

impl<'a> Ratios<'a> {
    /// The ratios of the models of all terms, or of those of one term each.
    ///
    /// # Errors
    /// If there are none.
    pub(crate) fn of(
        analysis: Analysis<'a>,
        univariable: bool,
        at: &[&str],
    ) -> Result<Self, Mistake> {
        let all = || analysis.findings.iter().filter(|one| one.quantity == Quantity::Ratio);
        let own: Vec<&Finding> = all().filter(|one| is_univariable(one) == univariable).collect();
        // An entry without any findings is itself mistaken, which is told there.
        if own.is_empty() && !analysis.findings.is_empty() {
            return Err(none_of(analysis, univariable && all().next().is_some(), at));
        }
        let (shown, others): (Vec<&Finding>, Vec<&Finding>) =
            // Several methods of one number would look like several terms.
            own.iter().copied().partition(|one| !is_beside(one, &own));
        let mut fits: Vec<(Key<'a>, Vec<&Finding>)> = Vec::new();
        for ratio in shown {
            let key = key(ratio);
            match fits.iter_mut().find(|(known, _)| *known == key) {
                Some((_, ratios)) => ratios.push(ratio),
                None => fits.push((key, vec![ratio])),
            }
        }
        let keys: Vec<Key<'a>> = fits.iter().map(|(key, _)| key.clone()).collect();
        let fits = fits
            .into_iter()
            .map(|(key, ratios)| Fit { heading: heading(&key, &keys), ratios })
            .collect();
        Ok(Self { analysis, fits, left_out: reasons(&others) })
    }

    /// All ratios in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Finding> {
        self.fits.iter().flat_map(|fit| fit.ratios.iter().copied())
    }

    /// Whether its rows are subgroups of patients and not terms of a model.
    pub(crate) fn is_by_subgroup(&self) -> bool {
        self.analysis.kind() == Some("subgroups")
    }
}

impl Fit<'_> {
    /// Its terms in order, each once.
    pub(crate) fn terms(&self) -> Vec<Option<&str>> {
        let mut terms = Vec::new();
        for ratio in &self.ratios {
            if !terms.contains(&ratio.variable.as_deref()) {
                terms.push(ratio.variable.as_deref());
            }
        }
        terms
    }

    /// Whether its ratios are adjusted for each other.
    pub(crate) fn has_several_terms(&self) -> bool {
        let estimates = self.ratios.iter().filter(|ratio| !is_reference(ratio));
        distinct(estimates.filter_map(|ratio| ratio.variable.as_deref())).len() > 1
    }
}

/// Whether a ratio stands beside the one that the settings choose: by another
/// method, or by the same under its name. Rows of references are in every method.
fn is_beside(ratio: &Finding, all: &[&Finding]) -> bool {
    let without_method = |one: &Finding| {
        let parts = one.address.parts.iter();
        parts.filter(|part| !matches!(part, Part::Method(_))).cloned().collect::<Vec<_>>()
    };
    let is_bare = |one: &&&Finding| one.address.method().is_none();
    ratio.role == Role::Alternative
        || (ratio.address.method().is_some()
            && all.iter().filter(is_bare).any(|one| without_method(one) == without_method(ratio)))
}

/// Whether a finding is from a model of one term alone.
pub(crate) fn is_univariable(finding: &Finding) -> bool {
    finding.address.model() == Some(UNIVARIABLE)
}

/// Whether it says how one ratio changes with another term.
pub(crate) fn is_product(ratio: &Finding) -> bool {
    changed_by(ratio).is_some()
}

/// The statistic that changes by it, such as `odds_ratio` by a
/// `ratio_of_odds_ratios`.
fn changed_by(ratio: &Finding) -> Option<&str> {
    ratio.statistic.strip_prefix("ratio_of_")?.strip_suffix('s')
}

fn key(ratio: &Finding) -> Key<'_> {
    let times = ratio.address.times().collect();
    match changed_by(ratio) {
        // A product stands in the fit of the ratios that it multiplies.
        Some(one) => (one, ratio.address.model().filter(|name| *name != "product"), times),
        None => (ratio.statistic.as_str(), ratio.address.model(), times),
    }
}

/// The words of what differs between a fit and the others.
fn heading(own: &Key<'_>, all: &[Key<'_>]) -> String {
    let differs = |part: fn(&Key<'_>) -> String| all.iter().any(|key| part(key) != part(own));
    let mut words = Vec::new();
    let parts: [fn(&Key<'_>) -> String; 3] = [
        |key| key.0.replace('_', " "),
        |key| key.1.unwrap_or_default().replace('_', " "),
        |key| key.2.iter().filter_map(|time| time.time_words()).collect::<Vec<_>>().join(", "),
    ];
    for part in parts {
        // What all fits share is not said, and one fit alone needs no heading.
        if differs(part) && !part(own).is_empty() {
            words.push(part(own));
        }
    }
    capitalised(&words.join(", "))
}

/// Why ratios beside those that were chosen have no row.
fn reasons(others: &[&Finding]) -> Vec<String> {
    let methods = distinct(others.iter().filter_map(|finding| finding.address.method()));
    if methods.is_empty() {
        return Vec::new();
    }
    let methods = methods.iter().map(|method| method.replace('_', "-")).collect::<Vec<_>>();
    vec![format!(
        "The same was estimated in several ways ({}), of which the one that the analysis names \
         first is shown.",
        methods.join(", ")
    )]
}

fn none_of(analysis: Analysis<'_>, has_others: bool, at: &[&str]) -> Mistake {
    let (message, hint) = match has_others {
        true => ("has no models of one term each", "set `also_univariable: true` in that entry"),
        false => (
            "has no ratios",
            "name an entry of a kind that makes ratios, such as `cox_model`, `landmark` or \
             `subgroups`",
        ),
    };
    Mistake::at(at, format!("`{}` {message}", analysis.name)).hint(hint)
}

/// Whether the levels of a term stand under a heading of their own.
pub(crate) fn has_heading(fit: &Fit<'_>, term: Option<&str>) -> bool {
    let of_term = |ratio: &&&Finding| ratio.variable.as_deref() == term;
    term.is_some()
        && fit.ratios.iter().filter(of_term).any(|one| one.level.is_some() || place(one).is_some())
}

/// A term in words: a column, or columns whose product it is.
pub(crate) fn term_label(words: &Words<'_>, term: Option<&str>) -> String {
    match term {
        None => "All patients".to_owned(),
        Some(term) => match words.product_of(term) {
            Some(columns) => {
                let labels: Vec<String> = columns.iter().map(|one| words.variable(one)).collect();
                format!("{} × {}", labels[0], in_sentence(&labels[1..].join(" × ")))
            }
            None => words.per_unit(term),
        },
    }
}

/// What a row under the heading of its term, or a row of its own, is called.
pub(crate) fn row_label(words: &Words<'_>, ratio: &Finding) -> String {
    let level = match (&ratio.variable, &ratio.level, place(ratio)) {
        (Some(term), Some(level), _) => match words.product_of(term) {
            Some(columns) => levels_of_product(words, &columns, ratio),
            None => words.level(term, level),
        },
        // A place on a curve, as the study declares it.
        (Some(_), None, Some(value)) => value.to_string().replace('-', "−"),
        (term, _, _) => term_label(words, term.as_deref()),
    };
    match &ratio.group {
        Some(group) if ratio.variable.is_some() && ratio.level.is_some() => {
            let against = ratio.reference.as_ref();
            match against {
                Some(_) => level,
                None => format!("{level}, {group}"),
            }
        }
        _ => level,
    }
}

/// The levels of a product, each of the first column that has it and has none yet.
fn levels_of_product(words: &Words<'_>, columns: &[String], ratio: &Finding) -> String {
    let mut free: Vec<&String> = columns.iter().collect();
    let mut texts: Vec<String> = Vec::new();
    for part in &ratio.address.parts {
        let Part::Level { value, .. } = part else { continue };
        match free.iter().position(|column| words.has_level(column, value)) {
            // Taken once: both columns may have a level `yes`.
            Some(place) => texts.push(words.level(free.remove(place), value)),
            None => texts.push(value.clone()),
        }
    }
    texts.join(" × ")
}

/// The value that a ratio of a curve is about.
fn place(ratio: &Finding) -> Option<f64> {
    ratio.address.parts.iter().find_map(|part| match part {
        Part::Place(value) => Some(value.0),
        _ => None,
    })
}

/// The p-value of all levels of a term at once, in the model of a ratio.
pub(crate) fn test_of_term<'a>(analysis: &Analysis<'a>, ratio: &Finding) -> Option<&'a Finding> {
    let times: Vec<&Part> = ratio.address.times().collect();
    let about = About {
        // The test of an interaction stands in the entry's own model.
        model: ratio.address.model().filter(|_| !is_product(ratio)),
        test: Some(if is_product(ratio) { "interaction" } else { "term" }),
        times: &times,
        ..About::WHOLE
    };
    let about = About { variable: ratio.variable.as_deref(), ..about };
    analysis.get("p_value", &about)
}

/// The test of whether the ratio differs between the levels of a term.
pub(crate) fn test_of_interaction<'a>(analysis: &Analysis<'a>, term: &str) -> Option<&'a Finding> {
    let about = About { test: Some("interaction"), ..About::variable(term) };
    let of_term = analysis.of_statistic("p_value").filter(|p| about.fits(p));
    // Not Holm's, which stands beside it by another name.
    of_term.into_iter().find(|p| p.address.statistic() == Some("p"))
}

/// What the ratios are in words, where all are the same.
pub(crate) fn statistic_in_words(ratios: &[&Finding]) -> String {
    let of = |wanted: bool| {
        let own = ratios.iter().filter(move |ratio| is_product(ratio) == wanted);
        distinct(own.map(|ratio| ratio.statistic.as_str()))
    };
    match (of(false).as_slice(), of(true).as_slice()) {
        ([one], _) | ([], [one]) => capitalised(&one.replace('_', " ")),
        // Hazards and odds under one heading.
        _ => "Ratio".to_owned(),
    }
}

/// What has to be said of the rows: what they are adjusted for, what products
/// and subgroups are.
pub(crate) fn remarks(ratios: &Ratios<'_>, univariable: bool) -> Vec<String> {
    let mut remarks = Vec::new();
    if ratios.is_by_subgroup() {
        remarks.push(
            "Each ratio is that of the treatment among the patients of the row; p of an \
             interaction tests whether it differs between the rows of a variable, Holm's adjusts it \
             for the number of variables, and no row has a p-value of its own."
                .to_owned(),
        );
    } else if univariable {
        remarks.push("Each variable is in a model of its own.".to_owned());
    } else if !ratios.fits.is_empty() && ratios.fits.iter().all(Fit::has_several_terms) {
        remarks.push("Every ratio is adjusted for all other variables of its model.".to_owned());
    }
    if ratios.all().any(is_product) {
        remarks.push(
            // Said because the ratio of a variable in a model with its product is often read as its
            // effect in all patients.
            "The row of a product (×) is the ratio by which the ratio of the one variable is \
             multiplied per level or unit of the other; the ratios of the variables themselves \
             hold where the other is at its reference, or zero."
                .to_owned(),
        );
    }
    remarks.extend(ratios.left_out.iter().cloned());
    remarks
}

/// What is told of a model that has few events, or few patients without the
/// outcome, for its coefficients. A ratio of a model of one term has none.
pub(crate) fn burden<'a>(analysis: &Analysis<'a>, ratio: &Finding) -> Option<&'a Warning> {
    let about = About { model: ratio.address.model(), ..About::WHOLE };
    let burden =
        analysis.get("events_per_coefficient", &about).filter(|_| !is_univariable(ratio))?;
    let few = [Warning::FewEventsPerCoefficient, Warning::FewWithoutOutcomePerCoefficient];
    burden.warnings.iter().find(|warning| few.contains(warning))
}

/// Patients, events and those left out of the whole analysis, where it counts
/// them.
pub(crate) fn counts_in_words(
    analysis: &Analysis<'_>,
    study: &study::StudySettings,
) -> Option<String> {
    let [n, events, missing] = ["n", "events", "missing"]
        .map(|name| analysis.get(name, &About::WHOLE).map(|one| format::value(one, study)));
    Some(format!(
        "{} patients with {} events; {} left out for a missing value.",
        n?, events?, missing?
    ))
}
