//! Which tests of counts print a p-value.

use std::collections::BTreeMap;

use stats::contingency::{Table, TwoByTwo};
use stats::forensics::{CountTest, Printed, p_values_of_counts, p_values_of_levels};
use study::{Check, Examined, Lack, Published, PublishedTest, Quantity, Standing};

use super::statement::{Statement, What, Whom};
use super::statements::{Counts, Statements};
use super::verdict::Verdict;

/// Tables that are tried at most for one p-value.
const MOST_TABLES: u64 = 2000;

/// For each test, its p on the first table, and whether some table prints the p-value.
type Tried = BTreeMap<CountTest, (f64, bool)>;

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let mut examined = Vec::new();
    let mut printing: Vec<(&Statement, Vec<CountTest>)> = Vec::new();
    // An adjusted p-value does not follow from counts.
    for p in all.every(Published::PValue).filter(|p| !p.adjusted) {
        let Some(value) = p.value else { continue };
        let Some((tables, claims)) = tables_of(all, p) else { continue };
        let names = std::iter::once(p.name.as_str()).chain(claims.iter().copied());
        let verdict = Verdict::of(Check::PFromCounts, names);
        // So few digits that too many tables print them decide nothing.
        let Ok(tables) = tables else {
            examined.push(verdict.lacking(Lack::Digits));
            continue;
        };
        let tried = tried(&tables, value, p.sides);
        let prints: Vec<CountTest> =
            tried.iter().filter(|(_, (_, prints))| *prints).map(|(test, _)| *test).collect();
        let mut verdict = verdict;
        for (test, (found, prints)) in &tried {
            let name = format!("p_{}", name(*test));
            verdict = verdict.clue_that_prints(&name, Quantity::PValue, *found, Some(*prints));
        }
        examined.push(verdict.stands(standing(p, &prints)));
        // Where a test is named there is nothing to find out about it.
        if !prints.is_empty() && p.test.is_none() {
            printing.push((p, prints));
        }
    }
    examined.extend(one_test_for_all(&printing));
    examined
}

fn standing(p: &Statement, prints: &[CountTest]) -> Standing {
    let is_named = |test: &CountTest| match p.test {
        Some(PublishedTest::Pearson) => {
            matches!(test, CountTest::Pearson | CountTest::PearsonOneSided)
        }
        Some(PublishedTest::Yates) => matches!(test, CountTest::Yates | CountTest::YatesOneSided),
        Some(PublishedTest::Fisher) => {
            matches!(test, CountTest::Fisher | CountTest::FisherDoubled | CountTest::FisherOneSided)
        }
        Some(PublishedTest::MidP) => *test == CountTest::FisherMidP,
        Some(PublishedTest::Wald) => {
            matches!(test, CountTest::WaldOddsRatio | CountTest::UnpooledDifference)
        }
        // a test that is not of counts alone
        Some(PublishedTest::Other) => true,
        _ => true,
    };
    let fits = prints.iter().any(is_named);
    // One side is rarely meant where nobody says so: it fits, in an unusual way.
    let is_usual =
        prints.iter().any(|test| is_named(test) && (!is_one_sided(*test) || p.sides == Some(1)));
    match (fits, is_usual, p.test) {
        (true, true, _) => Standing::Consistent,
        // A test that is named, but not known here, cannot be contradicted.
        (true, false, _) | (false, _, Some(PublishedTest::Other)) => Standing::Unusual,
        (false, ..) => Standing::Contradiction,
    }
}

fn is_one_sided(test: CountTest) -> bool {
    use CountTest::{FisherOneSided, PearsonOneSided, YatesOneSided};
    matches!(test, PearsonOneSided | YatesOneSided | FisherOneSided)
}

/// The name of a test in ids.
fn name(test: CountTest) -> &'static str {
    match test {
        CountTest::Pearson => "pearson",
        CountTest::Yates => "yates",
        CountTest::Fisher => "fisher",
        CountTest::FisherMidP => "mid_p",
        CountTest::FisherDoubled => "fisher_doubled",
        CountTest::MantelHaenszel => "mantel_haenszel",
        CountTest::LikelihoodRatio => "likelihood_ratio",
        CountTest::UnpooledDifference => "unpooled",
        CountTest::WaldOddsRatio => "wald",
        CountTest::PearsonOneSided => "pearson_one_sided",
        CountTest::YatesOneSided => "yates_one_sided",
        CountTest::FisherOneSided => "fisher_one_sided",
    }
}

/// A table of counts as a test takes it.
enum Tabled {
    Two(TwoByTwo),
    More(Table),
}

type Tables<'a> = (Result<Vec<Tabled>, ()>, Vec<&'a str>);

