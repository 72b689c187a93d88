//! The tables of a page for LaTeX: `longtable` with the rules of `booktabs`,
//! headings again on every page, footnotes under the table. To be read by
//! LuaLaTeX or XeLaTeX, which know all letters that are printed.

use std::fmt::Write as _;

use study::printed::{Alignment, Cell, Column, Row, RowRole, Table, Tone};
use study::{Body, Exhibit, Paragraph, ParagraphRole, StudySettings};

use super::footnote::letters;
use crate::exhibit::mark_remark;
use crate::page::Page;

/// Columns of words that hold longer texts than this break lines.
const LONG: usize = 28;
/// Tables with more letters in a row than this lie on their side.
const WIDE: usize = 110;

/// All tables of the page, in its order.
pub(crate) fn latex(page: &Page<'_>, study: &StudySettings) -> Vec<u8> {
    let mut text = format!(
        "% {}: {}\n% for LuaLaTeX or XeLaTeX, with \\usepackage{{booktabs,longtable,array,pdflscape}}\n",
        comment(&page.title),
        comment(&study.title)
    );
    for exhibit in page.parts.iter().flat_map(|part| &part.exhibits) {
        if let Body::Table(printed) = &exhibit.body {
            text += &table(exhibit, printed, study);
        }
    }
    text.into_bytes()
}

fn comment(text: &str) -> String {
    // A line break would end the comment, and the rest be typeset.
    text.replace(['\n', '\r'], " ")
}

fn table(exhibit: &Exhibit, table: &Table, study: &StudySettings) -> String {
    let (widths, width) = widths(table);
    let is_wide = width > WIDE;
    let mut text = format!("\n% {}\n", comment(&exhibit.name));
    if is_wide {
        text += "\\begin{landscape}\n";
    }
    // In braces, so that the size ends with the table and its remarks.
    text += "{\\footnotesize\n";
    let columns: String = table
        .columns
        .iter()
        .zip(&widths)
        .map(|(column, width)| specified(column, *width))
        .collect();
    let mark = study.mark().map(|mark| format!(" [{}]", escaped(mark))).unwrap_or_default();
    // `@{}` at both ends: rules of booktabs are as long as the words.
    writeln!(text, "\\begin{{longtable}}{{@{{}}{columns}@{{}}}}").expect("invariant: text grows");
    // the label is the page's own: LaTeX's counter would give another
    writeln!(
        text,
        "\\caption*{{\\textbf{{{}}}{mark} {}}}\\\\",
        escaped(&exhibit.label),
        escaped(&exhibit.title)
    )
    .expect("invariant: text grows");
    let head = headings(table);
    // Headings twice, as longtable wants them: for the first page, and for each further one.
    text += &format!("\\toprule\n{head}\\midrule\n\\endfirsthead\n");
    text += &format!(
        "\\multicolumn{{{}}}{{@{{}}l}}{{\\textbf{{{}}} (continued)}}\\\\\n\\toprule\n{head}\\midrule\n\\endhead\n",
        table.columns.len(),
        escaped(&exhibit.label)
    );
    text += "\\bottomrule\n\\endlastfoot\n";
    for (place, row) in table.rows.iter().enumerate() {
        text += &table_row(row, &table.columns, place == 0);
    }
    text += "\\end{longtable}\n";
    for paragraph in &exhibit.caption {
        text += &remark(paragraph);
    }
    if let Some(remark) = mark_remark(study).filter(|_| exhibit.caption.is_empty()) {
        writeln!(text, "\\noindent\\emph{{{}}}\\par", escaped(remark))
            .expect("invariant: text grows");
    }
    text += "}\n";
    if is_wide {
        text += "\\end{landscape}\n";
    }
    text
}

