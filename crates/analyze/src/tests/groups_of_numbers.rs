//! Groups that a number is cut in: the same of every kind that has `by`.

use serde_json::{Value, json};
use study::{Column, Finding, Level, Output, Warning};

use crate::analysis::Analysis;
use crate::kinds::{
    baseline_table, cumulative_incidence, group_difference, kaplan_meier, log_rank, response,
    subgroups, survival_comparison, survival_difference, turnbull,
};
use crate::testing::{Sample, finding, known_from, rehearse, run, value};

/// Ages of which two are 65 to the year and one is missing.
const AGES: [Option<i64>; 24] = {
    // Computed where it is declared, because a constant has no closures.
    let mut ages = [Some(0); 24];
    let mut place = 0;
    while place < 24 {
        ages[place] = Some(43 + (place as i64 * 11) % 44);
        place += 1;
    }
    // Two at the cut itself: the group above it is theirs.
    ages[3] = Some(65);
    ages[8] = Some(65);
    ages[17] = None;
    ages
};

fn age() -> Column {
    Column { label: "Age".into(), unit: Some("years".into()), ..Column::default() }
}

/// Patients with an age, and with the category that somebody would derive from it.
fn sample() -> Sample {
    // As a careful reader would derive it by hand.
    let group = AGES.map(|age| age.map(|age| if age < 65 { "< 65 years" } else { "≥ 65 years" }));
    let level = |value, id| Level::new(value, format!("Age {value}")).with_id(Some(id));
    let levels = vec![level("< 65 years", "under_65"), level("≥ 65 years", "at_least_65")];
    Sample::of(24)
        .date("start", [Some(17_000); 24])
        .whole("os_days", (0..24).map(|place| Some(30 + (place * 37) % 500)))
        .whole("os_event", (0..24).map(|place| Some(i64::from(place % 3 != 0))))
        .text("cause", (0..24).map(|place| (place % 3 != 0).then_some(["a", "b"][place % 2])))
        .whole("right", (0..24).map(|place| (place % 3 != 0).then_some(40 + (place * 37) % 500)))
        .text("arm", (0..24).map(|place| Some(["x", "y"][place / 3 % 2])))
        .text("answer", (0..24).map(|place| Some(["CR", "SD", "PD"][place % 3])))
        .levels("answer", &["CR", "SD", "PD"])
        .real("crp", (0..24).map(|place| Some(1.5 + f64::from(place * 7 % 24))))
        .whole("age", AGES)
        .about("age", &age())
        .text("old", group)
        .about("old", &Column { levels, ..age() })
}

/// Id, value, limits and counts of a finding.
type Said = (String, Option<f64>, [Option<f64>; 2], [Option<u64>; 3]);

/// What findings say, without the name of the column that makes their groups.
fn said(output: &Output) -> Vec<Said> {
    let one = |finding: &Finding| {
        // Ids differ in the column's name alone.
        let id = finding.id().replace(".age", ".old");
        let counts = [finding.n, finding.events, finding.missing];
        (id, finding.value, [finding.lower, finding.upper], counts)
    };
    output.findings.iter().map(one).collect()
}

fn alike<A: Analysis>(parameters: &Value) -> Output {
    let with = |by: Value, reference: &str| {
        let mut whole = parameters.clone();
        let own = whole.as_object_mut().expect("an object");
        // This kind takes several columns, the others one.
        let listed = A::NAME == "subgroups";
        own.insert("by".into(), if listed { json!([by]) } else { by });
        // The reference is named as each of both columns names it.
        if own.contains_key("reference") {
            own.insert("reference".into(), json!(reference));
        }
        run::<A>(sample().table(), whole).unwrap_or_else(|told| panic!("{}: {told:?}", A::NAME))
    };
    // One is named by its cut, the other by its level: both must give the same.
    let cut = with(json!({ "column": "age", "cuts": [65] }), ">=65");
    assert_eq!(said(&cut), said(&with(json!("old"), "≥ 65 years")), "{}", A::NAME);
    cut
}

