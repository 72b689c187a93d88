//! Writes down how near the estimators come to R: for each test, module and data
//! set how many values were compared and the largest relative difference. The
//! committed list must be what the tests find; `RESTUDY_WRITE_DOCS=1 cargo test -p
//! restudy-stats` writes it again.

#![allow(dead_code, reason = "each test program uses some of these")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::Value;

/// The list, relative to this crate.
const LIST: &str = "../report/src/validation/with_r.csv";
const HEADER: &str = "estimator,test,data,functions,software,values,largest_difference";
/// A number as small as `SMALL` of which R gives another to this is zero but for
/// rounding.
const ROUNDING: f64 = 1e-14;
const SMALL: f64 = 1e-6;
/// Estimators of R and its packages; what a case computes without one of them is
/// written out in the script.
const FUNCTIONS: [&str; 40] = [
    "survfit",
    "survdiff",
    "coxph",
    "cox.zph",
    "concordance",
    "survreg",
    "cuminc",
    "glm",
    "multinom",
    "matchit",
    "pool.scalar",
    "D1",
    "mice",
    "chisq.test",
    "fisher.test",
    "binom.test",
    "wilcox.test",
    "t.test",
    "kruskal.test",
    "oneway.test",
    "quantile",
    "p.adjust",
    "ns",
    "pnorm",
    "qnorm",
    "pchisq",
    "qchisq",
    "pt",
    "qt",
    "pf",
    "qf",
    "pbeta",
    "qbeta",
    "dbinom",
    "dhyper",
    "weighted.mean",
    "var",
    "pmvnorm",
    "brglm",
    "crr",
];

/// What was compared of one data set.
#[derive(Default)]
struct Compared {
    values: usize,
    largest: f64,
}

/// The values of a module that a test is comparing; they are held against the
/// list when it is dropped.
pub struct Comparison {
    module: String,
    place: usize,
}

/// What the comparisons of this test have found.
#[derive(Default)]
struct Open {
    /// Modules and data sets, the last ones at the end.
    modules: Vec<(String, String, BTreeMap<String, Compared>)>,
    /// How often each module was compared before.
    done: BTreeMap<String, usize>,
}

thread_local! {
    static OPEN: RefCell<Open> = RefCell::default();
}

/// Notes that the test reads a data set.
pub fn reads(data: &str) {
    OPEN.with_borrow_mut(|open| {
        if let Some(last) = open.modules.last_mut() {
            data.clone_into(&mut last.1);
        }
    });
}

/// Notes a value beside that of R, and what their difference is relative to.
pub fn compares(found: f64, expected: f64, relative_to: f64) {
    OPEN.with_borrow_mut(|open| {
        let Some((_, data, compared)) = open.modules.last_mut() else { return };
        let compared = compared.entry(data.clone()).or_default();
        let apart = (found - expected).abs();
        compared.values += 1;
        // A small number that differs by rounding alone has no relative difference
        // worth listing.
        let is_zero = relative_to.abs() <= SMALL && apart <= ROUNDING;
        if apart > 0.0 && !is_zero {
            compared.largest = compared.largest.max(apart / relative_to.abs());
        }
    });
}

impl Comparison {
    /// Begins the comparison with a module's values of R.
    pub fn with(module: &str) -> Self {
        OPEN.with_borrow_mut(|open| {
            open.modules.push((module.to_owned(), String::new(), BTreeMap::new()));
            let place = open.done.entry(module.to_owned()).or_default();
            *place += 1;
            Self { module: module.to_owned(), place: *place }
        })
    }

    /// The rows of the list that it makes.
    fn rows(&self, test: &str, compared: &BTreeMap<String, Compared>) -> Vec<String> {
        let (functions, software) = of_r(&self.module);
        let row = |(data, own): (&String, &Compared)| {
            let Compared { values, largest } = own;
            let module = &self.module;
            format!("{module},{test},{data},{functions},{software},{values},{largest:.1e}")
        };
        compared.iter().map(row).collect()
    }
}

impl Drop for Comparison {
    fn drop(&mut self) {
        let own = OPEN.with_borrow_mut(|open| {
            // Two comparisons may be open at once; the last one of this module is
            // meant.
            let place = open.modules.iter().rposition(|(module, ..)| *module == self.module);
            open.modules.remove(place.expect("it was opened")).2
        });
        let thread = std::thread::current();
        // without a thread of its own a test has no name
        let Some(name) = thread.name().filter(|name| *name != "main") else { return };
        // A test that fails compares nothing: its rows stay as they are.
        if std::thread::panicking() || own.is_empty() {
            return;
        }
        let program = env!("CARGO_CRATE_NAME");
        let name = match self.place {
            1 => format!("{program}::{name}"),
            place => format!("{program}::{name} ({place})"),
        };
        let rows = self.rows(&name, &own);
        hold(&format!("{},{name},", self.module), &rows);
    }
}

/// Holds the rows of a test against the list, or writes them into it.
fn hold(begin: &str, rows: &[String]) {
    // Tests write the list from several threads at once.
    static WRITING: Mutex<()> = Mutex::new(());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(LIST);
    let is_writing = std::env::var_os("RESTUDY_WRITE_DOCS").is_some();
    let guard = WRITING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let listed = text.lines().skip(1);
    let (own, others): (Vec<&str>, Vec<&str>) = listed.partition(|row| row.starts_with(begin));
    if is_writing {
        let mut all: Vec<&str> =
            others.into_iter().chain(rows.iter().map(String::as_str)).collect();
        all.sort_unstable();
        let text = format!("{HEADER}\n{}\n", all.join("\n"));
        std::fs::write(&path, text).expect("the list can be written");
        return;
    }
    drop(guard);
    assert_eq!(
        own, rows,
        "the list of comparisons with R is stale: RESTUDY_WRITE_DOCS=1 cargo test -p restudy-stats"
    );
}

/// What of R made a module's values, and its versions.
fn of_r(module: &str) -> (String, String) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference");
    let text = std::fs::read_to_string(root.join(module).join("values.json")).expect("values");
    let document: Value = serde_json::from_str(&text).expect("valid JSON");
    let mut functions: Vec<&str> = Vec::new();
    let mut is_written_out = false;
    for case in document["cases"].as_array().expect("cases") {
        let call = case["call"].as_str().unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
        let called = call
            .split('(')
            .map(|before| before.rsplit(|c: char| !is_part(c)).next().unwrap_or_default());
        let known: Vec<&str> = called.filter(|name| FUNCTIONS.contains(name)).collect();
        is_written_out |= known.is_empty();
        for name in known {
            if !functions.contains(&name) {
                functions.push(name);
            }
        }
    }
    functions.extend(is_written_out.then_some("written out"));
    let software = match document["versions"].as_object() {
        Some(versions) => {
            let version = |(name, version): (&String, &Value)| {
                format!("{name} {}", version.as_str().unwrap_or_default())
            };
            versions.iter().map(version).collect::<Vec<_>>().join("; ")
        }
        None => {
            let software = document["software"].as_str().expect("a version of R");
            let version = software.trim_start_matches("R version ");
            format!("R {}", version.split(' ').next().unwrap_or_default())
        }
    };
    (functions.join("; "), software)
}
