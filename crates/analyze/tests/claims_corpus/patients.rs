//! Simulated patients of two arms.

use super::draw::Draw;

pub const DAYS_PER_MONTH: f64 = 30.4375;

/// How treatment acts on the hazard of death.
#[derive(Debug, Clone, Copy)]
enum Mechanism {
    Proportional(f64),
    /// After so many months.
    Delayed(f64, f64),
    /// One ratio before, another after so many months.
    Crossing(f64, f64, f64),
}

pub struct Patient {
    pub treated: bool,
    pub age: f64,
    pub male: bool,
    /// 0, 1 or 2.
    pub stage: usize,
    pub response: bool,
    pub control: bool,
    pub os_days: f64,
    pub died: bool,
    pub pfs_days: f64,
    pub failed: bool,
}

pub fn simulate(draw: &mut Draw) -> Vec<Patient> {
    let n = 80 + draw.below(420);
    // Half of the studies are balanced.
    let allocation = [0.5, 0.5, 0.667, 0.35][draw.below(4)];
    let treated = (n as f64 * allocation) as usize;
    let (shape, median) = (draw.between(0.8, 1.5), draw.between(8.0, 30.0));
    let mechanism = match draw.below(4) {
        0 => Mechanism::Delayed(draw.between(0.45, 0.8), draw.between(2.0, 6.0)),
        1 => Mechanism::Crossing(draw.between(1.0, 1.3), draw.between(0.4, 0.7), 4.0),
        _ => Mechanism::Proportional(draw.between(0.45, 1.1)),
    };
    let response = [draw.between(0.15, 0.4), draw.between(0.25, 0.65)];
    let follow_up = (draw.between(4.0, 15.0), draw.between(24.0, 50.0));
    (0..n)
        .map(|place| {
            patient(draw, place < treated, (shape, median), mechanism, response, follow_up)
        })
        .collect()
}

fn patient(
    draw: &mut Draw,
    treated: bool,
    (shape, median): (f64, f64),
    mechanism: Mechanism,
    response: [f64; 2],
    follow_up: (f64, f64),
) -> Patient {
    // In units of ln 2, so that the scale is the median.
    let goal = draw.exponential() / std::f64::consts::LN_2;
    // the cumulative hazard is (t / median)^shape, in units of ln 2
    let plain = |hazard: f64| median * libm::pow(hazard, 1.0 / shape);
    let hazard = |months: f64| libm::pow(months / median, shape);
    let death = match mechanism {
        _ if !treated => plain(goal),
        Mechanism::Proportional(ratio) => plain(goal / ratio),
        Mechanism::Delayed(ratio, from) => two_parts(goal, 1.0, ratio, hazard(from), plain),
        Mechanism::Crossing(first, then, from) => two_parts(goal, first, then, hazard(from), plain),
    };
    let progression =
        median * draw.between(0.2, 0.6) * draw.exponential() * if treated { 1.5 } else { 1.0 };
    let censored = draw.between(follow_up.0, follow_up.1);
    // Whole days as in a study, and nobody for no time.
    let days = |months: f64| (months * DAYS_PER_MONTH).ceil().max(1.0);
    let responds = draw.happens(response[usize::from(treated)]);
    Patient {
        treated,
        age: (62.0 + 9.0 * draw.normal()).round().clamp(30.0, 89.0),
        male: draw.happens(0.68),
        stage: [0, 1, 1, 2, 2, 2][draw.below(6)],
        response: responds,
        // Whoever responds has controlled disease.
        control: responds || draw.happens(0.5),
        os_days: days(death.min(censored)),
        died: death <= censored,
        // Death ends freedom from progression as well.
        pfs_days: days(death.min(progression).min(censored)),
        failed: death.min(progression) <= censored,
    }
}

/// The time at which a hazard, `first` times as large until it comes to `change` and
/// `then` times as large behind, adds up to `goal`.
fn two_parts(goal: f64, first: f64, then: f64, change: f64, plain: impl Fn(f64) -> f64) -> f64 {
    match goal <= first * change {
        true => plain(goal / first),
        false => plain(change + (goal - first * change) / then),
    }
}
