//! What the tables print and what they say of mistakes.

use engine::{Kind, Mistakes};
use serde_json::{Value, json};
use std::sync::Arc;

use study::{
    Body, Finding, Method, Output, Part, Procedure, Quantity, Spread, StudySettings, Warning,
    Weighting,
};

use crate::cohort;
use crate::kinds::*;

fn kind<K: Kind>(parameters: Value) -> K {
    serde_json::from_value(parameters).expect("parameters of the kind")
}

fn run<K: Kind>(name: &str, parameters: Value) -> Result<Output, Mistakes> {
    let (study, claims) = (cohort::study(), cohort::claims());
    kind::<K>(parameters).run(&cohort::call(name, &study, &claims, &[]))
}

fn csv<K: Kind>(name: &str, parameters: Value) -> Vec<String> {
    let output = run::<K>(name, parameters).expect("nothing is wrong");
    let file = &output.files[&format!("reports/tables/{name}.csv")];
    String::from_utf8(file.clone()).expect("text").lines().map(str::to_owned).collect()
}

fn said(found: Result<Output, Mistakes>) -> Vec<String> {
    let said = |mistake: engine::Mistake| {
        let at = mistake.at.join(".");
        format!("{at}: {}; {}", mistake.message, mistake.hint.unwrap_or_default())
    };
    found.expect_err("a mistake").0.into_iter().map(said).collect()
}

fn rehearsed<K: Kind>(parameters: Value) -> Result<Output, Mistakes> {
    let (study, claims) = (cohort::study(), cohort::claims());
    let call = cohort::call("etable_1", &study, &claims, &[]);
    kind::<K>(parameters).rehearse(&cohort::rehearsal(call))
}

#[test]
fn characteristics_hide_small_counts() {
    let rows = csv::<CharacteristicsTable>(
        "etable_7",
        json!({"baseline": "baseline", "by": "radiotherapy"}),
    );
    assert_eq!(rows[0], "characteristic,rt,no_rt,all,smd,p,data_status");
    assert_eq!(
        rows[1],
        "\"Age, years, mean (SD)\",61.2 (9.8),62.2 (9.8),63.2 (9.8),−0.31,0.43,simulated"
    );
    assert!(
        rows.contains(
            &"\"Primary site, n (%): Oropharynx\",<5,[c],20 (17.7%),,,simulated".to_owned()
        )
    );
    assert!(rows.contains(
        &"\"Ever smoker, n (%)\",28 (75.7%),55 (72.4%),83 (73.5%),0.08,0.72,simulated".to_owned()
    ));
}

#[test]
fn the_ledger_names_the_methods_that_agree() {
    let rows = csv::<ClaimLedger>("etable_1", json!({}));
    assert_eq!(
        rows[1],
        "\"Objective response, RT\",abstract,67.6%,67.6%,67.567568,rounds to,\"Proportion, Wilson 95% CI\",simulated"
    );
    assert_eq!(
        rows[2],
        "\"Objective response, p\",abstract,p = 0.009,0.009,0.00923,rounds to,Chi-square test with Yates' correction; Fisher's exact test,simulated"
    );
    assert_eq!(
        rows[3],
        // Of the tests only Yates' and Fisher's print 0.009.
        "\"Objective response, p: Pearson's chi-square test\",,,0.005,0.00505,differs,,simulated"
    );
    assert_eq!(
        rows[8],
        "\"Median OS, RT\",abstract,not reached,not reached,,exact,\"Kaplan-Meier, log-log 95% CI\",simulated"
    );
    assert_eq!(
        rows[10],
        // A claim without a number.
        "Independent prognostic factors,abstract,Cox regression,,,not verifiable,,simulated"
    );
}

