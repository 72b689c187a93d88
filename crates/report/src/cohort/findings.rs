//! The findings of every analysis of the made-up study.

use study::{Finding, Output, Quantity, State, slug};

use super::{GROUPS, text};
use crate::sample::{Arm, curves};

const NAIVE: &str = "naive: radiotherapy is known only after time zero, so patients had to live to get it (immortal time)";

/// Makes findings whose ids are the stage and these parts.
struct Book {
    stage: &'static str,
    kind: &'static str,
    endpoint: Option<&'static str>,
    warning: Option<&'static str>,
    findings: Vec<Finding>,
}

impl Book {
    fn of(stage: &'static str, kind: &'static str) -> Self {
        Self { stage, kind, endpoint: None, warning: None, findings: Vec::new() }
    }

    fn add(
        &mut self,
        parts: &[&str],
        statistic: &str,
        quantity: Quantity,
        value: f64,
    ) -> &mut Finding {
        let mut finding = Finding::new(self.stage, self.kind, statistic, quantity, value);
        let parts: Vec<String> = parts.iter().map(|part| slug(part)).collect();
        finding.id() = format!("{}.{}", self.stage, parts.join("."));
        finding.endpoint = self.endpoint.map(str::to_owned);
        finding.warnings = self.warning.map(str::to_owned).into_iter().collect();
        finding.method = "count".to_owned();
        self.findings.push(finding);
        self.findings.last_mut().expect("just pushed")
    }

    fn output(self, methods: &str) -> Output {
        Output { findings: self.findings, methods: Some(methods.to_owned()), ..Output::default() }
    }
}

fn limits(finding: &mut Finding, lower: f64, upper: f64) {
    let upper = upper.is_finite().then_some(upper);
    *finding = finding.clone().limits(Some(lower), upper, 0.95);
}

