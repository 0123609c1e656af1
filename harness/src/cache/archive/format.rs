//! The pax interchange format, as POSIX and GNU tar write it: blocks of 512 bytes, a header for each entry,
//! and before it an extended header of `LENGTH KEY=VALUE\n` records for what the header cannot hold.
//!
//! Read here rather than through `tar::Archive`: that takes an archive that ends early at a block boundary
//! for a whole one, cuts pax values at a newline, and reads names of any length into memory.

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

pub(super) const BLOCK: usize = 512;
/// Names have at most a few thousand bytes; more is an attack or damage.
const EXTENSION_LIMIT: u64 = 1024 * 1024;
const NANOS: i128 = 1_000_000_000;
/// Length of a header's name and link fields.
const NAME: usize = 100;

/// The header of one entry; its content follows in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TarEntry {
    pub(super) kind: EntryType,
    /// As written: `/` between names, and at the end of directories.
    pub(super) name: Vec<u8>,
    pub(super) target: Vec<u8>,
    pub(super) mode: u32,
    pub(super) mtime_ns: i128,
    /// Bytes of content.
    pub(super) size: u64,
}

/// Writes a header, with an extended header before it where needed.
pub(super) fn write_header(out: &mut dyn Write, entry: &TarEntry) -> io::Result<()> {
    let mut records = Vec::new();
    if entry.name.len() > NAME {
        record(&mut records, "path", &entry.name);
    }
    if entry.target.len() > NAME {
        record(&mut records, "linkpath", &entry.target);
    }
    let seconds = u64::try_from(entry.mtime_ns.div_euclid(NANOS)).ok();
    if seconds.is_none() || entry.mtime_ns.rem_euclid(NANOS) != 0 {
        record(&mut records, "mtime", time_text(entry.mtime_ns).as_bytes());
    }
    if !records.is_empty() {
        let extension = TarEntry {
            kind: EntryType::XHeader,
            name: b"PaxHeaders/x".to_vec(),
            target: Vec::new(),
            mode: 0o644,
            mtime_ns: 0,
            size: records.len() as u64,
        };
        out.write_all(header(&extension, 0).as_bytes())?;
        out.write_all(&records)?;
        write_padding(out, extension.size)?;
    }
    out.write_all(header(entry, seconds.unwrap_or(0)).as_bytes())
}

/// Fills the last block of a content with zeros.
pub(super) fn write_padding(out: &mut dyn Write, size: u64) -> io::Result<()> {
    out.write_all(&[0; BLOCK][..padding(size)])
}

/// Ends the archive.
pub(super) fn write_end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

fn header(entry: &TarEntry, seconds: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(entry.kind);
    if let Some(fields) = header.as_ustar_mut() {
        let name = &entry.name[..entry.name.len().min(NAME)];
        fields.name[..name.len()].copy_from_slice(name);
        let target = &entry.target[..entry.target.len().min(NAME)];
        fields.linkname[..target.len()].copy_from_slice(target);
    }
    header.set_mode(entry.mode);
    // With owners, equal trees of different machines would give different archives.
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds);
    header.set_size(entry.size);
    header.set_cksum();
    header
}

fn record(records: &mut Vec<u8>, key: &str, value: &[u8]) {
    // The length includes its own digits.
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    records.extend_from_slice(format!("{len} {key}=").as_bytes());
    records.extend_from_slice(value);
    records.push(b'\n');
}

fn time_text(ns: i128) -> String {
    let (sign, size) = (if ns < 0 { "-" } else { "" }, ns.unsigned_abs());
    let nanos = NANOS.unsigned_abs();
    format!("{sign}{}.{:09}", size / nanos, size % nanos)
}

/// Decimal seconds; digits past the ninth are cut.
fn parse_time(text: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    // The bound of the seconds that file systems take.
    let seconds = i128::from(whole.parse::<i64>().ok()?);
    let ns = seconds * NANOS + nanos.parse::<i128>().ok()?;
    Some(if negative { -ns } else { ns })
}

/// Reads entries; between two calls of [`Reader::next`] the caller reads the content with [`Reader::content`].
pub(super) struct Reader<R> {
    stream: R,
    /// Bytes of content and padding that are still to come.
    left: u64,
    padding: usize,
}

