// Written by flowgen from `flow/order_saga.fz`. Change the drawing, not this file.

/// The lane `Saga Orchestrator`.
pub mod orchestrator {
    use ::flowgen::{Result, Visit};

    /// The service for the lane `Saga Orchestrator`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not serve the lane `Saga Orchestrator`",
        label = "the lane `Saga Orchestrator` needs `orchestrator::Orchestrator<{Cx}>`",
        note = "the lane is drawn at flow/order_saga.fz:1"
    )]
    pub trait Orchestrator<Cx>: ::core::marker::Sync {
        /// `Begin distributed transaction` (n2). Then `Step 1` to `Order Service`.
        fn begin_distributed_transaction(
            &self,
            cx: &mut Cx, // `Begin distributed transaction` (n2), flow/order_saga.fz:3
            visit: &Visit, // `Begin distributed transaction` (n2), flow/order_saga.fz:3
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Begin distributed transaction` (n2), flow/order_saga.fz:3

        /// `Coordinate saga steps` (n3). Then `Step 2` to `Payment Service`.
        fn coordinate_saga_steps(
            &self,
            cx: &mut Cx, // `Coordinate saga steps` (n3), flow/order_saga.fz:4
            visit: &Visit, // `Coordinate saga steps` (n3), flow/order_saga.fz:4
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Coordinate saga steps` (n3), flow/order_saga.fz:4

        /// `Commit saga` (n4).
        fn commit_saga(
            &self,
            cx: &mut Cx, // `Commit saga` (n4), flow/order_saga.fz:5
            visit: &Visit, // `Commit saga` (n4), flow/order_saga.fz:5
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Commit saga` (n4), flow/order_saga.fz:5

        /// `Trigger compensations` (n5). Starts the rollback. Then `Rollback` to `Payment Service`.
        fn trigger_compensations(
            &self,
            cx: &mut Cx, // `Trigger compensations` (n5), flow/order_saga.fz:6
            visit: &Visit, // `Trigger compensations` (n5), flow/order_saga.fz:6
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Trigger compensations` (n5), flow/order_saga.fz:6
    }
}

/// The lane `Order Service`.
pub mod order_service {
    use ::flowgen::{Effect, Result, Visit};

    /// The outcomes of `Order created?` (n8).
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash,
    )]
    pub enum OrderCreated {
        /// `Yes` leads to `Reserve inventory` (n9).
        Yes,
        /// `No` leads to `Cancel order` (n10).
        No,
    }

    impl ::flowgen::Decision for OrderCreated {
        const LABELS: &'static [&'static str] = &["Yes", "No"];

        fn index(self) -> usize {
            match self {
                Self::Yes => 0,
                Self::No => 1,
            }
        }
    }

    /// The service for the lane `Order Service`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not serve the lane `Order Service`",
        label = "the lane `Order Service` needs `order_service::OrderService<{Cx}>`",
        note = "the lane is drawn at flow/order_saga.fz:14"
    )]
    pub trait OrderService<Cx>: ::core::marker::Sync {
        /// `Create order record` (n7). Undone by `Cancel order` (n10).
        fn create_order_record(
            &self,
            cx: &mut Cx, // `Create order record` (n7), flow/order_saga.fz:15
            visit: &Visit, // `Create order record` (n7), flow/order_saga.fz:15
        ) -> impl ::core::future::Future<Output = Result<Effect>> + ::core::marker::Send; // `Create order record` (n7), flow/order_saga.fz:15

        /// `Order created?` (n8), a decision.
        fn order_created(
            &self,
            cx: &Cx, // `Order created?` (n8), flow/order_saga.fz:16
            visit: &Visit, // `Order created?` (n8), flow/order_saga.fz:16
        ) -> impl ::core::future::Future<
            Output = Result<OrderCreated>, // `Order created?` (n8), flow/order_saga.fz:16
        > + ::core::marker::Send; // `Order created?` (n8), flow/order_saga.fz:16

        /// `Reserve inventory` (n9). Undone by `Release inventory` (n16). Then `Success` to `Saga Orchestrator`.
        fn reserve_inventory(
            &self,
            cx: &mut Cx, // `Reserve inventory` (n9), flow/order_saga.fz:17
            visit: &Visit, // `Reserve inventory` (n9), flow/order_saga.fz:17
        ) -> impl ::core::future::Future<Output = Result<Effect>> + ::core::marker::Send; // `Reserve inventory` (n9), flow/order_saga.fz:17
    }

    /// The compensations of the lane `Order Service`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not implement the compensations of the lane `Order Service`",
        label = "the rollback needs `order_service::Compensation<{Cx}>`",
        note = "implement `order_service::Compensation<{Cx}>` for `{Self}`: `cancel_order` undoes `Create order record` (n7), flow/order_saga.fz:18"
    )]
    pub trait Compensation<Cx>: OrderService<Cx> {
        /// `Cancel order` (n10). Undoes `Create order record` (n7). Then `Failed` to `Saga Orchestrator`.
        fn cancel_order(
            &self,
            cx: &mut Cx, // `Cancel order` (n10), flow/order_saga.fz:18
            visit: &Visit, // `Cancel order` (n10), flow/order_saga.fz:18
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Cancel order` (n10), flow/order_saga.fz:18
    }
}

/// The lane `Payment Service`.
pub mod payment_service {
    use ::flowgen::{Effect, Result, Visit};

    /// The outcomes of `Payment successful?` (n12).
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash,
    )]
    pub enum PaymentSuccessful {
        /// `Yes` leads to `Confirm transaction` (n13).
        Yes,
        /// `No` leads to `Report payment failure` (n14).
        No,
    }

    impl ::flowgen::Decision for PaymentSuccessful {
        const LABELS: &'static [&'static str] = &["Yes", "No"];

        fn index(self) -> usize {
            match self {
                Self::Yes => 0,
                Self::No => 1,
            }
        }
    }

    /// The service for the lane `Payment Service`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not serve the lane `Payment Service`",
        label = "the lane `Payment Service` needs `payment_service::PaymentService<{Cx}>`",
        note = "the lane is drawn at flow/order_saga.fz:25"
    )]
    pub trait PaymentService<Cx>: ::core::marker::Sync {
        /// `Process payment` (n11). Undone by `Refund payment` (n15).
        fn process_payment(
            &self,
            cx: &mut Cx, // `Process payment` (n11), flow/order_saga.fz:26
            visit: &Visit, // `Process payment` (n11), flow/order_saga.fz:26
        ) -> impl ::core::future::Future<Output = Result<Effect>> + ::core::marker::Send; // `Process payment` (n11), flow/order_saga.fz:26

        /// `Payment successful?` (n12), a decision.
        fn payment_successful(
            &self,
            cx: &Cx, // `Payment successful?` (n12), flow/order_saga.fz:27
            visit: &Visit, // `Payment successful?` (n12), flow/order_saga.fz:27
        ) -> impl ::core::future::Future<
            Output = Result<PaymentSuccessful>, // `Payment successful?` (n12), flow/order_saga.fz:27
        > + ::core::marker::Send; // `Payment successful?` (n12), flow/order_saga.fz:27

        /// `Confirm transaction` (n13). Then `Step 3` to `Shipping Service`.
        fn confirm_transaction(
            &self,
            cx: &mut Cx, // `Confirm transaction` (n13), flow/order_saga.fz:28
            visit: &Visit, // `Confirm transaction` (n13), flow/order_saga.fz:28
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Confirm transaction` (n13), flow/order_saga.fz:28

        /// `Report payment failure` (n14). Then `Compensate` to `Saga Orchestrator`.
        fn report_payment_failure(
            &self,
            cx: &mut Cx, // `Report payment failure` (n14), flow/order_saga.fz:29
            visit: &Visit, // `Report payment failure` (n14), flow/order_saga.fz:29
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Report payment failure` (n14), flow/order_saga.fz:29
    }

    /// The compensations of the lane `Payment Service`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not implement the compensations of the lane `Payment Service`",
        label = "the rollback needs `payment_service::Compensation<{Cx}>`",
        note = "implement `payment_service::Compensation<{Cx}>` for `{Self}`: `refund_payment` undoes `Process payment` (n11), flow/order_saga.fz:30; `release_inventory` undoes `Reserve inventory` (n9), flow/order_saga.fz:31"
    )]
    pub trait Compensation<Cx>: PaymentService<Cx> {
        /// `Refund payment` (n15). Undoes `Process payment` (n11).
        fn refund_payment(
            &self,
            cx: &mut Cx, // `Refund payment` (n15), flow/order_saga.fz:30
            visit: &Visit, // `Refund payment` (n15), flow/order_saga.fz:30
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Refund payment` (n15), flow/order_saga.fz:30

        /// `Release inventory` (n16). Undoes `Reserve inventory` (n9). Then `Undo order` to `Order Service`.
        fn release_inventory(
            &self,
            cx: &mut Cx, // `Release inventory` (n16), flow/order_saga.fz:31
            visit: &Visit, // `Release inventory` (n16), flow/order_saga.fz:31
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Release inventory` (n16), flow/order_saga.fz:31
    }
}

/// The lane `Shipping Service`.
pub mod shipping_service {
    use ::flowgen::{Result, Visit};

    /// The outcomes of `Shipment scheduled?` (n18).
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash,
    )]
    pub enum ShipmentScheduled {
        /// `Yes` leads to `Generate tracking number` (n19).
        Yes,
        /// `No` leads to `Report shipping failure` (n20).
        No,
    }

    impl ::flowgen::Decision for ShipmentScheduled {
        const LABELS: &'static [&'static str] = &["Yes", "No"];

        fn index(self) -> usize {
            match self {
                Self::Yes => 0,
                Self::No => 1,
            }
        }
    }

    /// The service for the lane `Shipping Service`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` does not serve the lane `Shipping Service`",
        label = "the lane `Shipping Service` needs `shipping_service::ShippingService<{Cx}>`",
        note = "the lane is drawn at flow/order_saga.fz:40"
    )]
    pub trait ShippingService<Cx>: ::core::marker::Sync {
        /// `Schedule shipment` (n17).
        fn schedule_shipment(
            &self,
            cx: &mut Cx, // `Schedule shipment` (n17), flow/order_saga.fz:41
            visit: &Visit, // `Schedule shipment` (n17), flow/order_saga.fz:41
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Schedule shipment` (n17), flow/order_saga.fz:41

        /// `Shipment scheduled?` (n18), a decision.
        fn shipment_scheduled(
            &self,
            cx: &Cx, // `Shipment scheduled?` (n18), flow/order_saga.fz:42
            visit: &Visit, // `Shipment scheduled?` (n18), flow/order_saga.fz:42
        ) -> impl ::core::future::Future<
            Output = Result<ShipmentScheduled>, // `Shipment scheduled?` (n18), flow/order_saga.fz:42
        > + ::core::marker::Send; // `Shipment scheduled?` (n18), flow/order_saga.fz:42

        /// `Generate tracking number` (n19). Then `Complete` to `Saga Orchestrator`.
        fn generate_tracking_number(
            &self,
            cx: &mut Cx, // `Generate tracking number` (n19), flow/order_saga.fz:43
            visit: &Visit, // `Generate tracking number` (n19), flow/order_saga.fz:43
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Generate tracking number` (n19), flow/order_saga.fz:43

        /// `Report shipping failure` (n20). Then `Compensate` to `Saga Orchestrator`.
        fn report_shipping_failure(
            &self,
            cx: &mut Cx, // `Report shipping failure` (n20), flow/order_saga.fz:44
            visit: &Visit, // `Report shipping failure` (n20), flow/order_saga.fz:44
        ) -> impl ::core::future::Future<Output = Result> + ::core::marker::Send; // `Report shipping failure` (n20), flow/order_saga.fz:44
    }
}

/// Every node of the drawing. Id, label, method, lane and kind are in its `spec`.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
pub enum Node {
    /// `Start` (n1), where the flow starts. In the lane `Saga Orchestrator`.
    Start,
    /// `Begin distributed transaction` (n2). In the lane `Saga Orchestrator`.
    BeginDistributedTransaction,
    /// `Coordinate saga steps` (n3). In the lane `Saga Orchestrator`.
    CoordinateSagaSteps,
    /// `Commit saga` (n4). In the lane `Saga Orchestrator`.
    CommitSaga,
    /// `Trigger compensations` (n5). Starts the rollback. In the lane `Saga Orchestrator`.
    TriggerCompensations,
    /// `End` (n6), where the flow ends. In the lane `Saga Orchestrator`.
    End,
    /// `Create order record` (n7). Undone by `Cancel order` (n10). In the lane `Order Service`.
    CreateOrderRecord,
    /// `Order created?` (n8), a decision. In the lane `Order Service`.
    OrderCreated,
    /// `Reserve inventory` (n9). Undone by `Release inventory` (n16). In the lane `Order Service`.
    ReserveInventory,
    /// `Cancel order` (n10). Undoes `Create order record` (n7). In the lane `Order Service`.
    CancelOrder,
    /// `Process payment` (n11). Undone by `Refund payment` (n15). In the lane `Payment Service`.
    ProcessPayment,
    /// `Payment successful?` (n12), a decision. In the lane `Payment Service`.
    PaymentSuccessful,
    /// `Confirm transaction` (n13). In the lane `Payment Service`.
    ConfirmTransaction,
    /// `Report payment failure` (n14). In the lane `Payment Service`.
    ReportPaymentFailure,
    /// `Refund payment` (n15). Undoes `Process payment` (n11). In the lane `Payment Service`.
    RefundPayment,
    /// `Release inventory` (n16). Undoes `Reserve inventory` (n9). In the lane `Payment Service`.
    ReleaseInventory,
    /// `Schedule shipment` (n17). In the lane `Shipping Service`.
    ScheduleShipment,
    /// `Shipment scheduled?` (n18), a decision. In the lane `Shipping Service`.
    ShipmentScheduled,
    /// `Generate tracking number` (n19). In the lane `Shipping Service`.
    GenerateTrackingNumber,
    /// `Report shipping failure` (n20). In the lane `Shipping Service`.
    ReportShippingFailure,
}

impl ::flowgen::Node for Node {
    type End = End;

    const ALL: &'static [Self] = &[
        Self::Start,
        Self::BeginDistributedTransaction,
        Self::CoordinateSagaSteps,
        Self::CommitSaga,
        Self::TriggerCompensations,
        Self::End,
        Self::CreateOrderRecord,
        Self::OrderCreated,
        Self::ReserveInventory,
        Self::CancelOrder,
        Self::ProcessPayment,
        Self::PaymentSuccessful,
        Self::ConfirmTransaction,
        Self::ReportPaymentFailure,
        Self::RefundPayment,
        Self::ReleaseInventory,
        Self::ScheduleShipment,
        Self::ShipmentScheduled,
        Self::GenerateTrackingNumber,
        Self::ReportShippingFailure,
    ];

    const PLAN: &'static ::flowgen::plan::Plan = {
        use ::flowgen::plan::{Kind, LaneSpec, NodeSpec, Plan};

        &Plan::new(
                &[
                    LaneSpec::new("Orchestrator", "Saga Orchestrator"),
                    LaneSpec::new("OrderService", "Order Service"),
                    LaneSpec::new("PaymentService", "Payment Service"),
                    LaneSpec::new("ShippingService", "Shipping Service"),
                ],
                &[
                    NodeSpec::new("n1", "Start", 0, Kind::Start).next(&[1]),
                    NodeSpec::new("n2", "Begin distributed transaction", 0, Kind::Step)
                        .method("begin_distributed_transaction")
                        .next(&[6]),
                    NodeSpec::new("n3", "Coordinate saga steps", 0, Kind::Step)
                        .method("coordinate_saga_steps")
                        .next(&[10]),
                    NodeSpec::new("n4", "Commit saga", 0, Kind::Step)
                        .method("commit_saga")
                        .next(&[5]),
                    NodeSpec::new("n5", "Trigger compensations", 0, Kind::Step)
                        .method("trigger_compensations")
                        .next(&[14])
                        .rolls_back(),
                    NodeSpec::new("n6", "End", 0, Kind::End),
                    NodeSpec::new("n7", "Create order record", 1, Kind::Step)
                        .method("create_order_record")
                        .next(&[7])
                        .undone_by(9),
                    NodeSpec::new("n8", "Order created?", 1, Kind::Decision)
                        .method("order_created")
                        .next(&[8, 9])
                        .outcomes(&["Yes", "No"]),
                    NodeSpec::new("n9", "Reserve inventory", 1, Kind::Step)
                        .method("reserve_inventory")
                        .next(&[2])
                        .undone_by(15),
                    NodeSpec::new("n10", "Cancel order", 1, Kind::Step)
                        .method("cancel_order")
                        .next(&[4])
                        .undoes(&[6])
                        .rolls_back(),
                    NodeSpec::new("n11", "Process payment", 2, Kind::Step)
                        .method("process_payment")
                        .next(&[11])
                        .undone_by(14),
                    NodeSpec::new("n12", "Payment successful?", 2, Kind::Decision)
                        .method("payment_successful")
                        .next(&[12, 13])
                        .outcomes(&["Yes", "No"]),
                    NodeSpec::new("n13", "Confirm transaction", 2, Kind::Step)
                        .method("confirm_transaction")
                        .next(&[16]),
                    NodeSpec::new("n14", "Report payment failure", 2, Kind::Step)
                        .method("report_payment_failure")
                        .next(&[4]),
                    NodeSpec::new("n15", "Refund payment", 2, Kind::Step)
                        .method("refund_payment")
                        .next(&[15])
                        .undoes(&[10])
                        .rolls_back(),
                    NodeSpec::new("n16", "Release inventory", 2, Kind::Step)
                        .method("release_inventory")
                        .next(&[9])
                        .undoes(&[8])
                        .rolls_back(),
                    NodeSpec::new("n17", "Schedule shipment", 3, Kind::Step)
                        .method("schedule_shipment")
                        .next(&[17]),
                    NodeSpec::new("n18", "Shipment scheduled?", 3, Kind::Decision)
                        .method("shipment_scheduled")
                        .next(&[18, 19])
                        .outcomes(&["Yes", "No"]),
                    NodeSpec::new("n19", "Generate tracking number", 3, Kind::Step)
                        .method("generate_tracking_number")
                        .next(&[3]),
                    NodeSpec::new("n20", "Report shipping failure", 3, Kind::Step)
                        .method("report_shipping_failure")
                        .next(&[4]),
                ],
                &[],
            )
            .trigger(4)
            .hash(0xf658_9aba_0bac_a902)
    };

    fn index(self) -> u32 {
        self as u32
    }

    fn end(self) -> ::core::option::Option<End> {
        match self {
            Self::End => ::core::option::Option::Some(End::End),
            _ => ::core::option::Option::None,
        }
    }
}

