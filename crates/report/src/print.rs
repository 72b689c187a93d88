//! Figures on their way to print: which files a figure has, at which size, and by the rules of
//! which journal. A kind of figure draws and knows nothing of it: [`Printed`] stands round the kind,
//! takes what a figure says of its print, and makes the files of what was drawn.

mod finish;
mod measured;
mod plan;
mod preset;
mod rules;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Kind, Mistake, Mistakes, Section, Wiring, Work};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};
use study::{Body, Exhibit, FigureSettings, FileFormat, Output, StudySettings};

#[cfg(test)]
pub(crate) use self::plan::DRAWN_PT;

use self::finish::Finish;
use self::plan::Plan;
use self::rules::Rules;
use crate::exhibit::figure_path;
use crate::render::{self, part_name};

/// A kind of figure with what every figure may say of its print.
pub struct Printed<K> {
    kind: K,
    /// The parameters of the kind as the file has them.
    given: Map<String, Json>,
    said: FigureSettings,
    number: Option<u32>,
}

/// What a figure alone can say.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Numbered {
    /// The number of the figure in the manuscript, where a journal calls files by it (`Fig1.tif`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 999))]
    number: Option<u32>,
}

/// The settings of print, all of which a figure may say itself.
const SETTINGS: [&str; 7] =
    ["files", "dpi", "journal", "text_scale", "black_text", "midline_decimals", "accept"];

impl<'de, K: DeserializeOwned> Deserialize<'de> for Printed<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut given = Map::deserialize(deserializer)?;
        // Taken out by hand: serde's `flatten` does not go with refusing unknown keys, which the
        // parts do.
        let mut taken = |keys: &[&str]| {
            let own = keys.iter().filter_map(|key| given.shift_remove_entry(*key));
            Json::Object(own.collect())
        };
        let said = serde_json::from_value(taken(&SETTINGS)).map_err(D::Error::custom)?;
        let numbered: Numbered =
            serde_json::from_value(taken(&["number"])).map_err(D::Error::custom)?;
        let kind = serde_json::from_value(Json::Object(given.clone())).map_err(D::Error::custom)?;
        Ok(Self { kind, given, said, number: numbered.number })
    }
}

impl<K: Serialize> Serialize for Printed<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parameters = object(&self.kind).map_err(unserializable::<S>)?;
        // a width that the file leaves out is no 183 mm: a journal may make it another
        if !self.given.contains_key("width_mm") {
            parameters.shift_remove("width_mm");
        }
        parameters.extend(object(&self.said).map_err(unserializable::<S>)?);
        let numbered = Numbered { number: self.number };
        parameters.extend(object(&numbered).map_err(unserializable::<S>)?);
        parameters.serialize(serializer)
    }
}

fn unserializable<S: Serializer>(error: serde_json::Error) -> S::Error {
    serde::ser::Error::custom(error)
}

/// A struct as the object that it is in JSON.
fn object(value: &impl Serialize) -> Result<Map<String, Json>, serde_json::Error> {
    match serde_json::to_value(value)? {
        Json::Object(object) => Ok(object),
        _ => Err(serde_json::Error::custom("no mapping")),
    }
}

impl<K: JsonSchema> JsonSchema for Printed<K> {
    fn schema_name() -> Cow<'static, str> {
        K::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = K::json_schema(generator);
        let more = [FigureSettings::json_schema(generator), Numbered::json_schema(generator)];
        let own = schema.ensure_object().entry("properties").or_insert_with(|| Map::new().into());
        if let Json::Object(own) = own {
            let more = more.iter().filter_map(|more| more.get("properties")?.as_object());
            // Behind the kind's own, so that an editor lists first what is particular to the
            // figure.
            own.extend(more.flatten().map(|(key, value)| (key.clone(), value.clone())));
        }
        schema
    }
}

impl<K: Kind> Kind for Printed<K> {
    const NAME: &'static str = K::NAME;
    const VERSION: u32 = K::VERSION;

    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring {
        self.kind.wiring(name, study)
    }

    fn work(&self, call: &Call<'_>) -> Work {
        self.kind.work(call)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let plan = self.plan(call.study);
        let mut mistakes = self.check(&plan, call.study);
        // Rehearsed as it will be drawn, so that what is too narrow for its letters shows before a
        // run.
        match self.as_drawn(&plan).get(&self.kind).rehearse(&handed(call, &plan.finish)) {
            Ok(mut output) => {
                for (format, place, parts) in files(&plan, output.exhibit.as_ref()) {
                    let path = path(&plan, call.name, format, (place, parts));
                    output.files.insert(path, Vec::new());
                }
                mistakes.or(output)
            }
            Err(found) => {
                mistakes.0.extend(enlarged(found, &plan).0);
                Err(mistakes)
            }
        }
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let plan = self.plan(call.study);
        let drawn = self.as_drawn(&plan).get(&self.kind).run(&handed(call, &plan.finish));
        let mut output = drawn.map_err(|found| enlarged(found, &plan))?;
        if let Some(exhibit) = &mut output.exhibit {
            if let Body::Figure(drawings) = &mut exhibit.body {
                for drawing in drawings {
                    *drawing = plan.finish.of(drawing);
                }
            }
            output.files.extend(self.made(&plan, call.name, exhibit)?);
        }
        Ok(output)
    }
}

impl<K: Kind> Printed<K> {
    fn plan(&self, study: &StudySettings) -> Plan {
        let drawn = object(&self.kind).expect("invariant: parameters came from a plain value");
        Plan::of(&self.said, self.number, study, (&self.given, &drawn))
    }

