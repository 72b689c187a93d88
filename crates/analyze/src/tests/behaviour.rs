//! What findings carry beside their numbers: who was left out, in which
//! order, with which warnings; and the edges that R has no example of.

use std::slice;

use serde_json::json;
use study::{
    Column, Detail, Finding, IntervalKind, Level, Method, Output, Part, Procedure, Quantity, Role,
    State, Table, Warning,
};

use crate::kinds::{
    baseline_table, cox_model, group_difference, kaplan_meier, log_rank, proportional_hazards,
    response, subgroups,
};
use crate::testing::{Sample, check_documented, finding, ids, rehearse, run, value};

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

/// A curve with log-log limits.
fn log_log(procedure: Procedure) -> Method {
    let interval = IntervalKind::LogLog;
    Method::of(procedure).with(Detail::Interval { interval, level: 0.95 })
}

#[test]
fn groups_keep_their_declared_order_and_the_missing_are_counted() {
    let parameters = json!({ "endpoint": "pfs", "by": "arm" });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    let groups: Vec<&str> = output.findings.iter().filter_map(|f| f.group.as_deref()).collect();
    let mut order = groups.clone();
    order.dedup();
    // The declared order of the levels, not that of the letters, and all patients last.
    assert_eq!(order, ["b", "a", "all"]);
    // P1, P3 and P5; P7 of the same arm has no follow-up.
    let b = finding(&output, "median.b");
    assert_eq!((b.n, b.events, b.missing), (Some(3), Some(2), Some(1)));
    // P8 has an event and no arm: left out of all, too, where there are groups.
    let all = finding(&output, "median.all");
    assert_eq!((all.n, all.events, all.missing), (Some(6), Some(4), Some(2)));
    assert_eq!(b.method, log_log(Procedure::KaplanMeier));
    assert_eq!(b.population, "all");
    let patients: Vec<&str> = output.patients["all"].iter().flatten().collect();
    assert_eq!(patients, ["P1", "P2", "P3", "P4", "P5", "P6"]);
    let curves = output.figures.curves().expect("curves");
    assert_eq!(curves.endpoint_label, "Progression-free survival");
    assert_eq!(curves.groups.iter().map(|g| g.level.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(curves.groups[0].counts_at(30.0, study::AtRisk::Beyond).censored, 1);
}

#[test]
fn a_quantile_that_is_not_reached_says_so() {
    let parameters = json!({ "endpoint": "pfs", "where": "pfs_days <= 30", "at": ["3 months"] });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    // Two of three have the event: the curve ends at 1/3.
    assert_eq!(finding(&output, "median.all").value, Some(20.0));
    let late = finding(&output, "survival.3_months.all");
    assert_eq!((late.state, late.value), (State::NotEstimable, None));
    assert_eq!(late.warnings, [Warning::NobodyFollowed]);
    assert_eq!(late.population, "pfs_days <= 30");
    // One patient, who is censored: the curve never falls.
    let parameters = json!({ "endpoint": "pfs", "where": "pfs_days = 30" });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    let median = finding(&output, "median.all");
    assert_eq!((median.state, median.value), (State::NotReached, None));
    assert_eq!(median.warnings, [Warning::NoEvents]);
}

#[test]
fn reversing_keeps_the_counts_of_the_endpoint() {
    let parameters = json!({ "endpoint": "pfs", "reverse": true, "at": ["1 month"] });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    // P8 counts here, where there are no groups. Reversing turns the curve and not the counts.
    assert_eq!(value(&output, "events.all"), 5.0);
    assert_eq!(value(&output, "censored.all"), 2.0);
    assert_eq!(value(&output, "cumulative_events.1_months.all"), 2.0);
    assert_eq!(value(&output, "cumulative_censored.1_months.all"), 1.0);
    assert_eq!(
        finding(&output, "median_follow_up.all").method,
        log_log(Procedure::ReverseKaplanMeier)
    );
    assert!(output.figures.curves().expect("curves").reverse);
}

#[test]
fn a_naive_analysis_warns_wherever_groups_are_used() {
    let known = Column { lineage: crate::testing::known_from("rt_start"), ..Column::default() };
    let table = sample()
        .yes_no("rt", [true, false, false, true, false, true, false, true].map(Some))
        .about("rt", &known)
        .text("best", ["PR", "SD", "PD", "CR", "PD", "SD", "PR", "SD"].map(Some))
        .table();
    let grouped = Warning::NaiveGroup { label: "rt".into(), date_label: "rt_start".into() };
    let km = json!({ "endpoint": "pfs", "by": "rt", "immortal_time": "naive" });
    let output = run::<kaplan_meier::KaplanMeier>(table.clone(), km.clone()).expect("runs");
    assert_eq!(finding(&output, "median.yes").warnings, slice::from_ref(&grouped));
    // A naive grouping says nothing of all patients together.
    assert!(finding(&output, "median.all").warnings.is_empty());
    assert_eq!(output.figures.curves().expect("curves").warnings, slice::from_ref(&grouped));
    let output = run::<log_rank::LogRank>(table.clone(), km).expect("runs");
    assert!(output.findings.iter().all(|finding| finding.warnings == [grouped.clone()]));
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
    let output = run::<response::Response>(table.clone(), rates).expect("runs");
    assert_eq!(finding(&output, "orr.p.yates").warnings, slice::from_ref(&grouped));
    assert!(finding(&output, "orr.all").warnings.is_empty());
    // The ratio of all patients compares the groups too.
    let within = json!({
        "endpoint": "pfs", "treatment": "rt", "by": ["arm"], "immortal_time": "naive",
    });
    let output = run::<subgroups::Subgroups>(table, within).expect("runs");
    let of_all = |finding: &&Finding| finding.address.parts.contains(&Part::Everybody);
    assert!(output.findings.iter().filter(of_all).count() > 0);
    assert!(output.findings.iter().all(|finding| finding.warnings[0] == grouped));
}

// `start` is the index date of these studies.
#[test]
fn a_group_known_at_the_index_date_is_no_immortal_time() {
    let known = Column { lineage: crate::testing::known_from("start"), ..Column::default() };
    let table = sample()
        .date("start", [Some(17_000); 8])
        .yes_no("rt", [true, false, false, true, false, true, false, true].map(Some))
        .about("rt", &known)
        .table();
    let parameters = json!({ "endpoint": "pfs", "by": "rt" });
    let output = run::<log_rank::LogRank>(table, parameters).expect("runs");
    assert!(output.findings.iter().all(|finding| finding.warnings.is_empty()));
}

#[test]
fn separation_is_reported_and_gives_no_number() {
    // Everybody with an event is `yes`, and both who are `no` are censored.
    let high = [true, true, false, true, true, false, true, true].map(Some);
    let table = sample().yes_no("high", high).table();
    let parameters = json!({ "endpoint": "pfs", "terms": ["high"] });
    let output = run::<cox_model::CoxModel>(table, parameters).expect("runs");
    let ratio = finding(&output, "hazard_ratio.high.yes");
    assert_eq!((ratio.state, ratio.value), (State::NotEstimable, None));
    let warning = Warning::MayBeInfinite { term: "high".into() };
    assert!(ratio.warnings.contains(&warning), "{:?}", ratio.warnings);
    let wald = &finding(&output, "wald.p").warnings;
    assert!(wald.contains(&Warning::SomeMayBeInfinite));
    let reference = finding(&output, "hazard_ratio.high.no");
    let procedure = &reference.method.procedure;
    assert_eq!((reference.value, procedure), (Some(1.0), &Procedure::Reference));
}

#[test]
fn a_level_nobody_has_and_a_repeated_term_have_no_number() {
    let table = sample()
        .text("site", ["x", "y", "x", "y", "x", "y", "x", "y"].map(Some))
        .levels("site", &["x", "y", "z"])
        // Twice the age says nothing that the age does not.
        .real("again", [61.0, 70.0, 52.0, 55.0, 48.0, 66.0, 59.0, 41.0].map(|age| Some(2.0 * age)))
        .table();
    let parameters = json!({ "endpoint": "pfs", "terms": ["site", "age", "again"] });
    let output = run::<cox_model::CoxModel>(table, parameters).expect("runs");
    let nobody = finding(&output, "hazard_ratio.site.z");
    assert_eq!((nobody.state, nobody.n), (State::NotEstimable, Some(0)));
    assert_eq!(nobody.warnings, [Warning::NoPatientsAtLevel]);
    let again = finding(&output, "p.again");
    assert_eq!(again.state, State::NotEstimable);
    assert_eq!(again.warnings, [Warning::DependentTerm { term: "again".into() }]);
    assert!(finding(&output, "p.age").value.is_some());
    let burden = finding(&output, "events_per_coefficient");
    // Five events for the two coefficients that were estimated.
    assert_eq!(burden.value, Some(2.5));
    assert_eq!(burden.warnings, [Warning::FewEventsPerCoefficient]);
}

#[test]
fn a_reference_can_be_declared() {
    let at = |references: serde_json::Value| {
        let parameters = json!({ "endpoint": "pfs", "terms": ["arm"], "references": references });
        run::<cox_model::CoxModel>(sample().table(), parameters).expect("runs")
    };
    let (first, second) = (at(json!({})), at(json!({ "arm": "a" })));
    // A ratio and that of the exchanged groups.
    let product = value(&first, "hazard_ratio.arm.a") * value(&second, "hazard_ratio.arm.b");
    assert!((product - 1.0).abs() < 1e-8);
    assert_eq!(finding(&second, "hazard_ratio.arm.b").reference.as_deref(), Some("a"));
    assert_eq!(value(&second, "hazard_ratio.arm.a"), 1.0);
}

#[test]
fn small_expected_counts_choose_fishers_test() {
    let groups = [Some(1), Some(1), Some(0), Some(1), Some(1), Some(0), None, Some(1)];
    let table = sample().whole("site", groups).table();
    let parameters = json!({
        "variables": ["age", "arm"], "by": "site", "summaries": { "age": "mean_sd" },
    });
    // Seven patients in four cells.
    let output = run::<baseline_table::BaselineTable>(table, parameters).expect("runs");
    assert_eq!(finding(&output, "p.arm").method.procedure, Procedure::Fisher);
    assert_eq!(finding(&output, "p.arm").value, finding(&output, "p.arm.fisher").value);
    assert_eq!(finding(&output, "p.age").value, finding(&output, "p.age.welch").value);
    let roles = ["mean.age.0", "median.age.0", "maximum.age.0", "p.age", "p.age.welch"]
        .map(|id| finding(&output, id).role);
    assert_eq!(
        roles,
        [Role::Chosen, Role::Alternative, Role::Estimate, Role::Chosen, Role::Alternative]
    );
    assert_eq!(finding(&output, "p.arm.pearson").warnings, [Warning::FewExpected]);
    assert_eq!(value(&output, "missing.arm.all"), 1.0);
}

/// A median of whole numbers is one of them, or has a half; a mean is neither, and what the
/// study declares holds for all.
#[test]
fn values_of_whole_numbers_are_printed_whole() {
    let whole = |name: &str, values: [i64; 8]| sample().whole(name, values.map(Some));
    let of = |table: Table| {
        let parameters = json!({ "variables": ["grade"] });
        run::<baseline_table::BaselineTable>(table, parameters).expect("runs")
    };
    let decimals = |output: &Output, statistic: &str| {
        finding(output, &format!("{statistic}.grade.all")).decimals
    };
    let output = of(whole("grade", [0, 0, 1, 1, 1, 2, 2, 2]).table());
    assert_eq!(decimals(&output, "median"), Some(0));
    assert_eq!(decimals(&output, "maximum"), Some(0));
    assert_eq!(decimals(&output, "mean"), None);
    assert_eq!(decimals(&output, "standard_deviation"), None);
    let output = of(whole("grade", [0, 0, 1, 1, 2, 2, 2, 2]).table());
    assert_eq!((value(&output, "median.grade.all"), decimals(&output, "median")), (1.5, None));
    assert_eq!(
        (value(&output, "lower_quartile.grade.all"), decimals(&output, "lower_quartile")),
        (0.75, Some(0))
    );
    let real = sample().real("grade", [1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0, 4.0].map(Some));
    assert_eq!(decimals(&of(real.table()), "median"), None);
    let declared = Column { decimals: Some(2), ..Column::default() };
    let declared = whole("grade", [0, 0, 1, 1, 1, 2, 2, 2]).about("grade", &declared);
    assert_eq!(decimals(&of(declared.table()), "median"), Some(2));
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
    let procedure = |id: &str| finding(&output, id).method.procedure.clone();
    assert_eq!(procedure("p.age"), Procedure::KruskalWallis);
    assert_eq!(procedure("p.age.welch"), Procedure::WelchAnova);
    let has = |output: &Output, id: &str| ids(output).iter().any(|own| own == id);
    // The reference has no difference from itself.
    assert!(has(&output, "stage.smd.age.3") && !has(&output, "stage.smd.age.1"));
    let parameters = json!({
        "column": "best", "by": "stage", "reference": "2", "responders": ["CR", "PR"],
        "controlled": ["CR", "PR", "SD"],
    });
    let output = run::<response::Response>(table, parameters).expect("runs");
    assert!(has(&output, "stage.orr.p.fisher") && !has(&output, "stage.orr.p.yates"));
    assert_eq!(finding(&output, "orr.risk_difference.3").reference.as_deref(), Some("2"));
    // Everybody with stage 1 responds, and the odds are infinite.
    let infinite = finding(&output, "orr.odds_ratio.1");
    assert_eq!(infinite.state, State::NotEstimable);
    assert_eq!(infinite.warnings, [Warning::EmptyCell]);
}

/// The sample with arms of three names, some of which have one of their own in
/// ids.
fn named_arms(names: [(&str, Option<&str>); 3]) -> Table {
    let [first, second, third] = names.map(|(value, _)| Some(value));
    let level = |(value, id): (&str, Option<&str>)| Level {
        id: id.map(str::to_owned),
        ..Level::named(value)
    };
    let levels = names.map(level).to_vec();
    sample()
        .text("arm", [first, second, third, first, second, third, first, second])
        .about("arm", &Column { label: "Arm".into(), levels, ..Column::default() })
        .table()
}

#[test]
fn groups_may_be_called_all_plus_and_minus() {
    let parameters = json!({ "endpoint": "pfs", "by": "arm" });
    let table = named_arms([("+", None), ("-", Some("minus")), ("all", Some("every"))]);
    let output = run::<kaplan_meier::KaplanMeier>(table, parameters.clone()).expect("runs");
    let groups = ["n.plus", "n.minus", "n.every", "n.all"].map(|id| finding(&output, id));
    let values = groups.map(|finding| finding.value.expect("a count"));
    assert_eq!(values, [2.0, 3.0, 2.0, 7.0]);
    assert_eq!(groups.map(|finding| finding.group.as_deref()), ["+", "-", "all", "all"].map(Some));
    // Where nothing is said of all patients, a group may have their id.
    let table = named_arms([("x", None), ("y", None), ("all", None)]);
    let output = run::<log_rank::LogRank>(table, parameters).expect("runs");
    assert_eq!(value(&output, "n.all"), 2.0);
}

#[test]
fn a_naive_group_called_all_is_warned_of() {
    let late = Column {
        lineage: crate::testing::known_from("rt_start"),
        levels: vec![Level::named("x"), Level { id: Some("every".into()), ..Level::named("all") }],
        ..Column::default()
    };
    let rt = ["x", "all", "x", "all", "x", "all", "x", "all"].map(Some);
    let table = sample().text("rt", rt).about("rt", &late).table();
    let parameters = json!({ "endpoint": "pfs", "by": "rt", "immortal_time": "naive" });
    let output = run::<kaplan_meier::KaplanMeier>(table, parameters).expect("runs");
    assert_eq!(finding(&output, "median.every").warnings.len(), 1);
    assert!(finding(&output, "median.all").warnings.is_empty());
}

#[test]
fn groups_without_an_id_of_their_own_are_found_without_rows() {
    let hint = "ids of findings are made of letters and digits: give the level a name of its own by `level_ids: { level: name }` where its levels are declared";
    let cases = [
        ([("+", None), ("-", None), ("x", None)], "level `-` of `arm` gives no id"),
        (
            [("x", None), ("y", None), ("all", None)],
            "group `all` gives the same id `all` as all patients",
        ),
        (
            [("x", None), ("+", None), ("Plus", None)],
            "levels `+` and `Plus` of `arm` give the same id `plus`",
        ),
        // A mark that nobody sees: two levels that look alike.
        (
            [("x", None), ("a b", None), ("a\u{200B}b", None)],
            "levels `a b` and `a<U+200B>b` of `arm` give the same id `a_b`",
        ),
        (
            [("x", Some("one")), ("y", None), ("z", Some("ONE"))],
            "levels `x` and `z` of `arm` give the same id `one`",
        ),
        (
            [("x", Some("all")), ("y", None), ("z", None)],
            "group `x` gives the same id `all` as all patients",
        ),
    ];
    for (names, message) in cases {
        let parameters = json!({ "endpoint": "pfs", "by": "arm" });
        let found = rehearse::<kaplan_meier::KaplanMeier>(&named_arms(names), parameters);
        assert_eq!(found.expect_err(message), [format!("by: {message}; {hint}")]);
    }
}

#[test]
fn accounts_are_of_the_settings_that_ran() {
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "ci": "plain" });
    let output = run::<kaplan_meier::KaplanMeier>(sample().table(), parameters).expect("runs");
    let curves =
        study::Practice::Curves { quantiles: true, restricted_means: false, hazards: false };
    let method = Method::of(Procedure::KaplanMeier)
        .with(Detail::Variance(study::Variance::Greenwood))
        .interval(IntervalKind::Plain, 0.95);
    let account =
        study::Account::of(curves, method).about("pfs").by(study::Groups::of("arm", None));
    assert_eq!(output.methods, Some(account));
    let parameters = json!({ "endpoint": "pfs", "terms": ["arm", "age"], "ties": "breslow" });
    let output = run::<cox_model::CoxModel>(sample().table(), parameters).expect("runs");
    let method = Method::of(Procedure::Cox).with(Detail::Ties(study::Ties::Breslow));
    let term = |column: &str, scale| study::Covariate { column: column.to_owned(), scale };
    let terms =
        vec![term("arm", study::Scale::Against("b".into())), term("age", study::Scale::Unit)];
    let cox = study::Practice::Cox(study::Alone::default());
    let account = study::Account::of(cox, method).about("pfs").on(terms);
    assert_eq!(output.methods, Some(account));
}

