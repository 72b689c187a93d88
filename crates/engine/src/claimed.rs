//! The names that claims write: findings that there will be, and outcomes and
//! groups that other claims are about.

use std::collections::BTreeMap;

use study::{About, Claim, ClaimUnit, Comparison, Finding, Part, Quantity};

use crate::spec::{meant, nearest};
use crate::{Missed, Mistake, Reference, Section};

/// The findings of each analysis, by its name.
type Analyses<'a> = [(&'a str, &'a [Finding])];

/// Where to look where no id is near.
const LISTED: &str = "`restudy findings` lists all ids";

/// What is wrong with claims, by their names: a claim must name findings that
/// there will be, whether or not a report prints them, and what it is part of
/// or compared with must be what some claim is about.
pub(crate) fn mistakes<'a>(
    claims: &'a [(String, Claim)],
    analyses: &Analyses<'_>,
) -> Vec<(&'a str, Mistake)> {
    let mistaken = claims.iter().filter_map(|(name, claim)| {
        Some((name.as_str(), of_finding(analyses, claim.finding.as_deref()?)?))
    });
    let mut mistakes: Vec<_> = mistaken.collect();
    for (name, claim) in claims {
        let own = of_number(claim).or_else(|| of_unit(analyses, claim));
        mistakes.extend(own.map(|mistake| (name.as_str(), mistake)));
    }
    let Some(names) = Names::of(claims, analyses) else { return mistakes };
    for (name, claim) in claims {
        let Some(about) = &claim.about else { continue };
        let asked = [
            ("part_of", &about.part_of, Role::Of, "no claim is about"),
            ("reference", &about.reference, Role::Group, "no claim is about the group"),
        ];
        for (key, written, role, words) in asked {
            let Some(written) = written.as_deref() else { continue };
            if names.is_known(role, written) {
                continue;
            }
            let mistake = Mistake::at(&["about", key], format!("{words} `{written}`"));
            let mistake = mistake.hint_nearest(written, names.others(role, written));
            mistakes.push((name, mistake));
        }
    }
    mistakes
}

/// Names that one claim alone has and that are near to those of others: whatever
/// they are meant for, that claim is examined against none of the others.
pub(crate) fn lone(claims: &[(String, Claim)], analyses: &Analyses<'_>) -> Vec<String> {
    let Some(names) = Names::of(claims, analyses) else { return Vec::new() };
    let notes = claims.iter().flat_map(|(name, claim)| {
        let names = &names;
        claim.about.iter().flat_map(of_said).filter_map(move |(role, written)| {
            let others = || names.others(role, written);
            if !names.is_lone(role, written) || meant(written, others()).is_none() {
                return None;
            }
            let (what, near) = (role.words(), nearest(written, others())?);
            Some(format!("claim `{name}` alone is about the {what} `{written}`: {near}"))
        })
    });
    notes.collect()
}

/// What is wrong with what a claim says of its finding.
fn of_finding(analyses: &Analyses<'_>, written: &str) -> Option<Mistake> {
    let reference = Reference(written);
    let of_any = written.starts_with('*');
    if !of_any && analyses.iter().all(|(name, _)| *name != reference.stage()) {
        let names = analyses.iter().map(|(name, _)| *name);
        let message = format!("no analysis is called `{}`", reference.stage());
        let missed = Missed::Entry(Section::Analyze, reference.stage().to_owned());
        let mistake = Mistake::at(&["finding"], message).hint_nearest(reference.stage(), names);
        return Some(mistake.missing(missed));
    }
    let candidates = || candidates(analyses, written);
    if candidates().next().is_none() || !reference.among(candidates()).is_empty() {
        return None;
    }
    let mistake = Mistake::at(&["finding"], format!("there is no finding `{written}`"))
        .missing(Missed::Finding(written.to_owned()));
    let hint = reference.nearest(candidates());
    Some(Mistake { hint: hint.or_else(|| Some(LISTED.to_owned())), ..mistake })
}

