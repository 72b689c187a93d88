//! `missing_figure`: which values are missing together.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, MissingPatterns, Numbers, Output, StudySettings, in_sentence};

use crate::analysis::{Analysis, Words};
use crate::draw::{Counted, MissingPlot};
use crate::evidence::Evidence;
use crate::exhibit::{
    FigureWords, announced, draw_mistake, figure, glyphs, points, population, with_fonts,
};
use crate::format;
use crate::lookup::{self, About};
use crate::parameters::full_width;
use crate::single_patients::{check_labels, group_label, in_order, printed, whom};

/// Missing values: a column per pattern, which is a set of variables that are missing together, and a
/// row per variable; over the columns the patients of each pattern and beside the rows those without
/// the value, by group. What it shows is a CSV file beside it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `missing_values` entry to draw.
    pub missing: String,
    /// The groups in their order, by level; in their declared order where they are left out.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Groups in other words than the column's, by level.
    #[serde(default)]
    pub labels: Named<String>,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

impl Kind for MissingFigure {
    const NAME: &'static str = "missing_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.missing, Section::Analyze, &["missing"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            let evidence = Evidence::of(call);
            let analysis = mistakes.note(self.analysis(&evidence));
            if let Some(drawn) = analysis.and_then(|own| own.figures.get::<MissingPatterns>()) {
                mistakes
                    .0
                    .extend(in_order(&drawn.groups, &self.groups).err().unwrap_or_default().0);
                mistakes.0.extend(check_labels(&drawn.groups, &self.labels));
                let levels = drawn.variables.iter().chain(&drawn.groups);
                let labels = levels.filter(|level| !level.is_any());
                mistakes.note(glyphs(labels.map(|level| level.label.as_str()), &["missing"]));
            }
            for (level, label) in self.labels.iter() {
                mistakes.note(glyphs([label.as_str()], &["labels", level]));
            }
            let words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
            mistakes.or(announced(call, &words))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let analysis = self.analysis(&evidence)?;
            let drawn: &MissingPatterns = analysis.figures.get().ok_or_else(|| {
                Mistake::at(&["missing"], format!("`{}` has no patterns", analysis.name))
                    .hint("name an entry of kind `missing_values`")
            })?;
            let order = in_order(&drawn.groups, &self.groups)?;
            let (words, study) = (Words::of(call, None), call.study);
            let page = Page { figure: self, study, words, analysis, drawn, order };
            let plot = page.plot()?;
            let drawing = plot.draw().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
            let (header, rows) = page.data();
            Ok(figure(call, &drawing, Numbers { header, rows }, &page.words(&plot)))
        })
    }
}

impl MissingFigure {
    fn analysis<'a>(&self, evidence: &'a Evidence) -> Result<Analysis<'a>, Mistake> {
        evidence.of_kind(&self.missing, &["missing_values"], &["missing"])
    }
}

/// A figure with what it is drawn from.
struct Page<'a> {
    figure: &'a MissingFigure,
    study: &'a StudySettings,
    words: Words<'a>,
    analysis: Analysis<'a>,
    drawn: &'a MissingPatterns,
    order: Vec<Option<usize>>,
}

