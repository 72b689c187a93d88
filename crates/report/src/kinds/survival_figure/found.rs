//! What a survival figure draws: curves, medians, hazard ratios and a test.

use engine::{Call, Mistake, Mistakes};
use study::{Finding, Quantity, SurvivalCurves};

use super::{SurvivalFigure, relabelled};
use crate::lookup::{Findings, is_reference, is_univariable, stage_of};

/// What the findings say, gathered before anything is drawn.
pub(super) struct Found<'a> {
    pub(super) curves: SurvivalCurves,
    pub(super) medians: Vec<Option<&'a Finding>>,
    pub(super) events: Vec<Option<&'a Finding>>,
    pub(super) ratios: Vec<&'a Finding>,
    pub(super) test: Option<&'a Finding>,
}

impl SurvivalFigure {
    /// Looks up what is drawn.
    pub(super) fn find<'a>(&self, call: &'a Call<'_>) -> Result<Found<'a>, Mistakes> {
        let output = call.stage(&self.curves);
        let Some(curves) = &output.curves else {
            let message = format!("`{}` has no survival curves", self.curves);
            return Err(Mistake::at(&["curves"], message)
                .hint("name an entry of kind `kaplan_meier`")
                .into());
        };
        let curves = relabelled(curves, &self.labels)?;
        let findings = Findings(&output.findings);
        let (median, events) =
            if curves.reverse { ("median_follow_up", "censored") } else { ("median", "events") };
        let of_groups = |statistic: &str| {
            let groups = curves.groups.iter();
            groups.map(|group| findings.in_group(statistic, &group.level)).collect()
        };
        let (medians, events) = (of_groups(median), of_groups(events));
        let mut mistakes = Mistakes::default();
        let test = self.test.as_ref().and_then(|stage| mistakes.note(test(call, stage)));
        let ratios = self.hazard_ratio.as_ref().and_then(|name| mistakes.note(ratios(call, name)));
        mistakes.or(Found { curves, medians, events, ratios: ratios.unwrap_or_default(), test })
    }
}

/// The p-value of a `log_rank` entry, or the one of an id.
fn test<'a>(call: &'a Call<'_>, name: &str) -> Result<&'a Finding, Mistake> {
    let all = &call.stage(stage_of(name)).findings;
    let named = all.iter().find(|finding| finding.id() == name);
    let of_log_rank = || Findings(all).overall("p_value").filter(|found| found.kind == "log_rank");
    let found = if name.contains('.') { named } else { of_log_rank() };
    found.filter(|finding| finding.quantity == Quantity::PValue).ok_or_else(|| {
        Mistake::at(&["test"], format!("`{name}` is no test of survival curves"))
            .hint("name an entry of kind `log_rank`, or the id of a p-value")
    })
}

/// The hazard ratios that `stage.term` or an id stands for, references left out.
fn ratios<'a>(call: &'a Call<'_>, name: &str) -> Result<Vec<&'a Finding>, Mistake> {
    let all = &call.stage(stage_of(name)).findings;
    if let Some(named) = all.iter().find(|finding| finding.id() == name) {
        return Ok(vec![named]);
    }
    let term = name.split_once('.').map_or("", |(_, term)| term);
    let of_model = || Findings(all).of("hazard_ratio").filter(|finding| !is_univariable(finding));
    let of_term =
        |finding: &&Finding| finding.variable.as_deref() == Some(term) && !is_reference(finding);
    let found: Vec<&Finding> = of_model().filter(of_term).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let message = format!("`{}` has no hazard ratio of `{term}`", stage_of(name));
    let mut terms: Vec<&str> = of_model().filter_map(|found| found.variable.as_deref()).collect();
    terms.dedup();
    Err(Mistake::at(&["hazard_ratio"], message).hint_nearest(term, terms.into_iter()))
}
