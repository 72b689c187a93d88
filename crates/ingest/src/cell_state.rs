//! What a cell of a workbook is beside its value, where that keeps the value
//! from being taken: what a person sees in the sheet and what the cell holds
//! are two things.

/// Why the value of a cell is not what the sheet shows. Each follows the raw
/// cell in a sentence, or stands alone where the cell holds no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CellState {
    #[error("is an error in the workbook")]
    Error,
    #[error("cell {cell} holds a formula without a saved value")]
    NoSavedValue { cell: String },
    #[error(
        "in cell {cell} may be a placeholder: its formula was never computed by the program that wrote the file"
    )]
    Placeholder { cell: String },
    #[error(
        "cell {cell} is part of the merged cells that begin in {first}, whose one value stands there"
    )]
    Merged { cell: String, first: String },
    #[error("in cell {cell} is shown by the sheet in the number format `{format}`")]
    Format { cell: String, format: String },
    #[error("in cell {cell} is a date to the workbook, shown in the number format `{format}`")]
    Date { cell: String, format: String },
    #[error(
        "in cell {cell} is shown by the sheet without its {part}, in the number format `{format}`"
    )]
    PartOfDate { cell: String, part: &'static str, format: String },
    #[error("in cell {cell} is a length of time, shown in the number format `{format}`")]
    Duration { cell: String, format: String },
    #[error("in cell {cell} stands for the number {number}, which is no day of a workbook")]
    NoDay { cell: String, number: String },
    #[error("in cell {cell} has more digits than a number of a workbook keeps")]
    TooManyDigits { cell: String },
}

impl CellState {
    /// What to do about it.
    pub(crate) fn mend(&self) -> &'static str {
        match self {
            Self::Error => {
                "correct the cell, or name its code in `missing:`, or read the column as `type: \
                 text` and mend it in `clean:`"
            }
            // nothing is computed here: only a program that computes can fill these in
            Self::NoSavedValue { .. } | Self::Placeholder { .. } => {
                "open the workbook in a spreadsheet program and save it there, which computes its \
                 formulas"
            }
            Self::Merged { .. } => {
                "undo the merging in the workbook and write the value into each cell it is meant for"
            }
            Self::NoDay { .. } => {
                "write the date that is meant, or format the cell as a number if it is one"
            }
            Self::TooManyDigits { .. } => "format the column as text and enter it again",
            Self::Format { .. }
            | Self::Date { .. }
            | Self::PartOfDate { .. }
            | Self::Duration { .. } => {
                "write what is meant as text or as a plain number, or say `number_formats: ignore` \
                 to take what the cells hold"
            }
        }
    }
}
