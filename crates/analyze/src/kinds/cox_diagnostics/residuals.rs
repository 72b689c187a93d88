//! The table of residuals: one row a patient of the model.

use std::collections::BTreeSet;

use engine::Mistake;
use stats::cox::CoxModel;
use study::{Level, Table, slug};

use crate::columns::{Cells, table_of};
use crate::model::design::Column;
use crate::model::{Declared, Fitted, Model, Values};

/// A covariate that the table has columns of, where the model has it.
struct Covariate {
    name: String,
    parts: Vec<(usize, Column)>,
}

/// The residuals of a fitted model; without rows in a rehearsal. The levels of a
/// column that does not declare them are known only with the data, so that their
/// columns are missing there.
pub(super) fn table(patient: &str, model: &Model<'_>, fitted: &Fitted) -> Result<Table, Mistake> {
    let covariates = covariates(model);
    let found = match fitted.is_rehearsed() {
        true => None,
        false => Some(fitted.model(model)?),
    };
    let fixed = found.as_ref().map(|prepared| Fixed::of(prepared, model, fitted));
    let mut columns = fixed.unwrap_or_default().columns(patient);
    let fit = &fitted.fit;
    // Found by what the covariate is, not by its position: a level
    // that nobody has makes no covariate, and all behind it move up.
    let position = |covariate: &Covariate| {
        let positions = 0..fit.coefficients.len();
        let parts = |position: &usize| fitted.cases.design.parts(*position) == covariate.parts;
        // A covariate that was dropped has no residuals, and its columns are empty.
        positions.into_iter().find(parts).filter(|place| fit.coefficients[*place].is_some())
    };
    let n = fitted.cases.included.len();
    let dfbeta = found.as_ref().map(|prepared| prepared.dfbeta(fit));
    for covariate in &covariates {
        let values = match dfbeta.as_ref().zip(position(covariate)) {
            Some((all, position)) => all.column(position).iter().copied().map(Some).collect(),
            None => vec![None; n],
        };
        columns.push((format!("dfbeta_{}", covariate.name), Cells::Real(values)));
    }
    let schoenfeld = found.map_or_else(Vec::new, |prepared| prepared.schoenfeld_residuals(fit));
    for covariate in &covariates {
        // A Schoenfeld residual belongs to an event; everybody else has none.
        let mut values = vec![None; n];
        if let Some(position) = position(covariate) {
            for row in &schoenfeld {
                values[row.subject] = Some(row.residuals[position]);
            }
        }
        columns.push((format!("schoenfeld_{}", covariate.name), Cells::Real(values)));
    }
    // Names of columns are slugs of terms and levels, and two of those may be the same.
    let mut seen = BTreeSet::new();
    match columns.iter().find(|(name, _)| !seen.insert(name.clone())) {
        None => Ok(table_of(n, columns)),
        Some((name, _)) => Err(Mistake::new(format!("two columns of residuals would be `{name}`"))
            .hint("they are named by terms and levels: name those apart")),
    }
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

impl Fixed {
    fn of(prepared: &CoxModel<'_>, model: &Model<'_>, fitted: &Fitted) -> Self {
        let (fit, data) = (&fitted.fit, fitted.data());
        let known = |values: Vec<f64>| values.into_iter().map(Some).collect();
        let patient = |place: &usize| Some(model.population.patient(*place).to_owned());
        Self {
            patients: fitted.cases.included.iter().map(patient).collect(),
            days: known(data.times().to_vec()),
            events: data.events().iter().map(|event| Some(*event)).collect(),
            linear_predictor: known(fit.linear_predictors.clone()),
            martingale: known(prepared.martingale_residuals(fit)),
            deviance: known(prepared.deviance_residuals(fit)),
        }
    }

    fn columns(self, patient: &str) -> Vec<(String, Cells)> {
        vec![
            (patient.to_owned(), Cells::Text(self.patients)),
            ("days".to_owned(), Cells::Real(self.days)),
            ("event".to_owned(), Cells::YesNo(self.events)),
            ("linear_predictor".to_owned(), Cells::Real(self.linear_predictor)),
            ("martingale".to_owned(), Cells::Real(self.martingale)),
            ("deviance".to_owned(), Cells::Real(self.deviance)),
        ]
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
fn covariates(model: &Model<'_>) -> Vec<Covariate> {
    let block = |place: usize| match &model.terms[place].values {
        Values::Numbers(_) => numbers(&model.declared, place),
        // In a rehearsal: their columns are not announced.
        Values::Levels { category, .. } if category.is_open() => Vec::new(),
        Values::Levels { category, reference } => {
            indicators(&model.terms[place].column, place, &category.levels, *reference)
        }
    };
    let blocks: Vec<Vec<Covariate>> = model.places().into_iter().map(block).collect();
    let mut products = Vec::new();
    for pair in 0..model.declared.extras.interactions.len() {
        let [left, right] = model.pair(pair);
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
