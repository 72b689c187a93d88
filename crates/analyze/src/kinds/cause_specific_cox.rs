//! Cox regression of the hazard of one cause, the other causes censored. The
//! model is that of `cox_model`.

use engine::Mistakes;
use study::{Account, Detail, Practice};

use super::cox_model::record_model;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::causes::{Causes, DeclaredCauses};
use crate::model::coefficients::Place;
use crate::model::parameters::cox_kind;
use crate::model::{Model, record};
use crate::rehearsal::Rehearsal;

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

impl Analysis for CauseSpecificCox {
    const NAME: &'static str = "cause_specific_cox";

    fn scope(&self) -> Scope<'_> {
        self.full().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.full().check(rehearsal);
        self.causes().check_event(rehearsal, &self.event);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        // Read with events of any cause, which is what the column of
        // causes must agree with; the other causes are censored below.
        let mut model = Model::new(checked, self.full())?;
        let causes = Causes::new(model.population, self.causes())?;
        model.endpoint = causes.of_cause(causes.code(&self.event)?);
        let fitted = model.fit(&model.places())?;
        let mut book = checked.book_on(&self.endpoint);
        // The estimator is Cox's; what makes it
        // cause-specific is what happens to the other causes.
        book.set_detail(Detail::OtherCausesCensored(self.event.clone()));
        record_model(&mut book, &model, &fitted);
        record::record(&mut book, &model, &fitted, Place::default());
        Ok(Analysed::new(book, self.methods(&model, &causes), &fitted.cases.included))
    }
}

impl CauseSpecificCox {
    fn causes(&self) -> DeclaredCauses<'_> {
        let censoring = self.censoring.as_deref();
        DeclaredCauses { endpoint: &self.endpoint, cause: &self.cause, censoring }
    }

    fn methods(&self, model: &Model<'_>, causes: &Causes) -> Account {
        model.account(Practice::CauseSpecificCox(causes.named(&self.event)))
    }
}