    /// The kind by the parameters that it is drawn by.
    fn as_drawn(&self, plan: &Plan) -> AsDrawn<K> {
        let drawn = object(&self.kind).expect("invariant: parameters came from a plain value");
        let parameters = plan.drawn_by(&self.given, &drawn);
        AsDrawn(parameters.map(|parameters| {
            serde_json::from_value(Json::Object(parameters))
                .expect("invariant: only lengths and switches of the kind were changed")
        }))
    }

    fn check(&self, plan: &Plan, study: &StudySettings) -> Mistakes {
        let mut mistakes = Mistakes::default();
        for (place, format) in plan.files.iter().enumerate() {
            if plan.files[..place].contains(format) {
                let at = ["files", &place.to_string()];
                mistakes.push(Mistake::at(&at, format!("`{}` is listed twice", format.key())));
            }
        }
        let names = plan.preset.as_ref().is_some_and(|preset| preset.file_name.is_some());
        if self.number.is_some() && !names {
            let mistake = Mistake::at(&["number"], "no journal calls the files by `number`");
            mistakes.push(mistake.hint("leave it out, or name the journal in `journal`"));
        }
        if let Some(mut rules) = Rules::of(plan, &self.said, &self.given) {
            // The mark of data that are not observed is red, and names of groups have the colours
            // of their curves. No other kind colours letters of its own.
            rules.check(study.mark().is_some() || K::NAME == "survival_figure");
            mistakes.0.extend(rules.into_mistakes().0);
        }
        mistakes
    }

    /// The files of a finished figure.
    fn made(
        &self,
        plan: &Plan,
        name: &str,
        exhibit: &Exhibit,
    ) -> Result<BTreeMap<String, Vec<u8>>, Mistakes> {
        let Body::Figure(drawings) = &exhibit.body else { return Ok(BTreeMap::new()) };
        let failed = |error: crate::draw::DrawError| Mistake::new(error.to_string());
        let mut rules = Rules::of(plan, &self.said, &self.given);
        for drawing in drawings {
            // The drawing is measured as well as the file: text of a study and panels of others may
            // have sizes that no parameter tells.
            rules.as_mut().map(|rules| rules.examine(drawing)).transpose().map_err(failed)?;
        }
        let mut made = BTreeMap::new();
        for (format, place, parts) in files(plan, Some(exhibit)) {
            let part = (place, &drawings[place]);
            let file =
                render::figure_file(format, exhibit, part, plan.dpi(format)).map_err(failed)?;
            if let Some(rules) = &mut rules {
                rules.examine_file(format, file.len());
            }
            made.insert(path(plan, name, format, (place, parts)), file);
        }
        rules.map_or(Ok(()), |rules| rules.into_mistakes().or(()))?;
        Ok(made)
    }
}

/// The kind by other parameters than the file's, where a journal or a scale asks for it.
struct AsDrawn<K>(Option<K>);

impl<K> AsDrawn<K> {
    fn get<'a>(&'a self, kind: &'a K) -> &'a K {
        self.0.as_ref().unwrap_or(kind)
    }
}

/// Every file of a figure: its format, the place of the part, and how many parts there are.
fn files(plan: &Plan, exhibit: Option<&Exhibit>) -> Vec<(FileFormat, usize, usize)> {
    let parts = match exhibit.map(|exhibit| &exhibit.body) {
        Some(Body::Figure(drawings)) => drawings.len(),
        _ => 0,
    };
    let all = plan.files.iter().flat_map(|format| (0..parts).map(|place| (*format, place, parts)));
    all.collect()
}

fn path(plan: &Plan, name: &str, format: FileFormat, (place, parts): (usize, usize)) -> String {
    let name = plan.file_name(name, format);
    figure_path(&part_name(&name, place, parts), format)
}

/// The call with the figures of other entries as they were drawn: what is composed of them is finished
/// as a whole, and each panel comes out as large as alone.
fn handed<'a>(call: &Call<'a>, finish: &Finish) -> Call<'a> {
    let stages = call.stages.iter().map(|(name, section, output)| {
        let output = match (section, &output.exhibit) {
            // Figures that it is composed of were made larger already, and would be so twice.
            (Section::Report, Some(exhibit)) if finish.scale != 1.0 => {
                Arc::new(Output { exhibit: Some(undone(exhibit, finish)), ..Output::clone(output) })
            }
            _ => Arc::clone(output),
        };
        (name.clone(), *section, output)
    });
    Call {
        name: call.name,
        study: call.study,
        claims: call.claims,
        provenance: call.provenance.clone(),
        seed: call.seed,
        tables: call.tables.clone(),
        stages: stages.collect(),
        files: call.files.clone(),
        unknowns: call.unknowns.clone(),
    }
}

fn undone(exhibit: &Exhibit, finish: &Finish) -> Exhibit {
    let body = match &exhibit.body {
        Body::Figure(drawings) => {
            Body::Figure(drawings.iter().map(|drawing| finish.undone(drawing)).collect())
        }
        Body::Table(table) => Body::Table(table.clone()),
    };
    Exhibit { body, ..exhibit.clone() }
}

/// Mistakes of a drawing that is made larger or smaller: the lengths they speak of are those before.
fn enlarged(mut mistakes: Mistakes, plan: &Plan) -> Mistakes {
    let scale = plan.finish.scale;
    let is_length = |mistake: &&mut Mistake| {
        scale != 1.0
            && mistake.at.first().is_some_and(|at| ["width_mm", "height_mm"].contains(&at.as_str()))
    };
    for mistake in mistakes.0.iter_mut().filter(is_length) {
        // A message says the width that the drawing needs. What is written in the file is that of
        // the print.
        let about = format!("all is drawn {scale} times as large: multiply these lengths by it");
        let hint =
            mistake.hint.take().map_or_else(|| about.clone(), |hint| format!("{hint}; {about}"));
        mistake.hint = Some(hint);
    }
    mistakes
}
