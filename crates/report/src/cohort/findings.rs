//! The findings of every analysis of the made-up study.

use study::{
    Detail, Finding, IntervalKind, Method, Output, Part, Procedure, Quantity, Role, Standardized,
    State, Test, Warning,
};

use super::{GROUPS, text};
use crate::sample::{Arm, curves, group, level, named, outcome, test, time, variable};

/// What the groups are warned of.
fn naive() -> Warning {
    Warning::NaiveGroup { label: "Radiotherapy".into(), date_label: "first fraction".into() }
}

/// Makes findings at the stage and these parts; what the parts name the
/// findings speak of.
struct Book {
    stage: &'static str,
    kind: &'static str,
    endpoint: Option<&'static str>,
    warning: Option<Warning>,
    findings: Vec<Finding>,
}

impl Book {
    fn of(stage: &'static str, kind: &'static str) -> Self {
        Self { stage, kind, endpoint: None, warning: None, findings: Vec::new() }
    }

    fn add(
        &mut self,
        parts: &[Part],
        statistic: &str,
        quantity: Quantity,
        value: f64,
    ) -> &mut Finding {
        let mut finding = Finding::new(self.stage, self.kind, statistic, quantity, value);
        finding.address.parts = parts.to_vec();
        for part in parts {
            match part {
                Part::Variable(name) => finding.variable = text(name),
                Part::Level { value, .. } => finding.level = text(value),
                Part::Group { value, .. } => finding.group = text(value),
                Part::Everybody => finding.group = text("all"),
                _ => {}
            }
        }
        finding.endpoint = self.endpoint.map(str::to_owned);
        finding.warnings = self.warning.clone().into_iter().collect();
        finding.method = Method::of(Procedure::Count);
        self.findings.push(finding);
        self.findings.last_mut().expect("just pushed")
    }

    fn output(self) -> Output {
        Output { findings: self.findings, ..Output::default() }
    }
}

/// A group, or everybody.
fn whom(name: &str) -> Part {
    if name == "all" { Part::Everybody } else { group(name) }
}

/// A method with the name of its limits.
fn interval(procedure: Procedure, interval: IntervalKind) -> Method {
    let interval = Detail::Interval { interval, level: 0.95 };
    Method::of(procedure).with(interval)
}

fn limits(finding: &mut Finding, lower: f64, upper: f64) {
    let upper = upper.is_finite().then_some(upper);
    *finding = finding.clone().limits(Some(lower), upper, 0.95);
}

