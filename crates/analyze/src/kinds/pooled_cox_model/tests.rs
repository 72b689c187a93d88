//! The pooled model against R's `mice::pool`, in data sets filled by the rule
//! of tests/reference/pooled_cox_model/make.R; and its mistakes.

use engine::Kind;
use serde_json::{Value, json};
use study::{
    Detail, InteractionPlace, IntervalKind, Method, Output, Procedure, Role, SplineForm, Table,
    Ties, Warning,
};

use super::PooledCoxModel;
use crate::columns::{self, Cells, put, taken};
use crate::kinds::multiple_imputation::IMPUTATION;
use crate::testing::{Act, Reference, Sample, call_beside, finding, known_from, reference_data};

/// Cox models are iterated to 1e-9 of the log-likelihood on both sides.
const ITERATED: Reference =
    Reference { folder: "pooled_cox_model", relative: 1e-7, absolute: |_| 0.0 };

fn act(
    table: &Table,
    imputed: &Table,
    parameters: Value,
    act: Act<PooledCoxModel>,
) -> Result<Output, Vec<String>> {
    let tables = vec![("analysis", table.clone()), ("filled", imputed.clone())];
    call_beside(tables, Vec::new(), parameters, act)
}

/// What stands in the gap of row `r` in imputation `i`.
fn rule(column: &str, r: i64, i: i64) -> i64 {
    // By row and imputation alone, so that the script
    // in R fills the same gaps with the same values.
    match column {
        "meal_cal" => 500 + (r * 37 + i * 101) % 900,
        "ph_karno" => 50 + 10 * ((r + i) % 6),
        "wt_loss" => (r * 7 + i * 13) % 30 - 5,
        "chol" => 200 + (r * 17 + i * 71) % 300,
        "stage_gaps" => (r + i) % 4 + 1,
        other => panic!("no rule for {other}"),
    }
}

/// The stacked table of `m` imputations of whole-number columns.
fn filled(table: &Table, columns: &[&str], m: i64) -> Table {
    let n = table.height();
    let rows: Vec<usize> = (0..m).flat_map(|_| 0..n).collect();
    let mut stacked = taken(table, &["patient".to_owned()], &rows);
    let numbers = (0..m as usize * n).map(|row| Some((row / n) as i64 + 1)).collect();
    put(&mut stacked, IMPUTATION, Cells::Whole(numbers), study::Column::default());
    for column in columns {
        let values = columns::numbers(table, column).expect("numbers");
        let cell = |row: usize| {
            let (r, i) = (row % n, (row / n) as i64 + 1);
            Some(values[r].map_or_else(|| rule(column, r as i64, i), |value| value as i64))
        };
        let cells = (0..m as usize * n).map(cell).collect();
        put(&mut stacked, column, Cells::Whole(cells), table.about(column));
    }
    stacked
}

fn pbc() -> Sample {
    reference_data("pbc_incomplete").levels("stage_gaps", &["1", "2", "3", "4"])
}

#[test]
fn numbers_pool_as_in_mice() {
    let table = reference_data("lung_incomplete").table();
    let imputed = filled(&table, &["ph_karno", "meal_cal", "wt_loss"], 5);
    let terms = ["age", "sex", "ph_karno", "meal_cal", "wt_loss"];
    let parameters = json!({ "imputations": "filled", "endpoint": "os", "terms": terms });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    assert!(ITERATED.compare(&output, "lung") > 15);
    let all = finding(&output, "hazard_ratio.wt_loss");
    // Everybody is in the pooled model; 57 of 228 lack
    // one of the three columns in the complete cases.
    assert_eq!((all.n, all.events, all.missing), (Some(228), Some(165), Some(0)));
    assert_eq!(
        all.method,
        Method::of(Procedure::Cox)
            .with(Detail::Ties(Ties::Efron))
            .with(Detail::Pooled { imputations: Some(5) })
            .interval(IntervalKind::BarnardRubinT, 0.95)
    );
    let alone = finding(&output, "complete_cases.hazard_ratio.wt_loss");
    assert_eq!((alone.n, alone.missing), (Some(171), Some(57)));
}