/// The longest text of each column, and of a row of them.
fn widths(table: &Table) -> (Vec<usize>, usize) {
    let longest = |(place, column): (usize, &Column)| {
        let values = table.rows.iter().filter(|row| row.role == RowRole::Values);
        let cells = values.filter_map(|row| Some(row.cells.get(place)?.plain().chars().count()));
        cells.chain([column.label.chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = table.columns.iter().enumerate().map(longest).collect();
    let whole = widths.iter().map(|width| width.min(&LONG) + 2).sum();
    (widths, whole)
}

/// A column as LaTeX declares it; long words have a width, as a share of the line.
fn specified(column: &Column, width: usize) -> String {
    match column.alignment {
        Alignment::Numbers => "c".to_owned(),
        Alignment::Words if width > LONG => {
            // `\raggedright` makes `\\` end a line of the cell. `\arraybackslash` makes it end the
            // row again.
            ">{\\raggedright\\arraybackslash}p{0.26\\linewidth}".to_owned()
        }
        Alignment::Words => "l".to_owned(),
    }
}

fn headings(table: &Table) -> String {
    let mut text = String::new();
    if !table.spans.is_empty() {
        let (mut left, mut rules, mut cells) = (1, String::new(), Vec::new());
        for span in &table.spans {
            let label = escaped(&span.label);
            if label.is_empty() {
                cells.push(format!("\\multicolumn{{{}}}{{c}}{{}}", span.width));
            } else {
                cells.push(format!("\\multicolumn{{{}}}{{c}}{{{label}}}", span.width));
                rules += &format!("\\cmidrule(lr){{{left}-{}}}", left + span.width - 1);
            }
            left += span.width;
        }
        text += &format!("{}\\\\\n{rules}\n", cells.join(" & "));
    }
    let cells = table.columns.iter().map(|column| {
        let letter = if column.alignment == Alignment::Numbers { 'c' } else { 'l' };
        let label = format!("{}{}", escaped(&column.label), marks(&column.footnotes));
        // In a cell of its own, as a heading in a column of broken words would be broken with them.
        format!("\\multicolumn{{1}}{{{letter}}}{{{label}}}")
    });
    text + &cells.collect::<Vec<_>>().join(" & ") + "\\\\\n"
}

fn table_row(row: &Row, columns: &[Column], is_first: bool) -> String {
    if row.role == RowRole::Section {
        let label = row.cells.first().map(inside).unwrap_or_default();
        let space = if is_first { "" } else { "\\addlinespace\n" };
        let width = columns.len();
        // The star forbids a page break between a heading and its first row.
        return format!("{space}\\multicolumn{{{width}}}{{@{{}}l}}{{\\textbf{{{label}}}}}\\\\*\n");
    }
    let indent = "\\quad ".repeat(usize::from(row.indent));
    let empty = Cell::default();
    let cells = (0..columns.len()).map(|place| {
        let cell = inside(row.cells.get(place).unwrap_or(&empty));
        if place == 0 { format!("{indent}{cell}") } else { cell }
    });
    cells.collect::<Vec<_>>().join(" & ") + "\\\\\n"
}

fn inside(cell: &Cell) -> String {
    let text = escaped(&cell.plain());
    let text = match cell.tone {
        Tone::Code if !text.is_empty() => format!("\\texttt{{{text}}}"),
        _ => text,
    };
    text + &marks(&cell.footnotes)
}

fn remark(paragraph: &Paragraph) -> String {
    let text = escaped(&paragraph.text);
    match paragraph.role {
        ParagraphRole::Note => format!("\\noindent {text}\\par\n"),
        ParagraphRole::Footnote(place) => {
            format!("\\noindent\\textsuperscript{{{}}}~{text}\\par\n", letters(&[place]))
        }
        ParagraphRole::Warning => format!("\\noindent\\textbf{{{text}}}\\par\n"),
        ParagraphRole::DataMark => format!("\\noindent\\emph{{{text}}}\\par\n"),
    }
}

fn marks(footnotes: &[usize]) -> String {
    if footnotes.is_empty() {
        return String::new();
    }
    format!("\\textsuperscript{{{}}}", letters(footnotes))
}

/// A text in which nothing is a command of LaTeX.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => safe.push_str("\\textbackslash{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                safe.push('\\');
                safe.push(letter);
            }
            // ligatures of quotation marks and signs of comparison in old fonts
            '<' => safe.push_str("\\textless{}"),
            '>' => safe.push_str("\\textgreater{}"),
            '|' => safe.push_str("\\textbar{}"),
            '"' => safe.push_str("\\textquotedbl{}"),
            // Two hyphens in a row would become a dash.
            '-' => safe.push_str("-{}"),
            // a bracket behind the end of a row would be an argument of it
            '[' => safe.push_str("{[}"),
            ']' => safe.push_str("{]}"),
            '*' => safe.push_str("{*}"),
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_command() {
        assert_eq!(
            escaped("a_b & 5% {x} \\input{y} ~^ <0.001 $1 #2"),
            "a\\_b \\& 5\\% \\{x\\} \\textbackslash{}input\\{y\\} \\textasciitilde{}\\textasciicircum{} \\textless{}0.001 \\$1 \\#2"
        );
        assert_eq!(escaped("[1] *"), "{[}1{]} {*}");
    }
}
