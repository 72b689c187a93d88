//! `restudy run`.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use engine::{Observer, Outcome, Project, Report, RunOptions, StageId, Standing};

use super::status::write_stage;
use super::{Done, ONLY_LINE_ENDS, count, open, seconds};
use crate::arguments::Run;
use crate::screen::Trouble;

/// Tells the screen which stage is done with.
pub(crate) struct Progress<'a> {
    screen: Mutex<&'a mut (dyn Write + Send)>,
    quiet: bool,
}

impl<'a> Progress<'a> {
    pub(crate) fn on(screen: &'a mut (dyn Write + Send), quiet: bool) -> Self {
        Self { screen: Mutex::new(screen), quiet }
    }

    fn say(&self, line: &str) {
        // a screen that is gone stops no run
        let _ = writeln!(self.screen.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    }
}

impl Observer for Progress<'_> {
    fn started(&self, _: &StageId) {}

    fn finished(&self, report: &Report) {
        if self.quiet {
            return;
        }
        let took = seconds(report.took);
        match &report.outcome {
            Outcome::Fresh => {}
            Outcome::Restored => self.say(&format!("restored {took:>8}  {}", report.id)),
            Outcome::Ran(reasons) => {
                self.say(&format!("ran      {took:>8}  {}{}", report.id, why(reasons)));
            }
            Outcome::Failed => self.say(&format!("FAILED   {took:>8}  {}", report.id)),
            Outcome::Skipped => self.say(&format!("skipped            {}", report.id)),
        }
    }
}

/// The first reason, where it says more than that the stage never ran.
fn why(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        [only] if only == "no result is stored here" => String::new(),
        [first] => format!(": {first}"),
        [first, rest @ ..] => format!(": {first}, and {} more", rest.len()),
    }
}

