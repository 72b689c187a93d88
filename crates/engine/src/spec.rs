//! The pipeline file: located, checked against the types, decoded.

/// Placeholder.
pub struct Diagnostic;

/// What to hint when `written` is none of `names`: the nearest of them, or all
/// where none is near and they are few.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let near = names
        .iter()
        .map(|name| {
            (strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase()), *name)
        })
        .filter(|(distance, name)| {
            *distance <= 1 + name.chars().count().max(written.chars().count()) / 4
        })
        .min();
    match near {
        Some((_, name)) => Some(format!("did you mean `{name}`?")),
        None if names.is_empty() || names.len() > 24 => None,
        None => Some(format!(
            "there are: {}",
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        )),
    }
}
