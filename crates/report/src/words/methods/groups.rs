//! Paragraphs of comparisons of groups: characteristics, responses, tests.

use study::{Account, IntervalKind, Outcome, Practice, Procedure};

use super::lists::{alike, compact, distinct, joined, listed, outcomes_of, sorted};
use super::teller::Teller;
use crate::format;
use crate::words::choices;
use crate::words::method::interval_name;

/// The characteristics of patients.
pub(super) fn characteristics(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        (account.practice.clone(), account.groups.clone(), teller.patients(account))
    });
    let told = same.iter().map(|((practice, groups, patients), _)| {
        let Practice::Characteristics { summaries, tests } = practice else { return String::new() };
        let summaries: Vec<&str> = summaries.iter().map(summary).collect();
        let mut text = format!("Characteristics{patients} are {}", listed(&summaries));
        if groups.is_some() {
            let by = teller.by(groups.as_ref());
            let tests = tests_of_columns(tests);
            let tests = if tests.is_empty() { tests } else { format!("{tests} and ") };
            text.push_str(&format!(", compared{by} by {tests}pooled standardised differences"));
        }
        text + "."
    });
    told.collect::<Vec<_>>().join(" ")
}

fn summary(procedure: &Procedure) -> &'static str {
    match procedure {
        Procedure::Median => "medians with quartiles",
        Procedure::Mean => "means with standard deviations",
        _ => "shares of known values",
    }
}

/// Tests of columns; Fisher's test stands in for Pearson's where both are named.
fn tests_of_columns(tests: &[Procedure]) -> String {
    let stands_in = [Procedure::PearsonChiSquare, Procedure::Fisher];
    // A table that chooses by expected counts names both tests, and which one when.
    let both = stands_in.iter().all(|test| tests.contains(test));
    let names =
        tests.iter().filter(|test| !(both && **test == Procedure::Fisher)).map(|test| match test {
            Procedure::PearsonChiSquare if both => {
                "Pearson's chi-square test (Fisher's if an expected count is below 5)"
            }
            Procedure::PearsonChiSquare => "Pearson's chi-square test",
            Procedure::YatesChiSquare => "Yates' chi-square test",
            Procedure::Fisher => "Fisher's exact test",
            Procedure::FisherMidP => "Fisher's exact test with mid-p",
            Procedure::RankSum => "Wilcoxon's rank-sum test",
            Procedure::KruskalWallis => "Kruskal and Wallis' test",
            Procedure::WelchT => "Welch's t test",
            Procedure::WelchAnova => "Welch's analysis of variance",
            _ => "other tests",
        });
    distinct(names).join(", ")
}

