use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use flowgen::Runner;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::shop::{FORK, Shop};

/// Writes down the fields of each span.
#[derive(Clone, Default)]
struct Spans {
    fields: Arc<Mutex<Vec<String>>>,
    last: Arc<AtomicU64>,
}

struct Fields(String);

impl Visit for Fields {
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
async fn each_step_is_a_span_that_says_where_it_stands() {
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(spans.clone());
    let shop = Shop::new(&[]);
    assert!(Runner::new(&shop, FORK).run_as("r", Vec::new()).await.outcome.is_completed());
    drop(guard);
    let expected = [
        r#"step run="r" lane="Shop" node="n6" label="Split" nth=1 attempt=1"#,
        r#"step run="r" lane="Post" node="n7" label="Left" nth=1 attempt=1"#,
        r#"step run="r" lane="Post" node="n8" label="Right" nth=1 attempt=1"#,
    ];
    assert_eq!(*spans.fields.lock().unwrap(), expected);
}
