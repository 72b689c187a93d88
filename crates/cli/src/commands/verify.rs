//! `restudy verify`.

use std::io::Write;

use engine::{Difference, Verification};

use super::run::Progress;
use super::{Done, count, open};
use crate::arguments::File;

/// Makes everything again and compares.
pub(crate) fn verify(arguments: &File, out: &mut dyn Write, err: &mut (dyn Write + Send)) -> Done {
    let project = open(&arguments.file)?;
    let verification = project.verify(&Progress::on(err, true))?;
    if verification.pipeline_changed {
        writeln!(
            out,
            "CHANGED  {}: it says something else than at the last accepted run",
            project.source().0
        )?;
    }
    for input in &verification.inputs {
        writeln!(out, "CHANGED  {}: {}", input.path, input.what)?;
    }
    for output in &verification.outputs {
        write_difference(output, out)?;
    }
    writeln!(out, "{}", summary(&verification))?;
    Ok(verification.is_same())
}

fn write_difference(difference: &Difference, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "DIFFERS  {}: {}", difference.path, difference.what)?;
    for (disk, made) in &difference.lines {
        writeln!(out, "           on disk    {disk}")?;
        writeln!(out, "           made again {made}")?;
    }
    Ok(())
}

fn summary(verification: &Verification) -> String {
    let outputs = count(verification.compared, "output");
    if verification.is_same() {
        return format!(
            "verified: {outputs} made again from the raw files, every byte as in the lock"
        );
    }
    let differ = |n: usize| if n == 1 { "1 differs".to_owned() } else { format!("{n} differ") };
    format!(
        "NOT verified: of {outputs} {}, of the inputs {}",
        differ(verification.outputs.len()),
        differ(verification.inputs.len())
    )
}
