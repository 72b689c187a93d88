//! Exhibits as HTML, for a page that has the fonts: a table with a caption,
//! headings with their scope and a row heading in every row, or a drawing in
//! the page itself. It carries no style but class names.

use study::printed::{Alignment, Cell, Column, Link, Row, RowRole, Table, Tone};
use study::{Body, Exhibit, Paragraph, ParagraphRole, StudySettings};

use super::footnote::{letter, letters};
use super::svg;
use crate::cards::number_link;
use crate::draw::escape;

/// The exhibit itself: a table with its label and title, or a drawing, whose
/// label and title the page sets.
pub(crate) fn body(exhibit: &Exhibit, study: &StudySettings) -> String {
    match &exhibit.body {
        Body::Figure(drawings) => (drawings.iter().enumerate())
            .map(|(place, drawing)| svg::inline(exhibit, place, drawing))
            .collect(),
        Body::Table(printed) => table(printed, &heading(exhibit, study)),
    }
}

/// What stands under the exhibit.
pub(crate) fn caption(exhibit: &Exhibit) -> String {
    exhibit.caption.iter().map(paragraph).collect()
}

fn paragraph(paragraph: &Paragraph) -> String {
    let text = escape(&paragraph.text);
    match paragraph.role {
        ParagraphRole::Note => format!("<p>{text}</p>\n"),
        ParagraphRole::Footnote(place) => {
            format!("<p><sup>{}</sup>\u{a0}{text}</p>\n", letter(place))
        }
        ParagraphRole::Warning => format!("<p class=\"warning\">{text}</p>\n"),
        ParagraphRole::DataMark => format!("<p class=\"mark\">{text}</p>\n"),
    }
}

/// Label, mark and title of an exhibit, on one line.
fn heading(exhibit: &Exhibit, study: &StudySettings) -> String {
    let mark = study
        .mark()
        .map_or_else(String::new, |mark| format!(" <span class=\"mark\">{}</span>", escape(mark)));
    format!(
        "<span class=\"caption\"><span class=\"label\">{}</span>{mark} <span class=\"title\">{}</span></span>",
        escape(&exhibit.label),
        escape(&exhibit.title)
    )
}

fn table(table: &Table, heading: &str) -> String {
    let mut html = format!("<table class=\"printed\">\n<caption>{heading}</caption>\n");
    html += "<thead>\n";
    if !table.spans.is_empty() {
        html += &span_row(table);
    }
    html += "<tr>";
    for column in &table.columns {
        html += &heading_cell(column);
    }
    html += "</tr>\n</thead>\n<tbody>\n";
    for (place, row) in table.rows.iter().enumerate() {
        // A body for each section, as a heading with the scope `rowgroup` holds for the rows of its
        // body.
        if row.role == RowRole::Section && place > 0 {
            html += "</tbody>\n<tbody>\n";
        }
        html += &table_row(row, &table.columns);
    }
    html + "</tbody>\n</table>\n"
}

fn span_row(table: &Table) -> String {
    let mut html = "<tr class=\"spans\">".to_owned();
    for span in &table.spans {
        let label = escape(&span.label);
        html += &match label.as_str() {
            // An empty heading would be read out as one without a name.
            "" => format!("<td colspan=\"{}\"></td>", span.width),
            label => format!("<th scope=\"colgroup\" colspan=\"{}\">{label}</th>", span.width),
        };
    }
    html + "</tr>\n"
}

fn table_row(row: &Row, columns: &[Column]) -> String {
    let first = row.cells.first().map(inside).unwrap_or_default();
    if row.role == RowRole::Section {
        let width = columns.len();
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
    for (place, column) in columns.iter().enumerate().skip(1) {
        let cell = row.cells.get(place).unwrap_or(&empty);
        html += &format!("<td{}>{}</td>", class(column.alignment), inside(cell));
    }
    html + "</tr>\n"
}

fn heading_cell(column: &Column) -> String {
    let marks = marks(&column.footnotes);
    if column.label.is_empty() {
        return "<td></td>".to_owned();
    }
    let label = escape(&column.label);
    let label = match label.rsplit_once(" (") {
        // The name of the interval stays on one line, as the intervals below it do.
        Some((words, interval)) if interval.ends_with("CI)") => {
            format!("{words} <span class=\"interval\">({interval}</span>")
        }
        _ => label,
    };
    format!("<th scope=\"col\"{}>{label}{marks}</th>", class(column.alignment))
}

fn class(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Words => "",
        Alignment::Numbers => " class=\"number\"",
    }
}

