//! The local list: the first bytes of SHA-1 hashes in ascending order, behind a header. It is
//! searched in the file, so it costs no memory.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::HASH;

/// How a list begins.
pub(super) const MAGIC: &[u8; 16] = b"writ breached 1\n";
/// The bytes of a hash that are kept. Of a billion hashes, they are shared by one of 72 million
/// other passwords.
pub(super) const PREFIX: usize = 7;
/// The number of entries that are read at once, at the end of a search.
const BLOCK: u64 = 512;

/// A list on disk.
pub(super) struct List {
    file: File,
    path: PathBuf,
    /// The number of entries.
    length: u64,
}

impl List {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::other(format!("{}: {error}", path.display()));
        let file = File::open(path).map_err(named)?;
        let bytes = file.metadata().map_err(named)?.len();
        let mut magic = [0; MAGIC.len()];
        let is_list = file.read_exact_at(&mut magic, 0).is_ok() && magic == *MAGIC;
        let entries = bytes.saturating_sub(MAGIC.len() as u64);
        if !is_list || !entries.is_multiple_of(PREFIX as u64) {
            let what = "not a list that `writ passwords import-breached` has made";
            return Err(named(io::Error::other(what)));
        }
        Ok(Self { file, path: path.to_owned(), length: entries / PREFIX as u64 })
    }

    /// Whether the list has the start of this hash. It takes at most 64 short reads.
    pub(super) fn contains(&self, hash: &[u8; HASH]) -> io::Result<bool> {
        let wanted = &hash[..PREFIX];
        let (mut start, mut end) = (0, self.length);
        while end - start > BLOCK {
            let middle = start + (end - start) / 2;
            let mut entry = [0; PREFIX];
            self.read(&mut entry, middle)?;
            if entry[..] <= *wanted {
                start = middle;
            } else {
                end = middle;
            }
        }
        let mut block = vec![0; usize::try_from(end - start).unwrap_or_default() * PREFIX];
        self.read(&mut block, start)?;
        Ok(block.chunks_exact(PREFIX).any(|entry| entry == wanted))
    }

    fn read(&self, bytes: &mut [u8], entry: u64) -> io::Result<()> {
        let at = MAGIC.len() as u64 + entry * PREFIX as u64;
        self.file
            .read_exact_at(bytes, at)
            .map_err(|error| io::Error::other(format!("{}: {error}", self.path.display())))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::{
        super::import::{Source, import},
        *,
    };

    fn hash(number: u64) -> [u8; HASH] {
        let mut hash = [0; HASH];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    fn line(number: u64) -> String {
        format!("{number:016X}{:024X}:{}", 0, number % 9 + 1)
    }

    #[test]
    fn every_hash_is_found_and_no_other_in_a_list_of_several_blocks() {
        let numbers: Vec<u64> = (0_u64..5000).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        let lines: Vec<String> = sorted.iter().map(|number| line(*number)).collect();
        let folder = TempDir::new().expect("a folder");
        let [source, path] = ["hashes.txt", "list"].map(|name| folder.path().join(name));
        std::fs::write(&source, lines.join("\r\n")).expect("written");
        let imported = import(&Source::Path(source), &path, 1).expect("imported");
        let list = List::open(&path).expect("a list");
        assert_eq!((imported.entries, list.length), (5000, 5000));
        for number in numbers {
            assert!(list.contains(&hash(number)).expect("read"), "{number:x}");
            assert!(!list.contains(&hash(number ^ 0x100)).expect("read"), "{number:x}");
        }
        for absent in [[0xff; HASH], [0x01; HASH]] {
            assert!(!list.contains(&absent).expect("read"));
        }
    }

    #[test]
    fn other_file_is_no_list() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("list");
        for bytes in [&b""[..], b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3\n", b"writ breached 1\n123"] {
            std::fs::write(&path, bytes).expect("written");
            let error = List::open(&path).map(|_| ()).expect_err("refused").to_string();
            assert!(error.contains("import-breached"), "{error}");
        }
        assert!(List::open(&folder.path().join("none")).is_err());
    }
}
