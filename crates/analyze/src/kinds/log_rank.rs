//! The log-rank test and its G-rho weights.

use engine::{Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::clusters::Clusters;
use stats::inference::Test;
use stats::log_rank::{LogRank as Unweighted, LogRankOptions, log_rank};
use stats::survival_data::SurvivalData;
use stats::weighted_log_rank::{WeightedLogRank, WeightedLogRankOptions, weighted_log_rank};
use stats::weights::Weights;
use study::{Account, Detail, Finding, Method, Part, Practice, Procedure, Quantity, Warning};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arms, OfArm};
use crate::book::{Book, Told, refused};
use crate::by::By;
use crate::endpoint::Endpoint;
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;
use crate::strata::Strata;
use crate::weights::PatientWeights;

/// The log-rank test of whether groups differ in survival, also within strata or with more weight
/// on early events.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogRank {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column whose levels make the groups.
    pub by: By,
    /// Columns within whose levels the groups are compared.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Weight of events by survival to this power: 0 is the log-rank test, 1 the Peto-Peto
    /// (generalised Wilcoxon) test, which weighs early events more.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub rho: f64,
    /// An entry that makes weights of patients, such as a `propensity_score`: the test is of the
    /// weighted groups then, with a variance that does not take weights for numbers of patients.
    /// Patients without a weight are left out and counted.
    #[serde(default)]
    pub weights: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where groups or strata are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

impl Analysis for LogRank {
    const NAME: &'static str = "log_rank";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).weighted(self.weights.as_ref(), self.immortal_time)
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(&self.endpoint);
        rehearsal.by(&self.by, self.immortal_time);
        rehearsal.strata(&self.strata, self.immortal_time);
        if !(self.rho.is_finite() && self.rho >= 0.0) {
            let message = format!("{} is no weight", self.rho);
            rehearsal
                .push(Mistake::at(&["rho"], message).hint("0 or more: 0 is the log-rank test"));
        }
        // The weighted test has a variance of its own, which is not known for weighted events.
        if self.weights.is_some() && self.rho > 0.0 {
            let message = "weights of patients and `rho` cannot be combined";
            rehearsal.push(Mistake::at(&["rho"], message).hint("leave one of them out"));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        let strata = Strata::new(population, &self.strata)?;
        let weights = checked.weights()?;
        let is_known = |place: &usize| {
            let weight = |weights: &PatientWeights| weights.weights[*place].is_some();
            strata.is_known(*place) && weights.as_ref().is_none_or(weight)
        };
        let known = endpoint.known().into_iter().filter(is_known).collect();
        // No findings of all patients beside those of groups,
        // so that a group may be called as these are.
        let arms = Arms::new(population, Some(&self.by), known)?;
        // After the incomplete were left out: the last event may have been theirs.
        endpoint.check_events(&arms.included)?;
        let compared = checked.unless_rehearsed(|| {
            let data = endpoint.data(&arms.included)?;
            let test = self.test(&data, &arms, (&strata, weights.as_ref()))?;
            Ok((data, test))
        });
        let compared = compared.map_err(|error| refused(&error))?;
        let mut book = checked.book_on(&self.endpoint);
        self.record(&mut book, &arms, compared.as_ref());
        let methods = self.methods();
        Ok(Analysed::new(book, methods, &arms.included))
    }
}

impl LogRank {
    /// Writes down what was compared; in a rehearsal that is nothing.
    fn record(&self, book: &mut Book, arms: &Arms, compared: Option<&(SurvivalData, Tested)>) {
        let method = self.method();
        let basis = arms.all.basis(compared.map(|(data, _)| data.n_events()));
        let number = |read: fn(&Tested) -> f64| compared.map_or(f64::NAN, |(_, test)| read(test));
        let df = number(|found| found.test.degrees_of_freedom as f64);
        let numbers = [
            ("chi_square", "chi_square", Quantity::Statistic, number(|found| found.test.statistic)),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, number(|found| found.test.p_value)),
        ];
        for (part, statistic, quantity, value) in numbers {
            let mut finding = book.draft(&[Part::statistic(part)], statistic, quantity, value);
            // No event was expected in more than one of
            // the groups, so that nothing was compared.
            if df == 0.0 {
                finding = finding.warn(Warning::NothingExpected);
            }
            book.push(finding.from(basis).by_method(method.clone()));
        }
        for (code, arm) in arms.groups.iter().enumerate() {
            let events = compared.map(|(data, _)| {
                let members = arms.members(Some(code));
                members.into_iter().filter(|place| data.events()[*place]).count()
            });
            let tell = |finding: Finding, method: Method| {
                finding.in_arm(arm).from(arm.basis(events)).by_method(method)
            };
            let finding = book.count(&[Part::statistic("n")], "n", arm.n);
            book.push(tell(finding, Method::of(Procedure::Count)));
            let of_group = |sums: fn(&Tested) -> &[f64]| {
                compared.map_or(f64::NAN, |(_, test)| sums(test)[code])
            };
            let observed = of_group(|test| &test.observed);
            let expected = of_group(|test| &test.expected);
            for (name, value) in [("observed", observed), ("expected", expected)] {
                let parts = [Part::statistic(name)];
                let finding = book.draft(&parts, name, Quantity::Statistic, value);
                book.push(tell(finding, method.clone()));
            }
        }
    }

    fn method(&self) -> Method {
        let procedure = match &self.weights {
            // Weights of patients make another test, which is named as such.
            Some(weights) => Procedure::WeightedLogRank { weights: weights.clone() },
            None => Procedure::LogRank { rho: self.rho },
        };
        let strata = (!self.strata.is_empty()).then(|| Detail::StratifiedBy(self.strata.clone()));
        Method { procedure, details: strata.into_iter().collect() }
    }

    fn methods(&self) -> Account {
        let method = self.method();
        let practice = Practice::SurvivalTests {
            tests: vec![method.procedure.clone()],
            trend: false,
            pairs: false,
            adjustments: Vec::new(),
            permutation: None,
        };
        let weights = self.weights.clone().map(Detail::WeightedBy);
        let account = Account::of(practice, method.and(weights));
        account.about(&self.endpoint).by(self.by.groups(None))
    }

    fn test(
        &self,
        data: &SurvivalData,
        arms: &Arms,
        (strata, weights): (&Strata, Option<&PatientWeights>),
    ) -> Result<Tested, stats::Error> {
        let strata = strata.groups(&arms.included);
        let Some(weights) = weights else {
            let options = LogRankOptions { strata: strata.as_ref(), rho: self.rho };
            let Unweighted { test, observed, expected, .. } =
                log_rank(data, &arms.membership, &options)?;
            return Ok(Tested { test, observed, expected });
        };
        let (values, clusters) = weights.of(&arms.included);
        // Matched sets are dependent; their scores are summed before they are squared.
        let clusters = clusters.map(Clusters::new).transpose()?;
        let options =
            WeightedLogRankOptions { strata: strata.as_ref(), clusters: clusters.as_ref() };
        let WeightedLogRank { test, observed, expected, .. } =
            weighted_log_rank(data, &arms.membership, Weights::new(&values)?, &options)?;
        Ok(Tested { test, observed, expected })
    }
}

/// What either test gives.
struct Tested {
    test: Test,
    observed: Vec<f64>,
    expected: Vec<f64>,
}