#[test]
fn accounts_say_who_was_analysed() {
    let known = Column { lineage: crate::testing::known_from("rt_start"), ..Column::default() };
    let rt = [true, false, false, true, false, true, false, true].map(Some);
    let table = sample().yes_no("rt", rt).about("rt", &known).table();
    let parameters = json!({
        "endpoint": "pfs", "by": "rt", "where": "age < 68", "immortal_time": "naive", "rho": 1,
    });
    let output = run::<log_rank::LogRank>(table, parameters).expect("runs");
    let account = output.methods.expect("an account");
    assert_eq!(account.method, Method::of(Procedure::LogRank { rho: 1.0 }));
    assert_eq!(account.patients.as_deref(), Some("age < 68"));
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let table = sample()
        .text("best", ["PR", "SD", "PD", "CR", "PD", "SD", "PR", "SD"].map(Some))
        .text("site", ["x", "y", "z", "y", "x", "z", "x", "y"].map(Some))
        .table();
    let model = json!({ "endpoint": "pfs", "terms": ["age", "site"], "robust": true });
    let mut cox = model.clone();
    cox["also_univariable"] = json!(true);
    let mut tested = model;
    // Before the last event, so that both periods have some.
    tested["cut"] = json!("0.9 months");
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
    check_documented(outputs.map(|output| output.expect("runs")));
}

