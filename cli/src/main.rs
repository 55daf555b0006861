//! flowgen
fn main() {}
