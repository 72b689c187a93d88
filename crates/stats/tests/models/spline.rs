//! Spline bases.

use restudy_stats::cox::CoxModel;
use restudy_stats::spline::{NaturalSpline, RestrictedSpline, harrell_knots};

use super::penalty::known;
use crate::reference::{assert_all_close, assert_close, cases, matrix, table, text};

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-12;

#[test]
fn bases_equal_those_of_r() {
    for case in cases("spline") {
        let (call, knots) = (text(&case, "call").unwrap(), known(&case, "knots"));
        let columns = if text(&case, "kind") == Some("natural") {
            let boundary = known(&case, "boundary");
            let spline = NaturalSpline::new(&knots, boundary[0], boundary[1]).unwrap();
            spline.columns(&known(&case, "x")).unwrap()
        } else {
            RestrictedSpline::new(&knots).unwrap().columns(&known(&case, "x")).unwrap()
        };
        assert_all_close(call, &columns, &matrix(&case["columns"]), TOLERANCE);
    }
}

/// Both bases span the same functions, so that they give one likelihood.
#[test]
fn both_forms_give_one_model() {
    let table = table("lung_complete");
    let (data, age) = (table.survival(), table.column("age"));
    let knots = harrell_knots(&age, 4).unwrap();
    let restricted = RestrictedSpline::new(&knots).unwrap().columns(&age).unwrap();
    let natural = NaturalSpline::new(&knots[1..3], knots[0], knots[3]).unwrap();
    let natural = natural.columns(&age).unwrap();
    let fit = |columns: &[f64]| CoxModel::new(&data, columns, 3).unwrap().fit().unwrap();
    let (one, other) = (fit(&restricted), fit(&natural));
    assert!(one.warnings.is_empty() && other.warnings.is_empty());
    assert_close("log-likelihood", Some(one.log_likelihood), Some(other.log_likelihood), 1e-9);
}
