//! Converts old formats of events to the newest one when events are read. Stored events are never changed.
//!
//! To change an event, increase its format in [`newest`] and add the conversion from the format before.

use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// Converts the fields of one format to those of the next.
type Step = fn(Fields) -> Result<Fields, String>;

/// The conversions, by kind of event and old format.
const STEPS: &[(&str, i32, Step)] = &[("deposited", 1, euros_to_cents), ("withdrawn", 1, euros_to_cents)];

/// The format in which an event is written today. The first one is 1.
pub(super) fn newest(kind: &str) -> i32 {
    match kind {
        "deposited" | "withdrawn" => 2,
        _ => 1,
    }
}

/// Converts old fields to the newest format, step by step.
pub(super) fn to_newest(kind: &str, shape: i32, mut fields: Fields) -> Result<Fields, String> {
    if !(1..=newest(kind)).contains(&shape) {
        return Err(format!("the newest shape that is known is {}", newest(kind)));
    }
    for from in shape..newest(kind) {
        let step = STEPS.iter().find(|(of, at, _)| *of == kind && *at == from);
        let (.., step) = step.ok_or_else(|| format!("nothing leads on from shape {from}"))?;
        fields = step(fields)?;
    }
    Ok(fields)
}

/// In format 1, amounts were whole euros, and payments had no reference.
fn euros_to_cents(mut fields: Fields) -> Result<Fields, String> {
    let euros = fields.remove("euros").and_then(|euros| euros.as_u64());
    let cents = euros.and_then(|euros| euros.checked_mul(100)).ok_or("`euros` is no amount")?;
    fields.insert("cents".to_owned(), cents.into());
    fields.insert("reference".to_owned(), "".into());
    Ok(fields)
}