#[test]
fn rehearsing_needs_no_rows() {
    let table = sample().table();
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "where": "age > 50" });
    let output = rehearse::<kaplan_meier::KaplanMeier>(&table, parameters).expect("no mistake");
    assert_eq!(output.figures.curves().expect("curves").endpoint, "pfs");
    let parameters = json!({ "endpoint": "pfs", "terms": ["arm", "age"] });
    // A rehearsal of a model of nobody, which must not be fitted.
    assert!(rehearse::<cox_model::CoxModel>(&table, parameters).is_ok());
}

/// What is printed of a column has the digits that the column declares, whichever kind found it.
#[test]
fn measured_numbers_carry_the_digits_of_their_column() {
    let year = Column { label: "Year".into(), decimals: Some(0), ..Column::default() };
    let table = sample()
        .real("year", (0..8).map(|place| Some(1968.0 + f64::from(place) * 1.5)))
        .about("year", &year)
        .table();
    let measured = |output: &Output, column: &str| -> Vec<Option<u8>> {
        let own = output.findings.iter().filter(|finding| {
            finding.quantity == Quantity::Measured && finding.variable.as_deref() == Some(column)
        });
        own.map(|finding| finding.decimals).collect()
    };
    let variables = json!({ "variables": ["year", "age"], "by": "arm" });
    let described = run::<baseline_table::BaselineTable>(table.clone(), variables.clone());
    let compared = run::<group_difference::GroupDifference>(table.clone(), variables);
    let curved = run::<cox_model::CoxModel>(
        table,
        json!({ "endpoint": "pfs", "terms": ["year"], "splines": { "year": { "kind": "natural", "knots": [1969, 1972, 1977] } } }),
    );
    for output in [described, compared, curved] {
        let output = output.expect("runs");
        // `age` declares no digits, and must not take those of `year`.
        let (years, ages) = (measured(&output, "year"), measured(&output, "age"));
        assert!(!years.is_empty() && years.iter().all(|digits| *digits == Some(0)), "{years:?}");
        assert!(ages.iter().all(Option::is_none), "{ages:?}");
        let others = output.findings.iter().filter(|one| one.quantity != Quantity::Measured);
        assert!(others.into_iter().all(|one| one.decimals.is_none()));
    }
}
