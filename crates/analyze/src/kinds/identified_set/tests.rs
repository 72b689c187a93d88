//! Tests of the kind: what claims come to, and what is wrong with them.

mod against_r;

use engine::Kind;
use serde_json::{Value, json};
use study::{Claim, Finding, Output, Part, Procedure, Quantity, State};

use super::IdentifiedSet;
use crate::analysis::Entry;
use crate::testing::{call_on_claims, finding, ids, value};

/// An analysis that found these.
fn stage(findings: Vec<Finding>) -> Output {
    Output { findings, ..Output::default() }
}

fn of(stage: &str, statistic: &str, quantity: Quantity, procedure: Procedure) -> Finding {
    let mut finding = Finding::new(stage, "kind", statistic, quantity, 1.0).by_method(procedure);
    finding.endpoint = Some("os".to_owned());
    finding
}

// Every number is 1: a claim has its value from print, and a finding only says what it is of.
/// The findings that the claims below are about. The kind must not look at
/// their numbers.
fn stages() -> Vec<(&'static str, Output)> {
    let both =
        |finding: &Finding| [finding.clone().in_group("no"), finding.clone().in_group("yes")];
    let sizes = of("base", "n", Quantity::Count, Procedure::Count);
    let everybody = sizes.clone().of_everybody();
    let sizes = both(&sizes).into_iter().chain([everybody]).collect();
    let median = of("curves", "median", Quantity::Days, Procedure::KaplanMeier);
    let mut survival = of("curves", "survival", Quantity::Survival, Procedure::KaplanMeier)
        .part(Part::time("12 months".parse().expect("a time")));
    survival.time_days = Some(365.25);
    let curves = both(&median).into_iter().chain(both(&survival)).collect();
    let mut p = of("test", "p_value", Quantity::PValue, Procedure::LogRank { rho: 0.0 });
    p.address.parts = vec![Part::statistic("p")];
    let model = of("model", "hazard_ratio", Quantity::Ratio, Procedure::Cox);
    let followed = of("follow", "median_follow_up", Quantity::Days, Procedure::ReverseKaplanMeier)
        .of_everybody();
    let mut rate =
        of("response", "objective_response_rate", Quantity::Proportion, Procedure::Proportion);
    rate.address.parts = vec![Part::outcome("orr")];
    vec![
        ("base", stage(sizes)),
        ("curves", stage(curves)),
        ("test", stage(vec![p])),
        ("model", stage(vec![model])),
        ("follow", stage(vec![followed])),
        ("response", stage(both(&rate).to_vec())),
    ]
}

fn claims(changed: &[(&str, Value)]) -> Vec<(String, Claim)> {
    let mut claims = json!({
        "n": { "value": 60, "finding": "base.n.all" },
        "n_yes": { "value": 30, "finding": "base.n.yes" },
        "median_no": { "value": 9.0, "decimals": 1, "unit": "months", "finding": "curves.median.no" },
        "median_yes": { "value": 16.0, "decimals": 1, "unit": "months", "finding": "curves.median.yes" },
        "p": { "value": 0.03, "decimals": 2, "finding": "test.p" },
        "follow_up": { "value": 20, "unit": "months", "finding": "follow.median_follow_up.all" },
        "orr_no": { "value": 20.0, "decimals": 1, "unit": "percent", "finding": "response.orr.no" },
        "orr_yes": { "value": 40.0, "decimals": 1, "unit": "percent", "finding": "response.orr.yes" },
        "year_no": { "value": 40, "unit": "percent", "finding": "curves.survival.12_months.no" },
        "ratio": { "value": 0.5, "decimals": 1, "finding": "model.hazard_ratio" },
        "words": { "note": "nothing is printed" },
    });
    for (name, keys) in changed {
        for (key, value) in keys.as_object().expect("keys") {
            claims[*name][key] = value.clone();
        }
    }
    let whole = |(name, mut keys): (String, Value)| {
        for key in ["label", "quote", "place"] {
            keys[key] = json!("x");
        }
        (name, serde_json::from_value(keys).expect("a claim"))
    };
    let Value::Object(claims) = claims else { unreachable!("it is an object") };
    claims.into_iter().map(whole).collect()
}

const ALL: [&str; 6] = ["n", "n_yes", "median_no", "median_yes", "p", "follow_up"];

fn parameters(names: &[&str]) -> Value {
    // Few cohorts and short searches: enough to see every finding, and quick.
    json!({
        "claims": names, "endpoints": ["os"], "reference": "no", "cohorts": 12,
        "at": ["12 months"], "restricted_mean": ["12 months"], "cut": "6 months",
        "start": ["30 days"], "outward": 2, "outward_moves": 2000, "leave_one_out": 3,
    })
}

fn run_on(
    changed: &[(&str, Value)],
    names: &[&str],
    more: &[(&str, Value)],
) -> Result<Output, Vec<String>> {
    let mut parameters = parameters(names);
    for (key, value) in more {
        parameters[*key] = value.clone();
    }
    call_on_claims::<IdentifiedSet>(
        &claims(changed),
        stages(),
        parameters,
        <Entry<IdentifiedSet> as Kind>::run,
    )
}

