//! The whole page over a made-up study: sound HTML, one number one way, the
//! same bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use engine::Kind;
use serde_json::{Value, json};

use super::*;
use crate::cohort;
use crate::kinds;

// The study's own texts, over findings that are made up: every id that they name must be there.
const TEXTS: [&str; 10] = [
    "abstract",
    "data",
    "methods",
    "patients",
    "response",
    "survival",
    "prognosis",
    "model_checks",
    "cleaning",
    "limitations",
];

fn run<K: Kind>(name: &str, parameters: Value) -> (String, Output) {
    run_in::<K>(name, parameters, (&cohort::study(), &cohort::claims()))
}

fn run_in<K: Kind>(
    name: &str,
    parameters: Value,
    (study, claims): (&StudySettings, &[(String, study::Claim)]),
) -> (String, Output) {
    let kind: K = serde_json::from_value(parameters).expect("parameters of the kind");
    let call = cohort::call(name, study, claims, &[]);
    let output = kind.run(&call).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}"));
    (name.to_owned(), output)
}

/// Every exhibit of the study.
fn reports() -> Vec<(String, Output)> {
    use kinds::*;
    let by = "radiotherapy";
    let figure = |curves: &str, test: &str, model: &str| json!({"title": "Survival by radiotherapy", "curves": curves, "test": test, "hazard_ratio": model, "ticks": "6 months"});
    vec![
        // One of each sort of exhibit, under the names that the study's own texts cite.
        run::<ClaimLedger>("etable_1", json!({})),
        examined(),
        run::<CleaningTable>("etable_5", json!({})),
        run::<VariableDictionary>("etable_6", json!({})),
        run::<CharacteristicsTable>("etable_7", json!({"baseline": "baseline", "by": by})),
        run::<ResponseTable>("etable_10", json!({"response": "response_by_rt", "by": by})),
        run::<SurvivalTable>(
            "etable_11",
            json!({"curves": ["pfs_by_rt", "os_by_rt", "follow_up_by_rt"], "by": by}),
        ),
        run::<ModelTable>(
            "etable_12",
            json!({"models": ["pfs_prognosis", "os_prognosis"], "show": "univariable", "title": "Univariable models"}),
        ),
        run::<ModelTable>("etable_13", json!({"models": ["pfs_prognosis"], "show": "both"})),
        run::<ProportionalHazardsTable>(
            "etable_14",
            json!({"tests": ["pfs_hazards_test", "os_hazards_test"]}),
        ),
        run::<ProvenanceTable>("etable_21", json!({})),
        run::<FlowFigure>("efigure_1", json!({"title": "Flow of patients", "groups": "pfs_by_rt"})),
        run::<SurvivalFigure>(
            "efigure_5",
            figure("pfs_by_rt", "pfs_log_rank", "pfs_prognosis.radiotherapy"),
        ),
        run::<SurvivalFigure>(
            "efigure_6",
            figure("os_by_rt", "os_log_rank", "os_prognosis.radiotherapy"),
        ),
        run::<SurvivalFigure>(
            "efigure_7",
            json!({"title": "Follow-up by radiotherapy", "curves": "follow_up_by_rt", "ticks": "6 months"}),
        ),
        run::<ForestFigure>(
            "efigure_13",
            json!({"title": "Prognostic factors", "model": "pfs_prognosis"}),
        ),
    ]
}

/// The table of examinations of published numbers, one of which found nothing to hold a number against.
fn examined() -> (String, Output) {
    let (study, claims) = (cohort::study(), cohort::claims());
    let mut call = cohort::call("etable_2", &study, &claims, &[]);
    let examination = study::Examination(vec![study::Examined {
        check: study::Check::Unexamined,
        claims: vec![claims[0].0.clone()],
        standing: study::Standing::NotCheckable,
        lack: Some(study::Lack::Counterpart),
        clues: Vec::new(),
    }]);
    let output = Output { figures: examination.into(), ..Output::default() };
    call.stages.push(("forensics".to_owned(), Section::Analyze, Arc::new(output)));
    let table: kinds::ForensicsTable =
        serde_json::from_value(json!({ "forensics": "forensics" })).expect("parameters");
    ("etable_2".to_owned(), table.run(&call).expect("a table"))
}

