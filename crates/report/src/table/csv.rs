//! A printed table as CSV: the printed texts, with what a reader of the page
//! sees from headings and indents spelled out in columns of their own.

use study::StudySettings;

use super::{PrintedTable, RowRole};

impl PrintedTable {
    /// The rows as CSV; the last column says where the data come from.
    #[must_use]
    pub fn csv(&self, study: &StudySettings) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let sections = self.rows.iter().any(|row| row.role == RowRole::Section);
        let mut header: Vec<String> = sections.then(|| "section".to_owned()).into_iter().collect();
        header.extend(self.columns.iter().map(|column| column.key.clone()));
        header.push("data_status".to_owned());
        put(&mut writer, &header);
        let (mut section, mut parent) = (String::new(), String::new());
        for row in &self.rows {
            let first = row.cells.first().map(|cell| cell.text.clone()).unwrap_or_default();
            if row.role == RowRole::Section {
                section = first;
                continue;
            }
            let heading = if row.indent == 0 {
                parent.clone_from(&first);
                first
            } else {
                format!("{parent}: {first}")
            };
            let mut record: Vec<String> = sections.then(|| section.clone()).into_iter().collect();
            record.push(heading);
            for place in 1..self.columns.len() {
                record.push(row.cells.get(place).map(|c| c.text.clone()).unwrap_or_default());
            }
            record.push(data_status(study));
            put(&mut writer, &record);
        }
        writer.into_inner().expect("invariant: memory takes every byte")
    }
}

fn put(writer: &mut csv::Writer<Vec<u8>>, record: &[String]) {
    writer.write_record(record).expect("invariant: records are as wide as the header");
}

/// The status of the data as it stands in files: `simulated`, `observed`.
pub(crate) fn data_status(study: &StudySettings) -> String {
    let value = serde_json::to_value(study.data_status).expect("invariant: a plain word");
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Column, Row};
    use super::*;
    use crate::sample::study;

    #[test]
    fn headings_and_indents_are_spelled_out() {
        let columns = vec![Column::words("term", "Term"), Column::numbers("n", "n")];
        let mut table = PrintedTable::of(columns);
        table.rows = vec![
            Row::section("PFS"),
            Row::values(vec![Cell::text("Sex")]),
            Row::below(vec![Cell::text("female, \"f\""), Cell::text("25")]),
        ];
        assert_eq!(
            String::from_utf8(table.csv(&study())).expect("text"),
            "section,term,n,data_status\nPFS,Sex,,simulated\n\
             PFS,\"Sex: female, \"\"f\"\"\",25,simulated\n"
        );
    }
}
