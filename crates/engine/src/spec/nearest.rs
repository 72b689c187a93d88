//! "did you mean": the name a user most likely had in mind.

/// What to hint when `written` is none of `names`: the nearest of them, or all
/// where none is near and they are few.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let wanted = written.to_lowercase();
    let near = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), *name))
        .filter(|(distance, name)| {
            *distance <= 1 + name.chars().count().max(wanted.chars().count()) / 4
        })
        .min();
    match near {
        Some((_, name)) => Some(format!("did you mean `{name}`?")),
        None if names.is_empty() || names.len() > 24 => None,
        None => {
            let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            Some(format!("there are: {}", listed.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let names = ["pfs_days", "os_days", "age"];
        assert_eq!(
            nearest("pfs_day", names.into_iter()).as_deref(),
            Some("did you mean `pfs_days`?")
        );
        assert_eq!(nearest("Age", names.into_iter()).as_deref(), Some("did you mean `age`?"));
    }

    #[test]
    fn without_a_near_one_the_few_are_listed() {
        assert_eq!(
            nearest("histology", ["a", "b"].into_iter()).as_deref(),
            Some("there are: `a`, `b`")
        );
        assert_eq!(nearest("x", std::iter::empty()), None);
    }
}
