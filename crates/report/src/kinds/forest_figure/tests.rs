//! Tests of the kind: its rows and what it refuses.

use study::{Part, Quantity, State, Warning};

use super::*;
use crate::sample::{
    ARMS, TERMS, Term, body, call, caption, cox, curves, kaplan_meier, level, logistic, named,
    study, variable,
};

fn run_with(parameters: serde_json::Value, model: Output) -> Result<Output, Mistakes> {
    let mut all = serde_json::json!({ "title": "Prognostic factors", "model": "pfs_prognosis" });
    let serde_json::Value::Object(given) = parameters else { panic!("a mapping") };
    all.as_object_mut().expect("an object").extend(given);
    let figure: ForestFigure = serde_json::from_value(all).expect("valid parameters");
    figure.run(&call("efigure_13", &study(), vec![("pfs_prognosis", model)]))
}

fn mistakes(result: Result<Output, Mistakes>) -> Vec<(String, Option<String>)> {
    let mistakes = result.expect_err("a mistake").0;
    mistakes.into_iter().map(|mistake| (mistake.message, mistake.hint)).collect()
}

#[test]
fn every_level_has_its_row() {
    let favours = serde_json::json!({ "favours": ["lower risk", "higher risk"] });
    let output = run_with(favours.clone(), cox(&TERMS)).expect("draws");
    let again = run_with(favours, cox(&TERMS)).expect("draws");
    assert_eq!(output.files, again.files);
    let exhibit = output.exhibit.expect("a figure");
    // Radiotherapy, performance status and PD-L1 have levels. Age is a number.
    assert_eq!(body(&exhibit).matches(">1 (reference)<").count(), 3);
    for text in [
        ">PD-L1 combined positive score<",
        ">Below 1<",
        ">20 or more<",
        ">0.39 (0.23–0.67)<",
        ">Yes<",
        ">lower risk<",
    ] {
        assert!(body(&exhibit).contains(text), "{text}");
    }
    assert!(
        caption(&exhibit).contains("113 patients with 80 events; 0 left out for a missing value.")
    );
    let csv = String::from_utf8(output.files["reports/figures/efigure_13.csv"].clone());
    let csv = csv.expect("text");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows[0], "heading,Variable,Patients,Events,ratio,lower,upper,p,data_status");
    assert_eq!(rows[2], "Radiotherapy,No,76,61,1,,,,simulated");
    assert!(rows[3].starts_with("Radiotherapy,Yes,37,19,0.394") && rows[3].ends_with("simulated"));
    assert_eq!(rows.len(), 1 + 3 + TERMS.len(), "a row each, and three headings");
}

#[test]
fn a_term_that_is_not_estimable_has_a_row_without_an_estimate() {
    let mut model = cox(&[
        Term("site", Some("a"), 50, 20, 0.0, 0.0),
        // Separation: three patients without an event give a huge coefficient and a huge error.
        Term("site", Some("b"), 3, 0, -19.0, 5e3),
    ]);
    for finding in model.findings.iter_mut().filter(|finding| finding.level.as_deref() == Some("b"))
    {
        *finding = finding.clone().without_value(State::NotEstimable).limits(None, None, 0.95);
        finding.warnings = vec![Warning::SomeMayBeInfinite];
    }
    let exhibit = run_with(serde_json::json!({}), model).expect("draws").exhibit.expect("a figure");
    assert!(body(&exhibit).contains(">–</text>"));
    assert!(caption(&exhibit).contains("<p class=\"warning\">A coefficient may be infinite.</p>"));
}

#[test]
fn wrong_parameters_are_told() {
    let one = serde_json::json!({ "favours": ["lower risk"] });
    assert_eq!(
        mistakes(run_with(one, cox(&TERMS))),
        [(
            "`favours` has 1 texts and needs 2".to_owned(),
            Some("give the text for ratios below 1, then the one for ratios above 1".to_owned())
        )]
    );
    let beyond = serde_json::json!({ "limits": [2.0, 10.0] });
    assert_eq!(
        mistakes(run_with(beyond, cox(&TERMS)))[0].0,
        "the limits do not enclose a ratio of 1"
    );
    let univariable = serde_json::json!({ "univariable": true });
    assert_eq!(
        mistakes(run_with(univariable, cox(&TERMS))),
        [(
            "`pfs_prognosis` has no models of one term each".to_owned(),
            Some("set `also_univariable: true` in that entry".to_owned())
        )]
    );
    assert_eq!(
        mistakes(run_with(serde_json::json!({}), kaplan_meier(curves(&ARMS)))),
        [(
            "`pfs_prognosis` has no ratios".to_owned(),
            Some(
                "name an entry of a kind that makes ratios, such as `cox_model`, `landmark` or \
                 `subgroups`"
                    .to_owned()
            )
        )]
    );
}

