#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::folder("sir-lionel", "shapes-test-frame000.json", bytes));