#[test]
fn what_other_imputations_would_change_is_said() {
    let table = reference_data("lung_incomplete").table();
    let pooled = |m: i64| {
        let imputed = filled(&table, &["ph_karno", "meal_cal", "wt_loss"], m);
        let terms = ["age", "sex", "ph_karno", "meal_cal", "wt_loss"];
        let parameters = json!({ "imputations": "filled", "endpoint": "os", "terms": terms });
        act(&table, &imputed, parameters, Kind::run).expect("runs")
    };
    let output = pooled(5);
    let [ratio, error] = ["hazard_ratio.ph_karno", "monte_carlo_error.hazard_ratio.ph_karno"]
        .map(|id| finding(&output, id));
    let error = error.value.expect("an error");
    // Of the estimate it is HR sqrt(B / m); (1 + 1/m) B is the share of the
    // variance that is beyond that within the data sets.
    let increase = finding(&output, "relative_increase.ph_karno").value.expect("a share");
    let standard_error = ratio.standard_error.expect("an error");
    let variance = standard_error * standard_error;
    // 1.2 is 1 + 1/m of five imputations.
    let between = variance * increase / (1.0 + increase) / 1.2;
    let of_estimate = ratio.value.expect("a ratio") * (between / 5.0).sqrt();
    // The largest of three errors, so that it is no less than that of the estimate.
    assert!(error >= of_estimate && error < 4.0 * of_estimate, "{error} {of_estimate}");
    // What has no missing value hangs on the draws a little; more of them less.
    let of = |output: &Output, id: &str| finding(output, id).value.expect("an error");
    let id = "monte_carlo_error.hazard_ratio.age";
    assert!(of(&output, id) > of(&pooled(40), id));
    // Two data sets allow no jackknife.
    let two = pooled(2);
    let two = finding(&two, "monte_carlo_error.hazard_ratio.age");
    assert_eq!((two.value, &two.warnings[..]), (None, &[Warning::NotDefined][..]));
}

#[test]
fn categories_pool_as_in_mice() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol", "stage_gaps"], 8);
    let terms = ["age", "log_bili", "chol", "stage_gaps"];
    let parameters = json!({ "imputations": "filled", "endpoint": "os", "terms": terms });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    assert!(ITERATED.compare(&output, "pbc") > 15);
    assert_eq!(finding(&output, "hazard_ratio.stage_gaps.1").role, Role::Reference);
    // The levels' patients differ between imputations: those of the model stand there.
    assert_eq!(finding(&output, "hazard_ratio.stage_gaps.2").n, Some(312));
}

#[test]
fn derived_terms_and_strata_pool_as_in_mice() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol"], 4);
    let parameters = json!({
        "imputations": "filled", "endpoint": "os", "terms": ["log_bili", "high"],
        "derived": { "high": "chol >= 300" }, "strata": ["female"], "ties": "breslow",
    });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    assert!(ITERATED.compare(&output, "breslow") > 15);
}

/// A derived column has the words that are declared for it; a condition without, those of itself.
#[test]
fn derived_columns_have_words() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol"], 2);
    let parameters = |labels: Value| {
        json!({
            "imputations": "filled", "endpoint": "os", "terms": ["high", "chol_100"],
            "derived": { "high": "chol >= 300", "chol_100": "chol * 0.01" }, "labels": labels,
        })
    };
    let words = |labels| {
        let output = act(&table, &imputed, parameters(labels), Kind::run).expect("runs");
        match output.methods.expect("an account").practice {
            study::Practice::PooledCox { derived, .. } => derived,
            other => panic!("{other:?}"),
        }
    };
    let pairs = |high: &str, chol: &str| {
        [("high", high), ("chol_100", chol)]
            .map(|(name, words)| (name.to_owned(), words.to_owned()))
    };
    // A condition can be told in words; a product only by its name.
    assert_eq!(words(json!({})), pairs("chol is at least 300", "chol_100"));
    let labels = json!({ "chol_100": "Cholesterol per 100 mg/dL" });
    assert_eq!(words(labels), pairs("chol is at least 300", "Cholesterol per 100 mg/dL"));
    let wrong = act(&table, &imputed, parameters(json!({ "hgh": "High" })), Kind::rehearse);
    assert_eq!(
        wrong.expect_err("is not derived"),
        ["labels.hgh: `hgh` is not derived here; did you mean `high`?"]
    );
}