fn told(changed: &[(&str, Value)], names: &[&str], more: &[(&str, Value)]) -> String {
    run_on(changed, names, more).expect_err("mistakes").join("\n")
}

/// What a misspelt finding of one claim would have said is not missed in the others:
/// that there is no such finding is told of the claim.
#[test]
fn a_claim_on_no_finding_makes_no_second_mistake() {
    for (claim, finding) in [("median_no", "curves.medan.no"), ("n_yes", "base.n.yess")] {
        let found = call_on_claims::<IdentifiedSet>(
            &claims(&[(claim, json!({ "finding": finding }))]),
            stages(),
            parameters(&ALL),
            |kind, call| {
                let announced = kind.rehearse(call)?.findings.len();
                Err(engine::Mistake::new(format!("{announced} findings announced")).into())
            },
        );
        let told = found.expect_err("what was announced").join(" ");
        assert!(told.ends_with("0 findings announced"), "{finding}: {told}");
    }
}

#[test]
fn cohorts_reproduce_what_claims_print() {
    let output = run_on(&[], &ALL, &[]).expect("runs");
    assert!(value(&output, "cohorts") >= 8.0, "{:?}", value(&output, "cohorts"));
    // A twelfth of 365.25 days. What is printed as
    // 9.0 months lies within half of its last digit.
    let month = 30.4375;
    for (claim, least, greatest) in [
        ("median_no", 8.95 * month, 9.05 * month),
        ("median_yes", 15.95 * month, 16.05 * month),
        ("follow_up", 19.5 * month, 20.5 * month),
        ("p", 0.025, 0.035),
    ] {
        let [low, high] =
            ["least", "greatest"].map(|end| value(&output, &format!("reproduced.{claim}.{end}")));
        assert!(least <= low && low <= high && high <= greatest, "{claim}: {low} to {high}");
    }
    let of = |id: &str| value(&output, id);
    let inside = [
        of("range.hazard_ratio.os.yes.least"),
        of("sampled.hazard_ratio.os.yes.least"),
        of("sampled.hazard_ratio.os.yes.5"),
        of("sampled.hazard_ratio.os.yes.50"),
        of("sampled.hazard_ratio.os.yes.95"),
        of("sampled.hazard_ratio.os.yes.greatest"),
        of("range.hazard_ratio.os.yes.greatest"),
    ];
    // Searches outward reach at least as far as the sampled
    // cohorts, and percentiles lie within their ends.
    assert!(inside.is_sorted() && inside[6] < 1.0, "{inside:?}");
    assert!(of("directed.hazard_ratio.os.yes.least") <= inside[1]);
    assert!(of("width.hazard_ratio.os.yes.all_claims") >= 1.0);
    // The p-value pins the hazard ratio more than anything else here.
    assert!(of("width.hazard_ratio.os.yes.without_p") > of("width.hazard_ratio.os.yes.all_claims"));
    let bounds = ["least", "greatest"].map(|end| of(&format!("bound.hazard_ratio.os.yes.{end}")));
    assert!(bounds[0] < inside[3] && inside[3] < bounds[1], "{bounds:?}");
    let medians =
        ["least", "greatest"].map(|end| of(&format!("median_ratio.hazard_ratio.os.yes.{end}")));
    assert!(medians[0] <= 9.0 / 16.0 && 9.0 / 16.0 <= medians[1], "{medians:?}");
}

#[test]
fn a_run_is_the_same_again_and_another_seed_is_not_needed() {
    let [one, other] = [0, 1].map(|_| run_on(&[], &ALL, &[]).expect("runs"));
    assert_eq!(one.findings, other.findings);
    assert_eq!(one.figures, other.figures);
}

#[test]
fn numbers_of_the_findings_are_not_looked_at() {
    let mut doubled = stages();
    // The same claims about findings of other values.
    for finding in doubled.iter_mut().flat_map(|(_, output)| &mut output.findings) {
        finding.value = Some(2.0);
    }
    let act = <Entry<IdentifiedSet> as Kind>::run;
    let other = call_on_claims::<IdentifiedSet>(&claims(&[]), doubled, parameters(&ALL), act)
        .expect("runs");
    assert_eq!(run_on(&[], &ALL, &[]).expect("runs").findings, other.findings);
}

#[test]
fn a_worse_second_group_turns_the_test_round() {
    // Below the other median of 9 months.
    let changed = [("median_yes", json!({ "value": 5.0 }))];
    let output = run_on(&changed, &ALL, &[("leave_one_out", json!(0))]).expect("runs");
    assert!(value(&output, "sampled.hazard_ratio.os.yes.least") > 1.0);
}

