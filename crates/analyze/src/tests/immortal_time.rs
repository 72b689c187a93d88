//! The kinds that take account of when an exposure began: against R
//! (`tests/reference/landmark` and its neighbours), what they tell beside
//! their numbers, and every mistake with its full text.

use serde_json::{Value, json};
use study::{
    CensoringWeights, Clusters, Column, Detail, Errors, IntervalKind, Method, Output, Procedure,
    Ties, Variance, Warning,
};

use crate::columns;
use crate::kinds::{clone_censor_weight, landmark, simon_makuch, time_dependent_cox};
use crate::kinds::{cox_model, log_rank, timing_tipping_point};
use crate::testing::{
    Sample, check_documented, finding, read_reference, reference_data, rehearse, run, value,
};

const EXACT: f64 = 1e-9;
const ITERATED: f64 = 1e-7;

/// The day number of time zero.
const ZERO: i32 = 10_000;

fn known_from() -> Column {
    Column {
        label: "Rt".into(),
        lineage: crate::testing::known_from("rt_start"),
        ..Column::default()
    }
}

/// A data set with dates of exposure, its times multiplied so that they are
/// whole days.
fn sample(name: &str, scale: f64) -> Sample {
    let sample = reference_data(name);
    let table = sample.table();
    let column = |name: &str| columns::numbers(&table, name).expect("numbers");
    let (times, switches) = (column("os_days"), column("switch"));
    // Days of exposure fall between days in these data, and dates are whole: times are doubled.
    let days = switches.iter().map(|day| day.map(|day| ZERO + (scale * day) as i32));
    sample
        .real("os_days", times.iter().map(|time| time.map(|time| scale * time)))
        .date("start", vec![Some(ZERO); times.len()])
        .date("rt_start", days.collect::<Vec<_>>())
        .yes_no("rt", switches.iter().map(|day| Some(day.is_some())))
        .about("rt", &known_from())
}

fn jasa() -> Sample {
    sample("jasa_switch", 2.0)
}

fn mgus2() -> Sample {
    sample("mgus2_switch", 1.0)
}

/// The reference case of a module that has these values.
fn case(module: &str, wanted: &Value) -> Value {
    let text = read_reference(&format!("{module}/values.json"));
    let values: Value = serde_json::from_str(&text).expect("JSON");
    let cases = values["cases"].as_array().expect("cases");
    let agrees = |case: &&Value| {
        wanted.as_object().expect("an object").iter().all(|(key, value)| {
            // By value, because a file may hold 0 or 0.0.
            match (case[key].as_f64(), value.as_f64()) {
                (Some(one), Some(other)) => one == other,
                _ => case[key] == *value,
            }
        })
    };
    cases.iter().find(agrees).unwrap_or_else(|| panic!("no case {wanted}")).clone()
}

#[track_caller]
fn close(output: &Output, id: &str, expected: &Value, tolerance: f64) {
    let (found, expected) = (value(output, id), expected.as_f64().expect("a number"));
    assert!(
        (found - expected).abs() <= tolerance * expected.abs() + 1e-14,
        "{id}: {found}, not {expected}"
    );
}

#[test]
fn landmarks_agree_with_r() {
    let parameters = json!({
        "endpoint": "os", "exposure": "rt", "landmark": ["24 days", "60 days", "120 days"],
        "terms": ["age", "male", "hgb"], "at": [1], "drawn": "60 days",
    });
    let output = run::<landmark::Landmark>(mgus2().table(), parameters).expect("runs");
    for days in [24, 60, 120] {
        let expected = case("landmark", &json!({ "data": "mgus2_switch", "landmark": days }));
        let id = |what: &str| format!("{what}.{days}_days");
        let counts = [
            ("n", "n"),
            ("events", "n_events"),
            ("excluded_events", "n_excluded_events"),
            ("excluded_censored", "n_excluded_censored"),
            ("exposed_later", "n_later"),
        ];
        for (name, key) in counts {
            // Counts must be the same, not near.
            close(&output, &id(name), &expected[key], 0.0);
        }
        close(&output, &format!("n.{days}_days.yes"), &expected["n_exposed"], 0.0);
        close(&output, &format!("median.{days}_days.no"), &expected["medians"][0], EXACT);
        close(&output, &id("chi_square"), &expected["chi_square"], EXACT);
        let coefficient = format!("coefficient.{days}_days.rt.yes");
        close(&output, &coefficient, &expected["coefficient"], ITERATED);
        let error = finding(&output, &coefficient).standard_error.expect("an error");
        assert!((error / expected["standard_error"].as_f64().unwrap() - 1.0).abs() < ITERATED);
        close(&output, &format!("adjusted.{coefficient}"), &expected["adjusted"][0], ITERATED);
        let age = format!("adjusted.coefficient.{days}_days.age");
        close(&output, &age, &expected["adjusted"][1], ITERATED);
    }
    let drawn = output.figures.curves().expect("curves");
    assert_eq!(drawn.endpoint_label, "os from the landmark at 60 days");
    // The drawn landmark stands under the bare id as well.
    assert_eq!(value(&output, "events.yes"), value(&output, "events.60_days.yes"));
    assert_eq!(drawn.groups[1].n as f64, value(&output, "n.60_days.yes"));
    let ratio = finding(&output, "hazard_ratio.60_days.rt.yes");
    let method = Method::of(Procedure::Cox)
        .with(Detail::Landmark(study::Span::of_days(60.0)))
        .with(Detail::Ties(Ties::Efron))
        .interval(IntervalKind::Wald, 0.95);
    assert_eq!(ratio.method, method);
    assert_eq!((ratio.time_days, ratio.reference.as_deref()), (Some(60.0), Some("no")));
}

