//! `model_table`: the ratios of models.

mod rows;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Procedure, StudySettings};

use crate::analysis::{Analysis, Words};
use crate::condition::Condition;
use crate::evidence::Evidence;
use crate::exhibit::sentence;
use crate::lookup::{About, is_reference};
use crate::ratios::{Fit, Ratios, burden, remarks, statistic_in_words};
use crate::table::{Column, PrintedTable, Row, Span, announced, finish};
use crate::{format, parameters};

/// A table of the ratios of any analyses that make them (Cox, cause-specific,
/// Fine-Gray, time-dependent, landmark, pooled, weighted, parametric and logistic
/// models, subgroups): for each term, level or product of terms the patients, the
/// events, the ratio with its confidence interval and the p-value. Under it
/// stand each model's patients, events per coefficient and concordance.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelTable {
    /// Title of the table; `Prognostic factors` and what kind of models they are unless declared.
    #[serde(default)]
    pub title: Option<String>,
    /// The entries it prints, one part of the table each.
    pub models: Vec<String>,
    /// Entries that are printed only where a finding asks for them, such as a model with Firth's
    /// penalty where a coefficient of another may be infinite:
    /// `{ when: { finding: os_model.hazard_ratio.*, not_estimable: true }, models: [os_firth] }`.
    #[serde(default)]
    pub also_when: Vec<ModelsWhen>,
    /// Entries by names of their own, which stand over their parts, such as
    /// `{ pfs_prognosis: Progression-free survival }`; else the endpoint.
    #[serde(default)]
    pub names: Named<String>,
    /// Which of their models are shown.
    #[serde(default)]
    pub show: Shown,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

/// Models with the condition on which they are shown.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelsWhen {
    /// The condition.
    pub when: Condition,
    /// The entries, as in `models`.
    pub models: Vec<String>,
}

/// Which models of an entry are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The models of one term each; needs `also_univariable: true`.
    Univariable,
    /// The model of all terms.
    #[default]
    Multivariable,
    /// The one beside the other; needs `also_univariable: true`.
    Both,
}

/// One way in which an entry fits its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    univariable: bool,
    key: &'static str,
    label: &'static str,
}

const UNIVARIABLE: Way = Way { univariable: true, key: "univariable", label: "Univariable" };
const MULTIVARIABLE: Way = Way { univariable: false, key: "multivariable", label: "Multivariable" };

impl Shown {
    fn ways(self) -> &'static [Way] {
        match self {
            Self::Univariable => &[UNIVARIABLE],
            Self::Multivariable => &[MULTIVARIABLE],
            Self::Both => &[UNIVARIABLE, MULTIVARIABLE],
        }
    }
}

/// An entry with its ratios, a column of the table for each way.
struct Entry<'a> {
    analysis: Analysis<'a>,
    columns: Vec<Ratios<'a>>,
}

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
    ways: &'static [Way],
    names: &'a Named<String>,
}

impl Kind for ModelTable {
    const NAME: &'static str = "model_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = parameters::list_reads(study, &self.models, "models");
        for (place, one) in self.also_when.iter().enumerate() {
            let place = place.to_string();
            reads.push(one.when.read(&["also_when", &place, "when"]));
            for (number, name) in one.models.iter().enumerate() {
                let at = ["also_when", &place, "models", &number.to_string()];
                reads.push(Read::stage(name, Section::Analyze, &at));
            }
        }
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        if let Err(found) = parameters::check_list(&self.models, "models", "cox_model") {
            mistakes.0.extend(found.0);
        }
        mistakes.0.extend(parameters::unknown_names(&self.names, &self.all_models()));
        let evidence = Evidence::of(call);
        let entries = match self.entries(&evidence) {
            Ok(entries) => entries,
            Err(found) => {
                mistakes.0.extend(found.0);
                Vec::new()
            }
        };
        mistakes.or(announced(call, &self.title(&entries)))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let entries = self.entries(&evidence)?;
        let words = Words::of(call, None);
        let page = Page { words, study: call.study, ways: self.show.ways(), names: &self.names };
        let title = self.title(&entries);
        Ok(finish(call, &title, self.note.as_deref(), page.table(&entries)))
    }
}

