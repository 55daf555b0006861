//! The log of exposed units.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::plan::Digest;
use crate::variant::Variant;

/// The log of exposures. It contains each unit once, with the first variant that the unit got.
#[derive(Debug, Default)]
pub struct ExposureLog(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    given: HashMap<String, Variant>,
    file: Option<csv::Writer<File>>,
}

impl ExposureLog {
    /// Opens a log file with its units. Each line has the unit, its variant, and the digest of the plan under
    /// which it was exposed.
    ///
    /// # Errors
    ///
    /// The file can't be read or written, or it is not an exposure log.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut given = HashMap::new();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.try_clone()?);
        for entry in reader.deserialize() {
            let (unit, variant, _digest): (String, Variant, String) = entry?;
            if unit.trim().is_empty() {
                let line = given.len() + 1;
                let why = format!("{}: line {line}: the id of the unit is empty", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            given.entry(unit).or_insert(variant);
        }
        Ok(Self(Mutex::new(Entries { given, file: Some(csv::WriterBuilder::new().from_writer(file)) })))
    }

    /// Creates a log file. Replaces an existing one.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        File::create(path)?;
        Self::open(path)
    }

    /// Logs units with their variants, unless they are already in the log. Returns after the log is on disk, with
    /// the number of units that had the other variant before.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn expose(&self, units: &[(String, Variant)], under: &Digest) -> io::Result<usize> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Entries { given, file } = &mut *entries;
        let mut crossed = 0;
        for (unit, variant) in units {
            if let Some(before) = given.get(unit) {
                crossed += usize::from(before != variant);
                continue;
            }
            if let Some(file) = file {
                file.write_record([unit, &variant.to_string(), &under.to_string()])?;
            }
            given.insert(unit.clone(), *variant);
        }
        if let Some(file) = file {
            file.flush()?;
            file.get_ref().sync_data()?;
        }
        Ok(crossed)
    }

    /// The variant of this unit, if it was exposed.
    #[must_use]
    pub fn variant(&self, unit: &str) -> Option<Variant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).given.get(unit).copied()
    }
}
