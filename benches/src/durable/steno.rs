//! Steno, which asks its user for a store. This one is as quick as we can make it: like flowgen's it has one
//! thread that writes, and commits all that is waiting at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use async_trait::async_trait;
use rusqlite::{Connection, params};
use steno::{
    ActionContext, ActionError, ActionRegistry, DagBuilder, Node, SagaCachedState, SagaCreateParams, SagaDag,
    SagaId, SagaName, SagaNodeEvent, SagaType, SecStore, new_action_noop_undo,
};
use tokio::sync::oneshot;

use super::flow::STEPS;
use super::load::Load;
use super::raw;

/// The time of a load in a new file.
pub(crate) async fn time(path: &Path, load: Load) -> Result<Duration> {
    let store = Store::open(path)?;
    let log = slog::Logger::root(slog::Discard, slog::o!());
    let sec = Arc::new(steno::sec(log, Arc::new(store)));
    let step = new_action_noop_undo("step", idle);
    let mut registry = ActionRegistry::new();
    registry.register(Arc::clone(&step));
    let registry = Arc::new(registry);
    let client = Arc::clone(&sec);
    let taken = load.time(move |number| {
        let (sec, registry, dag) = (Arc::clone(&client), Arc::clone(&registry), five(&*step, number));
        async move {
            let id = SagaId::new_v4();
            let done = sec.saga_create(id, Arc::new(()), Arc::new(dag?), registry).await?;
            sec.saga_start(id).await?;
            done.await.kind.map_err(|error| anyhow!("{:?}", error.error_source))?;
            Ok(())
        }
    });
    let taken = taken.await?;
    if let Some(sec) = Arc::into_inner(sec) {
        sec.shutdown().await;
    }
    Ok(taken)
}

#[derive(Debug)]
struct Five;

impl SagaType for Five {
    type ExecContextType = ();
}

async fn idle(_: ActionContext<Five>) -> Result<(), ActionError> {
    Ok(())
}

fn five(step: &dyn steno::Action<Five>, number: u32) -> Result<SagaDag> {
    let mut dag = DagBuilder::new(SagaName::new("five"));
    for nth in 0..STEPS {
        dag.append(Node::action(format!("n{nth}"), "Step", step));
    }
    Ok(SagaDag::new(dag.build()?, serde_json::json!({ "number": number })))
}

#[derive(Debug)]
struct Store {
    writes: Sender<(Write, oneshot::Sender<()>)>,
}

#[derive(Debug)]
enum Write {
    Create(SagaCreateParams),
    Event(SagaNodeEvent),
    Update(SagaId, SagaCachedState),
}

impl Store {
    fn open(path: &Path) -> Result<Self> {
        let connection = raw::open(path)?;
        connection.execute_batch(
            "CREATE TABLE sagas (id TEXT PRIMARY KEY, dag TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE events (saga TEXT NOT NULL, node INTEGER NOT NULL, event TEXT NOT NULL)",
        )?;
        let (writes, waiting) = channel();
        thread::spawn(move || {
            // Steno's interface has no way to say that a write failed: then its saga waits, and so does this
            // measurement.
            if let Err(error) = write(&connection, &waiting) {
                eprintln!("steno's store: {error:#}");
            }
        });
        Ok(Self { writes })
    }

    async fn write(&self, write: Write) {
        let (done, written) = oneshot::channel();
        if self.writes.send((write, done)).is_ok() && written.await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn write(to: &Connection, waiting: &Receiver<(Write, oneshot::Sender<()>)>) -> Result<()> {
    while let Ok(first) = waiting.recv() {
        let some: Vec<_> = std::iter::once(first).chain(waiting.try_iter()).collect();
        let transaction = to.unchecked_transaction()?;
        for (write, _) in &some {
            apply(&transaction, write)?;
        }
        transaction.commit()?;
        for (_, done) in some {
            let _ = done.send(());
        }
    }
    Ok(())
}

fn apply(to: &Connection, write: &Write) -> Result<()> {
    match write {
        Write::Create(saga) => {
            let mut insert = to.prepare_cached("INSERT INTO sagas VALUES (?, ?, ?)")?;
            insert.execute(params![saga.id.to_string(), saga.dag.to_string(), saga.state.to_string()])?;
        }
        Write::Event(event) => {
            let mut insert = to.prepare_cached("INSERT INTO events VALUES (?, ?, ?)")?;
            let text = serde_json::to_string(&event.event_type)?;
            insert.execute(params![event.saga_id.to_string(), u32::from(event.node_id), text])?;
        }
        Write::Update(id, state) => {
            let mut update = to.prepare_cached("UPDATE sagas SET state = ? WHERE id = ?")?;
            update.execute(params![state.to_string(), id.to_string()])?;
        }
    }
    Ok(())
}

#[async_trait]
impl SecStore for Store {
    async fn saga_create(&self, saga: SagaCreateParams) -> Result<()> {
        self.write(Write::Create(saga)).await;
        Ok(())
    }

    async fn record_event(&self, event: SagaNodeEvent) {
        self.write(Write::Event(event)).await;
    }

    async fn saga_update(&self, id: SagaId, state: SagaCachedState) {
        self.write(Write::Update(id, state)).await;
    }
}
