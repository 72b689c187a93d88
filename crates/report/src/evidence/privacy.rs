//! The privacy rule: which numbers of findings reports are handed, and which
//! they are told are kept back.

use study::{
    FigureData, Figures, Finding, PrivacyTier, Procedure, Quantity, State, StudySettings, Withheld,
};

use super::cells::{Shown, Suppression};
use crate::format;

/// Statistics that are the value of one patient: the smallest or largest of a
/// group.
const EXTREMES: [&str; 5] =
    ["minimum", "maximum", "shortest_follow_up", "longest_follow_up", "largest_weight"];

/// Statistics that are counts of patients or events though they are kept as
/// numbers, because weights may make them broken ones.
const COUNTS: [&str; 5] = [
    "observed",
    "weighted_n",
    "weighted_events",
    "weighted_n_at_risk",
    "weighted_cumulative_events",
];

/// The rule of a study.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    smallest: Option<u64>,
    /// Whether nothing of a single patient may be shown.
    is_aggregate: bool,
}

impl Rule {
    /// The rule that the study's privacy asks for.
    pub(crate) fn of(study: &StudySettings) -> Self {
        let is_aggregate = study.privacy.tier == PrivacyTier::Aggregate;
        Self { smallest: study.privacy.hides_below(), is_aggregate }
    }

    /// The findings of one analysis as reports may have them.
    pub(super) fn applied(self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let Some(smallest) = self.smallest else { return findings };
        let cells = Suppression::of(&findings, smallest);
        // how many numbers agree with another library tells of no patient
        let of_patients =
            |finding: &&mut Finding| finding.method.procedure != Procedure::SecondOpinion;
        for finding in findings.iter_mut().filter(of_patients) {
            match cells.shown(finding) {
                // a rate is no count, and is not said to be below one
                Shown::Small if finding.quantity == Quantity::Measured => {
                    keep_back(finding, State::Hidden);
                }
                Shown::Small => keep_back(finding, State::Small),
                Shown::Hidden => keep_back(finding, State::Hidden),
                Shown::Count => self.look_at(finding),
            }
            // Counts that stand beside a number are looked at even where the number itself is
            // shown: a ratio of two groups carries its events.
            self.withhold_counts(finding, cells.shown(finding) != Shown::Count);
        }
        findings
    }

    /// A count as it is printed: itself, or `<5`.
    pub(crate) fn count(self, count: u64) -> String {
        format::count_or_below(count, self.smallest)
    }

    /// The number below which counts are hidden, where any are.
    pub(crate) fn smallest(self) -> Option<u64> {
        self.smallest
    }

    /// Whether nothing of a single patient may be shown.
    pub(crate) fn is_aggregate(self) -> bool {
        self.is_aggregate
    }

    /// Whether a number of patients or events is one that is not shown.
    fn is_small(self, count: f64) -> bool {
        self.smallest.is_some_and(|smallest| count > 0.0 && count < smallest as f64)
    }

    fn look_at(self, finding: &mut Finding) {
        // Before a run, and of what is not estimable, there is nothing to hide.
        let Some(value) = finding.value else { return };
        let statistic = finding.statistic.as_str();
        // The longest follow-up is the follow-up of one patient, who can be recognised by it.
        if EXTREMES.contains(&statistic) {
            keep_back(finding, State::Hidden);
        } else if finding.quantity == Quantity::Count || COUNTS.contains(&statistic) {
            if self.is_small(value) {
                keep_back(finding, State::Small);
            }
        } else if self.is_small_share(finding, value) || self.is_small_rate(finding) {
            keep_back(finding, State::Hidden);
        }
    }

    /// Whether a share is made of a small count: of its patients, its events, or
    /// of the patients that it comes to where it is a count over them.
    fn is_small_share(self, finding: &Finding, value: f64) -> bool {
        let with = match finding.quantity {
            Quantity::Proportion => value,
            // Those who had the event are the ones that could be few.
            Quantity::Survival => 1.0 - value,
            _ => return false,
        };
        let Some(n) = finding.n.map(|n| n as f64) else { return false };
        let count = with * n;
        // Only a share that is a count over n gives a count away; one that was predicted,
        // or made with weights, does not.
        let is_whole = (count - count.round()).abs() < 1e-6;
        is_whole && (self.is_small(count.round()) || self.is_small(n))
    }

    /// Whether a rate is made of a small number of events: the time that it is for
    /// is told, so that they could be had from it.
    fn is_small_rate(self, finding: &Finding) -> bool {
        finding.statistic == "event_rate"
            && finding.events.is_some_and(|events| self.is_small(events as f64))
    }

    /// Takes out small counts, and those from which a hidden number could be had:
    /// of a cell of a table its own, of a hidden share its events.
    fn withhold_counts(self, finding: &mut Finding, is_cell: bool) {
        let counts = [
            (Withheld::N, &mut finding.n),
            (Withheld::Events, &mut finding.events),
            (Withheld::Missing, &mut finding.missing),
        ];
        let hidden = finding.state == State::Hidden;
        for (which, count) in counts {
            let small = count.is_some_and(|count| self.is_small(count as f64));
            let gives_away = match which {
                Withheld::N => is_cell,
                // A hidden rate with its events beside it would not be hidden.
                Withheld::Events => is_cell || hidden,
                // Missing values are of other patients than those that the number counts.
                Withheld::Missing => false,
            };
            let gives_away = gives_away && count.is_some();
            if small || gives_away {
                *count = None;
                finding.withheld.push(which);
            }
        }
    }
}

