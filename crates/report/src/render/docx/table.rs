//! Tables of the document: rules above, below and under the headings, headings
//! that stand again on each page, rows that are not broken.

use study::Exhibit;
use study::printed::{Alignment, Cell, Column, Row, RowRole, Table, Tone};

use super::UPRIGHT;
use super::flow::{paragraph, raised, run, runs_of};
use crate::draw::escape;
use crate::render::footnote::letters;
use crate::text::Run;

/// More letters than this make no column wider.
const WIDEST: usize = 34;
/// The narrowest column, in letters.
const NARROWEST: usize = 6;

/// How many letters stand side by side in a row.
pub(super) fn letters_in_a_row(table: &Table) -> usize {
    widths(table).iter().sum()
}

fn widths(table: &Table) -> Vec<usize> {
    let longest = |(place, column): (usize, &Column)| {
        let values = table.rows.iter().filter(|row| row.role == RowRole::Values);
        let cells = values.filter_map(|row| {
            let indent = if place == 0 { 2 * usize::from(row.indent) } else { 0 };
            Some(row.cells.get(place)?.plain().chars().count() + indent)
        });
        // headings break between words
        let words = column.label.split(' ').map(|word| word.chars().count());
        cells.chain(words).max().unwrap_or_default().clamp(NARROWEST, WIDEST) + 2
    };
    table.columns.iter().enumerate().map(longest).collect()
}

/// A printed table of this width in twentieths of a point.
pub(super) fn table(table: &Table, exhibit: &Exhibit, width: u32) -> String {
    let letters = widths(table);
    let all: usize = letters.iter().sum();
    let share = |own: usize| width as usize * own / all.max(1);
    // Fixed widths: Word and other readers would each find their own, and break numbers.
    let grid: Vec<usize> = letters.into_iter().map(share).collect();
    // The alternative words of a table come last among its properties, as the schema has them.
    let words = format!(
        "<w:tblCaption w:val=\"{}\"/><w:tblDescription w:val=\"{}\"/>",
        escape(&exhibit.label),
        escape(&exhibit.alternative_text)
    );
    let mut xml = opened(&grid, &words);
    if !table.spans.is_empty() {
        xml += &spans(table, &grid);
    }
    let headings = table.columns.iter().zip(&grid).map(|(column, width)| {
        let inside = run("", &column.label) + &marks(&column.footnotes);
        cell(*width, 1, UNDER, &paragraph("CellHeading", aligned(column.alignment), &inside))
    });
    xml += &row(HEADING, &headings.collect::<String>());
    for printed in &table.rows {
        xml += &printed_row(printed, table, &grid);
    }
    xml + "</w:tbl>"
}

/// The table of a text, whose first row are the headings.
pub(super) fn of_text(rows: &[Vec<Vec<Run>>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let grid = vec![UPRIGHT as usize / columns; columns];
    let mut xml = opened(&grid, "");
    for (place, cells) in rows.iter().enumerate() {
        let (style, border, kind) =
            if place == 0 { ("CellHeading", UNDER, HEADING) } else { ("Cell", "", "") };
        let inside = (0..columns).map(|column| {
            let runs = cells.get(column).map(|runs| runs_of(runs)).unwrap_or_default();
            cell(grid[column], 1, border, &paragraph(style, "", &runs))
        });
        xml += &row(kind, &inside.collect::<String>());
    }
    // Word joins two tables between which nothing stands.
    xml + "</w:tbl>" + &paragraph("Normal", "", "")
}

const HEADING: &str = "<w:tblHeader/>";
const UNDER: &str = "<w:tcBorders><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/></w:tcBorders>";

/// The table with its rules above and below, and its columns.
fn opened(grid: &[usize], words: &str) -> String {
    let columns: String =
        grid.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    let rule = |side: &str| {
        format!("<w:{side} w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>")
    };
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblBorders>{}{}</w:tblBorders><w:tblLayout w:type=\"fixed\"/>\
         <w:tblCellMar><w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/></w:tblCellMar>{words}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>",
        grid.iter().sum::<usize>(),
        rule("top"),
        rule("bottom")
    )
}

fn row(kind: &str, cells: &str) -> String {
    // A row that is broken over two pages puts a number away from its heading.
    format!("<w:tr><w:trPr><w:cantSplit/>{kind}</w:trPr>{cells}</w:tr>")
}

fn cell(width: usize, columns: usize, border: &str, inside: &str) -> String {
    let span = match columns {
        1 => String::new(),
        columns => format!("<w:gridSpan w:val=\"{columns}\"/>"),
    };
    format!(
        "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{span}{border}</w:tcPr>{inside}</w:tc>"
    )
}

fn spans(table: &Table, grid: &[usize]) -> String {
    let mut left = 0;
    let cells = table.spans.iter().map(|span| {
        let width: usize = grid[left..(left + span.width).min(grid.len())].iter().sum();
        left += span.width;
        let border = if span.label.is_empty() { "" } else { UNDER };
        // A cell must hold a paragraph, even an empty one.
        let label = paragraph("CellHeading", CENTRED, &run("", &span.label));
        cell(width, span.width, border, &label)
    });
    let cells: String = cells.collect();
    row(HEADING, &cells)
}

fn printed_row(printed: &Row, table: &Table, grid: &[usize]) -> String {
    if printed.role == RowRole::Section {
        let label = printed.cells.first().map(inside).unwrap_or_default();
        let whole = grid.iter().sum();
        // a heading over rows stays with the first of them
        let heading = paragraph("CellHeading", "", &label);
        return row("", &cell(whole, grid.len(), "", &heading));
    }
    let empty = Cell::default();
    let cells = table.columns.iter().enumerate().map(|(place, column)| {
        let content = printed.cells.get(place).unwrap_or(&empty);
        let layout = match place {
            0 if printed.indent > 0 => {
                format!("<w:ind w:left=\"{}\"/>", 160 * u32::from(printed.indent))
            }
            _ => aligned(column.alignment).to_owned(),
        };
        cell(grid[place], 1, "", &paragraph("Cell", &layout, &inside(content)))
    });
    row("", &cells.collect::<String>())
}

const CENTRED: &str = "<w:jc w:val=\"center\"/>";

fn aligned(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Words => "",
        Alignment::Numbers => CENTRED,
    }
}

fn inside(cell: &Cell) -> String {
    let look = match cell.tone {
        Tone::Code => {
            "<w:rFonts w:ascii=\"Courier New\" w:hAnsi=\"Courier New\" w:cs=\"Courier New\"/>"
        }
        Tone::Quiet => "<w:color w:val=\"555555\"/>",
        // No colour: a manuscript is mostly printed in grey, and the word itself is the verdict.
        Tone::Agrees | Tone::Disagrees | Tone::Open => "<w:b/>",
        Tone::Plain => "",
    };
    run(look, &cell.plain()) + &marks(&cell.footnotes)
}

fn marks(footnotes: &[usize]) -> String {
    if footnotes.is_empty() { String::new() } else { raised(&letters(footnotes)) }
}
