//! What a stage declares about its file, and whether the declaration makes
//! sense before any file is opened.

use std::borrow::Cow;
use std::collections::BTreeMap;

use engine::{Mistake, Mistakes, Named, check_level_ids};
use study::composed;

use crate::column::{ColumnSpec, ColumnType, Misfits, OtherColumns};
use crate::paths::FilePaths;

/// The column of every ingested table that holds the line in the raw file.
pub(crate) const LINE: &str = "_line";

/// What the kinds of this crate have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declaration<'a> {
    pub(crate) table: &'a str,
    /// The file at hand; of several files, each in its turn.
    pub(crate) path: &'a str,
    pub(crate) paths: &'a FilePaths<'a>,
    /// Name of a column that says from which file a row comes.
    pub(crate) source: Option<&'a str>,
    pub(crate) columns: &'a Named<ColumnSpec>,
    pub(crate) missing: &'a [String],
    pub(crate) misfits: Misfits,
    pub(crate) other_columns: OtherColumns,
    pub(crate) decimal_mark: char,
    /// The column with the day on which a row came to be known.
    pub(crate) known_from: Option<&'a str>,
    /// The column that names the patient.
    pub(crate) patient: &'a str,
}

impl<'a> Declaration<'a> {
    /// The same of one of its files.
    pub(crate) fn of_file(self, path: &'a str) -> Self {
        Self { path, ..self }
    }

    /// Everything that is wrong with the declaration itself.
    pub(crate) fn check(&self) -> Mistakes {
        let mut mistakes = self.paths.check();
        mistakes.0.extend(self.check_known_from().0);
        if let Some(source) = self.source
            // a column of the table is made of each, and one would replace the other
            && (source == LINE || self.columns.get(source).is_some())
        {
            let message = format!("there is a column `{source}` already");
            mistakes.push(Mistake::at(&["source"], message).hint("choose another name"));
        }
        for (name, spec) in self.columns.iter() {
            if name == LINE {
                let mistake = Mistake::at(&["columns", name], format!("`{LINE}` is taken"));
                mistakes.push(mistake.hint(
                    "it holds the line in the raw file: choose another name, and name the header \
                     of the file in `header:`",
                ));
            }
            mistakes.0.extend(check_levels(name, spec));
            mistakes.0.extend(check_ids(name, spec).0);
            mistakes.0.extend(self.check_spellings(name, spec));
        }
        mistakes
    }

    /// The codes that mean missing in a column.
    pub(crate) fn missing_codes(&self, spec: &'a ColumnSpec) -> Vec<&'a str> {
        self.missing.iter().chain(&spec.missing).map(String::as_str).collect()
    }

    fn check_spellings(&self, name: &str, spec: &ColumnSpec) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut taken: BTreeMap<Cow<'_, str>, &str> = BTreeMap::new();
        for (spelling, level) in spellings(spec) {
            let at = ["columns", name, "levels", level];
            if let Some(other) =
                // Two spellings that differ only in the form of Unicode are one, as cells are
                // looked up in one form. Twice under one level is no contradiction.
                taken.insert(composed(spelling), level).filter(|other| *other != level)
            {
                mistakes.push(
                    Mistake::at(
                        &at,
                        format!("`{spelling}` stands for `{other}` and for `{level}`"),
                    )
                    .hint("give each spelling to one level"),
                );
            }
            if self.missing_codes(spec).contains(&spelling) {
                mistakes.push(
                    Mistake::at(&at, format!("`{spelling}` stands for `{level}` and for missing"))
                        .hint("take it out of `levels:` or out of `missing:`"),
                );
            }
        }
        mistakes
    }
}

/// Every understood spelling of a column with levels, with its level.
pub(crate) fn spellings(spec: &ColumnSpec) -> Vec<(&str, &str)> {
    let plain: &[(&str, &str)] = match spec.column_type {
        // these are also the texts made of a yes or no that a workbook or Parquet file
        // holds as such
        ColumnType::Boolean => &[("true", "yes"), ("false", "no")],
        _ => &[],
    };
    let declared = spec.levels.iter().flat_map(|(level, written)| {
        std::iter::once(level)
            .chain(written.iter().map(String::as_str))
            .map(move |own| (own, level))
    });
    plain.iter().copied().chain(declared).collect()
}

fn check_levels(name: &str, spec: &ColumnSpec) -> Vec<Mistake> {
    let at = ["columns", name, "levels"];
    match spec.column_type {
        // levels are not taken from the data: their order in the tables and a misspelt one
        // are decided here
        ColumnType::Category if spec.levels.is_empty() => vec![
            Mistake::at(&["columns", name], format!("category `{name}` declares no levels")).hint(
                "write `levels: { level: [spelling in the file] }` in the order of the tables",
            ),
        ],
        ColumnType::Category => Vec::new(),
        ColumnType::Boolean => {
            let other = spec.levels.names().filter(|level| !["yes", "no"].contains(level));
            // a third level would be read as no, since all that is not `yes` is
            other.map(|level| not_yes_or_no(name, level)).collect()
        }
        _ if spec.levels.is_empty() => Vec::new(),
        _ => vec![
            Mistake::at(&at, format!("`{name}` has levels but is no category"))
                .hint("write `type: category`, or `type: boolean` with the levels `yes` and `no`"),
        ],
    }
}

fn check_ids(name: &str, spec: &ColumnSpec) -> Mistakes {
    let at = ["columns", name, "level_ids"];
    let levels: Vec<&str> = spec.levels.names().collect();
    match spec.column_type {
        ColumnType::Category => check_level_ids(&spec.level_ids, &levels, &at),
        _ if spec.level_ids.is_empty() => Mistakes::default(),
        _ => Mistake::at(&at, format!("`{name}` names levels for ids but is no category"))
            .hint("write `type: category`")
            .into(),
    }
}

fn not_yes_or_no(name: &str, level: &str) -> Mistake {
    let at = ["columns", name, "levels", level];
    Mistake::at(&at, format!("yes/no column `{name}` has a level `{level}`"))
        .hint("its levels are `yes` and `no`; for others write `type: category`")
}
