//! What is wrong with the values of a pipeline file, in full texts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Span, TimeUnit};

use super::*;
use crate::Named;
use crate::registry::schema_of;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Interval {
    /// Of the survival itself.
    #[default]
    Plain,
    LogLog,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sample {
    /// The endpoint's name. More words.
    endpoint: String,
    #[serde(default)]
    interval: Interval,
    #[serde(default)]
    again: Option<Interval>,
    #[serde(default)]
    at: Vec<f64>,
    #[serde(default)]
    levels: Named<Vec<String>>,
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    rho: Option<f64>,
    #[serde(default)]
    range: Option<[f64; 2]>,
    /// Where follow-up is read.
    #[serde(default)]
    when: Vec<Span>,
    #[serde(default)]
    until: Option<Span>,
}

fn check(text: &str) -> (Json, Vec<String>) {
    let node = Node::parse(text).expect("is YAML");
    let mut validator = Validator { source: text, diagnostics: vec![] };
    let json = validator.check("sample", &node, &schema_of::<Sample>());
    (json, validator.diagnostics.iter().map(ToString::to_string).collect())
}

#[test]
fn a_misspelt_key_is_one_mistake() {
    let (_, said) = check("endpont: pfs\n");
    assert_eq!(said, ["1:1: `sample` has no key `endpont` (did you mean `endpoint`?)"]);
    // also one that only looks like it: its first letter is Cyrillic
    let (_, said) = check("\u{435}ndpoint: pfs\n");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("did you mean `endpoint`? (here stands"), "{said:?}");
}

#[test]
fn a_right_entry_decodes() {
    let (json, said) = check(
        // `02` is a code and no number, and `true` a word where texts are asked for.
        "endpoint: pfs\ninterval: log_log\nagain: plain\nat: [6, 12.5]\nlevels: {f: [F, 0, 02], m: [true]}\nrho: 1\nrange: [1, 2]\n",
    );
    assert_eq!(said, Vec::<String>::new());
    let sample: Sample = serde_json::from_value(json).expect("was checked");
    assert_eq!(sample.levels.get("f").expect("given"), &["F", "0", "02"]);
    assert_eq!(sample.levels.get("m").expect("given"), &["true"]);
    assert_eq!(
        (sample.at, sample.rho, sample.again),
        (vec![6.0, 12.5], Some(1.0), Some(Interval::Plain))
    );
}

#[test]
fn a_text_cut_at_its_comma_wants_quotes() {
    let (_, said) = check("{ endpoint: COALESCE(pfs, os) }");
    assert_eq!(
        said,
        [
            "1:27: `sample` has no key `os)` (inside `{ }` a text with a comma stands in quotes, such as \"COALESCE(a, b)\")"
        ]
    );
}

#[test]
fn all_mistakes_come_at_once_with_their_places() {
    let (_, said) =
        check("interval: loglog\nat: six\nlevles: {}\nrho: 1.5\nagain: [1]\nrange: [1]\n");
    assert_eq!(
        said,
        [
            "1:11: `interval` cannot be `loglog` (did you mean `log_log`?)",
            "2:5: `at` must be a list of numbers, not `six`",
            "3:1: `sample` has no key `levles` (did you mean `levels`?)",
            "4:6: `rho` must be at most 1, not `1.5`",
            "5:8: `again` must be one of `log_log`, `plain`, not a list",
            "6:8: `range` must have 2 entries, not 1",
            "1:1: `sample` lacks the key `endpoint` (`endpoint`: The endpoint's name)",
        ]
    );
}

#[test]
fn times_have_units_or_are_numbers() {
    let (json, said) =
        // A bare number is in the unit of the study; quotes do not change that.
        check("endpoint: os\nwhen: [6, 12.5, 6 months, 1 week, '3']\nuntil: 5 years\n");
    assert_eq!(said, Vec::<String>::new());
    let sample: Sample = serde_json::from_value(json).expect("was checked");
    let bare = Span::bare;
    let (months, week) = (Span::new(6.0, TimeUnit::Months), Span::new(1.0, TimeUnit::Weeks));
    assert_eq!(sample.when, [bare(6.0), bare(12.5), months, week, bare(3.0)]);
    assert_eq!(sample.until, Some(Span::new(5.0, TimeUnit::Years)));
}

#[test]
fn a_time_that_is_none_says_what_is_one() {
    let (_, said) = check("endpoint: os\nwhen: [6 mo, soon, true]\nuntil: [5]\n");
    assert_eq!(
        said,
        [
            "2:8: `when`: `6 mo` has no unit of time (did you mean `6 months`?)",
            "2:14: `when`: `soon` is no length of time (a number and a unit, such as `6 months`; the units are `days`, `weeks`, `months`, `years`)",
            "2:20: `when`: `true` is no length of time (a number and a unit, such as `6 months`; the units are `days`, `weeks`, `months`, `years`)",
            "3:8: `until` must be a time such as `6 months`, not a list",
        ]
    );
    let (_, said) = check("endpoint: os\nwhen: 6 months\n");
    assert_eq!(said, ["2:7: `when` must be a list of times such as `6 months`, not `6 months`"]);
}

#[test]
fn a_unit_in_a_key_is_shown_beside_its_numbers() {
    let (_, said) = check(
        "endpoint: os\nwhen_months: [1, 2.5]\nuntil_days: 90\nuntil_weeks: soon\nrho_months: 1\nwhen_mm: 1\n",
    );
    assert_eq!(
        said,
        [
            "2:1: `sample` has no key `when_months` (a time has its unit beside it: `when: [1 month, 2.5 months]`)",
            "3:1: `sample` has no key `until_days` (a time has its unit beside it: `until: 90 days`)",
            "4:1: `sample` has no key `until_weeks` (a time has its unit beside it: `until: 6 weeks`)",
            "5:1: `sample` has no key `rho_months` (there are: `endpoint`, `interval`, `again`, `at`, `levels`, `rho`, `range`, `when`, `until`)",
            "6:1: `sample` has no key `when_mm` (there are: `endpoint`, `interval`, `again`, `at`, `levels`, `rho`, `range`, `when`, `until`)",
        ]
    );
}
