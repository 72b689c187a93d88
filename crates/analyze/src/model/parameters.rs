//! The parameters that the kinds of Cox models share, written once. A
//! flattened struct would do, but the decoder's messages would suffer
//! (docs/adding-a-kind.md), so macros put the same fields into each kind.

/// A kind with the parameters of every Cox model and its own behind them.
macro_rules! plain_cox_kind {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
            pub endpoint: String,
            /// Columns of the model. A number stays a number; a category or yes/no column becomes an
            /// indicator of each level but the reference.
            pub terms: Vec<String>,
            /// Reference levels by column; the first declared level unless named here.
            #[serde(default)]
            pub references: engine::Named<String>,
            /// Columns for whose levels the baseline hazard may differ.
            #[serde(default)]
            pub strata: Vec<String>,
            /// How tied event times are taken.
            #[serde(default)]
            pub ties: $crate::model::TiesName,
            /// Terms that enter as a cubic spline, by column.
            #[serde(default)]
            pub splines: engine::Named<$crate::model::Spline>,
            /// Pairs of terms whose effects may depend on each other, such as `[[treatment, sex]]`.
            #[serde(default)]
            pub interactions: Vec<Vec<String>>,
            /// Column of a known part of the log hazard, which has no coefficient.
            #[serde(default)]
            pub offset: Option<String>,
            /// SQL condition on the analysis table; only patients for whom it holds are analysed.
            #[serde(default, rename = "where")]
            pub condition: Option<String>,
            /// What to do where a term or stratum is known only after time zero.
            #[serde(default)]
            pub immortal_time: $crate::guard::ImmortalTime,
            $($own)*
        }

        impl $name {
            /// The model without what only some kinds have.
            fn plain(&self) -> $crate::model::Declared<'_> {
                let endpoint = $crate::outcome::Explained::Endpoint(&self.endpoint);
                $crate::model::Declared {
                    strata: &self.strata,
                    ties: self.ties,
                    condition: self.condition.as_deref(),
                    immortal_time: self.immortal_time,
                    extras: $crate::model::Extras {
                        splines: &self.splines.0,
                        interactions: &self.interactions,
                        offset: self.offset.as_deref(),
                        ..$crate::model::Extras::default()
                    },
                    ..$crate::model::Declared::of(endpoint, &self.terms, &self.references)
                }
            }
        }
    };
}

/// The same with weights, delayed entry and robust errors.
macro_rules! weighted_cox_kind {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $crate::model::parameters::plain_cox_kind! {
            $(#[$about])*
            pub struct $name {
                /// Standard errors that do not trust the model (Lin and Wei).
                #[serde(default)]
                pub robust: bool,
                /// Column whose values group dependent patients, such as hospitals; standard errors are robust then.
                #[serde(default)]
                pub cluster: Option<String>,
                /// Column of days of delayed entry: a patient is at risk only after that day.
                #[serde(default)]
                pub entry: Option<String>,
                /// The entry of `analyze` that made weights of patients; standard errors are robust then, and
                /// clustered where that entry made clusters. Who has no weight is left out.
                #[serde(default)]
                pub weights: Option<String>,
                $($own)*
            }
        }

        impl $name {
            /// The model with its weights, entry and errors.
            fn weighted(&self) -> $crate::model::Declared<'_> {
                let plain = self.plain();
                $crate::model::Declared {
                    robust: self.robust,
                    cluster: self.cluster.as_deref(),
                    extras: $crate::model::Extras {
                        entry: self.entry.as_deref(),
                        weights: self.weights.as_deref(),
                        ..plain.extras
                    },
                    ..plain
                }
            }
        }
    };
}

/// The same with penalties.
macro_rules! cox_kind {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $crate::model::parameters::weighted_cox_kind! {
            $(#[$about])*
            pub struct $name {
                /// What is added to the partial likelihood.
                #[serde(default)]
                pub penalty: $crate::model::PenaltyName,
                /// The ridge's size: half of it times the squares of the standardised coefficients is taken
                /// off the log-likelihood, as R's `ridge(theta = )` does.
                #[serde(default)]
                pub ridge: Option<f64>,
                $($own)*
            }
        }

        impl $name {
            /// The model as declared.
            fn full(&self) -> $crate::model::Declared<'_> {
                let weighted = self.weighted();
                $crate::model::Declared {
                    extras: $crate::model::Extras {
                        penalty: self.penalty,
                        ridge: self.ridge,
                        ..weighted.extras
                    },
                    ..weighted
                }
            }
        }
    };
}

pub(crate) use {cox_kind, plain_cox_kind, weighted_cox_kind};