fn inside(cell: &Cell) -> String {
    let text = unbroken_brackets(&escape(&cell.text));
    let text = match &cell.finding {
        // An empty link could be tabbed to, and shows nothing.
        Some(finding) if !text.is_empty() => number_link(finding, &text),
        _ => text,
    };
    let text = text + &places(&cell.links) + &marks(&cell.footnotes);
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

/// A number with its interval, such as `0.42 (0.22–0.80)`: where a column is narrow, the line breaks
/// before the interval and never within it.
fn unbroken_brackets(text: &str) -> String {
    let Some((before, behind)) = text.split_once(" (") else { return text.to_owned() };
    // Brackets behind words are ordinary text and may break.
    let is_number = before.ends_with(|last: char| last.is_ascii_digit() || last == '%');
    match behind.split_once(')') {
        Some((within, rest)) if is_number && rest.is_empty() => {
            format!("{before} <span class=\"interval\">({within})</span>")
        }
        _ => text.to_owned(),
    }
}

/// Places as links, one after the other; what stands on no page is only named.
fn places(links: &[Link]) -> String {
    let shown = links.iter().map(|link| {
        let label = escape(&link.label);
        match &link.anchor {
            Some(anchor) => format!("<a href=\"#{}\">{label}</a>", escape(anchor)),
            None => label,
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn marks(footnotes: &[usize]) -> String {
    if footnotes.is_empty() {
        return String::new();
    }
    format!("<sup>{}</sup>", letters(footnotes))
}

#[cfg(test)]
mod tests {
    use study::printed::Span;

    use super::*;
    use crate::sample::study;

    #[test]
    fn an_interval_is_not_broken() {
        let whole = "0.42 <span class=\"interval\">(0.22–0.80)</span>";
        assert_eq!(inside(&Cell::text("0.42 (0.22–0.80)")), whole);
        let share = "6 <span class=\"interval\">(16.2%)</span><sup>a</sup>";
        assert_eq!(inside(&Cell::text("6 (16.2%)").noted(0)), share);
        for text in ["Wald test (robust)", "NR", "0.42 (0.22", "1 (reference) or so"] {
            assert_eq!(inside(&Cell::text(text)), text);
        }
    }

    #[test]
    fn headings_have_scopes_and_footnotes_letters() {
        let columns = vec![
            Column::words("characteristic", "Characteristic"),
            Column::numbers("rt", "RT (n < 40)"),
        ];
        let spans = [("", 1), ("Arm", 1)].map(|(l, width)| Span { label: l.into(), width }).into();
        let rows = vec![
            Row::section("Who they are"),
            Row::below(vec![Cell::text("Female"), Cell::text("5").noted(0)]),
        ];
        let exhibit = Exhibit {
            name: "etable_7".into(),
            label: "eTable 7".into(),
            title: "Patients".into(),
            caption: vec![
                Paragraph::new(ParagraphRole::Footnote(0), "chi-square test"),
                Paragraph::new(ParagraphRole::Note, "A & B."),
                Paragraph::new(ParagraphRole::Warning, "The groups are naive."),
            ],
            body: Body::Table(Table { columns, spans, rows }),
            alternative_text: String::new(),
        };
        // Exhibits are kept in the store: they must hold texts that any renderer can use.
        let stored = serde_json::to_string(&exhibit).expect("plain values");
        assert!(!stored.contains("&lt;") && !stored.contains("<th"), "texts, not HTML: {stored}");
        assert_eq!(serde_json::from_str::<Exhibit>(&stored).expect("reads back"), exhibit);
        assert_eq!(
            body(&exhibit, &study()),
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
        assert_eq!(
            caption(&exhibit),
            "<p><sup>a</sup>\u{a0}chi-square test</p>\n<p>A &amp; B.</p>\n\
             <p class=\"warning\">The groups are naive.</p>\n"
        );
    }
}
