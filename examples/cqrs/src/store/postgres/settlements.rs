//! Decisions of operators about dead letters.

use sqlx::{Postgres as Db, Transaction};

use super::super::read_side::{Effect, effect};
use super::super::{Colour, Decision, Result, Settle, Settled, Settlement};
use super::Postgres;
use super::events::{EVENTS, recorded};
use super::views::{held, hold_views, write_folded};

impl Postgres {
    pub(crate) async fn settle(&self, settle: Settle) -> Result<Settled> {
        let mut transaction = self.pool.begin().await?;
        let live = hold_views(&mut transaction).await?.live;
        // The account comes from the dead letter, since the event itself may have been removed.
        let of = "SELECT account FROM dead_letters WHERE colour = $1 AND position = $2";
        let of = sqlx::query_scalar(of).bind(live.name()).bind(settle.position);
        let account: Option<String> = of.fetch_optional(&mut *transaction).await?;
        let settled = settle_in(&mut transaction, live, &settle).await?;
        if settled != Settled::Done {
            return Ok(settled);
        }
        // A spare view that is being rebuilt may have the dead letter, too, and becomes live later.
        settle_in(&mut transaction, live.other(), &settle).await?;
        sqlx::query("UPDATE views SET revision = revision + 1").execute(&mut *transaction).await?;
        let Settle { position, decision, reason, who, at } = &settle;
        let insert = sqlx::query(
            "INSERT INTO settlements (position, account, decision, reason, who, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        let insert =
            insert.bind(position).bind(account).bind(decision.name()).bind(reason).bind(who).bind(at);
        insert.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(settled)
    }

    pub(crate) async fn settlements(&self, limit: i64) -> Result<Vec<Settlement>> {
        let sql = "SELECT position, account, decision, reason, who, at_ms FROM settlements \
                   ORDER BY id DESC LIMIT $1";
        let rows: Vec<(i64, String, String, String, Option<String>, i64)> =
            sqlx::query_as(sql).bind(limit).fetch_all(&self.pool).await?;
        let settlement = |(position, account, decision, reason, who, at): (_, _, String, _, _, _)| {
            let decision = Decision::of(&decision);
            Settlement { position, account, decision, reason, who, at }
        };
        Ok(rows.into_iter().map(settlement).collect())
    }
}

/// Settles a dead letter in one view, whose row the transaction has locked.
async fn settle_in(
    transaction: &mut Transaction<'_, Db>,
    colour: Colour,
    settle: &Settle,
) -> Result<Settled> {
    let sql = "SELECT account, (SELECT min(position) FROM dead_letters AS first WHERE first.colour = $1 \
               AND first.account = letter.account) FROM dead_letters AS letter \
               WHERE colour = $1 AND position = $2";
    let letter = sqlx::query_as(sql).bind(colour.name()).bind(settle.position);
    let found: Option<(String, i64)> = letter.fetch_optional(&mut **transaction).await?;
    let Some((account, first)) = found else { return Ok(Settled::Unknown) };
    if first != settle.position {
        return Ok(Settled::Behind(first));
    }
    let sql = format!(
        "{EVENTS} WHERE position IN (SELECT position FROM dead_letters WHERE colour = $1 AND account = $2) \
         ORDER BY position"
    );
    let rows = sqlx::query(&sql).bind(colour.name()).bind(&account).fetch_all(&mut **transaction).await?;
    let events = rows.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
    let mut held = held(transaction, colour, &events).await?;
    held.dead.clear();
    match effect(settle, held, &events) {
        Effect::None(settled) => Ok(settled),
        Effect::GoesOn(folded) => {
            let sql = "DELETE FROM dead_letters WHERE colour = $1 AND account = $2";
            sqlx::query(sql).bind(colour.name()).bind(&account).execute(&mut **transaction).await?;
            write_folded(transaction, colour.name(), &folded).await?;
            Ok(Settled::Done)
        }
    }
}
