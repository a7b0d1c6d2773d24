//! Makes a list of the hashes of Have I Been Pwned.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    HASH, RANGE,
    list::{MAGIC, PREFIX},
};

/// Where the hashes come from, in the format of Have I Been Pwned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Standard input, with lines `HASH:COUNT`.
    StandardInput,
    /// A file with such lines, or a folder of ranges: files that are named by the first five
    /// digits, with lines `REST:COUNT`.
    Path(PathBuf),
}

/// What an import has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The number of entries in the list.
    pub entries: u64,
    /// The number of hashes that were counted too rarely.
    pub skipped: u64,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// A line has another form.
    #[error("{0}, line {1}: expected a SHA-1 hash and a count, such as {2}:3")]
    Malformed(String, u64, &'static str),
    /// The hashes do not ascend.
    #[error("{0}, line {1}: the hash is not greater than the one before: the file must be ordered by hash")]
    Unordered(String, u64),
    /// A folder has a file with another name.
    #[error("{0}: the name of a range is its first five digits, such as 5BAA6 or 5BAA6.txt")]
    Name(String),
    /// There is no hash.
    #[error("there is no hash in {0}")]
    Empty(String),
}

const WHOLE: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
const REST: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

/// Writes a list of the hashes that were counted at least `min_count` times. It replaces an earlier
/// one in one step.
///
/// # Errors
/// [`ImportError`] with the file and the line. An earlier list is kept.
pub fn import(source: &Source, list: &Path, min_count: u64) -> Result<Imported, ImportError> {
    let failed = |error: io::Error| ImportError::File(list.display().to_string(), error);
    let folder = list.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut writer = Writer::new(BufWriter::new(written.as_file()), min_count).map_err(failed)?;
    match source {
        Source::StandardInput => writer.read("standard input", "", io::stdin().lock())?,
        Source::Path(path) if path.is_dir() => {
            for (range, path) in ranges(path)? {
                writer.read(&path.display().to_string(), &range, open(&path)?)?;
            }
        }
        Source::Path(path) => writer.read(&path.display().to_string(), "", open(path)?)?,
    }
    let imported = writer.finish().map_err(failed)?;
    if imported.entries == 0 {
        return Err(ImportError::Empty(match source {
            Source::StandardInput => "standard input".to_owned(),
            Source::Path(path) => path.display().to_string(),
        }));
    }
    publish(written, list).map_err(failed)?;
    Ok(imported)
}

/// Puts the list into its place, readable for the user that the server runs as.
fn publish(written: tempfile::NamedTempFile, list: &Path) -> io::Result<()> {
    written.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    written.as_file().sync_all()?;
    written.persist(list).map_err(|error| error.error)?;
    Ok(())
}

fn open(path: &Path) -> Result<BufReader<File>, ImportError> {
    let opened = File::open(path).map_err(|error| ImportError::File(path.display().to_string(), error))?;
    Ok(BufReader::with_capacity(1 << 16, opened))
}

/// The ranges in a folder in ascending order, each with its first digits.
fn ranges(folder: &Path) -> Result<Vec<(String, PathBuf)>, ImportError> {
    let failed = |error: io::Error| ImportError::File(folder.display().to_string(), error);
    let mut ranges = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let range = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_uppercase();
        if range.len() != RANGE || !range.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ImportError::Name(path.display().to_string()));
        }
        ranges.push((range, path));
    }
    ranges.sort();
    Ok(ranges)
}

/// Writes entries in the order in which they are read.
struct Writer<W> {
    list: W,
    min_count: u64,
    last: Option<[u8; HASH]>,
    imported: Imported,
    last_entry: Option<[u8; PREFIX]>,
}

impl<W: Write> Writer<W> {
    fn new(mut list: W, min_count: u64) -> io::Result<Self> {
        list.write_all(MAGIC)?;
        // Padding has a count of 0.
        let min_count = min_count.max(1);
        Ok(Self { list, min_count, last: None, imported: Imported { entries: 0, skipped: 0 }, last_entry: None })
    }

