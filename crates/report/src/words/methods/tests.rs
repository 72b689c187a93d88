//! Accounts made by hand, and the paragraphs that they make.

use study::{
    Adjustment, Alone, CensoringWeights, Clusters, Column, Covariate, Cut, Detail, Distribution,
    Errors, ExposureTime, FineGrayVariant, Groups, IntervalKind, Level, Method, Outcome, Procedure,
    Quantity, Scale, ScoreWeighting, SubgroupModel, Table, TakenFor, Test, Ties, TimeTransform,
    Variance,
};

use super::*;

fn table() -> Table {
    let mut table = Table::default();
    let mut put = |name: &str, label: &str, unit: Option<&str>, levels: &[(&str, &str)]| {
        let levels = levels.iter().map(|(value, label)| Level::new(*value, *label)).collect();
        let unit = unit.map(str::to_owned);
        let about = Column { label: label.to_owned(), unit, levels, ..Column::default() };
        table.columns.insert(name.to_owned(), about);
    };
    put("pfs_days", "Progression-free survival", None, &[]);
    put("os_days", "Overall survival", None, &[]);
    // Values that must not be printed, as they have labels.
    put("arm", "Treatment", None, &[("a_0", "Standard care"), ("a_1", "New drug")]);
    put("age_10", "Age", Some("10 years"), &[]);
    put("weight_kg", "Weight", Some("kg"), &[]);
    // A label with a comma, which lists have to allow for.
    put("stage", "Stage, AJCC 8", None, &[("<=2", "I or II"), ("3", "III")]);
    put("cause", "First event", None, &[("lr", "Local relapse"), ("dm", "Metastasis")]);
    put("best", "Best response", None, &[("CR", "Complete response"), ("PR", "Partial response")]);
    put("hospital", "Hospital", None, &[]);
    table
}

fn told(accounts: &[(&str, Account)]) -> Vec<String> {
    let told: Vec<Told<'_>> =
        accounts.iter().map(|(stage, account)| Told { stage, account }).collect();
    let finding = ratio();
    paragraphs(&told, &[&finding], Words::on(&table()), 0.95)
}

/// What an E-value is of.
fn ratio() -> Finding {
    // Of the entry `cox_pfs`, whose account says whether it was adjusted.
    Finding::new("cox_pfs", "cox_model", "hazard_ratio", Quantity::Ratio, 0.5)
}

fn term(column: &str) -> Covariate {
    let scale = match column {
        "arm" => Scale::Against("a_0".to_owned()),
        "stage" => Scale::Against("<=2".to_owned()),
        _ => Scale::Unit,
    };
    Covariate { column: column.to_owned(), scale }
}

fn cox(endpoint: &str, terms: &[&str]) -> Account {
    let method = Method::of(Procedure::Cox).with(Detail::Ties(Ties::Efron));
    let account = Account::of(Practice::Cox(Alone::default()), method);
    account.about(endpoint).on(terms.iter().map(|column| term(column)).collect())
}

fn with(account: Account, detail: Detail) -> Account {
    Account { method: account.method.with(detail), ..account }
}

fn curves(endpoint: &str, by: Option<&str>) -> Account {
    let practice = Practice::Curves { quantiles: true, restricted_means: false, hazards: false };
    let method = Method::of(Procedure::KaplanMeier)
        .with(Detail::Variance(Variance::Greenwood))
        .interval(IntervalKind::LogLog, 0.95);
    Account::of(practice, method).about(endpoint).by(by.map(|column| Groups::of(column, None)))
}

fn scores(weighting: ScoreWeighting) -> Account {
    let weighting = Method::of(Procedure::ScoreWeights(weighting));
    let practice = Practice::PropensityScore { treated: "a_1".to_owned(), weighting };
    let account = Account::of(practice, Procedure::Logistic).by(Groups::of("arm", Some("a_0")));
    account.on(vec![term("age_10"), term("stage")])
}

fn hazards(endpoint: &str, terms: &[&str], cut: Option<study::Span>) -> Account {
    let along = TimeTransform::KaplanMeier;
    let practice = Practice::ProportionalHazards { along, cut };
    Account { practice, ..cox(endpoint, terms) }
}

