//! The cells of one column to typed values, with those that do not fit and
//! what to do about each.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use engine::{Mistake, meant, nearest};
use study::{Level, composed, revealed};

use crate::cell::{self, Misfit, Value};
use crate::column::{ColumnSpec, ColumnType, Misfits};
use crate::declaration::{Declaration, spellings};
use crate::first_places::FirstPlaces;
use crate::place::Place;
use crate::values::Values;

/// How many mistakes in the data are shown; the others are counted.
pub(crate) const SHOWN: usize = 50;
/// How many characters of a cell a message shows.
const SHOWN_CHARACTERS: usize = 60;

/// A cell that does not fit.
pub(crate) struct BadCell {
    pub(crate) place: Place,
    pub(crate) raw: String,
    pub(crate) misfit: Misfit,
}

/// A column in the making.
pub(crate) struct ColumnReader<'a> {
    pub(crate) name: &'a str,
    spec: &'a ColumnSpec,
    missing: BTreeSet<Cow<'a, str>>,
    longest_missing: usize,
    levels: BTreeMap<Cow<'a, str>, &'a str>,
    decimal_mark: char,
    stop: bool,
    pub(crate) values: Values,
    first_places: FirstPlaces,
    pub(crate) misfits: Vec<BadCell>,
    /// Cells whose accents were brought to one form, as they stood.
    pub(crate) composed: Vec<(Place, String)>,
    /// How many misfits stop the run; of those only the first are kept.
    pub(crate) stops: usize,
}

impl<'a> ColumnReader<'a> {
    pub(crate) fn new(name: &'a str, spec: &'a ColumnSpec, declaration: &Declaration<'a>) -> Self {
        let missing: BTreeSet<_> =
            declaration.missing_codes(spec).into_iter().map(composed).collect();
        Self {
            name,
            spec,
            longest_missing: missing.iter().map(|code| code.len()).max().unwrap_or_default(),
            missing,
            levels: spellings(spec)
                .into_iter()
                .map(|(spelling, level)| (composed(spelling), level))
                .collect(),
            decimal_mark: declaration.decimal_mark,
            // A misfit set to missing would break the promise of a required column, so there
            // each one stops.
            stop: declaration.misfits == Misfits::Stop || spec.required,
            values: Values::new(name, spec.column_type),
            first_places: FirstPlaces::default(),
            misfits: Vec::new(),
            composed: Vec::new(),
            stops: 0,
        }
    }

    pub(crate) fn take(&mut self, place: Place, raw: &str) {
        let one_form = composed(raw);
        // before the type: a code such as `NA` needs not have the form of the column
        if self.is_missing(&one_form) {
            return self.take_missing(place, raw);
        }
        match self.typed(place, &one_form) {
            Ok(value) => {
                self.values.push(Some(value));
                // the one change that reading makes to a cell, so the log of changes has it
                if one_form != raw {
                    self.composed.push((place, raw.to_owned()));
                }
            }
            Err(misfit) => self.take_misfit(place, raw, misfit),
        }
    }

    pub(crate) fn take_unfit(&mut self, place: Place, raw: &str, misfit: Misfit) {
        // An empty text stands here for a cell whose value is not known, such as a formula
        // that was never computed. That is no empty cell, so it is not missing.
        if !raw.is_empty() && self.is_missing(&composed(raw)) {
            self.take_missing(place, raw);
        } else {
            self.take_misfit(place, raw, misfit);
        }
    }

    fn is_missing(&self, raw: &str) -> bool {
        // most cells are longer than any code, and are not looked up: this is asked of every cell
        raw.is_empty() || raw.len() <= self.longest_missing && self.missing.contains(raw)
    }

    fn take_missing(&mut self, place: Place, raw: &str) {
        if self.spec.required {
            self.take_misfit(place, raw, Misfit::Required);
        } else {
            self.values.push(None);
        }
    }

    fn take_misfit(&mut self, place: Place, raw: &str, misfit: Misfit) {
        let stops = self.stops_run(&misfit);
        self.stops += usize::from(stops);
        // Those set to missing are kept all, as the problems of the run. Of those that stop
        // it no more are needed than are shown.
        if !stops || self.stops <= SHOWN {
            self.misfits.push(BadCell { place, raw: raw.to_owned(), misfit });
        }
        // every cell gives one value, so that all columns keep one length
        self.values.push(None);
    }

    pub(crate) fn stops_run(&self, misfit: &Misfit) -> bool {
        self.stop || misfit.breaks_promise()
    }

