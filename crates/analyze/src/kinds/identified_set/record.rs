//! Searches for cohorts, and what is found over them as findings.

use std::collections::BTreeSet;

use engine::Mistake;
use stats::identified_set::{
    Cohort, Coverage, Published as Condition, Reach, Statistic, coverage, peto_ratios, values,
    z_of_ratio,
};
use stats::special::normal_two_sided_tail;
use study::{
    CohortReading, Finding, Histogram, Histograms, Part, Procedure, Quantity, State, Warning,
};

use super::published::Published;
use super::quoted::Quoted;
use super::{AssumptionsName, IdentifiedSet};
use crate::analysis::Checked;
use crate::book::{Basis, Book, Told};

/// Percentiles that are printed: the central 90%, and the middle.
const PERCENTILES: [f64; 3] = [5.0, 50.0, 95.0];
/// The mean over events of the product of both arms' shares at risk: .25 where
/// they are alike, and .1 where one has an eighth.
const WEIGHTS: [f64; 2] = [0.1, 0.25];
/// Bins of a histogram.
const BINS: usize = 30;

/// What searches found.
pub(super) struct Sampled {
    cohorts: Vec<Cohort>,
    /// Searches that failed, and those that gave up every attempt.
    failed: u64,
    /// For each number, its value in each cohort.
    values: Vec<Vec<f64>>,
    /// How far searches outward got with each.
    reached: Vec<Option<Reach>>,
    /// The numbers of cohorts without each claim.
    without: Vec<(String, Vec<Vec<f64>>)>,
}

impl Sampled {
    pub(super) fn draw(
        set: &IdentifiedSet,
        checked: &Checked<'_>,
        published: &Published,
        quoted: &[Quoted],
    ) -> Result<Self, Mistake> {
        let problem = published.problem(set)?;
        let seed = checked.call.seed;
        let found = problem.cohorts(0..set.cohorts as u64, seed, set.effort());
        let given_up = found.iter().filter(|one| one.is_none()).count() as u64;
        let cohorts: Vec<Cohort> = found.into_iter().flatten().collect();
        let retried: u64 = cohorts.iter().map(|cohort| u64::from(cohort.failed)).sum();
        // One cohort has no spread.
        if cohorts.len() < 2 {
            let message = format!(
                "{} of {} searches found a cohort that reproduces the claims",
                cohorts.len(),
                set.cohorts
            );
            let hint = "the claims may contradict one another: leave one out to see which, or let a search take more `moves`";
            return Err(Mistake::at(&["claims"], message).hint(hint));
        }
        let statistics: Vec<Statistic> = quoted.iter().map(|one| one.statistic).collect();
        // The seed turned round, so that searches outward
        // do not repeat the moves that made the cohorts.
        let reached = problem.reach(&statistics, &cohorts, set.outward, !seed, set.outward_moves);
        let values = values_of(quoted, &cohorts);
        let mut without = Vec::new();
        if set.leave_one_out > 0 {
            for claim in published.removable() {
                // With the same seed: what differs from the cohorts
                // above comes of the claim that is left out.
                let problem = published.problem_without(set, Some(&claim))?;
                let numbers = 0..set.leave_one_out as u64;
                let found = problem.cohorts(numbers, seed, set.effort());
                let cohorts: Vec<Cohort> = found.into_iter().flatten().collect();
                without.push((claim, values_of(quoted, &cohorts)));
            }
        }
        // A search that was given up failed in each of its attempts.
        let failed = retried + given_up * u64::from(set.attempts);
        Ok(Self { cohorts, failed, values, reached, without })
    }
}

fn values_of(quoted: &[Quoted], cohorts: &[Cohort]) -> Vec<Vec<f64>> {
    let statistics: Vec<Statistic> = quoted.iter().map(|one| one.statistic).collect();
    let mut values = values(&statistics, cohorts);
    for (values, statistic) in values.iter_mut().zip(statistics) {
        // Searches compare on the scale on which they move; readers see the scale of print.
        values.iter_mut().for_each(|value| *value = statistic.printed(*value));
    }
    values
}

