//! The changes of a stage, of which there may be millions: what was done is
//! kept once for all rows with which the same was done.

use std::borrow::Cow;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use crate::{Action, Change};

/// What was done with a cell or a row, whoever's it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The `clean` entry that did it.
    pub rule: Arc<str>,
    /// The table.
    pub table: Arc<str>,
    /// The column.
    pub field: Arc<str>,
    /// The value before.
    pub raw: Option<Arc<str>>,
    /// The value after.
    pub clean: Option<Arc<str>>,
    /// What was done.
    pub action: Action,
    /// Why, in words.
    pub reason: Arc<str>,
}

/// A deed by its number.
// above its number by one, so that it takes no more room where there may be none
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeedId(NonZeroU32);

/// The cleaning log of a stage, in order.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    deeds: Vec<Deed>,
    /// The deed of each change.
    ids: Vec<u32>,
    /// The line of each change; lines count from 1.
    lines: Vec<Option<NonZeroU64>>,
    /// The patients of the changes, one for each run of changes of the same
    /// one: rows of one patient mostly follow one another.
    // One text for all of them: a text for each change would take more room than its
    // row.
    patients: String,
    runs: Vec<Run>,
}

/// Changes of one patient that follow one another.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// Where its patient ends among those of all runs.
    end: usize,
    /// How many changes there are up to its last.
    changes: usize,
}

impl Changes {
    /// How many changes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Declares a deed, of which several rows can then be noted.
    ///
    /// # Panics
    /// If there are more than 2^32.
    pub fn deed(&mut self, deed: Deed) -> DeedId {
        // many rows after one another have the same done to them
        if self.deeds.last() != Some(&deed) {
            self.deeds.push(deed);
        }
        // Past 2^32 an id would name another deed; that many cannot come of one file.
        let above = u32::try_from(self.deeds.len()).ok().and_then(NonZeroU32::new);
        DeedId(above.expect("invariant: fewer than 2^32 deeds"))
    }

    /// Notes that a declared deed was done with a row.
    pub fn note(&mut self, deed: DeedId, patient: &str, line: Option<u64>) {
        self.ids.push(deed.0.get() - 1);
        // Lines count from 1, so that a zero is none.
        self.lines.push(line.and_then(NonZeroU64::new));
        self.run(patient);
    }

    /// Notes whose the next change is.
    fn run(&mut self, patient: &str) {
        let changes = self.runs.last().map_or(0, |run| run.changes) + 1;
        match self.runs.len().checked_sub(1) {
            // Only the last run is looked at: the order of changes is kept, and a patient may
            // come again.
            Some(last) if self.patient(last) == patient => self.runs[last].changes = changes,
            _ => {
                self.patients.push_str(patient);
                self.runs.push(Run { end: self.patients.len(), changes });
            }
        }
    }

    /// Appends a change.
    pub fn push(&mut self, change: &Change<'_>) {
        let share = |text: &Cow<'_, str>| Arc::<str>::from(text.as_ref());
        let deed = self.deed(Deed {
            rule: share(&change.rule),
            table: share(&change.table),
            field: share(&change.field),
            raw: change.raw.as_ref().map(share),
            clean: change.clean.as_ref().map(share),
            action: change.action,
            reason: share(&change.reason),
        });
        self.note(deed, &change.patient, change.line);
    }

    /// Appends the changes of another log.
    pub fn append(&mut self, mut other: Self) {
        // The other log as it is: copying it would double its memory.
        if self.is_empty() {
            *self = other;
            return;
        }
        let deeds = self.deeds.len();
        let deeds = u32::try_from(deeds).expect("invariant: fewer than 2^32 deeds");
        self.deeds.append(&mut other.deeds);
        // The other's deeds stand behind ours, by as many.
        self.ids.extend(other.ids.iter().map(|id| deeds + id));
        self.append_rows(other);
    }

    /// Appends changes whose deeds were declared here.
    pub fn append_noted(&mut self, noted: Self) {
        self.ids.extend_from_slice(&noted.ids);
        self.append_rows(noted);
    }

    fn append_rows(&mut self, mut other: Self) {
        let (before, named) = (self.runs.last().map_or(0, |run| run.changes), self.patients.len());
        self.lines.append(&mut other.lines);
        // Only where both meet can one patient be that of two runs, so that the
        // rest need not be compared.
        let meets = self
            .runs
            .len()
            .checked_sub(1)
            .filter(|last| !other.runs.is_empty() && self.patient(*last) == other.patient(0));
        let skipped = meets.map_or(0, |_| other.runs[0].end);
        if let Some(last) = meets {
            self.runs[last].changes = before + other.runs[0].changes;
        }
        self.patients.push_str(&other.patients[skipped..]);
        let others = other.runs.iter().skip(usize::from(meets.is_some()));
        self.runs.extend(
            others.map(|run| Run { end: named + run.end - skipped, changes: before + run.changes }),
        );
    }