/// The lanes of the drawing, to select the nodes that a policy applies to.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
pub enum Lane {
    /// `Saga Orchestrator`.
    Orchestrator,
    /// `Order Service`.
    OrderService,
    /// `Payment Service`.
    PaymentService,
    /// `Shipping Service`.
    ShippingService,
}

impl ::core::convert::From<Lane> for ::flowgen::Scope {
    fn from(lane: Lane) -> Self {
        Self::Lane(lane as u32)
    }
}

/// How the flow can end.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
pub enum End {
    /// `End` (n6).
    End,
}

/// The workflow, with a service for each of its lanes.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::default::Default,
)]
pub struct Flow<Orchestrator, OrderService, PaymentService, ShippingService> {
    /// Serves the lane `Saga Orchestrator`.
    pub orchestrator: Orchestrator,
    /// Serves the lane `Order Service`.
    pub order_service: OrderService,
    /// Serves the lane `Payment Service`.
    pub payment_service: PaymentService,
    /// Serves the lane `Shipping Service`.
    pub shipping_service: ShippingService,
}

impl<
    Orchestrator,
    OrderService,
    PaymentService,
    ShippingService,
> Flow<Orchestrator, OrderService, PaymentService, ShippingService> {
    /// Runs the flow once, from `Start` (n1).
    pub fn run<'r, Cx>(&'r self, cx: Cx) -> ::flowgen::Running<'r, Node, Cx>
    where
        Cx: 'r,
        Cx: ::core::marker::Send,
        Orchestrator: orchestrator::Orchestrator<Cx>,
        OrderService: order_service::OrderService<Cx> + order_service::Compensation<Cx>,
        PaymentService: payment_service::PaymentService<Cx>
            + payment_service::Compensation<Cx>,
        ShippingService: shipping_service::ShippingService<Cx>,
    {
        ::flowgen::Runner::run_once(self, 0, cx)
    }

    /// Runs the flow with retries, timeouts, limits, observers, or under ids of your own.
    pub const fn runner(&self) -> ::flowgen::Runner<&Self> {
        ::flowgen::Runner::new(self, 0)
    }

    /// The same, with a runner that owns the flow: for engines and servers.
    pub fn into_runner(self) -> ::flowgen::Runner<Self> {
        ::flowgen::Runner::new(self, 0)
    }
}