/// Values in order, without those that are not defined.
fn ordered(values: &[f64]) -> Vec<f64> {
    // Infinite values stay: a hazard ratio without events in one group is the end of a range.
    let mut defined: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    defined.sort_by(f64::total_cmp);
    defined
}

/// A percentile of ordered values, one of which may be infinite (type 1 of
/// Hyndman and Fan, which interpolates nothing).
fn percentile(ordered: &[f64], percent: f64) -> f64 {
    // An observed value for each percentile: between a
    // number and infinity nothing can be interpolated.
    let place = (percent / 100.0 * ordered.len() as f64).ceil() as usize;
    ordered.get(place.max(1) - 1).copied().unwrap_or(f64::NAN)
}

/// Writes everything down; gives the histograms.
pub(super) fn record(
    set: &IdentifiedSet,
    book: &mut Book,
    published: &Published,
    quoted: &[Quoted],
    sampled: Option<&Sampled>,
) -> Histograms {
    record_searches(set, book, published, sampled);
    let mut histograms = Vec::new();
    for (place, one) in quoted.iter().enumerate() {
        let values = sampled.map(|sampled| sampled.values[place].as_slice());
        histograms.extend(record_quoted(set, book, one, values, sampled, place));
    }
    for (name, condition) in &published.conditions {
        histograms.extend(record_reproduced(set, book, name, condition, sampled));
    }
    if set.leave_one_out > 0 {
        record_widths(set, book, published, quoted, sampled);
    }
    record_coverage(set, book);
    for endpoint in 0..set.endpoints.len() {
        record_bounds(book, published, quoted, sampled, endpoint);
    }
    Histograms(histograms)
}

fn by(reading: CohortReading) -> Procedure {
    Procedure::ConstructedCohorts(reading)
}

fn record_searches(
    set: &IdentifiedSet,
    book: &mut Book,
    published: &Published,
    sampled: Option<&Sampled>,
) {
    let found = sampled.map_or(0, |sampled| sampled.cohorts.len());
    let distinct = sampled.map_or(0, |sampled| {
        // The same cohort found twice tells nothing new. Patients have no names
        // here, so that they are put in order before cohorts are compared.
        let keys = sampled.cohorts.iter().map(|cohort| {
            let mut subjects: Vec<_> = (0..cohort.arms.len())
                .map(|subject| {
                    let of = |endpoint: usize| {
                        (cohort.days[endpoint][subject], cohort.events[endpoint][subject])
                    };
                    (cohort.arms[subject], (0..cohort.days.len()).map(of).collect::<Vec<_>>())
                })
                .collect();
            subjects.sort();
            subjects
        });
        keys.collect::<BTreeSet<_>>().len()
    });
    let moves = sampled.map_or(f64::NAN, |sampled| {
        let all: f64 = sampled.cohorts.iter().map(|cohort| f64::from(cohort.moves)).sum();
        all / sampled.cohorts.len() as f64
    });
    let failed = sampled.map_or(0, |sampled| sampled.failed);
    let counts = [
        ("cohorts", found),
        ("cohorts_asked_for", set.cohorts),
        ("effective_number", distinct),
        ("failed_searches", failed as usize),
        ("moves_at_most", set.moves as usize),
        ("patients", published.patients() as usize),
        ("claims", set.claims.len()),
        ("outward_starts", set.outward.min(found)),
    ];
    for (name, count) in counts {
        let mut finding = book.count(&[Part::statistic(name)], name, count);
        if name == "cohorts" && found < set.cohorts && sampled.is_some() {
            finding = finding.warn(Warning::FewCohorts { found, asked: set.cohorts });
        }
        book.push(finding.by_method(by(CohortReading::Searches)));
    }
    let name = "mean_moves";
    let finding = book.draft(&[Part::statistic(name)], name, Quantity::Statistic, moves);
    book.push(finding.by_method(by(CohortReading::Searches)));
}