#[test]
fn responses_and_models_print_what_was_found() {
    let rows = csv::<ResponseTable>("etable_10", json!({"response": "response_by_rt"}));
    assert_eq!(
        rows[5],
        "Objective response rate,\"Patients, n/N (%)\",25/37 (67.6%),30/76 (39.5%),55/113 (48.7%),,simulated"
    );
    assert_eq!(
        rows[8],
        // 0.281 with its made-up limits, 0.281 / 2.2 and 0.281 × 1.6.
        "Objective response rate,\"Risk difference, percentage points (95% CI)\",28.1 (12.8–45.0),reference,,,simulated"
    );
    let rows = csv::<ModelTable>("etable_13", json!({"models": ["pfs_prognosis"], "show": "both"}));
    assert_eq!(
        rows[0],
        "section,term,univariable_n,univariable_events,univariable_hazard_ratio,univariable_p,multivariable_hazard_ratio,multivariable_p,data_status"
    );
    assert_eq!(
        rows[2],
        "Progression-free survival,Radiotherapy during immunotherapy: No radiotherapy,76,61,1 (reference),,1 (reference),,simulated"
    );
    assert_eq!(
        rows[3],
        "Progression-free survival,Radiotherapy during immunotherapy: Radiotherapy,37,19,0.39 (0.23–0.67),<0.001,0.39 (0.23–0.67),<0.001,simulated"
    );
    let rows = csv::<SurvivalTable>("etable_11", json!({"curves": ["pfs_by_rt"]}));
    assert_eq!(
        rows[2],
        "Progression-free survival,\"Median, months\",20.0 (13.1–NR),,4.0 (2.6–5.9),,9.7 (6.4–14.3),,simulated"
    );
}

#[test]
fn any_findings_can_stand_in_a_table() {
    let findings = json!({
        "Response": ["response_by_rt.orr.rt", "response_by_rt.orr.p"],
        "Model": ["pfs_prognosis.hazard_ratio.*"],
    });
    let rows = csv::<FindingsTable>("etable_15", json!({"title": "Any", "findings": findings}));
    assert_eq!(
        rows[..6],
        [
            "section,what,patients,events,objective_response_rate,hazard_ratio,hazard_ratio_p,data_status",
            "Response,RT,37,25,67.6% (53.6–81.6),,,simulated",
            "Response,Chi-square test with Yates' correction,,,,,0.009,simulated",
            "Model,Radiotherapy during immunotherapy,,,,,,simulated",
            "Model,Radiotherapy during immunotherapy: No radiotherapy,110,78,,1 (reference),,simulated",
            "Model,Radiotherapy during immunotherapy: Radiotherapy,110,78,,0.39 (0.23–0.67),<0.001,simulated",
        ]
    );
}

#[test]
fn models_and_curves_can_be_named() {
    let names = |entry: &str, name: &str| json!({ entry: name });
    let model =
        json!({"models": ["pfs_prognosis"], "names": names("pfs_prognosis", "All factors")});
    let rows = csv::<ModelTable>("etable_12", model);
    assert!(rows[1].starts_with("All factors,"), "{}", rows[1]);
    let curves = json!({"curves": ["pfs_by_rt"], "names": names("pfs_by_rt", "Unweighted")});
    let rows = csv::<SurvivalTable>("etable_11", curves);
    assert!(rows[2].starts_with("Unweighted,"), "{}", rows[2]);
    let wrong = json!({"models": ["pfs_prognosis"], "names": names("pfs_prognosi", "All")});
    assert_eq!(
        said(rehearsed::<ModelTable>(wrong)),
        [
            "names.pfs_prognosi: the table does not print `pfs_prognosi`; did you mean `pfs_prognosis`?"
        ]
    );
}

/// The groups of the table in columns, each heading a row; names say which is which.
#[test]
fn findings_can_be_pivoted() {
    let parameters = json!({
        "title": "Any",
        "by": "radiotherapy",
        "across": ["all"],
        "findings": { "Ratio": ["pfs_prognosis.hazard_ratio.radiotherapy.rt"], "Response": ["response_by_rt.orr.rt", "response_by_rt.orr.no_rt"] },
    });
    assert_eq!(
        csv::<FindingsTable>("etable_15", parameters),
        [
            "what,hazard_ratio,hazard_ratio_p,objective_response_rate_radiotherapy,objective_response_rate_no_radiotherapy,data_status",
            "Ratio,0.39 (0.23–0.67),<0.001,,,simulated",
            "Response,,,67.6% (53.6–81.6),39.5% (25.5–53.5),simulated",
        ]
    );
    let down = json!({
        "title": "Any",
        "by": "radiotherapy",
        "statistics": "rows",
        "findings": { "Numbers": ["pfs_prognosis.hazard_ratio.radiotherapy.rt", "response_by_rt.orr.rt"] },
    });
    let rows = csv::<FindingsTable>("etable_15", down);
    assert_eq!(rows[0], "section,what,patients,events,estimate,estimate_p,data_status");
    // Both are of radiotherapy, which is said once.
    assert!(rows[1].starts_with("Numbers,Hazard ratio,110,78,0.39 "), "{}", rows[1]);
    assert!(rows[2].starts_with("Numbers,Objective response rate,37,25,67.6% "), "{}", rows[2]);
    let wrong = json!({ "title": "Any", "names": { "pfs_prognosi": "Progression" }, "findings": { "A": ["pfs_prognosis.hazard_ratio.*"] } });
    assert_eq!(
        said(rehearsed::<FindingsTable>(wrong)),
        [
            "names.pfs_prognosi: no finding of the table is of `pfs_prognosi`; did you mean `pfs_prognosis`?"
        ]
    );
}