#[test]
fn time_dependent_cox_agrees_with_r() {
    let parameters =
        json!({ "endpoint": "os", "exposure": "rt", "terms": ["age", "surgery", "year"] });
    let output =
        run::<time_dependent_cox::TimeDependentCox>(jasa().table(), parameters).expect("runs");
    let expected = case("landmark", &json!({ "data": "jasa_switch", "landmark": 0 }));
    // Surgery holds 0 and 1 without levels: it stands as a number.
    for (place, id) in ["rt.yes", "age", "surgery", "year"].iter().enumerate() {
        close(&output, &format!("coefficient.{id}"), &expected["dependent"][place], ITERATED);
        let error = finding(&output, &format!("coefficient.{id}")).standard_error.unwrap();
        let known = expected["dependent_error"][place].as_f64().unwrap();
        assert!((error / known - 1.0).abs() < ITERATED, "{id}");
    }
    close(&output, "log_likelihood", &expected["dependent_likelihood"][1], EXACT);
    close(&output, "mantel_byar.chi_square", &expected["mantel_byar"], EXACT);
    close(&output, "mantel_byar.expected.yes", &expected["expected"], EXACT);
    for (place, level) in ["no", "yes"].iter().enumerate() {
        close(&output, &format!("n.{level}"), &expected["share_subjects"][place], 0.0);
        close(&output, &format!("events.{level}"), &expected["share_events"][place], 0.0);
        // Times were doubled, and R's were not.
        let time = 2.0 * expected["share_time"][place].as_f64().unwrap();
        assert!((value(&output, &format!("person_time.{level}")) / time - 1.0).abs() < EXACT);
    }
    let robust = json!({ "endpoint": "os", "exposure": "rt", "robust": true });
    let output = run::<time_dependent_cox::TimeDependentCox>(jasa().table(), robust).expect("runs");
    let error = finding(&output, "coefficient.rt.yes").standard_error.unwrap();
    assert!((error / expected["robust_error"].as_f64().unwrap() - 1.0).abs() < ITERATED);
    let breslow = json!({ "endpoint": "os", "exposure": "rt", "ties": "breslow" });
    let output =
        run::<time_dependent_cox::TimeDependentCox>(jasa().table(), breslow).expect("runs");
    close(&output, "coefficient.rt.yes", &expected["breslow"], ITERATED);
    // The published ratio of these transplants: 1.133.
    let account = output.methods.unwrap();
    assert_eq!(account.method.details, [Detail::Ties(Ties::Breslow)]);
    let groups = account.groups.unwrap();
    assert_eq!((groups.column.as_str(), groups.reference.as_deref()), ("rt", Some("no")));
}

