//! The lane `Shop`: implements the steps on disk.

use std::io;
use std::path::Path;

use flowgen::{Effect, Key, Result, Visit};

use crate::drawing::shop::{self as drawn, Paid};
use crate::{Order, Records};

/// A shop that stores its records in a folder.
#[derive(Clone, Debug)]
pub struct Shop {
    reservations: Records,
    charges: Records,
    parcels: Records,
}

impl Shop {
    /// Creates a shop with its records in this folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let [reservations, charges, parcels] =
            ["reservations", "charges", "parcels"].map(|name| Records::in_folder(folder.join(name)));
        Self { reservations, charges, parcels }
    }

    /// All effects that have not been undone: reservations, charges, parcels.
    ///
    /// # Errors
    ///
    /// The folder can't be read.
    pub async fn standing(&self) -> io::Result<Vec<String>> {
        let mut all = self.reservations.all().await?;
        all.append(&mut self.charges.all().await?);
        all.append(&mut self.parcels.all().await?);
        Ok(all)
    }

    /// Undoes the effect under this key manually, and refuses later attempts under it.
    ///
    /// # Errors
    ///
    /// The folder can't be written to.
    pub async fn take_back(&self, key: Key<'_>) -> io::Result<()> {
        for records in [&self.reservations, &self.charges, &self.parcels] {
            records.strike(key).await?;
        }
        Ok(())
    }
}

impl drawn::Shop<Order> for Shop {
    async fn reserve(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.reservations.enter(visit, &format!("{} set aside", order.goods)).await?;
        Ok(Effect::Done)
    }

    async fn charge(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        if order.cents > order.limit {
            return Ok(Effect::NotDone);
        }
        self.charges.enter(visit, &format!("{} cents for {}", order.cents, order.goods)).await?;
        order.is_paid = true;
        Ok(Effect::Done)
    }

    async fn paid(&self, order: &Order, _: &Visit) -> Result<Paid> {
        Ok(if order.is_paid { Paid::Yes } else { Paid::No })
    }

    async fn ship(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.parcels.enter(visit, &format!("{} on its way", order.goods)).await?;
        Ok(Effect::Done)
    }
}

impl drawn::Compensation<Order> for Shop {
    async fn recall(&self, _: &mut Order, visit: &Visit) -> Result {
        undo(&self.parcels, visit).await
    }

    async fn refund(&self, _: &mut Order, visit: &Visit) -> Result {
        undo(&self.charges, visit).await
    }

    async fn release(&self, _: &mut Order, visit: &Visit) -> Result {
        undo(&self.reservations, visit).await
    }
}

/// Undoes the entry of the step that this visit compensates, and refuses later attempts.
async fn undo(records: &Records, visit: &Visit) -> Result {
    if let Some(key) = visit.undoes() {
        records.strike(key).await?;
    }
    Ok(())
}
