//! Commands.

fn main() {
    divan::main();
}