/// Makes everything that is stale.
pub(crate) fn run(
    arguments: &Run,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> Done {
    let start = Instant::now();
    if let Some(threads) = arguments.threads {
        // in-process callers may have set the number already: then it stays
        let _ = engine::use_threads(usize::from(threads));
    }
    let (file, names) = arguments.named().map_err(|second| Trouble::Other {
        message: format!("`{second}` is a second pipeline file"),
        hint: Some("run one after the other".to_owned()),
    })?;
    let project = open(&file)?;
    // names are looked up before anything runs
    let only = if names.is_empty() { None } else { Some(project.select(&names)?) };
    let options = RunOptions {
        force: arguments.force,
        overwrite: arguments.overwrite,
        keep_going: arguments.keep_going,
        only,
    };
    if arguments.dry_run {
        return foresee(&project, &options, out);
    }
    let progress = Progress::on(err, arguments.quiet);
    let waiting = |holder: &str| {
        let holder = if holder.is_empty() { "another run" } else { holder };
        progress.say(&format!("waiting for {holder}, which runs this study at the moment"));
    };
    let run = project.run(&options, &progress, &waiting)?;
    // also where stages failed: what the others dropped belongs to what was published
    tell(&run, out)?;
    report(&project, &run, start, out)?;
    match run.mistakes {
        None => Ok(true),
        Some(mistakes) => Err(Trouble::Partly(mistakes)),
    }
}

/// Says what a run would do, and whether it would begin.
fn foresee(project: &Project, options: &RunOptions, out: &mut dyn Write) -> Done {
    let foresight = project.foresee(options)?;
    for planned in &foresight.stages {
        write_stage(planned, out)?;
    }
    for (path, stage) in &foresight.outputs {
        writeln!(out, "may write {path}: of {stage}")?;
    }
    let open = foresight.stages.iter().filter(|stage| stage.standing != Standing::Fresh).count();
    let stages = stages_of(project, foresight.stages.len());
    writeln!(out, "{}: {stages}, {open} to be made; nothing was written", project.source().0)?;
    match foresight.refusal {
        None => Ok(true),
        Some(refusal) => Err(refusal.into()),
    }
}

/// `7 stages`, or `4 of 7 stages` where others were not asked for.
fn stages_of(project: &Project, asked: usize) -> String {
    let all = project.pipeline.stage_ids().count();
    if asked < all { format!("{asked} of {}", count(all, "stage")) } else { count(all, "stage") }
}

/// What the stages dropped, left unmatched or turned into queries, by rule.
fn tell(run: &engine::Run, out: &mut dyn Write) -> io::Result<()> {
    for report in run.reports.iter().filter(|report| !report.told.is_empty()) {
        writeln!(out, "noted    {}: {}", report.id, study::revealed(&report.told.join("; ")))?;
    }
    Ok(())
}

/// Says which conditions missing values left open, by rule.
/// Those of stages that did not run again are only counted: they were told before.
fn tell_unknowns(run: &engine::Run, out: &mut dyn Write) -> io::Result<()> {
    let is_fresh = |stage: &StageId| {
        run.reports.iter().any(|report| report.id == *stage && report.outcome == Outcome::Fresh)
    };
    let (before, now): (Vec<_>, Vec<_>) =
        run.unknowns.iter().partition(|(stage, _)| is_fresh(stage));
    for (stage, unknown) in now {
        writeln!(out, "unknown  {stage}.{}: {}", unknown.parameter, unknown.words())?;
    }
    match before.len() {
        0 => Ok(()),
        some => writeln!(
            out,
            "unknown  {} met missing values, as told when their stages ran (--force tells them again)",
            count(some, "condition")
        ),
    }
}

fn report(
    project: &Project,
    run: &engine::Run,
    start: Instant,
    out: &mut dyn Write,
) -> io::Result<()> {
    if run.recovered {
        writeln!(out, "finished the publication that an interrupted run had begun")?;
    }
    let ran = run.reports.iter().filter(|report| matches!(report.outcome, Outcome::Ran(_))).count();
    let restored = run.reports.iter().filter(|report| report.outcome == Outcome::Restored).count();
    let published = &run.published;
    for path in &published.written {
        writeln!(out, "wrote    {path}")?;
    }
    for path in &published.removed {
        writeln!(out, "removed  {path}: no stage makes it any more")?;
    }
    for path in &published.left {
        writeln!(
            out,
            "left     {path}: no stage makes it any more, and no run of this store made it"
        )?;
    }
    if published.attributes {
        writeln!(out, "wrote    .gitattributes: git leaves the line ends of this study alone")?;
    }
    for path in &run.line_ends {
        writeln!(out, "note     {path}: {ONLY_LINE_ENDS}")?;
    }
    tell_unknowns(run, out)?;
    let stages = stages_of(project, run.reports.len());
    let took = seconds(start.elapsed());
    let files = format!(
        "{} written, {} unchanged",
        count(published.written.len(), "file"),
        published.unchanged
    );
    // a file that was put back is something done, though no stage ran
    let summary = if ran + restored == 0 && published.written.is_empty() && run.mistakes.is_none() {
        format!("{}: {stages}, nothing to do ({took})", project.source().0)
    } else {
        let restored = if restored > 0 { format!(", {restored} restored") } else { String::new() };
        let fresh = run.reports.iter().filter(|report| report.outcome == Outcome::Fresh).count();
        let is_lost = |outcome: &Outcome| matches!(outcome, Outcome::Failed | Outcome::Skipped);
        let lost = match run.reports.iter().filter(|report| is_lost(&report.outcome)).count() {
            0 => String::new(),
            lost => format!(", {lost} failed or skipped"),
        };
        format!(
            "{}: {stages}, {ran} ran{restored}, {fresh} fresh{lost}; {files} ({took})",
            project.source().0
        )
    };
    writeln!(out, "{summary}")?;
    // a lock of some stages would vouch for a whole that was never made
    if run.reports.len() < project.pipeline.stage_ids().count() && ran + restored > 0 {
        writeln!(out, "the lock is the former one: `restudy run` makes the rest, and writes it")?;
    }
    Ok(())
}
