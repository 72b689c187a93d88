//! `restudy diff`.

mod cells;
mod side;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use engine::{Behind, Definition};
use report::comparison::{Comparison, FileChange, Moved, Side};
use study::{Quantity, Tolerance, differences};

use super::Done;
use crate::arguments::Diff;
use crate::screen::Trouble;

pub(super) use self::side::{Loaded, unreadable};

/// How many rows of a list a screen shows.
const SHOWN: usize = 40;

/// Says what differs between two runs of a study.
pub(crate) fn diff(arguments: &Diff, out: &mut dyn Write) -> Done {
    let tolerance = tolerance(&arguments.tolerance)?;
    // side by side: a file of results may have a hundred thousand findings
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| Loaded::open(&arguments.second));
        let first = Loaded::open(&arguments.first);
        (first, second.join().unwrap_or_else(|thrown| std::panic::resume_unwind(thrown)))
    });
    let sides = [first?, second?];
    let comparison = compared(&sides, &tolerance);
    if let Some(path) = &arguments.html {
        std::fs::write(path, comparison.page()).map_err(|error| Trouble::Other {
            message: format!("cannot write {}: {error}", path.display()),
            hint: None,
        })?;
    }
    match arguments.json {
        true => writeln!(out, "{}", comparison.json())?,
        false => write!(out, "{}", comparison.text(SHOWN))?,
    }
    Ok(comparison.is_same())
}

/// `1e-6` for all, `ratio=1e-6` for one quantity.
pub(super) fn tolerance(written: &[String]) -> Result<Tolerance, Trouble> {
    let mut tolerance = Tolerance::default();
    for one in written {
        let wrong = || Trouble::Other {
            message: format!("`{one}` is no tolerance"),
            hint: Some(
                "such as `1e-9`, or `ratio=1e-6` for one quantity of docs/findings.md".into(),
            ),
        };
        let (quantity, share) = match one.split_once('=') {
            Some((quantity, share)) => {
                let quantity: Quantity =
                    serde_json::from_value(quantity.into()).map_err(|_| wrong())?;
                (Some(quantity), share)
            }
            None => (None, one.as_str()),
        };
        let share: f64 = share.parse().map_err(|_| wrong())?;
        // the parser takes `nan` and `inf`, by which no number or every number would differ
        if !(share.is_finite() && share >= 0.0) {
            return Err(wrong());
        }
        match quantity {
            Some(quantity) => drop(tolerance.of.insert(quantity, share)),
            None => tolerance.all = share,
        }
    }
    Ok(tolerance)
}

fn compared(sides: &[Loaded; 2], tolerance: &Tolerance) -> Comparison {
    let [first, second] = sides;
    let pipelines = [first.pipeline.as_ref(), second.pipeline.as_ref()];
    let studies = pipelines.map(|pipeline| pipeline.map(|pipeline| &pipeline.settings));
    let definitions = match pipelines {
        // a side of results alone has no definitions
        [Some(before), Some(after)] => engine::definitions(before, after),
        _ => vec![],
    };
    let behind = pipelines.map(|pipeline| pipeline.map(Behind::new));
    let files = file_changes(sides, &behind);
    // folders of results say nothing of their level; this one is only used to see which
    // conclusions turn
    let level = studies[0].or(studies[1]).map_or(0.95, |study| study.confidence_level);
    let moved = differences(&first.findings, &second.findings, tolerance, 1.0 - level);
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let findings = moved.into_iter().map(|difference| {
        let stage = difference.after.as_ref().or(difference.before.as_ref());
        let stage = stage.map(|reading| reading.stage.clone()).unwrap_or_default();
        // one look at the graph for all findings of an analysis
        let causes = known
            .entry(stage)
            .or_insert_with_key(|stage| causes(stage, &definitions, &files, &behind));
        Moved::new(difference, studies, causes.clone())
    });
    let findings: Vec<Moved> = findings.collect();
    let parting = parting(&definitions, &files, !findings.is_empty());
    Comparison { sides: [told(first), told(second)], parting, definitions, files, findings }
}

fn told(side: &Loaded) -> Side {
    Side {
        name: side.name.clone(),
        title: side.pipeline.as_ref().map(|pipeline| pipeline.settings.title.clone()),
        pipeline: side.lock.as_ref().map(|lock| lock.pipeline.clone()),
        findings: side.findings.len(),
        remarks: side.remarks.clone(),
    }
}

fn file_changes(sides: &[Loaded; 2], behind: &[Option<Behind<'_>>; 2]) -> Vec<FileChange> {
    let [first, second] = sides;
    let (Some(one), Some(other)) = (&first.lock, &second.lock) else { return vec![] };
    let paths: BTreeSet<&String> = one.inputs.keys().chain(other.inputs.keys()).collect();
    let changed = paths.into_iter().filter_map(|path| {
        let (before, after) = (one.inputs.get(path), other.inputs.get(path));
        // by digest, so that files of another revision need not be read
        if before == after {
            return None;
        }
        let reader = behind.iter().flatten().find_map(|behind| behind.reader(path));
        let (before, after) = (before.cloned(), after.cloned());
        let mut change = FileChange { path: path.clone(), reader, before, after, cells: vec![] };
        // a raw file may be gone since, or not be in git: then its digest alone tells
        if let (Some(before), Some(after)) = (first.read(path), second.read(path)) {
            // a text of the report has no columns
            change.cells = match is_raw(&change) {
                true => cells::changes(&before, &after),
                false => cells::line_changes(&before, &after),
            };
        }
        Some(change)
    });
    changed.collect()
}

/// The definitions and files behind an analysis that are not the same.
fn causes(
    analysis: &str,
    definitions: &[Definition],
    files: &[FileChange],
    behind: &[Option<Behind<'_>>; 2],
) -> Vec<String> {
    let either = |asks: &dyn Fn(&Behind<'_>) -> bool| behind.iter().flatten().any(asks);
    let files = files.iter().filter(|file| either(&|behind| behind.reads(analysis, &file.path)));
    let defined = definitions.iter().filter(|one| match &one.stage {
        Some(stage) => either(&|behind| behind.hangs_on(analysis, stage)),
        // settings and the order of rules hold for all; claims are read by reports alone
        None => !one.at.starts_with("claims"),
    });
    let files = files.map(|file| file.path.clone());
    files.chain(defined.map(|one| one.at.clone())).collect()
}

/// Where the two first part, in the order of the data: raw cell, then definition.
fn parting(definitions: &[Definition], files: &[FileChange], moved: bool) -> Option<String> {
    // a raw file before any other, since everything else may follow from it
    if let Some(file) = files.iter().find(|file| is_raw(file)).or(files.first()) {
        let reader = file.reader.as_ref();
        let reader =
            reader.map_or(String::new(), |(stage, line)| format!("{stage} (line {line}): "));
        let cell = file.cells.first().map_or(String::new(), |cell| format!(", {}", cell.words()));
        return Some(format!("{reader}{}{cell}", file.path));
    }
    if let Some(one) = definitions.first() {
        let line = one.after.as_ref().or(one.before.as_ref()).map_or(0, |said| said.line);
        return Some(format!("{} (line {line})", one.at));
    }
    let program =
        "the program: pipeline file and inputs are the same, so another version of it ran";
    // numbers moved and nothing else did
    moved.then(|| program.to_owned())
}

fn is_raw(file: &FileChange) -> bool {
    file.reader.as_ref().is_some_and(|(stage, _)| stage.starts_with("ingest."))
}
