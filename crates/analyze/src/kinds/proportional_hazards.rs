//! Tests of proportional hazards, hazard ratios before and after a cut, and how
//! ratios run over time.
//! The model itself is reported by `cox_model`.

mod effects;

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::inference::Test as ChiSquareTest;
use stats::proportional_hazards::{
    ProportionalHazards as Tests, TimeTransform, proportional_hazards,
};
use stats::special::chi_square_upper_tail;
use study::{
    Account, ChangingEffects, Part, Practice, Procedure, Span, StudySettings, Test, Tested, Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::guard::ImmortalTime;
use crate::model::coefficients::{self, Place, convergence, record_test};
use crate::model::{Declared, Fitted, Model, Period, TiesName, record};
use crate::outcome::Explained;
use crate::rehearsal::Rehearsal;

/// Tests whether the hazard ratios of a Cox model stay the same over time (Grambsch and Therneau's
/// test in its exact score form), for each term and for all; with a cut, also the hazard ratios
/// before and after it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProportionalHazards {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Columns of the model, as in `cox_model`.
    pub terms: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Columns for whose levels the baseline hazard may differ.
    #[serde(default)]
    pub strata: Vec<String>,
    /// How tied event times are taken.
    #[serde(default)]
    pub ties: TiesName,
    /// Standard errors of the piecewise hazard ratios that do not trust the model.
    #[serde(default)]
    pub robust: bool,
    /// Column whose values group dependent patients.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The function of time along which a coefficient may drift.
    #[serde(default)]
    pub transform: Transform,
    /// Degrees of freedom of the natural spline that is drawn through the scaled Schoenfeld residuals
    /// of each coefficient; 2 is a straight line.
    #[serde(default = "four")]
    #[schemars(range(min = 2, max = 10))]
    pub curve_degrees_of_freedom: u32,
    /// Time at which follow-up is cut in two periods with hazard ratios of their own.
    #[serde(default)]
    pub cut: Option<Span>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term or stratum is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

fn four() -> u32 {
    4
}

/// A function of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// One less the Kaplan-Meier curve of all patients, R's default.
    #[default]
    Km,
    /// Time itself.
    Identity,
    /// The rank among the event times.
    Rank,
    /// The logarithm of time.
    Log,
}

impl Transform {
    fn value(self) -> study::TimeTransform {
        match self {
            Self::Km => study::TimeTransform::KaplanMeier,
            Self::Identity => study::TimeTransform::Identity,
            Self::Rank => study::TimeTransform::Rank,
            Self::Log => study::TimeTransform::Log,
        }
    }

    fn time_transform(self) -> (TimeTransform, &'static str) {
        match self {
            Self::Km => (TimeTransform::KaplanMeier, "the Kaplan-Meier transform of time"),
            Self::Identity => (TimeTransform::Identity, "time itself"),
            Self::Rank => (TimeTransform::Rank, "the rank of time"),
            Self::Log => (TimeTransform::Log, "the logarithm of time"),
        }
    }
}

impl Analysis for ProportionalHazards {
    const NAME: &'static str = "proportional_hazards";

    fn scope(&self) -> Scope<'_> {
        self.declared().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        rehearsal.time("cut", self.cut, false);
        // The score of drifting coefficients is that of Efron's or Breslow's likelihood.
        if self.ties == TiesName::Exact {
            let message = "the test of proportional hazards is not defined for exact ties";
            let hint = "choose `ties: efron` or `ties: breslow`";
            rehearsal.push(Mistake::at(&["ties"], message).hint(hint));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.declared())?;
        let fitted = model.fit(&model.places())?;
        let mut book = checked.book_on(&self.endpoint);
        let tests = self.tests(&model, &fitted)?;
        self.record_tests(&mut book, &model, &fitted, tests.as_ref());
        let drawn = ChangingEffects {
            confidence_level: book.level,
            places: effects::places(tests.as_ref()),
            effects: effects::of(self, (&model, &fitted), tests.as_ref(), book.level)?,
            warnings: book.warnings().to_vec(),
        };
        if let Some(cut) = self.cut {
            record_periods(&mut book, &model, &fitted, cut.days(checked.study))?;
        }
        let methods = self.methods(&model, checked.study);
        Ok(Analysed::new(book, methods, &fitted.cases.included).with_figures(drawn))
    }
}

