//! The exact pieces of imputation against R, its means against those of
//! `mice`, and its edges.

use restudy_stats::cox::CoxModel;
use restudy_stats::imputation::{
    Completed, Dropped, Imputation, Imputed, LinearPosterior, Predictor, Variable, nearest_donors,
    nelson_aalen,
};
use restudy_stats::pooling::pool;
use serde_json::Value;

use crate::reference::{
    Cases, Table, assert_close, cases, counts, covariates_of, numbers, table, text, texts,
};

const TOLERANCE: f64 = 1e-9;

fn pieces(name: &str) -> Cases {
    cases("imputation").only(|case| text(case, "piece") == Some(name))
}

fn known(value: &Value) -> Vec<f64> {
    numbers(value).into_iter().map(|number| number.expect("a number")).collect()
}

#[test]
fn hazards_equal_those_of_r() {
    for case in pieces("nelson_aalen") {
        let data = text(&case, "data").unwrap();
        let found = nelson_aalen(&table(data).survival());
        for (found, expected) in found.iter().zip(numbers(&case["values"])) {
            assert_close(data, Some(*found), expected, 1e-12);
        }
    }
}

#[test]
fn donors_are_the_nearest_of_r() {
    for case in pieces("donors") {
        let count = case["k"].as_u64().unwrap() as usize;
        let found = nearest_donors(&known(&case["observed"]), &known(&case["targets"]), count);
        for (mut found, expected) in found.into_iter().zip(case["sets"].as_array().unwrap()) {
            // Compared as sets, whatever the order within.
            found.sort_unstable();
            assert_eq!(found, counts(expected));
        }
    }
}

#[test]
fn draws_equal_the_formula_of_r() {
    for case in pieces("draw") {
        let (outcome, terms) = (text(&case, "outcome").unwrap(), texts(&case["terms"]));
        let mut names: Vec<&str> = terms.iter().map(String::as_str).collect();
        names.push(outcome);
        let table = table(text(&case, "data").unwrap()).complete(&names);
        let outcomes = table.column(outcome);
        let columns: Vec<Vec<f64>> = terms.iter().map(|term| table.column(term)).collect();
        let row = |i: usize| std::iter::once(1.0).chain(columns.iter().map(move |c| c[i]));
        let rows: Vec<f64> = (0..outcomes.len()).flat_map(row).collect();
        let posterior = LinearPosterior::new(&rows, terms.len() + 1, &outcomes).unwrap();
        assert_eq!(posterior.degrees_of_freedom as u64, case["df"].as_u64().unwrap());
        let rss = Some(posterior.residual_sum_of_squares);
        assert_close("rss", rss, case["rss"].as_f64(), TOLERANCE);
        let drawn = posterior.draw(&known(&case["deviates"]), case["chi_square"].as_f64().unwrap());
        // The normal equations of raw columns lose more digits than R's QR.
        let pairs = [(&posterior.coefficients, "coefficients"), (&drawn, "drawn")];
        for (found, key) in pairs {
            for (found, expected) in found.iter().zip(numbers(&case[key])) {
                assert_close(key, Some(*found), expected, TOLERANCE);
            }
        }
    }
}

/// The variables of a case of `mice`, and its complete columns.
fn variables(case: &Value, table: &Table) -> (Vec<Variable>, Vec<f64>) {
    let numbers = texts(&case["numbers"]);
    // Those of a sensitivity analysis, one a number.
    let shifts = case["shifts"].as_array().map(|_| known(&case["shifts"]));
    let shifts = shifts.unwrap_or_else(|| vec![0.0; numbers.len()]);
    let number = |(name, shift): (&String, &f64)| Variable::Number {
        values: table.cells(name),
        shift: *shift,
    };
    let category = |name: &String| {
        let cells = table.cells(name);
        // R's factors begin at 1 or 0; codes here at 0.
        let lowest = cells.iter().flatten().fold(f64::INFINITY, |least, cell| least.min(*cell));
        let codes: Vec<Option<usize>> =
            cells.iter().map(|cell| cell.map(|cell| (cell - lowest) as usize)).collect();
        let n_levels = codes.iter().flatten().max().unwrap() + 1;
        Variable::Category { codes, n_levels, shift: 0.0 }
    };
    let categories = texts(&case["categories"]);
    let variables =
        numbers.iter().zip(&shifts).map(number).chain(categories.iter().map(category)).collect();
    let mut complete = table.matrix(&texts(&case["known"]));
    complete.extend(table.column("event"));
    complete.extend(nelson_aalen(&table.survival()));
    (variables, complete)
}

