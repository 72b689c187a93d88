//! Numbers as whole numbers that sort as they do.

/// The key of a number; -0 has that of 0.
pub(crate) fn key(number: f64) -> u64 {
    // Adding zero turns -0 into 0.
    let bits = (number + 0.0).to_bits();
    // The sign bit of numbers is turned, and all bits of negative ones.
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The number of a key.
pub(crate) fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_numbers_and_lead_back() {
        let numbers = [f64::NEG_INFINITY, -2.5, -1e-300, 0.0, 1e-300, 2.5, f64::INFINITY];
        assert!(numbers.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
        assert!(numbers.iter().all(|one| number(key(*one)) == *one));
        assert_eq!(key(-0.0), key(0.0));
    }
}
