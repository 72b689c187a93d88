//! `imputed_figure`: known values beside those that were imputed.

use engine::{Call, Kind, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Numbers, Output, StudySettings};

use crate::analysis::{Analysis, Words, distinct};
use crate::draw::{ImputedBlock, ImputedPlot, ImputedRow};
use crate::evidence::Evidence;
use crate::exhibit::{
    FigureWords, announced, draw_mistake, figure, points, population, with_fonts,
};
use crate::format;
use crate::lookup;
use crate::parameters::full_width;

/// Known values beside those that were imputed, over all completed data sets: of numbers a box from
/// quartile to quartile with the median in it and whiskers to the 5th and 95th percentile, of categories
/// the shares of levels. What it shows is a CSV file beside it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImputedFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `multiple_imputation` entry to draw.
    pub imputations: String,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

impl Kind for ImputedFigure {
    const NAME: &'static str = "imputed_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.imputations, Section::Analyze, &["imputations"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            let evidence = Evidence::of(call);
            let kinds = ["multiple_imputation"];
            mistakes.note(evidence.of_kind(&self.imputations, &kinds, &["imputations"]).map(drop));
            let words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
            mistakes.or(announced(call, &words))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let kinds = ["multiple_imputation"];
            let analysis = evidence.of_kind(&self.imputations, &kinds, &["imputations"])?;
            let page = Page { analysis, words: Words::of(call, None), study: call.study };
            let plot = ImputedPlot {
                blocks: page.blocks(),
                mark: call.study.mark(),
                width: points(self.width_mm, "width_mm")?,
            };
            let drawing = plot.draw().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
            let header = ["variable", "level", "values", "n", "statistic", "value"];
            let numbers = Numbers::new(&header, page.rows());
            Ok(figure(call, &drawing, numbers, &self.words(&page, &plot)))
        })
    }
}

impl ImputedFigure {
    fn words(&self, page: &Page<'_>, plot: &ImputedPlot) -> FigureWords {
        let convention = "A box reaches from the lower to the upper quartile, with the median in it, and its \
                          whiskers from the 5th to the 95th percentile; bars are shares. Imputed values are \
                          those of all completed data sets; n counts the patients. Beside them: median \
                          (quartiles), or the share.";
        let told = plot.blocks.iter().map(|block| {
            let rows = block.rows.iter().map(|row| format!("{}, {}", row.label, row.text));
            format!("{}: {}.", block.label, rows.collect::<Vec<_>>().join("; "))
        });
        let caption = [self.caption.clone().unwrap_or_default(), convention.to_owned()];
        FigureWords {
            title: self.title.clone(),
            caption: caption
                .into_iter()
                .chain(population(&page.words, page.analysis.findings))
                .collect(),
            warnings: lookup::warnings(page.drawn()),
            alternative_text: told.collect::<Vec<_>>().join(" "),
        }
    }
}

const GROUPS: [(&str, &str); 2] = [("observed", "Known"), ("imputed", "Imputed")];

struct Page<'a> {
    analysis: Analysis<'a>,
    words: Words<'a>,
    study: &'a StudySettings,
}

impl<'a> Page<'a> {
    /// The findings that are drawn.
    fn drawn(&self) -> impl Iterator<Item = &'a Finding> {
        let is_drawn = |finding: &&Finding| {
            ["quantile", "proportion"].contains(&finding.statistic.as_str())
                && finding.group.is_some()
        };
        self.analysis.findings.iter().filter(is_drawn)
    }

    /// The variables, and of categories each level.
    fn about(&self) -> Vec<(&'a str, Option<&'a str>)> {
        let mut all = Vec::new();
        for variable in distinct(self.drawn().filter_map(|finding| finding.variable.as_deref())) {
            let own = self.drawn().filter(|finding| finding.variable.as_deref() == Some(variable));
            let levels = distinct(own.filter_map(|finding| finding.level.as_deref()));
            match levels.is_empty() {
                true => all.push((variable, None)),
                false => all.extend(levels.into_iter().map(|level| (variable, Some(level)))),
            }
        }
        all
    }

    fn of(&self, (variable, level): (&str, Option<&str>), group: &str) -> Vec<&'a Finding> {
        let fits = |finding: &&Finding| {
            finding.variable.as_deref() == Some(variable)
                && finding.level.as_deref() == level
                && finding.group.as_deref() == Some(group)
        };
        self.drawn().filter(fits).collect()
    }

    fn blocks(&self) -> Vec<ImputedBlock> {
        let block = |about: (&'a str, Option<&'a str>)| {
            let rows = GROUPS.iter().map(|(group, word)| self.row(about, group, word));
            let label = match about.1 {
                None => self.words.with_unit(about.0),
                Some(level) => {
                    format!(
                        "{}: {}",
                        self.words.variable(about.0),
                        self.words.level(about.0, level)
                    )
                }
            };
            ImputedBlock {
                label,
                rows: rows.collect(),
                is_share: about.1.is_some(),
                is_whole: self.is_whole(about),
            }
        };
        self.about().into_iter().map(block).collect()
    }

    /// Whether numbers of a variable are printed whole, but for halves between two of them.
    fn is_whole(&self, about: (&str, Option<&str>)) -> bool {
        let mut own = GROUPS.iter().flat_map(|(group, _)| self.of(about, group));
        own.any(|one| one.decimals == Some(0))
    }

    fn row(&self, about: (&str, Option<&str>), group: &str, word: &str) -> ImputedRow {
        let own = self.of(about, group);
        // Every quantile carries the patients of its group, so that the first will do.
        let n =
            own.first().and_then(|first| format::counted(first, study::Withheld::N, self.study));
        let printed: Vec<String> = own.iter().map(|one| format::value(one, self.study)).collect();
        let text = match printed.as_slice() {
            // Five quantiles, of which the outer two are drawn and not printed.
            [_, lower, median, upper, _] => {
                format!("{median} ({})", format::interval(lower, upper))
            }
            printed => printed.join(", "),
        };
        // All or none: a box with one quantile missing could not be drawn.
        let values: Option<Vec<f64>> = own.iter().map(|one| one.value).collect();
        ImputedRow {
            label: format!("{word}, n = {}", n.unwrap_or_default()),
            values: values.unwrap_or_default(),
            text,
        }
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (variable, level) in self.about() {
            for (group, _) in GROUPS {
                for finding in self.of((variable, level), group) {
                    let n = format::counted(finding, study::Withheld::N, self.study);
                    let place = finding.address.parts.iter().find_map(|part| match part {
                        // `quantile_5` names one of five rows that differ in nothing else.
                        study::Part::Place(place) => Some(format!("_{}", format::exact(place.0))),
                        _ => None,
                    });
                    rows.push(vec![
                        variable.to_owned(),
                        level.unwrap_or_default().to_owned(),
                        group.to_owned(),
                        n.unwrap_or_default(),
                        format!("{}{}", finding.statistic, place.unwrap_or_default()),
                        finding.value.map(format::exact).unwrap_or_default(),
                    ]);
                }
            }
        }
        rows
    }
}
