//! Numbers to text, by the SAMPL guidelines. Every number on every output goes
//! through here, rounded once from full precision; nothing is computed.
//!
//! Rounding is that of [`study::rounded`]: half away from zero, on the shortest
//! decimal form of the number.

use study::{Finding, Quantity, State, StudySettings, TimeUnit, Withheld, rounded};

/// A quantile that the curve does not come down to.
pub const NOT_REACHED: &str = "NR";
/// A number that is not defined on the data.
pub const NOT_ESTIMABLE: &str = "–";
/// A number that is kept back because a small count could be had from it.
pub const CONFIDENTIAL: &str = "[c]";
const MINUS: char = '\u{2212}';
const THOUSANDS: char = '\u{202f}';

/// How p-values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PValueStyle {
    /// Two decimals from 0.01 on, three below and where two would give 0.05
    /// (more where three would turn a p below 0.05 into it), `<0.001` under
    /// 0.001.
    #[default]
    Rounded,
    /// Two significant digits below 0.01, as in `0.00098`, down to a millionth.
    TwoSignificantDigits,
}

/// A number with a fixed number of decimals and a true minus sign.
#[must_use]
pub fn number(value: f64, decimals: usize) -> String {
    moved(value, decimals, 0)
}

/// A share as a percentage without its sign, the point moved in its digits.
#[must_use]
pub fn hundredfold(share: f64, decimals: usize) -> String {
    moved(share, decimals, 2)
}

fn moved(value: f64, decimals: usize, power: i32) -> String {
    match value.is_finite() {
        // A hyphen is shorter than a plus sign, and a line may break behind it.
        true => rounded(value, decimals, power).replace('-', "\u{2212}"),
        false => NOT_ESTIMABLE.to_owned(),
    }
}

/// A number with its sign, whichever it is; 0 has none.
#[must_use]
pub fn signed(value: f64, decimals: usize) -> String {
    let digits = number(value, decimals);
    // `+0.00` would claim a direction that the digits do not show.
    if value > 0.0 && digits != number(0.0, decimals) { format!("+{digits}") } else { digits }
}

/// A number in full precision for files that others compute on: the shortest
/// digits that give the same number again.
#[must_use]
pub fn exact(value: f64) -> String {
    // Adding nought turns minus nought into nought.
    (value + 0.0).to_string()
}

/// A number as the files of results have it: the shortest digits that give the
/// same number again, with a power of ten where it is very small or large.
#[must_use]
pub fn as_stored(value: f64) -> String {
    serde_json::Value::from(value).to_string()
}

/// A count; from five digits on with a narrow space between thousands.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    // Four digits stand without a space, as is usual in print.
    if digits.len() < 5 {
        return digits;
    }
    let mut spaced = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            spaced.push(THOUSANDS);
        }
        spaced.push(digit);
    }
    spaced
}

/// A share between 0 and 1 as a percentage with one decimal, such as `67.6%`.
#[must_use]
pub fn percent(share: f64) -> String {
    let digits = hundredfold(share, 1);
    if share.is_finite() { digits + "%" } else { digits }
}

/// A count with its percentage, such as `25 (67.6%)`; of nobody, the count alone.
#[must_use]
pub fn count_percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return count(part);
    }
    format!("{} ({})", count(part), percent(part as f64 / whole as f64))
}

/// A count out of a total with its percentage, such as `25/37 (67.6%)`.
#[must_use]
pub fn fraction_percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return format!("{}/{}", count(part), count(whole));
    }
    format!("{}/{} ({})", count(part), count(whole), percent(part as f64 / whole as f64))
}

/// A ratio with two decimals; what two decimals cannot show is `<0.01`, and
/// from 100 on there are none.
#[must_use]
pub fn ratio(value: f64) -> String {
    // `0.00` would be read as no event at all in one group.
    if value > 0.0 && value < 0.005 {
        "<0.01".to_owned()
    // So large a ratio mostly comes of separation in the data, and its digits mean nothing.
    } else if value >= 1000.0 && value.is_finite() {
        ">999".to_owned()
    } else if value >= 100.0 {
        number(value, 0)
    } else {
        number(value, 2)
    }
}

