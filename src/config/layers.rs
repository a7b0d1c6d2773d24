//! The layers of the configuration, with the origin of each value.
//!
//! Values are added one at a time, and everything is parsed after each. A parse error therefore
//! belongs to the value that was just added.

use std::{collections::HashMap, path::Path};

use serde_json::Value as Json;
use toml::{Table, Value, de::DeTable};

use super::{ConfigError, Origin, Settings, contradictions};

/// Minimum similarity between an unknown key and the valid one that the error suggests.
const LIKENESS: f64 = 0.75;

/// The built-in defaults.
pub(super) fn defaults() -> Table {
    include_str!("../../config/default.toml").parse().expect("config/default.toml is TOML")
}

pub(super) struct Layers {
    values: Table,
    origins: HashMap<String, Origin>,
    /// The default settings, with `null` for unset values. It contains every valid key.
    schema: Json,
}

impl Layers {
    pub(super) fn new() -> Self {
        let schema = serde_json::to_value(Settings::default()).expect("settings are plain values");
        Self { values: defaults(), origins: HashMap::new(), schema }
    }

    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let at = |offset: usize| Origin::File { path: path.to_owned(), line: text[..offset].matches('\n').count() + 1 };
        let syntax = |error: toml::de::Error| ConfigError::Syntax {
            origin: at(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        };
        let document = DeTable::parse(&text).map_err(syntax)?;
        let values: Table = toml::from_str(&text).map_err(syntax)?;

        for (section, spanned) in document.get_ref() {
            let origin = at(section.span().start);
            let section: &str = section.get_ref();
            if self.schema.get(section).is_none() {
                return Err(self.unknown(section, origin));
            }
            let (Some(spans), Value::Table(keys)) = (spanned.get_ref().as_table(), &values[section]) else {
                return Err(ConfigError::InvalidValue {
                    key: section.to_owned(),
                    origin,
                    reason: format!("expected a table `[{section}]` of keys"),
                });
            };
            for key in spans.keys() {
                let name: &str = key.get_ref();
                self.add(section, name, keys[name].clone(), at(key.span().start))?;
            }
        }
        Ok(())
    }

    pub(super) fn add_environment(&mut self, env: impl Iterator<Item = (String, String)>) -> Result<(), ConfigError> {
        for (name, text) in env {
            let Some(path) = name.strip_prefix("WRIT__") else {
                continue;
            };
            let path = path.to_ascii_lowercase();
            let origin = Origin::Variable(name);
            let Some((section, key)) = path.split_once("__") else {
                return Err(self.unknown(&path, origin));
            };
            let value = match self.schema.get(section).and_then(|keys| keys.get(key)) {
                Some(Json::Number(_)) => text.parse().map_or(Value::String(text), Value::Integer),
                Some(Json::Bool(_)) => text.parse().map_or(Value::String(text), Value::Boolean),
                Some(Json::Array(_)) => Value::Array(
                    text.split(',')
                        .map(str::trim)
                        .filter(|item| !item.is_empty())
                        .map(|item| Value::String(item.to_owned()))
                        .collect(),
                ),
                _ => Value::String(text),
            };
            // An empty value, such as `${NAME:-}` in a compose file, counts as unset. For a list it
            // is an empty list.
            if value.as_str().is_some_and(|text| text.trim().is_empty()) && self.is_valid(section, key) {
                continue;
            }
            self.add(section, key, value, origin)?;
        }
        Ok(())
    }

    fn is_valid(&self, section: &str, key: &str) -> bool {
        self.schema.get(section).is_some_and(|keys| keys.get(key).is_some())
    }

    /// Adds a value on top of the earlier layers.
    fn add(&mut self, section: &str, key: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
        let path = format!("{section}.{key}");
        if !self.is_valid(section, key) {
            return Err(self.unknown(&path, origin));
        }
        let keys = self.values[section].as_table_mut().expect("a section is a table");
        keys.insert(key.to_owned(), value);
        if let Err(error) = self.values.clone().try_into::<Settings>() {
            return Err(ConfigError::InvalidValue { key: path, origin, reason: error.message().to_owned() });
        }
        self.origins.insert(path, origin);
        Ok(())
    }

    /// The settings of all layers combined.
    pub(super) fn into_settings(mut self) -> Result<Settings, ConfigError> {
        let settings: Settings = self.values.try_into().expect("each value was read when added");
        match contradictions::find(&settings) {
            None => Ok(settings),
            Some(contradiction) => {
                let mut origin = |key| self.origins.remove(key).unwrap_or(Origin::Default);
                Err(ConfigError::Contradiction {
                    first: origin(contradiction.first),
                    second: origin(contradiction.second),
                    contradiction,
                })
            }
        }
    }

    fn unknown(&self, key: &str, origin: Origin) -> ConfigError {
        ConfigError::UnknownKey { nearest: self.nearest(key), key: key.to_owned(), origin }
    }

    /// The valid key most similar to `key`, compared by its path or by its name in any section.
    fn nearest(&self, key: &str) -> Option<String> {
        let name = key.rsplit('.').next().unwrap_or(key);
        valid_keys(&self.schema)
            .map(|(section, valid)| {
                let path = format!("{section}.{valid}");
                let likeness = strsim::normalized_damerau_levenshtein(key, &path)
                    .max(strsim::normalized_damerau_levenshtein(name, valid));
                (likeness, path)
            })
            .filter(|(likeness, _)| *likeness >= LIKENESS)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, path)| path)
    }
}

/// All valid keys with their sections.
pub(super) fn valid_keys(schema: &Json) -> impl Iterator<Item = (&str, &str)> {
    let sections = schema.as_object().into_iter().flatten();
    sections.flat_map(|(section, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, _)| (section.as_str(), key.as_str()))
    })
}
