//! `survival_figure`: Kaplan-Meier curves in the manner of KMunicate.

mod found;
mod statements;
mod words;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{
    Finding, GroupCurve, Output, Span, State, StudySettings, SurvivalCurves, TimeUnit, in_sentence,
};

use self::found::Found;
use crate::draw::{ArmText, SurvivalPlot};
use crate::evidence::Evidence;
use crate::exhibit::{announced, draw_mistake, figure, glyphs, points, with_fonts};
use crate::format;
use crate::parameters::full_width;

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
    /// Groups in other words than the column's, by level, such as `{ "yes": RT, "no": No RT }`.
    #[serde(default)]
    pub labels: Named<String>,
    /// Distance between two ticks of the time axis.
    #[serde(default)]
    pub ticks: Option<Span>,
    /// End of the time axis; the tick after the last follow-up where it is left out.
    #[serde(default)]
    pub to: Option<Span>,
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
        for (label, id) in self.also.iter() {
            let stage = Reference(id).stage();
            reads.push(Read::stage(stage, Section::Analyze, &["also", label]));
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
            for (level, label) in self.labels.iter() {
                mistakes.note(glyphs([label.as_str()], &["labels", level]));
            }
            let curves = evidence.analysis(&self.curves).figures.curves();
            let own = curves.into_iter().flat_map(|curves| {
                let groups = curves.groups.iter();
                let drawn = groups.filter(|group| self.labels.get(&group.level).is_none());
                drawn.map(|group| group.label.as_str()).chain(curves.by_label.as_deref())
            });
            mistakes.note(glyphs(own, &["curves"]));
            for (label, _) in self.also.iter() {
                mistakes.note(glyphs([label], &["also", label]));
            }
            // the axes are named by the parameters, or by labels of the data
            let at: &[&str] = if self.x_label.is_some() { &["x_label"] } else { &[] };
            mistakes.note(glyphs([self.x_title(call).as_str()], at));
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
            let found = self.find(&evidence)?;
            let plot = self.plot(call, &found)?;
            let drawing = plot.draw().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
            figure(call, &drawing, &words::of(self, call, Some((&evidence, &found))))
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
        for (parameter, length) in [("ticks", self.ticks), ("to", self.to)] {
            if length.is_some_and(|length| !(length.value() > 0.0 && length.value().is_finite())) {
                let message = format!("`{parameter}` is no length of time");
                mistakes.push(Mistake::at(&[parameter], message).hint("give a time above 0"));
            }
        }
        if self.ticks.is_some_and(|ticks| on_axis(ticks, study) < LEAST_TICK) {
            let unit = study.time_unit.word();
            let message = format!("ticks lie at least {LEAST_TICK} {unit} apart");
            mistakes.push(Mistake::at(&["ticks"], message).hint("put them further apart"));
        } else if let Some(end) = self.to.map(|to| on_axis(to, study))
            && end / self.tick(study, end) > MOST_TICKS
        {
            let message = format!("no axis shows more than {MOST_TICKS} ticks before `to`");
            mistakes.push(Mistake::at(&["ticks"], message).hint("put ticks further apart"));
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
        found: &'a Found<'_>,
    ) -> Result<SurvivalPlot<'a>, Mistakes> {
        let study = call.study;
        let (tick, end) = self.axis(study, &found.curves);
        let rows = if found.curves.reverse {
            ["At risk", "Had event", "Censored"]
        } else {
            ["At risk", "Censored", "Events"]
        };
        let median = |finding: &Option<&Finding>| {
            finding
                .filter(|finding| finding.state == State::Estimated)
                .and_then(|found| found.value)
        };
        Ok(SurvivalPlot {
            curves: &found.curves,
            days_per_unit: study.days_per_time_unit(),
            tick,
            end,
            x_label: self.x_title(call),
            y_label: self.y_label.clone().unwrap_or_else(|| y_title(&found.curves)),
            arms: arms(found, study),
            medians: found.medians.iter().map(median).collect(),
            headings: headings(found, study),
            statements: self.statements(found, study),
            table_rows: self.risk_table.then_some(rows),
            at_risk: study.at_risk,
            hides_below: found.rule.smallest(),
            mark: study.mark(),
            width: points(self.width_mm, "width_mm")?,
            height: self.height_mm.map(|height| points(height, "height_mm")).transpose()?,
        })
    }

    /// The distance between two ticks and the end of the axis, in units.
    fn axis(&self, study: &StudySettings, curves: &SurvivalCurves) -> (f64, f64) {
        let last = curves.groups.iter().map(GroupCurve::last_time_days).fold(0.0, f64::max);
        let last = last / study.days_per_time_unit();
        let to = self.to.map(|to| on_axis(to, study));
        let tick = self.tick(study, to.unwrap_or(last));
        (tick, to.unwrap_or_else(|| tick * (last / tick - 1e-9).ceil().max(1.0)))
    }

    /// The ticks in days.
    fn ticks_days(&self, study: &StudySettings, curves: &SurvivalCurves) -> Vec<f64> {
        let (tick, end) = self.axis(study, curves);
        let ticks = crate::draw::ticks(tick, end).into_iter();
        ticks.map(|time| time * study.days_per_time_unit()).collect()
    }

    fn tick(&self, study: &StudySettings, last: f64) -> f64 {
        let declared = self.ticks.map(|ticks| on_axis(ticks, study));
        declared.unwrap_or_else(|| default_tick(study.time_unit, last))
    }

    fn x_title(&self, call: &Call<'_>) -> String {
        let unit = call.study.time_unit.word();
        match (&self.x_label, &call.study.index_date) {
            (Some(label), _) => label.clone(),
            (None, Some(date)) => {
                let about = call.table(&call.study.analysis_table).about(date);
                if about.label == *date {
                    format!("Time ({unit})")
                } else {
                    format!("Time since {} ({unit})", in_sentence(&about.label))
                }
            }
            (None, None) => format!("Time ({unit})"),
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
        (None, Some([from, to])) => {
            format!("{} to {}", format::value(from, study), format::value(to, study))
        }
        (None, None) => format::NOT_ESTIMABLE.to_owned(),
    }
}

fn headings(found: &Found<'_>, study: &StudySettings) -> [String; 2] {
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

/// Nobody's follow-up is told in less; without `to` the data decide how many
/// ticks there are, which must not be millions.
const LEAST_TICK: f64 = 0.001;
/// More ticks than this fit on no page.
const MOST_TICKS: f64 = 200.0;

/// A length of time in the unit of the axis.
fn on_axis(time: Span, study: &StudySettings) -> f64 {
    time.days(study) / study.days_per_time_unit()
}

/// The smallest customary distance that gives no more than nine ticks.
fn default_tick(unit: TimeUnit, last: f64) -> f64 {
    let customary: &[f64] = match unit {
        TimeUnit::Days => &[1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0],
        TimeUnit::Weeks => &[1.0, 2.0, 4.0, 8.0, 13.0, 26.0, 52.0, 104.0, 260.0],
        TimeUnit::Months => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0],
        TimeUnit::Years => &[0.25, 0.5, 1.0, 2.0, 5.0, 10.0],
    };
    customary.iter().copied().find(|tick| last / tick <= 8.0).unwrap_or(last / 8.0)
}

#[cfg(test)]
mod tests;
