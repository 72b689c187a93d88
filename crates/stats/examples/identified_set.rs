//! Cohorts of an abstract with two endpoints: how long they take, and how far
//! searches outward get.
//!
//!     cargo run --release -p restudy-stats --example identified_set -- COHORTS STARTS MOVES

#![expect(clippy::print_stdout, reason = "an example tells what it found")]

use std::time::Instant;

use restudy_stats::identified_set::{
    Assumptions, Cohort, Effort, Problem, Published, ResponseBounds, Statistic, values,
};

fn problem() -> Problem {
    let published = [
        Published::Median { endpoint: 0, arm: Some(0), days: [121, 123] },
        Published::Median { endpoint: 0, arm: Some(1), days: [608, 610] },
        Published::LogRankRoot { endpoint: 0, roots: [3.29478, 3.29764] },
        Published::Median { endpoint: 1, arm: Some(0), days: [790, 792] },
        Published::MedianNotReached { endpoint: 1, arm: Some(1) },
        Published::LogRankRoot { endpoint: 1, roots: [2.72184, 2.77559] },
        Published::FollowUp { arm: None, days: [425, 427] },
    ];
    let responses = [
        ([30, 25], ResponseBounds { earliest: 105, latest: None }),
        ([17, 10], ResponseBounds { earliest: 56, latest: None }),
        ([29, 2], ResponseBounds { earliest: 35, latest: Some(90) }),
    ];
    Problem::new([76, 37], 2, &responses, &published, Assumptions::Wide).expect("a problem")
}

fn main() {
    let numbers: Vec<u64> =
        std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    // Other numbers of arguments are a mistake of who calls the example.
    let [count, starts, moves] = numbers[..] else { panic!("COHORTS STARTS MOVES") };
    let problem = problem();
    let begin = Instant::now();
    let effort = Effort { moves: 100_000, attempts: 5 };
    let cohorts: Vec<Cohort> = problem.cohorts(0..count, 7, effort).into_iter().flatten().collect();
    let mean = cohorts.iter().map(|one| f64::from(one.moves)).sum::<f64>() / cohorts.len() as f64;
    let failed: u32 = cohorts.iter().map(|one| one.failed).sum();
    println!(
        "{} cohorts of {count} in {:.1} s, {mean:.0} moves each, {failed} searches failed",
        cohorts.len(),
        begin.elapsed().as_secs_f64()
    );
    let during = |endpoint, after, until| Statistic::LogHazardRatio { endpoint, after, until };
    let quoted = [
        // All events, those of the first 121 days, and those after: the first arm's
        // median parts them.
        during(0, 0, 36_525),
        during(0, 0, 121),
        during(0, 121, 36_525),
        during(1, 0, 36_525),
        Statistic::RestrictedMeanDifference { endpoint: 0, day: 730 },
        Statistic::RestrictedMeanDifference { endpoint: 1, day: 730 },
        Statistic::Survival { endpoint: 0, arm: 1, day: 365 },
        Statistic::TippingStart { endpoint: 0 },
    ];
    let begin = Instant::now();
    let reached = problem.reach(&quoted, &cohorts, starts as usize, 8, moves as u32);
    println!("searches outward in {:.1} s", begin.elapsed().as_secs_f64());
    for ((statistic, values), reached) in quoted.iter().zip(values(&quoted, &cohorts)).zip(reached)
    {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let reached = reached.expect("searched");
        let [a, b, c, d] = [least, greatest, reached.least, reached.greatest]
            .map(|value| statistic.printed(value));
        println!("{statistic:?}: sampled {a:.4} to {b:.4}, searched {c:.4} to {d:.4}");
    }
}