#[test]
fn a_cut_number_gives_what_a_category_derived_from_it_gives() {
    let curves = alike::<kaplan_meier::KaplanMeier>(&json!({ "endpoint": "os" }));
    // both who are 65 are among the older, and whoever has no age is in neither group
    let older = AGES.iter().flatten().filter(|age| **age >= 65).count() as f64;
    assert_eq!(value(&curves, "n.at_least_65"), older);
    assert_eq!(value(&curves, "n.under_65") + older, 23.0);
    assert_eq!(finding(&curves, "n.all").missing, Some(1));
    let drawn = curves.figures.curves().expect("curves");
    assert_eq!(drawn.by_label.as_deref(), Some("Age"));
    let labels: Vec<&str> = drawn.groups.iter().map(|group| group.label.as_str()).collect();
    assert_eq!(labels[..2], ["Age < 65 years", "Age ≥ 65 years"]);
    let groups = curves.methods.expect("an account").groups.expect("groups");
    assert_eq!((groups.column.as_str(), groups.cut), ("age", Some(study::Cut::At(vec![65.0]))));

    alike::<log_rank::LogRank>(&json!({ "endpoint": "os" }));
    alike::<survival_comparison::SurvivalComparison>(
        &json!({ "endpoint": "os", "pairwise": true }),
    );
    alike::<survival_difference::SurvivalDifference>(
        &json!({ "endpoint": "os", "at": [6], "reference": "" }),
    );
    alike::<cumulative_incidence::CumulativeIncidence>(
        &json!({ "endpoint": "os", "cause": "cause", "at": [6] }),
    );
    alike::<turnbull::Turnbull>(
        &json!({ "left": "os_days", "right": "right", "label": "L", "at": [6] }),
    );
    alike::<response::Response>(&json!({
        "column": "answer", "responders": ["CR"], "controlled": ["CR", "SD"], "reference": "",
    }));
    // what is cut may be described beside it
    alike::<baseline_table::BaselineTable>(
        &json!({ "variables": ["age", "crp"], "reference": "" }),
    );
    alike::<group_difference::GroupDifference>(&json!({ "variables": ["crp"], "reference": "" }));
    alike::<subgroups::Subgroups>(&json!({ "endpoint": "os", "treatment": "arm" }));
}

#[test]
fn scores_and_references_name_ranges_by_their_cuts() {
    let by = json!({ "column": "age", "cuts": [50, 65] });
    let trend = |scores: Value| {
        run::<survival_comparison::SurvivalComparison>(
            sample().table(),
            json!({ "endpoint": "os", "by": by, "trend": true, "scores": scores }),
        )
    };
    // Ranges may be written by their cuts, or as they are printed.
    assert_eq!(trend(json!({ "<50": 1, "50 to <65": 2, "≥ 65 years": 4 })).err(), None);
    assert_eq!(
        trend(json!({ "<50": 1, "50 to <65": 2, ">=70": 4 })).expect_err("is wrong"),
        [
            "scores.>=70: column `age` has no level `>=70`; there are: `< 50 years`, `50 to < 65 years`, `≥ 65 years`"
        ]
    );
}

fn curves(sample: &Sample, by: &Value) -> Result<Output, Vec<String>> {
    run::<kaplan_meier::KaplanMeier>(sample.table(), json!({ "endpoint": "os", "by": by }))
}

