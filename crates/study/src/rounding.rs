//! Rounding as a reader does it by hand: half away from zero, on the shortest
//! decimal form that reads back to the same number. One rule for tables,
//! figures, prose and claims.

/// `value` with `decimals` digits after the point, `10^power` times as large:
/// a share printed as a percentage has a power of 2. The decimal point is
/// moved in the digits, so that 0.0225 is 2.3% and not what 100 times the
/// nearest binary number happens to be. A number that rounds to nought has no
/// sign.
///
/// # Panics
/// If `value` is infinite or not a number.
#[must_use]
pub fn rounded(value: f64, decimals: usize, power: i32) -> String {
    assert!(value.is_finite(), "invariant: only finite numbers are printed");
    // The shortest digits that read back to the same number: what a person sees, and
    // not the bits.
    let scientific = format!("{:e}", value.abs());
    let (digits, exponent) = scientific.split_once('e').expect("invariant: an exponent is there");
    let exponent: i32 = exponent.parse().expect("invariant: an exponent is a whole number");
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).map(|d| d - b'0').collect();
    // `digits` stand before and behind a point after the first `before` of them
    // Moving the point by counting, so that no multiplication by 100 rounds once
    // before.
    let before = i64::from(exponent) + i64::from(power) + 1;
    let kept = before + i64::try_from(decimals).unwrap_or(i64::MAX / 2);
    let whole = rounded_digits(&digits, kept);
    let text = with_point(&whole, decimals);
    let is_nought = whole.iter().all(|digit| *digit == 0);
    // No -0.0: a change that rounds to nought has no direction.
    if value < 0.0 && !is_nought { format!("-{text}") } else { text }
}

/// The first `kept` digits, the next one rounding them up from five on; fewer
/// than no digits are nought.
fn rounded_digits(digits: &[u8], kept: i64) -> Vec<u8> {
    let Ok(kept) = usize::try_from(kept) else { return vec![0] };
    // A nought in front takes up a carry: 999.95 becomes 1000.0.
    let mut whole = vec![0];
    whole.extend((0..kept).map(|place| digits.get(place).copied().unwrap_or(0)));
    // The next digit alone decides: behind the shortest form nothing is hidden.
    if digits.get(kept).is_some_and(|next| *next >= 5) {
        for digit in whole.iter_mut().rev() {
            *digit = (*digit + 1) % 10;
            if *digit != 0 {
                break;
            }
        }
    }
    whole
}

/// Digits of a whole number as text, the last `decimals` of them behind a point.
fn with_point(digits: &[u8], decimals: usize) -> String {
    let mut digits: Vec<char> = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    while digits.len() <= decimals {
        digits.insert(0, '0');
    }
    let point = digits.len() - decimals;
    // One digit stays before the point: 0.4 and not .4.
    let first = digits[..point - 1].iter().take_while(|digit| **digit == '0').count();
    let (whole, part) = (&digits[first..point], &digits[point..]);
    let whole: String = whole.iter().collect();
    if part.is_empty() { whole } else { format!("{whole}.{}", part.iter().collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_away_from_zero_on_the_decimal_form() {
        let cases = [
            // As doubles these lie below their half; as they are written they lie on it.
            (0.35, 1, "0.4"),
            (1.005, 2, "1.01"),
            (2.675, 2, "2.68"),
            (0.15, 1, "0.2"),
            (0.25, 1, "0.3"),
            (2.5, 0, "3"),
            (-2.5, 0, "-3"),
            (0.5, 0, "1"),
            (0.499_999, 0, "0"),
            (-0.04, 1, "0.0"),
            (999.95, 1, "1000.0"),
            (0.0, 2, "0.00"),
            (1e-300, 3, "0.000"),
            (123_456_789.0, 0, "123456789"),
            // Beyond what whole numbers of 64 bits hold.
            (1e21, 1, "1000000000000000000000.0"),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(rounded(value, decimals, 0), expected, "{value}");
        }
    }

    #[test]
    fn percentages_move_the_point() {
        // 0.0225 and 0.0025 are halves as written.
        assert_eq!(rounded(9.0 / 400.0, 1, 2), "2.3");
        assert_eq!(rounded(1.0 / 400.0, 1, 2), "0.3");
        assert_eq!(rounded(1.0, 1, 2), "100.0");
        assert_eq!(rounded(0.9995, 1, 2), "100.0");
        assert_eq!(rounded(25.0 / 37.0, 1, 2), "67.6");
        assert_eq!(rounded(-0.281, 0, 2), "-28");
    }

    /// Where no half is met it is what the number itself rounds to.
    #[test]
    fn elsewhere_it_is_plain_rounding() {
        for place in 1..2000_i32 {
            let value = f64::from(place) * 0.001_237;
            assert_eq!(rounded(value, 2, 0), format!("{value:.2}"), "{value}");
        }
    }
}