fn supplement() -> Supplement {
    let section = |heading: &str, text: &str, exhibits: &[&str]| json!({"heading": heading, "text": format!("reports/text/{text}.md"), "exhibits": exhibits});
    let parameters = json!({
        "authors": ["A. Author", "B. Author"],
        "sections": [
            section("Summary", "abstract", &["etable_1"]),
            section("Data", "data", &["etable_2"]),
            section("Methods", "methods", &[]),
            section("Patients", "patients", &["efigure_1", "etable_7"]),
            section("Response", "response", &["etable_10"]),
            section("Survival", "survival", &["efigure_5", "efigure_6", "efigure_7", "etable_11"]),
            section("Prognostic factors", "prognosis", &["etable_12", "etable_13", "efigure_13"]),
            section("Model checks", "model_checks", &["etable_14"]),
            section("Cleaning and audit", "cleaning", &["etable_5", "etable_6", "etable_21"]),
            section("Limitations", "limitations", &[]),
        ],
    });
    serde_json::from_value(parameters).expect("parameters of the kind")
}

/// The study's own texts.
fn texts() -> BTreeMap<String, Arc<Vec<u8>>> {
    let folder = format!("{}/../../reports/text", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &&str| {
        let bytes = std::fs::read(format!("{folder}/{name}.md")).expect("the text is there");
        (format!("reports/text/{name}.md"), Arc::new(bytes))
    };
    TEXTS.iter().map(read).collect()
}

/// The page, drawn once for all tests.
fn page() -> String {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| made(&reports())).clone()
}

fn made(reports: &[(String, Output)]) -> String {
    let (study, claims) = (cohort::study(), cohort::claims());
    let mut call = cohort::call("supplement", &study, &claims, reports);
    call.files = texts();
    let output = supplement().run(&call).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let page = output.files["reports/supplement.html"].clone();
    String::from_utf8(page).expect("HTML is text")
}

#[test]
fn the_page_is_whole_and_repeats_to_the_byte() {
    let page = page();
    // To look at the page in a browser.
    if let Ok(folder) = std::env::var("RESTUDY_PICTURES") {
        std::fs::write(format!("{folder}/supplement.html"), &page).expect("the folder is there");
    }
    assert!(page == made(&reports()), "the same findings give the same bytes");
}

/// The summary cites eTable 14 before anything else: that is Table 1 here, in
/// its link, in the contents and at the table.
#[test]
fn exhibits_have_the_numbers_of_their_first_citation() {
    let page = page();
    for (name, label) in
        [("etable_14", "Table 1"), ("etable_1", "Table 2"), ("efigure_1", "Figure 1")]
    {
        assert!(page.contains(&format!("<a href=\"#{name}\">{label}</a>")), "{name} is {label}");
        assert!(
            page.contains(&format!("<a href=\"#{name}\"><span class=\"label\">{label}</span>"))
        );
    }
    assert!(!page.contains("eTable") && !page.contains("eFigure"), "no name is a label");
}

/// The tags of a page: name, attributes, whether it closes.
fn tags(page: &str) -> Vec<(&str, &str, bool)> {
    // The style is no markup, and its selectors have angle brackets.
    let (head, body) = page.split_once("<style>").expect("a style");
    let (_, body) = body.split_once("</style>").expect("an end of the style");
    [head, body]
        .into_iter()
        .flat_map(|part| part.split('<').skip(1))
        .map(|tag| tag.split_once('>').expect("a closed tag").0)
        // The document type and comments.
        .filter(|tag| !tag.starts_with(['!', '?']))
        .map(|tag| {
            let closes = tag.starts_with('/');
            let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
            (name.trim_start_matches('/').trim_end_matches('/'), attributes, closes)
        })
        .collect()
}

fn attributes<'a>(tags: &[(&'a str, &'a str, bool)], wanted: &str) -> Vec<&'a str> {
    let start = format!(" {wanted}=\"");
    let of = |attributes: &'a str| {
        let place = format!(" {attributes}").find(&start)?;
        attributes[place + start.len() - 1..].split('"').next()
    };
    tags.iter().filter_map(|(_, attributes, _)| of(attributes)).collect()
}