/// A small number such as `3.5 × 10⁻¹²`; `0` for none.
#[must_use]
pub fn scientific(value: f64) -> String {
    let written = format!("{value:.1e}");
    match written.split_once("e-") {
        Some((digits, power)) => {
            let power = power.parse().unwrap_or_default();
            // No line breaks between the digits and their power.
            format!("{digits}\u{a0}\u{d7}\u{a0}{}", negative_power(power))
        }
        None if value == 0.0 => "0".to_owned(),
        None => number(value, 1),
    }
}

/// Ten to the power of a negative whole number, such as `10⁻¹²`; `1` for 0.
#[must_use]
pub fn negative_power(power: u32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if power == 0 {
        return "1".to_owned();
    }
    let raised = power
        .to_string()
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .map(|digit| RAISED[digit as usize])
        .collect::<String>();
    format!("10\u{207b}{raised}")
}

/// A p-value in the default style.
#[must_use]
pub fn p_value(p: f64) -> String {
    p_value_in(p, PValueStyle::Rounded)
}

/// A p-value in a style. Only a p of exactly 1 is printed `1.00`.
#[must_use]
pub fn p_value_in(p: f64, style: PValueStyle) -> String {
    if !p.is_finite() {
        return NOT_ESTIMABLE.to_owned();
    }
    let text = number(p, 2);
    if p >= 0.01 {
        return match text.as_str() {
            // A p-value that is not 1 must not be printed as certainty.
            "1.00" if p < 1.0 => ">0.99".to_owned(),
            // Readers compare with 0.05: the printed number must lie on the side of it on which the
            // number itself lies.
            "0.05" if p < 0.05 => short_of_one_twentieth(p),
            "0.05" => number(p, 3),
            _ => text,
        };
    }
    match style {
        PValueStyle::Rounded if p < 0.001 => "<0.001".to_owned(),
        PValueStyle::Rounded => match number(p, 3) {
            // `0.010` beside `0.01` would look like a finer number
            long if long == "0.010" => text,
            long => long,
        },
        PValueStyle::TwoSignificantDigits if p < 1e-6 => "<0.000001".to_owned(),
        PValueStyle::TwoSignificantDigits => two_significant_digits(p),
    }
}

/// `p = 0.03` or `p < 0.001`, for running text.
#[must_use]
pub fn p_statement(p: f64, style: PValueStyle) -> String {
    let text = p_value_in(p, style);
    match text.strip_prefix(['<', '>']) {
        Some(bound) => format!("p {} {bound}", &text[..1]),
        None => format!("p = {text}"),
    }
}

/// As many decimals as it takes not to print 0.05.
fn short_of_one_twentieth(p: f64) -> String {
    // Nearer to 0.05 than eleven decimals show, `<0.05` says all that matters.
    let texts = (3..12).map(|decimals| number(p, decimals));
    let telling = texts.clone().find(|text| text.trim_end_matches('0') != "0.05");
    telling.unwrap_or_else(|| "<0.05".to_owned())
}

/// Positional notation, so that no reader has to decode an exponent.
fn two_significant_digits(p: f64) -> String {
    // The exponent is read from the digits: a logarithm could miss a power of ten by its last bit.
    let scientific = format!("{p:e}");
    let exponent = scientific.split_once("e-").and_then(|(_, digits)| digits.parse::<usize>().ok());
    let Some(exponent) = exponent else { return number(p, 2) };
    let text = number(p, exponent + 1);
    // 0.000996 becomes 0.0010: rounding up gives a digit more in front
    let significant = text.trim_start_matches(['0', '.']).len();
    if significant > 2 { number(p, exponent) } else { text }
}

/// A duration in days, in the unit of the study with one decimal; whole days
/// have none where the unit is the day.
#[must_use]
pub fn duration(days: f64, study: &StudySettings) -> String {
    let decimals = usize::from(study.time_unit != TimeUnit::Days || days.fract() != 0.0);
    number(days / study.days_per_time_unit(), decimals)
}

/// A time on an axis or in a heading: whole where it is whole.
#[must_use]
pub fn axis_number(value: f64) -> String {
    let nearest = value.round();
    // Twelve months in days, divided by the days of a month, may miss twelve.
    if (value - nearest).abs() < 1e-9 {
        return number(nearest, 0);
    }
    let digits = number(value, 4);
    digits.trim_end_matches('0').to_owned()
}

/// A time of follow-up in the study's unit, such as `4 months`.
#[must_use]
pub fn time(days: f64, study: &StudySettings) -> String {
    let number = axis_number(days / study.days_per_time_unit());
    study::numbered(&number, study.time_unit.word())
}

