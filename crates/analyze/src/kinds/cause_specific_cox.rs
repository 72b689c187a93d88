//! Cox regression of the hazard of one cause, the other causes censored. The
//! model is that of `cox_model`.

use engine::{Call, Kind, Mistakes, Wiring};
use study::{Detail, Finding, Output, Role, StudySettings, Warning, in_sentence};

use super::cox_model::record_model;
use crate::book::Book;
use crate::causes::{Causes, DeclaredCauses};
use crate::model::coefficients::{self, Place};
use crate::model::parameters::cox_kind;
use crate::model::{Fitted, Model};
use crate::rehearsal::{Rehearsal, with_own};

cox_kind! {
    /// Cox's regression of the cause-specific hazard: hazard ratios for events of one cause among those
    /// still free of any, with follow-up censored where another cause ends it. It says how a term acts on
    /// the rate of the cause; its share of patients depends on the other causes too (`fine_gray`). The
    /// endpoint is the first event of any cause; the model may have all that one of `cox_model` has.
    pub struct CauseSpecificCox {
        /// Column of the cause of each event, a category; a patient without the event has none.
        pub cause: String,
        /// Level of that column that stands for no event, where it has one.
        #[serde(default)]
        pub censoring: Option<String>,
        /// The cause whose hazard is modelled.
        pub event: String,
    }
}

impl Kind for CauseSpecificCox {
    const NAME: &'static str = "cause_specific_cox";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: self.tables(study), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let model = Model::rehearsed(call, self.full())?;
        let fitted = model.fit(&model.places())?;
        let findings = self.record(call, &model, &fitted, warnings).findings()?;
        Ok(Output { findings: self.censored(findings), ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let mut model = Model::new(call, self.full())?;
        let causes = Causes::new(&model.population, self.causes())?;
        causes.check_events(&causes.endpoint.known(), &self.event)?;
        model.endpoint = causes.of_cause(causes.code(&self.event)?);
        let fitted = model.fit(&model.places())?;
        let book = self.record(call, &model, &fitted, warnings);
        Ok(Output {
            methods: book.methods(self.methods(&model, &causes)),
            findings: self.censored(book.findings()?),
            patients: model.population.analysed(&fitted.cases.included),
            ..Output::default()
        })
    }
}

impl CauseSpecificCox {
    fn causes(&self) -> DeclaredCauses<'_> {
        let censoring = self.censoring.as_deref();
        DeclaredCauses { endpoint: &self.endpoint, cause: &self.cause, censoring }
    }

    fn record(
        &self,
        call: &Call<'_>,
        model: &Model<'_>,
        fitted: &Fitted,
        warnings: Vec<Warning>,
    ) -> Book {
        let mut book = Book::of(call, Self::NAME, &model.population, warnings);
        book.set_endpoint(&self.endpoint);
        record_model(&mut book, model, fitted);
        coefficients::record(&mut book, model, fitted, Place::default());
        book
    }

    /// With what became of the other causes, but for reference rows.
    fn censored(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        for finding in findings.iter_mut().filter(|finding| finding.role != Role::Reference) {
            finding.method.details.push(Detail::OtherCausesCensored(self.event.clone()));
        }
        findings
    }

    fn check(&self, call: &Call<'_>) -> Result<Vec<Warning>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, None);
        self.causes().check_event(&mut rehearsal, &self.event);
        with_own(self.full().check(call), rehearsal.done().err().unwrap_or_default())
    }

    fn methods(&self, model: &Model<'_>, causes: &Causes) -> String {
        let others: Vec<String> = (causes.causes.iter())
            .filter(|cause| cause.value != self.event)
            .map(|cause| in_sentence(&cause.label))
            .collect();
        let censored = match others.is_empty() {
            true => String::new(),
            false => format!(", follow-up being censored at {}", others.join(" or ")),
        };
        format!(
            "Cause-specific hazard ratios for `{}` ({}) come from one regression ({}) on {}, {}, on the patients with a value of every term{censored}.{}",
            self.event,
            in_sentence(&causes.label),
            model.in_words(),
            model.terms_in_words(),
            model.limits_in_words(),
            model.discrete_in_words()
        )
    }
}
