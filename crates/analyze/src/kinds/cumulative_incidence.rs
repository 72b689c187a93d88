//! Cumulative incidence of competing causes with Gray's tests. What is read
//! off the curves is in `readings`; regressions are left to
//! `cause_specific_cox` and `fine_gray`.

mod readings;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::competing_risks::{
    CompetingData, CumulativeIncidence as Curve, IncidenceOptions, IncidenceVariance,
    cumulative_incidence, cumulative_incidence_by_group, gray_test,
};
use study::{Finding, Output, Quantity, StudySettings, in_sentence};

use super::kaplan_meier::ConfidenceScale;
use crate::arms::Arms;
use crate::book::{Book, Told, level_words, refused};
use crate::causes::{Causes, DeclaredCauses};
use crate::guard::ImmortalTime;
use crate::population::Population;
use crate::rehearsal::Rehearsal;
use crate::strata::Strata;
use readings::steps;

/// Cumulative incidence of each of several causes that may end follow-up, by Aalen and Johansen: the
/// share of patients with an event of the cause by chosen times, the time lost to it, events by cause
/// and numbers at risk, for each group and for all patients; between groups Gray's test for each cause.
/// The steps of all curves are written as a table named as the entry.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CumulativeIncidence {
    /// The endpoint of the first event of any cause: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of the cause of each event, a category; a patient without the event has none.
    pub cause: String,
    /// Level of that column that stands for no event, where it has one.
    #[serde(default)]
    pub censoring: Option<String>,
    /// Column whose levels make the groups; one curve of all patients for each cause without it.
    #[serde(default)]
    pub by: Option<String>,
    /// Columns within whose levels Gray's test compares the groups.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Weight of events in Gray's test by one less the pooled incidence, to this power.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub rho: f64,
    /// Scale of the confidence limits.
    #[serde(default)]
    pub ci: ConfidenceScale,
    /// How the variance of the incidence is estimated.
    #[serde(default)]
    pub variance: VarianceName,
    /// Times in months at which incidence and numbers at risk are given.
    #[serde(default)]
    pub at_months: Vec<f64>,
    /// The same in the study's time unit.
    #[serde(default)]
    pub at: Vec<f64>,
    /// Horizons in months of the time lost to each cause: the area under its incidence.
    #[serde(default)]
    pub time_lost_months: Vec<f64>,
    /// The same in the study's time unit.
    #[serde(default)]
    pub time_lost: Vec<f64>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where groups or strata are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// Estimate of the variance of a cumulative incidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VarianceName {
    /// The infinitesimal jackknife, as `survfit` of R's survival gives.
    #[default]
    InfinitesimalJackknife,
    /// Aalen's estimate with a correction for ties, as `cuminc` of R's cmprsk gives.
    Aalen,
}

impl VarianceName {
    fn words(self) -> &'static str {
        match self {
            Self::InfinitesimalJackknife => "infinitesimal jackknife",
            Self::Aalen => "Aalen",
        }
    }

    fn variance(self) -> IncidenceVariance {
        match self {
            Self::InfinitesimalJackknife => IncidenceVariance::InfinitesimalJackknife,
            Self::Aalen => IncidenceVariance::Aalen,
        }
    }
}

impl Kind for CumulativeIncidence {
    const NAME: &'static str = "cumulative_incidence";

    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring {
        Wiring {
            reads: vec![Read::table(&study.analysis_table, &[])],
            writes: vec![name.to_owned()],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call).map(|_| Output::of_table(call.name, steps(&[])))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let population = Population::new(call, self.condition.as_deref())?;
        let causes = Causes::new(&population, self.declared())?;
        let strata = Strata::new(&population, &self.strata)?;
        let known = causes.endpoint.known().into_iter();
        let known = known.filter(|place| strata.is_known(*place)).collect();
        let arms = Arms::new(&population, self.by.as_deref(), known)?;
        if arms.included.is_empty() {
            let message = format!("endpoint `{}` is missing for every patient", self.endpoint);
            return Err(Mistake::at(&["endpoint"], message).into());
        }
        let data = causes.data(&arms.included).map_err(|error| refused(&error))?;
        let mut book = Book::new(call, Self::NAME, &population.name, warnings);
        book.set_endpoint(&self.endpoint);
        let (groups, all) = self.fit(call, &data, &arms).map_err(|error| refused(&error))?;
        for (code, arm) in arms.each() {
            let curves = code.map_or(&all, |code| &groups[code]);
            self.record(&mut book, call, &causes, &data, &arms.members(code), arm, curves)
                .map_err(|error| refused(&error))?;
        }
        if arms.category.is_some() {
            self.record_tests(&mut book, &causes, &data, &arms, &strata);
        }
        let drawn: Vec<_> = arms
            .each()
            .map(|(code, arm)| (arm, code.map_or(&all, |code| &groups[code]).as_slice()))
            .collect();
        let table = steps(&readings::with_causes(&drawn, &causes));
        Ok(Output {
            methods: book.methods(self.methods(call, &causes, &arms)),
            findings: book.findings()?,
            patients: population.analysed(&arms.included),
            ..Output::of_table(call.name, table)
        })
    }
}