/// What is the same of several entries stands once, what differs beside it.
#[test]
fn endpoints_and_models_of_which_the_same_is_true_are_told_together() {
    let weighted = |endpoint: &str| {
        let own = with(cox(endpoint, &["arm"]), Detail::WeightedBy("ps".to_owned()));
        with(own, Detail::Errors(Errors::Robust))
    };
    let found = told(&[
        ("curves_pfs", curves("pfs", Some("arm"))),
        ("curves_os", curves("os", Some("arm"))),
        ("cox_pfs", cox("pfs", &["arm"])),
        ("cox_os", cox("os", &["arm"])),
        ("all_pfs", cox("pfs", &["arm", "age_10", "stage"])),
        ("firth_os", with(cox("os", &["arm", "weight_kg"]), Detail::Firth)),
        ("weighted_pfs", weighted("pfs")),
        ("weighted_os", weighted("os")),
        ("ph", hazards("pfs", &["arm", "age_10", "stage"], "6 months".parse().ok())),
        // Last in the file and used before: weights are named all the same, and set A has its
        // letter already.
        ("ps", scores(ScoreWeighting::Overlap)),
    ]);
    assert_eq!(
        found,
        [
            "Unless said otherwise, endpoints are progression-free survival (PFS) and overall survival (OS); groups are by treatment (reference: standard care); limits are 95% confidence limits (log-log for curves); tests are two-sided, p-values unadjusted for their number; models hold patients with every term known, with Wald limits and Efron's ties. Weights are taken as known, with robust errors.",
            "Survival was estimated by Kaplan-Meier curves (Greenwood's variance), by group, with quantiles (Brookmeyer and Crowley).",
            "Hazard ratios are from Cox models: unadjusted, also with overlap weights; for PFS adjusted for age (per 10 years) and stage, AJCC 8 (reference: I or II) (set A); for OS adjusted for weight (per kg), with Firth's penalty (profile limits and tests).",
            "Proportional hazards (PFS with set A) were tested by term and globally (Grambsch and Therneau, Kaplan-Meier transform of time). Ratios for PFS before and after 6 months leave all coefficients free.",
            "Propensity scores (set A; logistic regression) give overlap weights.",
        ]
    );
}

/// A study of one endpoint and one model, without groups: nothing is said of
/// what it does not have.
#[test]
fn a_small_study_is_told_what_it_did() {
    let found =
        told(&[("curve", curves("os", None)), ("model", cox("os", &["age_10", "weight_kg"]))]);
    assert_eq!(
        found,
        [
            "Unless said otherwise, the endpoint is overall survival; limits are 95% confidence limits (log-log for curves); tests are two-sided, p-values unadjusted for their number; models hold patients with every term known, with Wald limits and Efron's ties.",
            "Survival was estimated by Kaplan-Meier curves (Greenwood's variance), of all patients, with quantiles (Brookmeyer and Crowley).",
            "Hazard ratios are from a Cox model: of age (per 10 years) and weight (per kg).",
        ]
    );
    assert!(told(&[]).is_empty());
}

/// The endpoints of a study are named once: not again where others stand beside
/// them, and not for each weighting of one model; units once in a paragraph.
#[test]
fn a_sentence_names_endpoints_and_units_once() {
    let made = [
        ("one", ScoreWeighting::Overlap),
        ("two", ScoreWeighting::Stabilized),
        ("three", ScoreWeighting::Matching),
    ];
    let both = |make: &dyn Fn(&str) -> Account| [make("pfs"), make("os")].map(|own| ("own", own));
    let mut all: Vec<(&str, Account)> = Vec::new();
    let ends = ["First overall survival", "last overall survival"];
    let labelled = |make: &dyn Fn(&str) -> Account| {
        ends.map(|label| ("end", make("os").explaining(Outcome::Labelled(label.to_owned()))))
    };
    let curve = |endpoint: &str| curves(endpoint, Some("arm"));
    let plain = |endpoint: &str| cox(endpoint, &["arm"]);
    all.extend(both(&curve));
    all.extend(labelled(&curve));
    all.extend(both(&plain));
    all.extend(labelled(&plain));
    for (entry, _) in made {
        all.extend(both(&|endpoint: &str| {
            with(cox(endpoint, &["arm"]), Detail::WeightedBy(entry.to_owned()))
        }));
    }
    all.push(("a", cox("pfs", &["arm", "age_10", "weight_kg"])));
    all.push(("b", cox("os", &["arm", "age_10", "stage"])));
    all.extend(made.iter().map(|(name, weighting)| (*name, scores(*weighting))));
    all.extend(both(&|endpoint: &str| hazards(endpoint, &["arm"], None)));
    let found = told(&all);
    assert_eq!(
        found[1..3],
        [
            "Survival was estimated by Kaplan-Meier curves (Greenwood's variance), by group (also for first and last OS), with quantiles (Brookmeyer and Crowley).",
            "Hazard ratios are from Cox models: unadjusted (also for first and last OS), also with each propensity weighting or matching; for PFS adjusted for age (per 10 years) and weight (per kg); for OS adjusted for age and stage, AJCC 8 (reference: I or II) (set A).",
        ]
    );
    // without the endpoints of the study beside them, others are named
    let few = told(&[
        ("one", curves("pfs", Some("arm"))),
        ("two", curves("os", Some("arm"))),
        ("ph", hazards("pfs", &["arm"], None)),
        ("ph", hazards("os", &["arm"], None)),
        ("cox", cox("pfs", &["arm"])),
        ("weighted", with(cox("os", &["arm"]), Detail::Firth)),
        ("weighted", with(cox("relapse", &["arm"]), Detail::Firth)),
    ]);
    assert_eq!(
        few[3],
        "Hazard ratios are from Cox models: unadjusted for PFS, also for OS and RELAPSE with Firth's penalty (profile limits and tests)."
    );
}

