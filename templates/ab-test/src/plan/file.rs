//! A plan as a file, in TOML.

use serde::{Deserialize, Serialize};

use super::{Digest, Draft, Plan, PlanError};

/// What is added to a draft once it is frozen.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    /// For people: how many units it takes.
    units: usize,
    digest: String,
}

/// The draft as it is hashed.
pub(super) fn canonical(draft: &Draft) -> String {
    // A draft has nothing that TOML can't say: text, numbers, tables with text for keys.
    toml::to_string(draft).unwrap_or_default()
}

impl Draft {
    /// Reads a draft.
    ///
    /// # Errors
    ///
    /// A text that is no draft, or one that is frozen already.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let (draft, frozen) = read(text)?;
        match frozen {
            Some(Frozen { digest, .. }) => Err(PlanError::AlreadyFrozen { digest }),
            None => Ok(draft),
        }
    }

    /// It as the text of a file.
    #[must_use]
    pub fn text(&self) -> String {
        canonical(self)
    }
}

impl Plan {
    /// Reads a frozen plan. It keeps the digest that was written down when it was frozen: where that
    /// is not the one of its draft, it was changed since, and an experiment after it is invalid.
    ///
    /// # Errors
    ///
    /// A text that is no plan, and one that is not frozen.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let (draft, frozen) = read(text)?;
        let Frozen { digest, .. } = frozen.ok_or(PlanError::NotFrozen)?;
        Ok(Self { digest: Digest(digest), ..draft.freeze()? })
    }

    /// It as the text of a file.
    #[must_use]
    pub fn text(&self) -> String {
        let frozen = Frozen { units: self.units, digest: self.digest.to_string() };
        format!("{}\n[frozen]\n{}", canonical(&self.draft), toml::to_string(&frozen).unwrap_or_default())
    }
}

fn read(text: &str) -> Result<(Draft, Option<Frozen>), PlanError> {
    let mut table: toml::Table = toml::from_str(text)?;
    let frozen = table.remove("frozen").map(toml::Value::try_into).transpose()?;
    Ok((table.try_into()?, frozen))
}
