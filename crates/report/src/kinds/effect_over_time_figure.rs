//! `effect_over_time_figure`: how the ratio of one term of a Cox model runs over
//! time.

mod panel;
mod words;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{ChangingEffect, ChangingEffects, Finding, Output, Part, Quantity, StudySettings};

use crate::analysis::{Analysis, distinct};
use crate::evidence::{Evidence, Rule};
use crate::exhibit::{announced, glyphs, plot_figure, points, with_fonts};
use crate::lookup::{About, is_reference};
use crate::parameters::full_width;
use crate::time_axis;

/// The ratio of one term of a Cox model over time: what each event says of it (scaled Schoenfeld
/// residuals), a natural spline through them with its confidence band, the ratios before and after a cut,
/// the ratio of the model that takes it as constant, and the test of proportional hazards.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EffectOverTimeFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `proportional_hazards` entry to draw; its `cut` makes the two periods.
    pub test: String,
    /// The term, a column.
    pub term: String,
    /// Its level, where it has several beside the reference.
    #[serde(default)]
    pub level: Option<String>,
    /// Full id of the ratio of the model that takes it as constant over time.
    #[serde(default)]
    pub constant: Option<String>,
    /// More lines over the panel: what each says, and the id of its finding, such as a difference of
    /// restricted means.
    #[serde(default)]
    pub also: Named<String>,
    /// What a ratio below 1 and one above 1 speak for, such as `[favours treatment, favours control]`.
    #[serde(default)]
    pub favours: Option<Vec<String>>,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

/// What is drawn.
pub(super) struct Found<'a> {
    analysis: Analysis<'a>,
    effect: &'a ChangingEffect,
    changing: &'a ChangingEffects,
    constant: Option<&'a Finding>,
    also: Vec<(&'a str, &'a Finding)>,
    rule: Rule,
}

impl Kind for EffectOverTimeFigure {
    const NAME: &'static str = "effect_over_time_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = vec![
            Read::stage(&self.test, Section::Analyze, &["test"]),
            Read::table(&study.analysis_table, &[]),
        ];
        if let Some(id) = &self.constant {
            reads.push(Read::stage(Reference(id).stage(), Section::Analyze, &["constant"]));
        }
        for (label, id) in self.also.iter() {
            let at = ["also", label];
            reads.push(Read::stage(Reference(id).stage(), Section::Analyze, &at));
        }
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            mistakes.note(crate::forest::two_sides(self.favours.as_deref()));
            let evidence = Evidence::of(call);
            if let Err(found) = self.find(&evidence) {
                mistakes.0.extend(found.0);
            }
            for (label, _) in self.also.iter() {
                mistakes.note(glyphs([label], &["also", label]));
            }
            for (side, text) in self.favours.iter().flatten().enumerate() {
                mistakes.note(glyphs([text.as_str()], &["favours", &side.to_string()]));
            }
            mistakes.note(glyphs([time_axis::title(call).as_str()], &[]));
            mistakes.or(announced(call, &self.words(call, None)))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let Some(found) = self.find(&evidence)? else { return Err(self.no_effect().into()) };
            let plot = self.plot(call, &found)?;
            plot_figure(call, &plot, &self.words(call, Some(&found)))
        })
    }
}

impl EffectOverTimeFigure {
    fn no_effect(&self) -> Mistake {
        Mistake::at(&["term"], format!("`{}` has no effect of `{}`", self.test, self.term))
    }