/// An endpoint without words is called by its name, and not twice.
#[test]
fn an_endpoint_without_a_label_is_named_once() {
    let found = told(&[("one", cox("os", &["age_10"])), ("two", cox("efs", &["age_10"]))]);
    assert!(
        found[0].starts_with("Unless said otherwise, endpoints are overall survival (OS) and EFS;")
    );
    assert_eq!(found[1], "Hazard ratios are from Cox models: of age (per 10 years).");
}

/// Strata, clusters, conditions, and models that differ in ties.
#[test]
fn what_is_particular_stands_with_its_model() {
    let clusters = Errors::Clustered(Clusters::By("hospital".to_owned()));
    let strata = Detail::StratifiedBy(vec!["stage".to_owned(), "hospital".to_owned()]);
    let one = with(with(cox("os", &["arm"]), strata), Detail::Errors(clusters));
    // Ties as one model of three takes them, which is then what is particular about it.
    let mut exact = cox("os", &["arm"]);
    exact.method = Method::of(Procedure::Cox).with(Detail::Ties(Ties::Exact));
    let alone = told(&[("exact", exact.clone())]);
    assert!(
        alone[0].contains("exact ties (time taken as discrete: ratios are of conditional odds)")
    );
    assert_eq!(
        alone[1],
        "Hazard ratios are from a Cox model: of treatment (reference: standard care)."
    );
    let some = Account { patients: Some("weight_kg > 50".to_owned()), ..cox("os", &["arm"]) };
    let found =
        told(&[("one", one), ("two", cox("os", &["arm"])), ("three", exact), ("four", some)]);
    assert_eq!(
        found[1],
        "Hazard ratios are from Cox models: of treatment (reference: standard care), also stratified by stage, AJCC 8 and hospital, with robust errors clustered by hospital; with exact ties (time taken as discrete: ratios are of conditional odds); and in patients for whom weight is above 50 kg."
    );
}

