//! A model's subjects in the order of the pass over the risk sets.

use std::ops::Range;

use super::CoxModel;

/// Runs for which there is room from the beginning; more make room as they
/// come. Room for one run a row would be memory that tied data never use.
const FEW: usize = 1024;
/// The rows of one time in one stratum. Positions are kept in 32 bits, as
/// there may be as many runs as subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) n_deaths: u32,
    /// The range of `entries` that start at or after this time, but before
    /// the next later time with deaths: not yet at risk here.
    pub(super) first_entry: u32,
    pub(super) last_entry: u32,
    /// Whether it holds the stratum's last time, with which the pass begins.
    pub(crate) opens_stratum: bool,
}

impl Run {
    /// All its rows.
    pub(crate) fn rows(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The rows with the event.
    pub(crate) fn deaths(&self) -> Range<usize> {
        self.start as usize..(self.start + self.n_deaths) as usize
    }

    /// Which of the `entries` leave the risk set when the pass comes here.
    pub(crate) fn entries(&self) -> Range<usize> {
        self.first_entry as usize..self.last_entry as usize
    }
}

/// The rows in the order of the pass.
pub(super) struct Arrangement {
    pub(super) subjects: Vec<usize>,
    pub(super) runs: Vec<Run>,
    pub(super) entries: Vec<usize>,
}

/// Sorts a model's subjects by stratum, then descending time.
pub(super) fn arrange(model: &CoxModel<'_>) -> Arrangement {
    let follow_up = model.follow_up;
    let n = follow_up.n();
    let (subjects, runs) = (Vec::with_capacity(n), Vec::with_capacity(n.min(FEW)));
    let mut out = Arrangement { subjects, runs, entries: Vec::new() };
    for order in follow_up.order_by_stratum(model.strata) {
        let first_run = out.runs.len();
        // Fetched apart from being compared, many at once.
        let ends: Vec<f64> = order.iter().map(|row| follow_up.ends()[*row]).collect();
        let mut rest = &*order;
        // From the latest time backwards: `rest` loses its last rows run by run, so
        // that nothing is copied.
        for tied in ends.chunk_by(|a, b| a == b).rev() {
            let (earlier, tied) = rest.split_at(rest.len() - tied.len());
            out.add_run(tied, follow_up.events(), out.runs.len() == first_run);
            rest = earlier;
        }
        if let Some(starts) = follow_up.starts() {
            out.arrange_entries(first_run, starts, follow_up.ends());
        }
    }
    out
}

impl Arrangement {
    /// Adds the rows of one time, deaths before the others.
    fn add_run(&mut self, tied: &[usize], events: &[bool], opens_stratum: bool) {
        let start = self.subjects.len();
        // Most times have one row. It needs no partition, whether it is a death or
        // not.
        if let [subject] = tied {
            self.subjects.push(*subject);
        } else {
            // Two passes keep the caller's order within deaths and within the
            // others, on which the order of sums depends.
            self.subjects.extend(tied.iter().filter(|subject| events[**subject]));
            self.subjects.extend(tied.iter().filter(|subject| !events[**subject]));
        }
        let n_deaths = tied.iter().map(|subject| u32::from(events[*subject])).sum();
        let (start, end) = (start as u32, self.subjects.len() as u32);
        let entry = self.entries.len() as u32;
        let (first_entry, last_entry) = (entry, entry);
        self.runs.push(Run { start, end, n_deaths, first_entry, last_entry, opens_stratum });
    }

    /// Finds who is not yet at risk at each time with deaths, for the stratum
    /// that begins at `first_run`.
    fn arrange_entries(&mut self, first_run: usize, starts: &[f64], ends: &[f64]) {
        let start = |row: usize| starts[self.subjects[row]];
        let mut entries: Vec<usize> =
            (self.runs[first_run].rows().start..self.subjects.len()).collect();
        // By descending start, as the pass goes back in time. Ties by row, for one
        // order of sums.
        entries.sort_by(|a, b| start(*b).total_cmp(&start(*a)).then(a.cmp(b)));
        let offset = self.entries.len();
        let mut left = 0;
        for run in &mut self.runs[first_run..] {
            run.first_entry = (offset + left) as u32;
            // Only times with deaths ask who is at risk: entries passed since the
            // last one leave together there.
            if run.n_deaths > 0 {
                let time = ends[self.subjects[run.rows().start]];
                // A start at the event's time is not before it: the row is not yet
                // at risk, as intervals are open on the left.
                left += entries[left..].partition_point(|row| starts[self.subjects[*row]] >= time);
            }
            run.last_entry = (offset + left) as u32;
        }
        self.entries.extend(entries);
    }
}
