//! Analysis results data: one row a number, in the columns and with the names of
//! the R packages `cards` and `cardx`, and behind them the analysis and the id of
//! the finding that the number is of.

use std::collections::BTreeSet;

use study::{Finding, Part, Quantity, State};

use super::Results;
use super::dataset::Dataset;
use crate::lookup::Whom;
use crate::{format, words};

/// The columns, with what they hold.
const COLUMNS: [(&str, &str); 13] = [
    ("group1", "the column by which the analysis forms groups"),
    ("group1_level", "the group that the number is about"),
    ("variable", "what the number is about: a column, an endpoint or an outcome, or `time`"),
    ("variable_level", "the level of that column, or the time in days"),
    ("context", "the analysis as `cards` calls it, else its kind; behind `/` the model or method"),
    ("stat_name", "name of the statistic"),
    ("stat_label", "the statistic in words"),
    ("stat", "the number at full precision, or a text"),
    ("fmt_fun", "decimals that are printed, or a pattern of `cards`"),
    ("warning", "what a reader must know before using the number"),
    ("error", "why there is no number"),
    ("analysis", "the entry of `analyze:` that the number is of"),
    ("finding", "id of the finding"),
];

type Row = [Option<String>; COLUMNS.len()];

/// The statistics that `cardx` calls the estimate of a regression.
const RATIOS: [&str; 3] = ["hazard_ratio", "odds_ratio", "subdistribution_hazard_ratio"];
/// The variable that stands for all patients.
const TOTAL: &str = "..ard_total_n..";

/// Analysis results data, row by row.
fn rows(results: &Results<'_>) -> Vec<Row> {
    let analyses = results.findings.iter().filter(|findings| !findings.is_empty());
    analyses.flat_map(|findings| Analysis::new(results, findings).rows()).collect()
}

/// Analysis results data as Dataset-JSON 1.1.
#[must_use]
pub fn ard_json(results: &Results<'_>) -> String {
    dataset(results).json(results.released.as_deref())
}

/// Analysis results data as CSV.
#[must_use]
pub fn ard_csv(results: &Results<'_>) -> String {
    dataset(results).csv()
}

fn dataset(results: &Results<'_>) -> Dataset<{ COLUMNS.len() }> {
    let mark = results.study.mark().map(|mark| format!("{mark}: ")).unwrap_or_default();
    let label = format!("{mark}analysis results of {}", results.study.title);
    Dataset { name: "ARD", label, columns: COLUMNS, rows: rows(results) }
}

/// The findings of one entry.
struct Analysis<'a> {
    results: &'a Results<'a>,
    findings: &'a [Finding],
    /// The variables that are counted level by level.
    counted: BTreeSet<&'a str>,
    is_regression: bool,
}

/// Where the rows of a finding stand.
struct Place {
    context: String,
    stat: String,
    variable: String,
    level: Option<String>,
    /// The group is the level that is counted, so that it stands in no other column.
    counts_group: bool,
}

impl<'a> Analysis<'a> {
    fn new(results: &'a Results<'a>, findings: &'a [Finding]) -> Self {
        let levels = findings.iter().filter(|finding| finding.level.is_some());
        let is_ratio = |finding: &Finding| {
            RATIOS.contains(&finding.statistic.as_str()) && finding.variable.is_some()
        };
        Self {
            results,
            findings,
            counted: levels.filter_map(|finding| finding.variable.as_deref()).collect(),
            // Whether an entry is a regression is told by a ratio of a column, not by a list of
            // kinds, which a new kind would have to be added to.
            is_regression: findings.iter().any(is_ratio),
        }
    }

    fn rows(&self) -> Vec<Row> {
        self.findings.iter().flat_map(|finding| self.rows_of(finding)).collect()
    }

