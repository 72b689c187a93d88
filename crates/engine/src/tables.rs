//! Tables in the store. What a stage wrote is what it changed: the columns it
//! made, which of the former ones it passes on, and which rows of them stand.
//! A version of a table is composed of that and the version before it, so that
//! a change in a column which a rule passes on does not make the rule run.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use study::{Column, ColumnType, Lazy, Lineage, Reads};

use crate::ingredients::Ingredients;

/// A column in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    /// Digest of its values as they were made.
    pub(crate) object: String,
    /// Digests of the selections of rows that were applied to them since, in order.
    pub(crate) rows: Vec<String>,
    pub(crate) about: Option<Column>,
}

/// What a stage wrote of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) height: usize,
    /// Where it is a new version of the table of that name.
    pub(crate) passes: Option<Passes>,
    pub(crate) made: Vec<Stored>,
    /// What decided which rows there are.
    #[serde(default, skip_serializing_if = "Lineage::is_empty")]
    pub(crate) lineage: Lineage,
}

/// What a new version of a table takes over: every column but those that it
/// made, and of these all but some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passes {
    pub(crate) without: Vec<String>,
    /// Digest of the rows that stand, where not all do.
    pub(crate) rows: Option<String>,
    /// What is known anew of columns that are passed on.
    pub(crate) about: BTreeMap<String, Column>,
}

/// A version of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Version {
    pub(crate) height: usize,
    pub(crate) columns: Vec<Placed>,
    /// What decided which rows there are.
    pub(crate) lineage: Lineage,
    /// Digest of that once somebody asked.
    known: OnceLock<String>,
}

/// A column in its place, with the digest of what is known of it once somebody asked.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) stored: Arc<Stored>,
    known: Arc<OnceLock<String>>,
    /// Its values once a stage was handed them: they are at hand for as long as
    /// a version that has them is.
    pub(crate) at_hand: Arc<OnceLock<Arc<Lazy>>>,
}

impl From<Stored> for Placed {
    fn from(stored: Stored) -> Self {
        Self { stored: Arc::new(stored), known: Arc::default(), at_hand: Arc::default() }
    }
}

impl Placed {
    fn known(&self) -> &str {
        self.known.get_or_init(|| digest(&(self.stored.kind, &self.stored.about)))
    }

    /// The column as it is passed on.
    fn passed(&self, passes: &Passes) -> Self {
        let about = passes.about.get(&self.stored.name);
        // Nothing new: the very column, with what is at hand of it.
        if about.is_none() && passes.rows.is_none() {
            return self.clone();
        }
        let mut stored = Stored::clone(&self.stored);
        stored.rows.extend(passes.rows.clone());
        match about {
            Some(about) => Self::from(Stored { about: Some(about.clone()), ..stored }),
            // Which rows stand does not change what is known of the column.
            None => Self { known: Arc::clone(&self.known), ..Self::from(stored) },
        }
    }
}

fn digest(known: &impl Serialize) -> String {
    let known = serde_json::to_vec(known).expect("invariant: plain values always serialise");
    blake3::hash(&known).to_hex().to_string()
}