#[test]
fn splines_pool_as_in_mice() {
    let table = reference_data("lung_incomplete").table();
    let imputed = filled(&table, &["meal_cal", "wt_loss"], 7);
    let mut parameters = json!({
        "imputations": "filled", "endpoint": "os", "terms": ["age", "meal_cal", "sex", "wt_loss"],
        "splines": {
            "age": { "reference": 60, "at": [50, 60, 70] },
            "meal_cal": { "knots": [500, 1000, 1300], "reference": 1000, "at": [600, 1200] },
        },
    });
    let output = act(&table, &imputed, parameters.clone(), Kind::run).expect("runs");
    assert!(ITERATED.compare(&output, "curves_lung") > 15);
    assert_eq!(finding(&output, "hazard_ratio.age.60").role, Role::Reference);
    assert_eq!(
        finding(&output, "hazard_ratio.age.70").method,
        Method::of(Procedure::Cox)
            .with(Detail::Spline { form: SplineForm::Natural, degrees_of_freedom: 3 })
            .with(Detail::Ties(Ties::Efron))
            .with(Detail::Pooled { imputations: Some(7) })
            .interval(IntervalKind::BarnardRubinT, 0.95)
    );
    // Without declared knots they come of quantiles, which imputed values move.
    parameters["splines"]["meal_cal"] = json!({});
    let found = act(&table, &imputed, parameters, Kind::run).unwrap_err();
    assert_eq!(
        found,
        [
            "splines.meal_cal.knots: `knots` of the spline of `meal_cal` would differ between the imputed data sets; quantiles of imputed values do: declare it"
        ]
    );
    let table = pbc().table();
    let imputed = filled(&table, &["chol"], 6);
    let parameters = json!({
        "imputations": "filled", "endpoint": "os", "terms": ["chol", "age", "log_bili"],
        "splines": {
            "chol": { "knots": [200, 300, 450, 800], "reference": 300, "at": [250, 500] },
        },
    });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    assert!(ITERATED.compare(&output, "curves_pbc") > 15);
}

#[test]
fn weighted_interactions_pool_as_in_mice() {
    let lung = reference_data("lung_incomplete").table();
    let cases = [
        (lung, "lung", 7, ["ph_karno", "sex"], false),
        (pbc().table(), "pbc", 8, ["chol", "female"], true),
    ];
    for (table, name, m, pair, with_sets) in cases {
        let n = table.height();
        let weights = Sample::of(n)
            // Any weights above zero, written the same in R.
            .real("weight", (1..=n).map(|row| Some(0.5 + (row * 7 % 16) as f64 / 10.0)));
        let weights = match with_sets {
            true => weights.whole("cluster", (1..=n).map(|row| Some(row as i64 / 4))),
            false => weights,
        };
        let imputed = filled(&table, &pair[..1], m);
        let tables = vec![("analysis", table), ("filled", imputed), ("ps", weights.table())];
        let parameters = json!({
            "imputations": "filled", "endpoint": "os", "terms": pair, "interactions": [pair],
            "weights": "ps",
        });
        let output = call_beside::<PooledCoxModel>(tables, Vec::new(), parameters, Kind::run);
        let output = output.expect("runs");
        assert!(ITERATED.compare(&output, &format!("crossed_{name}")) > 15);
        let id = format!("hazard_ratio.{}", pair[0]);
        assert_eq!(
            finding(&output, &id).warnings,
            [Warning::RatioHoldsAt { column: pair[1].to_owned(), at: InteractionPlace::Zero }]
        );
    }
}

/// Nobody has the level in one data set: what stands behind it is tested by
/// its own coefficients all the same.
#[test]
fn a_lacking_level_moves_no_coefficient() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol", "stage_gaps"], 3);
    // 330 stands in one of the imputations alone.
    let only_first = "CASE WHEN chol = 330 THEN 'c' WHEN chol > 300 THEN 'b' ELSE 'a' END";
    let go = |terms: &[&str]| {
        let parameters = json!({
            "imputations": "filled", "endpoint": "os", "terms": terms,
            "derived": { "group": only_first },
        });
        act(&table, &imputed, parameters, Kind::run).expect("runs")
    };
    let [before, behind] = [go(&["group", "stage_gaps"]), go(&["stage_gaps", "group"])];
    // The order of the terms must not matter, so that each model is a reference for the other.
    for part in ["f", "p"] {
        let id = format!("term.{part}.stage_gaps");
        let [one, other] = [&before, &behind].map(|output| finding(output, &id).value);
        let (one, other) = (one.expect("a test"), other.expect("a test"));
        assert!((one / other - 1.0).abs() < 1e-7, "{id}: {one}, {other}");
    }
}

