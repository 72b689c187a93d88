//! CDISC's Analysis Results Standard, version 1: one reporting event, in which
//! every entry of `analyze:` is an analysis and every finding a result, once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use study::{Finding, slug};

use super::Results;
use crate::lookup::Whom;
use crate::{format, words};

/// What a pipeline file does not say: whether an analysis was planned, and to what end.
const NOT_STATED: &str = "NOT STATED";
const REASON: &str = "Term_Reason_NotStated";
const PURPOSE: &str = "Term_Purpose_NotStated";

/// The findings as a reporting event.
#[must_use]
pub fn ars_json(results: &Results<'_>) -> String {
    let mut event =
        Event { results, groupings: Groupings::default(), methods: vec![], sets: vec![] };
    let analyses: Vec<Value> = results
        .findings
        .iter()
        .filter(|findings| !findings.is_empty())
        .flat_map(|findings| event.analyses(findings))
        .collect();
    let items = analyses.iter().enumerate().map(|(place, analysis)| {
        json!({
            "name": analysis["name"],
            "level": 1,
            "order": place + 1,
            "analysisId": analysis["id"],
        })
    });
    let mark = results.study.mark().map(|mark| format!("{mark} data")).unwrap_or_default();
    let mut whole = json!({
        "id": format!("RE_{}", slug(&results.study.title)),
        "name": results.study.title,
        "version": 1,
        "mainListOfContents": {
            "name": "All analyses",
            "contentsList": { "listItems": items.collect::<Vec<_>>() },
        },
        // The standard demands a reason and a purpose of every analysis. An invented one would be a
        // statement about planning, so a term of our own says that it is not known.
        "terminologyExtensions": extensions(),
        "analysisSets": event.sets(),
        "analysisGroupings": event.groupings.json(),
        "methods": event.methods,
        "analyses": analyses,
    });
    if !mark.is_empty() {
        whole["description"] = json!(mark);
    }
    format!("{whole:#}\n")
}

/// The terms for what the standard demands and no pipeline file says.
fn extensions() -> Value {
    let extension = |name: &str, term: &str, about: &str| {
        json!({
            "id": format!("Extension_{name}"),
            "enumeration": name,
            "sponsorTerms": [{ "id": term, "submissionValue": NOT_STATED, "description": about }],
        })
    };
    json!([
        extension(
            "AnalysisReasonEnum",
            REASON,
            "The study does not say when the analysis was planned"
        ),
        extension(
            "AnalysisPurposeEnum",
            PURPOSE,
            "The study does not say what the analysis is for"
        ),
    ])
}

/// What analyses refer to, each once, in the order in which it is first needed.
struct Event<'a> {
    results: &'a Results<'a>,
    groupings: Groupings,
    methods: Vec<Value>,
    sets: Vec<String>,
}

