//! What a survival figure draws: curves, medians, hazard ratios and a test.

use engine::{Mistake, Mistakes, Reference, nearest};
use study::{Finding, GroupCurve, Part, Quantity, SurvivalCurves};

use super::{SurvivalFigure, relabelled};
use crate::analysis::{Analysis, distinct};
use crate::evidence::{Evidence, Rule};
use crate::lookup::{Findings, Whom, is_reference};
use crate::ratios::is_univariable;

/// The kinds that make curves; before a run there are none to be seen.
const WITH_CURVES: [&str; 6] = [
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
    pub(super) events: Vec<Option<&'a Finding>>,
    pub(super) ratios: Vec<&'a Finding>,
    pub(super) test: Option<&'a Finding>,
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
    pub(super) fn find<'a>(&self, evidence: &'a Evidence) -> Result<Found<'a>, Mistakes> {
        let analysis = evidence.analysis(&self.curves);
        let Some(curves) = analysis.figures.curves() else { return Err(self.no_curves().into()) };
        let curves = relabelled(curves, &self.labels)?;
        let findings = Findings(analysis.findings);
        let (median, events) =
            if curves.reverse { ("median_follow_up", "censored") } else { ("median", "events") };
        let of_groups = |statistic: &str| {
            let groups = curves.groups.iter();
            groups.map(|group| findings.in_group(statistic, whom(&curves, group))).collect()
        };
        let (medians, events) = (of_groups(median), of_groups(events));
        let (test, ratios) = self.comparisons(evidence)?;
        Ok(Found { curves, medians, events, ratios, test, rule: evidence.rule() })
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
        if let Err(found) = self.comparisons(evidence) {
            mistakes.0.extend(found.0);
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
