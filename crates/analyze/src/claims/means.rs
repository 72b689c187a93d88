//! Means and standard deviations.

use stats::forensics::{MeanTest, Summary, p_values_of_means, sum_is_whole, widest_spread};
use study::{Check, Examined, Published, PublishedTest, Quantity, Standing};

use super::statement::{Statement, Whom};
use super::statements::Statements;
use super::verdict::Verdict;

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let means = || all.every(Published::Mean);
    let whole = means().filter_map(|mean| whole_numbers(all, mean));
    let spread =
        all.every(Published::StandardDeviation).filter_map(|spread| within_range(all, spread));
    let p = all.every(Published::PValue).filter(|p| !p.adjusted);
    whole.chain(spread).chain(p.filter_map(|p| p_of_means(all, p))).collect()
}

/// The mean of whole numbers is a whole sum over the patients.
fn whole_numbers(all: &Statements<'_>, mean: &Statement) -> Option<Examined> {
    let patients = all.denominator(mean).filter(|_| mean.whole_numbers)?;
    let value = mean.value?;
    let names = std::iter::once(mean.name.as_str()).chain(patients.claims);
    let verdict = Verdict::of(Check::MeanOfWholeNumbers, names).count("n", patients.n);
    let nearest = (value.middle() * patients.n as f64).round() / patients.n as f64;
    let verdict = verdict.clue("nearest_mean", Quantity::Measured, nearest);
    Some(verdict.fits(sum_is_whole(value, patients.n)))
}

/// Values between the smallest and the largest spread no further.
fn within_range(all: &Statements<'_>, spread: &Statement) -> Option<Examined> {
    let beside = |statistic| all.find(statistic, &spread.what, &spread.whom);
    let (least, most) = (beside(Published::Minimum)?, beside(Published::Maximum)?);
    let mean = beside(Published::Mean)?;
    let patients = all.denominator(spread).filter(|patients| patients.n > 1)?;
    let (low, high, middle) = (least.value?, most.value?, mean.value?);
    let names = [spread, mean, least, most].map(|one| one.name.as_str());
    let widest = widest_spread(middle, low, high, patients.n);
    let verdict = Verdict::of(Check::SpreadWithinRange, names.into_iter().chain(patients.claims))
        .clue("largest_standard_deviation", Quantity::Measured, widest);
    let is_between = !middle.is_above(high) && !low.is_above(middle);
    // Room for the rounding of the arithmetic only.
    Some(verdict.fits(is_between && spread.value?.lower <= widest * (1.0 + 1e-12)))
}

/// The tests of means that print a p-value. Ranks are compared as often: a test
/// that nobody names contradicts nothing.
fn p_of_means(all: &Statements<'_>, p: &Statement) -> Option<Examined> {
    let [group, reference] = all.pair(p)?;
    let (one, own) = summary(all, p, &group)?;
    let (other, others) = summary(all, p, &reference)?;
    let names = std::iter::once(p.name.as_str()).chain(own).chain(others);
    let mut verdict = Verdict::of(Check::PFromMeans, names);
    let printed = p.value?;
    let mut fits = false;
    for (test, found) in p_values_of_means(one, other) {
        let (name, named) = match test {
            MeanTest::Student => ("p_student", PublishedTest::Student),
            MeanTest::Welch => ("p_welch", PublishedTest::Welch),
            MeanTest::Normal => ("p_normal", PublishedTest::Wald),
        };
        let prints = printed.meets(found);
        // A test that prints p but is not the one that was named does not count.
        fits |= prints && p.test.is_none_or(|test| test == named);
        verdict = verdict.clue_that_prints(name, Quantity::PValue, found.middle(), Some(prints));
    }
    let is_named = matches!(p.test, Some(PublishedTest::Student | PublishedTest::Welch));
    Some(verdict.stands(match (fits, is_named) {
        (true, _) => Standing::Consistent,
        (false, true) => Standing::Contradiction,
        (false, false) => Standing::Unusual,
    }))
}

fn summary<'a>(
    all: &Statements<'a>,
    p: &Statement,
    whom: &Whom,
) -> Option<(Summary, Vec<&'a str>)> {
    let mean = all.find(Published::Mean, &p.what, whom)?;
    let spread = all.find(Published::StandardDeviation, &p.what, whom)?;
    let patients = all.denominator(mean).filter(|patients| patients.n > 1)?;
    let names = [mean.name.as_str(), &spread.name].into_iter().chain(patients.claims);
    let summary = Summary { mean: mean.value?, standard_deviation: spread.value?, n: patients.n };
    Some((summary, names.collect()))
}
