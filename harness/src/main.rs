//! The binary: parse, dispatch, map the outcome to an exit code; nothing else.

fn main() {}
