//! Logistic regression for two levels or more: the log odds of each level
//! against the first one. Binary logistic regression is its case of two.

mod search;

use nalgebra::DMatrix;

pub(crate) use search::{Ending, Maximum, Search, probabilities};

use crate::Error;
use crate::checks::{check_codes, check_finite, check_length};
use crate::covariates::Covariates;
use crate::inference::Coefficient;
use crate::symmetric::Factors;
use crate::weights::Weights;

/// A pivot of the standardised covariates' products below this share of the
/// largest one is that of a collinear column.
const RANK_TOLERANCE: f64 = 1e-11;

/// A checked model, ready to fit.
///
/// # Formula
/// With x_0 = 1 and levels 0..K - 1, log P(k) / P(0) = sum of b_kj x_j. The
/// log-likelihood is the weighted sum of log P(level).
///
/// # Convergence
/// Newton-Raphson from zero on standardised covariates with step halving,
/// until no coefficient moves by more than 1e-10 of 1 + itself, for at most
/// 100 iterations. Where levels are separated by the covariates the
/// likelihood has no maximum: the search ends once it rises by less than
/// 1e-12 of itself, and the coefficients that still move are marked.
///
/// # Missing values
/// None are accepted: the caller leaves those subjects out and counts them.
///
/// Agresti, Categorical Data Analysis, 3rd ed. 2013, section 8.1.
///
/// ```
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::multinomial::MultinomialModel;
///
/// // Of four unexposed one has it, of four exposed three.
/// let (codes, exposed) = ([0, 0, 0, 1, 0, 1, 1, 1], [0., 0., 0., 0., 1., 1., 1., 1.]);
/// let fit = MultinomialModel::new(&codes, 2, Covariates::new(&exposed, 1)?)?.fit()?;
/// let effect = fit.coefficients[0][1].expect("not collinear");
/// assert!((effect.estimate - libm::log(9.0)).abs() < 1e-12);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MultinomialModel<'a> {
    codes: &'a [usize],
    n_levels: usize,
    covariates: Covariates<'a>,
    weights: Option<&'a [f64]>,
}

/// A maximised model.
#[derive(Debug, Clone, PartialEq)]
pub struct MultinomialFit {
    /// For each level but the first: the intercept, then one for each
    /// covariate; `None` for a column dropped as collinear.
    pub coefficients: Vec<Vec<Option<Coefficient>>>,
    /// Inverse information, levels by the turn and within them as
    /// `coefficients`; zero in rows and columns of dropped columns.
    pub covariance: DMatrix<f64>,
    /// At the estimate.
    pub log_likelihood: f64,
    /// Whether the search came to rest.
    pub has_converged: bool,
    /// Newton-Raphson iterations.
    pub iterations: usize,
    /// Subjects.
    pub n: usize,
}

impl<'a> MultinomialModel<'a> {
    /// `codes` are the levels of `n` subjects, each below `n_levels` >= 2 and
    /// each level with a subject. The intercept is added.
    ///
    /// # Errors
    /// [`Error::Empty`] without subjects, [`Error::OneGroup`] for fewer than
    /// two levels, [`Error::OutOfRange`] for a wrong code,
    /// [`Error::EmptyMargin`] for a level without subjects, [`Error::Length`]
    /// for covariates of others.
    pub fn new(
        codes: &'a [usize],
        n_levels: usize,
        covariates: Covariates<'a>,
    ) -> Result<Self, Error> {
        if codes.is_empty() {
            return Err(Error::Empty);
        }
        if n_levels < 2 {
            return Err(Error::OneGroup { found: n_levels });
        }
        check_codes("codes", codes, codes.len(), n_levels)?;
        if let Some(index) = (0..n_levels).find(|level| !codes.contains(level)) {
            return Err(Error::EmptyMargin { axis: "level", index });
        }
        let covariates = covariates.of(codes.len())?;
        Ok(Self { codes, n_levels, covariates, weights: None })
    }

    /// Case weights, each > 0.
    ///
    /// # Errors
    /// [`Error::Length`] for weights of others.
    pub fn weights(mut self, weights: Weights<'a>) -> Result<Self, Error> {
        self.weights = Some(weights.of(self.codes.len())?);
        Ok(self)
    }

    /// Maximises the likelihood.
    ///
    /// # Errors
    /// [`Error::Overflow`] if covariates or weights are too large to be summed.
    pub fn fit(&self) -> Result<MultinomialFit, Error> {
        let design = self.design();
        // Collinear columns are left out before the search, so that a rank lost in
        // it means infinity.
        let kept = independent(&design.rows, self.covariates.n_columns() + 1, self.codes.len());
        let rows = select(&design.rows, self.covariates.n_columns() + 1, &kept);
        let weights = self.weights.map_or_else(|| vec![1.0; self.codes.len()], <[f64]>::to_vec);
        let search = Search {
            rows: &rows,
            n_columns: kept.len(),
            codes: self.codes,
            n_levels: self.n_levels,
            weights: &weights,
        };
        let maximum = search.maximize();
        // Standardised, only weights or covariates beyond all measure can overflow.
        if !maximum.log_likelihood.is_finite() {
            return Err(Error::Overflow);
        }
        Ok(self.report(&design, &kept, &maximum))
    }

