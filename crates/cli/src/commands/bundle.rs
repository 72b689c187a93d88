//! `restudy bundle`.

use std::io::Write;
use std::path::Path;

use super::{Done, count, open};
use crate::arguments;
use crate::bundle::{Bundle, Citation, SigningKey};
use crate::screen::Trouble;

/// Writes a study as one file to hand on.
pub(crate) fn bundle(arguments: &arguments::Bundle, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    // fails where files differ from the lock: only an accepted run is handed on
    let holdings = project.holdings()?;
    let citation = Citation::beside(&arguments.file)?;
    let stages: Vec<_> = project.pipeline.stage_ids().cloned().collect();
    let study = &project.pipeline.settings;
    // read before anything is written, so that a wrong key leaves no unsigned bundle
    // behind
    let key = arguments.key.as_deref().map(|path| read_key(path, SigningKey::read)).transpose()?;
    let key = key.as_ref();
    let bundle = Bundle { holdings: &holdings, study, citation: &citation, stages: &stages, key };
    let archive = bundle.archive().map_err(|message| Trouble::Other { message, hint: None })?;
    write_file(&arguments.output, &archive)?;
    let withheld = bundle.withheld().count();
    let held = holdings.files.len() - withheld;
    let digests = match withheld {
        0 => String::new(),
        several => format!(", and the digests of {}", count(several, "data file")),
    };
    let place = arguments.output.display();
    writeln!(out, "{place}: {} of the lock{digests}", count(held, "file"))?;
    let lacks = citation.lacks();
    if !lacks.is_empty() {
        let keys: Vec<String> = lacks.iter().map(|key| format!("`{key}`")).collect();
        writeln!(
            out,
            "note: CITATION.cff beside the pipeline file does not declare {}: the bundle leaves that out, \
             and validators of RO-Crate will miss it",
            keys.join(", ")
        )?;
    }
    Ok(true)
}

/// Writes a file that the user named.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    std::fs::write(path, bytes).map_err(|error| Trouble::Other {
        message: format!("cannot write {}: {error}", path.display()),
        hint: None,
    })
}

/// Reads a key that the user named.
pub(super) fn read_key<T>(
    path: &Path,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Trouble> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let key = match text {
        Ok(text) => read(&text),
        Err(why) => Err(format!("cannot be read: {why}")),
    };
    key.map_err(|how| Trouble::Other { message: format!("{} {how}", path.display()), hint: None })
}