/// How often such ranges held the truth where it was known: of the wide
/// assumptions alone.
fn record_coverage(set: &IdentifiedSet, book: &mut Book) {
    for Coverage { group, holds, of } in coverage() {
        // Coverage was found under the wide assumptions, and holds for no others.
        if set.assumptions != AssumptionsName::Wide {
            return;
        }
        let name = "coverage";
        let value = f64::from(holds) / f64::from(of);
        let parts = [Part::statistic(name), Part::method(group)];
        let finding = book.draft(&parts, name, Quantity::Proportion, value);
        let basis = Basis { n: of as usize, events: Some(holds as usize), missing: 0 };
        book.push(finding.from(basis).by_method(by(CohortReading::Coverage)));
    }
}

/// The ends of a range, named as such.
const ENDS: [&str; 2] = ["least", "greatest"];

fn record_quoted(
    set: &IdentifiedSet,
    book: &mut Book,
    one: &Quoted,
    values: Option<&[f64]>,
    sampled: Option<&Sampled>,
    place: usize,
) -> Option<Histogram> {
    let all = ordered(values.unwrap_or_default());
    // If the first half of the cohorts has the same
    // ends, more of them would hardly widen the range.
    let half = values.map(|values| ordered(&values[..values.len().div_ceil(2)]));
    let of = values.map_or(0, <[f64]>::len);
    // Also what is infinite: it has a place in the order, but no number can be printed of it.
    let undefined = of - all.iter().filter(|value| value.is_finite()).count();
    let extrapolated = sampled.map_or(0, |sampled| {
        sampled.cohorts.iter().filter(|cohort| one.is_extrapolated(cohort)).count()
    });
    let warned = |mut finding: Finding| {
        if undefined > 0 {
            finding = finding.warn(Warning::UndefinedInCohorts { cohorts: undefined, of });
        }
        if extrapolated > 0 {
            finding = finding.warn(Warning::ExtrapolatedInCohorts { cohorts: extrapolated, of });
        }
        finding
    };
    let mut push = |model: &str, last: Part, value: f64, reading: CohortReading| {
        let finding = warned(one.draft(book, model, &[last], value));
        let address = finding.address.clone();
        book.push(finding.by_method(by(reading)));
        address
    };
    let mut median = None;
    for percent in PERCENTILES {
        let value = percentile(&all, percent);
        let address = push("sampled", Part::place(percent), value, CohortReading::Sampled);
        if percent == 50.0 {
            median = Some(address);
        }
    }
    let ends = |ordered: &[f64]| {
        [ordered.first(), ordered.last()].map(|end| end.copied().unwrap_or(f64::NAN))
    };
    let half = half.map_or([f64::NAN; 2], |half| ends(&half));
    let mut write = |model: &str, values: [f64; 2], reading: CohortReading| {
        for (name, value) in ENDS.into_iter().zip(values) {
            push(model, Part::method(name), value, reading);
        }
    };
    let own = ends(&all);
    write("sampled", own, CohortReading::Sampled);
    write("first_half", half, CohortReading::FirstHalf);
    // Some numbers are given by the claims themselves, and are not searched.
    if set.outward > 0 && one.statistic.is_searched() {
        let reached = sampled.and_then(|sampled| sampled.reached[place]);
        let reached = reached.map_or([f64::NAN; 2], |reached| {
            [reached.least, reached.greatest].map(|end| one.statistic.printed(end))
        });
        write("directed", reached, CohortReading::Directed);
        // Where no search got anywhere its ends are not numbers, and the sampled ones stay.
        let range = [own[0].min(reached[0]), own[1].max(reached[1])];
        write("range", range, CohortReading::Range);
    }
    Some(histogram(median?, &all))
}