#[test]
fn findings_that_there_are_not_are_mistakes() {
    let findings = json!({"Response": ["response_by_rt.orr.rt", "response_by_rt.oor.*"]});
    assert_eq!(
        said(run::<FindingsTable>("t", json!({"title": "Any", "findings": findings}))),
        [
            "findings.Response.1: there is no finding `response_by_rt.oor.*`; did you mean `response_by_rt.orr.*`?"
        ]
    );
    assert_eq!(
        said(rehearsed::<FindingsTable>(json!({"title": "Any", "findings": {"Response": []}}))),
        ["findings.Response: heading `Response` has no findings; "]
    );
}

#[test]
fn the_cleaning_log_holds_no_patient() {
    let rows = csv::<CleaningTable>("etable_5", json!({})).join("\n");
    assert!(
        rows.contains("clean: dates,patients.date_of_birth,Ambiguous,,,,,2,,,simulated"),
        "{rows}"
    );
    assert!(
        rows.contains("clean: one_row,patients,Exact duplicate of another row,,,,,,1,,simulated"),
        "{rows}"
    );
    // One cell that did not fit, one value fixed, two queries, one row dropped, one patient
    // excluded.
    assert!(rows.contains("All rules,Total,,1,1,0,0,2,1,1,simulated"), "{rows}");
    assert!(!rows.contains("1961") && !rows.contains("P-007"), "{rows}");
}

#[test]
fn digits_are_set_for_each_number() {
    let table = |decimals: Value| json!({"baseline": "baseline", "decimals": decimals});
    let rows = csv::<CharacteristicsTable>("etable_7", table(json!({"age": 0})));
    // Digits are those of the variable, and not of its difference between groups.
    assert!(rows[1].contains(",61 (10),62 (10),63 (10),−0.31,"), "{}", rows[1]);
    let rows = csv::<CharacteristicsTable>("etable_7", table(json!({"age": 2})));
    assert!(rows[1].contains(",61.20 (9.8"), "{}", rows[1]);
    let found = said(rehearsed::<CharacteristicsTable>(table(json!({"agee": 0}))));
    assert_eq!(found, ["decimals.agee: `agee` is no number of the table; did you mean `age`?"]);
}

#[test]
fn words_under_a_table_are_said_once_and_only_where_they_hold() {
    let mut study = cohort::study();
    let notes = |study: &StudySettings| {
        let claims = cohort::claims();
        let call = cohort::call("etable_7", study, &claims, &[]);
        let made = kind::<CharacteristicsTable>(json!({"baseline": "baseline"})).run(&call);
        crate::sample::caption(&made.expect("a table").exhibit.expect("an exhibit"))
    };
    let told = notes(&study);
    assert_eq!(told.matches("SMD, standardised").count(), 1, "{told}");
    assert!(told.contains("fewer than 5"), "{told}");
    // Nothing is hidden then, and nothing may be said of it.
    study.privacy.smallest_cell = 0;
    let told = notes(&study);
    assert!(!told.contains("fewer than 0") && !told.contains("[c]"), "{told}");
}

