//! `survival_figure`: Kaplan-Meier curves in the manner of KMunicate.

mod found;
mod statements;
mod words;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, GroupCurve, Output, Procedure, Span, State, StudySettings, SurvivalCurves};

use self::found::Found;
pub(crate) use self::found::WITH_CURVES;
use crate::analysis::Analysis;
use crate::condition::Condition;
use crate::draw::{ArmText, Shade, SurvivalPlot};
use crate::evidence::Evidence;
use crate::exhibit::{announced, glyphs, plot_figure, points, with_fonts};
use crate::format;
use crate::parameters::full_width;
use crate::time_axis::{self, TimeAxis};

/// Survival curves with confidence bands, the medians, the hazard ratio and the test, and under the
/// axis the patients at risk, censored and with an event at every tick (KMunicate, Morris 2019).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurvivalFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The entry to draw: a `kaplan_meier`, or another kind that makes curves.
    pub curves: String,
    /// The `log_rank` entry whose p-value stands in the figure, or the full id of a p-value.
    #[serde(default)]
    pub test: Option<String>,
    /// The hazard ratio in the figure: a `cox_model` entry and a term, such as
    /// `pfs_model.treatment`, or the full id of a finding.
    #[serde(default)]
    pub hazard_ratio: Option<String>,
    /// More lines beside the curves: what each says, and the id of its finding, such as
    /// `{ Hazard ratio until month 4: pfs_hazards.piecewise.hazard_ratio.before.arm.test }`.
    #[serde(default)]
    pub also: Named<String>,
    /// Lines that are shown only where a finding asks for them, such as the ratios of two periods
    /// where hazards are not proportional.
    #[serde(default)]
    pub also_when: Vec<LinesWhen>,
    /// Groups in other words than the column's, by level, such as `{ "yes": RT, "no": No RT }`.
    #[serde(default)]
    pub labels: Named<String>,
    /// Distance between two ticks of the time axis.
    #[serde(default)]
    pub ticks: Option<Span>,
    /// End of the time axis; the tick after the last follow-up where it is left out.
    #[serde(default)]
    pub to: Option<Span>,
    /// A stretch of time with a shade behind the curves, such as
    /// `{ to: 90 days, label: Treatment begins }`, or until the end of the grace period that another
    /// entry declares: `{ grace_of: start_by_90_days, label: Treatment begins }`.
    #[serde(default)]
    pub shade: Option<ShadedTime>,
    /// What the time axis shows.
    #[serde(default)]
    pub x_label: Option<String>,
    /// What the other axis shows; the endpoint where it is left out.
    #[serde(default)]
    pub y_label: Option<String>,
    /// Whether the table of patients stands under the axis.
    #[serde(default = "yes")]
    pub risk_table: bool,
    /// Print p-values below 0.01 with two significant digits however small, such as 0.00098.
    #[serde(default)]
    pub p_two_significant_digits: bool,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
    /// Height in millimetres; by what the figure holds where it is left out.
    #[serde(default)]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub height_mm: Option<f64>,
}

/// Lines with the condition on which they are shown.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinesWhen {
    /// The condition.
    pub when: Condition,
    /// What each line says, and the id of its finding, as in `also`.
    pub lines: Named<String>,
}

/// A stretch of time that a figure sets apart.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShadedTime {
    /// Where it begins; time zero where it is left out.
    #[serde(default)]
    pub from: Option<Span>,
    /// Where it ends.
    #[serde(default)]
    pub to: Option<Span>,
    /// In place of `to`, a `clone_censor_weight` entry: the shade ends with its grace period, which
    /// is declared there alone.
    #[serde(default)]
    pub grace_of: Option<String>,
    /// What it is: it stands in the shade, and in the caption.
    pub label: String,
}

impl ShadedTime {
    /// From when to when it lasts.
    fn stretch(
        &self,
        evidence: &Evidence,
        study: &StudySettings,
    ) -> Result<Option<[Span; 2]>, Mistake> {
        let to = match &self.grace_of {
            Some(stage) => grace(&evidence.analysis(stage), stage)?,
            None => self.to,
        };
        if let (Some(to), Some(_)) = (to, &self.grace_of) {
            // A grace period is another entry's and known only now. `to` was looked at in `check`.
            self.lasts_until(to, "grace_of", study)?;
        }
        Ok(to.map(|to| [self.from.unwrap_or(Span::of_days(0.0)), to]))
    }

