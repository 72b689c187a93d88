//! Times the estimators on generated subjects, and writes those subjects for
//! `tests/benchmark/survival.R` and `tests/benchmark/with_lifelines.py` to time other programs on.
//!
//!     bench_survival write <subjects> <file>
//!     bench_survival time <subjects> [<repetitions> [<estimator>]]
//!     bench_survival bootstrap <samples>
//!     bench_survival limits <subjects>
//!
//! With the feature `benchmark`, the search of a Cox model is timed alone too.
//!
//! Each line of a timing is the estimator, the number of subjects, the median
//! seconds, and, on Linux alone, the median seconds of processor time over all
//! threads, which tell more on a machine that others use, and the most bytes
//! a subject in memory beside the subjects themselves. The subjects take
//! 8 bytes for the time, 1 for the event, 8 for the group and 8 for each
//! covariate. The limits are what no estimator can do without: to read the
//! covariates once, to read and write them, to sort, and the multiplications and
//! additions of one sum of x x'.

use std::error::Error;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::time::Instant;

use rayon::prelude::*;
use restudy_stats::concordance::concordance;
use restudy_stats::covariates::Covariates;
use restudy_stats::cox::CoxModel;
use restudy_stats::groups::Groups;
use restudy_stats::log_rank::{LogRankOptions, log_rank};
use restudy_stats::resample::bootstrap_sample;
use restudy_stats::survival_curve::SurvivalCurveModel;
use restudy_stats::survival_data::SurvivalData;

/// Covariates of each subject.
const N_COVARIATES: usize = 10;
/// Subjects of the study whose size the bootstrap has.
const STUDY: usize = 113;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["write", n, path] => write(&Subjects::new(n.parse()?), path),
        ["time", n] => time(&Subjects::new(n.parse()?), 3, ""),
        ["time", n, repetitions] => time(&Subjects::new(n.parse()?), repetitions.parse()?, ""),
        ["time", n, repetitions, name] => {
            time(&Subjects::new(n.parse()?), repetitions.parse()?, name)
        }
        ["bootstrap", samples] => bootstrap(samples.parse()?),
        ["limits", n] => limits(&Subjects::new(n.parse()?)),
        _ => Err("usage: bench_survival write <subjects> <file> | time <subjects> [<repetitions> [<estimator>]] | bootstrap <samples> | limits <subjects>".into()),
    }
}

/// Exponential times with proportional hazards, censored for about a third.
struct Subjects {
    times: Vec<f64>,
    events: Vec<bool>,
    groups: Groups,
    /// Column after column.
    covariates: Vec<f64>,
}

