//! Two runs of a study side by side, for whoever asks what changed: as text for a
//! screen, as JSON, and as a page.

use engine::Definition;
use serde::Serialize;
use study::{Difference, Reading, StudySettings};
use tera::{Context, Tera};

use crate::draw::Face;
use crate::format;
use crate::listing::printed;
use crate::render::font_faces;

const TEMPLATE: &str = include_str!("templates/comparison.html");
const STYLE: &str = include_str!("templates/supplement.css");

/// Who is compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// As it was asked for.
    pub name: String,
    /// Title of the study; none where its file was not found or is not understood.
    pub title: Option<String>,
    /// Digest of what its pipeline file says, from its lock.
    pub pipeline: Option<String>,
    /// How many findings it has.
    pub findings: usize,
    /// What could not be read of it.
    pub remarks: Vec<String>,
}

/// A raw file or text that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileChange {
    /// Its path, relative to the pipeline file.
    pub path: String,
    /// The stage that reads it, with its line in the pipeline file.
    pub reader: Option<(String, usize)>,
    /// SHA-256 on the first side.
    pub before: Option<String>,
    /// SHA-256 on the second side.
    pub after: Option<String>,
    /// The cells that differ, or whole rows.
    pub cells: Vec<CellChange>,
}

/// A cell that is not the same, or a row that only one side has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellChange {
    /// Line on the first side, from 1.
    pub line_before: Option<u64>,
    /// Line on the second side, from 1.
    pub line_after: Option<u64>,
    /// The column; none of a whole row.
    pub column: Option<String>,
    /// What stands on the first side.
    pub before: Option<String>,
    /// What stands on the second side.
    pub after: Option<String>,
}

/// A finding that is not the same, with how it is printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// Its id, as the second side has it where both do.
    pub id: String,
    /// Its former id, where only that changed.
    pub former_id: Option<String>,
    /// As the first side prints it.
    pub printed_before: Option<String>,
    /// As the second side prints it.
    pub printed_after: Option<String>,
    /// Whether a reader sees another text.
    pub printed_changed: bool,
    /// The second number less the first.
    pub absolute: Option<f64>,
    /// That as a share of the first.
    pub relative: Option<f64>,
    /// That in standard errors of the first side.
    pub standard_errors: Option<f64>,
    /// What of it is below: full precision, what changed, what turned.
    pub difference: Difference,
    /// The definitions and files behind it that are not the same.
    pub causes: Vec<String>,
}

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The two sides.
    pub sides: [Side; 2],
    /// Where the two first part, in words.
    pub parting: Option<String>,
    /// What their pipeline files do not define alike.
    pub definitions: Vec<Definition>,
    /// The files that they read and that are not the same.
    pub files: Vec<FileChange>,
    /// The findings that are not the same.
    pub findings: Vec<Moved>,
}

impl Moved {
    /// A finding that is not the same, printed as each side's study prints it.
    #[must_use]
    pub fn new(
        difference: Difference,
        studies: [Option<&StudySettings>; 2],
        causes: Vec<String>,
    ) -> Self {
        let text = |reading: &Option<Reading>, study: Option<&StudySettings>| {
            reading.as_ref().zip(study).map(|(reading, study)| printed(reading, study))
        };
        // A side whose pipeline file is not understood is printed by the rules of the other.
        // Otherwise its numbers could not be shown at all.
        let before = text(&difference.before, studies[0].or(studies[1]));
        let after = text(&difference.after, studies[1].or(studies[0]));
        let former = difference.before.as_ref().filter(|_| difference.is_renamed());
        Self {
            id: difference.id().to_owned(),
            former_id: former.map(|reading| reading.id.clone()),
            printed_changed: before != after,
            printed_before: before,
            printed_after: after,
            absolute: difference.absolute(),
            relative: difference.relative(),
            standard_errors: difference.standard_errors(),
            causes,
            difference,
        }
    }

    fn is_added(&self) -> bool {
        self.difference.before.is_none()
    }

    fn is_removed(&self) -> bool {
        self.difference.after.is_none()
    }

    /// What a line says of it beside the printed numbers.
    fn remarks(&self) -> Vec<String> {
        let mut said = Vec::new();
        // Standard errors say whether a move matters, which a percentage of a coefficient near zero
        // does not. So the percentage stands only where there are none.
        if let Some(errors) = self.standard_errors.filter(|errors| *errors != 0.0) {
            said.push(format!("{} standard errors", signed(errors, 2)));
        } else if let Some(relative) = self.relative.filter(|relative| *relative != 0.0) {
            said.push(format!("{}%", signed(relative * 100.0, 2)));
        }
        let turned = self.difference.flips.iter().map(words_of);
        // In capitals, since a list of hundreds of lines is skimmed.
        said.extend(turned.map(|flip| format!("TURNED: {flip}")));
        let differs = self.difference.before.is_some() && self.difference.after.is_some();
        if differs && !self.difference.moved() {
            let parts = self.difference.changed.iter().map(words_of);
            said.push(format!("{} alone", parts.collect::<Vec<_>>().join(", ")));
        } else if differs && !self.printed_changed {
            said.push("printed alike".to_owned());
        }
        said
    }
}

