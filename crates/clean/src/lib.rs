//! Declared rules that turn raw tables into one row a patient. Each rule makes
//! a new version of a table and logs every change; none reads or writes files.

mod calendar;
mod cells;
mod kinds;
mod partial_date;
mod template;
#[cfg(test)]
mod testing;
mod text;
mod units;
mod written_date;
mod written_number;

/// Offers every kind of the `clean:` section.
pub fn register(registry: &mut engine::Registry) {
    kinds::register(registry);
}

#[cfg(test)]
mod tests {
    use engine::{Registry, Section};

    #[test]
    fn every_parameter_is_described() {
        let mut registry = Registry::new();
        super::register(&mut registry);
        let names: Vec<_> = registry.names(Section::Clean).collect();
        assert!(names.contains(&"recode"), "kinds are registered: {names:?}");
        for name in names {
            let schema = registry.schema(Section::Clean, name).expect("it is registered");
            assert!(schema["description"].is_string(), "{name} says what it does");
            assert_eq!(schema["additionalProperties"], false, "{name} refuses unknown keys");
            for (parameter, about) in schema["properties"].as_object().expect("a struct") {
                assert!(
                    about["description"].is_string(),
                    "{name}.{parameter} is described: {about}"
                );
            }
        }
    }
}
