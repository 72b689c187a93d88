//! The functions that a text can call.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use engine::{Missed, Reference, nearest};
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::facts::{Facts, Known};
use super::marks::{Marks, of_value};
use super::prose;
use crate::cards::number_link;
use crate::condition::Condition;
use crate::draw::escape;
use crate::evidence::Evidence;
use crate::format;

/// A name that a text asks for and the study does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What it would be, such as `finding`.
    pub(crate) what: &'static str,
    /// The name.
    pub(crate) name: String,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// The finding, or its analysis, where that is what there is not.
    pub(crate) missed: Option<Box<Missed>>,
}

/// The functions over the facts, and what they were asked for in vain.
pub(crate) struct Functions {
    facts: Arc<Facts>,
    marks: Marks,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// What conditions say before a run.
    assumed: bool,
}

/// The nearest id where not even the analysis is known.
fn evidence_hint(evidence: &Evidence, id: &str) -> Option<String> {
    Reference(id).nearest(evidence.findings())
}

/// More digits than any number of a study has.
const MOST_DECIMALS: usize = 12;

/// Stands where a name is unknown; such a text is never published.
const UNKNOWN: &str = "?";

impl fmt::Debug for Functions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Functions")
    }
}

impl Functions {
    /// Over these facts; before a run every condition is as `assumed`.
    pub(super) fn of(facts: &Arc<Facts>, marks: &Marks, assumed: bool) -> Self {
        Self { facts: Arc::clone(facts), marks: marks.clone(), asked: Arc::default(), assumed }
    }

    fn copy(&self) -> Self {
        Self {
            facts: Arc::clone(&self.facts),
            marks: self.marks.clone(),
            asked: Arc::clone(&self.asked),
            assumed: self.assumed,
        }
    }

    /// What was asked for in vain, each once, in order.
    pub(crate) fn unknown(&self) -> Vec<Asked> {
        self.asked.lock().expect("invariant: no function panics").clone()
    }