    /// The changes in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { changes: self, next: 0, run: 0 }
    }

    /// The deeds by number.
    #[must_use]
    pub fn deeds(&self) -> &[Deed] {
        &self.deeds
    }

    /// The number of the deed of each change.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The patients in the order of their changes, each with how many of them
    /// follow one another.
    pub fn patients(&self) -> impl Iterator<Item = (&str, usize)> {
        let before = std::iter::once(0).chain(self.runs.iter().map(|run| run.changes));
        let runs = self.runs.iter().zip(before).enumerate();
        runs.map(|(place, (run, before))| (self.patient(place), run.changes - before))
    }

    /// The line of each change.
    pub fn lines(&self) -> impl Iterator<Item = Option<u64>> {
        self.lines.iter().map(|line| line.map(NonZeroU64::get))
    }

    /// Each deed with how many rows it was done with: what is the same for all
    /// of them need not be looked at row by row.
    pub fn counted(&self) -> impl Iterator<Item = (&Deed, u64)> {
        // A rule may declare a deed that it then does to no row; it is left out.
        let mut counts = vec![0; self.deeds.len()];
        self.ids.iter().for_each(|id| counts[*id as usize] += 1);
        self.deeds.iter().zip(counts).filter(|(_, count)| *count > 0)
    }

    /// The patient of a run.
    fn patient(&self, run: usize) -> &str {
        let from = run.checked_sub(1).map_or(0, |before| self.runs[before].end);
        &self.patients[from..self.runs[run].end]
    }

    fn at(&self, place: usize, run: usize) -> Change<'_> {
        let deed = &self.deeds[self.ids[place] as usize];
        Change {
            rule: Cow::Borrowed(&deed.rule),
            table: Cow::Borrowed(&deed.table),
            patient: Cow::Borrowed(self.patient(run)),
            line: self.lines[place].map(NonZeroU64::get),
            field: Cow::Borrowed(&deed.field),
            raw: deed.raw.as_deref().map(Cow::Borrowed),
            clean: deed.clean.as_deref().map(Cow::Borrowed),
            action: deed.action,
            reason: Cow::Borrowed(&deed.reason),
        }
    }
}

/// The changes of a log one after the other.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    changes: &'a Changes,
    next: usize,
    run: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Change<'a>;

    fn next(&mut self) -> Option<Change<'a>> {
        let place = self.next;
        self.next += 1;
        // The next run begins where the changes of this one end.
        self.run += usize::from(self.changes.runs.get(self.run)?.changes == place);
        (place < self.changes.len()).then(|| self.changes.at(place, self.run))
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = Change<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'c> FromIterator<Change<'c>> for Changes {
    fn from_iter<I: IntoIterator<Item = Change<'c>>>(all: I) -> Self {
        let mut changes = Self::default();
        all.into_iter().for_each(|change| changes.push(&change));
        changes
    }
}

/// The same changes in the same order, however their deeds are numbered.
impl PartialEq for Changes {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(patient: &'static str, raw: Option<&'static str>) -> Change<'static> {
        Change {
            rule: "r".into(),
            table: "t".into(),
            patient: patient.into(),
            line: Some(3).filter(|_| raw.is_some()),
            field: "f".into(),
            raw: raw.map(Into::into),
            clean: None,
            action: Action::Fixed,
            reason: "why".into(),
        }
    }

    #[test]
    // Three patients, one of them without a name; the first two had the same done to
    // them.
    fn changes_come_back_in_order_and_a_deed_is_kept_once() {
        let all = [change("P1", Some("")), change("", Some("")), change("P3", None)];
        let log: Changes = all.iter().cloned().collect();
        assert_eq!(log.iter().collect::<Vec<_>>(), all);
        assert_eq!((log.len(), log.deeds().len()), (3, 2));
        let mut next = log.clone();
        next.note(DeedId(NonZeroU32::MIN), "P3", None);
        assert_eq!(next.patients().collect::<Vec<_>>(), [("P1", 1), ("", 1), ("P3", 2)]);
        let mut noted = Changes::default();
        noted.note(DeedId(NonZeroU32::MIN), "P3", Some(9));
        next.append_noted(noted);
        assert_eq!(next.patients().last(), Some(("P3", 3)));
        next.append_noted(Changes::default());
        let mut others = Changes::default();
        for patient in ["P4", "P4", "P5"] {
            others.note(DeedId(NonZeroU32::MIN), patient, None);
        }
        let mut longer = next.clone();
        longer.append_noted(others);
        let runs = [("P1", 1), ("", 1), ("P3", 3), ("P4", 2), ("P5", 1)];
        assert_eq!(longer.patients().collect::<Vec<_>>(), runs);
        let last = next.iter().last().expect("five changes");
        assert_eq!((last.patient, last.line, next.iter().count()), ("P3".into(), Some(9), 5));
        let counts: Vec<u64> = log.counted().map(|(_, count)| count).collect();
        assert_eq!(counts, [2, 1]);
        let mut twice = log.clone();
        twice.append(log.clone());
        assert_eq!(twice.iter().collect::<Vec<_>>(), [&all[..], &all[..]].concat());
        let mut none = Changes::default();
        none.append(log.clone());
        assert!(none == log && none != twice);
    }
}
