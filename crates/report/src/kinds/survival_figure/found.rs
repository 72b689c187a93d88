//! What a survival figure draws: curves, medians, hazard ratios and a test.

use engine::{Mistake, Mistakes, Reference, nearest};
use study::{Finding, GroupCurve, Part, Quantity, Span, StudySettings, SurvivalCurves};

use super::{SurvivalFigure, relabelled};
use crate::analysis::{Analysis, distinct};
use crate::evidence::{Evidence, Rule};
use crate::lookup::{Findings, Whom, is_reference};
use crate::ratios::is_univariable;

/// The kinds that make curves; before a run there are none to be seen.
pub(crate) const WITH_CURVES: [&str; 6] = [
    "kaplan_meier",
    "simon_makuch",
    "landmark",
    "clone_censor_weight",
    "predicted_survival",
    "turnbull",
];

/// What the findings say, gathered before anything is drawn.
pub(super) struct Found<'a> {
    pub(super) curves: SurvivalCurves,
    pub(super) medians: Vec<Option<&'a Finding>>,
    /// Where a median is known to lie, of curves that tell no more.
    pub(super) ranges: Vec<Option<[&'a Finding; 2]>>,
    pub(super) events: Vec<Option<&'a Finding>>,
    pub(super) ratios: Vec<&'a Finding>,
    /// The test that belongs to the interval of each ratio, where it has one.
    pub(super) ratio_tests: Vec<Option<&'a Finding>>,
    /// The other terms of the model of the ratios.
    pub(super) adjusted_for: Vec<&'a str>,
    pub(super) test: Option<&'a Finding>,
    /// What else is asked for, by the words beside it.
    pub(super) also: Vec<(&'a str, &'a Finding)>,
    /// From when to when a shade lasts.
    pub(super) shaded: Option<[Span; 2]>,
    pub(super) rule: Rule,
}

/// Whom a curve is about: of one curve of all, everybody.
pub(super) fn whom<'c>(curves: &SurvivalCurves, group: &'c GroupCurve) -> Whom<'c> {
    match curves.groups.len() == 1 && group.level == "all" {
        true => Whom::Everybody,
        false => Whom::Group(&group.level),
    }
}

impl SurvivalFigure {
    /// Looks up what is drawn.
    pub(super) fn find<'a>(
        &'a self,
        evidence: &'a Evidence,
        study: &StudySettings,
    ) -> Result<Found<'a>, Mistakes> {
        let analysis = evidence.analysis(&self.curves);
        let Some(curves) = analysis.figures.curves() else { return Err(self.no_curves().into()) };
        let curves = relabelled(curves, &self.labels)?;
        let findings = Findings(analysis.findings);
        let (median, events) =
            // Of follow-up those who are censored are counted: they had the event of a reverse
            // curve.
            if curves.reverse { ("median_follow_up", "censored") } else { ("median", "events") };
        let of_groups = |statistic: &str| -> Vec<Option<&Finding>> {
            let groups = curves.groups.iter();
            groups.map(|group| findings.in_group(statistic, whom(&curves, group))).collect()
        };
        let (medians, events) = (of_groups(median), of_groups(events));
        let ends = [of_groups("median_from"), of_groups("median_to")];
        let ends = ends[0].iter().zip(&ends[1]);
        let ranges = ends.map(|(from, to)| from.zip(*to).map(|(from, to)| [from, to])).collect();
        let (test, ratios) = self.comparisons(evidence)?;
        let around = |ratio: &&Finding| Findings(evidence.around(ratio).findings);
        Ok(Found {
            curves,
            medians,
            ranges,
            events,
            ratio_tests: ratios.iter().map(|ratio| around(ratio).p_value_of(ratio)).collect(),
            adjusted_for: ratios
                .first()
                .map_or_else(Vec::new, |ratio| others(around(ratio), ratio)),
            ratios,
            test,
            also: self.more(evidence)?,
            shaded: match &self.shade {
                Some(shade) => shade.stretch(evidence, study)?,
                None => None,
            },
            rule: evidence.rule(),
        })
    }

    /// Checks, before a run, what it will look up.
    pub(super) fn announce(&self, evidence: &Evidence) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let analysis = evidence.analysis(&self.curves);
        if analysis.kind().is_some_and(|kind| !WITH_CURVES.contains(&kind)) {
            mistakes.push(self.no_curves());
        } else {
            mistakes.0.extend(self.unknown_labels(&analysis));
        }
        for found in [self.comparisons(evidence).err(), self.more(evidence).err()] {
            mistakes.0.extend(found.into_iter().flat_map(|found| found.0));
        }
        mistakes.or(())
    }

    fn no_curves(&self) -> Mistake {
        Mistake::at(&["curves"], format!("`{}` has no survival curves", self.curves))
            .hint("name an entry of kind `kaplan_meier`")
    }

    /// Labels of levels that no group will have, where the groups are known.
    fn unknown_labels(&self, analysis: &Analysis<'_>) -> Vec<Mistake> {
        let mut addresses = analysis.findings.iter().map(|finding| &finding.address.parts);
        // Levels that only the data know cannot be checked before a run.
        let is_open = addresses.any(|parts| parts.contains(&Part::AnyLevel));
        let drawn = analysis.figures.curves().filter(|curves| !curves.groups.is_empty());
        let levels: Vec<&str> = match drawn {
            Some(curves) => curves.groups.iter().map(|group| group.level.as_str()).collect(),
            None => distinct(analysis.groups().into_iter().map(|whom| match whom {
                Whom::Group(level) => level,
                Whom::Everybody => "all",
            })),
        };
        if levels.is_empty() || is_open {
            return Vec::new();
        }
        let unknown = self.labels.iter().filter(|(level, _)| !levels.contains(level));
        let told = unknown.map(|(level, _)| {
            Mistake::at(&["labels", level], format!("no group has the level `{level}`"))
                .hint_nearest(level, levels.iter().copied())
        });
        told.collect()
    }

    /// The test and the ratios beside the curves.
    fn comparisons<'a>(
        &self,
        evidence: &'a Evidence,
    ) -> Result<(Option<&'a Finding>, Vec<&'a Finding>), Mistakes> {
        let mut mistakes = Mistakes::default();
        let test = self.test.as_ref().and_then(|name| mistakes.note(test(evidence, name)));
        let ratios =
            self.hazard_ratio.as_ref().and_then(|name| mistakes.note(ratios(evidence, name)));
        mistakes.or((test.flatten(), ratios.unwrap_or_default()))
    }
}

