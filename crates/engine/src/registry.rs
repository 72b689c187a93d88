//! Which kinds there are, by section of the pipeline file.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use study::{Finding, Output, StudySettings};

use crate::{Call, Kind, Mistake, Mistakes, RowEdit, Section, Wiring, Work};

/// A stage with its parameters, whatever its kind.
pub(crate) trait Stage: Send + Sync {
    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring;
    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes>;
    /// How much `run` has to do.
    fn work(&self, call: &Call<'_>) -> Work;
    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes>;
    /// The files that it reads with rows changed.
    fn edited(
        &self,
        call: &Call<'_>,
        edits: &[RowEdit],
    ) -> Result<BTreeMap<String, Vec<u8>>, Mistake>;
    /// The stage asked for one finding alone.
    fn narrowed(&self, finding: &Finding) -> Option<Box<dyn Stage>>;
    /// The parameters with all defaults filled in.
    fn parameters(&self) -> Value;
}

impl<K: Kind> Stage for K {
    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring {
        Kind::wiring(self, name, study)
    }
    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        // a library may panic on what a user wrote: that is said at the entry,
        // beside all other mistakes, before anything runs
        catch_unwind(AssertUnwindSafe(|| Kind::rehearse(self, call)))
            .unwrap_or_else(|thrown| Err(thrown_mistake(thrown.as_ref()).into()))
    }
    fn work(&self, call: &Call<'_>) -> Work {
        Kind::work(self, call)
    }
    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        Kind::run(self, call)
    }
    fn edited(
        &self,
        call: &Call<'_>,
        edits: &[RowEdit],
    ) -> Result<BTreeMap<String, Vec<u8>>, Mistake> {
        Kind::edited(self, call, edits)
    }
    fn narrowed(&self, finding: &Finding) -> Option<Box<dyn Stage>> {
        Kind::narrowed(self, finding).map(|narrowed| Box::new(narrowed) as Box<dyn Stage>)
    }
    fn parameters(&self) -> Value {
        serde_json::to_value(self).expect("invariant: parameters came from a plain value")
    }
}

/// What was thrown, as a mistake of the stage.
fn thrown_mistake(thrown: &(dyn Any + Send)) -> Mistake {
    let text = thrown.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| thrown.downcast_ref::<&str>().copied()).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    Mistake::new(format!("these parameters are more than the program can take: {first}"))
        .hint("write them in another way; and please report this, it is a bug in restudy")
}

type Decode = fn(Value) -> Result<Box<dyn Stage>, serde_json::Error>;

/// A registered kind.
pub(crate) struct Registered {
    pub(crate) version: u32,
    /// JSON Schema of the parameters, with `kind` left out; made when it is
    /// asked for, as no file has all kinds.
    pub(crate) schema: LazyLock<Value>,
    pub(crate) decode: Decode,
}

/// The kinds that a program offers.
#[derive(Default)]
pub struct Registry {
    kinds: BTreeMap<(Section, &'static str), Registered>,
}

impl Registry {
    /// A registry without kinds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers a kind in a section.
    ///
    /// # Panics
    /// If the section has a kind of that name already: a bug in the program.
    pub fn register<K: Kind>(&mut self, section: Section) {
        let registered = Registered {
            version: K::VERSION,
            schema: LazyLock::new(schema_of::<K>),
            decode: |value| Ok(Box::new(serde_json::from_value::<K>(value)?)),
        };
        let former = self.kinds.insert((section, K::NAME), registered);
        // Found with the first start of the program, long before a study.
        assert!(former.is_none(), "invariant: kind `{}` is registered once in {section}", K::NAME);
    }

    pub(crate) fn get(&self, section: Section, kind: &str) -> Option<&Registered> {
        self.kinds
            .iter()
            .find(|((of, name), _)| *of == section && *name == kind)
            .map(|(_, registered)| registered)
    }

    /// The names of the kinds of a section, in alphabetical order.
    pub fn names(&self, section: Section) -> impl Iterator<Item = &'static str> {
        self.kinds.keys().filter(move |(of, _)| *of == section).map(|(_, name)| *name)
    }

    /// JSON Schema of the parameters of a kind, `kind` itself left out.
    #[must_use]
    pub fn schema(&self, section: Section, kind: &str) -> Option<&Value> {
        self.get(section, kind).map(|registered| &*registered.schema)
    }
}

/// JSON Schema of a type, with every subschema in its place.
pub(crate) fn schema_of<T: schemars::JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        // The validator follows no references; see `spec::validate`.
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings).into_root_schema_for::<T>().to_value()
}
