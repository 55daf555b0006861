//! The read side: two views, one of which is live, with their positions and dead letters.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres as Db, Row as _, Transaction};

use super::super::{
    About, Advance, Behind, Colour, DeadLetter, Held, PROGRESS, Progress, Recorded, Result, Shown, Views,
};
use super::Postgres;
use super::events::after;
use crate::view::{AccountView, Answer, Folded, Line, Question, Statement};

const ACCOUNTS: &str = "SELECT account, owner, cents, is_closed, version, opened, changed FROM view_accounts";
const LETTERS: &str = "SELECT position, account, why, at_ms FROM dead_letters";

/// A row of [`LETTERS`].
type LetterRow = (i64, String, String, i64);

impl Postgres {
    pub(crate) async fn views(&self) -> Result<Views> {
        views(&mut *self.pool.acquire().await?).await
    }

    /// Reads positions, events and accounts from one snapshot. Otherwise another process could update the view in
    /// between, and events that the accounts already contain would look as if they could not be applied.
    pub(crate) async fn behind(&self, is_live: bool, limit: i64) -> Result<Behind> {
        let (_, at) = self.views().await?.one(is_live);
        // Read before the snapshot begins, so that the snapshot contains all events up to that position. The
        // position of the view in the meantime only affects how many events are read.
        let complete = self.complete(at).await?;
        let mut moment = self.moment().await?;
        let views = views(&mut moment).await?;
        let (colour, at) = views.one(is_live);
        let events = after(&mut moment, at, complete, limit).await?;
        let held = held(&mut moment, colour, &events).await?;
        moment.commit().await?;
        Ok(Behind { views, events, held })
    }

    pub(crate) async fn advance(&self, advance: Advance) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        let colour = advance.colour.name();
        let fence = sqlx::query(
            "UPDATE views SET position = $4 WHERE colour = $1 AND is_live = $2 AND position = $3 \
             AND revision = $5",
        );
        let fence = fence.bind(colour).bind(advance.is_live).bind(advance.from).bind(advance.to);
        let fence = fence.bind(advance.revision);
        if fence.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        write_folded(&mut transaction, colour, &advance.folded).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(crate) async fn empty(&self, colour: Colour, limit: i64) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        // A negative position matches no update.
        let lock = sqlx::query("UPDATE views SET position = -1 WHERE colour = $1 AND NOT is_live");
        if lock.bind(colour.name()).execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let mut most = 0;
        for table in ["view_accounts", "view_lines", "dead_letters"] {
            let sql = format!(
                "DELETE FROM {table} WHERE ctid = ANY (ARRAY \
                 (SELECT ctid FROM {table} WHERE colour = $1 LIMIT $2))"
            );
            let delete = sqlx::query(&sql).bind(colour.name()).bind(limit);
            most = most.max(delete.execute(&mut *transaction).await?.rows_affected());
        }
        if most == 0 {
            let open = sqlx::query("UPDATE views SET position = 0 WHERE colour = $1");
            open.bind(colour.name()).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(most > 0)
    }

    pub(crate) async fn switch(&self, to: Colour) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        // Both rows are locked, so that neither view is updated between this check and the switch.
        let views = hold_views(&mut transaction).await?;
        if views.live == to || views.spare_at < views.live_at {
            return Ok(views.live == to);
        }
        let switch = sqlx::query("UPDATE views SET is_live = (colour = $1)").bind(to.name());
        switch.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(crate) async fn progress(&self) -> Result<Progress> {
        let (events, live, unsent, dead_letters) = sqlx::query_as(PROGRESS).fetch_one(&self.pool).await?;
        Ok(Progress { events, live, unsent, dead_letters })
    }