/// Every practice, of a study whose columns have names and no words.
fn one_of_each() -> Vec<(&'static str, Account)> {
    let cause = || study::Cause {
        column: "cause".to_owned(),
        event: "lr".to_owned(),
        others: vec!["dm".to_owned()],
    };
    let procedures = |own: &[Procedure]| own.to_vec();
    let levels = |own: &[&str]| own.iter().map(|level| (*level).to_owned()).collect::<Vec<_>>();
    let of = |practice: Practice| Account { practice, ..cox("os", &["arm", "age_10"]) };
    let by = |practice: Practice, procedure: Procedure| {
        Account::of(practice, Method::of(procedure).interval(IntervalKind::Log, 0.95))
            .about("os")
            .by(Groups::of("arm", Some("a_0")))
    };
    let best = Outcome::Column { column: "best".to_owned(), levels: Vec::new() };
    let event = ratio().address;
    vec![
        (
            "baseline",
            by(
                Practice::Characteristics {
                    summaries: procedures(&[Procedure::Mean]),
                    tests: procedures(&[Procedure::WelchAnova]),
                },
                Procedure::Unsaid,
            ),
        ),
        (
            "differences",
            by(
                Practice::GroupDifference {
                    of_numbers: procedures(&[Procedure::RankSum]),
                    of_levels: procedures(&[Procedure::Fisher]),
                    random_tables: Some(2000),
                    // More than one variable, so that adjustment is told of.
                    adjusted: 3,
                },
                Procedure::Unsaid,
            ),
        ),
        (
            "response",
            by(
                Practice::Response {
                    responders: levels(&["CR"]),
                    controlled: levels(&["CR", "PR"]),
                    intervals: vec![IntervalKind::Wilson],
                    test: Procedure::Fisher,
                },
                Procedure::Proportion,
            )
            .explaining(best),
        ),
        // A column of no table: its name must lose the underscore.
        ("curve", curves("os", Some("no_label"))),
        (
            "tests",
            by(
                Practice::SurvivalTests {
                    tests: procedures(&[Procedure::LogRank { rho: 0.5 }]),
                    trend: true,
                    pairs: true,
                    adjustments: vec![Adjustment::Holm],
                    permutation: Some(50),
                },
                Procedure::Unsaid,
            ),
        ),
        (
            "difference",
            by(
                Practice::SurvivalDifference { survival: true, restricted_means: false },
                Procedure::KaplanMeier,
            ),
        ),
        ("cox_pfs", of(Practice::Cox(Alone { terms: true, further: false }))),
        ("logistic", of(Practice::Logistic(Alone::default()))),
        (
            "parametric",
            Account {
                method: Method::of(Procedure::AcceleratedFailureTime(Distribution::Exponential)),
                ..of(Practice::Parametric { others: Vec::new() })
            },
        ),
        ("predicted", with(of(Practice::PredictedSurvival), Detail::Offset("no_label".into()))),
        ("hazards", hazards("os", &["arm"], None)),
        (
            "landmark",
            by(
                Practice::Landmark { landmarks: vec!["1.5 months".parse().expect("a time")] },
                Procedure::Cox,
            ),
        ),
        (
            "dependent",
            by(Practice::TimeDependentCox, Procedure::TimeDependentCox(ExposureTime::Recorded)),
        ),
        (
            "states",
            by(Practice::SimonMakuch { landmark: "30 days".parse().ok() }, Procedure::SimonMakuch),
        ),
        (
            "clones",
            with(
                by(
                    Practice::CloneCensorWeight { samples: 0 },
                    Procedure::CloneCensorWeight { grace: "60 days".parse().expect("a time") },
                ),
                Detail::CensoringWeights(CensoringWeights::Unweighted),
            ),
        ),
        (
            "tipping",
            by(Practice::TippingPoint, Procedure::TimeDependentCox(ExposureTime::AssumedShare)),
        ),
        ("score", scores(ScoreWeighting::Matching)),
        (
            "evalue",
            Account::of(
                Practice::EValue { finding: event, taken_for: TakenFor::CommonOddsRatio },
                Procedure::EValue,
            ),
        ),
        (
            "constructed",
            Account::of(
                Practice::IdentifiedSet { cohorts: 100 },
                Procedure::ConstructedCohorts(study::CohortReading::Sampled),
            ),
        ),
        (
            "imputation",
            Account::of(
                Practice::Imputation {
                    variables: levels(&["age_10"]),
                    auxiliary: Vec::new(),
                    data_sets: 5,
                    iterations: 10,
                    donors: None,
                    categories: true,
                    shifts: vec![("stage".into(), 0.5)],
                    of_odds: levels(&["stage"]),
                },
                Procedure::Unsaid,
            ),
        ),
        (
            "pooled",
            of(Practice::PooledCox {
                imputation: "imputation".into(),
                data_sets: 5,
                derived: vec![("no_label".to_owned(), "no_label".to_owned())],
            }),
        ),
        (
            "intervals",
            Account::of(Practice::Turnbull { midpoint: false }, Procedure::Turnbull)
                .explaining(Outcome::Labelled("Time to relapse".into())),
        ),
        (
            "incidence",
            by(
                Practice::CumulativeIncidence {
                    column: "cause".into(),
                    causes: levels(&["lr", "dm"]),
                    test: None,
                    time_lost: true,
                },
                Procedure::AalenJohansen,
            ),
        ),
        ("specific", of(Practice::CauseSpecificCox(cause()))),
        (
            "fine_gray",
            Account {
                method: Method::of(Procedure::FineGray(FineGrayVariant::FineGrayBreslow)),
                ..of(Practice::FineGray(cause()))
            },
        ),
        (
            "subgroups",
            of(Practice::Subgroups {
                by: vec![Groups::of("stage", None)],
                model: SubgroupModel::SubgroupAlone,
                test: Test::Wald,
            }),
        ),
        ("performance", of(Practice::Performance { groups: None, samples: 0 })),
        (
            "diagnostics",
            of(Practice::Diagnostics { leave_one_out: false, without_followed_for: None }),
        ),
    ]
}

