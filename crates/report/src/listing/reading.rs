//! Findings as a file of results holds them: made from findings through the one
//! door, or read back from `findings.csv`.

use std::collections::BTreeMap;

use csv::StringRecord;
use serde::de::DeserializeOwned;
use serde_json::Value;
use study::{Finding, Reading, State, StudySettings};

use crate::evidence::handed;
use crate::{format, words};

/// A file of results that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotResults {
    /// It is no CSV file.
    #[error("it cannot be read as CSV: {0}")]
    Csv(String),
    /// It lacks a column.
    #[error("it has no column `{0}`")]
    Lacks(&'static str),
    /// A cell does not hold what its column does.
    #[error("line {line}: `{cell}` is no {column}")]
    Cell {
        /// The line, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        cell: String,
    },
    /// Two rows have one id.
    #[error("line {line}: a second row of `{id}`")]
    Twice {
        /// The line, from 1.
        line: u64,
        /// The id.
        id: String,
    },
}

/// The findings of analyses as results hold them, after the study's privacy rule.
#[must_use]
pub fn readings(analyses: &[Vec<Finding>], study: &StudySettings) -> Vec<Reading> {
    let findings = analyses.iter().flat_map(|findings| handed(findings, study));
    findings.map(|finding| reading(&finding)).collect()
}

/// A finding that was handed to a report as results hold it.
pub(crate) fn reading(finding: &Finding) -> Reading {
    Reading {
        id: finding.id(),
        stage: finding.stage().to_owned(),
        kind: finding.kind.clone(),
        statistic: finding.statistic.clone(),
        quantity: finding.quantity,
        unit: finding.unit.clone(),
        state: shown(finding.state),
        value: finding.value,
        lower: finding.lower,
        upper: finding.upper,
        confidence_level: finding.confidence_level,
        standard_error: finding.standard_error,
        n: finding.n,
        events: finding.events,
        missing: finding.missing,
        method: words::method(&finding.method),
        warnings: finding.warnings.iter().map(words::code).collect(),
    }
}

/// A small count and what is made of one are both called suppressed in results.
fn shown(state: State) -> State {
    if state == State::Small { State::Hidden } else { state }
}

/// A number with its limits as the outputs of a study print it.
#[must_use]
pub fn printed(reading: &Reading, study: &StudySettings) -> String {
    let mut finding =
        Finding::new(&reading.stage, &reading.kind, &reading.statistic, reading.quantity, f64::NAN);
    finding.unit.clone_from(&reading.unit);
    finding.state = reading.state;
    finding.value = reading.value;
    finding.lower = reading.lower;
    finding.upper = reading.upper;
    finding.confidence_level = reading.confidence_level;
    format::value_with_limits(&finding, study)
}

/// Reads `findings.csv` back.
///
/// # Errors
/// With the first thing in it that is not as a run writes it.
pub fn read(bytes: &[u8]) -> Result<Vec<Reading>, NotResults> {
    let broken = |error: csv::Error| NotResults::Csv(error.to_string());
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(broken)?.clone();
    let mut found = Vec::new();
    let mut ids: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let row = Row { header: &header, record: &record };
        let read = row.reading()?;
        // With two rows of one id nobody could say which is compared.
        if ids.insert(read.id.clone(), row.line()).is_some() {
            return Err(NotResults::Twice { line: row.line(), id: read.id });
        }
        found.push(read);
    }
    Ok(found)
}