/// A variable with the counts of its levels and its test.
type Categorical = (&'static str, &'static [(&'static str, [u64; 2])], &'static str);

fn baseline() -> Output {
    let mut book = Book::of("baseline", "baseline_table");
    for (group, n) in GROUPS {
        book.add(&["n", group], "n", Quantity::Count, n as f64).group = text(group);
    }
    for (variable, mean, p) in [("age", 61.2, 0.4312), ("bmi", 22.84, 0.0496)] {
        for (place, (group, _)) in (0u8..).zip(GROUPS) {
            let shift = f64::from(place);
            let chosen = if variable == "age" { "mean" } else { "median" };
            for (name, value) in [
                ("mean", mean + shift),
                ("standard_deviation", 9.84),
                ("median", mean - 0.3 * shift),
                ("lower_quartile", mean - 6.0),
                ("upper_quartile", mean + 7.0),
                ("missing", if variable == "bmi" { 3.0 * shift } else { 0.0 }),
            ] {
                let quantity = if name == "missing" { Quantity::Count } else { Quantity::Measured };
                let finding = book.add(&[name, variable, group], name, quantity, value);
                (finding.variable, finding.group) = (text(variable), text(group));
                if name == chosen {
                    finding.method = format!("{name}, chosen");
                }
            }
        }
        compare(&mut book, variable, -0.31, p, "Welch's t test, two-sided");
    }
    let categories: [Categorical; 4] = [
        ("sex", &[("female", [6, 14]), ("male", [31, 62])], "Fisher's exact test, two-sided"),
        (
            "site",
            &[
                ("oral cavity", [14, 25]),
                ("oropharynx", [3, 17]),
                ("larynx", [12, 20]),
                ("hypopharynx", [8, 14]),
            ],
            "Pearson's chi-square test",
        ),
        ("ecog", &[("0", [12, 19]), ("1", [18, 44]), ("2", [7, 13])], "Pearson's chi-square test"),
        ("smoker", &[("no", [9, 21]), ("yes", [28, 55])], "Pearson's chi-square test"),
    ];
    for (variable, levels, test) in categories {
        for (level, [rt, no]) in levels {
            for ((group, n), count) in GROUPS.into_iter().zip([*rt, *no, rt + no]) {
                for (name, quantity, value) in [
                    ("count", Quantity::Count, count as f64),
                    ("proportion", Quantity::Proportion, count as f64 / n as f64),
                ] {
                    let finding = book.add(&[name, variable, level, group], name, quantity, value);
                    (finding.variable, finding.level) = (text(variable), text(level));
                    finding.group = text(group);
                }
            }
        }
        compare(&mut book, variable, 0.083, 0.723, test);
    }
    book.output("Patients are described by group.")
}

fn compare(book: &mut Book, variable: &str, difference: f64, p: f64, test: &str) {
    let smd = book.add(
        &["smd", variable, "RT"],
        "standardized_mean_difference",
        Quantity::StandardizedDifference,
        difference,
    );
    (smd.variable, smd.group, smd.reference) = (text(variable), text("RT"), text("no RT"));
    smd.method = "difference over the pooled standard deviation".to_owned();
    let finding = book.add(&["p", variable], "p_value", Quantity::PValue, p);
    (finding.variable, finding.method) = (text(variable), test.to_owned());
}

fn response() -> Output {
    let mut book = Book::of("response_by_rt", "response");
    book.warning = Some(NAIVE);
    for (group, n) in GROUPS {
        book.add(&["n", group], "n", Quantity::Count, n as f64).group = text(group);
    }
    for (level, counts) in
        [("CR", [4, 5, 9]), ("PR", [21, 25, 46]), ("SD", [10, 17, 27]), ("PD", [2, 29, 31])]
    {
        for ((group, n), count) in GROUPS.into_iter().zip(counts) {
            for (name, quantity, value) in [
                ("count", Quantity::Count, f64::from(count)),
                ("proportion", Quantity::Proportion, f64::from(count) / n as f64),
            ] {
                let finding = book.add(&[name, level, group], name, quantity, value);
                (finding.variable, finding.level) = (text("response"), text(level));
                finding.group = text(group);
            }
        }
    }
    rate(
        &mut book,
        "orr",
        "objective_response_rate",
        [25, 30, 55],
        [0.00505, 0.00923, 0.00867, 0.00707],
    );
    rate(
        &mut book,
        "dcr",
        "disease_control_rate",
        [35, 47, 82],
        [0.00025, 0.00059, 0.00022, 0.00017],
    );
    book.output("Response rates are shares of the patients with a recorded response.")
}

fn rate(book: &mut Book, id: &str, statistic: &str, counts: [u64; 3], p: [f64; 4]) {
    for ((group, n), count) in GROUPS.into_iter().zip(counts) {
        let share = count as f64 / n as f64;
        for (tail, name, half) in [
            ("", "Wilson", 0.14),
            ("wilson", "Wilson", 0.14),
            ("clopper_pearson", "Clopper-Pearson", 0.16),
        ] {
            let parts: Vec<&str> =
                [id, group, tail].into_iter().filter(|p| !p.is_empty()).collect();
            let finding = book.add(&parts, statistic, Quantity::Proportion, share);
            limits(finding, share - half, (share + half).min(1.0));
            (finding.n, finding.events, finding.group) = (Some(n), Some(count), text(group));
            finding.method = format!("proportion, {name} 95% CI");
        }
    }
    let tests = ["pearson", "yates", "fisher", "mid_p"];
    let words = [
        "Pearson's chi-square test",
        "chi-square test with Yates's correction",
        "Fisher's exact test",
        "Fisher's exact test, mid-p",
    ];
    book.add(&[id, "p"], "p_value", Quantity::PValue, p[1]).method = words[1].to_owned();
    for ((test, words), p) in tests.into_iter().zip(words).zip(p) {
        book.add(&[id, "p", test], "p_value", Quantity::PValue, p).method = words.to_owned();
    }
    for (name, quantity, value, method) in [
        (
            "risk_difference",
            Quantity::ProportionDifference,
            0.281,
            "risk difference, Newcombe 95% CI",
        ),
        ("odds_ratio", Quantity::Ratio, 3.19, "odds ratio, Woolf 95% CI"),
        ("relative_risk", Quantity::Ratio, 1.71, "relative risk, 95% CI on the log scale"),
    ] {
        let finding = book.add(&[id, name, "RT"], name, quantity, value);
        limits(finding, value / 2.2, value * 1.6);
        (finding.group, finding.reference, finding.method) =
            (text("RT"), text("no RT"), method.to_owned());
    }
}

fn kaplan_meier(
    stage: &'static str,
    endpoint: &'static str,
    label: &str,
    medians: [f64; 2],
) -> Output {
    let mut book = Book::of(stage, "kaplan_meier");
    book.endpoint = Some(endpoint);
    book.warning = (stage != "follow_up").then_some(NAIVE);
    let arms = [Arm("RT", "RT", 37, medians[0]), Arm("no RT", "no RT", 76, medians[1])];
    let reverse = stage.starts_with("follow_up");
    let name = if reverse { "median_follow_up" } else { "median" };
    for ((group, n), median) in GROUPS.into_iter().zip([medians[0], medians[1], 9.7]) {
        let mut counts = vec![("n", n as f64), ("events", (n / 2) as f64), ("missing", 0.0)];
        counts.push(("censored", (n - n / 2) as f64));
        for (name, value) in counts {
            book.add(&[name, group], name, Quantity::Count, value).group = text(group);
        }
        let finding = book.add(&[name, group], name, Quantity::Days, median * 30.4375);
        finding.method =
            "Kaplan-Meier estimator, log-log limits, Brookmeyer and Crowley".to_owned();
        finding.group = text(group);
        let upper = if median > 15.0 { f64::INFINITY } else { median * 45.0 };
        limits(finding, median * 20.0, upper);
        (finding.n, finding.events) = (Some(n), Some(n / 2));
        if median > 30.0 {
            *finding = finding.clone().without_value(State::NotReached);
        }
        for (place, months) in (1u8..).zip([6.0, 12.0, 18.0, 24.0, 30.0]) {
            let survival = 1.0 - f64::from(place) * 0.14;
            let time = format!("{months}_months");
            let finding =
                book.add(&["survival", &time, group], "survival", Quantity::Survival, survival);
            finding.method = "Kaplan-Meier estimator, log-log limits".to_owned();
            limits(finding, survival - 0.1, survival + 0.08);
            (finding.group, finding.time_days) = (text(group), Some(months * 30.4375));
            let at_risk = (n as f64 * survival * 0.7).floor();
            let finding =
                book.add(&["n_at_risk", &time, group], "n_at_risk", Quantity::Count, at_risk);
            (finding.group, finding.time_days) = (text(group), Some(months * 30.4375));
        }
    }
    let mut steps = curves(&arms);
    (steps.endpoint, steps.endpoint_label) = (endpoint.to_owned(), label.to_owned());
    (steps.by_label, steps.reverse) = (text("Radiotherapy during immunotherapy"), reverse);
    Output {
        curves: Some(steps),
        ..book.output(&format!(
            "{label} was estimated by the Kaplan-Meier method with 95% log-log confidence limits."
        ))
    }
}

fn log_rank(stage: &'static str, endpoint: &'static str, p: f64) -> Output {
    let mut book = Book::of(stage, "log_rank");
    (book.endpoint, book.warning) = (Some(endpoint), Some(NAIVE));
    for (name, statistic, quantity, value) in [
        ("chi_square", "chi_square", Quantity::Statistic, 10.865),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, 1.0),
        ("p", "p_value", Quantity::PValue, p),
    ] {
        book.add(&[name], statistic, quantity, value).method =
            "log-rank test, two-sided".to_owned();
    }
    book.output("Groups were compared by the two-sided log-rank test.")
}

/// Term, level, patients, events, coefficient, error.
type Term = (&'static str, Option<&'static str>, u64, u64, f64, f64);

const TERMS: [Term; 8] = [
    ("radiotherapy", Some("no RT"), 76, 61, 0.0, 0.0),
    ("radiotherapy", Some("RT"), 37, 19, -0.93, 0.27),
    ("age", None, 113, 80, 0.08, 0.11),
    ("ecog", Some("0"), 31, 17, 0.0, 0.0),
    ("ecog", Some("1"), 62, 45, 0.35, 0.28),
    ("ecog", Some("2"), 20, 18, 0.91, 0.36),
    ("smoker", Some("no"), 30, 18, 0.0, 0.0),
    ("smoker", Some("yes"), 83, 62, 0.15, 0.28),
];

fn cox(stage: &'static str, endpoint: &'static str) -> Output {
    let mut book = Book::of(stage, "cox_model");
    (book.endpoint, book.warning) = (Some(endpoint), Some(NAIVE));
    for (name, quantity, value) in [
        ("n", Quantity::Count, 110.0),
        ("events", Quantity::Count, 78.0),
        ("missing", Quantity::Count, 3.0),
        ("events_per_coefficient", Quantity::Statistic, 15.6),
        ("concordance", Quantity::Proportion, 0.6437),
    ] {
        book.add(&[name], name, quantity, value);
    }
    book.add(&["likelihood_ratio", "p"], "p_value", Quantity::PValue, 0.000_21);
    for before in [None, Some("univariable")] {
        for (variable, level, n, events, coefficient, error) in TERMS {
            let parts = |own: &'static str| -> Vec<&str> {
                before.into_iter().chain([own, variable]).chain(level).collect()
            };
            ratio(&mut book, &parts("hazard_ratio"), [coefficient, error], [n, events]);
            let about = |finding: &mut Finding| {
                (finding.variable, finding.level) = (text(variable), level.map(str::to_owned));
            };
            about(book.findings.last_mut().expect("just made"));
            if error > 0.0 {
                let p = libm::erfc((coefficient / error).abs() / std::f64::consts::SQRT_2);
                about(book.add(&parts("p"), "p_value", Quantity::PValue, p));
            }
        }
        let parts: Vec<&str> = before.into_iter().chain(["term", "p", "ecog"]).collect();
        book.add(&parts, "p_value", Quantity::PValue, 0.0342).variable = text("ecog");
    }
    book.output("Hazard ratios come from one Cox regression with Efron's ties.")
}