    /// The number, its limits and standard error, and its method.
    fn rows_of(&self, finding: &Finding) -> Vec<Row> {
        let place = self.place(finding);
        let label = words::statistic(finding, self.results.study);
        let beside = |name: &str| match place.stat.as_str() {
            // `cardx` names limits `conf.low` beside an `estimate`. Beside other statistics of one
            // context that name would be taken twice.
            "estimate" => name.to_owned(),
            other => format!("{other}.{name}"),
        };
        let number = |value: Option<f64>| value.map(format::exact);
        let decimals = pattern(finding);
        let mut rows =
            vec![self.row(finding, &place, (&place.stat, &label), number(finding.value))];
        let limits = [("conf.low", finding.lower, "lower"), ("conf.high", finding.upper, "upper")];
        let mut add = |name: String, label: String, value: Option<String>, shown: &str| {
            if value.is_some() {
                let mut row = self.row(finding, &place, (&name, &label), value);
                row[8] = Some(shown.to_owned()).filter(|shown| !shown.is_empty());
                // Columns of warning and error: they are said once, at the number itself.
                (row[9], row[10]) = (None, None);
                rows.push(row);
            }
        };
        for (name, limit, side) in limits {
            add(
                beside(name),
                format!("{label}, {side} confidence limit"),
                number(limit),
                &decimals,
            );
        }
        let level =
            finding.confidence_level.filter(|_| finding.lower.is_some() || finding.upper.is_some());
        // The level without a limit would say nothing.
        add(beside("conf.level"), "Confidence level".to_owned(), number(level), "2");
        let error = number(finding.standard_error);
        add(beside("std.error"), format!("{label}, standard error"), error, "3");
        // `cards` gives no method for counts and descriptive statistics.
        let is_summary = ["summary", "tabulate", "missing", "total_n"]
            .contains(&place.context.split('/').next().unwrap_or_default());
        let method = words::method(&finding.method);
        let told = (!is_summary && !method.is_empty()).then_some(method);
        add(beside("method"), "Method".to_owned(), told, "");
        // `cards` puts the denominator beside each share.
        if place.stat == "p" {
            let whole = finding.n.map(|n| n.to_string());
            add("N".to_owned(), "Patients with a value".to_owned(), whole, "0");
        }
        rows
    }

    fn row(
        &self,
        finding: &Finding,
        place: &Place,
        (name, label): (&str, &str),
        stat: Option<String>,
    ) -> Row {
        let group = match Whom::of(finding) {
            Some(Whom::Group(level)) if !place.counts_group => {
                Some((self.grouping(finding).to_owned(), level.to_owned()))
            }
            _ => None,
        };
        let (group, group_level) = group.unzip();
        let warnings: Vec<String> = finding.warnings.iter().map(words::warning).collect();
        [
            group,
            group_level,
            Some(place.variable.clone()),
            place.level.clone(),
            Some(place.context.clone()),
            Some(name.to_owned()),
            Some(label.to_owned()),
            stat,
            Some(pattern(finding)),
            Some(warnings.join("; ")).filter(|words| !words.is_empty()),
            absence(finding.state).map(str::to_owned),
            Some(finding.stage().to_owned()),
            Some(finding.id()),
        ]
    }

