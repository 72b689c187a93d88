//! The log-rank test and its G-rho weights.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::log_rank::{LogRankOptions, log_rank};
use study::{Output, Quantity, StudySettings, in_sentence};

use crate::arms::Arms;
use crate::book::{Book, Told, refused};
use crate::endpoint::Endpoint;
use crate::guard::ImmortalTime;
use crate::population::Population;
use crate::rehearsal::Rehearsal;
use crate::strata::Strata;

/// The log-rank test of whether groups differ in survival, also within strata or with more weight
/// on early events.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogRank {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column whose levels make the groups.
    pub by: String,
    /// Columns within whose levels the groups are compared.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Weight of events by survival to this power: 0 is the log-rank test, 1 the Peto-Peto
    /// (generalised Wilcoxon) test, which weighs early events more.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub rho: f64,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where groups or strata are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

impl Kind for LogRank {
    const NAME: &'static str = "log_rank";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&study.analysis_table, &[])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call).map(|_| Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let population = Population::new(call, self.condition.as_deref())?;
        let endpoint = Endpoint::new(&population, &self.endpoint)?;
        let strata = Strata::new(&population, &self.strata)?;
        let known = endpoint.known().into_iter().filter(|place| strata.is_known(*place)).collect();
        let arms = Arms::new(&population, Some(&self.by), known)?;
        endpoint.check_events(&arms.included)?;
        let mut book = Book::new(call, Self::NAME, &population.name, warnings);
        book.set_endpoint(&self.endpoint);
        self.record(&mut book, &endpoint, &arms, &strata).map_err(|error| refused(&error))?;
        let by_label =
            in_sentence(arms.category.as_ref().map_or(&self.by, |category| &category.label));
        let methods = format!(
            "Groups ({by_label}) were compared in {} by {}.",
            in_sentence(&endpoint.label),
            self.method()
        );
        Ok(Output {
            methods: book.methods(methods),
            findings: book.findings()?,
            patients: BTreeMap::from([(population.name.clone(), arms.patients(&population))]),
            ..Output::default()
        })
    }
}

impl LogRank {
    fn check(&self, call: &Call<'_>) -> Result<Vec<String>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, self.condition.as_deref());
        rehearsal.endpoint(&self.endpoint);
        rehearsal.by(&self.by, self.immortal_time);
        rehearsal.strata(&self.strata, self.immortal_time);
        if !(self.rho.is_finite() && self.rho >= 0.0) {
            let message = format!("{} is no weight", self.rho);
            rehearsal
                .push(Mistake::at(&["rho"], message).hint("0 or more: 0 is the log-rank test"));
        }
        rehearsal.done()
    }

    fn record(
        &self,
        book: &mut Book,
        endpoint: &Endpoint,
        arms: &Arms,
        strata: &Strata,
    ) -> Result<(), stats::Error> {
        let data = endpoint.data(&arms.included)?;
        let codes = strata.codes(&arms.included);
        let options = LogRankOptions { strata: codes.as_deref(), rho: self.rho };
        let test = log_rank(&data, &arms.codes, arms.groups.len(), &options)?;
        let (basis, method) = (arms.all.basis(Some(data.n_events())), self.method());
        let df = test.degrees_of_freedom as f64;
        let numbers = [
            ("chi_square", "chi_square", Quantity::Statistic, test.chi_square),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, test.p_value),
        ];
        for (part, statistic, quantity, value) in numbers {
            let mut finding = book.draft(&[part], statistic, quantity, value);
            if test.degrees_of_freedom == 0 {
                finding = finding.warn("no event was expected in more than one group");
            }
            book.push(finding.from(basis).by_method(&method));
        }
        for (code, arm) in arms.groups.iter().enumerate() {
            let members = arms.members(Some(code));
            let events = members.iter().filter(|place| data.events()[**place]).count();
            let tell = |finding: study::Finding, method: &str| {
                finding.in_group(&arm.level).from(arm.basis(Some(events))).by_method(method)
            };
            book.push(tell(book.count(&["n"], "n", arm.n), "count"));
            for (name, value) in
                [("observed", test.observed[code]), ("expected", test.expected[code])]
            {
                book.push(tell(book.draft(&[name], name, Quantity::Statistic, value), &method));
            }
        }
        Ok(())
    }

    fn method(&self) -> String {
        let test = match self.rho {
            0.0 => "the log-rank test".to_owned(),
            1.0 => "the Peto-Peto test (G-rho with rho = 1)".to_owned(),
            rho => format!("the G-rho test with rho = {rho}"),
        };
        match self.strata.as_slice() {
            [] => test,
            columns => format!("{test}, stratified by {}", columns.join(", ")),
        }
    }
}