/// Whatever a study does, alone or beside everything else: whole sentences
/// without marks of code and without names that have words.
#[test]
fn every_practice_is_told_in_whole_sentences() {
    let all = one_of_each();
    let alone = all.iter().flat_map(|one| told(std::slice::from_ref(one)));
    let found: Vec<String> = told(&all).into_iter().chain(alone).collect();
    // Each practice alone gives two paragraphs at least, and all together more.
    assert!(found.len() > 2 * all.len());
    for text in found {
        assert!(text.ends_with('.') && text.starts_with(char::is_uppercase), "{text}");
        let opened = text.matches('(').count();
        assert_eq!(opened, text.matches(')').count(), "{text}");
        // What is left where a phrase is empty or a name has no words.
        for mark in ["`", "_", "  ", "..", ",,", " .", " ,", "()", "( ", ": .", ";."] {
            assert!(!text.contains(mark), "{mark}: {text}");
        }
    }
}

/// The names of entries are not printed where what they made has words.
#[test]
fn weights_are_named_by_what_they_are() {
    let weighted = |entry: &str| with(cox("os", &["arm"]), Detail::WeightedBy(entry.to_owned()));
    let of = |entries: &[(&'static str, ScoreWeighting)], used: &str| {
        let mut all: Vec<(&str, Account)> =
            entries.iter().map(|(name, weighting)| (*name, scores(*weighting))).collect();
        all.push(("cox", weighted(used)));
        told(&all).last().cloned().expect("a paragraph")
    };
    let stabilised = [("ps_1", ScoreWeighting::Stabilized)];
    assert_eq!(
        of(&stabilised, "ps_1"),
        "Hazard ratios are from a Cox model: unadjusted, with stabilised inverse probability weights."
    );
    // all of several are told together
    let made = [
        ("one", ScoreWeighting::Overlap),
        ("two", ScoreWeighting::Stabilized),
        ("three", ScoreWeighting::Matching),
    ];
    let mut all: Vec<(&str, Account)> =
        made.iter().map(|(name, weighting)| (*name, scores(*weighting))).collect();
    all.push(("plain", cox("os", &["arm"])));
    all.extend(made.iter().map(|(name, _)| ("cox", weighted(name))));
    assert_eq!(
        told(&all).last().map(String::as_str),
        Some(
            "Hazard ratios are from Cox models: unadjusted, also with each propensity weighting or matching."
        )
    );
    // two of one kind are told apart by name
    let twice = [("first_ps", ScoreWeighting::Overlap), ("second_ps", ScoreWeighting::Overlap)];
    assert_eq!(
        of(&twice, "second_ps"),
        "Hazard ratios are from a Cox model: unadjusted, with overlap weights of second ps."
    );
}

#[test]
fn what_looks_past_time_zero_is_said() {
    let step = |known_late: &[&str]| FlowStep {
        stage: "rule".into(),
        reason: "No scan".into(),
        before: 9,
        excluded: 1,
        after: 8,
        unknown: None,
        known_late: known_late.iter().map(|column| (*column).to_owned()).collect(),
    };
    assert_eq!(looks_ahead(&step(&[])), None);
    assert_eq!(
        looks_ahead(&step(&["last scan"])).as_deref(),
        Some("The exclusion \u{201c}No scan\u{201d} looks past time zero (last scan).")
    );
    assert_eq!(naive(&BTreeSet::new()), None);
    assert_eq!(
        naive(&BTreeSet::from([("Treatment", "First dose")])).as_deref(),
        Some(
            "Comparisons by treatment, known from first dose on, are naive: open to immortal-time bias."
        )
    );
}

#[test]
fn groups_say_where_a_number_is_cut() {
    let by = |cut: Cut, reference: Option<&str>| {
        let groups = Groups { cut: Some(cut), ..Groups::of("age_10", reference) };
        let account = curves("pfs", None).by(groups);
        told(&[
            ("other", curves("pfs", Some("arm"))),
            ("arms", curves("os", Some("arm"))),
            ("cut", account),
        ])
        .join(" ")
    };
    let said = by(Cut::At(vec![5.0, 6.5]), None);
    // A unit that is a number itself is multiplied.
    assert!(said.contains("by age (cut at 5 and 6.5 × 10 years)"), "{said}");
    for (n, words) in [(2, "the median"), (4, "quartiles"), (7, "quantiles into 7 groups")] {
        let said = by(Cut::Quantiles(n), None);
        assert!(said.contains(&format!("by age (cut at {words})")), "{said}");
    }
}
