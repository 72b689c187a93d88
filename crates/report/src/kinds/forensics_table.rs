//! `forensics_table`: published numbers examined against each other.

use engine::{Call, Kind, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Address, Claim, Examination, Examined, Output, Standing, StudySettings};

use crate::evidence::Evidence;
use crate::table::{Cell, Column, PrintedTable, Row, Tone, announced, finish};
use crate::words::forensics as words;
use study::capitalised;

/// What an entry of `claim_forensics` examined: the claims, what was tried, what came of it, and the
/// numbers behind it. Contradictions come first, then what is unusual.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForensicsTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The entry of `analyze`.
    pub forensics: String,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Published numbers against each other".to_owned()
}

impl Kind for ForensicsTable {
    const NAME: &'static str = "forensics_table";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let of = Read::stage(&self.forensics, Section::Analyze, &["forensics"]);
        Wiring { reads: vec![Read::Claims, of], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        Evidence::of(call).of_kind(&self.forensics, &["claim_forensics"], &["forensics"])?;
        Ok(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analysis = evidence.of_kind(&self.forensics, &["claim_forensics"], &["forensics"])?;
        let examination = analysis.figures.get().expect("invariant: the entry examines");
        let table = table(examination, &self.forensics, call);
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

fn table(examination: &Examination, entry: &str, call: &Call<'_>) -> PrintedTable {
    let mut table = PrintedTable::of(vec![
        Column::words("examined", "Examined"),
        Column::words("claims", "Published numbers"),
        Column::words("verdict", "Verdict"),
        Column::words("evidence", "Evidence"),
    ]);
    // What needs a look comes first: most examinations find nothing, and a table in the order of
    // the claims would bury the others.
    for standing in
        [Standing::Contradiction, Standing::Unusual, Standing::Consistent, Standing::NotCheckable]
    {
        for (place, examined) in examination.0.iter().enumerate() {
            if examined.standing == standing {
                // By its place among all, not among those of its standing: that is how the entry
                // named its findings.
                let mut address = Address::of(entry);
                address.parts = examination.parts(place);
                table.rows.push(row(examined, &address, call));
            }
        }
    }
    table.note("A printed number is the interval of all values that print it, both ends included. Contradiction, no values in these intervals fit; unusual, they fit only in a way that would be rare; not checkable, nothing else that is printed bears on it. No patient's data are used.");
    table
}

fn row(examined: &Examined, address: &Address, call: &Call<'_>) -> Row {
    let tone = match examined.standing {
        Standing::Consistent => Tone::Agrees,
        Standing::Contradiction => Tone::Disagrees,
        // Unusual is no error. Red would accuse where chance may explain it.
        Standing::Unusual | Standing::NotCheckable => Tone::Open,
    };
    // the first number leads to its finding, and that to the others
    let finding = examined.clues.first().map(|clue| format!("{address}.{}", clue.name));
    Row::values(vec![
        Cell::text(capitalised(words::check(examined.check))),
        Cell::text(labels(examined, call.claims).join("; ")),
        Cell::text(words::standing(examined.standing)).toned(tone),
        Cell { finding, ..Cell::text(evidence_of(examined, call.study)) },
    ])
}

/// The labels of the claims with their words in print.
fn labels(examined: &Examined, claims: &[(String, Claim)]) -> Vec<String> {
    let label = |name: &String| {
        let found = claims.iter().find(|(own, _)| own == name);
        // A claim that the study no longer has keeps its name, so that the row can still be traced.
        found.map_or_else(|| name.clone(), |(_, claim)| format!("{}, {}", claim.label, claim.quote))
    };
    examined.claims.iter().map(label).collect()
}

/// The numbers behind a standing, or why there are none.
pub(crate) fn evidence_of(examined: &Examined, study: &StudySettings) -> String {
    match examined.lack {
        Some(lack) => words::lack(lack).to_owned(),
        None => {
            let why = (examined.standing == Standing::Unusual)
                .then(|| words::unusual(examined.check).to_owned());
            let clues = examined.clues.iter().map(|clue| words::clue(clue, study));
            clues.chain(why).collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use study::{Check, Clue, Lack, Quantity};

    use super::*;
    use crate::cohort;

    fn examined(check: Check, claim: &str, standing: Standing, lack: Option<Lack>) -> Examined {
        let clue = Clue {
            name: "p_yates".to_owned(),
            quantity: Quantity::PValue,
            value: 0.009_231,
            prints: Some(true),
        };
        let clues = if lack.is_none() { vec![clue] } else { Vec::new() };
        Examined { check, claims: vec![claim.to_owned()], standing, lack, clues }
    }

    #[test]
    fn contradictions_come_first_and_lead_to_their_findings() {
        let (study, claims) = (cohort::study(), cohort::claims());
        let mut call = cohort::call("etable_2", &study, &claims, &[]);
        let examination = Examination(vec![
            // Out of order, so that the table has to sort them.
            examined(Check::PFromCounts, "orr_p", Standing::Consistent, None),
            examined(Check::Unexamined, "pfs_rt", Standing::NotCheckable, Some(Lack::Counterpart)),
            examined(Check::CountsThatFit, "orr_rt", Standing::Contradiction, None),
        ]);
        let output = Output { figures: examination.into(), ..Output::default() };
        call.stages.push(("forensics".to_owned(), Section::Analyze, Arc::new(output)));
        let kind: ForensicsTable =
            serde_json::from_value(json!({ "forensics": "forensics" })).expect("parameters");
        let output = kind.run(&call).expect("a table");
        let csv = output.files.values().next().expect("a file");
        let text = String::from_utf8(csv.clone()).expect("text");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(
            lines[1].contains("contradiction")
                && lines[1].contains("Objective response, RT, 67.6%"),
            "{text}"
        );
        let exhibit = output.exhibit.expect("an exhibit");
        let study::Body::Table(printed) = exhibit.body else { panic!("no table") };
        let finding = printed.rows[0].cells[3].finding.as_deref();
        assert_eq!(finding, Some("forensics.counts_that_fit.orr_rt.p_yates"));
        assert!(lines[2].contains("consistent") && lines[2].contains("Yates 0.00923 (prints it)"));
        assert!(lines[3].contains("nothing is printed to hold it against"), "{text}");
    }
}