/// A model of two terms and their product, as `cox_model` gives it.
fn with_product() -> Output {
    let mut output = cox(&[
        Term("radiotherapy", Some("no"), 40, 20, 0.0, 0.0),
        Term("radiotherapy", Some("yes"), 60, 40, 0.3, 0.2),
        Term("age_decades", None, 100, 60, 0.1, 0.1),
    ]);
    let about = |mut finding: Finding, name: &str, model: Option<Part>| {
        let product = [named(name), variable("radiotherapy:age_decades"), level("yes")];
        finding.address.parts = model.into_iter().chain(product).collect();
        (finding.variable, finding.level) =
            (Some("radiotherapy:age_decades".to_owned()), Some("yes".to_owned()));
        finding
    };
    let model = || Some(Part::Model("product".to_owned()));
    let new = |statistic: &str, quantity, value| {
        Finding::new("pfs_prognosis", "cox_model", statistic, quantity, value)
    };
    let ratio = new("ratio_of_hazard_ratios", Quantity::Ratio, 5.56);
    let ratio =
        about(ratio.limits(Some(1.03), Some(30.2), 0.95), "ratio_of_hazard_ratios", model());
    let p = about(new("p_value", Quantity::PValue, 0.046), "p", model());
    let mut test = new("p_value", Quantity::PValue, 0.13);
    test.address.parts =
        vec![crate::sample::test("interaction"), named("p"), variable("radiotherapy:age_decades")];
    test.variable = Some("radiotherapy:age_decades".to_owned());
    output.findings.extend([ratio, p, test]);
    output
}

/// The published rows of a product: its ratio with limits and p, and beside its
/// name the test of the interaction, in figure and table alike.
#[test]
fn products_of_terms_have_their_rows() {
    let exhibit = run_with(serde_json::json!({}), with_product()).expect("draws").exhibit;
    let exhibit = exhibit.expect("a figure");
    for text in [">Radiotherapy × age, per 10 years<", ">5.56 (1.03–30.20)<", ">0.046<", ">0.13<"]
    {
        assert!(body(&exhibit).contains(text), "{text} in {}", body(&exhibit));
    }
    assert!(caption(&exhibit).contains("The row of a product (×)"));
    let table: crate::kinds::ModelTable =
        serde_json::from_value(serde_json::json!({ "models": ["pfs_prognosis"] })).expect("valid");
    let study = study();
    let output = table.run(&call("etable_1", &study, vec![("pfs_prognosis", with_product())]));
    let csv = output.expect("prints").files["reports/tables/etable_1.csv"].clone();
    let csv = String::from_utf8(csv).expect("text");
    assert!(
        csv.contains("\"Radiotherapy × age, per 10 years: Yes\",,,5.56 (1.03–30.20),0.046,"),
        "{csv}"
    );
    assert!(csv.contains("\"Radiotherapy × age, per 10 years\",,,,0.13,"), "{csv}");
}

/// Ratios of a treatment in subgroups: p of the interaction stands with the
/// variable, in a column of its name, never with a level, and the one adjusted
/// for the number of variables beside it; each group has its events and patients.
#[test]
fn p_of_an_interaction_is_no_p_of_a_level() {
    let mut output = Output::default();
    for (place, (value, ratio)) in [("f", 0.4), ("m", 0.7)].into_iter().enumerate() {
        let mut finding = Finding::new("s", "subgroups", "hazard_ratio", Quantity::Ratio, ratio);
        finding = finding.of_variable("sex").at_level(value).in_group("yes");
        finding.reference = Some("no".to_owned());
        finding = finding.limits(Some(ratio / 2.0), Some(ratio * 2.0), 0.95);
        // Patients of a ratio are those of its subgroup, and differ from row to row.
        finding.n = Some(40 + place as u64);
        output.findings.push(finding);
    }
    let mut test = Finding::new("s", "subgroups", "p_value", Quantity::PValue, 0.31);
    test.address.parts = vec![crate::sample::test("interaction"), named("p"), variable("sex")];
    test.variable = Some("sex".to_owned());
    let mut holm = test.clone();
    holm.address.parts[1] = named("p_holm");
    // Three times 0.31, as for three variables.
    holm.value = Some(0.93);
    output.findings.extend([test, holm]);
    for (group, events, n) in [("no", 20.0, 25.0), ("yes", 7.0, 15.0)] {
        for (statistic, value) in [("n", n), ("events", events)] {
            let mut count = Finding::new("s", "subgroups", statistic, Quantity::Count, value);
            count = count.of_variable("sex").at_level("f").in_group(group);
            output.findings.push(count);
        }
    }
    let figure: ForestFigure =
        serde_json::from_value(serde_json::json!({ "title": "S", "model": "s" })).expect("valid");
    let study = study();
    let output = figure.run(&call("efigure_1", &study, vec![("s", output)])).expect("draws");
    let exhibit = output.exhibit.expect("a figure");
    for text in [">sex<", ">Interaction p<", ">0.31<", ">Holm p<", ">0.93<", ">20/25<", ">7/15<"] {
        assert_eq!(body(&exhibit).matches(text).count(), 1, "{text} in {}", body(&exhibit));
    }
    // Counts were given for one level alone.
    assert!(body(&exhibit).contains(">–/–<"), "no counts of the other level");
    assert!(!caption(&exhibit).contains("adjusted for all other"));
    assert!(caption(&exhibit).contains("no row has a p-value of its own"));
}

