//! The tables of a page as a workbook: a sheet each, numbers as numbers in the
//! digits in which they are printed, and a first sheet that lists them.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use study::printed::{Alignment, Cell, Row, RowRole, Table, Tone};
use study::{Body, Exhibit, Paragraph, ParagraphRole, StudySettings};

use super::footnote::letters;
use crate::exhibit::mark_remark;
use crate::page::Page;

/// More letters than this make no column wider: their cells break lines.
const WIDEST: usize = 44;
/// Excel takes no longer names of sheets.
const LONGEST_NAME: usize = 31;
/// More columns than this are printed on their side.
const UPRIGHT: usize = 6;

/// The workbook.
pub(crate) fn xlsx(page: &Page<'_>, study: &StudySettings) -> Vec<u8> {
    written(page, study).expect("invariant: names and sizes of sheets are within Excel's limits")
}

fn written(page: &Page<'_>, study: &StudySettings) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // a workbook wants a day on which it was made; the same study gives the same bytes
    let no_day = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let made = DocProperties::new()
        .set_title(&page.title)
        .set_subject(&study.title)
        .set_author(page.authors.join(", "))
        .set_comment(mark_remark(study).unwrap_or_default())
        .set_creation_datetime(&no_day);
    book.set_properties(&made);
    let tables: Vec<(&Exhibit, &Table)> = (page.parts.iter())
        .flat_map(|part| &part.exhibits)
        .filter_map(|exhibit| match &exhibit.body {
            Body::Table(table) => Some((exhibit, table)),
            Body::Figure(_) => None,
        })
        .collect();
    let names = sheet_names(tables.iter().map(|(exhibit, _)| exhibit.label.as_str()));
    contents(book.add_worksheet(), page, study, (&tables, &names))?;
    for ((exhibit, table), name) in tables.into_iter().zip(names) {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        Sheet { sheet, table }.fill(exhibit, study)?;
    }
    book.save_to_buffer()
}

/// The labels as names of sheets: without the letters that Excel refuses, and
/// each once.
fn sheet_names<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for label in labels {
        let is_fit = |letter: &char| !"[]:*?/\\'".contains(*letter);
        // Four letters are left for a blank and a number up to 999.
        let plain: String = label.chars().filter(is_fit).take(LONGEST_NAME - 4).collect();
        let counted = (2..).map(|number| format!("{plain} {number}"));
        let is_free = |name: &String| {
            // Excel compares names of sheets without regard to case.
            names.iter().all(|known| !known.eq_ignore_ascii_case(name)) && name != CONTENTS
        };
        names.extend(std::iter::once(plain.clone()).chain(counted).find(is_free));
    }
    names
}

const CONTENTS: &str = "Contents";

fn contents(
    sheet: &mut Worksheet,
    page: &Page<'_>,
    study: &StudySettings,
    (tables, names): (&[(&Exhibit, &Table)], &[String]),
) -> Result<(), XlsxError> {
    sheet.set_name(CONTENTS)?;
    sheet.set_column_width(0, 16)?.set_column_width(1, 90)?;
    let bold = Format::new().set_bold();
    sheet.write_with_format(0, 0, format!("{}: {}", page.title, study.title), &bold)?;
    let mut row = 1;
    if let Some(remark) = mark_remark(study) {
        sheet.write_with_format(row, 0, remark, &bold)?;
        row += 1;
    }
    for ((exhibit, _), name) in tables.iter().zip(names) {
        row += 1;
        let to = format!("internal:'{name}'!A1");
        sheet.write_url_with_text(row, 0, to.as_str(), exhibit.label.as_str())?;
        sheet.write(row, 1, exhibit.title.as_str())?;
    }
    Ok(())
}

/// A sheet that is being filled.
struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    table: &'a Table,
}