    fn lasts_until(&self, to: Span, parameter: &str, study: &StudySettings) -> Result<(), Mistake> {
        let (from, to) = (self.from.map_or(0.0, |from| from.days(study)), to.days(study));
        if from >= 0.0 && to > from && to.is_finite() {
            return Ok(());
        }
        let mistake = Mistake::at(&["shade", parameter], "the shade ends before it begins");
        Err(mistake.hint("give a time after `from`, which is time zero unless given"))
    }
}

/// The grace period of an analysis: none where it was not announced or failed.
fn grace(analysis: &Analysis<'_>, stage: &str) -> Result<Option<Span>, Mistake> {
    let grace = analysis.findings.iter().find_map(|finding| match finding.method.procedure {
        Procedure::CloneCensorWeight { grace } => Some(grace),
        _ => None,
    });
    // An entry of the right kind without a period is itself mistaken, and says so.
    if grace.is_none() && analysis.kind().is_some_and(|kind| kind != "clone_censor_weight") {
        let message = format!("`{stage}` has no grace period");
        return Err(Mistake::at(&["shade", "grace_of"], message)
            .hint("name an entry of kind `clone_censor_weight`"));
    }
    Ok(grace)
}

fn yes() -> bool {
    true
}

impl Kind for SurvivalFigure {
    const NAME: &'static str = "survival_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = vec![Read::stage(&self.curves, Section::Analyze, &["curves"])];
        if let Some(test) = &self.test {
            reads.push(Read::stage(Reference(test).stage(), Section::Analyze, &["test"]));
        }
        if let Some(ratio) = &self.hazard_ratio {
            let stage = Reference(ratio).stage();
            reads.push(Read::stage(stage, Section::Analyze, &["hazard_ratio"]));
        }
        if let Some(stage) = self.shade.as_ref().and_then(|shade| shade.grace_of.as_deref()) {
            reads.push(Read::stage(stage, Section::Analyze, &["shade", "grace_of"]));
        }
        for (label, id) in self.also.iter() {
            let stage = Reference(id).stage();
            reads.push(Read::stage(stage, Section::Analyze, &["also", label]));
        }
        for (place, one) in self.also_when.iter().enumerate() {
            let place = place.to_string();
            reads.push(one.when.read(&["also_when", &place, "when"]));
            for (label, id) in one.lines.iter() {
                let at = ["also_when", &place, "lines", label];
                reads.push(Read::stage(Reference(id).stage(), Section::Analyze, &at));
            }
        }
        reads.push(Read::table(&study.analysis_table, &[]));
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = self.check(call.study);
            let evidence = Evidence::of(call);
            if let Err(found) = self.announce(&evidence) {
                mistakes.0.extend(found.0);
            }
            if let Some(shade) = &self.shade {
                mistakes.note(shade.stretch(&evidence, call.study));
            }
            for (level, label) in self.labels.iter() {
                mistakes.note(glyphs([label.as_str()], &["labels", level]));
            }
            let curves = evidence.analysis(&self.curves).figures.curves();
            let own = curves.into_iter().flat_map(|curves| {
                let groups = curves.groups.iter();
                // A group that is renamed is never drawn by its own label, whatever letters that
                // has.
                let drawn = groups.filter(|group| self.labels.get(&group.level).is_none());
                drawn.map(|group| group.label.as_str()).chain(curves.by_label.as_deref())
            });
            mistakes.note(glyphs(own, &["curves"]));
            for (label, _) in self.also.iter() {
                mistakes.note(glyphs([label], &["also", label]));
            }
            for (place, one) in self.also_when.iter().enumerate() {
                let at = ["also_when", &place.to_string()];
                mistakes.note(glyphs(one.lines.iter().map(|(label, _)| label), &at));
            }
            // the axes are named by the parameters, or by labels of the data
            let at: &[&str] = if self.x_label.is_some() { &["x_label"] } else { &[] };
            mistakes.note(glyphs([self.x_title(call, &evidence).as_str()], at));
            match (&self.y_label, curves) {
                (Some(label), _) => drop(mistakes.note(glyphs([label.as_str()], &["y_label"]))),
                (None, Some(curves)) => {
                    mistakes.note(glyphs([y_title(curves).as_str()], &["curves"]));
                }
                (None, None) => {}
            }
            mistakes.or(announced(call, &words::of(self, call, None)))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            self.check(call.study).or(())?;
            let evidence = Evidence::of(call);
            let found = self.find(&evidence, call.study)?;
            let plot = self.plot(call, &evidence, &found)?;
            plot_figure(call, &plot, &words::of(self, call, Some((&evidence, &found))))
        })
    }
}

