//! The exponential of many values, which the compiler forms side by side.

/// Values taken at once: a line of the cache, whatever the processor's vectors
/// hold.
const LANES: usize = 8;
/// Up to this size 2^k has an exponent of its own, and needs no care.
const LIMIT: f64 = 700.0;
/// Added to a small number, it leaves the nearest whole number in the last
/// bits: 3 * 2^51.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first with zeros at its end (Cody and Waite 1980).
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// 1 / k! from the highest power down to the square, for |r| <= ln(2) / 2.
const COEFFICIENTS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// Replaces each value by its exponential, to 1e-15 of it: exp(x) is 2^k
/// exp(r), with x = k ln 2 + r and Taylor's polynomial of r.
pub(super) fn exponentiate(values: &mut [f64]) {
    let (blocks, rest) = values.as_chunks_mut::<LANES>();
    // A loop without branches can be formed for several values at once, which
    // `libm::exp`, with its branches by size, cannot.
    for block in blocks {
        // False for a value that is no number, too.
        if block.iter().all(|value| value.abs() <= LIMIT) {
            *block = of_small(block);
        } else {
            block.iter_mut().for_each(|value| *value = of_any(*value));
        }
    }
    rest.iter_mut().for_each(|value| *value = of_any(*value));
}

/// The same by itself, so that a value's neighbours do not change its bits.
fn of_any(value: f64) -> f64 {
    if value.abs() <= LIMIT { of_small(&[value])[0] } else { libm::exp(value) }
}

fn of_small<const N: usize>(values: &[f64; N]) -> [f64; N] {
    let mut out = [0.0; N];
    for (out, value) in out.iter_mut().zip(values) {
        // The nearest whole number of x / ln 2: adding 3 * 2^51 rounds away the
        // fraction, taking it off leaves the whole.
        let shifted = value * std::f64::consts::LOG2_E + ROUND;
        let whole = shifted - ROUND;
        // The first product is exact, as its factor ends in zeros: no digit of
        // `r` is lost where `value` and `whole` ln 2 nearly cancel.
        let r = (value - whole * LN_2_HIGH) - whole * LN_2_LOW;
        // Horner's rule, the same operations for every value, so that lanes and
        // rest agree to the bit.
        let tail = COEFFICIENTS.iter().fold(0.0, |sum, coefficient| sum * r + coefficient);
        // The whole number stands in the last bits of `shifted`.
        let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
        // Summed from the small end: 1 last, r before it.
        *out = power * (1.0 + (r + r * r * tail));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_libm() {
        // Steps of 0.0010003 miss round numbers; scales add small arguments, at
        // which the polynomial's last digits show.
        let inputs: Vec<f64> = (-720_000..=720_000).map(|i| f64::from(i) * 1.000_3e-3).collect();
        for scale in [1.0, 1e-2, 1e-5, 1e-17] {
            let inputs: Vec<f64> = inputs.iter().map(|x| x * scale).collect();
            let mut values = inputs.clone();
            exponentiate(&mut values);
            for (x, found) in inputs.iter().zip(values) {
                let expected = libm::exp(*x);
                let is_close = found == expected || (found / expected - 1.0).abs() <= 1e-15;
                assert!(is_close, "{x}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn what_is_out_of_range_is_as_in_libm() {
        // Infinities, far ends, a subnormal result (-740), near the overflow
        // (709.5) and zero of either sign.
        let mut values = [0.0, f64::INFINITY, f64::NEG_INFINITY, 1e5, -1e5, -740.0, 709.5, -0.0];
        let expected = values.map(libm::exp);
        exponentiate(&mut values);
        assert_eq!(values, expected);
        let mut missing = [f64::NAN; 3];
        exponentiate(&mut missing);
        assert!(missing.iter().all(|value| value.is_nan()));
    }
}
