//! Lists the files of `migrations/` for `src/store/migrations.rs`, so that adding one is adding a
//! file.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("migrations");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("migrations/")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in UTF-8"))
        .collect();
    names.sort();
    let steps: String = names
        .iter()
        .map(|file| {
            let name = file.strip_suffix(".sql").unwrap_or_else(|| panic!("migrations/{file} is not NUMBER_NAME.sql"));
            format!("Step {{ name: {name:?}, sql: include_str!({:?}) }},\n", folder.join(file))
        })
        .collect();
    let list = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("migrations.rs");
    fs::write(list, format!("&[{steps}]")).expect("OUT_DIR can be written");
}