impl SurvivalFigure {
    fn check(&self, study: &StudySettings) -> Mistakes {
        let mut mistakes = Mistakes::default();
        mistakes.note(points(self.width_mm, "width_mm"));
        if let Some(height) = self.height_mm {
            mistakes.note(points(height, "height_mm"));
        }
        self.time_axis().check(study, &mut mistakes);
        if let Some(shade) = &self.shade {
            if shade.to.is_some() == shade.grace_of.is_some() {
                let message =
                    "a shade ends at `to` or with the period of `grace_of`: give one of them";
                mistakes.push(Mistake::at(&["shade"], message));
            }
            if let Some(to) = shade.to {
                mistakes.note(shade.lasts_until(to, "to", study));
            }
            mistakes.note(glyphs([shade.label.as_str()], &["shade", "label"]));
        }
        if self.hazard_ratio.as_ref().is_some_and(|ratio| Reference(ratio).rest().is_none()) {
            let message = "`hazard_ratio` names an entry but no term of it";
            mistakes.push(Mistake::at(&["hazard_ratio"], message).hint(
                "write the `cox_model` entry, a dot and the term, such as `pfs_model.treatment`",
            ));
        }
        mistakes
    }

    fn plot<'a>(
        &self,
        call: &Call<'_>,
        evidence: &Evidence,
        found: &'a Found<'_>,
    ) -> Result<SurvivalPlot<'a>, Mistakes> {
        let study = call.study;
        let (tick, end) = self.axis(study, &found.curves);
        let rows = if found.curves.reverse {
            // Of reverse curves the event is being censored. Rows keep the order of the counts, and
            // change their names.
            ["At risk", "Had event", "Censored"]
        } else {
            ["At risk", "Censored", "Events"]
        };
        let median = |finding: &Option<&Finding>| {
            finding
                // A line to a median that is not reached, or is kept back, would say where it is.
                .filter(|finding| finding.state == State::Estimated)
                .and_then(|found| found.value)
        };
        Ok(SurvivalPlot {
            curves: &found.curves,
            days_per_unit: study.days_per_time_unit(),
            tick,
            end,
            x_label: self.x_title(call, evidence),
            y_label: self.y_label.clone().unwrap_or_else(|| y_title(&found.curves)),
            arms: arms(found, study),
            medians: found.medians.iter().map(median).collect(),
            headings: headings(found, study),
            statements: self.statements(found, study),
            table_rows: self.risk_table.then_some(rows),
            at_risk: study.at_risk,
            hides_below: found.rule.smallest(),
            shade: self.shade.as_ref().zip(found.shaded).map(|(shade, stretch)| {
                // A shade does not leave the plane.
                let units = |time: Span| (time.days(study) / study.days_per_time_unit()).min(end);
                let [from, to] = stretch.map(units);
                Shade { from, to, label: shade.label.clone() }
            }),
            mark: study.mark(),
            width: points(self.width_mm, "width_mm")?,
            height: self.height_mm.map(|height| points(height, "height_mm")).transpose()?,
        })
    }

    fn time_axis(&self) -> TimeAxis {
        TimeAxis { ticks: self.ticks, to: self.to }
    }

    /// The distance between two ticks and the end of the axis, in units.
    fn axis(&self, study: &StudySettings, curves: &SurvivalCurves) -> (f64, f64) {
        let last = curves.groups.iter().map(GroupCurve::last_time_days).fold(0.0, f64::max);
        self.time_axis().of(study, last)
    }

    /// The ticks in days.
    fn ticks_days(&self, study: &StudySettings, curves: &SurvivalCurves) -> Vec<f64> {
        let (tick, end) = self.axis(study, curves);
        let ticks = crate::draw::ticks(tick, end).into_iter();
        ticks.map(|time| time * study.days_per_time_unit()).collect()
    }

    /// What the time axis shows: curves from a landmark count time from there.
    fn x_title(&self, call: &Call<'_>, evidence: &Evidence) -> String {
        match (&self.x_label, evidence.analysis(&self.curves).kind()) {
            (Some(label), _) => label.clone(),
            (None, Some("landmark")) => {
                format!("Time since the landmark ({})", call.study.time_unit.word())
            }
            (None, _) => time_axis::title(call),
        }
    }
}

