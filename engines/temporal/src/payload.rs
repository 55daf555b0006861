//! The encoding of values: JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_common::data_converters::{
    PayloadConversionError, SerializationContext, TemporalDeserializable, TemporalSerializable,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

/// A value that is encoded as JSON, and parsed directly from the text.
///
/// The SDK's own encoding parses into a tree first, which does not support 128-bit numbers, and would parse
/// contexts that a workflow only passes on.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

const ENCODING: &str = "encoding";
const JSON: &[u8] = b"json/plain";

impl<T: Serialize> TemporalSerializable for Json<T> {
    fn to_payload(&self, _: &SerializationContext<'_>) -> Result<Payload, PayloadConversionError> {
        let data = serde_json::to_vec(&self.0).map_err(malformed)?;
        let metadata = [(ENCODING.to_owned(), JSON.to_vec())].into();
        Ok(Payload { metadata, data, ..Payload::default() })
    }
}

impl<T: DeserializeOwned> TemporalDeserializable for Json<T> {
    fn from_payload(_: &SerializationContext<'_>, payload: Payload) -> Result<Self, PayloadConversionError> {
        serde_json::from_slice(&payload.data).map(Self).map_err(malformed)
    }
}

fn malformed(error: serde_json::Error) -> PayloadConversionError {
    PayloadConversionError::EncodingError(error.into())
}