/// The word by which a choice is known in JSON, with blanks.
fn words_of(choice: &impl Serialize) -> String {
    let word = serde_json::to_value(choice).ok();
    let word = word.as_ref().and_then(|word| word.as_str()).unwrap_or_default();
    word.replace('_', " ")
}

/// A number with its sign; to two significant digits where so many decimals show
/// nothing of it.
fn signed(value: f64, decimals: usize) -> String {
    let text = format::number(value.abs(), decimals);
    let nothing = text.chars().all(|c| matches!(c, '0' | '.'));
    // `+0.00` of something that moved would read as no move.
    let text = if nothing { format!("{:.1e}", value.abs()) } else { text };
    format!("{}{text}", if value < 0.0 { '\u{2212}' } else { '+' })
}

impl Comparison {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.definitions.is_empty() && self.files.is_empty() && self.findings.is_empty()
    }

    /// The comparison as JSON, complete and at full precision.
    ///
    /// # Panics
    /// Never: all of it is plain values.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("invariant: plain values always serialise")
    }

    /// The findings that moved, those with a turned conclusion first, then by how
    /// far they moved.
    fn in_order(&self) -> Vec<&Moved> {
        let mut both: Vec<&Moved> =
            self.findings.iter().filter(|one| !one.is_added() && !one.is_removed()).collect();
        let far = |one: &Moved| {
            let by = one.standard_errors.or(one.relative).unwrap_or(0.0).abs();
            // False sorts before true: what turned comes first, then what readers will see, then
            // the farthest move.
            (one.difference.flips.is_empty(), !one.printed_changed, -by)
        };
        both.sort_by(|one, other| {
            // A move from or to what is no number cannot be ordered. It keeps its place among its
            // neighbours.
            far(one).partial_cmp(&far(other)).unwrap_or(std::cmp::Ordering::Equal)
        });
        both
    }

    fn summary(&self) -> Vec<String> {
        let both = self.in_order();
        let count =
            |of: &dyn Fn(&Moved) -> bool| self.findings.iter().filter(|one| of(one)).count();
        let renamed = count(&|one| one.former_id.is_some());
        let moved = both.iter().filter(|one| one.difference.moved()).count();
        let printed =
            both.iter().filter(|one| one.difference.moved() && one.printed_changed).count();
        let turned = count(&|one| !one.difference.flips.is_empty());
        // What stands on both sides either moved, was renamed, or differs in something else.
        let other = both.len() - moved - renamed;
        let rows = [
            (self.definitions.len(), "defined otherwise", "definition"),
            (self.files.len(), "of other content", "file"),
            (count(&Moved::is_added), "only on the second side", "finding"),
            (count(&Moved::is_removed), "only on the first side", "finding"),
            (renamed, "under another id", "finding"),
            (moved, "moved", "finding"),
            (printed, "printed otherwise", "finding"),
            (turned, "with a conclusion that turned", "finding"),
            (other, "with other counts, methods or warnings alone", "finding"),
        ];
        let said = rows.into_iter().filter(|(count, _, _)| *count > 0);
        said.map(|(count, what, noun)| {
            format!("{count} {noun}{} {what}", if count == 1 { "" } else { "s" })
        })
        .collect()
    }

    /// The comparison as text for a screen; of long lists at most `most` rows each.
    #[must_use]
    pub fn text(&self, most: usize) -> String {
        let mut lines = Vec::new();
        for (which, side) in ["first", "second"].iter().zip(&self.sides) {
            let title = side.title.as_deref().unwrap_or("no pipeline file was found");
            let digest = side.pipeline.as_deref().map_or(String::new(), |digest| {
                // Twelve digits are enough to tell two files apart. A lock that was edited by hand
                // may hold fewer.
                format!(", pipeline {}", digest.get(..12).unwrap_or(digest))
            });
            lines.push(format!(
                "{which:<7} {}: {title} ({} findings{digest})",
                side.name, side.findings
            ));
            lines.extend(side.remarks.iter().map(|remark| format!("        {remark}")));
        }
        if self.is_same() {
            lines.push("nothing differs".to_owned());
            return lines.join("\n") + "\n";
        }
        if let Some(parting) = &self.parting {
            lines.push(format!("the two part at {parting}"));
        }
        section(&mut lines, "definitions", self.definitions.iter().map(definition), most);
        section(
            &mut lines,
            "files",
            // Rows are cut within each file. Cut again here, whole files would be lost behind one
            // that changed much.
            self.files.iter().flat_map(|file| file_lines(file, most)),
            usize::MAX,
        );
        let added = self.findings.iter().filter(|one| one.is_added());
        let removed = self.findings.iter().filter(|one| one.is_removed());
        let one_side = |one: &Moved| {
            let text = one.printed_before.as_ref().or(one.printed_after.as_ref());
            format!("{}  {}", one.id, text.map_or("", String::as_str))
        };
        section(&mut lines, "only on the first side", removed.map(one_side), most);
        section(&mut lines, "only on the second side", added.map(one_side), most);
        section(&mut lines, "findings", self.in_order().into_iter().map(moved), most);
        lines.push(self.summary().join(", "));
        lines.join("\n") + "\n"
    }

    /// The comparison as a page, both values side by side.
    ///
    /// # Panics
    /// Never: its template is the program's own, as the tests show.
    #[must_use]
    pub fn page(&self) -> String {
        let in_order: Vec<serde_json::Value> = self
            .in_order()
            .into_iter()
            .map(|one| {
                let full = |reading: &Option<Reading>| {
                    let reading = reading.as_ref();
                    // As text: the template would print a double in its own way.
                    reading.and_then(|reading| reading.value).map(|value| value.to_string())
                };
                serde_json::json!({
                    "id": one.id,
                    "former_id": one.former_id,
                    "before": one.printed_before,
                    "after": one.printed_after,
                    "full_before": full(&one.difference.before),
                    "full_after": full(&one.difference.after),
                    "turned": !one.difference.flips.is_empty(),
                    "remarks": one.remarks(),
                    "causes": one.causes,
                })
            })
            .collect();
        // They have nothing to stand beside, and would leave half of the columns empty.
        let one_sided: Vec<&Moved> =
            self.findings.iter().filter(|one| one.is_added() || one.is_removed()).collect();
        let mut context = Context::new();
        context.insert("fonts", &font_faces(&Face::ALL));
        context.insert("style", STYLE);
        context.insert("version", env!("CARGO_PKG_VERSION"));
        context.insert("sides", &self.sides);
        context.insert("same", &self.is_same());
        context.insert("parting", &self.parting);
        context.insert("summary", &self.summary());
        context.insert("definitions", &self.definitions);
        context.insert("files", &self.files);
        context.insert("moved", &in_order);
        context.insert("one_sided", &one_sided);
        let mut tera = Tera::new();
        tera.add_raw_template("comparison.html", TEMPLATE)
            .and_then(|()| tera.render("comparison.html", &context))
            .expect("invariant: the page's own template holds, as the tests show")
    }
}

