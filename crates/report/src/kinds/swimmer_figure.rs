//! `swimmer_figure`: a line per patient along time.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Numbers, Output, PatientCourse, PatientCourses, Span, StudySettings, in_sentence};

use crate::analysis::{Analysis, Words};
use crate::draw::{Lane, SwimmerPlot};
use crate::evidence::Evidence;
use crate::exhibit::{
    FigureWords, announced_in_parts, draw_mistake, figure_in_parts, glyphs, points, with_fonts,
};
use crate::format;
use crate::lookup::{About, Whom};
use crate::parameters::full_width;
use crate::single_patients::{check_labels, check_tier, group_label, in_order, printed, whom};
use crate::time_axis::{default_tick, on_axis, title as time_title};

/// A swimmer plot: a line per patient from time zero to the end of follow-up, sorted by its length
/// within groups, with bars of what lasted, marks of what happened, and categories beside it. What
/// it shows is a CSV file beside it. It shows single patients, so `tier: aggregate` refuses it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwimmerFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `patient_courses` entry to draw.
    pub courses: String,
    /// The groups from above, by level; in their declared order where they are left out.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Groups in other words than the column's, by level.
    #[serde(default)]
    pub labels: Named<String>,
    /// What stands over the strips instead of a long label, by column, such as `{ ecog: ECOG }`.
    #[serde(default)]
    pub strip_names: Named<String>,
    /// A bar of the entry: a line runs from time zero to the first day of it, the time that a patient
    /// had to live through before it (immortal time).
    #[serde(default)]
    pub waiting_for: Option<String>,
    /// In how many parts of like length the figure is drawn.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 20))]
    pub parts: usize,
    /// Distance between two ticks of the time axis.
    #[serde(default)]
    pub ticks: Option<Span>,
    /// What the time axis shows.
    #[serde(default)]
    pub x_label: Option<String>,
    /// Whether a line stands at every tick, behind the patients.
    #[serde(default = "yes")]
    pub gridlines: bool,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

impl Kind for SwimmerFigure {
    const NAME: &'static str = "swimmer_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.courses, Section::Analyze, &["courses"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(check_tier(call.study));
            mistakes.note(points(self.width_mm, "width_mm"));
            if self.ticks.is_some_and(|ticks| on_axis(ticks, call.study) < 0.001) {
                let mistake = Mistake::at(&["ticks"], "ticks lie too close together");
                mistakes.push(mistake.hint("give a time above 0"));
            }
            mistakes.note(glyphs([self.x_title(call).as_str()], &["x_label"]));
            let evidence = Evidence::of(call);
            let analysis = mistakes.note(self.analysis(&evidence));
            if let Some(courses) = analysis.and_then(|own| own.figures.get::<PatientCourses>()) {
                mistakes
                    .0
                    .extend(in_order(&courses.groups, &self.groups).err().unwrap_or_default().0);
                mistakes.0.extend(check_labels(&courses.groups, &self.labels));
                mistakes.note(self.waiting(courses));
                mistakes.0.extend(self.unknown_strips(courses));
                let levels = courses.bars.iter().chain(&courses.marks).chain(&courses.groups);
                let strips = courses.strips.iter().flat_map(|strip| &strip.levels);
                let labels = levels.chain(strips).filter(|level| !level.is_any());
                let labels = labels.map(|level| level.label.as_str());
                mistakes.note(glyphs(labels, &["courses"]));
            }
            for (parameter, names) in [("labels", &self.labels), ("strip_names", &self.strip_names)]
            {
                for (name, text) in names.iter() {
                    mistakes.note(glyphs([text.as_str()], &[parameter, name]));
                }
            }
            let words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
            mistakes.or(announced_in_parts(call, self.parts, &words))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            check_tier(call.study)?;
            let evidence = Evidence::of(call);
            let analysis = self.analysis(&evidence)?;
            let courses = drawn(&analysis)?;
            let order = in_order(&courses.groups, &self.groups)?;
            let page = Page { figure: self, call, analysis, courses, order };
            let drawings = page.drawings()?;
            let numbers = Numbers::new(&page.header(), page.rows());
            Ok(figure_in_parts(call, &drawings, numbers, &page.words()))
        })
    }
}

/// The courses of an analysis.
fn drawn<'a>(analysis: &Analysis<'a>) -> Result<&'a PatientCourses, Mistake> {
    analysis.figures.get().ok_or_else(|| {
        Mistake::at(&["courses"], format!("`{}` has no courses of patients", analysis.name))
            .hint("name an entry of kind `patient_courses`")
    })
}

