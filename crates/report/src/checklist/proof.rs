//! Whether a study shows what an item asks for: where, and with which number.
//! It is told by what exhibits print, never by searching words.

use std::collections::BTreeSet;

use engine::{Call, Kind, Section};
use study::printed::{Cell, Link, RowRole};
use study::{Body, Exhibit, Finding, FlowStep, Role, State, in_sentence};

use super::{Carried, Flow, Numbers, Part, Proof, Setting, Terms};
use crate::analysis::Words;
use crate::evidence::Evidence;
use crate::lookup::Whom;
use crate::{format, kinds, words};
use study::capitalised;

/// What stands on the pages of a study.
pub(crate) struct Seen<'a> {
    call: &'a Call<'a>,
    evidence: &'a Evidence,
    words: Words<'a>,
    /// The exhibits in the order of the pages.
    shown: Vec<Shown<'a>>,
    /// The text that prints the methods.
    methods: Option<&'a str>,
}

/// An exhibit on a page.
struct Shown<'a> {
    name: &'a str,
    kind: &'a str,
    exhibit: &'a Exhibit,
    /// The analyses that it reads.
    analyses: Vec<&'a str>,
}

/// What was found of a part of an item.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Whether the study has it, printed or not.
    pub(crate) exists: bool,
    /// Whether there is nothing to print of it; the value says why.
    pub(crate) is_void: bool,
    /// Where it stands.
    pub(crate) places: Vec<Link>,
    /// What stands there.
    pub(crate) value: Cell,
}

/// Texts of the pages.
pub(crate) fn texts<'a>(call: &'a Call<'_>) -> Vec<&'a str> {
    let provenance = call.provenance.as_deref().expect("invariant: the wiring reads it");
    let pages = provenance.stages.iter().filter(|stage| stage.kind == kinds::Supplement::NAME);
    pages.flat_map(|page| page.files.iter().map(String::as_str)).collect()
}

impl<'a> Seen<'a> {
    /// What a call shows whose wiring reads the exhibits and where all comes from.
    pub(crate) fn of(call: &'a Call<'a>, evidence: &'a Evidence, methods: Option<&'a str>) -> Self {
        let provenance = call.provenance.as_deref().expect("invariant: the wiring reads it");
        let made: Vec<(&str, &Exhibit)> = call
            .section(Section::Report)
            .filter_map(|(name, output)| Some((name, output.exhibit.as_ref()?)))
            .collect();
        let pages = provenance.stages.iter().filter(|stage| stage.kind == kinds::Supplement::NAME);
        let on_pages: Vec<&str> =
            pages.flat_map(|page| &page.reads).map(|id| id.name.as_str()).collect();
        // Places are listed as a reader meets them, and not as the pipeline file has its entries.
        let in_order = on_pages.iter().filter_map(|name| made.iter().find(|one| one.0 == *name));
        let in_order: Vec<_> = in_order.copied().collect();
        // what a study without a page shows are its files
        let standing = if on_pages.is_empty() { made } else { in_order };
        let shown = standing.into_iter().filter_map(|(name, exhibit)| {
            let of_name = |id: &engine::StageId| id.section == Section::Report && id.name == name;
            let origin = provenance.stages.iter().find(|stage| of_name(&stage.id))?;
            let analyses = origin.reads.iter().filter(|id| id.section == Section::Analyze);
            let analyses = analyses.map(|id| id.name.as_str()).collect();
            Some(Shown { name, kind: &origin.kind, exhibit, analyses })
        });
        let (shown, words) = (shown.collect(), Words::of(call, None));
        Self { call, evidence, words, shown, methods }
    }

    /// What shows a part of an item.
    pub(crate) fn prove(&self, part: &Part) -> Found {
        match &part.proof {
            Proof::Exhibits(kinds) => self.exhibits(kinds, part.counted.as_deref()),
            Proof::Methods(kinds) => self.told(kinds),
            Proof::Numbers(numbers) => self.numbers(numbers),
            Proof::Flow(flow) => self.flow(*flow),
            Proof::Setting(setting) => self.setting(*setting),
        }
    }

