//! `incidence_figure`: cumulative incidence of competing causes, a panel a cause.

mod panels;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, IncidenceCurves, Output, Quantity, Span, StudySettings, in_sentence};

use crate::analysis::{Analysis, Words};
use crate::evidence::Evidence;
use crate::exhibit::{
    FigureWords, announced, glyphs, plot_figure, points, population, sentence, with_fonts,
};
use crate::format;
use crate::lookup::{About, warnings};
use crate::parameters::full_width;
use crate::time_axis::{self, TimeAxis};
use crate::words::method::interval_name;

/// Cumulative incidence of competing causes by Aalen and Johansen, a panel a cause: the curves of all
/// groups with confidence bands, Gray's test, ratios that are asked for, and under each axis the patients
/// at risk, with the event of the cause and with another one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidenceFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `cumulative_incidence` entry to draw.
    pub incidence: String,
    /// Lines over the panel of a cause: what each says, and the id of its finding, by the level of the
    /// cause, such as `{ distant: { Cause-specific hazard ratio: distant_hazard.hazard_ratio.arm.test } }`.
    #[serde(default)]
    pub ratios: Named<Named<String>>,
    /// Distance between two ticks of the time axis.
    #[serde(default)]
    pub ticks: Option<Span>,
    /// End of the time axis; the tick after the last follow-up where it is left out.
    #[serde(default)]
    pub to: Option<Span>,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

/// What is drawn.
pub(super) struct Found<'a> {
    analysis: Analysis<'a>,
    curves: &'a IncidenceCurves,
    /// The lines that are asked for: cause, words, finding.
    lines: Vec<(&'a str, &'a str, &'a Finding)>,
}

impl Kind for IncidenceFigure {
    const NAME: &'static str = "incidence_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = vec![
            Read::stage(&self.incidence, Section::Analyze, &["incidence"]),
            Read::table(&study.analysis_table, &[]),
        ];
        for (cause, label, id) in self.declared() {
            let at = ["ratios", cause, label];
            reads.push(Read::stage(Reference(id).stage(), Section::Analyze, &at));
        }
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            self.axis().check(call.study, &mut mistakes);
            let evidence = Evidence::of(call);
            match self.find(&evidence) {
                Err(found) => mistakes.0.extend(found.0),
                Ok(Some(found)) => {
                    let causes = found.curves.causes.iter().map(|cause| cause.label.as_str());
                    let groups = found.curves.groups.iter().map(|group| group.label.as_str());
                    mistakes.note(glyphs(causes.chain(groups), &["incidence"]));
                }
                Ok(None) => {}
            }
            for (cause, label, _) in self.declared() {
                mistakes.note(glyphs([label], &["ratios", cause, label]));
            }
            mistakes.note(glyphs([time_axis::title(call).as_str()], &[]));
            mistakes.or(announced(call, &self.words(call, None)))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let Some(found) = self.find(&evidence)? else {
                let message = format!("`{}` made no curves", self.incidence);
                return Err(Mistake::at(&["incidence"], message).into());
            };
            let plot = self.plot(call, &evidence, &found)?;
            plot_figure(call, &plot, &self.words(call, Some(&found)))
        })
    }
}

impl IncidenceFigure {
    fn axis(&self) -> TimeAxis {
        TimeAxis { ticks: self.ticks, to: self.to }
    }

    /// Cause, words and id of every line.
    fn declared(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.ratios.iter().flat_map(|(cause, lines)| {
            lines.iter().map(move |(label, id)| (cause, label, id.as_str()))
        })
    }

