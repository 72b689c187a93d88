//! `restudy export`.

use std::io::Write;

use report::export::{Results, ard_csv, ard_json, ars_json};

use super::bundle::write_file;
use super::{Done, count, open, print};
use crate::arguments::{Export, ExportAs, Format};
use crate::bundle::Citation;
use crate::screen::Trouble;

/// Writes the findings of the last run in a format that other programs load.
pub(crate) fn export(arguments: &Export, out: &mut dyn Write) -> Done {
    let (file, output) = match &arguments.what {
        ExportAs::Ard(ard) => (&ard.file.file, &ard.output),
        ExportAs::Ars(ars) => (&ars.file.file, &ars.output),
    };
    let project = open(file)?;
    let mut results = Results::new(&project.findings(), &project.pipeline.settings);
    let missing = results.not_computed();
    // other programs cannot tell an export with gaps from a whole one
    if missing > 0 {
        return Err(Trouble::Other {
            message: format!("{} not yet computed", are(missing)),
            hint: Some("`restudy run` computes them".to_owned()),
        });
    }
    results.groupings = project.pipeline.groupings();
    // the day that the formats ask for, since no clock is looked at
    results.released = Citation::beside(file)?.released;
    let text = match &arguments.what {
        ExportAs::Ard(ard) if ard.format == Format::Csv => ard_csv(&results),
        ExportAs::Ard(_) => ard_json(&results),
        ExportAs::Ars(_) => ars_json(&results),
    };
    match output {
        None => print(out, &text),
        Some(path) => {
            write_file(path, text.as_bytes())?;
            writeln!(out, "{}", path.display())?;
            Ok(true)
        }
    }
}

fn are(missing: usize) -> String {
    format!("{} {}", count(missing, "finding"), if missing == 1 { "is" } else { "are" })
}
