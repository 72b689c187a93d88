//! What an analysis hands on to be drawn: a list of typed data, each of one of
//! the variants below. A new figure adds its variant here and nothing else
//! between the analysis that makes it and the report that draws it.

use serde::{Deserialize, Serialize};

use crate::{
    Address, ChangingEffects, Examination, IncidenceCurves, MissingPatterns, PatientChanges,
    PatientCourses, ScoreHistogram, SurvivalCurves,
};

/// The data of one figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureData {
    /// Steps of survival curves.
    SurvivalCurves(SurvivalCurves),
    /// What came of examining published numbers.
    Examination(Examination),
    /// Steps of cumulative incidence curves.
    IncidenceCurves(IncidenceCurves),
    /// Propensity scores by classes.
    ScoreHistogram(ScoreHistogram),
    /// Coefficients that change over time.
    ChangingEffects(ChangingEffects),
    /// Courses of single patients.
    PatientCourses(PatientCourses),
    /// Changes of a measurement in single patients.
    PatientChanges(PatientChanges),
    /// Which values are missing together.
    MissingPatterns(MissingPatterns),
    /// Histograms of numbers over constructed cohorts.
    Histograms(Histograms),
}

/// Histograms of numbers over constructed cohorts, each of a finding that is
/// their median.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histograms(pub Vec<Histogram>);

/// A histogram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The median over cohorts.
    pub median: Address,
    /// Edges of the bins, in the unit of that finding: one more than there are bins.
    pub edges: Vec<f64>,
    /// Cohorts in each bin.
    pub counts: Vec<u64>,
}

impl Histograms {
    /// The histogram whose median stands at an address.
    #[must_use]
    pub fn of(&self, median: &Address) -> Option<&Histogram> {
        self.0.iter().find(|one| one.median == *median)
    }
}

/// One type among those of [`FigureData`].
pub trait Drawable: Sized {
    /// The data, where they are of this type.
    fn of(data: &FigureData) -> Option<&Self>;
    /// The data to be changed, where they are of this type.
    fn of_mut(data: &mut FigureData) -> Option<&mut Self>;
}

// Each variant holds the type of its own name, so that both directions follow from
// it.
macro_rules! drawable {
    ($($variant:ident),*) => {$(
        impl Drawable for $variant {
            fn of(data: &FigureData) -> Option<&Self> {
                if let FigureData::$variant(data) = data { Some(data) } else { None }
            }

            fn of_mut(data: &mut FigureData) -> Option<&mut Self> {
                if let FigureData::$variant(data) = data { Some(data) } else { None }
            }
        }

        impl From<$variant> for Figures {
            fn from(data: $variant) -> Self {
                Self(vec![FigureData::$variant(data)])
            }
        }
    )*};
}

drawable!(
    SurvivalCurves,
    Examination,
    IncidenceCurves,
    ScoreHistogram,
    ChangingEffects,
    PatientCourses,
    PatientChanges,
    MissingPatterns,
    Histograms
);

/// The data of all figures of a stage, in the order in which it made them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(pub Vec<FigureData>);

impl Figures {
    /// The first data of a type.
    #[must_use]
    pub fn get<F: Drawable>(&self) -> Option<&F> {
        // A stage hands on data of one type once; a second would be found by nobody.
        self.0.iter().find_map(F::of)
    }

    /// The first data of a type, to be changed.
    pub fn get_mut<F: Drawable>(&mut self) -> Option<&mut F> {
        self.0.iter_mut().find_map(F::of_mut)
    }

    /// The survival curves, where the stage made any.
    #[must_use]
    pub fn curves(&self) -> Option<&SurvivalCurves> {
        self.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_type_is_found_again_after_the_store() {
        let curves = |endpoint: &str| SurvivalCurves {
            endpoint: endpoint.to_owned(),
            endpoint_label: endpoint.to_uppercase(),
            by_label: None,
            interval: crate::IntervalKind::Log,
            confidence_level: 0.95,
            reverse: false,
            late_entry: false,
            groups: Vec::new(),
            warnings: Vec::new(),
        };
        let figures = Figures(["os", "pfs"].map(|e| FigureData::SurvivalCurves(curves(e))).into());
        let stored = serde_json::to_string(&figures).expect("plain values");
        // The form in the store: a change of it makes stored results unreadable.
        assert!(stored.starts_with(r#"[{"survival_curves":{"endpoint":"os""#), "{stored}");
        let mut read: Figures = serde_json::from_str(&stored).expect("reads back");
        assert_eq!(read, figures);
        assert_eq!(read.get(), Some(&curves("os")));
        read.get_mut::<SurvivalCurves>().expect("there are").reverse = true;
        assert!(read.curves().is_some_and(|curves| curves.reverse));
        assert_eq!(Figures::default().curves(), None);
    }
}
