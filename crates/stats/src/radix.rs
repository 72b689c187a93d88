//! Sorting by radix: the order that every estimator of survival begins with.

/// Bits of a key that are sorted by; the rest is looked at where these agree.
const PREFIX: u32 = 32;
/// The most bits sorted in one pass: it writes to 2,048 places, of which the
/// caches hold the ends, and 32 bits take three passes.
const DIGIT: u32 = 11;
/// Keys below which comparing is faster: the counts of a pass alone are 2,048.
const FEW: usize = 512;

/// Keys in ascending order and their positions, equal keys in the order given.
///
/// Keys are measured from the lowest, without the trailing zeros that all of
/// them share, and cut to 32 bits. These are sorted beside the position, the
/// lowest digit first, so that whole days take one or two passes over eight
/// bytes a key; keys that agree in them are then compared in full.
///
/// # Panics
/// If there are 2^32 keys or more.
pub(crate) fn sort(n: usize, key: impl Fn(usize) -> u64) -> (Vec<u64>, Vec<usize>) {
    assert!(u32::try_from(n).is_ok(), "2^32 subjects or more");
    // Positions break ties, so that the order is the same as by radix, which
    // keeps the order of equal keys.
    if n < FEW {
        let mut keys: Vec<(u64, usize)> =
            (0..n).map(|position| (key(position), position)).collect();
        keys.sort_unstable();
        return keys.into_iter().unzip();
    }
    let (lowest, highest) =
        (0..n).map(&key).fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
    let varying = (0..n).map(&key).fold(0, |bits, key| bits | (key - lowest));
    // Bits in which keys can differ at all.
    let length = u64::BITS - (highest - lowest).leading_zeros();
    // Zeros that all share need no sorting: whole days as doubles end in many.
    let zeros = varying.trailing_zeros().min(length);
    let cut = zeros.max(length.saturating_sub(PREFIX));
    // Key above, position below: one word moves both.
    let word = |position: usize| ((key(position) - lowest) >> cut) << PREFIX | position as u64;
    let mut words: Vec<u64> = (0..n).map(word).collect();
    let mut keys = sort_prefixes(&mut words, length - cut);
    let mut order: Vec<usize> = words.into_iter().map(|word| word as u32 as usize).collect();
    for (key_there, position) in keys.iter_mut().zip(&order) {
        // Fetched again in full rather than moved through the passes.
        *key_there = key(*position);
    }
    if cut > zeros {
        sort_within_prefixes(&mut keys, &mut order, |key| (key - lowest) >> cut);
    }
    (keys, order)
}

/// Sorts words by the `bits` bits above the lower half, and gives back the
/// memory that it needed besides.
fn sort_prefixes(words: &mut Vec<u64>, bits: u32) -> Vec<u64> {
    let mut other = vec![0; words.len()];
    if bits == 0 {
        return other;
    }
    let passes = bits.div_ceil(DIGIT);
    let width = bits.div_ceil(passes);
    let mask = (1_u64 << width) - 1;
    let digit = |word: u64, pass: u32| ((word >> (PREFIX + pass * width)) & mask) as usize;
    let mut counts = vec![0_u32; (passes as usize) << width];
    for &word in &*words {
        // All passes are counted in one reading: the counts do not depend on the
        // order of the words.
        for pass in 0..passes {
            counts[((pass as usize) << width) + digit(word, pass)] += 1;
        }
    }
    for (pass, next) in (0..passes).zip(counts.chunks_mut(1 << width)) {
        let mut start = 0;
        for count in next.iter_mut() {
            // Counts become the places at which each digit's words begin.
            start += std::mem::replace(count, start);
        }
        for &word in &*words {
            let place = &mut next[digit(word, pass)];
            other[*place as usize] = word;
            *place += 1;
        }
        std::mem::swap(words, &mut other);
    }
    other
}

/// Sorts keys whose prefixes are equal, with their positions.
fn sort_within_prefixes(keys: &mut [u64], order: &mut [usize], prefix: impl Fn(u64) -> u64) {
    let mut pairs: Vec<(u64, usize)> = Vec::new();
    let mut start = 0;
    // Keys that agree in their highest 32 bits stand together by then.
    while start < keys.len() {
        let shared = prefix(keys[start]);
        let length = keys[start..].iter().take_while(|key| prefix(**key) == shared).count();
        let run = start..start + length;
        start += length;
        // Most runs are one key, or equal ones.
        if keys[run.clone()].is_sorted() {
            continue;
        }
        pairs.clear();
        pairs.extend(keys[run.clone()].iter().copied().zip(order[run.clone()].iter().copied()));
        pairs.sort_unstable();
        for (place, (key, position)) in run.zip(&pairs) {
            (keys[place], order[place]) = (*key, *position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resample::Stream;

    fn check(keys: &[u64]) {
        let mut expected: Vec<(u64, usize)> = keys.iter().copied().zip(0..).collect();
        expected.sort_unstable();
        assert_eq!(sort(keys.len(), |position| keys[position]), expected.into_iter().unzip());
    }

    #[test]
    fn keys_of_any_spread_are_sorted_and_ties_keep_their_order() {
        let mut stream = Stream::new(3, 0);
        for bits in [0, 1, 9, 22, 33, 40, 63] {
            for shift in [0, 20, 63 - bits] {
                for n in [0, 1, 2, FEW - 1, FEW, 3000] {
                    let limit = 1_u64 << bits;
                    check(&(0..n).map(|_| stream.below(limit) << shift).collect::<Vec<u64>>());
                }
            }
        }
    }

    #[test]
    fn keys_that_differ_in_their_last_bits_alone_are_told_apart() {
        let mut stream = Stream::new(4, 0);
        let mut keys: Vec<u64> = (0..2000).map(|_| stream.below(5)).collect();
        // The highest keys make the range so wide that the low ones share their
        // prefix.
        keys.extend([u64::MAX, u64::MAX - 1, 1 << 40]);
        check(&keys);
    }
}
