//! Cumulative incidence of competing causes with Gray's tests. What is read
//! off the curves is in `readings`; regressions are left to
//! `cause_specific_cox` and `fine_gray`.

mod readings;

use engine::{Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::competing_risks::{
    CompetingData, CumulativeIncidence as Curve, GrayTest, IncidenceOptions, IncidenceVariance,
    cumulative_incidence, cumulative_incidence_by_group, gray_test,
};
use study::{
    Account, Detail, Finding, IncidenceCurves, Method, Part, Practice, Procedure, Quantity, Span,
    StudySettings, Variance,
};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::Arms;
use crate::book::{Book, Told, refused};
use crate::by::By;
use crate::causes::{Causes, DeclaredCauses};
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;
use crate::strata::Strata;
use readings::{Member, steps};

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
    pub by: Option<By>,
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
    /// Times at which incidence and numbers at risk are given.
    #[serde(default)]
    pub at: Vec<Span>,
    /// Horizons of the time lost to each cause: the area under its incidence.
    #[serde(default)]
    pub time_lost: Vec<Span>,
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
    fn variance(self) -> IncidenceVariance {
        match self {
            Self::InfinitesimalJackknife => IncidenceVariance::InfinitesimalJackknife,
            Self::Aalen => IncidenceVariance::Aalen,
        }
    }

    fn detail(self) -> Detail {
        Detail::Variance(match self {
            Self::InfinitesimalJackknife => Variance::InfinitesimalJackknife,
            Self::Aalen => Variance::Aalen,
        })
    }
}

impl Analysis for CumulativeIncidence {
    const NAME: &'static str = "cumulative_incidence";
    const MAKES_TABLE: bool = true;

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(&self.endpoint);
        self.declared().check(rehearsal);
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
        // At time zero nobody is lost yet, but somebody
        // is at risk; an area up to zero is nothing.
        let lists = [("at", &self.at, true), ("time_lost", &self.time_lost, false)];
        for (parameter, values, zero_allowed) in lists {
            rehearsal.times(parameter, values, zero_allowed);
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let causes = Causes::new(population, self.declared())?;
        let strata = Strata::new(population, &self.strata)?;
        let known = causes.endpoint.known().into_iter();
        // Whoever has no stratum would be in the curve but in no
        // test, and the two would not be of the same patients.
        let known = known.filter(|place| strata.is_known(*place)).collect();
        let arms = Arms::new(population, self.by.as_ref(), known)?.beside_all()?;
        if arms.included.is_empty() && !checked.is_rehearsed() {
            let message = format!("endpoint `{}` is missing for every patient", self.endpoint);
            return Err(Mistake::at(&["endpoint"], message).into());
        }
        let found = checked.unless_rehearsed(|| {
            let data = causes.data(&arms.included)?;
            let fitted = self.fit(checked.study, &data, &arms)?;
            Ok((data, fitted))
        });
        let (data, fitted) = found.map_err(|error| refused(&error))?.unzip();
        let mut book = checked.book_on(&self.endpoint);
        let members: Vec<Member<'_>> = (arms.each())
            .map(|(code, arm)| {
                // In a rehearsal each group has its name and no curve.
                let curves = fitted.as_ref().map_or(&[][..], |(groups, all)| {
                    code.map_or(all.as_slice(), |code| &groups[code])
                });
                Member::new(arm, data.as_ref(), &arms.members(code), curves)
            })
            .collect();
        for member in &members {
            self.record(&mut book, checked.study, &causes, member)
                .map_err(|error| refused(&error))?;
        }
        // All patients make one group, in which nothing is compared.
        if arms.category.is_some() {
            self.record_tests(&mut book, &causes, data.as_ref(), &arms, &strata);
        }
        let table = steps(&readings::with_causes(&members, &causes));
        let drawn = IncidenceCurves {
            endpoint_label: causes.endpoint.label.clone(),
            by_label: arms.category.as_ref().map(|category| category.label.clone()),
            interval: self.ci.interval(),
            confidence_level: book.level,
            causes: causes.causes.clone(),
            groups: readings::drawn(&members),
            warnings: book.warnings().to_vec(),
        };
        let methods = self.methods(&causes, book.level);
        Ok(Analysed::new(book, methods, &arms.included).with_table(table).with_figures(drawn))
    }
}

