//! Runs as spans of `tracing`, in a process of their own: which spans anybody wants is cached for the whole
//! process, and a test beside this one that runs a step at the same time would say that nobody does.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use flowgen::{Fork, Node, Result, Runner, Visit};
use tracing::field::{self, Field};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

mod parcel {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label: "Start"
            n2: rectangle label: "Split"
            n5: rectangle label: "Join"
            n6: circle label: "Joined"
            n1.handle(right) -> n2.handle(left)
            n2.handle(bottom) -> Post.n3.handle(top) [label="Left"]
            n2.handle(right) -> Post.n4.handle(left) [label="Right"]
            n5.handle(right) -> n6.handle(left)
        }
        Post { # Post
            n3: rectangle label: "Left"
            n4: rectangle label: "Right"
            n3.handle(top) -> Shop.n5.handle(bottom) [label="Left is there"]
            n4.handle(top) -> Shop.n5.handle(left) [label="Right is there"]
        }
    }
}

/// Both lanes of the flow, whose steps do nothing.
struct Idle;

/// A context with nothing in it.
struct Nothing;

impl Fork for Nothing {
    fn fork(&self) -> Self {
        Self
    }

    fn join(&mut self, _: Self) {}
}

impl parcel::shop::Shop<Nothing> for Idle {
    async fn split(&self, _: &mut Nothing, _: &Visit) -> Result {
        Ok(())
    }

    async fn join(&self, _: &mut Nothing, _: &Visit) -> Result {
        Ok(())
    }
}

impl parcel::post::Post<Nothing> for Idle {
    async fn left(&self, _: &mut Nothing, _: &Visit) -> Result {
        Ok(())
    }

    async fn right(&self, _: &mut Nothing, _: &Visit) -> Result {
        Ok(())
    }
}

/// Writes down the fields of each span.
#[derive(Clone, Default)]
struct Spans {
    fields: Arc<Mutex<Vec<String>>>,
    last: Arc<AtomicU64>,
}

struct Fields(String);

impl field::Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        self.fields.lock().unwrap().push(fields.0);
        Id::from_u64(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_step_has_a_span_with_its_location() {
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(spans.clone());
    let flow = parcel::Flow { shop: Idle, post: Idle };
    assert!(
        Runner::new(&flow, parcel::Node::Start.index())
            .run_with_id("r", Nothing)
            .await
            .outcome
            .is_completed()
    );
    drop(guard);
    let expected = [
        r#"step run="r" lane="Shop" node="n2" label="Split" visit=1 attempt=1"#,
        r#"step run="r" lane="Post" node="n3" label="Left" visit=1 attempt=1"#,
        r#"step run="r" lane="Post" node="n4" label="Right" visit=1 attempt=1"#,
        r#"step run="r" lane="Shop" node="n5" label="Join" visit=1 attempt=1"#,
    ];
    assert_eq!(*spans.fields.lock().unwrap(), expected);
}
