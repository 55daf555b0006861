//! The file format of plans, in TOML.

use serde::{Deserialize, Serialize};

use super::{Digest, Draft, Plan, PlanError};

/// The fields that freezing adds to a draft.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    /// The sample size, for readers of the file.
    units: usize,
    digest: String,
}

/// The serialized draft, which is hashed.
pub(super) fn canonical(draft: &Draft) -> String {
    // TOML can represent every draft: text, numbers, and tables with text keys.
    toml::to_string(draft).unwrap_or_default()
}

impl Draft {
    /// Parses a draft.
    ///
    /// # Errors
    ///
    /// The text is not a draft, or the plan is already frozen.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let (draft, frozen) = read(text)?;
        match frozen {
            Some(Frozen { digest, .. }) => Err(PlanError::AlreadyFrozen { digest }),
            None => Ok(draft),
        }
    }

    /// The draft as the text of a file.
    #[must_use]
    pub fn text(&self) -> String {
        canonical(self)
    }
}

impl Plan {
    /// Parses a frozen plan. It keeps the digest that was stored when the plan was frozen. If that is not the
    /// digest of its draft, the plan was changed, and an experiment with it is invalid.
    ///
    /// # Errors
    ///
    /// The text is not a plan, or the plan is not frozen.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let (draft, frozen) = read(text)?;
        let Frozen { digest, .. } = frozen.ok_or(PlanError::NotFrozen)?;
        Ok(Self { digest: Digest(digest), ..draft.freeze()? })
    }

    /// The plan as the text of a file.
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
