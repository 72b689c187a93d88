//! Which column of the file each declared column is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use engine::{Mistake, Mistakes};
use study::{composed, revealed};

use crate::column::OtherColumns;
use crate::declaration::Declaration;

impl Declaration<'_> {
    /// The place of each declared column among the names above the columns of
    /// the file; where a sheet has an empty column, there is no name.
    pub(crate) fn locate(&self, header: &[Option<&str>]) -> Result<Vec<usize>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut places: BTreeMap<Cow<'_, str>, Vec<usize>> = BTreeMap::new();
        for (place, name) in header.iter().enumerate() {
            if let Some(name) = name {
                places.entry(composed(name)).or_default().push(place);
            }
        }
        let mut located = Vec::new();
        for (name, spec) in self.columns.iter() {
            let written = spec.header.as_deref().unwrap_or(name);
            let at: &[&str] = match spec.header {
                Some(_) => &["columns", name, "header"],
                None => &["columns", name],
            };
            match places.get(&composed(written)).map(Vec::as_slice) {
                // A name that stands twice matters only where a declared column needs it: which one
                // is meant is not guessed. Others may repeat.
                Some([place]) => located.push(*place),
                Some(several) => mistakes.push(self.repeated(written, several, at)),
                None => mistakes.push(self.absent(written, header, at)),
            }
        }
        // Told together with the absent ones: a misspelt header is both.
        mistakes.0.extend(self.undeclared(header));
        mistakes.or(located)
    }

    fn repeated(&self, written: &str, places: &[usize], at: &[&str]) -> Mistake {
        let places: Vec<String> = places.iter().map(|place| (place + 1).to_string()).collect();
        let message = format!(
            "{} has the header `{written}` more than once: columns {}",
            self.path,
            places.join(", ")
        );
        Mistake::at(at, message).hint("give each column of the file a header of its own")
    }

    fn absent(&self, written: &str, header: &[Option<&str>], at: &[&str]) -> Mistake {
        let names = header.iter().copied().flatten().filter(|name| !name.is_empty());
        Mistake::at(at, format!("{} has no column `{written}`", self.path))
            .hint_nearest(written, names)
    }

    fn undeclared(&self, header: &[Option<&str>]) -> Option<Mistake> {
        if self.other_columns == OtherColumns::Ignore {
            return None;
        }
        let declared: Vec<Cow<'_, str>> = self
            .columns
            .iter()
            .map(|(name, spec)| composed(spec.header.as_deref().unwrap_or(name)))
            .collect();
        let others: Vec<String> = header
            .iter()
            .enumerate()
            .filter_map(|(place, name)| name.map(|name| (place, name)))
            .filter(|(_, name)| !declared.contains(&composed(name)))
            .map(|(place, name)| match name {
                "" => format!("the {}. one, without a name", place + 1),
                name => format!("`{}`", revealed(name)),
            })
            .collect();
        if others.is_empty() {
            return None;
        }
        let message =
            format!("{} has columns that are not declared: {}", self.path, others.join(", "));
        Some(
            Mistake::at(&["columns"], message)
                .hint("declare them, or write `other_columns: ignore` to leave them out"),
        )
    }
}