impl SwimmerFigure {
    fn analysis<'a>(&self, evidence: &'a Evidence) -> Result<Analysis<'a>, Mistake> {
        evidence.of_kind(&self.courses, &["patient_courses"], &["courses"])
    }

    fn x_title(&self, call: &Call<'_>) -> String {
        self.x_label.clone().unwrap_or_else(|| time_title(call))
    }

    /// Names of strips that the entry does not have.
    fn unknown_strips(&self, courses: &PatientCourses) -> Vec<Mistake> {
        let known = || courses.strips.iter().map(|strip| strip.column.as_str());
        let unknown = self.strip_names.names().filter(|name| known().all(|own| own != *name));
        let told = unknown.map(|name| {
            let message = format!("`{}` has no strip `{name}`", self.courses);
            Mistake::at(&["strip_names", name], message).hint_nearest(name, known())
        });
        told.collect()
    }

    /// The position of the bar that is waited for, and what its line means.
    fn waiting(&self, courses: &PatientCourses) -> Result<Option<(usize, String)>, Mistake> {
        let Some(name) = &self.waiting_for else { return Ok(None) };
        let known = || courses.bars.iter().map(|bar| bar.value.as_str());
        let found = known().position(|bar| bar == name).ok_or_else(|| {
            Mistake::at(&["waiting_for"], format!("`{}` has no bar `{name}`", self.courses))
                .hint_nearest(name, known())
        })?;
        let label = in_sentence(&courses.bars[found].label);
        Ok(Some((found, format!("Before the first {label} (immortal time)"))))
    }
}

/// A figure with what it is drawn from.
struct Page<'a> {
    figure: &'a SwimmerFigure,
    call: &'a Call<'a>,
    analysis: Analysis<'a>,
    courses: &'a PatientCourses,
    order: Vec<Option<usize>>,
}

