//! The migrations are embedded by a macro that does not see new files: a change there builds this crate again.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