#[test]
fn every_tag_closes_every_id_is_one_and_every_link_leads_somewhere() {
    // Elements of HTML without an end tag, of those that the page uses.
    const VOID: [&str; 4] = ["meta", "link", "br", "hr"];
    let page = page();
    let tags = tags(&page);
    let mut open = Vec::new();
    for (name, attributes, closes) in &tags {
        if *closes {
            assert_eq!(open.pop(), Some(*name));
        } else if !VOID.contains(name) && !attributes.ends_with('/') {
            open.push(*name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let mut ids = attributes(&tags, "id");
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "every id is one");
    for target in attributes(&tags, "href") {
        let inside = target.strip_prefix('#').is_some_and(|id| ids.contains(&id));
        // An empty icon, so that no browser asks a server for one.
        assert!(inside || target == "data:,", "{target}");
    }
    for named in attributes(&tags, "aria-labelledby") {
        assert!(named.split(' ').all(|id| ids.contains(&id)), "{named}");
    }
    assert!(attributes(&tags, "src").is_empty(), "nothing is fetched");
    assert!(!page.contains("<script"), "no script is needed");
    let headings: Vec<u32> = tags
        .iter()
        .filter(|(name, _, closes)| !closes && name.len() == 2 && name.starts_with('h'))
        .filter_map(|(name, _, _)| name[1..].parse().ok())
        .collect();
    // No level is skipped downwards: screen readers move by headings.
    assert!(headings.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{headings:?}");
}

/// The number that a text begins with: `20.0` of `20.0 (13.1–NR)`.
fn leading_number(text: &str) -> String {
    let text = text.trim_start_matches("p\u{a0}=\u{a0}").replace("p\u{a0}<\u{a0}", "<");
    text.replace("&lt;", "<")
        .chars()
        .take_while(|c| c.is_ascii_digit() || ".<−".contains(*c))
        .collect()
}

/// Whether a number is the patients or events on the card of a finding, and not its value.
fn is_count_of(page: &str, id: &str, number: &str) -> bool {
    let (_, card) = page.split_once(&format!("<li id=\"{id}\">")).expect("its card");
    let (_, card) = card.split_once("<b>").expect("a value");
    let (value, rest) = card.split_once("</b>").expect("its end");
    // A text may print the patients of a finding by its id: that is another number than its value.
    let counts = ["n", "events"].map(|what| format!("{what} {number}"));
    let mut said = rest.split([';', ',', '<']).map(str::trim);
    value.parse::<f64>().ok() != number.parse().ok()
        && said.any(|said| counts.iter().any(|count| count == said))
}

#[test]
fn no_number_is_printed_in_two_ways() {
    let page = page();
    // The ledger prints numbers in the digits of the source, and so differs on purpose.
    let (before, ledger) = page.split_once("id=\"etable_1\"").expect("the ledger");
    let (_, after) = ledger.split_once("</figure>").expect("its end");
    let mut printed: BTreeMap<&str, String> = BTreeMap::new();
    let (mut met, number) = (0, "<a class=\"n\" ");
    for cell in [before, after].into_iter().flat_map(|part| part.split(number).skip(1)) {
        let (_, cell) = cell.split_once("href=\"#").expect("it leads to its card");
        let (id, rest) = cell.split_once('"').expect("a closed attribute");
        let shown = rest.split_once('>').expect("a closed tag").1;
        let shown = shown.split('<').next();
        let shown = shown.expect("a first part");
        // Intervals and fractions begin with another number than the finding's own.
        if shown.contains("CI") && shown.starts_with("95%") || shown.contains('/') {
            continue;
        }
        let number = leading_number(shown);
        if !number.is_empty() && !is_count_of(&page, id, &number) {
            met += 1;
            let known = printed.entry(id).or_insert_with(|| number.clone());
            assert_eq!(*known, number, "{id} is printed as {shown}");
        }
    }
    // A page whose markup changed would be compared with nothing and pass.
    assert!(met > 200, "{met} numbers were met");
}

const HOSTILE: &str =
    "\"><script>alert('1')</script><img src=x onerror=alert(1)> [a](javascript:b) {{ 7 * 7 }}";

/// The page of a study all of whose words are hostile.
fn hostile_page() -> String {
    let (mut study, mut claims) = (cohort::study(), cohort::claims());
    study.title = HOSTILE.to_owned();
    for (_, claim) in &mut claims {
        claim.label = HOSTILE.to_owned();
        claim.quote = HOSTILE.to_owned();
        claim.place = HOSTILE.to_owned();
        claim.note = Some(HOSTILE.to_owned());
    }
    let words = json!({"title": HOSTILE, "note": HOSTILE});
    let figure = json!({"title": HOSTILE, "curves": "pfs_by_rt", "ticks": "6 months"});
    let reports = [
        run_in::<kinds::ClaimLedger>("etable_1", words, (&study, &claims)),
        run_in::<kinds::SurvivalFigure>("efigure_5", figure, (&study, &claims)),
    ];
    let page: Supplement = serde_json::from_value(json!({
        // The language stands in an attribute, where a quotation mark would end it.
        "title": HOSTILE, "authors": [HOSTILE], "language": HOSTILE,
        "sections": [{"heading": HOSTILE, "text": "t.md", "exhibits": ["etable_1", "efigure_5"]}],
    }))
    .expect("parameters of the kind");
    let text =
        "# {{ study.title }}\n\n| a | b |\n|---|---|\n| {{ study.title }} | *{{ study.title }}* |";
    let mut call = cohort::call("supplement", &study, &claims, &reports);
    call.files = BTreeMap::from([("t.md".to_owned(), Arc::new(text.as_bytes().to_vec()))]);
    let output = page.run(&call).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    String::from_utf8(output.files["reports/supplement.html"].clone()).expect("HTML is text")
}

#[test]
fn hostile_words_run_nothing() {
    let page = hostile_page();
    assert!(page.matches("&lt;script&gt;").count() > 20, "the words stand on the page as text");
    let tags = tags(&page);
    for (name, attributes, _) in &tags {
        assert!(!["script", "img", "iframe", "object"].contains(name), "{name}");
        // what stands in quotes is a value; what is left are the names
        let names: String = attributes.split('"').step_by(2).collect();
        let mut names = names.split([' ', '=', '\n']);
        assert!(!names.any(|name| name.starts_with("on")), "<{name} {attributes}>");
    }
    for target in attributes(&tags, "href") {
        assert!(target.starts_with('#') || target == "data:,", "{target}");
    }
    // 49 would mean that a title was run as a template.
    assert!(page.contains("{{ 7 * 7 }}"), "a value is no template");
}

#[test]
fn the_page_lets_nothing_in_but_its_own_style_and_figures() {
    let page = page();
    let (before, rest) = page.split_once("Content-Security-Policy\" content=\"").expect("a policy");
    // A policy holds for what comes behind it.
    assert!(!before.contains("<style") && !before.contains("<link"), "it stands before all else");
    let policy = rest.split('"').next().expect("a value");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for allowed in ["style-src 'unsafe-inline'", "font-src data:", "img-src data:"] {
        assert!(policy.contains(allowed), "{policy} lacks {allowed}");
    }
    assert!(!policy.contains("script"), "{policy}");
}

/// What is said of hidden counts is what the study's privacy asks for.
#[test]
fn privacy_is_said_by_the_setting() {
    let said = |tier: &str| {
        let mut study = cohort::study();
        study.privacy =
            serde_json::from_value(json!({"tier": tier, "smallest_cell": 5})).expect("a rule");
        let claims = cohort::claims();
        let mut call = cohort::call("supplement", &study, &claims, &[]);
        let text = b"Before. {{ privacy() }} Behind.".to_vec();
        call.files = BTreeMap::from([("t.md".to_owned(), Arc::new(text))]);
        let sections = json!([{"heading": "H", "text": "t.md"}]);
        let page: Supplement = serde_json::from_value(json!({"title": "T", "sections": sections}))
            .expect("parameters");
        let output = page.run(&call).expect("a page");
        String::from_utf8(output.files["reports/supplement.html"].clone()).expect("text")
    };
    let sentence = "Counts below 5, and what is made of them, are not shown.";
    assert!(said("aggregate").contains(&format!("Before. {sentence} Behind.")));
    assert!(!said("open").contains("not shown"));
}

/// The mistakes of one text, as a reader sees them.
fn mistakes(text: &str, known: Known) -> Vec<String> {
    let (study, claims) = (cohort::study(), cohort::claims());
    let mut call = cohort::call("supplement", &study, &claims, &[]);
    call.files = BTreeMap::from([("t.md".to_owned(), Arc::new(text.as_bytes().to_vec()))]);
    let page: Supplement = serde_json::from_value(json!({
        "title": "T", "sections": [{"heading": "H", "text": "t.md"}],
    }))
    .expect("parameters of the kind");
    let found = match known {
        Known::Announced => page.rehearse(&cohort::rehearsal(call)),
        Known::Findings => page.run(&call),
    };
    let said = |mistake: Mistake| {
        assert_eq!(mistake.at, ["sections", "0", "text"]);
        let place = mistake.raw_place.unwrap_or_default();
        format!("{place}: {}; {}", mistake.message, mistake.hint.unwrap_or_default())
    };
    found.err().unwrap_or_default().0.into_iter().map(said).collect()
}

/// A text branches on what was found; before a run both branches are looked at.
#[test]
fn a_text_branches_on_what_was_found() {
    let page = |condition: &str| {
        let text =
            format!("{{% if holds({condition}) %}}It is so.{{% else %}}It is not.{{% endif %}}");
        let (study, claims) = (cohort::study(), cohort::claims());
        let mut call = cohort::call("supplement", &study, &claims, &[]);
        call.files = BTreeMap::from([("t.md".to_owned(), Arc::new(text.into_bytes()))]);
        let page: Supplement = serde_json::from_value(json!({
            "title": "T", "sections": [{"heading": "H", "text": "t.md"}],
        }))
        .expect("parameters of the kind");
        let output = page.run(&call).expect("nothing is wrong");
        let page =
            String::from_utf8(output.files["reports/supplement.html"].clone()).expect("text");
        (page.contains("It is so."), page.contains("It is not."))
    };
    assert_eq!(page("id=\"pfs_log_rank.p\", below=0.05"), (true, false));
    assert_eq!(page("id=\"pfs_log_rank.p\", above=0.05"), (false, true));
    assert_eq!(page("id=\"pfs_log_rank.p\", not_estimable=true"), (false, true));
    let both = "{% if holds(id=\"pfs_log_rank.p\", below=1) %}\n{{ stat(id=\"a.b\") }}\n{% else %}\n{{ stat(id=\"c.d\") }}\n{% endif %}";
    let told = |condition: &str| mistakes(condition, Known::Announced);
    assert!(
        told(both)[0].starts_with("t.md:4: there is no analysis for the finding `c.d`"),
        "{:?}",
        told(both)
    );
    let then = both.replace("c.d", "pfs_log_rank.p");
    assert!(
        told(&then)[0].starts_with("t.md:2: there is no analysis for the finding `a.b`"),
        "{:?}",
        told(&then)
    );
    let unknown = "{% if holds(id=\"pfs_log_rank.q\", below=1) %}x{% endif %}";
    assert!(
        told(unknown)[0].starts_with("t.md:1: there is no finding `pfs_log_rank.q`"),
        "{:?}",
        told(unknown)
    );
    let silent = "{% if holds(id=\"pfs_log_rank.p\") %}x{% endif %}";
    assert!(
        told(silent)[0].contains("the condition says nothing of its finding"),
        "{:?}",
        told(silent)
    );
}

#[test]
fn mistakes_in_texts_name_their_line() {
    let cases: [(&str, &[&str]); 13] = [
        (
            // Each mistake as its author would make it, and the whole message that is told.
            "{{ stat(id=\"baseline.n.all\", decimals=70000) }}",
            &["t.md:1: `decimals` is a whole number from 0 to 12; "],
        ),
        (
            "one\n\n<script>alert(1)</script>",
            &[
                "t.md:3: a text cannot hold HTML: `<script>alert(1)</script>`; write Markdown; a sign that is meant as such is written `\\<`",
            ],
        ),
        (
            "one\n[a](javascript:alert(1))",
            &[
                "t.md:2: a link cannot lead to `javascript:alert(1)`; a link begins with `https:`, `http:` or `mailto:`, or with `#` for a place on the page",
            ],
        ),
        (
            "one\n{% for i in range(end=1000000000) %}x{% endfor %}",
            &["t.md:2: a text cannot hold `for`: it may branch with `if` and no more; "],
        ),
        ("All is {{ stat(id=\"pfs_by_rt.median.rt\") }}.", &[]),
        (
            "One.\n\n{{ stat(id=\"pfs_by_rt.medan.rt\") }} and {{ stat(id='baseline.n.al') }}\n{{ stat(id=\"pfs_by_rt.medan.rt\") }}",
            &[
                "t.md:3: there is no finding `pfs_by_rt.medan.rt`; did you mean `pfs_by_rt.median.rt`?",
                "t.md:4: there is no finding `pfs_by_rt.medan.rt`; did you mean `pfs_by_rt.median.rt`?",
                "t.md:3: there is no finding `baseline.n.al`; did you mean `baseline.n.all`?",
            ],
        ),
        (
            "{{ ref(name=\"efigure_5\") }}",
            &["t.md:1: there is no exhibit on this page called `efigure_5`; "],
        ),
        (
            "{{ stat(id=\"baseline.n.all\", show=\"median\") }}",
            &[
                "t.md:1: `show` cannot be `median`: there are `value`, `bare`, `ci`, `full`, `p`, `n`, `events`, `missing`, `fraction`, `method`; ",
            ],
        ),
        (
            "\n{{ stat(id=\"baseline.n.all\", show=\"ci\") }}",
            &["t.md:2: `baseline.n.all` has no confidence interval; "],
        ),
        (
            "{{ cleaning(show=\"query\") }}",
            &[
                "t.md:1: there is no count of the cleaning log `query`; there are: `changes`, `problems`, `queries`, `rows_dropped`, `rules`, `set_missing`, `values`",
            ],
        ),
        (
            "{{ flow(show=\"screnned\") }}",
            &["t.md:1: there is no count of the flow called `screnned`; did you mean `screened`?"],
        ),
        (
            "![x](a.png)",
            &[
                "t.md:1: a text cannot hold an image: the page stands alone; make it an exhibit of the section",
            ],
        ),
        (
            "one\n{{ stat(id= }}",
            &[
                "t.md:2: found `}}` but expected one of: integer, float, string, bool, ident, `-`, `not`, `<`, `{`, `[` or `(`; ",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(mistakes(text, Known::Findings), expected, "{text}");
    }
}

#[test]
fn a_check_finds_wrong_names_before_anything_runs() {
    let cases = [
        ("{{ stat(id=\"pfs_by_rt.median.rt\") }}", ""),
        (
            "{{ stat(id=\"pfs_by_rt.medan.rt\") }}",
            "t.md:1: there is no finding `pfs_by_rt.medan.rt`; did you mean `pfs_by_rt.median.rt`?",
        ),
        (
            "{{ stat(id=\"pfs_by_tr.median.rt\") }}",
            "t.md:1: there is no analysis for the finding `pfs_by_tr.median.rt`; did you mean `pfs_by_rt`?",
        ),
        (
            "{{ stat(id=\"pfs_by_rt.median.*\") }}",
            "t.md:1: there is no single finding `pfs_by_rt.median.*`; a number in a text is one finding: write its whole id",
        ),
        (
            "{{ stat(id=\"pfs_by_rt.median.rt\", show=\"p\") }}",
            "t.md:1: `pfs_by_rt.median.rt` is no p-value; ",
        ),
        ("{{ flow(excluded_by=\"not_squamous\") }}", ""),
        (
            "{{ flow(excluded_by=\"not_squamish\") }}",
            "t.md:1: there is no step of the flow called `not_squamish`; did you mean `not_squamous`?",
        ),
        (
            "{{ claims(show=\"agrees\") }}",
            "t.md:1: there is no count of the claims `agrees`; did you mean `agree`?",
        ),
    ];
    for (text, expected) in cases {
        let expected: Vec<&str> =
            Some(expected).filter(|said| !said.is_empty()).into_iter().collect();
        assert_eq!(mistakes(text, Known::Announced), expected, "{text}");
    }
}

#[test]
fn an_exhibit_stands_once_and_is_one() {
    let (study, claims) = (cohort::study(), cohort::claims());
    let reports = [("results".to_owned(), Output::default())];
    let call = cohort::call("supplement", &study, &claims, &reports);
    let page: Supplement = serde_json::from_value(json!({
        "title": "T", "page": "reports/x.htm",
        "sections": [{"heading": "H", "exhibits": ["results"]}, {"heading": "H", "exhibits": ["results"]}],
    }))
    .expect("parameters of the kind");
    let said = |found: Result<Output, Mistakes>| -> Vec<String> {
        let found = found.expect_err("mistakes").0.into_iter();
        found.map(|mistake| format!("{}: {}", mistake.at.join("."), mistake.message)).collect()
    };
    assert_eq!(
        said(page.rehearse(&call)),
        [
            "sections.1.exhibits.0: `results` stands on the page twice",
            "page: `reports/x.htm` is no HTML file"
        ]
    );
    assert_eq!(
        said(page.run(&call)),
        [
            "sections.0.exhibits.0: `results` makes no figure or table",
            "sections.1.exhibits.0: `results` makes no figure or table"
        ]
    );
}