#[test]
fn a_median_that_was_not_reached_is_a_claim_too() {
    let changed = [("median_yes", json!({ "value": null, "not_reached": true }))];
    let output = run_on(&changed, &ALL, &[]).expect("runs");
    let median = finding(&output, "reproduced.median_yes.50");
    assert_eq!((median.state, median.value), (State::NotReached, None));
    // A curve that stays above one half is above it at twelve months, too.
    assert!(value(&output, "sampled.survival.os.12_months.yes.least") > 0.5);
    assert!(ids(&output).iter().all(|id| !id.contains("median_ratio")));
}

#[test]
fn shares_and_survival_constrain_too() {
    let days = json!({
        "response_from": "400 days", "control_from": "56 days",
        "progression_from": "35 days", "progression_until": "90 days",
    });
    let names = [&ALL[..], &["orr_no", "orr_yes", "year_no"]].concat();
    let output = run_on(&[], &names, &[("response_days", days)]).expect("runs");
    let [low, high] =
        ["least", "greatest"].map(|end| value(&output, &format!("reproduced.year_no.{end}")));
    assert!(0.395 <= low && high <= 0.405, "{low} to {high}");
    assert!(ids(&output).iter().any(|id| id.ends_with("yes.without_response_rates")));
    // two fifths of the irradiated respond, and nobody who does has an event in the first 400 days
    assert!(value(&output, "range.survival.os.12_months.yes.least") >= 0.4);
}

#[test]
fn what_constrains_nothing_is_told() {
    assert_eq!(
        told(&[], &[&ALL[..], &["ratio", "words"]].concat(), &[]),
        // What is about no finding is told while claims
        // are looked up, before any of them is read.
        "claims.7: claim `words` is about no finding; name its `finding`: what the number means follows from that\n\
         claims.6: claim `ratio` is about `model.hazard_ratio`, which constrains no cohort; numbers of patients and events, response rates, medians, survival, log-rank p and median follow-up do"
    );
}

#[test]
fn what_is_missing_is_told() {
    assert_eq!(
        told(&[], &["n", "median_no", "median_yes"], &[]),
        "claims: the claims do not give whole numbers of patients of both groups; name claims on `n` of both groups, or of one of them and of all"
    );
    assert_eq!(
        told(&[], &["n", "n_yes", "median_no", "p"], &[]),
        "claims.3: claim `p` is a p-value, and no claim tells which group did better; name the claims on the medians of both groups"
    );
    assert_eq!(
        told(&[], &["n", "n_yes"], &[]),
        "claims: the claims are about `yes`, and not about two groups; name claims on both groups, and on no others"
    );
    assert_eq!(
        told(&[], &ALL, &[("reference", json!("never"))]),
        "reference: no claim is about the group `never`; there are: `yes`, `no`"
    );
    assert_eq!(
        told(&[], &ALL, &[("endpoints", json!(["pfs"]))]),
        "claims.2: claim `median_no` is about the endpoint `os`, which is none of `endpoints`; name the endpoint, or leave the claim out\n\
         claims.3: claim `median_yes` is about the endpoint `os`, which is none of `endpoints`; name the endpoint, or leave the claim out\n\
         claims.4: claim `p` is about the endpoint `os`, which is none of `endpoints`; name the endpoint, or leave the claim out"
    );
}

#[test]
fn shares_that_tell_no_count_are_told() {
    let names = [&ALL[..], &["orr_no", "orr_yes"]].concat();
    assert_eq!(
        told(&[], &names, &[]),
        "claims.6: claims on response rates say nothing of follow-up by themselves; say by `response_days` when a response can end, or leave these claims out"
    );
    // 21.0% of 30 patients are 6.3 of them; from 40 to 45% are 12 or 13.
    let changed =
        [("orr_no", json!({ "value": 21.0 })), ("orr_yes", json!({ "decimals": 0, "to": 45 }))];
    assert_eq!(
        told(&changed, &names, &[]),
        "claims.6: claim `orr_no` is a share that no number of 30 patients prints\n\
         claims.7: claim `orr_yes` is a share that 12 to 13 of 30 patients print; a response rate must tell the number of patients: leave it out\n\
         claims.6: claims on response rates say nothing of follow-up by themselves; say by `response_days` when a response can end, or leave these claims out"
    );
}

/// No p of 60 patients is as small as that.
#[test]
fn claims_that_contradict_one_another_are_told() {
    let changed = [("p", json!({ "value": 1e-30, "comparison": "below" }))];
    assert_eq!(
        told(&changed, &ALL, &[("cohorts", json!(2)), ("moves", json!(2000))]),
        "claims: 0 of 2 searches found a cohort that reproduces the claims; the claims may contradict one another: leave one out to see which, or let a search take more `moves`"
    );
}

#[test]
fn parameters_are_checked() {
    let told =
        told(&[], &["n", "n"], &[("endpoints", json!(["a", "b", "c"])), ("cut", json!("0 days"))]);
    assert_eq!(
        told,
        "claims.1: `n` is listed twice\n\
         endpoints: 3 endpoints are too many; one, or two: the first event and then death\n\
         cut: 0 days is no time of follow-up; times count from the index date on"
    );
}
