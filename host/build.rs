//! Compiles the C side of the variadic suite functions.

#![allow(clippy::print_stdout)]

fn main() {
    println!("cargo::rerun-if-changed=src/suites/param_shim.c");
    cc::Build::new().file("src/suites/param_shim.c").warnings(true).compile("ofxhost_param_shim");
}
