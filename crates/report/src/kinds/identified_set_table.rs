//! `identified_set_table`: what published numbers imply, sampled and searched.

use engine::{Call, Kind, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::Words;
use crate::constructed::{Constructed, KIND, between};
use crate::evidence::Evidence;
use crate::lookup::Whom;
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, announced, finish};
use crate::{format, parameters};
use study::capitalised;

/// A table of what the numbers of an abstract imply of those that it does not print: over the cohorts
/// that an `identified_set` constructed, and as far as searches outward got, side by side.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifiedSetTable {
    /// Title of the table.
    pub title: String,
    /// The `identified_set` entry.
    pub set: String,
    /// The study's own numbers, by the id of the median over cohorts that each stands beside.
    #[serde(default)]
    pub own: Named<String>,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

impl Kind for IdentifiedSetTable {
    const NAME: &'static str = "identified_set_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let own = self.own.iter().map(|(median, id)| {
            Read::stage(Reference(id).stage(), Section::Analyze, &["own", median])
        });
        let labels = Read::table(&study.analysis_table, &[]);
        let set = Read::stage(&self.set, Section::Analyze, &["set"]);
        Wiring { reads: own.chain([set, labels]).collect(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        mistakes.note(parameters::check_by(call, self.by.as_deref()));
        let evidence = Evidence::of(call);
        mistakes.note(evidence.of_kind(&self.set, &[KIND], &["set"]));
        if let Err(found) = self.own(&evidence) {
            mistakes.0.extend(found.0);
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analysis = evidence.of_kind(&self.set, &[KIND], &["set"])?;
        let own = self.own(&evidence)?;
        let words = Words::of(call, self.by.as_deref());
        let mut columns = vec![
            Column::words("number", ""),
            Column::numbers("median", "Median"),
            Column::numbers("central", "90% of cohorts"),
            // Beside all cohorts, so that a reader sees whether the range still grows with their
            // number.
            Column::numbers("first_half", "First half of cohorts"),
            Column::numbers("sampled", "All cohorts"),
            Column::numbers("directed", "Searched outward"),
            Column::numbers("range", "Range of both"),
        ];
        if !own.is_empty() {
            let mark = call.study.mark().map(|mark| format!(" ({})", mark.to_lowercase()));
            let label = format!("Own data{}", mark.unwrap_or_default());
            columns.push(Column::numbers("own", &label));
        }
        let mut table = PrintedTable::of(columns);
        let mut shown = Vec::new();
        let mut heading = None;
        for one in Constructed::all(analysis) {
            if one.median.endpoint != heading {
                heading.clone_from(&one.median.endpoint);
                let endpoint = heading.as_deref().unwrap_or_default();
                table.rows.push(Row::section(&words.endpoint(endpoint)));
            }
            let beside = own.iter().find(|(median, _)| median.address == one.median.address);
            table.rows.push(row(&one, beside.map(|(_, own)| *own), &words, call.study));
            shown.push(one.median);
        }
        table.note(
            // No interval of confidence: what no search met may exist all the same.
            "90% of cohorts, from the 5th to the 95th percentile; range of both, of all cohorts and of searches outward, beyond which values may exist.",
        );
        if table.prints(format::NOT_ESTIMABLE) {
            table.note(format!("{}, not finite.", format::NOT_ESTIMABLE));
        }
        // Searches are made for some of the numbers only.
        table.note("Empty, not searched.");
        table.warn(shown);
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

impl IdentifiedSetTable {
    /// The study's own numbers, each with the median that it stands beside.
    fn own<'a>(&self, evidence: &'a Evidence) -> Result<Vec<(&'a Finding, &'a Finding)>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut own = Vec::new();
        for (median, id) in self.own.iter() {
            let at = ["own", median];
            let is_median = |one: &Finding| {
                one.stage() == self.set && Constructed::of(evidence.around(one), one).is_some()
            };
            let median = evidence.named(median, &at, ("median over cohorts", &is_median));
            let found = evidence.named(id, &at, ("finding", &|_| true));
            let pair = mistakes.note(median).zip(mistakes.note(found));
            own.extend(pair.and_then(|(median, found)| Some((*median.first()?, *found.first()?))));
        }
        mistakes.or(own)
    }
}

fn row(
    one: &Constructed<'_>,
    own: Option<&Finding>,
    words: &Words<'_>,
    study: &StudySettings,
) -> Row {
    let range = |ends: Option<[&Finding; 2]>| {
        Cell::text(ends.map_or_else(String::new, |ends| between(ends, study)))
    };
    let mut cells = vec![
        Cell::text(name(one.median, words, study)),
        Cell::value(Some(one.median), study),
        range(one.central()),
        range(one.ends("first_half")),
        range(one.ends("sampled")),
        range(one.ends("directed")),
        range(one.ends("range")),
    ];
    cells.extend(own.map(|own| Cell::value(Some(own), study)));
    Row::values(cells)
}

/// A number in words: its name, its time, and its group where it is of one.
fn name(median: &Finding, words: &Words<'_>, study: &StudySettings) -> String {
    let what = match median.statistic.as_str() {
        "n_at_risk" => "At risk",
        "tipping_start" => "Start of the exposure from which on nothing is left",
        "e_value" => "E-value of the hazard ratio",
        "proportional_hazards_p" => "Test of proportional hazards, p",
        "hazard_ratio_under_start" => "Hazard ratio if exposure began on day",
        other => &capitalised(&other.replace('_', " ")),
    };
    let unit = match median.quantity {
        study::Quantity::Days => format!(", {}", study.time_unit.word()),
        study::Quantity::Survival => ", %".to_owned(),
        _ => String::new(),
    };
    let days = median.time_days.map(format::axis_number).unwrap_or_default();
    let months = || {
        let number = median.time_days.unwrap_or_default() / study.days_per_time_unit();
        study::numbered(&format::axis_number(number), study.time_unit.word())
    };
    let time: Vec<String> = median.address.times().filter_map(study::Part::time_words).collect();
    let time = match (median.statistic.as_str(), time.first().map(String::as_str)) {
        ("hazard_ratio_under_start", _) => format!(" {days}"),
        (_, Some("before")) => format!(" until {}", months()),
        (_, Some("after")) => format!(" from {} on", months()),
        ("restricted_mean" | "restricted_mean_difference", Some(to)) => format!(" to {to}"),
        (_, Some(at)) => format!(" at {at}"),
        (_, None) => String::new(),
    };
    let group = match (&median.group, &median.reference) {
        // A comparison is of both groups, and the name of one would make it a number about that
        // one.
        (Some(group), None) => {
            format!(", {}", study::in_sentence(&words.group(Whom::Group(group))))
        }
        _ => String::new(),
    };
    format!("{what}{time}{group}{unit}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::constructed::sample::published;
    use crate::sample::{TERMS, body, call, caption, cox, study};

    fn run_with(own: &serde_json::Value) -> Result<Output, Mistakes> {
        let parameters = json!({ "title": "What is implied", "set": "published", "own": own });
        let kind: IdentifiedSetTable = serde_json::from_value(parameters).expect("parameters");
        let stages = vec![("published", published()), ("pfs_prognosis", cox(&TERMS))];
        kind.run(&call("etable_22", &study(), stages))
    }

    #[test]
    fn ranges_stand_side_by_side() {
        let median = "published.sampled.hazard_ratio.pfs.50";
        let own = json!({ median: "pfs_prognosis.hazard_ratio.radiotherapy.yes" });
        let exhibit = run_with(&own).expect("a table").exhibit.expect("an exhibit");
        let study::Body::Table(table) = &exhibit.body else { panic!("a table") };
        let rows: Vec<Vec<&str>> = (table.rows.iter())
            .map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect())
            .collect();
        assert_eq!(
            rows[1],
            [
                "Hazard ratio",
                "0.40",
                "0.38 to 0.42",
                "0.37 to 0.43",
                "0.36 to 0.43",
                "0.30 to 0.44",
                "0.30 to 0.44",
                "0.39"
            ]
        );
        assert_eq!(rows[2][..4], ["Test of proportional hazards, p", "0.30", "0.02 to 0.90", ""]);
        assert_eq!(rows.len(), 3, "published numbers are none of them: {rows:?}");
        assert!(body(&exhibit).contains("Own data (simulated)"));
        let told = caption(&exhibit);
        assert!(told.contains("either a confidence interval nor an estimate"), "{told}");
    }

    #[test]
    fn own_numbers_stand_beside_medians_alone() {
        let end = "published.sampled.hazard_ratio.pfs.least";
        let own = json!({ end: "pfs_prognosis.hazard_ratio.radiotherapy.yes" });
        let mistake = run_with(&own).expect_err("a mistake").0.remove(0);
        assert_eq!(mistake.at, ["own", end]);
        assert_eq!(mistake.message, format!("there is no median over cohorts `{end}`"));
    }
}
