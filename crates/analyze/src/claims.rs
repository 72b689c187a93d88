//! Published numbers examined against each other, with no patient at hand. A claim
//! says what it is of, or names the finding that says it (`statement`); every
//! examination looks for the statements it needs (`statements`) and says what came of
//! it. The reckoning is that of `stats::forensics`.

mod alike;
mod counts;
mod curves;
mod effects;
mod means;
mod p_values;
mod possible;
mod ratios;
mod statement;
mod statements;
mod sums;
mod times;
mod verdict;

use study::{Check, Claim, Examination, Examined, Finding, Lack, Standing, StudySettings};

use statement::Statement;
use statements::Statements;
use verdict::Verdict;

/// Examines claims against each other. `findings` are those that the claims name,
/// announced or not: of them only what they are findings of is read.
#[must_use]
pub fn examine(
    claims: &[(String, Claim)],
    findings: &[Finding],
    study: &StudySettings,
) -> Examination {
    let read: Vec<_> =
        claims.iter().map(|(name, claim)| Statement::read(name, claim, findings, study)).collect();
    // What could not be read as a statement is told further below, by name.
    let all = Statements::of(read.iter().filter_map(|read| read.as_ref().ok()), study);
    // The order of the list is the order of the report, whatever order the claims are in.
    let mut examined: Vec<Examined> = [
        possible::examine,
        counts::examine,
        sums::examine,
        p_values::examine,
        effects::examine,
        ratios::examine,
        times::examine,
        curves::examine,
        means::examine,
        alike::examine,
    ]
    .into_iter()
    .flat_map(|family: fn(&Statements<'_>) -> Vec<Examined>| family(&all))
    .collect();
    for ((name, _), read) in claims.iter().zip(&read) {
        let is_taken_up = examined.iter().any(|one| one.claims.contains(name));
        let lack = match read {
            _ if is_taken_up => continue,
            // An adjusted number does not follow from counts, whatever stands
            // beside it: this is the reason, and not that a counterpart is lacking.
            Ok(statement) if statement.adjusted => Lack::Adjusted,
            Ok(_) => Lack::Counterpart,
            Err(lack) => *lack,
        };
        examined.push(Verdict::of(Check::Unexamined, [name.as_str()]).lacking(lack));
    }
    Examination(examined)
}

/// How many examinations came to each standing, the best first.
#[must_use]
pub fn tally(examination: &Examination) -> [(Standing, usize); 4] {
    [Standing::Consistent, Standing::Unusual, Standing::Contradiction, Standing::NotCheckable].map(
        |standing| (standing, examination.0.iter().filter(|one| one.standing == standing).count()),
    )
}

#[cfg(test)]
mod tests;