/// Cohorts in bins of one width over what is finite.
fn histogram(median: study::Address, ordered: &[f64]) -> Histogram {
    // Bins of one width cannot reach infinity.
    let finite: Vec<f64> = ordered.iter().copied().filter(|value| value.is_finite()).collect();
    let (Some(&least), Some(&greatest)) = (finite.first(), finite.last()) else {
        return Histogram { median, edges: Vec::new(), counts: Vec::new() };
    };
    let width = (greatest - least) / BINS as f64;
    // All cohorts have the same number.
    if width <= 0.0 {
        return Histogram { median, edges: vec![least; 2], counts: vec![finite.len() as u64] };
    }
    let mut counts = vec![0; BINS];
    for value in finite {
        // The greatest value is the end of the last bin, and belongs to it.
        counts[(((value - least) / width) as usize).min(BINS - 1)] += 1;
    }
    let edges = (0..=BINS).map(|place| least + width * place as f64).collect();
    Histogram { median, edges, counts }
}

/// What the cohorts have of a published number: its ends and its middle.
fn record_reproduced(
    set: &IdentifiedSet,
    book: &mut Book,
    claim: &str,
    condition: &Condition,
    sampled: Option<&Sampled>,
) -> Option<Histogram> {
    let quantity = match condition {
        Condition::Median { .. } | Condition::MedianNotReached { .. } => Quantity::Days,
        Condition::FollowUp { .. } => Quantity::Days,
        Condition::Survival { .. } => Quantity::Survival,
        Condition::Events { .. } => Quantity::Count,
        Condition::LogRankRoot { .. } => Quantity::PValue,
    };
    let value = |cohort: &Cohort| {
        let found = cohort.reproduced(condition, set.endpoints.len())?;
        // Conditions hold the signed root; what was published is the p-value.
        Some(if quantity == Quantity::PValue { normal_two_sided_tail(found) } else { found })
    };
    let found = sampled.map(|sampled| {
        let values: Vec<Option<f64>> = sampled.cohorts.iter().map(value).collect();
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        // A median that is not reached in some cohort has no range.
        (ordered(&known), values.iter().any(Option::is_none))
    });
    let (all, is_open) = found.unwrap_or_default();
    let ends = [
        (Part::place(50.0), percentile(&all, 50.0)),
        (Part::method(ENDS[0]), all.first().copied().unwrap_or(f64::NAN)),
        (Part::method(ENDS[1]), all.last().copied().unwrap_or(f64::NAN)),
    ];
    let mut median = None;
    for (last, value) in ends {
        let parts = [Part::model("reproduced"), Part::variable(claim), last];
        let mut finding = book.draft(&parts, "reproduced", quantity, value);
        if is_open {
            finding = finding.without_value(State::NotReached);
        }
        median.get_or_insert_with(|| finding.address.clone());
        book.push(finding.by_method(by(CohortReading::Reproduced)));
    }
    Some(histogram(median?, &all))
}

/// How wide the central 90% of hazard ratios are, as the ratio of its ends, with
/// all claims and without each.
fn record_widths(
    set: &IdentifiedSet,
    book: &mut Book,
    published: &Published,
    quoted: &[Quoted],
    sampled: Option<&Sampled>,
) {
    let width = |values: &[f64]| {
        let ordered = ordered(values);
        percentile(&ordered, PERCENTILES[2]) / percentile(&ordered, PERCENTILES[0])
    };
    let places: Vec<usize> =
        (0..quoted.len()).filter(|place| quoted[*place].is_whole_ratio()).collect();
    let push = |book: &mut Book, place: usize, last: Part, value: f64| {
        let finding = quoted[place].draft(book, "width", &[last], value);
        book.push(finding.by_method(by(CohortReading::Width)));
    };
    for place in places {
        let all = sampled.map_or(f64::NAN, |sampled| {
            let values = &sampled.values[place];
            // As many cohorts as there are without each
            // claim: a range widens with their number.
            width(&values[..values.len().min(set.leave_one_out)])
        });
        push(book, place, Part::method("all_claims"), all);
        for claim in published.removable() {
            let own = sampled.and_then(|sampled| {
                let (_, values) = sampled.without.iter().find(|(name, _)| *name == claim)?;
                Some(width(&values[place]))
            });
            push(book, place, Part::variable(format!("without {claim}")), own.unwrap_or(f64::NAN));
        }
    }
}