/// Several fits of one analysis stand apart, under what sets them apart, and
/// whom the analysis left out is told.
#[test]
fn every_landmark_has_its_rows_and_the_population_is_told() {
    let mut output = Output::default();
    for (time, value) in [("30_days", 0.5), ("90_days", 0.8)] {
        let mut finding = Finding::new("l", "landmark", "hazard_ratio", Quantity::Ratio, value);
        finding =
            finding.part(crate::sample::time(time)).of_variable("radiotherapy").at_level("yes");
        finding.population = "stage = 'IV'".to_owned();
        output.findings.push(finding.limits(Some(0.3), Some(1.1), 0.95));
    }
    let figure: ForestFigure =
        serde_json::from_value(serde_json::json!({ "title": "L", "model": "l" })).expect("valid");
    let study = study();
    let output = figure.run(&call("efigure_1", &study, vec![("l", output)])).expect("draws");
    let exhibit = output.exhibit.expect("a figure");
    for text in [">30 days<", ">90 days<", ">0.50 (0.30–1.10)<", ">0.80 (0.30–1.10)<"] {
        assert!(body(&exhibit).contains(text), "{text} in {}", body(&exhibit));
    }
    let told = "Only patients for whom stage is IV were analysed.";
    assert!(caption(&exhibit).contains(told), "{}", caption(&exhibit));
}

#[test]
fn a_letter_that_the_font_lacks_is_told_before_a_run() {
    // A column without a label is called by its name.
    let mut model = cox(&[Term("放疗", Some("yes"), 37, 19, -0.9, 0.27)]);
    model = crate::cohort::announced(&model);
    let figure: ForestFigure =
        serde_json::from_value(serde_json::json!({ "title": "F", "model": "m" })).expect("valid");
    let study = study();
    let found = figure.rehearse(&call("efigure_1", &study, vec![("m", model)]));
    let said = found.expect_err("a mistake").0.remove(0).message;
    assert_eq!(said, "the font has no glyph for `放` (U+653E) in `放疗`");
}

/// Of several methods of one number the one that the settings choose has the
/// row, references included, and the others a stated reason.
#[test]
fn what_stands_beside_the_chosen_method_has_no_row() {
    let mut output =
        cox(&[Term("sex", Some("f"), 40, 20, 0.0, 0.0), Term("sex", Some("m"), 60, 40, 0.3, 0.2)]);
    // The same numbers a second time, by another method: with both drawn each would stand twice.
    let again: Vec<Finding> = output
        .findings
        .iter()
        .filter(|finding| finding.quantity == Quantity::Ratio)
        .map(|finding| finding.clone().part(Part::Method("weibull".to_owned())))
        .collect();
    output.findings.extend(again);
    let exhibit = run_with(serde_json::json!({}), output).expect("draws").exhibit;
    let exhibit = exhibit.expect("a figure");
    assert_eq!(body(&exhibit).matches(">1 (reference)<").count(), 1);
    assert_eq!(body(&exhibit).matches(">1.35 (0.91–2.00)<").count(), 1);
    assert!(caption(&exhibit).contains("estimated in several ways (weibull)"));
}

/// A logistic model: the ratios are of odds, and nothing says of hazards.
#[test]
fn odds_ratios_are_called_so_and_products_of_them_too() {
    let mut model = logistic(&TERMS, "ecog");
    let ratio = model.findings.iter().rfind(|one| one.statistic == "odds_ratio");
    let mut product = ratio.expect("a ratio").clone();
    product.statistic = "ratio_of_odds_ratios".into();
    product.variable = Some("age_decades:ecog".into());
    product.address.parts = vec![
        Part::Model("product".into()),
        named("ratio_of_odds_ratios"),
        variable("age_decades:ecog"),
        level("2"),
    ];
    model.findings.push(product);
    let exhibit = run_with(serde_json::json!({}), model).expect("draws").exhibit.expect("a figure");
    for text in [">Odds ratio (95% CI)<", ">0.39 (0.23–0.67)<", "Age, per 10 years ×"] {
        assert!(body(&exhibit).contains(text), "{text}");
    }
    for text in [
        "Logistic regression, outcome: CR or PR, Wald 95% CI.",
        "Every ratio is adjusted for all other variables of its model.",
        "The row of a product",
        "113 patients with 80 events",
    ] {
        assert!(caption(&exhibit).contains(text), "{text}: {}", caption(&exhibit));
    }
    assert!(exhibit.alternative_text.starts_with("Forest plot of odds ratios: "));
    for text in [body(&exhibit), caption(&exhibit), exhibit.alternative_text.clone()] {
        assert!(!text.to_lowercase().contains("hazard") && !text.contains("Cox"), "{text}");
    }
}