    /// Makes the functions known to a template.
    pub(crate) fn register(&self, tera: &mut Tera) {
        let own = self.copy();
        tera.register_function("stat", move |arguments: Kwargs, _: &State| {
            own.stat(&arguments).map(|mark| Value::safe_string(&mark))
        });
        let own = self.copy();
        tera.register_function("ref", move |arguments: Kwargs, _: &State| {
            own.reference(&arguments).map(|mark| Value::safe_string(&mark))
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
        tera.register_function("holds", move |arguments: Kwargs, _: &State| own.holds(&arguments));
        let own = self.copy();
        tera.register_function("privacy", move |_: Kwargs, _: &State| own.privacy());
        let own = self.copy();
        tera.register_function("methods", move |_: Kwargs, _: &State| {
            Value::safe_string(&own.methods())
        });
    }

    fn miss(&self, what: &'static str, name: &str, known: &[String]) -> String {
        let hint = nearest(name, known.iter().map(String::as_str));
        self.miss_with(what, name, (hint, None))
    }

    /// Notes what there is not, with what to do and, of a finding, what exactly is missed.
    fn miss_with(
        &self,
        what: &'static str,
        name: &str,
        (hint, missed): (Option<String>, Option<Box<Missed>>),
    ) -> String {
        let asked = Asked { what, name: name.to_owned(), hint, missed };
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
        if decimals.is_some_and(|decimals| decimals > MOST_DECIMALS) {
            let message = format!("`decimals` is a whole number from 0 to {MOST_DECIMALS}");
            return Err(Error::message(message));
        }
        let show = prose::Show::from_str(&show).map_err(Error::message)?;
        let evidence = &self.facts.evidence;
        let stage = Reference(&id).stage();
        if evidence.analyses().all(|analysis| analysis.name != stage) {
            let names: Vec<&str> = evidence.analyses().map(|analysis| analysis.name).collect();
            // The name of the analysis is what is wrong, so the nearest one helps more than the
            // nearest whole id.
            let hint = match nearest(stage, names.into_iter()) {
                Some(hint) if Reference(&id).rest().is_some() => Some(hint),
                _ => evidence_hint(evidence, &id),
            };
            let missed = Some(Box::new(evidence.missed(Reference(&id))));
            return Ok(self.miss_with("analysis for the finding", &id, (hint, missed)));
        }
        // Which of several findings a sentence means must not depend on their order.
        if Reference(&id).is_open() {
            let hint = Some("a number in a text is one finding: write its whole id".to_owned());
            return Ok(self.miss_with("single finding", &id, (hint, None)));
        }
        match evidence.named(&id, &[], ("finding", &|_| true)) {
            Err(mistake) => Ok(self.miss_with("finding", &id, (mistake.hint, mistake.missed))),
            Ok(found) => match (found.first(), self.facts.known) {
                (Some(finding), Known::Findings) => {
                    let text = prose::print(finding, show, decimals, &self.facts.study);
                    let text = text.map_err(Error::message)?;
                    // Escaped here, as a mark is put into the page unread.
                    Ok(self.marks.html(number_link(&finding.id(), &escape(&text)), &text))
                }
                (Some(finding), Known::Announced) => {
                    // Before a run there is no text, but whether there will be one is known.
                    prose::check(finding, show).map_err(Error::message)?;
                    Ok(UNKNOWN.to_owned())
                }
                (None, _) => Ok(UNKNOWN.to_owned()),
            },
        }
    }

    /// `holds(id="pfs_hazards.p.global", below=0.05)`
    fn holds(&self, arguments: &Kwargs) -> TeraResult<bool> {
        let condition = Condition {
            finding: arguments.must_get::<String>("id")?,
            below: arguments.get::<f64>("below")?,
            above: arguments.get::<f64>("above")?,
            not_estimable: arguments.get::<bool>("not_estimable")?.unwrap_or_default(),
        };
        if let Err(mistakes) = condition.check(&self.facts.evidence, &[]) {
            let Some(mistake) = mistakes.0.into_iter().next() else { return Ok(false) };
            // A mistake of the condition itself. One that names its finding is told as every wrong
            // name is.
            if mistake.at.is_empty() {
                let hint = mistake.hint.unwrap_or_default();
                return Err(Error::message(format!("{}: {hint}", mistake.message)));
            }
            self.miss_with("finding", &condition.finding, (mistake.hint, mistake.missed));
            return Ok(self.assumed);
        }
        Ok(match self.facts.known {
            Known::Announced => self.assumed,
            Known::Findings => condition.holds(&self.facts.evidence),
        })
    }

    /// `ref(name="efigure_5")`
    fn reference(&self, arguments: &Kwargs) -> TeraResult<String> {
        let name = arguments.must_get::<String>("name")?;
        let known = &self.facts.exhibits;
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, label)) => {
                let link = format!("<a href=\"#{}\">{}</a>", escape(&name), escape(label));
                Ok(self.marks.html(link, label))
            }
            None => {
                let names: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
                Ok(self.miss("exhibit on this page called", &name, &names))
            }
        }
    }

    /// `flow(show="screened")`, or the patients taken out by a rule: `flow(excluded_by="not_squamous")`
    fn flow(&self, arguments: &Kwargs) -> TeraResult<String> {
        let steps = &self.facts.flow;
        if let Some(rule) = arguments.get::<String>("excluded_by")? {
            let known: Vec<String> = steps.iter().map(|step| step.stage.clone()).collect();
            // Before a run a rule may yet turn out to be a step of the flow.
            let may_be = self.facts.known == Known::Announced && self.facts.rules.contains(&rule);
            return Ok(match steps.iter().find(|step| step.stage == rule) {
                Some(step) => format::count(step.excluded),
                None if may_be => UNKNOWN.to_owned(),
                None => self.miss("step of the flow called", &rule, &known),
            });
        }
        let show = arguments.must_get::<String>("show")?;
        let count = match show.as_str() {
            "screened" => steps.first().map(|step| step.before),
            "analysed" => steps.last().map(|step| step.after),
            "excluded" => Some(steps.iter().map(|step| step.excluded).sum()),
            _ => {
                let known = ["screened", "excluded", "analysed"].map(str::to_owned);
                return Ok(self.miss("count of the flow called", &show, &known));
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
            None => {
                let known: Vec<String> = counts.keys().map(ToString::to_string).collect();
                self.miss(what, &show, &known)
            }
        })
    }

    /// What the privacy rule of the study hides, as a sentence; nothing where it
    /// hides nothing.
    fn privacy(&self) -> String {
        let hidden = self.facts.study.privacy.hides_below();
        hidden.map_or_else(String::new, |least| {
            format!(
                "Counts below {}, and what is made of them, are not shown.",
                format::count(least)
            )
        })
    }

    /// One paragraph of Markdown each.
    fn methods(&self) -> String {
        let paragraphs: Vec<String> =
            // As values, so that an asterisk or underscore in a label is no Markdown.
            self.facts.methods.iter().map(|text| of_value(text)).collect();
        paragraphs.join("\n\n")
    }
}