    pub(crate) async fn dead_letters(&self, colour: Colour, limit: i64) -> Result<Vec<DeadLetter>> {
        let sql = format!("{LETTERS} WHERE colour = $1 ORDER BY position LIMIT $2");
        let found = sqlx::query_as(&sql).bind(colour.name()).bind(limit);
        let rows: Vec<LetterRow> = found.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(letter).collect())
    }

    pub(crate) async fn answer(&self, question: &Question, at_least: i64) -> Result<Shown> {
        let mut moment = self.moment().await?;
        let live = "SELECT colour, position FROM views WHERE is_live";
        let (colour, position): (String, i64) = sqlx::query_as(live).fetch_one(&mut *moment).await?;
        let answer = answer(&mut moment, &colour, question).await?;
        let held_up = held_up(&mut moment, &colour, &About::of(question, answer.as_ref()), at_least).await?;
        moment.commit().await?;
        Ok(Shown { answer, position, held_up })
    }
}

async fn views(connection: &mut PgConnection) -> Result<Views> {
    let sql = "SELECT colour, position, is_live, revision FROM views";
    let rows: Vec<(String, i64, bool, i64)> = sqlx::query_as(sql).fetch_all(connection).await?;
    Ok(Views::of(rows))
}

/// The state of the views. Their rows are locked until the transaction ends.
pub(super) async fn hold_views(transaction: &mut Transaction<'_, Db>) -> Result<Views> {
    let sql = "SELECT colour, position, is_live, revision FROM views ORDER BY colour FOR UPDATE";
    let rows: Vec<(String, i64, bool, i64)> = sqlx::query_as(sql).fetch_all(&mut **transaction).await?;
    Ok(Views::of(rows))
}

/// The content of a view for the accounts of these events.
pub(super) async fn held(
    moment: &mut Transaction<'_, Db>,
    colour: Colour,
    events: &[Recorded],
) -> Result<Held> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(Held::default()) };
    let accounts = Recorded::accounts(events);
    let sql = format!("{ACCOUNTS} WHERE colour = $1 AND account = ANY($2)");
    let found = sqlx::query(&sql).bind(colour.name()).bind(&accounts).fetch_all(&mut **moment).await?;
    let dead = "SELECT DISTINCT account FROM dead_letters WHERE colour = $1 AND account = ANY($2)";
    let dead: Vec<String> =
        sqlx::query_scalar(dead).bind(colour.name()).bind(&accounts).fetch_all(&mut **moment).await?;
    let skipped = "SELECT position FROM settlements WHERE decision = 'skip' AND position BETWEEN $1 AND $2";
    let skipped = sqlx::query_scalar(skipped).bind(first.position).bind(last.position);
    let skipped: Vec<i64> = skipped.fetch_all(&mut **moment).await?;
    let found = found.iter().map(account).collect::<Result<Vec<_>, _>>()?;
    Ok(Held {
        skipped: skipped.into_iter().collect(),
        accounts: found.into_iter().map(|account| (account.account.clone(), account)).collect(),
        dead: dead.into_iter().collect(),
    })
}

