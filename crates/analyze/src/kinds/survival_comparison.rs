//! Many tests of whether groups differ in survival, from one look at them.
//! The single test of a report is `log_rank`.

mod record;

use engine::{Call, Mistake, Mistakes, Named, Work};
use record::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::group_comparison::LogRankWeight;
use study::{Account, Detail, Method, Practice, Procedure};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::Arms;
use crate::book::refused;
use crate::by::By;
use crate::category::{Category, is_named};
use crate::endpoint::Endpoint;
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;
use crate::strata::Strata;

/// Weighted log-rank tests of whether groups differ in survival, each by its own name: also within
/// strata, for a trend over ordered groups, by pairs with adjusted p-values, combined by their
/// maximum, and by permutation. Choose the test before looking at the results.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurvivalComparison {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column whose levels make the groups.
    pub by: By,
    /// The tests.
    #[serde(default = "log_rank_alone")]
    pub tests: Vec<Test>,
    /// Tests by the weights of Fleming and Harrington, each a pair of rho and gamma: [0, 1] weighs
    /// late events more, [1, 0] early ones, [1, 1] those between.
    #[serde(default)]
    pub fleming_harrington: Vec<Vec<f64>>,
    /// Columns within whose levels the groups are compared.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Tests for a trend over the groups in the order of their levels.
    #[serde(default)]
    pub trend: bool,
    /// Scores of the levels for the trend; 0, 1, 2 and so on without them.
    #[serde(default)]
    pub scores: Named<f64>,
    /// Compares each pair of groups by each of the tests.
    #[serde(default)]
    pub pairwise: bool,
    /// Adjustments of the p-values of the pairs of a test.
    #[serde(default)]
    pub adjust: Vec<Adjustment>,
    /// The most extreme of the four tests with rho and gamma of 0 and 1, for two groups.
    #[serde(default)]
    pub max_combo: bool,
    /// Number of arrangements of the patients' groups that are drawn for permutation tests. All
    /// arrangements are taken instead where there are no more than these.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    pub permutation: Option<usize>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where groups or strata are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// A weighted log-rank test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// All event times weigh the same.
    LogRank,
    /// By the number at risk (generalised Wilcoxon, Breslow).
    Gehan,
    /// By the root of the number at risk.
    TaroneWare,
    /// By Peto and Peto's estimate of survival.
    PetoPeto,
    /// By the same times n / (n + 1).
    ModifiedPetoPeto,
}

/// How the p-values of several pairs are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Bounds the probability of any false finding.
    Holm,
    /// Bounds the share of false findings.
    BenjaminiHochberg,
}

fn log_rank_alone() -> Vec<Test> {
    vec![Test::LogRank]
}

/// A test with its name in ids and as a value.
#[derive(Debug, Clone)]
struct NamedTest {
    id: String,
    procedure: Procedure,
    weight: LogRankWeight,
}

impl Test {
    fn named(self) -> NamedTest {
        let (procedure, weight) = match self {
            Self::LogRank => (Procedure::LogRank { rho: 0.0 }, LogRankWeight::LogRank),
            Self::Gehan => (Procedure::Gehan, LogRankWeight::Gehan),
            Self::TaroneWare => (Procedure::TaroneWare, LogRankWeight::TaroneWare),
            Self::PetoPeto => (Procedure::PetoPeto, LogRankWeight::PetoPeto),
            Self::ModifiedPetoPeto => {
                (Procedure::ModifiedPetoPeto, LogRankWeight::ModifiedPetoPeto)
            }
        };
        NamedTest { id: self.id().to_owned(), procedure, weight }
    }

    fn id(self) -> &'static str {
        match self {
            Self::LogRank => "log_rank",
            Self::Gehan => "gehan",
            Self::TaroneWare => "tarone_ware",
            Self::PetoPeto => "peto_peto",
            Self::ModifiedPetoPeto => "modified_peto_peto",
        }
    }
}