/// The curves of each group by cause, and those of all.
type Fitted = (Vec<Vec<Curve>>, Vec<Curve>);

impl CumulativeIncidence {
    fn declared(&self) -> DeclaredCauses<'_> {
        let censoring = self.censoring.as_deref();
        DeclaredCauses { endpoint: &self.endpoint, cause: &self.cause, censoring }
    }

    fn fit(
        &self,
        study: &StudySettings,
        data: &CompetingData,
        arms: &Arms,
    ) -> Result<Fitted, stats::Error> {
        let options = IncidenceOptions {
            confidence_level: study.confidence_level,
            confidence_type: self.ci.confidence_type(),
            variance: self.variance.variance(),
        };
        let groups = match arms.groups.len() {
            0 => Vec::new(),
            _ => cumulative_incidence_by_group(data, &arms.membership, &options)?,
        };
        // The curve of all is not made of those of the
        // groups: it takes all patients as one sample.
        Ok((groups, cumulative_incidence(data, &options)?))
    }

    fn record_tests(
        &self,
        book: &mut Book,
        causes: &Causes,
        data: Option<&CompetingData>,
        arms: &Arms,
        strata: &Strata,
    ) {
        let strata = strata.groups(&arms.included);
        for place in 0..causes.causes.len() {
            let code = place + 1;
            // The events of the cause that is tested; the others compete.
            let events = data.map(|data| data.causes().iter().filter(|own| **own == code).count());
            let test =
                data.map(|data| gray_test(data, code, &arms.membership, strata.as_ref(), self.rho));
            // In a rehearsal there is no test, which is no refusal: the finding is announced.
            let number = |read: fn(&GrayTest) -> f64| match &test {
                Some(test) => test.as_ref().map(read).map_err(Clone::clone),
                None => Ok(f64::NAN),
            };
            let df = number(|found| found.test.degrees_of_freedom as f64);
            let numbers = [
                (
                    "chi_square",
                    "chi_square",
                    Quantity::Statistic,
                    number(|found| found.test.statistic),
                ),
                ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
                ("p", "p_value", Quantity::PValue, number(|found| found.test.p_value)),
            ];
            for (part, statistic, quantity, value) in numbers {
                let parts = [Part::test("gray"), Part::statistic(part)];
                let finding = book.attempt(&parts, statistic, quantity, value);
                let finding = about(finding, causes, place).from(arms.all.basis(events));
                book.push(finding.by_method(self.test_method()));
            }
        }
    }

    fn method(&self, level: f64) -> Method {
        Method::of(Procedure::AalenJohansen)
            .with(self.variance.detail())
            .with(Detail::Interval { interval: self.ci.interval(), level })
    }

    fn test_method(&self) -> Method {
        let strata = (!self.strata.is_empty()).then(|| Detail::StratifiedBy(self.strata.clone()));
        let procedure = Procedure::Gray { rho: self.rho };
        // The test has no variance to name, and its groups are in the account.
        Method { procedure, details: strata.into_iter().collect() }
    }

    fn methods(&self, causes: &Causes, level: f64) -> Account {
        let practice = Practice::CumulativeIncidence {
            column: causes.column.clone(),
            causes: causes.causes.iter().map(|cause| cause.value.clone()).collect(),
            test: self.by.as_ref().map(|_| self.test_method()),
            time_lost: !self.time_lost.is_empty(),
        };
        let method = Method::of(Procedure::AalenJohansen).with(self.variance.detail());
        let method = method.interval(self.ci.interval(), level);
        Account::of(practice, method)
            .about(&self.endpoint)
            .by(self.by.as_ref().map(|by| by.groups(None)))
    }
}

/// About one of the causes; its level is the next part of the id.
fn about(mut finding: Finding, causes: &Causes, place: usize) -> Finding {
    finding.variable = Some(causes.column.clone());
    finding.of_level(&causes.causes[place])
}