    /// Reads lines, each of which goes on after the digits in `range`.
    fn read(&mut self, name: &str, range: &str, mut lines: impl BufRead) -> Result<(), ImportError> {
        let failed = |error: io::Error| ImportError::File(name.to_owned(), error);
        let example = if range.is_empty() { WHOLE } else { REST };
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            // A line that never ends is no line of a list.
            if io::Read::take(&mut lines, 256).read_until(b'\n', &mut line).map_err(failed)? == 0 {
                break;
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let Some((hash, count)) = parse(range, text) else {
                return Err(ImportError::Malformed(name.to_owned(), number, example));
            };
            if self.last.is_some_and(|last| last >= hash) {
                return Err(ImportError::Unordered(name.to_owned(), number));
            }
            self.last = Some(hash);
            self.add(hash, count).map_err(failed)?;
        }
        Ok(())
    }

    fn add(&mut self, hash: [u8; HASH], count: u64) -> io::Result<()> {
        if count < self.min_count {
            self.imported.skipped += 1;
            return Ok(());
        }
        let mut entry = [0; PREFIX];
        entry.copy_from_slice(&hash[..PREFIX]);
        if self.last_entry.replace(entry) == Some(entry) {
            return Ok(());
        }
        self.imported.entries += 1;
        self.list.write_all(&entry)
    }

    fn finish(mut self) -> io::Result<Imported> {
        self.list.flush()?;
        Ok(self.imported)
    }
}

/// The hash and the count in a line.
fn parse(range: &str, line: &[u8]) -> Option<([u8; HASH], u64)> {
    let (digits, count) = std::str::from_utf8(line).ok()?.split_once(':')?;
    if range.len() + digits.len() != 2 * HASH || !digits.is_ascii() {
        return None;
    }
    let digits = format!("{range}{digits}");
    let mut hash = [0; HASH];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some((hash, count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use tempfile::TempDir;

    use super::{super::list::List, *};

    fn imported(lines: &str) -> Result<(), ImportError> {
        let folder = TempDir::new().expect("a folder");
        let [source, list] = ["hashes.txt", "list"].map(|name| folder.path().join(name));
        fs::write(&source, lines).expect("written");
        import(&Source::Path(source), &list, 1).map(drop)
    }

    #[rstest]
    #[case::empty("", "there is no hash")]
    #[case::only_padding("0000000000000000000000000000000000000001:0", "there is no hash")]
    #[case::without_count("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", "line 1: expected")]
    #[case::short("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD:1", "line 1: expected")]
    #[case::no_digit("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FDG:1", "line 1: expected")]
    #[case::other_script("５BAA61E4C9B93F3F0682250B6CF8331B7EE68F:1", "line 1: expected")]
    #[case::negative_count("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:-1", "line 1: expected")]
    #[case::html("<html>\n<body>", "line 1: expected")]
    #[case::repeated(
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1",
        "line 2: the hash is not greater"
    )]
    #[case::ordered_by_count(
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9\n00000061E4C9B93F3F0682250B6CF8331B7EE68F:1",
        "line 2: the hash is not greater"
    )]
    fn list_is_not_made_of_other_files(#[case] lines: &str, #[case] reason: &str) {
        let error = imported(lines).expect_err("refused").to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn ranges_of_a_folder_are_one_list_and_rare_hashes_are_left_out() {
        let folder = TempDir::new().expect("a folder");
        let ranges = folder.path().join("ranges");
        fs::create_dir(&ranges).expect("a folder");
        fs::write(ranges.join("5baa6.txt"), format!("{REST}:3\r\n")).expect("written");
        fs::write(ranges.join("00000"), "00000000000000000000000000000000001:1\n").expect("written");
        let list = folder.path().join("list");
        let imported = import(&Source::Path(ranges.clone()), &list, 2).expect("imported");
        assert_eq!(imported, Imported { entries: 1, skipped: 1 });
        let (password, _) = parse("", format!("{WHOLE}:3").as_bytes()).expect("a line");
        assert!(List::open(&list).expect("a list").contains(&password).expect("read"));

        fs::write(ranges.join("README"), "").expect("written");
        let error = import(&Source::Path(ranges), &list, 1).expect_err("refused");
        assert!(matches!(error, ImportError::Name(_)), "{error}");
        assert!(List::open(&list).is_ok(), "the earlier list is kept");
    }

    proptest! {
        #[test]
        fn no_line_makes_the_parser_panic(range in "[0-9A-F]{0,5}", line in prop::collection::vec(any::<u8>(), 0..64)) {
            parse(&range, &line);
        }
    }
}