impl SurvivalFigure {
    /// The findings of further lines.
    fn more<'a>(&'a self, evidence: &'a Evidence) -> Result<Vec<(&'a str, &'a Finding)>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut found = Vec::new();
        for (label, id) in self.also.iter() {
            let at = ["also", label];
            let named = mistakes.note(evidence.named(id, &at, ("finding", &|_| true)));
            found.extend(named.unwrap_or_default().first().map(|finding| (label, *finding)));
        }
        for (place, one) in self.also_when.iter().enumerate() {
            let place = place.to_string();
            if let Err(wrong) = one.when.check(evidence, &["also_when", &place, "when"]) {
                mistakes.0.extend(wrong.0);
            }
            let is_shown = one.when.holds(evidence);
            for (label, id) in one.lines.iter() {
                let at = ["also_when", &place, "lines", label];
                let named = mistakes.note(evidence.named(id, &at, ("finding", &|_| true)));
                let named = named.unwrap_or_default().first().map(|finding| (label, *finding));
                // Named also where it is not shown, so that a wrong id is found whichever way the
                // condition goes.
                found.extend(named.filter(|_| is_shown));
            }
        }
        mistakes.or(found)
    }
}

/// The other terms of the model that a ratio is of.
fn others<'a>(model: Findings<'a>, ratio: &Finding) -> Vec<&'a str> {
    let is_other = |other: &&Finding| {
        other.address.model() == ratio.address.model()
            && other.variable != ratio.variable
            && !is_reference(other)
    };
    // A model of one term each is adjusted for nothing, though the entry has other terms.
    let has_others = !is_univariable(ratio);
    let others = model.of(&ratio.statistic).filter(|other| has_others && is_other(other));
    distinct(others.filter_map(|other| other.variable.as_deref()))
}

/// The p-value of a `log_rank` entry, or the one of an id.
fn test<'a>(evidence: &'a Evidence, name: &str) -> Result<Option<&'a Finding>, Mistake> {
    let reference = Reference(name);
    if evidence.is_silent(name) {
        return Ok(None);
    }
    if reference.rest().is_some() {
        let is_p = |finding: &Finding| finding.quantity == Quantity::PValue;
        return Ok(evidence.named(name, &["test"], ("p-value", &is_p))?.first().copied());
    }
    let all = Findings(evidence.analysis(name).findings);
    // A p-value of any other entry has to be named in full: which one of many is meant must not be
    // guessed.
    let found = all.overall("p_value").filter(|found| found.kind == "log_rank");
    found.map(Some).ok_or_else(|| {
        Mistake::at(&["test"], format!("`{name}` is no test of survival curves"))
            .hint("name an entry of kind `log_rank`, or the id of a p-value")
    })
}

/// The ratios that `stage.term` or an id stands for, references left out.
fn ratios<'a>(evidence: &'a Evidence, name: &str) -> Result<Vec<&'a Finding>, Mistake> {
    let reference = Reference(name);
    let Some(term) = reference.rest().filter(|_| !evidence.is_silent(name)) else {
        return Ok(Vec::new());
    };
    let analysis = evidence.analysis(reference.stage());
    let is_ratio = |finding: &&Finding| finding.quantity == Quantity::Ratio;
    let all = || analysis.findings.iter().filter(is_ratio);
    // A full id first, then the short form of an entry and a term.
    let named = reference.among(all());
    if !named.is_empty() {
        return Ok(named);
    }
    let of_model = || all().filter(|finding| !is_univariable(finding));
    let of_term =
        |finding: &&Finding| finding.variable.as_deref() == Some(term) && !is_reference(finding);
    let found: Vec<&Finding> = of_model().filter(of_term).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let message = format!("`{}` has no hazard ratio of `{term}`", reference.stage());
    let terms = distinct(of_model().filter_map(|found| found.variable.as_deref()));
    let hint = match Reference(term).rest() {
        Some(_) => reference.nearest(all()),
        None => nearest(term, terms.into_iter()),
    };
    Err(Mistake { hint, ..Mistake::at(&["hazard_ratio"], message) })
}
