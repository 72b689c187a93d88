//! Findings beside the numbers of a second program that was written for the same
//! study: what PROC COMPARE asks of two data sets, asked of them by id.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use serde::Serialize;
use study::{Reading, State, Tolerance};

use super::NotResults;

/// How far numbers of two programs may be apart, relative to the larger, and still be the same.
///
/// Sums of doubles in another order part at the thirteenth digit, and fits that stop where a
/// step no longer pays at the ninth; a wrong row, tie or formula shows in the first four. This
/// lies between the two, and two digits below the last that is printed.
pub const TOLERANCE: f64 = 1e-6;

/// The numbers of a finding that are compared, by their columns.
const COLUMNS: [&str; 3] = ["value", "lower", "upper"];

/// What stands in a cell of a second program's results.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Written {
    /// Nothing: it was not computed.
    Nothing,
    /// `NA`: it cannot be had.
    NotThere,
    /// A number.
    Number(f64),
}

/// A row of a second program's results.
#[derive(Debug, Clone, PartialEq)]
pub struct Second {
    id: String,
    numbers: [Written; 3],
}

/// A finding that both programs have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Both {
    /// Its id.
    pub id: String,
    /// The kind of its analysis.
    pub kind: String,
    /// Its value, and the limits that the second program gives.
    pub numbers: Vec<Pair>,
}

/// A number as each of two programs has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    /// Its column: the value or a limit.
    pub column: &'static str,
    /// As the study has it; none where it says that there is none.
    pub study: Option<f64>,
    /// As the second program has it, in the same way.
    pub second: Option<f64>,
    /// How far they are apart, as a share of the larger; none where one is not there.
    pub difference: Option<f64>,
    /// Whether that is within the tolerance.
    pub agrees: bool,
}

/// Findings beside those of a second program.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// How many findings the study has.
    pub findings: usize,
    /// What both have, in the order of the study.
    pub compared: Vec<Both>,
    /// Ids that the study alone has.
    pub study_only: Vec<String>,
    /// Ids that the second program alone has.
    pub second_only: Vec<String>,
    /// Ids of both whose number the study keeps back.
    pub suppressed: Vec<String>,
}

/// Reads the results of a second program: CSV with the columns `id` and `value` and, where it
/// has limits, `lower` and `upper`. `NA` says that a number cannot be had, an empty limit that
/// it was not computed.
///
/// # Errors
/// With the first thing in it that is not so.
pub fn read_second(bytes: &[u8]) -> Result<Vec<Second>, NotResults> {
    let broken = |error: csv::Error| NotResults::Csv(error.to_string());
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(broken)?.clone();
    let place = |column: &str| header.iter().position(|name| name == column);
    let id = place("id").ok_or(NotResults::Lacks("id"))?;
    // Limits may be missing as columns. Without values there is nothing to compare.
    place("value").ok_or(NotResults::Lacks("value"))?;
    let places = COLUMNS.map(place);
    let mut found: Vec<Second> = Vec::new();
    let mut ids = BTreeSet::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut numbers = [Written::Nothing; 3];
        for ((number, column), place) in numbers.iter_mut().zip(COLUMNS).zip(places) {
            *number = written(&record, place, column, line)?;
        }
        let id = record.get(id).unwrap_or_default().to_owned();
        if !ids.insert(id.clone()) {
            return Err(NotResults::Twice { line, id });
        }
        found.push(Second { id, numbers });
    }
    Ok(found)
}

fn written(
    record: &StringRecord,
    place: Option<usize>,
    column: &'static str,
    line: u64,
) -> Result<Written, NotResults> {
    let cell = place.and_then(|place| record.get(place)).unwrap_or_default();
    match cell {
        // a row without a number would be called equal
        "" if column != COLUMNS[0] => Ok(Written::Nothing),
        "NA" => Ok(Written::NotThere),
        _ => match cell.parse::<f64>() {
            // An infinite limit is written as `NA`: the study has none there either.
            Ok(number) if number.is_finite() => Ok(Written::Number(number)),
            _ => Err(NotResults::Cell { line, column, cell: cell.to_owned() }),
        },
    }
}

/// Puts the findings of a study beside the numbers of a second program.
#[must_use]
pub fn beside(own: &[Reading], second: &[Second], tolerance: &Tolerance) -> Beside {
    let by_id: BTreeMap<&str, &Second> = second.iter().map(|row| (row.id.as_str(), row)).collect();
    let ids: BTreeSet<&str> = own.iter().map(|reading| reading.id.as_str()).collect();
    let unknown = second.iter().filter(|row| !ids.contains(row.id.as_str()));
    let mut told = Beside {
        findings: own.len(),
        compared: vec![],
        study_only: vec![],
        second_only: unknown.map(|row| row.id.clone()).collect(),
        suppressed: vec![],
    };
    for reading in own {
        match by_id.get(reading.id.as_str()) {
            None => told.study_only.push(reading.id.clone()),
            Some(_) if matches!(reading.state, State::Hidden | State::Small) => {
                told.suppressed.push(reading.id.clone());
            }
            Some(row) => told.compared.push(both(reading, row, tolerance)),
        }
    }
    told
}

fn both(reading: &Reading, row: &Second, tolerance: &Tolerance) -> Both {
    let own = [reading.value, reading.lower, reading.upper];
    let columns = COLUMNS.into_iter().zip(own).zip(row.numbers);
    let numbers = columns.filter_map(|((column, study), second)| {
        let second = match second {
            Written::Nothing => return None,
            Written::NotThere => None,
            Written::Number(number) => Some(number),
        };
        let (difference, agrees) = match (study, second) {
            (Some(one), Some(other)) => {
                (Some(relative(one, other)), tolerance.allows(reading.quantity, one, other))
            }
            // Neither has a number: that is agreement, and it has no difference to measure.
            (one, other) => (None, one == other),
        };
        Some(Pair { column, study, second, difference, agrees })
    });
    Both { id: reading.id.clone(), kind: reading.kind.clone(), numbers: numbers.collect() }
}

