//! `restudy verify`.

use std::io::Write;
use std::path::Path;

use engine::{Difference, Verification};

use super::bundle::read_key;
use super::run::Progress;
use super::{Done, count, open};
use crate::arguments::Verify;
use crate::bundle::{CheckingKey, Inspection, inspect};
use crate::screen::Trouble;

/// Makes everything again and compares; of a bundle, compares what is in it.
pub(crate) fn verify(
    arguments: &Verify,
    out: &mut dyn Write,
    err: &mut (dyn Write + Send),
) -> Done {
    let file = &arguments.file;
    // by its name, as an archive that is damaged may not look like one
    let is_bundle = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    if !is_bundle {
        return verify_study(file, out, err);
    }
    let bytes = std::fs::read(file).map_err(|error| trouble(file, &error))?;
    let key = arguments.key.as_deref().map(|path| read_key(path, CheckingKey::read)).transpose()?;
    let found = inspect(&bytes, key.as_ref());
    for (path, how) in &found.faults {
        writeln!(out, "DIFFERS  {path}: {how}")?;
    }
    writeln!(out, "{}", summary_of_bundle(&found))?;
    // what is damaged is not made again: it would differ for that reason alone
    if !arguments.again || !found.faults.is_empty() {
        return Ok(found.faults.is_empty());
    }
    if found.withheld > 0 {
        return Err(Trouble::Other {
            message: "the bundle does not hold the data, so that nothing can be made again".into(),
            hint: Some("unpack it, put the data in their places, and `restudy verify`".into()),
        });
    }
    // fresh, and taken away when this ends: it holds rows of patients
    let folder = tempfile::tempdir().map_err(|error| trouble(&std::env::temp_dir(), &error))?;
    let unpacked = found.unpack(folder.path()).map_err(|error| trouble(folder.path(), &error))?;
    verify_study(&unpacked, out, err)
}

fn trouble(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Other { message: format!("failed to read `{}`: {error}", path.display()), hint: None }
}

fn summary_of_bundle(found: &Inspection) -> String {
    let withheld = match found.withheld {
        0 => String::new(),
        several => format!("; {} stated by digest and not in it", count(several, "file")),
    };
    let signed = if found.is_signed { ", signed by the key" } else { "" };
    match found.faults.len() {
        0 => {
            let files = count(found.agree, "file");
            format!("verified: {files} as stated, to the byte{signed}{withheld}")
        }
        several => {
            let differ = if several == 1 { "differs" } else { "differ" };
            format!("NOT verified: {several} {differ}{withheld}")
        }
    }
}

fn verify_study(file: &Path, out: &mut dyn Write, err: &mut (dyn Write + Send)) -> Done {
    let project = open(file)?;
    // stages are not told: all of them run, whatever was made before
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
