//! What findings carry beside their numbers: who was left out, in which
//! order, with which warnings; and the edges that R has no example of.

use serde_json::json;
use study::{Column, State};

use super::{baseline_table, cox_model, kaplan_meier, log_rank, proportional_hazards, response};
use crate::testing::{Sample, finding, ids, rehearse, run, value};

/// Eight patients; `P7` has no follow-up and `P8` no arm.
fn sample() -> Sample {
    let days = [10, 20, 30, 40, 50, 60, 70, 80].map(Some);
    let events = [Some(1), Some(1), Some(0), Some(1), Some(1), Some(0), None, Some(1)];
    let arm = ["b", "a", "b", "a", "b", "a", "b"].map(Some).into_iter().chain([None]);
    let label = Column { label: "Progression-free survival".into(), ..Column::default() };
    Sample::of(8)
        .whole("pfs_days", days)
        .about("pfs_days", &label)
        .whole("pfs_event", events)
        .text("arm", arm)
        .levels("arm", &["b", "a"])
        .real("age", [61.0, 70.0, 52.0, 55.0, 48.0, 66.0, 59.0, 41.0].map(Some))
}

#[test]
fn groups_keep_their_declared_order_and_the_missing_are_counted() {
    let parameters = json!({ "endpoint": "pfs", "by": "arm" });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    let groups: Vec<&str> = output.findings.iter().filter_map(|f| f.group.as_deref()).collect();
    let mut order = groups.clone();
    order.dedup();
    assert_eq!(order, ["b", "a", "all"]);
    let b = finding(&output, "median.b");
    assert_eq!((b.n, b.events, b.missing), (Some(3), Some(2), Some(1)));
    let all = finding(&output, "median.all");
    assert_eq!((all.n, all.events, all.missing), (Some(6), Some(4), Some(2)));
    assert_eq!(b.method, "Kaplan-Meier, log-log 95% CI");
    assert_eq!(b.population, "all");
    assert_eq!(output.patients["all"], ["P1", "P2", "P3", "P4", "P5", "P6"]);
    let curves = output.curves.expect("curves");
    assert_eq!(curves.endpoint_label, "Progression-free survival");
    assert_eq!(curves.groups.iter().map(|g| g.level.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(curves.groups[0].counts_at(30.0).censored, 1);
}

#[test]
fn a_quantile_that_is_not_reached_says_so() {
    let parameters = json!({ "endpoint": "pfs", "where": "pfs_days <= 30", "at_months": [3] });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    // Two of three have the event: the curve ends at 1/3.
    assert_eq!(finding(&output, "median.all").value, Some(20.0));
    let late = finding(&output, "survival.3_months.all");
    assert_eq!((late.state, late.value), (State::NotEstimable, None));
    assert_eq!(late.warnings, ["nobody was followed to this time"]);
    assert_eq!(late.population, "pfs_days <= 30");
    let parameters = json!({ "endpoint": "pfs", "where": "pfs_days = 30" });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    let median = finding(&output, "median.all");
    assert_eq!((median.state, median.value), (State::NotReached, None));
    assert_eq!(median.warnings, ["no events"]);
}

#[test]
fn reversing_keeps_the_counts_of_the_endpoint() {
    let parameters = json!({ "endpoint": "pfs", "reverse": true, "at_months": [1] });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    assert_eq!(value(&output, "events.all"), 5.0);
    assert_eq!(value(&output, "censored.all"), 2.0);
    assert_eq!(value(&output, "cumulative_events.1_months.all"), 2.0);
    assert_eq!(value(&output, "cumulative_censored.1_months.all"), 1.0);
    assert_eq!(
        finding(&output, "median_follow_up.all").method,
        "reverse Kaplan-Meier, log-log 95% CI"
    );
    assert!(output.curves.expect("curves").reverse);
}

#[test]
fn a_naive_analysis_warns_wherever_groups_are_used() {
    let known = Column { known_from: Some("rt_start".into()), ..Column::default() };
    let table = sample()
        .yes_no("rt", [true, false, false, true, false, true, false, true].map(Some))
        .about("rt", &known)
        .text("best", ["PR", "SD", "PD", "CR", "PD", "SD", "PR", "SD"].map(Some))
        .table();
    let grouped = "naive: rt becomes known only after time zero (rt_start), and comparisons by it are open to immortal-time bias";
    let km = json!({ "endpoint": "pfs", "by": "rt", "immortal_time": "naive" });
    let output = run::<kaplan_meier::KaplanMeier>(table.clone(), km.clone()).expect("runs");
    assert_eq!(finding(&output, "median.yes").warnings, [grouped]);
    assert!(finding(&output, "median.all").warnings.is_empty());
    assert_eq!(output.curves.expect("curves").warnings, [grouped]);
    let output = run::<log_rank::LogRank>(table.clone(), km).expect("runs");
    assert!(output.findings.iter().all(|finding| finding.warnings == [grouped]));
    let cox = json!({ "endpoint": "pfs", "terms": ["rt", "age"], "immortal_time": "naive" });
    let output = run::<cox_model::CoxModel>(table.clone(), cox.clone()).expect("runs");
    assert!(output.findings.iter().all(|finding| finding.warnings[0] == grouped));
    let output =
        run::<proportional_hazards::ProportionalHazards>(table.clone(), cox).expect("runs");
    assert!(output.findings.iter().all(|finding| finding.warnings[0] == grouped));
    let rates = json!({
        "column": "best", "by": "rt", "responders": ["CR", "PR"],
        "controlled": ["CR", "PR", "SD"], "immortal_time": "naive",
    });
    let output = run::<response::Response>(table, rates).expect("runs");
    assert_eq!(finding(&output, "orr.p.yates").warnings, [grouped]);
    assert!(finding(&output, "orr.all").warnings.is_empty());
}

#[test]
fn a_group_known_at_the_index_date_is_no_immortal_time() {
    let known = Column { known_from: Some("start".into()), ..Column::default() };
    let table = sample()
        .yes_no("rt", [true, false, false, true, false, true, false, true].map(Some))
        .about("rt", &known)
        .table();
    let parameters = json!({ "endpoint": "pfs", "by": "rt" });
    let output = run::<log_rank::LogRank>(table, parameters).expect("runs");
    assert!(output.findings.iter().all(|finding| finding.warnings.is_empty()));
}

#[test]
fn separation_is_reported_and_gives_no_number() {
    let high = [true, true, false, true, true, false, true, true].map(Some);
    let table = sample().yes_no("high", high).table();
    let parameters = json!({ "endpoint": "pfs", "terms": ["high"] });
    let output = run::<cox_model::CoxModel>(table, parameters).expect("runs");
    let ratio = finding(&output, "hazard_ratio.high.yes");
    assert_eq!((ratio.state, ratio.value), (State::NotEstimable, None));
    let warning = "the coefficient of `high` may be infinite: it separates those with the event from the others at risk";
    assert!(ratio.warnings.contains(&warning.to_owned()), "{:?}", ratio.warnings);
    let wald = &finding(&output, "wald.p").warnings;
    assert!(wald.contains(&"a coefficient may be infinite".to_owned()));
    let reference = finding(&output, "hazard_ratio.high.no");
    assert_eq!((reference.value, reference.method.as_str()), (Some(1.0), "reference"));
}

#[test]
fn a_level_nobody_has_and_a_repeated_term_have_no_number() {
    let table = sample()
        .text("site", ["x", "y", "x", "y", "x", "y", "x", "y"].map(Some))
        .levels("site", &["x", "y", "z"])
        .real("again", [61.0, 70.0, 52.0, 55.0, 48.0, 66.0, 59.0, 41.0].map(|age| Some(2.0 * age)))
        .table();
    let parameters = json!({ "endpoint": "pfs", "terms": ["site", "age", "again"] });
    let output = run::<cox_model::CoxModel>(table, parameters).expect("runs");
    let nobody = finding(&output, "hazard_ratio.site.z");
    assert_eq!((nobody.state, nobody.n), (State::NotEstimable, Some(0)));
    assert_eq!(nobody.warnings, ["no patient has this level"]);
    let again = finding(&output, "p.again");
    assert_eq!(again.state, State::NotEstimable);
    assert_eq!(again.warnings, ["`again` is a combination of the terms before it, or constant"]);
    assert!(finding(&output, "p.age").value.is_some());
    let burden = finding(&output, "events_per_coefficient");
    assert_eq!(burden.value, Some(2.5));
    assert_eq!(
        burden.warnings,
        ["fewer than 10 events per coefficient: estimates may be unstable"]
    );
}

#[test]
fn a_reference_can_be_declared() {
    let at = |references: serde_json::Value| {
        let parameters = json!({ "endpoint": "pfs", "terms": ["arm"], "references": references });
        run::<cox_model::CoxModel>(sample().table(), parameters).expect("runs")
    };
    let (first, second) = (at(json!({})), at(json!({ "arm": "a" })));
    let product = value(&first, "hazard_ratio.arm.a") * value(&second, "hazard_ratio.arm.b");
    assert!((product - 1.0).abs() < 1e-8);
    assert_eq!(finding(&second, "hazard_ratio.arm.b").reference.as_deref(), Some("a"));
    assert_eq!(value(&second, "hazard_ratio.arm.a"), 1.0);
}

#[test]
fn small_expected_counts_choose_fishers_test() {
    let table = sample().table();
    let parameters = json!({
        "variables": ["age", "arm"], "by": "pfs_event", "summaries": { "age": "mean_sd" },
    });
    let output = run::<baseline_table::BaselineTable>(table, parameters).expect("runs");
    assert_eq!(finding(&output, "p.arm").method, "Fisher's exact test");
    assert_eq!(finding(&output, "p.arm").value, finding(&output, "p.arm.fisher").value);
    assert_eq!(finding(&output, "p.age").value, finding(&output, "p.age.welch").value);
    assert_eq!(finding(&output, "mean.age.0").method, "arithmetic mean, chosen");
    assert_eq!(finding(&output, "median.age.0").method, "median");
    assert_eq!(finding(&output, "p.arm.pearson").warnings, ["an expected count is below 5"]);
    assert_eq!(value(&output, "missing.arm.all"), 1.0);
}

#[test]
fn more_than_two_groups_are_compared_by_their_own_tests() {
    let stage = ["1", "2", "3", "1", "2", "3", "1", "2"].map(Some);
    let table = sample()
        .text("stage", stage)
        .text("best", ["PR", "SD", "PD", "CR", "PD", "SD", "PR", "SD"].map(Some))
        .table();
    let parameters = json!({ "variables": ["age"], "by": "stage" });
    let output = run::<baseline_table::BaselineTable>(table.clone(), parameters).expect("runs");
    assert_eq!(finding(&output, "p.age").method, "Kruskal-Wallis test");
    assert_eq!(finding(&output, "p.age.welch").method, "Welch's analysis of variance");
    assert!(
        ids(&output).contains(&"stage.smd.age.3") && !ids(&output).contains(&"stage.smd.age.1")
    );
    let parameters = json!({
        "column": "best", "by": "stage", "reference": "2", "responders": ["CR", "PR"],
        "controlled": ["CR", "PR", "SD"],
    });
    let output = run::<response::Response>(table, parameters).expect("runs");
    assert!(ids(&output).contains(&"stage.orr.p.fisher"));
    assert!(!ids(&output).contains(&"stage.orr.p.yates"));
    assert_eq!(finding(&output, "orr.risk_difference.3").reference.as_deref(), Some("2"));
    let infinite = finding(&output, "orr.odds_ratio.1");
    assert_eq!(infinite.state, State::NotEstimable);
    assert_eq!(infinite.warnings, ["no confidence limits, as a cell is empty"]);
}

#[test]
fn methods_are_written_from_the_settings() {
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "ci": "plain" });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    assert_eq!(
        output.methods.expect("a sentence"),
        "Kaplan-Meier curves of progression-free survival were estimated, separately for each level of arm, with plain 95% confidence limits; medians and their limits were read off the curve and its limits (Brookmeyer and Crowley)."
    );
    let parameters = json!({ "endpoint": "pfs", "terms": ["arm", "age"], "ties": "breslow" });
    let output = run::<cox_model::CoxModel>(sample().table(), parameters).expect("runs");
    assert_eq!(
        output.methods.expect("a sentence"),
        "Hazard ratios for progression-free survival come from one regression (Cox proportional hazards, Breslow ties) on arm (reference: b); age (per unit), with Wald confidence limits, on the patients with a value of every term."
    );
}

