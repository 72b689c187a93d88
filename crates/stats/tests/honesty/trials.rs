//! Simulated trials of several mechanisms: hazards that are proportional, that
//! differ only later, that cross, and follow-up that differs by arm.

use crate::data::Data;

/// How an effect goes with time.
pub(crate) const MECHANISMS: [&str; 4] =
    ["proportional", "delayed", "crossing", "follow-up differs"];
/// Trials of each.
const EACH: u64 = 50;

/// Random numbers of a trial (SplitMix64).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((bits ^ (bits >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

/// All trials with their mechanism and number.
pub(crate) fn all() -> Vec<(&'static str, u64, Data)> {
    let of = |mechanism: &'static str| {
        (0..EACH).map(move |number| (mechanism, number, trial(mechanism, number)))
    };
    MECHANISMS.into_iter().flat_map(of).collect()
}

fn trial(mechanism: &str, number: u64) -> Data {
    // Mechanisms have names of different lengths, so that their trials differ.
    let mut random = Random(1_000 * number + mechanism.len() as u64);
    let first = random.between(30.0, 100.0) as usize;
    let second = (first as f64 * random.between(0.5, 1.2)) as usize;
    let median = random.between(90.0, 600.0);
    let shape = random.between(0.7, 1.5);
    let ratio = random.between(0.35, 1.0);
    // so many days the ratio is another one, or its inverse
    let turn = median * random.between(0.3, 0.9);
    let early = match mechanism {
        "delayed" => 1.0,
        "crossing" => random.between(1.2, 2.5),
        _ => ratio,
    };
    let end = median * random.between(1.5, 4.0);
    let shorter = if mechanism == "follow-up differs" { random.between(0.35, 0.7) } else { 1.0 };
    let lost = random.between(0.0, 0.3);
    let mut data = Data { days: Vec::new(), events: Vec::new(), arms: Vec::new() };
    for subject in 0..first + second {
        let arm = usize::from(subject >= first);
        // the cumulative hazard of the first arm is ln 2 (t / median)^shape
        let hazard = |time: f64| std::f64::consts::LN_2 * libm::pow(time / median, shape);
        let time_of =
            |hazard: f64| median * libm::pow(hazard / std::f64::consts::LN_2, 1.0 / shape);
        let own = -libm::log(random.unit());
        let time = match arm {
            0 => time_of(own),
            _ if own <= early * hazard(turn) => time_of(own / early),
            // The hazard that is left after the turn, at the ratio that holds from
            // there on.
            _ => time_of(hazard(turn) + (own - early * hazard(turn)) / ratio),
        };
        let scale = if arm == 1 { shorter } else { 1.0 };
        let mut stop = scale * random.between(0.3 * end, end);
        if random.unit() < lost {
            stop *= random.unit();
        }
        data.days.push(time.min(stop).round().max(1.0) as u32);
        data.events.push(time <= stop);
        data.arms.push(arm);
    }
    data
}