fn is_binary(name: &str) -> bool {
    name.starts_with("hepato") || name.starts_with("adhere")
}

/// A term such as `chol` or `stage_gaps3` in a completed data set.
fn covariate(case: &Value, table: &Table, data_set: &[Completed], term: &str) -> Vec<f64> {
    let variables: Vec<String> =
        texts(&case["numbers"]).into_iter().chain(texts(&case["categories"])).collect();
    let Some(position) = variables.iter().position(|name| term.starts_with(name.as_str())) else {
        return table.column(term);
    };
    match &data_set[position] {
        Completed::Number(values) => values.clone(),
        Completed::Category(codes) => {
            let label: usize = term[variables[position].len()..].parse().expect("a level");
            // Levels are 0 and 1 of two, from 1 of more.
            let level = if is_binary(&variables[position]) { label } else { label - 1 };
            codes.iter().map(|code| f64::from(*code == level)).collect()
        }
    }
}

/// Two Monte Carlo means of m draws each differ by less than 4.5 of their
/// standard errors: of some 25 comparisons one would fail in 5,000 seeds.
fn assert_same_mean(what: &str, found: (f64, f64), expected: (f64, f64), m: f64) {
    let error = ((found.1 * found.1 + expected.1 * expected.1) / m).sqrt();
    let difference = (found.0 - expected.0).abs();
    assert!(difference < 4.5 * error, "{what}: {found:?} v {expected:?}, error {error}");
}

fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

#[test]
fn imputed_values_and_pooled_models_are_as_in_mice() {
    for case in pieces("mice") {
        let table = table(text(&case, "data").unwrap());
        let m = case["m"].as_u64().unwrap() as usize;
        let (variables, complete) = variables(&case, &table);
        let n_complete = complete.len() / table.column("time").len();
        let model = Imputation::new(variables, &complete, n_complete).unwrap();
        let imputed = model.imputations(m).iterations(10).impute(2).unwrap();
        compare_means(&case, &imputed, m);
        compare_models(&case, &table, &imputed, m);
    }
}

fn compare_means(case: &Value, imputed: &Imputed, m: usize) {
    let names: Vec<String> =
        texts(&case["numbers"]).into_iter().chain(texts(&case["categories"])).collect();
    for trace in &imputed.traces {
        let name = &names[trace.variable];
        let key = match trace.level {
            None => name.clone(),
            Some(level) if is_binary(name) => format!("{name}={level}"),
            Some(level) => format!("{name}={}", level + 1),
        };
        // The last iteration, as the completed data are.
        let last: Vec<f64> = trace.means.iter().map(|chain| *chain.last().unwrap()).collect();
        let expected = known(&case["summaries"][&key]);
        assert_same_mean(&key, mean_and_spread(&last), (expected[0], expected[1]), m as f64);
    }
}

fn compare_models(case: &Value, table: &Table, imputed: &Imputed, m: usize) {
    let terms = texts(&case["terms"]);
    let data = table.survival();
    let fits = imputed.data_sets.iter().map(|data_set| {
        let columns = terms.iter().flat_map(|term| covariate(case, table, data_set, term));
        let columns: Vec<f64> = columns.collect();
        CoxModel::new(&data, covariates_of(&columns, terms.len()))
            .unwrap()
            .fit()
            .unwrap()
            .coefficients
    });
    let fits: Vec<_> = fits.collect();
    let expected = [known(&case["estimates"]), known(&case["between"]), known(&case["total"])];
    for (place, term) in terms.iter().enumerate() {
        let of_term = fits.iter().map(|fit| fit[place].unwrap());
        let (estimates, variances): (Vec<f64>, Vec<f64>) = of_term
            .map(|known| (known.estimate, known.standard_error * known.standard_error))
            .unzip();
        let pooled = pool(&estimates, &variances, None).unwrap();
        let spread = expected[1][place].sqrt();
        let found = (pooled.estimate, pooled.between.sqrt());
        assert_same_mean(term, found, (expected[0][place], spread), m as f64);
        // The logarithm of a ratio of two variances of 100 draws has a standard error of 0.2.
        let ratio = libm::log(pooled.between / expected[1][place]).abs();
        assert!(ratio < 4.5 * 0.2, "{term}: {} v {}", pooled.between, expected[1][place]);
        // A rough bound on the sum: its parts were compared above.
        assert!((pooled.total / expected[2][place] - 1.0).abs() < 0.3, "{term}: total");
    }
}

