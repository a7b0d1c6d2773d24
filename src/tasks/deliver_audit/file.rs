//! A sink that is a file: a line of JSON for each entry.

use std::{
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::OFlags;

use super::entry::Entry;

/// Appends entries, and waits until they are on disk. The file is opened each time, so that it can
/// be renamed at any moment.
pub(super) async fn append(path: &Path, entries: &[Entry]) -> Result<(), String> {
    let lines: String = entries.iter().map(|entry| format!("{}\n", entry.json)).collect();
    let (path, shown) = (path.to_owned(), path.display().to_string());
    let written = tokio::task::spawn_blocking(move || write(&path, &lines)).await;
    written.map_err(|error| error.to_string())?.map_err(|error| format!("{shown}: {error}"))
}

fn write(path: &Path, lines: &str) -> io::Result<()> {
    // A pipe without a reader would block.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o640).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    // The rest of a line that a full disk cut off.
    let is_cut_off = metadata.len() > 0 && {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        last != *b"\n"
    };
    let line_break = if is_cut_off { "\n" } else { "" };
    file.write_all(format!("{line_break}{lines}").as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_that_was_cut_off_does_not_swallow_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        write(&path, "{\"a\":1}\n").expect("written");
        std::fs::write(&path, "{\"a\":1}\n{\"a\":").expect("written");
        write(&path, "{\"a\":2}\n").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "{\"a\":1}\n{\"a\":\n{\"a\":2}\n");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(write(folder.path(), "").is_err());
        assert!(write(Path::new("/dev/null"), "").is_err());
        assert!(write(&folder.path().join("none/audit.jsonl"), "").is_err());
    }
}
