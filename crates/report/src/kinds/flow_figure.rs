//! `flow_figure`: who was screened, left out and analysed, summed from the
//! exclusion rules themselves.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{FlowStep, Output, StudySettings};

use crate::draw::{FlowBox, FlowPlot};
use crate::evidence::{Evidence, Rule};
use crate::exhibit::{FigureWords, announced, glyphs, plot_figure, points, with_fonts};
use crate::format::count;
use crate::kinds::survival_figure::{WITH_CURVES, group_label, relabelled};
use crate::lookup::{Findings, Whom};

/// A flow diagram in the manner of STROBE: the patients screened, those left out by each `exclude`
/// rule with its reason, those analysed, and the groups they are analysed in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// Text of the first box.
    #[serde(default = "default_screened")]
    pub screened: String,
    /// Text of the box of those analysed.
    #[serde(default = "default_analysed")]
    pub analysed: String,
    /// A `kaplan_meier` entry whose groups stand at the end.
    #[serde(default)]
    pub groups: Option<String>,
    /// Groups in other words than the column's, by level, such as `{ "yes": RT, "no": No RT }`.
    #[serde(default)]
    pub labels: Named<String>,
    /// Width in millimetres.
    #[serde(default = "default_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
    /// Height in millimetres; by what the figure holds where it is left out.
    #[serde(default)]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub height_mm: Option<f64>,
}

fn default_screened() -> String {
    "Patients screened".to_owned()
}

fn default_analysed() -> String {
    "Patients analysed".to_owned()
}

fn default_width() -> f64 {
    150.0
}

impl Kind for FlowFigure {
    const NAME: &'static str = "flow_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = vec![Read::Section(Section::Clean)];
        if let Some(groups) = &self.groups {
            reads.push(Read::stage(groups, Section::Analyze, &["groups"]));
        }
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            if let Some(height) = self.height_mm {
                mistakes.note(points(height, "height_mm"));
            }
            mistakes.note(glyphs([self.screened.as_str()], &["screened"]));
            mistakes.note(glyphs([self.analysed.as_str()], &["analysed"]));
            for (level, label) in self.labels.iter() {
                mistakes.note(glyphs([label.as_str()], &["labels", level]));
            }
            let evidence = Evidence::of(call);
            let groups = self.groups.as_ref();
            if let Some(stage) = groups
                // Only kinds with curves hand on groups with their sizes to be drawn.
                && evidence.analysis(stage).kind().is_some_and(|kind| !WITH_CURVES.contains(&kind))
            {
                mistakes.push(no_groups(stage));
            }
            let curves = groups.and_then(|stage| evidence.analysis(stage).figures.curves());
            for (curves, group) in
                curves.iter().flat_map(|one| one.groups.iter().map(move |own| (one, own)))
            {
                let heading = group_label(curves, group);
                // A label of its own was checked above, at its place in the file.
                let heading = self.labels.get(&group.level).is_none().then_some(heading.as_str());
                mistakes.note(glyphs(heading, &["groups"]));
            }
            let steps = call.section(Section::Clean).flat_map(|(_, output)| &output.flow);
            for step in steps {
                mistakes.note(glyphs([step.reason.as_str()], &[]));
            }
            mistakes.or(announced(call, &self.words(&[])))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let steps: Vec<FlowStep> = call
                .section(Section::Clean)
                .flat_map(|(_, output)| output.flow.iter().cloned())
                .collect();
            let plot = self.plot(call, &steps)?;
            plot_figure(call, &plot, &self.words(&steps))
        })
    }
}

fn no_groups(stage: &str) -> Mistake {
    Mistake::at(&["groups"], format!("`{stage}` has no groups of patients"))
        .hint("name an entry of kind `kaplan_meier`")
}

impl FlowFigure {
    fn plot(&self, call: &Call<'_>, steps: &[FlowStep]) -> Result<FlowPlot, Mistakes> {
        let (first, last) = ends(steps)?;
        check_sums(steps)?;
        let (arms, missing) = self.arms(call, last.after)?;
        let excluded: u64 = steps.iter().map(|step| step.excluded).sum();
        let lines = steps.iter().map(|step| (step.reason.clone(), count(step.excluded)));
        let rule = Rule::of(call.study);
        // Nobody without a group: no box, as one with nought would ask for an explanation.
        let left_out = (missing > 0).then(|| FlowBox {
            heading: format!("In no group (n = {})", rule.count(missing)),
            lines: vec![("Group or follow-up unknown".to_owned(), rule.count(missing))],
        });
        Ok(FlowPlot {
            screened: counted(&self.screened, first.before),
            excluded: Some(FlowBox {
                heading: format!("Excluded (n = {})", count(excluded)),
                lines: lines.collect(),
            }),
            analysed: counted(&self.analysed, last.after),
            left_out,
            arms,
            mark: call.study.mark(),
            width: points(self.width_mm, "width_mm")?,
            height: self.height_mm.map(|height| points(height, "height_mm")).transpose()?,
        })
    }

