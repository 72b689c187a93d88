//! Gives the program a digest of its own sources. It is an ingredient of every
//! stored result, so that a program never takes the results of another one for
//! its own.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    // Cargo runs this in the folder of the package. A path that is compiled in, or
    // absolute, would be that of another clone where two share a target folder.
    let crates = Path::new("..").to_owned();
    let mut files = Vec::new();
    for entry in fs::read_dir(&crates).expect("the crates folder is there").flatten() {
        let source = entry.path().join("src");
        // tests and benchmarks change no result, so they are no part of the digest
        if source.is_dir() {
            println!("cargo::rerun-if-changed={}", source.display());
            collect(&source, &mut files);
        }
    }
    let lock = crates.join("..").join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    // another version of a dependency may compute another number
    files.push(lock);
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter_map(|file| {
            Some((file.strip_prefix(&crates).ok()?.display().to_string().replace('\\', "/"), file))
        })
        .collect();
    // folders are listed in another order on every machine
    named.sort();
    let mut hasher = blake3::Hasher::new();
    for (name, file) in named {
        let bytes = fs::read(&file).unwrap_or_default();
        for field in [name.as_bytes(), bytes.as_slice()] {
            // each field behind its length, so that bytes cannot pass from a name to a content
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field);
        }
    }
    println!("cargo::rustc-env=RESTUDY_PROGRAM={}", hasher.finalize().to_hex());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
