//! Single numbers: the functions of one, rounding, and the way between types.

use crate::sql::functions::{Curve, Function};

/// A whole number as the nearest real one.
#[expect(clippy::cast_precision_loss, reason = "as every program compares them: exact to 2^53")]
pub(crate) fn real(value: i64) -> f64 {
    value as f64
}

/// A real number without its fraction, if a whole number can hold it.
#[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
pub(crate) fn whole(value: f64) -> Option<i64> {
    // 2^63, the first that does not fit
    const END: f64 = 9_223_372_036_854_775_808.0;
    (-END..END).contains(&value).then_some(value as i64)
}

/// A function of one real number.
pub(crate) fn curve(curve: Curve, x: f64) -> f64 {
    match curve {
        // Exact to the last bit on every machine by its standard; the others are not, and
        // come from `libm`.
        Curve::Sqrt => x.sqrt(),
        Curve::Cbrt => libm::cbrt(x),
        Curve::Exp => libm::exp(x),
        Curve::Ln => libm::log(x),
        Curve::Log10 => libm::log10(x),
        Curve::Log2 => libm::log2(x),
        Curve::Log1p => libm::log1p(x),
        Curve::Sin => libm::sin(x),
        Curve::Cos => libm::cos(x),
        Curve::Tan => libm::tan(x),
        Curve::Asin => libm::asin(x),
        Curve::Acos => libm::acos(x),
        Curve::Atan => libm::atan(x),
        Curve::Degrees => x * 180.0 / std::f64::consts::PI,
        Curve::Radians => x * std::f64::consts::PI / 180.0,
    }
}

/// Rounding of a real number; a function that does not round leaves it.
pub(crate) fn rounded(function: Function, x: f64, digits: i64) -> f64 {
    match function {
        Function::Ceil => x.ceil(),
        Function::Floor => x.floor(),
        Function::Truncate => x.trunc(),
        Function::Round => half_away(x, digits),
        _ => x,
    }
}

/// Rounds to a number of digits behind the point, halves away from zero, by the
/// number as it is written: 2.675 becomes 2.68 although its bits lie below.
pub(crate) fn half_away(x: f64, digits: i64) -> f64 {
    if !x.is_finite() || x == 0.0 {
        return x;
    }
    // The shortest digits that read back: what was meant.
    let written = format!("{:e}", x.abs());
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let figures: Vec<u8> =
        mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    // how many of the figures stand before the place that is rounded to
    let kept = exponent + 1 + digits;
    // The first figure stands behind the place that is rounded to: nought, with its
    // sign.
    let Ok(kept) = usize::try_from(kept) else { return 0.0 * x.signum() };
    if kept >= figures.len() {
        return x;
    }
    let up = figures[kept] >= 5;
    let head: String = figures[..kept].iter().map(|figure| char::from(figure + b'0')).collect();
    // A double has at most 17 figures.
    let head: u64 = if head.is_empty() { 0 } else { head.parse().unwrap_or(0) };
    // Read back from text: the double that is nearest to the decimal, where multiplying
    // would be a bit off.
    let rounded = format!("{}e{}", head + u64::from(up), -digits).parse().unwrap_or(x);
    if x < 0.0 { -rounded } else { rounded }
}

/// A whole number rounded to tens, hundreds and so on; none where it overflows.
pub(crate) fn whole_half_away(value: i64, digits: i64) -> Option<i64> {
    if digits >= 0 {
        return Some(value);
    }
    // In 128 bits, as adding half a unit could overflow.
    let unit = 10i128.pow(u32::try_from(-digits).unwrap_or(15).min(18));
    let value = i128::from(value);
    let rounded = (value.abs() + unit / 2) / unit * unit * value.signum();
    i64::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the nearest number to the decimal is the answer")]
    fn halves_go_away_from_zero_as_they_are_written() {
        for (x, digits, rounded) in [
            (2.675, 2, 2.68),
            (0.285, 2, 0.29),
            (-0.5, 0, -1.0),
            (0.49, 0, 0.0),
            (2.5, 0, 3.0),
            (1234.5, -2, 1200.0),
            (95.0, -2, 100.0),
            // The first figure itself is rounded up, and one place more is needed.
            (0.05, 1, 0.1),
            (0.04, 1, 0.0),
            (1e300, 2, 1e300),
            (9.995, 2, 10.0),
            (4.0, 3, 4.0),
        ] {
            assert_eq!(half_away(x, digits), rounded, "{x} to {digits}");
        }
        assert_eq!(whole_half_away(-150, -2), Some(-200));
        assert_eq!(whole_half_away(i64::MAX, -1), None);
    }
}