#[test]
fn quantiles_are_of_those_whom_where_keeps() {
    let sizes = |output: &Output, ids: &[&str]| -> Vec<f64> {
        ids.iter().map(|id| value(output, &format!("n.{id}"))).collect()
    };
    // 1 to 8, of whom 4.5 is the median: of the even ones it is 5
    let eight = |values: [Option<f64>; 8]| {
        Sample::of(8)
            .whole("os_days", (1..=8).map(Some))
            .whole("os_event", [Some(1); 8])
            .real("x", values)
    };
    let one_to_eight = eight([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0].map(Some));
    let median = curves(&one_to_eight, &json!({ "column": "x", "median": true })).expect("runs");
    assert_eq!(sizes(&median, &["under_4_5", "at_least_4_5"]), [4.0, 4.0]);
    let quarters = curves(&one_to_eight, &json!({ "column": "x", "quantiles": 4 })).expect("runs");
    let ids = ["under_2_75", "2_75_to_under_4_5", "4_5_to_under_6_25", "at_least_6_25"];
    assert_eq!(sizes(&quarters, &ids), [2.0; 4]);
    let parameters = json!({
        "endpoint": "os", "by": { "column": "x", "median": true }, "where": "os_days % 2 = 0",
    });
    let even = run::<kaplan_meier::KaplanMeier>(one_to_eight.table(), parameters).expect("runs");
    assert_eq!(sizes(&even, &["under_5", "at_least_5"]), [2.0, 2.0]);
    // those who are at the median are above it, and sixteen digits are not printed where six do
    let tied = [0.1, 0.2, 0.3, 0.3, 0.3, 0.7, 0.9].map(Some);
    let tied = eight([tied[0], tied[1], tied[2], tied[3], tied[4], tied[5], tied[6], None]);
    let output = curves(&tied, &json!({ "column": "x", "median": true })).expect("runs");
    assert_eq!(sizes(&output, &["under_0_3", "at_least_0_3"]), [2.0, 5.0]);
    let between = [0.1, 0.1, 0.2, 0.2, 0.1, 0.2, 0.1, 0.2].map(Some);
    let output = curves(&eight(between), &json!({ "column": "x", "median": true })).expect("runs");
    assert_eq!(sizes(&output, &["under_0_15", "at_least_0_15"]), [4.0, 4.0]);
    // nothing shorter than this number leaves everybody where they are
    // Seven digits apart: six digits would move somebody across the cut.
    let close = [1.0, 1.0, 1.0, 1.0, 1.000_000_4, 1.000_000_4, 1.000_000_4, 1.000_000_4].map(Some);
    let output = curves(&eight(close), &json!({ "column": "x", "median": true })).expect("runs");
    assert_eq!(sizes(&output, &["at_least_1_0000002"]), [4.0]);
}

#[test]
fn a_cut_that_leaves_a_group_empty_is_refused() {
    let of = |values: [Option<f64>; 6]| {
        Sample::of(6)
            .whole("os_days", (1..=6).map(Some))
            .whole("os_event", [Some(1); 6])
            .real("x", values)
    };
    let told = |values: [f64; 6], by: Value| {
        curves(&of(values.map(Some)), &by).expect_err("leaves nobody")
    };
    let median = || json!({ "column": "x", "median": true });
    assert_eq!(
        told([2.5; 6], median()),
        ["by: `x` is 2.5 for every patient, and cannot be cut; groups need values that differ"]
    );
    assert_eq!(
        // The median is 1, and nobody is below it.
        told([1.0, 1.0, 1.0, 1.0, 2.0, 3.0], median()),
        ["by: group `< 1` of `x` has no patients; choose other cuts, or widen `where`"]
    );
    assert_eq!(
        // Three of the quartiles are 1.
        told([0.0, 1.0, 1.0, 1.0, 1.0, 3.0], json!({ "column": "x", "quantiles": 4 })),
        [
            "by: two of the quantiles that cut `x` are 1: nobody would be between them; ask for fewer groups, or declare `cuts`"
        ]
    );
    assert_eq!(
        told([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], json!({ "column": "x", "cuts": [9] })),
        ["by: group `≥ 9` of `x` has no patients; choose other cuts, or widen `where`"]
    );
    assert_eq!(
        curves(&of([None; 6]), &median()).expect_err("has no values"),
        ["by: `x` is missing for every patient; widen `where`"]
    );
}

#[test]
fn a_rehearsal_knows_the_groups_of_cuts_and_not_those_of_quantiles() {
    let ids = |by: Value| -> Vec<String> {
        let parameters = json!({ "endpoint": "os", "by": by });
        let output = rehearse::<kaplan_meier::KaplanMeier>(&sample().table(), parameters);
        let medians = output.expect("rehearses").findings.into_iter();
        let mut ids: Vec<String> = medians
            .filter(|finding| finding.statistic == "median")
            .map(|finding| finding.id())
            // Several numbers of a group share an id part.
            .collect();
        ids.dedup();
        ids
    };
    let declared = ["stage.median.under_65", "stage.median.at_least_65", "stage.median.all"];
    assert_eq!(ids(json!({ "column": "age", "cuts": [65] })), declared);
    // Which groups quantiles make is known from the data alone.
    let open = ["stage.median.*", "stage.median.all"];
    assert_eq!(ids(json!({ "column": "age", "quantiles": 4 })), open);
    assert_eq!(ids(json!({ "column": "age", "median": true })), open);
}

