//! What a call costs that is admitted, and one that is rejected; with the allocations it makes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use divan::{AllocProfiler, Bencher};
use tower::{Layer, Service, service_fn};

use circuit_breaker::{Breaker, BreakerLayer, Settings, Window};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn breaker(window: Window) -> Breaker {
    Breaker::new("target", Settings { window, ..Settings::default() }).unwrap()
}

fn open_breaker() -> Breaker {
    let breaker = breaker(Window::Calls(100));
    breaker.force_open();
    breaker
}

/// A call that does nothing.
fn call() -> Ready<Result<u32, Infallible>> {
    ready(Ok(black_box(7)))
}

/// The output of a future that never waits, without the cost of a runtime.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

#[divan::bench]
fn without_breaker() -> Result<u32, Infallible> {
    now(call())
}

#[divan::bench(args = [Window::Calls(100), Window::Time(Duration::from_secs(10))])]
fn admitted(bencher: Bencher<'_, '_>, window: Window) {
    let breaker = breaker(window);
    bencher.bench(|| now(breaker.call(call())));
}

#[divan::bench]
fn rejected(bencher: Bencher<'_, '_>) {
    let breaker = open_breaker();
    bencher.bench(|| now(breaker.call(call())));
}

#[divan::bench]
fn admitted_by_layer(bencher: Bencher<'_, '_>) {
    by_layer(bencher, breaker(Window::Calls(100)));
}

#[divan::bench]
fn rejected_by_layer(bencher: Bencher<'_, '_>) {
    by_layer(bencher, open_breaker());
}

fn by_layer(bencher: Bencher<'_, '_>, breaker: Breaker) {
    let mut service = BreakerLayer::new(breaker).layer(service_fn(|()| call()));
    bencher.bench_local(|| {
        let is_ready = service.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready();
        (is_ready, now(service.call(())))
    });
}
