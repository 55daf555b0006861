//! Commands that are done, one after the other and many at once, and a query that shows what one did.

use std::time::Duration;

use divan::Bencher;
use flowgen::Retry;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use cqrs::Bank;
use cqrs::bank::{Handled, Policy};
use cqrs::clock::Clock;
use cqrs::domain::Command;
use cqrs::lanes::Receiver;
use cqrs::store::Store;
use cqrs::view::Question;

fn main() {
    divan::main();
}

/// A bank with an account for each customer.
struct Open {
    runtime: Runtime,
    bank: Bank,
    _folder: TempDir,
    sent: u64,
}

fn open(customers: usize, snapshot_every: usize) -> Open {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let policy = Policy {
        tries: 5,
        snapshot_every,
        batch: 500,
        wait: Duration::from_secs(60),
        retry: Retry::max_retries(3),
        timeout: Duration::from_secs(60),
        receiver: Receiver::Log,
    };
    let file = folder.path().join("bank.db");
    let bank = runtime.block_on(async {
        let store = Store::open(file.to_str().unwrap()).await.unwrap();
        let bank = Bank::open(store, &Clock::system(), policy).await.unwrap();
        for customer in 0..customers {
            let open = Command::Open { owner: "Somebody".to_owned() };
            bank.command(format!("open-{customer}"), customer.to_string(), open, None).await.unwrap();
        }
        bank
    });
    Open { runtime, bank, _folder: folder, sent: 0 }
}

#[divan::bench(args = [1, 32], sample_count = 20)]
fn done(bencher: Bencher<'_, '_>, at_once: usize) {
    let mut open = open(at_once, 100);
    bencher.counter(at_once).bench_local(|| {
        open.sent += 1;
        let send = |customer: usize| {
            let (bank, id) = (open.bank.clone(), format!("pay-{}-{customer}", open.sent));
            let pay = Command::Deposit { cents: 1, reference: String::new() };
            async move { bank.command(id, customer.to_string(), pay, None).await.unwrap() }
        };
        open.runtime.block_on(futures_util::future::join_all((0..at_once).map(send)))
    });
}

#[divan::bench(sample_count = 20)]
fn done_and_shown(bencher: Bencher<'_, '_>) {
    let mut open = open(1, 100);
    bencher.bench_local(|| {
        open.sent += 1;
        let pay = Command::Deposit { cents: 1, reference: String::new() };
        open.runtime.block_on(async {
            let handled = open.bank.command(format!("pay-{}", open.sent), "0".to_owned(), pay, None).await;
            let Handled::Done(receipt) = handled.unwrap() else { panic!("it is not done") };
            open.bank.query(Question::Account("0".to_owned()), receipt.position).await.unwrap()
        })
    });
}