impl Subjects {
    fn new(n: usize) -> Self {
        let mut state = 42_u64;
        let mut uniform = move || {
            // A 64-bit linear congruential generator (Knuth 1998).
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // 53 bits and a half: never 0, whose logarithm the times take.
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let covariates: Vec<f64> = (0..n * N_COVARIATES).map(|_| 2.0 * uniform() - 1.0).collect();
        let groups = Groups::two((0..n).map(|_| uniform() < 0.5));
        let mut subjects = Self { times: Vec::new(), events: Vec::new(), groups, covariates };
        for subject in 0..n {
            // Effects from -0.4 to 0.5, one of them zero.
            let effects = (0..N_COVARIATES).map(|j| 0.1 * (j as f64 - 4.0));
            let columns = subjects.covariates[subject..].iter().step_by(n);
            let eta: f64 = columns.zip(effects).map(|(x, beta)| x * beta).sum();
            let rate = libm::exp(eta + 0.3 * subjects.groups.codes()[subject] as f64);
            let death = -libm::log(uniform()) / rate;
            let censoring = -libm::log(uniform()) * 2.0;
            subjects.times.push(death.min(censoring));
            subjects.events.push(death <= censoring);
        }
        subjects
    }
}

/// Writes time, event, group and covariates as columns of little-endian
/// 64-bit floating-point numbers.
fn write(subjects: &Subjects, path: &str) -> Outcome {
    // Buffered: a million subjects have thirteen million values.
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let events = subjects.events.iter().map(|event| f64::from(u8::from(*event)));
    let groups = subjects.groups.codes().iter().map(|group| *group as f64);
    let columns = subjects.times.iter().copied().chain(events).chain(groups);
    for value in columns.chain(subjects.covariates.iter().copied()) {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(file.flush()?)
}

/// Times every estimator, or the one named, from the columns to the result.
fn time(subjects: &Subjects, repetitions: usize, only: &str) -> Outcome {
    let n = subjects.times.len();
    let data = || SurvivalData::new(&subjects.times, &subjects.events);
    let report = Report { n, repetitions, only };
    report.of("sort", data)?;
    // From the columns on, data checks included, as a user pays for them.
    report.of("kaplan_meier", || {
        SurvivalCurveModel::new(&data()?).estimate_by_group(&subjects.groups)
    })?;
    report.of("log_rank", || log_rank(&data()?, &subjects.groups, &LogRankOptions::default()))?;
    report.of("concordance", || concordance(&data()?, &subjects.covariates[..n], None))?;
    report.of("cox", || {
        CoxModel::new(&data()?, Covariates::new(&subjects.covariates, N_COVARIATES)?)?.fit()
    })?;
    search(&report, subjects)
}

/// Times the search alone, on subjects that are sorted already.
#[cfg(feature = "benchmark")]
fn search(report: &Report<'_>, subjects: &Subjects) -> Outcome {
    let data = SurvivalData::new(&subjects.times, &subjects.events)?;
    let model = CoxModel::new(&data, Covariates::new(&subjects.covariates, N_COVARIATES)?)?;
    let sorted = restudy_stats::cox::SortedModel::new(&model);
    report.of("cox_c_kernel", || Ok(sorted.search()))
}

#[cfg(not(feature = "benchmark"))]
fn search(_: &Report<'_>, _: &Subjects) -> Outcome {
    Ok(())
}

/// Times Cox models of bootstrap samples of a small study, two covariates.
fn bootstrap(samples: usize) -> Outcome {
    let subjects = Subjects::new(STUDY);
    let pairs = subjects.covariates[..2 * STUDY].to_vec();
    let all = SurvivalData::new(&subjects.times, &subjects.events)?;
    let all = CoxModel::new(&all, Covariates::new(&pairs, 2)?)?.fit()?;
    let found = all.coefficients.iter().map(|known| known.map_or(0.0, |c| c.estimate));
    // Samples are searched from the estimate in all subjects.
    let start: Vec<f64> = found.collect();
    let fit = |replicate: usize| {
        let sample = bootstrap_sample(STUDY, 1, replicate as u64);
        let pick = |values: &[f64]| sample.iter().map(|i| values[*i]).collect::<Vec<f64>>();
        let events: Vec<bool> = sample.iter().map(|i| subjects.events[*i]).collect();
        let data = SurvivalData::new(&pick(&subjects.times), &events)?;
        let columns = [pick(&pairs[..STUDY]), pick(&pairs[STUDY..])].concat();
        CoxModel::new(&data, Covariates::new(&columns, 2)?)?.initial(&start)?.fit()
    };
    Report { n: samples, repetitions: 3, only: "" }.of("cox_bootstrap", || {
        (0..samples).into_par_iter().map(fit).collect::<Result<Vec<_>, _>>()
    })
}

/// Times what the estimators cannot do without.
fn limits(subjects: &Subjects) -> Outcome {
    const LANES: usize = 8;
    let n = subjects.times.len();
    let report = Report { n, repetitions: 5, only: "" };
    let values = &subjects.covariates;
    report.of("read", || {
        let mut sums = [0.0; LANES];
        for block in values.as_chunks::<LANES>().0 {
            sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += value);
        }
        Ok(sums)
    })?;
    report.of("copy", || Ok(values.clone()))?;
    report.of("sort", || SurvivalData::new(&subjects.times, &subjects.events))?;
    report.of("gram", || {
        // As many products as one sum of x x' has, of values in the first cache.
        let tile: Vec<[f64; LANES]> = values.as_chunks::<LANES>().0[..8 * N_COVARIATES].to_vec();
        let mut sums = [[0.0; LANES]; N_COVARIATES * (N_COVARIATES + 1) / 2];
        // As many products in all as n rows have.
        for _ in 0..n / (8 * LANES) {
            let tile = black_box(&tile);
            let mut pair = sums.iter_mut();
            for (j, left) in tile.chunks(8).enumerate() {
                for (right, sum) in tile.chunks(8).take(j + 1).zip(&mut pair) {
                    add_products(sum, left, right);
                }
            }
        }
        Ok(sums)
    })
}

/// The innermost loop of a sum of x x'.
#[inline(never)]
fn add_products(sums: &mut [f64; 8], left: &[[f64; 8]], right: &[[f64; 8]]) {
    let mut added = *sums;
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            added[lane] += left[lane] * right[lane];
        }
    }
    *sums = added;
}

/// How to time: what, how often, and only this estimator if one is named.
struct Report<'a> {
    n: usize,
    repetitions: usize,
    only: &'a str,
}

impl Report<'_> {
    /// Runs `work` and writes the medians.
    fn of<T>(&self, name: &str, work: impl Fn() -> Result<T, restudy_stats::Error>) -> Outcome {
        if !self.only.is_empty() && self.only != name {
            return Ok(());
        }
        let mut seconds = Vec::new();
        let mut processor = Vec::new();
        let mut memory = Vec::new();
        for _ in 0..self.repetitions {
            let before = resident_bytes("VmRSS:");
            // Sets the most that was resident to what is resident now.
            let is_reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
            let (start, used) = (Instant::now(), processor_seconds());
            // Kept from being left out by the compiler, as nothing reads the
            // result.
            black_box(work()?);
            seconds.push(start.elapsed().as_secs_f64());
            processor.push(processor_seconds() - used);
            let most = if is_reset { resident_bytes("VmHWM:") } else { f64::NAN };
            memory.push((most - before) / self.n as f64);
        }
        let [seconds, processor, memory] = [seconds, processor, memory].map(median);
        let line = format!("{name},{},{seconds:.6},{processor:.6},{memory:.1}", self.n);
        Ok(writeln!(std::io::stdout(), "{line}")?)
    }
}

/// A line of the process's status, in bytes; not a number where unknown.
fn resident_bytes(line: &str) -> f64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return f64::NAN };
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kilobytes = found.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes * 1024.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Processor time of all threads that live; not a number where unknown.
fn processor_seconds() -> f64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return f64::NAN };
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() * 1e-9
}
