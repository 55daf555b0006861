//! The servers of the demo: two implementations of the same job.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The job: count the primes below this number.
const BELOW: usize = 5_000;

/// A server on a free port of this machine. It stops when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// A server that uses trial division.
    pub(super) async fn dividing() -> io::Result<Self> {
        Self::answering(by_division).await
    }

    /// A server that uses a sieve.
    pub(super) async fn sieving() -> io::Result<Self> {
        Self::answering(by_sieve).await
    }

    async fn answering(count: fn(usize) -> usize) -> io::Result<Self> {
        let app = Router::new().route("/primes", get(move || async move { count(BELOW).to_string() }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // It serves until the task is aborted. `serve` does not end by itself.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, task })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/primes", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn by_division(below: usize) -> usize {
    let is_prime = |number: &usize| {
        (2..*number).take_while(|by| by * by <= *number).all(|by| !number.is_multiple_of(by))
    };
    (2..below).filter(is_prime).count()
}

fn by_sieve(below: usize) -> usize {
    let mut is_prime = vec![true; below];
    for number in (2..below).take_while(|number| number * number < below) {
        if is_prime[number] {
            (number * number..below).step_by(number).for_each(|multiple| is_prime[multiple] = false);
        }
    }
    is_prime.iter().skip(2).filter(|is| **is).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_do_the_same_job() {
        assert_eq!([by_division(BELOW), by_sieve(BELOW)], [669, 669]);
    }
}
