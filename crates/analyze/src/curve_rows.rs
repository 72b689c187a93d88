//! Follow-up for curves that are weighted or whose patients enter late: the
//! analysed patients as the rows of `stats::survival_curve`.

use engine::Mistake;
use stats::counting_data::CountingData;
use stats::survival_curve::SurvivalCurveModel;
use stats::survival_data::SurvivalData;
use stats::weights::Weights;
use study::Variance;

use crate::analysis::Checked;
use crate::endpoint::Endpoint;
use crate::population::Population;
use crate::weights::PatientWeights;

/// What was read about the patients of a population beside their endpoint.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    weights: Option<PatientWeights>,
    entries: Option<Vec<Option<f64>>>,
}

impl Extras {
    /// Reads the weights that an entry made and the column of delayed entry.
    pub(crate) fn new(
        checked: &Checked<'_>,
        endpoint: &Endpoint,
        entry: Option<&str>,
    ) -> Result<Self, Mistake> {
        let weights = checked.weights()?;
        let read = |entry| entries(checked.population(), endpoint, entry);
        let entries = entry.map(read).transpose()?;
        Ok(Self { weights, entries })
    }

    /// How the variance of a Kaplan-Meier estimate of these patients is estimated.
    pub(crate) fn variance(&self) -> Variance {
        match &self.weights {
            None => Variance::Greenwood,
            // With clusters the patients of one are dependent:
            // their influences are summed before they are squared.
            Some(weights) if weights.clusters.is_some() => Variance::RobustByCluster,
            Some(_) => Variance::Robust,
        }
    }

    /// Whether a patient has a weight and an entry, where they are asked for.
    pub(crate) fn is_known(&self, place: usize) -> bool {
        let has_weight =
            self.weights.as_ref().is_none_or(|weights| weights.weights[place].is_some());
        has_weight && self.entries.as_ref().is_none_or(|entries| entries[place].is_some())
    }
}

/// Days of entry, each before the end of follow-up.
fn entries(
    population: &Population<'_>,
    endpoint: &Endpoint,
    column: &str,
) -> Result<Vec<Option<f64>>, Mistake> {
    let entries = population.numbers(column)?;
    for (place, entry) in entries.iter().enumerate() {
        let (Some(entry), Some((end, _))) = (*entry, endpoint.follow_up[place]) else { continue };
        let patient = population.patient(place);
        // Days count from time zero, and a patient who was there by then enters at 0.
        if entry < 0.0 {
            let message = format!("entry `{column}` is negative for patient `{patient}`: {entry}");
            return Err(Mistake::at(&["entry"], message).hint(
                "entry counts from time zero on; whoever was there at time zero enters at 0",
            ));
        }
        // Somebody is at risk after entry (> entry), so
        // that an entry at the end leaves no time at risk.
        if entry >= end {
            let message = format!(
                "patient `{patient}` enters at {entry} days (`{column}`), not before the end of follow-up at {end}"
            );
            return Err(Mistake::at(&["entry"], message)
                .hint("such a patient was never at risk under observation: leave out by `where`"));
        }
    }
    Ok(entries)
}

/// The rows of a curve: the analysed patients in their order.
#[derive(Debug)]
pub(crate) struct CurveRows {
    data: Data,
    weights: Option<Vec<f64>>,
    clusters: Option<Vec<usize>>,
}

#[derive(Debug)]
enum Data {
    FromZero(SurvivalData),
    Late(CountingData),
}

/// How many patients a time finds in which state.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CountsAt {
    pub(crate) at_risk: usize,
    pub(crate) events: usize,
    pub(crate) censored: usize,
    pub(crate) weight_at_risk: f64,
    pub(crate) weight_of_events: f64,
}

