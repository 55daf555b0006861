//! Contexts and runs as JSON text, because a workflow passes most of them on without reading them.

use std::sync::Arc;

use flowgen::data::ValueId;
use flowgen::{Flow, Panicked};
use serde::de::DeserializeOwned;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A context, or a run, as JSON.
///
/// A value that could not be written contains the error. It can't be sent either, so the next use of it fails the
/// workflow task, and the run waits for a worker that can write it.
#[derive(Clone, Debug)]
pub(crate) enum ContextJson {
    Sound(Arc<RawValue>),
    Broken(Arc<str>),
}

impl ContextJson {
    /// Writes a value.
    pub(crate) fn new<T: Serialize>(value: &T) -> Self {
        match Panicked::catch(|| serde_json::value::to_raw_value(value)) {
            Ok(Ok(text)) => Self::Sound(text.into()),
            Ok(Err(error)) => Self::Broken(format!("it can't be written as JSON: {error}").into()),
            Err(panicked) => Self::Broken(format!("`Serialize` {panicked}").into()),
        }
    }

    /// Reads the value, or returns why it can't be read or was not written.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        match self {
            Self::Sound(text) => match Panicked::catch(|| serde_json::from_str(text.get())) {
                Ok(read) => read.map_err(|error| format!("it is not what this program knows: {error}")),
                Err(panicked) => Err(format!("`Deserialize` {panicked}")),
            },
            Self::Broken(why) => Err(why.to_string()),
        }
    }
}

impl Serialize for ContextJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Sound(text) => text.serialize(serializer),
            Self::Broken(why) => Err(S::Error::custom(why)),
        }
    }
}

impl<'de> Deserialize<'de> for ContextJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self::Sound(text.into()))
    }
}

/// [`Flow::fork`], on text.
pub(crate) fn fork<F, Cx>(context: &ContextJson) -> Option<ContextJson>
where
    F: Flow<Cx>,
    Cx: Serialize + DeserializeOwned + Send,
{
    match context.read::<Cx>() {
        Ok(cx) => F::fork(&cx).map(|copy| ContextJson::new(&copy)),
        Err(why) => Some(ContextJson::Broken(why.into())),
    }
}

/// [`Flow::join`], on text.
#[expect(clippy::needless_pass_by_value, reason = "the interpreter hands a branch's context over")]
pub(crate) fn join<F, Cx>(context: &mut ContextJson, branch: ContextJson)
where
    F: Flow<Cx>,
    Cx: Serialize + DeserializeOwned + Send,
{
    *context = match (context.read::<Cx>(), branch.read::<Cx>()) {
        (Ok(mut cx), Ok(branch)) => {
            F::join(&mut cx, branch);
            ContextJson::new(&cx)
        }
        (Err(why), _) | (_, Err(why)) => ContextJson::Broken(why.into()),
    };
}

/// [`Flow::retain`], on text.
pub(crate) fn retain<F, Cx>(context: &mut ContextJson, is_needed: &dyn Fn(ValueId) -> bool)
where
    F: Flow<Cx>,
    Cx: Serialize + DeserializeOwned + Send,
{
    // The next step reports a context that can't be read.
    if let Ok(mut cx) = context.read::<Cx>() {
        F::retain(&mut cx, is_needed);
        *context = ContextJson::new(&cx);
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::ContextJson;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sum {
        cents: u128,
    }

    #[test]
    fn numbers_keep_their_length() {
        let sum = Sum { cents: u128::MAX };
        let text = serde_json::to_string(&ContextJson::new(&sum)).unwrap();
        assert_eq!(serde_json::from_str::<ContextJson>(&text).unwrap().read(), Ok(sum));
    }

    #[test]
    fn what_can_not_be_read_says_why_and_is_not_sent() {
        let text: ContextJson = serde_json::from_str(r#"{"pieces": 2}"#).unwrap();
        let why = text.read::<Sum>().unwrap_err();
        assert!(why.starts_with("it is not what this program knows: missing field `cents`"), "{why}");
        let error = serde_json::to_string(&ContextJson::Broken(why.into())).unwrap_err();
        assert!(error.to_string().contains("missing field"), "{error}");
    }
}