/// What a claim says of its number that cannot be meant together.
fn of_number(claim: &Claim) -> Option<Mistake> {
    let has_number = claim.value.is_some();
    let (key, message, hint) = if claim.not_reached && (has_number || claim.to.is_some()) {
        let hint = "leave one of them out; limits may stand beside either";
        ("not_reached", "a quantile has a value or was not reached", hint)
    } else if claim.to.is_some() && !has_number {
        ("to", "`to` is the other end of a range without a first one", "give the first as `value`")
    } else if claim.to.is_some() && claim.comparison != Comparison::Equal {
        let hint = "leave out `to` of a bound, or `comparison` of a range";
        ("comparison", "a number is a bound or a range", hint)
    } else if claim.comparison != Comparison::Equal && !has_number {
        ("comparison", "`comparison` is of no number", "give the bound as `value`")
    } else if claim.tolerance.is_some_and(|most| most < 0.0) {
        let hint = "give the largest difference that still counts as agreement";
        ("tolerance", "no difference is below 0", hint)
    } else {
        return None;
    };
    Some(Mistake::at(&[key], message).hint(hint))
}

/// A unit that no finding of a claim has: shares alone are printed in percent, and times
/// alone in months.
fn of_unit(analyses: &Analyses<'_>, claim: &Claim) -> Option<Mistake> {
    let written = claim.finding.as_deref()?;
    let (wanted, of): (&[Quantity], _) = match claim.unit {
        ClaimUnit::Plain => return None,
        ClaimUnit::Percent => (
            &[Quantity::Proportion, Quantity::Survival, Quantity::ProportionDifference],
            "percent is of shares",
        ),
        // a measured variable can be one in days
        ClaimUnit::Weeks | ClaimUnit::Months | ClaimUnit::Years => {
            (&[Quantity::Days, Quantity::Measured], "weeks, months and years are of times")
        }
    };
    let found = Reference(written).among(candidates(analyses, written));
    let is_other = |finding: &&Finding| !wanted.contains(&finding.quantity);
    (!found.is_empty() && found.iter().all(is_other)).then(|| {
        let message = format!("{of}, and `{written}` is none");
        Mistake::at(&["unit"], message).hint("leave `unit` out")
    })
}

/// The findings that a reference may name: those of its analysis.
fn candidates<'f>(
    analyses: &'f Analyses<'f>,
    written: &'f str,
) -> impl Iterator<Item = &'f Finding> {
    let is_named = move |name: &str| written.starts_with('*') || name == Reference(written).stage();
    let named = analyses.iter().filter(move |(name, _)| is_named(name));
    named.flat_map(|(_, findings)| findings.iter())
}

/// What a name in a claim is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Of,
    Level,
    Group,
    Variable,
    Subgroup,
}

impl Role {
    fn words(self) -> &'static str {
        match self {
            Self::Of => "outcome",
            Self::Level => "level",
            Self::Group => "group",
            Self::Variable => "variable of subgroups",
            Self::Subgroup => "subgroup",
        }
    }
}

/// The names that claims are about by their role, each with how many claims are.
#[derive(Default)]
struct Names(BTreeMap<(Role, String), usize>);

impl Names {
    /// By what claims say and what the findings say that they name; none where
    /// not all of that is known before a run.
    fn of(claims: &[(String, Claim)], analyses: &Analyses<'_>) -> Option<Self> {
        let mut names = Self::default();
        for (_, claim) in claims {
            let mut own: Vec<(Role, String)> = Vec::new();
            if let Some(written) = claim.finding.as_deref() {
                let found = Reference(written).among(candidates(analyses, written));
                let is_open = |finding: &&Finding| finding.address.parts.contains(&Part::AnyLevel);
                if found.is_empty() || found.iter().any(is_open) {
                    return None;
                }
                own.extend(found.into_iter().flat_map(of_told));
            }
            let said = claim.about.iter().flat_map(of_said);
            own.extend(said.map(|(role, name)| (role, name.to_owned())));
            own.sort();
            own.dedup();
            for name in own {
                *names.0.entry(name).or_default() += 1;
            }
        }
        Some(names)
    }

    fn is_known(&self, role: Role, name: &str) -> bool {
        self.0.contains_key(&(role, name.to_owned()))
    }

    fn is_lone(&self, role: Role, name: &str) -> bool {
        self.0.get(&(role, name.to_owned())) == Some(&1)
    }