    fn of_kinds<'s>(&'s self, kinds: &'s [String]) -> impl Iterator<Item = &'s Shown<'a>> {
        self.shown.iter().filter(|shown| kinds.iter().any(|kind| kind == shown.kind))
    }

    fn exhibits(&self, kinds: &[String], counted: Option<&str>) -> Found {
        let found: Vec<&Shown<'_>> = self.of_kinds(kinds).collect();
        let rows = found.first().and_then(|shown| match &shown.exhibit.body {
            Body::Table(table) => {
                // Levels are indented under their variable. `12 characteristics` counts variables,
                // and the levels would double it.
                let of_values = table.rows.iter().filter(|row| row.role == RowRole::Values);
                Some(of_values.filter(|row| row.indent == 0).count() as u64)
            }
            Body::Figure(_) => None,
        });
        let counted = rows.zip(counted);
        let counted = counted.map(|(rows, what)| study::numbered(&format::count(rows), what));
        Found {
            exists: !found.is_empty(),
            places: found.iter().map(|shown| Link::to(shown.name)).collect(),
            value: Cell::text(counted.unwrap_or_default()),
            ..Found::default()
        }
    }

    /// What analyses of these kinds, or of any, did, which the methods tell.
    fn told(&self, kinds: &[String]) -> Found {
        let accounts = self.evidence.analyses().filter(|analysis| analysis.methods.is_some());
        let of_kinds: Vec<&str> = accounts.filter_map(|analysis| analysis.kind()).collect();
        let count = |kind: &str| of_kinds.iter().filter(|own| **own == kind).count() as u64;
        let each = kinds.iter().filter(|kind| count(kind) > 0);
        let each =
            each.map(|kind| format!("{} ({})", words::named(kind), format::count(count(kind))));
        let value = match kinds.is_empty() {
            true if of_kinds.len() == 1 => "1 analysis".to_owned(),
            true => format!("{} analyses", format::count(of_kinds.len() as u64)),
            false => capitalised(&each.collect::<Vec<_>>().join(", ")),
        };
        let exists =
            of_kinds.iter().any(|kind| kinds.is_empty() || kinds.iter().any(|own| own == kind));
        Found {
            exists,
            places: self.methods.filter(|_| exists).map(Link::to).into_iter().collect(),
            value: Cell::text(value),
            ..Found::default()
        }
    }

    fn numbers(&self, wanted: &Numbers) -> Found {
        let found: Vec<&Finding> =
            self.evidence.findings().filter(|one| self.is_wanted(one, wanted)).collect();
        let ids: BTreeSet<String> = found.iter().map(|one| one.id()).collect();
        let stages: BTreeSet<&str> = found.iter().map(|one| one.stage()).collect();
        let mut printed: BTreeSet<&str> = BTreeSet::new();
        let mut places = Vec::new();
        for shown in &self.shown {
            let own = match &shown.exhibit.body {
                Body::Table(table) => {
                    let cells = table.rows.iter().flat_map(|row| &row.cells);
                    let own = cells.filter_map(|cell| cell.finding.as_deref());
                    // A table proves a number by the finding in its cell. A figure has no cells: it
                    // shows what the analyses that it reads have found, if its kind draws such
                    // numbers.
                    let own: Vec<&str> = own.filter(|id| ids.contains(*id)).collect();
                    let is_any = !own.is_empty();
                    printed.extend(own);
                    is_any
                }
                Body::Figure(_) => {
                    wanted.figures.iter().any(|kind| kind == shown.kind)
                        && shown.analyses.iter().any(|analysis| stages.contains(analysis))
                }
            };
            if own {
                places.push(Link::to(shown.name));
            }
        }
        // What is quoted should be found at the places that stand beside it. With figures alone any
        // of their numbers may be quoted.
        let is_shown = |one: &&&Finding| printed.is_empty() || printed.contains(one.id().as_str());
        let first = found.iter().filter(is_shown).find(|one| one.state == State::Estimated);
        let others = (if printed.is_empty() { ids.len() } else { printed.len() }).saturating_sub(1);
        let value = Cell::of(first.copied(), |one| {
            let value = format::value_with_limits(one, self.call.study);
            match others {
                0 => format!("{}: {value}", self.label(one)),
                _ => {
                    let others = format::count(others as u64);
                    format!("{}: {value}; {others} more", self.label(one))
                }
            }
        });
        let is_zero = !found.is_empty() && found.iter().all(|one| one.value == Some(0.0));
        match wanted.all_zero.as_ref().filter(|_| is_zero && places.is_empty()) {
            // Nothing was missing, say: an item that asks for counts of it is met by that sentence.
            Some(why) => {
                let value = Cell::text(capitalised(why));
                Found { exists: true, is_void: true, places, value }
            }
            None => Found { exists: !found.is_empty(), is_void: false, places, value },
        }
    }

    fn is_wanted(&self, finding: &Finding, wanted: &Numbers) -> bool {
        let has = |carried: &Carried| match carried {
            Carried::Limits => finding.lower.is_some() || finding.upper.is_some(),
            Carried::N => finding.n.is_some(),
            Carried::Events => finding.events.is_some(),
        };
        // The row of a reference says 1 by definition. That it has counts proves no estimate.
        finding.role != Role::Reference
            && wanted.statistics.contains(&finding.statistic)
            && (wanted.kinds.is_empty() || wanted.kinds.contains(&finding.kind))
            && wanted.carries.iter().all(has)
            && wanted.terms.is_none_or(|terms| terms == self.terms(finding))
    }

    /// The terms of the model that a number is from.
    fn terms(&self, finding: &Finding) -> Terms {
        let account = self.evidence.around(finding).methods;
        // An analysis with many terms fits each alone too, and those are unadjusted although its
        // account has all terms.
        let is_alone = finding.address.model() == Some("univariable");
        match account.filter(|_| !is_alone) {
            Some(account) => Terms::of(account.terms.len()),
            None => Terms::One,
        }
    }

    /// A number in words: its statistic and what it speaks of.
    fn label(&self, finding: &Finding) -> String {
        let account = self.evidence.around(finding).methods;
        let by = account.and_then(|account| account.groups.as_ref()).map(|by| by.column.as_str());
        let level = finding.level.as_deref();
        let variable = finding.variable.as_deref().map(|name| match level {
            Some(level) => {
                let own = in_sentence(&self.words.level(name, level)).to_string();
                format!("{}: {own}", in_sentence(&self.words.variable(name)))
            }
            None => in_sentence(&self.words.variable(name)).to_string(),
        });
        let group = Whom::of(finding).map(|whom| match (whom, by) {
            (Whom::Group(group), Some(by)) => in_sentence(&self.words.level(by, group)).to_string(),
            (whom, _) => in_sentence(&self.words.group(whom)).to_string(),
        });
        let endpoint = finding.endpoint.as_deref().map(|name| self.words.endpoint(name));
        let endpoint = endpoint.map(|words| in_sentence(&words).to_string());
        let times = finding.address.times().filter_map(study::Part::time_words);
        let pieces = endpoint.into_iter().chain(variable).chain(group).chain(times);
        let statistic = words::statistic(finding, self.call.study);
        std::iter::once(statistic).chain(pieces).collect::<Vec<_>>().join(", ")
    }

    fn flow(&self, flow: Flow) -> Found {
        let steps = self.call.section(Section::Clean).flat_map(|(_, output)| &output.flow);
        let steps: Vec<&FlowStep> = steps.collect();
        // A study without exclusions has no flow to show.
        let ends = steps.first().zip(steps.last());
        // Those left out at each step are different patients: who is excluded does not come to the
        // next step.
        let excluded: u64 = steps.iter().map(|step| step.excluded).sum();
        let value = ends.map(|(first, last)| match flow {
            Flow::Patients => {
                format!(
                    "{} screened, {} analysed",
                    format::count(first.before),
                    format::count(last.after)
                )
            }
            Flow::Reasons => {
                let reasons = study::numbered(&format::count(steps.len() as u64), "reasons");
                format!("{} left out for {reasons}", format::count(excluded))
            }
        });
        let figures = [kinds::FlowFigure::NAME.to_owned()];
        Found {
            exists: value.is_some(),
            places: self.of_kinds(&figures).map(|shown| Link::to(shown.name)).collect(),
            value: Cell::text(value.unwrap_or_default()),
            ..Found::default()
        }
    }

    fn setting(&self, setting: Setting) -> Found {
        let study = self.call.study;
        let at = |kind: &str| {
            let of_kind = self.shown.iter().filter(move |shown| shown.kind == kind);
            of_kind.map(|shown| Link::to(shown.name)).collect::<Vec<_>>()
        };
        let (value, places) = match setting {
            Setting::Program => {
                let program = format!("restudy {}", env!("CARGO_PKG_VERSION"));
                (Some(program), at(kinds::ProvenanceTable::NAME))
            }
            Setting::ConfidenceLevel => {
                let level = format::interval_name(study.confidence_level);
                // The methods say the level once for all, and nothing else does.
                (Some(level), self.methods.map(Link::to).into_iter().collect())
            }
            Setting::TimeZero => {
                let label = study.index_date.as_deref().map(|date| self.words.variable(date));
                (label, at(kinds::VariableDictionary::NAME))
            }
        };
        let exists = value.is_some();
        Found { exists, places, value: Cell::text(value.unwrap_or_default()), ..Found::default() }
    }
}
