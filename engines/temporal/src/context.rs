//! Contexts as a workflow holds them: text that it passes on, and reads only at forks and joins.

use std::sync::Arc;

use flowgen::Flow;
use serde::de::DeserializeOwned;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A context, as JSON.
///
/// One that could not be read at a fork or a join says why. It can't be saved, so whatever is done
/// next with it fails the workflow task, and the run waits for a worker that can read it.
#[derive(Clone, Debug)]
pub(crate) enum Context {
    Sound(Arc<RawValue>),
    Broken(Arc<str>),
}

impl Context {
    /// Writes a context.
    pub(crate) fn of<Cx: Serialize>(cx: &Cx) -> Self {
        match serde_json::value::to_raw_value(cx) {
            Ok(text) => Self::Sound(text.into()),
            Err(error) => Self::Broken(format!("the context can't be written: {error}").into()),
        }
    }

    /// Reads it; or says why it can't be read or was not written.
    pub(crate) fn read<Cx: DeserializeOwned>(&self) -> Result<Cx, String> {
        match self {
            Self::Sound(text) => serde_json::from_str(text.get())
                .map_err(|error| format!("the context is not what this worker knows: {error}")),
            Self::Broken(why) => Err(why.to_string()),
        }
    }
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Sound(text) => text.serialize(serializer),
            Self::Broken(why) => Err(S::Error::custom(why)),
        }
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self::Sound(text.into()))
    }
}

/// [`Flow::fork`], on text.
pub(crate) fn fork<F, Cx>(context: &Context) -> Option<Context>
where
    F: Flow<Cx>,
    Cx: Serialize + DeserializeOwned + Send,
{
    match context.read::<Cx>() {
        Ok(cx) => F::fork(&cx).map(|copy| Context::of(&copy)),
        Err(why) => Some(Context::Broken(why.into())),
    }
}

/// [`Flow::join`], on text.
pub(crate) fn join<F, Cx>(context: &mut Context, branch: Context)
where
    F: Flow<Cx>,
    Cx: Serialize + DeserializeOwned + Send,
{
    *context = match (context.read::<Cx>(), branch.read::<Cx>()) {
        (Ok(mut cx), Ok(branch)) => {
            F::join(&mut cx, branch);
            Context::of(&cx)
        }
        (Err(why), _) | (_, Err(why)) => Context::Broken(why.into()),
    };
}