    /// All names of a role but one.
    fn others<'a>(&'a self, role: Role, but: &'a str) -> impl Iterator<Item = &'a str> {
        let own = self.0.keys().filter(move |(other, name)| *other == role && name != but);
        own.map(|(_, name)| name.as_str())
    }
}

/// The names in what a claim says that it is about.
fn of_said(about: &About) -> impl Iterator<Item = (Role, &str)> {
    let subgroup = about.subgroup.as_ref();
    [
        (Role::Of, about.of.as_deref()),
        (Role::Level, about.level.as_deref()),
        (Role::Group, about.group.as_deref()),
        (Role::Variable, subgroup.map(|own| own.variable.as_str())),
        (Role::Subgroup, subgroup.map(|own| own.level.as_str())),
    ]
    .into_iter()
    .filter_map(|(role, name)| Some((role, name?)))
}

/// The names in what a finding is of; a level that is compared with another is a group.
fn of_told(finding: &Finding) -> Vec<(Role, String)> {
    let compared = finding.reference.is_some();
    let of_level = if compared { Role::Group } else { Role::Level };
    let outcome = finding.address.outcome().map(str::to_owned);
    [
        (Role::Of, finding.endpoint.clone()),
        (Role::Of, finding.variable.clone()),
        (Role::Of, outcome),
        (of_level, finding.level.clone()),
        (Role::Group, finding.group.clone()),
        (Role::Group, finding.reference.clone()),
    ]
    .into_iter()
    .filter_map(|(role, name)| Some((role, name?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use study::Subgroup;

    use super::*;

    fn claim(about: About) -> Claim {
        let claim = serde_json::json!({ "label": "L", "quote": "1", "place": "p", "value": 1.0 });
        let claim: Claim = serde_json::from_value(claim).expect("a claim");
        Claim { about: Some(about), ..claim }
    }

    fn of(name: &str) -> About {
        About { of: Some(name.to_owned()), ..About::default() }
    }

    fn of_group(name: &str) -> About {
        About { group: Some(name.to_owned()), ..of("pfs") }
    }

    fn named(claims: Vec<Claim>) -> Vec<(String, Claim)> {
        let names = (1..).map(|number| format!("c{number}"));
        names.zip(claims).collect()
    }

    fn told(claims: Vec<Claim>, analyses: &Analyses<'_>) -> Vec<(String, Vec<String>, String)> {
        let claims = named(claims);
        let mistakes = mistakes(&claims, analyses).into_iter();
        let told = mistakes.map(|(name, mistake)| {
            let hint = mistake.hint.unwrap_or_default();
            (name.to_owned(), mistake.at, format!("{} ({hint})", mistake.message))
        });
        told.collect()
    }

    #[test]
    fn what_a_number_is_part_of_or_compared_with_is_what_a_claim_is_about() {
        let part = |whole: &str| About { part_of: Some(whole.to_owned()), ..of("response") };
        let against =
            |group: &str| About { reference: Some(group.to_owned()), ..of_group("treated") };
        let others = || vec![claim(of("control")), claim(of_group("untreated"))];
        let with = |about: About| told([others(), vec![claim(about)]].concat(), &[]);
        assert_eq!(with(part("control")), []);
        assert_eq!(with(against("untreated")), []);
        let at = |key: &str| vec!["about".to_owned(), key.to_owned()];
        let wrong = "no claim is about `contrl` (did you mean `control`?)";
        assert_eq!(with(part("contrl")), [("c3".to_owned(), at("part_of"), wrong.to_owned())]);
        let wrong = "no claim is about the group `untraeted` (did you mean `untreated`?)";
        let found = with(against("untraeted"));
        assert_eq!(found, [("c3".to_owned(), at("reference"), wrong.to_owned())]);
    }

    #[test]
    fn what_cannot_be_meant_together_is_told() {
        let keys = |more: serde_json::Value| {
            let mut keys = serde_json::json!({ "label": "L", "quote": "q", "place": "p" });
            let (keys_of, more) = (keys.as_object_mut().expect("keys"), more);
            keys_of.extend(more.as_object().expect("keys").clone());
            let claim: Claim = serde_json::from_value(keys).expect("a claim");
            let found = of_number(&claim);
            found.map(|mistake| (mistake.at.concat(), mistake.message))
        };
        for right in [
            serde_json::json!({ "value": 1.0, "to": 2.0 }),
            serde_json::json!({ "value": 0.001, "comparison": "below", "tolerance": 0.0 }),
            serde_json::json!({ "not_reached": true, "lower": 44.0 }),
            serde_json::json!({ "lower": 0.2, "upper": 0.7 }),
        ] {
            assert_eq!(keys(right.clone()), None, "{right}");
        }
        for (wrong, at, message) in [
            (
                serde_json::json!({ "value": 5.0, "not_reached": true }),
                "not_reached",
                "a quantile has a value or was not reached",
            ),
            (
                serde_json::json!({ "to": 5.0 }),
                "to",
                "`to` is the other end of a range without a first one",
            ),
            (
                serde_json::json!({ "value": 1.0, "to": 5.0, "comparison": "below" }),
                "comparison",
                "a number is a bound or a range",
            ),
            (
                serde_json::json!({ "lower": 1.0, "comparison": "above" }),
                "comparison",
                "`comparison` is of no number",
            ),
            (
                serde_json::json!({ "value": 1.0, "tolerance": -0.1 }),
                "tolerance",
                "no difference is below 0",
            ),
        ] {
            assert_eq!(keys(wrong.clone()), Some((at.to_owned(), message.to_owned())), "{wrong}");
        }
    }

    #[test]
    fn a_unit_is_one_of_the_finding() {
        let of = |quantity: Quantity, unit: ClaimUnit| {
            let finding = Finding::new("a", "k", "s", quantity, 1.0);
            let analyses = [("a", std::slice::from_ref(&finding))];
            let claim = Claim { finding: Some(finding.id()), unit, ..claim(About::default()) };
            of_unit(&analyses, &claim).map(|mistake| mistake.message)
        };
        for (quantity, unit) in [
            (Quantity::Survival, ClaimUnit::Percent),
            (Quantity::Days, ClaimUnit::Months),
            (Quantity::Measured, ClaimUnit::Years),
            (Quantity::Ratio, ClaimUnit::Plain),
        ] {
            assert_eq!(of(quantity, unit), None);
        }
        let percent = of(Quantity::Count, ClaimUnit::Percent).expect("a mistake");
        assert!(percent.starts_with("percent is of shares, and `a"), "{percent}");
        let months = of(Quantity::Ratio, ClaimUnit::Months).expect("a mistake");
        assert!(months.starts_with("weeks, months and years are of times, and `a"), "{months}");
    }

    /// Findings say what claims are about, and where they are not known nothing is judged.
    #[test]
    fn what_findings_say_counts() {
        let mut finding = Finding::new("os_by_arm", "kaplan_meier", "median", Quantity::Days, 1.0);
        finding.endpoint = Some("os".to_owned());
        let analyses = [("os_by_arm", std::slice::from_ref(&finding))];
        let of_os = Claim { finding: Some(finding.id()), ..claim(About::default()) };
        let part = |whole: &str| claim(About { part_of: Some(whole.to_owned()), ..of("pfs") });
        assert_eq!(told(vec![of_os.clone(), part("os")], &analyses), []);
        assert_eq!(told(vec![of_os.clone(), part("oss")], &analyses).len(), 1);
        let silent = [("os_by_arm", &[][..])];
        assert_eq!(told(vec![of_os, part("oss")], &silent), []);
    }

    #[test]
    fn a_name_of_one_claim_near_to_that_of_others_is_noted() {
        let subgroup = |variable: &str, level: &str| {
            let subgroup = Subgroup { variable: variable.to_owned(), level: level.to_owned() };
            claim(About { subgroup: Some(subgroup), ..of("pfs") })
        };
        let claims = named(vec![
            claim(of_group("treated")),
            claim(of_group("treated")),
            claim(of_group("traeted")),
            claim(of_group("control")),
            subgroup("smoking", "never"),
            subgroup("smokin", "never"),
        ]);
        assert_eq!(
            lone(&claims, &[]),
            [
                "claim `c3` alone is about the group `traeted`: did you mean `treated`?",
                "claim `c5` alone is about the variable of subgroups `smoking`: did you mean `smokin`?",
                "claim `c6` alone is about the variable of subgroups `smokin`: did you mean `smoking`?",
            ]
        );
    }
}
