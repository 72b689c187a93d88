//! Takes out of a text what differs from run to run.

use std::path::Path;

/// The text without the folder's path, and with `TIME` for every duration.
pub(crate) fn masked(text: &str, folder: &Path) -> String {
    let folder = format!("{}/", folder.display());
    let lines = text.replace(&folder, "");
    // `lines()` would drop the last break, which an expectation may hold
    let lines: Vec<String> = lines.split('\n').map(without_durations).collect();
    lines.join("\n")
}

/// `ran        12 ms  report.page` to `ran TIME  report.page`.
fn without_durations(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    // a line may hold several durations
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let number = rest[start..]
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .map_or(rest.len(), |length| start + length);
        let before = &rest[..start];
        // so that `3 stages` and `12 small` keep their numbers
        match [" ms", " s"].iter().find_map(|unit| ending(&rest[number..], unit)) {
            Some(after) => {
                // durations stand flush right, so the room before them differs with their digits
                let padded = before.ends_with("  ");
                kept.push_str(if padded { before.trim_end() } else { before });
                kept.push_str(if padded { " TIME" } else { "TIME" });
                rest = after;
            }
            None => {
                kept.push_str(&rest[..number]);
                rest = &rest[number..];
            }
        }
    }
    kept + rest
}

/// What stands behind a unit, where it is a word of its own.
fn ending<'t>(text: &'t str, unit: &str) -> Option<&'t str> {
    text.strip_prefix(unit).filter(|after| !after.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_the_folder_go() {
        let folder = Path::new("/tmp/x1");
        for (text, expected) in [
            ("ran         12 ms  report.page", "ran TIME  report.page"),
            ("/tmp/x1/pipeline.yaml: 3 stages (1.5 s)", "pipeline.yaml: 3 stages (TIME)"),
            ("3 stages, 14 months, 12 small", "3 stages, 14 months, 12 small"),
        ] {
            assert_eq!(masked(text, folder), expected);
        }
    }
}
