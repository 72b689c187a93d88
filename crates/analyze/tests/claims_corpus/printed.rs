//! The abstract of a simulated study: its summaries as they would be printed.

use serde_json::{Map, Value, json};
use stats::contingency::{TwoByTwo, fisher_exact_2x2};
use stats::covariates::Covariates;
use stats::cox::CoxModel;
use stats::groups::Groups;
use stats::log_rank::{LogRankOptions, log_rank};
use stats::special::{normal_two_sided_tail, student_t_two_sided_tail};
use stats::survival_curve::{ConfidenceType, SurvivalCurveModel};
use stats::survival_data::SurvivalData;

use super::draw::Draw;
use super::patients::{DAYS_PER_MONTH, Patient};

pub const ARMS: [&str; 2] = ["control", "treated"];
pub const AT_RISK: [u32; 5] = [0, 6, 12, 18, 24];
pub const LANDMARKS: [u32; 2] = [12, 24];

/// Claims by name as JSON, in the order of print.
#[derive(Default)]
pub struct Abstract(pub Map<String, Value>);

impl Abstract {
    fn print(&mut self, name: String, claim: Value, about: Value) {
        let mut claim = claim;
        claim["label"] = json!(name);
        claim["quote"] = json!("as printed");
        claim["place"] = json!("abstract");
        claim["about"] = about;
        self.0.insert(name, claim);
    }

    fn p(&mut self, name: &str, p: f64, about: Value) {
        // As journals print it.
        let claim = match p < 0.001 {
            true => json!({ "value": 0.001, "decimals": 3, "comparison": "below" }),
            false => json!({ "value": round(p, 3), "decimals": 3 }),
        };
        self.print(name.to_owned(), claim, about);
    }
}

/// Rounded to digits, as a program prints it.
pub fn round(value: f64, decimals: usize) -> f64 {
    // The way of a program, not of arithmetic: what is printed is a text.
    format!("{value:.decimals$}").parse().expect("a number")
}

pub fn print(patients: &[Patient], is_full: bool, draw: &mut Draw) -> Abstract {
    let mut printed = Abstract::default();
    let arm = |treated: bool| move |one: &&Patient| one.treated == treated;
    let sizes = [false, true].map(|of| patients.iter().filter(arm(of)).count());
    printed.print(
        "n".into(),
        json!({ "value": patients.len() }),
        json!({ "statistic": "patients" }),
    );
    for (name, size) in ARMS.into_iter().zip(sizes) {
        let about = json!({ "statistic": "patients", "group": name });
        printed.print(format!("n_{name}"), json!({ "value": size }), about);
    }
    shares(&mut printed, patients, is_full, draw);
    if is_full {
        baseline(&mut printed, patients);
    }
    for endpoint in ["os", "pfs"] {
        times(&mut printed, patients, endpoint, is_full && endpoint == "os", draw);
    }
    printed
}