/// What figures are drawn from as reports may have it: single patients without
/// their names, or not at all.
pub(super) fn shown(figures: &Figures, study: &StudySettings) -> Figures {
    let mut figures = figures.clone();
    let tier = study.privacy.tier;
    // The internal tier shows rows with names by intent, and data of the open one are public or
    // made up.
    if matches!(tier, PrivacyTier::Internal | PrivacyTier::Open) {
        return figures;
    }
    for data in &mut figures.0 {
        match data {
            FigureData::SurvivalCurves(_)
            | FigureData::IncidenceCurves(_)
            | FigureData::ScoreHistogram(_)
            | FigureData::ChangingEffects(_)
            | FigureData::Examination(_)
            | FigureData::Histograms(_)
            | FigureData::MissingPatterns(_) => {}
            FigureData::PatientCourses(courses) => {
                // Aggregates have no lines of patients at all. Pseudonymised ones keep them without
                // what names anybody.
                courses.patients.retain(|_| tier == PrivacyTier::Pseudonymised);
                courses.patients.iter_mut().for_each(|course| course.patient.clear());
            }
            FigureData::PatientChanges(changes) => {
                changes.patients.retain(|_| tier == PrivacyTier::Pseudonymised);
                changes.patients.iter_mut().for_each(|change| change.patient.clear());
            }
        }
    }
    figures
}

/// Takes the number out, and all that it could be had from.
fn keep_back(finding: &mut Finding, state: State) {
    finding.state = state;
    for number in
        [&mut finding.value, &mut finding.lower, &mut finding.upper, &mut finding.standard_error]
    {
        *number = None;
    }
}

#[cfg(test)]
mod tests {
    use study::Privacy;

    use super::*;
    use crate::sample;

    fn rule(tier: PrivacyTier) -> Rule {
        let mut study = sample::study();
        study.privacy = Privacy { tier, smallest_cell: 5 };
        Rule::of(&study)
    }

    fn handed(finding: &Finding, tier: PrivacyTier) -> Finding {
        rule(tier).applied(vec![finding.clone()]).remove(0)
    }

    fn finding(statistic: &str, quantity: Quantity, value: f64, counts: [u64; 3]) -> Finding {
        let mut finding = Finding::new("a", "kaplan_meier", statistic, quantity, value).limits(
            Some(value / 2.0),
            Some(value),
            0.95,
        );
        [finding.n, finding.events, finding.missing] = counts.map(Some);
        finding
    }

    /// Whatever kind a finding is of, no count below the smallest cell gets
    /// through, nor a share that is made of one, nor the value of one patient.
    #[test]
    fn no_small_count_of_any_finding_gets_through() {
        use Quantity::{Count, Days, Proportion, Ratio, Statistic, Survival};
        let cases = [
            // Each finding with n, events and missing values. The smallest cell is 5.
            ("events", finding("events", Count, 3.0, [40, 3, 0]), State::Small),
            ("observed", finding("observed", Statistic, 4.0, [40, 20, 0]), State::Small),
            (
                "rate",
                finding("objective_response_rate", Proportion, 0.1, [40, 4, 0]),
                State::Hidden,
            ),
            (
                "of few",
                finding("objective_response_rate", Proportion, 1.0, [3, 3, 0]),
                State::Hidden,
            ),
            // 5% of 40 are two patients with the event.
            ("survival", finding("survival", Survival, 0.95, [40, 2, 0]), State::Hidden),
            ("longest", finding("longest_follow_up", Days, 812.0, [40, 20, 0]), State::Hidden),
            ("a rate", finding("event_rate", Quantity::Measured, 0.4, [40, 3, 0]), State::Hidden),
            // A ratio cannot be turned back into counts. Only the two missing ones are withheld.
            ("a ratio", finding("hazard_ratio", Ratio, 0.4, [40, 20, 2]), State::Estimated),
            ("noughts stay", finding("events", Count, 0.0, [40, 0, 0]), State::Estimated),
            ("the cell itself", finding("events", Count, 5.0, [40, 5, 0]), State::Estimated),
        ];
        for (about, given, state) in cases {
            let handed = handed(&given, PrivacyTier::Aggregate);
            assert_eq!(handed.state, state, "{about}");
            let numbers = [handed.value, handed.lower, handed.upper, handed.standard_error];
            assert_eq!(state == State::Estimated, numbers.iter().any(Option::is_some), "{about}");
            for count in [handed.n, handed.events, handed.missing].into_iter().flatten() {
                assert!(count == 0 || count >= 5, "{about}: {count}");
            }
        }
    }

    #[test]
    fn what_is_withheld_is_told() {
        let given = finding("hazard_ratio", Quantity::Ratio, 0.4, [40, 3, 2]);
        let handed = handed(&given, PrivacyTier::Aggregate);
        assert_eq!(handed.withheld, [Withheld::Events, Withheld::Missing]);
        assert_eq!((handed.n, handed.events, handed.missing), (Some(40), None, None));
        assert_eq!(rule(PrivacyTier::Aggregate).count(4), "<5");
    }

    #[test]
    fn the_open_tier_hides_nothing() {
        let given = finding("events", Quantity::Count, 3.0, [40, 3, 2]);
        assert_eq!(handed(&given, PrivacyTier::Open), given);
        assert_eq!(rule(PrivacyTier::Open).count(4), "4");
    }
}