fn ratio(book: &mut Book, parts: &[&str], [coefficient, error]: [f64; 2], [n, events]: [u64; 2]) {
    let value = libm::exp(coefficient);
    let finding = book.add(parts, "hazard_ratio", Quantity::Ratio, value);
    (finding.n, finding.events) = (Some(n), Some(events));
    finding.method = "reference".to_owned();
    if error > 0.0 {
        let limit = |sign: f64| libm::exp(coefficient + sign * 1.96 * error);
        limits(finding, limit(-1.0), limit(1.0));
        finding.method = "Cox model, Efron's ties, Wald 95% CI".to_owned();
    }
}

fn hazards_test(stage: &'static str, endpoint: &'static str) -> Output {
    let mut book = Book::of(stage, "proportional_hazards");
    book.endpoint = Some(endpoint);
    for (term, chi_square, df, p) in [
        ("radiotherapy", 2.31, 1.0, 0.129),
        ("age", 0.02, 1.0, 0.888),
        ("ecog", 4.6, 2.0, 0.1),
        ("smoker", 0.71, 1.0, 0.399),
        ("global", 8.94, 5.0, 0.111),
    ] {
        for (name, statistic, quantity, value) in [
            ("chi_square", "chi_square", Quantity::Statistic, chi_square),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, p),
        ] {
            let finding = book.add(&[name, term], statistic, quantity, value);
            finding.variable = (term != "global").then(|| term.to_owned());
            finding.method =
                "score test of proportional hazards (Grambsch and Therneau)".to_owned();
        }
    }
    for period in ["before", "after"] {
        book.add(&["piecewise", "events", period], "events", Quantity::Count, 40.0).time_days =
            Some(121.75);
        for (variable, level, n, events, coefficient, error) in TERMS {
            let parts: Vec<&str> =
                ["piecewise", "hazard_ratio", period, variable].into_iter().chain(level).collect();
            ratio(&mut book, &parts, [coefficient, error], [n, events]);
            let finding = book.findings.last_mut().expect("just made");
            (finding.variable, finding.level) = (text(variable), level.map(str::to_owned));
        }
    }
    let finding =
        book.add(&["piecewise", "likelihood_ratio", "p"], "p_value", Quantity::PValue, 0.27);
    finding.method =
        "likelihood-ratio test of equal coefficients before and after the cut".to_owned();
    book.output("Proportional hazards were tested by the score test of Grambsch and Therneau.")
}

/// Every analysis of the study.
pub(crate) fn analyses() -> Vec<(&'static str, Output)> {
    let (pfs, os) = ("Progression-free survival", "Overall survival");
    vec![
        ("baseline", baseline()),
        ("response_by_rt", response()),
        ("pfs_by_rt", kaplan_meier("pfs_by_rt", "pfs", pfs, [20.0, 4.0])),
        ("os_by_rt", kaplan_meier("os_by_rt", "os", os, [31.0, 26.0])),
        ("pfs_log_rank", log_rank("pfs_log_rank", "pfs", 0.000_98)),
        ("os_log_rank", log_rank("os_log_rank", "os", 0.006)),
        ("follow_up", kaplan_meier("follow_up", "os", os, [14.0, 13.5])),
        ("follow_up_by_rt", kaplan_meier("follow_up_by_rt", "os", os, [14.0, 13.5])),
        ("pfs_prognosis", cox("pfs_prognosis", "pfs")),
        ("os_prognosis", cox("os_prognosis", "os")),
        ("pfs_hazards_test", hazards_test("pfs_hazards_test", "pfs")),
        ("os_hazards_test", hazards_test("os_hazards_test", "os")),
    ]
}
