//! The traits of the lanes, as generated code has them.

use super::order::{Node, types};

pub(crate) mod store {
    use super::{Node, types};
    use flowgen::data::Undo;
    use flowgen::{Cause, Did, Result, Visit};

    pub(crate) mod takes {
        use super::{Cause, Node, types};
        pub(crate) struct NextItem<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) parcel: &'a [&'a types::parcel],
        }
        pub(crate) struct Reserve<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) item: &'a types::item,
        }
        pub(crate) struct MoreItems<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) parcel: &'a [&'a types::parcel],
        }
        pub(crate) struct TellFailure<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) shortage: Option<&'a types::shortage>,
            pub(crate) label: Option<&'a types::label>,
            pub(crate) parcel: &'a [&'a types::parcel],
            pub(crate) cause: &'a Cause<Node>,
        }
        pub(crate) struct Release<'a> {
            pub(crate) item: &'a types::item,
        }
    }

    pub(crate) enum Reserved {
        Yes(types::parcel),
        No(types::shortage),
    }
    pub(crate) enum MoreItems {
        Yes,
        No,
    }

    pub(crate) trait Store: Sync {
        fn next_item(
            &self,
            given: takes::NextItem<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<types::item>> + Send;
        fn reserve(
            &self,
            given: takes::Reserve<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<Reserved>> + Send;
        fn did_reserve(
            &self,
            given: takes::Reserve<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<Did<types::parcel>>> + Send {
            let _ = (given, visit);
            async { Ok(Did::Unknown) }
        }
        fn more_items(
            &self,
            given: takes::MoreItems<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<MoreItems>> + Send;
        fn tell_failure(
            &self,
            given: takes::TellFailure<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result> + Send;
    }

    pub(crate) trait Compensation: Store {
        fn release(
            &self,
            undo: Undo<'_, types::parcel>,
            given: takes::Release<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result> + Send;
    }
}

pub(crate) mod delivery {
    use super::{Node, types};
    use flowgen::data::Undo;
    use flowgen::{Cause, Did, Result, Visit};

    pub(crate) mod takes {
        use super::{Cause, Node, types};
        pub(crate) struct BeginDelivery<'a> {
            pub(crate) order: &'a types::order,
        }
        pub(crate) struct BookCourier<'a> {
            pub(crate) parcel: &'a [&'a types::parcel],
        }
        pub(crate) struct PrintLabel<'a> {
            pub(crate) order: &'a types::order,
        }
        pub(crate) struct Confirm<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) courier: &'a types::courier,
            pub(crate) label: &'a types::label,
        }
        pub(crate) struct Notify<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) courier: &'a types::courier,
        }
        pub(crate) struct VoidLabel<'a> {
            pub(crate) order: &'a types::order,
            pub(crate) cause: &'a Cause<Node>,
        }
    }

    pub(crate) trait Delivery: Sync {
        fn begin_delivery(
            &self,
            given: takes::BeginDelivery<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result> + Send;
        fn book_courier(
            &self,
            given: takes::BookCourier<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<types::courier>> + Send;
        fn print_label(
            &self,
            given: takes::PrintLabel<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<types::label>> + Send;
        fn did_print_label(
            &self,
            given: takes::PrintLabel<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result<Did<types::label>>> + Send {
            let _ = (given, visit);
            async { Ok(Did::Unknown) }
        }
        fn confirm(&self, given: takes::Confirm<'_>, visit: &Visit) -> impl Future<Output = Result> + Send;
        fn notify(&self, given: takes::Notify<'_>, visit: &Visit) -> impl Future<Output = Result> + Send;
    }

    pub(crate) trait Compensation: Delivery {
        fn void_label(
            &self,
            undo: Undo<'_, types::label>,
            given: takes::VoidLabel<'_>,
            visit: &Visit,
        ) -> impl Future<Output = Result> + Send;
    }
}