    /// Standardised covariates behind the constant, row by row.
    fn design(&self) -> Design {
        let n = self.codes.len();
        let (mut centers, mut scales) = (vec![0.0], vec![1.0]);
        for column in self.covariates.columns() {
            let (center, scale) = location_and_scale(column);
            centers.push(center);
            scales.push(scale);
        }
        let mut rows = Vec::with_capacity(n * centers.len());
        for subject in 0..n {
            rows.push(1.0);
            for (j, column) in self.covariates.columns().enumerate() {
                rows.push((column[subject] - centers[j + 1]) / scales[j + 1]);
            }
        }
        Design { rows, centers, scales }
    }

    /// Takes a maximum back to the covariates' own units.
    fn report(&self, design: &Design, kept: &[usize], maximum: &Maximum) -> MultinomialFit {
        let (size, n_others) = (self.covariates.n_columns() + 1, self.n_levels - 1);
        let mut back = DMatrix::zeros(size * n_others, kept.len() * n_others);
        for level in 0..n_others {
            for (place, column) in kept.iter().enumerate() {
                let from = level * kept.len() + place;
                // Coefficients of (x - c) / s: slope / s, and -slope c / s into the
                // level's intercept.
                back[(level * size + column, from)] = 1.0 / design.scales[*column];
                if *column > 0 {
                    let moved = -design.centers[*column] / design.scales[*column];
                    back[(level * size, from)] = moved;
                }
            }
        }
        let covariance = &back * maximum.factors.inverse() * back.transpose();
        let whole = &back * DMatrix::from_column_slice(maximum.beta.len(), 1, &maximum.beta);
        let coefficient = |level: usize, column: usize| {
            let place = kept.iter().position(|known| *known == column)?;
            let position = level * size + column;
            let (estimate, variance) = (whole[position], covariance[(position, position)]);
            // A dropped or rounded variance may be just below zero.
            let standard_error = variance.max(0.0).sqrt();
            let may_be_infinite = maximum.moves[level * kept.len() + place];
            Some(Coefficient::new(estimate, standard_error, may_be_infinite))
        };
        let of_level = |level| (0..size).map(|column| coefficient(level, column)).collect();
        MultinomialFit {
            coefficients: (0..n_others).map(of_level).collect(),
            covariance,
            log_likelihood: maximum.log_likelihood,
            has_converged: maximum.ending == Ending::AtRest,
            iterations: maximum.iterations,
            n: self.codes.len(),
        }
    }
}

impl MultinomialFit {
    /// The probability of each level, the first one included, for a subject
    /// with these covariates.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`].
    pub fn probabilities(&self, covariates: &[f64]) -> Result<Vec<f64>, Error> {
        check_length("covariates", covariates.len(), self.coefficients[0].len() - 1)?;
        check_finite("covariates", covariates)?;
        let predictor = |of_level: &Vec<Option<Coefficient>>| {
            let values = std::iter::once(&1.0).chain(covariates);
            let product = of_level.iter().zip(values);
            product.map(|(known, value)| known.map_or(0.0, |known| known.estimate * value)).sum()
        };
        let predictors: Vec<f64> = self.coefficients.iter().map(predictor).collect();
        Ok(probabilities(&predictors))
    }
}

struct Design {
    rows: Vec<f64>,
    centers: Vec<f64>,
    scales: Vec<f64>,
}

/// Mean and standard deviation (divisor n); 1 for one of zero.
pub(crate) fn location_and_scale(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let center = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - center) * (value - center)).sum();
    let scale = (squares / n).sqrt();
    // What rounding leaves of a constant is no scale.
    let is_constant = scale <= 1e-12 * center.abs();
    (center, if is_constant { 1.0 } else { scale })
}

/// The columns that are no combination of those before them.
pub(crate) fn independent(rows: &[f64], n_columns: usize, n_rows: usize) -> Vec<usize> {
    // X'X of standardised columns, the constant among them.
    let factors = Factors::new(&products(rows, n_columns, n_rows), RANK_TOLERANCE);
    (0..n_columns).filter(|column| factors.is_kept(*column)).collect()
}

/// X'X of the first rows.
pub(crate) fn products(rows: &[f64], n_columns: usize, n_rows: usize) -> DMatrix<f64> {
    let mut sums = DMatrix::zeros(n_columns, n_columns);
    for row in rows.chunks_exact(n_columns).take(n_rows) {
        for i in 0..n_columns {
            for j in 0..=i {
                sums[(i, j)] += row[i] * row[j];
            }
        }
    }
    for i in 0..n_columns {
        for j in 0..i {
            sums[(j, i)] = sums[(i, j)];
        }
    }
    sums
}

/// Some columns of a matrix by rows.
pub(crate) fn select(rows: &[f64], n_columns: usize, columns: &[usize]) -> Vec<f64> {
    let of_row = |row: &[f64]| columns.iter().map(|column| row[*column]).collect::<Vec<f64>>();
    rows.chunks_exact(n_columns).flat_map(of_row).collect()
}