    fn grouping(&self, finding: &Finding) -> &'a str {
        // An analysis may form groups by no declared column.
        self.results.groupings.get(finding.stage()).copied().unwrap_or("group")
    }

    /// Where `cards` and `cardx` put such a number.
    fn place(&self, finding: &Finding) -> Place {
        let (context, stat, variable, level) = match finding.kind.as_str() {
            "baseline_table" => self.of_baseline(finding),
            "kaplan_meier" => of_curve(finding),
            _ => None,
        }
        .unwrap_or_else(|| self.of_others(finding));
        let mut context = context.to_owned();
        for part in beyond(finding, &variable, level.as_deref()) {
            context += &format!("/{part}");
        }
        let counts_group = finding.variable.is_none() && context == "tabulate";
        Place { context, stat: stat.to_owned(), variable, level, counts_group }
    }

    fn of_baseline(&self, finding: &'a Finding) -> Option<Where<'a>> {
        let Some(variable) = finding.variable.clone() else {
            return match (finding.statistic.as_str(), Whom::of(finding)?) {
                // `ard_total_n()` of `cards` writes this variable.
                ("n", Whom::Everybody) => Some(("total_n", "N", TOTAL.to_owned(), None)),
                ("n", Whom::Group(level)) => {
                    let column = self.grouping(finding).to_owned();
                    Some(("tabulate", "n", column, Some(level.to_owned())))
                }
                _ => None,
            };
        };
        let is_counted = self.counted.contains(variable.as_str());
        let (context, stat) = match finding.statistic.as_str() {
            // For categories N is the denominator of shares, for numbers it is a statistic of its
            // own: `cards` names both alike and tells them apart by context.
            "n" if is_counted => ("tabulate", "N"),
            "n" => ("summary", "N"),
            "count" => ("tabulate", "n"),
            "proportion" => ("tabulate", "p"),
            "missing" => ("missing", "N_miss"),
            "mean" => ("summary", "mean"),
            "standard_deviation" => ("summary", "sd"),
            "median" => ("summary", "median"),
            "lower_quartile" => ("summary", "p25"),
            "upper_quartile" => ("summary", "p75"),
            "minimum" => ("summary", "min"),
            "maximum" => ("summary", "max"),
            _ => return None,
        };
        Some((context, stat, variable, finding.level.clone()))
    }

    fn of_others(&self, finding: &'a Finding) -> Where<'a> {
        let context = match finding.kind.as_str() {
            "response" if finding.quantity == Quantity::Proportion => "proportion_ci",
            _ if self.is_regression && finding.variable.is_some() => "regression",
            kind => kind,
        };
        let stat = match finding.statistic.as_str() {
            _ if context == "proportion_ci" => "estimate",
            ratio if context == "regression" && RATIOS.contains(&ratio) => "estimate",
            "p_value" => "p.value",
            "chi_square" => "statistic",
            "degrees_of_freedom" => "df",
            other => other,
        };
        let named = || finding.address.outcome().or(finding.endpoint.as_deref());
        let (variable, level) = match (&finding.variable, finding.time_days) {
            (Some(variable), _) => (variable.clone(), finding.level.clone()),
            // A number between two times has its own variable. One time alone is the level of
            // `time`, as for curves.
            (None, Some(days)) if finding.address.times().count() == 1 => {
                ("time".to_owned(), Some(format::exact(days)))
            }
            _ => (named().unwrap_or(finding.stage()).to_owned(), finding.level.clone()),
        };
        (context, stat, variable, level)
    }
}

/// Context, statistic, variable and its level.
type Where<'a> = (&'a str, &'a str, String, Option<String>);

/// What `cardx` gives of a survival curve: at times, and at shares of it.
fn of_curve(finding: &Finding) -> Option<Where<'_>> {
    let context = "survival_survfit";
    if finding.statistic == "median" {
        // `ard_survival_survfit(probs = 0.5)` gives a median as the time at which half are left.
        return Some((context, "estimate", "prob".to_owned(), Some("0.5".to_owned())));
    }
    let stat = match finding.statistic.as_str() {
        "survival" => "estimate",
        "n_at_risk" => "n.risk",
        "cumulative_events" => "cum.event",
        "cumulative_censored" => "cum.censor",
        _ => return None,
    };
    let days = finding.time_days?;
    Some((context, stat, "time".to_owned(), Some(format::exact(days))))
}

/// The parts of an address that no column holds: models, tests, methods, periods.
fn beyond(finding: &Finding, variable: &str, level: Option<&str>) -> Vec<String> {
    let mut seen = false;
    let is_beyond = |part: &&Part| match part {
        // an id may shorten what it names: `p`, `incidence`
        Part::Statistic(name) => {
            let is_first = !std::mem::replace(&mut seen, true);
            // Only the first part may be the statistic itself. A second one names something else,
            // as `p` behind an outcome.
            !is_first || !finding.statistic.contains(name)
        }
        Part::Variable(name) | Part::Outcome(name) => name != variable,
        Part::Level { value, .. } => Some(value.as_str()) != level,
        Part::Group { value, .. } => Some(value.as_str()) != finding.group.as_deref(),
        Part::Time(_) => variable != "time",
        Part::Everybody | Part::AnyLevel => false,
        Part::Model(_) | Part::Test(_) | Part::Method(_) | Part::Period(_) | Part::Place(_) => true,
    };
    finding.address.parts.iter().filter(is_beyond).map(Part::printed).collect()
}

/// How many decimals are printed; of a share, the pattern of `cards` for percentages.
fn pattern(finding: &Finding) -> String {
    let decimals = match finding.quantity {
        Quantity::Count | Quantity::DegreesOfFreedom => 0,
        Quantity::Proportion | Quantity::Survival | Quantity::ProportionDifference => {
            // `cards` takes such a pattern for a share that it multiplies by a hundred when it
            // prints.
            return "xx.x%".to_owned();
        }
        Quantity::Measured => finding.decimals.unwrap_or(1),
        Quantity::Days => 1,
        Quantity::PValue => 3,
        _ => 2,
    };
    decimals.to_string()
}

/// Why there is no number.
fn absence(state: State) -> Option<&'static str> {
    match state {
        State::Estimated => None,
        State::NotReached => Some("not reached"),
        State::NotEstimable => Some("not estimable"),
        State::Announced => Some("not yet computed"),
        // One word for both: whoever computes on an export need only know that there is no number.
        State::Small | State::Hidden => Some("suppressed"),
    }
}