/// `95% CI` for a confidence level.
#[must_use]
pub fn interval_name(level: f64) -> String {
    format!("{}% CI", axis_number(100.0 * level))
}

/// `lower–upper`; ` to ` stands between them where one has a sign.
#[must_use]
pub fn interval(lower: &str, upper: &str) -> String {
    // A dash before a minus sign, or before the dash of a missing limit, could not be told from it.
    let signed = lower.starts_with(MINUS) || upper.starts_with(MINUS);
    let absent = lower == NOT_ESTIMABLE || upper == NOT_ESTIMABLE;
    let between = if signed || absent { " to " } else { "–" };
    format!("{lower}{between}{upper}")
}

/// A value or limit of a finding as its quantity is printed, without its unit.
#[must_use]
pub fn of_finding(value: f64, finding: &Finding, study: &StudySettings) -> String {
    match (finding.quantity, finding.decimals) {
        (Quantity::Measured, Some(decimals)) => number(value, usize::from(decimals)),
        _ => quantity(value, finding.quantity, study),
    }
}

/// A number as its quantity is printed, without its interval.
pub(crate) fn quantity(value: f64, quantity: Quantity, study: &StudySettings) -> String {
    match quantity {
        // Counts are kept as doubles, as every value is.
        Quantity::Count => count(value.round().max(0.0) as u64),
        Quantity::Proportion | Quantity::Survival => percent(value),
        Quantity::ProportionDifference => hundredfold(value, 1),
        Quantity::Measured => number(value, 1),
        Quantity::Days => duration(value, study),
        Quantity::Ratio => ratio(value),
        Quantity::PValue => p_value(value),
        Quantity::Statistic | Quantity::Coefficient | Quantity::StandardizedDifference => {
            number(value, 2)
        }
        Quantity::DegreesOfFreedom => axis_number(value),
    }
}

/// The value of a finding, `NR` or `–`.
#[must_use]
pub fn value(finding: &Finding, study: &StudySettings) -> String {
    match (finding.state, finding.value) {
        (State::NotReached, _) => NOT_REACHED.to_owned(),
        // The state is asked before the value, so that a number left in a hidden finding could not
        // be printed.
        (State::Small, _) => below(study.privacy.smallest_cell),
        (State::Hidden, _) => CONFIDENTIAL.to_owned(),
        (State::Estimated, Some(number)) => of_finding(number, finding, study),
        _ => NOT_ESTIMABLE.to_owned(),
    }
}

/// A count that is not shown because it is smaller than this.
#[must_use]
pub fn below(smallest: u64) -> String {
    format!("<{smallest}")
}

/// A count, or that it is below the smallest that is shown; nobody is no small
/// count.
#[must_use]
pub fn count_or_below(number: u64, smallest: Option<u64>) -> String {
    match smallest {
        Some(smallest) if number > 0 && number < smallest => below(smallest),
        _ => count(number),
    }
}

/// The patients, events or missing ones of a finding; none where it has none.
#[must_use]
pub fn counted(finding: &Finding, which: Withheld, study: &StudySettings) -> Option<String> {
    if finding.withheld.contains(&which) {
        return Some(match finding.state {
            State::Hidden => CONFIDENTIAL.to_owned(),
            _ => below(study.privacy.smallest_cell),
        });
    }
    let number = match which {
        Withheld::N => finding.n,
        Withheld::Events => finding.events,
        Withheld::Missing => finding.missing,
    };
    number.map(count)
}

/// Events out of patients, such as `25/37`; none where a finding has not both.
#[must_use]
pub fn fraction(finding: &Finding, study: &StudySettings) -> Option<String> {
    let events = counted(finding, Withheld::Events, study)?;
    Some(format!("{events}/{}", counted(finding, Withheld::N, study)?))
}

/// The same with its percentage, where nothing is kept back.
#[must_use]
pub fn fraction_with_percent(finding: &Finding, study: &StudySettings) -> Option<String> {
    match (finding.events, finding.n) {
        (Some(events), Some(n)) => Some(fraction_percent(events, n)),
        _ => fraction(finding, study),
    }
}