impl<'a> Page<'a> {
    fn count(&self, variable: &str, level: &str, group: Option<usize>) -> Option<&'a Finding> {
        let whom = Some(whom(&self.drawn.groups, group));
        let about = About { level: Some(level), whom, ..About::variable(variable) };
        self.analysis.get("count", &about)
    }

    fn counted(&self, variable: &str, level: &str) -> Counted {
        let number = |group: &Option<usize>| {
            let value = self.count(variable, level, *group).and_then(|count| count.value);
            value.map(|value| value.round() as u64)
        };
        // The sum is a finding too, and not added up here: groups that are kept back would make it
        // wrong.
        let all = self.count(variable, level, None);
        let text = all.map_or_else(String::new, |count| format::value(count, self.study));
        Counted { groups: self.order.iter().map(number).collect(), text }
    }

    fn plot(&self) -> Result<MissingPlot, Mistakes> {
        let variables = self.drawn.variables.iter();
        let variables = variables.map(|own| {
            let counted = self.counted(&own.value, "missing");
            // Bars show how groups divide, but not to the patient. Numbers in brackets do.
            let text = format!("{}{}", counted.text, self.by_group(&own.value));
            (own.label.clone(), Counted { text, ..counted })
        });
        let patterns = self.drawn.patterns.iter();
        let patterns =
            patterns.map(|own| (own.missing.clone(), self.counted("pattern", &own.level)));
        let group = |group: &Option<usize>| {
            let label = group_label(&self.drawn.groups, *group, &self.figure.labels);
            let n = printed(&self.analysis, "n", whom(&self.drawn.groups, *group), self.study);
            format!("{label} (n = {n})")
        };
        Ok(MissingPlot {
            variables: variables.collect(),
            patterns: patterns.collect(),
            together: self.together(),
            groups: self.order.iter().map(group).collect(),
            mark: self.study.mark(),
            width: points(self.figure.width_mm, "width_mm")?,
        })
    }

    /// The patients of each group without a value, in brackets.
    fn by_group(&self, variable: &str) -> String {
        let groups = self.order.iter().flatten().filter_map(|group| {
            let count = self.count(variable, "missing", Some(*group))?;
            Some(format::value(count, self.study))
        });
        let groups: Vec<String> = groups.collect();
        if groups.is_empty() { String::new() } else { format!(" ({})", groups.join(" + ")) }
    }

    /// What the rare patterns that stand together are called.
    fn together(&self) -> String {
        let together = self.drawn.patterns.iter().find(|own| own.missing.is_empty());
        together.map_or_else(String::new, |own| format!("{} other patterns", own.together))
    }

    fn words(&self, plot: &MissingPlot) -> FigureWords {
        let told = plot
            .variables
            .iter()
            .map(|(label, counted)| format!("{} in {}", in_sentence(label), counted.text));
        let patterns = plot.patterns.iter().map(|(missing, counted)| {
            let names = plot.variables.iter().zip(missing).filter(|(_, missing)| **missing);
            let names: Vec<String> = names.map(|((label, _), _)| in_sentence(label)).collect();
            let names = match (missing.is_empty(), names.is_empty()) {
                (true, _) => plot.together.clone(),
                // A screen reader says what an empty column shows.
                (false, true) => "nothing".to_owned(),
                (false, false) => names.join(" and "),
            };
            format!("{names} in {}", counted.text)
        });
        let convention = "A column is a set of variables that are missing together in the patients \
                          counted over it. Bars are divided by group, \
                          numbers in brackets stand in the order of the groups.";
        let mut caption =
            vec![self.figure.caption.clone().unwrap_or_default(), convention.to_owned()];
        if plot.variables.iter().any(|(_, counted)| counted.groups.contains(&None))
            || plot.patterns.iter().any(|(_, counted)| counted.groups.contains(&None))
        {
            caption.push("A number that is kept back has no bar.".to_owned());
        }
        caption.extend(population(&self.words, self.analysis.findings));
        FigureWords {
            title: self.figure.title.clone(),
            caption,
            warnings: lookup::warnings(self.analysis.findings),
            alternative_text: format!(
                "Patients without a value of {}. Missing together: {}.",
                told.collect::<Vec<_>>().join(", "),
                patterns.collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// A row for each variable and each pattern.
    fn data(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let groups =
            self.order.iter().flatten().map(|group| self.drawn.groups[*group].value.clone());
        let header = ["what".to_owned(), "name".to_owned()].into_iter().chain(groups);
        let columns: Vec<Option<usize>> =
            // Everybody once, at the end, also where the figure shows no groups.
            self.order.iter().copied().filter(Option::is_some).chain([None]).collect();
        let row = |what: &str, variable: &str, level: &str, name: &str| {
            let cells = columns.iter().map(|group| {
                let count = self.count(variable, level, *group);
                count.map_or_else(String::new, |count| format::value(count, self.study))
            });
            [what.to_owned(), name.to_owned()].into_iter().chain(cells).collect()
        };
        let variables = self.drawn.variables.iter();
        let variables = variables.map(|own| row("variable", &own.value, "missing", &own.value));
        let patterns = self.drawn.patterns.iter();
        let patterns = patterns.map(|own| row("pattern", "pattern", &own.level, &own.level));
        (header.chain(["all".to_owned()]).collect(), variables.chain(patterns).collect())
    }
}