impl Sheet<'_> {
    fn fill(mut self, exhibit: &Exhibit, study: &StudySettings) -> Result<(), XlsxError> {
        let title = Format::new().set_bold();
        let label = format!("{} {}", exhibit.label, exhibit.title);
        self.sheet.write_with_format(0, 0, label, &title)?;
        if let Some(remark) = mark_remark(study) {
            self.sheet.write_with_format(1, 0, remark, &Format::new().set_italic())?;
        }
        // Below the title, the mark of the data and an empty row.
        let head = 3;
        let first = self.headings(head)?;
        // Headings and names of rows stay in view.
        self.sheet.set_freeze_panes(first, 1)?;
        self.sheet.set_repeat_rows(head, first - 1)?.set_print_fit_to_pages(1, 0);
        if self.table.columns.len() > UPRIGHT {
            self.sheet.set_landscape();
        }
        let mut row = first;
        for printed in &self.table.rows {
            self.row(row, printed)?;
            row += 1;
        }
        for paragraph in &exhibit.caption {
            row += 1;
            self.remark(row, paragraph)?;
        }
        self.widths()
    }

    /// Writes the headings; gives the row below them.
    fn headings(&mut self, top: u32) -> Result<u32, XlsxError> {
        let head = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
        let centred = head.clone().set_align(FormatAlign::Center);
        let mut row = top;
        if !self.table.spans.is_empty() {
            let mut left = 0;
            for span in &self.table.spans {
                let width = column(span.width);
                match (span.label.as_str(), width) {
                    ("", _) => {}
                    // A range of one cell cannot be merged.
                    (label, 1) => {
                        self.sheet.write_with_format(row, left, label, &centred)?;
                    }
                    (label, width) => {
                        let right = left + width - 1;
                        self.sheet.merge_range(row, left, row, right, label, &centred)?;
                    }
                }
                left += width;
            }
            row += 1;
        }
        for (place, heading) in self.table.columns.iter().enumerate() {
            let format = if heading.alignment == Alignment::Numbers { &centred } else { &head };
            let text = format!("{}{}", heading.label, marks(&heading.footnotes));
            self.sheet.write_with_format(row, column(place), text, format)?;
        }
        Ok(row + 1)
    }

    fn row(&mut self, row: u32, printed: &Row) -> Result<(), XlsxError> {
        for (place, heading) in self.table.columns.iter().enumerate() {
            let Some(cell) = printed.cells.get(place) else { continue };
            let mut format = Format::new().set_align(FormatAlign::Top);
            format = match (place, heading.alignment) {
                (0, _) if printed.role == RowRole::Section => format.set_bold(),
                (0, _) => format.set_text_wrap().set_indent(printed.indent),
                (_, Alignment::Numbers) => format.set_align(FormatAlign::Center),
                (_, Alignment::Words) => format.set_text_wrap(),
            };
            if cell.tone == Tone::Code {
                format = format.set_font_name("Consolas");
            }
            self.cell((row, column(place)), cell, format)?;
        }
        Ok(())
    }

    fn cell(
        &mut self,
        (row, place): (u32, u16),
        cell: &Cell,
        format: Format,
    ) -> Result<(), XlsxError> {
        let text = cell.plain();
        match number(&text) {
            // the names of footnotes stand in the format, so that the number stays one
            Some((value, digits)) => {
                let shown = format!("{digits}{}", quoted(&marks(&cell.footnotes)));
                self.sheet.write_with_format(row, place, value, &format.set_num_format(shown))?;
            }
            None => {
                let text = format!("{text}{}", marks(&cell.footnotes));
                self.sheet.write_string_with_format(row, place, text, &format)?;
            }
        }
        Ok(())
    }

    fn remark(&mut self, row: u32, paragraph: &Paragraph) -> Result<(), XlsxError> {
        let (text, format) = match paragraph.role {
            ParagraphRole::Note => (paragraph.text.clone(), Format::new()),
            ParagraphRole::Footnote(place) => {
                (format!("{} {}", letters(&[place]), paragraph.text), Format::new())
            }
            ParagraphRole::Warning => (paragraph.text.clone(), Format::new().set_bold()),
            ParagraphRole::DataMark => (paragraph.text.clone(), Format::new().set_italic()),
        };
        self.sheet.write_string_with_format(row, 0, text, &format)?;
        Ok(())
    }

    fn widths(&mut self) -> Result<(), XlsxError> {
        for (place, heading) in self.table.columns.iter().enumerate() {
            let values = self.table.rows.iter().filter(|row| row.role == RowRole::Values);
            let cells =
                values.filter_map(|row| Some(row.cells.get(place)?.plain().chars().count()));
            let longest = cells.chain([heading.label.chars().count()]).max().unwrap_or_default();
            let width = u32::try_from(longest.clamp(8, WIDEST) + 2).unwrap_or_default();
            self.sheet.set_column_width(column(place), width)?;
        }
        Ok(())
    }
}

fn column(place: usize) -> u16 {
    u16::try_from(place).expect("invariant: no printed table is that wide")
}

/// ` a,b` behind a text.
fn marks(footnotes: &[usize]) -> String {
    if footnotes.is_empty() { String::new() } else { format!(" {}", letters(footnotes)) }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\"{text}\"") }
}

/// A printed number with the format that prints it in the same digits; none where
/// the text says more than a number.
fn number(text: &str) -> Option<(f64, String)> {
    let plain = text.replace('\u{2212}', "-");
    let (digits, is_share) = match plain.strip_suffix('%') {
        Some(digits) => (digits.to_owned(), true),
        None => (plain, false),
    };
    let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    // a name such as `007` and a digest of digits are no numbers
    let is_name = whole.is_empty() || whole.len() > 1 && whole.starts_with('0');
    // Excel keeps 15 digits, and would print noughts for the others.
    let is_long = whole.len() + decimals.len() > 15;
    if is_name || is_long || !is_digits(whole) || !is_digits(decimals) || unsigned.ends_with('.') {
        return None;
    }
    let value: f64 = digits.parse().ok()?;
    let mut format = "0".to_owned();
    if !decimals.is_empty() {
        format += ".";
        format += &"0".repeat(decimals.len());
    }
    // A cell with a format in percent holds the share.
    Some(if is_share { (value / 100.0, format + "%") } else { (value, format) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_in_their_digits() {
        for (text, value, format) in [
            ("37", 37.0, "0"),
            ("0.009", 0.009, "0.000"),
            ("0.40", 0.4, "0.00"),
            ("\u{2212}1.5", -1.5, "0.0"),
            ("16.2%", 0.162, "0.0%"),
            ("0", 0.0, "0"),
        ] {
            assert_eq!(number(text), Some((value, format.to_owned())), "{text}");
        }
        for text in [
            "",
            "<0.001",
            "007",
            "0.42 (0.22–0.80)",
            "NR",
            "1e5",
            "5.",
            ".5",
            "1234567890123456",
            "2020-01-01",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn sheets_have_names_of_their_own() {
        let labels = ["eTable 1", "eTable 1", "a/b", &"x".repeat(40), "Contents"];
        let names = sheet_names(labels.into_iter());
        assert_eq!(names[..3], ["eTable 1", "eTable 1 2", "ab"]);
        assert!(names[3].len() <= LONGEST_NAME && names[4] != CONTENTS);
    }
}