/// Differences of groups in several columns.
pub(super) fn differences(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        (account.practice.clone(), account.groups.clone(), teller.patients(account))
    });
    let told = same.iter().map(|((practice, groups, patients), _)| {
        let Practice::GroupDifference { of_numbers, of_levels, random_tables, adjusted } = practice
        else {
            return String::new();
        };
        let mut parts = Vec::new();
        if !of_numbers.is_empty() {
            parts.push(format!(
                "in numbers by {}, differences of means (Welch's limits) and Hodges and Lehmann's shift",
                tests_of_columns(of_numbers)
            ));
        }
        if !of_levels.is_empty() {
            let random = random_tables.map_or_else(String::new, |tables| {
                format!(", by {} random tables where the exact test takes too long", format::count(tables))
            });
            parts.push(format!(
                "in categories by {}{random}, risk differences (Newcombe's limits) and odds ratios (Woolf's limits; conditional maximum likelihood with exact limits)",
                tests_of_columns(of_levels)
            ));
        }
        let adjusted = match adjusted {
            // One p-value is not adjusted for its number.
            0 | 1 => "",
            _ => " P-values are also adjusted for the number of variables, by Holm and by Benjamini and Hochberg.",
        };
        format!(
            "Groups{} were compared{patients} {}.{adjusted}",
            teller.by(groups.as_ref()),
            parts.join("; ")
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Shares of patients with a response; columns of which the same is true together.
pub(super) fn response(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| response_around(teller, account));
    let told = same.iter().filter_map(|(around, own)| {
        let [before, after] = around.as_ref()?;
        let columns = own.iter().filter_map(|account| match &account.outcome {
            Some(Outcome::Column { column, .. }) => Some(teller.column(column)),
            _ => None,
        });
        Some(format!("{before} {}{after}.", compact(&distinct(columns))))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// What stands before and behind the column of responses.
fn response_around(teller: &Teller<'_>, account: &Account) -> Option<[String; 2]> {
    let Practice::Response { responders, controlled, intervals, test } = &account.practice else {
        return None;
    };
    let Some(Outcome::Column { column, .. }) = &account.outcome else { return None };
    let limits: Vec<&str> = intervals.iter().copied().map(interval_name).collect();
    // what adds to response, where all responders count as controlled
    let added: Vec<String> =
        controlled.iter().filter(|level| !responders.contains(level)).cloned().collect();
    let is_more = responders.iter().all(|level| controlled.contains(level));
    let control = match is_more && !added.is_empty() {
        true => format!("or {}", teller.any_level(column, &added)),
        false => teller.any_level(column, controlled),
    };
    let before = format!(
        "Objective response ({}) and disease control ({control}) are shares of patients with",
        teller.any_level(column, responders)
    );
    let mut after = format!("{} ({} limits)", teller.patients(account), listed(&limits));
    if account.groups.is_some() {
        after.push_str(&format!(
            ", compared{} by {}, risk differences ({}), odds ratios ({}; conditional exact) and relative risks",
            teller.by(account.groups.as_ref()),
            tests_of_columns(std::slice::from_ref(test)),
            interval_name(IntervalKind::Newcombe),
            interval_name(IntervalKind::Woolf)
        ));
    }
    Some([before, after])
}

/// Tests of survival, each named once with its endpoints.
pub(super) fn survival_tests(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        (account.groups.clone(), teller.variant(account), teller.patients(account))
    });
    let told = same.iter().map(|((groups, variant, patients), own)| {
        let tests = distinct(own.iter().flat_map(|account| tests_of(account)));
        let of_test = |test: &Procedure| -> Vec<&Account> {
            own.iter().filter(|account| tests_of(account).contains(test)).copied().collect()
        };
        let by_endpoints = alike(&tests, |test| sorted(outcomes_of(&of_test(test))));
        let phrases: Vec<String> = (by_endpoints.iter())
            .map(|(_, tests)| {
                let of = teller.endpoints("for", &of_test(tests[0]));
                format!("by {}{of}", named_tests(tests))
            })
            .collect();
        let variant = variant.iter().map(|phrase| format!(", {phrase},")).collect::<String>();
        let how = format!("{}{patients}{variant}", teller.by(groups.as_ref()));
        let (permuted, further) = further(own);
        (format!("{how} {}{permuted}", listed(&phrases)), further)
    });
    let (told, further): (Vec<String>, Vec<String>) = told.unzip();
    // A phrase may begin with the comma of a variant, which nothing stands before here.
    let told: Vec<&str> = told.iter().map(|own| own.trim_start_matches([',', ' '])).collect();
    format!("Survival was compared {}.{}", told.join("; "), distinct(further).concat())
}

fn tests_of(account: &Account) -> &[Procedure] {
    match &account.practice {
        Practice::SurvivalTests { tests, .. } => tests,
        _ => &[],
    }
}

/// `the log-rank test`, `the Gehan-Breslow and Tarone-Ware tests`.
fn named_tests(tests: &[&Procedure]) -> String {
    let weights: Vec<String> = (tests.iter())
        .filter_map(|test| match test {
            Procedure::FlemingHarringtonTest { rho, gamma } => Some(format!("{rho}, {gamma}")),
            _ => None,
        })
        .collect();
    let name = |test: &Procedure| match test {
        Procedure::LogRank { rho: 0.0 } => "log-rank".to_owned(),
        Procedure::LogRank { rho: 1.0 } => "Peto-Peto G-rho (rho 1)".to_owned(),
        Procedure::LogRank { rho } => format!("G-rho (rho {rho})"),
        Procedure::WeightedLogRank { .. } => "log-rank".to_owned(),
        Procedure::Gehan => "Gehan-Breslow".to_owned(),
        Procedure::TaroneWare => "Tarone-Ware".to_owned(),
        Procedure::PetoPeto => "Peto-Peto".to_owned(),
        Procedure::ModifiedPetoPeto => "modified Peto-Peto (Andersen)".to_owned(),
        Procedure::FlemingHarringtonTest { .. } => "Fleming-Harrington".to_owned(),
        Procedure::MaxCombo => "MaxCombo".to_owned(),
        _ => "other".to_owned(),
    };
    // what the note is about stands last
    let mut names = distinct(tests.iter().map(|test| name(test)));
    names.sort_by_key(|name| name == "Fleming-Harrington");
    let word = if tests.len() == 1 { "test" } else { "tests" };
    let is_weighted = |test: &&&Procedure| matches!(test, Procedure::WeightedLogRank { .. });
    let note = match tests.iter().any(|test| is_weighted(&test)) {
        true => " (robust score test, Breslow ties)".to_owned(),
        false if weights.is_empty() => String::new(),
        false => format!(" (rho, gamma: {})", weights.join("; ")),
    };
    format!("the {} {word}{note}", listed(&names))
}

/// Permutations, and sentences on trends and pairs.
fn further(accounts: &[&Account]) -> (String, String) {
    let (mut permuted, mut told): (Vec<String>, Vec<String>) = Default::default();
    for account in accounts {
        let Practice::SurvivalTests { trend, pairs, adjustments, permutation, .. } =
            &account.practice
        else {
            continue;
        };
        if let Some(drawn) = permutation {
            let drawn = format::count(*drawn);
            permuted.push(format!(", also by up to {drawn} permutations"));
        }
        if *trend {
            told.push(" Trends over the ordered groups were tested (Tarone).".to_owned());
        }
        if *pairs {
            let by: Vec<&str> = adjustments.iter().map(|own| choices::adjustment(*own)).collect();
            let adjusted = match by.is_empty() {
                true => String::new(),
                false => format!(", with p-values also adjusted by {}", joined(&by, "and by")),
            };
            told.push(format!(
                " Pairs of groups were compared each by their own patients{adjusted}."
            ));
        }
    }
    (distinct(permuted).concat(), distinct(told).concat())
}