/// The confidence interval of a finding without brackets, such as
/// `0.24–0.63`; none where it has no limit at all, unless it is a quantile that
/// is itself reached.
#[must_use]
pub fn limits(finding: &Finding, study: &StudySettings) -> Option<String> {
    finding.confidence_level?;
    if matches!(finding.state, State::Small | State::Hidden) {
        return None;
    }
    let is_quantile = finding.quantity == Quantity::Days;
    // `20.0 (NR–NR)` says that both limits were looked for. Behind `NR` they would only repeat it.
    let says_more = is_quantile && finding.state != State::NotReached;
    if finding.lower.is_none() && finding.upper.is_none() && !says_more {
        return None;
    }
    // A missing limit of a median lies beyond follow-up. That of a ratio does not exist.
    let absent = if is_quantile { NOT_REACHED } else { NOT_ESTIMABLE };
    let limit = |limit: Option<f64>| match limit {
        Some(limit) => bare(&of_finding(limit, finding, study)),
        None => absent.to_owned(),
    };
    Some(interval(&limit(finding.lower), &limit(finding.upper)))
}

/// The percent sign stands once, behind the estimate.
fn bare(limit: &str) -> String {
    limit.trim_end_matches('%').to_owned()
}

/// Value and interval, such as `0.39 (0.24–0.63)`.
#[must_use]
pub fn value_with_limits(finding: &Finding, study: &StudySettings) -> String {
    let estimate = value(finding, study);
    match limits(finding, study) {
        // Limits without an estimate would be read as one.
        Some(limits) if estimate != NOT_ESTIMABLE => format!("{estimate} ({limits})"),
        _ => estimate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::study;

    #[test]
    fn a_measured_number_has_the_digits_of_its_column_in_tables_and_texts() {
        use crate::text::prose::{Show, print};
        let mut finding = Finding::new("s", "k", "median", Quantity::Measured, 1969.5);
        finding = finding.limits(Some(1968.25), Some(1972.0), 0.95);
        finding.unit = Some("CE".into());
        let said = |finding: &Finding, decimals| {
            let study = study();
            let text = print(finding, Show::Full, decimals, &study).expect("text");
            [value(finding, &study), limits(finding, &study).expect("limits"), text]
        };
        let usual = ["1969.5", "1968.3–1972.0", "1969.5\u{a0}CE (95% CI 1968.3–1972.0)"];
        assert_eq!(said(&finding, None), usual);
        // A calendar year: a decimal would be nonsense, and a text may ask for it all the same.
        finding.decimals = Some(0);
        assert_eq!(said(&finding, None), ["1970", "1968–1972", "1970\u{a0}CE (95% CI 1968–1972)"]);
        let asked = "1969.50\u{a0}CE (95% CI 1968.25–1972.00)";
        assert_eq!(said(&finding, Some(2))[2], asked, "a text asks for what it wants");
        finding.quantity = Quantity::Ratio;
        assert_eq!(value(&finding, &study()), ">999", "a ratio of it is a ratio");
    }

    #[test]
    fn small_differences_have_powers_of_ten() {
        let printed = [
            (3.46e-12, "3.5\u{a0}×\u{a0}10⁻¹²"),
            (0.0, "0"),
            (9.96e-10, "1.0\u{a0}×\u{a0}10⁻⁹"),
            (1.26, "1.3"),
        ];
        for (value, text) in printed {
            assert_eq!(scientific(value), text);
        }
        assert_eq!([0, 9, 10].map(negative_power), ["1", "10⁻⁹", "10⁻¹⁰"]);
    }

    #[test]
    fn p_values_are_exact() {
        let printed = [
            (0.00098, "<0.001"),
            (0.001, "0.001"),
            (0.005984, "0.006"),
            (0.0094, "0.009"),
            // Three decimals would give `0.010`.
            (0.0096, "0.01"),
            (0.01, "0.01"),
            (0.0342, "0.03"),
            // Three decimals would give 0.050, as if it were not below 0.05.
            (0.0496, "0.0496"),
            (0.0451, "0.045"),
            (0.05, "0.050"),
            (0.052, "0.052"),
            (0.0549, "0.055"),
            (0.055, "0.06"),
            (0.2349, "0.23"),
            (0.9962, ">0.99"),
            (1.0, "1.00"),
            (0.0, "<0.001"),
            (f64::NAN, "–"),
        ];
        for (p, text) in printed {
            assert_eq!(p_value(p), text, "p = {p}");
        }
    }

    #[test]
    fn small_p_values_can_keep_two_digits() {
        let style = PValueStyle::TwoSignificantDigits;
        assert_eq!(p_value_in(0.000_98, style), "0.00098");
        assert_eq!(p_value_in(0.005_984, style), "0.0060");
        // Rounding up gives another digit in front. Two are kept.
        assert_eq!(p_value_in(0.000_099_9, style), "0.00010");
        assert_eq!(p_value_in(0.000_995, style), "0.0010");
        assert_eq!(p_value_in(0.000_985, style), "0.00099", "half goes away from zero");
        assert_eq!(p_value_in(0.000_125, style), "0.00013");
        assert_eq!(p_value_in(0.03, style), "0.03");
        assert_eq!(p_value_in(1e-9, style), "<0.000001");
        assert_eq!(p_statement(1e-9, style), "p < 0.000001");
        assert_eq!(p_statement(0.034, style), "p = 0.03");
        assert_eq!(p_statement(0.999, style), "p > 0.99");
    }

    #[test]
    fn numbers_round_once_and_carry_a_true_minus() {
        assert_eq!(number(0.125, 2), "0.13", "half goes away from zero");
        assert_eq!(number(0.375, 2), "0.38");
        // The double lies a little below 2.675, and would be 2.67 by its exact value.
        assert_eq!(number(2.675, 2), "2.68", "by the shortest decimal form");
        assert_eq!(number(-0.125, 2), "\u{2212}0.13");
        assert_eq!(number(-1.5, 1), "\u{2212}1.5");
        assert_eq!(number(-0.001, 2), "0.00");
    }

    #[test]
    fn counts_and_shares() {
        assert_eq!(count(1234), "1234");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(percent(25.0 / 37.0), "67.6%");
        // 2.25 and 0.25 percent lie half way.
        assert_eq!(percent(9.0 / 400.0), "2.3%");
        assert_eq!(percent(1.0 / 400.0), "0.3%");
        assert_eq!(count_percent(0, 0), "0");
        assert_eq!(fraction_percent(25, 37), "25/37 (67.6%)");
    }

    #[test]
    fn ratios_show_what_two_decimals_can() {
        for (value, text) in
            [(0.394_9, "0.39"), (0.004, "<0.01"), (0.0, "0.00"), (48.26, "48.26"), (123.4, "123")]
        {
            assert_eq!(ratio(value), text);
        }
        assert_eq!(ratio(5e7), ">999");
    }

    #[test]
    fn durations_follow_the_unit_of_the_study() {
        let months = study();
        // 20 months of 30.4375 days.
        assert_eq!(duration(608.75, &months), "20.0");
        let days = StudySettings { time_unit: TimeUnit::Days, ..months };
        assert_eq!(duration(270.0, &days), "270");
        assert_eq!(duration(2.5, &days), "2.5");
    }

    #[test]
    fn findings_print_with_their_interval() {
        let study = study();
        let ratio = Finding::new("s", "k", "hazard_ratio", Quantity::Ratio, 0.394_9);
        let ratio = ratio.limits(Some(0.2375), Some(0.6312), 0.95);
        assert_eq!(value_with_limits(&ratio, &study), "0.39 (0.24–0.63)");
        let share = Finding::new("s", "k", "orr", Quantity::Proportion, 25.0 / 37.0);
        let share = share.limits(Some(0.509), Some(0.805), 0.95);
        assert_eq!(value_with_limits(&share, &study), "67.6% (50.9–80.5)");
        let median = Finding::new("s", "k", "median", Quantity::Days, 0.0);
        let median = median.without_value(State::NotReached).limits(Some(609.0), None, 0.95);
        assert_eq!(value_with_limits(&median, &study), "NR (20.0–NR)");
        let never = Finding::new("s", "k", "median", Quantity::Days, 0.0);
        let never = never.without_value(State::NotReached).limits(None, None, 0.95);
        assert_eq!(value_with_limits(&never, &study), "NR");
        let open = Finding::new("s", "k", "median", Quantity::Days, 609.0).limits(None, None, 0.95);
        assert_eq!(value_with_limits(&open, &study), "20.0 (NR–NR)");
        let none = Finding::new("s", "k", "hazard_ratio", Quantity::Ratio, f64::NAN);
        assert_eq!(value_with_limits(&none, &study), "–");
        let difference = Finding::new("s", "k", "d", Quantity::ProportionDifference, 0.02);
        let difference = difference.limits(Some(-0.05), Some(0.09), 0.95);
        assert_eq!(value_with_limits(&difference, &study), "2.0 (\u{2212}5.0 to 9.0)");
    }
}
