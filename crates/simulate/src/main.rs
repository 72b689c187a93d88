//! simulate

fn main() {}