impl ProportionalHazards {
    fn declared(&self) -> Declared<'_> {
        let endpoint = Explained::Endpoint(&self.endpoint);
        Declared {
            strata: &self.strata,
            ties: self.ties,
            robust: self.robust,
            cluster: self.cluster.as_deref(),
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
            ..Declared::of(endpoint, &self.terms, &self.references)
        }
    }

    /// The tests with the residuals; none in a rehearsal.
    fn tests(&self, model: &Model<'_>, fitted: &Fitted) -> Result<Option<Tests>, Mistake> {
        if fitted.is_rehearsed() {
            return Ok(None);
        }
        let (transform, _) = self.transform.time_transform();
        let terms: Vec<Vec<usize>> =
            fitted.places().iter().map(|term| fitted.covariates_of(*term)).collect();
        let prepared = fitted.model(model)?;
        // The residuals are read again for the curves, so that tests and figures agree.
        let tests = proportional_hazards(&prepared, &fitted.fit, &terms, transform);
        tests.map(Some).map_err(|error| Mistake::at(&["transform"], error.to_string()))
    }

    fn record_tests(
        &self,
        book: &mut Book,
        model: &Model<'_>,
        fitted: &Fitted,
        tests: Option<&Tests>,
    ) {
        let (of_terms, global) = match tests {
            None => (vec![None; fitted.places().len()], None),
            Some(tests) => (tests.terms.clone(), tests.global),
        };
        let basis = fitted.basis();
        book.record_counts(&[], basis);
        let tested = Tested::ProportionalHazards(self.transform.value());
        let method = model.method().tested_of(Test::Score, tested);
        let columns = model.terms.iter().map(|term| Some(term.column.as_str()));
        // The terms in their order, and the test of all behind them.
        let named = columns.zip(&of_terms).chain([(None, &global)]);
        for (column, test) in named {
            let mut warnings = convergence(fitted);
            // A term whose coefficients were all dropped has no drift to test.
            if test.is_none() {
                warnings.push(Warning::NothingToTest);
            }
            let parts = coefficients::numbers(test.as_ref());
            for (name, statistic, quantity, value) in parts {
                let finding = book.draft(&[Part::statistic(name)], statistic, quantity, value);
                let mut finding = match column {
                    Some(column) => finding.of_variable(column),
                    None => finding.part(Part::model("global")),
                };
                finding.warnings.extend_from_slice(&warnings);
                book.push(finding.from(basis).by_method(&method));
            }
        }
    }

    fn methods(&self, model: &Model<'_>, study: &StudySettings) -> Account {
        model.account(Practice::ProportionalHazards {
            along: self.transform.value(),
            cut: self.cut.map(|cut| cut.resolved(study)),
        })
    }
}

/// Hazard ratios before and after a cut. With every coefficient free in both
/// periods the partial likelihood is a product of the two, so each period is
/// a model of its own: until the cut everybody, after it those followed longer.
fn record_periods(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    cut: f64,
) -> Result<(), Mistake> {
    let mut parts = Vec::new();
    let piecewise = Part::model("piecewise");
    for (name, period) in [("before", Period::Before(cut)), ("after", Period::After(cut))] {
        // Each period is fitted to those who are at risk in it. That
        // one of them has too few events is told as of the cut.
        let part = model.fit_period(fitted.places(), period).map_err(|mistake| {
            let message = format!("the period {name} the cut at {cut} days: {}", mistake.message);
            Mistake::at(&["cut"], message)
                .hint("choose a cut with events and patients at risk on either side")
        })?;
        let counts = [("n", part.fit.n), ("events", part.fit.n_events)];
        let time = Part::period(name);
        let place = Place { before: Some(&piecewise), after: Some(&time) };
        for (statistic, count) in counts {
            let parts = place.parts(&[Part::statistic(statistic)]);
            let finding = book.count(&parts, statistic, count);
            book.push(finding.from(part.basis()).at_days(cut).by_method(Procedure::CompleteCases));
        }
        record::record(book, model, &part, place);
        parts.push(part);
    }
    let test = difference(fitted, &parts);
    // The test compares three fits, and is as doubtful as any of them.
    let mut warnings = convergence(fitted);
    warnings.extend(parts.iter().flat_map(convergence));
    let method = model.method().tested_of(Test::LikelihoodRatio, Tested::EqualBeforeAndAfter);
    let own = [piecewise, Part::test("likelihood_ratio")];
    record_test(book, test.as_ref(), &own, None, fitted.basis(), &method, &warnings);
    Ok(())
}

/// The likelihood-ratio test of different against equal coefficients; none if
/// the periods do not have more coefficients.
fn difference(whole: &Fitted, parts: &[Fitted]) -> Option<ChiSquareTest> {
    let df = |fitted: &Fitted| fitted.fit.likelihood_ratio_test.degrees_of_freedom;
    // A period may lose a level that the whole has, and have no coefficient more.
    let degrees_of_freedom =
        parts.iter().map(df).sum::<usize>().checked_sub(df(whole)).filter(|df| *df > 0)?;
    let likelihood: f64 = parts.iter().map(|part| part.fit.log_likelihood).sum();
    // Below zero by rounding alone, where the periods do not differ.
    let statistic = (2.0 * (likelihood - whole.fit.log_likelihood)).max(0.0);
    let p_value = chi_square_upper_tail(statistic, degrees_of_freedom as f64);
    Some(ChiSquareTest { statistic, degrees_of_freedom, p_value })
}
