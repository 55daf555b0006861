//! Settings from a file and from the environment.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use config::{Config, ConfigError, Environment, File};
use serde::Deserializer;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer as _, SeqAccess, Visitor};

/// Settings that can say what is wrong with them.
pub trait Settings: DeserializeOwned {
    /// What each variable of the environment begins with: `SHOP` for `SHOP__LISTEN`.
    const PREFIX: &'static str;

    /// Looks at values that are of the right type and may still make no sense.
    ///
    /// # Errors
    ///
    /// The first key that is wrong.
    fn check(&self) -> Result<(), Wrong>;
}

/// A key whose value makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The key, with a dot between parts: `retry.times`.
    pub key: &'static str,
    /// What it has to be.
    pub why: String,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A source can't be read, or a value is of the wrong type; the message names the key.
    #[error("the settings can't be read")]
    Unreadable(#[from] ConfigError),
    /// A value makes no sense.
    #[error("the setting `{}` {}", .0.key, .0.why)]
    Wrong(Wrong),
}

/// Reads settings: defaults, then the file, then the environment, of which the last counts.
///
/// # Errors
///
/// A file that is not there or is no TOML, a key that is not known, missing or of the wrong type, and
/// what [`Settings::check`] finds. The message names the key.
pub fn load<S: Settings>(file: Option<&Path>) -> Result<S, SettingsError> {
    let mut sources = Config::builder();
    if let Some(file) = file {
        sources = sources.add_source(File::from(file));
    }
    let environment = Environment::with_prefix(S::PREFIX).prefix_separator("__").separator("__");
    let settings: S = sources.add_source(environment).build()?.try_deserialize()?;
    settings.check().map_err(SettingsError::Wrong)?;
    Ok(settings)
}

/// Nothing is wrong if the value is as wanted.
///
/// # Errors
///
/// The key, and why it is wrong.
pub fn wants(is_right: bool, key: &'static str, why: &str) -> Result<(), Wrong> {
    if is_right { Ok(()) } else { Err(Wrong { key, why: why.to_owned() }) }
}

/// Reads a list, which in a variable is a text with commas: `EU,US`.
///
/// # Errors
///
/// An element can't be read.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Elements<T>(PhantomData<T>);

    impl<'de, T: DeserializeOwned> Visitor<'de> for Elements<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list, or a text with commas between its elements")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
            let elements = text.split(',').map(str::trim).filter(|element| !element.is_empty());
            elements.map(|element| T::deserialize(element.into_deserializer())).collect()
        }

        fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Vec<T>, A::Error> {
            serde::Deserialize::deserialize(SeqAccessDeserializer::new(elements))
        }
    }

    deserializer.deserialize_any(Elements(PhantomData))
}