fn holes(values: &[f64], every: usize) -> Vec<Option<f64>> {
    let hole = |(i, value): (usize, &f64)| (i % every != 1).then_some(*value);
    // Every so many-th value is missing, by its place.
    values.iter().enumerate().map(hole).collect()
}

#[test]
fn known_values_stay_and_imputed_ones_occur() {
    let table = table("pbc_incomplete");
    let (chol, log_bili) = (table.cells("chol"), table.column("log_bili"));
    let variable = Variable::Number { values: chol.clone(), shift: 0.0 };
    let imputed = Imputation::new(vec![variable], &log_bili, 1).unwrap().impute(1).unwrap();
    assert_eq!((imputed.data_sets.len(), imputed.order.as_slice()), (5, [0].as_slice()));
    for data_set in &imputed.data_sets {
        let Completed::Number(values) = &data_set[0] else { panic!("a number") };
        for (value, known) in values.iter().zip(&chol) {
            assert!(known.is_none_or(|known| known == *value) && chol.contains(&Some(*value)));
        }
    }
}

#[test]
fn those_with_few_gaps_come_first_and_nobody_without() {
    let x: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 11)).collect();
    let number = |every| Variable::Number { values: holes(&x, every), shift: 0.0 };
    let full = Variable::Number { values: x.iter().map(|x| Some(x + 1.0)).collect(), shift: 0.0 };
    let variables = vec![number(3), full, number(9), number(5)];
    let imputed = Imputation::new(variables, &[], 0).unwrap().iterations(1).impute(1).unwrap();
    // Missing: 13 of 40, none, 5 and 8.
    assert_eq!(imputed.order, [2, 3, 0]);
}

#[test]
fn collinear_and_constant_columns_are_named() {
    let x: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 11)).collect();
    let y: Vec<f64> = (0..40).map(|i| f64::from(i % 13)).collect();
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x - 3.0).collect();
    let complete: Vec<f64> = [x.clone(), twice, vec![4.0; 40]].concat();
    let variables = vec![
        Variable::Number { values: holes(&y, 4), shift: 0.0 },
        Variable::Number { values: holes(&[5.0; 40], 6), shift: 0.0 },
    ];
    let imputed = Imputation::new(variables, &complete, 3).unwrap().impute(1).unwrap();
    let dropped = |predictor| Dropped { variable: 0, predictor };
    assert_eq!(imputed.constant, [1]);
    assert_eq!(
        imputed.dropped,
        // The constant variable, the doubled column and the constant one, in their
        // order.
        [Predictor::Number(1), Predictor::Complete(1), Predictor::Complete(2)].map(dropped)
    );
    assert!(imputed.data_sets.iter().all(|set| set[1] == Completed::Number(vec![5.0; 40])));
}

/// A level is known from the number without exception; imputation neither
/// fails nor follows it blindly into infinite coefficients.
#[test]
fn perfect_prediction_is_survived() {
    let x: Vec<f64> = (0..60).map(f64::from).collect();
    let code = |i: usize| (i % 5 != 2).then_some(i / 20);
    let codes: Vec<Option<usize>> = (0..60).map(code).collect();
    let variable = Variable::Category { codes: codes.clone(), n_levels: 4, shift: 0.0 };
    let model = Imputation::new(vec![variable], &x, 1).unwrap().imputations(20);
    let imputed = model.impute(3).unwrap();
    // 20 data sets of 12 gaps.
    let mut right = 0;
    for data_set in &imputed.data_sets {
        let Completed::Category(found) = &data_set[0] else { panic!("a category") };
        // Level 3 exists and nobody has it: it cannot be drawn.
        assert!(found.iter().all(|code| *code < 3), "nobody is known to have level 3");
        right += (0..60).filter(|i| codes[*i].is_none() && found[*i] == i / 20).count();
    }
    // Of 240 draws nearly all; chance would give 80.
    assert!(right > 200, "{right}");
}

