//! The functions that a text can call.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use study::Finding;
use tera::{Error, Kwargs, State, Tera, TeraResult};

use super::facts::{Facts, Known};
use super::prose;
use crate::draw::escape;
use crate::format;

/// A name that a text asks for and the study does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What it would be, such as `finding`.
    pub(crate) what: &'static str,
    /// The name.
    pub(crate) name: String,
    /// The names that would have done.
    pub(crate) known: Vec<String>,
}

/// The functions over the facts, and what they were asked for in vain.
pub(crate) struct Functions {
    facts: Arc<Facts>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// Stands where a name is unknown; such a text is never published.
const UNKNOWN: &str = "?";

impl fmt::Debug for Functions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Functions")
    }
}

impl Functions {
    pub(crate) fn of(facts: &Arc<Facts>) -> Self {
        Self { facts: Arc::clone(facts), asked: Arc::default() }
    }

    fn copy(&self) -> Self {
        Self { facts: Arc::clone(&self.facts), asked: Arc::clone(&self.asked) }
    }

    /// What was asked for in vain, each once, in order.
    pub(crate) fn unknown(&self) -> Vec<Asked> {
        self.asked.lock().expect("invariant: no function panics").clone()
    }

    /// Makes the functions known to a template.
    pub(crate) fn register(&self, tera: &mut Tera) {
        let own = self.copy();
        tera.register_function("stat", move |arguments: Kwargs, _: &State| own.stat(&arguments));
        let own = self.copy();
        tera.register_function("ref", move |arguments: Kwargs, _: &State| {
            own.reference(&arguments)
        });
        let own = self.copy();
        tera.register_function("flow", move |arguments: Kwargs, _: &State| own.flow(&arguments));
        let own = self.copy();
        tera.register_function("cleaning", move |arguments: Kwargs, _: &State| {
            own.counted(&arguments, "count of the cleaning log", |facts| &facts.cleaning)
        });
        let own = self.copy();
        tera.register_function("claims", move |arguments: Kwargs, _: &State| {
            own.counted(&arguments, "count of the claims", |facts| &facts.claims)
        });
        let own = self.copy();
        tera.register_function("methods", move |_: Kwargs, _: &State| own.methods());
    }

    fn miss(&self, what: &'static str, name: &str, known: Vec<String>) -> String {
        let asked = Asked { what, name: name.to_owned(), known };
        let mut all = self.asked.lock().expect("invariant: no function panics");
        if !all.contains(&asked) {
            all.push(asked);
        }
        UNKNOWN.to_owned()
    }

    /// `stat(id="pfs.median.rt", show="full", decimals=1)`
    fn stat(&self, arguments: &Kwargs) -> TeraResult<String> {
        let id = arguments.must_get::<String>("id")?;
        let show = arguments.get::<String>("show")?.unwrap_or_else(|| "value".to_owned());
        let decimals = arguments.get::<usize>("decimals")?;
        let show = prose::Show::from_str(&show).map_err(Error::message)?;
        if let Some(finding) = self.facts.findings.get(&id) {
            let text = self.print(finding, show, decimals).map_err(Error::message)?;
            let text = escape(&text);
            return Ok(format!(
                "<span class=\"stat\" data-finding=\"{}\">{text}</span>",
                escape(&id)
            ));
        }
        if self.facts.known == Known::Findings {
            return Ok(self.miss("finding", &id, self.facts.findings.keys().cloned().collect()));
        }
        let stage = id.split('.').next().unwrap_or_default();
        match self.facts.analyses.iter().any(|known| known == stage) {
            true => Ok(UNKNOWN.to_owned()),
            false => {
                let known = self.facts.analyses.iter();
                let near = known.map(|name| format!("{name}{}", &id[stage.len()..])).collect();
                Ok(self.miss("analysis for the finding", &id, near))
            }
        }
    }

    fn print(
        &self,
        finding: &Finding,
        show: prose::Show,
        decimals: Option<usize>,
    ) -> Result<String, String> {
        match self.facts.suppression.instead(finding) {
            Some(instead) => Ok(instead),
            None => prose::print(finding, show, decimals, &self.facts.study),
        }
    }

    /// `ref(name="efigure_5")`
    fn reference(&self, arguments: &Kwargs) -> TeraResult<String> {
        let name = arguments.must_get::<String>("name")?;
        let known = &self.facts.exhibits;
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, label)) => Ok(format!("<a href=\"#{}\">{}</a>", escape(&name), escape(label))),
            None => {
                let names = known.iter().map(|(name, _)| name.clone()).collect();
                Ok(self.miss("exhibit on this page called", &name, names))
            }
        }
    }

    /// `flow(show="screened")`, or the patients taken out by a rule: `flow(excluded_by="not_squamous")`
    fn flow(&self, arguments: &Kwargs) -> TeraResult<String> {
        let steps = &self.facts.flow;
        if let Some(rule) = arguments.get::<String>("excluded_by")? {
            let known = steps.iter().map(|step| step.stage.clone()).collect();
            return Ok(match steps.iter().find(|step| step.stage == rule) {
                Some(step) => format::count(step.excluded),
                None if self.facts.known == Known::Names => UNKNOWN.to_owned(),
                None => self.miss("step of the flow called", &rule, known),
            });
        }
        let show = arguments.must_get::<String>("show")?;
        let count = match show.as_str() {
            "screened" => steps.first().map(|step| step.before),
            "analysed" => steps.last().map(|step| step.after),
            "excluded" => Some(steps.iter().map(|step| step.excluded).sum()),
            _ => {
                let known = ["screened", "excluded", "analysed"].map(str::to_owned).into();
                return Ok(self.miss("count of the flow called", &show, known));
            }
        };
        Ok(count.map_or_else(|| UNKNOWN.to_owned(), format::count))
    }

    fn counted(
        &self,
        arguments: &Kwargs,
        what: &'static str,
        counts: fn(&Facts) -> &std::collections::BTreeMap<&'static str, u64>,
    ) -> TeraResult<String> {
        let show = arguments.must_get::<String>("show")?;
        let counts = counts(&self.facts);
        Ok(match counts.get(show.as_str()) {
            Some(count) => format::count(*count),
            None if counts.is_empty() => UNKNOWN.to_owned(),
            None => self.miss(what, &show, counts.keys().map(ToString::to_string).collect()),
        })
    }

    fn methods(&self) -> TeraResult<String> {
        let paragraphs = self.facts.methods.iter().map(|text| format!("<p>{}</p>", escape(text)));
        Ok(paragraphs.collect::<Vec<_>>().join("\n"))
    }
}