#[test]
fn mistakes_say_where_and_what_to_do() {
    assert_eq!(
        said(run::<CharacteristicsTable>("t", json!({"baseline": "pfs_by_rt"}))),
        [
            "baseline: `pfs_by_rt` is a `kaplan_meier`, not a `baseline_table`; name an entry of kind `baseline_table`"
        ]
    );
    assert_eq!(
        said(run::<SurvivalTable>("t", json!({"curves": ["pfs_by_rt", "baseline"]}))),
        [
            "curves.1: `baseline` is a `baseline_table`, not a `kaplan_meier`; name an entry of kind `kaplan_meier`"
        ]
    );
    assert_eq!(
        said(rehearsed::<SurvivalTable>(json!({"curves": []}))),
        ["curves: `curves` is empty; name entries of kind `kaplan_meier`"]
    );
    assert_eq!(
        said(rehearsed::<ModelTable>(
            json!({"models": ["pfs_prognosis", "os_prognosis", "pfs_prognosis"]})
        )),
        ["models.2: `pfs_prognosis` is listed twice; "]
    );
    assert_eq!(
        said(rehearsed::<ResponseTable>(
            json!({"response": "response_by_rt", "by": "radiotherpy"})
        )),
        ["by: table `patients` has no column `radiotherpy`; did you mean `radiotherapy`?"]
    );
    assert_eq!(
        said(rehearsed::<Results>(json!({"folder": "/tmp"}))),
        ["folder: `/tmp` is no folder below the pipeline file; such as `reports/results`"]
    );
}

#[test]
fn claims_of_unknown_findings_are_mistakes() {
    let study = cohort::study();
    let mut claims = cohort::claims();
    claims[0].1.finding = Some("response_by_rt.orr.rtt".into());
    claims[1].1.finding = Some("respons_by_rt.orr.p.*".into());
    let call = cohort::call("etable_1", &study, &claims, &[]);
    assert_eq!(
        said(kind::<ClaimLedger>(json!({})).run(&call)),
        [
            ": claim `orr_rt` names the finding `response_by_rt.orr.rtt`, which there is not; did you mean `response_by_rt.orr.rt`?",
            ": claim `orr_p` names the finding `respons_by_rt.orr.p.*`, but no analysis is called `respons_by_rt`; did you mean `response_by_rt`?",
        ]
    );
}

/// What a run would say of a wrong name, a rehearsal says too: the parameters
/// are tried on what the analyses announce.
#[test]
fn a_check_finds_what_a_run_would() {
    type Case = (&'static str, fn() -> Result<Output, Mistakes>, &'static str);
    let cases: [Case; 6] = [
        (
            "a table of another kind's findings",
            || rehearsed::<SurvivalTable>(json!({"curves": ["pfs_by_rt", "baseline"]})),
            "curves.1: `baseline` is a `baseline_table`, not a `kaplan_meier`; name an entry of kind `kaplan_meier`",
        ),
        (
            "a pattern that fits nothing",
            || {
                rehearsed::<FindingsTable>(
                    json!({"title": "T", "findings": {"A": ["pfs_by_rt.surival.*.rt"]}}),
                )
            },
            "findings.A.0: there is no finding `pfs_by_rt.surival.*.rt`; did you mean `pfs_by_rt.survival.*.rt`?",
        ),
        (
            "a ratio that is none",
            || {
                rehearsed::<EstimatesFigure>(
                    json!({"title": "T", "rows": {"A": {"B": "pfs_prognosis.hazard_ratio.radiotherapy.rtx"}}}),
                )
            },
            "rows.A.B: there is no ratio `pfs_prognosis.hazard_ratio.radiotherapy.rtx`; did you mean `pfs_prognosis.hazard_ratio.radiotherapy.rt`?",
        ),
        (
            "a model without ratios",
            || rehearsed::<ModelTable>(json!({"models": ["baseline"]})),
            "models.0: `baseline` has no ratios; name an entry of a kind that makes ratios, such as `cox_model`, `landmark` or `subgroups`",
        ),
        (
            "curves of a test",
            || rehearsed::<SurvivalFigure>(json!({"title": "T", "curves": "pfs_log_rank"})),
            "curves: `pfs_log_rank` has no survival curves; name an entry of kind `kaplan_meier`",
        ),
        (
            "a label of no group",
            || {
                rehearsed::<SurvivalFigure>(
                    json!({"title": "T", "curves": "pfs_by_rt", "labels": {"TR": "Irradiated"}}),
                )
            },
            "labels.TR: no group has the level `TR`; there are: `RT`, `no RT`, `all`",
        ),
    ];
    for (about, rehearsed, expected) in cases {
        assert_eq!(said(rehearsed()), [expected], "{about}");
    }
}

