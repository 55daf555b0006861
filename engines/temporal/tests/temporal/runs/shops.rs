//! A bookshop whose drawing was changed.

use flowgen::{Result, Visit};
use serde::{Deserialize, Serialize};

/// The drawing.
pub(crate) mod before {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Wrap book"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
        Store { # Store
            n4: circle label:"Emptied"
            n5: rectangle label:"Order books"
            n6: circle label:"Full"
            n4.handle(right) -> n5.handle(left)
            n5.handle(right) -> n6.handle(left)
        }
    }
}

/// The drawing after somebody changed it.
pub(crate) mod after {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Wrap book twice"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    pub(crate) steps: Vec<String>,
    pub(crate) paper: String,
}

pub(crate) struct Bookshop;

pub(crate) static BEFORE: before::Flow<Bookshop, Bookshop> = before::Flow { shop: Bookshop, store: Bookshop };
pub(crate) static AFTER: after::Flow<Bookshop> = after::Flow { shop: Bookshop };

impl Book {
    fn did(&mut self, visit: &Visit) {
        self.steps.push(visit.node().id.to_owned());
    }
}

impl before::shop::Shop<Book> for Bookshop {
    async fn wrap_book(&self, book: &mut Book, visit: &Visit) -> Result {
        assert!(book.paper != "torn", "the paper tore");
        if book.paper == "none" {
            return Err("there is no paper".into());
        }
        book.did(visit);
        Ok(())
    }
}

impl before::store::Store<Book> for Bookshop {
    async fn order_books(&self, book: &mut Book, visit: &Visit) -> Result {
        book.did(visit);
        Ok(())
    }
}

impl after::shop::Shop<Book> for Bookshop {
    async fn wrap_book_twice(&self, book: &mut Book, visit: &Visit) -> Result {
        book.did(visit);
        Ok(())
    }
}