/// The tables that fit what is claimed of the groups of a p-value, and the claims;
/// an error where they are too many.
fn tables_of<'a>(all: &Statements<'a>, p: &Statement) -> Option<Tables<'a>> {
    let what = all.counted(&p.what);
    match all.pair(p) {
        Some(pair) => {
            let [group, reference] = [&pair[0], &pair[1]].map(|whom| all.counts(&what, whom));
            match group.zip(reference) {
                Some((group, reference)) => Some(two(&group, &reference)),
                None => levels(all, &p.what, &pair),
            }
        }
        None => {
            let within = Whom { group: None, ..p.whom.clone() };
            let groups = all.groups_within(&within);
            let each: Option<Vec<Counts<'_>>> =
                groups.iter().map(|whom| all.counts(&what, whom)).collect();
            match each {
                // Of two groups there would have been a pair.
                Some(each) if each.len() > 2 => Some(several(&each)),
                _ => levels(all, &p.what, &groups),
            }
        }
    }
}

fn two<'a>(group: &Counts<'a>, reference: &Counts<'a>) -> Tables<'a> {
    let claims = [group.claims.clone(), reference.claims.clone()].concat();
    if group.how_many() * reference.how_many() > MOST_TABLES {
        return (Err(()), claims);
    }
    let pairs = group.counts.clone().flat_map(|a| reference.counts.clone().map(move |c| (a, c)));
    let tables = pairs.filter_map(|(a, c)| {
        TwoByTwo::from_events(a, group.n, c, reference.n).ok().map(Tabled::Two)
    });
    (Ok(tables.collect()), claims)
}

/// With and without an outcome in more than two groups.
fn several<'a>(groups: &[Counts<'a>]) -> Tables<'a> {
    let claims = groups.iter().flat_map(|group| group.claims.iter().copied()).collect();
    let rows: Option<Vec<[Counts<'a>; 2]>> = groups
        .iter()
        .map(|group| {
            // Those without the outcome: their fewest go with the most that have it.
            let rest = group.n - group.counts.end()..=group.n - group.counts.start();
            Some([group.clone(), Counts { counts: rest, ..group.clone() }])
        })
        .collect();
    let cells: Vec<Counts<'a>> = rows.into_iter().flatten().flatten().collect();
    (one_table(groups.len(), &cells).map(|table| vec![Tabled::More(table)]), claims)
}

/// The levels of a variable in all groups.
fn levels<'a>(all: &Statements<'a>, what: &What, groups: &[Whom]) -> Option<Tables<'a>> {
    let levels: Vec<What> = all
        .whats(&[Published::Proportion, Published::Count])
        .into_iter()
        .filter(|one| one.of == what.of && one.level.is_some())
        .collect();
    let cells: Option<Vec<Counts<'a>>> =
        groups.iter().flat_map(|whom| levels.iter().map(|level| all.counts(level, whom))).collect();
    let cells = cells.filter(|_| levels.len() > 1 && groups.len() > 1)?;
    let claims = cells.iter().flat_map(|cell| cell.claims.iter().copied()).collect();
    // levels that leave somebody out are no table
    let is_whole = cells
        .chunks(levels.len())
        .all(|row| row.iter().map(|cell| *cell.counts.start()).sum::<u64>() == row[0].n);
    let table = one_table(groups.len(), &cells).map(|table| vec![Tabled::More(table)]);
    is_whole.then_some((table, claims))
}

/// The one table whose cells are known; several are too many.
fn one_table(rows: usize, cells: &[Counts<'_>]) -> Result<Table, ()> {
    // Several tables of many cells would be too many to try.
    if cells.iter().any(|cell| cell.how_many() > 1) {
        return Err(());
    }
    let counts: Vec<u64> = cells.iter().map(|cell| *cell.counts.start()).collect();
    Table::new(rows, counts.len() / rows, &counts).map_err(|_| ())
}

/// Every test on every table; those of one side only where nothing says two.
fn tried(tables: &[Tabled], printed: Printed, sides: Option<u8>) -> Tried {
    let mut tried = Tried::new();
    for table in tables {
        let found = match table {
            Tabled::Two(table) => p_values_of_counts(table),
            Tabled::More(table) => p_values_of_levels(table),
        };
        for (test, p) in found.unwrap_or_default() {
            // Two sides were declared, so that a test of one side is not meant.
            if is_one_sided(test) && sides == Some(2) {
                continue;
            }
            let prints = printed.contains(p);
            // The p of the first table is shown; whether any of them prints is what counts.
            tried.entry(test).or_insert((p, false)).1 |= prints;
        }
    }
    tried
}

/// Tests that print every p-value of counts: authors use one.
fn one_test_for_all(printing: &[(&Statement, Vec<CountTest>)]) -> Option<Examined> {
    // A single p-value agrees with itself.
    let (first, rest) = printing.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let in_all = |test: &&CountTest| rest.iter().all(|(_, own)| own.contains(*test));
    let common: Vec<&CountTest> = first.1.iter().filter(in_all).collect();
    let names = printing.iter().map(|(p, _)| p.name.as_str());
    let mut verdict =
        Verdict::of(Check::OneTestForAll, names).count("tests_that_print_all", common.len() as u64);
    for test in &common {
        verdict = verdict.count(name(**test), printing.len() as u64);
    }
    Some(verdict.stands(match common.is_empty() {
        // Authors may well use two tests, such as one
        // for small counts: that is no contradiction.
        true => Standing::Unusual,
        false => Standing::Consistent,
    }))
}