/// A variable with the counts of its levels and its test.
type Categorical = (&'static str, &'static [(&'static str, [u64; 2])], Procedure);

fn baseline() -> Output {
    let mut book = Book::of("baseline", "baseline_table");
    for (group, n) in GROUPS {
        book.add(&[named("n"), whom(group)], "n", Quantity::Count, n as f64);
    }
    // A p-value that two decimals would print as 0.05, though it is below it.
    for (column, mean, p) in [("age", 61.2, 0.4312), ("bmi", 22.84, 0.0496)] {
        for (place, (group, _)) in (0u8..).zip(GROUPS) {
            let shift = f64::from(place);
            // One variable of each kind of summary, both with the other as an alternative.
            let chosen = if column == "age" { "mean" } else { "median" };
            for (name, value) in [
                ("mean", mean + shift),
                ("standard_deviation", 9.84),
                ("median", mean - 0.3 * shift),
                ("lower_quartile", mean - 6.0),
                ("upper_quartile", mean + 7.0),
                // One variable with missing values and one without, as tables add the row of
                // missing values only for the first.
                ("missing", if column == "bmi" { 3.0 * shift } else { 0.0 }),
            ] {
                let quantity = if name == "missing" { Quantity::Count } else { Quantity::Measured };
                let place = [named(name), variable(column), whom(group)];
                let finding = book.add(&place, name, quantity, value);
                finding.role = match name {
                    _ if name == chosen => Role::Chosen,
                    "mean" | "median" => Role::Alternative,
                    _ => Role::Estimate,
                };
            }
        }
        compare(&mut book, column, -0.31, p, Procedure::WelchT);
    }
    let categories: [Categorical; 4] = [
        ("sex", &[("female", [6, 14]), ("male", [31, 62])], Procedure::Fisher),
        (
            "site",
            &[
                // Counts sum to the sizes of both groups, 37 and 76, and one cell is small.
                ("oral cavity", [14, 25]),
                ("oropharynx", [3, 17]),
                ("larynx", [12, 20]),
                ("hypopharynx", [8, 14]),
            ],
            Procedure::PearsonChiSquare,
        ),
        ("ecog", &[("0", [12, 19]), ("1", [18, 44]), ("2", [7, 13])], Procedure::PearsonChiSquare),
        ("smoker", &[("no", [9, 21]), ("yes", [28, 55])], Procedure::PearsonChiSquare),
    ];
    for (column, levels, test) in categories {
        for (value_of, [rt, no]) in levels {
            for ((group, n), count) in GROUPS.into_iter().zip([*rt, *no, rt + no]) {
                for (name, quantity, value) in [
                    ("count", Quantity::Count, count as f64),
                    ("proportion", Quantity::Proportion, count as f64 / n as f64),
                ] {
                    let place = [named(name), variable(column), level(value_of), whom(group)];
                    book.add(&place, name, quantity, value);
                }
            }
        }
        compare(&mut book, column, 0.083, 0.723, test);
    }
    book.output()
}

fn compare(book: &mut Book, column: &str, difference: f64, p: f64, test: Procedure) {
    let smd = book.add(
        &[named("smd"), variable(column), group("RT")],
        "standardized_mean_difference",
        Quantity::StandardizedDifference,
        difference,
    );
    smd.reference = text("no RT");
    smd.method = Method::of(Procedure::StandardizedDifference(Standardized::Means));
    let finding = book.add(&[named("p"), variable(column)], "p_value", Quantity::PValue, p);
    (finding.role, finding.method) = (Role::Chosen, Method::of(test));
}

fn response() -> Output {
    let mut book = Book::of("response_by_rt", "response");
    book.warning = Some(naive());
    for (group, n) in GROUPS {
        book.add(&[named("n"), whom(group)], "n", Quantity::Count, n as f64);
    }
    for (response, counts) in
        [("CR", [4, 5, 9]), ("PR", [21, 25, 46]), ("SD", [10, 17, 27]), ("PD", [2, 29, 31])]
    {
        for ((group, n), count) in GROUPS.into_iter().zip(counts) {
            for (name, quantity, value) in [
                ("count", Quantity::Count, f64::from(count)),
                ("proportion", Quantity::Proportion, f64::from(count) / n as f64),
            ] {
                let place = [named(name), level(response), whom(group)];
                book.add(&place, name, quantity, value).variable = text("response");
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
    book.output()
}

fn rate(book: &mut Book, id: &str, statistic: &str, counts: [u64; 3], p: [f64; 4]) {
    for ((group, n), count) in GROUPS.into_iter().zip(counts) {
        let share = count as f64 / n as f64;
        for (tail, name, half) in [
            ("", IntervalKind::Wilson, 0.14),
            ("wilson", IntervalKind::Wilson, 0.14),
            ("clopper_pearson", IntervalKind::ClopperPearson, 0.16),
        ] {
            let mut place = vec![outcome(id), whom(group)];
            place.extend((!tail.is_empty()).then(|| Part::Method(tail.to_owned())));
            let finding = book.add(&place, statistic, Quantity::Proportion, share);
            // The limits are made up. Only their order and their range matter to what prints them.
            limits(finding, share - half, (share + half).min(1.0));
            (finding.n, finding.events) = (Some(n), Some(count));
            finding.role = if tail.is_empty() { Role::Chosen } else { Role::Alternative };
            finding.method = interval(Procedure::Proportion, name);
        }
    }
    let tests = ["pearson", "yates", "fisher", "mid_p"];
    let procedures = [
        Procedure::PearsonChiSquare,
        Procedure::YatesChiSquare,
        Procedure::Fisher,
        Procedure::FisherMidP,
    ];
    let own = [outcome(id), named("p")];
    // The chosen test stands under an id without a method, and once more among all, as the kind
    // `response` has it.
    let chosen = book.add(&own, "p_value", Quantity::PValue, p[1]);
    (chosen.role, chosen.method) = (Role::Chosen, Method::of(procedures[1].clone()));
    for ((test, procedure), p) in tests.into_iter().zip(procedures).zip(p) {
        let place = [outcome(id), named("p"), Part::Method(test.to_owned())];
        let finding = book.add(&place, "p_value", Quantity::PValue, p);
        (finding.role, finding.method) = (Role::Alternative, Method::of(procedure));
    }
    for (name, quantity, value, method) in [
        (
            "risk_difference",
            Quantity::ProportionDifference,
            0.281,
            interval(Procedure::RiskDifference, IntervalKind::Newcombe),
        ),
        ("odds_ratio", Quantity::Ratio, 3.19, interval(Procedure::OddsRatio, IntervalKind::Woolf)),
        (
            "relative_risk",
            Quantity::Ratio,
            1.71,
            interval(Procedure::RelativeRisk, IntervalKind::WaldLog),
        ),
    ] {
        let place = [outcome(id), named(name), group("RT")];
        let finding = book.add(&place, name, quantity, value);
        limits(finding, value / 2.2, value * 1.6);
        (finding.reference, finding.method) = (text("no RT"), method);
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
    book.warning = (stage != "follow_up").then(naive);
    let arms = [Arm("RT", "RT", 37, medians[0]), Arm("no RT", "no RT", 76, medians[1])];
    let reverse = stage.starts_with("follow_up");
    let name = if reverse { "median_follow_up" } else { "median" };
    for ((group, n), median) in GROUPS.into_iter().zip([medians[0], medians[1], 9.7]) {
        let mut counts = vec![("n", n as f64), ("events", (n / 2) as f64), ("missing", 0.0)];
        counts.push(("censored", (n - n / 2) as f64));
        for (name, value) in counts {
            book.add(&[named(name), whom(group)], name, Quantity::Count, value);
        }
        let finding = book.add(&[named(name), whom(group)], name, Quantity::Days, median * 30.4375);
        finding.method = interval(Procedure::KaplanMeier, IntervalKind::LogLog);
        // A median of 20 months has no upper limit and one of 31 is not reached: both forms that a
        // table must print.
        let upper = if median > 15.0 { f64::INFINITY } else { median * 45.0 };
        limits(finding, median * 20.0, upper);
        (finding.n, finding.events) = (Some(n), Some(n / 2));
        // No value, but its limits remain: a lower limit can be had of a median that is not
        // reached.
        if median > 30.0 {
            *finding = finding.clone().without_value(State::NotReached);
        }
        for (place, months) in (1u8..).zip([6.0, 12.0, 18.0, 24.0, 30.0]) {
            let survival = 1.0 - f64::from(place) * 0.14;
            let at = |name| [named(name), time(&format!("{months}_months")), whom(group)];
            let finding = book.add(&at("survival"), "survival", Quantity::Survival, survival);
            finding.method = interval(Procedure::KaplanMeier, IntervalKind::LogLog);
            limits(finding, survival - 0.1, survival + 0.08);
            finding.time_days = Some(months * 30.4375);
            let at_risk = (n as f64 * survival * 0.7).floor();
            let finding = book.add(&at("n_at_risk"), "n_at_risk", Quantity::Count, at_risk);
            finding.time_days = Some(months * 30.4375);
        }
    }
    let mut steps = curves(&arms);
    (steps.endpoint, steps.endpoint_label) = (endpoint.to_owned(), label.to_owned());
    (steps.by_label, steps.reverse) = (text("Radiotherapy during immunotherapy"), reverse);
    Output { figures: steps.into(), ..book.output() }
}

fn log_rank(stage: &'static str, endpoint: &'static str, p: f64) -> Output {
    let mut book = Book::of(stage, "log_rank");
    (book.endpoint, book.warning) = (Some(endpoint), Some(naive()));
    for (name, statistic, quantity, value) in [
        ("chi_square", "chi_square", Quantity::Statistic, 10.865),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, 1.0),
        ("p", "p_value", Quantity::PValue, p),
    ] {
        book.add(&[named(name)], statistic, quantity, value).method =
            Method::of(Procedure::LogRank { rho: 0.0 });
    }
    book.output()
}

/// Term, level, patients, events, coefficient, error.
type Term = (&'static str, Option<&'static str>, u64, u64, f64, f64);

const TERMS: [Term; 8] = [
    // A reference has neither a coefficient nor an error.
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
    (book.endpoint, book.warning) = (Some(endpoint), Some(naive()));
    for (name, quantity, value) in [
        ("n", Quantity::Count, 110.0),
        ("events", Quantity::Count, 78.0),
        ("missing", Quantity::Count, 3.0),
        ("events_per_coefficient", Quantity::Statistic, 15.6),
        ("concordance", Quantity::Proportion, 0.6437),
    ] {
        book.add(&[named(name)], name, quantity, value);
    }
    book.add(&[test("likelihood_ratio"), named("p")], "p_value", Quantity::PValue, 0.000_21);
    for model in [None, Some(Part::Model("univariable".to_owned()))] {
        for (column, value, n, events, coefficient, error) in TERMS {
            let place = |own: &str| -> Vec<Part> {
                let own = [named(own), variable(column)];
                model.clone().into_iter().chain(own).chain(value.map(level)).collect()
            };
            ratio(&mut book, &place("hazard_ratio"), [coefficient, error], [n, events]);
            if error > 0.0 {
                // The Wald test of the coefficient, so that a p-value below 0.05 goes with limits
                // on one side of 1.
                let p = libm::erfc((coefficient / error).abs() / std::f64::consts::SQRT_2);
                book.add(&place("p"), "p_value", Quantity::PValue, p);
            }
        }
        let own = [test("term"), named("p"), variable("ecog")];
        let place: Vec<Part> = model.into_iter().chain(own).collect();
        book.add(&place, "p_value", Quantity::PValue, 0.0342);
    }
    book.output()
}

fn ratio(book: &mut Book, place: &[Part], [coefficient, error]: [f64; 2], [n, events]: [u64; 2]) {
    let value = libm::exp(coefficient);
    let finding = book.add(place, "hazard_ratio", Quantity::Ratio, value);
    (finding.n, finding.events) = (Some(n), Some(events));
    (finding.role, finding.method) = (Role::Reference, Method::of(Procedure::Reference));
    if error > 0.0 {
        finding.role = Role::Estimate;
        let limit = |sign: f64| libm::exp(coefficient + sign * 1.96 * error);
        limits(finding, limit(-1.0), limit(1.0));
        finding.method = interval(Procedure::Cox, IntervalKind::Wald);
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
        // One degree of freedom a coefficient: 1 + 1 + 2 + 1.
        ("global", 8.94, 5.0, 0.111),
    ] {
        for (name, statistic, quantity, value) in [
            ("chi_square", "chi_square", Quantity::Statistic, chi_square),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, p),
        ] {
            let of = match term {
                "global" => Part::Model(term.to_owned()),
                term => variable(term),
            };
            let finding = book.add(&[named(name), of], statistic, quantity, value);
            finding.method = Method::of(Procedure::Cox).tested(Test::Score);
        }
    }
    for period in ["before", "after"] {
        let piecewise = || Part::Model("piecewise".to_owned());
        let place = [piecewise(), named("events"), time(period)];
        book.add(&place, "events", Quantity::Count, 40.0).time_days = Some(121.75);
        for (column, value, n, events, coefficient, error) in TERMS {
            let own = [piecewise(), named("hazard_ratio"), time(period), variable(column)];
            let place: Vec<Part> = own.into_iter().chain(value.map(level)).collect();
            ratio(&mut book, &place, [coefficient, error], [n, events]);
        }
    }
    let place = [Part::Model("piecewise".to_owned()), test("likelihood_ratio"), named("p")];
    let finding = book.add(&place, "p_value", Quantity::PValue, 0.27);
    finding.method = Method::of(Procedure::Cox).tested(Test::LikelihoodRatio);
    let place = [
        Part::Model("piecewise".to_owned()),
        test("likelihood_ratio"),
        named("degrees_of_freedom"),
    ];
    let finding = book.add(&place, "degrees_of_freedom", Quantity::DegreesOfFreedom, 5.0);
    finding.method = Method::of(Procedure::Cox).tested(Test::LikelihoodRatio);
    book.output()
}

fn differences() -> Output {
    let mut book = Book::of("pfs_differences", "survival_difference");
    for (horizon, days) in [("12_months", 88.2), ("24_months", 182.6)] {
        let name = "restricted_mean_difference";
        let place = [named(name), time(horizon), group("RT")];
        let finding = book.add(&place, name, Quantity::Days, days);
        finding.reference = text("no RT");
        limits(finding, days / 3.0, 2.0 * days);
    }
    book.output()
}

/// Every analysis of the study.
pub(crate) fn analyses() -> Vec<(&'static str, Output)> {
    let (pfs, os) = ("Progression-free survival", "Overall survival");
    vec![
        ("baseline", baseline()),
        ("response_by_rt", response()),
        // The median of RT is the claimed 20.0 months. Those of overall survival are chosen for
        // what is not reached.
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
        ("pfs_differences", differences()),
    ]
}