/// What the p-value and the medians of an endpoint say without cohorts.
fn record_bounds(
    book: &mut Book,
    published: &Published,
    quoted: &[Quoted],
    sampled: Option<&Sampled>,
    endpoint: usize,
) {
    let Some(ratio) = quoted.iter().find(|one| one.is_whole_ratio() && one.endpoint == endpoint)
    else {
        return;
    };
    let events = sampled.map_or([f64::NAN; 2], |sampled| events(quoted, sampled, endpoint));
    let roots = published.conditions.iter().find_map(|(_, one)| match one {
        Condition::LogRankRoot { endpoint: own, roots } if *own == endpoint => Some(*roots),
        _ => None,
    });
    if let Some([least, greatest]) = roots {
        // A positive root says that the second group did
        // better, whose log hazard ratio is then negative.
        let bounds = peto_ratios([-greatest, -least], events, WEIGHTS);
        for (name, value) in ENDS.into_iter().zip(bounds) {
            let finding = ratio.draft(book, "bound", &[Part::method(name)], value);
            book.push(finding.by_method(by(CohortReading::Bound)));
        }
    }
    let median = |arm: usize| {
        published.conditions.iter().find_map(|(_, one)| match one {
            Condition::Median { endpoint: own, arm: of, days }
                if *own == endpoint && *of == Some(arm) =>
            {
                Some(days.map(f64::from))
            }
            _ => None,
        })
    };
    if let (Some(first), Some(second)) = (median(0), median(1)) {
        // Exponential curves have hazards in the inverse ratio of
        // their medians; the ends are those of the printed digits.
        let ratios = [first[0] / second[1], first[1] / second[0]];
        for (name, value) in ENDS.into_iter().zip(ratios) {
            let finding = ratio.draft(book, "median_ratio", &[Part::method(name)], value);
            book.push(finding.by_method(by(CohortReading::MedianRatio)));
        }
        // The end that is nearer to no effect, with the fewest events and the most
        // uneven groups: whatever the p-value, it is no larger than this one.
        let nearest = if ratios[1] < 1.0 { ratios[1] } else { ratios[0] };
        let z = z_of_ratio(nearest, events[0], WEIGHTS[0]);
        let last = [Part::test("log_rank"), Part::method(ENDS[1])];
        let mut finding = ratio.draft(book, "median_ratio", &last, normal_two_sided_tail(z));
        (finding.statistic, finding.quantity) = ("p_value".to_owned(), Quantity::PValue);
        finding.address = finding.address.with_statistic("p");
        book.push(finding.by_method(by(CohortReading::MedianRatio)));
    }
}

/// The fewest and the most events of an endpoint over cohorts, arm by arm.
fn events(quoted: &[Quoted], sampled: &Sampled, endpoint: usize) -> [f64; 2] {
    [0, 1]
        .map(|arm| {
            let place = quoted.iter().position(|one| one.is_events_of(endpoint, arm));
            let place = place.expect("invariant: events of both arms are read");
            let own = ordered(&sampled.values[place]);
            let mut ends = [own[0], own[own.len() - 1]];
            if let Some(reached) = sampled.reached[place] {
                // Searches outward may have found fewer or
                // more events than any sampled cohort has.
                ends = [ends[0].min(reached.least), ends[1].max(reached.greatest)];
            }
            ends
        })
        .into_iter()
        .fold([0.0; 2], |sum, ends| [sum[0] + ends[0], sum[1] + ends[1]])
}
