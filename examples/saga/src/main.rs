//! Runs three orders: everything succeeds; the payment is declined; shipping fails.

use flowgen::Node;

use saga::{Card, Order, shop};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let shop = shop(10, &["Lisbon", "Oslo"]);
    let card = Card { limit: 50_00 };
    let orders = [
        ("everything succeeds", Order::new(2, 49_90, card, "Lisbon")),
        ("the payment is declined", Order::new(3, 74_85, card, "Oslo")),
        ("shipping fails", Order::new(1, 24_95, card, "Atlantis")),
    ];
    for (number, (story, order)) in (1..).zip(orders) {
        let ended = shop.runner().run_as(format!("order-{number}"), order).await;
        let undone: Vec<&str> = ended.undone().map(|step| step.spec().label).collect();
        println!("order-{number}: {story}");
        println!("  walked   {}", ended.walk());
        println!("  undone   {}", if undone.is_empty() { "nothing".to_owned() } else { undone.join(", ") });
        println!("  outcome  {}\n", ended.outcome);
    }
    println!("Customers were told:");
    for letter in shop.orchestrator.letters() {
        println!("  {letter}");
    }
    let (stock, orders) = (shop.order_service.stock(), shop.order_service.orders().len());
    println!("In stock are {stock} pieces, and {orders} order stands.");
}
