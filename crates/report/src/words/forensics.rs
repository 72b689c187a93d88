//! The words of examinations of published numbers.

use study::{Check, Clue, Lack, Quantity, Standing, StudySettings};

use crate::format;

/// What an examination tries, in words.
#[must_use]
pub fn check(check: Check) -> &'static str {
    match check {
        Check::CountsThatFit => "whole counts that print the percentage",
        Check::CountAndShare => "the count beside its percentage",
        Check::Denominators => "denominators that leave every percentage of the group a count",
        Check::PartWithinWhole => "a part is no larger than the whole",
        Check::PossibleValue => "the number is possible at all",
        Check::GroupsAddUp => "groups add up to everybody",
        Check::LevelsAddUp => "levels or subgroups add up",
        Check::PFromCounts => "tests of the counts that print the p-value",
        Check::OneTestForAll => "one test that prints all p-values of counts",
        Check::EffectFromCounts => "the effect that the counts give",
        Check::LimitsOfShare => "confidence limits of the share by the usual methods",
        Check::EstimateWithinLimits => "the estimate in the middle of its limits",
        Check::LimitsAndP => "the p-value that the limits give",
        Check::LimitsAndEvents => "limits no narrower than the events permit",
        Check::RatioFromPAndEvents => "the hazard ratio behind the p-value and the events (Peto)",
        Check::MediansAndRatio => "the ratio of medians against the hazard ratio",
        Check::MediansAndP => "the ratio of medians against the p-value, with exponential curves",
        Check::SurvivalFalls => "survival does not rise",
        Check::AtRiskFalls => "numbers at risk do not rise",
        Check::MedianAndSurvival => {
            "survival is at least one half before the median, at most behind"
        }
        Check::SurvivalAndAtRisk => "survival is no less than the share still at risk",
        Check::MedianAndEvents => "with events in more than half the median is reached",
        Check::LimitsOfSurvival => "confidence limits of survival of some kind, and wide enough",
        Check::NestedEndpoints => "the endpoint that includes the other comes no later",
        Check::MeanOfWholeNumbers => "a whole sum that prints the mean",
        Check::SpreadWithinRange => "a standard deviation that the range permits",
        Check::PFromMeans => "tests of the means that print the p-value",
        Check::TooAlike => "groups no more alike than chance makes them",
        Check::SameInAllPlaces => "the same number in several places",
        Check::Unexamined => "no examination",
    }
}

/// A standing in words.
#[must_use]
pub fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Consistent => "consistent",
        Standing::NotCheckable => "not checkable",
        Standing::Unusual => "unusual",
        Standing::Contradiction => "contradiction",
    }
}

/// Why numbers that fit are unusual.
#[must_use]
pub fn unusual(check: Check) -> &'static str {
    match check {
        Check::Denominators => {
            "every percentage is of the whole group: nobody lacked an evaluation, or who did was counted as without the outcome"
        }
        Check::PFromCounts => "only a test of one side prints it, or one that is not named",
        Check::OneTestForAll => "each p-value is of another test",
        Check::LimitsOfShare => "none of the usual methods prints them, though they are near",
        Check::EstimateWithinLimits => "not the limits of Wald's method",
        Check::LimitsAndP => "near, but not the p-value of these limits",
        Check::MediansAndRatio => "hazards that change with time, or another pair of groups",
        Check::MediansAndP => {
            "the ratio of medians is not the hazard ratio, whose curves would need these events"
        }
        Check::SurvivalAndAtRisk => "events at that very time would explain it",
        Check::PFromMeans => "a test of ranks, or another one, would explain it",
        Check::LevelsAddUp => "some have no value",
        Check::TooAlike => "chance alone makes groups differ more",
        // Checks that are never unusual, only consistent or contradicted, have no words of their
        // own.
        _ => "rare",
    }
}

/// Why a number could not be examined.
#[must_use]
pub fn lack(lack: Lack) -> &'static str {
    match lack {
        Lack::Meaning => "nothing says what it is of",
        Lack::Number => "it is no number",
        Lack::Patients => "the number of patients is not claimed",
        Lack::Adjusted => "it is adjusted, which printed numbers cannot give",
        Lack::Counterpart => "nothing is printed to hold it against",
        Lack::Digits => "too many counts print the percentages",
    }
}

/// A number behind a standing, with its name: `Yates 0.00923 (prints it)`.
#[must_use]
pub fn clue(clue: &Clue, study: &StudySettings) -> String {
    let prints = match clue.prints {
        // That a test does not print the number is seen from it.
        Some(true) => " (prints it)",
        _ => "",
    };
    format!("{} {}{prints}", name(&clue.name), value(clue, study))
}

fn name(name: &str) -> String {
    let test = name.strip_prefix("p_").unwrap_or(name);
    match test {
        "pearson" => "Pearson".to_owned(),
        "yates" => "Yates".to_owned(),
        "fisher" => "Fisher".to_owned(),
        "mid_p" => "mid-p".to_owned(),
        "fisher_doubled" => "Fisher, doubled tail".to_owned(),
        "mantel_haenszel" => "Mantel-Haenszel".to_owned(),
        "wald" => "Wald (log odds ratio)".to_owned(),
        "unpooled" => "unpooled difference".to_owned(),
        "student" => "Student".to_owned(),
        "welch" => "Welch".to_owned(),
        "pearson_one_sided" => "Pearson, one-sided".to_owned(),
        "yates_one_sided" => "Yates, one-sided".to_owned(),
        "fisher_one_sided" => "Fisher, one-sided".to_owned(),
        _ if name.starts_with("p_of_") => name.replacen("p_of_", "p of ", 1).replace('_', " "),
        _ => test.replace('_', " "),
    }
}

/// P-values with three significant digits, as tests are told apart by them.
fn value(clue: &Clue, study: &StudySettings) -> String {
    match clue.quantity {
        Quantity::PValue => significant(clue.value),
        quantity => format::quantity(clue.value, quantity, study),
    }
}

fn significant(p: f64) -> String {
    const MOST: usize = 7;
    let mut decimals = 3;
    let mut scaled = p;
    // By multiplication, as the platform's logarithm may miss a power of ten.
    while scaled < 0.1 && decimals < MOST {
        scaled *= 10.0;
        decimals += 1;
    }
    match p < 1e-7 {
        true => format!("<0.{}1", "0".repeat(MOST - 1)),
        false => format::number(p, decimals),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn clues_are_told_with_the_digits_that_matter() {
        for (of, quantity, value, prints, words) in [
            ("p_yates", Quantity::PValue, 0.009_231, Some(true), "Yates 0.00923 (prints it)"),
            ("p_fisher", Quantity::PValue, 0.008_674, Some(false), "Fisher 0.00867"),
            ("p_mid_p", Quantity::PValue, 0.25, None, "mid-p 0.250"),
            // Below the seventh decimal no printed p-value can be told from it.
            ("p_of_limits", Quantity::PValue, 1.4e-9, None, "p of limits <0.0000001"),
            ("counts_that_fit", Quantity::Count, 1.0, None, "counts that fit 1"),
            ("hazard_ratio", Quantity::Ratio, 0.394, None, "hazard ratio 0.39"),
        ] {
            let one = Clue { name: of.to_owned(), quantity, value, prints };
            assert_eq!(clue(&one, &sample::study()), words);
        }
    }
}