    /// The groups with their patients, and how many are in none.
    fn arms(&self, call: &Call<'_>, analysed: u64) -> Result<(Vec<FlowBox>, u64), Mistakes> {
        let Some(stage) = &self.groups else { return Ok((Vec::new(), 0)) };
        let evidence = Evidence::of(call);
        let analysis = evidence.analysis(stage);
        let Some(curves) = analysis.figures.curves() else {
            return Err(no_groups(stage).into());
        };
        let curves = relabelled(curves, &self.labels)?;
        let grouped: u64 = curves.groups.iter().map(|group| group.n).sum();
        let missing = Findings(analysis.findings).in_group("missing", Whom::Everybody);
        // What the rule keeps back is still the rest of those analysed.
        let hidden = missing.is_some_and(|finding| finding.value.is_none());
        let missing = missing.and_then(|finding| finding.value).map_or(0, |value| value as u64);
        let missing = if hidden { analysed.saturating_sub(grouped) } else { missing };
        // A diagram whose numbers do not add up is the first thing that reviewers look for.
        if grouped + missing != analysed {
            let message = format!(
                "the groups of `{stage}` hold {grouped} patients and {missing} are missing, but {analysed} are analysed"
            );
            return Err(Mistake::at(&["groups"], message)
                .hint("name an analysis of all patients, without `where`")
                .into());
        }
        let boxes = curves.groups.iter().map(|group| {
            let n = evidence.rule().count(group.n);
            FlowBox {
                heading: group_label(&curves, group),
                lines: vec![(format!("n = {n}"), String::new())],
            }
        });
        Ok((boxes.collect(), missing))
    }

    fn words(&self, steps: &[FlowStep]) -> FigureWords {
        let convention = "Exclusions are applied in the order shown, and each patient is counted \
                          under the first that applies.";
        let mut alternative_text = "Flow of patients.".to_owned();
        if let (Some(first), Some(last)) = (steps.first(), steps.last()) {
            let reasons: Vec<String> =
                steps.iter().map(|step| format!("{} ({})", step.reason, step.excluded)).collect();
            alternative_text = format!(
                "Flow of patients: {} screened; excluded: {}; {} analysed.",
                first.before,
                reasons.join(", "),
                last.after
            );
        }
        let mut caption = vec![self.caption.clone().unwrap_or_default(), convention.to_owned()];
        caption.extend(steps.iter().filter_map(left_open));
        let warnings = steps.iter().filter_map(looked_ahead).collect();
        FigureWords { title: self.title.clone(), caption, warnings, alternative_text }
    }
}

/// What the caption says of an exclusion whose condition a missing value leaves open.
fn left_open(step: &FlowStep) -> Option<String> {
    let unknown = step.unknown.as_ref()?;
    let plural = if unknown.rows == 1 { "patient" } else { "patients" };
    let became = unknown.taken_as.words(unknown.rows > 1);
    let reason = &step.reason;
    Some(format!("{reason}: unknown for {} {plural}, {became}.", count(unknown.rows)))
}

/// The warning of an exclusion by what came after time zero.
fn looked_ahead(step: &FlowStep) -> Option<String> {
    let late = step.known_late.join(", ");
    // An exclusion by the future makes everybody who is analysed immortal until then.
    (!late.is_empty()).then(|| {
        format!(
            "`{}` excludes by what becomes known only after time zero ({late}): who is analysed had to live until then",
            step.reason
        )
    })
}

fn counted(text: &str, n: u64) -> FlowBox {
    FlowBox { heading: text.to_owned(), lines: vec![(format!("n = {}", count(n)), String::new())] }
}

fn ends(steps: &[FlowStep]) -> Result<(&FlowStep, &FlowStep), Mistakes> {
    steps.first().zip(steps.last()).ok_or_else(|| {
        Mistake::new("there is no flow of patients to draw")
            .hint("add an entry of kind `exclude` to `clean:`")
            .into()
    })
}

/// Every patient is either left out or goes on.
fn check_sums(steps: &[FlowStep]) -> Result<(), Mistakes> {
    let mut mistakes = Mistakes::default();
    for step in steps {
        if step.after + step.excluded != step.before {
            mistakes.push(Mistake::new(format!(
                "the flow does not add up: `{}` has {} patients, excludes {} and leaves {}",
                step.stage, step.before, step.excluded, step.after
            )));
        }
    }
    // Between two exclusions a rule may drop or add patients, whom no box would show.
    for pair in steps.windows(2) {
        if pair[0].after != pair[1].before {
            let message = format!(
                "the flow does not add up: `{}` leaves {} patients, but `{}` starts from {}",
                pair[0].stage, pair[0].after, pair[1].stage, pair[1].before
            );
            mistakes.push(Mistake::new(message).hint(
                "put what drops or adds patients before the first `exclude`, or make it one",
            ));
        }
    }
    mistakes.or(())
}

#[cfg(test)]
mod tests;
