//! Units of measurement that the program knows by itself, and how a unit is
//! spelled.

use crate::text::tight;

/// Units with what they measure and their size in the first unit of its kind,
/// as a fraction so that decimal factors stay exact.
// Over and under as two whole numbers: 1/1000 is exact so, and 0.001 is not.
const KNOWN: [(&str, &str, f64, f64); 34] = [
    ("g/l", "mass in volume", 1.0, 1.0),
    ("g/dl", "mass in volume", 10.0, 1.0),
    ("mg/dl", "mass in volume", 1.0, 100.0),
    ("mg/l", "mass in volume", 1.0, 1000.0),
    ("ug/ml", "mass in volume", 1.0, 1000.0),
    ("ug/l", "mass in volume", 1.0, 1_000_000.0),
    ("ng/ml", "mass in volume", 1.0, 1_000_000.0),
    ("10^9/l", "cells in volume", 1.0, 1.0),
    ("10^3/ul", "cells in volume", 1.0, 1.0),
    ("k/ul", "cells in volume", 1.0, 1.0),
    ("10^6/l", "cells in volume", 1.0, 1000.0),
    ("/ul", "cells in volume", 1.0, 1000.0),
    ("cells/ul", "cells in volume", 1.0, 1000.0),
    ("/mm3", "cells in volume", 1.0, 1000.0),
    ("gy", "absorbed dose", 1.0, 1.0),
    ("cgy", "absorbed dose", 1.0, 100.0),
    ("mm", "length", 1.0, 1.0),
    ("cm", "length", 10.0, 1.0),
    ("m", "length", 1000.0, 1.0),
    // 25.4 mm by definition.
    ("in", "length", 254.0, 10.0),
    ("kg", "mass", 1.0, 1.0),
    ("g", "mass", 1.0, 1000.0),
    ("mg", "mass", 1.0, 1_000_000.0),
    // 0.45359237 kg by definition.
    ("lb", "mass", 45_359_237.0, 100_000_000.0),
    ("u/l", "activity in volume", 1.0, 1.0),
    ("iu/l", "activity in volume", 1.0, 1.0),
    // A katal is a mole a second, a unit a micromole a minute.
    ("ukat/l", "activity in volume", 60.0, 1.0),
    ("miu/l", "hormone units in volume", 1.0, 1.0),
    ("uiu/ml", "hormone units in volume", 1.0, 1.0),
    ("d", "time", 1.0, 1.0),
    ("days", "time", 1.0, 1.0),
    ("weeks", "time", 7.0, 1.0),
    ("%", "share", 1.0, 100.0),
    ("1", "share", 1.0, 1.0),
];

/// A unit in the one spelling that is compared: `×10⁹/L`, `10*9/l` and
/// `10e9/L` are `10^9/l`, `µL` is `ul`.
pub(crate) fn spelling(unit: &str) -> String {
    let plain: String = tight(unit)
        .chars()
        .map(|character| match character {
            'µ' | 'μ' => 'u',
            '³' => '3',
            '⁶' => '6',
            '⁹' => '9',
            other => other,
        })
        .collect();
    // `×10⁹/L` is a factor in front of its power.
    let plain = plain.trim_start_matches(['x', '×', '*']);
    // After superscripts became digits, `10⁹` is `109`.
    for (power, digit) in [("10^9", '9'), ("10^6", '6'), ("10^3", '3')] {
        for written in [format!("10*{digit}"), format!("10e{digit}"), format!("10{digit}")] {
            if let Some(rest) = plain.strip_prefix(&written) {
                return format!("{power}{rest}");
            }
        }
    }
    plain.to_owned()
}

/// Factor from one unit to another as a fraction; none where the program does
/// not know both, or they measure different things.
pub(crate) fn factor(from: &str, to: &str) -> Option<(f64, f64)> {
    let find = |unit: &str| KNOWN.iter().find(|(name, ..)| *name == spelling(unit));
    let ((_, one, over, under), (_, other, to_over, to_under)) = (find(from)?, find(to)?);
    // Units of different kinds have no factor, whatever their sizes.
    (one == other).then_some((over * to_under, under * to_over))
}

/// `value` times a fraction, rounded to 12 significant digits so that 1.1 g/dL
/// is 11 g/L and not 11.000000000000002.
pub(crate) fn convert(value: f64, (over, under): (f64, f64)) -> f64 {
    // Multiplied before it is divided: one rounding less where the factor is whole.
    let exact = value * over / under;
    // One digit before the point and eleven behind it.
    format!("{exact:.11e}").parse().unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_one_however_spelled() {
        for unit in ["10^9/L", "×10⁹/L", "x10^9/l", "10*9/L", "10E9 / L", "１０＾９／Ｌ"] {
            assert_eq!(spelling(unit), "10^9/l", "{unit}");
        }
        assert_eq!(spelling("/µL"), "/ul");
        assert_eq!(spelling("/mm³"), "/mm3");
    }

    #[test]
    fn known_factors() {
        let cases = [
            (3.4, "g/dL", "g/L", 34.0),
            (1.1, "g/dL", "g/L", 11.0),
            (1230.0, "/uL", "10^9/L", 1.23),
            (3000.0, "cGy", "Gy", 30.0),
            (1.2, "cm", "mm", 12.0),
            (12.0, "mm", "cm", 1.2),
            (5.0, "ukat/L", "U/L", 300.0),
            (150.0, "lb", "kg", 68.038_855_5),
        ];
        for (value, from, to, expected) in cases {
            let factor = factor(from, to).expect("both are known");
            assert_eq!(convert(value, factor).to_string(), expected.to_string(), "{value} {from}");
        }
        assert_eq!(factor("g/dL", "mm"), None);
        // Known to people and not declared: it is never guessed.
        assert_eq!(factor("stone", "kg"), None);
    }
}
