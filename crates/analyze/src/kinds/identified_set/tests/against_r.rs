//! What is read off a cohort, off public data, against R.

use serde_json::Value;
use stats::identified_set::Statistic;
use stats::special::normal_quantile;

use crate::testing::read_reference;

/// Days, events and arms of a data set.
fn data(name: &str) -> (Vec<u32>, Vec<bool>, Vec<usize>) {
    let text = read_reference(&format!("data/{name}.csv"));
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = |name: &str| names.iter().position(|own| *own == name).expect("a column");
    let places = ["time", "event", "group"].map(place);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        places.map(|place| cells[place].parse::<u32>().expect("a whole number"))
    };
    let rows: Vec<[u32; 3]> = lines.map(row).collect();
    (
        rows.iter().map(|row| row[0]).collect(),
        rows.iter().map(|row| row[1] == 1).collect(),
        rows.iter().map(|row| row[2] as usize).collect(),
    )
}

#[test]
fn numbers_of_cohorts_are_those_of_r() {
    let text = read_reference("identified_set/values.json");
    let values: Value = serde_json::from_str(&text).expect("JSON");
    for (name, cut, end, start) in
        [("lung", 180, 365, 90), ("myeloid", 200, 700, 120), ("pbc_trial", 1000, 2500, 365)]
    {
        let case = &values["cases"][name];
        let (days, events, arms) = data(name);
        let compare = |what: &str, statistic: Statistic, expected: &Value| {
            let found = statistic.of_data(&days, &events, &arms);
            let expected = expected.as_f64().expect("a number");
            // R's fits stop at a tolerance of their own; a
            // difference near zero is taken against 0.01.
            let near = 1e-6 * expected.abs().max(1e-2);
            assert!((found - expected).abs() <= near, "{name} {what}: {found}, not {expected}");
        };
        let ever = 36_525;
        let during = |after, until| Statistic::LogHazardRatio { endpoint: 0, after, until };
        compare("whole", during(0, ever), &case["log_hazard_ratio"]);
        compare("before", during(0, cut), &case["before"]);
        compare("after", during(cut, ever), &case["after"]);
        compare("under an assumed start", during(start, ever), &case["started"]);
        let z = normal_quantile(0.975);
        // Limits in the order of R's: lower, upper.
        for (place, errors) in [-z, z].into_iter().enumerate() {
            let limit = Statistic::LogHazardRatioLimit { endpoint: 0, errors };
            compare("limit", limit, &case["limits"][place]);
        }
        for arm in 0..2 {
            let (mean, at) = (&case["restricted_means"][arm], &case["survival"][arm]);
            compare("mean", Statistic::RestrictedMean { endpoint: 0, arm, day: end }, mean);
            compare("survival", Statistic::Survival { endpoint: 0, arm, day: cut }, at);
            let at_risk = Statistic::AtRisk { endpoint: 0, arm, day: cut };
            compare("at risk", at_risk, &case["at_risk"][arm]);
            compare("events", Statistic::Events { endpoint: 0, arm }, &case["events"][arm]);
        }
        let test = Statistic::ProportionalHazards { endpoint: 0 };
        compare("proportional hazards", test, &case["proportional_hazards"]);
    }
}
