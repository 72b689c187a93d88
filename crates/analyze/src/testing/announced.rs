//! What a rehearsal announced against what the run gave.

use engine::Mistakes;
use study::{Finding, Output, State};

use crate::analysis::Analysis;

/// What a rehearsal hands on of an entry that hands on `output` in a run.
pub(super) fn rehearsed(output: &Output) -> Output {
    let tables = output.tables.iter();
    Output {
        tables: tables.map(|(name, table)| (name.clone(), table.without_rows())).collect(),
        findings: output.findings.iter().cloned().map(Finding::announced).collect(),
        figures: output.figures.clone(),
        ..Output::default()
    }
}

/// Every finding of a run must be one that the rehearsal announced, so that
/// `check` knows all ids.
pub(super) fn check_announced<A: Analysis>(announced: Result<Output, Mistakes>, output: &Output) {
    let announced = match announced {
        Ok(announced) => announced.findings,
        Err(mistakes) => panic!("`{}` runs, but its rehearsal finds {mistakes:?}", A::NAME),
    };
    // An analysis that announced nothing could not be named anywhere.
    assert!(!announced.is_empty(), "the rehearsal of `{}` announces nothing", A::NAME);
    // A number in a rehearsal could only come of stand-ins.
    for one in &announced {
        let is_bare = one.state == State::Announced && one.value.is_none() && one.n.is_none();
        assert!(is_bare, "the rehearsal of `{}` has numbers: {one:#?}", A::NAME);
    }
    for found in output.findings.iter().filter(|found| found.state != State::Announced) {
        let is_known = announced.iter().any(|one| one.announces(found));
        let like: Vec<&Finding> =
            announced.iter().filter(|one| one.address.announces(&found.address)).collect();
        assert!(
            is_known,
            "`{}` does not announce `{}` ({:?}, {:?}, {:?}), but of this address {like:#?} and these ids: {:?}",
            A::NAME,
            found.id(),
            found.role,
            found.quantity,
            found.method.procedure,
            announced.iter().map(Finding::id).collect::<Vec<_>>(),
        );
    }
}