    /// Looks up what is drawn; nothing where the entry is itself mistaken, or
    /// where only the data know the levels of the term.
    fn find<'a>(&'a self, evidence: &'a Evidence) -> Result<Option<Found<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let kinds = ["proportional_hazards"];
        let analysis = mistakes.note(evidence.of_kind(&self.test, &kinds, &["test"]));
        let changing = analysis.and_then(|analysis| analysis.figures.get::<ChangingEffects>());
        let effect = changing.and_then(|changing| mistakes.note(self.effect(changing))).flatten();
        let mut named = |id: &'a str, at: &[&str], what: &str, quantity: Option<Quantity>| {
            let fits = |finding: &Finding| quantity.is_none_or(|wanted| finding.quantity == wanted);
            let found = mistakes.note(evidence.named(id, at, (what, &fits)));
            found.unwrap_or_default().first().copied()
        };
        let constant = self.constant.as_deref();
        let constant =
            constant.and_then(|id| named(id, &["constant"], "ratio", Some(Quantity::Ratio)));
        let also = self.also.iter().filter_map(|(label, id)| {
            named(id, &["also", label], "finding", None).map(|finding| (label, finding))
        });
        let also = also.collect();
        let rule = evidence.rule();
        let found = analysis.zip(changing.zip(effect));
        mistakes.or(found.map(|(analysis, (changing, effect))| Found {
            analysis,
            effect,
            changing,
            constant,
            also,
            rule,
        }))
    }

    /// The effect of the term, and of its level where it has several.
    fn effect<'a>(
        &self,
        changing: &'a ChangingEffects,
    ) -> Result<Option<&'a ChangingEffect>, Mistake> {
        let is_own = |effect: &&ChangingEffect| effect.variable == self.term;
        let own: Vec<&ChangingEffect> = changing.effects.iter().filter(is_own).collect();
        let levels = || own.iter().filter_map(|effect| effect.level.as_deref());
        match (&self.level, own.as_slice()) {
            (_, []) => {
                let terms = distinct(changing.effects.iter().map(|one| one.variable.as_str()));
                let hint = nearest(&self.term, terms.into_iter());
                Err(Mistake { hint, ..self.no_effect() })
            }
            // One level beside the reference needs no name.
            (None, [one]) => Ok(Some(one)),
            // Effects of levels are different lines, and drawing the first would be a choice that
            // nobody made.
            (None, several) => {
                let message =
                    format!("`{}` has {} levels beside its reference", self.term, several.len());
                let listed: Vec<String> = levels().map(|level| format!("`{level}`")).collect();
                Err(Mistake::at(&["level"], message)
                    .hint(format!("name one of them: {}", listed.join(", "))))
            }
            (Some(level), _) => {
                let found = own.iter().find(|effect| effect.level.as_ref() == Some(level));
                found.map(|found| Some(*found)).ok_or_else(|| {
                    let message = format!("`{}` has no ratio of the level `{level}`", self.term);
                    Mistake::at(&["level"], message).hint_nearest(level, levels())
                })
            }
        }
    }
}

impl<'a> Found<'a> {
    /// The p-value of the test of this term.
    fn p(&self) -> Option<&'a Finding> {
        self.analysis.get("p_value", &About::variable(&self.effect.variable))
    }

    /// Patients or events of the model.
    fn count(&self, statistic: &str) -> Option<&'a Finding> {
        self.analysis.get(statistic, &About::WHOLE)
    }

    /// The ratio of a period, `before` or `after`.
    fn ratio_of(&self, period: &str) -> Option<&'a Finding> {
        let wanted = Part::period(period);
        self.analysis.findings.iter().find(|one| {
            one.statistic == "hazard_ratio"
                && one.variable.as_ref() == Some(&self.effect.variable)
                && one.level == self.effect.level
                && one.address.parts.contains(&wanted)
                // The reference has a finding of each period too, which is 1.
                && !is_reference(one)
        })
    }

    /// Where follow-up is cut, in days, and the events of both periods.
    fn periods(&self) -> Option<(f64, [&'a Finding; 2])> {
        let of = |period: &str| {
            let wanted = Part::period(period);
            self.analysis
                .of_statistic("events")
                .into_iter()
                .find(|one| one.address.parts.contains(&wanted))
        };
        let (before, after) = (of("before")?, of("after")?);
        Some((before.time_days?, [before, after]))
    }
}

#[cfg(test)]
mod tests;