#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    mtime_ns: Option<i128>,
    size: Option<u64>,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { stream, left: 0, padding: 0 }
    }

    /// The next entry, or `None` at the end marker; then the stream has been read to its end.
    pub(super) fn next(&mut self) -> Result<Option<TarEntry>, String> {
        let mut extensions = Extensions::default();
        loop {
            self.skip()?;
            let mut block = [0; BLOCK];
            self.exact(&mut block)?;
            if block == [0; BLOCK] {
                // What follows is padding; reading it checks the checksum of the compressed stream.
                io::copy(&mut self.stream, &mut io::sink()).map_err(|error| error.to_string())?;
                return Ok(None);
            }
            let header = Header::from_byte_slice(&block);
            let sum: u32 = block
                .iter()
                .enumerate()
                .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
                .sum();
            if header.cksum().map_err(|error| error.to_string())? != sum {
                return Err("the checksum of a header is wrong".to_owned());
            }
            let size = header.entry_size().map_err(|error| error.to_string())?;
            match header.entry_type() {
                EntryType::XHeader => {
                    let records = self.extension(size)?;
                    extensions.read(&records)?;
                }
                // A global header holds comments, or times that entries override.
                EntryType::XGlobalHeader => drop(self.extension(size)?),
                EntryType::GNULongName => extensions.name = Some(self.long_name(size)?),
                EntryType::GNULongLink => extensions.target = Some(self.long_name(size)?),
                kind => return self.entry(header, kind, extensions).map(Some),
            }
        }
    }

    /// Reads content of the current entry; 0 at its end.
    pub(super) fn content(&mut self, buffer: &mut [u8]) -> Result<usize, String> {
        let want = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if want == 0 {
            return Ok(0);
        }
        loop {
            match self.stream.read(&mut buffer[..want]) {
                Ok(0) => return Err(cut_short()),
                Ok(read) => {
                    self.left -= read as u64;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    fn entry(
        &mut self,
        header: &Header,
        kind: EntryType,
        extensions: Extensions,
    ) -> Result<TarEntry, String> {
        let text = |error: io::Error| error.to_string();
        let size = match extensions.size {
            Some(size) => size,
            None => header.entry_size().map_err(text)?,
        };
        let name = extensions.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let target = extensions
            .target
            .or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned))
            .unwrap_or_default();
        let kind = match kind {
            // Old archives mark directories only by their names.
            EntryType::Regular if name.ends_with(b"/") => EntryType::Directory,
            EntryType::Continuous => EntryType::Regular,
            other => other,
        };
        let mtime_ns = match extensions.mtime_ns {
            Some(mtime) => mtime,
            // GNU tar writes times before 1970 as two's complement.
            None => i128::from(header.mtime().map_err(text)?.cast_signed()) * NANOS,
        };
        // Only files have content, whatever the header of a link says.
        let size = if matches!(kind, EntryType::Link | EntryType::Symlink | EntryType::Directory) {
            0
        } else {
            size
        };
        self.expect(size);
        Ok(TarEntry { kind, name, target, mode: header.mode().map_err(text)?, mtime_ns, size })
    }

    fn expect(&mut self, size: u64) {
        self.left = size;
        self.padding = padding(size);
    }

    fn skip(&mut self) -> Result<(), String> {
        let mut buffer = [0; 16 * BLOCK];
        while self.content(&mut buffer)? > 0 {}
        let padding = std::mem::take(&mut self.padding);
        self.exact(&mut buffer[..padding])
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, String> {
        if size > EXTENSION_LIMIT {
            return Err(format!(
                "an extended header or name of {size} bytes, expected at most {EXTENSION_LIMIT}"
            ));
        }
        let mut data = vec![0; size as usize];
        self.exact(&mut data)?;
        self.exact(&mut [0; BLOCK][..padding(size)])?;
        Ok(data)
    }

    fn long_name(&mut self, size: u64) -> Result<Vec<u8>, String> {
        let mut name = self.extension(size)?;
        if let Some(end) = name.iter().position(|byte| *byte == 0) {
            name.truncate(end);
        }
        Ok(name)
    }

    fn exact(&mut self, buffer: &mut [u8]) -> Result<(), String> {
        self.stream.read_exact(buffer).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                cut_short()
            } else {
                error.to_string()
            }
        })
    }
}

impl Extensions {
    fn read(&mut self, mut records: &[u8]) -> Result<(), String> {
        let broken = || "an extended header is not `LENGTH KEY=VALUE` records".to_owned();
        while !records.is_empty() {
            let space = records.iter().position(|byte| *byte == b' ').ok_or_else(broken)?;
            let len: usize = std::str::from_utf8(&records[..space])
                .ok()
                .and_then(|len| len.parse().ok())
                .ok_or_else(broken)?;
            if len <= space || len > records.len() || records[len - 1] != b'\n' {
                return Err(broken());
            }
            let record = records.get(space + 1..len - 1).ok_or_else(broken)?;
            records = &records[len..];
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(broken)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.target = Some(value.to_vec()),
                b"mtime" => self.mtime_ns = Some(parse_time(value).ok_or_else(broken)?),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok());
                    self.size = Some(size.ok_or_else(broken)?);
                }
                // Its content is not the content of the file.
                _ if key.starts_with(b"GNU.sparse.") => {
                    return Err(
                        "a sparse file, which is not supported (hint: tar without -S)".to_owned()
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn cut_short() -> String {
    "it is cut short".to_owned()
}

fn padding(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(entry: &TarEntry) -> TarEntry {
        let mut stream = Vec::new();
        write_header(&mut stream, entry).unwrap();
        write_end(&mut stream).unwrap();
        let mut reader = Reader::new(stream.as_slice());
        let read = reader.next().unwrap().unwrap();
        assert_eq!(reader.next(), Ok(None));
        read
    }

    #[test]
    fn names_and_times_of_any_size_come_back() {
        for len in [1, 99, 100, 101, 102, 980, 981, 990, 991, 1000, 9999] {
            for mtime_ns in [0, 1, 999_999_999, 1_700_000_000_123_456_789, -1, -1_500_000_000] {
                let mut name = vec![b'n'; len];
                name[len / 2] = b'\n';
                let entry = TarEntry {
                    kind: EntryType::Symlink,
                    name,
                    target: vec![0xff; len],
                    mode: 0o640,
                    mtime_ns,
                    size: 0,
                };
                assert_eq!(round_trip(&entry), entry);
            }
        }
    }

    #[test]
    fn sizes_beyond_eight_gibibytes_come_back() {
        let mut stream = Vec::new();
        let entry = TarEntry {
            kind: EntryType::Regular,
            name: b"big".to_vec(),
            target: Vec::new(),
            mode: 0o644,
            mtime_ns: 0,
            size: 9 << 30,
        };
        write_header(&mut stream, &entry).unwrap();
        assert_eq!(Reader::new(stream.as_slice()).next().unwrap().unwrap().size, 9 << 30);
    }

    #[test]
    fn a_stream_that_ends_at_a_block_boundary_is_cut_short() {
        assert_eq!(Reader::new(&[][..]).next(), Err(cut_short()));
    }
}