#[test]
fn a_cut_number_is_guarded_as_itself() {
    let late = Column { lineage: known_from("scan"), ..age() };
    // Late, and naming patients: each has its own column here.
    let mut names_patients = age();
    names_patients.lineage.identifier = true;
    let table = sample()
        .date("scan", [Some(17_100); 24])
        .about("age", &late)
        .real("number", [Some(1.5); 24])
        .about("number", &names_patients)
        .table();
    let told = |by: Value, choice: &str| {
        let parameters = json!({ "endpoint": "os", "by": by, "immortal_time": choice });
        rehearse::<log_rank::LogRank>(&table, parameters)
    };
    let by = || json!({ "column": "age", "cuts": [65] });
    assert_eq!(
        told(by(), "refuse").expect_err("is late"),
        [
            "by: `age` is known only from `scan`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding"
        ]
    );
    let naive = told(by(), "naive").expect("is declared");
    let warned = |finding: &Finding| {
        finding.warnings.iter().any(|warning| matches!(warning, Warning::NaiveGroup { .. }))
    };
    assert!(naive.findings.iter().all(warned));
    assert_eq!(
        told(json!({ "column": "number", "median": true }), "refuse").expect_err("names"),
        [
            "by: `number` identifies patients: its values cannot be printed; derive a group from it that many patients share"
        ]
    );
}

#[test]
fn what_cannot_be_cut_is_told_with_its_place() {
    let told = |by: Value| {
        let parameters = json!({ "endpoint": "os", "by": by });
        rehearse::<log_rank::LogRank>(&sample().table(), parameters).expect_err("is wrong")
    };
    assert_eq!(
        told(json!({ "column": "arm", "cuts": [1] })),
        ["by: `arm` holds text: there are no numbers to cut; name the column alone"]
    );
    assert_eq!(
        told(json!({ "column": "age", "cuts": [65, 50], "median": true })),
        [
            // Both mistakes of one `by` are told.
            "by: `age` is cut in more than one way; keep one of `cuts`, `quantiles` and `median`",
            "by.cuts: `cuts` are no ascending numbers; such as `cuts: [50, 65]`",
        ]
    );
    assert_eq!(
        told(json!({ "column": "agee", "median": true })),
        ["by: table `analysis` has no column `agee`; did you mean `age`?"]
    );
    assert_eq!(
        told(json!("crp")),
        [
            "by: `crp` holds numbers, which make no groups; cut it: `by: { column: crp, cuts: [65] }` with cuts of your own, `by: { column: crp, quantiles: 4 }` or `by: { column: crp, median: true }`"
        ]
    );
    let parameters = json!({
        "endpoint": "os", "treatment": "arm", "adjust": ["age"],
        "by": [{ "column": "age", "cuts": [65] }, { "column": "old", "median": true }],
        "references": { "age": "<60" },
    });
    assert_eq!(
        rehearse::<subgroups::Subgroups>(&sample().table(), parameters).expect_err("is wrong"),
        [
            "by.0: `age` is cut here, and stands as it is elsewhere; leave it out of `adjust` and `strata`, or derive a category from it",
            "by.1: `old` holds text: there are no numbers to cut; name the column alone",
            "references.age: column `age` has no level `<60`; there are: `< 65 years`, `≥ 65 years`",
        ]
    );
}

#[test]
fn a_column_alone_is_stored_as_it_was() {
    let stored = |by: Value| {
        let by: crate::by::By = serde_json::from_value(by).expect("groups");
        serde_json::to_value(by).expect("plain")
    };
    for by in [
        json!("arm"),
        json!({ "column": "age", "cuts": [50.0, 65.0] }),
        json!({ "column": "age", "quantiles": 4 }),
        json!({ "column": "age", "median": true }),
    ] {
        assert_eq!(stored(by.clone()), by);
    }
    // Written as short as it can be: both ways of naming a column alone must have the same key.
    assert_eq!(stored(json!({ "column": "arm" })), json!("arm"));
}