impl Event<'_> {
    /// The analyses of an entry: one a variable and population, as the standard has one of each.
    fn analyses(&mut self, findings: &[Finding]) -> Vec<Value> {
        let mut parts: Vec<(Subject<'_>, Vec<&Finding>)> = Vec::new();
        for finding in findings {
            let subject = Subject::of(finding);
            match parts.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, members)) => members.push(finding),
                None => parts.push((subject, vec![finding])),
            }
        }
        parts.iter().map(|(subject, findings)| self.analysis(subject, findings)).collect()
    }

    fn analysis(&mut self, subject: &Subject<'_>, findings: &[&Finding]) -> Value {
        let entry = findings[0].stage();
        let id = self.own_id(subject, entry);
        let method = format!("Mth_{id}");
        let numbers = told(findings, self.results);
        let mut used: Vec<String> = Vec::new();
        let (mut operations, mut results) = (Vec::new(), Vec::new());
        for (place, number) in numbers.iter().enumerate() {
            let operation = format!("{method}_{:04}", place + 1);
            let groups = self.groups_of(number.finding);
            // Groupings of an analysis stand in the order in which its results first need them.
            let new = groups.iter().map(|(grouping, _)| grouping.clone());
            let new: Vec<String> = new.filter(|grouping| !used.contains(grouping)).collect();
            used.extend(new);
            operations.push(number.operation(&operation, place + 1, self.results));
            results.push(number.result(&operation, &groups));
        }
        self.methods.push(json!({
            "id": method,
            "name": format!("{} of {entry}", findings[0].kind),
            "label": words::words_of(findings.iter().copied()).join("; "),
            "operations": operations,
        }));
        let ordered = used.iter().enumerate().map(|(place, grouping)| {
            json!({ "order": place + 1, "groupingId": grouping, "resultsByGroup": true })
        });
        json!({
            "id": format!("An_{id}"),
            "name": match subject.variable {
                Some(variable) => format!("{entry}: {variable}"),
                None => entry.to_owned(),
            },
            "version": 1,
            "reason": { "sponsorTermId": REASON },
            "purpose": { "sponsorTermId": PURPOSE },
            "dataset": self.results.study.analysis_table,
            "variable": subject.variable.or(subject.endpoint).unwrap_or(entry),
            "analysisSetId": self.set(subject.population),
            "methodId": method,
            "orderedGroupings": ordered.collect::<Vec<_>>(),
            "results": results,
        })
    }

    fn own_id(&self, subject: &Subject<'_>, entry: &str) -> String {
        let place = self.sets.iter().position(|known| known == subject.population);
        // The number that `set` will give it. It is called only after the id is needed.
        let set = place.unwrap_or(self.sets.len());
        let variable = subject.variable.map(|variable| format!(".{}", slug(variable)));
        let endpoint = subject.endpoint.map(|endpoint| format!(".{}", slug(endpoint)));
        let parts = [variable, endpoint].map(Option::unwrap_or_default).concat();
        let id = format!("{entry}{parts}.{}", set + 1);
        let same = self.methods.iter().filter(|method| {
            let known = method["id"].as_str().unwrap_or_default();
            // The hyphen keeps the first set from counting the ids of the tenth.
            known == format!("Mth_{id}") || known.starts_with(&format!("Mth_{id}-"))
        });
        // two names of columns may have one form in ids
        match same.count() {
            0 => id,
            others => format!("{id}-{}", others + 1),
        }
    }

    fn set(&mut self, population: &str) -> String {
        let place = self.sets.iter().position(|known| known == population);
        let place = place.unwrap_or_else(|| {
            self.sets.push(population.to_owned());
            self.sets.len() - 1
        });
        format!("Set_{}", place + 1)
    }

    fn sets(&self) -> Vec<Value> {
        let sets = self.sets.iter().enumerate().map(|(place, population)| {
            let name = if population == "all" { "All patients" } else { population };
            let id = format!("Set_{}", place + 1);
            json!({ "id": id, "name": name, "label": name, "level": 1, "order": place + 1 })
        });
        sets.collect()
    }

    /// The groups that a result is about, by their grouping.
    fn groups_of(&mut self, finding: &Finding) -> Vec<(String, String)> {
        let mut groups = Vec::new();
        if let Some(Whom::Group(level)) = Whom::of(finding) {
            let column = self.results.groupings.get(finding.stage()).copied().unwrap_or("group");
            groups.push(self.groupings.group(column, level));
        }
        if let (Some(variable), Some(level)) = (&finding.variable, &finding.level) {
            let group = self.groupings.group(variable, level);
            // A level of the grouping column is its group, and would stand there twice.
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        if let Some(days) = finding.time_days {
            groups.push(self.groupings.group("time_days", &format::exact(days)));
        }
        groups
    }
}

/// What an analysis is about.
#[derive(Debug, PartialEq, Eq)]
struct Subject<'a> {
    variable: Option<&'a str>,
    endpoint: Option<&'a str>,
    population: &'a str,
}

