//! What a stage hands on.

use std::collections::BTreeMap;

use crate::{
    Account, Changes, Exhibit, Figures, Finding, FlowStep, Problem, Table, Texts, Unknown,
};

/// Everything a stage can hand on; a kind fills in the parts it makes.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// New versions of tables, by name.
    // By name in order: what is stored and hashed goes in this order.
    pub tables: BTreeMap<String, Table>,
    /// Cells that did not fit.
    pub problems: Vec<Problem>,
    /// The cleaning log.
    pub changes: Changes,
    /// What a run says of this stage on screen beside counts of its log: what
    /// it left as it was, but somebody should know. Fragments without a full stop.
    pub notices: Vec<String>,
    /// Conditions that missing values left open.
    pub unknowns: Vec<Unknown>,
    /// Steps of the flow.
    pub flow: Vec<FlowStep>,
    /// Statistics.
    pub findings: Vec<Finding>,
    /// What figures are drawn from beside findings, such as the steps of survival curves.
    pub figures: Figures,
    /// The patients behind the findings, by population; never published.
    // For `explain` and `trace` on the study's own machine; reports are not handed it.
    pub patients: BTreeMap<String, Texts>,
    /// A figure or a table for the supplement.
    pub exhibit: Option<Exhibit>,
    /// What was done, for the methods section.
    pub methods: Option<Account>,
    /// Files for the reports folder: path relative to the pipeline file, and content.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Output {
    /// An output of one table.
    #[must_use]
    pub fn of_table(name: &str, table: Table) -> Self {
        Self { tables: BTreeMap::from([(name.to_owned(), table)]), ..Self::default() }
    }
}