impl<'a> Page<'a> {
    /// The patients of a group, the longest followed first.
    fn patients(&self, group: Option<usize>) -> Vec<&'a PatientCourse> {
        let own = self.courses.patients.iter().filter(|course| course.group == group);
        let mut own: Vec<&PatientCourse> = own.collect();
        // Stable, so that patients of equal follow-up keep the order of the table.
        own.sort_by(|one, other| other.end_days.total_cmp(&one.end_days));
        own
    }

    fn label(&self, group: Option<usize>) -> String {
        group_label(&self.courses.groups, group, &self.figure.labels)
    }

    fn whom(&self, group: Option<usize>) -> Whom<'a> {
        whom(&self.courses.groups, group)
    }

    /// The lines of each part.
    fn parts(&self) -> Vec<Vec<Lane<'a>>> {
        // Parts of like length by patients, whatever groups they cut: a part of its own for each
        // group would leave pages half empty.
        let per_part = self.courses.patients.len().div_ceil(self.figure.parts).max(1);
        let mut parts: Vec<Vec<Lane<'a>>> = vec![Vec::new(); self.figure.parts];
        let mut number = 0;
        for group in &self.order {
            let heading = self.heading(*group);
            let mut headed: Option<usize> = None;
            for course in self.patients(*group) {
                let part = &mut parts[number / per_part];
                if headed != Some(number / per_part) {
                    let again = if headed.is_some() { ", continued" } else { "" };
                    part.push(Lane::Heading(format!("{heading}{again}")));
                    headed = Some(number / per_part);
                }
                number += 1;
                part.push(Lane::Patient(number, course));
            }
        }
        parts
    }

    fn heading(&self, group: Option<usize>) -> String {
        let print = |name| printed(&self.analysis, name, self.whom(group), self.call.study);
        format!("{}: n = {}, events {}", self.label(group), print("n"), print("events"))
    }

    fn drawings(&self) -> Result<Vec<crate::draw::Drawing>, Mistakes> {
        let (study, figure) = (self.call.study, self.figure);
        let longest = self.courses.patients.iter().map(|one| one.end_days).fold(0.0, f64::max);
        let longest = longest / study.days_per_time_unit();
        let tick = figure
            .ticks
            .map_or_else(|| default_tick(study.time_unit, longest), |ticks| on_axis(ticks, study));
        let labels = |levels: &[study::Level]| -> Vec<String> {
            levels.iter().map(|level| level.label.clone()).collect()
        };
        let plot = SwimmerPlot {
            lanes: Vec::new(),
            bars: labels(&self.courses.bars),
            marks: labels(&self.courses.marks),
            strips: &self.courses.strips,
            strip_names: (self.courses.strips.iter())
                .map(|strip| figure.strip_names.get(&strip.column).cloned())
                .collect(),
            waiting: figure.waiting(self.courses)?,
            follow_up: format!("Follow-up ({})", in_sentence(&self.courses.endpoint_label)),
            days_per_unit: study.days_per_time_unit(),
            tick,
            // A follow-up that ends right at a tick does not ask for another one, whatever its last
            // bit.
            end: tick * (longest / tick - 1e-9).ceil().max(1.0),
            x_label: figure.x_title(self.call),
            gridlines: figure.gridlines,
            mark: study.mark(),
            width: points(figure.width_mm, "width_mm")?,
        };
        let drawn =
            self.parts().into_iter().map(|lanes| SwimmerPlot { lanes, ..plot.clone() }.draw());
        let drawn = drawn.collect::<Result<Vec<_>, _>>();
        drawn.map_err(|error| Mistakes::from(draw_mistake(&error)))
    }

    fn words(&self) -> FigureWords {
        let endpoint = in_sentence(&self.courses.endpoint_label);
        let mut caption = vec![
            self.figure.caption.clone().unwrap_or_default(),
            format!(
                "A line is a patient, followed until {endpoint} or the end of follow-up for it; lines are \
                 sorted by their length within groups and numbered as in the file of the figure. \
                 Events are those of {endpoint}."
            ),
        ];
        if !self.courses.strips.is_empty() {
            caption.push("A line through a square stands for a missing value.".to_owned());
        }
        let unknown = |place: usize| {
            let mut bars = self.courses.patients.iter().flat_map(|course| &course.bars);
            bars.any(|bar| bar.bar == place && bar.to_days.is_none())
        };
        let bars = self.courses.bars.iter().enumerate().filter(|(place, _)| unknown(*place));
        caption.extend(bars.map(|(_, bar)| {
            format!("{} whose last day is unknown is drawn on its first day alone.", bar.label)
        }));
        caption.extend(crate::exhibit::population(
            &Words::of(self.call, None),
            self.analysis.findings,
        ));
        FigureWords {
            title: self.figure.title.clone(),
            caption,
            warnings: Vec::new(),
            alternative_text: self.alternative_text(),
        }
    }

    /// Each group with its patients, events, and how many have which bar or mark.
    fn alternative_text(&self) -> String {
        let study = self.call.study;
        let told = self.order.iter().map(|group| {
            let parts = self.courses.bars.iter().chain(&self.courses.marks);
            let counted = parts.filter_map(|level| {
                let about = About { outcome: Some(&level.value), ..About::whom(self.whom(*group)) };
                let count = self.analysis.get("patients_with", &about)?;
                let first = self.analysis.get("median_first_day", &about);
                // Nobody had it, or it is kept back: a median of nothing is not told.
                let first = first.filter(|first| first.value.is_some()).map(|first| {
                    format!(
                        " (first after {} {}, median)",
                        format::value(first, study),
                        study.time_unit.word()
                    )
                });
                let count = format::value(count, study);
                Some(format!(
                    "{} in {count}{}",
                    in_sentence(&level.label),
                    first.unwrap_or_default()
                ))
            });
            format!("{}: {}.", self.heading(*group), counted.collect::<Vec<_>>().join(", "))
        });
        format!("Courses of single patients. {}", told.collect::<Vec<_>>().join(" "))
    }

    fn has_names(&self) -> bool {
        self.courses.patients.iter().any(|course| !course.patient.is_empty())
    }

    fn header(&self) -> Vec<&str> {
        let name = self.has_names().then_some("patient");
        let strips = self.courses.strips.iter().map(|strip| strip.label.as_str());
        let rest = ["what", "name", "from_days", "to_days", "goes_on"];
        ["line"].into_iter().chain(name).chain(["group"]).chain(strips).chain(rest).collect()
    }

    /// Of each line its follow-up, bars and marks.
    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let sorted = self.order.iter().flat_map(|group| self.patients(*group));
        for (place, course) in sorted.enumerate() {
            let mut known = vec![(place + 1).to_string()];
            known.extend(self.has_names().then(|| course.patient.clone()));
            known.push(course.group.map_or_else(
                || "all".to_owned(),
                |group| self.courses.groups[group].value.clone(),
            ));
            known.extend(self.courses.strips.iter().zip(&course.strips).map(|(strip, level)| {
                level.map(|level| strip.levels[level].value.clone()).unwrap_or_default()
            }));
            let mut push = |what: &str, name: &str, days: [Option<f64>; 2], goes_on: &str| {
                let days = days.map(|days| days.map(format::exact).unwrap_or_default());
                let cells = [
                    what.to_owned(),
                    name.to_owned(),
                    days[0].clone(),
                    days[1].clone(),
                    goes_on.to_owned(),
                ];
                rows.push([known.clone(), cells.to_vec()].concat());
            };
            let ended = if course.event { "event" } else { "no event" };
            // Every patient has at least this row, so that the file holds as many as the figure.
            push("follow-up", ended, [Some(0.0), Some(course.end_days)], "");
            for bar in &course.bars {
                let goes_on = if bar.goes_on { "yes" } else { "no" };
                let name = &self.courses.bars[bar.bar].value;
                push("bar", name, [Some(bar.from_days), bar.to_days], goes_on);
            }
            for mark in &course.marks {
                push("mark", &self.courses.marks[mark.mark].value, [Some(mark.days), None], "");
            }
        }
        rows
    }
}
