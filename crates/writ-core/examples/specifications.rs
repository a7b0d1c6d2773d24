//! Prints `docs/specifications.md`.

fn main() {
    print!("{}", writ_core::specifications::document());
}
