//! What the kinds of Cox models hand on beside numbers that R gives: tables,
//! curves, seeds, warnings, and the documentation of their findings.

use serde_json::json;
use study::{
    ChangingEffects, Column, Detail, Finding, IntervalKind, Level, Method, Output, Procedure,
    Refusal, Role, State, Test, Ties, Warning,
};

use crate::columns;
use crate::kinds::{
    cox_diagnostics, cox_model, cox_performance, predicted_survival, proportional_hazards,
    subgroups,
};
use crate::testing::{
    Sample, check_documented, finding, ids, reference_data, rehearse, run, run_with, value,
};

fn lung() -> Sample {
    let sample = reference_data("lung_complete");
    let table = sample.table();
    let column = |name: &str| columns::numbers(&table, name).expect("a column");
    let sex = column("sex").into_iter().map(|sex| sex.map(|sex| if sex > 1.5 { "f" } else { "m" }));
    let ecog = column("ph_ecog").into_iter().map(|ecog| ecog.map(|ecog| ecog as i64));
    sample
        .text("sex", sex)
        .levels("sex", &["m", "f"])
        .whole("ecog", ecog)
        .levels("ecog", &["0", "1", "2", "3"])
}

/// What each event says of a coefficient, in the order of time, and the curve
/// through it: the same whatever the order of the patients; no curve with as few
/// events as it has degrees of freedom.
#[test]
fn effects_over_time_are_handed_on() {
    let drawn = |parameters: serde_json::Value| -> ChangingEffects {
        let mut all = json!({ "endpoint": "os", "terms": ["age", "sex"] });
        let more = parameters.as_object().expect("a mapping").clone();
        all.as_object_mut().expect("a mapping").extend(more);
        let output = run::<proportional_hazards::ProportionalHazards>(lung().table(), all);
        output.expect("runs").figures.get::<ChangingEffects>().expect("effects").clone()
    };
    let changing = drawn(json!({}));
    let names: Vec<(&str, Option<&str>)> =
        changing.effects.iter().map(|one| (one.variable.as_str(), one.level.as_deref())).collect();
    assert_eq!(names, [("age", None), ("sex", Some("f"))]);
    let [age, sex] = &changing.effects[..] else { panic!("two effects") };
    assert_eq!(sex.points.len(), age.points.len());
    assert!(sex.points.windows(2).all(|pair| pair[0].time_days <= pair[1].time_days));
    assert!(age.points.iter().all(|point| point.has_level));
    let women = sex.points.iter().filter(|point| point.has_level).count();
    // Events of women and of men, so that both sides of the figure have points.
    assert!(women > 20 && women < sex.points.len());
    // an event of a woman speaks for a larger ratio of women than one of a man
    let mean = |has_level: bool| {
        let own = sex.points.iter().filter(|point| point.has_level == has_level);
        own.clone().map(|point| point.log_ratio).sum::<f64>() / own.count() as f64
    };
    assert!(mean(true) > 0.0 && mean(false) < 0.0);
    let (first, last) = (sex.curve.first().expect("a curve"), sex.curve.last().expect("a curve"));
    // The curve begins and ends with the events, between which alone it is known.
    assert_eq!(first.time_days, sex.points[0].time_days);
    assert_eq!(Some(last.time_days), sex.points.last().map(|point| point.time_days));
    assert!(sex.curve.iter().all(|row| row.lower < row.log_ratio && row.log_ratio < row.upper));
    assert!(changing.places.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
    // a straight line has the slope of its ends everywhere along the test's time
    let line = drawn(json!({ "curve_degrees_of_freedom": 2 }));
    let rows = &line.effects[1].curve;
    let bend = |three: &[study::EffectRow]| {
        (three[0].log_ratio - 2.0 * three[1].log_ratio + three[2].log_ratio).abs()
    };
    assert!(rows.windows(3).all(|three| bend(three) < 1e-9));
    // Two coefficients need more than these few events.
    let few = drawn(json!({ "where": "os_days <= 12" }));
    assert!(few.effects[1].curve.is_empty() && !few.effects[1].points.is_empty());
}

#[test]
fn the_rehearsed_table_of_residuals_has_the_shape_of_the_real_one() {
    let parameters = json!({
        "endpoint": "os", "terms": ["age", "sex", "ecog"], "leave_one_out": false,
        "splines": { "age": { "degrees_of_freedom": 2 } }, "interactions": [["sex", "ecog"]],
    });
    let table = lung().table();
    let rehearsed =
        rehearse::<cox_diagnostics::CoxDiagnostics>(&table, parameters.clone()).expect("checks");
    let output = run::<cox_diagnostics::CoxDiagnostics>(table, parameters).expect("runs");
    let (rehearsed, made) = (&rehearsed.tables["stage"], &output.tables["stage"]);
    assert_eq!(rehearsed.names(), made.names());
    assert!(made.names().contains(&"dfbeta_sex_f_ecog_2".to_owned()));
    assert!(made.names().contains(&"schoenfeld_age_2".to_owned()));
    assert_eq!(made.height(), finding(&output, "n").value.expect("n") as usize);
    assert_eq!(rehearsed.height(), 0);
    // One patient has ECOG 3, a man: the product of women there is not estimated.
    assert!(
        columns::numbers(made, "dfbeta_sex_f_ecog_3")
            .expect("a column")
            .iter()
            .all(Option::is_none)
    );
    // No finding names a patient.
    assert!(output.findings.iter().all(|found| found.group.is_none()));
}

#[test]
fn the_bootstrap_hangs_on_the_seed_alone_and_takes_optimism_off() {
    let parameters =
        |samples: u32| json!({ "endpoint": "os", "terms": ["age", "sex"], "bootstrap": samples });
    let once =
        || run::<cox_performance::CoxPerformance>(lung().table(), parameters(40)).expect("runs");
    let (first, second) = (once(), once());
    assert_eq!(first.findings, second.findings);
    let corrected = value(&first, "concordance.corrected");
    let apparent = value(&first, "concordance");
    // The same two numbers, so that nothing but the subtraction may lie between them.
    assert_eq!(corrected, apparent - value(&first, "optimism"));
    assert!(corrected < apparent && value(&first, "calibration_slope") < 1.0);
    let without = run::<cox_performance::CoxPerformance>(lung().table(), parameters(0));
    assert!(!ids(&without.expect("runs")).contains(&"stage.optimism".to_owned()));
}

/// What other draws would change is told, and is what they do change.
#[test]
fn the_error_of_draws_falls_with_the_root_of_their_number() {
    let of = |samples: u32| {
        let parameters = json!({ "endpoint": "os", "terms": ["age", "sex"], "bootstrap": samples });
        run::<cox_performance::CoxPerformance>(lung().table(), parameters).expect("runs")
    };
    let (few, many) = (of(60), of(240));
    for id in ["concordance.corrected", "optimism", "calibration_slope"] {
        let error = |output| value(output, &format!("monte_carlo_error.{id}"));
        let (of_few, of_many) = (error(&few), error(&many));
        // Four times the samples halve the error; the bounds leave room for its own chance.
        assert!((1.4..2.8).contains(&(of_few / of_many)), "{id}: {of_few} {of_many}");
        let apart = (value(&few, id) - value(&many, id)).abs();
        assert!(apart < 4.0 * of_few, "{id}: {apart}, not about {of_few}");
        // So few samples must be told of.
        let warns = |warning: &Warning| matches!(warning, Warning::FewDraws { .. });
        assert!(finding(&few, id).warnings.iter().any(warns), "{id}");
    }
}

#[test]
fn times_without_patients_are_not_estimable() {
    let parameters = json!({
        "endpoint": "os", "terms": ["age"], "at": ["200 months"], "bootstrap": 0,
    });
    let output = run::<cox_performance::CoxPerformance>(lung().table(), parameters).expect("runs");
    let brier = finding(&output, "brier_score.200_months");
    assert_eq!(brier.state, State::NotEstimable);
    assert_eq!(
        brier.warnings,
        [Warning::Refused(Refusal::Parameter {
            what: "time".into(),
            // 200 months of 30.4375 days.
            value: 6087.5,
            range: "the times from 0 at which someone is followed longer".into(),
        })]
    );
    let uno = finding(&output, "concordance.uno");
    assert_eq!(uno.warnings, [Warning::LateEventsWeighHeavily]);
    let parameters = json!({
        "endpoint": "os", "terms": ["age"], "at": ["0 months", "200 months"], "profiles": { "p": { "age": "60" } },
    });
    let output = run::<predicted_survival::PredictedSurvival>(lung().table(), parameters);
    let output = output.expect("runs");
    // At time zero everybody is alive, whatever the model.
    assert_eq!(value(&output, "survival.0_months.p"), 1.0);
    assert_eq!(finding(&output, "survival.200_months.p").warnings, [Warning::NobodyFollowed]);
}

#[test]
fn predicted_curves_count_the_patients_of_their_stratum() {
    let parameters = json!({
        "endpoint": "os", "terms": ["age"], "strata": ["sex"], "profiles": {
            "woman": { "age": "60", "sex": "f" }, "man": { "age": "60", "sex": "m" },
        },
    });
    let rehearsed =
        rehearse::<predicted_survival::PredictedSurvival>(&lung().table(), parameters.clone());
    assert_eq!(rehearsed.expect("checks").figures.curves().expect("curves").endpoint, "os");
    let output = run::<predicted_survival::PredictedSurvival>(lung().table(), parameters);
    let output = output.expect("runs");
    // Two baseline hazards have no ratio.
    assert!(!ids(&output).contains(&"stage.hazard_ratio.man".to_owned()));
    let curves = output.figures.curves().expect("curves");
    let levels: Vec<&str> = curves.groups.iter().map(|group| group.level.as_str()).collect();
    assert_eq!(levels, ["woman", "man"]);
    let n: u64 = curves.groups.iter().map(|group| group.n).sum();
    assert_eq!(n, 227);
    for group in &curves.groups {
        // All who are counted are those of the stratum, and none is lost between the columns.
        let counts = group.counts_at(300.0, study::AtRisk::Beyond);
        assert_eq!(counts.at_risk + counts.censored + counts.events, group.n);
        assert!(group.rows.windows(2).all(|pair| pair[0].survival >= pair[1].survival));
    }
    assert_eq!(curves.warnings, [Warning::PredictedCurves]);
}

#[test]
fn separation_is_finite_under_firth_only() {
    let model = |penalty: &str| {
        let parameters = json!({ "endpoint": "os", "terms": ["x"], "penalty": penalty });
        run::<cox_model::CoxModel>(reference_data("separated").table(), parameters).expect("runs")
    };
    // The same data, so that the penalty alone makes the difference.
    assert_eq!(finding(&model("none"), "hazard_ratio.x").state, State::NotEstimable);
    let output = model("firth");
    let ratio = finding(&output, "hazard_ratio.x");
    assert!(ratio.value.is_some() && ratio.lower.is_some());
    let firth = Method::of(Procedure::Cox).with(Detail::Ties(Ties::Efron)).with(Detail::Firth);
    assert_eq!(ratio.method, firth.clone().interval(IntervalKind::Profile, 0.95));
    assert_eq!(finding(&output, "p.x").method, firth.tested(Test::PenalizedLikelihoodRatio));
    // No score test is made of the penalised likelihood.
    assert!(!ids(&output).contains(&"stage.score.p".to_owned()));
}

#[test]
fn who_has_no_weight_is_left_out_and_counted() {
    let weights = (0..227).map(|place| (place % 3 != 0).then(|| 1.0 + f64::from(place % 5)));
    let made = Sample::of(227).real("weight", weights).table();
    let parameters = json!({ "endpoint": "os", "terms": ["age"], "weights": "score" });
    let others = vec![("score", made)];
    let output = run_with::<cox_model::CoxModel>(lung().table(), others, parameters).expect("runs");
    // Every third patient has no weight.
    assert_eq!((value(&output, "n"), value(&output, "missing")), (151.0, 76.0));
    assert_eq!(finding(&output, "likelihood_ratio.p").warnings, [Warning::WeightsAsNumbers]);
    assert!(value(&output, "effective_n") < 151.0);
}

#[test]
fn whoever_enters_before_time_zero_is_at_risk_from_there_on() {
    let model = |days: i64| {
        let table = lung().whole("entry", vec![Some(days); 227]).table();
        let parameters = json!({ "endpoint": "os", "terms": ["age"], "entry": "entry" });
        run::<cox_model::CoxModel>(table, parameters).expect("runs")
    };
    let parameters = json!({ "endpoint": "os", "terms": ["age"] });
    let whole = run::<cox_model::CoxModel>(lung().table(), parameters).expect("runs");
    // Delayed entry at or before zero must change nothing.
    for output in [model(0), model(-30)] {
        let (found, expected) =
            (value(&output, "coefficient.age"), value(&whole, "coefficient.age"));
        assert!((found - expected).abs() < 1e-12);
    }
}

#[test]
fn an_account_tells_what_was_fitted() {
    let parameters = json!({
        "endpoint": "os", "terms": ["age", "sex"], "ties": "exact",
        "splines": { "age": { "kind": "restricted" } }, "interactions": [["age", "sex"]],
    });
    let output = run::<cox_model::CoxModel>(lung().table(), parameters).expect("runs");
    let account = output.methods.expect("an account");
    assert_eq!(account.method, Method::of(Procedure::Cox).with(Detail::Ties(Ties::Exact)));
    assert_eq!(account.interactions, [["age".to_owned(), "sex".to_owned()]]);
    let term = |column: &str, scale| study::Covariate { column: column.to_owned(), scale };
    let age = term("age", study::Scale::Spline(study::SplineForm::Restricted));
    let sex = term("sex", study::Scale::Against("m".into()));
    assert_eq!(account.terms, [age, sex.clone()]);
    let parameters =
        json!({ "endpoint": "os", "treatment": "sex", "by": ["ecog"], "adjust": ["age"] });
    let output = run::<subgroups::Subgroups>(lung().table(), parameters).expect("runs");
    let account = output.methods.expect("an account");
    let (by, model) =
        (vec![study::Groups::of("ecog", None)], study::SubgroupModel::WithInteraction);
    let test = Test::LikelihoodRatio;
    assert_eq!(account.practice, study::Practice::Subgroups { by, model, test });
    let mut terms = account.terms;
    // The order of the terms is the model's own business.
    terms.sort_by(|one, other| one.column.cmp(&other.column));
    assert_eq!(terms, [term("age", study::Scale::Unit), sex]);
    assert_eq!(output.patients["all"].len(), 227);
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let table = lung().table();
    let made =
        Sample::of(227).real("weight", (0..227).map(|i| Some(1.0 + f64::from(i % 3)))).table();
    let model = json!({
        "endpoint": "os", "terms": ["age", "sex", "ecog"], "splines": { "age": {} },
        "interactions": [["sex", "ecog"]],
    });
    let with = |own: serde_json::Value| {
        let mut parameters = model.clone();
        for (name, value) in own.as_object().expect("parameters") {
            parameters[name] = value.clone();
        }
        parameters
    };
    let profile = json!({ "p": { "age": "60", "sex": "f", "ecog": "1" } });
    let ridge = json!({ "endpoint": "os", "terms": ["age"], "penalty": "ridge", "ridge": 1 });
    let outputs: [Result<Output, Vec<String>>; 6] = [
        run_with::<cox_model::CoxModel>(
            table.clone(),
            vec![("score", made)],
            with(json!({ "weights": "score" })),
        ),
        run::<cox_model::CoxModel>(table.clone(), ridge),
        run::<cox_diagnostics::CoxDiagnostics>(
            table.clone(),
            with(json!({ "exclude_before": "30 days", "leave_one_out": false })),
        ),
        run::<cox_performance::CoxPerformance>(
            table.clone(),
            with(json!({ "at": ["6 months"], "bootstrap": 5 })),
        ),
        run::<predicted_survival::PredictedSurvival>(
            table.clone(),
            with(json!({ "at": ["6 months"], "profiles": profile })),
        ),
        run::<subgroups::Subgroups>(
            table,
            json!({ "endpoint": "os", "treatment": "sex", "by": ["ecog"] }),
        ),
    ];
    check_documented(outputs.map(|output| output.expect("runs")));
}

#[test]
fn a_rehearsal_names_levels_as_far_as_it_knows_them() {
    // Levels that are not declared, and levels whose ids are.
    let sites = (0..227).map(|place| Some(["lung", "skin", "bone"][place % 3]));
    let plus = (0..227).map(|place| Some(if place % 4 < 2 { "+" } else { "-" }));
    let levels = [("-", "negative"), ("+", "positive")]
        .map(|(value, id)| Level { id: Some(id.into()), ..Level::named(value) });
    let about = Column { label: "HPV".into(), levels: levels.to_vec(), ..Column::default() };
    let table = lung().text("site", sites).text("hpv", plus).about("hpv", &about).table();
    let parameters = json!({ "endpoint": "os", "terms": ["hpv", "site"] });
    let rehearsed = rehearse::<cox_model::CoxModel>(&table, parameters.clone()).expect("checks");
    let at = |id: &str| -> Vec<&Finding> {
        let is_it = |finding: &&Finding| finding.id() == format!("stage.{id}");
        rehearsed.findings.iter().filter(is_it).collect()
    };
    // The reference and the others, of whatever levels there will be.
    let roles: Vec<Role> = at("hazard_ratio.site.*").iter().map(|one| one.role).collect();
    assert_eq!(roles, [Role::Reference, Role::Estimate]);
    let [plus] = at("hazard_ratio.hpv.positive")[..] else { panic!("one such ratio") };
    assert_eq!((plus.level.as_deref(), plus.reference.as_deref()), (Some("+"), Some("-")));
    // Announced without any number, also of patients.
    assert_eq!((plus.state, plus.value, plus.n), (State::Announced, None, None));
    assert!(at("hazard_ratio.hpv.lung").is_empty());
    let output = run::<cox_model::CoxModel>(table, parameters).expect("runs");
    assert!(finding(&output, "hazard_ratio.hpv.positive").value.is_some());
}

#[test]
fn ids_that_coincide_are_found_without_rows() {
    // Two columns whose names differ in case alone have one id.
    let table = lung().whole("Age", (0..227).map(Some)).table();
    let parameters = json!({ "endpoint": "os", "terms": ["age", "Age"] });
    let own = rehearse::<cox_model::CoxModel>(&table, parameters).expect_err("two of one id");
    assert!(own[0].starts_with(": two findings have the id `stage.hazard_ratio.age`"), "{own:?}");
}
