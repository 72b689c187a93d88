//! A model's subjects in the order of the pass over the risk sets.

use super::CoxModel;
use super::risk_sets::Run;

/// Runs for which there is room from the beginning: enough for whole days of
/// follow-up of most studies; a guess of one run a row would be memory that
/// tied data never use.
const FEW: usize = 1024;
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
        if let [subject] = tied {
            self.subjects.push(*subject);
        } else {
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
        entries.sort_by(|a, b| start(*b).total_cmp(&start(*a)).then(a.cmp(b)));
        let offset = self.entries.len();
        let mut left = 0;
        for run in &mut self.runs[first_run..] {
            run.first_entry = (offset + left) as u32;
            if run.n_deaths > 0 {
                let time = ends[self.subjects[run.rows().start]];
                left += entries[left..].partition_point(|row| starts[self.subjects[*row]] >= time);
            }
            run.last_entry = (offset + left) as u32;
        }
        self.entries.extend(entries);
    }
}
