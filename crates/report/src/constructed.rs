//! Numbers over constructed cohorts: the findings that belong to one of them.

use study::{Address, Finding, Part, StudySettings};

use crate::analysis::Analysis;
use crate::format;

/// A number over constructed cohorts, by the finding that is its median.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Constructed<'a> {
    analysis: Analysis<'a>,
    /// The median over cohorts.
    pub(crate) median: &'a Finding,
}

/// The kind that constructs cohorts.
pub(crate) const KIND: &str = "identified_set";

/// The reading that is a published number as the cohorts have it.
const REPRODUCED: &str = "reproduced";

impl<'a> Constructed<'a> {
    /// Of a finding that is a median over cohorts; none of another.
    pub(crate) fn of(analysis: Analysis<'a>, median: &'a Finding) -> Option<Self> {
        // Each number has percentiles as findings of their own. The median stands for it, so that
        // it is listed once.
        let is_median = median.address.parts.last() == Some(&Part::place(50.0));
        (median.kind == KIND && is_median).then_some(Self { analysis, median })
    }

    /// All that an analysis has, in its order: what was not published.
    pub(crate) fn all(analysis: Analysis<'a>) -> impl Iterator<Item = Self> {
        let medians = analysis.findings.iter().filter_map(move |one| Self::of(analysis, one));
        medians.filter(|one| !one.is_published())
    }

    /// Whether it is a published number, which all cohorts have.
    pub(crate) fn is_published(&self) -> bool {
        self.median.address.model() == Some(REPRODUCED)
    }

    /// The percentile of a reading, or one of its ends.
    fn get(&self, model: &str, last: Part) -> Option<&'a Finding> {
        let mut parts = self.median.address.parts.clone();
        *parts.first_mut()? = Part::model(model);
        *parts.last_mut()? = last;
        let address = Address { stage: self.median.address.stage.clone(), parts };
        self.analysis.findings.iter().find(|finding| finding.address == address)
    }

    /// The ends of the central 90% of cohorts.
    pub(crate) fn central(&self) -> Option<[&'a Finding; 2]> {
        Some([self.get("sampled", Part::place(5.0))?, self.get("sampled", Part::place(95.0))?])
    }

    /// The ends of a reading, such as `sampled`, `directed` or `range`.
    pub(crate) fn ends(&self, model: &str) -> Option<[&'a Finding; 2]> {
        let end = |name| self.get(model, Part::method(name));
        Some([end("least")?, end("greatest")?])
    }
}

/// A range in words, without the sign of its unit: of two findings, none of which has a value where it is not
/// estimable.
pub(crate) fn between([least, greatest]: [&Finding; 2], study: &StudySettings) -> String {
    // Whoever prints the range puts the unit where it belongs, once.
    let value = |end: &Finding| format::value(end, study).replace('%', "");
    let [least, greatest] = [least, greatest].map(value);
    // Compared as printed: `0.40 to 0.40` would suggest a range that the digits do not show.
    if least == greatest { least } else { format!("{least} to {greatest}") }
}

#[cfg(test)]
pub(crate) mod sample {
    //! A stage that constructed cohorts, as an analysis hands it on.

    use study::{Finding, Histogram, Histograms, Output, Part, Quantity, Warning};

    use super::KIND;

    fn found(parts: &[Part], statistic: &str, quantity: Quantity, value: f64) -> Finding {
        let mut finding = Finding::new("published", KIND, statistic, quantity, value);
        finding.address.parts = parts.to_vec();
        finding.endpoint = Some("pfs".to_owned());
        finding.warnings = vec![Warning::ConstructedCohorts];
        finding
    }

    /// A hazard ratio with all of its ranges, a test without a search, and a
    /// published median.
    pub(crate) fn published() -> Output {
        let mut findings =
            vec![found(&[Part::statistic("cohorts")], "cohorts", Quantity::Count, 60.0)];
        let mut all = |name: &str, quantity, numbers: &[(&str, Part, f64)]| {
            for (model, last, value) in numbers {
                let parts = [
                    Part::model(*model),
                    Part::statistic(name),
                    Part::variable("pfs"),
                    last.clone(),
                ];
                findings.push(found(&parts, name, quantity, *value));
            }
        };
        let ends = |model: &'static str, least: f64, greatest: f64| {
            [(model, Part::method("least"), least), (model, Part::method("greatest"), greatest)]
        };
        let sampled = |low: f64, middle: f64, high: f64| {
            [(5.0, low), (50.0, middle), (95.0, high)]
                .map(|(place, value)| ("sampled", Part::place(place), value))
        };
        let ratio = [
            &sampled(0.38, 0.40, 0.42)[..],
            &ends("sampled", 0.36, 0.43),
            &ends("first_half", 0.37, 0.43),
            &ends("directed", 0.30, 0.44),
            &ends("range", 0.30, 0.44),
        ];
        all("hazard_ratio", Quantity::Ratio, &ratio.concat());
        let test = [&sampled(0.02, 0.3, 0.9)[..], &ends("sampled", 0.01, 0.95)];
        all("proportional_hazards_p", Quantity::PValue, &test.concat());
        let parts = [Part::model("reproduced"), Part::variable("pfs_rt"), Part::place(50.0)];
        findings.push(found(&parts, "reproduced", Quantity::Days, 609.0));
        let histogram = |finding: &Finding, edges: &[f64], counts: &[u64]| Histogram {
            median: finding.address.clone(),
            edges: edges.to_vec(),
            counts: counts.to_vec(),
        };
        let is_median = |name: &str, one: &Finding| {
            one.statistic == name && one.address.parts.last() == Some(&Part::place(50.0))
        };
        let of = |name: &str| findings.iter().find(|one| is_median(name, one)).expect("a median");
        let figures = Histograms(vec![
            histogram(of("hazard_ratio"), &[0.36, 0.38, 0.40, 0.43], &[5, 40, 15]),
            histogram(of("reproduced"), &[608.0, 609.0, 610.0], &[30, 30]),
        ]);
        Output { findings, figures: figures.into(), ..Output::default() }
    }
}
