//! Old shapes of events, made new when they are read. What is stored is never changed.
//!
//! To change an event: raise its shape in [`newest`], and add the step from the shape before.

use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// Makes the fields of one shape those of the next.
type Step = fn(Fields) -> Result<Fields, String>;

/// From which event and shape each step leads on.
const STEPS: &[(&str, i32, Step)] = &[("deposited", 1, euros_to_cents), ("withdrawn", 1, euros_to_cents)];

/// The shape in which an event is written today. The first one is 1.
pub(super) fn newest(kind: &str) -> i32 {
    match kind {
        "deposited" | "withdrawn" => 2,
        _ => 1,
    }
}

/// Makes old fields those of the newest shape, step by step.
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

/// At first, amounts were whole euros, and nobody was asked what for.
fn euros_to_cents(mut fields: Fields) -> Result<Fields, String> {
    let euros = fields.remove("euros").and_then(|euros| euros.as_u64());
    let cents = euros.and_then(|euros| euros.checked_mul(100)).ok_or("`euros` is no amount")?;
    fields.insert("cents".to_owned(), cents.into());
    fields.insert("reference".to_owned(), "".into());
    Ok(fields)
}