/// A patient's intervals are together without clusters, and in its cluster
/// with them.
#[test]
fn robust_errors_of_a_time_dependent_exposure_agree_with_r() {
    for (name, sample, after) in [("jasa_switch", jasa(), 0.0), ("mgus2_switch", mgus2(), 12.0)] {
        let expected = case("landmark", &json!({ "data": name, "landmark": after }));
        let column = expected["cluster"].as_str().expect("a column");
        // Sites are whole parts of a number: the script in R makes them alike.
        let values = columns::numbers(&sample.table(), column).expect("numbers");
        let sites = values.iter().map(|value| value.map(|value| value.floor() as i64));
        let table = sample.whole("site", sites.collect::<Vec<_>>()).table();
        let condition = format!("os_days > {after}");
        let by_site = Errors::Clustered(Clusters::By("site".into()));
        for (more, key, errors) in [
            (json!({ "robust": true }), "robust_error", Errors::Robust),
            (json!({ "cluster": "site" }), "clustered_error", by_site),
        ] {
            let mut parameters = json!({ "endpoint": "os", "exposure": "rt", "where": condition });
            for (parameter, value) in more.as_object().expect("an object") {
                parameters[parameter] = value.clone();
            }
            let output = run::<time_dependent_cox::TimeDependentCox>(table.clone(), parameters);
            let output = output.expect("runs");
            let coefficient = finding(&output, "coefficient.rt.yes");
            let known = expected[key].as_f64().unwrap();
            let error = coefficient.standard_error.unwrap();
            assert!((error / known - 1.0).abs() < ITERATED, "{name} {key}: {error}, not {known}");
            assert!(coefficient.method.details.contains(&Detail::Errors(errors)));
            let told = Warning::ClustersAsIndependent { cluster: "site".into() };
            for test in ["likelihood_ratio.p", "mantel_byar.p"] {
                let warnings = &finding(&output, test).warnings;
                // Tests that trust the likelihood say so with
                // clusters, and have nothing to say without.
                assert_eq!(warnings.contains(&told), key == "clustered_error", "{test}");
            }
        }
    }
}

#[test]
fn simon_and_makuchs_curves_agree_with_r() {
    for days in [0.0, 30.0] {
        let parameters = json!({ "endpoint": "os", "exposure": "rt", "landmark": format!("{} days", 2.0 * days), "at": [3] });
        let output = run::<simon_makuch::SimonMakuch>(jasa().table(), parameters).expect("runs");
        let expected = case("landmark", &json!({ "data": "jasa_switch", "landmark": days }));
        close(&output, "mantel_byar.chi_square", &expected["mantel_byar"], EXACT);
        for (state, group) in output.figures.curves().expect("curves").groups.iter().enumerate() {
            let curve = &expected["curves"][state];
            let times = curve["time"].as_array().expect("times");
            for (place, time) in times.iter().enumerate() {
                let time = 2.0 * time.as_f64().unwrap();
                // The figure has a row wherever R's curve has one.
                let row = group.rows.iter().find(|row| (row.time_days - time).abs() < 1e-9);
                let row = row.expect("a row at every end");
                let close = |found: f64, name: &str| {
                    let known = curve[name][place].as_f64().unwrap();
                    assert!(
                        (found - known).abs() < 1e-12,
                        "{name} at {time}: {found}, not {known}"
                    );
                };
                close(row.survival, "survival");
                close(row.at_risk as f64, "n_at_risk");
                // Just before a time, and at it, the same patients are at risk.
                assert_eq!(
                    group.counts_at(time - 1e-9, study::AtRisk::Beyond).at_risk,
                    row.at_risk
                );
            }
            assert_eq!(group.counts_at(1e6, study::AtRisk::Beyond).at_risk, 0);
        }
    }
}

#[test]
fn clones_agree_with_those_made_by_hand_in_r() {
    for (model, parameter) in [("cox", "cox"), ("logistic", "pooled_logistic")] {
        let wanted = json!({ "data": "mgus2_switch", "grace": 60, "model": model });
        let expected = case("clone_censor_weight", &wanted);
        let parameters = json!({
            "endpoint": "os", "exposure": "rt", "grace": "60 days", "terms": ["age", "male", "hgb"],
            // The estimates are compared alone: R would draw other samples.
            "weights": parameter, "interval": "12 days", "replicates": 0,
            // 120 days in months.
            "at": [120.0 / 30.4375],
        });
        type Clones = clone_censor_weight::CloneCensorWeight;
        let output = run::<Clones>(mgus2().table(), parameters).expect("runs");
        for (arm, level) in ["no", "yes"].iter().enumerate() {
            let id = |name: &str| format!("{name}.{level}");
            close(
                &output,
                &id("artificially_censored"),
                &expected["n_artificially_censored"][arm],
                0.0,
            );
            close(&output, &id("events"), &expected["n_events"][arm], 0.0);
            close(&output, &id("largest_weight"), &expected["largest_weight"][arm], ITERATED);
            close(&output, &id("mean_weight"), &expected["mean_weight"][arm], ITERATED);
            close(&output, &id("effective_n"), &expected["effective"][arm], ITERATED);
            let horizon = &expected["horizons"][0];
            let survival = of_statistic(&output, "survival", Some(level));
            close(&output, &survival, &horizon["survival"][arm], ITERATED);
            let mean = of_statistic(&output, "restricted_mean", Some(level));
            close(&output, &mean, &horizon["restricted_mean"][arm], ITERATED);
        }
        let log = expected["log_hazard_ratio"].as_f64().unwrap();
        let ratio = value(&output, "hazard_ratio.rt.yes");
        assert!((libm::log(ratio) - log).abs() < ITERATED * log.abs());
        let curves = output.figures.curves().expect("curves");
        assert_eq!(curves.groups[0].label, "No rt within 60 days");
        for group in &curves.groups {
            // Every clone leaves, with the event or censored.
            let counts = group.counts_at(1e6, study::AtRisk::Beyond);
            assert_eq!(counts.events + counts.censored, group.n);
        }
    }
}

