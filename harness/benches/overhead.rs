//! Time per invocation of `/bin/true` against a bare spawn and wait4 loop.
fn main() {}