/// Response and disease control by arm, with a test and an odds ratio.
fn shares(printed: &mut Abstract, patients: &[Patient], is_full: bool, draw: &mut Draw) {
    // Four in five print a digit behind the point.
    let decimals = usize::from(draw.happens(0.8));
    for (outcome, has) in
        [("response", (|one| one.response) as fn(&Patient) -> bool), ("control", |one| one.control)]
    {
        let count = |treated: bool, with: bool| {
            patients.iter().filter(|one| one.treated == treated && has(one) == with).count() as f64
        };
        let [a, b] = [true, false].map(|with| count(true, with));
        let [c, d] = [true, false].map(|with| count(false, with));
        for (name, (with, without)) in ARMS.into_iter().zip([(c, d), (a, b)]) {
            let value = round(100.0 * with / (with + without), decimals);
            let claim = json!({ "value": value, "decimals": decimals, "unit": "percent" });
            let part_of = (outcome == "response").then_some("control");
            let about = |statistic: &str| json!({ "statistic": statistic, "of": outcome, "group": name, "part_of": part_of });
            printed.print(format!("{outcome}_{name}"), claim, about("proportion"));
            if is_full {
                let claim = json!({ "value": with });
                printed.print(format!("{outcome}_count_{name}"), claim, about("count"));
            }
        }
        let (p, test) = p_of_counts([a, b, c, d], draw.below(3));
        // Half of the abstracts name their test.
        let test = draw.happens(0.5).then_some(test);
        printed.p(
            &format!("{outcome}_p"),
            p,
            json!({ "statistic": "p_value", "of": outcome, "test": test }),
        );
        // With an empty cell there is no ratio to print.
        if outcome == "response" && [a, b, c, d].iter().all(|cell| *cell > 0.0) {
            let (log, error) =
                (libm::log(a * d / (b * c)), (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt());
            let claim = ratio(log, error);
            let about = json!({ "statistic": "odds_ratio", "of": outcome, "group": "treated" });
            printed.print("response_odds_ratio".into(), claim, about);
        }
    }
}

fn p_of_counts([a, b, c, d]: [f64; 4], which: usize) -> (f64, &'static str) {
    let n = a + b + c + d;
    let margins = (a + b) * (c + d) * (a + c) * (b + d);
    let chi_square = |less: f64| {
        let gap = ((a * d - b * c).abs() - less).max(0.0);
        normal_two_sided_tail((n * gap * gap / margins).sqrt())
    };
    match which {
        0 => (chi_square(0.0), "pearson"),
        // Yates takes a half off each of the four differences.
        1 => (chi_square(0.5 * n), "yates"),
        _ => {
            let table = TwoByTwo::from_events(a as u64, (a + b) as u64, c as u64, (c + d) as u64);
            (fisher_exact_2x2(&table.expect("counts")).expect("two arms"), "fisher")
        }
    }
}

/// A ratio with Wald's limits to two digits.
fn ratio(log: f64, error: f64) -> Value {
    let at = |z: f64| round(libm::exp(log + z * error), 2);
    json!({ "value": at(0.0), "lower": at(-1.959_964), "upper": at(1.959_964), "decimals": 2 })
}

/// Age, sex and stage.
fn baseline(printed: &mut Abstract, patients: &[Patient]) {
    let mut moments = Vec::new();
    for (place, name) in ARMS.into_iter().enumerate() {
        let ages: Vec<f64> =
            patients.iter().filter(|one| one.treated == (place == 1)).map(|one| one.age).collect();
        let n = ages.len() as f64;
        let mean = ages.iter().sum::<f64>() / n;
        let variance = ages.iter().map(|age| (age - mean) * (age - mean)).sum::<f64>() / (n - 1.0);
        let ends = [
            ages.iter().copied().fold(f64::INFINITY, f64::min),
            ages.iter().copied().fold(0.0, f64::max),
        ];
        let about = |statistic: &str| {
            json!({ "statistic": statistic, "of": "age", "group": name,
                "whole_numbers": statistic == "mean" })
        };
        let claim = |value: f64| json!({ "value": round(value, 1), "decimals": 1 });
        printed.print(format!("age_mean_{name}"), claim(mean), about("mean"));
        printed.print(
            format!("age_sd_{name}"),
            claim(variance.sqrt()),
            about("standard_deviation"),
        );
        printed.print(format!("age_min_{name}"), json!({ "value": ends[0] }), about("minimum"));
        printed.print(format!("age_max_{name}"), json!({ "value": ends[1] }), about("maximum"));
        moments.push((n, mean, variance / n));
    }
    let [(n0, m0, v0), (n1, m1, v1)] = moments[..] else { panic!("two arms") };
    let freedom = (v0 + v1) * (v0 + v1) / (v0 * v0 / (n0 - 1.0) + v1 * v1 / (n1 - 1.0));
    let p = student_t_two_sided_tail((m1 - m0) / (v0 + v1).sqrt(), freedom);
    printed.p(
        "age_p",
        p,
        json!({ "statistic": "p_value", "of": "age", "test": "welch", "baseline": true }),
    );
    let n = patients.len() as f64;
    for stage in 0..3 {
        let share = 100.0 * patients.iter().filter(|one| one.stage == stage).count() as f64 / n;
        let claim = json!({ "value": round(share, 1), "decimals": 1, "unit": "percent" });
        let about = json!({ "statistic": "proportion", "of": "stage", "level": format!("{stage}"), "all_levels": true });
        printed.print(format!("stage_{stage}"), claim, about);
    }
    for (name, male) in [("male", true), ("female", false)] {
        let own = patients.iter().filter(|one| one.male == male);
        let (size, deaths) =
            own.fold((0, 0), |(n, deaths), one| (n + 1, deaths + u32::from(one.died)));
        let subgroup = json!({ "variable": "sex", "level": name });
        let about = json!({ "statistic": "patients", "subgroup": subgroup, "all_levels": true });
        printed.print(format!("n_{name}"), json!({ "value": size }), about);
        let about = json!({ "statistic": "events", "of": "os", "subgroup": subgroup });
        printed.print(format!("os_events_{name}"), json!({ "value": deaths }), about);
    }
}

/// Medians, survival, numbers at risk, the hazard ratio and the log-rank test.
fn times(
    printed: &mut Abstract,
    patients: &[Patient],
    endpoint: &str,
    is_full: bool,
    draw: &mut Draw,
) {
    let of = |one: &Patient| match endpoint {
        "os" => (one.os_days, one.died),
        _ => (one.pfs_days, one.failed),
    };
    // Papers do not say which limits they print.
    let kind = [ConfidenceType::Log, ConfidenceType::LogLog, ConfidenceType::Plain][draw.below(3)];
    let part_of = (endpoint == "pfs").then_some("os");
    let mut events = [0usize; 2];
    for (place, name) in ARMS.into_iter().enumerate() {
        let own: Vec<(f64, bool)> =
            patients.iter().filter(|one| one.treated == (place == 1)).map(of).collect();
        events[place] = own.iter().filter(|one| one.1).count();
        let (days, has): (Vec<f64>, Vec<bool>) = own.into_iter().unzip();
        let data = SurvivalData::new(&days, &has).expect("times");
        let curve =
            SurvivalCurveModel::new(&data).confidence(0.95, kind).expect("a level").estimate();
        let median = curve.median();
        let months = |days: Option<f64>| days.map(|days| round(days / DAYS_PER_MONTH, 1));
        let claim = match months(median.estimate) {
            Some(value) => {
                let mut claim = json!({ "value": value, "decimals": 1, "unit": "months" });
                if let (Some(lower), Some(upper)) = (months(median.lower), months(median.upper)) {
                    claim["lower"] = json!(lower);
                    claim["upper"] = json!(upper);
                }
                claim
            }
            None => json!({ "not_reached": true }),
        };
        let about = |statistic: &str| json!({ "statistic": statistic, "of": endpoint, "group": name, "part_of": part_of });
        printed.print(format!("{endpoint}_median_{name}"), claim, about("median"));
        let events = json!({ "value": events[place] });
        printed.print(format!("{endpoint}_events_{name}"), events, about("events"));
        if !is_full {
            continue;
        }
        for month in LANDMARKS {
            let at = curve.at(f64::from(month) * DAYS_PER_MONTH).expect("a time");
            // Nobody is followed to that time in this arm.
            let (Some(s), Some(lower), Some(upper)) = (at.survival, at.lower, at.upper) else {
                continue;
            };
            let percent = |share: f64| round(100.0 * share, 1);
            let claim = json!({ "value": percent(s), "lower": percent(lower), "upper": percent(upper),
                "decimals": 1, "unit": "percent" });
            let mut about = about("survival");
            about["at"] = json!(format!("{month} months"));
            printed.print(format!("{endpoint}_{month}_{name}"), claim, about);
        }
        for month in AT_RISK {
            let from = f64::from(month) * DAYS_PER_MONTH;
            // Whoever leaves on that day is still at risk.
            let left = days.iter().filter(|days| **days >= from).count();
            let mut about = about("at_risk");
            about["at"] = json!(format!("{month} months"));
            let name = format!("{endpoint}_at_risk_{month}_{name}");
            printed.print(name, json!({ "value": left }), about);
        }
    }
    let total = json!({ "value": events[0] + events[1] });
    printed.print(
        format!("{endpoint}_events"),
        total,
        json!({ "statistic": "events", "of": endpoint }),
    );
    let (days, has): (Vec<f64>, Vec<bool>) = patients.iter().map(of).unzip();
    let data = SurvivalData::new(&days, &has).expect("times");
    let treated: Vec<f64> = patients.iter().map(|one| f64::from(u8::from(one.treated))).collect();
    let fit = CoxModel::new(&data, Covariates::new(&treated, 1).expect("a column"))
        .expect("a model")
        .fit()
        .expect("a fit");
    let found = fit.coefficients[0].as_ref().expect("two arms").ratio(0.95).expect("a level");
    let limits = [found.estimate, found.lower, found.upper].map(|value| round(value, 2));
    let claim =
        json!({ "value": limits[0], "lower": limits[1], "upper": limits[2], "decimals": 2 });
    let about = json!({ "statistic": "hazard_ratio", "of": endpoint, "group": "treated" });
    printed.print(format!("{endpoint}_hazard_ratio"), claim, about);
    let arms: Vec<usize> = patients.iter().map(|one| usize::from(one.treated)).collect();
    let groups = Groups::new(arms, 2).expect("two arms");
    let test = log_rank(&data, &groups, &LogRankOptions::default()).expect("a test");
    let about = json!({ "statistic": "p_value", "of": endpoint, "test": "log_rank" });
    printed.p(&format!("{endpoint}_p"), test.test.p_value, about);
}
