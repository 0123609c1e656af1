//! The shipped scenarios are part of the binary: a file that is added there must rebuild it.

fn main() {
    println!("cargo::rerun-if-changed=../scenarios");
}
