//! A printed table as HTML: a caption, headings with their scope, a row
//! heading in every row. It carries no style but class names.

use super::{Alignment, Cell, Column, Footnotes, PrintedTable, Row, RowRole, Tone};
use crate::draw::escape;
use crate::exhibit::sentence;

/// What stands above a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heading<'a> {
    /// Such as `eTable 7`.
    pub(crate) label: &'a str,
    /// The title.
    pub(crate) title: &'a str,
    /// The mark of data that are not observed.
    pub(crate) mark: Option<&'a str>,
}

/// Label, mark and title of an exhibit, on one line.
pub(crate) fn heading(heading: &Heading<'_>) -> String {
    let mark = heading
        .mark
        .map_or_else(String::new, |mark| format!(" <span class=\"mark\">{}</span>", escape(mark)));
    format!(
        "<span class=\"caption\"><span class=\"label\">{}</span>{mark} <span class=\"title\">{}</span></span>",
        escape(heading.label),
        escape(heading.title)
    )
}

impl PrintedTable {
    /// The table with its caption.
    pub(crate) fn html(&self, above: &Heading<'_>) -> String {
        let mut html =
            format!("<table class=\"printed\">\n<caption>{}</caption>\n", heading(above));
        html += "<thead>\n";
        if !self.spans.is_empty() {
            html += &self.span_row();
        }
        html += "<tr>";
        for column in &self.columns {
            html += &heading_cell(column);
        }
        html += "</tr>\n</thead>\n<tbody>\n";
        for (place, row) in self.rows.iter().enumerate() {
            if row.role == RowRole::Section && place > 0 {
                html += "</tbody>\n<tbody>\n";
            }
            html += &self.row(row);
        }
        html + "</tbody>\n</table>\n"
    }

    fn span_row(&self) -> String {
        let mut html = "<tr class=\"spans\">".to_owned();
        for span in &self.spans {
            let label = escape(&span.label);
            html += &match label.as_str() {
                "" => format!("<td colspan=\"{}\"></td>", span.width),
                label => format!("<th scope=\"colgroup\" colspan=\"{}\">{label}</th>", span.width),
            };
        }
        html + "</tr>\n"
    }

    fn row(&self, row: &Row) -> String {
        let first = row.cells.first().map(inside).unwrap_or_default();
        if row.role == RowRole::Section {
            let width = self.columns.len();
            return format!(
                "<tr class=\"section\"><th scope=\"rowgroup\" colspan=\"{width}\"><span>{first}</span></th></tr>\n"
            );
        }
        let indent = match row.indent {
            0 => String::new(),
            indent => format!(" class=\"indent-{indent}\""),
        };
        let mut html = format!("<tr><th scope=\"row\"{indent}>{first}</th>");
        let empty = Cell::default();
        for (place, column) in self.columns.iter().enumerate().skip(1) {
            let cell = row.cells.get(place).unwrap_or(&empty);
            let (class, finding, inside) = (class(column.alignment), finding(cell), inside(cell));
            html += &format!("<td{class}{finding}>{inside}</td>");
        }
        html + "</tr>\n"
    }

    /// Footnotes, notes and warnings, for under the table.
    pub(crate) fn remarks(&self) -> String {
        let mut html = String::new();
        for (place, text) in self.footnotes.0.iter().enumerate() {
            let letter = Footnotes::letter(place);
            html += &format!("<p><sup>{letter}</sup>\u{a0}{}</p>\n", escape(text));
        }
        if !self.notes.is_empty() {
            html += &format!("<p>{}</p>\n", escape(&self.notes.join(" ")));
        }
        for warning in &self.warnings {
            html += &format!("<p class=\"warning\">{}</p>\n", escape(&sentence(warning)));
        }
        html
    }
}

fn heading_cell(column: &Column) -> String {
    let marks = marks(&column.footnotes);
    if column.label.is_empty() {
        return "<td></td>".to_owned();
    }
    format!("<th scope=\"col\"{}>{}{marks}</th>", class(column.alignment), escape(&column.label))
}

fn class(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Words => "",
        Alignment::Numbers => " class=\"number\"",
    }
}

fn finding(cell: &Cell) -> String {
    let Some(id) = &cell.finding else { return String::new() };
    format!(" data-finding=\"{}\"", escape(id))
}

fn inside(cell: &Cell) -> String {
    let text = escape(&cell.text) + &marks(&cell.footnotes);
    match cell.tone {
        _ if cell.text.is_empty() => text,
        Tone::Plain => text,
        Tone::Code => format!("<code>{text}</code>"),
        Tone::Quiet => format!("<span class=\"quiet\">{text}</span>"),
        Tone::Agrees => format!("<span class=\"verdict agrees\">{text}</span>"),
        Tone::Disagrees => format!("<span class=\"verdict disagrees\">{text}</span>"),
        Tone::Open => format!("<span class=\"verdict open\">{text}</span>"),
    }
}

fn marks(footnotes: &[usize]) -> String {
    if footnotes.is_empty() {
        return String::new();
    }
    let letters: Vec<String> = footnotes.iter().map(|place| Footnotes::letter(*place)).collect();
    format!("<sup>{}</sup>", letters.join(","))
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    #[test]
    fn headings_have_scopes_and_footnotes_letters() {
        let columns = vec![
            Column::words("characteristic", "Characteristic"),
            Column::numbers("rt", "RT (n < 40)"),
        ];
        let mut table = PrintedTable::of(columns);
        table.spans =
            [("", 1), ("Arm", 1)].map(|(l, width)| Span { label: l.into(), width }).into();
        let note = table.footnotes.place("chi-square test");
        table.rows.push(Row::section("Who they are"));
        table.rows.push(Row::below(vec![Cell::text("Female"), Cell::text("5").noted(note)]));
        table.note("A & B.");
        let above = Heading { label: "eTable 7", title: "Patients", mark: Some("SIMULATED") };
        assert_eq!(
            table.html(&above),
            "<table class=\"printed\">\n\
             <caption><span class=\"caption\"><span class=\"label\">eTable 7</span> \
             <span class=\"mark\">SIMULATED</span> <span class=\"title\">Patients</span></span></caption>\n\
             <thead>\n\
             <tr class=\"spans\"><td colspan=\"1\"></td><th scope=\"colgroup\" colspan=\"1\">Arm</th></tr>\n\
             <tr><th scope=\"col\">Characteristic</th><th scope=\"col\" class=\"number\">RT (n &lt; 40)</th></tr>\n\
             </thead>\n<tbody>\n\
             <tr class=\"section\"><th scope=\"rowgroup\" colspan=\"2\"><span>Who they are</span></th></tr>\n\
             <tr><th scope=\"row\" class=\"indent-1\">Female</th><td class=\"number\">5<sup>a</sup></td></tr>\n\
             </tbody>\n</table>\n"
        );
        table.warnings.push("the groups are naive".into());
        assert_eq!(
            table.remarks(),
            "<p><sup>a</sup>\u{a0}chi-square test</p>\n<p>A &amp; B.</p>\n\
             <p class=\"warning\">The groups are naive.</p>\n"
        );
    }
}