impl ModelTable {
    fn entries<'a>(&self, evidence: &'a Evidence) -> Result<Vec<Entry<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut entries = Vec::new();
        for (place, name) in self.models.iter().enumerate() {
            let at = ["models", &place.to_string()];
            entries.push(self.entry(evidence, (name, &at), &mut mistakes));
        }
        for (place, one) in self.also_when.iter().enumerate() {
            let place = place.to_string();
            if let Err(wrong) = one.when.check(evidence, &["also_when", &place, "when"]) {
                mistakes.0.extend(wrong.0);
            }
            // read whether they are shown or not, so that what is wrong with them is
            // told before the data decide
            let is_shown = one.when.holds(evidence);
            for (number, name) in one.models.iter().enumerate() {
                let at = ["also_when", &place, "models", &number.to_string()];
                let entry = self.entry(evidence, (name, &at), &mut mistakes);
                entries.extend(is_shown.then_some(entry));
            }
        }
        mistakes.or(entries)
    }

    fn entry<'a>(
        &self,
        evidence: &'a Evidence,
        (name, at): (&str, &[&str]),
        mistakes: &mut Mistakes,
    ) -> Entry<'a> {
        let analysis = evidence.analysis(name);
        let columns = self.show.ways().iter().map(|way| {
            let ratios = Ratios::of(analysis, way.univariable, at);
            ratios.map_err(|mistake| self.hinted(mistake, *way))
        });
        let columns = columns.filter_map(|column| mistakes.note(column)).collect();
        Entry { analysis, columns }
    }

    /// The entries that can be printed.
    fn all_models(&self) -> Vec<String> {
        let when = self.also_when.iter().flat_map(|one| &one.models);
        self.models.iter().chain(when).cloned().collect()
    }

    /// The title, which names the regression where all models are of one that
    /// such tables are known by.
    fn title(&self, entries: &[Entry<'_>]) -> String {
        let all = |procedure: &Procedure| {
            let mut estimates = shown(entries).filter(|ratio| !is_reference(ratio)).peekable();
            estimates.peek().is_some() && estimates.all(|one| one.method.procedure == *procedure)
        };
        let what = match () {
            // Only where it is true of every ratio: a weighted or a parametric model under that
            // title would be misnamed.
            () if all(&Procedure::Cox) => " (Cox regression)",
            () if all(&Procedure::Logistic) => " (logistic regression)",
            () => "",
        };
        self.title.clone().unwrap_or_else(|| format!("Prognostic factors{what}"))
    }

    fn hinted(&self, mistake: Mistake, way: Way) -> Mistake {
        match mistake.hint.as_deref() {
            Some(hint) if way.univariable && hint.contains("also_univariable") => {
                // Here there are two ways out. The figure, whose hint this was, has one.
                mistake.hint("set `also_univariable: true` there, or `show: multivariable` here")
            }
            _ => mistake,
        }
    }
}

