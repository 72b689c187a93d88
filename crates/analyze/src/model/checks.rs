//! What can be wrong with a model as it is declared, without rows.

use engine::Mistake;

use super::{Declared, PenaltyName, Spline, SplineKind, TiesName};
use crate::columns::{self, ColumnType};
use crate::rehearsal::Rehearsal;
use crate::weights;

impl Declared<'_> {
    /// Notes every mistake that needs no data.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.explains.check(rehearsal);
        rehearsal.list("terms", self.terms, false);
        for (place, term) in self.terms.iter().enumerate() {
            self.check_term(rehearsal, term, &["terms", &place.to_string()]);
        }
        rehearsal.list("univariable", self.alone, true);
        for (place, term) in self.alone.iter().enumerate() {
            self.check_term(rehearsal, term, &["univariable", &place.to_string()]);
        }
        // A column that is only fitted alone may have a reference, too.
        let terms: Vec<&str> = self.terms.iter().chain(self.alone).map(String::as_str).collect();
        rehearsal.references(self.references, &terms, self.cuts);
        rehearsal.strata(self.strata, self.immortal_time);
        if let Some(cluster) = self.cluster {
            // Its values are never printed, so that a cluster may
            // well be what identifies somebody, such as a family.
            rehearsal.category(cluster, &["cluster"]);
            rehearsal.guarded(cluster, self.immortal_time, &["cluster"]);
        }
        self.check_extras(rehearsal);
    }

    fn check_term(&self, rehearsal: &mut Rehearsal<'_>, term: &str, at: &[&str]) {
        rehearsal.term(term, at);
        if self.explains.is_taken(rehearsal, term, at) {
            // the guard would say the same of it again
            return;
        }
        if self.strata.iter().any(|stratum| stratum == term) {
            let message = format!("`{term}` is a term and a stratum");
            let hint = "a stratum has a baseline hazard of its own and no hazard ratio: keep one";
            rehearsal.push(Mistake::at(at, message).hint(hint));
        }
        // A term splits follow-up from time zero on, as a group does.
        rehearsal.guarded(term, self.immortal_time, at);
    }

    /// Notes what is wrong beyond terms and strata.
    fn check_extras(&self, rehearsal: &mut Rehearsal<'_>) {
        self.check_choices(rehearsal);
        self.check_ridge(rehearsal);
        for (column, spline) in self.extras.splines {
            self.check_spline(rehearsal, column, spline);
        }
        for (place, pair) in self.extras.interactions.iter().enumerate() {
            self.check_interaction(rehearsal, pair, place);
        }
        for (parameter, column) in [("offset", self.extras.offset), ("entry", self.extras.entry)] {
            let Some(column) = column else { continue };
            let kind = rehearsal.column(column, &[parameter]);
            if let Some(kind) = kind.filter(|kind| !kind.is_number()) {
                let message = format!("`{column}` holds {}, not numbers", kind.words());
                rehearsal.push(Mistake::at(&[parameter], message));
            }
        }
        // A day of entry is late by nature and is not
        // guarded as a term is; only who has one is asked.
        if let Some(entry) = self.extras.entry {
            rehearsal.entered(entry);
        }
        if let Some(offset) = self.extras.offset {
            // An offset has its coefficient fixed at 1;
            // as a term it would get another one as well.
            if self.terms.iter().chain(self.alone).any(|term| term == offset) {
                let message = format!("`{offset}` is a term and the offset");
                let hint = "an offset has no coefficient: keep one";
                rehearsal.push(Mistake::at(&["offset"], message).hint(hint));
            }
            rehearsal.guarded(offset, self.immortal_time, &["offset"]);
        }
        if let Some(entry) = self.extras.weights {
            self.check_clusters_of(rehearsal, entry);
        }
    }

    /// Choices that have no meaning together.
    fn check_choices(&self, rehearsal: &mut Rehearsal<'_>) {
        let has = |parameter: &'static str, is_set: bool| is_set.then_some(parameter);
        let sandwich = [
            has("robust", self.robust),
            has("cluster", self.cluster.is_some()),
            has("weights", self.extras.weights.is_some()),
        ];
        let entry = has("entry", self.extras.entry.is_some());
        let penalty = has("penalty", self.extras.penalty != PenaltyName::None);
        if self.ties == TiesName::Exact {
            // The exact likelihood sums over all ways in which tied events
            // could be chosen; none of these has a form of it here.
            for parameter in sandwich.into_iter().chain([entry, penalty]).flatten() {
                let message = format!("`{parameter}` cannot be combined with `ties: exact`");
                rehearsal.push(Mistake::at(&[parameter], message).hint(
                    "the exact likelihood is of right-censored data alone: choose `ties: efron`",
                ));
            }
        }
        if self.extras.penalty != PenaltyName::None {
            for parameter in sandwich.into_iter().flatten() {
                let message = format!("`{parameter}` cannot be combined with a penalty");
                rehearsal.push(
                    Mistake::at(&[parameter], message)
                        .hint("a penalised likelihood has no robust errors: leave one out"),
                );
            }
        }
        // Only for Firth: a ridge keeps Wald limits, which sums of coefficients have.
        if self.extras.penalty == PenaltyName::Firth && !self.extras.splines.is_empty() {
            let message = "`splines` cannot be combined with `penalty: firth`";
            rehearsal.push(Mistake::at(&["splines"], message).hint(
                "profile limits are those of single coefficients, which a spline's say nothing by",
            ));
        }
    }

    fn check_ridge(&self, rehearsal: &mut Rehearsal<'_>) {
        let mistake = match (self.extras.penalty, self.extras.ridge) {
            (PenaltyName::Ridge, None) => {
                Mistake::at(&["penalty"], "`penalty: ridge` needs `ridge`")
                    .hint("declare its size, such as `ridge: 1`")
            }
            (PenaltyName::Ridge, Some(size)) if !(size.is_finite() && size > 0.0) => {
                Mistake::at(&["ridge"], format!("{size} is no size of a ridge"))
                    .hint("it is above zero")
            }
            (PenaltyName::None | PenaltyName::Firth, Some(_)) => {
                Mistake::at(&["ridge"], "`ridge` is given, but the penalty is no ridge")
                    .hint("declare `penalty: ridge`, or leave `ridge` out")
            }
            _ => return,
        };
        rehearsal.push(mistake);
    }

    fn check_spline(&self, rehearsal: &mut Rehearsal<'_>, column: &str, spline: &Spline) {
        let table = rehearsal.table();
        let at =
            |parameter: &'static str| ["splines".to_owned(), column.to_owned(), parameter.into()];
        let mut push = |parameter: &'static str, message: String, hint: &str| {
            let at = at(parameter);
            // An empty part stands for the spline as a whole.
            let at: Vec<&str> =
                at.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            rehearsal.push(Mistake::at(&at, message).hint(hint));
        };
        if self.terms.iter().chain(self.alone).all(|term| term != column) {
            push("", format!("`{column}` is not a term of this model"), "add it to `terms`");
        } else if columns::type_of(table, column).is_some() && !columns::is_number(table, column) {
            let message = format!("term `{column}` is a category, which has no spline");
            push("", message, "splines are of numbers");
        }
        // Harrell recommends quantiles for three to seven
        // knots, and one coefficient less than knots.
        let most = match spline.kind {
            SplineKind::Natural => u32::MAX,
            SplineKind::Restricted => 6,
        };
        match (spline.degrees_of_freedom, spline.knots.is_empty()) {
            (Some(_), false) => push(
                "knots",
                "`knots` and `degrees_of_freedom` both say how many coefficients there are".into(),
                "leave one out",
            ),
            (Some(df), true) if !(2..=most).contains(&df) => {
                let hint = match spline.kind {
                    SplineKind::Natural => "2 or more: 1 is a straight line",
                    SplineKind::Restricted => "from 2 to 6; for more, declare `knots`",
                };
                push("degrees_of_freedom", format!("a spline cannot have {df}"), hint);
            }
            (None, false) => {
                let ascend = spline.knots.windows(2).all(|pair| pair[0] < pair[1]);
                // Ascending alone lets an infinite knot at an end pass.
                let are_finite = spline.knots.iter().all(|knot| knot.is_finite());
                if spline.knots.len() < 3 || !ascend || !are_finite {
                    let message = "`knots` are no three or more ascending numbers".to_owned();
                    push("knots", message, "the outermost knots are among them");
                }
            }
            _ => {}
        }
    }

    fn check_interaction(&self, rehearsal: &mut Rehearsal<'_>, pair: &[String], place: usize) {
        let place_words = place.to_string();
        let at = ["interactions", &place_words];
        let [left, right] = pair else {
            let message = format!("an interaction is of two terms, not {}", pair.len());
            return rehearsal.push(Mistake::at(&at, message).hint("write `[treatment, sex]`"));
        };
        for (position, term) in pair.iter().enumerate() {
            if !self.terms.contains(term) {
                let position = position.to_string();
                let at = ["interactions", place_words.as_str(), &position];
                let message = format!("`{term}` is not a term of this model");
                rehearsal.push(Mistake::at(&at, message).hint("add it to `terms`"));
            }
        }
        if left == right {
            let message = format!("`{left}` cannot interact with itself");
            rehearsal.push(Mistake::at(&at, message).hint("a curved effect is one of `splines`"));
        }
        // An interaction is the same in either order.
        let same = |other: &Vec<String>| other.contains(left) && other.contains(right);
        if left != right && self.extras.interactions[..place].iter().any(same) {
            let message = format!("the interaction of `{left}` and `{right}` is listed twice");
            rehearsal.push(Mistake::at(&at, message));
        }
    }

    /// Patients have one grouping: that of the weights, or a declared one.
    fn check_clusters_of(&self, rehearsal: &mut Rehearsal<'_>, entry: &str) {
        let clusters = columns::type_of(rehearsal.call.table(entry), weights::CLUSTER);
        // A table of weights need not have clusters; where it has, they are whole numbers.
        if self.cluster.is_some() && clusters == Some(ColumnType::Whole) {
            let message =
                format!("`{entry}` makes clusters of patients, and `cluster` names others");
            rehearsal.push(Mistake::at(&["cluster"], message).hint("leave `cluster` out"));
        }
    }
}
