//! Saving the values of a run.
//!
//! The store is a list of `[id, name, value]`. Names are saved as text, and ids do not depend on the drawing. So a
//! changed drawing reads the values whose names it still has.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::store::Data;
use super::value::Value;
use crate::flow::Node;
use crate::plan::Plan;
use crate::routing::ValueId;

/// Values that an engine can save. Implemented by generated code.
#[diagnostic::on_unimplemented(message = "the values of this flow cannot be saved")]
pub trait SavedValue: Value {
    /// Serializes the value, without its name.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    fn save<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Deserializes a value of this name.
    ///
    /// # Errors
    ///
    /// If the data is not a value of the name's type: see [`decode`].
    fn load<'de, D: Deserializer<'de>>(name: u32, deserializer: D) -> Result<Self, D::Error>;
}

/// Deserializes a value of a user's type. Generated code calls it.
///
/// # Errors
///
/// The error of the type's `Deserialize`, with the name of the type.
pub fn decode<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let unreadable = |error| D::Error::custom(format!("is no `{}`: {error}", type_name::<T>()));
    T::deserialize(deserializer).map_err(unreadable)
}

impl<V: SavedValue> Serialize for Data<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plan = V::Node::PLAN;
        let mut list = serializer.serialize_seq(None)?;
        for (id, value) in self.iter() {
            list.serialize_element(&(id, plan.name(value.name()), Saved(value)))?;
        }
        list.end()
    }
}

struct Saved<'v, V>(&'v V);

impl<V: SavedValue> Serialize for Saved<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.save(serializer)
    }
}

/// Values whose name the drawing does not have are left out. If a node still needs one, the run is refused.
impl<'de, V: SavedValue> Deserialize<'de> for Data<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Values(PhantomData))
    }
}

struct Values<V>(PhantomData<V>);

impl<'de, V: SavedValue> Visitor<'de> for Values<V> {
    type Value = Data<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a run")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Data<V>, A::Error> {
        let mut data = Data::new();
        while let Some(entry) = list.next_element_seed(Entry(PhantomData))? {
            if let Some((id, value)) = entry {
                if data.get(id).is_some() {
                    return Err(A::Error::custom(format!("the value {} is there twice", id.get())));
                }
                data.insert(id, value);
            }
        }
        Ok(data)
    }
}

struct Entry<V>(PhantomData<V>);

impl<'de, V: SavedValue> DeserializeSeed<'de> for Entry<V> {
    type Value = Option<(ValueId, V)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_tuple(3, self)
    }
}

impl<'de, V: SavedValue> Visitor<'de> for Entry<V> {
    type Value = Option<(ValueId, V)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its id and name")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entry: A) -> Result<Self::Value, A::Error> {
        let short = || A::Error::invalid_length(3, &"an id, a name and a value");
        let id: ValueId = entry.next_element()?.ok_or_else(short)?;
        let text: Cow<'_, str> = entry.next_element()?.ok_or_else(short)?;
        let names = V::Node::PLAN.names;
        let Some(name) = (0..).zip(names).find(|(_, name)| **name == text).map(|(name, _)| name) else {
            entry.next_element::<IgnoredAny>()?.ok_or_else(short)?;
            return Ok(None);
        };
        let value = entry.next_element_seed(OfName::<V> { name, values: PhantomData });
        let value = value.map_err(|error| {
            A::Error::custom(format!("`{text}`, which {} gives, {error}", givers(V::Node::PLAN, name)))
        });
        Ok(Some((id, value?.ok_or_else(short)?)))
    }
}

struct OfName<V> {
    name: u32,
    values: PhantomData<V>,
}

impl<'de, V: SavedValue> DeserializeSeed<'de> for OfName<V> {
    type Value = V;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V, D::Error> {
        V::load(self.name, deserializer)
    }
}

/// The nodes that give a name: `` `Reserve` (n3) ``.
fn givers(plan: &Plan, name: u32) -> String {
    let gives = plan.nodes.iter().filter(|node| node.gives.iter().any(|output| output.name == Some(name)));
    let nodes: Vec<String> = gives.map(|node| format!("`{}` ({})", node.label, node.id)).collect();
    if nodes.is_empty() { "no node".to_owned() } else { nodes.join(" or ") }
}