impl<'a> Subject<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            variable: finding.variable.as_deref(),
            endpoint: finding.endpoint.as_deref(),
            population: &finding.population,
        }
    }
}

/// A number of a finding: itself, or a limit or standard error beside it.
struct Told<'a> {
    finding: &'a Finding,
    /// What stands behind the finding's id; nothing where it is the finding's own number.
    beside: &'static str,
    value: Option<f64>,
    printed: String,
}

/// The numbers of findings in their order, the finding's own first.
fn told<'a>(findings: &[&'a Finding], results: &Results<'_>) -> Vec<Told<'a>> {
    let mut all = Vec::new();
    for finding in findings.iter().copied() {
        let printed = format::value_with_limits(finding, results.study);
        // Also where there is no number: the printed text says why.
        all.push(Told { finding, beside: "", value: finding.value, printed });
        let beside = [
            (", lower confidence limit", finding.lower),
            (", upper confidence limit", finding.upper),
            (", standard error", finding.standard_error),
        ];
        let beside = beside.into_iter().filter(|(_, value)| value.is_some());
        all.extend(beside.map(|(beside, value)| {
            let printed = format::of_finding(value.unwrap_or(f64::NAN), finding, results.study);
            Told { finding, beside, value, printed }
        }));
    }
    all
}

impl Told<'_> {
    fn operation(&self, id: &str, order: usize, results: &Results<'_>) -> Value {
        json!({
            "id": id,
            // the id of the finding, so that each is found here and once
            "name": format!("{}{}", self.finding.id(), self.beside),
            "label": format!("{}{}", words::statistic(self.finding, results.study), self.beside),
            "description": words::method(&self.finding.method),
            "order": order,
        })
    }

    fn result(&self, operation: &str, groups: &[(String, String)]) -> Value {
        let mut result = json!({ "operationId": operation, "formattedValue": self.printed });
        if let Some(value) = self.value {
            // As text: the standard defines it so, and a JSON reader could round a number.
            result["rawValue"] = json!(format::exact(value));
        }
        if !groups.is_empty() {
            let groups = groups
                .iter()
                .map(|(grouping, group)| json!({ "groupingId": grouping, "groupId": group }));
            result["resultGroups"] = groups.collect();
        }
        result
    }
}

/// The columns by which results are told apart, with their levels as they come.
#[derive(Debug, Default)]
struct Groupings {
    columns: Vec<(String, Vec<String>)>,
    places: BTreeMap<String, usize>,
}

impl Groupings {
    fn group(&mut self, column: &str, level: &str) -> (String, String) {
        let next = self.columns.len();
        let place = *self.places.entry(column.to_owned()).or_insert(next);
        if place == next {
            self.columns.push((column.to_owned(), vec![]));
        }
        let levels = &mut self.columns[place].1;
        let known = levels.iter().position(|known| known == level).unwrap_or_else(|| {
            levels.push(level.to_owned());
            levels.len() - 1
        });
        let grouping = format!("Grp_{}", place + 1);
        let group = format!("{grouping}_{}", known + 1);
        (grouping, group)
    }

    fn json(&self) -> Vec<Value> {
        let columns = self.columns.iter().enumerate().map(|(place, (column, levels))| {
            let id = format!("Grp_{}", place + 1);
            let groups = levels.iter().enumerate().map(|(order, level)| {
                json!({
                    "id": format!("{id}_{}", order + 1),
                    "name": level,
                    "label": level,
                    "level": 1,
                    "order": order + 1,
                    "condition": {
                        "variable": column,
                        "comparator": "EQ",
                        "value": [level],
                    },
                })
            });
            json!({
                "id": id,
                "name": column,
                "label": column,
                "groupingVariable": column,
                // The standard wants groups listed where this is false, and all of them are.
                "dataDriven": false,
                "groups": groups.collect::<Vec<_>>(),
            })
        });
        columns.collect()
    }
}