/// The levels of a derived category are those of all data sets together.
#[test]
fn a_level_that_one_data_set_lacks_is_told() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol"], 3);
    let parameters = json!({
        "imputations": "filled", "endpoint": "os", "terms": ["age", "group"],
        "derived": { "group": "CASE WHEN chol = 335 THEN 'c' WHEN chol > 300 THEN 'b' ELSE 'a' END" },
    });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    let rare = finding(&output, "hazard_ratio.group.c");
    assert!(rare.value.is_some() || matches!(rare.warnings[0], Warning::InImputation { .. }));
    assert!(finding(&output, "hazard_ratio.group.b").value.is_some());
}

#[test]
fn those_without_a_value_that_was_not_imputed_are_counted() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol"], 2);
    let parameters = json!({
        "imputations": "filled", "endpoint": "os", "terms": ["chol", "copper"], "where": "age > 40",
    });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    let found = finding(&output, "coefficient.chol");
    // Two have no `copper`, which was not imputed.
    assert_eq!(found.missing, Some(2));
    assert_eq!(found.warnings, [Warning::ImputedLeftOut { patients: 2 }]);
    assert_eq!(found.population, "age > 40");
    assert_eq!(output.patients["age > 40"].len(), found.n.unwrap() as usize);
}

#[test]
fn mistakes_are_named() {
    let table = pbc().table();
    let imputed = filled(&table, &["chol"], 2);
    let wrong = |imputed: &Table, parameters: Value| {
        let found = act(&table, imputed, parameters.clone(), Kind::run).unwrap_err();
        let rehearsed =
            act(&table.without_rows(), &imputed.without_rows(), parameters, Kind::rehearse);
        (found, rehearsed.err().unwrap_or_default())
    };
    let parameters =
        |terms: &[&str]| json!({ "imputations": "filled", "endpoint": "os", "terms": terms });
    let (found, rehearsed) = wrong(&table, parameters(&["chol"]));
    assert_eq!(
        found,
        ["imputations: `filled` makes no imputations; name a `multiple_imputation` of `analyze`"]
    );
    assert_eq!(rehearsed, found);
    let (found, rehearsed) = wrong(&imputed, parameters(&["chl"]));
    assert_eq!(found, ["terms.0: table `analysis` has no column `chl`; did you mean `chol`?"]);
    assert_eq!(rehearsed, found);
    let derived = json!({
        "imputations": "filled", "endpoint": "os", "terms": ["chol"],
        "derived": { "age": "chol", "high": "cho > 2" },
    });
    let (found, rehearsed) = wrong(&imputed, derived);
    assert_eq!(
        found,
        [
            "derived.age: there is a column `age` already; choose another name",
            "derived.high: SQL expression names a column `cho` that the table does not have; did you mean `chol`?",
        ]
    );
    assert_eq!(rehearsed, found);
    let hint = "the table of a `multiple_imputation` has one row for each patient and imputation";
    let (found, _) = wrong(&filled(&table, &["chol"], 1), parameters(&["chol"]));
    assert_eq!(
        found,
        [format!(
            "imputations: `filled` has one imputation, but pooling needs two or more; {hint}"
        )]
    );
    // The last imputation loses its last patients.
    let rows: Vec<usize> = (0..600).collect();
    let shorter = taken(&imputed, &imputed.names(), &rows);
    let (found, _) = wrong(&shorter, parameters(&["chol"]));
    assert_eq!(
        found,
        [format!("imputations: the imputations of `filled` have different patients; {hint}")]
    );
    let twice = taken(&imputed, &imputed.names(), &[0, 0]);
    let (found, _) = wrong(&twice, parameters(&["chol"]));
    assert_eq!(
        found,
        [format!(
            "imputations: rows 1 and 2 of `filled` are both of patient `P1` in imputation 1; {hint}"
        )]
    );
}

#[test]
fn what_holds_of_all_data_sets_is_said_once() {
    let n = 228;
    let sample = reference_data("lung_incomplete").date("start", vec![Some(0); n]);
    let mut table = sample.date("seen", vec![Some(1); n]).table();
    table.rows = known_from("seen");
    let imputed = filled(&table, &["ph_karno"], 2);
    // `age` has no gap and `ph_karno` has: the warning must not come once for each data set.
    let parameters =
        json!({ "imputations": "filled", "endpoint": "os", "terms": ["age", "ph_karno"] });
    let output = act(&table, &imputed, parameters, Kind::run).expect("runs");
    let is_told = |one: &&Warning| matches!(one, Warning::RowsChosenLate { .. });
    for finding in &output.findings {
        assert_eq!(finding.warnings.iter().filter(is_told).count(), 1, "{}", finding.id());
    }
}