/// The rule holds for every number of a finding in every table.
#[test]
fn no_table_prints_a_small_count() {
    let (study, claims) = (cohort::study(), cohort::claims());
    let call = cohort::call("etable_1", &study, &claims, &[]);
    let output = kind::<ResponseTable>(json!({"response": "response_by_rt"})).run(&call);
    let file = output.expect("prints").files["reports/tables/etable_1.csv"].clone();
    let csv = String::from_utf8(file).expect("text");
    // 4 complete responses of 37, 2 with progression.
    assert!(csv.contains("Complete response,<5,"), "{csv}");
    assert!(csv.contains("Progressive disease,<5,"), "{csv}");
    // The shares of both.
    assert!(!csv.contains("10.8%") && !csv.contains("5.4%"), "{csv}");
}

/// Runs a table of findings of the made-up study, in which `change` changes or adds a stage.
fn printed(name: &str, parameters: Value, change: impl Fn(&mut Output)) -> study::Exhibit {
    let (study, claims) = (cohort::study(), cohort::claims());
    let mut call = cohort::call("etable_15", &study, &claims, &[]);
    let (_, _, output) =
        (call.stages.iter_mut()).find(|(stage, ..)| stage == name).expect("a stage of the study");
    change(Arc::make_mut(output));
    let output = kind::<FindingsTable>(parameters).run(&call).expect("nothing is wrong");
    output.exhibit.expect("a table")
}

#[test]
fn a_table_of_findings_tells_of_few_events() {
    let findings = json!({ "Model": ["pfs_prognosis.hazard_ratio.*"] });
    let told = |is_few: bool| {
        let parameters = json!({ "title": "Any", "findings": findings });
        let exhibit = printed("pfs_prognosis", parameters, |output| {
            // The warning is of this finding, while the table prints ratios alone.
            let of_model = |one: &&mut Finding| one.statistic == "events_per_coefficient";
            let burden = output.findings.iter_mut().find(of_model).expect("it counts them");
            burden.warnings.extend(is_few.then_some(Warning::FewEventsPerCoefficient));
        });
        let words = crate::words::warning(&Warning::FewEventsPerCoefficient);
        exhibit.caption.iter().any(|one| one.text.to_lowercase().contains(&words.to_lowercase()))
    };
    assert!(told(true) && !told(false));
}

#[test]
fn a_method_of_a_whole_column_stands_at_its_head() {
    let parameters = json!({
        "title": "Balance", "statistics": "rows", "across": ["analyses"],
        "findings": { "Balance": ["baseline.balance.*", "baseline.largest.*"] },
    });
    let exhibit = printed("baseline", parameters, |output| {
        let (when, spread) = (Weighting::After, Spread::Pooled);
        let own = |statistic: &str, procedure: Procedure| {
            let quantity = Quantity::StandardizedDifference;
            let mut finding =
                Finding::new("baseline", "propensity_score", statistic, quantity, 0.1);
            finding.address.parts = vec![Part::statistic(statistic)];
            finding.by_method(Method::of(procedure))
        };
        let balance =
            |column| own("balance", Procedure::BalanceDifference(when, spread)).of_variable(column);
        // Two procedures whose words are one in a table, where the row says which number is the
        // largest.
        output.findings.extend([balance("age"), balance("sex")]);
        let largest = own("largest", Procedure::LargestBalanceDifference(when, spread));
        output.findings.push(largest.part(Part::period("after")));
    });
    let Body::Table(table) = &exhibit.body else { panic!("a table") };
    let heads: Vec<&[usize]> =
        table.columns.iter().take(2).map(|column| column.footnotes.as_slice()).collect();
    assert_eq!(heads, [&[][..], &[0]], "{:?}", exhibit.caption);
    let mut numbers = table.rows.iter().filter_map(|row| row.cells.get(1));
    assert!(numbers.all(|cell| cell.footnotes.is_empty()));
}