fn section(lines: &mut Vec<String>, title: &str, rows: impl Iterator<Item = String>, most: usize) {
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return;
    }
    lines.push(format!("{title}:"));
    let more = rows.len().saturating_sub(most);
    lines.extend(rows.into_iter().take(most).map(|row| format!("  {row}")));
    if more > 0 {
        lines.push(format!("  and {more} more: `--json` and `--html` hold all"));
    }
}

fn definition(one: &Definition) -> String {
    let said = |said: &Option<engine::Said>| match said {
        Some(said) => format!("`{}` (line {})", said.value, said.line),
        None => "nothing".to_owned(),
    };
    format!("{}: {} became {}", one.at, said(&one.before), said(&one.after))
}

fn file_lines(file: &FileChange, most: usize) -> Vec<String> {
    let reader = match &file.reader {
        Some((stage, line)) => format!(", read by {stage} (line {line})"),
        None => String::new(),
    };
    let what = match (&file.before, &file.after) {
        (Some(_), None) => "is read on the first side only",
        (None, Some(_)) => "is read on the second side only",
        _ => "is of other content",
    };
    let mut lines = vec![format!("{} {what}{reader}", file.path)];
    let more = file.cells.len().saturating_sub(most);
    lines.extend(file.cells.iter().take(most).map(|cell| format!("  {}", cell.words())));
    if more > 0 {
        lines.push(format!("  and {more} more: `--json` and `--html` hold all"));
    }
    lines
}

impl CellChange {
    /// The change in words.
    #[must_use]
    pub fn words(&self) -> String {
        let line = match (self.line_before, self.line_after) {
            // A row above it was added or dropped. Both lines are told, as an auditor looks both
            // up.
            (Some(before), Some(after)) if before != after => {
                format!("line {before}, now {after}")
            }
            (Some(line), _) | (None, Some(line)) => format!("line {line}"),
            (None, None) => String::new(),
        };
        match (&self.column, &self.before, &self.after) {
            (Some(column), before, after) => {
                let cell = |cell: &Option<String>| match cell {
                    Some(text) => format!("`{text}`"),
                    None => "nothing".to_owned(),
                };
                format!("{line}, {column}: {} became {}", cell(before), cell(after))
            }
            (None, Some(row), _) => format!("{line} is on the first side only: {row}"),
            (None, None, row) => {
                format!("{line} is on the second side only: {}", row.as_deref().unwrap_or_default())
            }
        }
    }
}

fn moved(one: &Moved) -> String {
    let id = match &one.former_id {
        Some(former) => format!("{former} is {} now", one.id),
        None => one.id.clone(),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let numbers = match one.printed_changed {
        true => format!("{} became {}", text(&one.printed_before), text(&one.printed_after)),
        false => text(&one.printed_after),
    };
    let mut said = one.remarks();
    if let [cause, rest @ ..] = one.causes.as_slice() {
        let more =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        said.push(format!("behind it {cause}{more}"));
    }
    let said = if said.is_empty() { String::new() } else { format!("  [{}]", said.join("; ")) };
    format!("{id}  {numbers}{said}")
}
