//! What a user got wrong, and where: in the pipeline file or in a raw file.

use crate::spec::nearest;

/// A mistake inside one stage's entry, or in the data it met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Path to the parameter inside the stage's entry, such as
    /// `["columns", "sex", "levels"]`; empty for the entry itself.
    pub at: Vec<String>,
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// It says that a column does not exist; such mistakes are not repeated
    /// where an earlier mistake kept the column from being made.
    pub about_column: bool,
    /// The place in a raw file that the mistake is about, where there is one.
    pub raw_place: Option<String>,
}

impl Mistake {
    /// A mistake at a parameter.
    #[must_use]
    pub fn at(at: &[&str], message: impl Into<String>) -> Self {
        Self {
            at: at.iter().map(ToString::to_string).collect(),
            message: message.into(),
            hint: None,
            about_column: false,
            raw_place: None,
        }
    }

    /// A mistake of the stage as a whole.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::at(&[], message)
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the nearest of the names that would have done, or all of them
    /// where none is near and they are few.
    #[must_use]
    pub fn hint_nearest<'a>(mut self, written: &str, names: impl Iterator<Item = &'a str>) -> Self {
        self.hint = nearest(written, names);
        self
    }

    /// Marked as being about a missing column.
    #[must_use]
    pub fn about_a_column(mut self) -> Self {
        self.about_column = true;
        self
    }

    /// With the place in a raw file, such as `data/raw/labs.csv:12`.
    #[must_use]
    pub fn in_raw_file(mut self, place: impl Into<String>) -> Self {
        self.raw_place = Some(place.into());
        self
    }
}

/// Mistakes, collected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Notes one.
    pub fn push(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Notes the mistake of a failed step and hands on the value of one that went well.
    pub fn note<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mistake) => {
                self.push(mistake);
                None
            }
        }
    }

    /// `value` if nothing was noted.
    ///
    /// # Errors
    /// With everything that was noted.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}