impl Page<'_> {
    fn table(&self, entries: &[Entry<'_>]) -> PrintedTable {
        let level = format::interval_name(self.study.confidence_level);
        let all: Vec<&Finding> = shown(entries).collect();
        let ratio = format!("{} ({level})", statistic_in_words(&all));
        let both = self.ways.len() > 1;
        let mut columns = vec![Column::words("term", "")];
        let mut spans = vec![Span { label: String::new(), width: 1 }];
        for (place, way) in self.ways.iter().enumerate() {
            let key =
                |name: &str| if both { format!("{}_{name}", way.key) } else { name.to_owned() };
            let before = columns.len();
            // Counts stand once, those of the first way. The patients of the whole model are told
            // under the table.
            if place == 0 {
                columns.push(Column::numbers(&key("n"), "Patients"));
                columns.push(Column::numbers(&key("events"), "Events"));
            }
            columns.push(Column::numbers(&key(self.ratio_key(&all)), &ratio));
            columns.push(Column::numbers(&key("p"), "p"));
            spans.push(Span { label: way.label.to_owned(), width: columns.len() - before });
        }
        let mut table = PrintedTable::of(columns);
        if both {
            table.spans = spans;
        }
        for entry in entries {
            table.rows.push(Row::section(&self.heading(entry, entries)));
            self.rows(&mut table, entry);
        }
        self.notes(&mut table, entries);
        table
    }

    /// The statistic as the name of a column: of all rows the same, or `ratio`.
    fn ratio_key<'f>(&self, all: &[&'f Finding]) -> &'f str {
        let own: Vec<&str> = crate::analysis::distinct(
            all.iter()
                // A product is a ratio of ratios, and its column is still that of the ratios.
                .filter(|ratio| !crate::ratios::is_product(ratio))
                .map(|ratio| ratio.statistic.as_str()),
        );
        match own.as_slice() {
            [one] => one,
            _ => "ratio",
        }
    }

    /// What an entry is about; its name too, where others are about the same.
    fn heading(&self, entry: &Entry<'_>, entries: &[Entry<'_>]) -> String {
        if let Some(name) = self.names.get(entry.analysis.name) {
            return name.clone();
        }
        let subject = self.words.subject(&entry.analysis);
        let same = |other: &&Entry<'_>| self.words.subject(&other.analysis) == subject;
        match entries.iter().filter(same).count() {
            0 | 1 => subject,
            // Two models of one endpoint would have the same heading.
            _ => format!("{subject} ({})", entry.analysis.name.replace('_', " ")),
        }
    }

    fn notes(&self, table: &mut PrintedTable, entries: &[Entry<'_>]) {
        for (place, way) in self.ways.iter().enumerate() {
            for entry in entries {
                let Some(ratios) = entry.columns.get(place) else { continue };
                if !way.univariable && !ratios.is_by_subgroup() {
                    table.note(self.model_in_words(entry, ratios, entries));
                }
                for remark in remarks(ratios, way.univariable) {
                    // With one way of fitting, its table says what it is adjusted for.
                    table.note(remark);
                }
            }
        }
        let estimates = || shown(entries).filter(|finding| !is_reference(finding));
        for method in crate::words::words_of(estimates()) {
            table.note(sentence(&method));
        }
        if estimates().any(|finding| finding.value.is_none()) {
            table.note(format!("{}, could not be estimated.", format::NOT_ESTIMABLE));
        }
        if shown(entries).any(|finding| finding.n == Some(0)) {
            table.note("Levels that no patient of the model has are left out.");
        }
        table.tell_populations(&self.words, shown(entries));
        // Why a number is missing stands as a footnote at its cell.
        table.warn(estimates().filter(|finding| finding.value.is_some()));
        for entry in entries {
            let own = entry.columns.iter().flat_map(Ratios::all);
            if let Some(few) = own.filter_map(|ratio| burden(&entry.analysis, ratio)).next() {
                let heading = self.heading(entry, entries);
                table.warnings.push(format!("{heading}: {}", crate::words::warning(few)));
            }
        }
    }

    /// Patients, events per coefficient, concordance and the test of a model.
    fn model_in_words(
        &self,
        entry: &Entry<'_>,
        ratios: &Ratios<'_>,
        entries: &[Entry<'_>],
    ) -> String {
        let analysis = &entry.analysis;
        let whole = |name: &str| analysis.get(name, &About::WHOLE);
        let value = |name: &str| whole(name).map(|finding| format::value(finding, self.study));
        let mut parts = Vec::new();
        if let (Some(n), Some(events)) = (value("n"), value("events")) {
            parts.push(format!("{n} patients with {events} events"));
        }
        // Compared as printed: a count that is kept back is told as such.
        if let Some(missing) = value("missing").filter(|missing| missing != "0") {
            parts.push(format!("{missing} left out for missing values"));
        }
        let burden = whole("events_per_coefficient");
        if let Some(ratio) = burden.and_then(|f| f.value) {
            parts.push(format!("{} events per coefficient", format::number(ratio, 1)));
        }
        // Of Cox models it is called the one, of logistic ones the other.
        for (name, words) in [("concordance", "concordance"), ("c_statistic", "C statistic")] {
            if let Some(concordance) = whole(name).and_then(|f| f.value) {
                parts.push(format!("{words} {}", format::number(concordance, 2)));
            }
        }
        let about = About { test: Some("likelihood_ratio"), ..About::WHOLE };
        if let Some(p) = analysis.get("p_value", &about).and_then(|f| f.value) {
            let statement = format::p_statement(p, format::PValueStyle::Rounded);
            parts.push(format!("likelihood-ratio test {statement}"));
        }
        if parts.is_empty() {
            return String::new();
        }
        let model = match ratios.fits.iter().any(Fit::has_several_terms) {
            true => "multivariable model",
            false => "model",
        };
        format!("{}, {model}: {}.", self.heading(entry, entries), parts.join(", "))
    }
}

/// All ratios that the table prints.
fn shown<'a>(entries: &'a [Entry<'_>]) -> impl Iterator<Item = &'a Finding> {
    entries.iter().flat_map(|entry| &entry.columns).flat_map(Ratios::all)
}

#[cfg(test)]
mod tests;