#[test]
fn methods_say_who_was_analysed_and_what_is_naive() {
    let known = Column { known_from: Some("rt_start".into()), ..Column::default() };
    let rt = [true, false, false, true, false, true, false, true].map(Some);
    let table = sample().yes_no("rt", rt).about("rt", &known).table();
    let parameters = json!({
        "endpoint": "pfs", "by": "rt", "where": "age < 68", "immortal_time": "naive", "rho": 1,
    });
    let output = run::<log_rank::LogRank>(table, parameters).expect("runs");
    assert_eq!(
        output.methods.expect("a sentence"),
        "Groups (rt) were compared in progression-free survival by the Peto-Peto test (G-rho with rho = 1). Only patients with age < 68 were analysed."
    );
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
    let documentation = std::fs::read_to_string(path).expect("docs/findings.md");
    let table = sample()
        .text("best", ["PR", "SD", "PD", "CR", "PD", "SD", "PR", "SD"].map(Some))
        .text("site", ["x", "y", "z", "y", "x", "z", "x", "y"].map(Some))
        .table();
    let model = json!({ "endpoint": "pfs", "terms": ["age", "site"], "robust": true });
    let mut cox = model.clone();
    cox["also_univariable"] = json!(true);
    let mut tested = model;
    tested["cut_months"] = json!(0.9);
    let times = json!({
        "endpoint": "pfs", "by": "arm", "at": [1], "quantiles": [0.25, 0.5],
        "restricted_mean": [1],
    });
    let mut reversed = times.clone();
    reversed["reverse"] = json!(true);
    let rates = json!({
        "column": "best", "by": "arm", "responders": ["CR", "PR"], "controlled": ["CR", "PR", "SD"],
    });
    let outputs = [
        run::<baseline_table::BaselineTable>(
            table.clone(),
            json!({ "variables": ["age", "site"], "by": "arm" }),
        ),
        run::<cox_model::CoxModel>(table.clone(), cox),
        run::<kaplan_meier::KaplanMeier>(table.clone(), times),
        run::<kaplan_meier::KaplanMeier>(table.clone(), reversed),
        run::<log_rank::LogRank>(table.clone(), json!({ "endpoint": "pfs", "by": "arm" })),
        run::<proportional_hazards::ProportionalHazards>(table.clone(), tested),
        run::<response::Response>(table, rates),
    ];
    for output in outputs {
        for finding in output.expect("runs").findings {
            let word = format!("`{}`", finding.statistic);
            assert!(documentation.contains(&word), "{word} of {}", finding.id());
            assert!(!finding.method.is_empty(), "{} has no method", finding.id());
            assert!(finding.n.is_some() && finding.missing.is_some(), "{}", finding.id());
        }
    }
}

#[test]
fn rehearsing_needs_no_rows() {
    let table = sample().table();
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "where": "age > 50" });
    let output = rehearse::<kaplan_meier::KaplanMeier>(&table, parameters).expect("no mistake");
    assert_eq!(output.curves.expect("curves").endpoint, "pfs");
    let parameters = json!({ "endpoint": "pfs", "terms": ["arm", "age"] });
    assert!(rehearse::<cox_model::CoxModel>(&table, parameters).is_ok());
}