impl CumulativeIncidence {
    fn declared(&self) -> DeclaredCauses<'_> {
        let censoring = self.censoring.as_deref();
        DeclaredCauses { endpoint: &self.endpoint, cause: &self.cause, censoring }
    }

    fn check(&self, call: &Call<'_>) -> Result<Vec<String>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, self.condition.as_deref());
        rehearsal.endpoint(&self.endpoint);
        self.declared().check(&mut rehearsal);
        if let Some(by) = &self.by {
            rehearsal.by(by, self.immortal_time);
        } else if !self.strata.is_empty() {
            let mistake = Mistake::at(&["strata"], "there are no groups to compare within strata");
            rehearsal.push(mistake.hint("declare `by`, or leave `strata` out"));
        }
        rehearsal.strata(&self.strata, self.immortal_time);
        if !(self.rho.is_finite() && self.rho >= 0.0) {
            let mistake = Mistake::at(&["rho"], format!("{} is no weight", self.rho));
            rehearsal.push(mistake.hint("0 or more: 0 is Gray's usual test"));
        }
        let lists = [
            ("at_months", &self.at_months, true),
            ("at", &self.at, true),
            ("time_lost_months", &self.time_lost_months, false),
            ("time_lost", &self.time_lost, false),
        ];
        for (parameter, values, zero_allowed) in lists {
            rehearsal.times(parameter, values, zero_allowed);
        }
        rehearsal.done()
    }

    /// The curves of each group and of all, by cause.
    fn fit(
        &self,
        call: &Call<'_>,
        data: &CompetingData,
        arms: &Arms,
    ) -> Result<(Vec<Vec<Curve>>, Vec<Curve>), stats::Error> {
        let options = IncidenceOptions {
            confidence_level: call.study.confidence_level,
            confidence_type: self.ci.confidence_type(),
            variance: self.variance.variance(),
        };
        let groups = match arms.groups.len() {
            0 => Vec::new(),
            n_groups => cumulative_incidence_by_group(data, &arms.codes, n_groups, &options)?,
        };
        Ok((groups, cumulative_incidence(data, &options)?))
    }

    fn record_tests(
        &self,
        book: &mut Book,
        causes: &Causes,
        data: &CompetingData,
        arms: &Arms,
        strata: &Strata,
    ) {
        let strata = strata.codes(&arms.included);
        for (place, cause) in causes.causes.iter().enumerate() {
            let code = place + 1;
            let events = data.causes().iter().filter(|own| **own == code).count();
            let n_groups = arms.groups.len();
            let test = gray_test(data, code, &arms.codes, n_groups, strata.as_deref(), self.rho);
            let df = test.clone().map(|test| test.degrees_of_freedom as f64);
            let statistic = test.clone().map(|test| test.chi_square);
            let numbers = [
                ("chi_square", "chi_square", Quantity::Statistic, statistic),
                ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
                ("p", "p_value", Quantity::PValue, test.map(|test| test.p_value)),
            ];
            for (part, statistic, quantity, value) in numbers {
                let parts = ["gray", part, &cause.value];
                let finding = book.attempt(&parts, statistic, quantity, value);
                let finding = about(finding, causes, place).from(arms.all.basis(Some(events)));
                book.push(finding.by_method(self.test_words()));
            }
        }
    }

    fn method(&self, level: f64) -> String {
        format!(
            "Aalen-Johansen, {} variance, {} {} CI",
            self.variance.words(),
            self.ci.words(),
            level_words(level)
        )
    }

    fn test_words(&self) -> String {
        let mut words = format!("Gray's test with rho = {}", self.rho);
        if !self.strata.is_empty() {
            words.push_str(&format!(", stratified by {}", self.strata.join(", ")));
        }
        words
    }

    fn methods(&self, call: &Call<'_>, causes: &Causes, arms: &Arms) -> String {
        let names: Vec<String> =
            causes.causes.iter().map(|cause| in_sentence(&cause.label)).collect();
        let by = arms.category.as_ref().map(|category| in_sentence(&category.label));
        let groups = by
            .as_ref()
            .map_or_else(String::new, |by| format!(", separately for each level of {by}"));
        let mut text = format!(
            "Cumulative incidence of the competing causes of {} ({}) was estimated by Aalen and Johansen{groups}, with {} variances and {} {} confidence limits.",
            in_sentence(&causes.endpoint.label),
            names.join(", "),
            in_sentence(self.variance.words()),
            self.ci.words(),
            level_words(call.study.confidence_level)
        );
        if by.is_some() {
            text.push_str(&format!(
                " Groups were compared for each cause by {}.",
                self.test_words()
            ));
        }
        if !(self.time_lost.is_empty() && self.time_lost_months.is_empty()) {
            text.push_str(" The time lost to a cause is the area under its cumulative incidence.");
        }
        text
    }
}

/// About one of the causes, whose level is already part of the id.
fn about(mut finding: Finding, causes: &Causes, place: usize) -> Finding {
    finding.variable = Some(causes.column.clone());
    finding.level = Some(causes.causes[place].value.clone());
    finding
}
