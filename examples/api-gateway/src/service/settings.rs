//! Settings from a file and from the environment.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use config::{Config, ConfigError, Environment, File};
use serde::Deserializer;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer as _, SeqAccess, Visitor};

/// Settings that can be validated.
pub trait Settings: DeserializeOwned {
    /// The prefix of environment variables: `SHOP` for `SHOP__LISTEN`.
    const PREFIX: &'static str;

    /// Validates values that have the right type.
    ///
    /// # Errors
    ///
    /// The first invalid key.
    fn check(&self) -> Result<(), Wrong>;
}

/// A key with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The key, with dots between its parts: `retry.times`.
    pub key: &'static str,
    /// The requirement on the value.
    pub why: String,
}

/// Error from loading the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A source can't be read, or a value has the wrong type. The message names the key.
    #[error("the settings can't be read")]
    Unreadable(#[from] ConfigError),
    /// A value is invalid.
    #[error("the setting `{}` {}", .0.key, .0.why)]
    Wrong(Wrong),
}

/// Loads settings from defaults, the file and the environment. Later sources take precedence.
///
/// # Errors
///
/// The file does not exist or is not TOML, a key is unknown, missing or of the wrong type, or [`Settings::check`]
/// fails. The message names the key.
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

/// Returns `Ok` if the value is right.
///
/// # Errors
///
/// The key and the requirement, if the value is not right.
pub fn wants(is_right: bool, key: &'static str, why: &str) -> Result<(), Wrong> {
    if is_right { Ok(()) } else { Err(Wrong { key, why: why.to_owned() }) }
}

/// Deserializes a list. In a variable, it is a text with commas: `EU,US`.
///
/// # Errors
///
/// An element can't be deserialized.
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