fn relative(one: f64, other: f64) -> f64 {
    let apart = (one - other).abs();
    // Two noughts would be nought over nought.
    if apart > 0.0 { apart / one.abs().max(other.abs()) } else { 0.0 }
}

impl Both {
    /// Whether all numbers of both agree.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.numbers.iter().all(|pair| pair.agrees)
    }

    /// How far the farthest of its numbers are apart.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.numbers.iter().filter_map(|pair| pair.difference).fold(0.0, f64::max)
    }
}

impl Beside {
    /// How many findings of both agree.
    #[must_use]
    pub fn confirmed(&self) -> usize {
        self.compared.iter().filter(|both| both.agrees()).count()
    }

    /// The findings of both that do not agree.
    pub fn differing(&self) -> impl Iterator<Item = &Both> {
        self.compared.iter().filter(|both| !both.agrees())
    }

    /// The finding whose numbers are farthest apart, where any are.
    #[must_use]
    pub fn farthest(&self) -> Option<&Both> {
        farthest(self.compared.iter())
    }

    /// Whether something was compared, all of it agrees, and the second program has nothing
    /// that the study does not know.
    #[must_use]
    pub fn agrees(&self) -> bool {
        !self.compared.is_empty()
            && self.second_only.is_empty()
            && self.confirmed() == self.compared.len()
    }
}

/// Of findings that both programs have, the one whose numbers are farthest apart, where any are.
pub(crate) fn farthest<'a>(compared: impl Iterator<Item = &'a Both>) -> Option<&'a Both> {
    compared
        .filter(|both| both.largest() > 0.0)
        .reduce(|farthest, both| if both.largest() > farthest.largest() { both } else { farthest })
}

#[cfg(test)]
mod tests {
    use study::{Finding, Quantity};

    use super::*;
    use crate::listing::readings;
    use crate::sample;

    fn own() -> Vec<Reading> {
        let ratio = Finding::new("pfs", "cox_model", "hazard_ratio", Quantity::Ratio, 0.5).limits(
            Some(0.25),
            Some(1.0),
            0.95,
        );
        let lost = Finding::new("pfs", "kaplan_meier", "median", Quantity::Days, f64::NAN)
            .without_value(State::NotReached);
        readings(&[vec![ratio, lost]], &sample::study())
    }

    fn told(file: &str) -> Beside {
        let second = read_second(file.as_bytes()).expect("results");
        let all = TOLERANCE;
        beside(&own(), &second, &Tolerance { all, ..Tolerance::default() })
    }

    #[test]
    fn what_agrees_is_confirmed_and_what_was_not_computed_is_not_compared() {
        let told =
            // Apart by a fifth of the tolerance, and an upper limit that was not computed.
            told("id,value,lower,upper\npfs.hazard_ratio,0.5000001,0.25,\npfs.median,NA,,\n");
        assert!(told.agrees());
        assert_eq!((told.confirmed(), told.study_only.len()), (2, 0));
        assert_eq!(told.compared[0].numbers.len(), 2);
        let farthest = told.farthest().expect("they are apart");
        assert!((farthest.largest() - 2e-7).abs() < 1e-12);
    }

    #[test]
    fn a_value_a_limit_and_one_that_is_not_there_can_differ() {
        for (row, column) in [
            ("pfs.hazard_ratio,0.500001,0.25,1", "value"),
            ("pfs.hazard_ratio,0.5,0.25,1.1", "upper"),
            ("pfs.hazard_ratio,0.5,NA,1", "lower"),
            // The study says that the median is not reached.
            ("pfs.median,400,,", "value"),
        ] {
            let told = told(&format!("id,value,lower,upper\n{row}\n"));
            assert!(!told.agrees(), "{row}");
            let wrong = told.differing().flat_map(|both| &both.numbers).find(|pair| !pair.agrees);
            assert_eq!(wrong.expect("one differs").column, column);
        }
    }

    #[test]
    fn an_id_of_one_alone_is_told() {
        let told = told("id,value\npfs.hazard,0.5\npfs.hazard_ratio,0.5\n");
        assert_eq!(told.second_only, ["pfs.hazard"]);
        assert_eq!(told.study_only, ["pfs.median"]);
        assert!(!told.agrees(), "the second program has what the study does not know");
        assert_eq!(told.confirmed(), 1);
    }

    #[test]
    fn what_a_study_keeps_back_is_not_compared() {
        let mut own = own();
        (own[0].state, own[0].value) = (State::Hidden, None);
        let second = read_second(b"id,value\npfs.hazard_ratio,0.5\n").expect("results");
        let told = beside(&own, &second, &Tolerance::default());
        assert_eq!(told.suppressed, ["pfs.hazard_ratio"]);
        assert!(told.compared.is_empty() && !told.agrees(), "nothing was compared");
    }

    #[test]
    fn a_damaged_file_is_named_at_its_place() {
        let wrong = |file: &str| read_second(file.as_bytes()).expect_err("wrong").to_string();
        assert_eq!(wrong("name,value\na,1\n"), "it has no column `id`");
        assert_eq!(wrong("id,number\na,1\n"), "it has no column `value`");
        assert_eq!(wrong("id,value\na,\n"), "line 2: `` is no value");
        assert_eq!(wrong("id,value,upper\na,1,Inf\n"), "line 2: `Inf` is no upper");
        assert_eq!(wrong("id,value\na,1\na,1\n"), "line 3: a second row of `a`");
    }
}
