//! Sells a book, injects the chosen faults, and shows how the sale is rolled back.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};
use flowgen::{Node as _, Outcome, RunResult, StuckResolution, Visit};

use rollback::drawing::{Flow, Node};
use rollback::{Faulty, Order, Shop, ShopFlow, compensable, compensations, steps};

/// Sells a book. Without options, runs all scenarios.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// A step that does its work and then faults, so that its effect is unknown.
    #[arg(long, value_name = "STEP", value_parser = one_of(steps().collect()))]
    fail_at: Vec<Node>,

    /// A step that times out, and does its work after it was undone.
    #[arg(long, value_name = "STEP", value_parser = one_of(compensable().collect()))]
    late: Vec<Node>,

    /// A compensation that fails. Unless another option makes a step fail, the last step fails as well.
    #[arg(long, value_name = "COMPENSATION", value_parser = one_of(compensations().collect()))]
    fail_undo: Vec<Node>,

    /// The card is declined.
    #[arg(long)]
    declined: bool,

    /// How the operator handles a stuck run.
    #[arg(long, value_name = "WHAT", default_value = "retry")]
    operator: Operator,
}

/// The actions of an operator on a step that could not be undone.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Operator {
    /// Repairs the cause and retries the compensations.
    Retry,
    /// Undoes the step manually.
    Resolve,
    /// Leaves the effect of the step as it is.
    Skip,
}

/// Parses a node by the name of its method.
fn one_of(nodes: Vec<Node>) -> impl TypedValueParser<Value = Node> {
    let names: Vec<&str> = nodes.iter().map(|node| node.spec().method).collect();
    PossibleValuesParser::new(names).try_map(move |name| {
        nodes.iter().copied().find(|node| node.spec().method == name).ok_or("there is no such node")
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Args { mut fail_at, late, fail_undo, declined, operator } = Args::parse();
    let folder = tempfile::tempdir()?;
    if fail_at.is_empty() && late.is_empty() && fail_undo.is_empty() && !declined {
        show_all(folder.path()).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if fail_at.is_empty() && late.is_empty() && !declined {
        fail_at.extend(steps().last());
    }
    let flow = shop_in(folder.path());
    let mut ended = sell(&flow, "order-1", declined, &[fail_at, fail_undo].concat(), &late).await;
    tell(&flow, &ended).await?;
    if ended.outcome.is_stuck() {
        ended = see_to(&flow, ended, operator).await?;
        println!("{operator:?}, as the operator decided:");
        tell(&flow, &ended).await?;
    }
    Ok(if ended.outcome.is_stuck() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Runs a sale without a fault, one with a declined card, one with a fault at each step, and one for each step
/// whose effect arrives after its undo.
async fn show_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    let faulty = steps().map(|step| (false, vec![step], vec![]));
    let late = compensable().map(|step| (false, vec![], vec![step]));
    let stories = [(false, vec![], vec![]), (true, vec![], vec![])].into_iter().chain(faulty).chain(late);
    for (number, (declined, faults, late)) in (1..).zip(stories) {
        let order = format!("order-{number}");
        let flow = shop_in(&folder.join(&order));
        let ended = sell(&flow, &order, declined, &faults, &late).await;
        tell(&flow, &ended).await?;
    }
    Ok(())
}

fn shop_in(folder: &Path) -> ShopFlow {
    Flow { shop: Shop::in_folder(folder) }
}

/// Runs an order to its end. After that, the late attempts do their work.
async fn sell(
    flow: &ShopFlow,
    number: &str,
    declined: bool,
    faults: &[Node],
    late: &[Node],
) -> RunResult<Node, Order> {
    let limit = if declined { 20_00 } else { 50_00 };
    let order = Order::new("a book", 24_95, limit);
    let card = if declined { ", the card is declined" } else { "" };
    let list = |nodes: &[Node], what: &str| -> String {
        nodes.iter().map(|node| format!(", `{}` {what}", node.spec().method)).collect()
    };
    println!("{number}{card}{}{}:", list(faults, "fails"), list(late, "is late"));
    let faulty = Faulty::new(flow, faults).late(late);
    let ended = faulty.runner().run_with_id(number, order).await;
    for (step, landed) in faulty.land().await {
        let landed = landed.map_or_else(|refused| format!("refused: {refused}"), |()| "done".to_owned());
        println!("  late     {}: {landed}", step.spec().label);
    }
    ended
}

/// Handles a stuck run as the operator chose.
async fn see_to(
    flow: &ShopFlow,
    mut ended: RunResult<Node, Order>,
    operator: Operator,
) -> Result<RunResult<Node, Order>, Box<dyn Error>> {
    let resolution = match operator {
        Operator::Retry => return Ok(flow.runner().retry_stuck(ended).await),
        Operator::Resolve => StuckResolution::UndoneByHand,
        Operator::Skip => StuckResolution::Waived,
    };
    let Outcome::Stuck { pending_undos, .. } = &ended.outcome else { return Ok(ended) };
    for undo in pending_undos.clone() {
        if resolution == StuckResolution::UndoneByHand {
            let done = Visit::new(Arc::clone(&ended.run), undo.node.spec(), undo.visit);
            flow.shop.take_back(done.key()).await?;
        }
        ended.resolve_stuck(undo.node, undo.visit, resolution);
    }
    Ok(ended)
}

async fn tell(flow: &ShopFlow, ended: &RunResult<Node, Order>) -> Result<(), Box<dyn Error>> {
    let or_nothing = |list: Vec<&str>| if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
    let undone = ended.undone().map(|step| step.spec().label).collect();
    let standing = flow.shop.standing().await?;
    println!("  walked   {}", ended.path_text());
    println!("  undone   {}", or_nothing(undone));
    println!("  outcome  {}", ended.outcome);
    println!("  on disk  {}\n", or_nothing(standing.iter().map(String::as_str).collect()));
    Ok(())
}
