//! Which covariates the terms of a model make, for patients and for anybody
//! whose values are given.

use super::basis::Basis;

/// The value of a term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// A number.
    Number(f64),
    /// The position of a level.
    Level(usize),
}

/// One covariate of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The number itself.
    Number,
    /// The indicator of a level.
    Level(usize),
    /// A column of a spline.
    Spline(usize),
}

/// The covariates of one term.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The term's place in the model.
    pub(crate) term: usize,
    /// The position of its first covariate.
    pub(crate) first: usize,
    /// Its covariates in order.
    pub(crate) columns: Vec<Column>,
    /// Its spline, where it has one.
    pub(crate) basis: Option<Basis>,
}

impl Block {
    /// The covariates at a value.
    pub(crate) fn at(&self, value: Value) -> Vec<f64> {
        let covariate = |column: &Column| match (*column, value) {
            (Column::Number, Value::Number(number)) => number,
            (Column::Level(level), Value::Level(own)) => f64::from(u8::from(level == own)),
            // The basis is that of the fit, knots and all, whoever is asked about.
            (Column::Spline(column), Value::Number(number)) => {
                let basis = self.basis.as_ref().expect("invariant: a spline has a basis");
                basis.columns(&[number])[column]
            }
            // Values are made by the terms themselves, so that a number never meets a level.
            _ => unreachable!("invariant: a value is of its term's type"),
        };
        self.columns.iter().map(covariate).collect()
    }

    /// The positions of its covariates.
    pub(crate) fn positions(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.columns.len()
    }
}

/// The products of the covariates of two terms.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    /// Its place among the declared interactions.
    pub(crate) place: usize,
    /// The two terms.
    pub(crate) terms: [usize; 2],
    /// The position of its first covariate.
    pub(crate) first: usize,
    /// The positions of the covariates whose products they are.
    pub(crate) factors: Vec<[usize; 2]>,
}

impl Product {
    /// The positions of its covariates.
    pub(crate) fn positions(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.factors.len()
    }
}

/// All covariates of a model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Design {
    /// By term, in the order of the model.
    pub(crate) blocks: Vec<Block>,
    /// By interaction, behind those of the terms.
    pub(crate) products: Vec<Product>,
}

impl Design {
    /// How many covariates there are.
    pub(crate) fn n_covariates(&self) -> usize {
        let of_terms: usize = self.blocks.iter().map(|block| block.columns.len()).sum();
        of_terms + self.products.iter().map(|product| product.factors.len()).sum::<usize>()
    }

    /// The covariates of a term.
    pub(crate) fn block(&self, term: usize) -> Option<&Block> {
        self.blocks.iter().find(|block| block.term == term)
    }

    /// The covariates of somebody with these values, one for each block.
    pub(crate) fn row(&self, values: &[Value]) -> Vec<f64> {
        // One value for each block in its order; products follow, as in `Cases`.
        let mut row: Vec<f64> =
            self.blocks.iter().zip(values).flat_map(|(block, value)| block.at(*value)).collect();
        for product in &self.products {
            for [left, right] in &product.factors {
                row.push(row[*left] * row[*right]);
            }
        }
        row
    }

    /// The covariate that is this in another design of the same terms.
    pub(crate) fn position_of(&self, parts: &[(usize, Column)]) -> Option<usize> {
        // By what a covariate is: where nobody has a level, all later positions move up.
        (0..self.n_covariates()).find(|position| self.parts(*position) == parts)
    }

    /// What a covariate is: its term and column, or the two of a product.
    pub(crate) fn parts(&self, position: usize) -> Vec<(usize, Column)> {
        let of_term = |position: usize| {
            let block = self.blocks.iter().find(|block| block.positions().contains(&position));
            block.map(|block| (block.term, block.columns[position - block.first]))
        };
        if let Some(part) = of_term(position) {
            return vec![part];
        }
        let product = self.products.iter().find(|product| product.positions().contains(&position));
        let product = product.expect("invariant: a covariate is of a term or a product");
        product.factors[position - product.first].into_iter().filter_map(of_term).collect()
    }
}