#[test]
fn a_shift_moves_what_is_imputed_alone() {
    let x: Vec<f64> = (0..80).map(|i| f64::from(i * 7 % 31)).collect();
    let make = |shift| {
        let variables = vec![Variable::Number { values: holes(&x, 4), shift }];
        let imputed = Imputation::new(variables, &x, 1).unwrap().impute(4).unwrap();
        imputed.data_sets
    };
    let (plain, shifted) = (make(0.0), make(-2.5));
    for (plain, shifted) in plain.iter().zip(&shifted) {
        let (Completed::Number(plain), Completed::Number(shifted)) = (&plain[0], &shifted[0])
        else {
            panic!("numbers")
        };
        // One variable alone is drawn by the same random numbers whatever the shift.
        for (i, (plain, shifted)) in plain.iter().zip(shifted).enumerate() {
            assert_eq!(*shifted, if i % 4 == 1 { plain - 2.5 } else { x[i] });
        }
    }
}

#[test]
fn a_shift_of_log_odds_moves_the_share() {
    let codes: Vec<Option<usize>> = (0..900).map(|i| (i % 3 != 0).then_some(i / 3 % 2)).collect();
    let share = |shift| {
        let variable = Variable::Category { codes: codes.clone(), n_levels: 2, shift };
        let model = Imputation::new(vec![variable], &[], 0).unwrap().imputations(40).iterations(1);
        let imputed = model.impute(5).unwrap();
        let last: f64 = imputed.traces[1].means.iter().map(|chain| chain[0]).sum();
        last / 40.0
    };
    // Log odds 0 and log 3: shares 1/2 and 3/4. An imputation's share has a variance of
    // p q (1/300 + 1/600), so that 0.02 is about five errors of the mean of 40.
    assert!((share(0.0) - 0.5).abs() < 0.02 && (share(libm::log(3.0)) - 0.75).abs() < 0.02);
}

#[test]
fn threads_do_not_matter() {
    let table = table("pbc_incomplete");
    let cases = pieces("mice");
    let case = &cases[1];
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (variables, complete) = variables(case, &table);
            let model = Imputation::new(variables, &complete, complete.len() / 312).unwrap();
            model.imputations(7).iterations(3).impute(8).unwrap()
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(4));
    assert_ne!(one.data_sets[0], one.data_sets[1]);
}

#[test]
fn mistakes_are_named() {
    let number = |values: &[Option<f64>]| Variable::Number { values: values.to_vec(), shift: 0.0 };
    let wrong = |variable: Variable| {
        Imputation::new(vec![variable], &[], 0).and_then(|model| model.impute(1)).unwrap_err()
    };
    assert_eq!(wrong(number(&[])).to_string(), "no observations");
    assert_eq!(wrong(number(&[None; 2])).to_string(), "variable 0 is missing for everybody");
    let infinite = number(&[Some(1.0), Some(f64::INFINITY)]);
    assert_eq!(wrong(infinite).to_string(), "`variables` is not a finite number at position 1");
    let codes = vec![Some(0), Some(2), None];
    let category = |n_levels, shift| Variable::Category { codes: codes.clone(), n_levels, shift };
    assert_eq!(
        wrong(category(2, 0.0)).to_string(),
        "`variables` is 2 at position 1, but there are 2 groups"
    );
    assert_eq!(
        wrong(category(3, 1.0)).to_string(),
        "a shift of log odds cannot be combined with more than two levels"
    );
    let x = [1.0, 2.0, 4.0];
    let few = vec![number(&[Some(1.0), Some(3.0), None])];
    assert_eq!(
        Imputation::new(few.clone(), &x, 1).unwrap().impute(1).unwrap_err().to_string(),
        // An intercept and a slope leave no degree of freedom of two values.
        "variable 0 has 2 known values, but its model needs 3"
    );
    let none = Imputation::new(few, &[], 0).unwrap().donors(0).impute(1).unwrap_err();
    assert_eq!(none.to_string(), "`donors` is 0, outside 1 or more");
}
