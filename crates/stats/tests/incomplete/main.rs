//! Missing data: logistic regression, imputation and pooling, against R, by
//! formula, by property and at the edges.

#[path = "../support/reference.rs"]
mod reference;

mod imputation;
mod laws;
mod multinomial;
mod pooling;