impl<Cx, Orchestrator, OrderService, PaymentService, ShippingService> ::flowgen::Flow<Cx>
for Flow<Orchestrator, OrderService, PaymentService, ShippingService>
where
    Cx: ::core::marker::Send,
    Orchestrator: orchestrator::Orchestrator<Cx>,
    OrderService: order_service::OrderService<Cx> + order_service::Compensation<Cx>,
    PaymentService: payment_service::PaymentService<Cx>
        + payment_service::Compensation<Cx>,
    ShippingService: shipping_service::ShippingService<Cx>,
{
    type Node = Node;

    #[allow(clippy::too_many_lines)]
    async fn step(
        &self,
        at: Node,
        cx: &mut Cx,
        visit: &::flowgen::Visit,
    ) -> ::flowgen::Result<::flowgen::Next<Node>> {
        use ::flowgen::Next;

        ::core::result::Result::Ok(
            match at {
                Node::Start => Next::to(Node::BeginDistributedTransaction),
                Node::BeginDistributedTransaction => {
                    self.orchestrator.begin_distributed_transaction(cx, visit).await?;
                    Next::to(Node::CreateOrderRecord)
                }
                Node::CoordinateSagaSteps => {
                    self.orchestrator.coordinate_saga_steps(cx, visit).await?;
                    Next::to(Node::ProcessPayment)
                }
                Node::CommitSaga => {
                    self.orchestrator.commit_saga(cx, visit).await?;
                    Next::to(Node::End)
                }
                Node::TriggerCompensations => {
                    self.orchestrator.trigger_compensations(cx, visit).await?;
                    Next::to(Node::RefundPayment)
                }
                Node::End => Next::end(),
                Node::CreateOrderRecord => {
                    let effect = self
                        .order_service
                        .create_order_record(cx, visit)
                        .await?;
                    Next::to(Node::OrderCreated).with_effect(effect)
                }
                Node::OrderCreated => {
                    match self.order_service.order_created(cx, visit).await? {
                        order_service::OrderCreated::Yes => {
                            Next::to(Node::ReserveInventory).outcome(0)
                        }
                        order_service::OrderCreated::No => {
                            Next::to(Node::CancelOrder).outcome(1)
                        }
                    }
                }
                Node::ReserveInventory => {
                    let effect = self.order_service.reserve_inventory(cx, visit).await?;
                    Next::to(Node::CoordinateSagaSteps).with_effect(effect)
                }
                Node::CancelOrder => {
                    self.order_service.cancel_order(cx, visit).await?;
                    Next::to(Node::TriggerCompensations)
                }
                Node::ProcessPayment => {
                    let effect = self.payment_service.process_payment(cx, visit).await?;
                    Next::to(Node::PaymentSuccessful).with_effect(effect)
                }
                Node::PaymentSuccessful => {
                    match self.payment_service.payment_successful(cx, visit).await? {
                        payment_service::PaymentSuccessful::Yes => {
                            Next::to(Node::ConfirmTransaction).outcome(0)
                        }
                        payment_service::PaymentSuccessful::No => {
                            Next::to(Node::ReportPaymentFailure).outcome(1)
                        }
                    }
                }
                Node::ConfirmTransaction => {
                    self.payment_service.confirm_transaction(cx, visit).await?;
                    Next::to(Node::ScheduleShipment)
                }
                Node::ReportPaymentFailure => {
                    self.payment_service.report_payment_failure(cx, visit).await?;
                    Next::to(Node::TriggerCompensations)
                }
                Node::RefundPayment => {
                    self.payment_service.refund_payment(cx, visit).await?;
                    Next::to(Node::ReleaseInventory)
                }
                Node::ReleaseInventory => {
                    self.payment_service.release_inventory(cx, visit).await?;
                    Next::to(Node::CancelOrder)
                }
                Node::ScheduleShipment => {
                    self.shipping_service.schedule_shipment(cx, visit).await?;
                    Next::to(Node::ShipmentScheduled)
                }
                Node::ShipmentScheduled => {
                    match self.shipping_service.shipment_scheduled(cx, visit).await? {
                        shipping_service::ShipmentScheduled::Yes => {
                            Next::to(Node::GenerateTrackingNumber).outcome(0)
                        }
                        shipping_service::ShipmentScheduled::No => {
                            Next::to(Node::ReportShippingFailure).outcome(1)
                        }
                    }
                }
                Node::GenerateTrackingNumber => {
                    self.shipping_service.generate_tracking_number(cx, visit).await?;
                    Next::to(Node::CommitSaga)
                }
                Node::ReportShippingFailure => {
                    self.shipping_service.report_shipping_failure(cx, visit).await?;
                    Next::to(Node::TriggerCompensations)
                }
            },
        )
    }

    fn fork(_: &Cx) -> ::core::option::Option<Cx> {
        ::core::option::Option::None
    }

    fn join(_: &mut Cx, _: Cx) {}
    /// Uses the items that a program may leave unused.
    fn optional_items() {
        let _ = (Self::run::<Cx>, Self::runner, Self::into_runner);
        let _ = [
            Lane::Orchestrator,
            Lane::OrderService,
            Lane::PaymentService,
            Lane::ShippingService,
        ];
    }
}