fn arms(found: &Found<'_>, study: &StudySettings) -> Vec<ArmText> {
    let groups = found.curves.groups.iter().zip(&found.events);
    groups
        .enumerate()
        .map(|(place, (group, events))| ArmText {
            label: group_label(&found.curves, group),
            short_label: group_label(&found.curves, group),
            events: {
                let events = events.map(|events| format::value(events, study));
                let events = events.unwrap_or_else(|| format::NOT_ESTIMABLE.to_owned());
                // Sizes stand in the curves, not in findings, and so pass the rule of privacy here.
                format!("{events}/{}", found.rule.count(group.n))
            },
            median: median_in_words(found, place, study),
        })
        .collect()
}

/// A group's median with its interval, or between which times it lies.
fn median_in_words(found: &Found<'_>, group: usize, study: &StudySettings) -> String {
    match (found.medians[group], found.ranges[group]) {
        (Some(median), _) => format::value_with_limits(median, study),
        // Turnbull's estimator knows only between which times the curve falls.
        (None, Some([from, to])) => {
            format!("{} to {}", format::value(from, study), format::value(to, study))
        }
        (None, None) => format::NOT_ESTIMABLE.to_owned(),
    }
}

fn headings(found: &Found<'_>, study: &StudySettings) -> [String; 2] {
    // The level of the medians themselves, which an entry may set apart from the study's.
    let level = found.medians.iter().flatten().find_map(|median| median.confidence_level);
    let interval = format::interval_name(level.unwrap_or(study.confidence_level));
    let unit = study.time_unit.word();
    if found.curves.reverse {
        ["Censored/N".to_owned(), format!("Median follow-up ({interval}), {unit}")]
    } else if found.ranges.iter().any(Option::is_some) {
        ["Events/N".to_owned(), format!("Median between, {unit}")]
    } else {
        ["Events/N".to_owned(), format!("Median ({interval}), {unit}")]
    }
}

fn y_title(curves: &SurvivalCurves) -> String {
    if curves.reverse { "Still under follow-up".to_owned() } else { curves.endpoint_label.clone() }
}

/// A group in words; yes and no stand with the variable.
pub(crate) fn group_label(curves: &SurvivalCurves, group: &GroupCurve) -> String {
    if curves.groups.len() == 1 && group.level == "all" {
        return "All patients".to_owned();
    }
    match &curves.by_label {
        Some(by) if is_yes_or_no(&group.label) => format!("{by}: {}", group.label.to_lowercase()),
        _ => group.label.clone(),
    }
}

/// The curves with their groups named as declared.
///
/// # Errors
/// If a label is for a level that no group has.
pub(crate) fn relabelled(
    curves: &SurvivalCurves,
    labels: &Named<String>,
) -> Result<SurvivalCurves, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut curves = curves.clone();
    for (level, label) in labels.iter() {
        match curves.groups.iter_mut().find(|group| group.level == level) {
            Some(group) => group.label.clone_from(label),
            None => {
                let levels = curves.groups.iter().map(|group| group.level.as_str());
                let message = format!("no group has the level `{level}`");
                mistakes.push(Mistake::at(&["labels", level], message).hint_nearest(level, levels));
            }
        }
    }
    mistakes.or(curves)
}

fn is_yes_or_no(label: &str) -> bool {
    ["yes", "no"].contains(&label.to_lowercase().as_str())
}

#[cfg(test)]
mod tests;