impl Analysis for SurvivalComparison {
    const NAME: &'static str = "survival_comparison";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(&self.endpoint);
        rehearsal.by(&self.by, self.immortal_time);
        rehearsal.strata(&self.strata, self.immortal_time);
        if self.tests.is_empty() && self.fleming_harrington.is_empty() && !self.max_combo {
            rehearsal.push(Mistake::at(&["tests"], "no test is chosen").hint(
                "there are: `log_rank`, `gehan`, `tarone_ware`, `peto_peto`, `modified_peto_peto`",
            ));
        }
        let tests: Vec<String> = self.tests.iter().map(|test| test.id().to_owned()).collect();
        rehearsal.list("tests", &tests, true);
        for (place, powers) in self.fleming_harrington.iter().enumerate() {
            let at = ["fleming_harrington", &place.to_string()];
            let is_right = powers.len() == 2 && powers.iter().all(|p| p.is_finite() && *p >= 0.0);
            if !is_right {
                let message =
                    "the weights of Fleming and Harrington are pairs of rho and gamma, 0 or more";
                rehearsal
                    .push(Mistake::at(&at, message).hint("write [0, 1] to weigh late events more"));
            } else if self.fleming_harrington[..place].contains(powers) {
                rehearsal.push(Mistake::at(&at, "the pair is listed twice"));
            }
        }
        if !self.scores.is_empty() && !self.trend {
            let message = "`scores` are of a trend, which is not tested";
            rehearsal.push(
                Mistake::at(&["scores"], message).hint("set `trend: true`, or leave `scores` out"),
            );
        }
        for (level, score) in self.scores.iter() {
            rehearsal.group(&self.by, level, &["scores", level]);
            if !score.is_finite() {
                let message = format!("score {score} of `{level}` is no number");
                rehearsal.push(Mistake::at(&["scores", level], message));
            }
        }
        if !self.adjust.is_empty() && !self.pairwise {
            let message = "`adjust` is of the pairs, which are not compared";
            rehearsal.push(
                Mistake::at(&["adjust"], message)
                    .hint("set `pairwise: true`, or leave `adjust` out"),
            );
        }
        if self.permutation == Some(0) {
            let message = "0 arrangements make no permutation test";
            rehearsal.push(Mistake::at(&["permutation"], message).hint("10000 is a usual number"));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        let strata = Strata::new(population, &self.strata)?;
        // Whoever has no stratum could not be compared within one.
        let known = endpoint.known().into_iter().filter(|place| strata.is_known(*place)).collect();
        // No findings of all patients beside those of groups.
        let arms = Arms::new(population, Some(&self.by), known)?;
        // After the incomplete were left out: the last event may have been theirs.
        endpoint.check_events(&arms.included)?;
        let category = arms.category.as_ref().expect("invariant: there is a grouping column");
        let scores = self.scores_of(category)?;
        // Asked of the data, where they alone know how many groups there are.
        if self.max_combo && !arms.may_be(2) {
            let message = format!("`max_combo` compares two groups, not {}", arms.groups.len());
            return Err(Mistake::at(&["max_combo"], message)
                .hint("leave two by `where`, or leave `max_combo` out")
                .into());
        }
        let mut book = checked.book_on(&self.endpoint);
        let data = checked.unless_rehearsed(|| endpoint.data(&arms.included));
        let data = data.map_err(|error| refused(&error))?;
        let strata = strata.groups(&arms.included);
        let data = data.as_ref();
        let record = Record { kind: self, arms: &arms, data, scores, seed: checked.call.seed };
        record.all(&mut book, strata.as_ref()).map_err(|error| refused(&error))?;
        Ok(Analysed::new(book, self.methods(), &arms.included))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        let tests = self.tests.len() + self.fleming_harrington.len() + usize::from(self.max_combo);
        Work::of(call.patients(), 60.0)
            .times("tests", tests)
            .times("permutation", self.permutation.unwrap_or(0))
    }
}

impl SurvivalComparison {
    /// A score for each level; none unless there is a trend to test.
    fn scores_of(&self, category: &Category) -> Result<Option<Vec<f64>>, Mistakes> {
        // Levels that only the data know have their scores in a run.
        if !self.trend || category.is_open() {
            return Ok(self.trend.then(Vec::new));
        }
        if self.scores.is_empty() {
            return Ok(Some((0..category.n_levels()).map(|place| place as f64).collect()));
        }
        let mut mistakes = Mistakes::default();
        let mut scores = Vec::new();
        // A range may be named with or without its unit.
        for level in &category.levels {
            match self.scores.iter().find(|(name, _)| is_named(level, name)) {
                Some((_, score)) => scores.push(*score),
                None => mistakes.push(
                    Mistake::at(&["scores"], format!("level `{}` has no score", level.value))
                        .hint("give each level of the groups one"),
                ),
            }
        }
        // Equal scores have no trend; the first is asked for only where all levels have one.
        if mistakes.0.is_empty() && scores.windows(2).all(|pair| pair[0] == pair[1]) {
            mistakes.push(
                Mistake::at(&["scores"], "all levels have the same score")
                    .hint("a trend needs scores that differ"),
            );
        }
        mistakes.or(Some(scores))
    }

    /// All tests that were asked for.
    fn named_tests(&self) -> Vec<NamedTest> {
        let named = self.tests.iter().map(|test| test.named());
        // Powers are part of the name, so that several of these tests stand beside each other.
        let harrington = self.fleming_harrington.iter().map(|powers| {
            let (rho, gamma) = (powers[0], powers[1]);
            NamedTest {
                id: format!("fleming_harrington_{rho}_{gamma}"),
                procedure: Procedure::FlemingHarringtonTest { rho, gamma },
                weight: LogRankWeight::FlemingHarrington { rho, gamma },
            }
        });
        named.chain(harrington).collect()
    }

    /// A test as a method, with its strata.
    fn method(&self, procedure: &Procedure) -> Method {
        let strata = (!self.strata.is_empty()).then(|| Detail::StratifiedBy(self.strata.clone()));
        Method { procedure: procedure.clone(), details: strata.into_iter().collect() }
    }

    fn methods(&self) -> Account {
        let max_combo = self.max_combo.then_some(Procedure::MaxCombo);
        let tests = self.named_tests().into_iter().map(|test| test.procedure).chain(max_combo);
        let practice = Practice::SurvivalTests {
            tests: tests.collect(),
            trend: self.trend,
            pairs: self.pairwise,
            adjustments: self.adjust.iter().map(|own| own.as_value()).collect(),
            permutation: self.permutation.map(|number| number as u64),
        };
        let account = Account::of(practice, self.method(&Procedure::Unsaid));
        account.about(&self.endpoint).by(self.by.groups(None))
    }
}

impl Adjustment {
    fn as_value(self) -> study::Adjustment {
        match self {
            Self::Holm => study::Adjustment::Holm,
            Self::BenjaminiHochberg => study::Adjustment::BenjaminiHochberg,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Holm => "holm",
            Self::BenjaminiHochberg => "benjamini_hochberg",
        }
    }
}
