//! Whatever bytes come in go the whole way to tokens.

#![no_main]

#[path = "../../codegen/tests/fuzz/whole_way.rs"]
mod whole_way;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whole_way::go(bytes));