struct Row<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl Row<'_> {
    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn cell(&self, column: &'static str) -> Result<&str, NotResults> {
        let place = self.header.iter().position(|name| name == column);
        let cell = place.and_then(|place| self.record.get(place));
        cell.ok_or(NotResults::Lacks(column))
    }

    fn text(&self, column: &'static str) -> Result<String, NotResults> {
        // an apostrophe keeps spreadsheets from computing a text
        let cell = self.cell(column)?;
        let text = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
        Ok(text.unwrap_or(cell).to_owned())
    }

    /// What a cell holds, by the words of its type.
    fn value<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, NotResults> {
        let cell = self.cell(column)?;
        // Files have one word for two states, of which this is the one that says less.
        let cell = if cell == "suppressed" { "hidden" } else { cell };
        serde_json::from_value(Value::String(cell.to_owned())).map_err(|_| self.wrong(column, cell))
    }

    fn number<T: std::str::FromStr>(&self, column: &'static str) -> Result<Option<T>, NotResults> {
        let cell = self.cell(column)?;
        let number = (!cell.is_empty()).then(|| cell.parse());
        number.transpose().map_err(|_| self.wrong(column, cell))
    }

    fn wrong(&self, column: &'static str, cell: &str) -> NotResults {
        NotResults::Cell { line: self.line(), column, cell: cell.to_owned() }
    }

    fn reading(&self) -> Result<Reading, NotResults> {
        let unit = self.text("unit")?;
        let warnings = self.text("warnings")?;
        let codes = warnings.split("; ").filter(|code| !code.is_empty());
        Ok(Reading {
            id: self.text("id")?,
            stage: self.text("stage")?,
            kind: self.text("kind")?,
            statistic: self.text("statistic")?,
            quantity: self.value("quantity")?,
            unit: (!unit.is_empty()).then_some(unit),
            state: self.value("state")?,
            value: self.number("value")?,
            lower: self.number("lower")?,
            upper: self.number("upper")?,
            confidence_level: self.number("confidence_level")?,
            standard_error: self.number("standard_error")?,
            n: self.number("n")?,
            events: self.number("events")?,
            missing: self.number("missing")?,
            method: self.text("method")?,
            warnings: codes.map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use study::{Method, Procedure, Quantity, Warning};

    use super::*;
    use crate::{kinds, sample};

    fn sample_findings() -> Vec<Finding> {
        let ratio = Finding::new("pfs", "cox_model", "hazard_ratio", Quantity::Ratio, 0.1 + 0.2)
            .limits(Some(1e-7), None, 0.95)
            .by_method(Method::of(Procedure::Cox));
        // A text that begins as a formula does, and a unit too.
        let mut naive = ratio.clone().of_variable("- 5 or more");
        naive.warnings =
            vec![Warning::NaiveGroup { label: "rt".into(), date_label: "later".into() }];
        naive.unit = Some("-1/g".into());
        (naive.n, naive.events) = (Some(113), Some(3));
        let lost = ratio.clone().at_level("b").without_value(State::NotReached);
        vec![ratio, naive, lost]
    }

    #[test]
    fn what_a_run_writes_reads_back_to_the_last_bit() {
        for (cell, tier) in [(0, study::PrivacyTier::Open), (5, study::PrivacyTier::Aggregate)] {
            let mut study = sample::study();
            study.privacy.smallest_cell = cell;
            study.privacy.tier = tier;
            let findings = sample_findings();
            let file = kinds::findings_csv(&findings, &study);
            assert_eq!(read(&file).expect("as a run writes it"), readings(&[findings], &study));
        }
    }

    #[test]
    fn a_damaged_file_is_named_at_its_place() {
        let study = sample::study();
        let file = kinds::findings_csv(&sample_findings(), &study);
        let text = String::from_utf8(file).expect("text");
        // A comma in a number splits the cell.
        let wrong = read(text.replace("0.30000000000000004", "0,3").as_bytes());
        assert!(wrong.is_err());
        let wrong = read(text.replacen("1e-7", "low", 1).as_bytes()).expect_err("no number");
        assert_eq!(wrong.to_string(), "line 2: `low` is no lower");
        let wrong = read(text.replacen("id,", "name,", 1).as_bytes()).expect_err("no id");
        assert_eq!(wrong.to_string(), "it has no column `id`");
        let twice = format!("{text}{}\n", text.lines().nth(1).expect("a row"));
        assert_eq!(read(twice.as_bytes()).expect_err("twice").to_string(), {
            "line 5: a second row of `pfs.hazard_ratio`"
        });
    }
}
