//! How every analysis goes: it is checked once, which gives its patients, their
//! weights and the warnings of its findings, and then runs on them; in a
//! rehearsal the same code runs on nobody, and what it finds is announced. A
//! kind says what is particular about it.

use std::borrow::Cow;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring, Work};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use study::{Account, Figures, Finding, Output, StudySettings, Table, Warning};

use crate::book::Book;
use crate::columns::made_from;
use crate::guard::ImmortalTime;
use crate::population::Population;
use crate::rehearsal::Rehearsal;
use crate::weights::{PatientWeights, weighting};

/// A kind of analysis: its parameters, and what is particular about it.
pub(crate) trait Analysis:
    DeserializeOwned + Serialize + JsonSchema + Send + Sync + 'static
{
    /// The name in `kind:`.
    const NAME: &'static str;
    /// Raised whenever the same parameters and inputs may give other outputs.
    const VERSION: u32 = 1;
    /// Whether it analyses patients, and not what others found of them.
    const OF_PATIENTS: bool = true;
    /// Whether it makes a table, named as the entry.
    const MAKES_TABLE: bool = false;

    /// Whom it is of, and what it reads beside the analysis table.
    fn scope(&self) -> Scope<'_>;

    /// Notes every mistake that needs no rows; `where` and weights are checked
    /// already, or will be.
    fn check(&self, rehearsal: &mut Rehearsal<'_>);

    /// How much there is to do on the rows of the tables. Kinds that repeat
    /// something as often as a parameter says must say so.
    fn work(&self, _call: &Call<'_>) -> Work {
        Work::default()
    }

    /// The same entry asked for no more than it takes to give this finding; none
    /// where every finding hangs on all that the entry reads.
    fn narrowed(&self, _finding: &Finding) -> Option<Self> {
        None
    }

    /// The findings, and whatever else there is, of what was checked.
    ///
    /// # Errors
    /// Everything that is wrong with the data.
    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes>;
}

/// Whom an analysis is of, and what it reads beside the analysis table.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    /// The `where`.
    pub(crate) condition: Option<&'a str>,
    /// The entry that made weights of the patients.
    pub(crate) weights: Option<&'a str>,
    /// What to do where that entry knew more than was known at time zero.
    pub(crate) immortal_time: ImmortalTime,
    /// What else is read.
    pub(crate) beside: Vec<Read>,
}

impl<'a> Scope<'a> {
    /// Of the patients for whom a condition holds.
    pub(crate) fn of(condition: Option<&'a String>) -> Self {
        Self { condition: condition.map(String::as_str), ..Self::default() }
    }

    /// The same with the weights that an entry made.
    pub(crate) fn weighted(self, weights: Option<&'a String>, choice: ImmortalTime) -> Self {
        Self { weights: weights.map(String::as_str), immortal_time: choice, ..self }
    }

    /// The same with something else that is read.
    pub(crate) fn beside(mut self, read: impl IntoIterator<Item = Read>) -> Self {
        self.beside.extend(read);
        self
    }
}

/// An analysis that was checked: whom it is of, and where its findings go.
pub(crate) struct Checked<'a> {
    /// What the entry was handed.
    pub(crate) call: &'a Call<'a>,
    /// The study's settings.
    pub(crate) study: &'a StudySettings,
    kind: &'static str,
    weights: Option<&'a str>,
    population: Option<Population<'a>>,
    is_rehearsed: bool,
    warnings: Vec<Warning>,
}

impl<'a> Checked<'a> {
    fn new<A: Analysis>(
        analysis: &'a A,
        call: &'a Call<'_>,
        is_rehearsed: bool,
    ) -> Result<Self, Mistakes> {
        let scope = analysis.scope();
        let mut rehearsal = Rehearsal::of(call);
        if A::OF_PATIENTS {
            rehearsal.patients(scope.condition);
        }
        analysis.check(&mut rehearsal);
        if let Some(entry) = scope.weights {
            rehearsal.weights(entry, scope.immortal_time);
        }
        // All mistakes that need no rows are told together before any patient
        // is read: reading the rows ends at the first that does not fit.
        let warnings = rehearsal.done()?;
        let population = || match is_rehearsed {
            true => Ok(Population::rehearsed(call, scope.condition)),
            false => Population::new(call, scope.condition),
        };
        let population = A::OF_PATIENTS.then(population).transpose()?;
        let (study, kind, weights) = (call.study, A::NAME, scope.weights);
        Ok(Self { call, study, kind, weights, population, is_rehearsed, warnings })
    }

