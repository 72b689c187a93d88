//! The table of residuals: one row a patient of the model.

use std::collections::BTreeSet;

use engine::{Call, Mistake};
use study::{Level, Table, slug};

use crate::category::declared_levels;
use crate::columns::{Cells, table_of};
use crate::model::design::Column;
use crate::model::{Declared, Fitted, Model, Values};

/// A covariate that the table has columns of, where the model has it.
struct Covariate {
    name: String,
    parts: Vec<(usize, Column)>,
}

/// The same table without rows. The levels of a column that does not declare
/// them are known only with the data, so their columns are missing here.
pub(super) fn empty(call: &Call<'_>, declared: &Declared<'_>) -> Result<Table, Mistake> {
    let table = call.table(&call.study.analysis_table);
    let levels = |place: usize| declared_levels(table, &declared.terms[place]);
    let reference = |place: usize, levels: &[Level]| {
        let named = declared.references.get(&declared.terms[place]);
        levels.iter().position(|level| Some(&level.value) == named).unwrap_or(0)
    };
    let is_number = |place: usize| crate::model::is_number(table, &declared.terms[place]);
    let blocks: Vec<Vec<Covariate>> = (0..declared.terms.len())
        .map(|place| match (is_number(place), levels(place)) {
            (true, _) => numbers(declared, place),
            (false, Some(levels)) => {
                indicators(&declared.terms[place], place, &levels, reference(place, &levels))
            }
            (false, None) => Vec::new(),
        })
        .collect();
    let covariates = with_products(declared, blocks);
    let mut columns = fixed(call, Fixed::default());
    for prefix in ["dfbeta", "schoenfeld"] {
        for covariate in &covariates {
            columns.push((format!("{prefix}_{}", covariate.name), Cells::Real(Vec::new())));
        }
    }
    built(0, columns)
}

/// The residuals of a fitted model.
pub(super) fn table(call: &Call<'_>, model: &Model<'_>, fitted: &Fitted) -> Result<Table, Mistake> {
    let prepared = fitted.model(model)?;
    let (fit, data) = (&fitted.fit, fitted.data());
    let n = data.n();
    let known = |values: Vec<f64>| values.into_iter().map(Some).collect::<Vec<_>>();
    let included = fitted.cases.included.iter();
    let mut columns = fixed(
        call,
        Fixed {
            patients: included
                .map(|place| Some(model.population.patients[*place].clone()))
                .collect(),
            days: known(data.times().to_vec()),
            events: data.events().iter().map(|event| Some(*event)).collect(),
            linear_predictor: known(fit.linear_predictors.clone()),
            martingale: known(prepared.martingale_residuals(fit)),
            deviance: known(prepared.deviance_residuals(fit)),
        },
    );
    let blocks = (0..model.places().len())
        .map(|place| match &model.terms[place].values {
            Values::Numbers(_) => numbers(&model.declared, place),
            Values::Levels { category, reference } => {
                indicators(&model.terms[place].column, place, &category.levels, *reference)
            }
        })
        .collect();
    let covariates = with_products(&model.declared, blocks);
    let position = |covariate: &Covariate| {
        let positions = 0..fit.coefficients.len();
        let parts = |position: &usize| fitted.cases.design.parts(*position) == covariate.parts;
        positions.into_iter().find(parts).filter(|place| fit.coefficients[*place].is_some())
    };
    let dfbeta = prepared.dfbeta(fit);
    for covariate in &covariates {
        let values = match position(covariate) {
            Some(position) => dfbeta.column(position).iter().copied().map(Some).collect(),
            None => vec![None; n],
        };
        columns.push((format!("dfbeta_{}", covariate.name), Cells::Real(values)));
    }
    let schoenfeld = prepared.schoenfeld_residuals(fit);
    for covariate in &covariates {
        let mut values = vec![None; n];
        if let Some(position) = position(covariate) {
            for row in &schoenfeld {
                values[row.subject] = Some(row.residuals[position]);
            }
        }
        columns.push((format!("schoenfeld_{}", covariate.name), Cells::Real(values)));
    }
    built(n, columns)
}

/// The columns that every table of residuals has.
#[derive(Default)]
struct Fixed {
    patients: Vec<Option<String>>,
    days: Vec<Option<f64>>,
    events: Vec<Option<bool>>,
    linear_predictor: Vec<Option<f64>>,
    martingale: Vec<Option<f64>>,
    deviance: Vec<Option<f64>>,
}

fn fixed(call: &Call<'_>, values: Fixed) -> Vec<(String, Cells)> {
    vec![
        (call.study.patient.clone(), Cells::Text(values.patients)),
        ("days".to_owned(), Cells::Real(values.days)),
        ("event".to_owned(), Cells::YesNo(values.events)),
        ("linear_predictor".to_owned(), Cells::Real(values.linear_predictor)),
        ("martingale".to_owned(), Cells::Real(values.martingale)),
        ("deviance".to_owned(), Cells::Real(values.deviance)),
    ]
}

fn built(height: usize, columns: Vec<(String, Cells)>) -> Result<Table, Mistake> {
    let mut seen = BTreeSet::new();
    match columns.iter().find(|(name, _)| !seen.insert(name.clone())) {
        None => Ok(table_of(height, columns)),
        Some((name, _)) => Err(Mistake::new(format!("two columns of residuals would be `{name}`"))
            .hint("they are named by terms and levels: name those apart")),
    }
}

/// The covariates of a number: itself, or the columns of its spline.
fn numbers(declared: &Declared<'_>, place: usize) -> Vec<Covariate> {
    let name = slug(&declared.terms[place]);
    match declared.extras.spline(&declared.terms[place]) {
        None => vec![Covariate { name, parts: vec![(place, Column::Number)] }],
        Some(spline) => (0..spline.n_columns())
            .map(|column| Covariate {
                name: format!("{name}_{}", column + 1),
                parts: vec![(place, Column::Spline(column))],
            })
            .collect(),
    }
}

/// The covariates of a category: its levels but the reference.
fn indicators(column: &str, place: usize, levels: &[Level], reference: usize) -> Vec<Covariate> {
    let others = levels.iter().enumerate().filter(|(level, _)| *level != reference);
    others
        .map(|(level, about)| Covariate {
            name: format!("{}_{}", slug(column), slug(&about.value)),
            parts: vec![(place, Column::Level(level))],
        })
        .collect()
}

/// All covariates, with the products of interacting terms behind.
fn with_products(declared: &Declared<'_>, blocks: Vec<Vec<Covariate>>) -> Vec<Covariate> {
    let mut products = Vec::new();
    for pair in declared.extras.interactions {
        let place = |term: &String| declared.terms.iter().position(|own| own == term);
        let Some((left, right)) = place(&pair[0]).zip(place(&pair[1])) else { continue };
        for one in &blocks[left] {
            for other in &blocks[right] {
                products.push(Covariate {
                    name: format!("{}_{}", one.name, other.name),
                    parts: [one.parts.clone(), other.parts.clone()].concat(),
                });
            }
        }
    }
    blocks.into_iter().flatten().chain(products).collect()
}
