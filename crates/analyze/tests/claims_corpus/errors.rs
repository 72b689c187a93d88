//! Errors as they happen in print: digits changed, arms exchanged, numbers of another
//! table. Each changes one printed number by what would matter to a reader, and none
//! looks at how it could be found.

use serde_json::{Value, json};
use stats::special::{normal_quantile, normal_two_sided_tail};

use super::draw::Draw;
use super::printed::{ARMS, AT_RISK, Abstract, round};

/// A class of errors: what is changed, and how.
pub type Class = (&'static str, fn(&mut Abstract, &mut Draw) -> Option<String>);

pub const CLASSES: [Class; 15] = [
    ("percentage", percentage),
    ("p-value of counts", p_of_counts),
    ("hazard ratio", hazard_ratio),
    ("inverted hazard ratio", inverted),
    ("confidence limit", limit),
    ("p-value of survival", p_of_survival),
    ("number at risk", at_risk),
    ("patients of an arm", patients),
    ("events", events),
    ("survival at a time", survival),
    ("levels of stage", stage),
    ("standard deviation", spread),
    ("outcomes exchanged", exchanged),
    ("subgroup", subgroup),
    ("odds ratio", odds_ratio),
];

fn number(printed: &Abstract, name: &str, key: &str) -> Option<f64> {
    printed.0.get(name)?.get(key)?.as_f64()
}

/// Puts a number in the place of another; none where it prints the same.
fn change(printed: &mut Abstract, name: &str, key: &str, value: f64) -> Option<String> {
    // Rounded as it was printed, because an error of print is one in what is seen.
    let decimals = number(printed, name, "decimals").unwrap_or(0.0) as usize;
    let (old, new) = (number(printed, name, key)?, round(value, decimals));
    printed.0[name][key] = json!(new);
    // What prints the same is no error that anybody could find.
    (old != new).then(|| name.to_owned())
}

fn arm(draw: &mut Draw) -> &'static str {
    ARMS[draw.below(2)]
}

fn sign(draw: &mut Draw) -> f64 {
    if draw.happens(0.5) { 1.0 } else { -1.0 }
}

fn percentage(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = format!("{}_{}", ["response", "control"][draw.below(2)], arm(draw));
    let old = number(printed, &name, "value")?;
    let by = sign(draw) * draw.between(5.0, 15.0);
    // Away from the end that it would pass.
    let new = if (2.0..98.0).contains(&(old + by)) { old + by } else { old - by };
    change(printed, &name, "value", new)
}

/// A p-value of another size of z.
fn other_p(printed: &mut Abstract, name: &str, draw: &mut Draw) -> Option<String> {
    let is_below = printed.0[name].get("comparison").is_some();
    let z = -normal_quantile(0.5 * number(printed, name, "value")?);
    let by = draw.between(1.2, 2.5);
    // Such a p-value has no size of its own, so that it can only become larger.
    let new = if is_below || z > by && draw.happens(0.5) { (z - by).abs() } else { z + by };
    // Not below what would be printed as `<0.001`.
    let p = normal_two_sided_tail(new).max(0.001);
    // The new number is printed as it is.
    if let Value::Object(claim) = &mut printed.0[name] {
        claim.remove("comparison");
    }
    change(printed, name, "value", p)
}

fn p_of_counts(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    other_p(printed, ["response_p", "control_p"][draw.below(2)], draw)
}

fn p_of_survival(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    other_p(printed, ["os_p", "pfs_p"][draw.below(2)], draw)
}

fn ratio_name(draw: &mut Draw) -> &'static str {
    ["os_hazard_ratio", "pfs_hazard_ratio"][draw.below(2)]
}

fn hazard_ratio(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = ratio_name(draw);
    let by = sign(draw) * draw.between(0.2, 0.6);
    let new = number(printed, name, "value")? * libm::exp(by);
    change(printed, name, "value", new)
}

/// The ratio and its limits of the other arm against this one.
fn inverted(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = ratio_name(draw);
    let (value, lower, upper) = (
        number(printed, name, "value")?,
        number(printed, name, "lower")?,
        number(printed, name, "upper")?,
    );
    // an inverted ratio near 1 misleads nobody
    if (0.75..1.33).contains(&value) {
        return None;
    }
    // Exchanged as well, as one does who prints the other arm's ratio.
    change(printed, name, "lower", 1.0 / upper);
    change(printed, name, "upper", 1.0 / lower);
    change(printed, name, "value", 1.0 / value)
}

fn limit(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = ratio_name(draw);
    let (key, by) = match draw.happens(0.5) {
        true => ("lower", -draw.between(0.3, 0.7)),
        false => ("upper", draw.between(0.3, 0.7)),
    };
    let new = number(printed, name, key)? * libm::exp(by);
    change(printed, name, key, new)
}

fn at_risk(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let (arm, place) = (arm(draw), 1 + draw.below(AT_RISK.len() - 1));
    let name = |place: usize| format!("os_at_risk_{}_{arm}", AT_RISK[place]);
    let before = number(printed, &name(place - 1), "value")?;
    // More at risk than at the time before, which no follow-up gives.
    change(printed, &name(place), "value", (before * draw.between(1.05, 1.4)).ceil() + 1.0)
}

fn patients(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = format!("n_{}", arm(draw));
    let new = number(printed, &name, "value")? + sign(draw) * (2.0 + draw.below(10) as f64);
    change(printed, &name, "value", new)
}

fn events(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = format!("{}_events_{}", ["os", "pfs"][draw.below(2)], arm(draw));
    let new = number(printed, &name, "value")? + sign(draw) * (3.0 + draw.below(15) as f64);
    change(printed, &name, "value", new.max(1.0))
}

fn survival(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = format!("os_{}_{}", [12, 24][draw.below(2)], arm(draw));
    let old = number(printed, &name, "value")?;
    let by = sign(draw) * draw.between(7.0, 20.0);
    let new = if (3.0..97.0).contains(&(old + by)) { old + by } else { old - by };
    change(printed, &name, "value", new)
}

fn stage(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = format!("stage_{}", draw.below(3));
    let new = number(printed, &name, "value")? + sign(draw) * draw.between(4.0, 12.0);
    change(printed, &name, "value", new)
}

fn spread(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = format!("age_sd_{}", arm(draw));
    let new = number(printed, &name, "value")? * draw.between(2.5, 4.0);
    change(printed, &name, "value", new)
}

fn exchanged(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let arm = arm(draw);
    let names = ["response", "control"].map(|outcome| format!("{outcome}_{arm}"));
    let [one, other] = [&names[0], &names[1]].map(|name| number(printed, name, "value"));
    change(printed, &names[1], "value", one?);
    // Both must be printed, or nothing is exchanged.
    change(printed, &names[0], "value", other?)
}

fn subgroup(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let name = ["n_male", "n_female"][draw.below(2)];
    let new = number(printed, name, "value")? + sign(draw) * (2.0 + draw.below(15) as f64);
    change(printed, name, "value", new)
}

fn odds_ratio(printed: &mut Abstract, draw: &mut Draw) -> Option<String> {
    let new = number(printed, "response_odds_ratio", "value")?
        * libm::exp(sign(draw) * draw.between(0.2, 0.7));
    change(printed, "response_odds_ratio", "value", new)
}