/// Writes the changes of a view.
pub(super) async fn write_folded(
    transaction: &mut Transaction<'_, Db>,
    colour: &str,
    folded: &Folded,
) -> Result<()> {
    for account in &folded.accounts {
        write_account(transaction, colour, account).await?;
    }
    for line in &folded.lines {
        let Line { account, version, cents, balance, reference, at } = line;
        let insert = sqlx::query("INSERT INTO view_lines VALUES ($1, $2, $3, $4, $5, $6, $7)");
        let insert = insert.bind(colour).bind(account).bind(version).bind(cents).bind(balance);
        insert.bind(reference).bind(at).execute(&mut **transaction).await?;
    }
    for letter in &folded.dead {
        let DeadLetter { position, account, why, at } = letter;
        let insert = sqlx::query("INSERT INTO dead_letters VALUES ($1, $2, $3, $4, $5)");
        let insert = insert.bind(colour).bind(position).bind(account).bind(why).bind(at);
        insert.execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn write_account(
    transaction: &mut Transaction<'_, Db>,
    colour: &str,
    view: &AccountView,
) -> Result<(), sqlx::Error> {
    let AccountView { account, owner, cents, is_closed, version, opened, changed } = view;
    let write = sqlx::query(
        "INSERT INTO view_accounts VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (colour, account) DO UPDATE SET owner = $3, cents = $4, is_closed = $5, \
         version = $6, opened = $7, changed = $8",
    );
    let write = write.bind(colour).bind(account).bind(owner).bind(cents).bind(is_closed);
    write.bind(version).bind(opened).bind(changed).execute(&mut **transaction).await?;
    Ok(())
}

async fn answer(
    moment: &mut Transaction<'_, Db>,
    colour: &str,
    question: &Question,
) -> Result<Option<Answer>> {
    Ok(match question {
        Question::Account(name) => one(moment, colour, name).await?.map(Answer::Account),
        Question::Statement { account: name, before, limit } => {
            let Some(account) = one(moment, colour, name).await? else { return Ok(None) };
            let sql = "SELECT account, version, cents, balance, reference, at_ms FROM view_lines \
                       WHERE colour = $1 AND account = $2 AND version < $3 ORDER BY version DESC LIMIT $4";
            let found = sqlx::query(sql).bind(colour).bind(name).bind(before).bind(limit);
            let rows = found.fetch_all(&mut **moment).await?;
            let lines = rows.iter().map(line).collect::<Result<_, _>>()?;
            Some(Answer::Statement(Statement { account, lines }))
        }
        Question::Accounts { after, limit } => {
            let sql = format!("{ACCOUNTS} WHERE colour = $1 AND account > $2 ORDER BY account LIMIT $3");
            let found = sqlx::query(&sql).bind(colour).bind(after).bind(limit);
            let rows = found.fetch_all(&mut **moment).await?;
            Some(Answer::Accounts(rows.iter().map(account).collect::<Result<_, _>>()?))
        }
    })
}

async fn one(moment: &mut Transaction<'_, Db>, colour: &str, name: &str) -> Result<Option<AccountView>> {
    let sql = format!("{ACCOUNTS} WHERE colour = $1 AND account = $2");
    let found = sqlx::query(&sql).bind(colour).bind(name).fetch_optional(&mut **moment).await?;
    Ok(found.as_ref().map(account).transpose()?)
}

/// The first dead letter of these accounts up to a position.
async fn held_up(
    moment: &mut Transaction<'_, Db>,
    colour: &str,
    about: &About<'_>,
    at_least: i64,
) -> Result<Option<DeadLetter>> {
    let sql = |accounts: &str| {
        format!("{LETTERS} WHERE colour = $1 AND position <= $2 AND {accounts} ORDER BY position LIMIT 1")
    };
    let row: Option<LetterRow> = match about {
        About::One(account) => {
            let sql = sql("account = $3");
            let found = sqlx::query_as(&sql).bind(colour).bind(at_least).bind(account);
            found.fetch_optional(&mut **moment).await?
        }
        About::Range(after, until) => {
            let sql = sql("account > $3 AND ($4 IS NULL OR account <= $4)");
            let found = sqlx::query_as(&sql).bind(colour).bind(at_least).bind(after).bind(until);
            found.fetch_optional(&mut **moment).await?
        }
    };
    Ok(row.map(letter))
}

fn letter((position, account, why, at): LetterRow) -> DeadLetter {
    DeadLetter { position, account, why, at }
}

fn account(row: &PgRow) -> Result<AccountView, sqlx::Error> {
    Ok(AccountView {
        account: row.try_get(0)?,
        owner: row.try_get(1)?,
        cents: row.try_get(2)?,
        is_closed: row.try_get(3)?,
        version: row.try_get(4)?,
        opened: row.try_get(5)?,
        changed: row.try_get(6)?,
    })
}

fn line(row: &PgRow) -> Result<Line, sqlx::Error> {
    Ok(Line {
        account: row.try_get(0)?,
        version: row.try_get(1)?,
        cents: row.try_get(2)?,
        balance: row.try_get(3)?,
        reference: row.try_get(4)?,
        at: row.try_get(5)?,
    })
}