impl CurveRows {
    /// The rows of patients of whom everything is known.
    pub(crate) fn new(
        endpoint: &Endpoint,
        extras: &Extras,
        included: &[usize],
    ) -> Result<Self, stats::Error> {
        let pick = |values: &Vec<Option<f64>>| -> Vec<f64> {
            included.iter().filter_map(|place| values[*place]).collect()
        };
        let data = match &extras.entries {
            None => Data::FromZero(endpoint.data(included)?),
            Some(entries) => {
                let (ends, events): (Vec<f64>, Vec<bool>) =
                    included.iter().filter_map(|place| endpoint.follow_up[*place]).unzip();
                // One row a patient here: nobody leaves and enters again.
                let subjects: Vec<usize> = (0..included.len()).collect();
                Data::Late(CountingData::new(&pick(entries), &ends, &events, &subjects)?)
            }
        };
        let weights = extras.weights.as_ref().map(|weights| pick(&weights.weights));
        let codes = extras.weights.as_ref().and_then(|weights| weights.clusters.as_ref());
        let clusters = codes.map(|codes| own_clusters(codes, included));
        Ok(Self { data, weights, clusters })
    }

    /// The model of these rows; robust where they are weighted.
    pub(crate) fn model(&self) -> Result<SurvivalCurveModel<'_>, stats::Error> {
        let mut model = match &self.data {
            Data::FromZero(data) => SurvivalCurveModel::new(data),
            Data::Late(data) => SurvivalCurveModel::counting(data),
        };
        if let Some(weights) = &self.weights {
            // Greenwood's variance takes weights for numbers of patients, which they are not.
            model = model.weights(Weights::new(weights)?)?.robust();
        }
        match &self.clusters {
            Some(clusters) => model.clusters(clusters),
            None => Ok(model),
        }
    }

    /// Ends of follow-up, near ties made equal.
    pub(crate) fn ends(&self) -> &[f64] {
        match &self.data {
            Data::FromZero(data) => data.times(),
            Data::Late(data) => data.stops(),
        }
    }

    /// Whether a row is at risk at a time: it began before and ends then or
    /// later, or begins at a time of zero.
    pub(crate) fn is_at_risk(&self, row: usize, days: f64) -> bool {
        let has_entered = match &self.data {
            Data::FromZero(_) => true,
            // The curve begins at time zero, and whoever enters on that
            // day is counted there, although nobody is at risk before it.
            Data::Late(data) => data.starts()[row] < days || data.starts()[row] == 0.0,
        };
        has_entered && self.ends()[row] >= days
    }

    /// When each row comes under observation, where patients enter late.
    pub(crate) fn entries(&self) -> &[f64] {
        match &self.data {
            Data::FromZero(_) => &[],
            Data::Late(data) => data.starts(),
        }
    }

    /// Whether each row ends with the event.
    pub(crate) fn events(&self) -> &[bool] {
        match &self.data {
            Data::FromZero(data) => data.events(),
            Data::Late(data) => data.events(),
        }
    }

    /// The weight of a row; 1 without weights.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// Who of `members` is at risk at a time, or had left by then. Whoever
    /// leaves at the time itself is at risk and has left, as in R.
    pub(crate) fn counts_at(&self, members: &[usize], days: f64) -> CountsAt {
        let mut counts = CountsAt::default();
        for &row in members {
            if self.is_at_risk(row, days) {
                counts.at_risk += 1;
                counts.weight_at_risk += self.weight(row);
            }
            // Not `else`: whoever ends at that very time is at risk and has left.
            if self.ends()[row] > days {
                continue;
            }
            match self.events()[row] {
                true => {
                    counts.events += 1;
                    counts.weight_of_events += self.weight(row);
                }
                false => counts.censored += 1,
            }
        }
        counts
    }
}

/// Clusters of some patients; whoever has none is one alone.
fn own_clusters(codes: &[Option<usize>], included: &[usize]) -> Vec<usize> {
    // Codes beyond all that occur, one for each place, so that nobody shares one by accident.
    let beyond = codes.iter().flatten().max().map_or(0, |largest| largest + 1);
    included.iter().map(|place| codes[*place].unwrap_or(beyond + place)).collect()
}