impl Version {
    /// The version that a stage made out of the one before it.
    pub(crate) fn composed(written: Written, before: Option<&Self>) -> Self {
        let mut made: BTreeMap<String, Placed> = BTreeMap::new();
        let order: Vec<String> = written.made.iter().map(|column| column.name.clone()).collect();
        made.extend(written.made.into_iter().map(|column| (column.name.clone(), column.into())));
        let mut columns = Vec::new();
        if let (Some(passes), Some(before)) = (&written.passes, before) {
            // A column that is made anew keeps its place; new ones follow in the order in which
            // they were made.
            for column in &before.columns {
                match made.remove(&column.stored.name) {
                    Some(anew) => columns.push(anew),
                    None if passes.without.contains(&column.stored.name) => {}
                    None => columns.push(column.passed(passes)),
                }
            }
        }
        columns.extend(order.iter().filter_map(|name| made.remove(name)));
        let (height, lineage) = (written.height, written.lineage);
        Self { height, columns, lineage, known: OnceLock::new() }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Placed> {
        self.columns.iter().find(|column| column.stored.name == name)
    }

    /// The columns of which a stage is handed something.
    pub(crate) fn read<'a>(&'a self, reads: &'a Reads) -> impl Iterator<Item = &'a Placed> {
        self.columns.iter().filter(move |column| {
            let name = &column.stored.name;
            reads.names || reads.knows(name)
        })
    }

    /// Everything.
    pub(crate) fn all(&self) -> Reads {
        let names = self.columns.iter().map(|column| column.stored.name.clone());
        Reads { values: names.collect(), names: true, ..Reads::default() }
    }

    /// What a stage that reads this much of the table depends on.
    pub(crate) fn add_to(&self, ingredients: &mut Ingredients, table: &str, reads: &Reads) {
        let mut rows = blake3::Hasher::new();
        rows.update(&(self.height as u64).to_le_bytes());
        for name in &reads.values {
            let Some(column) = self.column(name) else { continue };
            // The values as they were made and the selections since, and not the values that
            // came of them: so no column has to be read for a key.
            ingredients.add(format!("column {table}.{name}"), &column.stored.object);
            // a count of them, so that one list does not run into the next
            rows.update(&(column.stored.rows.len() as u64).to_le_bytes());
            for digest in &column.stored.rows {
                rows.update(digest.as_bytes());
            }
        }
        for name in reads.columns() {
            // That it is not there is knowledge, too: the stage asked, and would do something
            // else if it came.
            let known = self.column(name).map_or("(no such column)", Placed::known);
            ingredients.add(format!("description of {table}.{name}"), known);
        }
        ingredients.add(format!("rows of {table}"), rows.finalize().to_hex().to_string());
        // whoever is handed a table is handed this, and may hand it on
        if !self.lineage.is_empty() {
            let known = self.known.get_or_init(|| digest(&self.lineage));
            ingredients.add(format!("lineage of the rows of {table}"), known);
        }
        if reads.all_known {
            let mut all = blake3::Hasher::new();
            for column in &self.columns {
                all.update(&(column.stored.name.len() as u64).to_le_bytes());
                all.update(column.stored.name.as_bytes()).update(column.known().as_bytes());
            }
            let all = all.finalize().to_hex().to_string();
            ingredients.add(format!("descriptions of {table}"), all);
        }
        if reads.names {
            let names: Vec<&str> = self.columns.iter().map(|c| c.stored.name.as_str()).collect();
            ingredients.add(format!("columns of {table}"), names.join(", "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, object: &str) -> Stored {
        Stored {
            name: name.into(),
            kind: ColumnType::Whole,
            object: object.into(),
            rows: vec![],
            about: None,
        }
    }

    fn written(height: usize, passes: Option<Passes>, made: Vec<Stored>) -> Written {
        Written { height, passes, made, lineage: Lineage::default() }
    }

    fn first() -> Version {
        let made = ["a", "b", "c"].map(|name| column(name, &name.repeat(3)));
        Version::composed(written(9, None, made.into()), None)
    }

    fn shown(version: &Version) -> Vec<String> {
        let show = |placed: &Placed| {
            let stored = &placed.stored;
            format!("{}={}[{}]", stored.name, stored.object, stored.rows.join(" "))
        };
        version.columns.iter().map(show).collect()
    }

    #[test]
    fn a_version_takes_over_what_its_rule_left_alone() {
        let passes =
            Passes { without: vec!["c".into()], rows: Some("R".into()), ..Passes::default() };
        let made = vec![column("d", "ddd"), column("a", "new")];
        let written = written(4, Some(passes), made);
        let second = Version::composed(written.clone(), Some(&first()));
        // A column that was made has no selections: they were applied before.
        assert_eq!(shown(&second), ["a=new[]", "b=bbb[R]", "d=ddd[]"]);
        let third = Version::composed(
            Written { height: 2, made: vec![], ..written.clone() },
            Some(&second),
        );
        assert_eq!(shown(&third), ["a=new[R]", "b=bbb[R R]", "d=ddd[R]"]);
        // a column that the rule has not seen yet goes the same way
        let mut more = first();
        more.columns.push(column("e", "eee").into());
        let second = Version::composed(written, Some(&more));
        assert_eq!(shown(&second), ["a=new[]", "b=bbb[R]", "e=eee[R]", "d=ddd[]"]);
    }

    fn key(version: &Version, reads: &Reads) -> String {
        let mut ingredients = Ingredients::default();
        version.add_to(&mut ingredients, "t", reads);
        ingredients.key()
    }

    #[test]
    fn a_key_holds_what_is_read_and_no_more() {
        let reads = Reads {
            values: ["a".to_owned()].into(),
            known: ["b".to_owned(), "gone".to_owned()].into(),
            ..Reads::default()
        };
        let before = key(&first(), &reads);
        let changed = |name: &str, about: Option<Column>, object: &str| {
            let made = vec![Stored { about, ..column(name, object) }];
            let written = written(9, Some(Passes::default()), made);
            key(&Version::composed(written, Some(&first())), &reads)
        };
        let label = Column { label: "L".into(), ..Column::default() };
        assert_ne!(changed("a", None, "new"), before, "values of a");
        assert_ne!(changed("a", Some(label.clone()), "aaa"), before, "what is known of a");
        assert_eq!(changed("b", None, "new"), before, "values of b");
        assert_ne!(changed("b", Some(label.clone()), "bbb"), before, "what is known of b");
        assert_eq!(changed("c", Some(label), "new"), before, "c");
        assert_eq!(changed("d", None, "new"), before, "a new column");
        assert_ne!(changed("gone", None, "new"), before, "a column that was looked for");
        let names = Reads { names: true, ..reads.clone() };
        let everything = Reads { all_known: true, ..reads.clone() };
        let more = written(9, Some(Passes::default()), vec![column("d", "ddd")]);
        let more = Version::composed(more, Some(&first()));
        assert_ne!(key(&more, &names), key(&first(), &names), "which columns there are");
        assert_ne!(key(&more, &everything), key(&first(), &everything), "what is known of all");
        let rows = Passes { rows: Some("R".into()), ..Passes::default() };
        let fewer = written(9, Some(rows), vec![]);
        assert_ne!(key(&Version::composed(fewer, Some(&first())), &reads), before, "rows");
        let of_rule = Lineage { rules: ["rule".to_owned()].into(), ..Lineage::default() };
        let about = Column { lineage: of_rule.clone(), ..Column::default() };
        assert_ne!(changed("b", Some(about.clone()), "bbb"), before, "the lineage of b alone");
        assert_eq!(changed("c", Some(about), "ccc"), before, "the lineage of c");
        let same = Written { lineage: of_rule, ..written(9, Some(Passes::default()), vec![]) };
        let same = Version::composed(same, Some(&first()));
        assert_ne!(key(&same, &reads), before, "the lineage of the rows");
    }
}