    fn typed<'v>(&mut self, place: Place, raw: &'v str) -> Result<Value<'v>, Misfit>
    where
        'a: 'v,
    {
        let value = match self.spec.column_type {
            ColumnType::Text => Ok(Value::Text(raw)),
            ColumnType::Id => cell::id(raw).map(Value::Text),
            ColumnType::Whole => cell::whole(raw).map(Value::Whole),
            ColumnType::Real => cell::real(raw, self.decimal_mark).map(Value::Real),
            ColumnType::Date => cell::date(raw).map(Value::Date),
            // the check of the declaration lets no level pass but `yes` and `no`
            ColumnType::Boolean => self.level(raw).map(|level| Value::Boolean(level == "yes")),
            ColumnType::Category => self.level(raw).map(Value::Text),
        };
        // A blank that nobody sees is named rather than what it breaks.
        let value = value.map_err(|misfit| match cell::has_outer_blank(raw) {
            true => Misfit::Blank,
            false => misfit,
        })?;
        // by the typed value: `07` and `7` are one number
        if self.spec.unique {
            self.note_first(place, &value)?;
        }
        Ok(value)
    }

    fn level(&self, raw: &str) -> Result<&'a str, Misfit> {
        let known = self.levels.get(raw).copied();
        known.ok_or_else(|| match self.spec.column_type {
            ColumnType::Boolean => Misfit::NotBoolean { spellings: quoted(self.levels.keys()) },
            _ => Misfit::UnknownLevel,
        })
    }

    fn note_first(&mut self, place: Place, value: &Value<'_>) -> Result<(), Misfit> {
        match self.first_places.earlier(value, place) {
            None => Ok(()),
            Some(first) => {
                let in_other_file = first.file != place.file;
                Err(Misfit::Repeated { first, in_other_file })
            }
        }
    }

    pub(crate) fn about(&self) -> study::Column {
        let levels = match self.spec.column_type {
            // of yes/no the levels are spellings alone: the table holds no text of them
            ColumnType::Category => self.spec.levels.names().collect(),
            _ => Vec::new(),
        };
        study::Column {
            label: self.spec.label.clone().unwrap_or_else(|| self.name.to_owned()),
            unit: self.spec.unit.clone(),
            decimals: self.spec.decimals,
            levels: levels
                .into_iter()
                .map(|level| Level::named(level).with_id(self.spec.level_ids.get(level)))
                .collect(),
            ..study::Column::default()
        }
    }

    /// What is wrong with a cell; `path` names the file of a place.
    pub(crate) fn mistake<'p>(&self, bad: &BadCell, path: &impl Fn(Place) -> &'p str) -> Mistake {
        let mut what = bad.misfit.to_string();
        // the misfit knows files by their number only
        if let Misfit::Repeated { first, in_other_file: true } = &bad.misfit {
            what = what.replacen("another file", path(*first), 1);
        }
        let message = match (bad.raw.as_str(), &bad.misfit) {
            // an empty cell has no text that could be shown
            ("", Misfit::Required) => {
                format!("column `{}`: the cell is empty, but the column is required", self.name)
            }
            ("", _) => format!("column `{}`: {what}", self.name),
            (raw, _) => format!("column `{}`: `{}` {what}", self.name, shortened(raw)),
        };
        Mistake::at(&["columns", self.name], message).hint(self.mend(bad))
    }

    fn mend(&self, bad: &BadCell) -> String {
        match &bad.misfit {
            Misfit::Required => "fill it in, or take `required` from the column".to_owned(),
            Misfit::Repeated { .. } => {
                "correct one of them, or take `unique` from the column and drop repeated rows in \
                 `clean:`"
                    .to_owned()
            }
            Misfit::UnknownLevel => self.mend_level(&bad.raw),
            Misfit::Sheet(state) => state.mend().to_owned(),
            Misfit::NotBoolean { .. } => {
                "add the spelling under `levels:` to `yes` or `no`, or to `missing:`".to_owned()
            }
            _ => "correct the cell, or name its code in `missing:`, or read the column as \
                  `type: text` and mend it in `clean:`"
                .to_owned(),
        }
    }

    fn mend_level(&self, raw: &str) -> String {
        let advice = "add the spelling to its level under `levels:`, or to `missing:`";
        let is_guess = meant(raw, self.spec.levels.names()).is_some();
        match nearest(raw, self.spec.levels.names()) {
            Some(guess) if is_guess => format!("{guess} otherwise {advice}"),
            Some(all) => format!("{all}; {advice}"),
            None => advice.to_owned(),
        }
    }
}

fn quoted<'s>(names: impl Iterator<Item = &'s Cow<'s, str>>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A cell on one line and not longer than a message bears.
fn shortened(raw: &str) -> String {
    let mut shown: String = raw.chars().take(SHOWN_CHARACTERS).collect();
    // what is shown is the beginning of the cell, so its bytes tell whether more
    // follows
    if shown.len() < raw.len() {
        shown.push('…');
    }
    revealed(&shown).replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}
