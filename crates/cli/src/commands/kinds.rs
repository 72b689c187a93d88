//! `restudy kinds`.

use std::io::Write;

use engine::nearest;

use super::Done;
use crate::arguments::Kinds;
use crate::screen::Trouble;
use crate::{SECTIONS, reference, registry};

/// Lists the kinds, or describes one.
pub(crate) fn kinds(arguments: &Kinds, out: &mut dyn Write) -> Done {
    let registry = registry();
    if arguments.markdown {
        out.write_all(reference::markdown(&registry).as_bytes())?;
        return Ok(true);
    }
    let Some(kind) = &arguments.kind else {
        for section in SECTIONS {
            writeln!(out, "{section}:")?;
            for name in registry.names(section) {
                writeln!(out, "  {name:<26} {}", reference::summary(&registry, section, name))?;
            }
        }
        writeln!(out, "\n`restudy kinds NAME` describes the parameters of one")?;
        return Ok(true);
    };
    let sections: Vec<_> =
        // a kind of one name may stand in several sections
        SECTIONS.into_iter().filter(|section| registry.schema(*section, kind).is_some()).collect();
    if sections.is_empty() {
        let names: Vec<&str> = SECTIONS
            .into_iter()
            .flat_map(|section| registry.names(section).collect::<Vec<_>>())
            .collect();
        let hint = nearest(kind, names.into_iter())
            .or_else(|| Some("`restudy kinds` lists them".to_owned()));
        return Err(Trouble::Other { message: format!("there is no kind `{kind}`"), hint });
    }
    for section in sections {
        out.write_all(reference::kind(&registry, section, kind).as_bytes())?;
    }
    Ok(true)
}