    /// Looks up what is drawn; nothing where the entry is itself mistaken.
    fn find<'a>(&'a self, evidence: &'a Evidence) -> Result<Option<Found<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let kinds = ["cumulative_incidence"];
        let analysis = mistakes.note(evidence.of_kind(&self.incidence, &kinds, &["incidence"]));
        let curves = analysis.and_then(|analysis| analysis.figures.get::<IncidenceCurves>());
        let causes = curves.into_iter().flat_map(|curves| &curves.causes);
        let causes: Vec<&str> = causes.map(|cause| cause.value.as_str()).collect();
        // Before a run the causes may not be known.
        for (cause, _) in self.ratios.iter().filter(|_| !causes.is_empty()) {
            if !causes.contains(&cause) {
                let message = format!("no cause of `{}` has the level `{cause}`", self.incidence);
                let mistake = Mistake::at(&["ratios", cause], message);
                mistakes.push(mistake.hint_nearest(cause, causes.iter().copied()));
            }
        }
        let mut lines = Vec::new();
        for (cause, label, id) in self.declared() {
            let at = ["ratios", cause, label];
            let named = mistakes.note(evidence.named(id, &at, ("finding", &|_| true)));
            lines.extend(named.unwrap_or_default().first().map(|one| (cause, label, *one)));
        }
        let found = analysis.zip(curves);
        mistakes.or(found.map(|(analysis, curves)| Found { analysis, curves, lines }))
    }

    fn words(&self, call: &Call<'_>, found: Option<&Found<'_>>) -> FigureWords {
        let mut words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
        words.caption.extend(self.caption.clone());
        let Some(found) = found else { return words };
        words.caption.push(self.conventions(call.study, found));
        let method = |finding: &Finding| sentence(&crate::words::method(&finding.method));
        let lines = found.lines.iter().map(|(_, label, one)| format!("{label}: {}", method(one)));
        let mut told: Vec<String> = Vec::new();
        for line in lines {
            // The same ratio of several causes is by one method, which is told once.
            if !told.contains(&line) {
                told.push(line);
            }
        }
        words.caption.push(told.join(" "));
        let tests = found.curves.causes.iter().filter_map(|cause| found.gray(&cause.value));
        let used: Vec<&Finding> = found.lines.iter().map(|(.., one)| *one).chain(tests).collect();
        words.caption.extend(population(&Words::of(call, None), used.iter().copied()));
        words.warnings = found.curves.warnings.iter().map(crate::words::warning).collect();
        for warning in warnings(used.iter().copied()) {
            // The curves and their tests are mostly warned of the same.
            if !words.warnings.contains(&warning) {
                words.warnings.push(warning);
            }
        }
        words.alternative_text = alternative_text(call.study, found);
        words
    }

    fn conventions(&self, study: &StudySettings, found: &Found<'_>) -> String {
        let curves = found.curves;
        let by = curves.by_label.as_ref().map(|by| format!(" by {}", in_sentence(by)));
        let at_risk = match study.at_risk {
            study::AtRisk::At => "patients followed to the tick or longer",
            study::AtRisk::Beyond => "patients followed beyond the tick",
        };
        let test = found.curves.causes.iter().find_map(|cause| found.gray(&cause.value));
        let test = test.map(|test| format!(" Test: {}.", crate::words::method(&test.method)));
        format!(
            // Said because it is often done wrongly: one less a Kaplan-Meier curve that censors the
            // other causes is larger.
            "Aalen–Johansen estimates of the cumulative incidence of each event that may end {}{}, \
             with pointwise {}% confidence bands ({}); the curves of a group sum to one less its \
             survival. Curves are pale, and their bands end, where fewer than 3 patients or fewer \
             than 5% of the group are left. The upright axes end at {}. Under the axes: {at_risk} \
             (at risk), and those with the event or another one until then, the tick included; the \
             rest was censored.{}",
            in_sentence(&curves.endpoint_label),
            by.unwrap_or_default(),
            format::axis_number(100.0 * curves.confidence_level),
            interval_name(curves.interval),
            format::axis_number(panels::height(curves)),
            test.unwrap_or_default()
        )
    }
}

impl<'a> Found<'a> {
    /// The p-value of Gray's test of a cause.
    fn gray(&self, cause: &str) -> Option<&'a Finding> {
        let is_own = |one: &&Finding| {
            one.level.as_deref() == Some(cause)
                && one.quantity == Quantity::PValue
                && one.address.test() == Some("gray")
        };
        self.analysis.findings.iter().find(is_own)
    }

    /// The number of events of a cause in a group.
    fn events(&self, cause: &str, group: &str) -> Option<&'a Finding> {
        let is_own = |one: &&Finding| {
            one.statistic == "events"
                && one.level.as_deref() == Some(cause)
                && one.group.as_deref() == Some(group)
        };
        self.analysis.findings.iter().find(is_own)
    }

    /// The patients of a group.
    fn n(&self, group: &str) -> Option<&'a Finding> {
        let is_own = |one: &&Finding| {
            one.statistic == "n"
                && one.variable.is_none()
                && one.group.as_deref() == Some(group)
                && About { whom: crate::lookup::Whom::of(one), ..About::WHOLE }.fits(one)
        };
        self.analysis.findings.iter().find(is_own)
    }
}

fn alternative_text(study: &StudySettings, found: &Found<'_>) -> String {
    let cause = |cause: &study::Level| {
        let groups = found.curves.groups.iter().map(|group| {
            let name = in_sentence(&panels::group_label(found.curves, group));
            format!("{name} {}", found.events_of(study, &cause.value, &group.level))
        });
        let groups: Vec<String> = groups.collect();
        format!("{}: {} events", cause.label, groups.join(", "))
    };
    let causes: Vec<String> = found.curves.causes.iter().map(cause).collect();
    format!("Cumulative incidence curves. {}.", causes.join("; "))
}

impl Found<'_> {
    /// Events and patients of a group, such as `12/37`.
    fn events_of(&self, study: &StudySettings, cause: &str, group: &str) -> String {
        let shown = |one: Option<&Finding>| {
            one.map_or_else(|| format::NOT_ESTIMABLE.to_owned(), |one| format::value(one, study))
        };
        format!("{}/{}", shown(self.events(cause, group)), shown(self.n(group)))
    }
}

#[cfg(test)]
mod tests;
