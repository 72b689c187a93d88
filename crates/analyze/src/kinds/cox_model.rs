//! Cox regression, multivariable and one term at a time. The test of its
//! assumption is left to `proportional_hazards`, what is made of the model to
//! `cox_diagnostics`, `cox_performance` and `predicted_survival`.

mod whole;

use engine::Mistakes;
use study::{Account, Alone, Finding, Part, Practice, Procedure, Test};
pub(super) use whole::{record_model, record_weights, trusting};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::model::coefficients::{Place, convergence, record_test};
use crate::model::parameters::cox_kind;
use crate::model::{Declared, Fitted, Model, PenaltyName, record};
use crate::rehearsal::Rehearsal;

cox_kind! {
    /// Cox's proportional hazards regression: hazard ratios of all terms together and, on request, of
    /// each term alone, with tests of terms and of the model. A patient without a value of a term is
    /// left out and counted.
    pub struct CoxModel {
        /// Fits each term alone as well, on the patients who have a value of it.
        #[serde(default)]
        pub also_univariable: bool,
        /// Further columns, each fitted alone and left out of the model of all terms.
        #[serde(default)]
        pub univariable: Vec<String>,
    }
}

impl Analysis for CoxModel {
    const NAME: &'static str = "cox_model";

    fn scope(&self) -> Scope<'_> {
        self.declared().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.declared())?;
        let fitted = model.fit(&model.places())?;
        let mut book = checked.book_on(&self.endpoint);
        record_model(&mut book, &model, &fitted);
        record::record(&mut book, &model, &fitted, Place::default());
        let alone = if self.also_univariable { model.places() } else { Vec::new() };
        // Each on those who have a value of its own term,
        // who may be more than those of the whole model.
        for place in alone.into_iter().chain(model.places_alone()) {
            record_univariable(&mut book, &model, &model.fit(&[place])?, place);
        }
        Ok(Analysed::new(book, self.methods(&model), &fitted.cases.included))
    }

    fn narrowed(&self, finding: &Finding) -> Option<Self> {
        // A number of the whole model hangs on all of its terms, but on no fit of a single one.
        if !finding.address.parts.contains(&Part::model("univariable")) {
            return Some(Self {
                references: self.references.of(&self.terms.iter().collect::<Vec<_>>()),
                also_univariable: false,
                univariable: Vec::new(),
                ..self.clone()
            });
        }
        let mut own = self.terms.iter().chain(&self.univariable);
        let term = own.find(|own| Some(*own) == finding.variable.as_ref())?;
        Some(Self {
            terms: vec![term.clone()],
            references: self.references.of(&[term]),
            splines: self.splines.of(&[term]),
            // One term alone has nothing to interact with.
            interactions: Vec::new(),
            also_univariable: true,
            univariable: Vec::new(),
            ..self.clone()
        })
    }
}

impl CoxModel {
    fn declared(&self) -> Declared<'_> {
        Declared { alone: &self.univariable, ..self.full() }
    }

    fn methods(&self, model: &Model<'_>) -> Account {
        let alone = Alone { terms: self.also_univariable, further: !self.univariable.is_empty() };
        model.account(Practice::Cox(alone))
    }
}

/// The model of one term.
fn record_univariable(book: &mut Book, model: &Model<'_>, fitted: &Fitted, place: usize) {
    let (basis, column) = (fitted.basis(), &model.terms[place].column);
    let alone = Part::model("univariable");
    let counts = [("n", basis.n), ("events", fitted.fit.n_events), ("missing", basis.missing)];
    for (name, count) in counts {
        let parts = [alone.clone(), Part::statistic(name)];
        let finding = book.count(&parts, name, count).of_variable(column);
        book.push(finding.from(basis).by_method(Procedure::CompleteCases));
    }
    record::record(book, model, fitted, Place { before: Some(&alone), after: None });
    // Under a ridge the likelihood ratio has no whole
    // number of degrees of freedom, and no p-value.
    if model.declared.extras.penalty == PenaltyName::Ridge {
        return;
    }
    record_test(
        book,
        Some(&fitted.fit.likelihood_ratio_test),
        &[alone, Part::test("likelihood_ratio")],
        Some(column),
        basis,
        &model.method().tested(Test::LikelihoodRatio),
        &convergence(fitted),
    );
}