    /// The same analysis of another data set of the same patients.
    pub(crate) fn of_data_set<'b>(&'b self, call: &'b Call<'_>) -> Result<Checked<'b>, Mistakes> {
        let population = match self.is_rehearsed {
            true => Population::rehearsed(call, None),
            false => Population::new(call, None)?,
        };
        Ok(Checked {
            call,
            // The findings go into the book of the entry, which has its warnings.
            study: self.study,
            kind: self.kind,
            weights: self.weights,
            population: Some(population),
            is_rehearsed: self.is_rehearsed,
            warnings: Vec::new(),
        })
    }

    /// The patients; nobody in a rehearsal.
    pub(crate) fn population(&self) -> &Population<'a> {
        self.population.as_ref().expect("invariant: an analysis of patients has some")
    }

    /// Whether it is rehearsed, on nobody.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.is_rehearsed
    }

    /// The weights of the patients, where an entry made some.
    pub(crate) fn weights(&self) -> Result<Option<PatientWeights>, Mistake> {
        let read = |entry| PatientWeights::new(self.call, self.population(), entry);
        self.weights.map(read).transpose()
    }

    /// Where the findings are written down.
    pub(crate) fn book(&self) -> Book {
        self.book_of(&self.population().name)
    }

    /// The same with the findings of an endpoint.
    pub(crate) fn book_on(&self, endpoint: &str) -> Book {
        let mut book = self.book();
        book.set_endpoint(endpoint);
        book
    }

    /// The same with findings of a population that another entry analysed.
    pub(crate) fn book_of(&self, population: &str) -> Book {
        let weighting = self.weights.and_then(|entry| weighting(self.call, entry));
        let book = Book::new(self.call, self.kind, population, self.warnings.clone());
        let book = book.weighted(weighting);
        if self.is_rehearsed { book.announcing() } else { book }
    }

    /// The computation `compute`; none in a rehearsal, where there is nobody to
    /// compute it of.
    pub(crate) fn unless_rehearsed<T, E>(
        &self,
        compute: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        (!self.is_rehearsed).then(compute).transpose()
    }

    /// A table with the lineage of the columns that it was computed from.
    pub(crate) fn made_from(&self, table: Table, columns: &[String]) -> Table {
        made_from(table, self.call, columns)
    }
}

/// What an analysis gives.
pub(crate) struct Analysed {
    book: Book,
    /// What was done; nothing where nothing was.
    methods: Option<Account>,
    /// Who was analysed, by position in the population.
    included: Vec<usize>,
    table: Option<Table>,
    figures: Figures,
}

impl Analysed {
    /// Findings and what was done, of the `included` of the population.
    pub(crate) fn new(book: Book, methods: impl Into<Option<Account>>, included: &[usize]) -> Self {
        Self {
            book,
            methods: methods.into(),
            included: included.to_vec(),
            table: None,
            figures: Figures::default(),
        }
    }

    /// With the table that later entries read.
    pub(crate) fn with_table(self, table: Table) -> Self {
        Self { table: Some(table), ..self }
    }

    /// With what figures are drawn from.
    pub(crate) fn with_figures(self, figures: impl Into<Figures>) -> Self {
        Self { figures: figures.into(), ..self }
    }

    fn output(self, checked: &Checked<'_>) -> Result<Output, Mistakes> {
        let population = checked.population.as_ref();
        let patients = population.map(|population| population.analysed(&self.included));
        let tables = self.table.map(|table| (checked.call.name.to_owned(), table));
        Ok(Output {
            methods: self.methods.map(|account| self.book.methods(account)),
            findings: self.book.findings()?,
            patients: patients.unwrap_or_default(),
            tables: tables.into_iter().collect(),
            figures: self.figures,
            ..Output::default()
        })
    }
}

/// An analysis as the engine knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entry<A>(A);

/// The schema of the parameters with their own words, in which users read them.
impl<A: JsonSchema> JsonSchema for Entry<A> {
    fn schema_name() -> Cow<'static, str> {
        A::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        A::json_schema(generator)
    }
}

impl<A: Analysis> Entry<A> {
    fn analyse(&self, call: &Call<'_>, is_rehearsed: bool) -> Result<Output, Mistakes> {
        let checked = Checked::new(&self.0, call, is_rehearsed)?;
        self.0.analyse(&checked)?.output(&checked)
    }
}

impl<A: Analysis> Kind for Entry<A> {
    const NAME: &'static str = A::NAME;
    const VERSION: u32 = A::VERSION;

    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring {
        // An analysis depends on the analysis table by name;
        // which of its columns count is noted by the rehearsal.
        let scope = self.0.scope();
        let table = A::OF_PATIENTS.then(|| Read::table(&study.analysis_table, &[]));
        let weights = scope.weights.map(|entry| Read::table(entry, &["weights"]));
        Wiring {
            reads: table.into_iter().chain(weights).chain(scope.beside).collect(),
            writes: A::MAKES_TABLE.then(|| name.to_owned()).into_iter().collect(),
            ..Wiring::default()
        }
    }

    fn work(&self, call: &Call<'_>) -> Work {
        self.0.work(call)
    }

    fn narrowed(&self, finding: &Finding) -> Option<Self> {
        self.0.narrowed(finding).map(Self)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.analyse(call, true)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.analyse(call, false)
    }
}
