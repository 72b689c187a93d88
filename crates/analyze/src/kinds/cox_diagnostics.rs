//! What single patients and terms do to a Cox model. The test of its
//! assumption is left to `proportional_hazards`.

mod influence;
mod residuals;

use engine::{Call, Mistake, Mistakes, Work};
use study::{Account, Part, Practice, Procedure, Span, StudySettings};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::model::coefficients::Place;
use crate::model::parameters::cox_kind;
use crate::model::{Fitted, Model, PenaltyName, Selection, record};
use crate::rehearsal::Rehearsal;

cox_kind! {
    /// Diagnostics of a Cox model: how far single patients move its coefficients, how much terms
    /// inflate one another's variance, and its hazard ratios without early events. Residuals go into a
    /// table named as the entry, one row a patient, for later entries to read.
    pub struct CoxDiagnostics {
        /// Fits the model once more without each patient, for the range of each hazard ratio; as many
        /// fits as patients.
        #[serde(default = "yes")]
        pub leave_one_out: bool,
        /// Fits the model once more on the patients who are followed for this time or longer, as a
        /// check that early deaths do not make the result.
        #[serde(default)]
        pub exclude_before: Option<Span>,
    }
}

fn yes() -> bool {
    true
}

impl Analysis for CoxDiagnostics {
    const NAME: &'static str = "cox_diagnostics";
    const MAKES_TABLE: bool = true;

    fn scope(&self) -> Scope<'_> {
        self.full().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.full().check(rehearsal);
        rehearsal.time("exclude_before", self.exclude_before, false);
        // dfbeta and residuals come of the score of the plain likelihood.
        if self.penalty != PenaltyName::None {
            let message = "residuals and influence are those of a model without a penalty";
            rehearsal.push(Mistake::at(&["penalty"], message).hint("leave `penalty` out"));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.full())?;
        let fitted = model.fit(&model.places())?;
        let mut book = checked.book_on(&self.endpoint);
        book.record_counts(&[], fitted.basis());
        influence::record_inflation(&mut book, &model, &fitted);
        influence::record_dfbeta(&mut book, &model, &fitted)?;
        if self.leave_one_out {
            influence::record_leave_one_out(&mut book, &model, &fitted)?;
        }
        if let Some(early) = self.exclude_before {
            record_without_early(&mut book, &model, checked.study, early)?;
        }
        let table = residuals::table(&checked.study.patient, &model, &fitted)?;
        let table = checked.made_from(table, &model.declared.columns());
        let methods = self.methods(&model, checked.study);
        let analysed = Analysed::new(book, methods, &fitted.cases.included);
        Ok(analysed.with_table(table))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        // Each fit goes over all patients once.
        let fits = if self.leave_one_out { call.patients() } else { 0 };
        Work::of(call.patients(), 3e3).times("leave_one_out", fits)
    }
}

impl CoxDiagnostics {
    fn methods(&self, model: &Model<'_>, study: &StudySettings) -> Account {
        model.account(Practice::Diagnostics {
            leave_one_out: self.leave_one_out,
            without_followed_for: self.exclude_before.map(|early| early.resolved(study)),
        })
    }
}

/// The model of those followed for some days or longer.
fn record_without_early(
    book: &mut Book,
    model: &Model<'_>,
    study: &StudySettings,
    early: Span,
) -> Result<(), Mistake> {
    let days = early.days(study);
    let places = model.places();
    // Followed to that very day is long enough (>=). Who
    // has no follow-up is counted as missing as before.
    let keeps =
        |patient: usize| model.endpoint.follow_up[patient].is_none_or(|(end, _)| end >= days);
    let selection = Selection { places: &places, products: model.products(&places), keeps: &keeps };
    let fitted: Fitted = model.fit_selection(&selection).map_err(|mistake| {
        let early = early.resolved(study);
        let message =
            format!("without patients followed for fewer than {early}: {}", mistake.message);
        Mistake::at(&["exclude_before"], message).hint("choose a shorter time")
    })?;
    let basis = fitted.basis();
    let early = Part::model("excluding_early");
    for (name, count) in [("n", basis.n), ("events", fitted.fit.n_events)] {
        let parts = [early.clone(), Part::statistic(name)];
        let finding = book.count(&parts, name, count).at_days(days);
        book.push(finding.from(basis).by_method(Procedure::CompleteCases));
    }
    let place = Place { before: Some(&early), after: None };
    record::record(book, model, &fitted, place);
    Ok(())
}