/// The id, without the stage, of the only finding of a statistic and group.
fn of_statistic(output: &Output, statistic: &str, group: Option<&str>) -> String {
    let is =
        |found: &&study::Finding| found.statistic == statistic && found.group.as_deref() == group;
    let found = output.findings.iter().find(is).expect("a finding");
    found.id().trim_start_matches("stage.").to_owned()
}

#[test]
fn clones_have_limits_from_patients() {
    let parameters = json!({
        "endpoint": "os", "exposure": "rt", "grace": "60 days", "terms": ["age"], "replicates": 20,
        "at": ["12 months"],
    });
    type Clones = clone_censor_weight::CloneCensorWeight;
    let output = run::<Clones>(jasa().table(), parameters.clone()).expect("runs");
    let difference = finding(&output, "survival_difference.12_months");
    assert!(difference.lower < difference.value && difference.value < difference.upper);
    let method = Method::of(Procedure::CloneCensorWeight { grace: study::Span::of_days(60.0) })
        .with(Detail::CensoringWeights(CensoringWeights::Cox))
        .interval(IntervalKind::BootstrapPercentile, 0.95)
        .with(Detail::Variance(Variance::Bootstrap(20)));
    assert_eq!(difference.method, method);
    assert_eq!(value(&output, "failed_samples"), 0.0);
    let again = run::<Clones>(jasa().table(), parameters).expect("runs");
    // Draws come of the seed alone.
    assert_eq!(output.findings, again.findings);
    let ratio = finding(&output, "hazard_ratio.12_months.rt.yes");
    assert!(ratio.lower < ratio.value && ratio.standard_error.is_some());
}

#[test]
fn tipping_points_agree_with_r() {
    let expected = case(
        "timing_tipping_point",
        &json!({ "data": "veteran", "shape": "same", "exposed": "adeno" }),
    );
    let sample = reference_data("veteran");
    let parameters = json!({
        "endpoint": "os", "exposure": "adeno", "terms": ["karno"], "start": ["0 days", "10 days", "40 days"],
    });
    let output =
        run::<timing_tipping_point::TimingTippingPoint>(sample.table(), parameters).expect("runs");
    for point in expected["points"].as_array().expect("points") {
        let days = point["value"].as_f64().unwrap();
        // An id holds the days as they were declared.
        close(
            &output,
            &format!("coefficient.{days}_days.adeno.1"),
            &point["coefficient"],
            ITERATED,
        );
        close(&output, &format!("contradicted.{days}_days"), &point["n_contradicted"], 0.0);
        close(&output, &format!("exposed_under_start.{days}_days"), &point["n_exposed"], 0.0);
    }
    assert_eq!(
        // The effect holds under every start, which is told.
        finding(&output, "tipping_point.estimate").warnings,
        [Warning::AssumedStarts, Warning::NothingTips]
    );
    let shares = json!({
        "endpoint": "os", "exposure": "adeno", "terms": ["karno"],
        "assumed": "share_of_follow_up", "start_shares": [0.25],
    });
    let output =
        run::<timing_tipping_point::TimingTippingPoint>(sample.table(), shares).expect("runs");
    let expected = case("timing_tipping_point", &json!({ "data": "veteran", "shape": "share" }));
    // The second of the shares that R was given.
    let point = &expected["points"][1];
    close(&output, "coefficient.25_percent.adeno.1", &point["coefficient"], ITERATED);
    close(&output, "median_start.25_percent", &point["median_start"], EXACT);
}

mod mistakes;
