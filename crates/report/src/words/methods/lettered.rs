//! Sets of terms: one that several paragraphs name is written out where it
//! comes first, and has a letter from there on.

use std::cell::RefCell;
use std::mem::discriminant;

use study::{Account, Covariate};

use super::Told;
use super::lists::{distinct, listed};

/// The sets that have, or will have, a letter.
pub(super) struct Sets<'a> {
    named: Vec<Vec<&'a Covariate>>,
    compared: Vec<&'a str>,
    /// Those that were written out, in the order of their letters.
    written: RefCell<Vec<usize>>,
}

impl<'a> Sets<'a> {
    /// Sets of two terms or more that two practices or more have, alone or
    /// among others.
    pub(super) fn of(told: &[Told<'a>]) -> Self {
        let groups = told.iter().filter_map(|one| one.account.groups.as_ref());
        let compared = distinct(groups.map(|groups| groups.column.as_str()));
        let sets: Vec<(_, Vec<&Covariate>)> = (told.iter())
            .map(|one| (discriminant(&one.account.practice), beside(one.account, &compared)))
            // One term is shorter than a letter for it.
            .filter(|(_, set)| set.len() > 1)
            .collect();
        let is_used = |set: &Vec<&Covariate>| {
            let users = sets.iter().filter(|(_, other)| holds(other, set));
            // Within one paragraph a set stands once anyway. A letter pays when another paragraph
            // needs it.
            distinct(users.map(|(practice, _)| *practice)).len() > 1
        };
        let named = distinct(sets.iter().map(|(_, set)| set.clone()));
        let named = named.into_iter().filter(is_used).collect();
        Self { named, compared, written: RefCell::default() }
    }

    /// The terms of an account that make the groups of some analysis.
    pub(super) fn compared<'b>(&self, account: &'b Account) -> Vec<&'b Covariate> {
        let is_compared = |term: &&Covariate| self.compared.contains(&term.column.as_str());
        account.terms.iter().filter(is_compared).collect()
    }

    /// The other ones.
    pub(super) fn adjusted<'b>(&self, account: &'b Account) -> Vec<&'b Covariate> {
        beside(account, &self.compared)
    }

    /// A set by its letter, or written out, each term by `one`, which gives it a letter.
    pub(super) fn told(&self, set: &[&Covariate], one: impl Fn(&Covariate) -> String) -> String {
        let place = self.named.iter().position(|known| known.as_slice() == set);
        let letter_of = |place: usize| {
            let written = self.written.borrow();
            written.iter().position(|known| *known == place).map(letter)
        };
        if let Some(letter) = place.and_then(letter_of) {
            return format!("set {letter}");
        }
        let written: Vec<usize> = self.written.borrow().clone();
        let within = written.into_iter().filter(|known| holds(set, &self.named[*known]));
        // `set A and age` is shorter than all terms again, and shows what was added.
        let largest = within.max_by_key(|known| self.named[*known].len());
        let (first, rest): (Option<String>, Vec<&Covariate>) = match largest {
            Some(known) => {
                let inner = &self.named[known];
                let rest = set.iter().filter(|term| !inner.contains(term)).copied().collect();
                (letter_of(known).map(|letter| format!("set {letter}")), rest)
            }
            None => (None, set.to_vec()),
        };
        let terms = rest.into_iter().map(one);
        let text = listed(&first.into_iter().chain(terms).collect::<Vec<_>>());
        match place {
            None => text,
            Some(place) => {
                let mut written = self.written.borrow_mut();
                // Letters go by the order of first writing, so that readers meet A before B.
                written.push(place);
                format!("{text} (set {})", letter(written.len() - 1))
            }
        }
    }
}

/// The terms beside those that are compared.
fn beside<'b>(account: &'b Account, compared: &[&str]) -> Vec<&'b Covariate> {
    account.terms.iter().filter(|term| !compared.contains(&term.column.as_str())).collect()
}

/// Whether a set has all of another.
fn holds(set: &[&Covariate], other: &[&Covariate]) -> bool {
    other.iter().all(|term| set.contains(term))
}

/// `A`, `B`, ..., `Z`, `A2`, ...
fn letter(place: usize) -> String {
    let own = char::from(b'A' + u8::try_from(place % 26).expect("invariant: below 26"));
    match place / 26 {
        0 => own.to_string(),
        round => format!("{own}{}", round + 1),
    }
}
